"""Polygons cut to tiles, where no line passes the edge of a tile but in a vertex.

What of a polygon lies in a tile runs from the edge of the tile to its edge; from where a line ends,
the edge is followed with the inside to the left until the next begins.  The rings that come out may
touch themselves or one another: `layers.publish.tiling.rings.valid_rings` makes them valid.
"""

import numpy as np

from layers.publish.tiling.arcs import Grid, compiled
from layers.publish.tiling.rings import Rings


def clip_to_tiles(rings: Rings, zoom: int, extent: int, buffer: int) -> tuple[Rings, Grid]:
    """The part of each polygon in each tile and its buffer.

    Returns
    -------
    tuple
        The pieces, in pixels of the world; tile x, tile y and polygon of each, shape (m, 3).
    """
    x, y, start, owner, pieces = _clip(
        rings.x, rings.y, rings.start, rings.owner, zoom, extent, buffer
    )
    return Rings(x, y, start, owner), pieces


@compiled
def _grown(numbers: Grid, room: int) -> Grid:
    """The same numbers, with room for at least so many."""
    if room <= len(numbers):
        return numbers
    more = np.empty(2 * room, np.int64)
    for number in range(len(numbers)):
        more[number] = numbers[number]
    return more


@compiled
def _put(target: Grid, place: int, source: Grid) -> int:
    """Put numbers into others; the place after them.  A slice would take seconds to compile."""
    for number in range(len(source)):
        target[place + number] = source[number]
    return place + len(source)


