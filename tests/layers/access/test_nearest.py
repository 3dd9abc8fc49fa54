"""Nearest by index equals nearest by brute force, ties and groups included."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from layers.access.straight.geodesy import (
    bound_geodesic,
    measure_degree_lat,
    measure_degree_lon,
    measure_ecef,
    measure_geodesic,
)
from layers.access.straight.nearest import find_nearest

GEOD = Geod(ellps="WGS84")


def scatter(count: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.column_stack([generator.uniform(95, 141, count), generator.uniform(-11, 6, count)])


def brute_force(places: np.ndarray, facilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    metres = np.array(
        [
            GEOD.inv(
                np.full(len(facilities), x),
                np.full(len(facilities), y),
                facilities[:, 0],
                facilities[:, 1],
            )[2]
            for x, y in places
        ]
    )
    return metres.argmin(axis=1), metres.min(axis=1)


def test_none_of_a_thousand_nearest_is_wrong() -> None:
    places, facilities = scatter(1000, 1), scatter(3000, 2)
    index, metres = brute_force(places, facilities)
    found = find_nearest(places, facilities)
    assert (found.index == index).all()
    assert np.allclose(found.distance_m, metres, atol=1e-6)


def test_a_chord_that_ties_is_decided_on_the_ellipsoid() -> None:
    # Far places: the order of chords and of geodesics differs; a search of one neighbour is wrong.
    places = scatter(300, 3)
    facilities = scatter(40, 4) * [1.0, -1.0] + [0.0, 40.0]
    index, _ = brute_force(places, facilities)
    assert (find_nearest(places, facilities).index == index).all()


def test_of_equally_near_facilities_the_first_is_taken() -> None:
    facilities = np.array([[120.1, -8.0], [119.9, -8.0], [120.1, -8.0]])
    found = find_nearest(np.array([[120.0, -8.0]]), facilities)
    assert found.index.tolist() == [0]
    swapped = find_nearest(np.array([[120.0, -8.0]]), facilities[[1, 0]])
    assert swapped.index.tolist() == [0]


def test_only_facilities_of_the_own_group_count() -> None:
    places = np.array([[120.0, -8.0], [120.0, -8.0], [120.0, -8.0]])
    facilities = np.array([[120.01, -8.0], [120.5, -8.0], [120.001, -8.0]])
    found = find_nearest(places, facilities, np.array([0, 1, 2]), np.array([0, 1, -1]))
    assert found.index.tolist() == [0, 1, -1]
    assert np.isnan(found.distance_m[2])


def test_without_facilities_nothing_is_near() -> None:
    found = find_nearest(scatter(3, 1), np.empty((0, 2)))
    assert found.index.tolist() == [-1, -1, -1]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_one_facility_more_never_lengthens_a_distance(seed: int) -> None:
    places, facilities = scatter(50, seed), scatter(20, seed + 1)
    before = find_nearest(places, facilities[:-1]).distance_m
    assert (find_nearest(places, facilities).distance_m <= before + 1e-9).all()


def test_vincenty_agrees_with_karney() -> None:
    one, other = scatter(5000, 5), scatter(5000, 6)
    ours = measure_geodesic(one[:, 0], one[:, 1], other[:, 0], other[:, 1])
    theirs = GEOD.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2]
    assert np.abs(ours - theirs).max() < 1e-3
    assert measure_geodesic(120, -8, 120, -8) == 0


def test_a_geodesic_lies_between_its_chord_and_the_bound() -> None:
    one, other = scatter(2000, 7), scatter(2000, 8)
    chord = np.linalg.norm(measure_ecef(*one.T) - measure_ecef(*other.T), axis=1)
    metres = np.asarray(GEOD.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2])
    assert (chord <= metres + 1e-6).all()
    assert (metres <= bound_geodesic(chord) + 1e-6).all()


@pytest.mark.parametrize("lat", [6.0, 0.0, -11.0, 60.0])
def test_the_length_of_a_degree_is_the_geodesic_one(lat: float) -> None:
    east = GEOD.inv(120, lat, 120.001, lat)[2] * 1000
    north = GEOD.inv(120, lat - 0.0005, 120, lat + 0.0005)[2] * 1000
    assert measure_degree_lon(lat) == pytest.approx(east, rel=1e-6)
    assert measure_degree_lat(lat) == pytest.approx(north, rel=1e-6)


def test_at_eleven_degrees_south_an_eastward_step_is_almost_two_per_cent_shorter() -> None:
    ratio = measure_degree_lon(-11.0) / measure_degree_lon(0.0)
    assert ratio == pytest.approx(0.9817, abs=2e-4)


@pytest.mark.real
def test_jakarta_puskesmas_by_brute_force(shared_data: Path) -> None:
    kelurahan = gpd.read_parquet(shared_data / "inasafe_jakarta" / "kelurahan_jakarta.parquet")
    puskesmas = gpd.read_parquet(shared_data / "jakarta_fasilitas" / "puskesmas.parquet")
    places = shapely.get_coordinates(kelurahan.geometry.representative_point().values)
    facilities = shapely.get_coordinates(puskesmas.geometry.values)
    index, metres = brute_force(places, facilities)
    found = find_nearest(places, facilities)
    assert int((found.index != index).sum()) == 0
    assert np.allclose(found.distance_m, metres, atol=1e-6)


def test_the_quick_distance_is_two_millimetres_too_long_at_most() -> None:
    generator = np.random.default_rng(9)
    for lat in (-11.0, 0.0, 6.0):
        places = generator.uniform([100, lat], [100.6, lat + 0.6], (500, 2))
        facilities = generator.uniform([100, lat], [100.6, lat + 0.6], (3, 2))
        exact = find_nearest(places, facilities)
        quick = find_nearest(places, facilities, is_quick=True)
        assert (quick.index == exact.index).all()
        more = quick.distance_m - exact.distance_m
        assert more.max() <= 0.002
        assert more.min() >= -1e-6
