"""Workbooks and archives without a clock: the same content gives the same bytes.

Every workbook that is published, downloaded or part of the sample leaves by `workbook_bytes`.  It
is written by XlsxWriter, whose bytes depend on nothing but its input: those of openpyxl differ with
whether lxml is installed, and carry the time of writing.

Source
------
ECMA-376 part 1 (5th edition, 2016): 18.3.1.96, the longest text of a cell; XML 1.0, section 2.2.
"""

import io
import math
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_cell_to_rowcol
from xlsxwriter.worksheet import Worksheet

# Characters that XML 1.0 does not have; a damaged cell may hold them.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_TEXT = 32_767


@dataclass(frozen=True, slots=True)
class WorkbookSheet:
    """One sheet of a workbook.

    Parameters
    ----------
    rows
        Text, numbers and None; text stays text even where it looks like a formula, a number, an
        address or an error value.
    widths
        Of the first columns, in characters.
    has_head
        The first row is bold and stays in sight.
    has_filter
        All rows can be filtered by their columns.
    merged
        Ranges that are shown as one cell, such as ``B1:C1``.
    """

    name: str
    rows: Iterable[Sequence[object]]
    widths: Sequence[float] = ()
    has_head: bool = False
    has_filter: bool = False
    merged: Sequence[str] = ()


def workbook_bytes(sheets: Iterable[WorkbookSheet], moment: datetime) -> bytes:
    """A workbook of sheets as a file that says it was written at ``moment`` (UTC).

    Characters that a workbook cannot hold are left out, and what a cell has no room for.
    """
    raw = io.BytesIO()
    book = Workbook(
        raw, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"author": "geo-service", "created": moment.replace(tzinfo=None)})
    bold = book.add_format({"bold": True})
    centred = book.add_format({"align": "center"})
    for sheet in sheets:
        _fill(book.add_worksheet(sheet.name), sheet, bold, centred)
    book.close()
    return raw.getvalue()


def _fill(page: Worksheet, sheet: WorkbookSheet, bold: Format, centred: Format) -> None:
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    rows = sheet.rows if isinstance(sheet.rows, Sequence) else list(sheet.rows)
    for row, cells in enumerate(rows):
        style = bold if sheet.has_head and row == 0 else None
        for column, value in enumerate(cells):
            _write(page, row, column, value, style)
    for area in sheet.merged:
        row, column = xl_cell_to_rowcol(area.split(":")[0])
        page.merge_range(area, "", centred)
        _write(page, row, column, rows[row][column], centred)
    if sheet.has_head:
        page.freeze_panes(1, 0)
    if sheet.has_filter and rows:
        page.autofilter(0, 0, len(rows) - 1, max(map(len, rows)) - 1)


def _write(page: Worksheet, row: int, column: int, value: object, style: Format | None) -> None:
    """One cell by its type; never by what a text looks like."""
    if isinstance(value, bool):
        page.write_boolean(row, column, value, style)
    elif isinstance(value, str):
        lines = re.sub("\r\n?", "\n", value)
        if text := _NO_XML.sub("", lines)[:LONGEST_TEXT]:
            page.write_string(row, column, text, style)
    elif isinstance(value, int | float) and math.isfinite(value):
        page.write_number(row, column, value, style)
    elif value is not None and not isinstance(value, int | float):
        raise TypeError(f"a cell of a workbook holds text or a number, not {value!r}")


def zip_bytes(members: Mapping[str, bytes], moment: datetime) -> bytes:
    """An archive of files by name, in that order, all written at ``moment``."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 6)
    return raw.getvalue()
