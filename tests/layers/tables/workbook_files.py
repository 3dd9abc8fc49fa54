"""Workbooks of one sheet in every format, with number formats, formulas and errors in cells."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from html import escape
from itertools import product
from pathlib import Path
from typing import Protocol

import openpyxl
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font, PatternFill

from tests.layers.tables import workbook_cells, workbook_ods, workbook_xlsb


def write_xlsx(
    path: Path, rows: workbook_cells.Rows, layout: workbook_cells.Layout = workbook_cells.PLAIN
) -> None:
    """By openpyxl."""
    book = openpyxl.Workbook()
    for number in layout.hidden_rows:
        book.active.row_dimensions[number + 1].hidden = True
    for column in layout.hidden_columns:
        book.active.column_dimensions["ABCDEFGH"[column]].hidden = True
    for y, row in enumerate(rows, start=1):
        for x, cell in enumerate(row, start=1):
            target = book.active.cell(y, x)
            if isinstance(cell, workbook_cells.Styled):
                target.value, target.number_format = cell.number, cell.code
            elif isinstance(cell, workbook_cells.Formula):
                target.value = f"={cell.text}"
            elif isinstance(cell, workbook_cells.Struck):
                target.value, target.font = cell.value, Font(strike=True)
            elif isinstance(cell, workbook_cells.Painted):
                target.value, target.font = cell.value, Font(color=cell.text)
                if cell.ground is not None:
                    target.fill = PatternFill("solid", fgColor=cell.ground)
            elif isinstance(cell, workbook_cells.Rich):
                target.value = CellRichText(
                    *(TextBlock(_INLINE_FONTS[look], text) for text, look in cell.parts)
                )
            else:
                target.value = cell.name if isinstance(cell, workbook_cells.Failed) else cell
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


def write_xls(
    path: Path, rows: workbook_cells.Rows, layout: workbook_cells.Layout = workbook_cells.PLAIN
) -> None:
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
    if isinstance(cell, workbook_cells.Styled):
        sheet.write(y, x, cell.number, xlwt.easyxf(num_format_str=cell.code))
    elif isinstance(cell, workbook_cells.Formula):
        sheet.write(y, x, xlwt.Formula(cell.text))
    elif isinstance(cell, workbook_cells.Failed):
        sheet.row(y).set_cell_error(x, workbook_cells.ERRORS[cell.name])
    elif isinstance(cell, workbook_cells.Struck):
        sheet.write(y, x, cell.value, xlwt.easyxf("font: struck_out on"))
    elif isinstance(cell, workbook_cells.Painted):
        style = f"font: color {_EASY_COLOURS[cell.text]}"
        if cell.ground is not None:
            style += f"; pattern: pattern solid, fore_color {_EASY_COLOURS[cell.ground]}"
        sheet.write(y, x, cell.value, xlwt.easyxf(style))
    elif isinstance(cell, workbook_cells.Rich):
        sheet.write_rich_text(
            y, x, [(text, xlwt.easyfont(_EASY_FONTS[look])) for text, look in cell.parts]
        )
    elif isinstance(cell, dt.date):
        sheet.write(y, x, cell, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    elif cell is not None:
        sheet.write(y, x, cell)


_EASY_COLOURS = {workbook_cells.WHITE: "white", workbook_cells.NAVY: "dark_blue"}
_EASY_FONTS = {
    "": "bold off",
    "sup": "escapement superscript",
    "sub": "escapement subscript",
    "s": "struck_out on",
}


def write_page(
    path: Path, rows: workbook_cells.Rows, layout: workbook_cells.Layout = workbook_cells.PLAIN
) -> None:
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
            if isinstance(cell, workbook_cells.Painted):
                ground = "" if cell.ground is None else f";background:#{cell.ground}"
                spans += f' style="color:#{cell.text}{ground}"'
            lines.append("" if covered else f"<td{spans}>{_markup(cell, '')}</td>")
        lines.append("</tr>")
    path.write_text(f"<html><body><table>{''.join(lines)}</table></body></html>")


def write_xml_sheet(
    path: Path, rows: workbook_cells.Rows, layout: workbook_cells.Layout = workbook_cells.PLAIN
) -> None:
    """XML Spreadsheet 2003, as Excel writes it."""
    lines = [f'<Column ss:Index="{x + 1}" ss:Hidden="1"/>' for x in layout.hidden_columns]
    for y, row in enumerate(rows):
        hidden = ' ss:Hidden="1"' if y in layout.hidden_rows else ""
        lines.append(f'<Row ss:Index="{y + 1}"{hidden}>')
        for x, cell in enumerate(row):
            value = (
                cell.value
                if isinstance(cell, workbook_cells.Struck | workbook_cells.Painted)
                else cell
            )
            kind = "Number" if isinstance(value, int | float) else "String"
            style = ' ss:StyleID="x"' if isinstance(cell, workbook_cells.Struck) else ""
            if isinstance(cell, workbook_cells.Painted):
                style = f' ss:StyleID="p{cell.text}{cell.ground}"'
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
        '<Styles><Style ss:ID="x"><Font ss:StrikeThrough="1"/></Style>'
        f"{_painted_styles()}</Styles>"
        f'<Worksheet ss:Name="Sheet"><Table>{"".join(lines)}</Table></Worksheet></Workbook>'
    )


def _painted_styles() -> str:
    styles = ""
    for text, ground in product(workbook_cells.TEXTS, workbook_cells.GROUNDS):
        fill = "" if ground is None else f'<Interior ss:Color="#{ground}" ss:Pattern="Solid"/>'
        styles += f'<Style ss:ID="p{text}{ground}"><Font ss:Color="#{text}"/>{fill}</Style>'
    return styles


def _markup(cell: object, prefix: str) -> str:
    if isinstance(cell, workbook_cells.Painted):
        return escape(str(cell.value))
    if isinstance(cell, workbook_cells.Struck):
        return f"<{prefix}del>{cell.value}</{prefix}del>"
    if isinstance(cell, workbook_cells.Rich):
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

    def __call__(
        self,
        path: Path,
        rows: workbook_cells.Rows,
        layout: workbook_cells.Layout = workbook_cells.PLAIN,
    ) -> None:
        """Rows of cells, as the types of `workbook_cells` say what is odd about them."""


WRITERS: dict[str, Write] = {
    ".xlsx": write_xlsx,
    ".xls": write_xls,
    ".ods": workbook_ods.write_ods,
    ".xlsb": workbook_xlsb.write_xlsb,
}
SHEET_WRITERS: dict[str, Write] = {
    **WRITERS,
    ".page.xls": write_page,
    ".xml.xls": write_xml_sheet,
}
"""All formats that tell of a part of a cell how it is written."""


def rewrite_part(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Replace one part of a workbook by what ``change`` makes of it, which must be other bytes."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    changed = change(parts[part])
    assert changed != parts[part]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (parts | {part: changed}).items():
            archive.writestr(name, content)
