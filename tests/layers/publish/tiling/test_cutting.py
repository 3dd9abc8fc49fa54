"""Whatever a coverage looks like, its pieces are valid, none is missing and none overlap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from layers.publish.mvt import EXTENT
from layers.publish.tile_layers import BUFFER_UNITS, cut_polygons
from layers.publish.tiling.cutting import ZoomPieces, cut_zooms

Shapes = NDArray[np.object_]
ZOOMS = (4, 12)


def pieces_of(zoom: ZoomPieces) -> Shapes:
    """The pieces of a zoom as polygons, in pixels of the world."""
    rings, shapes = zoom.rings, []
    for number in range(len(zoom.tile)):
        polygons: list[tuple[Any, list[Any]]] = []
        for ring in range(rings.owner[number], rings.owner[number + 1]):
            span = slice(rings.start[ring], rings.start[ring + 1])
            line = shapely.LinearRing(np.column_stack([rings.x[span], rings.y[span]]))
            if line.is_ccw:
                polygons.append((line, []))
            else:
                polygons[-1][1].append(line)
        shapes.append(shapely.MultiPolygon([shapely.Polygon(*polygon) for polygon in polygons]))
    return np.array([*shapes, None], dtype=object)[:-1]


def check(geometry: Shapes, zooms: tuple[int, int] = ZOOMS) -> None:
    """All features there, each piece valid and in its tile, no two over one another."""
    for zoom in cut_zooms(geometry, *zooms, EXTENT, BUFFER_UNITS):
        shapes = pieces_of(zoom)
        reasons = set(shapely.is_valid_reason(shapes).tolist())
        assert reasons <= {"Valid Geometry"}, zoom.zoom
        assert set(zoom.tile[:, 2].tolist()) == set(range(len(geometry))), zoom.zoom
        corner = zoom.tile[:, :2] * EXTENT
        boxes = shapely.box(*(corner - BUFFER_UNITS).T, *(corner + EXTENT + BUFFER_UNITS).T)
        assert shapely.covers(boxes, shapes).all()
        for tile in np.unique(zoom.tile[:, :2], axis=0):
            inside = shapes[(zoom.tile[:, :2] == tile).all(axis=1)]
            assert shapely.union_all(inside).area == shapely.area(inside).sum(), (zoom.zoom, tile)


def cells(seed: int, count: int, size: float, at: tuple[float, float]) -> Shapes:
    """A square of cells with crooked borders that neighbours share."""
    random = np.random.default_rng(seed)
    corner = np.array(at)
    points = shapely.MultiPoint(corner + random.random((count, 2)) * size)
    square = shapely.box(*corner, *(corner + size))
    parts = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=square))
    parts = shapely.get_parts(shapely.intersection(parts, square))
    lines = shapely.get_parts(shapely.unary_union(shapely.boundary(parts)))
    crooked = [wriggle(line, random, size / 40) for line in lines]
    return np.asarray(shapely.get_parts(shapely.polygonize([shapely.unary_union(crooked)])))


def wriggle(line: Any, random: np.random.Generator, reach: float) -> Any:
    """A line that runs about another, from end to end."""
    steps = np.linspace(0, 1, 12)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(line, steps, normalized=True))
    middle[1:-1] += (random.random((10, 2)) - 0.5) * min(reach, line.length)
    return shapely.LineString(middle)


@given(
    st.integers(0, 10_000),
    st.integers(2, 40),
    st.sampled_from([0.0004, 0.01, 0.3, 4.0]),
    st.sampled_from([(118.0, -8.0), (112.4999, -0.0001), (135.0, -4.21)]),
)
@settings(max_examples=25, deadline=None)
def test_cells_of_any_size_anywhere(
    seed: int, count: int, size: float, at: tuple[float, float]
) -> None:
    check(cells(seed, count, size, at))


@given(st.integers(0, 10_000), st.integers(1, 40), st.sampled_from([0.002, 0.1, 2.0]))
@settings(max_examples=25, deadline=None)
def test_islands_with_lakes_and_enclaves(seed: int, count: int, size: float) -> None:
    """Faces between circles, some of them water, the rest of a few features."""
    random = np.random.default_rng(seed)
    middles = np.array([119.0, -5.0]) + np.round(random.random((count, 2)) * size, 3)
    reach = size * random.random(count) / 4
    circles = shapely.boundary(shapely.buffer(shapely.points(middles), reach, quad_segs=3))
    faces = shapely.get_parts(shapely.polygonize([shapely.unary_union(circles)]))
    owner = random.integers(0, 5, len(faces))
    land = [shapely.union_all(faces[owner == number]) for number in range(1, 5)]
    features = [shape for shape in land if not shape.is_empty]
    if features:
        check(np.array([*features, None], dtype=object)[:-1])


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=30))
@settings(max_examples=25, deadline=None)
def test_squares_of_a_grid_that_meet_in_corners(places: list[tuple[int, int]]) -> None:
    """Each feature some of the squares, so that rings touch themselves and one another."""
    owners: dict[int, list[Any]] = {}
    for number, (x, y) in enumerate(dict.fromkeys(places)):
        square = shapely.box(120 + x / 50, y / 50, 120 + (x + 1) / 50, (y + 1) / 50)
        owners.setdefault(number % 3, []).append(square)
    check(np.array([*map(shapely.union_all, owners.values()), None], dtype=object)[:-1])


@pytest.mark.parametrize("side", [1e-7, 1e-5, 1e-3])
def test_many_specks_in_one_place_are_all_there(side: float) -> None:
    """More desa than pixels: each gets a square, taken from who lies there, and none two."""
    grid = [(x, y) for x in range(8) for y in range(8)]
    specks = [
        shapely.box(121 + x * side, y * side, 121 + (x + 1) * side, (y + 1) * side) for x, y in grid
    ]
    around = shapely.difference(shapely.box(120, -1, 122, 1), shapely.union_all(specks))
    check(np.array([around, *specks], dtype=object))


def test_a_coverage_has_no_gap_at_any_zoom() -> None:
    outline = shapely.box(110.0, -7.0, 110.5, -6.5)
    lines = shapely.boundary([*cells(3, 60, 0.5, (110.0, -7.0)), outline])
    faces = shapely.get_parts(shapely.polygonize([shapely.unary_union(lines)]))
    square = faces[shapely.covers(outline, shapely.point_on_surface(faces))]
    for cut in cut_zooms(square, 4, 12, EXTENT, BUFFER_UNITS):
        shapes = pieces_of(cut)
        for tile in np.unique(cut.tile[:, :2], axis=0):
            union = shapely.union_all(shapes[(cut.tile[:, :2] == tile).all(axis=1)])
            assert all(not part.interiors for part in shapely.get_parts(union))


def test_neighbours_overlapping_and_crossing_themselves_still_give_valid_pieces() -> None:
    bowtie = shapely.Polygon([(120, 0), (121, 1), (121, 0), (120, 1)])
    over = shapely.box(120.2, -0.5, 120.9, 0.9)
    flat = shapely.Polygon([(122, 0), (123, 0), (122, 0)])
    for zoom in cut_zooms(
        np.array([bowtie, over, flat], dtype=object), 4, 12, EXTENT, BUFFER_UNITS
    ):
        assert shapely.is_valid(pieces_of(zoom)).all()
        assert set(zoom.tile[:, 2].tolist()) == {0, 1, 2}


def test_the_same_polygons_give_the_same_bytes() -> None:
    square = cells(5, 30, 0.2, (110.0, -7.0))
    first, second = (
        [(cut.zoom, cut.geometry.buffer) for cut in cut_polygons(square, 4, 12)] for _ in range(2)
    )
    assert first == second
