"""Files of drawn things: whatever is wrong with one is told in a sentence."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from layers.errors import InputError
from layers.workspace.drawn_files import read_drawn


def drawn() -> gpd.GeoDataFrame:
    points = shapely.points([[120, -8], [121, -9]])
    return gpd.GeoDataFrame({"n": [1, 2]}, geometry=points, crs="EPSG:4326")


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp", ".parquet"])
def test_every_kind_of_file_gives_the_same_rows(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"jalan{suffix}"
    frame = drawn().to_crs("EPSG:32751") if suffix != ".geojson" else drawn()
    frame.to_parquet(path) if suffix == ".parquet" else frame.to_file(path)
    found, _ = read_drawn(path, "roads: jalan")
    assert found.crs == "EPSG:4326"
    assert found["n"].tolist() == [1, 2]
    assert found.geometry.name == "geometry"
    assert shapely.get_coordinates(found.geometry.values) == pytest.approx(
        shapely.get_coordinates(drawn().geometry.values), abs=1e-9
    )


def test_a_declared_crs_wins(tmp_path: Path) -> None:
    drawn().to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(InputError, match=r"^roads: a\.shp does not say its CRS"):
        read_drawn(tmp_path / "a.shp", "roads: a.shp")
    found, _ = read_drawn(tmp_path / "a.shp", "roads: a.shp", crs="EPSG:4326")
    assert found.geometry.x.tolist() == [120, 121]
    with pytest.raises(InputError, match="cannot be read"):
        read_drawn(tmp_path / "a.shp", "roads: a.shp", crs="EPSG:99999999")


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    drawn().to_file(tmp_path / "a.gpkg", layer="jalan")
    with pytest.raises(InputError, match="sungai"):
        read_drawn(tmp_path / "a.gpkg", "barriers: a.gpkg", layer="sungai")
    (tmp_path / "b.gpkg").write_bytes(b"not a database")
    (tmp_path / "b.parquet").write_bytes(b"not a table")
    (tmp_path / "c.csv").write_text("nama\nEnde\n")
    for name, reason in (
        ("b.gpkg", "cannot be read"),
        ("b.parquet", "cannot be read"),
        ("c.csv", "holds no geometry"),
        ("d.gpkg", "cannot be read"),
    ):
        with pytest.raises(InputError, match=rf"^barriers: {name} {reason}"):
            read_drawn(tmp_path / name, f"barriers: {name}")
