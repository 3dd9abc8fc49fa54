"""OpenDK's upload templates: ``desa_id`` and the counts of one form, or one file for each desa.

Month, semester and year are chosen in OpenDK's form and are not in the file: the workspace declares
the year.  Neither is the desa in the templates of education and of the APBDes, nor the disease in
that of epidemics: the workspace declares ``desa``, and what ``jumlah_penderita`` counts.

The sample that ships with OpenDK repeats one code on every row, and OpenDK keeps the last; here
such rows are duplicates with different values, and none is used.
"""

from layers.tables.files import headers, sheets
from layers.tables.importers.shapes import fill_section, find_column, has_columns, need_column
from layers.workspace.sections import SpendingSection, TableSection

NAME = "opendk"

CODES = ("desa_id", "kode_desa")
KNOWN = {
    "cakupan_imunisasi": "imunisasi_dasar_pct",
    "jumlah_aki": "kematian_ibu_jumlah",
    "jumlah_akb": "kematian_bayi_jumlah",
    "jumlah_paud_ra": "paud_jumlah",
    "jumlah_guru_paud_ra": "guru_paud_jumlah",
    "jumlah_siswa_paud_ra": "siswa_paud_jumlah",
    "siswa_paud_ra": "siswa_paud_jumlah",
    "anak_usia_paud_ra": "anak_usia_paud_jumlah",
    "siswa_sd_mi": "siswa_sd_jumlah",
    "anak_usia_sd_mi": "anak_usia_sd_jumlah",
    "siswa_smp_mts": "siswa_smp_jumlah",
    "anak_usia_smp_mts": "anak_usia_smp_jumlah",
    "siswa_sma_ma": "siswa_sma_jumlah",
    "anak_usia_sma_ma": "anak_usia_sma_jumlah",
    "tidak_tamat_sekolah": "tidak_tamat_sekolah_jiwa",
    "tamat_sd_sederajat": "tamat_sd_jiwa",
    "tamat_smp_sederajat": "tamat_smp_jiwa",
    "tamat_sma_sederajat": "tamat_sma_jiwa",
    "tamat_diploma_sederajat": "tamat_diploma_jiwa",
}
FACILITIES = {
    "posyandu": "posyandu_jumlah",
    "puskesmas": "puskesmas_jumlah",
    "puskesmaspembantu": "pustu_jumlah",
    "pondokbersalin": "polindes_jumlah",
    "paud": "paud_jumlah",
}
"""Indicators by the folded words of ``kategori`` in the form of facilities (sarana)."""

UNSURE = ("toilet", "sanitasi", "jumlah_penderita")
"""Columns whose meaning the file does not tell (what is counted, of which disease)."""

SARANA = ("nama", "jumlah", "kategori")
APBDES = {
    "account_column": "no_akun",
    "activity_name_column": "nama_akun",
    "anggaran_column": "jumlah",
}


def adapt(section: TableSection, sheet: sheets.Sheet) -> TableSection:
    """The section with the code column and, where their meaning is sure, the indicator columns.

    Source
    ------
    OpenDK, ``app/Imports`` (2024) and the templates it offers for download.
    """
    columns = {
        column: name for key, name in KNOWN.items() if (column := find_column(sheet, (key,)))
    }
    filled: dict[str, object] = {
        "code_system": "kemendagri",
        "year_column": None if section.year else find_column(sheet, ("tahun",)),
        "columns": columns,
    }
    if has_columns(sheet, SARANA):
        filled |= _sarana(sheet)
    if section.desa is None:
        filled["code_column"] = section.code_column or need_column(sheet, CODES, NAME)
    return fill_section(section, filled)


def _sarana(sheet: sheets.Sheet) -> dict[str, object]:
    """The form of facilities: a row for each, its number, its kategori."""
    words = dict.fromkeys(str(cell) for cell in sheet.column("kategori") if cell is not None)
    return {
        "shape": "long",
        "indicator_column": sheet.find("kategori"),
        "value_column": sheet.find("jumlah"),
        "columns": {word: name for word in words if (name := FACILITIES.get(headers.fold(word)))},
        "repeats": "sum",
        "part_column": sheet.find("nama"),
    }


def adapt_spending(section: SpendingSection, sheet: sheets.Sheet) -> SpendingSection:
    """The section with the columns of the APBDes template, whose desa the workspace declares.

    Its accounts are written ``412-01``; those of income and financing do not count, nor do sums.
    """
    for name in APBDES.values():
        need_column(sheet, (name,), NAME)
    columns = {key: sheet.find(name) for key, name in APBDES.items()}
    return fill_section(section, columns)


def looks_like(sheet: sheets.Sheet) -> bool:
    """Whether the sheet has OpenDK's key and a column of a template, or a template without desa."""
    columns = [name for name in (*KNOWN, *UNSURE) if find_column(sheet, (name,)) is not None]
    has_key = find_column(sheet, ("desa_id",)) is not None
    if has_key and has_columns(sheet, SARANA):
        return True
    return bool(columns) and (has_key or len(columns) == len(sheet.header) > 1)


def is_apbdes(sheet: sheets.Sheet) -> bool:
    """Whether the sheet is the template of an APBDes."""
    return has_columns(sheet, tuple(APBDES.values()))
