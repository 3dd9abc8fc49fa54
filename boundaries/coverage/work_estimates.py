"""How much work the algorithms on polygons would have, estimated before they start.

Their cost grows with the pairs of polygons, and within one outline of edges, that meet: of real
drawings a few for each, of a star or a stack all with all, in memory and time that nobody has.
Pairs are counted for some and reckoned from these for all.
"""

import numpy as np
import shapely

from boundaries.bounds import input_limits, input_readers
from boundaries.geometry_arrays import Geometries, Geometry

SAMPLE = 64
LARGEST_STEP = 50
"""Of an outline at least every fiftieth edge is looked at: crossings may lie all in one place."""
_NEIGHBOURS = 3
"""An edge meets itself and the edges before and after it."""


def estimate_crossings(shape: Geometry, enough: float = np.inf) -> float:
    """About how many pairs of edges of a polygon meet that are not neighbours.

    Parameters
    ----------
    enough
        The estimate ends where it reaches this.

    Example
    -------
    >>> round(estimate_crossings(shapely.from_wkt("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))")))
    1
    """
    edges = _edges_of(shape)
    if len(edges) <= _NEIGHBOURS:
        return 0.0
    tree = shapely.STRtree(edges)
    step = max(1, min(len(edges) // SAMPLE, LARGEST_STEP))
    looked_at = np.arange(0, len(edges), step)
    met = 0
    for start in range(0, len(looked_at), SAMPLE):
        part = edges[looked_at[start : start + SAMPLE]]
        met += len(tree.query(part, predicate="intersects")[0]) - _NEIGHBOURS * len(part)
        if met * step / 2 >= enough:
            break
    return max(0.0, met * step / 2)


def _edges_of(shape: Geometry) -> Geometries:
    """The edges of all rings as lines of two points."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero((ring[:-1] == ring[1:]) & (xy[:-1] != xy[1:]).any(axis=1))
    ends = np.stack([xy[first], xy[first + 1]], axis=1)
    return np.asarray(shapely.linestrings(ends), dtype=object)


def check_outline(shape: Geometry, file: str | None, part: int = 1) -> None:
    """Refuse to repair an outline of which too many edges cross.

    Parameters
    ----------
    part
        Of the limit the part that counts, for a way of repair that is slower.

    Raises
    ------
    InputBeyondLimitError
        With an estimate of the crossings.
    """
    limit = input_readers.current_limits().crossings
    crossings = estimate_crossings(shape, limit // part + 1)
    if crossings > limit // part:
        vertices = int(shapely.get_num_coordinates(shape))
        what = f"An outline of {vertices:,} vertices crosses itself {crossings:,.0f} times or more"
        if part > 1:
            what += f", which takes {part} times the work here"
        raise input_limits.beyond_limit(file, "crossings", limit, "crossings", what)


def estimate_pairs(shapes: Geometries) -> float:
    """About how many pairs of shapes have boxes that meet.

    Example
    -------
    >>> boxes = shapely.box([0, 1, 5], [0, 1, 5], [2, 3, 6], [2, 3, 6])
    >>> estimate_pairs(boxes)
    1.0
    """
    if len(shapes) < 2:
        return 0.0
    tree = shapely.STRtree(shapes)
    step = max(1, len(shapes) // SAMPLE // 8)
    sample = shapes[::step]
    met = len(tree.query(sample)[0]) - len(sample)
    return met / len(sample) * len(shapes) / 2


def check_pairs(shapes: Geometries, file: str | None) -> None:
    """Refuse to compare polygons of which too many lie on one another.

    Raises
    ------
    InputBeyondLimitError
        With an estimate of the pairs.
    """
    most = input_readers.current_limits().most_pairs(len(shapes))
    pairs = estimate_pairs(shapes)
    if pairs > most:
        what = f"Of {len(shapes):,} polygons about {pairs:,.0f} pairs lie on one another"
        raise input_limits.beyond_limit(file, "pairs", most, "pairs", what)
