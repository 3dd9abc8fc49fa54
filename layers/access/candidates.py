"""Places that a new facility could stand at, where nobody has named any.

No land register says where one may build, so the rule takes places where people already are: the
origins of desa (kantor desa, else a point on the surface), those farthest from a facility first,
and the most populated cells of the squares in which most people are beyond the norm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.access.geodesy import Floats, measure_degree_lat, measure_degree_lon
from layers.access.whatif import Scenario

MOST_ORIGINS = 100
MOST_PROPOSED = 300
RULE = (
    f"origins of desa, farthest from a facility first (at most {MOST_ORIGINS}); then the most "
    "populated cell of each square, half the norm wide, in which most people are beyond the norm "
    f"(together at most {MOST_PROPOSED})"
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidate places.

    Parameters
    ----------
    lonlat
        Shape (m, 2).
    source
        ``desa`` (origin of a desa), ``cell`` (of population) or ``given``, shape (m,).
    rule
        How they were found, in one sentence.
    """

    lonlat: Floats
    source: tuple[str, ...]
    rule: str


def give_candidates(lonlat: Floats) -> Candidates:
    """The candidates that somebody named."""
    return Candidates(lonlat, ("given",) * len(lonlat), "given")


def propose_candidates(scenario: Scenario) -> Candidates:
    """Candidates by `RULE`; none where nobody is beyond the norm and no desa has an origin."""
    origins = _choose_origins(scenario)
    cells = _choose_cells(scenario, MOST_PROPOSED - len(origins))
    lonlat = np.concatenate([scenario.desa_lonlat[origins], scenario.lonlat[cells]])
    return Candidates(lonlat, ("desa",) * len(origins) + ("cell",) * len(cells), RULE)


def group_to_squares(lonlat: Floats, side_m: float) -> tuple[NDArray[np.int64], int]:
    """The square of ``side_m`` that each place lies in, shape (n,), and how many squares there are.

    They are counted from the south-west, row by row; empty ones are left out.
    """
    if not len(lonlat):
        return np.empty(0, np.int64), 0
    west, south = lonlat.min(axis=0)
    middle = float(lonlat[:, 1].mean())
    across = np.floor((lonlat[:, 0] - west) * float(measure_degree_lon(middle)) / side_m)
    up = np.floor((lonlat[:, 1] - south) * float(measure_degree_lat(middle)) / side_m)
    _, square = np.unique(up * (across.max() + 1) + across, return_inverse=True)
    return square.astype(np.int64), int(square.max()) + 1


def _choose_origins(scenario: Scenario) -> NDArray[np.int64]:
    """Rows of desa with an origin, farthest first; where nothing is known, in order of code."""
    known = np.flatnonzero(np.isfinite(scenario.desa_lonlat).all(axis=1))
    far = np.nan_to_num(scenario.desa_distance_m[known], nan=np.inf)
    order = np.lexsort((scenario.kode[known], -far))
    chosen: NDArray[np.int64] = known[order][:MOST_ORIGINS]
    return chosen


def _choose_cells(scenario: Scenario, most: int) -> NDArray[np.int64]:
    beyond = np.flatnonzero(~(scenario.distance_m <= float(scenario.norm_m)))
    people = scenario.people[beyond]
    square, count = group_to_squares(scenario.lonlat[beyond], float(scenario.norm_m) / 2)
    if not count:
        return np.empty(0, np.int64)
    together = np.bincount(square, people, count)
    # The last of each square in this order is its most populated cell; ties to the smaller row.
    order = np.lexsort((-beyond, people, square))
    best = np.empty(count, np.int64)
    best[square[order]] = beyond[order]
    wanted = np.argsort(-together, kind="stable")[:most]
    chosen: NDArray[np.int64] = best[wanted]
    return chosen
