"""What one coordinate cell says: degrees, or why there are none; nothing is repaired here."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from layers.tables.numbers.special_cells import FormattedNumber, MarkedText

_HEMISPHERES = {
    "N": ("lat", 1),
    "U": ("lat", 1),
    "LU": ("lat", 1),
    "S": ("lat", -1),
    "LS": ("lat", -1),
    "E": ("lon", 1),
    "T": ("lon", 1),
    "BT": ("lon", 1),
    "W": ("lon", -1),
    "B": ("lon", -1),
    "BB": ("lon", -1),
}
_LETTERS = re.compile(r"^(LU|LS|BT|BB|[NSEWUTB])[.:,\s]*|[\s.,]*(LU|LS|BT|BB|[NSEWUTB])\.?$")
_PART = r"(\d+(?:[.,]\d+)?)"
_SEXAGESIMAL = re.compile(
    rf"^(-?)\s*{_PART}\s*[°:\s]\s*(?:{_PART}\s*[':\s]*\s*)?(?:{_PART}\s*\"?)?$"
)
_DASHED = re.compile(rf"^(-?)\s*(\d{{1,3}})\s*-\s*(\d{{1,2}})\s*-\s*{_PART}\"?$")
_DOTTED = re.compile(r"^(-?)\s*(\d{1,3})\.(\d{1,2})\.(\d{1,2}(?:[.,]\d{1,2})?)\"?$")
_DECIMAL = re.compile(r"^[-+]?\d+(?:[.,]\d*)?°?$|^[-+]?[.,]\d+°?$")
_GROUPED = re.compile(r"^[-+]?\d{1,3}(?:([.,])\d{3})(?:\1\d{1,3})+$")


class CoordinateProblem(StrEnum):
    """Why a cell, or a pair of cells, is no position as it stands."""

    EMPTY = "empty"
    UNREADABLE = "unreadable"
    OUT_OF_RANGE = "out_of_range"
    ZERO = "zero"
    SWAPPED = "swapped"
    MINUS_LOST = "minus_lost"
    MINUS_DOUBTFUL = "minus_doubtful"
    POINT_LOST = "point_lost"
    POINT_DOUBTFUL = "point_doubtful"
    OUTSIDE_INDONESIA = "outside_indonesia"
    OUTSIDE_AREA = "outside_area"
    METRES = "metres"
    DEGREES = "degrees"
    MINUTES = "minutes"
    NOT_ONE_POINT = "not_one_point"
    AREA = "area"
    VIEW_CENTRE = "view_centre"


@dataclass(frozen=True, slots=True)
class Reading:
    """One cell read: degrees, and the axis its hemisphere letter names (``N``, ``BT``, …)."""

    degrees: float
    axis: str | None = None


def read_coordinate(value: object) -> float | CoordinateProblem:
    r"""Degrees written in one cell, or why there are none.

    Reads decimal degrees with point or comma, degrees-minutes-seconds with any of the usual marks
    (see `write_marks`), and hemispheres in English or Indonesian, as
    letters (N S E W; LU LS BT BB; U, T, B) or words.

    >>> read_coordinate('03°19\'03.44" N')
    3.317622222222222
    >>> read_coordinate("8,35 LS"), read_coordinate("122.98"), read_coordinate("di kantor")
    (-8.35, 122.98, <CoordinateProblem.UNREADABLE: 'unreadable'>)
    """
    reading = read_cell(value)
    return reading if isinstance(reading, CoordinateProblem) else reading.degrees


def read_cell(value: object) -> Reading | CoordinateProblem:
    """As `read_coordinate`, with the axis that a hemisphere letter names."""
    if value is None or isinstance(value, bool):
        return CoordinateProblem.EMPTY
    if isinstance(value, FormattedNumber):
        return CoordinateProblem.UNREADABLE if value.text is None else read_cell(value.text)
    if isinstance(value, (int, float, np.integer, np.floating)):
        number = float(value)
        return Reading(number) if math.isfinite(number) else CoordinateProblem.EMPTY
    if isinstance(value, Reading):
        return value
    if isinstance(value, MarkedText) and value.marks_digits:
        return CoordinateProblem.UNREADABLE
    text = str(value).strip().lstrip("'").strip().strip('"') if _is_quoted(value) else str(value)
    text = write_marks(text.strip().lstrip("'"))
    if text in {"", "-", "0°", "'", '"'}:
        return CoordinateProblem.EMPTY
    return _read_text(text)


def _is_quoted(value: object) -> bool:
    text = str(value).strip()
    return len(text) > 1 and text[0] == text[-1] == '"'


def _read_text(text: str) -> Reading | CoordinateProblem:
    axis, sign, rest = _take_hemisphere(text.strip())
    if rest is None:
        return CoordinateProblem.UNREADABLE
    degrees = _read_degrees(rest)
    if degrees is None:
        return CoordinateProblem.UNREADABLE
    if sign is not None:
        if math.copysign(1, degrees) < 0 and sign > 0:
            return CoordinateProblem.UNREADABLE
        degrees = sign * abs(degrees)
    return Reading(degrees, axis)


def _take_hemisphere(text: str) -> tuple[str | None, int | None, str | None]:
    """Axis, sign and what is left; what is left is null when two letters contradict."""
    axis: str | None = None
    sign: int | None = None
    rest = text.upper() if re.search(r"[A-Za-z]", text) else text
    while match := _LETTERS.search(rest):
        letter_axis, direction = _HEMISPHERES[match.group(1) or match.group(2)]
        if (axis, sign) not in {(None, None), (letter_axis, direction)}:
            return axis, sign, None
        axis, sign = letter_axis, direction
        rest = (rest[: match.start()] + rest[match.end() :]).strip()
    return axis, sign, rest


def _read_degrees(text: str) -> float | None:
    compact = text.replace(" ", "")
    if _DECIMAL.match(compact) and not re.search(r"\d\s+\d", text):
        return float(compact.rstrip("°").replace(",", "."))
    if _GROUPED.match(compact):
        return _ungroup(compact)
    match = _SEXAGESIMAL.match(text) or _DASHED.match(text) or _DOTTED.match(text)
    if match is None:
        return None
    minus, *parts = match.groups()
    degree, minute, second = (float(part.replace(",", ".")) if part else 0.0 for part in parts)
    is_broken = (parts[1] and degree % 1) or (parts[2] and minute % 1)
    if minute >= 60 or second >= 60 or is_broken:
        return None
    return (-1 if minus else 1) * (degree + minute / 60 + second / 3600)


def _ungroup(text: str) -> float:
    """Digits that a spreadsheet grouped by thousands (``-8.345.678``), as the whole number.

    The decimal point is put back by `repair_positions`, where the area can prove its place.
    """
    return float(text.replace(".", "").replace(",", ""))


_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " "}
    | dict.fromkeys("º˚ᵒ⁰∘", "°")
    | dict.fromkeys("′’‘‛ʹʼ´`＇", "'")
    | dict.fromkeys("″”“„‟ʺ˝〃", '"')
)
_WORDS = (
    (r"lintang\s*selatan|\bl\.\s*s\b\.?", " LS "),
    (r"lintang\s*utara|\bl\.\s*u\b\.?", " LU "),
    (r"bujur\s*timur|\bb\.\s*t\b\.?", " BT "),
    (r"bujur\s*barat|\bb\.\s*b\b\.?", " BB "),
    (r"\b(?:south|selatan)\b", " S "),
    (r"\b(?:north|utara)\b", " N "),
    (r"\b(?:east|timur)\b", " E "),
    (r"\b(?:west|barat)\b", " W "),
)
_LABEL = re.compile(
    r"(?<![a-z])(?:latitude|lattitude|longitude|lintang|bujur|long|lat|lon|lng)\b"
    r"\s*[:=.]?\s*",
    re.IGNORECASE,
)
_DEGREE = re.compile(r"(?<=\d)\s*(?:derajat|degrees?|deg|der|d|o)(?![a-z])", re.IGNORECASE)
_MINUTE = re.compile(r"(?<=\d)\s*(?:menit|minutes?|min|mnt|m)(?![a-z])", re.IGNORECASE)
_SECOND = re.compile(r"(?<=\d)\s*(?:detik|seconds?|sec|dtk)(?![a-z])", re.IGNORECASE)
_LETTERED = re.compile(r"(\d)\s*([dD])(\s*\d[\d.,]*\s*)([mM])(\s*\d[\d.,]*\s*)([sS])")


def write_marks(text: str) -> str:
    r"""The text with one degree sign, one prime, one double prime and short hemispheres.

    An ``s`` is the mark of seconds where it is written as its ``d`` and ``m`` are; in another case
    it is the hemisphere.

    >>> write_marks("8d12m30s"), write_marks("8 derajat 12 menit 30 detik Lintang Selatan")
    ('8°12\'30"', '8° 12\' 30"LS')
    >>> write_marks("123° 1′ 12″ B.T.")
    '123° 1\' 12"BT'
    """
    text = text.translate(_SIGNS)
    for pattern, letters in _WORDS:
        text = re.sub(pattern, letters, text, flags=re.IGNORECASE)
    text = _LABEL.sub(" ", text)
    text = _LETTERED.sub(_write_seconds, text)
    text = _SECOND.sub('"', _MINUTE.sub("'", _DEGREE.sub("°", text)))
    text = text.replace("''", '"')
    return re.sub(r"""\s*(?<=["'°])\s*(?=[A-Za-z])|\s+(?=["'°])""", "", " ".join(text.split()))


def _write_seconds(match: re.Match[str]) -> str:
    before, degree, minutes, minute, seconds, second = match.groups()
    is_mark = degree.islower() == second.islower() == minute.islower()
    return f"{before}°{minutes}'{seconds}" + ('"' if is_mark else f'"{second}')


Bbox = tuple[float, float, float, float]
Cells = tuple[Reading | CoordinateProblem, Reading | CoordinateProblem]


def tell_minutes(pairs: Sequence[Cells], area: Bbox) -> dict[int, tuple[CoordinateProblem, str]]:
    """Rows beyond 180 or 90 degrees that lie in the area as degrees and minutes, and why.

    None where fewer than half of the rows beyond the range do.
    """
    beyond: list[int] = []
    named: dict[int, tuple[CoordinateProblem, str]] = {}
    for index, (lon, lat) in enumerate(pairs):
        if not isinstance(lon, Reading) or not isinstance(lat, Reading):
            continue
        if abs(lon.degrees) <= 180 and abs(lat.degrees) <= 90:
            continue
        beyond.append(index)
        if any(_is_inside(point, area) for point in _as_minutes(lon.degrees, lat.degrees)):
            message = (
                "numbers look like degrees and minutes without a sign between them (DDMM.mmmm, as "
                "GPS receivers write); write decimal degrees, or a mark, as 8°22.8'"
            )
            named[index] = (CoordinateProblem.MINUTES, message)
    return named if 2 * len(named) >= len(beyond) else {}


def _as_minutes(lon: float, lat: float) -> Iterator[tuple[float, float]]:
    """What two numbers say as DDMM.mmmm or DDMMSS, in either order, with or without its minus."""
    for unpack in (_unpack_minutes, _unpack_seconds):
        for first, second in ((lon, lat), (lat, lon)):
            x, y = unpack(first), unpack(second)
            if x is not None and y is not None:
                yield x, y
                yield x, -y


def _unpack_minutes(number: float) -> float | None:
    degrees, minutes = divmod(abs(number), 100)
    if minutes >= 60:
        return None
    return (-1 if number < 0 else 1) * (degrees + minutes / 60)


def _unpack_seconds(number: float) -> float | None:
    degrees, rest = divmod(abs(number), 10_000)
    minutes, seconds = divmod(rest, 100)
    if minutes >= 60 or seconds >= 60:
        return None
    return (-1 if number < 0 else 1) * (degrees + minutes / 60 + seconds / 3600)


def _is_inside(point: tuple[float, float], box: Bbox) -> bool:
    west, south, east, north = box
    return west <= point[0] <= east and south <= point[1] <= north
