"""The report of a build in the four forms people use: JSON, a page, a workbook, a map for QGIS.

All four say in Indonesian first, then in English, what each finding means and what to do.
"""

from pathlib import Path

from boundaries.findings.geopackage import write_findings_gpkg
from boundaries.findings.report import Report
from layers.tables.report.join_workbook import write_report_xlsx
from layers.tables.report.report_page import write_report_html
from layers.words.finding_kinds import finding_words


def write_findings(report: Report, path: Path) -> None:
    """Write the report as JSON, with the words of the codes and units in it."""
    path.write_text(report.to_json(finding_words()), encoding="utf-8")


def write_reports(report: Report, folder: Path, title: str) -> None:
    """Write ``report.html``, ``report.xlsx`` and ``findings.gpkg`` into ``folder``.

    The same report gives the same bytes.  Where ``findings.json`` lies, its writer decides.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_report_html(report, folder / "report.html", title=f"Laporan data: {title}")
    write_report_xlsx(report, folder / "report.xlsx")
    write_findings_gpkg(report, folder / "findings.gpkg", finding_words())
