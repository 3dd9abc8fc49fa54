"""Damage of the kinds that borders suffer in offices, done to one polygon at a chosen place."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

Corner = tuple[float, float]


def cross_outline(shape: MultiPolygon) -> MultiPolygon:
    """The outline crosses itself: a run of four vertices stands in reverse order.

    Of all such runs the one that moves the least land, so that the repair is beyond dispute.
    """
    first, *others = shape.geoms
    ring = shapely.get_coordinates(first.exterior)
    candidates = []
    for vertex in range(1, len(ring) - 5):
        crossed = ring.copy()
        crossed[vertex : vertex + 4] = ring[vertex : vertex + 4][::-1]
        damaged = Polygon(crossed, list(first.interiors))
        if not damaged.is_valid:
            moved = shapely.make_valid(damaged).symmetric_difference(first).area
            candidates.append((round(moved, 12), vertex, damaged))
    return MultiPolygon([min(candidates, key=lambda each: each[:2])[2], *others])


def repeat_corners(shape: MultiPolygon) -> MultiPolygon:
    """Every tenth vertex stands there twice."""
    first, *others = shape.geoms
    ring = shapely.get_coordinates(first.exterior)
    doubled = np.repeat(ring, np.where(np.arange(len(ring)) % 10 == 5, 2, 1), axis=0)
    return MultiPolygon([Polygon(doubled, list(first.interiors)), *others])


def redraw_border(shape: MultiPolygon, neighbours: Sequence[MultiPolygon]) -> MultiPolygon:
    """The border with the neighbours as another office drew it: every second vertex is off.

    Such a vertex has moved a third of its way towards the line between the vertices beside it, so
    slivers and overlaps of a few metres open.  Ends of the shared border stay where they are.
    """
    first, *others = shape.geoms
    theirs = Counter(
        corner for other in neighbours for corner in set(map(tuple, shapely.get_coordinates(other)))
    )
    ring: list[Corner] = [(float(x), float(y)) for x, y in first.exterior.coords]
    moved = list(ring)
    for vertex in range(2, len(ring) - 2, 2):
        before, corner, after = ring[vertex - 1 : vertex + 2]
        if theirs[corner] == 1 and theirs[before] and theirs[after]:
            moved[vertex] = _towards(
                corner, ((before[0] + after[0]) / 2, (before[1] + after[1]) / 2)
            )
    return MultiPolygon([Polygon(moved, list(first.interiors)), *others])


def _towards(corner: Corner, goal: Corner) -> Corner:
    x, y = (start + (end - start) / 3 for start, end in zip(corner, goal, strict=True))
    return round(x, 7), round(y, 7)
