"""Lines on the whole units of a zoom, drawn so that they only ever meet in a vertex.

Snap rounding: the pixel of every vertex, and of every place where a line meets the edge of a tile,
is *hot*; a line that passes through a hot pixel gets a vertex in its middle.  Lines that did not
cross before do not cross afterwards, though several may come to lie upon one another; and no line
passes the edge of a tile but in a vertex, so cutting to tiles moves nothing.

Source: J. D. Hobby, Practical segment intersection with finite precision output, Computational
Geometry 13 (1999).
"""

import numpy as np

from layers.publish.tiling.arcs import Grid, compiled


def snap(
    x: Grid, y: Grid, start: Grid, shift: int, extent: int, buffer: int, more: Grid
) -> tuple[Grid, Grid, Grid]:
    """Arcs in whole pixels.

    Parameters
    ----------
    x, y, start
        Arcs in units of the world, as in `Arcs`, that do not cross.
    shift
        A pixel is ``2**shift`` units wide.
    extent, buffer
        Pixels of a tile, and how far its content reaches beyond its edge.
    more
        Further hot pixels, shape (m, 2).

    Returns
    -------
    tuple
        ``x``, ``y`` and ``start`` in pixels.  No vertex equals the one before it.
    """
    hot_x, hot_y = _find_hot(x, y, start, shift, extent, buffer)
    if len(more):
        hot_x, hot_y = np.append(hot_x, more[:, 0]), np.append(hot_y, more[:, 1])
    cell = _cell_bits(x, y, start, shift)
    begin, hot_x, hot_y = _shelve(hot_x, hot_y, cell)
    return _draw(x, y, start, shift, hot_x, hot_y, begin, cell)


