"""The join report as a page and as a workbook: whole, safe and without a clock."""

from __future__ import annotations

from pathlib import Path

from boundaries.findings import Finding, LoadCount, Report, Severity
from layers.tables.report import write_report_html, write_report_xlsx
from layers.tables.sheets import read_sheet

REPORT = Report(
    [
        Finding(
            "table.code_unknown", Severity.WARNING, "Tak dikenal <b>", "a.csv", 7, value="=1+1"
        ),
        Finding("codes.contradicted", Severity.ERROR, "Belu\x0b", "b.csv"),
    ],
    [LoadCount("tables.a", "a.csv", 3, 2, 1, 0, 4)],
)


def test_the_workbook_holds_every_row_and_no_formula(tmp_path: Path) -> None:
    write_report_xlsx(REPORT, tmp_path / "laporan.xlsx")
    loads = read_sheet(tmp_path / "laporan.xlsx", sheet="Ringkasan")
    assert [cells[0] for cells in loads.columns.values()] == ["tables.a", "a.csv", 3, 2, 1, 0, 4]
    findings = read_sheet(tmp_path / "laporan.xlsx", sheet="Temuan")
    assert findings.column("Temuan") == ["codes.contradicted", "table.code_unknown"]
    assert findings.column("Isi") == [None, "=1+1"]


def test_the_page_escapes_what_inputs_contain(tmp_path: Path) -> None:
    write_report_html(REPORT, tmp_path / "laporan.html", title="Kab. <Flores>")
    page = (tmp_path / "laporan.html").read_text(encoding="utf-8")
    assert "Tak dikenal &lt;b&gt;" in page
    assert "<Flores>" not in page
    assert "belum dapat diterbitkan" in page


def test_both_files_are_the_same_bytes_every_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_report_xlsx(REPORT, tmp_path / f"{name}.xlsx")
        write_report_html(REPORT, tmp_path / f"{name}.html")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
