"""What XLSB says of its cells beside their values: the few records of the binary format that do.

Source: [MS-XLSB], sections 2.1.4 (records), 2.4.655 (BrtFmt), 2.4.821 (BrtXF), 2.5.9 (Cell), and
BrtFont, BrtSSTItem, BrtRowHdr, BrtColInfo, BrtMergeCell, BrtCalcProp.
No maintained library reads the styles of this format.
"""

import io
import struct
from dataclasses import dataclass
from zipfile import ZipFile

from boundaries.texts import sheet_places
from layers.tables.formats import colours
from layers.tables.formats.marks import CellMarks, Parts, Position
from layers.tables.formats.xlsx import read_archive_theme, sheet_part
from layers.tables.numbers import format_codes, special_cells

_ROW, _SHEET, _FORMAT, _STYLE, _STYLES, _STYLES_END = 0, 156, 44, 47, 617, 618
_FILL = 45
_PAINTED = {461, 661}
"""BrtBeginConditionalFormatting, BrtListPart: rules and styles of tables paint cells too."""
_FONT, _STRING, _COLUMNS, _MERGE, _CALCULATION = 43, 19, 60, 176, 157
_NUMBERS = {2, 5, 9}
"""BrtCellRk, BrtCellReal, BrtFmlaNum."""
_SOLVED_NUMBER, _SOLVED_TEXT = 9, 8
"""BrtFmlaNum, BrtFmlaString."""
_TEXTS = {6, 7, 62, _SOLVED_TEXT}
"""BrtCellSt, BrtCellIsst, BrtCellRString, BrtFmlaString."""
_SHARED_TEXT, _RICH_TEXT = 7, 62
_MOST_COLUMNS = 16_384
Runs = list[tuple[int, int]]
"""Where the font of a text changes, and the number of the font from there on."""
_ERRORS = {3, 11}
"""BrtCellError, BrtFmlaError."""
_ERROR_NAMES = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


def read_xlsb_marks(content: bytes, sheet: str) -> CellMarks:
    """What the workbook says of the cells of one sheet."""
    with ZipFile(io.BytesIO(content)) as archive:
        book = archive.read("xl/workbook.bin")
        part = sheet_part(archive, "xl/workbook.bin", _relation_of(book, sheet))
        names = archive.namelist()
        styles = archive.read("xl/styles.bin") if "xl/styles.bin" in names else b""
        strings = archive.read("xl/sharedStrings.bin") if "xl/sharedStrings.bin" in names else b""
        cells = b"" if part is None else archive.read(part)
        theme = read_archive_theme(archive)
    reader = _SheetReader(_Styles.of(styles, theme), strings, _is_solved_on_load(book))
    for kind, data in sheet_places.records(cells):
        reader.take(kind, data)
    if reader.is_painted:
        reader.marks.unseen.clear()
    return reader.marks


