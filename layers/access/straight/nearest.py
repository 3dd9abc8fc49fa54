"""Which facility is nearest to each place, in a straight line on the ellipsoid.

Arrays in, arrays out; what the rows are is the caller's business
(`layers.access.straight.distance`).
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from scipy.spatial import cKDTree

from layers.access.straight.geodesy import NEAR_M, Floats, bound_geodesic, measure_ecef

Ints = NDArray[np.int64]

WGS84 = Geod(ellps="WGS84")
CHUNK = 1 << 18
GROUP_STRIDE_M = 1e8
_SLACK_M = 1e-6


@dataclass(frozen=True, slots=True)
class Nearest:
    """For each place the nearest facility: row number (-1: none) and geodesic metres (NaN)."""

    index: NDArray[np.int32]
    distance_m: Floats


def find_nearest(
    places: Floats,
    facilities: Floats,
    place_groups: Ints | None = None,
    facility_groups: Ints | None = None,
    *,
    is_quick: bool = False,
) -> Nearest:
    """The nearest facility of each place; of equally near ones the first in the given order.

    Exact, not approximate: a k-d tree over Cartesian coordinates orders facilities by the chord
    through the earth, which is not quite the order of geodesics.  `bound_geodesic` of the first
    says how long a chord may be and still win, every facility inside that bound is measured on the
    ellipsoid, and where the last of the k neighbours is still inside, k is doubled.

    Parameters
    ----------
    places, facilities
        Lon, lat in degrees, shapes (n, 2) and (m, 2).
    place_groups, facility_groups
        When given, only a facility of the place's own group counts.  Groups are numbers from 0;
        negative means no group, which matches nothing.
    is_quick
        Up to `NEAR_M` the distance may be the arc over the chord, which is at most 2 mm too long;
        which facility is nearest is exact all the same.
    """
    count = len(places)
    result = Nearest(np.full(count, -1, np.int32), np.full(count, np.nan))
    usable = np.arange(len(facilities))
    if facility_groups is not None:
        usable = usable[facility_groups >= 0]
    if count == 0 or usable.size == 0:
        return result
    points = _lift(facilities[usable], None if facility_groups is None else facility_groups[usable])
    first = _first_of_each_place(points)
    points, usable = points[first], usable[first]
    tree = cKDTree(points, balanced_tree=False, compact_nodes=True)
    for start in range(0, count, CHUNK):
        rows = slice(start, min(start + CHUNK, count))
        groups = None if place_groups is None else place_groups[rows]
        index, distance = _search(tree, places[rows], facilities, usable, groups, is_quick)
        result.index[rows] = index
        result.distance_m[rows] = distance
    return result


def measure_pairs(first: Floats, second: Floats) -> Floats:
    """Geodesic metres between rows of two arrays of lon, lat."""
    _, _, distance = WGS84.inv(first[:, 0], first[:, 1], second[:, 0], second[:, 1])
    return np.asarray(distance, float)


def _lift(lonlat: Floats, groups: Ints | None) -> Floats:
    """Cartesian coordinates; a group is one more axis, along which groups are far apart."""
    points = measure_ecef(lonlat[:, 0], lonlat[:, 1])
    if groups is None:
        return points
    return np.column_stack([points, groups * GROUP_STRIDE_M])


def _first_of_each_place(points: Floats) -> Ints:
    """Row numbers without repeated positions: a heap of equal points would be searched whole."""
    _, first = np.unique(points, axis=0, return_index=True)
    return np.sort(first)


def _search(
    tree: cKDTree,
    places: Floats,
    facilities: Floats,
    usable: Ints,
    groups: Ints | None,
    is_quick: bool,
) -> tuple[NDArray[np.int32], Floats]:
    points = _lift(places, None if groups is None else np.where(groups < 0, -1, groups))
    index = np.full(len(places), -1, np.int32)
    distance = np.full(len(places), np.nan)
    open_rows, k = np.arange(len(places)), min(2, tree.n)
    while open_rows.size:
        hits = tree.query(points[open_rows], k=range(1, k + 1))
        chords, neighbours = np.asarray(hits[0], float), np.asarray(hits[1], np.int64)
        near, bound = chords[:, 0] < GROUP_STRIDE_M / 2, bound_geodesic(chords[:, 0]) + _SLACK_M
        settled = ~near | (chords[:, -1] > bound) | (k >= tree.n)
        done = np.flatnonzero(settled & near)
        row, column = np.nonzero(chords[done] <= bound[done, None])
        ours = open_rows[done][row]
        theirs = usable[neighbours[done[row], column]]
        metres = bound_geodesic(chords[done][row, column])
        alone = np.bincount(row, minlength=done.size)[row] == 1
        exact = ~(is_quick & alone & (metres <= NEAR_M))
        metres[exact] = measure_pairs(places[ours[exact]], facilities[theirs[exact]])
        best = _first_best(ours, metres, theirs)
        index[ours[best]], distance[ours[best]] = theirs[best], metres[best]
        open_rows, k = open_rows[~settled], min(2 * k, tree.n)
    return index, distance


def _first_best(row: Ints, metres: Floats, theirs: Ints) -> Ints:
    """Positions of the winner of each row: least metres, then first facility."""
    if np.all(row[1:] > row[:-1]):
        return np.arange(row.size)
    order = np.lexsort((theirs, metres, row))
    starts = np.flatnonzero(np.r_[True, np.diff(row[order]) > 0])
    return order[starts]


def measure_to_polygon(polygon: shapely.Geometry | None, x: float, y: float) -> float:
    """Metres from a position to the nearest point of a polygon; NaN where there is none."""
    if polygon is None or shapely.is_empty(polygon):
        return float("nan")
    way = shapely.get_coordinates(shapely.shortest_line(shapely.Point(x, y), polygon))
    return round(float(measure_pairs(way[:1], way[1:])[0]), 1)