@compiled
def _clip(
    x: Grid, y: Grid, start: Grid, owner: Grid, zoom: int, extent: int, buffer: int
) -> tuple[Grid, Grid, Grid, Grid, Grid]:
    """See `clip_to_tiles`."""
    new_x, new_y = np.empty(len(x) + (len(x) >> 2) + 64, np.int64), np.empty(64, np.int64)
    new_y = _grown(new_y, len(new_x))
    new_start, new_owner = np.zeros(len(start) + 64, np.int64), np.zeros(len(owner) + 64, np.int64)
    pieces = np.empty(3 * len(owner) + 64, np.int64)
    end, rings, count, last = 0, 0, 0, (1 << zoom) - 1
    for number in range(len(owner) - 1):
        starts = start[owner[number] : owner[number + 1] + 1]
        if len(starts) < 2:
            continue
        some_x, some_y = x[starts[0] : starts[-1]], y[starts[0] : starts[-1]]
        starts = starts - starts[0]
        west, north, east, south = _box_of(some_x, some_y)
        for tile_y in range(
            max(0, (north - buffer) // extent), min(last, (south + buffer - 1) // extent) + 1
        ):
            for tile_x in range(
                max(0, (west - buffer) // extent), min(last, (east + buffer - 1) // extent) + 1
            ):
                left, top = tile_x * extent - buffer, tile_y * extent - buffer
                right, bottom = left + extent + 2 * buffer, top + extent + 2 * buffer
                part_x, part_y, part_starts = some_x, some_y, starts
                if west < left or north < top or east > right or south > bottom:
                    part_x, part_y, part_starts = _clipped(
                        some_x, some_y, starts, left, top, right, bottom
                    )
                if len(part_starts) < 2:
                    continue
                size = len(part_x)
                new_x, new_y = _grown(new_x, end + size), _grown(new_y, end + size)
                new_start = _grown(new_start, rings + len(part_starts))
                for ring in range(1, len(part_starts)):
                    new_start[rings + ring] = end + part_starts[ring]
                _put(new_x, end, part_x)
                end, rings = _put(new_y, end, part_y), rings + len(part_starts) - 1
                new_owner, pieces = _grown(new_owner, count + 2), _grown(pieces, 3 * count + 3)
                pieces[3 * count], pieces[3 * count + 1] = tile_x, tile_y
                pieces[3 * count + 2] = number
                count += 1
                new_owner[count] = rings
    return (
        new_x[:end].copy(),
        new_y[:end].copy(),
        new_start[: rings + 1].copy(),
        new_owner[: count + 1].copy(),
        pieces[: 3 * count].copy().reshape(count, 3),
    )


@compiled
def _box_of(x: Grid, y: Grid) -> tuple[int, int, int, int]:
    """The least and greatest places: west, north, east, south."""
    west, north, east, south = x[0], y[0], x[0], y[0]
    for vertex in range(1, len(x)):
        west, east = min(west, x[vertex]), max(east, x[vertex])
        north, south = min(north, y[vertex]), max(south, y[vertex])
    return west, north, east, south


@compiled
def _clipped(
    x: Grid, y: Grid, start: Grid, west: int, north: int, east: int, south: int
) -> tuple[Grid, Grid, Grid]:
    """The part of some rings in a box."""
    box = (west, north, east, south)
    whole, lines = _find_lines(x, y, start, box)
    room = 2 * len(x) + 8 * len(lines) + 8
    new_x, new_y = np.empty(room, np.int64), np.empty(room, np.int64)
    new_start, end, rings = np.zeros(len(start) + len(lines) + 1, np.int64), 0, 0
    for ring in whole:
        _put(new_x, end, x[start[ring] : start[ring + 1]])
        end, rings = _put(new_y, end, y[start[ring] : start[ring + 1]]), rings + 1
        new_start[rings] = end
    if len(lines) == 0 and _is_covered(x, y, start, west, north):
        for corner in range(4):
            new_x[end] = east if corner in (1, 2) else west
            new_y[end] = south if corner >= 2 else north
            end += 1
        rings += 1
        new_start[rings] = end
    along, order, place_of = _order_ends(x, y, start, lines, box)
    is_done = np.zeros(len(lines), np.bool_)
    for origin in range(len(lines)):
        begin, line = end, origin
        while not is_done[line]:
            is_done[line] = True
            end = _copy_line(x, y, start, lines[line], new_x, new_y, begin, end)
            # After the end of a line comes, along the edge, the beginning of one.
            place = (place_of[2 * line + 1] + 1) % len(order)
            while order[place] & 1:
                place = (place + 1) % len(order)
            here, there = along[2 * line + 1], along[order[place]]
            if place < place_of[2 * line + 1]:
                there += 2 * (east - west) + 2 * (south - north)
            end = _turn_corners(box, here, there, new_x, new_y, end)
            line = order[place] >> 1
        while end > begin + 1 and new_x[end - 1] == new_x[begin] and new_y[end - 1] == new_y[begin]:
            end -= 1
        if end - begin < 3:
            end = begin
        if end > begin:
            rings += 1
            new_start[rings] = end
    return new_x[:end], new_y[:end], new_start[: rings + 1]


@compiled
def _is_on_edge(px: int, py: int, box: tuple[int, int, int, int]) -> bool:
    """Whether a place in a box lies on its edge."""
    return px in (box[0], box[2]) or py in (box[1], box[3])


@compiled
def _is_inside(ax: int, ay: int, bx: int, by: int, box: tuple[int, int, int, int]) -> bool:
    """Whether an edge lies in a box, and not along one of its sides."""
    west, north, east, south = box
    if min(ax, bx) < west or max(ax, bx) > east or min(ay, by) < north or max(ay, by) > south:
        return False
    return not (ax == bx and ax in (west, east)) and not (ay == by and ay in (north, south))


@compiled
def _find_lines(x: Grid, y: Grid, start: Grid, box: tuple[int, int, int, int]) -> tuple[Grid, Grid]:
    """The rings wholly inside a box; the lines of the others in it, shape (l, 3).

    A line is its ring, its first vertex and its number of edges; it begins and ends on the edge of
    the box and meets it nowhere else.
    """
    whole, lines = np.empty(len(start), np.int64), np.empty((len(x), 3), np.int64)
    wholes, count = 0, 0
    for ring in range(len(start) - 1):
        first, size = start[ring], start[ring + 1] - start[ring]
        origin = -1
        for vertex in range(first, first + size):
            is_out = not (box[0] < x[vertex] < box[2] and box[1] < y[vertex] < box[3])
            if is_out:
                origin = vertex - first
                break
        if origin < 0:
            whole[wholes] = ring
            wholes += 1
            continue
        is_open = False
        for step in range(size):
            one, two = first + (origin + step) % size, first + (origin + step + 1) % size
            if not _is_inside(x[one], y[one], x[two], y[two], box):
                is_open = False
                continue
            if not is_open or _is_on_edge(x[one], y[one], box):
                lines[count, 0], lines[count, 1], lines[count, 2] = ring, one, 0
                count, is_open = count + 1, True
            lines[count - 1, 2] += 1
    return whole[:wholes].copy(), lines[:count].copy()


@compiled
def _along_edge(x: int, y: int, box: tuple[int, int, int, int]) -> int:
    """How far along the edge of a box a place on it lies, with the inside to the left."""
    west, north, east, south = box
    if y == north:
        return x - west
    if x == east:
        return east - west + y - north
    if y == south:
        return 2 * (east - west) + south - north - (x - west)
    return 2 * (east - west) + 2 * (south - north) - (y - north)


@compiled
def _order_ends(
    x: Grid, y: Grid, start: Grid, lines: Grid, box: tuple[int, int, int, int]
) -> tuple[Grid, Grid, Grid]:
    """How far along the edge each line begins and ends; these ends in order; the place of each.

    The beginning of line ``i`` is end ``2 i``, its end ``2 i + 1``.  At one place of the edge the
    order is that of where the lines would meet an edge a little further inside.
    """
    ends = 2 * len(lines)
    along, dx, dy = np.empty(ends, np.int64), np.empty(ends, np.int64), np.empty(ends, np.int64)
    for end in range(ends):
        ring, vertex, steps = lines[end >> 1]
        first, size = start[ring], start[ring + 1] - start[ring]
        other = first + (vertex - first + 1) % size
        if end & 1:
            other = first + (vertex - first + steps - 1) % size
            vertex = first + (vertex - first + steps) % size
        along[end] = _along_edge(x[vertex], y[vertex], box)
        dx[end], dy[end] = x[other] - x[vertex], y[other] - y[vertex]
    order, place_of = np.arange(ends), np.empty(ends, np.int64)
    for place in range(1, ends):
        end, hole = order[place], place
        while hole > 0:
            prior = order[hole - 1]
            turn = dx[prior] * dy[end] - dy[prior] * dx[end]
            if along[prior] < along[end] or (along[prior] == along[end] and turn < 0):
                break
            order[hole] = prior
            hole -= 1
        order[hole] = end
    for place in range(ends):
        place_of[order[place]] = place
    return along, order, place_of


@compiled
def _copy_line(
    x: Grid, y: Grid, start: Grid, line: Grid, new_x: Grid, new_y: Grid, begin: int, end: int
) -> int:
    """Put the vertices of a line behind those of its ring; the end of the ring."""
    ring, vertex, steps = line
    first, size = start[ring], start[ring + 1] - start[ring]
    for step in range(steps + 1):
        at_step = first + (vertex - first + step) % size
        if end == begin or new_x[end - 1] != x[at_step] or new_y[end - 1] != y[at_step]:
            new_x[end], new_y[end] = x[at_step], y[at_step]
            end += 1
    return end


@compiled
def _turn_corners(
    box: tuple[int, int, int, int], here: int, there: int, new_x: Grid, new_y: Grid, end: int
) -> int:
    """Put the corners between two places of the edge of a box behind a ring; its end."""
    west, north, east, south = box
    wide, high = east - west, south - north
    for corner in range(8):
        side = corner % 4
        at_corner = (corner // 4) * 2 * (wide + high)
        at_corner += wide * (1 if side == 0 else 2 if side >= 2 else 1)
        at_corner += high * (0 if side == 0 else 1 if side <= 2 else 2)
        if here < at_corner < there:
            new_x[end] = east if side <= 1 else west
            new_y[end] = south if side in (1, 2) else north
            end += 1
    return end


@compiled
def _is_covered(x: Grid, y: Grid, start: Grid, west: int, north: int) -> bool:
    """Whether what lies just inside a corner of a box, whose edge no line leaves, is inside."""
    is_inside = False
    for ring in range(len(start) - 1):
        before = start[ring + 1] - 1
        for vertex in range(start[ring], start[ring + 1]):
            ax, ay, bx, by = x[before], y[before], x[vertex], y[vertex]
            before = vertex
            if (ay > north) != (by > north):
                turn = (bx - ax) * (north - ay) - (by - ay) * (west - ax)
                if turn == 0 or (turn < 0) == (by > ay):
                    is_inside = not is_inside
    return is_inside
