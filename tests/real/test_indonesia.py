"""The whole country through the stage: every row accounted for, every provinsi a valid coverage."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.pipeline.prepare import Prepared, prepare_layers

pytestmark = [pytest.mark.real, pytest.mark.slow]

ROWS = 83_403


@pytest.fixture(scope="module")
def country(shared_data: Path) -> Prepared:
    assert shared_data
    return prepare_layers(Path(__file__).parent / "indonesia")


def test_the_country_passes_and_every_row_is_accounted_for(country: Prepared) -> None:
    assert not country.report.blocks_publication
    loads = [load for load in country.report.loads if load.input.startswith("boundaries")]
    assert sum(load.rows_read for load in loads) == ROWS
    assert sum(load.matched for load in loads) == len(desa_of(country)) == ROWS
    idm = next(load for load in country.report.loads if load.input == "tables.idm")
    assert idm.rows_read == 10_006
    # 2,498 of its 2,567 desa are drawn under the same code; each other one is named.
    unmatched = {
        finding.value
        for finding in country.report.findings
        if finding.code.startswith("table.") and finding.file and "idm" in finding.file
    }
    assert idm.unmatched > 0
    assert len(unmatched) >= 69


def test_every_provinsi_is_a_valid_coverage(country: Prepared) -> None:
    desa = desa_of(country)
    for _, mine in desa.groupby("kode_provinsi"):
        shapes = np.asarray(mine.geometry.dropna().values, dtype=object)
        assert shapely.coverage_is_valid(shapes)
        assert shapely.is_valid(shapes).all()


def test_no_area_changes_by_more_than_two_percent_unreported(
    country: Prepared, shared_data: Path
) -> None:
    files = sorted((shared_data / "wilayah_boundaries").glob("kel_*.parquet"))
    raw = pd.concat([gpd.read_parquet(file)[["kode", "geometry"]] for file in files])
    joined = desa_of(country)[["kode", "geometry"]].merge(raw, on="kode", suffixes=("", "_raw"))
    drawn = joined[joined["geometry"].notna() & joined["geometry_raw"].notna()]
    # A ring that crosses itself has no area of its own to compare with.
    drawn = drawn[shapely.is_valid(np.asarray(drawn["geometry_raw"], dtype=object))]
    before = shapely.area(np.asarray(drawn["geometry_raw"], dtype=object))
    after = shapely.area(np.asarray(drawn["geometry"], dtype=object))
    changed = set(drawn["kode"][np.abs(after / before - 1) > 0.02])
    reported = {
        finding.kode
        for finding in country.report.findings
        if finding.kode and finding.code.startswith("boundary.")
    }
    assert changed - reported == set()
    assert len(changed) < 60


def desa_of(country: Prepared) -> gpd.GeoDataFrame:
    return country.boundaries[country.boundaries["level"] == "desa"]
