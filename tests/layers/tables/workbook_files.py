"""Workbooks of one sheet in every format, with number formats, formulas and errors in cells."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Protocol

import openpyxl
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

ERRORS = {"#DIV/0!": 0x07, "#REF!": 0x17, "#N/A": 0x2A}


@dataclass(frozen=True)
class Styled:
    """A number with its format code."""

    number: float
    code: str


@dataclass(frozen=True)
class Formula:
    """A formula as programs write it that do not calculate."""

    text: str = "A1+1"


@dataclass(frozen=True)
class Failed:
    """A formula that ended in an error."""

    name: str = "#DIV/0!"


@dataclass(frozen=True)
class Rich:
    """A text of parts: plain, ``sup``, ``sub`` or ``s`` (struck out)."""

    parts: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(text for text, _ in self.parts)


@dataclass(frozen=True)
class Struck:
    """A cell that is struck out as a whole."""

    value: float | str


@dataclass(frozen=True)
class Layout:
    """Rows and columns of a sheet, from 0, that are hidden; ranges that are merged."""

    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    merges: tuple[tuple[int, int, int, int], ...] = ()


PLAIN = Layout()
Rows = Sequence[Sequence[object]]


def write_xlsx(path: Path, rows: Rows, layout: Layout = PLAIN) -> None:
    """By openpyxl."""
    book = openpyxl.Workbook()
    for number in layout.hidden_rows:
        book.active.row_dimensions[number + 1].hidden = True
    for column in layout.hidden_columns:
        book.active.column_dimensions["ABCDEFGH"[column]].hidden = True
    for y, row in enumerate(rows, start=1):
        for x, cell in enumerate(row, start=1):
            target = book.active.cell(y, x)
            if isinstance(cell, Styled):
                target.value, target.number_format = cell.number, cell.code
            elif isinstance(cell, Formula):
                target.value = f"={cell.text}"
            elif isinstance(cell, Struck):
                target.value, target.font = cell.value, Font(strike=True)
            elif isinstance(cell, Rich):
                target.value = CellRichText(
                    *(TextBlock(_INLINE_FONTS[look], text) for text, look in cell.parts)
                )
            else:
                target.value = cell.name if isinstance(cell, Failed) else cell
    for top, left, bottom, right in layout.merges:
        book.active.merge_cells(
            start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1
        )
    book.save(path)


_INLINE_FONTS = {
    "": InlineFont(),
    "sup": InlineFont(vertAlign="superscript"),
    "sub": InlineFont(vertAlign="subscript"),
    "s": InlineFont(strike=True),
}


def write_xls(path: Path, rows: Rows, layout: Layout = PLAIN) -> None:
    """By xlwt, which writes no errors."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet", cell_overwrite_ok=True)
    for number in layout.hidden_rows:
        sheet.row(number).hidden = True
    for number in layout.hidden_columns:
        sheet.col(number).hidden = True
    for top, left, bottom, right in layout.merges:
        sheet.merge(top, bottom, left, right)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            _write_xls_cell(sheet, y, x, cell)
    book.save(str(path))


