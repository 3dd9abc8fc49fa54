"""Cells of XLSX, XLSB, XLS and ODS workbooks."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import python_calamine

from layers.errors import InputError
from layers.tables.grids import Grid, Merge, Reading


def read_workbook(path: Path, label: str, reading: Reading) -> Grid:
    """The cells of one sheet: the declared one, else the only one with what is expected.

    Raises
    ------
    InputError
        Not a workbook, protected by a password, or the sheet cannot be told.
    """
    try:
        with python_calamine.load_workbook(path) as book:
            name = _choose_sheet(book, label, reading)
            sheet = book.get_sheet_by_name(name)
            cells = [
                [None if cell == "" else cell for cell in row]
                for row in sheet.to_python(skip_empty_area=False)
            ]
            merges = _merges(sheet)
            notes = _sheet_notes(book, name)
    except InputError:
        raise
    except python_calamine.PasswordError as error:
        raise InputError(f"{label}: protected by a password; save it without one.") from error
    except BaseException as error:
        # A panic of the Rust reader on a broken file is no Exception; it must end as a message too.
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise InputError(f"{label}: not a readable workbook: {error}.") from error
    return Grid(cells, name, merges, notes)


def _merges(sheet: python_calamine.CalamineSheet) -> tuple[Merge, ...]:
    ranges = sheet.merged_cell_ranges or []
    return tuple((top, left, bottom, right) for (top, left), (bottom, right) in ranges)


def _sheet_notes(book: python_calamine.CalamineWorkbook, name: str) -> tuple[str, ...]:
    others = [other for other in book.sheet_names if other != name]
    if not others:
        return ()
    return (f"sheet '{name}' read; not read: {', '.join(repr(other) for other in others)}",)


def _choose_sheet(book: python_calamine.CalamineWorkbook, label: str, reading: Reading) -> str:
    names: list[str] = list(book.sheet_names)
    if reading.sheet is not None:
        if reading.sheet in names:
            return reading.sheet
        near = get_close_matches(reading.sheet, names, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise InputError(f"{label}: no sheet '{reading.sheet}'; it has {names}.{hint}")
    filled = [name for name in names if book.get_sheet_by_name(name).height > 0]
    if not filled:
        raise InputError(f"{label}: no sheet of it has a filled cell.")
    if len(filled) > 1 and reading.expected:
        best = [name for name in filled if _has_all(book, name, reading)]
        if len(best) > 1:
            raise InputError(f"{label}: sheets {best} all fit; say which with 'sheet'.")
        filled = best or filled
    return filled[0]


def _has_all(book: python_calamine.CalamineWorkbook, name: str, reading: Reading) -> bool:
    from layers.tables.headers import fold

    rows = book.get_sheet_by_name(name).to_python(nrows=40)
    words = {fold(cell) for row in rows for cell in row}
    return all(fold(expected) in words for expected in reading.expected)
