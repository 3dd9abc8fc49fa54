"""Spikes: needles so thin that they are a slip of the pen, not land.

A *spike* is a corner of a valid ring that turns back on itself (by an angle under half a degree)
and is long against its width.  `shapely.make_valid` cannot see them: they are valid.
"""

import numpy as np
import shapely

from boundaries.geometry_arrays import Floats, Geometries, Geometry, Positions

SPIKE_DEGREES = 0.5
SPIKE_LENGTH_DEGREES = 5e-4
"""About 55 m: shorter turns are the noise of digitising, and `coverage_clean` settles them."""


def find_spikes(geometry: Geometries) -> tuple[Positions, Floats]:
    """Tips of the spikes.

    Returns
    -------
    owners
        Position of the polygon of each spike, shape (m,).
    tips
        Lon, lat of each tip, shape (m, 2).
    """
    drawn = np.flatnonzero(~shapely.is_missing(geometry))
    parts, owners = shapely.get_parts(geometry[drawn], return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    if len(points) == 0:
        return np.empty(0, dtype=np.int64), np.empty((0, 2))
    before, after = _neighbours(points, ring_of)
    back, forth = points - before, after - points
    lengths = np.minimum(np.hypot(*back.T), np.hypot(*forth.T))
    sine = np.abs(back[:, 0] * forth[:, 1] - back[:, 1] * forth[:, 0])
    turn = np.arctan2(sine, -(back * forth).sum(axis=1))
    tips = (turn < np.radians(SPIKE_DEGREES)) & (lengths > SPIKE_LENGTH_DEGREES)
    tips[np.flatnonzero(np.diff(ring_of, append=-1))] = False
    return drawn[owners[part_of[ring_of[tips]]]], points[tips]


def _neighbours(points: Floats, ring_of: Positions) -> tuple[Floats, Floats]:
    """Point before and after each point in its closed ring."""
    count = len(points)
    starts = np.flatnonzero(np.diff(ring_of, prepend=-1))
    ends = np.append(starts[1:], count) - 1
    before = np.arange(-1, count - 1)
    after = np.arange(1, count + 1)
    before[starts] = ends - 1
    after[ends] = starts + 1
    return points[before], points[np.minimum(after, count - 1)]


def cut_spikes(geometry: Geometries) -> tuple[Geometries, list[tuple[int, tuple[float, float]]]]:
    """The polygons without the tips of their spikes, and position and tip of each that was cut.

    A polygon that would not be valid without its tip keeps it.
    """
    owners, tips = find_spikes(geometry)
    cut = geometry.copy()
    cuts: list[tuple[int, tuple[float, float]]] = []
    for owner in np.unique(owners):
        tips_of_owner = tips[owners == owner]
        lighter = _without_points(cut[owner], {(float(x), float(y)) for x, y in tips_of_owner})
        if lighter is not None and shapely.is_valid(lighter) and not shapely.is_empty(lighter):
            cut[owner] = lighter
            cuts += [(int(owner), (float(x), float(y))) for x, y in tips_of_owner]
    return cut, cuts


def _without_points(shape: Geometry, tips: set[tuple[float, float]]) -> Geometry | None:
    parts = []
    for part in shapely.get_parts(shape):
        rings = [
            [point for point in map(tuple, ring.coords[:-1]) if point not in tips]
            for ring in (part.exterior, *part.interiors)
        ]
        if any(len(ring) < 3 for ring in rings):
            return None
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
