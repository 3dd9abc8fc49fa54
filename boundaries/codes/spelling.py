"""What one spreadsheet cell can have meant: the codes it spells, and what was undone to see them.

A cell gives *candidates*.  One candidate is a reading; several are an ambiguity that only a
complete list of existing codes may decide (`CodeReference.only_existing`); none is a `CodeError`.
"""

import datetime as dt
import math
import re
import unicodedata
from dataclasses import dataclass
from itertools import product

from boundaries.codes.kode_types import LEVELS, CodeError, CodeSystem, Kode, KodeBps, Level

EMPTY_WORDS = frozenset({"", "-", "--", "nan", "none", "null", "n/a", "#n/a", "<na>", "nat"})

_TAIL = re.compile(r"([0-9]+)[.,]0+")
_SCIENTIFIC = re.compile(r"([1-9])(?:[.,]([0-9]+))?[eE]\+?0*([0-9]{1,2})")
_THOUSANDS = re.compile(r"([0-9]{1,3})([.,' ])([0-9]{3}(?:\2[0-9]{3})*)(?:[.,]0+)?")
_SEPARATOR = re.compile(r"\s*[.,\-_/:; ]\s*")
_P_CODE = re.compile(r"(?:IDN?)[ .:_-]?(?=[0-9])", re.IGNORECASE)
"""What HDX and mirrors of BPS put before a code: ``ID5309010001``, ``id3201190006``."""
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")


