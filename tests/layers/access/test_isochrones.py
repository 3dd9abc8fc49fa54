"""Bands of travel time as polygons: on paper, and as a coverage without tears."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod

from layers.access.gaps.gaps import choose_services
from layers.access.gaps.isochrone_layers import build_isochrone_layers
from layers.access.people.people_grid import PeopleCells
from layers.access.terrain.grid import Grid
from layers.access.terrain.isochrones import UNREACHED, draw_bands, number_bands
from layers.access.terrain.joining import join_places
from layers.access.terrain.rasters import Raster
from layers.access.terrain.surfaces import Surface
from layers.access.terrain.travel import measure_travel
from tests.layers.access.world import make_facilities

GRID = Grid(120.0, -7.0, 0.01, 0.01, 10, 10)


def test_bands_follow_the_cells() -> None:
    values = np.tile(np.arange(10, dtype=np.float32), (10, 1))
    values[0] = np.nan
    minutes = Raster(values, GRID, "EPSG:4326")
    drawn = draw_bands(number_bands(minutes, (2, 5)), minutes)
    assert drawn["band"].tolist() == [0, 1, 2]
    assert drawn["minutes_max"].tolist() == [2, 5, 9]
    assert np.allclose(shapely.area(drawn.geometry.values), [27e-4, 27e-4, 36e-4])


def test_the_area_is_that_on_the_ellipsoid() -> None:
    minutes = Raster(np.ones((10, 10), np.float32), GRID, "EPSG:4326")
    drawn = draw_bands(number_bands(minutes, (2,)), minutes)
    square = abs(Geod(ellps="WGS84").geometry_area_perimeter(drawn.geometry.iloc[0])[0])
    assert drawn["area_ha"].iloc[0] == pytest.approx(square / 10_000, rel=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_bands_share_every_vertex_of_their_borders(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = generator.integers(0, 4, (30, 40)).astype(np.float32)
    values = values.repeat(2, axis=0).repeat(3, axis=1)
    values[generator.random(values.shape) < 0.1] = np.nan
    grid = Grid(120.0, -7.0, 0.01, 0.01, *values.shape)
    minutes = Raster(values, grid, "EPSG:4326")
    passable = np.isfinite(values) | (generator.random(values.shape) < 0.5)
    band = number_bands(minutes, (0.5, 1.5, 2.5), passable)
    drawn = draw_bands(band, minutes)
    shapes = np.asarray(drawn.geometry.values, dtype=object)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    cells = np.bincount(band.ravel(), minlength=256)[drawn["band"]]
    assert np.allclose(shapely.area(shapes), cells * 1e-4)


def test_without_a_third_band_no_vertex_is_added() -> None:
    minutes = Raster(np.ones((10, 10), np.float32), GRID, "EPSG:4326")
    drawn = draw_bands(number_bands(minutes, (2,)), minutes)
    assert shapely.get_num_coordinates(drawn.geometry.iloc[0]) == 5


def make_surface() -> Surface:
    """Ten cells a side of a minute a kilometre, the right two columns cut off by a wall."""
    friction = np.full((10, 10), 0.009, np.float32)
    friction[:, 7] = np.nan
    return Surface(Raster(friction, GRID, "EPSG:4326"), None, None, "walking", 16)


def test_a_layer_has_its_bands_and_what_is_not_reached() -> None:
    surface, facilities = make_surface(), make_facilities((120.005, -7.005), kind="puskesmas")
    services = choose_services(["puskesmas", "sd"])
    travel, _ = measure_travel(surface, facilities, services)
    people = PeopleCells(
        np.array([0, 0, 0]),
        np.array([[120.005, -7.005], [120.095, -7.05], [120.0705, -7.05]]),
        np.array([5.0, 7.0, 9.0]),
        np.array([21.0]),
        0.0,
    )
    homes = join_places(surface, people.lonlat)
    layers, findings = build_isochrone_layers(surface, travel, services, people, homes)
    assert [(finding.code, finding.value) for finding in findings] == [
        ("access.no_isochrone", "sd")
    ]
    (layer,) = layers
    frame = layer.features.set_index("kode")
    assert layer.definition.id == "isochrones_puskesmas"
    assert set(frame.index) == {
        "puskesmas-0-15",
        "puskesmas-15-30",
        "puskesmas-30-60",
        "puskesmas-60-120",
        "puskesmas-unreached",
    }
    unreached = frame.loc["puskesmas-unreached"]
    assert unreached["minutes_max_status"] == "unreachable"
    assert np.isnan(unreached["minutes_max"])
    assert frame["people"].to_dict() == pytest.approx(
        {
            "puskesmas-0-15": 5,
            "puskesmas-15-30": 0,
            "puskesmas-30-60": 0,
            "puskesmas-60-120": 9,
            "puskesmas-unreached": 7,
        }
    )
    known = frame.drop(index="puskesmas-unreached")
    assert (known["minutes_max"] <= known["to_min"]).all()
    assert (known["minutes_max"] > known["from_min"]).all()


def test_ids_do_not_depend_on_other_bands() -> None:
    facilities = make_facilities((120.005, -7.005), kind="puskesmas")
    surface, services = make_surface(), choose_services(["puskesmas"])
    travel, _ = measure_travel(surface, facilities, services)
    (layer,), _ = build_isochrone_layers(surface, travel, services, None)
    near = Surface(
        Raster(
            surface.friction.values[:2, :2].copy(), Grid(120.0, -7.0, 0.01, 0.01, 2, 2), "EPSG:4326"
        ),
        None,
        None,
        "walking",
        16,
    )
    travel, _ = measure_travel(near, facilities, services)
    (small,), _ = build_isochrone_layers(near, travel, services, None)
    shared = layer.features.set_index("kode")["fid"]
    for kode, fid in small.features.set_index("kode")["fid"].items():
        assert shared[kode] == fid
    assert small.features["people"].isna().all()


def test_a_facility_nobody_reaches_gives_no_layer_but_a_finding() -> None:
    surface, services = make_surface(), choose_services(["puskesmas"])
    facilities = make_facilities((10.0, 10.0), kind="puskesmas")
    travel, findings = measure_travel(surface, facilities, services)
    assert [finding.code for finding in findings] == ["access.facility_off_surface"]
    layers, findings = build_isochrone_layers(surface, travel, services, None)
    assert layers == ()
    assert [finding.code for finding in findings] == ["access.no_isochrone"]
    assert UNREACHED in number_bands(travel["puskesmas"].minutes, (15,), surface.is_passable)
