"""Holes that touch their own outline in one point, opened by two centimetres.

Such a polygon is valid, and a coverage with it can be, but `coverage_is_valid` (GEOS 3.14) takes
the border of a neighbour at that point for an overlap: 4 of 83,403 desa.  Moving the corner of the
hole, and of what fills it, off the outline removes the doubt for every reader after us.
"""

import numpy as np
import shapely

from boundaries.coverage.repair import GRID_DECIMALS
from boundaries.geometry_arrays import Floats, Geometries, Geometry, Mask

OPENING_DEGREES = 2e-7


def open_pinches(coverage: Geometries) -> Geometries:
    """The coverage with every hole clear of its own outline."""
    opened = coverage.copy()
    for index in np.flatnonzero(_touches_itself(coverage)):
        for part in shapely.get_parts(coverage[index]):
            for hole, corner in _touching_holes(part):
                _move_corner(opened, shapely.Polygon(hole), corner)
    return opened


def _touches_itself(coverage: Geometries) -> Mask:
    """Whether a polygon with holes has one point twice (ends of rings apart)."""
    candidates = np.zeros(len(coverage), dtype=bool)
    for index, shape in enumerate(coverage):
        parts = shapely.get_parts(shape)
        for part in parts[shapely.get_num_interior_rings(parts) > 0]:
            points = shapely.get_coordinates(part)
            rings = 1 + shapely.get_num_interior_rings(part)
            candidates[index] |= len(np.unique(points, axis=0)) < len(points) - rings
    return candidates


def _touching_holes(part: shapely.Polygon) -> list[tuple[shapely.LinearRing, Floats]]:
    outline = {tuple(point) for point in shapely.get_coordinates(part.exterior)}
    touching = []
    for hole in part.interiors:
        shared = [point for point in map(tuple, hole.coords[:-1]) if point in outline]
        touching += [(hole, np.array(point)) for point in shared]
    return touching


def _move_corner(opened: Geometries, hole: shapely.Polygon, corner: Floats) -> None:
    """Move the corner into the hole, in the hole itself and in every polygon that fills it."""
    target = _inward(hole, corner)
    inside = shapely.buffer(hole, 10.0**-GRID_DECIMALS)
    for index in shapely.STRtree(opened).query(hole):
        parts = shapely.get_parts(opened[index])
        changed = [_moved(part, hole, inside, corner, target) for part in parts]
        opened[index] = changed[0] if len(changed) == 1 else shapely.multipolygons(changed)


def _moved(
    part: shapely.Polygon,
    hole: shapely.Polygon,
    inside: Geometry,
    corner: Floats,
    target: Floats,
) -> shapely.Polygon:
    def shift(ring: Geometry) -> Floats:
        points = shapely.get_coordinates(ring)
        points[(points == corner).all(axis=1)] = target
        return points

    if shapely.covers(inside, part):
        return shapely.Polygon(shift(part.exterior), [shift(ring) for ring in part.interiors])
    if not any(ring.equals(hole.exterior) for ring in part.interiors):
        return part
    rings = [shift(ring) if ring.equals(hole.exterior) else ring for ring in part.interiors]
    return shapely.Polygon(part.exterior, rings)


def _inward(hole: shapely.Polygon, corner: Floats) -> Floats:
    """The nearest grid point inside the hole in the direction of its corner's bisector."""
    points = shapely.get_coordinates(hole.exterior)[:-1]
    corner_index = int(np.flatnonzero((points == corner).all(axis=1))[0])
    sides = [points[corner_index - 1] - corner, points[(corner_index + 1) % len(points)] - corner]
    bisector: Floats = np.sum([side / np.hypot(*side) for side in sides], axis=0)
    length = np.hypot(*bisector)
    direction = bisector / length if length else np.array([-sides[0][1], sides[0][0]])
    for factor in (1, -1, 2, -2, 4, -4, 8, -8):
        moved = corner + factor * OPENING_DEGREES * direction
        target: Floats = np.round(moved, GRID_DECIMALS).astype(np.float64)
        if shapely.contains(hole, shapely.Point(target)):
            return target
    return corner