def _write_xls_cell(sheet: xlwt.Worksheet, y: int, x: int, cell: object) -> None:
    if isinstance(cell, Styled):
        sheet.write(y, x, cell.number, xlwt.easyxf(num_format_str=cell.code))
    elif isinstance(cell, Formula):
        sheet.write(y, x, xlwt.Formula(cell.text))
    elif isinstance(cell, Failed):
        sheet.row(y).set_cell_error(x, ERRORS[cell.name])
    elif isinstance(cell, Struck):
        sheet.write(y, x, cell.value, xlwt.easyxf("font: struck_out on"))
    elif isinstance(cell, Rich):
        sheet.write_rich_text(
            y, x, [(text, xlwt.easyfont(_EASY_FONTS[look])) for text, look in cell.parts]
        )
    elif isinstance(cell, dt.date):
        sheet.write(y, x, cell, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    elif cell is not None:
        sheet.write(y, x, cell)


_EASY_FONTS = {
    "": "bold off",
    "sup": "escapement superscript",
    "sub": "escapement subscript",
    "s": "struck_out on",
}

_ODS = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:automatic-styles>{styles}"
    '<style:style style:name="sup" style:family="text"><style:text-properties '
    'style:text-position="super 58%"/></style:style>'
    '<style:style style:name="sub" style:family="text"><style:text-properties '
    'style:text-position="sub 58%"/></style:style>'
    '<style:style style:name="s" style:family="text"><style:text-properties '
    'style:text-line-through-style="solid" style:text-line-through-type="single"/></style:style>'
    '<style:style style:name="cs" style:family="table-cell"><style:text-properties '
    'style:text-line-through-style="solid"/></style:style>'
    "</office:automatic-styles><office:body><office:spreadsheet>"
    '<table:table table:name="Sheet">{columns}{rows}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)
_ODS_STYLES = {
    "0.0%": '<number:percentage-style style:name="N{n}"><number:number number:decimal-places="1"/>'
    "<number:text>%</number:text></number:percentage-style>",
    '0.0"%"': '<number:number-style style:name="N{n}"><number:number number:decimal-places="1"/>'
    "<number:text>%</number:text></number:number-style>",
    '#,##0,"rb"': '<number:number-style style:name="N{n}"><number:number '
    'number:display-factor="1000"/><number:text>rb</number:text>'
    "</number:number-style>",
    "#,##0,": '<number:number-style style:name="N{n}"><number:number '
    'number:display-factor="1000"/></number:number-style>',
    '0"rb"': '<number:number-style style:name="N{n}"><number:number/><number:text>rb</number:text>'
    "</number:number-style>",
    '0" jiwa"': '<number:number-style style:name="N{n}"><number:number/>'
    "<number:text> jiwa</number:text></number:number-style>",
    ";;;": '<number:number-style style:name="N{n}"><number:text/></number:number-style>',
}


def write_ods(path: Path, rows: Rows, layout: Layout = PLAIN) -> None:
    """As LibreOffice writes it: a percent cell has a type of its own."""
    styles = "".join(
        style.format(n=n) + f'<style:style style:name="ce{n}" style:family="table-cell" '
        f'style:data-style-name="N{n}"/>'
        for n, style in enumerate(_ODS_STYLES.values())
    )
    collapsed = ' table:visibility="collapse"'
    columns = "".join(
        f"<table:table-column{collapsed if x in layout.hidden_columns else ''}/>" for x in range(8)
    )
    lines = "".join(
        f"<table:table-row{collapsed if y in layout.hidden_rows else ''}>"
        f"{''.join(_ods_place(cell, y, x, layout) for x, cell in enumerate(row))}</table:table-row>"
        for y, row in enumerate(rows)
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", _ODS.format(styles=styles, columns=columns, rows=lines))
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest xmlns:manifest='
            '"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
            'manifest:full-path="/" manifest:media-type='
            '"application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )


def _ods_place(cell: object, y: int, x: int, layout: Layout) -> str:
    """A cell with the range that it is merged over, or that covers it."""
    text = _ods_cell(cell)
    for top, left, bottom, right in layout.merges:
        if (y, x) == (top, left):
            spans = f'table:number-rows-spanned="{bottom - top + 1}" '
            spans += f'table:number-columns-spanned="{right - left + 1}"'
            return text.replace("<table:table-cell", f"<table:table-cell {spans}", 1)
        if top <= y <= bottom and left <= x <= right:
            return "<table:covered-table-cell/>"
    return text


def _ods_cell(cell: object) -> str:
    if isinstance(cell, Struck):
        return _ods_cell(cell.value).replace(
            "<table:table-cell", '<table:table-cell table:style-name="cs"', 1
        )
    if isinstance(cell, Rich):
        spans = "".join(
            f'<text:span text:style-name="{look}">{escape(text)}</text:span>'
            if look
            else escape(text)
            for text, look in cell.parts
        )
        return (
            f'<table:table-cell office:value-type="string"><text:p>{spans}</text:p>'
            "</table:table-cell>"
        )
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, Formula):
        return f'<table:table-cell table:formula="of:={cell.text}"/>'
    if isinstance(cell, Failed):
        return (
            '<table:table-cell table:formula="of:=1/0" office:value-type="string" '
            f'office:string-value=""><text:p>{cell.name}</text:p></table:table-cell>'
        )
    if isinstance(cell, Styled):
        style = f'table:style-name="ce{list(_ODS_STYLES).index(cell.code)}" '
        kind = "percentage" if cell.code.endswith("0%") else "float"
        return (
            f'<table:table-cell {style}office:value-type="{kind}" office:value="{cell.number}">'
            "<text:p>x</text:p></table:table-cell>"
        )
    if isinstance(cell, int | float):
        return (
            f'<table:table-cell office:value-type="float" office:value="{cell}">'
            f"<text:p>{cell}</text:p></table:table-cell>"
        )
    return (
        '<table:table-cell office:value-type="string">'
        f"<text:p>{escape(str(cell))}</text:p></table:table-cell>"
    )


def write_xlsb(path: Path, rows: Rows, layout: Layout = PLAIN) -> None:
    """The records of [MS-XLSB] that a sheet of numbers and texts needs; no program writes them."""
    codes = sorted({cell.code for row in rows for cell in row if isinstance(cell, Styled)})
    styles = _record(615, struct.pack("<I", len(codes))) + b"".join(
        _record(44, struct.pack("<H", 164 + n) + _text(code)) for n, code in enumerate(codes)
    )
    styles += _record(611, struct.pack("<I", 4))
    for flags, script in ((0, 0), (0, 1), (0, 2), (8, 0)):
        styles += _record(
            43, struct.pack("<HHHH", 220, flags, 400, script) + bytes(13) + _text("A")
        )
    formats = [(0, 0), *((164 + n, 0) for n in range(len(codes))), (14, 0), (0, 3)]
    styles += _record(617, struct.pack("<I", len(formats))) + b"".join(
        _record(47, struct.pack("<HHHHHBBH", 0, code, font, 0, 0, 0, 0, 0))
        for code, font in formats
    )
    styles += _record(618)
    width = max(map(len, rows))
    strings: list[Rich] = []
    sheet = _record(129) + _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1))
    sheet += b"".join(
        _record(60, struct.pack("<IIIIH", x, x, 2560, 0, 1)) for x in layout.hidden_columns
    )
    sheet += _record(145)
    for y, row in enumerate(rows):
        hidden = 0x10 if y in layout.hidden_rows else 0
        sheet += _record(0, struct.pack("<IIHBBBI", y, 0, 300, 0, hidden, 0, 0))
        for x, cell in enumerate(row):
            style = 1 + codes.index(cell.code) if isinstance(cell, Styled) else 0
            style = len(formats) - 2 if isinstance(cell, dt.date) else style
            style = len(formats) - 1 if isinstance(cell, Struck) else style
            sheet += _xlsb_cell(cell, struct.pack("<II", x, style), strings)
    sheet += _record(146)
    for top, left, bottom, right in layout.merges:
        sheet += _record(176, struct.pack("<IIII", top, bottom, left, right))
    sheet += _record(130)
    texts = b"".join(_record(19, _xlsb_rich(cell)) for cell in strings)
    count = struct.pack("<II", len(strings), len(strings))
    is_solved_on_load = any(isinstance(cell, Formula) for row in rows for cell in row)
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


