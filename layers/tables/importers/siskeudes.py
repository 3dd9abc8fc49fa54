"""Siskeudes exports: which spending columns a table ``Ta_Kegiatan`` or ``Ta_RABRinci`` has.

``Kd_Desa`` is ``00.0000.`` without provinsi and kabupaten, so the workspace must declare
``kabupaten``.  Every number is text; there are two amounts, original and after revision.
``Ta_RABRinci`` has income and financing among its lines, which the account in ``Kd_Rincian`` shows.
"""

from layers.errors import InputError
from layers.tables.files.sheets import Sheet
from layers.tables.importers.shapes import fill_section, find_column, has_columns
from layers.workspace.sections import SpendingSection

NAME = "siskeudes"

TA_KEGIATAN = {
    "code_column": ("Kd_Desa", "Kd_Keg"),
    "year_column": ("Tahun",),
    "activity_column": ("ID_Keg", "Kd_Keg"),
    "activity_name_column": ("Nama_Kegiatan",),
    "source_column": ("Sumberdana",),
    "anggaran_column": ("Pagu",),
    "anggaran_perubahan_column": ("Pagu_PAK",),
    "realisasi_column": ("Realisasi",),
}
TA_RABRINCI = {
    "code_column": ("Kd_Desa", "Kd_Keg"),
    "year_column": ("Tahun",),
    "activity_column": ("ID_Keg", "Kd_Keg"),
    "activity_name_column": ("Nama_Kegiatan",),
    "account_column": ("Kd_Rincian",),
    "source_column": ("SumberDana",),
    "anggaran_column": ("Anggaran",),
    "anggaran_perubahan_column": ("AnggaranStlhPAK",),
    "realisasi_column": ("Realisasi",),
}
_AMOUNTS = ("anggaran_column", "anggaran_perubahan_column", "realisasi_column")


def adapt(section: SpendingSection, sheet: Sheet) -> SpendingSection:
    """The section with the columns of the export; what it declares itself stays.

    An amount that the section declares is not joined by others of the export.

    Raises
    ------
    InputError
        The sheet is no such export, or the section does not declare its kabupaten.
    """
    columns = recognise_columns(sheet)
    if columns is None:
        listed = ", ".join(f"'{name}'" for name in sheet.header[:20])
        raise InputError(
            f"{sheet.file}: not the shape of importer '{NAME}': neither Ta_Kegiatan (Kd_Desa, "
            f"Kd_Keg, Pagu) nor Ta_RABRinci (Kd_Desa, Kd_Keg, Anggaran) among {listed}."
        )
    if section.kabupaten is None:
        raise InputError(
            f"{section.path}: Siskeudes codes (00.0000.) do not say their kabupaten, and each "
            'exists in many; declare kabupaten = "00.00".'
        )
    if any(getattr(section, key) for key in _AMOUNTS):
        columns = {key: column for key, column in columns.items() if key not in _AMOUNTS}
    return fill_section(section, columns)


def recognise_columns(sheet: Sheet) -> dict[str, str] | None:
    """Keys of a ``[[spending]]`` section for the sheet, None where it is no Siskeudes export.

    ``Kd_Keg`` serves as activity where ``ID_Keg`` is missing (the desa part in front is left out),
    and as code where ``Kd_Desa`` is.

    Source
    ------
    Tables of a Siskeudes 2.0 database as OpenSID's import reads them.
    """
    for shape in (TA_RABRINCI, TA_KEGIATAN):
        columns = {
            key: column
            for key, names in shape.items()
            if (column := find_column(sheet, names)) is not None
        }
        if {"code_column", "activity_column", "anggaran_column"} <= columns.keys():
            return columns
    return None


def looks_like(sheet: Sheet) -> bool:
    """Whether the sheet is one of the two tables."""
    return has_columns(sheet, ("Kd_Keg",)) and recognise_columns(sheet) is not None
