"""Places that a new facility could stand at, where nobody has named any.

No land register says where one may build, so the rule takes places where people already are: the
origins of desa (kantor desa, where known), those farthest from a facility first,
and the heaviest cells of the squares in which most is to be gained.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.access.straight.geodesy import Floats, measure_degree_lat, measure_degree_lon
from layers.release.scenario_file import Scenario

Box = tuple[float, float, float, float]
EVERYWHERE: Box = (-180.0, -90.0, 180.0, 90.0)
MOST_ORIGINS = 100
MOST_PROPOSED = 300
LEAST_SIDE_M = 200.0
"""Squares are not made smaller than this."""

_ORIGINS = "origins of desa, farthest from a facility first (at most {most})"
_COVER = (
    "; then the most populated cell of each square, half the norm wide, in which most people are "
    f"beyond the norm (together at most {MOST_PROPOSED})"
)
_DISTANCE = (
    "; then of each square in which people times distance is largest the cell where it is "
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


def propose_candidates(scenario: Scenario, goal: str, box: Box = EVERYWHERE) -> Candidates:
    """Origins of desa and cells of people where most is to be gained; the rule says how.

    ``cover`` looks at people beyond the norm, ``distance`` at people times distance.  None where
    nothing can be gained and no desa has an origin; origins only where people are unknown.

    Parameters
    ----------
    box
        West, south, east, north: only places in it.
    """
    most = MOST_ORIGINS if scenario.knows_people else MOST_PROPOSED
    origins = _choose_origins(scenario, box)[:most]
    cells = _choose_cells(scenario, goal, box, MOST_PROPOSED - len(origins))
    lonlat = np.concatenate([scenario.desa_lonlat[origins], scenario.lonlat[cells]])
    rule = _ORIGINS.format(most=most)
    if scenario.knows_people:
        rule += _COVER if goal == "cover" else _DISTANCE
    if box != EVERYWHERE:
        rule += "; in the given box only"
    return Candidates(lonlat, ("desa",) * len(origins) + ("cell",) * len(cells), rule)


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


def _is_in(lonlat: Floats, box: Box) -> NDArray[np.bool_]:
    west, south, east, north = box
    inside: NDArray[np.bool_] = np.all(
        (lonlat >= [west, south]) & (lonlat <= [east, north]), axis=1
    )
    return inside


def _choose_origins(scenario: Scenario, box: Box) -> NDArray[np.int64]:
    """Rows of desa with an origin, farthest first; where nothing is known, in order of code."""
    located = np.flatnonzero(_is_in(scenario.desa_lonlat, box))
    far = np.nan_to_num(scenario.desa_distance_m[located], nan=np.inf)
    order = np.lexsort((scenario.kode[located], -far))
    chosen: NDArray[np.int64] = located[order]
    return chosen


def _choose_cells(scenario: Scenario, goal: str, box: Box, most: int) -> NDArray[np.int64]:
    norm, now = float(scenario.norm_m), scenario.distance_m
    far = ~(now <= (norm if goal == "cover" else 0))
    rows = np.flatnonzero(far & _is_in(scenario.lonlat, box))
    weight = scenario.people[rows]
    if goal == "distance":
        weight = weight * np.where(np.isfinite(now[rows]), now[rows], 1.0)
    if not len(rows) or most < 1:
        return np.empty(0, np.int64)
    square, count = _group(scenario.lonlat[rows], norm / 2, most if goal == "distance" else 0)
    together = np.bincount(square, weight, count)
    # The last of each square in this order is its heaviest cell; ties to the one further
    # south-west, so the order of the cells does not matter.
    lon, lat = scenario.lonlat[rows].T
    order = np.lexsort((-lon, -lat, weight, square))
    best = np.empty(count, np.int64)
    best[square[order]] = rows[order]
    fullest = np.argsort(-together, kind="stable")[:most]
    chosen: NDArray[np.int64] = best[fullest]
    return chosen


def _group(lonlat: Floats, side_m: float, fewest: int) -> tuple[NDArray[np.int64], int]:
    """Squares of ``side_m``, halved until there are ``wanted`` of them or they are small."""
    square, count = group_to_squares(lonlat, side_m)
    while count < fewest and side_m > LEAST_SIDE_M:
        side_m /= 2
        square, count = group_to_squares(lonlat, side_m)
    return square, count
