"""Small worlds of squares near 124 E, 9 S, and files of them, for the tests of the boundaries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from boundaries.build import BoundarySet, build_boundaries
from boundaries.codes import CodeSystem
from boundaries.findings.report import Finding
from boundaries.polygons import CodesFrom, PolygonSource

WEST, SOUTH, STEP = 124.0, -9.0, 0.01


def square(column: float, row: float, width: float = 1.0, height: float = 1.0) -> Any:
    """A square of about 1.1 km at a place of a grid."""
    west, south = WEST + STEP * column, SOUTH + STEP * row
    return shapely.box(
        round(west, 7),
        round(south, 7),
        round(west + STEP * width, 7),
        round(south + STEP * height, 7),
    )


def kode(number: int, kecamatan: int = 1) -> str:
    return f"99.01.{kecamatan:02d}.{2000 + number}"


def frame(shapes: Sequence[Any], codes: Sequence[str] | None = None, **columns: Any) -> Any:
    codes = codes or [kode(position + 1) for position in range(len(shapes))]
    columns.setdefault("nama", [f"Desa {position + 1}" for position in range(len(shapes))])
    return gpd.GeoDataFrame({"kode": list(codes), **columns}, geometry=list(shapes), crs=4326)


def source(path: Path, **declared: Any) -> PolygonSource:
    declared.setdefault("code_column", "kode")
    declared.setdefault("code_system", CodeSystem.KEMENDAGRI)
    declared.setdefault("name_column", "nama")
    return PolygonSource(path=path, label=path.name, **declared)


def reference_of(path: Path, **declared: object) -> CodesFrom:
    """Reference boundaries with columns ``kode`` and ``nama``, unless declared otherwise."""
    keys = {"label": path.name, "code_system": "kemendagri", "code_column": "kode"}
    return CodesFrom.model_validate({"path": path, "name_column": "nama", **keys, **declared})


def build(
    folder: Path, table: Any, scope: Sequence[str] = ("99.01",), **options: Any
) -> BoundarySet:
    declared = options.pop("declared", {})
    path = folder / "desa.parquet"
    table.to_parquet(path)
    return build_boundaries([source(path, **declared)], scope=scope, year=2025, **options)


def codes_of(findings: Sequence[Finding], severity: str | None = None) -> list[str]:
    return sorted(
        finding.code for finding in findings if severity is None or finding.severity == severity
    )


def one(findings: Sequence[Finding], code: str) -> Finding:
    found = [finding for finding in findings if finding.code == code]
    assert len(found) == 1, [finding.code for finding in findings]
    return found[0]


def write_json(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


def is_coverage(geometry: Any) -> bool:
    drawn = geometry[~shapely.is_missing(geometry)]
    return bool(shapely.is_valid(drawn).all() and shapely.coverage_is_valid(drawn))
