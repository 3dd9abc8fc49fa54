"""Unit squares for features that are too small to be seen, from those who lie there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np
import shapely

from layers.publish.tiling.arcs import Grid, compiled
from layers.publish.tiling.rings import Rings

LEAST_LEFT = 4
"""Twice the area, in pixels, that a feature keeps when it gives a square away."""
NOBODY, CROSSED = -1, -2
"""Who holds a square that no polygon holds, or through which a line passes."""

Square = tuple[int, int]


class Holders:
    """Who holds the unit squares of a zoom, and what each feature has to give."""

    def __init__(self, drawn: Rings) -> None:
        self._rings = (drawn.x, drawn.y, drawn.start, drawn.owner)
        boxes, self._areas = _find_boxes(*self._rings)
        self._features = np.flatnonzero(boxes[:, 2] >= boxes[:, 0])
        frames = [shapely.box(*box) for box in boxes[self._features].tolist()]
        self._tree = shapely.STRtree(frames)

    def has_inside(self, feature: int) -> bool:
        """Whether a feature needs no square."""
        return bool(self._areas[feature] > 0)

    def take(self, square: Square) -> int | None:
        """The feature that gives a square, `NOBODY` where none lies there; None where none can."""
        x, y = square
        among = self._features[np.sort(self._tree.query(shapely.Point(x + 0.5, y + 0.5)))]
        holder = _find_holder(*self._rings, among, x, y)
        if holder == CROSSED or (holder != NOBODY and self._areas[holder] - 2 < LEAST_LEFT):
            return None
        if holder != NOBODY:
            self._areas[holder] -= 2
        return holder


def choose_squares(
    holders: Holders, near: dict[int, Square], refused: set[Square]
) -> dict[int, Square]:
    """The nearest square to each place that can be given, none twice."""
    squares: dict[int, Square] = {}
    taken = set(refused)
    for feature, (x, y) in near.items():
        around = ((x + dx, y + dy) for dx, dy in _spiral())
        free = (square for square in around if square not in taken)
        squares[feature] = next(square for square in free if holders.take(square) is not None)
        taken.add(squares[feature])
    return squares


def _spiral() -> Iterator[Square]:
    """Steps to a place and to those around it, the nearest rounds first."""
    for reach in count():
        side = range(-reach, reach + 1)
        yield from ((dx, dy) for dy in side for dx in side if max(abs(dx), abs(dy)) == reach)


def give_squares(holders: Holders, squares: dict[int, Square]) -> tuple[Grid, set[Square]]:
    """The squares as `layers.publish.tiling.rings.rings_of` takes them; those none can give."""
    rows, failed = list[tuple[int, int, int, int]](), set[Square]()
    for feature, square in squares.items():
        if holders.has_inside(feature):  # the corners of the squares gave it one
            continue
        holder = holders.take(square)
        if holder is None:
            failed.add(square)
            continue
        rows.append((feature, 1, *square))
        if holder != NOBODY:
            rows.append((holder, -1, *square))
    return np.array(sorted(rows), np.int64).reshape(-1, 4), failed


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
def _find_boxes(x: Grid, y: Grid, start: Grid, owner: Grid) -> tuple[Grid, Grid]:
    """The box of each polygon, shape (n, 4): west, north, east, south; twice its area, shape (n,).

    The box of a polygon without rings ends before it begins.
    """
    count = len(owner) - 1
    boxes, areas = np.empty((count, 4), np.int64), np.zeros(count, np.int64)
    for number in range(count):
        west, north, east, south = 0, 0, -1, -1
        if owner[number + 1] > owner[number]:
            first = start[owner[number]]
            west, north, east, south = x[first], y[first], x[first], y[first]
        for ring in range(owner[number], owner[number + 1]):
            areas[number] += _twice_area(x, y, start[ring], start[ring + 1])
            for vertex in range(start[ring], start[ring + 1]):
                west, east = min(west, x[vertex]), max(east, x[vertex])
                north, south = min(north, y[vertex]), max(south, y[vertex])
        boxes[number, 0], boxes[number, 1] = west, north
        boxes[number, 2], boxes[number, 3] = east, south
    return boxes, areas


@compiled
def _find_holder(x: Grid, y: Grid, start: Grid, owner: Grid, among: Grid, px: int, py: int) -> int:
    """The polygon, of some, that a unit square lies in, given by the place of least x and y.

    -1 for none, -2 where an edge passes through its middle.
    """
    holder, middle_x, middle_y = -1, 2 * px + 1, 2 * py + 1
    for number in among:
        is_inside = False
        for ring in range(owner[number], owner[number + 1]):
            before = start[ring + 1] - 1
            for vertex in range(start[ring], start[ring + 1]):
                ax, ay, bx, by = x[before], y[before], x[vertex], y[vertex]
                before = vertex
                if min(ax, bx) > px or max(ax, bx) <= px or min(ay, by) > py or max(ay, by) <= py:
                    continue
                turn = (bx - ax) * (middle_y - 2 * ay) - (by - ay) * (middle_x - 2 * ax)
                if turn == 0:
                    return -2
            if _holds(x, y, start[ring], start[ring + 1], middle_x, middle_y):
                is_inside = not is_inside
        if is_inside:
            holder = number
    return holder
