"""IDM (Indeks Desa Membangun, 2016-2024): summaries, a kabupaten's sheet, or the item rows.

The five status classes are those of the published bands; a score on an edge belongs to the lower
class.  A kelurahan is not assessed.  IDM never continues into Indeks Desa (another scale).
"""

import re
from bisect import bisect_left

from layers.tables.files import headers, sheets
from layers.tables.importers.shapes import fill_section, find_column, has_columns, need_column
from layers.workspace.sections import TableSection

NAME = "idm"

STATUSES = ("SANGAT TERTINGGAL", "TERTINGGAL", "BERKEMBANG", "MAJU", "MANDIRI")
EDGES = (0.4907, 0.5989, 0.7072, 0.8155)

CODES = ("KODE DESA", "kode_desa", "id_desa", "KODE", "KODE WILAYAH")
NAMES = ("DESA", "NAMA DESA", "nama_desa")
SCORES = {
    "idm_skor": ("SKOR_SAAT_INI", "NILAI IDM", "SKOR IDM", "IDM"),
    "iks_skor": ("IKS", "SKOR IKS", "NILAI IKS"),
    "ike_skor": ("IKE", "SKOR IKE", "NILAI IKE"),
    "ikl_skor": ("IKL", "SKOR IKL", "NILAI IKL"),
}


ITEMS = {
    "Skor Akses Sarkes": "idm_sarkes_skor",
    "Skor Dokter": "idm_dokter_skor",
    "Skor Bidan": "idm_bidan_skor",
    "Skor Akses Poskesdes": "idm_poskesdes_skor",
    "Skor Aktivitas Posyandu": "idm_posyandu_skor",
    "Skor Akses SD/MI": "idm_sd_skor",
    "Skor Akses SMP/MTS": "idm_smp_skor",
    "Skor Akses SMA/SMK": "idm_sma_skor",
    "Skor Ketersediaan PAUD": "idm_paud_skor",
    "Skor Air Minum": "idm_air_minum_skor",
    "Skor Akses Jamban": "idm_jamban_skor",
    "Skor Akses Listrik": "idm_listrik_skor",
    "Skor Kualitas Jalan": "idm_jalan_skor",
}
"""Items about basic services, scored 0 to 5."""

_SUB_INDEX = re.compile(r"(IDM|IKS|IKE|IKL)(?: 20\d\d)?")


def adapt(section: TableSection, sheet: sheets.Sheet) -> TableSection:
    """The section with IDM's columns: wide for summaries and sheets, long for item rows."""
    filled: dict[str, object] = {
        "code_column": section.code_column or need_column(sheet, CODES, NAME),
        "code_system": "kemendagri",
        "name_column": find_column(sheet, NAMES),
        "year_column": None if section.year else find_column(sheet, ("tahun", "TAHUN IDM")),
    }
    if find_column(sheet, ("INDIKATOR",)):
        filled |= _items(sheet)
    else:
        filled |= _summary(sheet)
    return fill_section(section, filled)


def _summary(sheet: sheets.Sheet) -> dict[str, object]:
    columns = {
        column: name for name, names in SCORES.items() if (column := find_column(sheet, names))
    }
    if not columns:
        need_column(sheet, [names[0] for names in SCORES.values()], NAME)
    return {"shape": "wide", "columns": columns}


def _items(sheet: sheets.Sheet) -> dict[str, object]:
    """Item rows: the sub-indices stand among them, with their value in the score column.

    Each item says in words what was found, what can be done and who can do it.
    """
    items = {headers.fold(word): name for word, name in ITEMS.items()}
    words = [str(word) for word in dict.fromkeys(sheet.column("INDIKATOR"))]
    indices = {
        word: f"{match.group(1).lower()}_skor"
        for word in words
        if (match := _SUB_INDEX.fullmatch(word.strip().upper()))
    }
    return {
        "shape": "long",
        "indicator_column": find_column(sheet, ("INDIKATOR",)),
        "value_column": find_column(sheet, ("SKOR", "NILAI")),
        "columns": indices
        | {word: items[headers.fold(word)] for word in words if headers.fold(word) in items},
        "note_column": find_column(sheet, ("KETERANGAN",)),
        "step_column": find_column(sheet, ("KEGIATAN",)),
        "actor_column": find_column(sheet, ("SUMBER_DESA", "DESA")),
    }


def read_status(score: float) -> str:
    """The published class of a score: an edge belongs to the lower class.

    Source
    ------
    Permendesa 2/2016, bands as published with four decimals; a desa page with score 0.7168 names
    0.8156 as the least score of MANDIRI.

    Example
    -------
    >>> read_status(0.4907), read_status(0.49071), read_status(0.8155), read_status(0.8156)
    ('SANGAT TERTINGGAL', 'TERTINGGAL', 'MAJU', 'MANDIRI')
    """
    return STATUSES[bisect_left(EDGES, score)]


def looks_like(sheet: sheets.Sheet) -> bool:
    """Whether the sheet has the sub-indices, the summary's score or the item rows of IDM."""
    return (
        has_columns(sheet, ("IKS", "IKE", "IKL"))
        or has_columns(sheet, ("SKOR_SAAT_INI", "TARGET_STATUS"))
        or has_columns(sheet, ("INDIKATOR", "SKOR", "KEGIATAN", "NILAI"))
    )
