"""Where the cells of a workbook's sheets stand: twice in one place, or in none.

No program shows such a sheet as it is stored, and the readers of values keep one of two cells, or
end at the first row they cannot place, without a word.
"""

import io
import re
import struct
from collections.abc import Callable, Iterator
from zipfile import ZipFile

import xlrd

from boundaries.file_kinds import FileKind

LARGEST_ROW = 1_048_576
_REFERENCE = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Za-z]+)(\d+)[\"']")
_ROW, _CELLS = 0, frozenset(range(2, 12)) | {62}
"""Records of XLSB: BrtRowHdr, and cells that hold something."""
_CELLS_OF_XLS = frozenset({0x06, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x27E})
"""FORMULA, RSTRING, LABELSST, NUMBER, LABEL, BOOLERR, RK; empty cells hold nothing."""
_MANY_NUMBERS, _BEGIN, _END = 0xBD, 0x809, 0x0A


class BrokenSheetError(ValueError):
    """A sheet that no program shows as it is stored: cells in one place, or outside of it."""


def check_places(content: bytes, kind: FileKind) -> None:
    """Refuse a workbook of which a sheet is broken; of ODS its order is the place.

    Raises
    ------
    BrokenSheetError
        Two cells in one place, or rows outside the sheet or before others.
    """
    if kind is FileKind.XLS:
        book = xlrd.open_workbook(file_contents=content, on_demand=True, logfile=io.StringIO())
        for sheet in book.sheet_names():
            check_xls(book, sheet)
        return
    checks: dict[FileKind, tuple[str, Callable[[bytes], None]]] = {
        FileKind.XLSX: (".xml", check_xlsx),
        FileKind.XLSB: (".bin", _check_xlsb),
    }
    if kind not in checks:
        return
    ending, check = checks[kind]
    with ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet") and name.endswith(ending):
                check(archive.read(name))


def check_xlsx(text: bytes) -> None:
    """Refuse two cells of one reference: of these the reader of values keeps the last."""
    rows: set[bytes] = set()
    columns: set[bytes] = set()
    row = b""
    for letters, number in (match.groups() for match in _REFERENCE.finditer(text)):
        if number != row:
            if number in rows:
                raise BrokenSheetError(f"row {number.decode()} stands there twice")
            rows.add(number)
            row = number
            columns.clear()
        if letters in columns:
            raise BrokenSheetError(f"two cells are called {(letters + number).decode()}")
        columns.add(letters)


def _check_xlsb(content: bytes) -> None:
    places = RowPlaces()
    for kind, data in records(content):
        if kind == _ROW:
            places.begin(struct.unpack_from("<I", data)[0])
        elif kind in _CELLS:
            places.add(struct.unpack_from("<I", data)[0])


class RowPlaces:
    """The place at which a sheet of XLSB is being read."""

    def __init__(self) -> None:
        self.row = -1
        self._columns: set[int] = set()

    def begin(self, row: int) -> None:
        """The next row of the sheet."""
        if row >= LARGEST_ROW:
            raise BrokenSheetError(f"row {row + 1} is beyond the last one of a sheet")
        if row <= self.row:
            raise BrokenSheetError(f"row {row + 1} comes after row {self.row + 1}")
        self.row = row
        self._columns.clear()

    def add(self, column: int) -> None:
        """The next cell of the row."""
        if column in self._columns:
            raise BrokenSheetError(f"two cells stand in row {self.row + 1}, column {column + 1}")
        self._columns.add(column)


def records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and data of each record of XLSB: both numbers before the data are of variable length."""
    offset = 0
    while offset < len(content):
        kind = content[offset]
        offset += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | ((content[offset] & 0x7F) << 7)
            offset += 1
        size = shift = 0
        while True:
            byte = content[offset]
            offset += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift == 28:
                break
        yield kind, content[offset : offset + size]
        offset += size


def check_xls(book: xlrd.book.Book, sheet: str) -> None:
    """Refuse two cells of one place in a sheet of XLS, which the reader keeps the last of."""
    cells: set[tuple[int, int]] = set()
    for row, column in _cells_of_xls(book, book.sheet_names().index(sheet)):
        if (row, column) in cells:
            raise BrokenSheetError(f"two cells stand in row {row + 1}, column {column + 1}")
        cells.add((row, column))


def _cells_of_xls(book: xlrd.book.Book, number: int) -> Iterator[tuple[int, int]]:
    """Row and column of each cell that holds something, in the order of the file."""
    offset, depth = book._sh_abs_posn[number], 0  # xlrd tells its sheets nowhere else
    while offset + 4 <= len(book.mem):
        kind, size = struct.unpack_from("<HH", book.mem, offset)
        data = offset + 4
        # Charts within a sheet are sheets of their own.
        depth += (kind == _BEGIN) - (kind == _END)
        if depth == 0:
            return
        if depth == 1 and kind in _CELLS_OF_XLS and size >= 4:
            yield struct.unpack_from("<HH", book.mem, data)
        elif depth == 1 and kind == _MANY_NUMBERS and size >= 6:
            row, first = struct.unpack_from("<HH", book.mem, data)
            (last,) = struct.unpack_from("<H", book.mem, data + size - 2)
            yield from ((row, column) for column in range(first, last + 1))
        offset = data + size