class _SheetReader:
    """Collects what the records of a sheet tell."""

    def __init__(self, styles: "_Styles", strings: bytes, is_solved_on_load: bool) -> None:
        self.marks = CellMarks()
        self._styles = styles
        self._texts = styles.marked_strings(strings)
        self._is_solved_on_load = is_solved_on_load
        self._places = sheet_places.RowPlaces()
        self.is_painted = False

    def take(self, kind: int, data: bytes) -> None:
        """One record."""
        if kind == _ROW:
            self._places.begin(struct.unpack_from("<I", data)[0])
            height = struct.unpack_from("<H", data, 8)[0] if len(data) > 9 else 1
            if height == 0 or (len(data) > 11 and data[11] & 0x10):
                self.marks.hidden_rows.append(self._places.row)
        elif kind == _COLUMNS:
            first, last = struct.unpack_from("<II", data)
            if data[16] & 1 or not struct.unpack_from("<I", data, 8)[0]:
                self.marks.hidden_columns += range(first, min(last + 1, _MOST_COLUMNS))
        elif kind == _MERGE:
            top, bottom, left, right = struct.unpack_from("<IIII", data)
            self.marks.merges.append((top, left, bottom, right))
        elif kind in _PAINTED:
            self.is_painted = True
        elif kind in _NUMBERS or kind in _ERRORS or kind in _TEXTS:
            column, style = struct.unpack_from("<II", data)
            self._places.add(column)
            self._take_cell((self._places.row, column), kind, data, style & 0xFFFFFF)

    def _take_cell(self, position: Position, kind: int, data: bytes, style: int) -> None:
        code = self._styles.formats.get(style)
        if style in self._styles.unseen:
            self.marks.unseen.add(position)
        if kind in _ERRORS:
            self.marks.errors[position] = _ERROR_NAMES.get(data[8], "#N/A")
        elif self._is_unsolved(kind, data):
            self.marks.unsolved.add(position)
        elif kind in _NUMBERS and code is not None:
            self.marks.formats[position] = code
        mark = self._styles.fonts.get(style, special_cells.Mark.PLAIN)
        parts = self._parts(kind, data, mark)
        if parts:
            self.marks.parts[position] = parts
        elif mark is not special_cells.Mark.PLAIN:
            self.marks.cell_marks[position] = mark

    def _is_unsolved(self, kind: int, data: bytes) -> bool:
        """The zero or empty text of a program that leaves the calculation to the reader."""
        if not self._is_solved_on_load:
            return False
        if kind == _SOLVED_NUMBER:
            return bool(struct.unpack_from("<d", data, 8)[0] == 0)
        return kind == _SOLVED_TEXT and _text(data, 8)[0] == ""

    def _parts(self, kind: int, data: bytes, mark: special_cells.Mark) -> Parts:
        if kind == _SHARED_TEXT:
            text, runs = self._texts.get(struct.unpack_from("<I", data, 8)[0], ("", []))
        elif kind == _RICH_TEXT:
            # The reader of values does not know texts that stand in their cell.
            text, runs = _rich_text(data, 8)
            return self._styles.parts(text, runs, mark) or [(text, special_cells.Mark.PLAIN)]
        else:
            return []
        return self._styles.parts(text, runs, mark)


def _text(data: bytes, offset: int) -> tuple[str, int]:
    """A string with its length in front, and where it ends."""
    length = struct.unpack_from("<I", data, offset)[0]
    if length == 0xFFFFFFFF:
        return "", offset + 4
    end = offset + 4 + 2 * length
    return data[offset + 4 : end].decode("utf-16-le"), end


def _relation_of(book: bytes, sheet: str) -> str | None:
    for kind, data in sheet_places.records(book):
        if kind == _SHEET:
            relation, end = _text(data, 8)
            if _text(data, end)[0] == sheet:
                return relation
    return None


def _is_solved_on_load(book: bytes) -> bool:
    """Whether the results are only placeholders, as programs write them that do not calculate."""
    return any(
        kind == _CALCULATION and len(data) > 24 and data[24] & 1
        for kind, data in sheet_places.records(book)
    )


