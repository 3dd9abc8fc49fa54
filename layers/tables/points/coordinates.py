"""Which position a pair of coordinate cells means, and what had to be repaired to read it.

Works on text only: it opens no file and knows no desa.  A repair is made where it can be proved
(the cell as written is impossible, and one repair alone lands in the area); otherwise the position
stays null and the reason is returned.  Order is always lon, lat.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from layers.tables.files.cell_texts import cell_text
from layers.tables.numbers.special_cells import UnsolvedFormula
from layers.tables.points import coordinate_text, metres
from layers.tables.points.coordinate_text import (
    CoordinateProblem,
    Reading,
    read_cell,
    read_coordinate,
)
from layers.tables.points.metres import INDONESIA

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
_DECIMALS = re.compile(r"[-+−]?\d+(?:[.,](\d*))?")


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
    lon_cells: Sequence[object], lat_cells: Sequence[object], bbox_lonlat: Bbox
) -> Positions:
    """Positions of all rows of a list, repaired where that can be proved.

    Parameters
    ----------
    lon_cells, lat_cells
        Cells of the two columns, as read (text, numbers or `Reading`), of equal length.
    bbox_lonlat
        The area covered, west, south, east, north in degrees.  A place outside it is kept (it may
        lie across the border) unless it is impossible for Indonesia or one repair lands inside.

    Returns
    -------
    Positions
        Arrays in the order given; at most one problem a row, sorted by index.

    Notes
    -----
    A missing minus is proved where the cell as written lies outside Indonesia.  Near the equator
    it does not: there it is proved only when no row of the list has a minus and every row lies in
    the area after mirroring; otherwise the row is doubtful and has no position.

    Where cells lost their decimal point, the doubt is of their column, see `doubt_lost_points`.

    Numbers that are metres of a projection, or degrees and minutes in one number, get a proposal
    and no position.
    """
    if len(lon_cells) != len(lat_cells):
        raise ValueError(f"{len(lon_cells)} longitudes but {len(lat_cells)} latitudes")
    pairs = [
        (read_cell(lon), read_cell(lat)) for lon, lat in zip(lon_cells, lat_cells, strict=True)
    ]
    named = coordinate_text.tell_minutes(pairs, bbox_lonlat) | _tell_metres(
        pairs, lon_cells, lat_cells, bbox_lonlat
    )
    all_lost = _is_minus_lost_everywhere(pairs, bbox_lonlat)
    lon = np.full(len(pairs), np.nan)
    lat = np.full(len(pairs), np.nan)
    problems: list[PositionProblem] = []
    placed = [_place(first, second, bbox_lonlat, all_lost) for first, second in pairs]
    doubtful = doubt_lost_points(pairs, lon_cells, lat_cells, placed, set(named), bbox_lonlat)
    for index, (point, noticed) in enumerate(placed):
        written = write_cells(lon_cells[index], lat_cells[index])
        if index in named:
            problem, message = named[index]
            problems.append(PositionProblem(index, problem, False, written, message))
            continue
        if index in doubtful:
            point, noticed = None, CoordinateProblem.POINT_DOUBTFUL
        if point is not None:
            lon[index], lat[index] = point
        if noticed is not None:
            message = MESSAGES[noticed]
            if any(isinstance(cells[index], UnsolvedFormula) for cells in (lon_cells, lat_cells)):
                message = UNSOLVED
            problems.append(PositionProblem(index, noticed, point is not None, written, message))
    return Positions(lon, lat, tuple(problems))


def write_cells(lon: object, lat: object) -> str:
    """Two cells as a person sees them in a finding, ``lon | lat``."""
    texts = [
        "" if cell is None else str(cell.degrees if isinstance(cell, Reading) else cell)
        for cell in (lon, lat)
    ]
    return " | ".join(texts)


def _tell_metres(
    pairs: Sequence[tuple[Reading | CoordinateProblem, Reading | CoordinateProblem]],
    lon_cells: Sequence[object],
    lat_cells: Sequence[object],
    area: Bbox,
) -> dict[int, tuple[CoordinateProblem, str]]:
    """Rows whose numbers lie in the area once they are taken for metres, with the proposal."""
    if all(map(_is_in_range, pairs)):
        return {}
    decimal = metres.find_decimal(lon_cells, lat_cells)
    x, y = metres.read_metres(lon_cells, decimal), metres.read_metres(lat_cells, decimal)
    zones = metres.propose_zones(x, y, area)
    mixed = "; the list mixes zones: make a list of each" if len(zones) > 1 else ""
    problems: dict[int, tuple[CoordinateProblem, str]] = {}
    for proposals in zones:
        names = " or ".join(dict.fromkeys(proposal.name for proposal in proposals))
        codes = " or ".join(dict.fromkeys(f'"{proposal.code}"' for proposal in proposals))
        turned = "; the columns are exchanged too" if proposals[0].is_swapped else ""
        message = f"numbers look like metres of {names}, not degrees; declare crs = {codes}{turned}"
        rows = np.logical_or.reduce([proposal.rows for proposal in proposals])
        problem = (CoordinateProblem.METRES, f"{message}{mixed}")
        problems |= dict.fromkeys(np.flatnonzero(rows).tolist(), problem)
    return problems


def _is_in_range(pair: tuple[Reading | CoordinateProblem, Reading | CoordinateProblem]) -> bool:
    """Whether both cells are degrees that exist, or nothing at all."""
    return all(
        abs(cell.degrees) <= 180 if isinstance(cell, Reading) else cell is CoordinateProblem.EMPTY
        for cell in pair
    )


Point = tuple[float, float]
Placed = tuple[Point | None, CoordinateProblem | None]
Cells = tuple[Reading | CoordinateProblem, Reading | CoordinateProblem]


def _place(
    lon: Reading | CoordinateProblem,
    lat: Reading | CoordinateProblem,
    area: Bbox,
    all_lost: bool,
) -> Placed:
    """The point of one row and the problem noticed, either may be null."""
    for reading in (lon, lat):
        if isinstance(reading, CoordinateProblem):
            return None, reading
    assert isinstance(lon, Reading)
    assert isinstance(lat, Reading)
    if (lon.axis, lat.axis) == ("lat", "lon"):
        return _turn(lat.degrees, lon.degrees)
    if lon.axis == "lat" or lat.axis == "lon":
        return None, CoordinateProblem.UNREADABLE
    point = (lon.degrees, lat.degrees)
    if _is_inside(point, area):
        return point, None
    if lon.degrees == 0 or lat.degrees == 0:
        return None, CoordinateProblem.ZERO
    return _repair(point, area, all_lost, is_signed=lat.axis is not None)


def doubt_lost_points(
    pairs: Sequence[Cells],
    lon_cells: Sequence[object],
    lat_cells: Sequence[object],
    placed: Sequence[Placed],
    left_out: Collection[int],
    area: Bbox,
) -> set[int]:
    """Rows that are not to be believed because their column lost decimal points.

    ``-7.123456`` became -7123456 and betrays itself; ``-0.7`` became -7, and ``-10.71``, written as
    ``-1.071``, is a latitude as well.  So in a column with cells of the first kind a whole number
    is believed nowhere, and a number with three decimals only inside the area; nor is any cell of
    the first kind where the area proves fewer than half of them.  Where all cells of both columns
    are whole degrees, the decimals were cut off: each may be 55 km away.
    """
    points = [index for index, (point, _) in enumerate(placed) if point is not None]
    if len(points) > 1 and all(_is_whole(lon_cells, lat_cells, pairs, index) for index in points):
        return set(points)
    lost = [
        index
        for index, cells in enumerate(pairs)
        if index not in left_out
        and placed[index][1] is not CoordinateProblem.SWAPPED
        and all(isinstance(cell, Reading) for cell in cells)
        and any(map(_has_lost_point, cells, (180.0, 90.0)))
    ]
    proven = [index for index in lost if placed[index][1] is CoordinateProblem.POINT_LOST]
    doubtful = set(proven) if 2 * len(proven) < len(lost) else set()
    limits, columns = (180.0, 90.0), (lon_cells, lat_cells)
    for axis, (cells, limit) in enumerate(zip(columns, limits, strict=True)):
        if not any(_has_lost_point(pairs[index][axis], limit) for index in lost):
            continue
        for index, (point, _) in enumerate(placed):
            if index in left_out or point is None or _has_lost_point(pairs[index][axis], limit):
                continue
            decimals = _count_decimals(cells[index])
            if decimals == 0 or (decimals == 3 and not _is_inside(point, area)):
                doubtful.add(index)
    return doubtful


def _is_whole(
    lon_cells: Sequence[object], lat_cells: Sequence[object], pairs: Sequence[Cells], index: int
) -> bool:
    """Whether both cells of a row are whole degrees, and none is a number that lost its point."""
    lon, lat = pairs[index]
    return (
        _count_decimals(lon_cells[index]) == 0
        and _count_decimals(lat_cells[index]) == 0
        and not (_has_lost_point(lon, 180.0) or _has_lost_point(lat, 90.0))
    )


def _has_lost_point(cell: Reading | CoordinateProblem, limit: float) -> bool:
    """Whether a cell is a whole number that no coordinate of its column reaches."""
    return isinstance(cell, Reading) and abs(cell.degrees) > limit and cell.degrees.is_integer()


def _count_decimals(cell: object) -> int | None:
    """How many decimals a cell of decimal degrees has; None where it has marks or letters."""
    text = repr(cell.degrees) if isinstance(cell, Reading) else cell_text(cell)
    match = _DECIMALS.fullmatch(text.strip())
    if match is None:
        return None
    decimals = match[1] or ""
    return len(decimals) if decimals.strip("0") else 0


def _turn(lon: float, lat: float) -> tuple[Point | None, CoordinateProblem]:
    """A row whose letters say that its columns are exchanged: believed where that can be."""
    if _is_inside((lon, lat), INDONESIA):
        return (lon, lat), CoordinateProblem.SWAPPED
    if abs(lon) > 180 or abs(lat) > 90:
        return None, CoordinateProblem.OUT_OF_RANGE
    return None, CoordinateProblem.OUTSIDE_INDONESIA


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
    repairs = {
        candidate: problem
        for candidate, problem in _candidates(point)
        if _is_inside(candidate, area)
    }
    if len(repairs) == 1:
        return next(iter(repairs.items()))
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
    """The number itself if it is in range, else every shift of its lost point that is."""
    if abs(degrees) <= limit:
        return [degrees]
    if not degrees.is_integer():
        return []
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


UNSOLVED = (
    "coordinates are formulas without a stored result: open and save the file once in Excel or "
    "LibreOffice"
)
MESSAGES = {
    CoordinateProblem.EMPTY: "has no coordinates",
    CoordinateProblem.UNREADABLE: "coordinates cannot be read; write decimal degrees",
    CoordinateProblem.OUT_OF_RANGE: "coordinates are beyond 180 or 90 degrees",
    CoordinateProblem.ZERO: "coordinates hold a 0 where none can be: not filled in",
    CoordinateProblem.SWAPPED: "longitude and latitude were in each other's column; swapped",
    CoordinateProblem.MINUS_LOST: "latitude had lost its minus; read as south of the equator",
    CoordinateProblem.MINUS_DOUBTFUL: "latitude may have lost its minus, which cannot be proved",
    CoordinateProblem.POINT_LOST: "decimal point was lost; put back where the area proves it",
    CoordinateProblem.POINT_DOUBTFUL: (
        "coordinates are in a column that lost decimal points, and the area does not prove where "
        "theirs was; write it again"
    ),
    CoordinateProblem.OUTSIDE_INDONESIA: "position is outside Indonesia",
    CoordinateProblem.OUTSIDE_AREA: "position is outside the area covered; kept as it is",
}


def write_sentence(problem: PositionProblem, subject: str) -> str:
    """The problem as a sentence about a row: "The facility's position is outside Indonesia."."""
    if problem.message.startswith("has "):
        return f"The row {problem.message}."
    return f"The {subject}'s {problem.message}."
