"""Indeks Desa (from 2025): six dimensions, a score of its own scale, the status from the file.

Its status words are those of IDM, its scale is not: the two never form one series, and no status
is computed here (thresholds are not published).  A kelurahan is not assessed.
"""

from layers.tables.files.sheets import Sheet
from layers.tables.importers.shapes import fill_section, find_column, has_columns, need_column
from layers.workspace.sections import TableSection

NAME = "indeks_desa"

CODES = ("kode", "kode desa", "kode_desa", "id_desa")
SCORES = ("skor", "nilai indeks desa", "skor indeks desa", "nilai")


DIMENSIONS = ("dld", "ds", "de", "dl", "da", "dtkpd")


def adapt(section: TableSection, sheet: Sheet) -> TableSection:
    """The section with the columns of an Indeks Desa table.

    Source
    ------
    Permendes 9/2024; kabupaten tables ``kecamatan, kode, desa, dld, …, skor, status``.
    """
    filled: dict[str, object] = {
        "code_column": section.code_column or need_column(sheet, CODES, NAME),
        "code_system": "kemendagri",
        "name_column": find_column(sheet, ("desa", "nama desa", "nama_desa")),
        "year_column": None if section.year else find_column(sheet, ("tahun",)),
        "columns": {need_column(sheet, SCORES, NAME): "indeks_desa_skor"},
    }
    return fill_section(section, filled)


def looks_like(sheet: Sheet) -> bool:
    """Whether the sheet has the six dimensions of Indeks Desa."""
    return has_columns(sheet, DIMENSIONS)
