"""The table of a view as a file: CSV for programs, XLSX for the office.

Values are numbers in their own unit, never shortened; a missing value is an empty cell, and the
column ``status`` says why.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

from geo_service.page_model import View

Cell = str | float | int | None


def table_head(view: View) -> list[str]:
    """Names of the columns: as in the layers of the release."""
    field = view.entry.name
    return [
        "peringkat", "kode", "nama", "jenis", field, f"{field}_status", f"{field}_tahun", "kelas",
        *[name for name, _ in view.context_titles],
    ]  # fmt: skip


def table_rows(view: View) -> Iterator[list[Cell]]:
    """One row a child, from the worst."""
    for row in view.rows:
        yield [
            row.rank,
            row.kode,
            row.nama,
            row.jenis,
            _plain(row.value),
            row.status,
            row.tahun,
            row.class_text or None,
            *[_plain(value) for _, value, _ in row.context],
        ]


def _plain(value: float | None) -> float | int | None:
    """A whole number without a decimal point."""
    return int(value) if value is not None and value == int(value) else value


def table_notes(view: View, address: str) -> list[tuple[str, str]]:
    """What must travel with the numbers: title, unit, place, source, release, address."""
    words = view.words
    source = view.entry.source or words.say("legend.no_source")
    return [
        (view.title, view.entry.unit or ""),
        (view.wilayah.nama, view.wilayah.kode),
        (words.say("legend.source"), source),
        (words.say("legend.year"), str(view.tahun or "")),
        ("release", view.release_id),
        ("url", address),
        ("", words.say("foot.disclaimer")),
    ]


def write_csv(view: View) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need to read it as such; decimal point."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table_head(view))
    writer.writerows(table_rows(view))
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(view: View, address: str) -> bytes:
    """A workbook of two sheets: the table, and what must be known about it."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    # No clock in what is published: the same view gives the same workbook.
    book.properties.created = book.properties.modified = datetime(
        view.tahun or 2000, 1, 1, tzinfo=UTC
    )
    sheet = book.active
    assert sheet is not None
    sheet.title = "Data"
    sheet.append(table_head(view))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in table_rows(view):
        sheet.append([_safe(cell) for cell in row])
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFGHIJK", (10, 16, 28, 12, *[18] * 7), strict=False):
        sheet.column_dimensions[column].width = width
    notes = book.create_sheet("Sumber")
    for note in table_notes(view, address):
        notes.append([_safe(part) for part in note])
    notes.column_dimensions["A"].width = 34
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _safe(cell: Cell) -> Cell:
    """Text that a spreadsheet would run as a formula is kept as text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@" and len(cell) > 1 else cell
