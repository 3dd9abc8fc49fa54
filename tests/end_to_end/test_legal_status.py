"""The legal status of a boundary goes into every output that shows the boundary."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas as gpd
import pytest

from layers.release.manifest_file import read_manifest


@pytest.fixture(scope="module")
def release(sample_releases: Path) -> Path:
    return (sample_releases / "current").resolve()


@pytest.mark.parametrize("layer", ["desa", "kecamatan", "kabupaten", "spending", "gaps"])
def test_features_tiles_and_downloads_say_it(release: Path, layer: str) -> None:
    entry = next(one for one in read_manifest(release).layers if one.id == layer)
    assert "legal_status" in {field.name for field in entry.fields}
    assert "legal_status" in entry.tile_fields
    lines = (release / "layers" / layer / "features.geojsonl").read_text().splitlines()
    told = {json.loads(line)["properties"]["legal_status"] for line in lines}
    assert told <= {"fixed", "indicative", "not_agreed", "unknown", "no_data"}
    assert told - {"no_data"}
    written = gpd.read_file(release / "downloads" / f"{layer}.gpkg", layer=layer)
    assert set(written["legal_status"]) == told
    with (release / "downloads" / f"{layer}.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert {row["legal_status"] for row in csv.DictReader(stream)} == told


def test_the_boundaries_say_it_at_every_level(release: Path) -> None:
    frame = gpd.read_parquet(release / "boundaries.parquet")
    by_level = frame.dropna(subset="geometry").groupby("level")["legal_status"]
    assert all(status.notna().all() for _, status in by_level)
