"""Workbooks of one sheet in every format, with number formats, formulas and errors in cells."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import openpyxl
import xlwt

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


Rows = Sequence[Sequence[object]]


def write_xlsx(path: Path, rows: Rows) -> None:
    """By openpyxl."""
    book = openpyxl.Workbook()
    for y, row in enumerate(rows, start=1):
        for x, cell in enumerate(row, start=1):
            target = book.active.cell(y, x)
            if isinstance(cell, Styled):
                target.value, target.number_format = cell.number, cell.code
            elif isinstance(cell, Formula):
                target.value = f"={cell.text}"
            else:
                target.value = cell.name if isinstance(cell, Failed) else cell
    book.save(path)


def write_xls(path: Path, rows: Rows) -> None:
    """By xlwt, which writes no errors."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet")
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if isinstance(cell, Styled):
                sheet.write(y, x, cell.number, xlwt.easyxf(num_format_str=cell.code))
            elif isinstance(cell, Formula):
                sheet.write(y, x, xlwt.Formula(cell.text))
            elif isinstance(cell, Failed):
                sheet.row(y).set_cell_error(x, ERRORS[cell.name])
            elif isinstance(cell, dt.date):
                sheet.write(y, x, cell, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
            elif cell is not None:
                sheet.write(y, x, cell)
    book.save(str(path))


_ODS = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
    '<table:table table:name="Sheet">{rows}</table:table>'
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


def write_ods(path: Path, rows: Rows) -> None:
    """As LibreOffice writes it: a percent cell has a type of its own."""
    styles = "".join(
        style.format(n=n) + f'<style:style style:name="ce{n}" style:family="table-cell" '
        f'style:data-style-name="N{n}"/>'
        for n, style in enumerate(_ODS_STYLES.values())
    )
    lines = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", _ODS.format(styles=styles, rows=lines))
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest xmlns:manifest='
            '"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
            'manifest:full-path="/" manifest:media-type='
            '"application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )


def _ods_cell(cell: object) -> str:
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


def write_xlsb(path: Path, rows: Rows) -> None:
    """The records of [MS-XLSB] that a sheet of numbers and texts needs; no program writes them."""
    codes = sorted({cell.code for row in rows for cell in row if isinstance(cell, Styled)})
    styles = _record(615, struct.pack("<I", len(codes))) + b"".join(
        _record(44, struct.pack("<H", 164 + n) + _text(code)) for n, code in enumerate(codes)
    )
    formats = [0, *(164 + n for n in range(len(codes)))]
    styles += _record(617, struct.pack("<I", len(formats))) + b"".join(
        _record(47, struct.pack("<HHHHHBBH", 0, code, 0, 0, 0, 0, 0, 0)) for code in formats
    )
    styles += _record(618)
    width = max(map(len, rows))
    sheet = _record(129) + _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1))
    sheet += _record(145)
    for y, row in enumerate(rows):
        sheet += _record(0, struct.pack("<IIHHBI", y, 0, 300, 0, 0, 0))
        for x, cell in enumerate(row):
            style = 1 + codes.index(cell.code) if isinstance(cell, Styled) else 0
            sheet += _xlsb_cell(cell, struct.pack("<II", x, style))
    sheet += _record(146) + _record(130)
    book = _record(131) + _record(143)
    book += _record(156, struct.pack("<II", 0, 1) + _text("rId1") + _text("Sheet"))
    book += _record(144) + _record(132)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/styles.bin", styles)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/'
            f'2006/relationships"><Relationship Id="rId1" Type="{relation}/worksheet" '
            'Target="worksheets/sheet1.bin"/></Relationships>',
        )


def _xlsb_cell(cell: object, place: bytes) -> bytes:
    if cell is None:
        return _record(1, place)
    if isinstance(cell, Failed):
        return _record(3, place + bytes([ERRORS[cell.name]]))
    if isinstance(cell, Styled):
        return _record(5, place + struct.pack("<d", cell.number))
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


Write = Callable[[Path, Rows], None]
WRITERS: dict[str, Write] = {
    ".xlsx": write_xlsx,
    ".xls": write_xls,
    ".ods": write_ods,
    ".xlsb": write_xlsb,
}
