"""A workspace of four desa in two kecamatan, with the sections a test adds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from boundaries.findings.report import Finding, Report
from layers.pipeline.build import check_workspace

DESA = {
    "53.06.01.2001": ("Waibao", "Wulanggitang"),
    "53.06.01.2002": ("Konga", "Wulanggitang"),
    "53.06.02.2001": ("Oesao", "Tanjung Bunga"),
    "53.06.02.2002": ("Raknamo", "Tanjung Bunga"),
}
HEAD = """schema = 1
[wilayah]
id = "kasus"
name = "Kasus"
scope = ["53.06"]
year = 2024
"""
BOUNDARIES = """[[boundaries]]
path = "desa.geojson"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
kecamatan_name_column = "kec"
"""


def write_polygons(path: Path, rows: Mapping[str, Mapping[str, object]]) -> None:
    """Squares side by side with these properties, by any key."""
    features = [
        {"type": "Feature", "properties": dict(properties), "geometry": _square(at)}
        for at, properties in enumerate(rows.values())
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def _square(at: int) -> dict[str, object]:
    west, south = 123.0 + 0.02 * at, -8.4
    ring = [
        [west, south],
        [west + 0.02, south],
        [west + 0.02, south + 0.02],
        [west, south + 0.02],
        [west, south],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def write_workspace(
    folder: Path, sections: str, files: Mapping[str, str], boundaries: str = BOUNDARIES
) -> Path:
    """The folder with ``wilayah.toml``, the polygons and the files given."""
    folder.mkdir(exist_ok=True)
    rows = {kode: {"kode": kode, "nama": nama, "kec": kec} for kode, (nama, kec) in DESA.items()}
    write_polygons(folder / "desa.geojson", rows)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "wilayah.toml").write_text(HEAD + boundaries + sections, encoding="utf-8")
    return folder


def check_report(
    folder: Path, sections: str, files: Mapping[str, str], boundaries: str = BOUNDARIES
) -> Report:
    """What ``check`` says of such a workspace."""
    return check_workspace(write_workspace(folder, sections, files, boundaries)).report


def of_code(report: Report, code: str) -> list[Finding]:
    """The findings of one code."""
    return [finding for finding in report.findings if finding.code == code]
