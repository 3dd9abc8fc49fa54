"""Siskeudes exports: which spending columns a table ``Ta_Kegiatan`` or ``Ta_RABRinci`` has.

``Kd_Desa`` is ``00.0000.`` without provinsi and kabupaten, so the workspace must declare
``kabupaten``.  Every number is text; there are two amounts, original and after revision.
"""

from __future__ import annotations

from layers.tables.importers.shapes import find_column, has_columns
from layers.tables.sheets import Sheet

NAME = "siskeudes"

TA_KEGIATAN = {
    "code_column": "Kd_Desa",
    "year_column": "Tahun",
    "activity_column": "ID_Keg",
    "activity_name_column": "Nama_Kegiatan",
    "source_column": "Sumberdana",
    "anggaran_column": "Pagu",
    "anggaran_perubahan_column": "Pagu_PAK",
}
TA_RABRINCI = {
    "code_column": "Kd_Desa",
    "year_column": "Tahun",
    "activity_column": "Kd_Keg",
    "source_column": "SumberDana",
    "anggaran_column": "Anggaran",
    "anggaran_perubahan_column": "AnggaranStlhPAK",
}


def recognise_columns(sheet: Sheet) -> dict[str, str] | None:
    """Keys of a ``[[spending]]`` section for the sheet, None where it is no Siskeudes export.

    ``Kd_Keg`` serves as activity where ``ID_Keg`` is missing: the desa part in front is left out.

    Source
    ------
    Tables of a Siskeudes 2.0 database as OpenSID's import reads them.
    """
    for shape in (TA_KEGIATAN, TA_RABRINCI):
        needed = [shape["code_column"], shape["anggaran_column"]]
        activity = find_column(sheet, (shape["activity_column"], "Kd_Keg"))
        if not has_columns(sheet, needed) or activity is None:
            continue
        found = {key: column for key, name in shape.items() if (column := sheet.find(name))}
        return found | {"activity_column": activity}
    return None
