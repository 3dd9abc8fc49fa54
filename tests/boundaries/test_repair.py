from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from boundaries.coverage.repair import repair_polygons

SHELL = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]
INNER = [(1, 1), (3, 1), (3, 3), (1, 3), (1, 1)]
INNEST = [(1.5, 1.5), (2, 1.5), (2, 2), (1.5, 2), (1.5, 1.5)]
BOW_TIE = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
HOLE_OUTSIDE = shapely.Polygon(SHELL, [[(5, 5), (6, 5), (6, 6)]])
HOLE_LARGER = shapely.Polygon(INNER, [SHELL])
NESTED_SHELLS = shapely.MultiPolygon([shapely.Polygon(SHELL), shapely.Polygon(INNER)])
SPIKE = shapely.Polygon([(0, 0), (4, 0), (4, 4), (2, 4), (2, 9), (2, 4), (0, 4)])


def repair(*shapes: Any) -> Any:
    return repair_polygons(np.array(shapes, dtype=object))


@pytest.mark.parametrize(
    ("shape", "code", "area"),
    [
        (BOW_TIE, "boundary.self_intersection", 2.0),
        (HOLE_OUTSIDE, "boundary.hole_outside", 16.5),
        (HOLE_LARGER, "boundary.hole_outside", 12.0),
        (NESTED_SHELLS, "boundary.nested_shells", 16.0),
        (SPIKE, "boundary.self_intersection", 16.0),
        (shapely.Polygon(SHELL, [INNER, INNEST]), "boundary.nested_holes", 12.0),
        (shapely.Polygon(SHELL, [INNER, INNER]), "boundary.duplicate_rings", 12.0),
        (shapely.MultiPolygon([shapely.Polygon(SHELL)] * 2), "boundary.duplicate_rings", 16.0),
        (shapely.Polygon(SHELL, [[(1, 1), (2, 1), (1, 1)]]), "boundary.degenerate", 16.0),
    ],
)
def test_each_kind_of_invalid_polygon_is_named_and_repaired(
    shape: Any, code: str, area: float
) -> None:
    (repaired,), (record,) = repair(shape)
    assert record.code == code
    assert shapely.is_valid(repaired)
    assert shapely.area(repaired) == pytest.approx(area)
    finding = record.finding("f.gpkg", 3, "99.01.01.2001")
    assert (finding.row, finding.kode, finding.unit) == (3, "99.01.01.2001", "%")


def test_a_polygon_of_which_nothing_is_left_is_an_error() -> None:
    flat = shapely.Polygon([(0, 0), (1, 0), (2, 0), (0, 0)])
    (repaired,), (record,) = repair(flat)
    assert repaired is None
    assert record.finding(None, None, None).severity == "error"


@pytest.mark.parametrize("nothing", [None, shapely.Polygon()])
def test_what_was_not_drawn_stays_without_geometry(nothing: Any) -> None:
    (repaired,), records = repair(nothing)
    assert repaired is None
    assert records == []


def test_a_valid_polygon_keeps_its_shape_and_says_nothing() -> None:
    shape = shapely.Polygon(SHELL[::-1], [INNER])
    (repaired,), records = repair(shape)
    assert records == []
    assert repaired.equals(shape)
    assert repaired.exterior.is_ccw
    assert not repaired.interiors[0].is_ccw


def test_repeated_points_are_dropped() -> None:
    (repaired,), _ = repair(shapely.Polygon([SHELL[0], *SHELL]))
    assert shapely.get_num_coordinates(repaired) == 5


def ring_below_the_grid(west: float) -> list[tuple[float, float]]:
    """A ring of which all points fall on one place of the grid."""
    return [(west, 1), (west + 1e-8, 1), (west + 1e-8, 1 + 1e-8), (west, 1)]


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Polygon(SHELL, [ring_below_the_grid(1)]),
        shapely.MultiPolygon([shapely.Polygon(SHELL), shapely.Polygon(ring_below_the_grid(9))]),
    ],
)
def test_a_ring_smaller_than_the_grid_is_left_out_and_spoils_no_other_polygon(shape: Any) -> None:
    repaired, _ = repair(shapely.Polygon(INNER), shape, shapely.Polygon(ring_below_the_grid(5)))
    assert repaired[0].area == 4.0
    assert shapely.is_valid(repaired[1])
    assert repaired[1].area == 16.0
    assert repaired[2] is None
