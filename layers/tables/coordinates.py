"""Which position a pair of coordinate cells means, and what had to be repaired to read it.

Works on text only: it opens no file and knows no desa.  A repair is made where it can be proved
(the cell as written is impossible, and one repair alone lands in the area); otherwise the position
stays null and the reason is returned.  Order is always lon, lat.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from layers.tables.coordinate_text import (
    CoordinateProblem,
    Reading,
    read_cell,
    read_coordinate,
)

__all__ = [
    "INDONESIA",
    "Bbox",
    "CoordinateProblem",
    "PositionProblem",
    "Positions",
    "read_coordinate",
    "repair_positions",
]

Bbox = tuple[float, float, float, float]

# Land and sea of Indonesia with a margin; anything outside is no place of an Indonesian facility.
INDONESIA: Bbox = (94.0, -12.0, 142.0, 7.5)


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
    pairs = [
        (read_cell(lon), read_cell(lat)) for lon, lat in zip(lon_texts, lat_texts, strict=True)
    ]
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
    lon: Reading | CoordinateProblem,
    lat: Reading | CoordinateProblem,
    area: Bbox,
    all_lost: bool,
) -> tuple[Point | None, CoordinateProblem | None]:
    """The point of one row and the problem noticed, either may be null."""
    for reading in (lon, lat):
        if isinstance(reading, CoordinateProblem):
            return None, reading
    assert isinstance(lon, Reading)
    assert isinstance(lat, Reading)
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
    pairs: Sequence[tuple[Reading | CoordinateProblem, Reading | CoordinateProblem]],
    area: Bbox,
) -> bool:
    points = [
        (lon.degrees, lat.degrees)
        for lon, lat in pairs
        if isinstance(lon, Reading) and isinstance(lat, Reading) and lon.degrees and lat.degrees
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
