"""The join report as a workbook, for the people who keep the tables.

The same report as ``findings.json``: what became of the rows of each input, then the kinds of
findings with what to do, then each finding.  Indonesian first, English second.  Bytes are the same
on every run: no clock reaches the file.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from boundaries.finding_groups import FindingGroup, group_findings
from boundaries.findings import Finding, LoadCount, Report, Severity
from layers.finding_catalogue import finding_words

FIXED = datetime.datetime(2000, 1, 1)
MOST_ROWS_IN_SHEET = 1_000_000

SEVERITY = {
    Severity.ERROR: ("Kesalahan", "error"),
    Severity.WARNING: ("Peringatan", "warning"),
    Severity.NOTE: ("Catatan", "note"),
}
LOADS = (
    ("Masukan", "Input", 28), ("Berkas", "File", 40), ("Baris dibaca", "Rows read", 14),
    ("Terpakai", "Used", 12), ("Tidak cocok", "Unmatched", 14), ("Ganda", "Duplicates", 14),
    ("Desa tanpa data", "Desa without data", 18),
)  # fmt: skip
_TOLD = (
    ("Temuan", "Finding, in Indonesian", 44), ("Tindakan", "What to do, in Indonesian", 60),
    ("Temuan, bahasa Inggris", "Finding", 44), ("Tindakan, bahasa Inggris", "What to do", 60),
)  # fmt: skip
_KINDS = (
    ("Tingkat", "Severity", 24), _TOLD[0], ("Jumlah", "Count", 15), ("Desa", "Desa", 13),
    *_TOLD[1:], ("Kode temuan", "Code of the finding", 30),
)  # fmt: skip
_FINDINGS = (
    ("Tingkat", "Severity", 24), _TOLD[0], ("Berkas", "File", 32), ("Baris", "Row", 13),
    ("Kode wilayah", "Code of the wilayah", 16), ("Isi", "Value", 24),
    ("Ukuran", "Measure", 17), ("Satuan", "Unit", 14), *_TOLD[1:],
    ("Rincian, bahasa Inggris", "Detail", 90), ("Kode temuan", "Code of the finding", 30),
)  # fmt: skip
# Characters that XML 1.0 does not have; a damaged cell may hold them.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_report_xlsx(report: Report, path: Path) -> None:
    """The report as a workbook: ``Ringkasan``, ``Jenis temuan`` and ``Temuan``, with filters.

    Text is never a formula, whatever a cell of an input began with.
    """
    book = Workbook()
    summary = book.active
    assert summary is not None
    summary.title = "Ringkasan"
    _fill(summary, LOADS, (load_row(load) for load in sorted_loads(report)))
    kinds = map(_kind_row, group_findings(report.findings))
    _fill(book.create_sheet("Jenis temuan"), _KINDS, kinds)
    rows = [_finding_row(finding) for finding in sorted(report.findings, key=Finding.sort_key)]
    _fill(book.create_sheet("Temuan"), _FINDINGS, rows[:MOST_ROWS_IN_SHEET])
    book.properties.created = book.properties.modified = FIXED
    book.properties.creator = "geo-service"
    raw = io.BytesIO()
    book.save(raw)
    path.write_bytes(_without_clock(raw.getvalue()))


def sorted_loads(report: Report) -> list[LoadCount]:
    """The counts of rows in the order of the report."""
    return sorted(report.loads, key=lambda load: (load.input, load.file))


def load_row(load: LoadCount) -> list[object]:
    """The cells of one input, in the order of `LOADS`."""
    return [
        load.input, load.file, load.rows_read, load.matched, load.unmatched, load.duplicates,
        load.desa_without_data,
    ]  # fmt: skip


def _kind_row(group: FindingGroup) -> list[object]:
    title, advice = finding_words().title(group.code), finding_words().advice(group.code)
    return [
        " / ".join(SEVERITY[group.severity]), title.id, len(group.findings), group.desa or None,
        advice.id, title.en, advice.en, group.code,
    ]  # fmt: skip


def _finding_row(finding: Finding) -> list[object]:
    words = finding_words()
    title, advice = words.title(finding.code), words.advice(finding.code)
    return [
        " / ".join(SEVERITY[finding.severity]), title.id, finding.file, finding.row, finding.kode,
        finding.value, finding.measure, words.unit(finding.unit).id or None, advice.id, title.en,
        advice.en, finding.message, finding.code,
    ]  # fmt: skip


def _fill(
    sheet: Worksheet, columns: Sequence[tuple[str, str, int]], rows: Iterable[list[object]]
) -> None:
    sheet.append([f"{title} / {english}" for title, english, _ in columns])
    for number, (_, _, width) in enumerate(columns, start=1):
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
