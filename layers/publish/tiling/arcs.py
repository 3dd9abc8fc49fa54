"""Polygons as rings of arcs: a border that two of them share is one line, found once.

A vertex is a *node* where the rings that pass it do not all come and go by the same two
neighbours; an *arc* runs from node to node, or once around where a ring has none.  What is done to
an arc is done to all polygons that have it, so neighbours stay neighbours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numba
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.release import array_kinds

BITS = 30
"""The world is ``2**BITS`` units wide before it is drawn at a zoom: 3.7 cm at the equator."""

Grid = NDArray[np.int64]
Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The function in machine code, kept on disk between runs."""
    make = numba.njit(cache=True, nogil=True, boundscheck=False, error_model="numpy")
    return cast(Function, make(function))


@dataclass(frozen=True, slots=True)
class Arcs:
    """The rings of some features, made of arcs.

    Parameters
    ----------
    x, y
        Vertices of all arcs, shape (v,), whole units of the world, y southwards.
    start
        Where each arc begins in ``x`` and ``y``, shape (a + 1,).
    parts
        The arcs of all rings one after another, shape (p,): ``i``, or ``-i - 1`` against its
        direction.  A ring runs around its polygon so that the inside lies to its left where y
        goes up: outer rings have positive area, holes negative.
    ring
        Where each ring begins in ``parts``, shape (r + 1,).
    feature
        Where each feature begins among the rings, shape (n + 1,).
    """

    x: Grid
    y: Grid
    start: Grid
    parts: Grid
    ring: Grid
    feature: Grid


def make_arcs(geometry: array_kinds.Geometries) -> Arcs:
    """The arcs of polygons and multipolygons in longitude and latitude.

    Parameters
    ----------
    geometry
        Shape (n,), none of them missing.
    """
    x, y, ring, feature = _read_rings(geometry)
    ring, feature = _turn_rings(x, y, ring, feature)
    is_node = _find_nodes(x, y, ring, _table_bits(len(x)))
    ring_parts, begin, steps = _cut_rings(x, y, ring, is_node)
    parts, owner = _join_parts(x, y, ring, ring_parts, begin, steps, _table_bits(len(begin)))
    arc_x, arc_y, start = _copy_arcs(x, y, ring, ring_parts, begin, steps, owner)
    return Arcs(arc_x, arc_y, start, parts, ring_parts, feature)


def _read_rings(geometry: array_kinds.Geometries) -> tuple[Grid, Grid, Grid, Grid]:
    """Vertices in units of the world, outer rings positive, without the closing ones."""
    polygons, owner = shapely.get_parts(geometry, return_index=True)
    polygons = shapely.orient_polygons(polygons, exterior_cw=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    lonlat = shapely.get_coordinates(rings)
    ring = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(rings))]).astype(np.int64)
    feature = np.searchsorted(owner[polygon], np.arange(len(geometry) + 1)).astype(np.int64)
    x, y = to_world(lonlat)
    return x, y, ring, feature


def to_world(lonlat: array_kinds.Floats) -> tuple[Grid, Grid]:
    """`to_mercator` in whole units of the world."""
    x, y = np.rint(to_mercator(lonlat) * float(1 << BITS)).astype(np.int64).T
    return np.ascontiguousarray(x), np.ascontiguousarray(y)


def to_mercator(lonlat: array_kinds.Floats) -> array_kinds.Floats:
    """Web Mercator in parts of the world, shape (n, 2), y southwards.

    Source: OGC Two Dimensional Tile Matrix Set 2.0 (17-083r4), annex D, WebMercatorQuad.
    """
    latitude = np.radians(np.clip(lonlat[:, 1], -85.051128, 85.051128))
    x = lonlat[:, 0] / 360 + 0.5
    y = 0.5 - np.arctanh(np.sin(latitude)) / (2 * np.pi)
    return np.column_stack([x, y])


def _table_bits(count: int) -> int:
    """The size, in bits, of a table of hashes with room for as many keys again."""
    return max(4, int(np.ceil(np.log2(max(count, 1)))) + 1)


@compiled
def _turn_rings(x: Grid, y: Grid, ring: Grid, feature: Grid) -> tuple[Grid, Grid]:
    """Take out repeated vertices and rings of fewer than three, in place; the rings that stay."""
    kept = np.zeros(len(ring), np.int64)
    owners = np.zeros(len(feature), np.int64)
    end, rings = 0, 0
    for number in range(len(feature) - 1):
        for old in range(feature[number], feature[number + 1]):
            first = end
            for vertex in range(ring[old], ring[old + 1] - 1):
                if end == first or x[end - 1] != x[vertex] or y[end - 1] != y[vertex]:
                    x[end], y[end] = x[vertex], y[vertex]
                    end += 1
            while end > first + 1 and x[end - 1] == x[first] and y[end - 1] == y[first]:
                end -= 1
            if end - first < 3:
                end = first
            else:
                rings += 1
                kept[rings] = end
        owners[number + 1] = rings
    return kept[: rings + 1].copy(), owners


@compiled
def _mix(key: np.uint64) -> np.uint64:
    """Bits of a key spread over all of it.  Source: the finaliser of SplitMix64 (Vigna, 2015)."""
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


@compiled
def _key(x: Grid, y: Grid, vertex: int) -> np.uint64:
    """One number for a place; never 0."""
    return ((np.uint64(x[vertex]) << np.uint64(32)) | np.uint64(y[vertex])) + np.uint64(1)


