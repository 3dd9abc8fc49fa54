"""An OpenDocument spreadsheet as LibreOffice writes it."""

from __future__ import annotations

import zipfile
from html import escape
from pathlib import Path

from tests.layers.tables import workbook_cells

_ODS = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
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


def write_ods(
    path: Path, rows: workbook_cells.Rows, layout: workbook_cells.Layout = workbook_cells.PLAIN
) -> None:
    """As LibreOffice writes it: a percent cell has a type of its own."""
    styles = "".join(
        style.format(n=n) + f'<style:style style:name="ce{n}" style:family="table-cell" '
        f'style:data-style-name="N{n}"/>'
        for n, style in enumerate(_ODS_STYLES.values())
    )
    styles += "".join(
        _painted_style(text, ground)
        for text in workbook_cells.TEXTS
        for ground in workbook_cells.GROUNDS
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


def _ods_place(cell: object, y: int, x: int, layout: workbook_cells.Layout) -> str:
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


def _painted_style(text: str, ground: str | None) -> str:
    fill = (
        "" if ground is None else f'<style:table-cell-properties fo:background-color="#{ground}"/>'
    )
    return (
        f'<style:style style:name="p{text}{ground}" style:family="table-cell">{fill}'
        f'<style:text-properties fo:color="#{text}"/></style:style>'
    )


def _ods_cell(cell: object) -> str:
    if isinstance(cell, workbook_cells.Painted):
        style = f'<table:table-cell table:style-name="p{cell.text}{cell.ground}"'
        return _ods_cell(cell.value).replace("<table:table-cell", style, 1)
    if isinstance(cell, workbook_cells.Struck):
        return _ods_cell(cell.value).replace(
            "<table:table-cell", '<table:table-cell table:style-name="cs"', 1
        )
    if isinstance(cell, workbook_cells.Rich):
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
    if isinstance(cell, workbook_cells.Formula):
        return f'<table:table-cell table:formula="of:={cell.text}"/>'
    if isinstance(cell, workbook_cells.Failed):
        return (
            '<table:table-cell table:formula="of:=1/0" office:value-type="string" '
            f'office:string-value=""><text:p>{cell.name}</text:p></table:table-cell>'
        )
    if isinstance(cell, workbook_cells.Styled):
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
