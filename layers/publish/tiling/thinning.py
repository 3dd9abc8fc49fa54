"""Which vertices of the arcs a zoom can do without, so that no two lines come to cross.

Each vertex is weighed once, by the area of the triangles that go with it (M. Visvalingam and J. D.
Whyatt, Line generalisation by repeated elimination of points, Cartographic Journal 30, 1993).  A
zoom takes away, lightest first, what weighs less than it can show; but never a vertex whose
triangle, with its neighbours of the moment, holds another vertex of any arc, for then the shorter
line would pass on the other side of that one; nor one of the last three of a ring.
"""

import numpy as np
from numpy.typing import NDArray

from layers.publish.tiling.arcs import Arcs, Grid, compiled
from layers.release.array_kinds import Floats

FAR = 1 << 62
"""Farther away than any vertex."""


class Thinning:
    """The vertices that are left of some arcs, fewer at each coarser zoom."""

    def __init__(self, arcs: Arcs) -> None:
        self._arcs = arcs
        self._weight, self._order = _weigh(arcs.x, arcs.y, arcs.start)
        self._left = np.ones(len(arcs.x), np.uint8)
        self._before = np.arange(-1, len(arcs.x) - 1)
        self._after = np.arange(1, len(arcs.x) + 1)
        self._users, self._rings = _users_of(arcs.parts, arcs.ring, len(arcs.start) - 1)
        self._sizes = _ring_sizes(arcs.start, arcs.parts, arcs.ring)

    def thin(self, side: float) -> tuple[Grid, Grid, Grid]:
        """Take away what is smaller than a triangle of half the square of this side.

        Returns
        -------
        tuple
            ``x``, ``y`` and ``start`` of the arcs as they are left, as in `Arcs`.
        """
        arcs = self._arcs
        _take_away(
            arcs.x,
            arcs.y,
            arcs.start,
            self._weight,
            self._order,
            self._left,
            self._before,
            self._after,
            self._users,
            self._rings,
            self._sizes,
            side * side,
            max(0, int(np.log2(max(side, 1.0))) + 2),
        )
        return _gather(arcs.x, arcs.y, arcs.start, self._left)


@compiled
def _twice_area(x: Grid, y: Grid, a: int, b: int, c: int) -> int:
    """Twice the signed area of a triangle of three vertices."""
    area: int = (x[b] - x[a]) * (y[c] - y[a]) - (y[b] - y[a]) * (x[c] - x[a])
    return area


@compiled
def _weigh(x: Grid, y: Grid, start: Grid) -> tuple[Floats, Grid]:
    """The weight of each vertex, and the vertices of each arc in the order in which they go.

    The ends of an arc weigh infinitely much; they stand last.
    """
    longest = 0
    for arc in range(len(start) - 1):
        longest = max(longest, start[arc + 1] - start[arc])
    weight, order = np.full(len(x), np.inf), np.empty(len(x), np.int64)
    area = np.empty(longest, np.float64)
    before, after = np.empty(longest, np.int64), np.empty(longest, np.int64)
    heap, places = np.empty(3 * longest + 8, np.float64), np.empty(3 * longest + 8, np.int64)
    for arc in range(len(start) - 1):
        first = start[arc]
        size = start[arc + 1] - first
        filled, done, heaviest = 0, first, 0.0
        for place in range(size):
            before[place], after[place] = place - 1, place + 1
        for place in range(1, size - 1):
            vertex = first + place
            area[place] = abs(_twice_area(x, y, vertex - 1, vertex, vertex + 1))
            filled = _push(heap, places, filled, area[place], place)
        while filled > 0:
            lightest, place = heap[0], places[0]
            filled = _pop(heap, places, filled)
            if area[place] != lightest:
                continue
            heaviest = max(heaviest, lightest)
            weight[first + place] = heaviest
            order[done] = first + place
            done += 1
            area[place] = -1.0
            left, right = before[place], after[place]
            after[left], before[right] = right, left
            for near in (left, right):
                if 0 < near < size - 1:
                    new = abs(
                        _twice_area(x, y, first + before[near], first + near, first + after[near])
                    )
                    new = max(float(new), heaviest)
                    if new != area[near]:
                        area[near] = new
                        filled = _push(heap, places, filled, new, near)
        order[done], order[done + 1] = first, first + size - 1
    return weight, order


