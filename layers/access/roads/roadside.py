"""Where people join the roads: anywhere along them, by the tens of thousands.

A desa's origin or a facility becomes a node of the network (`layers.access.roads.network`).  People
are too many for that: each cell joins at the nearest point of the nearest road, and what it costs
from there follows from the nodes on either side of that point.  The answer is the same.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from boundaries.geometry_arrays import Mask
from layers.access.straight.geodesy import Floats, bound_geodesic, measure_ecef
from layers.access.straight.nearest import CHUNK, Ints, measure_pairs

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


_AT_NODE_M = 1e-6
"""Nearer to a node than this a place stands on it, and no one-way road binds it."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """Straight pieces of road between neighbouring vertices, ferries left out, shape (n,) each.

    Parameters
    ----------
    first, second
        Lon, lat of the ends, shape (n, 2), the more western end first; no two have the same ends.
    metres
        Length.
    back, ahead
        The nearest node of the network along the line, beyond the first and the second end.
    back_m, ahead_m
        From the first and from the second end to it.
    back_min_m, ahead_min_m
        Minutes per metre that way; infinite where a one-way road forbids it.
    """

    first: Floats
    second: Floats
    metres: Floats
    back: NDArray[np.int32]
    ahead: NDArray[np.int32]
    back_m: Floats
    ahead_m: Floats
    back_min_m: Floats
    ahead_min_m: Floats


@dataclass(frozen=True, slots=True)
class Roadside:
    """Where each of many places joins: n places, of which m are within the limit.

    Parameters
    ----------
    joined
        Rows of those within the limit, shape (m,).
    leg_m
        To the nearest road, shape (n,); infinite without any.
    back, ahead
        Node on either side, shape (m,).
    back_m, ahead_m, back_min, ahead_min
        Along the road to it, metres and minutes, shape (m,); infinite where no way leads there.
    """

    joined: Ints
    leg_m: Floats
    back: NDArray[np.int32]
    ahead: NDArray[np.int32]
    back_m: Floats
    ahead_m: Floats
    back_min: Floats
    ahead_min: Floats

    def measure(self, cost: Floats, access_kmh: float, by: str) -> Floats:
        """Least cost from each place, by way of the cheaper side; null where nothing is reached.

        Parameters
        ----------
        cost
            Of each node to its facility, in ``by`` (``minutes`` or ``metres``); infinite: none.
        """
        back, ahead, leg = self.back_m, self.ahead_m, self.leg_m
        if by == "minutes":
            back, ahead = self.back_min, self.ahead_min
            leg = leg / (access_kmh * 1000 / 60)
        way = np.minimum(cost[self.back] + back, cost[self.ahead] + ahead)
        total = np.full(len(leg), np.nan)
        total[self.joined] = np.where(np.isfinite(way), way + leg[self.joined], np.nan)
        return total


def is_passable(oneway: Ints, direction: int) -> Mask:
    """Which roads are open along the line (1) or against it (-1)."""
    return np.asarray((oneway == 0) | (oneway == direction), bool)


def list_stretches(
    trail: Trail,
    node: NDArray[np.int32],
    total_m: Floats,
    kmh: Floats,
    oneway: Ints,
    is_road: Mask,
) -> Stretches:
    """The stretches of a trail, in an order that only their places decide.

    Where two roads lie on each other, they are one: each way at the speed of the faster.

    Parameters
    ----------
    node, total_m
        Of each vertex: its node (-1: none), and metres from the beginning of the trail.
    kmh, oneway, is_road
        Of each line: speed, direction (as `build_network` has it), and whether people join it.
    """
    vertex = np.arange(len(trail.line))
    start = vertex[:-1][(trail.line[1:] == trail.line[:-1]) & is_road[trail.line[1:]]]
    before = np.maximum.accumulate(np.where(node >= 0, vertex, -1))
    after = np.minimum.accumulate(np.where(node >= 0, vertex, len(vertex))[::-1])[::-1]
    is_turned = _is_east_first(trail.lonlat[start], trail.lonlat[start + 1])
    first, second = np.where(is_turned, start + 1, start), np.where(is_turned, start, start + 1)
    back = np.where(is_turned, after[first], before[first])
    ahead = np.where(is_turned, before[second], after[second])
    line = trail.line[start]
    rate = 60 / (kmh[line] * 1000)
    along = np.where(is_passable(oneway[line], 1), rate, np.inf)
    against = np.where(is_passable(oneway[line], -1), rate, np.inf)
    ends = np.concatenate([trail.lonlat[first], trail.lonlat[second]], axis=1)
    _, unique, same = np.unique(np.round(ends, 7), axis=0, return_index=True, return_inverse=True)
    return Stretches(
        first=trail.lonlat[first[unique]],
        second=trail.lonlat[second[unique]],
        metres=np.abs(total_m[second] - total_m[first])[unique],
        back=node[back[unique]],
        ahead=node[ahead[unique]],
        back_m=np.abs(total_m[first] - total_m[back])[unique],
        ahead_m=np.abs(total_m[second] - total_m[ahead])[unique],
        back_min_m=_take_least(np.where(is_turned, along, against), same.ravel(), len(unique)),
        ahead_min_m=_take_least(np.where(is_turned, against, along), same.ravel(), len(unique)),
    )


def _is_east_first(first: Floats, second: Floats) -> Mask:
    """Whether the first end is the more eastern one, at one longitude the more northern one."""
    level = first[:, 0] == second[:, 0]
    turned: Mask = (first[:, 0] > second[:, 0]) | (level & (first[:, 1] > second[:, 1]))
    return turned


def _take_least(values: Floats, group: Ints, groups: int) -> Floats:
    least = np.full(groups, np.inf)
    np.minimum.at(least, group, values)
    return least


def join_roadside(stretches: Stretches, lonlat: Floats, limit_m: float) -> Roadside:
    """The nearest point of the nearest road of each place, if at most ``limit_m`` away."""
    row, share, leg_m = _find_feet(stretches, lonlat)
    is_joined = leg_m <= limit_m
    row, share = row[is_joined], share[is_joined]

    along = share * stretches.metres[row]
    rest = stretches.metres[row] - along
    back_m, back_min = _cost_ways(stretches.back_m[row] + along, stretches.back_min_m[row])
    ahead_m, ahead_min = _cost_ways(stretches.ahead_m[row] + rest, stretches.ahead_min_m[row])
    return Roadside(
        np.flatnonzero(is_joined),
        leg_m,
        stretches.back[row],
        stretches.ahead[row],
        back_m,
        ahead_m,
        back_min,
        ahead_min,
    )


def _cost_ways(metres: Floats, rate: Floats) -> tuple[Floats, Floats]:
    """Metres and minutes along the road to a node; infinite where the rate is, but at the node."""
    rate = np.where(metres < _AT_NODE_M, 0.0, rate)
    return np.where(np.isfinite(rate), metres, np.inf), metres * rate


def _find_feet(stretches: Stretches, lonlat: Floats) -> tuple[Ints, Floats, Floats]:
    """Of each place the nearest stretch, how much of it lies before the foot, and metres to it."""
    count = len(lonlat)
    row, share, leg_m = np.zeros(count, np.int64), np.zeros(count), np.full(count, np.inf)
    if not len(stretches.metres):
        return row, share, leg_m
    scale = np.array([np.cos(np.radians(stretches.first[:, 1].mean())), 1.0])
    first, second = stretches.first * scale, stretches.second * scale
    pieces = np.asarray(shapely.linestrings(np.stack([first, second], axis=1)), dtype=object)
    tree = STRtree(pieces)
    step = second - first
    square = np.maximum((step**2).sum(axis=1), 1e-30)
    for start in range(0, count, CHUNK):
        part = slice(start, start + CHUNK)
        places = lonlat[part] * scale
        nearest = np.asarray(tree.nearest(shapely.points(places)), np.int64)
        along = ((places - first[nearest]) * step[nearest]).sum(axis=1) / square[nearest]
        row[part], share[part] = nearest, np.clip(along, 0, 1)
        feet = (first[nearest] + share[part, None] * step[nearest]) / scale
        chord = np.linalg.norm(measure_ecef(*lonlat[part].T) - measure_ecef(*feet.T), axis=1)
        leg_m[part] = bound_geodesic(chord)
    return row, share, leg_m
