"""Distance and travel time along roads, from places to the facility reached first.

Roads are lines; they meet where they share a vertex, not where they merely cross (bridges).  A
place joins the road network at the nearest point of the nearest road, which becomes a node; the leg
to it is walked.  Beyond the snapping limit, or in another part of the network than any facility, a
place is unreachable: null with a reason, never 0 and never a cap.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from shapely import STRtree

from layers.access.geodesy import Floats
from layers.access.kernels import BLOCK, spread_over_graph
from layers.access.nearest import Ints, measure_pairs
from layers.access.speeds import FERRY, SpeedTable

MOST_BUCKETS = 1 << 16
_GRAIN = 1e7


@dataclass(frozen=True, slots=True)
class Network:
    """Roads as a directed graph in compressed rows, with the places that joined it.

    Parameters
    ----------
    start, target
        The edges of node ``i`` are ``start[i]:start[i + 1]``.
    minutes, metres
        Of each edge; between the same two nodes the least of each is kept.
    snap_node, snap_m
        Node and leg of each place given; -1 and the true distance beyond the limit.
    part
        Number of the connected part each node is in (ways both ways); 0 is the largest.
    """

    start: NDArray[np.int32]
    target: NDArray[np.int32]
    minutes: Floats
    metres: Floats
    lonlat: Floats
    snap_node: NDArray[np.int32]
    snap_m: Floats
    part: Ints

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return len(self.start) - 1


def build_network(
    roads: gpd.GeoDataFrame, speeds: SpeedTable, mode: str, places: Floats
) -> Network:
    """The graph of the roads that ``mode`` may use, with ``places`` joined to it.

    Parameters
    ----------
    roads
        Lines in EPSG:4326 with ``road_class`` (of the speed table) and ``oneway`` (1 along the
        line, -1 against it, 0 both ways).
    places
        Lon, lat of everything that will be an origin or a facility, shape (n, 2).
    """
    kmh = roads["road_class"].map(speeds.modes[mode].roads).fillna(0).to_numpy(float)
    usable = kmh > 0
    lines = np.asarray(roads.geometry.array, dtype=object)[usable]
    road_class = roads["road_class"].to_numpy(dtype=object)[usable]
    trail = _make_trail(lines, places, speeds.snap_limit_m, road_class == FERRY)
    node, lonlat = _number_nodes(trail.lonlat, trail.line, trail.is_snap)
    edges = _make_edges(trail, node)
    boarding = np.where(
        (road_class == FERRY)[edges.line], speeds.ferry_boarding_min * edges.is_first, 0.0
    )
    arriving = np.where(
        (road_class == FERRY)[edges.line], speeds.ferry_boarding_min * edges.is_last, 0.0
    )
    riding = edges.metres / (kmh[usable][edges.line] * 1000 / 60)
    oneway = roads["oneway"].to_numpy(int)[usable][edges.line]
    along, against = oneway >= 0, oneway <= 0
    source = np.concatenate([edges.first[along], edges.second[against]])
    target = np.concatenate([edges.second[along], edges.first[against]])
    minutes = np.concatenate([(riding + boarding)[along], (riding + arriving)[against]])
    metres = np.concatenate([edges.metres[along], edges.metres[against]])
    start, target, minutes, metres = _compress(source, target, minutes, metres, len(lonlat))
    snap_node = np.full(len(places), -1, np.int32)
    snap_node[trail.snapped] = node[np.flatnonzero(trail.is_snap)][trail.snap_order]
    return Network(
        start, target, minutes, metres, lonlat, snap_node, trail.snap_m,
        _find_parts(start, target),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reached:
    """For each origin the facility reached first: row (-1: none) and cost (NaN)."""

    facility: NDArray[np.int32]
    cost: Floats


def measure_reach(
    network: Network,
    origins: Ints,
    facilities: Ints,
    access_kmh: float,
    *,
    by: str = "minutes",
    goes_to_facility: bool = True,
) -> Reached:
    """Least minutes (or metres) from each origin to a facility, legs to the road included.

    Parameters
    ----------
    origins, facilities
        Rows of the places given to `build_network`; ties go to the first facility.
    by
        ``minutes`` or ``metres``.
    goes_to_facility
        Ways lead to the facility, so one-way roads are followed backwards from it.
    """
    weight = network.minutes if by == "minutes" else network.metres
    leg = network.snap_m / (access_kmh * 1000 / 60) if by == "minutes" else network.snap_m
    start, target = network.start, network.target
    if goes_to_facility:
        start, target, weight = _reverse(start, target, weight)
    joined = np.flatnonzero(network.snap_node[facilities] >= 0)
    seeds = network.snap_node[facilities[joined]]
    cost, owner = spread(start, target, weight, seeds, leg[facilities[joined]])
    at = network.snap_node[origins]
    reached = at >= 0
    reached[reached] = owner[at[reached]] >= 0
    facility = np.full(len(origins), -1, np.int32)
    facility[reached] = joined[owner[at[reached]]]
    total = np.full(len(origins), np.nan)
    total[reached] = cost[at[reached]] + leg[origins[reached]]
    return Reached(facility, total)


def spread(
    start: NDArray[np.int32],
    target: NDArray[np.int32],
    weight: Floats,
    seeds: NDArray[np.int32],
    seed_cost: Floats | None = None,
) -> tuple[Floats, NDArray[np.int32]]:
    """Least cost of every node from the seeds (infinite: none) and which seed (-1)."""
    nodes = len(start) - 1
    state = np.tile([np.inf, -1.0], (nodes, 1))
    first = np.zeros(len(seeds)) if seed_cost is None else np.ascontiguousarray(seed_cost, float)
    if not len(seeds):
        return state[:, 0].copy(), state[:, 1].astype(np.int32)
    dearest = max(float(weight.max(initial=0)), float(first.max(initial=0)))
    width = max(float(weight.mean()) if weight.size else 1.0, dearest / (MOST_BUCKETS - 8), 1e-9)
    buckets = 1 << int(np.ceil(np.log2(dearest / width + 4)))
    blocks, room = -1, buckets + nodes // (4 * BLOCK)
    while blocks < 0:
        state[:] = [np.inf, -1.0]
        blocks = spread_over_graph(
            start, target, weight, seeds.astype(np.int32), first, width, buckets,
            np.empty((room, BLOCK + 2), np.int32), state,
        )  # fmt: skip
        room *= 4
    return state[:, 0].copy(), state[:, 1].astype(np.int32)


@dataclass(frozen=True, slots=True)
class _Trail:
    """All vertices of all lines in order, the joined places among them."""

    lonlat: Floats
    line: Ints
    is_snap: NDArray[np.bool_]
    snap_order: Ints
    snapped: Ints
    snap_m: Floats


def _make_trail(
    lines: NDArray[np.object_], places: Floats, limit_m: float, is_ferry: NDArray[np.bool_]
) -> _Trail:
    lonlat, line = shapely.get_coordinates(lines, return_index=True)
    if not len(lines):
        empty = np.empty(0, np.int64)
        nowhere = np.full(len(places), np.nan)
        return _Trail(lonlat, line, np.empty(0, bool), empty, empty, nowhere)
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
    return _Trail(
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


def _number_nodes(
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


@dataclass(frozen=True, slots=True)
class _Edges:
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    metres: Floats
    line: Ints
    is_first: NDArray[np.bool_]
    is_last: NDArray[np.bool_]


def _make_edges(trail: _Trail, node: NDArray[np.int32]) -> _Edges:
    """The stretches of line between consecutive nodes, loops of no length left out."""
    if not len(node):
        none = np.empty(0, np.int32)
        return _Edges(none, none, np.empty(0), np.empty(0, np.int64), *(np.empty(0, bool),) * 2)
    step = np.r_[0.0, measure_pairs(trail.lonlat[:-1], trail.lonlat[1:])]
    total = np.cumsum(step)
    at = np.flatnonzero(node >= 0)
    same = trail.line[at[1:]] == trail.line[at[:-1]]
    one, other = at[:-1][same], at[1:][same]
    metres = total[other] - total[one]
    begins = np.r_[True, trail.line[1:] != trail.line[:-1]]
    ends = np.r_[begins[1:], True]
    keep = node[one] != node[other]
    one, other, metres = one[keep], other[keep], metres[keep]
    return _Edges(node[one], node[other], metres, trail.line[one], begins[one], ends[other])


def _compress(
    source: Ints, target: Ints, minutes: Floats, metres: Floats, nodes: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats, Floats]:
    """Edges in compressed rows; of several between two nodes the least minutes and metres."""
    order = np.lexsort((target, source))
    source, target = source[order], target[order]
    new = np.r_[True, (source[1:] != source[:-1]) | (target[1:] != target[:-1])]
    at = np.flatnonzero(new) if len(source) else np.empty(0, np.int64)
    if len(source):
        minutes = np.minimum.reduceat(minutes[order], at)
        metres = np.minimum.reduceat(metres[order], at)
    start = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(source[at], minlength=nodes), out=start[1:])
    return start, target[at].astype(np.int32), minutes, metres


def _reverse(
    start: NDArray[np.int32], target: NDArray[np.int32], weight: Floats
) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
    source = np.repeat(np.arange(len(start) - 1, dtype=np.int32), np.diff(start))
    order = np.argsort(target, kind="stable")
    back = np.zeros(len(start), np.int32)
    np.cumsum(np.bincount(target, minlength=len(start) - 1), out=back[1:])
    return back, source[order], np.ascontiguousarray(weight[order])


def _find_parts(start: NDArray[np.int32], target: NDArray[np.int32]) -> Ints:
    nodes = len(start) - 1
    graph = csr_array((np.ones(len(target), np.int8), target, start), shape=(nodes, nodes))
    _, label = connected_components(graph, directed=False)
    size = np.bincount(label)
    rank = np.empty(len(size), np.int64)
    rank[np.argsort(-size, kind="stable")] = np.arange(len(size))
    return rank[label]
