"""Rings of features from snapped arcs, made valid, each outer one followed by its holes.

What comes in has no crossing lines, so all here is exact: which edges bound a feature, and in what
order they follow.  Edges that a feature passes both ways enclose nothing and go; where edges meet
in a vertex, the inside tells which belong together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.publish.tiling.arcs import Arcs, Grid, compiled


@dataclass(frozen=True, slots=True)
class Rings:
    """Rings of some polygons; outer rings have positive area, holes negative.

    Parameters
    ----------
    x, y
        Vertices of all rings, shape (v,), without the closing ones.
    start
        Where each ring begins, shape (r + 1,).
    owner
        Where the rings of each polygon begin, shape (n + 1,).
    """

    x: Grid
    y: Grid
    start: Grid
    owner: Grid


def rings_of(arcs: Arcs, snapped: tuple[Grid, Grid, Grid], squares: Grid) -> Rings:
    """The rings of all features.

    Parameters
    ----------
    snapped
        ``x``, ``y`` and ``start`` of the arcs, as `layers.publish.tiling.snapping.snap` gives them.
    squares
        Unit squares, shape (s, 4), sorted: the feature, 1 where it gets the square and -1 where it
        gives it away, and the least ``x`` and ``y``.
    """
    return valid_rings(Rings(*_gather(*snapped, arcs.parts, arcs.ring, arcs.feature, squares)))


def valid_rings(rings: Rings) -> Rings:
    """The same areas in rings that do not touch themselves, each hole after its shell."""
    return Rings(*_make_valid(rings.x, rings.y, rings.start, rings.owner))


@compiled
def _gather(
    x: Grid, y: Grid, start: Grid, parts: Grid, ring: Grid, feature: Grid, squares: Grid
) -> tuple[Grid, Grid, Grid, Grid]:
    """Rings from arcs, without those that have no three vertices left."""
    most = 4 * len(squares)
    for part in range(len(parts)):
        arc = parts[part] if parts[part] >= 0 else -parts[part] - 1
        most += start[arc + 1] - start[arc]
    ring_x, ring_y = np.empty(most, np.int64), np.empty(most, np.int64)
    starts = np.zeros(len(ring) + len(squares), np.int64)
    owner = np.zeros(len(feature), np.int64)
    end, rings, square = 0, 0, 0
    for number in range(len(feature) - 1):
        for old in range(feature[number], feature[number + 1]):
            end = _follow(x, y, start, parts[ring[old] : ring[old + 1]], ring_x, ring_y, end)
            if end > starts[rings]:
                rings += 1
                starts[rings] = end
        while square < len(squares) and squares[square, 0] == number:
            for corner in range(4):
                turned = corner if squares[square, 1] > 0 else 3 - corner
                ring_x[end] = squares[square, 2] + (1 if turned in (1, 2) else 0)
                ring_y[end] = squares[square, 3] + (1 if turned >= 2 else 0)
                end += 1
            rings += 1
            starts[rings] = end
            square += 1
        owner[number + 1] = rings
    return ring_x[:end].copy(), ring_y[:end].copy(), starts[: rings + 1].copy(), owner


@compiled
def _follow(
    x: Grid, y: Grid, start: Grid, parts: Grid, ring_x: Grid, ring_y: Grid, begin: int
) -> int:
    """Put the vertices of the arcs of a ring behind those before; the end of the ring."""
    end = begin
    for part in range(len(parts)):
        is_back = parts[part] < 0
        arc = -parts[part] - 1 if is_back else parts[part]
        for step in range(start[arc + 1] - start[arc]):
            vertex = start[arc + 1] - 1 - step if is_back else start[arc] + step
            if end == begin or ring_x[end - 1] != x[vertex] or ring_y[end - 1] != y[vertex]:
                ring_x[end], ring_y[end] = x[vertex], y[vertex]
                end += 1
    while end > begin + 1 and ring_x[end - 1] == ring_x[begin] and ring_y[end - 1] == ring_y[begin]:
        end -= 1
    return end if end - begin >= 3 else begin


@compiled
def _put(target: Grid, place: int, source: Grid) -> int:
    """Put numbers into others; the place after them.  A slice would take seconds to compile."""
    for number in range(len(source)):
        target[place + number] = source[number]
    return place + len(source)


@compiled
def _make_valid(x: Grid, y: Grid, start: Grid, owner: Grid) -> tuple[Grid, Grid, Grid, Grid]:
    """See `valid_rings`."""
    new_x, new_y = np.empty(len(x), np.int64), np.empty(len(x), np.int64)
    new_start = np.zeros(len(x) // 3 + 2, np.int64)
    new_owner = np.zeros(len(owner), np.int64)
    end, rings = 0, 0
    for number in range(len(owner) - 1):
        first, last = owner[number], owner[number + 1]
        begin, finish = start[first], start[last]
        some_x, some_y = x[begin:finish], y[begin:finish]
        starts = start[first : last + 1] - begin
        if _has_repeats(some_x, some_y):
            some_x, some_y, starts = _faces(some_x, some_y, starts)
        if len(starts) > 2:
            some_x, some_y, starts = _nested(some_x, some_y, starts)
        for ring in range(1, len(starts)):
            new_start[rings + ring] = end + starts[ring]
        _put(new_x, end, some_x)
        end, rings = _put(new_y, end, some_y), rings + len(starts) - 1
        new_owner[number + 1] = rings
    return new_x[:end].copy(), new_y[:end].copy(), new_start[: rings + 1].copy(), new_owner


@compiled
def _hash(x: int, y: int) -> np.uint64:
    key = np.uint64(x) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(y)
    key = (key ^ (key >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return key ^ (key >> np.uint64(32))


@compiled
def _table_bits(count: int) -> int:
    """The size, in bits, of a table of hashes with room for as many keys again."""
    bits = 4
    while (1 << bits) < 2 * count:
        bits += 1
    return bits


@compiled
def _has_repeats(x: Grid, y: Grid) -> bool:
    """Whether a vertex stands there twice."""
    bits = _table_bits(len(x))
    mask = np.uint64((1 << bits) - 1)
    table = np.full(1 << bits, -1, np.int64)
    for vertex in range(len(x)):
        slot = _hash(x[vertex], y[vertex]) & mask
        while table[slot] >= 0:
            if x[table[slot]] == x[vertex] and y[table[slot]] == y[vertex]:
                return True
            slot = (slot + np.uint64(1)) & mask
        table[slot] = vertex
    return False


@compiled
def _number_places(x: Grid, y: Grid) -> tuple[Grid, int]:
    """One number for all vertices at one place, and how many places there are."""
    bits = _table_bits(len(x))
    mask = np.uint64((1 << bits) - 1)
    table = np.full(1 << bits, -1, np.int64)
    numbers, count = np.empty(len(x), np.int64), 0
    for vertex in range(len(x)):
        slot = _hash(x[vertex], y[vertex]) & mask
        while table[slot] >= 0:
            other = table[slot]
            if x[other] == x[vertex] and y[other] == y[vertex]:
                break
            slot = (slot + np.uint64(1)) & mask
        if table[slot] < 0:
            table[slot], numbers[vertex] = vertex, count
            count += 1
        else:
            numbers[vertex] = numbers[table[slot]]
    return numbers, count


@compiled
def _net_edges(place: Grid, start: Grid) -> tuple[Grid, Grid]:
    """The edges of rings, as vertices from and to, but for those passed as often either way."""
    bits = _table_bits(len(place))
    mask = np.uint64((1 << bits) - 1)
    table = np.full(1 << bits, -1, np.int64)
    tails, heads = np.empty(len(place), np.int64), np.empty(len(place), np.int64)
    net, edges = np.zeros(len(place), np.int64), 0
    for ring in range(len(start) - 1):
        before = start[ring + 1] - 1
        for vertex in range(start[ring], start[ring + 1]):
            tail, head, way = before, vertex, 1
            before = vertex
            if place[tail] > place[head]:
                tail, head, way = head, tail, -1
            slot = _hash(place[tail], place[head]) & mask
            while table[slot] >= 0:
                other = table[slot]
                if place[tails[other]] == place[tail] and place[heads[other]] == place[head]:
                    break
                slot = (slot + np.uint64(1)) & mask
            if table[slot] < 0:
                table[slot], tails[edges], heads[edges] = edges, tail, head
                edges += 1
            net[table[slot]] += way
    kept = 0
    for edge in range(edges):
        if net[edge] != 0:
            tail, head = tails[edge], heads[edge]
            tails[kept], heads[kept] = (tail, head) if net[edge] > 0 else (head, tail)
            kept += 1
    return tails[:kept], heads[:kept]


@compiled
def _is_sooner(ux: int, uy: int, vx: int, vy: int, wx: int, wy: int) -> bool:
    """Whether, turning clockwise from ``u``, one comes to ``v`` before ``w``."""
    v_turn, w_turn = ux * vy - uy * vx, ux * wy - uy * wx
    v_half = v_turn < 0 or (v_turn == 0 and ux * vx + uy * vy < 0)
    w_half = w_turn < 0 or (w_turn == 0 and ux * wx + uy * wy < 0)
    # Clockwise: first the half plane to the right of u, then the one to its left.
    v_late = not v_half
    w_late = not w_half
    if v_late != w_late:
        return w_late
    return vx * wy - vy * wx < 0


@compiled
def _sharpest(
    x: Grid, y: Grid, edge: int, tails: Grid, heads: Grid, leaving: Grid, is_done: NDArray[np.uint8]
) -> int:
    """The edge, of those in a chain not passed yet, that turns most to the left; -1 for none."""
    back_x, back_y = x[tails[edge]] - x[heads[edge]], y[tails[edge]] - y[heads[edge]]
    best, best_x, best_y = -1, 0, 0
    for other in leaving:
        if is_done[other]:
            continue
        step_x = x[heads[other]] - x[tails[other]]
        step_y = y[heads[other]] - y[tails[other]]
        if best < 0 or _is_sooner(back_x, back_y, step_x, step_y, best_x, best_y):
            best, best_x, best_y = other, step_x, step_y
    return best


@compiled
def _faces(x: Grid, y: Grid, start: Grid) -> tuple[Grid, Grid, Grid]:
    """The same area in rings that neither cross nor repeat a vertex.

    Along an edge the inside lies to the left.  At a vertex of several edges the sharpest left turn
    stays with the same inside; a ring that comes back to a vertex is two rings.
    """
    place, places = _number_places(x, y)
    tails, heads = _net_edges(place, start)
    # The edges that leave each place, one place after another.
    begin = np.zeros(places + 1, np.int64)
    for edge in range(len(tails)):
        begin[place[tails[edge]] + 1] += 1
    for number in range(places):
        begin[number + 1] += begin[number]
    leaving, filled = np.empty(len(tails), np.int64), begin.copy()
    for edge in range(len(tails)):
        leaving[filled[place[tails[edge]]]] = edge
        filled[place[tails[edge]]] += 1
    is_done = np.zeros(len(tails), np.uint8)
    stack, depth_of = np.empty(len(tails) + 1, np.int64), np.full(places, -1, np.int64)
    new_x, new_y = np.empty(len(tails), np.int64), np.empty(len(tails), np.int64)
    new_start, end, rings = np.zeros(len(tails) // 3 + 2, np.int64), 0, 0
    for origin in range(len(tails)):
        edge, depth = origin, 0
        while edge >= 0 and not is_done[edge]:
            is_done[edge] = 1
            here = place[heads[edge]]
            if depth == 0:
                stack[0], depth_of[place[tails[edge]]], depth = tails[edge], 0, 1
            if depth_of[here] >= 0:
                # Back at a place of this walk: what lies between is a ring of its own.
                for entry in range(depth_of[here], depth):
                    new_x[end], new_y[end] = x[stack[entry]], y[stack[entry]]
                    end += 1
                for entry in range(depth_of[here] + 1, depth):
                    depth_of[place[stack[entry]]] = -1
                depth = depth_of[here] + 1
                rings += 1
                new_start[rings] = end
            else:
                stack[depth], depth_of[here] = heads[edge], depth
                depth += 1
            around = leaving[begin[here] : begin[here + 1]]
            edge = _sharpest(x, y, edge, tails, heads, around, is_done)
        for entry in range(depth):
            depth_of[place[stack[entry]]] = -1
    return new_x[:end], new_y[:end], new_start[: rings + 1]


@compiled
def _twice_area(x: Grid, y: Grid, first: int, last: int) -> int:
    """Twice the signed area of the ring between two places."""
    total, before = 0, last - 1
    for vertex in range(first, last):
        total += (x[before] - x[first]) * (y[vertex] - y[first]) - (x[vertex] - x[first]) * (
            y[before] - y[first]
        )
        before = vertex
    return total


@compiled
def _holds(x: Grid, y: Grid, first: int, last: int, px: int, py: int) -> bool:
    """Whether a ring holds a place that lies on none of its edges, given in half units."""
    is_inside, before = False, last - 1
    for vertex in range(first, last):
        ax, ay, bx, by = 2 * x[before], 2 * y[before], 2 * x[vertex], 2 * y[vertex]
        before = vertex
        if (ay > py) != (by > py):
            turn = (bx - ax) * (py - ay) - (by - ay) * (px - ax)
            if (turn < 0) == (by > ay):
                is_inside = not is_inside
    return is_inside


@compiled
def _shells_of(x: Grid, y: Grid, start: Grid) -> tuple[Grid, bool]:
    """The outer ring that each hole lies in, -1 for an outer ring; whether there is a hole."""
    rings = len(start) - 1
    areas, shell_of = np.empty(rings, np.int64), np.full(rings, -1, np.int64)
    for ring in range(rings):
        areas[ring] = _twice_area(x, y, start[ring], start[ring + 1])
    has_hole = False
    for ring in range(rings):
        if areas[ring] > 0:
            continue
        has_hole = True
        # The middle of an edge of a hole lies on no edge of another ring.
        px, py = x[start[ring]] + x[start[ring] + 1], y[start[ring]] + y[start[ring] + 1]
        for shell in range(rings):
            is_less = shell_of[ring] < 0 or areas[shell] < areas[shell_of[ring]]
            is_shell = areas[shell] > 0 and is_less
            if is_shell and _holds(x, y, start[shell], start[shell + 1], px, py):
                shell_of[ring] = shell
    return shell_of, has_hole


@compiled
def _nested(x: Grid, y: Grid, start: Grid) -> tuple[Grid, Grid, Grid]:
    """The same rings, each outer one followed by the holes in it."""
    rings = len(start) - 1
    shell_of, has_hole = _shells_of(x, y, start)
    if not has_hole:
        return x, y, start
    new_x, new_y = np.empty(len(x), np.int64), np.empty(len(x), np.int64)
    new_start, end, count = np.zeros(rings + 1, np.int64), 0, 0
    for shell in range(rings):
        if shell_of[shell] >= 0:
            continue
        for other in range(shell - 1, rings + shell):
            ring = shell if other < shell else other - shell
            if other >= shell and shell_of[ring] != shell:
                continue
            _put(new_x, end, x[start[ring] : start[ring + 1]])
            end = _put(new_y, end, y[start[ring] : start[ring + 1]])
            count += 1
            new_start[count] = end
    return new_x, new_y, new_start