def _rich_text(data: bytes, offset: int) -> tuple[str, Runs]:
    """A text with the places where its font changes, and the number of each font."""
    text, end = _text(data, offset + 1)
    if not data[offset] & 1 or end + 4 > len(data):
        return text, []
    count = struct.unpack_from("<I", data, end)[0]
    whole = min(count, (len(data) - end - 4) // 4)
    return text, [struct.unpack_from("<HH", data, end + 4 + 4 * run) for run in range(whole)]


@dataclass(frozen=True, slots=True)
class _Styles:
    """What changes the look of a cell by number of its style, and that of a run by its font."""

    formats: dict[int, str]
    fonts: dict[int, special_cells.Mark]
    font_marks: list[special_cells.Mark]
    unseen: frozenset[int]

    @classmethod
    def of(cls, styles: bytes, theme: list[colours.Colour | None]) -> "_Styles":
        """The styles of a workbook."""
        codes: dict[int, str] = {}
        formats: dict[int, str] = {}
        fonts: dict[int, special_cells.Mark] = {}
        font_marks: list[special_cells.Mark] = []
        texts: list[colours.Colour | None] = []
        grounds: list[colours.Colour | None] = []
        unseen = set[int]()
        number = -1
        is_inside = False
        for kind, data in sheet_places.records(styles):
            if kind == _FORMAT:
                codes[struct.unpack_from("<H", data)[0]] = _text(data, 2)[0]
            elif kind == _FONT:
                font_marks.append(_mark_of(data))
                texts.append(_colour(data, 12, theme))
            elif kind == _FILL:
                grounds.append(_ground(data, theme))
            elif kind in (_STYLES, _STYLES_END):
                is_inside = kind == _STYLES
            elif kind == _STYLE and is_inside:
                number += 1
                key, font, fill = struct.unpack_from("<HHH", data, 2)
                text = texts[font] if font < len(texts) else None
                ground = grounds[fill] if fill < len(grounds) else colours.WHITE
                if colours.is_unseen(text, ground):
                    unseen.add(number)
                code = codes.get(key) or format_codes.built_in_format(key)
                if code is not None and not format_codes.is_plain(code):
                    formats[number] = code
                if font < len(font_marks) and font_marks[font] is not special_cells.Mark.PLAIN:
                    fonts[number] = font_marks[font]
        return cls(formats, fonts, font_marks, frozenset(unseen))

    def marked_strings(self, strings: bytes) -> dict[int, tuple[str, Runs]]:
        """Shared texts in which the font changes, by number, where the workbook marks any."""
        if set(self.font_marks) <= {special_cells.Mark.PLAIN}:
            return {}
        items = (data for kind, data in sheet_places.records(strings) if kind == _STRING)
        texts = ((number, _rich_text(data, 0)) for number, data in enumerate(items))
        return {number: (text, runs) for number, (text, runs) in texts if runs}

    def parts(self, text: str, runs: Runs, first: special_cells.Mark) -> Parts:
        """The text cut where its font changes, empty where no part is marked."""
        marks = [
            self.font_marks[font] if font < len(self.font_marks) else first for _, font in runs
        ]
        starts = [
            (0, first),
            *((offset, mark) for (offset, _), mark in zip(runs, marks, strict=True)),
        ]
        ends = [*(offset for offset, _ in starts[1:]), len(text)]
        cut = [(text[start:end], mark) for (start, mark), end in zip(starts, ends, strict=True)]
        return cut if any(mark is not special_cells.Mark.PLAIN for _, mark in cut) else []


def _colour(data: bytes, offset: int, theme: list[colours.Colour | None]) -> colours.Colour | None:
    """A BrtColor: automatic (not known here), of the palette, of its own, or of the theme."""
    if len(data) < offset + 8:
        return None
    flags, number, tint, red, green, blue, _ = struct.unpack_from("<BBhBBBB", data, offset)
    kind = flags >> 1
    if kind == 1:
        return colours.numbered_colour(number)
    if kind == 2:
        return red, green, blue
    return colours.themed_colour(theme, number, tint / 32767) if kind == 3 else None


def _ground(data: bytes, theme: list[colours.Colour | None]) -> colours.Colour | None:
    """What a BrtFill paints: white where it paints nothing, None for a pattern."""
    pattern = struct.unpack_from("<I", data)[0] if len(data) >= 4 else 0
    if pattern == 0:
        return colours.WHITE
    return _colour(data, 4, theme) if pattern == 1 else None


def _mark_of(font: bytes) -> special_cells.Mark:
    """How a font writes its text: the flag of a line through it, and sub- or superscript."""
    _, flags, _, script = struct.unpack_from("<HHHH", font)
    if flags & 0x08:
        return special_cells.Mark.STRUCK
    return special_cells.Mark.RAISED if script in (1, 2) else special_cells.Mark.PLAIN
