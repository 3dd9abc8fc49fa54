"""Which position a pair of coordinate cells means, and what had to be repaired to read it.

Works on text only: it opens no file and knows no desa.  A repair is made where it can be proved
(the cell as written is impossible, and one repair alone lands in the area); otherwise the position
stays null and the reason is returned.  Order is always lon, lat.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

Bbox = tuple[float, float, float, float]

# Land and sea of Indonesia with a margin; anything outside is no place of an Indonesian facility.
INDONESIA: Bbox = (94.0, -12.0, 142.0, 7.5)

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
class PositionProblem:
    """One thing noticed about one row.

    Parameters
    ----------
    index
        Position of the row in the sequences given, from 0.
    problem
        What it is.
    is_usable
        Whether the row still has a position: repaired (``swapped``, ``minus_lost``,
        ``point_lost``) or only remarkable (``outside_area``).
    value
        The two cells as written, ``lon | lat``.
    message
        One sentence for the person who keeps the list.
    """

    index: int
    problem: CoordinateProblem
    is_usable: bool
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class Positions:
    """Positions of all rows: arrays ``lon`` and ``lat`` (degrees, NaN where there is none)."""

    lon: np.ndarray
    lat: np.ndarray
    problems: tuple[PositionProblem, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
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
    reading = _read(value)
    return reading if isinstance(reading, CoordinateProblem) else reading.degrees


def _read(value: object) -> _Reading | CoordinateProblem:
    if value is None or isinstance(value, bool):
        return CoordinateProblem.EMPTY
    if isinstance(value, (int, float, np.integer, np.floating)):
        number = float(value)
        return _Reading(number) if math.isfinite(number) else CoordinateProblem.EMPTY
    text = str(value).translate(_MINUS_SIGNS).replace("\u00a0", " ").strip().strip("'\"").strip()
    if not text or text in {"-", "0°"}:
        return CoordinateProblem.EMPTY
    return _read_text(str(value).translate(_MINUS_SIGNS).replace("\u00a0", " ").strip().lstrip("'"))


def _read_text(text: str) -> _Reading | CoordinateProblem:
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
    return _Reading(degrees, axis)


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


def repair_positions(
    lon_texts: Sequence[object],
    lat_texts: Sequence[object],
    bbox_lonlat: Bbox,
    *,
    shared_by: int = 5,
) -> Positions:
    """Positions of all rows of a list, repaired where that can be proved.

    Parameters
    ----------
    lon_texts, lat_texts
        Cells of the two columns, as read (text or numbers), of equal length.
    bbox_lonlat
        The area covered, west, south, east, north in degrees.  A place outside it is kept (it may
        lie across the border) unless it is impossible for Indonesia or one repair lands inside.
    shared_by
        From how many rows on an identical point is no longer believed (everything put at the
        office of the dinas).  Three rows are enough where they are at least half of the list.

    Returns
    -------
    Positions
        Arrays in the order given; at most one problem a row, sorted by index.

    Notes
    -----
    A missing minus is proved where the cell as written lies outside Indonesia.  Near the equator
    it does not: there it is proved only when no row of the list has a minus and every row lies in
    the area after mirroring; otherwise the row is doubtful and has no position.
    """
    if len(lon_texts) != len(lat_texts):
        raise ValueError(f"{len(lon_texts)} longitudes but {len(lat_texts)} latitudes")
    pairs = [(_read(lon), _read(lat)) for lon, lat in zip(lon_texts, lat_texts, strict=True)]
    all_lost = _is_minus_lost_everywhere(pairs, bbox_lonlat)
    lon = np.full(len(pairs), np.nan)
    lat = np.full(len(pairs), np.nan)
    problems: list[PositionProblem] = []
    for index, (first, second) in enumerate(pairs):
        point, problem = _place(first, second, bbox_lonlat, all_lost)
        if point is not None:
            lon[index], lat[index] = point
        if problem is not None:
            problems.append(_describe(index, problem, point, lon_texts[index], lat_texts[index]))
    shared = frozenset(_shared_points(lon, lat, shared_by))
    problems = [problem for problem in problems if problem.index not in shared]
    for index in sorted(shared):
        lon[index] = lat[index] = np.nan
        kind = CoordinateProblem.SHARED_POINT
        problems.append(_describe(index, kind, None, lon_texts[index], lat_texts[index]))
    return Positions(lon, lat, tuple(sorted(problems, key=lambda problem: problem.index)))


Point = tuple[float, float]


def _place(
    lon: _Reading | CoordinateProblem,
    lat: _Reading | CoordinateProblem,
    area: Bbox,
    all_lost: bool,
) -> tuple[Point | None, CoordinateProblem | None]:
    """The point of one row and the problem noticed, either may be null."""
    for reading in (lon, lat):
        if isinstance(reading, CoordinateProblem):
            return None, reading
    assert isinstance(lon, _Reading)
    assert isinstance(lat, _Reading)
    if lon.degrees == 0 and lat.degrees == 0:
        return None, CoordinateProblem.ZERO
    if (lon.axis, lat.axis) == ("lat", "lon"):
        return (lat.degrees, lon.degrees), CoordinateProblem.SWAPPED
    if lon.axis == "lat" or lat.axis == "lon":
        return None, CoordinateProblem.UNREADABLE
    point = (lon.degrees, lat.degrees)
    if _is_inside(point, area):
        return point, None
    return _repair(point, area, all_lost, is_signed=lat.axis is not None)


def _repair(
    point: Point, area: Bbox, all_lost: bool, *, is_signed: bool
) -> tuple[Point | None, CoordinateProblem | None]:
    possible = _is_inside(point, INDONESIA)
    mirrored = (point[0], -point[1])
    if possible:
        if not is_signed and point[1] > 0 and _is_inside(mirrored, area):
            lost = CoordinateProblem.MINUS_LOST
            return (mirrored, lost) if all_lost else (None, CoordinateProblem.MINUS_DOUBTFUL)
        return point, CoordinateProblem.OUTSIDE_AREA
    found = {
        candidate: problem
        for candidate, problem in _candidates(point)
        if _is_inside(candidate, area)
    }
    if len(found) == 1:
        return next(iter(found.items()))
    swapped = (point[1], point[0])
    if _is_inside(swapped, INDONESIA):
        # No longitude of Indonesia is a latitude anywhere, so the order is proved outside the area.
        return swapped, CoordinateProblem.SWAPPED
    if abs(point[0]) > 180 or abs(point[1]) > 90:
        return None, CoordinateProblem.OUT_OF_RANGE
    return None, CoordinateProblem.OUTSIDE_INDONESIA


def _candidates(point: Point) -> Iterator[tuple[Point, CoordinateProblem]]:
    lon, lat = point
    yield (lat, lon), CoordinateProblem.SWAPPED
    yield (lon, -lat), CoordinateProblem.MINUS_LOST
    yield (lat, -lon), CoordinateProblem.SWAPPED
    for first in _with_point(lon, 180):
        for second in _with_point(lat, 90):
            if (first, second) != point:
                yield (first, second), CoordinateProblem.POINT_LOST
                yield (first, -second), CoordinateProblem.POINT_LOST


def _with_point(degrees: float, limit: float) -> list[float]:
    """The number itself if it is in range, else every shift of its decimal point that is."""
    if abs(degrees) <= limit:
        return [degrees]
    shifted = (degrees / 10**power for power in range(1, 16))
    return [value for value in shifted if 0.01 < abs(value) <= limit]


def _is_inside(point: Point, box: Bbox) -> bool:
    west, south, east, north = box
    return west <= point[0] <= east and south <= point[1] <= north


def _is_minus_lost_everywhere(
    pairs: Sequence[tuple[_Reading | CoordinateProblem, _Reading | CoordinateProblem]],
    area: Bbox,
) -> bool:
    points = [
        (lon.degrees, lat.degrees)
        for lon, lat in pairs
        if isinstance(lon, _Reading) and isinstance(lat, _Reading) and lon.degrees and lat.degrees
    ]
    return bool(points) and all(lat > 0 and _is_inside((lon, -lat), area) for lon, lat in points)


def _shared_points(lon: np.ndarray, lat: np.ndarray, shared_by: int) -> Iterator[int]:
    placed = [
        (index, (round(float(x), 7), round(float(y), 7)))
        for index, (x, y) in enumerate(zip(lon, lat, strict=True))
        if not math.isnan(x)
    ]
    counts = Counter(point for _, point in placed)
    for index, point in placed:
        count = counts[point]
        if count >= shared_by or (count >= 3 and 2 * count >= len(placed)):
            yield index


_MESSAGES = {
    CoordinateProblem.EMPTY: "has no coordinates",
    CoordinateProblem.UNREADABLE: "coordinates cannot be read; write decimal degrees",
    CoordinateProblem.OUT_OF_RANGE: "coordinates are beyond 180 or 90 degrees",
    CoordinateProblem.ZERO: "coordinates are 0, 0, which is in the Atlantic",
    CoordinateProblem.SWAPPED: "longitude and latitude were in each other's column; swapped",
    CoordinateProblem.MINUS_LOST: "latitude had lost its minus; read as south of the equator",
    CoordinateProblem.MINUS_DOUBTFUL: "latitude may have lost its minus, which cannot be proved",
    CoordinateProblem.POINT_LOST: "decimal point was lost; put back where the area proves it",
    CoordinateProblem.OUTSIDE_INDONESIA: "position is outside Indonesia",
    CoordinateProblem.OUTSIDE_AREA: "position is outside the area covered; kept as it is",
    CoordinateProblem.SHARED_POINT: "point is shared by many rows (an office?); not used",
}


def _describe(
    index: int, problem: CoordinateProblem, point: Point | None, lon: object, lat: object
) -> PositionProblem:
    text = f"{'' if lon is None else lon} | {'' if lat is None else lat}"
    return PositionProblem(index, problem, point is not None, text, _MESSAGES[problem])
