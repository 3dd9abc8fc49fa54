"""Roads as one trail of vertices, with the places that join them put in where they do."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from layers.access.straight.geodesy import Floats
from layers.access.straight.nearest import Ints, measure_pairs

_GRAIN = 1e7


@dataclass(frozen=True, slots=True)
class Trail:
    """All vertices of all lines in order, the joined places among them.

    Parameters
    ----------
    lonlat, line, is_snap
        Of each vertex: where it is, on which line, and whether a place joined there.
    snap_order
        Position among the joined vertices of each place of ``snapped``.
    snapped
        Rows of the places that are within the limit.
    snap_m
        Distance of every place to the nearest road, metres; null without any road.
    """

    lonlat: Floats
    line: Ints
    is_snap: NDArray[np.bool_]
    snap_order: Ints
    snapped: Ints
    snap_m: Floats


def make_trail(
    lines: NDArray[np.object_], places: Floats, limit_m: float, is_ferry: NDArray[np.bool_]
) -> Trail:
    """The lines with each place put in at the nearest point of the nearest road.

    Places farther than ``limit_m`` join nowhere, and nobody joins a ferry on its way.
    """
    lonlat, line = shapely.get_coordinates(lines, return_index=True)
    if not len(lines):
        empty = np.empty(0, np.int64)
        nowhere = np.full(len(places), np.nan)
        return Trail(lonlat, line, np.empty(0, bool), empty, empty, nowhere)
    scale = np.array([np.cos(np.radians(lonlat[:, 1].mean())), 1.0])
    flat = shapely.linestrings(lonlat * scale, indices=line)
    roads = np.flatnonzero(~is_ferry) if not is_ferry.all() else np.arange(len(lines))
    points = shapely.points(places * scale)
    nearest = roads[np.asarray(STRtree(flat[roads]).nearest(points), np.int64)]
    along = np.asarray(shapely.line_locate_point(flat[nearest], points), float)
    foot = shapely.get_coordinates(shapely.line_interpolate_point(flat[nearest], along)) / scale
    snap_m = measure_pairs(places, foot) if len(places) else np.empty(0)
    snapped = np.flatnonzero(snap_m <= limit_m)
    position = _measure_positions(lonlat * scale, line)
    every = np.concatenate([line, nearest[snapped]])
    order = np.lexsort((np.concatenate([position, along[snapped]]), every))
    is_snap = order >= len(line)
    return Trail(
        np.concatenate([lonlat, foot[snapped]])[order],
        every[order],
        is_snap,
        np.argsort(order[is_snap], kind="stable"),
        snapped,
        snap_m,
    )


def _measure_positions(flat: Floats, line: Ints) -> Floats:
    """How far along its line each vertex lies, in the units of ``flat``."""
    step = np.hypot(*np.diff(flat, axis=0).T)
    total = np.concatenate([[0.0], np.cumsum(step)])
    first = np.r_[True, line[1:] != line[:-1]]
    beginning: Floats = total[np.flatnonzero(first)][np.cumsum(first) - 1]
    return total - beginning


def number_nodes(
    lonlat: Floats, line: Ints, is_snap: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], Floats]:
    """Node number of each vertex, -1 for those between nodes, and where nodes lie.

    Nodes are the ends of lines, vertices shared by several passes of lines, and joined places.
    """
    key = np.round(lonlat * _GRAIN).astype(np.int64)
    packed = (key[:, 0] << 32) + key[:, 1]
    _, vertex, count = np.unique(packed, return_inverse=True, return_counts=True)
    edge = np.r_[True, line[1:] != line[:-1]] if len(line) else np.empty(0, bool)
    last = np.r_[edge[1:], True] if len(line) else edge
    is_node = edge | last | is_snap | (count[vertex] > 1)
    node = np.full(len(line), -1, np.int32)
    used, number = np.unique(vertex[is_node], return_inverse=True)
    node[is_node] = number
    place = np.zeros((len(used), 2))
    place[number[::-1]] = lonlat[is_node][::-1]
    return node, place
