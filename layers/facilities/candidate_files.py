"""Places somebody proposes for a new facility, read from a table or a GIS file.

A table needs a column of longitudes and one of latitudes under one of the usual names, or one
column of both; any other file needs points.  No row is dropped without a finding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from boundaries.bounds import readers
from boundaries.findings.report import Finding, Severity
from layers.errors import InputError
from layers.facilities.rows import read_facility_rows
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files.cell_text import cell_text
from layers.tables.files.sheets import Sheet, empty_broken, read_sheet
from layers.tables.points import coordinates, point_cells
from layers.workspace import drawn_files, sections
from layers.workspace.section import PointFileSection

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
    See the table ``candidate.*`` in ``layers/access/README.md``.

    Raises
    ------
    InputError
        The file is missing or unreadable, lacks a column of longitudes or latitudes, or holds no
        usable place.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file.")
    is_drawn = path.suffix.lower() in drawn_files.DRAWN_SUFFIXES
    with readers.open_readers():
        names, rows, cells, seen = _read_drawn(path) if is_drawn else _read_table(path)
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


def _read_table(path: Path) -> _Cells:
    sheet = empty_broken(read_sheet(path, label=path.name))
    named = next((column for name in NAME_NAMES if (column := sheet.find(name))), None)
    names = [cell_text(cell) for cell in sheet.columns[named]] if named else [""] * len(sheet)
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


def _has_any(sheet: Sheet, names: tuple[str, ...]) -> bool:
    return any(sheet.find(name) for name in names)


def _find(sheet: Sheet, names: tuple[str, ...], what: str) -> str:
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
