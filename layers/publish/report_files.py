"""The report of a build in the four forms people use: JSON, a page, a workbook, a map for QGIS.

All four say in Indonesian first, then in English, what each finding means and what to do.
"""

from dataclasses import asdict
from pathlib import Path

from boundaries.findings.geopackage import write_findings_gpkg
from boundaries.findings.kinds import Catalogue, used_words
from boundaries.findings.report import Finding, Report
from layers.finding_words.finding_kinds import finding_words
from layers.release.findings_file import (
    CodeRecord,
    FindingRecord,
    FindingsContent,
    LoadRecord,
    UnitRecord,
    write_findings_file,
)
from layers.tables.report.join_workbook import write_report_xlsx
from layers.tables.report.report_page import write_report_html


def write_findings(report: Report, path: Path) -> None:
    """Write the report as JSON, with the words of the codes and units in it."""
    write_findings_file(path, describe_findings(report, finding_words()))


def describe_findings(report: Report, catalogue: Catalogue) -> FindingsContent:
    """The report as it is published, sorted; ``codes`` and ``units`` explain what it holds."""
    findings = sorted(report.findings, key=Finding.sort_key)
    loads = sorted(report.loads, key=lambda load: (load.input, load.file))
    words = used_words(
        catalogue,
        (finding.code for finding in findings),
        (finding.unit for finding in findings),
    )
    return FindingsContent(
        loads=[LoadRecord(**asdict(load)) for load in loads],
        codes=[CodeRecord(code=code, **asdict(text)) for code, text in words.codes.items()],
        units=[UnitRecord(unit=unit, **asdict(text)) for unit, text in words.units.items()],
        findings=[
            FindingRecord(**asdict(finding) | {"severity": finding.severity.value})
            for finding in findings
        ],
    )


def write_reports(report: Report, folder: Path, title: str) -> None:
    """Write ``report.html``, ``report.xlsx`` and ``findings.gpkg`` into ``folder``.

    The same report gives the same bytes.  Where ``findings.json`` lies, its writer decides.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_report_html(report, folder / "report.html", title=f"Laporan data: {title}")
    write_report_xlsx(report, folder / "report.xlsx")
    write_findings_gpkg(report, folder / "findings.gpkg", finding_words())
