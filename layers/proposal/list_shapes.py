"""Tables that are no indicators: code lists, bridges, histories, budgets, programmes, proposals."""

import re
from collections.abc import Sequence
from typing import Literal

from boundaries.codes import CodeSystem, kode_types, lists, read_code_column
from layers.proposal import file_columns
from layers.tables.files import cell_texts, headers, sheets

LOOK_AT = 400
_AMOUNTS = ("anggaran_column", "anggaran_perubahan_column", "realisasi_column")
MOST_OTHER_COLUMNS = 4
"""A code list says little beside code and name; more columns are a table about something."""
_BPS = re.compile(r"bps|^iddesa$", re.IGNORECASE)
_KEMENDAGRI = re.compile(r"dagri|kemendagri|permendagri|\bpum\b|depdagri", re.IGNORECASE)
_OLD = re.compile(r"lama|asal|old|sebelum|from|semula", re.IGNORECASE)
_NEW = re.compile(r"baru|tujuan|new|sesudah|menjadi|\bto\b", re.IGNORECASE)
_NAME = re.compile(r"nama|name|nm_", re.IGNORECASE)
_CODE_WORD = re.compile(r"kode|code|kd|id")
_NAME_WORD = re.compile(r"nama|name|nm")


def is_code_column(cells: Sequence[object], system: CodeSystem | None = None) -> bool:
    """Whether the cells are mostly codes of one system, of any level."""
    texts = [text for cell in cells[:LOOK_AT] if (text := cell_texts.cell_text(cell))]
    if not texts:
        return False
    systems = CodeSystem if system is None else (system,)
    return any(2 * _usable(texts, possible) > len(texts) for possible in systems)


def _usable(texts: Sequence[str], system: CodeSystem) -> int:
    count = 0
    for level in kode_types.LEVELS:
        of_level = [
            text
            for text in texts
            if re.fullmatch(r"[\d.\s]+", text) and lists.level_of(text, system) == level
        ]
        column = read_code_column(of_level, system, level) if of_level else None
        count += sum(code is not None for code in column.written) if column else 0
    return count


def tell_history(sheet: sheets.Sheet) -> dict[str, str] | None:
    """The keys of a history of codes: old and new code, and what kind of change it was."""
    codes = [name for name in sheet.header if is_code_column(sheet.columns[name])]
    old = next((name for name in codes if _OLD.search(name)), None)
    new = next((name for name in codes if _NEW.search(name) and name != old), None)
    kind = file_columns.usual_column(sheet, "lists", "kind_column")
    if old is None or new is None or kind is None:
        return None
    keys = {"kind": "history", "from_column": old, "to_column": new, "kind_column": kind}
    date = file_columns.usual_column(sheet, "lists", "date_column")
    return keys if date is None else keys | {"date_column": date}


def tell_bridge(sheet: sheets.Sheet) -> dict[str, str] | None:
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


def tell_names(sheet: sheets.Sheet) -> list[dict[str, str]]:
    """The keys of a code list, once for each level that it names.

    A code list has codes and names, and nothing that is counted or measured.
    """
    codes = [name for name in sheet.header if is_code_column(sheet.columns[name])]
    pairs = {code: name for code in codes if (name := _name_beside(sheet, code)) is not None}
    general = file_columns.usual_column(sheet, "lists", "name_column")
    if not pairs and len(codes) == 1 and general is not None:
        pairs = {codes[0]: general}
    others = [name for name in sheet.header if name not in (*codes, *pairs.values())]
    if len(pairs) < len(codes) or len(others) > MOST_OTHER_COLUMNS:
        return []
    if any(_is_measured(sheet.columns[other]) for other in others):
        return []
    if others and all(_are_desa(sheet.columns[code]) for code in pairs):
        return []
    return [{"code_column": code, "name_column": name} for code, name in pairs.items()]


def _name_beside(sheet: sheets.Sheet, code: str) -> str | None:
    """The column of names called as the column of codes is: ``nama_kec`` of ``kode_kec``."""
    about = _CODE_WORD.sub("", headers.fold(code))
    names = [name for name in sheet.header if name != code and _NAME.search(name)]
    return next((name for name in names if _NAME_WORD.sub("", headers.fold(name)) == about), None)


def _are_desa(cells: Sequence[object]) -> bool:
    texts = [cell_texts.cell_text(cell) for cell in cells[:LOOK_AT]]
    return {len(re.sub(r"\D", "", text)) for text in texts} == {10}


def _is_measured(cells: Sequence[object]) -> bool:
    texts = [text for cell in cells[:LOOK_AT] if (text := cell_texts.cell_text(cell))]
    return any(re.fullmatch(r"[-+]?[\d.,]+%?", text) for text in texts)


