"""The ``datetime`` parameter: one moment or an interval, as OGC API - Features writes it.

Moments without an offset are read as UTC.  A date alone is its first second where an interval
begins, and its last where one ends.

Source
------
RFC 3339 (July 2002), section 5.6; OGC API - Features - Part 1 (17-069r4), section 7.15.4.
"""

import re
from datetime import UTC, datetime, timedelta

from geo_service.errors import MalformedParameterError

EXPECTED = (
    "expected 2024-01-31, 2024-01-31T00:00:00Z, or an interval of two with '/', start first; "
    "'..' leaves one end open"
)
_MOMENT = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:T(?P<hour>[01][0-9]|2[0-4]):(?P<minute>[0-5][0-9])"
    r"(?::(?P<second>[0-5][0-9]|60)(?P<part>\.[0-9]+)?)?"
    r"(?P<offset>Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?)?"
)
_FIRST = datetime(1, 1, 1, tzinfo=UTC)
# Python counts years from 1; the year 0 is read as 4, a leap year too, and put back.
_FOUR_YEARS = timedelta(days=1461)
_DAY = timedelta(days=1)


def check_interval(text: str) -> None:
    """Accept a moment or an interval, year 0000 and open ends included.

    Raises
    ------
    MalformedParameterError
        It is neither, both ends are open, or the interval ends before it starts; the message
        says what is expected.
    """
    ends = text.split("/")
    if len(ends) > 2:
        raise MalformedParameterError(f"datetime: more than one '/'; {EXPECTED}.")
    if len(ends) == 1:
        _read(text)
        return
    is_open = [end in {"", ".."} for end in ends]
    if all(is_open):
        raise MalformedParameterError(f"datetime: both ends are open; {EXPECTED}.")
    start = None if is_open[0] else _read(ends[0])
    stop = None if is_open[1] else _read(ends[1], is_end=True)
    if start is not None and stop is not None and stop < start:
        raise MalformedParameterError(
            f"datetime: the interval ends ({ends[1]}) before it starts ({ends[0]}); {EXPECTED}."
        )


def _read(text: str, *, is_end: bool = False) -> timedelta:
    """How long after the first moment of the year 1 a moment is; negative in the year 0."""
    # A '+' that was not escaped arrives as a space.
    match = _MOMENT.fullmatch(text.upper().replace(" ", "+"))
    moment = None if match is None else _since_first(match, is_end)
    if moment is None:
        raise MalformedParameterError(f"datetime: {text[:60]!r} is no moment; {EXPECTED}.")
    return moment


def _since_first(match: re.Match[str], is_end: bool) -> timedelta | None:
    date, is_year_zero = match["date"], match["date"].startswith("0000")
    try:
        day = datetime.fromisoformat(
            f"{'0004' if is_year_zero else date[:4]}{date[4:]}T00:00+00:00"
        )
    except ValueError:
        return None
    since = day - _FIRST - (_FOUR_YEARS if is_year_zero else timedelta())
    if match["hour"] is None:
        return since + (_DAY - timedelta(microseconds=1) if is_end else timedelta())
    clock = timedelta(
        hours=int(match["hour"]),
        minutes=int(match["minute"]),
        seconds=int(match["second"] or 0) + float(match["part"] or 0),
    )
    # 24:00:00 is the end of the day, and nothing after it is one of its hours.
    if match["hour"] == "24" and clock > _DAY:
        return None
    return since + clock - _offset(match["offset"])


def _offset(text: str | None) -> timedelta:
    if text is None or text == "Z":
        return timedelta()
    size = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return -size if text.startswith("-") else size
