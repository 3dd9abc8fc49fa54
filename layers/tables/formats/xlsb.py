"""Number formats and errors of XLSB: the few records of the binary format that tell them.

Source: [MS-XLSB], sections 2.1.4 (records), 2.4.655 (BrtFmt), 2.4.821 (BrtXF), 2.5.9 (Cell).
No maintained library reads the styles of this format.
"""

import io
import struct
from collections.abc import Iterator
from zipfile import ZipFile

from layers.tables.formats.marks import CellMarks
from layers.tables.formats.xlsx import sheet_part
from layers.tables.numbers.format_codes import built_in_format, is_plain

_ROW, _SHEET, _FORMAT, _STYLE, _STYLES, _STYLES_END = 0, 156, 44, 47, 617, 618
_NUMBERS = {2, 5, 9}
"""BrtCellRk, BrtCellReal, BrtFmlaNum."""
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
        relation = _relation_of(archive.read("xl/workbook.bin"), sheet)
        part = sheet_part(archive, "xl/workbook.bin", relation)
        has_styles = "xl/styles.bin" in archive.namelist()
        formats = _style_formats(archive.read("xl/styles.bin")) if has_styles else {}
        cells = b"" if part is None else archive.read(part)
    marks = CellMarks()
    row = -1
    for kind, data in _records(cells):
        if kind == _ROW:
            row = struct.unpack_from("<I", data)[0]
        elif kind in _NUMBERS or kind in _ERRORS:
            column, style = struct.unpack_from("<II", data)
            code = formats.get(style & 0xFFFFFF)
            if kind in _ERRORS:
                marks.errors[row, column] = _ERROR_NAMES.get(data[8], "#N/A")
            elif code is not None:
                marks.formats[row, column] = code
    return marks


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and data of each record: both numbers before the data are of variable length."""
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


def _text(data: bytes, offset: int) -> tuple[str, int]:
    """A string with its length in front, and where it ends."""
    length = struct.unpack_from("<I", data, offset)[0]
    if length == 0xFFFFFFFF:
        return "", offset + 4
    end = offset + 4 + 2 * length
    return data[offset + 4 : end].decode("utf-16-le"), end


def _relation_of(book: bytes, sheet: str) -> str | None:
    for kind, data in _records(book):
        if kind == _SHEET:
            relation, end = _text(data, 8)
            if _text(data, end)[0] == sheet:
                return relation
    return None


def _style_formats(styles: bytes) -> dict[int, str]:
    """The codes that change what is seen, by number of the cell style."""
    codes: dict[int, str] = {}
    formats: dict[int, str] = {}
    number = -1
    is_inside = False
    for kind, data in _records(styles):
        if kind == _FORMAT:
            codes[struct.unpack_from("<H", data)[0]] = _text(data, 2)[0]
        elif kind in (_STYLES, _STYLES_END):
            is_inside = kind == _STYLES
        elif kind == _STYLE and is_inside:
            number += 1
            key = struct.unpack_from("<H", data, 2)[0]
            code = codes.get(key) or built_in_format(key)
            if code is not None and not is_plain(code):
                formats[number] = code
    return formats
