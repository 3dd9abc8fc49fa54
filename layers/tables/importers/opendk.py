"""OpenDK's upload templates: ``desa_id`` and the counts of one form.

The sample that ships with OpenDK repeats one code on every row, and OpenDK keeps the last; here
such rows are duplicates with different values, and none is used.  Month and year are not in the
file: the workspace declares the year.
"""

from __future__ import annotations

from layers.tables.importers.shapes import fill_section, find_column, need_column
from layers.tables.sheets import Sheet
from layers.workspace import TableSection

NAME = "opendk"

CODES = ("desa_id", "kode_desa")
# Columns of the templates AKI/AKB, sanitasi, imunisasi, PAUD and putus sekolah, epidemi.
COLUMNS = (
    "jumlah_aki",
    "jumlah_akb",
    "cakupan_imunisasi",
    "sanitasi",
    "toilet",
)
KNOWN = {"cakupan_imunisasi": "imunisasi_dasar_pct"}


def adapt(section: TableSection, sheet: Sheet) -> TableSection:
    """The section with the code column and, where their meaning is sure, the indicator columns.

    Source
    ------
    OpenDK, ``public/template_upload``.
    """
    found = {column: name for key, name in KNOWN.items() if (column := find_column(sheet, (key,)))}
    known: dict[str, object] = {
        "code_column": section.code_column or need_column(sheet, CODES, NAME),
        "code_system": "kemendagri",
        "year_column": None if section.year else find_column(sheet, ("tahun",)),
        "columns": found,
    }
    return fill_section(section, known)


def looks_like(sheet: Sheet) -> bool:
    """Whether the sheet has OpenDK's key and one of its template columns."""
    return find_column(sheet, ("desa_id",)) is not None and any(
        find_column(sheet, (name,)) is not None for name in COLUMNS
    )
