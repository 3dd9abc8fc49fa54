"""The supply side: who would use which facility, and how much service a person finds in reach.

2SFCA: each facility divides its supply among everyone within reach; each place adds up what it is
given.  E2SFCA weights by bands of distance.  Needs numpy and scipy only.

Source
------
W. Luo and F. Wang, Measures of spatial accessibility to health care in a GIS environment,
Environment and Planning B 30, 2003; W. Luo and Y. Qi, An enhanced two-step floating catchment area
method, Health & Place 15, 2009.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from layers.access.straight import geodesy

Ints = NDArray[np.int64]
GAUSSIAN_WEIGHTS = (1.0, 0.68, 0.22)
"""Weights of three bands of equal width, as Luo and Qi (2009) use them."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Places and facilities within reach of each other, with what lies between them."""

    place: Ints
    facility: Ints
    cost: geodesy.Floats
    places: int
    facilities: int


def find_pairs(
    places: geodesy.Floats, facilities: geodesy.Floats, reach_m: float, tree: cKDTree | None = None
) -> Pairs:
    """All pairs at most ``reach_m`` apart in a straight line; lon, lat, shapes (n, 2), (m, 2).

    Up to `NEAR_M` the length is the arc over the chord at the ellipsoid's smallest radius of
    curvature, which is at most 2 mm too long (`bound_geodesic`); beyond, the geodesic.

    Parameters
    ----------
    tree
        Of the places' `measure_ecef`, where it is known already.
    """
    if tree is None:
        tree = cKDTree(geodesy.measure_ecef(places[:, 0], places[:, 1]))
    points = cKDTree(geodesy.measure_ecef(facilities[:, 0], facilities[:, 1]))
    within = tree.sparse_distance_matrix(points, reach_m, output_type="ndarray")
    place, facility = within["i"].astype(np.int64), within["j"].astype(np.int64)
    metres = geodesy.bound_geodesic(within["v"])
    if reach_m > geodesy.NEAR_M:
        metres = geodesy.measure_geodesic(*places[place].T, *facilities[facility].T)
    near = metres <= reach_m
    return Pairs(place[near], facility[near], metres[near], len(places), len(facilities))


def measure_two_step(
    pairs: Pairs,
    people: geodesy.Floats,
    supply: geodesy.Floats,
    bands: Sequence[float],
    weights: Sequence[float] | None = None,
) -> geodesy.Floats:
    """Supply in reach per person of each place; 0 where nothing is, NaN where nobody could share.

    Parameters
    ----------
    people, supply
        Of each place and facility.
    bands
        Upper edges in the unit of ``pairs.cost``, ascending; one edge is plain 2SFCA.
    weights
        One per band (E2SFCA); 1 for all by default.

    Notes
    -----
    Step 1: ``R_j = S_j / sum_k P_k w(d_kj)``.  Step 2: ``A_i = sum_j R_j w(d_ij)``.  Supply is
    conserved: ``sum_i P_i A_i = sum_j S_j`` over facilities with anyone in reach.
    """
    ratio, matrix = _share_supply(pairs, people, supply, bands, weights)
    access: geodesy.Floats = matrix @ ratio
    return access


def measure_load(
    pairs: Pairs,
    people: geodesy.Floats,
    bands: Sequence[float],
    weights: Sequence[float] | None = None,
) -> geodesy.Floats:
    """People in reach of each facility, weighted by band: its catchment population."""
    matrix = _weigh(pairs, bands, weights)
    load: geodesy.Floats = matrix.T @ people
    return load


def count_nearest(
    facility: NDArray[np.integer], people: geodesy.Floats, facilities: int
) -> geodesy.Floats:
    """People whose nearest facility each is (its load); places that reach none have -1."""
    reached = facility >= 0
    return np.bincount(facility[reached], people[reached], facilities).astype(float)


def _share_supply(
    pairs: Pairs,
    people: geodesy.Floats,
    supply: geodesy.Floats,
    bands: Sequence[float],
    weights: Sequence[float] | None,
) -> tuple[geodesy.Floats, csr_array]:
    matrix = _weigh(pairs, bands, weights)
    demand: geodesy.Floats = matrix.T @ people
    ratio = np.divide(supply, demand, out=np.zeros(len(supply)), where=demand > 0)
    return ratio, matrix


def _weigh(pairs: Pairs, bands: Sequence[float], weights: Sequence[float] | None) -> csr_array:
    chosen = np.ones(len(bands)) if weights is None else np.asarray(weights, float)
    if len(chosen) != len(bands):
        raise ValueError(f"{len(bands)} bands but {len(chosen)} weights")
    band = np.searchsorted(np.asarray(bands, float), pairs.cost, side="left")
    inside = band < len(bands)
    value = chosen[band[inside]]
    index = (pairs.place[inside], pairs.facility[inside])
    matrix = csr_array((value, index), shape=(pairs.places, pairs.facilities))
    # Sums in the order of rows and columns, not in that of the search.
    matrix.sort_indices()
    return matrix
