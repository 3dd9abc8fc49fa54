"""What one coordinate cell says: degrees, or why there are none; nothing is repaired here."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

_MINUS_SIGNS = str.maketrans({"−": "-", "–": "-", "—": "-"})
_HEMISPHERES = {
    "N": ("lat", 1), "U": ("lat", 1), "LU": ("lat", 1),
    "S": ("lat", -1), "LS": ("lat", -1),
    "E": ("lon", 1), "T": ("lon", 1), "BT": ("lon", 1),
    "W": ("lon", -1), "B": ("lon", -1), "BB": ("lon", -1),
}  # fmt: skip
_LETTERS = re.compile(r"^(LU|LS|BT|BB|[NSEWUTB])[.:\s]*|[\s.]*(LU|LS|BT|BB|[NSEWUTB])\.?$")
_PART = r"(\d+(?:[.,]\d+)?)"
_SEXAGESIMAL = re.compile(
    rf"^(-?)\s*{_PART}\s*[°ºo˚d:\s]\s*(?:{_PART}\s*['′’`m:\s]*\s*)?(?:{_PART}\s*(?:[\"″”s]|''|′′|’’)*)?$"
)
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
    OUTSIDE_INDONESIA = "outside_indonesia"
    OUTSIDE_AREA = "outside_area"
    SHARED_POINT = "shared_point"


@dataclass(frozen=True, slots=True)
class Reading:
    """One cell read: degrees, and the axis its hemisphere letter names (``N``, ``BT``, …)."""

    degrees: float
    axis: str | None = None


def read_coordinate(value: object) -> float | CoordinateProblem:
    r"""Degrees written in one cell, or why there are none.

    Reads decimal degrees with point or comma, degrees-minutes-seconds with any of the usual marks,
    and hemisphere letters in English (N S E W) or Indonesian (LU LS BT BB; U, T, B).

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
    if isinstance(value, (int, float, np.integer, np.floating)):
        number = float(value)
        return Reading(number) if math.isfinite(number) else CoordinateProblem.EMPTY
    text = str(value).translate(_MINUS_SIGNS).replace("\u00a0", " ").strip().strip("'\"").strip()
    if not text or text in {"-", "0°"}:
        return CoordinateProblem.EMPTY
    return _read_text(str(value).translate(_MINUS_SIGNS).replace("\u00a0", " ").strip().lstrip("'"))


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
        found, direction = _HEMISPHERES[match.group(1) or match.group(2)]
        if (axis, sign) not in {(None, None), (found, direction)}:
            return axis, sign, None
        axis, sign = found, direction
        rest = (rest[: match.start()] + rest[match.end() :]).strip()
    return axis, sign, rest


def _read_degrees(text: str) -> float | None:
    compact = text.replace(" ", "")
    if _DECIMAL.match(compact) and not re.search(r"\d\s+\d", text):
        return float(compact.rstrip("°").replace(",", "."))
    if _GROUPED.match(compact):
        return _ungroup(compact)
    match = _SEXAGESIMAL.match(text.lower())
    if match is None:
        return None
    minus, *parts = match.groups()
    degree, minute, second = (float(part.replace(",", ".")) if part else 0.0 for part in parts)
    if minute >= 60 or second >= 60:
        return None
    return (-1 if minus else 1) * (degree + minute / 60 + second / 3600)


def _ungroup(text: str) -> float:
    """Digits that a spreadsheet grouped by thousands (``-8.345.678``), as the whole number.

    The decimal point is put back by `repair_positions`, where the area can prove its place.
    """
    return float(text.replace(".", "").replace(",", ""))
