"""Satu Data portals: long tables with BPS and Kemendagri codes side by side in each row.

The column taken is the one of the **declared** system; names differ between the systems and are
never used to match.
"""

from layers.errors import InputError
from layers.tables.files import headers, sheets
from layers.tables.importers.shapes import fill_section, find_column, need_column
from layers.workspace.sections import TableSection

NAME = "satu_data"

CODES = {
    "kemendagri": ("kemendagri_kode_desa_kelurahan", "kode_kemendagri_desa_kelurahan"),
    "bps": ("bps_kode_desa_kelurahan", "kode_bps_desa_kelurahan"),
}
NAMES = {
    "kemendagri": ("kemendagri_nama_desa_kelurahan", "kemendagri_desa_kelurahan"),
    # Portals write the second form too, without "nama".
    "bps": ("bps_nama_desa_kelurahan", "bps_desa_kelurahan"),
}
CATEGORIES = ("kategori", "indikator", "jenis", "uraian")
VALUES = ("nilai", "jumlah", "persentase", "value")


def adapt(section: TableSection, sheet: sheets.Sheet) -> TableSection:
    """The section with code, name, category, value and year columns.

    Where all columns of ``[tables.columns]`` are columns of the sheet the table is wide.
    """
    system = section.code_system
    if system is None:
        raise InputError(
            f"{section.path}: Satu Data has codes of both systems in each row; declare code_system."
        )
    filled: dict[str, object] = {
        "code_column": section.code_column or need_column(sheet, CODES[system], NAME),
        "name_column": find_column(sheet, NAMES[system]),
        "year_column": None if section.year else find_column(sheet, ("tahun",)),
    }
    folded = {headers.fold(name) for name in sheet.header}
    if not all(headers.fold(column) in folded for column in section.columns):
        filled |= {
            "shape": "long",
            "indicator_column": section.indicator_column or need_column(sheet, CATEGORIES, NAME),
            "value_column": section.value_column or need_column(sheet, VALUES, NAME),
        }
    return fill_section(section, filled)


def looks_like(sheet: sheets.Sheet) -> bool:
    """Whether the sheet has the code columns of both systems."""
    return all(find_column(sheet, names) is not None for names in CODES.values())
