"""Slivers: narrow holes between the polygons of a coverage that belong to nobody and are no lake.

Why not ``coverage_clean(gap_width=...)``: its merging grows worse than linearly (Jawa Barat, 5,957
desa: 143 s).  Once the polygons share their edges, a sliver is an inner ring of their union, its
vertices are those of its neighbours, and merging it is a union of polygons that share edges: linear
in the number of slivers (the same 36,000 slivers: 5 s).
"""

from dataclasses import dataclass

import numpy as np
import shapely

from boundaries.geometry_arrays import Floats, Geometries, Geometry, Positions

METRES_PER_DEGREE = 111_320.0
"""Along a meridian, and along the equator; Indonesia lies within 12 degrees of it (2 %)."""

WIDTH_TOLERANCE_DEGREES = 1e-6


@dataclass(frozen=True, slots=True)
class Holes:
    """The holes of a coverage: where no polygon of it lies, but all around.

    Parameters
    ----------
    polygons
        Shape (n,).
    width_m
        Diameter of the largest circle that fits, shape (n,).
    """

    polygons: Geometries
    width_m: Floats


def find_holes(coverage: Geometries) -> Holes:
    """The holes in the union of polygons that share their edges."""
    union = shapely.get_parts(_union(coverage))
    rings, owners = shapely.get_rings(union, return_index=True)
    is_shell = np.ones(len(rings), dtype=bool)
    is_shell[1:] = owners[1:] != owners[:-1]
    polygons = np.asarray(shapely.polygons(rings[~is_shell]), dtype=object)
    if len(polygons) == 0:
        return Holes(polygons, np.empty(0))
    circles = shapely.maximum_inscribed_circle(polygons, tolerance=WIDTH_TOLERANCE_DEGREES)
    return Holes(polygons, 2 * METRES_PER_DEGREE * shapely.length(circles))


def merge_slivers(coverage: Geometries, slivers: Geometries) -> tuple[Geometries, Positions]:
    """The coverage with each sliver given to the neighbour with the longest shared border.

    Ties go to the earlier polygon.

    Returns
    -------
    coverage
        Shape as given.
    owners
        Position of the polygon that each sliver went to.
    """
    if len(slivers) == 0:
        return coverage, np.empty(0, dtype=np.int64)
    owners = _longest_neighbour(coverage, slivers)
    merged = coverage.copy()
    order = np.argsort(owners, kind="stable")
    targets, starts = np.unique(owners[order], return_index=True)
    for target, group in zip(targets, np.split(order, starts[1:]), strict=True):
        parts = np.append(shapely.get_parts(coverage[target]), slivers[group])
        merged[target] = _union(parts)
    return merged, owners


def _longest_neighbour(coverage: Geometries, slivers: Geometries) -> Positions:
    which, neighbour = shapely.STRtree(coverage).query(slivers, predicate="intersects")
    shared = shapely.length(
        shapely.intersection(
            shapely.boundary(slivers)[which], shapely.boundary(coverage)[neighbour]
        )
    )
    order = np.lexsort((neighbour, -np.round(shared, 10), which))
    first = np.unique(which[order], return_index=True)[1]
    return np.asarray(neighbour[order][first], dtype=np.int64)


def _union(parts: Geometries) -> Geometry:
    """The union; the quick way trusts that borders are shared, and says so when they are not."""
    try:
        return shapely.coverage_union_all(parts)
    except shapely.errors.GEOSException:
        return shapely.union_all(parts)