@compiled
def _push(heap: Floats, places: Grid, filled: int, value: float, place: int) -> int:
    """One more entry of a heap; the number of entries."""
    hole = filled
    while hole > 0 and heap[(hole - 1) >> 1] > value:
        heap[hole], places[hole] = heap[(hole - 1) >> 1], places[(hole - 1) >> 1]
        hole = (hole - 1) >> 1
    heap[hole], places[hole] = value, place
    return filled + 1


@compiled
def _pop(heap: Floats, places: Grid, filled: int) -> int:
    """The heap without its least entry; the number of entries."""
    filled -= 1
    value, place = heap[filled], places[filled]
    hole = 0
    while 2 * hole + 1 < filled:
        child = 2 * hole + 1
        if child + 1 < filled and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[hole], places[hole] = heap[child], places[child]
        hole = child
    heap[hole], places[hole] = value, place
    return filled


@compiled
def _users_of(parts: Grid, ring: Grid, arcs: int) -> tuple[Grid, Grid]:
    """The rings of each arc: where those of an arc begin, and the rings."""
    begin = np.zeros(arcs + 1, np.int64)
    for part in range(len(parts)):
        arc = parts[part] if parts[part] >= 0 else -parts[part] - 1
        begin[arc + 1] += 1
    for arc in range(arcs):
        begin[arc + 1] += begin[arc]
    rings, filled = np.empty(len(parts), np.int64), begin.copy()
    for number in range(len(ring) - 1):
        for part in range(ring[number], ring[number + 1]):
            arc = parts[part] if parts[part] >= 0 else -parts[part] - 1
            rings[filled[arc]] = number
            filled[arc] += 1
    return begin, rings


@compiled
def _ring_sizes(start: Grid, parts: Grid, ring: Grid) -> Grid:
    """The number of vertices of each ring."""
    sizes = np.zeros(len(ring) - 1, np.int64)
    for number in range(len(sizes)):
        for part in range(ring[number], ring[number + 1]):
            arc = parts[part] if parts[part] >= 0 else -parts[part] - 1
            sizes[number] += start[arc + 1] - start[arc] - 1
    return sizes


@compiled
def _bucket(column: int, row: int, bits: int) -> int:
    """The bucket of a square, beside those of its neighbours."""
    half = bits >> 1
    return ((row & ((1 << (bits - half)) - 1)) << half) | (column & ((1 << half) - 1))


@compiled
def _shelve(x: Grid, y: Grid, left: NDArray[np.uint8], shift: int) -> tuple[Grid, Grid]:
    """The vertices that are left, by square: where buckets begin, and what they hold."""
    count = 0
    for vertex in range(len(x)):
        count += left[vertex]
    bits = 4
    while (1 << bits) < count:
        bits += 1
    begin = np.zeros((1 << bits) + 1, np.int64)
    for vertex in range(len(x)):
        if left[vertex]:
            begin[_bucket(x[vertex] >> shift, y[vertex] >> shift, bits) + 1] += 1
    for bucket in range(1 << bits):
        begin[bucket + 1] += begin[bucket]
    content, filled = np.empty(count, np.int64), begin.copy()
    for vertex in range(len(x)):
        if left[vertex]:
            bucket = _bucket(x[vertex] >> shift, y[vertex] >> shift, bits)
            content[filled[bucket]] = vertex
            filled[bucket] += 1
    return begin, content


@compiled
def _span_in_band(
    x: Grid, y: Grid, a: int, b: int, low: int, high: int, west: int, east: int
) -> tuple[int, int]:
    """How far west and east an edge reaches between two heights, with one unit to spare."""
    ax, ay, bx, by = x[a], y[a], x[b], y[b]
    if ay > by:
        ax, ay, bx, by = bx, by, ax, ay
    if by < low or ay > high:
        return west, east
    first, last = float(ax), float(bx)
    if ay < low:
        first = ax + float(bx - ax) * float(low - ay) / float(by - ay)
    if by > high:
        last = ax + float(bx - ax) * float(high - ay) / float(by - ay)
    west = min(west, int(np.floor(min(first, last))) - 1)
    return west, max(east, int(np.ceil(max(first, last))) + 1)


