"""Rasters in other CRS: steps are as long as on the ground, or nothing is travelled over them."""

from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod, Transformer
from rasterio import Affine

from layers.access.terrain import grid, isochrones, raster_kinds
from layers.access.terrain.rasters import Raster, read_raster
from tests.layers.access.raster_files import KINDS, Made, codes

TRUE = ["EPSG:3857", "EPSG:32751", "EPSG:32748", "EPSG:6933", "EPSG:23830"]
"""Web Mercator, the zone of UTM and another one, EASE-Grid of equal areas, TM-3."""
BENT = ["ESRI:54009", "ESRI:54008", "EPSG:3035"]
"""Mollweide, the sinusoidal one of MODIS, and one made for Europe."""
CELLS = 20


def place(crs: str, lonlat: tuple[float, float] = (121.0, -8.5)) -> Made:
    """Cells of one kilometre of the CRS around a place."""
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*lonlat)
    bands = np.ones((CELLS, CELLS), np.float32)
    corner = Affine(1000, 0, x - 500 * CELLS, 0, -1000, y + 500 * CELLS)
    return Made(bands * np.arange(1, CELLS + 1, dtype=np.float32) / 1000, transform=corner, crs=crs)


def read(crs: str, folder: Path, kind: raster_kinds.RasterKind) -> tuple[Raster | None, list[str]]:
    raster, findings = read_raster(place(crs).write(folder / "r.tif"), "r.tif", kind)
    return raster, codes(findings)


@pytest.mark.parametrize("crs", TRUE)
@pytest.mark.parametrize(
    "kind", [raster_kinds.FRICTION, raster_kinds.LAND_COVER], ids=lambda kind: kind.section
)
def test_a_step_is_as_long_as_on_the_ground(
    tmp_path: Path, crs: str, kind: raster_kinds.RasterKind
) -> None:
    raster, findings = read(crs, tmp_path, kind)
    assert raster is not None, findings
    middle = np.array([CELLS // 2])
    start = raster.find_lonlat(middle, middle)[0]
    steps = raster.grid.measure_steps(16)[CELLS // 2 + 2]
    for metres, (down, right) in zip(steps, grid.list_moves(16), strict=True):
        end = raster.find_lonlat(middle + down, middle + right)[0]
        assert metres == pytest.approx(Geod(ellps="WGS84").inv(*start, *end)[2], rel=0.01)


@pytest.mark.parametrize("crs", BENT)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
def test_where_lengths_bend_cells_are_counted_but_not_travelled(
    tmp_path: Path, crs: str, kind: raster_kinds.RasterKind
) -> None:
    raster, findings = read(crs, tmp_path, kind)
    if kind in (raster_kinds.FRICTION, raster_kinds.LAND_COVER):
        assert raster is None
        assert findings == ["raster.untrue_crs"]
    else:
        assert raster is not None
        assert "raster.untrue_crs" not in findings


@pytest.mark.parametrize("crs", ["EPSG:4211", "EPSG:4813"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
def test_degrees_of_another_datum_or_meridian_are_refused(
    tmp_path: Path, crs: str, kind: raster_kinds.RasterKind
) -> None:
    west = 107.0 if crs == "EPSG:4211" else 0.2
    made = Made(np.arange(9.0).reshape(3, 3) + 1, transform=Affine(0.1, 0, west, 0, -0.1, -7))
    path = made.write(tmp_path / "r.tif")
    raster, findings = read_raster(path, "r.tif", kind, crs=crs)
    assert raster is None
    assert codes(findings) == ["raster.untrue_crs"]


@pytest.mark.parametrize("crs", ["EPSG:4755", "EPSG:4979", "EPSG:9470"])
def test_degrees_of_the_present_datum_are_those_of_wgs_84(tmp_path: Path, crs: str) -> None:
    made = Made(np.arange(9.0).reshape(3, 3) + 1)
    raster, findings = read_raster(
        made.write(tmp_path / "r.tif"), "r.tif", raster_kinds.PEOPLE, crs=crs
    )
    assert raster is not None
    assert findings == ()


@pytest.mark.parametrize("crs", TRUE)
def test_an_area_of_minutes_has_the_hectares_of_the_ground(tmp_path: Path, crs: str) -> None:
    raster, _ = read(crs, tmp_path, raster_kinds.FRICTION)
    assert raster is not None
    drawn = isochrones.draw_bands(np.zeros(raster.values.shape, np.uint8), raster)
    metres = abs(Geod(ellps="WGS84").geometry_area_perimeter(drawn.geometry.iloc[0])[0])
    assert drawn["area_ha"].iloc[0] == pytest.approx(metres / 10_000, rel=0.01)
