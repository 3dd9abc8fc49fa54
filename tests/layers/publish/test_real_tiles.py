"""Tiles of a real kabupaten of islands."""

# pmtiles has types in part only.
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from boundaries.coverage.repair import repair_polygons
from boundaries.coverage.shared_borders import clean_coverage
from layers.publish.tile_layers import cut_polygons


@pytest.mark.real
def test_no_desa_of_flores_timur_disappears(shared_data: Path) -> None:
    desa = gpd.read_parquet(shared_data / "wilayah_boundaries" / "kel_53.parquet")
    desa = desa[desa["kode"].str.startswith("53.06")].sort_values("kode")
    drawn = np.asarray(desa.geometry.values, dtype=object)
    geometry = clean_coverage(repair_polygons(drawn)[0]).geometry
    expected = [row for row, shape in enumerate(geometry) if shape is not None]
    assert len(expected) > 200
    for cut in cut_polygons(geometry, 4, 12):
        assert sorted(set(cut.row.tolist())) == expected, cut.zoom
