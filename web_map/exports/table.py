"""The table of a view as a file: CSV for programs, XLSX for the office.

Values are numbers in their own unit, never shortened; a missing value is an empty cell, and the
column ``status`` says why.  ``peringkat_sama`` says how many others share the rank; an aggregate
has the columns of its coverage.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from web_map.views.values import status_text
from web_map.views.view import View

Cell = str | float | int | None


def table_head(view: View) -> list[str]:
    """Names of the columns: as in the layers of the release."""
    field = view.entry.name
    return [
        "peringkat", "kode", "nama", "jenis", field, f"{field}_status", f"{field}_tahun", "kelas",
        *coverage_head(view), "peringkat_sama", *[name for name, _ in view.context_titles],
    ]  # fmt: skip


def coverage_head(view: View) -> list[str]:
    """Names of the columns that say what an aggregate rests on, as in the layer; else none."""
    field = view.entry.name
    pairs = [
        (each.known, each.total if isinstance(each.total, str) else f"{field}_{each.unit}_semua")
        for each in view.entry.coverage[: len(view.parts)]
    ]
    return [name for pair in pairs for name in pair]


def table_rows(view: View) -> Iterator[list[Cell]]:
    """One row a child, from the worst."""
    for row in view.rows:
        yield [
            row.rank,
            row.kode,
            row.nama,
            row.jenis,
            plain_number(row.value),
            row.status,
            row.tahun,
            row.class_text or None,
            *[count for part in row.parts for count in part],
            row.ties if row.rank is not None else None,
            *[plain_number(value) for _, value, _ in row.context],
        ]


def plain_number(value: float | None) -> float | int | None:
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
        *hidden_notes(view),
        ("release", view.release_id),
        ("url", address),
        ("", words.say("foot.disclaimer")),
    ]


def hidden_notes(view: View) -> list[tuple[str, str]]:
    """What is hidden in a table and why; nothing where nothing is."""
    if not view.counts["suppressed"]:
        return []
    words = view.words
    return [(words.say("status.suppressed"), status_text("suppressed", view.entry, words))]


def write_csv(view: View) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need to read it as such; decimal point.

    Text that a spreadsheet would run as a formula has an apostrophe before it.
    """
    return csv_of(table_head(view), table_rows(view))


def csv_of(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A table as `write_csv` writes it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(view: View, address: str) -> bytes:
    """A workbook of two sheets: the table, and what must be known about it."""
    notes = table_notes(view, address)
    return xlsx_of(table_head(view), table_rows(view), notes, view.tahun or 2000)


def xlsx_of(
    head: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    notes: Iterable[Sequence[Cell]],
    year: int,
    widths: Sequence[int] = (10, 16, 28, 12, *[18] * 7),
) -> bytes:
    """A workbook of two sheets: a table, and what must be known about it.

    Its clock stands at the first day of ``year``: the same view gives the same file.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font

    from layers.release.workbook_writer import append_row, workbook_bytes

    book = Workbook()
    book.properties.creator = "geo-service"
    sheet = book.active
    assert sheet is not None
    sheet.title = "Data"
    append_row(sheet, head)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        append_row(sheet, row)
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", widths, strict=False):
        sheet.column_dimensions[column].width = width
    about = book.create_sheet("Sumber")
    for note in notes:
        append_row(about, note)
    about.column_dimensions["A"].width = 34
    return workbook_bytes(book, datetime(year, 1, 1, tzinfo=UTC))


def inert(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula; numbers are left alone.

    Source: OWASP, CSV Injection.

    Example
    -------
    >>> inert("=HYPERLINK(1)"), inert("Ba'u Mesjid"), inert(-3.5)
    ("'=HYPERLINK(1)", "Ba'u Mesjid", -3.5)
    """
    is_formula = isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{cell}" if is_formula else cell
