"""Readers that know the shape of a well-known source and fill in a table section by it.

The declaration of the workspace always wins over what an importer knows.
"""

from collections.abc import Callable

from layers.tables.files.sheets import Sheet
from layers.tables.importers import idm, indeks_desa, opendk, podes, satu_data, siskeudes
from layers.tables.importers.shapes import choose_importer
from layers.workspace.sections import SpendingSection, TableSection

Adapt = Callable[[TableSection, Sheet], TableSection]

IMPORTERS: dict[str, Adapt] = {
    idm.NAME: idm.adapt,
    indeks_desa.NAME: indeks_desa.adapt,
    opendk.NAME: opendk.adapt,
    podes.NAME: podes.adapt,
    satu_data.NAME: satu_data.adapt,
}
SPENDING_IMPORTERS: dict[str, Callable[[SpendingSection, Sheet], SpendingSection]] = {
    siskeudes.NAME: siskeudes.adapt,
    opendk.NAME: opendk.adapt_spending,
}
_DETECTORS: dict[str, Callable[[Sheet], bool]] = {
    indeks_desa.NAME: indeks_desa.looks_like,
    idm.NAME: idm.looks_like,
    podes.NAME: podes.looks_like,
    satu_data.NAME: satu_data.looks_like,
    opendk.NAME: opendk.looks_like,
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
    return choose_importer(IMPORTERS, section.importer, section.path)(section, sheet)


def adapt_spending(section: SpendingSection, sheet: Sheet) -> SpendingSection:
    """As `adapt_section`, for spending."""
    if section.importer is None:
        return section
    return choose_importer(SPENDING_IMPORTERS, section.importer, section.path)(section, sheet)


def detect_spending_importer(sheet: Sheet) -> str | None:
    """The importer of spending whose shape the sheet has; None where it is no spending known."""
    if siskeudes.looks_like(sheet):
        return siskeudes.NAME
    return opendk.NAME if opendk.is_apbdes(sheet) else None


def detect_importer(sheet: Sheet) -> str | None:
    """The importer whose shape the sheet has; None where no shape, or more than one, fits.

    For proposing a declaration (``geo-service init``); a build uses what is declared.
    """
    fitting = [name for name, looks_like in _DETECTORS.items() if looks_like(sheet)]
    return fitting[0] if len(fitting) == 1 else None
