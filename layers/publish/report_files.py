"""The report of a build in the four forms people use: JSON, a page, a workbook, a map for QGIS.

All four say in Indonesian first, then in English, what each finding means and what to do.
"""

from dataclasses import asdict
from pathlib import Path

from boundaries.findings import geopackage, kinds
from boundaries.findings.report import Finding, Report
from layers.finding_words.finding_kinds import finding_words
from layers.release import findings_file
from layers.tables.report import join_workbook, report_page


def write_findings(report: Report, path: Path) -> None:
    """Write the report as JSON, with the words of the codes and units in it."""
    findings_file.write_findings_file(path, describe_findings(report, finding_words()))


def describe_findings(report: Report, catalogue: kinds.Catalogue) -> findings_file.FindingsContent:
    """The report as it is published, sorted; ``codes`` and ``units`` explain what it holds."""
    findings = sorted(report.findings, key=Finding.sort_key)
    loads = sorted(report.loads, key=lambda load: (load.input, load.file))
    words = kinds.used_words(
        catalogue,
        (finding.code for finding in findings),
        (finding.unit for finding in findings),
    )
    return findings_file.FindingsContent(
        loads=[findings_file.LoadRecord(**asdict(load)) for load in loads],
        codes=[
            findings_file.CodeRecord(code=code, **asdict(text))
            for code, text in words.codes.items()
        ],
        units=[
            findings_file.UnitRecord(unit=unit, **asdict(text))
            for unit, text in words.units.items()
        ],
        findings=[
            findings_file.FindingRecord(**asdict(finding) | {"severity": finding.severity.value})
            for finding in findings
        ],
    )


def write_reports(report: Report, folder: Path, title: str) -> None:
    """Write ``report.html``, ``report.xlsx`` and ``findings.gpkg`` into ``folder``.

    The same report gives the same bytes.  Where ``findings.json`` lies, its writer decides.
    """
    folder.mkdir(parents=True, exist_ok=True)
    report_page.write_report_html(report, folder / "report.html", title=f"Laporan data: {title}")
    join_workbook.write_report_xlsx(report, folder / "report.xlsx")
    geopackage.write_findings_gpkg(report, folder / "findings.gpkg", finding_words())
