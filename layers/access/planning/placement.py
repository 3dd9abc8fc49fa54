"""The best of some candidate places for the people of a release, in bounded time and memory.

`siting` chooses from a table of savings; this module makes that table from a `Scenario`.  Where the
table would grow too large to answer in time, people are grouped to squares first; the answer says
how wide they are, and its effect is measured on the cells themselves by whoever asked.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from layers.access.planning.candidate_sites import group_to_squares
from layers.access.planning.siting import Siting, choose_saving, solve_covering, solve_saving
from layers.access.straight.geodesy import Floats, measure_arc, measure_degree_lat, measure_ecef
from layers.release.scenario_file import Scenario

MOST_PLACES = {"explore": 40_000, "prove": 200_000}
MOST_PAIRS = {
    "explore": {"cover": 500_000, "distance": 500_000},
    "prove": {"cover": 500_000, "distance": 60_000},
}
"""Pairs of people and candidate: what greedy choice weighs in 0.1 s, and HiGHS in some seconds."""


@dataclass(frozen=True, slots=True)
class DemandPlaces:
    """Groups of people who would gain.

    Parameters
    ----------
    lonlat, people
        Shape (n, 2) and (n,).
    limit_m
        A candidate nearer than this gains them something, shape (n,).
    side_m
        Side of the squares that they were grouped to; null: they are cells.
    """

    lonlat: Floats
    people: Floats
    limit_m: Floats
    side_m: float | None


@dataclass(frozen=True, slots=True)
class SitePlacement:
    """What was chosen, in the order of what each site adds, and what was weighed for it.

    ``gains`` has what each site adds to those before it; ``places`` counts the groups of people.
    """

    siting: Siting
    order: NDArray[np.int64]
    gains: Floats
    places: int
    side_m: float | None


def choose_sites(
    scenario: Scenario,
    candidates: Floats,
    number: int,
    *,
    goal: str = "cover",
    effort: str = "explore",
    time_limit_s: float = 60,
) -> SitePlacement:
    """The best candidates for most people newly covered (``cover``) or least ``distance``.

    Parameters
    ----------
    candidates
        lon, lat, shape (m, 2).
    effort
        ``prove``: by HiGHS within the time limit; ``explore``: greedy with swaps.

    Raises
    ------
    ValueError
        Unknown goal or effort, or ``number`` out of range.
    """
    if goal not in ("cover", "distance") or effort not in MOST_PAIRS:
        raise ValueError(f"goal must be cover or distance, effort {' or '.join(MOST_PAIRS)}")
    if not min(1, len(candidates)) <= number <= len(candidates):
        raise ValueError(f"number must be from 1 to {len(candidates)}, the number of candidates")
    bounds = MOST_PLACES[effort], MOST_PAIRS[effort][goal]
    places = group_places(scenario, candidates, goal, *bounds)
    saving = measure_savings(places, candidates, goal)
    if effort == "explore":
        siting = choose_saving(saving, number)
    elif goal == "distance":
        siting = solve_saving(saving, number, time_limit_s=time_limit_s)
    else:
        cover = csr_array(saving.astype(bool).astype(float))
        siting = solve_covering(cover, places.people, number, time_limit_s=time_limit_s)
    order, gains = _rank(saving, siting.chosen)
    return SitePlacement(siting, order, gains, len(places.people), places.side_m)


def find_places(scenario: Scenario, candidates: Floats, goal: str) -> DemandPlaces:
    """The cells of people who would gain: beyond the norm (``cover``), or all (``distance``).

    Where no facility is known, distance is saved against the longest way there could be.  Where
    nobody knows where people live, the origins of desa count one each.
    """
    norm = float(scenario.norm_m)
    lonlat, people, now = scenario.lonlat, scenario.people, scenario.distance_m
    if not scenario.knows_people:
        located = np.isfinite(scenario.desa_lonlat).all(axis=1)
        lonlat, now = scenario.desa_lonlat[located], scenario.desa_distance_m[located]
        people = np.ones(len(lonlat))
    if goal == "cover":
        rows = np.flatnonzero(~(now <= norm) & (people > 0))
        limit = np.full(len(rows), norm)
    else:
        rows = np.flatnonzero(~(now <= 0) & (people > 0))
        limit = np.where(np.isfinite(now[rows]), now[rows], _longest(lonlat, candidates))
    return DemandPlaces(lonlat[rows], people[rows], limit, None)


def group_places(
    scenario: Scenario, candidates: Floats, goal: str, most_places: int, most_pairs: int
) -> DemandPlaces:
    """The people who would gain, in squares as small as the bounds allow.

    Pairs are of a square and a candidate that would help it.
    """
    cells = find_places(scenario, candidates, goal)
    if not len(cells.people):
        return cells
    side = _width_of_cells(cells) * max(1.0, np.sqrt(len(cells.people) / most_places) / 1.5)
    places = cells
    while len(places.people) > most_places or _count_pairs(places, candidates) > most_pairs:
        side *= 1.5
        places = _group(cells, side)
    return places


def measure_savings(places: DemandPlaces, candidates: Floats, goal: str) -> csr_array:
    """What each group of people gains from each candidate, sparse, shape (n, candidates).

    ``cover``: its people; ``distance``: its people times the metres saved.
    """
    order = np.argsort(places.lonlat[:, 1], kind="stable")
    lat, limit = places.lonlat[order, 1], places.limit_m[order]
    ecef = measure_ecef(places.lonlat[order, 0], lat)
    sites = measure_ecef(candidates[:, 0], candidates[:, 1])
    reach = float(limit.max(initial=0)) / float(measure_degree_lat(0.0)) * 1.01
    starts = np.searchsorted(lat, candidates[:, 1] - reach)
    stops = np.searchsorted(lat, candidates[:, 1] + reach, side="right")
    values, rows, columns = [np.empty(0)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for j, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        metres = measure_arc(np.linalg.norm(ecef[start:stop] - sites[j], axis=1))
        near = np.flatnonzero(metres <= limit[start:stop])
        place_rows = order[start + near]
        gain = 1.0 if goal == "cover" else places.limit_m[place_rows] - metres[near]
        values.append(places.people[place_rows] * gain)
        rows.append(place_rows)
        columns.append(np.full(len(place_rows), j))
    index = (np.concatenate(rows), np.concatenate(columns))
    shape = (len(limit), len(candidates))
    return csr_array((np.concatenate(values), index), shape=shape)


def _longest(lonlat: Floats, candidates: Floats) -> float:
    both = np.concatenate([lonlat, candidates])
    corners = np.stack([both.min(axis=0), both.max(axis=0)])
    ends = measure_ecef(corners[:, 0], corners[:, 1])
    return float(measure_arc(np.linalg.norm(ends[:1] - ends[1:], axis=1))[0])


def _width_of_cells(cells: DemandPlaces) -> float:
    """Roughly how far apart neighbouring cells are, metres."""
    box = np.ptp(cells.lonlat, axis=0) * float(measure_degree_lat(0.0))
    return max(float(np.sqrt(box.prod() / len(cells.people))), 1.0)


def _count_pairs(places: DemandPlaces, candidates: Floats) -> int:
    tree = cKDTree(measure_ecef(candidates[:, 0], candidates[:, 1]))
    ecef = measure_ecef(places.lonlat[:, 0], places.lonlat[:, 1])
    return int(tree.query_ball_point(ecef, places.limit_m, return_length=True).sum())


def _group(cells: DemandPlaces, side_m: float) -> DemandPlaces:
    """People of each square as one, at their common middle; limits are means over people."""
    square, count = group_to_squares(cells.lonlat, side_m)

    def mean(values: Floats) -> Floats:
        means: Floats = np.bincount(square, cells.people * values, count) / people
        return means

    people = np.bincount(square, cells.people, count).astype(float)
    lonlat = np.stack([mean(cells.lonlat[:, 0]), mean(cells.lonlat[:, 1])], axis=1)
    return DemandPlaces(lonlat, people, mean(cells.limit_m), side_m)


def _rank(saving: csr_array, chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats]:
    """The chosen ones, each time the one that adds most, and what it adds."""
    table = saving[:, chosen].toarray()
    best, left = np.zeros(len(table)), list(range(len(chosen)))
    order, gains = [], []
    while left:
        added = np.maximum(table[:, left] - best[:, None], 0).sum(axis=0)
        pick = left.pop(int(np.argmax(added)))
        gains.append(float(added.max()))
        order.append(int(chosen[pick]))
        best = np.maximum(best, table[:, pick])
    return np.array(order, np.int64), np.array(gains)
