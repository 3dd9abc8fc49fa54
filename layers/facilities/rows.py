"""The rows of a facility list as cells, whatever file they are in; nothing is judged here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from boundaries.findings.report import Finding
from boundaries.texts.text_encoding import check_texts
from layers.errors import InputError
from layers.tables.files.cell_text import cell_text
from layers.tables.files.sheets import empty_broken, read_section
from layers.tables.points import point_cells
from layers.workspace import drawn_files, sections


@dataclass(frozen=True, slots=True)
class FacilityRows:
    """Cells of the declared columns, one entry per row of the file; None where there is no column.

    ``row`` is the number the reader of the file sees; ``broken`` are the entries whose cells do not
    fit the header, so that none of them is used.
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


def identity_text(cell: object) -> str:
    """An identifier as text: a number that a spreadsheet wrote with ``.0`` is the number.

    >>> identity_text("10500123.0"), identity_text(10500123.0), identity_text("P-1.0")
    ('10500123', '10500123', 'P-1.0')
    """
    return re.sub(r"^(\d+)[.,]0+$", r"\1", cell_text(cell))


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
        layer=section.layer,
        crs=section.crs,
        encoding=section.encoding,
        file=section.path,
        columns=named,
    )
    cells = point_cells.cells_of_geometries(np.asarray(frame.geometry.array, dtype=object))
    columns = {name: frame[name].tolist() for name in frame.columns if name != "geometry"}
    return _pick(section, columns, list(range(1, len(frame) + 1)), cells, findings)


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
    sheet = empty_broken(read_section(section, path, (*positions, *named)))
    columns = {name: sheet.column(name) for name in (*positions, *named) if name is not None}
    cells = point_cells.cells_of_columns(section, [columns[name] for name in positions])
    rows = _pick(section, columns, sheet.rows, cells, sheet.findings)
    return replace(rows, broken=frozenset(sheet.broken))


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
    is_told = any(finding.code == "text.mojibake" for finding in seen)
    return [] if is_told else check_texts([names], rows, section.path)


def _column(
    section: sections.FacilitySection, columns: dict[str, list[object]], name: str
) -> list[object]:
    if name not in columns:
        listed = ", ".join(map(repr, columns))
        raise InputError(
            f"facilities.{section.id}: {section.path} has no column {name!r}. Columns: {listed}."
        )
    return columns[name]
