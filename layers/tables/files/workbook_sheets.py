"""Cells of XLSX, XLSB, XLS and ODS workbooks."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from boundaries.file_kinds import FileKind
from boundaries.texts.sheet_places import BrokenSheetError
from boundaries.texts.workbooks import Workbook
from layers.errors import InputError
from layers.tables.files import grids, headers
from layers.tables.files.unseen import unseen_notes
from layers.tables.formats import ods, xls, xlsb, xlsx
from layers.tables.formats.marks import CellMarks, ReadMarks

MOST_NAMED = 20
_MARKS: dict[FileKind, ReadMarks] = {
    FileKind.XLSX: xlsx.read_xlsx_marks,
    FileKind.XLSB: xlsb.read_xlsb_marks,
    FileKind.XLS: xls.read_xls_marks,
    FileKind.ODS: ods.read_ods_marks,
}


def read_workbook(
    content: bytes, label: str, reading: grids.SheetReading, kind: FileKind
) -> grids.CellGrid:
    """The cells of one sheet: the declared one, else the only one with what is expected.

    Numbers whose format changes what is seen, formulas without result and errors of formulas are
    cells of their own (`layers.tables.numbers.special_cells`).

    Raises
    ------
    InputError
        Not a workbook, protected by a password, or it is not clear which sheet.
    """
    if kind is FileKind.LOCKED:
        raise InputError(f"{label}: protected by a password; save it without one.")
    book = Workbook(content, label)
    sheets = SheetNames(book.sheets, book.is_filled, book.first_rows, book.hidden_sheets)
    name = sheets.choose(label, reading)
    cells, merges = book.read(name)
    marks = _read_marks(content, label, name, kind)
    marks.apply(cells)
    marked = [row for row, _ in (*marks.parts, *marks.cell_marks)]
    unseen = unseen_notes(cells, marks.hidden_rows, marks.hidden_columns, marked, marks.unseen)
    return grids.CellGrid(cells, name, (*merges, *marks.merges), (*sheets.notes(name), *unseen))


def _read_marks(content: bytes, label: str, sheet: str, kind: FileKind) -> CellMarks:
    """What the file says of its cells beside their values.

    Raises
    ------
    InputError
        It cannot be read: then 85 % and 0.85 look the same, and no number is to be believed.
        Or cells of it are in one place, or in none.
    """
    if kind not in _MARKS:
        raise InputError(f"{label}: {kind.value}, whose number formats cannot be read.")
    try:
        return _MARKS[kind](content, sheet)
    except BrokenSheetError as error:
        raise InputError(
            f"{label}: the sheet '{sheet}' is broken: {error}, and rows of it would be lost. Let "
            "the program that wrote it write it anew, or type the sheet into a new workbook."
        ) from error
    except Exception as error:
        # Readers of damaged files raise whatever they stumble over.
        raise InputError(
            f"{label}: the number formats of its cells cannot be read ({error}); open it in Excel "
            "or LibreOffice and save it as XLSX."
        ) from error


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(map(repr, names[:MOST_NAMED]))}{more}"


@dataclass(frozen=True, slots=True)
class SheetNames:
    """The sheets of a workbook, and which of them a person does not see."""

    names: Sequence[str]
    is_filled: Callable[[str], bool]
    first_rows: Callable[[str], Sequence[Sequence[object]]]
    hidden: Collection[str] = ()

    def notes(self, chosen: str) -> tuple[str, ...]:
        """Which sheet is read and which are not, where there are several."""
        others = [name for name in self.names if name != chosen]
        notes = []
        if others:
            notes.append(f"sheet '{chosen}' read; not read: {_listed(others)}")
        if chosen in self.hidden:
            notes.append(f"sheet '{chosen}' is hidden in the workbook and read all the same")
        return tuple(notes)

    def choose(self, label: str, reading: grids.SheetReading) -> str:
        """The declared sheet, else the only one with what is expected, else the first filled one.

        Those that are hidden come after all that are not.

        Raises
        ------
        InputError
            There is no such sheet, none has a cell, or several fit.
        """
        if reading.sheet is not None:
            return self._declared(label, reading.sheet)
        filled = [name for name in self.names if self.is_filled(name)]
        if not filled:
            raise InputError(f"{label}: no sheet of it has a filled cell.")
        visible = [name for name in filled if name not in self.hidden]
        concealed = [name for name in filled if name in self.hidden]
        expected = {headers.fold(name) for name in reading.expected}
        for names in (visible, concealed):
            fitting = [name for name in names if expected and self._has(name, expected)]
            if len(fitting) > 1:
                listed = _listed(fitting)
                raise InputError(f"{label}: sheets {listed} all fit; say which with 'sheet'.")
            if fitting:
                return fitting[0]
        return (visible or filled)[0]

    def _declared(self, label: str, sheet: str) -> str:
        if sheet in self.names:
            return sheet
        near = get_close_matches(sheet, self.names, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise InputError(f"{label}: no sheet '{sheet}'; it has {_listed(self.names)}.{hint}")

    def _has(self, sheet: str, expected: Collection[str]) -> bool:
        words = {headers.fold(cell) for row in self.first_rows(sheet) for cell in row}
        return all(name in words for name in expected)