def _xlsb_rich(cell: Rich) -> bytes:
    starts = [sum(len(text) for text, _ in cell.parts[:n]) for n in range(len(cell.parts))]
    fonts = [("", "sup", "sub", "s").index(look) for _, look in cell.parts]
    runs = b"".join(map(struct.Struct("<HH").pack, starts, fonts))
    return b"\1" + _text(cell.text) + struct.pack("<I", len(fonts)) + runs


def _xlsb_cell(cell: object, place: bytes, strings: list[Rich]) -> bytes:
    """A text whose first part is marked stands in its cell, others among the shared texts."""
    if cell is None:
        return _record(1, place)
    if isinstance(cell, Failed):
        return _record(3, place + bytes([ERRORS[cell.name]]))
    if isinstance(cell, Formula):
        return _record(9, place + struct.pack("<dHI", 0, 0, 0) + bytes(4))
    if isinstance(cell, Struck):
        return _xlsb_cell(cell.value, place, strings)
    if isinstance(cell, Rich):
        if cell.parts[0][1]:
            return _record(62, place + _xlsb_rich(cell))
        strings.append(cell)
        return _record(7, place + struct.pack("<I", len(strings) - 1))
    if isinstance(cell, Styled):
        return _record(5, place + struct.pack("<d", cell.number))
    if isinstance(cell, dt.date):
        return _record(5, place + struct.pack("<d", (cell - dt.date(1899, 12, 30)).days))
    if isinstance(cell, int | float):
        return _record(5, place + struct.pack("<d", cell))
    return _record(6, place + _text(str(cell)))


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


