"""How importers find the columns they know in a sheet."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from layers.errors import InputError
from layers.tables.files import headers, sheets
from layers.workspace.sections import SpendingSection, TableSection


def find_column(sheet: sheets.Sheet, names: Sequence[str]) -> str | None:
    """The first of the names that the sheet has, in the sheet's own spelling."""
    return next((column for name in names if (column := sheet.find(name)) is not None), None)


def need_column(sheet: sheets.Sheet, names: Sequence[str], importer: str) -> str:
    """As `find_column`.

    Raises
    ------
    InputError
        The sheet has none of them.
    """
    column = find_column(sheet, names)
    if column is None:
        listed = ", ".join(f"'{name}'" for name in sheet.header[:20])
        raise InputError(
            f"{sheet.file}: not the shape of importer '{importer}': none of "
            f"{', '.join(names)} among {listed}."
        )
    return column


Importer = TypeVar("Importer")


def choose_importer(importers: Mapping[str, Importer], name: str, label: str) -> Importer:
    """The importer of that name.

    Raises
    ------
    InputError
        There is none; ``label`` says which section asked.
    """
    if name not in importers:
        raise InputError(f"{label}: no importer '{name}'; known: {', '.join(importers)}.")
    return importers[name]


Filled = TypeVar("Filled", TableSection, SpendingSection)


def fill_section(section: Filled, defaults: Mapping[str, object]) -> Filled:
    """The section with the defaults where the workspace gives none."""
    given = section.model_fields_set
    return section.model_copy(
        update={key: value for key, value in defaults.items() if key not in given and value}
    )


def has_columns(sheet: sheets.Sheet, names: Sequence[str]) -> bool:
    """Whether the sheet has all of the columns, whatever their case and signs."""
    folded = {headers.fold(name) for name in sheet.header}
    return all(headers.fold(name) in folded for name in names)