@compiled
def _find_nodes(x: Grid, y: Grid, ring: Grid, bits: int) -> NDArray[np.uint8]:
    """Whether each vertex of the rings is a node."""
    mask = np.uint64((1 << bits) - 1)
    keys = np.zeros(1 << bits, np.uint64)
    sums = np.zeros(1 << bits, np.uint64)
    differs = np.zeros(1 << bits, np.uint8)
    slots = np.empty(ring[-1], np.int64)
    for number in range(len(ring) - 1):
        first, last = ring[number], ring[number + 1] - 1
        for vertex in range(first, last + 1):
            before = vertex - 1 if vertex > first else last
            after = vertex + 1 if vertex < last else first
            both = _mix(_key(x, y, before)) + _mix(_key(x, y, after))
            key = _key(x, y, vertex)
            slot = _mix(key) & mask
            while keys[slot] != 0 and keys[slot] != key:
                slot = (slot + np.uint64(1)) & mask
            if keys[slot] == 0:
                keys[slot], sums[slot] = key, both
            elif sums[slot] != both:
                differs[slot] = 1
            slots[vertex] = slot
    is_node = np.empty(len(slots), np.uint8)
    for vertex in range(len(slots)):
        is_node[vertex] = differs[slots[vertex]]
    return is_node


@compiled
def _cut_rings(x: Grid, y: Grid, ring: Grid, is_node: NDArray[np.uint8]) -> tuple[Grid, Grid, Grid]:
    """Rings cut at their nodes: where the parts of each ring begin; first vertex and steps of each.

    A ring without a node is one part, from its least place on.
    """
    most = len(ring) + is_node.sum()
    begin, steps = np.empty(most, np.int64), np.empty(most, np.int64)
    ring_parts = np.zeros(len(ring), np.int64)
    count = 0
    for number in range(len(ring) - 1):
        first, size = ring[number], ring[number + 1] - ring[number]
        origin = _origin(x, y, first, size, is_node)
        place, length = origin, 0
        for step in range(1, size + 1):
            length += 1
            vertex = first + (origin - first + step) % size
            if is_node[vertex] or step == size:
                begin[count], steps[count] = place, length
                count, place, length = count + 1, vertex, 0
        ring_parts[number + 1] = count
    return ring_parts, begin[:count], steps[:count]


@compiled
def _origin(x: Grid, y: Grid, first: int, size: int, is_node: NDArray[np.uint8]) -> int:
    """Where a ring is cut first: at a node, else at its least place."""
    least = first
    for vertex in range(first, first + size):
        if is_node[vertex]:
            return vertex
        if _key(x, y, vertex) < _key(x, y, least):
            least = vertex
    return least


@compiled
def _join_parts(
    x: Grid, y: Grid, ring: Grid, ring_parts: Grid, begin: Grid, steps: Grid, bits: int
) -> tuple[Grid, Grid]:
    """The arc of each part, as in `Arcs`, and the part that each arc was first met as.

    An arc is known by its first edge, read from the end whose edge has the lesser places.
    """
    mask = np.uint64((1 << bits) - 1)
    keys, numbers = np.zeros(1 << bits, np.uint64), np.empty(1 << bits, np.int64)
    parts, owner = np.empty(len(begin), np.int64), np.empty(len(begin), np.int64)
    arcs = 0
    for number in range(len(ring) - 1):
        first, size = ring[number], ring[number + 1] - ring[number]
        for part in range(ring_parts[number], ring_parts[number + 1]):
            here = begin[part] - first
            there = here + steps[part]
            head, after = _key(x, y, first + here), _key(x, y, first + (here + 1) % size)
            tail = _key(x, y, first + there % size)
            before = _key(x, y, first + (there - 1) % size)
            is_back = tail < head or (tail == head and before < after)
            if is_back:
                head, after = tail, before
            edge = (_mix(head) * np.uint64(3) + _mix(after)) | np.uint64(1)
            slot = _mix(edge) & mask
            while keys[slot] != 0 and keys[slot] != edge:
                slot = (slot + np.uint64(1)) & mask
            if keys[slot] == 0:
                keys[slot], numbers[slot] = edge, arcs
                owner[arcs] = -part - 1 if is_back else part
                arcs += 1
            parts[part] = -numbers[slot] - 1 if is_back else numbers[slot]
    return parts, owner[:arcs].copy()


@compiled
def _copy_arcs(
    x: Grid, y: Grid, ring: Grid, ring_parts: Grid, begin: Grid, steps: Grid, owner: Grid
) -> tuple[Grid, Grid, Grid]:
    """The vertices of each arc: x, y, and where each begins."""
    of_ring = np.empty(len(begin), np.int64)
    for number in range(len(ring) - 1):
        of_ring[ring_parts[number] : ring_parts[number + 1]] = number
    start = np.zeros(len(owner) + 1, np.int64)
    for arc in range(len(owner)):
        part = -owner[arc] - 1 if owner[arc] < 0 else owner[arc]
        start[arc + 1] = start[arc] + steps[part] + 1
    arc_x, arc_y = np.empty(start[-1], np.int64), np.empty(start[-1], np.int64)
    for arc in range(len(owner)):
        is_back = owner[arc] < 0
        part = -owner[arc] - 1 if is_back else owner[arc]
        first = ring[of_ring[part]]
        size = ring[of_ring[part] + 1] - first
        for step in range(steps[part] + 1):
            along = steps[part] - step if is_back else step
            vertex = first + (begin[part] - first + along) % size
            arc_x[start[arc] + step], arc_y[start[arc] + step] = x[vertex], y[vertex]
    return arc_x, arc_y, start