def write_page(path: Path, rows: Rows, layout: Layout = PLAIN) -> None:
    """As applications export HTML under the name ``.xls``."""
    unseen = ' style="display:none"'
    lines = []
    for y, row in enumerate(rows):
        lines.append(f"<tr{unseen if y in layout.hidden_rows else ''}>")
        for x, cell in enumerate(row):
            spans = unseen if x in layout.hidden_columns else ""
            covered = False
            for top, left, bottom, right in layout.merges:
                if (y, x) == (top, left):
                    spans += f" rowspan={bottom - top + 1} colspan={right - left + 1}"
                elif top <= y <= bottom and left <= x <= right:
                    covered = True
            lines.append("" if covered else f"<td{spans}>{_markup(cell, '')}</td>")
        lines.append("</tr>")
    path.write_text(f"<html><body><table>{''.join(lines)}</table></body></html>")


def write_xml_sheet(path: Path, rows: Rows, layout: Layout = PLAIN) -> None:
    """XML Spreadsheet 2003, as Excel writes it."""
    lines = [f'<Column ss:Index="{x + 1}" ss:Hidden="1"/>' for x in layout.hidden_columns]
    for y, row in enumerate(rows):
        hidden = ' ss:Hidden="1"' if y in layout.hidden_rows else ""
        lines.append(f'<Row ss:Index="{y + 1}"{hidden}>')
        for x, cell in enumerate(row):
            value = cell.value if isinstance(cell, Struck) else cell
            kind = "Number" if isinstance(value, int | float) else "String"
            style = ' ss:StyleID="x"' if isinstance(cell, Struck) else ""
            for top, left, bottom, right in layout.merges:
                if (y, x) == (top, left):
                    style += f' ss:MergeDown="{bottom - top}" ss:MergeAcross="{right - left}"'
            if value is not None:
                data = f'<ss:Data ss:Type="{kind}">{_markup(value, "html:")}</ss:Data>'
                lines.append(f'<Cell ss:Index="{x + 1}"{style}>{data}</Cell>')
        lines.append("</Row>")
    path.write_text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:html="http://www.w3.org/TR/REC-html40">'
        '<Styles><Style ss:ID="x"><Font ss:StrikeThrough="1"/></Style></Styles>'
        f'<Worksheet ss:Name="Sheet"><Table>{"".join(lines)}</Table></Worksheet></Workbook>'
    )


def _markup(cell: object, prefix: str) -> str:
    if isinstance(cell, Struck):
        return f"<{prefix}del>{cell.value}</{prefix}del>"
    if isinstance(cell, Rich):
        names = {"sup": "Sup", "sub": "Sub", "s": "S"}
        return "".join(
            f"<{prefix}{names[look]}>{escape(text)}</{prefix}{names[look]}>"
            if look
            else escape(text)
            for text, look in cell.parts
        )
    return "" if cell is None else escape(str(cell))


class Write(Protocol):
    """Writes a workbook of one sheet."""

    def __call__(self, path: Path, rows: Rows, layout: Layout = PLAIN) -> None:
        """Rows of cells, as the types of this module say what is odd about them."""


WRITERS: dict[str, Write] = {
    ".xlsx": write_xlsx,
    ".xls": write_xls,
    ".ods": write_ods,
    ".xlsb": write_xlsb,
}
SHEET_WRITERS: dict[str, Write] = {
    **WRITERS,
    ".page.xls": write_page,
    ".xml.xls": write_xml_sheet,
}
"""All formats that tell of a part of a cell how it is written."""
