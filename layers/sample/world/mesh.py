"""Borders that neighbours share to the last vertex, because each is drawn once.

A coarse plan (a few straight lines) is cut at its nodes into chains.  Each chain is roughened by
midpoint displacement with a number that depends on the chain alone, and the faces are rebuilt from
the roughened chains.  Two neighbours therefore hold the very same vertices, which roughening each
polygon by itself could never give.

Source
------
Fournier, Fussell, Carpenter 1982, "Computer rendering of stochastic models", CACM 25(6).
"""

import itertools
from collections.abc import Callable, Sequence
from math import hypot, log2

import numpy as np
import shapely
from shapely import LineString, Polygon, STRtree

from layers.sample.world.noise import between

Point = tuple[float, float]
Chain = tuple[Point, ...]

SPACING_M = 66.0


def cut_into_chains(lines: Sequence[LineString]) -> list[Chain]:
    """The lines cut wherever they meet, each piece once, in an order of their own.

    Parameters
    ----------
    lines
        Straight coarse lines in plan metres; they may cross.

    Returns
    -------
    list
        Pieces between nodes, vertices rounded to whole metres, each from its smaller end.
    """
    noded = shapely.union_all(list(lines), grid_size=1.0)
    merged = shapely.line_merge(noded)
    return sorted(_oriented(shapely.get_coordinates(part)) for part in shapely.get_parts(merged))


def _oriented(coordinates: np.ndarray) -> Chain:
    chain = [(float(x), float(y)) for x, y in coordinates]
    if chain[0] == chain[-1]:
        ring = chain[:-1]
        first = ring.index(min(ring))
        ring = ring[first:] + ring[:first]
        if ring[1] > ring[-1]:
            ring = [ring[0], *reversed(ring[1:])]
        return (*ring, ring[0])
    return tuple(chain if chain[0] <= chain[-1] else reversed(chain))


def roughen(chain: Chain, roughness: float) -> Chain:
    """The chain with its straight pieces broken by midpoint displacement.

    Parameters
    ----------
    chain
        Vertices in plan metres; all of them are kept.
    roughness
        Largest displacement as a share of the piece that is halved; 0.25 looks like a rocky coast,
        0.1 like a border along a ridge.
    """
    points: list[Point] = []
    for start, end in itertools.pairwise(chain):
        points.extend(_halve(start, end, roughness)[:-1])
    return (*points, chain[-1])


def _halve(start: Point, end: Point, roughness: float) -> list[Point]:
    length = hypot(end[0] - start[0], end[1] - start[1])
    levels = max(1, round(log2(max(length / SPACING_M, 2))))
    points = [start, end]
    for level in range(levels):
        finer = [points[0]]
        for index, (start_of_part, end_of_part) in enumerate(itertools.pairwise(points)):
            shift = roughness * between(-1, 1, start, end, level, index)
            finer.append(
                (
                    (start_of_part[0] + end_of_part[0]) / 2
                    - shift * (end_of_part[1] - start_of_part[1]),
                    (start_of_part[1] + end_of_part[1]) / 2
                    + shift * (end_of_part[0] - start_of_part[0]),
                )
            )
            finer.append(end_of_part)
        points = finer
    return points


def roughen_all(
    chains: Sequence[Chain],
    roughness: Callable[[Chain], float],
    to_lonlat: Callable[[Chain], np.ndarray],
) -> list[LineString]:
    """All chains roughened, in lon/lat, none crossing or touching another but at their ends.

    Where two would cross, both are drawn again with less roughness; straight chains cannot cross,
    so this ends.
    """
    damping = [1.0] * len(chains)
    while True:
        lines = [
            LineString(to_lonlat(roughen(chain, damp * roughness(chain))))
            for chain, damp in zip(chains, damping, strict=True)
        ]
        clashing = _clashing(lines)
        if not clashing:
            return lines
        for index in clashing:
            damping[index] *= 0.6


def _clashing(lines: Sequence[LineString]) -> list[int]:
    tree = STRtree(list(lines))
    left, right = tree.query(list(lines), predicate="intersects")
    clashing = {index for index, line in enumerate(lines) if not line.is_simple}
    for first, second in zip(left.tolist(), right.tolist(), strict=True):
        if first < second and not lines[first].touches(lines[second]):
            clashing |= {first, second}
    return sorted(clashing)


def rebuild_faces(lines: Sequence[LineString]) -> list[Polygon]:
    """The faces the lines enclose, holes kept open, vertices exactly those of the lines."""
    faces = shapely.get_parts(shapely.polygonize(list(lines)))
    return list(shapely.normalize(faces))