def tell_plan(
    sheet: sheets.Sheet,
) -> tuple[Literal["programmes", "proposals"], dict[str, str]] | None:
    """Whether the rows are programmes of offices or proposals of desa, and the keys of that."""
    keys = file_columns.usual_columns(sheet, "plans")
    proposed, office = keys.pop("proposed"), keys["opd_column"]
    keys["activity_column"] = proposed or keys["activity_column"]
    if keys["activity_column"] is None or keys["amount_column"] is None:
        return None
    if proposed is None and office is None:
        return None
    if proposed is not None:
        keys |= {"kecamatan_column": None, "opd_column": None}
    code = next((name for name in sheet.header if is_code_column(sheet.columns[name])), None)
    role: Literal["programmes", "proposals"] = "programmes" if proposed is None else "proposals"
    return role, file_columns.known_keys({"code_column": code, **keys})


def tell_budget(sheet: sheets.Sheet, columns: tuple[str, ...]) -> file_columns.FileShape | None:
    """Lines of a budget in columns of its own: activities of desa, or accounts, with amounts.

    Programmes of offices have an office, and an indicator in rupiah has no activity.
    """
    fits = {
        "activity_column": is_activity,
        "account_column": is_account,
        **dict.fromkeys(_AMOUNTS, file_columns.is_number),
    }
    keys = file_columns.fitting_columns(sheet, "spending", fits)
    amounts = [column for key in _AMOUNTS if (column := keys[key]) is not None]
    is_plan = any(
        file_columns.usual_column(sheet, "plans", key) for key in ("proposed", "opd_column")
    )
    if is_plan or not amounts or not (keys["activity_column"] or keys["account_column"]):
        return None
    code = file_columns.code_column(sheet)
    system = file_columns.code_system(sheet, code)
    todo = () if system else ("code_column and code_system, or desa = the one desa of the file",)
    given = file_columns.known_keys({"code_column": code, **keys})
    clue = f"amounts in '{amounts[0]}' by activity or account"
    return file_columns.FileShape("spending", clue, columns, keys=given, system=system, todo=todo)


def is_activity(cell: object) -> bool:
    """Whether a cell is a code of an activity (``02.02.02``), of two parts or more."""
    return (
        re.fullmatch(r"0?[1-5](?:\.\d{1,2}){1,3}\.?", cell_texts.cell_text(cell).strip())
        is not None
    )


def is_account(cell: object) -> bool:
    """Whether a cell is an account of a budget, such as ``5.2.1`` or ``4``."""
    return re.fullmatch(r"[4-6](?:[.\-]\d+)*\.?", cell_texts.cell_text(cell).strip()) is not None


def tell_lists(sheet: sheets.Sheet, columns: tuple[str, ...]) -> list[file_columns.FileShape]:
    """A history, a bridge, a code list, programmes or proposals; empty where it is none of them."""
    history, bridge = tell_history(sheet), tell_bridge(sheet)
    if history is not None:
        return [file_columns.FileShape("crosswalks", "old and new codes", columns, keys=history)]
    if bridge is not None:
        clue = "codes of both systems side by side"
        return [
            file_columns.FileShape("crosswalks", clue, columns, keys=bridge),
            *_names_of(bridge, columns),
        ]
    plan = tell_plan(sheet)
    if plan is not None:
        role, keys = plan
        system = "kemendagri" if "code_column" in keys else None
        return [
            file_columns.FileShape(
                role, "activities with amounts", columns, keys=keys, system=system
            )
        ]
    return [_list_of_names(sheet, columns, keys) for keys in tell_names(sheet)]


def _names_of(bridge: dict[str, str], columns: tuple[str, ...]) -> list[file_columns.FileShape]:
    """A bridge that has names is a list of names too."""
    name = bridge.get("to_name_column")
    if name is None:
        return []
    keys = {"code_column": bridge["to_column"], "name_column": name}
    clue = "names beside the codes"
    return [file_columns.FileShape("names", clue, columns, keys=keys, system="kemendagri")]


def _list_of_names(
    sheet: sheets.Sheet, columns: tuple[str, ...], keys: dict[str, str]
) -> file_columns.FileShape:
    if (
        _BPS.search(keys["code_column"])
        or file_columns.code_system(sheet, keys["code_column"]) == "bps"
    ):
        return file_columns.FileShape(
            "left_out", "names by BPS codes; names count by Kemendagri codes", columns
        )
    return file_columns.FileShape(
        "names", "codes and names", columns, keys=keys, system="kemendagri"
    )
