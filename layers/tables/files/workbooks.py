"""Cells of XLSX, XLSB, XLS and ODS workbooks."""

import io
from difflib import get_close_matches

import python_calamine

from boundaries.file_kinds import FileKind
from layers.errors import InputError
from layers.tables.files.grids import CellGrid, Merge, SheetReading
from layers.tables.files.unseen import unseen_notes
from layers.tables.formats import ods, xls, xlsb, xlsx
from layers.tables.formats.marks import CellMarks, ReadMarks

_MARKS: dict[FileKind, ReadMarks] = {
    FileKind.XLSX: xlsx.read_xlsx_marks,
    FileKind.XLSB: xlsb.read_xlsb_marks,
    FileKind.XLS: xls.read_xls_marks,
    FileKind.ODS: ods.read_ods_marks,
}


def read_workbook(content: bytes, label: str, reading: SheetReading, kind: FileKind) -> CellGrid:
    """The cells of one sheet: the declared one, else the only one with what is expected.

    Numbers whose format changes what is seen, formulas without result and errors of formulas are
    cells of their own (`layers.tables.numbers.special_cells`).

    Raises
    ------
    InputError
        Not a workbook, protected by a password, or the sheet cannot be told.
    """
    if kind is FileKind.LOCKED:
        raise InputError(f"{label}: protected by a password; save it without one.")
    try:
        with python_calamine.load_workbook(io.BytesIO(content)) as book:
            name = _choose_sheet(book, label, reading)
            sheet = book.get_sheet_by_name(name)
            cells: list[list[object]] = [
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
    marks = _read_marks(content, label, name, kind)
    marks.apply(cells)
    marked = [row for row, _ in (*marks.parts, *marks.cell_marks)]
    unseen = unseen_notes(cells, marks.hidden_rows, marks.hidden_columns, marked)
    return CellGrid(cells, name, (*merges, *marks.merges), (*notes, *unseen))


def _read_marks(content: bytes, label: str, sheet: str, kind: FileKind) -> CellMarks:
    """What the file says of its cells beside their values.

    Raises
    ------
    InputError
        It cannot be read: then 85 % and 0.85 are not told apart, and no number is to be believed.
    """
    if kind not in _MARKS:
        raise InputError(f"{label}: {kind.value}, whose number formats cannot be read.")
    try:
        return _MARKS[kind](content, sheet)
    except Exception as error:
        # Readers of damaged files raise whatever they stumble over.
        raise InputError(
            f"{label}: the number formats of its cells cannot be read ({error}); open it in Excel "
            "or LibreOffice and save it as XLSX."
        ) from error


def _merges(sheet: python_calamine.CalamineSheet) -> tuple[Merge, ...]:
    ranges = sheet.merged_cell_ranges or []
    return tuple((top, left, bottom, right) for (top, left), (bottom, right) in ranges)


def _sheet_notes(book: python_calamine.CalamineWorkbook, name: str) -> tuple[str, ...]:
    others = [other for other in book.sheet_names if other != name]
    if not others:
        return ()
    return (f"sheet '{name}' read; not read: {', '.join(repr(other) for other in others)}",)


def _choose_sheet(book: python_calamine.CalamineWorkbook, label: str, reading: SheetReading) -> str:
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


def _has_all(book: python_calamine.CalamineWorkbook, name: str, reading: SheetReading) -> bool:
    from layers.tables.files.headers import fold

    rows = book.get_sheet_by_name(name).to_python(nrows=40)
    words = {fold(cell) for row in rows for cell in row}
    return all(fold(expected) in words for expected in reading.expected)
