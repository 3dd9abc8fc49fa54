"""Boundaries: our sliver merging against GEOS's own, and Jawa Barat and the country as a whole.

Runs on ../shared/data/wilayah_boundaries.  The country takes about six CPU minutes and runs only
when ``BENCH_COUNTRY=1``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from boundaries.build import build_boundaries
from boundaries.codes import CodeSystem
from boundaries.coverage.repair import repair_polygons
from boundaries.coverage.shared_borders import SLIVER_WIDTH_M, SNAP_DEGREES, clean_coverage
from boundaries.coverage.slivers import METRES_PER_DEGREE
from boundaries.polygons import PolygonSource
from tests.benchmarks.harness import absolute, compare, peak_memory_mb

DATA = Path(__file__).parents[3] / "shared/data/wilayah_boundaries"


def _repaired(prefix: str) -> Any:
    table = gpd.read_parquet(DATA / f"kel_{prefix[:2]}.parquet").sort_values("kode")
    table = table[table["kode"].str.startswith(prefix)]
    return repair_polygons(np.asarray(table.geometry.values, dtype=object))[0]


def bench_coverage_of_garut_and_bogor() -> None:
    """442 and 435 desa: the whole cleaning against one ``coverage_clean`` with gap merging."""
    if not DATA.is_dir():
        return
    for name, prefix in (("garut", "32.05"), ("bogor", "32.01")):
        polygons = _repaired(prefix)
        compare(
            f"coverage_{name}",
            lambda polygons=polygons: clean_coverage(polygons),  # type: ignore[misc]  # bound in the loop
            lambda polygons=polygons: shapely.coverage_clean(  # type: ignore[misc, attr-defined]  # the same; newer than its stubs
                polygons,
                gap_width=SLIVER_WIDTH_M / METRES_PER_DEGREE,
                snapping_distance=SNAP_DEGREES,
            ),
            limit=1.0,
            repeat=3,
        )


def _build(files: list[Path], scope: str) -> None:
    sources = [
        PolygonSource(
            path=path,
            label=path.name,
            code_system=CodeSystem.KEMENDAGRI,
            code_column="kode",
            name_column="nama",
        )
        for path in files
    ]
    build_boundaries(sources, scope=(scope,), year=2025)


def bench_boundaries_of_jawa_barat() -> None:
    """5,957 desa from file to outlines, in CPU seconds."""
    if DATA.is_dir():
        file = DATA / "kel_32.parquet"
        absolute("boundaries_jawa_barat", lambda: _build([file], "32"), limit=60, repeat=1)


def bench_boundaries_of_indonesia() -> None:
    """83,403 rows of 38 files, in CPU seconds, and the memory they took."""
    if DATA.is_dir() and os.environ.get("BENCH_COUNTRY") == "1":
        files = sorted(DATA.glob("kel_*.parquet"))
        absolute("boundaries_indonesia", lambda: _build(files, "indonesia"), limit=1200, repeat=1)
        peak_gb = peak_memory_mb() / 1e3
        absolute("boundaries_indonesia_memory", peak_gb, limit=4, unit="GB")
