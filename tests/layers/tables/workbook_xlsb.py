"""A binary workbook of Excel, record by record."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from pathlib import Path

from tests.layers.tables import workbook_cells


def write_xlsb(
    path: Path, rows: workbook_cells.Rows, layout: workbook_cells.Layout = workbook_cells.PLAIN
) -> None:
    """The records of [MS-XLSB] that a sheet of numbers and texts needs; no program writes them."""
    codes = sorted(
        {cell.code for row in rows for cell in row if isinstance(cell, workbook_cells.Styled)}
    )
    styles = _record(615, struct.pack("<I", len(codes))) + b"".join(
        _record(44, struct.pack("<H", 164 + n) + _text(code)) for n, code in enumerate(codes)
    )
    styles += _record(611, struct.pack("<I", 4 + len(workbook_cells.TEXTS)))
    for flags, script in ((0, 0), (0, 1), (0, 2), (8, 0)):
        styles += _record(
            43, struct.pack("<HHHH", 220, flags, 400, script) + bytes(13) + _text("A")
        )
    for text in workbook_cells.TEXTS:
        font = struct.pack("<HHHH", 220, 0, 400, 0) + bytes(4) + _colour(text) + bytes(1)
        styles += _record(43, font + _text("A"))
    styles += _record(603, struct.pack("<I", len(workbook_cells.GROUNDS)))
    for ground in workbook_cells.GROUNDS:
        solid = struct.pack("<I", ground is not None) + _colour(ground or workbook_cells.WHITE)
        styles += _record(45, solid + bytes(56))
    painted = [
        (0, 4 + n, fill)
        for n in range(len(workbook_cells.TEXTS))
        for fill in range(len(workbook_cells.GROUNDS))
    ]
    plain = [(0, 0), *((164 + n, 0) for n in range(len(codes))), (14, 0), (0, 3)]
    formats = [*((*pair, 0) for pair in plain), *painted]
    styles += _record(617, struct.pack("<I", len(formats))) + b"".join(
        _record(47, struct.pack("<HHHHHBBH", 0, code, font, fill, 0, 0, 0, 0))
        for code, font, fill in formats
    )
    styles += _record(618)
    width = max(map(len, rows))
    strings: list[workbook_cells.Rich] = []
    sheet = _record(129) + _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1))
    sheet += b"".join(
        _record(60, struct.pack("<IIIIH", x, x, 2560, 0, 1)) for x in layout.hidden_columns
    )
    sheet += _record(145)
    for y, row in enumerate(rows):
        hidden = 0x10 if y in layout.hidden_rows else 0
        sheet += _record(0, struct.pack("<IIHBBBI", y, 0, 300, 0, hidden, 0, 0))
        for x, cell in enumerate(row):
            style = 1 + codes.index(cell.code) if isinstance(cell, workbook_cells.Styled) else 0
            style = len(plain) - 2 if isinstance(cell, dt.date) else style
            style = len(plain) - 1 if isinstance(cell, workbook_cells.Struck) else style
            if isinstance(cell, workbook_cells.Painted):
                fill = workbook_cells.TEXTS.index(cell.text) * len(
                    workbook_cells.GROUNDS
                ) + workbook_cells.GROUNDS.index(cell.ground)
                style = len(plain) + fill
            sheet += _xlsb_cell(cell, struct.pack("<II", x, style), strings)
    sheet += _record(146)
    for top, left, bottom, right in layout.merges:
        sheet += _record(176, struct.pack("<IIII", top, bottom, left, right))
    sheet += _record(130)
    texts = b"".join(_record(19, _xlsb_rich(cell)) for cell in strings)
    count = struct.pack("<II", len(strings), len(strings))
    is_solved_on_load = any(
        isinstance(cell, workbook_cells.Formula) for row in rows for cell in row
    )
    book = _record(131) + _record(143)
    book += _record(156, struct.pack("<II", 0, 1) + _text("rId1") + _text("Sheet"))
    book += _record(144)
    book += _record(157, struct.pack("<IIIdIH", 191029, 1, 100, 0.001, 1, is_solved_on_load))
    book += _record(132)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/styles.bin", styles)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
        archive.writestr("xl/sharedStrings.bin", _record(159, count) + texts + _record(160))
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/'
            f'2006/relationships"><Relationship Id="rId1" Type="{relation}/worksheet" '
            'Target="worksheets/sheet1.bin"/></Relationships>',
        )


def _xlsb_rich(cell: workbook_cells.Rich) -> bytes:
    starts = [sum(len(text) for text, _ in cell.parts[:n]) for n in range(len(cell.parts))]
    fonts = [("", "sup", "sub", "s").index(look) for _, look in cell.parts]
    runs = b"".join(map(struct.Struct("<HH").pack, starts, fonts))
    return b"\1" + _text(cell.text) + struct.pack("<I", len(fonts)) + runs


def _xlsb_cell(cell: object, place: bytes, strings: list[workbook_cells.Rich]) -> bytes:
    """A text whose first part is marked stands in its cell, others among the shared texts."""
    if cell is None:
        return _record(1, place)
    if isinstance(cell, workbook_cells.Failed):
        return _record(3, place + bytes([workbook_cells.ERRORS[cell.name]]))
    if isinstance(cell, workbook_cells.Formula):
        return _record(9, place + struct.pack("<dHI", 0, 0, 0) + bytes(4))
    if isinstance(cell, workbook_cells.Struck | workbook_cells.Painted):
        return _xlsb_cell(cell.value, place, strings)
    if isinstance(cell, workbook_cells.Rich):
        if cell.parts[0][1]:
            return _record(62, place + _xlsb_rich(cell))
        strings.append(cell)
        return _record(7, place + struct.pack("<I", len(strings) - 1))
    if isinstance(cell, workbook_cells.Styled):
        return _record(5, place + struct.pack("<d", cell.number))
    if isinstance(cell, dt.date):
        return _record(5, place + struct.pack("<d", (cell - dt.date(1899, 12, 30)).days))
    if isinstance(cell, int | float):
        return _record(5, place + struct.pack("<d", cell))
    return _record(6, place + _text(str(cell)))


def _colour(text: str) -> bytes:
    """A BrtColor of its own red, green and blue."""
    return struct.pack("<BBh", 5, 0, 0) + bytes.fromhex(text) + b"\xff"


def _record(kind: int, data: bytes = b"") -> bytes:
    head = io.BytesIO()
    head.write(bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7]))
    size = len(data)
    while True:
        head.write(bytes([size & 0x7F | (0x80 if size > 127 else 0)]))
        size >>= 7
        if not size:
            return head.getvalue() + data


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")
