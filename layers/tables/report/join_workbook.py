"""The join report as a workbook, for the people who keep the tables.

The same report as ``findings.json``: what became of the rows of each input, then the kinds of
findings with what to do, then each finding.  Indonesian first, English second.  Bytes are the same
on every run: no clock reaches the file.
"""

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path

from boundaries.findings.report import (
    Finding,
    FindingGroup,
    LoadCount,
    Report,
    Severity,
    group_findings,
)
from layers.finding_words.finding_kinds import finding_words
from layers.release.workbook_writer import WorkbookSheet, workbook_bytes

FIXED = datetime.datetime(2000, 1, 1)
MOST_ROWS_IN_SHEET = 1_000_000

SEVERITY = {
    Severity.ERROR: ("Kesalahan", "error"),
    Severity.WARNING: ("Peringatan", "warning"),
    Severity.NOTE: ("Catatan", "note"),
}
LOADS = (
    ("Masukan", "Input", 28),
    ("Berkas", "File", 40),
    ("Baris dibaca", "Rows read", 14),
    ("Terpakai", "Used", 12),
    ("Tidak cocok", "Unmatched", 14),
    ("Ganda", "Duplicates", 14),
    ("Desa tanpa data", "Desa without data", 18),
)
_TOLD = (
    ("Temuan", "Finding, in Indonesian", 44),
    ("Tindakan", "What to do, in Indonesian", 60),
    ("Temuan, bahasa Inggris", "Finding", 44),
    ("Tindakan, bahasa Inggris", "What to do", 60),
)
_KINDS = (
    ("Tingkat", "Severity", 24),
    _TOLD[0],
    ("Jumlah", "Count", 15),
    ("Desa", "Desa", 13),
    *_TOLD[1:],
    ("Kode temuan", "Code of the finding", 30),
)
_FINDINGS = (
    ("Tingkat", "Severity", 24),
    _TOLD[0],
    ("Berkas", "File", 32),
    ("Baris", "Row", 13),
    ("Kode wilayah", "Code of the wilayah", 16),
    ("Isi", "Value", 24),
    ("Ukuran", "Measure", 17),
    ("Satuan", "Unit", 14),
    *_TOLD[1:],
    ("Rincian, bahasa Inggris", "Detail", 90),
    ("Kode temuan", "Code of the finding", 30),
)


def write_report_xlsx(report: Report, path: Path) -> None:
    """The report as a workbook: ``Ringkasan``, ``Jenis temuan`` and ``Temuan``, with filters.

    Text is never a formula, whatever a cell of an input began with.
    """
    kinds = map(_kind_row, group_findings(report.findings))
    findings = sorted(report.findings, key=Finding.sort_key)[:MOST_ROWS_IN_SHEET]
    sheets = (
        _sheet("Ringkasan", LOADS, (load_row(load) for load in sorted_loads(report))),
        _sheet("Jenis temuan", _KINDS, kinds),
        _sheet("Temuan", _FINDINGS, map(_finding_row, findings)),
    )
    path.write_bytes(workbook_bytes(sheets, FIXED))


def sorted_loads(report: Report) -> list[LoadCount]:
    """The counts of rows in the order of the report."""
    return sorted(report.loads, key=lambda load: (load.input, load.file))


def load_row(load: LoadCount) -> list[object]:
    """The cells of one input, in the order of `LOADS`."""
    return [
        load.input,
        load.file,
        load.rows_read,
        load.matched,
        load.unmatched,
        load.duplicates,
        load.desa_without_data,
    ]


def _kind_row(group: FindingGroup) -> list[object]:
    title, advice = finding_words().title(group.code), finding_words().advice(group.code)
    return [
        " / ".join(SEVERITY[group.severity]),
        title.id,
        len(group.findings),
        group.desa or None,
        advice.id,
        title.en,
        advice.en,
        group.code,
    ]


def _finding_row(finding: Finding) -> list[object]:
    words = finding_words()
    title, advice = words.title(finding.code), words.advice(finding.code)
    return [
        " / ".join(SEVERITY[finding.severity]),
        title.id,
        finding.file,
        finding.row,
        finding.kode,
        finding.value,
        finding.measure,
        words.unit(finding.unit).id or None,
        advice.id,
        title.en,
        advice.en,
        finding.message,
        finding.code,
    ]


def _sheet(
    name: str, columns: Sequence[tuple[str, str, int]], rows: Iterable[list[object]]
) -> WorkbookSheet:
    head = [f"{title} / {english}" for title, english, _ in columns]
    widths = [width for _, _, width in columns]
    return WorkbookSheet(name, [head, *rows], widths, has_head=True, has_filter=True)
