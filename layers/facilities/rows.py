"""The rows of a facility list as cells, whatever file they are in; nothing is judged here.

Files of candidate sites are read the same way.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from boundaries.bounds import input_readers
from boundaries.findings.report import Finding, Severity
from boundaries.texts.text_encoding import check_texts
from layers.errors import InputError
from layers.facilities import facility_kinds
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files import cell_texts, sheets
from layers.tables.points import coordinates, point_cells
from layers.workspace import drawn_files, sections
from layers.workspace.section import PointFileSection

KECAMATAN_HEADERS = frozenset(
    {"KECAMATAN", "NAMA KECAMATAN", "KEC", "NAMA KEC", "WADMKC", "DISTRIK", "KAPANEWON"}
)
DESA_HEADERS = frozenset(
    {
        "DESA",
        "NAMA DESA",
        "KELURAHAN",
        "DESA KELURAHAN",
        "KELURAHAN DESA",
        "NAMA DESA KELURAHAN",
        "DESA KEL",
        "KEL DESA",
        "WADMKD",
        "GAMPONG",
        "NAGARI",
        "KAMPUNG",
    }
)


@dataclass(frozen=True, slots=True)
class FacilityRows:
    """Cells of the declared columns, one entry per row of the file; None where there is no column.

    ``row`` is the number the reader of the file sees; ``broken`` are the entries whose cells do not
    fit the header, so that none of them is used; ``closed`` are cells of undeclared columns that
    say of a place that it is closed or not yet open, with their header, by entry.  ``areas`` are
    the names of kecamatan and of desa in columns of such headers; both empty without them.
    """

    row: list[int]
    points: point_cells.PointCells
    kind: list[object]
    identity: list[object]
    name: list[object]
    code: list[object]
    supply: list[object]
    findings: tuple[Finding, ...] = ()
    broken: frozenset[int] = frozenset()
    closed: Mapping[int, str] = field(default_factory=dict)
    areas: tuple[Sequence[str], Sequence[str]] = ((), ())


def identity_text(cell: object) -> str:
    """An identifier as text: a number that a spreadsheet wrote with ``.0`` is the number.

    >>> identity_text("10500123.0"), identity_text(10500123.0), identity_text("P-1.0")
    ('10500123', '10500123', 'P-1.0')
    """
    return re.sub(r"^(\d+)[.,]0+$", r"\1", cell_texts.cell_text(cell))


def read_facility_rows(section: sections.FacilitySection, folder: Path) -> FacilityRows:
    """The rows of the declared file.

    Raises
    ------
    InputError
        The file is missing or unreadable, has no CRS, or lacks a declared column.
    """
    path = folder / section.path
    if not drawn_files.is_drawn_input(path):
        raise InputError(f"facilities.{section.id}: {section.path} does not exist.")
    point_cells.check_position_section(section, f"facilities.{section.id}")
    if path.suffix.lower() in drawn_files.DRAWN_SUFFIXES and not point_cells.position_columns(
        section
    ):
        return _read_geometry(section, path)
    return _read_table(section, path)


def _read_geometry(section: sections.FacilitySection, path: Path) -> FacilityRows:
    label = f"facilities.{section.id}: {section.path}"
    named = (
        section.kind_column,
        section.id_column,
        section.name_column,
        section.code_column,
        section.supply_column,
    )
    frame, findings = drawn_files.read_drawn(
        path,
        label,
        layer=section.layer or ("waypoints" if path.suffix.lower() == drawn_files.MARKS else None),
        crs=section.crs,
        encoding=section.encoding,
        file=section.path,
        columns=named,
    )
    cells = point_cells.cells_of_geometries(np.asarray(frame.geometry.array, dtype=object))
    columns = {name: frame[name].tolist() for name in frame.columns if name != "geometry"}
    rows = _pick(section, columns, list(range(1, len(frame) + 1)), cells, findings)
    return replace(rows, closed=_find_closed(columns, named), areas=_find_areas(columns))


def _read_table(section: sections.FacilitySection, path: Path) -> FacilityRows:
    positions = point_cells.position_columns(section)
    if not positions:
        raise InputError(
            f"facilities.{section.id}: {section.path} is a table; declare lon_column and "
            "lat_column, or position_column, in wilayah.toml."
        )
    named = (
        section.kind_column,
        section.id_column,
        section.name_column,
        section.code_column,
        section.supply_column,
    )
    sheet = sheets.empty_broken(sheets.read_section(section, path, (*positions, *named)))
    columns = {name: sheet.column(name) for name in (*positions, *named) if name is not None}
    cells = point_cells.cells_of_columns(section, [columns[name] for name in positions])
    rows = _pick(section, columns, sheet.rows, cells, sheet.findings)
    closed = _find_closed(sheet.columns, (*positions, *named))
    broken, areas = frozenset(sheet.broken), _find_areas(sheet.columns)
    return replace(rows, broken=broken, closed=closed, areas=areas)


def _find_areas(columns: Mapping[str, Sequence[object]]) -> tuple[Sequence[str], Sequence[str]]:
    """The cells of the one column of kecamatan, and of desa, as text; empty without one."""
    found: list[Sequence[str]] = []
    for headers in (KECAMATAN_HEADERS, DESA_HEADERS):
        named = [name for name in columns if _plain(name) in headers]
        is_one = len(named) == 1
        found.append([cell_texts.cell_text(cell) for cell in columns[named[0]]] if is_one else ())
    return found[0], found[1]


def _plain(header: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", header.upper()).split())


def _find_closed(
    columns: Mapping[str, Sequence[object]], declared: Sequence[str | None]
) -> dict[int, str]:
    """What undeclared columns say of places that are closed, by entry: ``Status: Tutup``."""
    closed: dict[int, str] = {}
    for header, cells in columns.items():
        if header in declared or not facility_kinds.is_status(header):
            continue
        for index, cell in enumerate(cells):
            if isinstance(cell, str) and facility_kinds.says_closed(cell):
                closed.setdefault(index, f"{header}: {cell.strip()}")
    return closed


def _pick(
    section: sections.FacilitySection,
    columns: dict[str, list[object]],
    rows: list[int],
    points: point_cells.PointCells,
    findings: Sequence[Finding],
) -> FacilityRows:
    def column(name: str | None) -> list[object]:
        return [None] * len(rows) if name is None else _column(section, columns, name)

    names = column(section.name_column)
    return FacilityRows(
        row=rows,
        points=points,
        kind=column(section.kind_column),
        identity=column(section.id_column),
        name=names,
        code=column(section.code_column),
        supply=column(section.supply_column),
        findings=(*findings, *_check_names(names, rows, section, findings)),
    )


def _check_names(
    names: list[object],
    rows: list[int],
    section: sections.FacilitySection,
    seen: Sequence[Finding],
) -> list[Finding]:
    """Spoilt names, where the reader of the table has not said so already."""
    told = {finding.code for finding in seen}
    found = check_texts([names], rows, section.path)
    return [finding for finding in found if finding.code not in told]


def _column(
    section: sections.FacilitySection, columns: dict[str, list[object]], name: str
) -> list[object]:
    if name not in columns:
        listed = ", ".join(map(repr, columns))
        raise InputError(
            f"facilities.{section.id}: {section.path} has no column {name!r}. Columns: {listed}."
        )
    return columns[name]


LON_NAMES = ("lon", "longitude", "bujur", "long", "lng", "x")
LAT_NAMES = ("lat", "latitude", "lintang", "y")
POSITION_NAMES = (
    "koordinat",
    "titik_koordinat",
    "titik koordinat",
    "coordinates",
    "lat_long",
    "latlong",
    "lat, long",
    "lat,lon",
    "posisi",
    "wkt",
)
NAME_NAMES = ("nama", "name", "lokasi", "tempat", "id")


@dataclass(frozen=True, slots=True)
class CandidateList:
    """The places that can be used.

    Parameters
    ----------
    lonlat
        Shape (n, 2).
    names, rows
        What the file calls each (empty where it does not), and its row there.
    findings
        What was repaired or is not used: ``candidate.<problem>``.
    """

    lonlat: np.ndarray
    names: tuple[str, ...]
    rows: tuple[int, ...]
    findings: tuple[Finding, ...]


def read_candidates(path: Path, bbox_lonlat: coordinates.Bbox) -> CandidateList:
    """The places of a file that lie in the box.

    Findings
    --------
    See ``candidate.*`` in ``layers/FINDINGS.md``.

    Raises
    ------
    InputError
        The file is missing or unreadable, lacks a column of longitudes or latitudes, or holds no
        usable place.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file.")
    is_drawn = path.suffix.lower() in drawn_files.DRAWN_SUFFIXES
    with input_readers.open_readers():
        names, rows, cells, seen = _read_drawn(path) if is_drawn else _read_tabular(path)
    positions = point_cells.place_points(cells, bbox_lonlat)
    lonlat = np.stack([positions.lon, positions.lat], axis=1)
    west, south, east, north = bbox_lonlat
    inside = np.all((lonlat >= [west, south]) & (lonlat <= [east, north]), axis=1)
    findings = [finding for finding in seen if finding.severity is not Severity.NOTE]
    findings += [
        _judge(problem, path.name, rows[problem.index], bool(inside[problem.index]))
        for problem in positions.problems
        if problem.problem is not coordinates.CoordinateProblem.AREA
    ]
    used = np.flatnonzero(inside).tolist()
    if not used:
        reasons = "; ".join(f"row {finding.row}: {finding.message}" for finding in findings[:3])
        raise InputError(f"{path}: no usable place. {reasons}")
    return CandidateList(
        lonlat[used],
        tuple(names[index] for index in used),
        tuple(rows[index] for index in used),
        tuple(sorted(findings, key=Finding.sort_key)),
    )


