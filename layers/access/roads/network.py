"""Roads as a graph, with the places that join it; the search is in `layers.access.roads.reach`.

Roads are lines; they meet where they share a vertex, not where they merely cross (bridges).  A
place joins the road network at the nearest point of the nearest road, which becomes a node; the leg
to it is walked.  Beyond the snapping limit, or in another part of the network than any facility, a
place is unreachable: null with a reason, never 0 and never a cap.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from layers.access.roads import roadside
from layers.access.straight import geodesy, nearest
from layers.access.terrain.speeds import FERRY, SpeedTable


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
    stretches
        Where people join who are too many to be nodes themselves.
    line_part
        Part of each of the given roads; -1 where the mode does not use it.
    """

    start: NDArray[np.int32]
    target: NDArray[np.int32]
    minutes: geodesy.Floats
    metres: geodesy.Floats
    lonlat: geodesy.Floats
    snap_node: NDArray[np.int32]
    snap_m: geodesy.Floats
    part: nearest.Ints
    stretches: roadside.Stretches
    line_part: nearest.Ints


def build_network(
    roads: gpd.GeoDataFrame, speeds: SpeedTable, mode: str, places: geodesy.Floats
) -> Network:
    """The graph of the roads that ``mode`` may use, with ``places`` joined to it.

    Parameters
    ----------
    roads
        Lines in EPSG:4326 with ``road_class`` (of the speed table) and ``oneway`` (1 along the
        line, -1 against it, 0 both ways, 2 neither way), which binds no mode that walks.
    places
        Lon, lat of everything that will be an origin or a facility, shape (n, 2).
    """
    kmh = roads["road_class"].map(speeds.modes[mode].roads).fillna(0).to_numpy(float)
    usable = kmh > 0
    lines = np.asarray(roads.geometry.array, dtype=object)[usable]
    road_class = roads["road_class"].to_numpy(dtype=object)[usable]
    trail = roadside.make_trail(lines, places, speeds.snap_limit_m, road_class == FERRY)
    node, lonlat = roadside.number_nodes(trail.lonlat, trail.line, trail.is_snap)
    edges = _make_edges(trail, node)
    boarding = np.where(
        (road_class == FERRY)[edges.line], speeds.ferry_boarding_min * edges.is_first, 0.0
    )
    arriving = np.where(
        (road_class == FERRY)[edges.line], speeds.ferry_boarding_min * edges.is_last, 0.0
    )
    riding = edges.metres / (kmh[usable][edges.line] * 1000 / 60)
    oneway = roads["oneway"].to_numpy(int)[usable] * speeds.modes[mode].obeys_oneway
    along, against = (
        roadside.is_passable(oneway, 1)[edges.line],
        roadside.is_passable(oneway, -1)[edges.line],
    )
    source = np.concatenate([edges.first[along], edges.second[against]])
    target = np.concatenate([edges.second[along], edges.first[against]])
    minutes = np.concatenate([(riding + boarding)[along], (riding + arriving)[against]])
    metres = np.concatenate([edges.metres[along], edges.metres[against]])
    start, target, minutes, metres = _compress(source, target, minutes, metres, len(lonlat))
    snap_node = np.full(len(places), -1, np.int32)
    snap_node[trail.snapped] = node[np.flatnonzero(trail.is_snap)][trail.snap_order]
    stretches = roadside.list_stretches(
        trail, node, edges.total, kmh[usable], oneway, road_class != FERRY
    )
    part = _find_parts(edges, len(lonlat))
    line_part = np.full(len(roads), -1, np.int64)
    line_part[np.flatnonzero(usable)[edges.line]] = part[edges.first]
    return Network(
        start, target, minutes, metres, lonlat, snap_node, trail.snap_m, part, stretches, line_part
    )


@dataclass(frozen=True, slots=True)
class _Edges:
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    metres: geodesy.Floats
    line: nearest.Ints
    is_first: NDArray[np.bool_]
    is_last: NDArray[np.bool_]
    total: geodesy.Floats


def _make_edges(trail: roadside.Trail, node: NDArray[np.int32]) -> _Edges:
    """The edges: line between consecutive nodes, loops back to the same node left out."""
    if not len(node):
        none = np.empty(0, np.int32)
        flags = np.empty(0, bool)
        return _Edges(none, none, np.empty(0), np.empty(0, np.int64), flags, flags, np.empty(0))
    step = np.r_[0.0, nearest.measure_pairs(trail.lonlat[:-1], trail.lonlat[1:])]
    total = np.cumsum(step)
    vertices = np.flatnonzero(node >= 0)
    same = trail.line[vertices[1:]] == trail.line[vertices[:-1]]
    tails, heads = vertices[:-1][same], vertices[1:][same]
    metres = total[heads] - total[tails]
    begins = np.r_[True, trail.line[1:] != trail.line[:-1]]
    ends = np.r_[begins[1:], True]
    keep = node[tails] != node[heads]
    tails, heads, metres = tails[keep], heads[keep], metres[keep]
    return _Edges(
        node[tails], node[heads], metres, trail.line[tails], begins[tails], ends[heads], total
    )


def _compress(
    source: nearest.Ints,
    target: nearest.Ints,
    minutes: geodesy.Floats,
    metres: geodesy.Floats,
    nodes: int,
) -> tuple[NDArray[np.int32], NDArray[np.int32], geodesy.Floats, geodesy.Floats]:
    """Edges in compressed rows; of several between two nodes the least minutes and metres."""
    order = np.lexsort((target, source))
    source, target = source[order], target[order]
    new = np.r_[True, (source[1:] != source[:-1]) | (target[1:] != target[:-1])]
    firsts = np.flatnonzero(new) if len(source) else np.empty(0, np.int64)
    if len(source):
        minutes = np.minimum.reduceat(minutes[order], firsts)
        metres = np.minimum.reduceat(metres[order], firsts)
    start = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(source[firsts], minlength=nodes), out=start[1:])
    return start, target[firsts].astype(np.int32), minutes, metres


def _find_parts(edges: _Edges, nodes: int) -> nearest.Ints:
    """The part of each node; edges count whatever direction they are open in."""
    ends = (edges.first, edges.second)
    graph = coo_array((np.ones(len(edges.first), np.int8), ends), shape=(nodes, nodes))
    _, label = connected_components(graph, directed=False)
    size = np.bincount(label)
    rank = np.empty(len(size), np.int64)
    rank[np.argsort(-size, kind="stable")] = np.arange(len(size))
    return rank[label]
