"""Codes that a spreadsheet took for a time or a date, and the ways back.

In an Indonesian locale the dot separates hours and minutes, so ``11.01.02`` typed into a cell is
one minute and two seconds past eleven; in others it is a date.  The ways back are not unique: a
minute above 59 rolls over into the hour (``11.75.02`` becomes 12:15:02), and a date may have been
day-month or month-day.  All ways are returned; the caller decides by a list or refuses.
"""

import datetime as dt
import re

from boundaries.codes.kode import Level

_MONTH_WORDS = "jan|feb peb|mar|apr|mei may|jun|jul|agu agt aug|sep|okt oct|nov nop|des dec"
_MONTHS = {
    word: number
    for number, words in enumerate(re.split(r"\|", _MONTH_WORDS), start=1)
    for word in words.split()
}
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\.0+)?)?(?: ?([AaPp])\.?[Mm]\.?)?")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]00:00:00(?:\.0+)?)?")
_LONG_DATE = re.compile(r"([0-9]{1,2})[/\-.]([0-9]{1,2})[/\-.]((?:19|20)[0-9]{2})")
_SHORT_DATE = re.compile(r"([0-9]{1,2})[/\-]([0-9]{1,2})(?:[/\-]([0-9]{1,2}))?")
_MONTH_NAME = re.compile(r"(?:([0-9]{1,2})[ \-])?([A-Za-z]{3,4})(?:[ \-]([0-9]{2,4}))?")


def read_time(value: dt.time | dt.timedelta, level: Level) -> list[str]:
    """Digits of the codes that typed as ``HH.mm`` or ``HH.mm.ss`` give this time."""
    if isinstance(value, dt.timedelta):
        seconds = value.total_seconds()
    else:
        seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    return _typed_times(seconds, level)


def read_day_fraction(value: float, level: Level) -> list[str]:
    """The same for a time kept as a fraction of a day, if it is whole seconds.

    Example
    -------
    >>> read_day_fraction(0.4590509259259259, "kecamatan")[0]
    '110102'
    """
    return _typed_times(value * 86400, level)


def _typed_times(seconds: float, level: Level) -> list[str]:
    whole = round(seconds)
    if whole < 0 or abs(seconds - whole) > 1e-3:
        return []
    minutes, second = divmod(whole, 60)
    hour, minute = divmod(minutes, 60)
    if level == "kabupaten":
        typed = [(hour, minute), (hour - 1, minute + 60)]
        return [f"{h:02d}{m:02d}" for h, m in typed if second == 0 and h >= 0 and m <= 99]
    if level == "kecamatan":
        ways = [(hour, minute, second), (hour - 1, minute + 60, second)]
        ways += [(hour, minute - 1, second + 60)]
        return [f"{h:02d}{m:02d}{s:02d}" for h, m, s in ways if h >= 0 and 0 <= m <= 99 >= s]
    return []


def read_date(value: dt.date, level: Level) -> list[str]:
    """Digits of the codes that typed as a date in some locale give this date."""
    day, month, year = value.day, value.month, value.year % 100
    if level == "kabupaten":
        ways = [(day, month), (month, day)]
        ways += [(month, year), (year, month)] if day == 1 else []
        return [f"{first:02d}{second:02d}" for first, second in ways]
    if level == "kecamatan":
        orders = [(day, month, year), (month, day, year), (year, month, day), (year, day, month)]
        return [f"{first:02d}{second:02d}{third:02d}" for first, second, third in orders]
    return []


def read_clock_text(text: str, level: Level) -> tuple[str, list[str]] | None:
    """``time`` or ``date`` and the digits of the codes meant, if the text is written as one.

    Example
    -------
    >>> read_clock_text("11:01:02", "kecamatan")[1][0]
    '110102'
    """
    if level not in ("kabupaten", "kecamatan"):
        return None
    if time := _TIME.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in time.group(1, 2, 3))
        if time[4]:
            hour = hour % 12 + (12 if time[4].lower() == "p" else 0)
        return "time", _typed_times(hour * 3600 + minute * 60 + second, level)
    if iso := _ISO_DATE.fullmatch(text):
        return "date", _dates(int(iso[1]), int(iso[2]), int(iso[3]), level)
    if long := _LONG_DATE.fullmatch(text):
        first, second, year = int(long[1]), int(long[2]), int(long[3])
        return "date", _dates(year, second, first, level) + _dates(year, first, second, level)
    if short := _SHORT_DATE.fullmatch(text):
        return _short_date(short, level)
    if (name := _MONTH_NAME.fullmatch(text)) and name[2].lower()[:3] in _MONTHS:
        return "date", _named_month(name, level)
    return None


def _dates(year: int, month: int, day: int, level: Level) -> list[str]:
    try:
        return read_date(dt.date(year, month, day), level)
    except ValueError:
        return []


def _short_date(short: re.Match[str], level: Level) -> tuple[str, list[str]] | None:
    parts = [part.zfill(2) for part in short.groups() if part is not None]
    if len(parts) != (2 if level == "kabupaten" else 3):
        return None
    orders = [parts, parts[::-1]]
    if len(parts) == 3:
        orders += [[parts[1], parts[0], parts[2]], [parts[2], parts[0], parts[1]]]
    return "date", ["".join(order) for order in orders]


def _named_month(name: re.Match[str], level: Level) -> list[str]:
    month = f"{_MONTHS[name[2].lower()[:3]]:02d}"
    day, year = (name[1] or "").zfill(2), (name[3] or "")[-2:]
    if level == "kabupaten":
        number = day if name[1] else year
        both = name[1] and name[3] and not (name[1].lstrip("0") == "1" or len(name[3]) == 4)
        return [] if both or not number else [number + month, month + number]
    if not (name[1] and year):
        return []
    return [day + month + year, month + day + year, year + month + day, year + day + month]
