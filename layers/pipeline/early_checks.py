"""Errors of the declaration, told before the polygons are read: columns, indicators, importers.

The same messages would come later from the join; here they come within the first second.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from layers.tables.importers import adapt_section
from layers.tables.indicators.join import check_indicators, read_declared
from layers.workspace.workspace import IndicatorSection, TableSection, Workspace

MOST_BYTES = 5_000_000
"""Larger files are not read twice."""
_COLUMNS = (
    "code_column",
    "name_column",
    "kecamatan_column",
    "jenis_column",
    "year_column",
    "indicator_column",
    "value_column",
    "part_column",
)


def check_declarations(
    workspace: Workspace, folder: Path, indicators: Mapping[str, IndicatorSection]
) -> None:
    """Refuse tables whose declared columns or indicators do not exist.

    Raises
    ------
    InputError
        As `layers.tables.indicators.join.join_table` would raise it.
    """
    for section in workspace.tables:
        if section.importer is None:
            check_indicators(section, indicators)
        if (folder / section.path).stat().st_size <= MOST_BYTES:
            _check_columns(section, folder)


def _check_columns(section: TableSection, folder: Path) -> None:
    sheet = read_declared(section, folder)
    section = adapt_section(section, sheet)
    names = [getattr(section, key) for key in _COLUMNS]
    if section.shape == "wide":
        names += section.columns
    for name in names:
        if name is not None:
            sheet.resolve(name)