_Cells = tuple[list[str], Sequence[int], point_cells.PointCells, tuple[Finding, ...]]


def _read_drawn(path: Path) -> _Cells:
    section = sections.FacilitySection(id="candidates", path=path.name, kind="candidate")
    read = read_facility_rows(section, path.parent)
    return [""] * len(read.row), read.row, read.points, read.findings


def _read_tabular(path: Path) -> _Cells:
    sheet = sheets.empty_broken(sheets.read_sheet(path, label=path.name))
    named = next((column for name in NAME_NAMES if (column := sheet.find(name))), None)
    names = (
        [cell_texts.cell_text(cell) for cell in sheet.columns[named]]
        if named
        else [""] * len(sheet)
    )
    together = next((column for name in POSITION_NAMES if (column := sheet.find(name))), None)
    if together is None or _has_any(sheet, LON_NAMES):
        lon, lat = _find(sheet, LON_NAMES, "longitudes"), _find(sheet, LAT_NAMES, "latitudes")
        section = PointFileSection(path=path.name, lon_column=lon, lat_column=lat)
    else:
        section = PointFileSection(path=path.name, position_column=together)
    cells = point_cells.cells_of_columns(
        section, [sheet.columns[name] for name in point_cells.position_columns(section)]
    )
    fitting = [index for index in range(len(sheet)) if index not in sheet.broken]
    rows = [sheet.rows[index] for index in fitting]
    return [names[index] for index in fitting], rows, cells.take(fitting), sheet.findings


def _has_any(sheet: sheets.Sheet, names: tuple[str, ...]) -> bool:
    return any(sheet.find(name) for name in names)


def _find(sheet: sheets.Sheet, names: tuple[str, ...], what: str) -> str:
    column = next((column for name in names if (column := sheet.find(name))), None)
    if column is None:
        raise InputError(
            f"{sheet.file}: no column of {what}; it has {', '.join(map(repr, sheet.header))}. "
            f"Name it one of {', '.join(names)}."
        )
    return column


def _judge(problem: coordinates.PositionProblem, file: str, row: int, is_used: bool) -> Finding:
    message = problem.message
    if problem.problem is coordinates.CoordinateProblem.OUTSIDE_AREA:
        message = "position is outside the release"
    if not is_used and not message.endswith("not used"):
        message += "; not used"
    code = f"candidate.{problem.problem.value}"
    return declared_kind(code).finding(
        message,
        file,
        row,
        value=problem.value,
        severity=Severity.WARNING,
    )
