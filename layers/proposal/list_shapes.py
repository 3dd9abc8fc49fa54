"""Tables that are no indicators: code lists, bridges, histories, programmes and proposals."""

import re
from collections.abc import Sequence

from boundaries.codes import CodeSystem, read_code_column
from boundaries.codes.kode import LEVELS
from boundaries.codes.lists import level_of
from layers.tables.files.cell_text import cell_text
from layers.tables.files.sheets import Sheet
from layers.tables.importers.shapes import find_column

LOOK_AT = 400
MOST_OTHER_COLUMNS = 4
"""A code list says little beside code and name; more columns are a table about something."""
_BPS = re.compile(r"bps|^iddesa$", re.IGNORECASE)
_KEMENDAGRI = re.compile(r"dagri|kemendagri|permendagri|\bpum\b|depdagri", re.IGNORECASE)
_OLD = re.compile(r"lama|asal|old|sebelum|from|semula", re.IGNORECASE)
_NEW = re.compile(r"baru|tujuan|new|sesudah|menjadi|\bto\b", re.IGNORECASE)
_NAME = re.compile(r"nama|name|nm_", re.IGNORECASE)
_KINDS = (
    "perubahan",
    "jenis_perubahan",
    "jenis perubahan",
    "kind",
    "keterangan",
    "change",
    "jenis",
)
_DATES = ("tanggal", "tgl", "date", "tmt", "tahun", "berlaku")
_LIST_NAMES = ("nama", "name", "nama_wilayah", "nama wilayah", "wilayah", "uraian")


def is_code_column(cells: Sequence[object], system: CodeSystem | None = None) -> bool:
    """Whether the cells are mostly codes of one system, of any level."""
    texts = [text for cell in cells[:LOOK_AT] if (text := cell_text(cell))]
    if not texts:
        return False
    return any(2 * _usable(texts, one) > len(texts) for one in CodeSystem if system in (None, one))


def _usable(texts: Sequence[str], system: CodeSystem) -> int:
    count = 0
    for level in LEVELS:
        own = [
            text
            for text in texts
            if re.fullmatch(r"[\d.\s]+", text) and level_of(text, system) == level
        ]
        column = read_code_column(own, system, level) if own else None
        count += sum(code is not None for code in column.written) if column else 0
    return count


def tell_history(sheet: Sheet) -> dict[str, str] | None:
    """The keys of a history of codes: old and new code, and what kind of change it was."""
    codes = [name for name in sheet.header if is_code_column(sheet.columns[name])]
    old = next((name for name in codes if _OLD.search(name)), None)
    new = next((name for name in codes if _NEW.search(name) and name != old), None)
    kind = find_column(sheet, _KINDS)
    if old is None or new is None or kind is None:
        return None
    keys = {"kind": "history", "from_column": old, "to_column": new, "kind_column": kind}
    date = find_column(sheet, _DATES)
    return keys if date is None else keys | {"date_column": date}


def tell_bridge(sheet: Sheet) -> dict[str, str] | None:
    """The keys of a bridge: codes of both systems side by side, and little else."""
    bps = [name for name in sheet.header if _BPS.search(name)]
    kemendagri = [name for name in sheet.header if _KEMENDAGRI.search(name)]
    source = next((name for name in bps if is_code_column(sheet.columns[name])), None)
    target = next((name for name in kemendagri if is_code_column(sheet.columns[name])), None)
    others = [name for name in sheet.header if name not in (*bps, *kemendagri)]
    if source is None or target is None or len(others) > 2:
        return None
    keys = {"kind": "bridge", "from_column": source, "to_column": target}
    for key, names in (("from_name_column", bps), ("to_name_column", kemendagri)):
        name = next((name for name in names if _NAME.search(name)), None)
        keys |= {} if name is None else {key: name}
    return keys


def tell_names(sheet: Sheet) -> dict[str, str] | None:
    """The keys of a code list: codes and names, and nothing that is counted or measured."""
    codes = [name for name in sheet.header if is_code_column(sheet.columns[name])]
    name = find_column(sheet, _LIST_NAMES)
    if len(codes) != 1 or name is None or len(sheet.header) > 2 + MOST_OTHER_COLUMNS:
        return None
    others = [other for other in sheet.header if other not in (codes[0], name)]
    if any(_is_measured(sheet.columns[other]) for other in others):
        return None
    lengths = {
        len(re.sub(r"\D", "", cell_text(cell))) for cell in sheet.columns[codes[0]][:LOOK_AT]
    }
    if len(lengths) == 1 and len(others) > 0 and 10 in lengths:
        return None
    return {"code_column": codes[0], "name_column": name}


def _is_measured(cells: Sequence[object]) -> bool:
    texts = [text for cell in cells[:LOOK_AT] if (text := cell_text(cell))]
    return any(re.fullmatch(r"[-+]?[\d.,]+%?", text) for text in texts)


_ACTIVITIES = ("kegiatan", "sub kegiatan", "nama kegiatan", "usulan", "pekerjaan", "program")
_OFFICES = ("perangkat daerah", "opd", "skpd", "dinas", "perangkat_daerah", "urusan")
_AMOUNTS = ("pagu (rp)", "pagu", "anggaran", "nilai", "biaya", "pagu indikatif", "jumlah dana")
_SERVICES = ("layanan", "service", "jenis layanan")
_FUNDS = ("sumber dana", "sumber_dana", "sumberdana", "sumber anggaran")
_PLACES = ("lokasi", "desa", "lokasi kegiatan", "nama_desa", "nama desa", "tempat")
_YEARS = ("tahun", "tahun anggaran", "ta", "year")


def tell_plan(sheet: Sheet) -> tuple[str, dict[str, str]] | None:
    """Whether the rows are programmes of offices or proposals of desa, and the keys of that."""
    proposed = find_column(sheet, ("usulan", "uraian usulan", "kegiatan usulan"))
    office = find_column(sheet, _OFFICES)
    activity = proposed or find_column(sheet, _ACTIVITIES)
    amount = find_column(sheet, _AMOUNTS)
    if activity is None or amount is None or (proposed is None and office is None):
        return None
    code = next((name for name in sheet.header if is_code_column(sheet.columns[name])), None)
    keys = {
        "code_column": code,
        "kecamatan_column": find_column(sheet, ("kecamatan",)) if proposed is None else None,
        "place_column": find_column(sheet, _PLACES),
        "year_column": find_column(sheet, _YEARS),
        "opd_column": office if proposed is None else None,
        "activity_column": activity,
        "service_column": find_column(sheet, _SERVICES),
        "amount_column": amount,
        "source_column": find_column(sheet, _FUNDS),
    }
    role = "programmes" if proposed is None else "proposals"
    return role, {key: value for key, value in keys.items() if value is not None}
