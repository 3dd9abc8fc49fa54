"""Overlaps between drawn polygons, measured before the coverage settles them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from boundaries.repair import Geometries

SAME_PLACE_SHARE = 0.95
"""Two polygons that cover this share of each other are one place drawn twice."""

ENCLAVE_SHARE = 0.99
"""A polygon covered to this share by a larger one is an enclave not cut out of it."""

Floats = np.ndarray[Any, np.dtype[np.float64]]
Positions = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Pairs of polygons whose interiors meet, each pair once (``left < right``).

    Parameters
    ----------
    left, right
        Positions, shape (n,).
    left_share, right_share
        Share of each polygon's area that lies in the other, 0 to 1.
    places
        The overlapping areas.
    """

    left: Positions
    right: Positions
    left_share: Floats
    right_share: Floats
    places: Geometries

    @property
    def larger_share(self) -> Floats:
        """Share of the smaller polygon."""
        return np.maximum(self.left_share, self.right_share)

    @property
    def is_same_place(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Pairs that are one place drawn twice."""
        return np.minimum(self.left_share, self.right_share) >= SAME_PLACE_SHARE

    @property
    def is_within(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Pairs of which one lies in the other and is clearly smaller."""
        return (self.larger_share >= ENCLAVE_SHARE) & ~self.is_same_place


def find_overlaps(geometry: Geometries) -> Overlaps:
    """Every pair of valid polygons with a common area above nothing."""
    drawn = np.flatnonzero(~shapely.is_missing(geometry))
    part = geometry[drawn]
    left, right = shapely.STRtree(part).query(part)
    ordered = left < right
    left, right = left[ordered], right[ordered]
    shapely.prepare(part)
    meeting = shapely.intersects(part[left], part[right])
    left, right = left[meeting], right[meeting]
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    places = shapely.intersection(part[left], part[right])
    areas = shapely.area(places)
    real = areas > 0
    left, right, areas = left[real], right[real], areas[real]
    own = shapely.area(part)
    return Overlaps(drawn[left], drawn[right], areas / own[left], areas / own[right], places[real])


def cut_out_enclaves(geometry: Geometries, overlaps: Overlaps) -> Geometries:
    """The polygons with each enclave cut out of the larger one around it.

    Without this the coverage would give the common area, which is the whole enclave, to either.
    """
    cut = geometry.copy()
    for pair in np.flatnonzero(overlaps.is_within):
        left, right = int(overlaps.left[pair]), int(overlaps.right[pair])
        inner, outer = (
            (left, right)
            if overlaps.left_share[pair] > overlaps.right_share[pair]
            else (right, left)
        )
        cut[outer] = _polygons(shapely.difference(cut[outer], cut[inner]))
    return cut


def _polygons(shape: Any) -> Any:
    parts = shapely.get_parts(shapely.get_parts(shape))
    parts = parts[shapely.get_type_id(parts) == 3]
    return shapely.multipolygons(parts) if len(parts) else None
