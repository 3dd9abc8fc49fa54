from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries.coverage.repair import repair_polygons
from boundaries.coverage.shared_borders import clean_coverage, open_pinches
from boundaries.coverage.slivers import METRES_PER_DEGREE, find_holes
from tests.boundaries.drawing import SOUTH, STEP, WEST, is_coverage, square


def array(*shapes: Any) -> Any:
    return np.array(shapes, dtype=object)


def test_a_sliver_goes_to_the_neighbour_with_the_longer_border() -> None:
    ten_metres = 10 / METRES_PER_DEGREE / STEP
    ring = [square(0, 0), square(0, 1, 2), square(1 + ten_metres, 0, 1 - ten_metres)]
    clean = clean_coverage(array(*ring, square(0, -1, 2)))
    assert len(clean.slivers) == 1
    assert clean.sliver_widths_m[0] == pytest.approx(10, rel=0.02)
    assert is_coverage(clean.geometry)
    assert len(find_holes(clean.geometry).polygons) == 0


def test_a_lake_and_an_enclave_of_others_stay_holes() -> None:
    around = shapely.difference(square(0, 0, 3, 3), square(1, 1))
    clean = clean_coverage(array(around, square(3, 0)))
    assert clean.slivers == []
    assert len(clean.lakes) == 1
    assert clean.geometry[0].equals(around)


def test_water_between_islands_stays_water() -> None:
    ten_metres = 10 / METRES_PER_DEGREE / STEP
    islands = array(square(0, 0), square(1 + ten_metres, 0))
    assert all(
        after.equals(before)
        for before, after in zip(islands, clean_coverage(islands).geometry, strict=True)
    )


def test_an_overlap_goes_to_one_of_the_two() -> None:
    clean = clean_coverage(array(square(0, 0), square(0.9, 0, 1.1), square(0, 1, 2)))
    assert is_coverage(clean.geometry)
    assert shapely.area(clean.geometry).sum() == pytest.approx(4 * STEP**2)


def test_borders_drawn_with_different_vertices_get_the_same() -> None:
    right = shapely.Polygon(
        [
            (WEST + STEP, SOUTH),
            (WEST + 2 * STEP, SOUTH),
            (WEST + 2 * STEP, SOUTH + STEP),
            (WEST + STEP, SOUTH + STEP),
            (WEST + STEP, SOUTH + 0.4 * STEP),
        ]
    )
    clean = clean_coverage(array(square(0, 0), right))
    assert is_coverage(clean.geometry)
    assert shapely.get_num_coordinates(clean.geometry[0]) == 6


def test_a_hole_that_touches_its_outline_is_opened() -> None:
    around = shapely.Polygon(
        [(0, 0), (4, 0), (4, 4), (0, 4), (0, 2)], [[(0, 2), (1, 3), (2, 2), (1, 1)]]
    )
    filling = shapely.Polygon([(0, 2), (1, 3), (2, 2), (1, 1)])
    coast = shapely.Polygon([(0, 2), (-1, 1), (-1, 3)])
    shapes = array(
        *(
            shapely.transform(s, lambda xy: xy * STEP + [WEST, SOUTH])
            for s in (around, filling, coast)
        )
    )
    rounded, _ = repair_polygons(shapes)
    opened = open_pinches(rounded)
    assert is_coverage(opened)
    assert shapely.area(opened) == pytest.approx(shapely.area(shapes), rel=1e-4)


def jittered(seed: int, count: int, noise_m: float) -> Any:
    """A grid of squares whose corners and edge points are each drawn anew by every neighbour."""
    random = np.random.default_rng(seed)
    shapes = []
    for column in range(count):
        for row in range(count):
            outline = shapely.segmentize(square(column, row), STEP / 4)
            noise = random.uniform(-noise_m, noise_m, shapely.get_coordinates(outline).shape)
            noise[-1] = noise[0]
            points = shapely.get_coordinates(outline) + noise / METRES_PER_DEGREE
            shapes.append(shapely.Polygon(points))
    return array(*shapes)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), noise_m=st.sampled_from([0.1, 1.0, 10.0]))
def test_any_borders_drawn_apart_become_a_coverage_with_areas_kept(
    seed: int, noise_m: float
) -> None:
    repaired, _ = repair_polygons(jittered(seed, 4, noise_m))
    clean = clean_coverage(repaired)
    assert is_coverage(clean.geometry)
    assert (find_holes(clean.geometry).width_m > 25).sum() == len(clean.lakes)
    change = np.abs(shapely.area(clean.geometry) / shapely.area(repaired) - 1)
    assert change.max() < 0.08 * noise_m / 10 + 1e-4


def test_partitions_are_sewn_together_at_their_seams() -> None:
    repaired, _ = repair_polygons(jittered(5, 6, 10.0))
    halves = ["51" if shape.centroid.x < WEST + 3 * STEP else "52" for shape in repaired]
    clean = clean_coverage(repaired, partitions=halves)
    assert is_coverage(clean.geometry)
    assert len(find_holes(clean.geometry).polygons) == len(clean.lakes) == 0


def test_coordinates_are_on_the_grid_that_releases_publish() -> None:
    clean = clean_coverage(repair_polygons(jittered(1, 3, 10.0))[0])
    points = shapely.get_coordinates(clean.geometry)
    assert (np.round(points, 7) == points).all()


@pytest.mark.real
def test_flores_timur_gets_one_coverage_without_changing_any_desa_by_two_percent(
    shared_data: Path,
) -> None:
    table = gpd.read_parquet(shared_data / "wilayah_boundaries/kel_53.parquet")
    table = table[table.kode.str.startswith("53.06.")].sort_values("kode")
    repaired, _ = repair_polygons(np.asarray(table.geometry.values, dtype=object))
    clean = clean_coverage(repaired)
    assert is_coverage(clean.geometry)
    assert (np.abs(shapely.area(clean.geometry) / shapely.area(repaired) - 1) < 0.02).all()
