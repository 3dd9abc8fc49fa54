"""What one coordinate cell says: degrees, or why there are none; nothing is repaired here."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from layers.tables.numbers.special_cells import FormattedNumber
from layers.tables.points.coordinate_marks import write_marks

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
    (see `layers.tables.points.coordinate_marks`), and hemispheres in English or Indonesian, as
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
