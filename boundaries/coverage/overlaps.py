"""Overlaps between drawn polygons, measured before the coverage settles them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from boundaries.coverage.work_estimates import check_pairs
from boundaries.geometry_arrays import Floats, Geometries, Geometry, Mask, Positions

SAME_PLACE_SHARE = 0.95
"""Two polygons that cover this share of each other are one place drawn twice."""

ENCLAVE_SHARE = 0.99
"""A polygon covered to this share by a larger one is an enclave not cut out of it."""

OVERLAP_SHARE_LISTED = 0.001
"""Overlaps from this share of the smaller desa are listed one by one, the others counted."""

COVERED_SHARE = 0.9
"""A polygon that others cover to this share in all was drawn on top of them."""

CHUNK = 20_000
"""Pairs measured at a time; bounds the memory."""


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Pairs of polygons whose interiors meet, each pair once (``left < right``).

    Parameters
    ----------
    left, right
        Positions, shape (n,).
    left_share, right_share
        Share of each polygon's area that lies in the other, 0 to 1.
    area
        Common area in square degrees.
    places
        A point in the common area; None where it is below ``OVERLAP_SHARE_LISTED``.
    """

    left: Positions
    right: Positions
    left_share: Floats
    right_share: Floats
    area: Floats
    places: Geometries

    @property
    def larger_share(self) -> Floats:
        """Share of the smaller polygon."""
        return np.maximum(self.left_share, self.right_share)

    @property
    def is_same_place(self) -> Mask:
        """Pairs that are one place drawn twice."""
        return np.minimum(self.left_share, self.right_share) >= SAME_PLACE_SHARE

    @property
    def is_within(self) -> Mask:
        """Pairs of which one lies in the other and is clearly smaller."""
        return (self.larger_share >= ENCLAVE_SHARE) & ~self.is_same_place


def find_overlaps(geometry: Geometries, files: Sequence[str | None] = ()) -> Overlaps:
    """Every pair of valid polygons with a common area above nothing.

    Raises
    ------
    InputBeyondLimitError
        Too many polygons of the files lie on one another.
    """
    drawn = np.flatnonzero(~shapely.is_missing(geometry))
    part = geometry[drawn]
    check_pairs(part, ", ".join(sorted({file for file in files if file})) or None)
    left, right = shapely.STRtree(part).query(part, predicate="intersects")
    once = left < right
    order = np.lexsort((right[once], left[once]))
    left, right = left[once][order], right[once][order]
    areas = shapely.area(part)
    smaller = np.minimum(areas[left], areas[right])
    area, places = _measure(part, left, right, smaller)
    real = area > 0
    left, right, area = left[real], right[real], area[real]
    return Overlaps(
        drawn[left], drawn[right], area / areas[left], area / areas[right], area, places[real]
    )


def _measure(
    part: Geometries, left: Positions, right: Positions, smaller: Floats
) -> tuple[Floats, Geometries]:
    """Common area of each pair and a point in it where it is listed, a chunk at a time."""
    area = np.zeros(len(left))
    places = np.full(len(left), None, dtype=object)
    for start in range(0, len(left), CHUNK):
        chunk = slice(start, start + CHUNK)
        common = shapely.intersection(part[left[chunk]], part[right[chunk]])
        area[chunk] = shapely.area(common)
        listed = np.flatnonzero(area[chunk] >= OVERLAP_SHARE_LISTED * smaller[chunk])
        places[start + listed] = shapely.point_on_surface(common[listed])
    return area, places


def find_covered(overlaps: Overlaps, count: int) -> Floats:
    """Share of each polygon that others cover, pairs of the same place left out; shape (count,)."""
    others = ~overlaps.is_same_place
    covered = np.zeros(count)
    np.add.at(covered, overlaps.left[others], overlaps.left_share[others])
    np.add.at(covered, overlaps.right[others], overlaps.right_share[others])
    return np.minimum(covered, 1.0)


def cut_out_covered(geometry: Geometries, overlaps: Overlaps) -> Geometries:
    """The polygons, with each that lies on top of others cut out of them.

    An enclave drawn without a hole around it, or a new desa drawn over the old ones: the coverage
    would give the common areas, which are all of it, to the others, and the desa would vanish.
    """
    covered = find_covered(overlaps, len(geometry)) >= COVERED_SHARE
    size = np.nan_to_num(shapely.area(geometry))
    cut = geometry.copy()
    pairs = (covered[overlaps.left] | covered[overlaps.right]) & ~overlaps.is_same_place
    for pair in np.flatnonzero(pairs):
        left, right = int(overlaps.left[pair]), int(overlaps.right[pair])
        if covered[left] == covered[right]:
            on_top, below = (left, right) if size[left] <= size[right] else (right, left)
        else:
            on_top, below = (left, right) if covered[left] else (right, left)
        cut[below] = _polygons(shapely.difference(cut[below], geometry[on_top]))
    return cut


def _polygons(shape: Geometry) -> Geometry | None:
    parts = shapely.get_parts(shapely.get_parts(shape))
    parts = parts[shapely.get_type_id(parts) == 3]
    return shapely.multipolygons(parts) if len(parts) else None
