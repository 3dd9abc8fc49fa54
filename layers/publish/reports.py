"""The report of a build in the four forms people use: JSON, a page, a workbook, a map for QGIS."""

from __future__ import annotations

from pathlib import Path

from boundaries.findings import Report
from boundaries.findings_map import write_findings_gpkg
from layers.tables.report import write_report_html, write_report_xlsx

REPORT_NAMES = ("report.html", "report.xlsx", "findings.gpkg")


def write_reports(report: Report, folder: Path, title: str) -> None:
    """Write ``report.html``, ``report.xlsx`` and ``findings.gpkg`` into ``folder``.

    The same report gives the same bytes.  ``findings.json`` is written by whoever owns the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_report_html(report, folder / "report.html", title=f"Laporan data: {title}")
    write_report_xlsx(report, folder / "report.xlsx")
    write_findings_gpkg(report, folder / "findings.gpkg")
