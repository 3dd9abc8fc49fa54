"""Where the rows of a list are, however the list says it: columns, one column, or geometry.

The one reader of points for facilities, kantor desa, programmes, proposals and candidates.  No row
is dropped without a problem that says why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from layers.errors import InputError
from layers.tables.files.cell_texts import cell_text
from layers.tables.numbers.expectations import Decimal
from layers.tables.points import coordinate_pairs, coordinate_text, coordinates, metres
from layers.workspace.section import PointFileSection

NO_PAIR = (
    'column of positions cannot be read; write "lat, lon" in decimal degrees, as "-8.38, 123.02"'
)
NO_METRES = (
    'column of positions cannot be read as metres; write "easting northing", as "502202 9073692"'
)
SHORT_LINK = "link holds no coordinates; open it and copy the numbers it leads to"
WAY_LINK = "link is a way with two ends; open the place itself and copy its numbers"
VIEW = (
    "link holds the centre of the map view, not the place; used, up to a kilometre wrong: open the "
    "place, click its pin, and copy its numbers"
)
FAR_VIEW = (
    "link holds only the centre of a map view that may be kilometres from the place; open the "
    "place, click its pin, and copy its numbers"
)
_USABLE = frozenset(
    {coordinate_text.CoordinateProblem.AREA, coordinate_text.CoordinateProblem.VIEW_CENTRE}
)
PLUS_CODE = "position is a Plus Code; open it on a map and copy the coordinates it stands for"


@dataclass(frozen=True, slots=True)
class PointCells:
    """The cells that say where each row is, one entry a row.

    Parameters
    ----------
    lon, lat
        Cells as `repair_positions` takes them, or eastings and northings of ``crs``.
    written
        What stands in the file, for findings.
    in_one_cell
        Rows whose two coordinates stand in one cell: their order is not declared.
    noticed
        What the geometry of a row is, where it is not one point; the message of each.
    crs
        The declared CRS of the cells; None for degrees.
    """

    lon: Sequence[object]
    lat: Sequence[object]
    written: Sequence[str]
    in_one_cell: frozenset[int] = frozenset()
    noticed: Mapping[int, tuple[coordinate_text.CoordinateProblem, str]] = field(
        default_factory=dict
    )
    crs: CRS | None = None
    decimal: Decimal | None = None

    def take(self, rows: Sequence[int]) -> "PointCells":
        """The cells of some rows, in that order."""
        return replace(
            self,
            lon=[self.lon[row] for row in rows],
            lat=[self.lat[row] for row in rows],
            written=[self.written[row] for row in rows],
            in_one_cell=frozenset(
                entry for entry, row in enumerate(rows) if row in self.in_one_cell
            ),
            noticed={
                entry: self.noticed[row] for entry, row in enumerate(rows) if row in self.noticed
            },
        )

    def has_any(self, row: int) -> bool:
        """Whether the row says anything of its position."""
        return bool(self.written[row].replace("|", "").strip()) or row in self.noticed


def position_columns(section: PointFileSection) -> tuple[str, ...]:
    """The declared columns of positions: one, two, or none."""
    if section.position_column is not None:
        return (section.position_column,)
    if section.lon_column is None or section.lat_column is None:
        return ()
    return tuple(dict.fromkeys((section.lon_column, section.lat_column)))


def cells_of_columns(section: PointFileSection, columns: Sequence[Sequence[object]]) -> PointCells:
    """The cells of the declared columns, see `position_columns`, in its order.

    Two coordinates in one cell are read as such where one column is declared for both, or where
    the other cell is empty or says the same.

    Raises
    ------
    InputError
        The declared CRS does not exist.
    """
    label = section.path
    crs = None if section.crs is None else metres.read_crs(section.crs, label)
    first, last = columns[0], columns[-1]
    lon, lat = list(first), list(last)
    in_one_cell: set[int] = set()
    noticed: dict[int, tuple[coordinate_text.CoordinateProblem, str]] = {}
    for row, (x, y) in enumerate(zip(first, last, strict=True)):
        if len(columns) == 2 and not _is_one_cell(x, y):
            continue
        cell = x if cell_text(x) else y
        is_metres = crs is not None and crs.is_projected
        pair, other_zone = _read_pair(cell, crs)
        if other_zone is not None:
            noticed[row] = (coordinate_text.CoordinateProblem.METRES, other_zone)
        link = coordinate_pairs.read_link(cell)
        if link is not None and link.is_view:
            noticed[row] = (
                coordinate_text.CoordinateProblem.VIEW_CENTRE,
                VIEW if link.is_near else FAR_VIEW,
            )
            pair = link.pair if link.is_near else None
        if pair is not None:
            lon[row], lat[row] = pair
            in_one_cell.add(row)
        elif (
            row not in noticed
            and coordinate_text.read_cell(cell) is not coordinate_text.CoordinateProblem.EMPTY
        ):
            noticed[row] = (
                coordinate_text.CoordinateProblem.UNREADABLE,
                _say_no_pair(cell, is_metres),
            )
    is_single = len(columns) == 1
    written = [
        cell_text(x) if is_single else coordinates.write_cells(x, y)
        for x, y in zip(first, last, strict=True)
    ]
    return PointCells(lon, lat, written, frozenset(in_one_cell), noticed, crs, section.decimal)


def _read_pair(cell: object, crs: CRS | None) -> tuple[tuple[object, object] | None, str | None]:
    """The two coordinates of one cell; or what is wrong with a zone other than the declared one."""
    if crs is None or not crs.is_projected:
        return coordinate_pairs.read_pair(cell), None
    utm = metres.read_utm(cell)
    if utm is None:
        return coordinate_pairs.read_metre_pair(cell), None
    if crs.utm_zone == utm.zone:
        return (utm.x, utm.y), None
    return None, (
        f"cell states UTM zone {utm.zone}, but crs = {crs.name} is declared; which is "
        "right? Leave crs out where each cell states its zone"
    )


def _say_no_pair(cell: object, is_metres: bool) -> str:
    """Why a cell holds no two coordinates, and what to write instead."""
    if coordinate_pairs.is_plus_code(cell):
        return PLUS_CODE
    if coordinate_pairs.is_link(cell):
        return WAY_LINK if "/dir/" in str(cell) else SHORT_LINK
    return NO_METRES if is_metres else NO_PAIR


def _is_one_cell(x: object, y: object) -> bool:
    """Whether one of two cells holds both coordinates and the other adds nothing."""
    texts = {cell_text(x), cell_text(y)} - {""}
    if len(texts) != 1:
        return False
    (text,) = texts
    return coordinate_pairs.read_pair(text) is not None and not isinstance(
        coordinate_text.read_cell(text), coordinate_text.Reading
    )


def cells_of_geometries(
    geometries: NDArray[np.object_], *, takes_lines: bool = False
) -> PointCells:
    """One point for each geometry: itself, or a point on the surface of an area (noticed).

    A multipoint of one place is that place.  Of several points, and of a line, none is chosen;
    with ``takes_lines`` a point on the line stands for it, as it does for an area.
    """
    noticed: dict[int, tuple[coordinate_text.CoordinateProblem, str]] = {}
    lon: list[object] = []
    lat: list[object] = []
    for row, shape in enumerate(geometries):
        point, problem = _one_point(shape, takes_lines)
        lon.append(None if point is None else float(point.x))
        lat.append(None if point is None else float(point.y))
        if problem is not None:
            noticed[row] = problem
    written = [coordinates.write_cells(x, y) for x, y in zip(lon, lat, strict=True)]
    return PointCells(lon, lat, written, noticed=noticed)


def _one_point(
    shape: shapely.Geometry | None, takes_lines: bool
) -> tuple[shapely.Point | None, tuple[coordinate_text.CoordinateProblem, str] | None]:
    if shape is None or shapely.is_empty(shape):
        return None, None
    if isinstance(shape, shapely.Point):
        return shape, None
    dimension = shapely.get_dimensions(shape)
    if dimension == 0:
        places = sorted({(part.x, part.y) for part in shapely.get_parts(shape)})
        if len(places) == 1:
            return shapely.Point(places[0]), None
        message = (
            f"feature has {len(places)} points, and which is meant is not guessed; give each a row "
            "of its own (QGIS: Multipart to singleparts)"
        )
        return None, (coordinate_text.CoordinateProblem.NOT_ONE_POINT, message)
    if dimension == 1 and not takes_lines:
        message = "feature is a line; draw a point where the place is"
        return None, (coordinate_text.CoordinateProblem.NOT_ONE_POINT, message)
    word = "an area" if dimension == 2 else "a line"
    message = f"place is drawn as {word}, not as a point; a point on it stands for it"
    return shapely.point_on_surface(shape), (coordinate_text.CoordinateProblem.AREA, message)


def place_points(cells: PointCells, bbox_lonlat: coordinates.Bbox) -> coordinates.Positions:
    """Positions of all rows, by the declared CRS where there is one, repaired where proved.

    Returns
    -------
    Positions
        As `repair_positions`; a row with a usable problem may have a second one.
    """
    if cells.crs is not None and cells.crs.is_projected:
        positions = _place_metres(cells, cells.crs, bbox_lonlat)
    else:
        positions = coordinates.repair_positions(cells.lon, cells.lat, bbox_lonlat)
        positions = _shift_datum(positions, cells.crs)
    problems = [
        replace(problem, value=cells.written[problem.index] or problem.value)
        for problem in positions.problems
        if not (
            problem.index in cells.in_one_cell
            and problem.problem is coordinate_text.CoordinateProblem.SWAPPED
        )
        and not (problem.index in cells.noticed and not problem.is_usable)
    ]
    for row, (noticed, message) in cells.noticed.items():
        is_usable = noticed in _USABLE and bool(np.isfinite(positions.lon[row]))
        if not is_usable:
            positions.lon[row] = positions.lat[row] = np.nan
        problems.append(
            coordinates.PositionProblem(row, noticed, is_usable, cells.written[row], message)
        )
    problems.sort(key=lambda problem: (problem.index, problem.problem))
    return coordinates.Positions(positions.lon, positions.lat, tuple(problems))


def _shift_datum(positions: coordinates.Positions, crs: CRS | None) -> coordinates.Positions:
    if crs is None:
        return positions
    lonlat = metres.to_lonlat(positions.lon, positions.lat, crs)
    return coordinates.Positions(lonlat[:, 0].copy(), lonlat[:, 1].copy(), positions.problems)


def _place_metres(cells: PointCells, crs: CRS, area: coordinates.Bbox) -> coordinates.Positions:
    decimal = cells.decimal or metres.find_decimal(cells.lon, cells.lat)
    x, y = metres.read_metres(cells.lon, decimal), metres.read_metres(cells.lat, decimal)
    straight, turned = metres.to_lonlat(x, y, crs), metres.to_lonlat(y, x, crs)
    is_turned = metres.is_inside(turned, area) & ~metres.is_inside(straight, area)
    lonlat = np.where(is_turned[:, None], turned, straight)
    doubts = _other_crs(x, y, lonlat, crs, area)
    problems = []
    for row in range(len(x)):
        problem, message = _judge_metres(cells, row, x[row], y[row], lonlat[row], area)
        if message == "" and is_turned[row]:
            problem, message = (
                coordinate_text.CoordinateProblem.SWAPPED,
                coordinates.MESSAGES[coordinate_text.CoordinateProblem.SWAPPED],
            )
        if row in doubts and problem in (
            coordinate_text.CoordinateProblem.OUTSIDE_AREA,
            coordinate_text.CoordinateProblem.OUTSIDE_INDONESIA,
        ):
            problem, message = coordinate_text.CoordinateProblem.METRES, doubts[row]
        if problem is None:
            continue
        is_usable = problem in (
            coordinate_text.CoordinateProblem.SWAPPED,
            coordinate_text.CoordinateProblem.OUTSIDE_AREA,
        )
        if not is_usable:
            lonlat[row] = np.nan
        problems.append(
            coordinates.PositionProblem(row, problem, is_usable, cells.written[row], message)
        )
    return coordinates.Positions(lonlat[:, 0].copy(), lonlat[:, 1].copy(), tuple(problems))


def _judge_metres(
    cells: PointCells,
    row: int,
    x: float,
    y: float,
    lonlat: NDArray[np.float64],
    area: coordinates.Bbox,
) -> tuple[coordinate_text.CoordinateProblem | None, str]:
    """What is wrong with one position in metres; nothing where it lies in the area."""
    kinds = coordinate_text.CoordinateProblem
    if not np.isfinite([x, y]).all():
        texts = [cell_text(cells.lon[row]), cell_text(cells.lat[row])]
        is_empty = any(text in {"", "-"} for text in texts)
        problem = kinds.EMPTY if is_empty else kinds.UNREADABLE
        message = (
            coordinates.MESSAGES[problem] if is_empty else "coordinates cannot be read as metres"
        )
        return problem, message
    if x == 0 and y == 0:
        return kinds.ZERO, "coordinates are 0, 0: not filled in"
    if max(abs(x), abs(y)) <= 180:
        return kinds.DEGREES, "coordinates are degrees, but crs declares metres; leave crs out"
    if metres.is_inside(lonlat[None, :], area)[0]:
        return None, ""
    if metres.is_inside(lonlat[None, :], metres.INDONESIA)[0]:
        return kinds.OUTSIDE_AREA, coordinates.MESSAGES[kinds.OUTSIDE_AREA]
    return kinds.OUTSIDE_INDONESIA, "position is outside Indonesia by the crs declared"


def _other_crs(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    lonlat: NDArray[np.float64],
    crs: CRS,
    area: coordinates.Bbox,
) -> dict[int, str]:
    """What to say of rows that lie far from the area as declared, and in it by another CRS."""
    is_far = np.isfinite(lonlat).all(axis=1) & ~metres.is_inside(lonlat, metres.widened(area))
    doubts: dict[int, str] = {}
    east, north = np.where(is_far, x, np.nan), np.where(is_far, y, np.nan)
    for zones in metres.propose_zones(east, north, area):
        # Beside rows that are right only the zone next to theirs is likely, not another grid.
        proposals = [
            entry
            for entry in zones
            if is_far.all() or (entry.name.startswith("UTM") and not entry.is_swapped)
        ]
        if not proposals:
            continue
        names = " or ".join(f'{entry.name} ("{entry.code}")' for entry in proposals)
        which = "which is right?" if is_far.all() else "does the list mix zones?"
        message = f"position lies outside the area by crs = {crs.name}, inside by {names}; {which}"
        rows = np.logical_or.reduce([proposal.rows for proposal in proposals])
        doubts |= dict.fromkeys(np.flatnonzero(rows).tolist(), message)
    return doubts


def check_position_section(section: PointFileSection, where: str) -> None:
    """Refuses a section that declares its positions twice or by half.

    Raises
    ------
    InputError
        Both ways, or one column of two.
    """
    halves = [section.lon_column is not None, section.lat_column is not None]
    if section.position_column is not None and any(halves):
        raise InputError(
            f"{where}: position_column is declared, and lon_column or lat_column too; "
            "declare either in wilayah.toml."
        )
    if sum(halves) == 1:
        raise InputError(
            f"{where}: declare lon_column and lat_column in wilayah.toml, or position_column where "
            "one column holds both."
        )
