"""The join report for the people who keep the tables: one page of HTML, one workbook.

The same report as ``findings.json``: what became of the rows of each input, then each finding.
Bytes are the same on every run: no clock reaches either file.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from boundaries.findings import Finding, LoadCount, Report, Severity

FIXED = datetime.datetime(2000, 1, 1)
MOST_ROWS_IN_HTML = 2_000
MOST_ROWS_IN_SHEET = 1_000_000

_LOADS = (
    ("Masukan", 28), ("Berkas", 40), ("Baris dibaca", 13), ("Terpakai", 11), ("Tidak cocok", 12),
    ("Ganda", 9), ("Desa tanpa data", 16),
)  # fmt: skip
_FINDINGS = (
    ("Tingkat", 12), ("Temuan", 30), ("Berkas", 36), ("Baris", 8), ("Kode wilayah", 15),
    ("Isi", 24), ("Penjelasan", 90), ("Ukuran", 10), ("Satuan", 9),
)  # fmt: skip
_SEVERITY = {
    Severity.ERROR: "Galat",
    Severity.WARNING: "Peringatan",
    Severity.NOTE: "Catatan",
}
# Characters that XML 1.0 does not have; a damaged cell may hold them.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_report_xlsx(report: Report, path: Path) -> None:
    """The report as a workbook: sheets ``Ringkasan`` and ``Temuan``, with filters.

    Text is never a formula, whatever a cell of an input began with.
    """
    book = Workbook()
    summary = book.active
    assert summary is not None
    summary.title = "Ringkasan"
    _fill(summary, _LOADS, (_load_row(load) for load in _loads(report)))
    rows = [_finding_row(finding) for finding in _findings(report)]
    _fill(book.create_sheet("Temuan"), _FINDINGS, rows[:MOST_ROWS_IN_SHEET])
    book.properties.created = book.properties.modified = FIXED
    book.properties.creator = "geo-service"
    raw = io.BytesIO()
    book.save(raw)
    path.write_bytes(_without_clock(raw.getvalue()))


def _fill(
    sheet: Worksheet,
    columns: Sequence[tuple[str, int]],
    rows: Iterator[list[object]] | list[list[object]],
) -> None:
    sheet.append([title for title, _ in columns])
    for number, (_, width) in enumerate(columns, start=1):
        sheet.cell(1, number).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = width
    # Rows are counted here: the sheet itself counts all its cells at each look.
    for number, row in enumerate(rows, start=2):
        sheet.append([_NO_XML.sub("", cell) if isinstance(cell, str) else cell for cell in row])
        for column, text in enumerate(row, start=1):
            if isinstance(text, str) and text.startswith("="):
                sheet.cell(number, column).data_type = "s"
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{sheet.max_row}"


def _without_clock(content: bytes) -> bytes:
    """The workbook with fixed times in its archive and in its properties."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
            member.external_attr = 0o644 << 16
            data = old.read(name)
            if name == "docProps/core.xml":
                stamp = FIXED.isoformat().encode() + b"Z"
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, data)
            new.writestr(member, data, zipfile.ZIP_DEFLATED, 6)
    return out.getvalue()


def write_report_html(report: Report, path: Path, *, title: str = "Laporan data") -> None:
    """The report as one page without scripts or outside files.

    Beyond ``MOST_ROWS_IN_HTML`` findings the page says how many more the workbook and the JSON
    hold.
    """
    path.write_text("".join(_page(report, title)), encoding="utf-8", newline="\n")


def _page(report: Report, title: str) -> Iterator[str]:
    shown = escape(title)
    yield (
        '<!doctype html>\n<html lang="id">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{shown}</title>\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_CSS}</style>\n</head>\n<body>\n<main>\n<h1>{shown}</h1>\n"
    )
    yield f"<p>{escape(_summary(report))}</p>\n"
    yield "<h2>Baris tiap masukan</h2>\n"
    yield from _table([name for name, _ in _LOADS], [_load_row(load) for load in _loads(report)])
    for severity, name in _SEVERITY.items():
        found = [one for one in _findings(report) if one.severity is severity]
        if not found:
            continue
        yield f"<h2>{name} ({len(found)})</h2>\n"
        rows = [_finding_row(finding)[1:] for finding in found[:MOST_ROWS_IN_HTML]]
        yield from _table([column for column, _ in _FINDINGS[1:]], rows)
        if len(found) > MOST_ROWS_IN_HTML:
            more = len(found) - MOST_ROWS_IN_HTML
            yield f"<p>Masih ada {more} lagi; lihat findings.json atau berkas XLSX.</p>\n"
    yield "</main>\n</body>\n</html>\n"


def _summary(report: Report) -> str:
    counts = [f"{report.count(one)} {name.lower()}" for one, name in _SEVERITY.items()]
    verdict = (
        "Data belum dapat diterbitkan: perbaiki galat lebih dahulu."
        if report.blocks_publication
        else "Data dapat diterbitkan."
    )
    return f"{verdict} {', '.join(counts)}."


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    yield f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n'
    for row in rows:
        cells = "".join(_cell(cell) for cell in row)
        yield f"<tr>{cells}</tr>\n"
    yield "</tbody>\n</table></div>\n"


def _cell(cell: object) -> str:
    if isinstance(cell, int | float):
        return (
            f'<td class="number">{cell:g}</td>'
            if isinstance(cell, float)
            else (f'<td class="number">{cell}</td>')
        )
    return f"<td>{escape('' if cell is None else str(cell))}</td>"


def _loads(report: Report) -> list[LoadCount]:
    return sorted(report.loads, key=lambda load: (load.input, load.file))


def _findings(report: Report) -> list[Finding]:
    return sorted(report.findings, key=Finding.sort_key)


def _load_row(load: LoadCount) -> list[object]:
    return [
        load.input, load.file, load.rows_read, load.matched, load.unmatched, load.duplicates,
        load.desa_without_data,
    ]  # fmt: skip


def _finding_row(finding: Finding) -> list[object]:
    return [
        _SEVERITY[finding.severity], finding.code, finding.file, finding.row, finding.kode,
        finding.value, finding.message, finding.measure, finding.unit,
    ]  # fmt: skip


_CSS = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1b1b1b;background:#fff}"
    "main{max-width:76rem;margin:0 auto;padding:1rem}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}"
    "th,td{border:1px solid #c8c8c8;padding:.3rem .5rem;text-align:left;vertical-align:top}"
    "th{background:#f0f0f0}.number{text-align:right;font-variant-numeric:tabular-nums}"
)