_HINTS = dict.fromkeys(
    ("date", "time"),
    " A spreadsheet turned it into a date or time: write the code again in a column of text.",
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """The codes a cell can have meant.

    Parameters
    ----------
    candidates
        Digits of every possible code, sorted, at least one.
    repair
        What was undone (slug), or None when the cell is the code as it is officially written.
    """

    candidates: tuple[str, ...]
    repair: str | None = None


def spell_cell(value: object, kode: type[Kode], level: Level) -> Spelling:
    """The codes of that type and level which the cell can have meant.

    Raises
    ------
    CodeError
        It can be none; ``reason`` says why.
    """
    if isinstance(value, bool):
        raise CodeError("not_a_code", f"{value} is a truth value, not a code.")
    if isinstance(value, dt.datetime | dt.date | dt.time | dt.timedelta):
        return _from_clock(value, kode, level)
    if isinstance(value, float):
        return _from_float(value, kode, level)
    return _from_text(_clean(str(value)), kode, level)


def _clean(text: str) -> str:
    """Plain digits and single spaces: no NBSP, full-width digits, quote mark of Excel, BOM."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(plain.split()).strip("'\"` ").rstrip(". ")


def _from_float(value: float, kode: type[Kode], level: Level) -> Spelling:
    if math.isnan(value):
        raise CodeError("empty", "No code.")
    if value.is_integer() and 0 < value < 1e15:
        return _repaired(_from_text(str(int(value)), kode, level), "number")
    if 0 < value < 1:
        return _from_candidates(read_day_fraction(value, level), kode, level, "time", value)
    text = repr(value)
    if _THOUSANDS.fullmatch(text):
        raise CodeError("decimal", f"{text} is a number with decimals, not a code.")
    return _from_text(text, kode, level)


def _from_clock(
    value: dt.datetime | dt.date | dt.time | dt.timedelta, kode: type[Kode], level: Level
) -> Spelling:
    if value != value:  # pandas' NaT is a datetime that does not equal itself
        raise CodeError("empty", "No code.")
    if isinstance(value, dt.datetime) and value.date() in (
        dt.date(1899, 12, 30),
        dt.date(1899, 12, 31),
    ):
        value = value.time()
    if isinstance(value, dt.time | dt.timedelta):
        return _from_candidates(read_time(value, level), kode, level, "time", value)
    return _from_candidates(read_date(value, level), kode, level, "date", value)


def without_prefix(text: str) -> str:
    """The code without the letters of the country that a P-code begins with.

    >>> without_prefix("ID5309010001"), without_prefix("id-53.06.01.2001"), without_prefix("5306")
    ('5309010001', '53.06.01.2001', '5306')
    """
    return _P_CODE.sub("", text, count=1) if _P_CODE.match(text) else text


def _from_text(text: str, kode: type[Kode], level: Level) -> Spelling:
    bare = without_prefix(text)
    if bare != text:
        return _repaired(_from_text(bare, kode, level), "prefix")
    if text.lower() in EMPTY_WORDS:
        raise CodeError("empty", "No code.")
    length = kode.length_of(level)
    if text.isascii() and text.isdigit():
        return Spelling((_checked(text, text, kode, level),))
    number = _digits_of_number(text, length)
    if number is not None:
        return Spelling((_checked(number, text, kode, level),), "number")
    clock = read_clock_text(text, level)
    if clock is not None:
        return _from_candidates(clock[1], kode, level, clock[0], text)
    parts = _SEPARATOR.split(text)
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise CodeError("not_a_code", f"'{text}' is not a code.")
    return _from_parts(text, parts, kode, level)


def _digits_of_number(text: str, length: int) -> str | None:
    """The digits of a whole number as a spreadsheet may print it, if it has ``length`` digits."""
    if (tail := _TAIL.fullmatch(text)) and len(tail[1]) == length:
        return tail[1]
    if scientific := _SCIENTIFIC.fullmatch(text):
        first, rest, exponent = scientific[1], scientific[2] or "", int(scientific[3])
        if len(rest.rstrip("0")) > exponent:
            return None
        if len(rest) < exponent:
            raise CodeError(
                "rounded",
                f"'{text}' lost its last digits to scientific notation; format the column as text.",
            )
        return first + rest[:exponent] if exponent + 1 == length else None
    if (groups := _THOUSANDS.fullmatch(text)) and groups[2] + groups[3]:
        digits = groups[1] + re.sub("[^0-9]", "", groups[3])
        return digits if len(digits) == length else None
    return None


def _from_parts(text: str, parts: list[str], kode: type[Kode], level: Level) -> Spelling:
    depth = LEVELS.index(level)
    dotted = text.replace(" ", "") == ".".join(parts)
    sizes = tuple(map(len, parts))
    if sizes == kode.widths[: depth + 1]:
        spelt_so = dotted and kode is not KodeBps
        digits = _checked("".join(parts), text, kode, level)
        return Spelling((digits,), None if spelt_so else "separators")
    _refuse_other_system(text, sizes, kode)
    if _dots_are_missing(sizes, kode, depth):
        return Spelling((_checked("".join(parts), text, kode, level),), "separators")
    if len(parts) == depth + 1:
        padded = _restore_zeros(parts, kode)
        return _from_candidates(padded, kode, level, "zeros", text)
    if sizes in {kode.widths[:count] for count in (1, 2, 3, 4)}:
        raise CodeError("level", f"'{text}' is not the code of a {level}.")
    raise CodeError("length", f"'{text}' does not have the parts of the code of a {level}.")


def _refuse_other_system(text: str, sizes: tuple[int, ...], kode: type[Kode]) -> None:
    """A code whose dots are where the other system would have them is not one of this system."""
    other = CodeSystem.KEMENDAGRI if kode is KodeBps else CodeSystem.BPS
    widths = (2, 2, 2, 4) if kode is KodeBps else (2, 2, 3, 3)
    if len(sizes) > 2 and sizes == widths[: len(sizes)]:
        raise CodeError("system", f"'{text}' is written as a code of {other.value}.")


def _dots_are_missing(sizes: tuple[int, ...], kode: type[Kode], depth: int) -> bool:
    """Whether all digits are there and each dot that is there stands where one belongs."""
    ends, total = set(kode.ends), 0
    for size in sizes:
        total += size
        if total not in ends:
            return False
    return total == kode.ends[depth]


def _restore_zeros(parts: list[str], kode: type[Kode]) -> list[str]:
    """Every code whose parts can have lost zeros to give these.

    A part kept as a number lost zeros in front.  A kabupaten code kept as a number (``11.10`` gave
    11.1) lost one behind, and codes built on it carry that on; so the second part, and a last part
    after one dot less, stay ambiguous between the two.
    """
    choices: list[list[str]] = []
    for depth, (part, width) in enumerate(zip(parts, kode.widths, strict=False)):
        is_last = depth == len(parts) - 1
        if len(part) == width:
            choices.append([part])
        elif len(part) > width or depth == 0 or (width == 4 and is_last):
            return []
        elif depth == 1 or is_last:
            choices.append([part.zfill(width), part.ljust(width, "0")])
        else:
            choices.append([part.zfill(width)])
    return ["".join(choice) for choice in product(*choices)]


def _from_candidates(
    candidates: list[str], kode: type[Kode], level: Level, repair: str, value: object
) -> Spelling:
    length = kode.length_of(level)
    valid = {code for code in candidates if len(code) == length and kode.pattern.fullmatch(code)}
    if not valid:
        raise CodeError(
            repair if repair in {"date", "time"} else "length",
            f"'{value}' cannot be read as the code of a {level}.{_HINTS.get(repair, '')}",
        )
    return Spelling(tuple(sorted(valid)), repair)


def _repaired(spelling: Spelling, repair: str) -> Spelling:
    return Spelling(spelling.candidates, spelling.repair or repair)


def _checked(digits: str, text: str, kode: type[Kode], level: Level) -> str:
    """The digits if they are a code of that level.

    Raises
    ------
    CodeError
        With the reason that helps most.
    """
    if len(digits) != kode.length_of(level):
        if kode.pattern.fullmatch(digits):
            raise CodeError("level", f"'{text}' is not the code of a {level}.")
        raise CodeError(
            "length",
            f"'{text}' has {len(digits)} digits; the code of a {level} in {kode.system.value} "
            f"codes has {kode.length_of(level)}.",
        )
    if kode.pattern.fullmatch(digits):
        return digits
    if kode.system is CodeSystem.KEMENDAGRI and kode.pattern.fullmatch(digits[:6]):
        raise CodeError(
            "jenis",
            f"'{text}': the seventh digit of a Kemendagri desa code is 1, 2 or 3, here it is "
            f"{digits[6]}, as in BPS codes.",
        )
    raise CodeError("not_a_code", f"'{text}' is not a code of {kode.system.value}.")


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
