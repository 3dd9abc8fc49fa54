"""The box predicate against shapely, on a zoo and on random shapes."""

from __future__ import annotations

import json

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.release.features import touches_box

ZOO = [
    "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))",
    "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (2 2, 2 7, 7 7, 7 2, 2 2))",
    "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 1, 0 0)), ((5 5, 8 5, 8 8, 5 8, 5 5)))",
    "POLYGON ((0 0, 9 1, 1 2, 9 3, 0 4, 0 0))",
    "POINT (3 3)",
    "MULTIPOINT ((1 1), (8 8))",
    "LINESTRING (0 0, 9 9)",
    "MULTILINESTRING ((0 5, 5 0), (9 9, 8 8))",
    "GEOMETRYCOLLECTION (POINT (1 1), POLYGON ((6 6, 7 6, 7 7, 6 6)))",
]
BOXES = [(x, y, x + w, y + w) for x in (-2, 0, 2.5, 3, 5, 8) for y in (0, 3, 7) for w in (0, 1, 9)]


@pytest.mark.parametrize("wkt", ZOO)
def test_agrees_with_shapely_on_the_zoo(wkt: str) -> None:
    shape = shapely.from_wkt(wkt)
    geometry = json.loads(shapely.to_geojson(shape))
    for box in BOXES:
        assert touches_box(geometry, box) == shape.intersects(as_shape(box)), box


def as_shape(box: tuple[float, float, float, float]) -> shapely.Geometry:
    """The box as a polygon, line or point, as its sides have it."""
    return shapely.MultiPoint([box[:2], box[2:]]).envelope


@settings(derandomize=True, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=3, max_size=12, unique=True
    ),
    st.tuples(st.integers(-3, 20), st.integers(-3, 20), st.integers(0, 9), st.integers(0, 9)),
)
def test_agrees_with_shapely_on_any_polygon(
    points: list[tuple[int, int]], frame: tuple[int, int, int, int]
) -> None:
    shape = shapely.Polygon(points).buffer(0)
    box = (frame[0], frame[1], frame[0] + frame[2], frame[1] + frame[3])
    if shape.is_empty:
        return
    geometry = json.loads(shapely.to_geojson(shape))
    assert touches_box(geometry, box) == shape.intersects(as_shape(box))


def test_nothing_touches_no_box() -> None:
    assert not touches_box(None, (0, 0, 1, 1))