@compiled
def _is_clear(
    x: Grid,
    y: Grid,
    left: NDArray[np.uint8],
    begin: Grid,
    content: Grid,
    shift: int,
    a: int,
    b: int,
    c: int,
) -> bool:
    """Whether no other vertex lies in the triangle of three, nor on its sides."""
    bits = 4
    while (1 << bits) < len(begin) - 1:
        bits += 1
    turn = _twice_area(x, y, a, b, c)
    if turn < 0:
        a, c = c, a
    low, high = min(y[a], y[b], y[c]), max(y[a], y[b], y[c])
    for row in range(low >> shift, (high >> shift) + 1):
        top, bottom = row << shift, ((row + 1) << shift) - 1
        west, east = FAR, -FAR
        west, east = _span_in_band(x, y, a, b, top, bottom, west, east)
        west, east = _span_in_band(x, y, b, c, top, bottom, west, east)
        west, east = _span_in_band(x, y, c, a, top, bottom, west, east)
        for column in range(west >> shift, (east >> shift) + 1):
            bucket = _bucket(column, row, bits)
            for entry in range(begin[bucket], begin[bucket + 1]):
                other = content[entry]
                if not left[other]:
                    continue
                if (
                    _twice_area(x, y, a, b, other) >= 0
                    and _twice_area(x, y, b, c, other) >= 0
                    and _twice_area(x, y, c, a, other) >= 0
                ):
                    is_corner = (
                        (x[other] == x[a] and y[other] == y[a])
                        or (x[other] == x[b] and y[other] == y[b])
                        or (x[other] == x[c] and y[other] == y[c])
                    )
                    if not is_corner:
                        return False
    return True


@compiled
def _take_away(
    x: Grid,
    y: Grid,
    start: Grid,
    weight: Floats,
    order: Grid,
    left: NDArray[np.uint8],
    before: Grid,
    after: Grid,
    users: Grid,
    rings: Grid,
    sizes: Grid,
    limit: float,
    shift: int,
) -> None:
    """Take away the vertices lighter than the limit that can go, in place."""
    begin, content = _shelve(x, y, left, shift)
    for arc in range(len(start) - 1):
        for entry in range(start[arc], start[arc + 1] - 2):
            vertex = order[entry]
            if weight[vertex] >= limit:
                break
            if not left[vertex]:
                continue
            is_needed = False
            for user in range(users[arc], users[arc + 1]):
                is_needed = is_needed or sizes[rings[user]] <= 3
            if is_needed:
                break
            a, c = before[vertex], after[vertex]
            turn = _twice_area(x, y, a, vertex, c)
            if abs(turn) >= limit:
                continue
            # Three in one line enclose nothing, if the middle one lies between the others.
            is_flat = (
                turn == 0
                and (x[vertex] - x[a]) * (x[c] - x[vertex]) >= 0
                and (y[vertex] - y[a]) * (y[c] - y[vertex]) >= 0
            )
            if is_flat or _is_clear(x, y, left, begin, content, shift, a, vertex, c):
                left[vertex] = 0
                after[a], before[c] = c, a
                for user in range(users[arc], users[arc + 1]):
                    sizes[rings[user]] -= 1


@compiled
def _gather(x: Grid, y: Grid, start: Grid, left: NDArray[np.uint8]) -> tuple[Grid, Grid, Grid]:
    """The arcs of the vertices that are left."""
    count = 0
    for vertex in range(len(x)):
        count += left[vertex]
    new_x, new_y = np.empty(count, np.int64), np.empty(count, np.int64)
    new_start = np.zeros(len(start), np.int64)
    end = 0
    for arc in range(len(start) - 1):
        for vertex in range(start[arc], start[arc + 1]):
            if left[vertex]:
                new_x[end], new_y[end] = x[vertex], y[vertex]
                end += 1
        new_start[arc + 1] = end
    return new_x, new_y, new_start
