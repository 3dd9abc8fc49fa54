"""The rows of a facility list as cells, whatever file they are in; nothing is judged here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.findings import Finding, Severity
from layers.drawn_files import DRAWN_SUFFIXES, read_drawn
from layers.errors import InputError
from layers.tables.cell_text import cell_text
from layers.tables.sheets import read_section
from layers.workspace import FacilitySection


@dataclass(frozen=True, slots=True)
class FacilityRows:
    """Cells of the declared columns, one entry per row of the file; None where there is no column.

    ``lon`` and ``lat`` are degrees or text as written; ``row`` is the number the reader of the file
    sees.
    """

    row: list[int]
    lon: list[object]
    lat: list[object]
    kind: list[object]
    identity: list[object]
    name: list[object]
    code: list[object]
    supply: list[object]
    findings: tuple[Finding, ...] = ()


def identity_text(cell: object) -> str:
    """An identifier as text: a number that a spreadsheet wrote with ``.0`` is the number.

    >>> identity_text("10500123.0"), identity_text(10500123.0), identity_text("P-1.0")
    ('10500123', '10500123', 'P-1.0')
    """
    return re.sub(r"^(\d+)[.,]0+$", r"\1", cell_text(cell))


def read_facility_rows(section: FacilitySection, folder: Path) -> FacilityRows:
    """The rows of the declared file.

    Raises
    ------
    InputError
        The file is missing or unreadable, has no CRS, or lacks a declared column.
    """
    path = folder / section.path
    if not path.is_file():
        raise InputError(f"facilities.{section.id}: {section.path} does not exist.")
    if path.suffix.lower() in DRAWN_SUFFIXES:
        return _read_geometry(section, path)
    return _read_table(section, path)


def _read_geometry(section: FacilitySection, path: Path) -> FacilityRows:
    label = f"facilities.{section.id}: {section.path}"
    frame = read_drawn(path, label, layer=section.layer, crs=section.crs)
    points, findings = _find_points(np.asarray(frame.geometry.array, dtype=object), section.path)
    missing = shapely.is_missing(points)
    lon: list[object] = [
        None if gone else float(x) for x, gone in zip(shapely.get_x(points), missing, strict=True)
    ]
    lat: list[object] = [
        None if gone else float(y) for y, gone in zip(shapely.get_y(points), missing, strict=True)
    ]
    columns = {name: frame[name].tolist() for name in frame.columns if name != "geometry"}
    rows = list(range(1, len(frame) + 1))
    return _pick(section, columns, rows, lon, lat, findings)


def _find_points(
    geometries: NDArray[np.object_], file: str
) -> tuple[NDArray[np.object_], list[Finding]]:
    """One point for each geometry: itself, a point on the surface of an area, or null."""
    points = geometries.copy()
    kinds = shapely.get_type_id(geometries)
    points[shapely.is_empty(geometries)] = None
    single = (kinds == 4) & (shapely.get_num_geometries(geometries) == 1)
    points[single] = shapely.get_geometry(geometries[single], 0)
    areas = np.isin(kinds, (3, 6)) & ~shapely.is_empty(geometries)
    points[areas] = shapely.point_on_surface(geometries[areas])
    others = ~single & ~areas & ~np.isin(kinds, (-1, 0))
    points[others] = None
    findings = [
        Finding(
            "facility.area",
            Severity.NOTE,
            "The facility is an area, not a point; a point on its surface stands for it.",
            file=file,
            row=int(index) + 1,
        )
        for index in np.flatnonzero(areas)
    ]
    return points, findings


def _read_table(section: FacilitySection, path: Path) -> FacilityRows:
    if section.lon_column is None or section.lat_column is None:
        raise InputError(
            f"facilities.{section.id}: {section.path} is a table; declare lon_column and "
            "lat_column in wilayah.toml."
        )
    wanted = (
        section.lon_column, section.lat_column, section.kind_column,
        section.id_column, section.name_column, section.code_column, section.supply_column,
    )  # fmt: skip
    sheet = read_section(section, path, wanted)
    columns = {name: sheet.column(name) for name in wanted if name is not None}
    lon, lat = columns[section.lon_column], columns[section.lat_column]
    return _pick(section, columns, sheet.rows, lon, lat, sheet.findings)


def _pick(
    section: FacilitySection,
    columns: dict[str, list[object]],
    rows: list[int],
    lon: list[object],
    lat: list[object],
    findings: Sequence[Finding],
) -> FacilityRows:
    def column(name: str | None) -> list[object]:
        return [None] * len(rows) if name is None else _column(section, columns, name)

    return FacilityRows(
        row=rows,
        lon=lon,
        lat=lat,
        kind=column(section.kind_column),
        identity=column(section.id_column),
        name=column(section.name_column),
        code=column(section.code_column),
        supply=column(section.supply_column),
        findings=tuple(findings),
    )


def _column(section: FacilitySection, columns: dict[str, list[object]], name: str) -> list[object]:
    if name not in columns:
        known = ", ".join(map(repr, columns))
        raise InputError(
            f"facilities.{section.id}: {section.path} has no column {name!r}. Columns: {known}."
        )
    return columns[name]
