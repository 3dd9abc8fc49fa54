"""The report of a build in the four forms people use: JSON, a page, a workbook, a map for QGIS.

All four say in Indonesian first, then in English, what each finding means and what to do.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from boundaries.findings import locations
from boundaries.findings.report import Catalogue, Finding, Report, used_words
from layers.finding_words.finding_kinds import finding_words
from layers.publish import geopackage
from layers.release import findings_file
from layers.tables.report import join_workbook, report_page


def write_findings(report: Report, path: Path) -> None:
    """Write the report as JSON, with the words of the codes and units in it."""
    findings_file.write_findings_file(path, describe_findings(report, finding_words()))


def describe_findings(report: Report, catalogue: Catalogue) -> findings_file.FindingsContent:
    """The report as it is published, sorted; ``codes`` and ``units`` explain what it holds."""
    findings = sorted(report.findings, key=Finding.sort_key)
    loads = sorted(report.loads, key=lambda load: (load.input, load.file))
    words = used_words(
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
            findings_file.FindingRecord(
                **asdict(finding)
                | {
                    "severity": finding.severity.value,
                    "fields": finding.fields or None,
                    "rows": finding.rows or None,
                }
            )
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
    write_findings_gpkg(report, folder / "findings.gpkg", finding_words())


_KINDS = {"points": (0, 4), "lines": (1, 5), "polygons": (3, 6)}
_PROMOTED = {"points": "MultiPoint", "lines": "MultiLineString", "polygons": "MultiPolygon"}


def write_findings_gpkg(report: Report, path: Path, catalogue: Catalogue | None = None) -> None:
    """Write the located findings as layers ``points``, ``lines``, ``polygons``; the others as
    table ``without_place``.

    Layers without findings are left out, but the file always has at least one layer.  Sorted as in
    the report; an existing file is replaced.  With a catalogue, ``title_id``, ``advice_id``,
    ``title_en`` and ``advice_en`` say what each finding means.
    """
    findings = sorted(report.findings, key=Finding.sort_key)
    table = _table(findings, catalogue)
    texts = [finding.geometry for finding in findings]
    shapes = gpd.GeoSeries(shapely.from_wkt(np.array(texts, dtype=object)), crs=4326)
    kinds = shapely.get_type_id(shapes.values)
    path.unlink(missing_ok=True)
    with geopackage.fixed_date():
        wrote = False
        for layer, types in _KINDS.items():
            chosen = pd.Series(kinds).isin(types).to_numpy()
            if chosen.any():
                located = gpd.GeoDataFrame(table[chosen], geometry=shapes[chosen], crs=4326)
                _write(located, path, layer, _PROMOTED[layer])
                wrote = True
        placeless = table[kinds == -1]
        if len(placeless) or not wrote:
            _write(placeless, path, "without_place", None)


def _table(findings: list[Finding], catalogue: Catalogue | None) -> pd.DataFrame:
    columns = [*Finding.__dataclass_fields__]
    table = pd.DataFrame([asdict(finding) for finding in findings], columns=columns)
    table = table.drop(columns="geometry")
    rows = [", ".join(locations.span_texts(finding.rows)) or None for finding in findings]
    fields = [", ".join(finding.fields) or None for finding in findings]
    table = table.assign(
        rows=pd.array(rows, dtype="string"), fields=pd.array(fields, dtype="string")
    )
    for column in ("severity", "code", "message", "file", "kode", "value", "unit"):
        table[column] = table[column].astype("string")
    for column in ("row", "tahun"):
        table[column] = table[column].astype("Int64")
    table["measure"] = pd.to_numeric(table["measure"]).astype(float)
    for part in ("title", "advice") if catalogue else ():
        texts = [getattr(catalogue, part)(finding.code) for finding in findings]
        table[f"{part}_id"] = pd.array([text.id for text in texts], dtype="string")
        table[f"{part}_en"] = pd.array([text.en for text in texts], dtype="string")
    return table


def _write(table: Any, path: Path, layer: str, kind: str | None) -> None:
    options: dict[str, Any] = {"geometry_type": kind, "promote_to_multi": True} if kind else {}
    pyogrio.write_dataframe(
        table, path, layer=layer, driver="GPKG", append=path.exists(), **options
    )
