"""The join report as a page and as a workbook: whole, safe and without a clock."""

from __future__ import annotations

import re
from pathlib import Path

from boundaries.findings.report import Finding, LoadCount, Report, Severity
from layers.finding_words.finding_kinds import finding_words
from layers.tables.files.sheets import read_sheet
from layers.tables.report.join_workbook import write_report_xlsx
from layers.tables.report.report_page import MOST_ROWS_OF_A_KIND, write_report_html

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
    code = findings.column("Kode temuan / Code of the finding")
    assert code == ["codes.contradicted", "table.code_unknown"]
    assert findings.column("Isi / Value") == [None, "=1+1"]


def test_every_finding_of_the_workbook_says_what_to_do_in_both_languages(tmp_path: Path) -> None:
    write_report_xlsx(REPORT, tmp_path / "laporan.xlsx")
    findings = read_sheet(tmp_path / "laporan.xlsx", sheet="Temuan")
    words = finding_words().codes["table.code_unknown"]
    assert findings.column("Temuan / Finding, in Indonesian")[1] == words.title.id
    assert findings.column("Temuan, bahasa Inggris / Finding")[1] == words.title.en
    assert findings.column("Tindakan / What to do, in Indonesian")[1] == words.advice.id
    kinds = read_sheet(tmp_path / "laporan.xlsx", sheet="Jenis temuan")
    assert kinds.column("Jumlah / Count") == [1, 1]
    assert kinds.column("Tingkat / Severity") == ["Kesalahan / error", "Peringatan / warning"]


def test_the_page_escapes_what_inputs_contain(tmp_path: Path) -> None:
    write_report_html(REPORT, tmp_path / "laporan.html", title="Kab. <Flores>")
    page = (tmp_path / "laporan.html").read_text(encoding="utf-8")
    assert "Tak dikenal &lt;b&gt;" in page
    assert "<Flores>" not in page
    assert "belum dapat diterbitkan" in page


def test_the_page_is_indonesian_and_marks_what_is_english(tmp_path: Path) -> None:
    write_report_html(REPORT, tmp_path / "laporan.html")
    page = (tmp_path / "laporan.html").read_text(encoding="utf-8")
    words = finding_words().codes["codes.contradicted"]
    assert page.index(words.title.id) < page.index(words.title.en)
    unmarked = re.sub(r'<(\w+)[^>]* lang="en"[^>]*>.*?</\1>', "", page, flags=re.DOTALL)
    assert words.title.en not in unmarked
    assert "Tak dikenal" not in unmarked


def test_a_kind_with_many_findings_says_how_many_more_there_are(tmp_path: Path) -> None:
    many = [
        Finding("table.no_code", Severity.WARNING, "No code.", "a.csv", row)
        for row in range(MOST_ROWS_OF_A_KIND + 7)
    ]
    write_report_html(Report(many), tmp_path / "laporan.html")
    page = (tmp_path / "laporan.html").read_text(encoding="utf-8")
    assert "Masih ada 7 lagi" in page
    assert page.count("<tr>") < MOST_ROWS_OF_A_KIND + 10


def test_many_notes_of_a_kind_are_one_line_with_their_number(tmp_path: Path) -> None:
    notes = [
        Finding("table.outside_scope", Severity.NOTE, f"Note {row}.", "a.csv", row)
        for row in range(14_000)
    ]
    write_report_html(Report(notes), tmp_path / "laporan.html")
    page = (tmp_path / "laporan.html").read_text(encoding="utf-8")
    assert "14000 temuan" in page
    assert re.findall(r"Note \d+", page) == ["Note 0"]
    assert "Masih ada 13999 lagi" in page
    few = Report(notes[:4])
    write_report_html(few, tmp_path / "laporan.html")
    assert "Note 3" in (tmp_path / "laporan.html").read_text(encoding="utf-8")
    write_report_xlsx(Report(notes[:300]), tmp_path / "laporan.xlsx")
    kinds = read_sheet(tmp_path / "laporan.xlsx", sheet="Jenis temuan")
    assert kinds.column("Jumlah / Count") == [300]
    assert len(read_sheet(tmp_path / "laporan.xlsx", sheet="Temuan")) == 300


def test_both_files_are_the_same_bytes_every_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_report_xlsx(REPORT, tmp_path / f"{name}.xlsx")
        write_report_html(REPORT, tmp_path / f"{name}.html")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
