"""Readers that know the shape of a well-known source and fill in a table section by it.

Each importer is a module with ``NAME`` and ``adapt(section, sheet)``; the declaration of the
workspace always wins over what an importer knows.
"""

from __future__ import annotations

from collections.abc import Callable

from layers.errors import InputError
from layers.tables.importers import idm, indeks_desa
from layers.tables.sheets import Sheet
from layers.workspace import TableSection

Adapt = Callable[[TableSection, Sheet], TableSection]

IMPORTERS: dict[str, Adapt] = {
    idm.NAME: idm.adapt,
    indeks_desa.NAME: indeks_desa.adapt,
}


def adapt_section(section: TableSection, sheet: Sheet) -> TableSection:
    """The section with what its importer knows; unchanged where it names none.

    Raises
    ------
    InputError
        There is no such importer, or the sheet does not have the shape it knows.
    """
    if section.importer is None:
        return section
    adapt = IMPORTERS.get(section.importer)
    if adapt is None:
        raise InputError(
            f"{section.path}: no importer '{section.importer}'; known: {', '.join(IMPORTERS)}."
        )
    return adapt(section, sheet)
