"""Whether a GeoJSON geometry has a point in common with a box: exact, on numpy alone.

The server must not load shapely (it would cost each process 100 MB and a second of start), and
needs this one predicate.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, TypedDict

import numpy as np

from layers.release.array_kinds import Floats

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


class Geometry(TypedDict, total=False):
    """A GeoJSON geometry in lon/lat."""

    type: str
    coordinates: list[object]
    geometries: list[Geometry]


def touches_box(geometry: Geometry | None, box: Box) -> bool:
    """Whether geometry and box share a point; the edge of either counts as part of it.

    Parameters
    ----------
    geometry
        A GeoJSON geometry in lon/lat, or None.
    box
        West, south, east, north in the same unit, ``west <= east`` and ``south <= north``.

    Example
    -------
    >>> square = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]}
    >>> touches_box(square, (1, 1, 2, 2)), touches_box(square, (5, 0, 6, 1))
    (True, False)
    """
    if geometry is None:
        return False
    kind, coordinates = geometry["type"], geometry.get("coordinates", [])
    if kind == "GeometryCollection":
        return any(touches_box(part, box) for part in geometry["geometries"])
    if kind in {"Point", "MultiPoint"}:
        return any(_has_vertex_in(points, box) for points in _parts(coordinates, kind == "Point"))
    if kind in {"LineString", "MultiLineString"}:
        return any(_crosses(line, box) for line in _parts(coordinates, kind == "LineString"))
    polygons = [coordinates] if kind == "Polygon" else coordinates
    return any(isinstance(polygon, list) and _polygon_touches(polygon, box) for polygon in polygons)


def _parts(coordinates: list[object], is_single: bool) -> Iterator[Floats]:
    for part in [coordinates] if is_single else coordinates:
        points = np.asarray(part, np.float64)
        yield points.reshape(-1, points.shape[-1])[:, :2]


def _polygon_touches(polygon: list[object], box: Box) -> bool:
    rings = list(_parts(polygon, is_single=False))
    if any(_crosses(ring, box) for ring in rings):
        return True
    # No edge meets the box, so it lies wholly inside or wholly outside; holes count by parity.
    return sum(_crossings_right_of(box[0], box[1], ring) for ring in rings) % 2 == 1


def _has_vertex_in(points: Floats, box: Box) -> bool:
    x, y = points[:, 0], points[:, 1]
    inside = (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
    return bool(inside.any())


def _crosses(line: Floats, box: Box) -> bool:
    """Whether any segment of a line meets the box.

    By separating axes: a segment misses the box if their extents are apart, or if all four corners
    lie strictly on one side of it.
    """
    a, b = line[:-1], line[1:]
    low, high = np.minimum(a, b), np.maximum(a, b)
    near = (low[:, 0] <= box[2]) & (high[:, 0] >= box[0])
    near &= (low[:, 1] <= box[3]) & (high[:, 1] >= box[1])
    if not near.any():
        return len(line) == 1 and _has_vertex_in(line, box)
    a, b = a[near], b[near]
    corner_x = np.array([box[0], box[2], box[2], box[0]])
    corner_y = np.array([box[1], box[1], box[3], box[3]])
    step = b - a
    side = step[:, :1] * (corner_y - a[:, 1:]) - step[:, 1:] * (corner_x - a[:, :1])
    return bool(((side.min(axis=1) <= 0) & (side.max(axis=1) >= 0)).any())


def _crossings_right_of(x: float, y: float, ring: Floats) -> int:
    """How many edges of a ring a ray from the point to the east crosses."""
    a, b = ring[:-1], ring[1:]
    spans = (a[:, 1] > y) != (b[:, 1] > y)
    a, b = a[spans], b[spans]
    crossing = a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1])
    return int((crossing > x).sum())
