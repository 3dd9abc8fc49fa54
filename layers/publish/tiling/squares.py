"""Unit squares for features that are too small to be seen, from those who lie there."""

from collections.abc import Iterator
from itertools import count

import numpy as np
import shapely

from layers.publish.tiling.arcs import Grid
from layers.publish.tiling.rings import Rings

LEAST_LEFT = 4
"""Twice the area, in pixels, that a feature keeps when it gives a square away."""
NOBODY, CROSSED = -1, -2
"""Who holds a square that no polygon holds, or through which a line passes."""

Square = tuple[int, int]


class Holders:
    """Who holds the unit squares of a zoom, and what each feature has to give."""

    def __init__(self, drawn: Rings) -> None:
        self._drawn = drawn
        self._before = np.arange(-1, len(drawn.x) - 1)
        self._before[drawn.start[:-1]] = drawn.start[1:] - 1
        self._features = np.flatnonzero(drawn.owner[1:] > drawn.owner[:-1])
        self._areas = np.zeros(len(drawn.owner) - 1, np.int64)
        first = drawn.start[drawn.owner[self._features]]
        before_x, before_y = drawn.x[self._before], drawn.y[self._before]
        self._areas[self._features] = np.add.reduceat(
            before_x * drawn.y - drawn.x * before_y, first
        )
        least = [np.minimum.reduceat(numbers, first) for numbers in (drawn.x, drawn.y)]
        greatest = [np.maximum.reduceat(numbers, first) for numbers in (drawn.x, drawn.y)]
        frames = zip(*map(np.ndarray.tolist, (*least, *greatest)), strict=True)
        self._tree = shapely.STRtree([shapely.box(*frame) for frame in frames])

    def has_inside(self, feature: int) -> bool:
        """Whether a feature needs no square."""
        return bool(self._areas[feature] > 0)

    def take(self, square: Square) -> int | None:
        """The feature that gives a square, `NOBODY` where none lies there; None where none can."""
        holder = self._find(*square)
        if holder == CROSSED or (holder != NOBODY and self._areas[holder] - 2 < LEAST_LEFT):
            return None
        if holder != NOBODY:
            self._areas[holder] -= 2
        return holder

    def _find(self, px: int, py: int) -> int:
        """The feature that a square lies in, given by its least x and y; else why there is none."""
        holder = NOBODY
        near = self._tree.query(shapely.Point(px + 0.5, py + 0.5))
        for feature in self._features[np.sort(near)].tolist():
            first, last = self._drawn.owner[feature : feature + 2]
            edges = slice(self._drawn.start[first], self._drawn.start[last])
            bx, by = self._drawn.x[edges], self._drawn.y[edges]
            ax, ay = self._drawn.x[self._before[edges]], self._drawn.y[self._before[edges]]
            turn = (bx - ax) * (2 * (py - ay) + 1) - (by - ay) * (2 * (px - ax) + 1)
            is_passed, is_level = (ax > px) != (bx > px), (ay > py) != (by > py)
            if (is_passed & is_level & (turn == 0)).any():
                return CROSSED
            if np.count_nonzero(is_level & ((turn < 0) == (by > ay))) % 2:
                holder = feature
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