@compiled
def _cell_bits(x: Grid, y: Grid, start: Grid, shift: int) -> int:
    """Hot pixels are looked up in squares of so many bits of pixels: about the length of a line."""
    total, lines = 0, 1
    for arc in range(len(start) - 1):
        for vertex in range(start[arc] + 1, start[arc + 1]):
            total += abs(x[vertex] - x[vertex - 1]) + abs(y[vertex] - y[vertex - 1])
            lines += 1
    bits, length = 2, (total // lines) >> shift
    while (1 << bits) < length:
        bits += 1
    return bits


@compiled
def _pixel(value: int, shift: int) -> int:
    """The pixel of a unit."""
    return (value + ((1 << shift) >> 1)) >> shift


@compiled
def _next_edge(value: int, extent: int, buffer: int) -> int:
    """The least edge of a tile and its buffer, in pixels, that is greater than a pixel."""
    tile = (value + buffer) // extent
    least = (tile + 2) * extent
    for edge in (
        tile * extent - buffer,
        tile * extent + buffer,
        (tile + 1) * extent - buffer,
        (tile + 1) * extent + buffer,
    ):
        if edge > value:
            least = min(least, edge)
    return least


@compiled
def _find_hot(
    x: Grid, y: Grid, start: Grid, shift: int, extent: int, buffer: int
) -> tuple[Grid, Grid]:
    """The hot pixels, some of them more than once."""
    room = len(x) + (len(x) >> 2) + 64
    hot_x, hot_y = np.empty(room, np.int64), np.empty(room, np.int64)
    count, half = 0, (1 << shift) >> 1
    for arc in range(len(start) - 1):
        for vertex in range(start[arc], start[arc + 1]):
            if count + 1 > room:
                room *= 2
                hot_x, hot_y = _grown(hot_x, room), _grown(hot_y, room)
            hot_x[count], hot_y[count] = _pixel(x[vertex], shift), _pixel(y[vertex], shift)
            count += 1
            if vertex == start[arc]:
                continue
            for axis in range(2):
                u, v = (x, y) if axis == 0 else (y, x)
                ua, va, ub, vb = u[vertex - 1], v[vertex - 1], u[vertex], v[vertex]
                if ua > ub:
                    ua, va, ub, vb = ub, vb, ua, va
                edge = _next_edge(_pixel(ua, shift), extent, buffer)
                while edge < _pixel(ub, shift):
                    wide, across = ub - ua, (edge << shift) - ua
                    # Half a unit more, as sides of pixels lie between units (see `_passes`).
                    row = 2 * (va + half) * wide + wide + 2 * (vb - va) * across
                    row //= wide << (shift + 1)
                    if count + 1 > room:
                        room *= 2
                        hot_x, hot_y = _grown(hot_x, room), _grown(hot_y, room)
                    hot_x[count] = edge if axis == 0 else row
                    hot_y[count] = row if axis == 0 else edge
                    count += 1
                    edge = _next_edge(edge, extent, buffer)
    return hot_x[:count], hot_y[:count]


@compiled
def _grown(numbers: Grid, room: int) -> Grid:
    """The same numbers with room for more."""
    more = np.empty(room, np.int64)
    for number in range(len(numbers)):
        more[number] = numbers[number]
    return more


@compiled
def _bucket(column: int, row: int, bits: int) -> int:
    """The bucket of a square, beside those of its neighbours."""
    half = bits >> 1
    return ((row & ((1 << (bits - half)) - 1)) << half) | (column & ((1 << half) - 1))


@compiled
def _shelve(hot_x: Grid, hot_y: Grid, cell: int) -> tuple[Grid, Grid, Grid]:
    """The hot pixels by their square: where buckets begin, and the pixels in their order."""
    bits = 4
    while (1 << bits) < len(hot_x):
        bits += 1
    begin = np.zeros((1 << bits) + 1, np.int64)
    for number in range(len(hot_x)):
        begin[_bucket(hot_x[number] >> cell, hot_y[number] >> cell, bits) + 1] += 1
    for bucket in range(1 << bits):
        begin[bucket + 1] += begin[bucket]
    shelf_x, shelf_y = np.empty(len(hot_x), np.int64), np.empty(len(hot_x), np.int64)
    filled = begin.copy()
    for number in range(len(hot_x)):
        bucket = _bucket(hot_x[number] >> cell, hot_y[number] >> cell, bits)
        shelf_x[filled[bucket]], shelf_y[filled[bucket]] = hot_x[number], hot_y[number]
        filled[bucket] += 1
    return begin, shelf_x, shelf_y


@compiled
def _passes(ax: int, ay: int, bx: int, by: int, px: int, py: int, shift: int) -> bool:
    """Whether a line passes through the inside of a pixel.

    In half units: vertices are even and the sides of pixels odd, so none lies on a side.
    """
    half = (1 << shift) >> 1
    west, east = 2 * ((px << shift) - half) - 1, 2 * ((px << shift) + half) - 1
    north, south = 2 * ((py << shift) - half) - 1, 2 * ((py << shift) + half) - 1
    if shift == 0:
        east, south = west + 2, north + 2
    if max(ax, bx) < west or min(ax, bx) > east or max(ay, by) < north or min(ay, by) > south:
        return False
    dx, dy = bx - ax, by - ay
    least = most = dx * (north - ay) - dy * (west - ax)
    for turn in (
        dx * (north - ay) - dy * (east - ax),
        dx * (south - ay) - dy * (west - ax),
        dx * (south - ay) - dy * (east - ax),
    ):
        least, most = min(least, turn), max(most, turn)
    return least < 0 < most


@compiled
def _columns_of(ax: int, ay: int, bx: int, by: int, top: int, bottom: int) -> tuple[int, int]:
    """How far west and east a line reaches between two heights, with some units to spare."""
    west, east = min(ax, bx), max(ax, bx)
    if by != ay:
        one = ax + (bx - ax) * (float(top - ay) / float(by - ay))
        two = ax + (bx - ax) * (float(bottom - ay) / float(by - ay))
        west = max(west, int(np.floor(min(one, two))) - 1)
        east = min(east, int(np.ceil(max(one, two))) + 1)
    return west, east


@compiled
def _find_hits(
    line: tuple[int, int, int, int],
    shift: int,
    hot_x: Grid,
    hot_y: Grid,
    begin: Grid,
    cell: int,
    bits: int,
    hits: Grid,
) -> tuple[Grid, int]:
    """The hot pixels that a line passes between its ends, in its order, and their number.

    A hit is its place along the line, its x and its y.
    """
    ax, ay, bx, by = line
    ox, oy, px, py = _pixel(ax, shift), _pixel(ay, shift), _pixel(bx, shift), _pixel(by, shift)
    found = 0
    if abs(px - ox) + abs(py - oy) <= 1:
        return hits, found
    sign_x, sign_y = (1 if bx >= ax else -1), (1 if by >= ay else -1)
    side, half = shift + cell, (1 << shift) >> 1
    for row in range(min(oy, py) >> cell, (max(oy, py) >> cell) + 1):
        # Squares hold whole pixels, which begin half a pixel before their middle.
        top, bottom = (row << side) - 2 * half, ((row + 1) << side) + half
        west, east = _columns_of(ax, ay, bx, by, top, bottom)
        for column in range((west - half) >> side, ((east + 2 * half) >> side) + 1):
            bucket = _bucket(column, row, bits)
            for entry in range(begin[bucket], begin[bucket + 1]):
                hx, hy = hot_x[entry], hot_y[entry]
                if (hx == ox and hy == oy) or (hx == px and hy == py):
                    continue
                if hx >> cell != column or hy >> cell != row:
                    continue
                if _passes(2 * ax, 2 * ay, 2 * bx, 2 * by, hx, hy, shift):
                    if found == len(hits):
                        hits = _grown(hits.ravel(), 6 * found).reshape(-1, 3)
                    found = _insert(hits, found, sign_x * hx + sign_y * hy, hx, hy)
    return hits, found


@compiled
def _insert(hits: Grid, found: int, along: int, x: int, y: int) -> int:
    """One more hit where it belongs; the number of hits."""
    hole = found
    while hole > 0 and hits[hole - 1, 0] > along:
        for part in range(3):
            hits[hole, part] = hits[hole - 1, part]
        hole -= 1
    hits[hole, 0], hits[hole, 1], hits[hole, 2] = along, x, y
    return found + 1


@compiled
def _append(x: Grid, y: Grid, first: int, end: int, px: int, py: int) -> int:
    """One more vertex of an arc, unless it equals the one before; the end of the arc."""
    if end > first and x[end - 1] == px and y[end - 1] == py:
        return end
    x[end], y[end] = px, py
    return end + 1


@compiled
def _draw(
    x: Grid, y: Grid, start: Grid, shift: int, hot_x: Grid, hot_y: Grid, begin: Grid, cell: int
) -> tuple[Grid, Grid, Grid]:
    """The arcs through the hot pixels that they pass."""
    bits = 4
    while (1 << bits) < len(begin) - 1:
        bits += 1
    room = len(x) + (len(x) >> 1) + 64
    new_x, new_y = np.empty(room, np.int64), np.empty(room, np.int64)
    new_start = np.zeros(len(start), np.int64)
    hits = np.empty((256, 3), np.int64)
    end = 0
    for arc in range(len(start) - 1):
        first = end
        for vertex in range(start[arc], start[arc + 1]):
            found = 0
            if vertex > start[arc]:
                line = (x[vertex - 1], y[vertex - 1], x[vertex], y[vertex])
                hits, found = _find_hits(line, shift, hot_x, hot_y, begin, cell, bits, hits)
            if end + found + 1 > room:
                room = 2 * room + found
                new_x, new_y = _grown(new_x, room), _grown(new_y, room)
            for place in range(found):
                end = _append(new_x, new_y, first, end, hits[place, 1], hits[place, 2])
            px, py = _pixel(x[vertex], shift), _pixel(y[vertex], shift)
            end = _append(new_x, new_y, first, end, px, py)
        new_start[arc + 1] = end
    return new_x[:end].copy(), new_y[:end].copy(), new_start
