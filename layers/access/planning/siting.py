"""Where the next facilities should stand: the best k of the candidate places.

Two questions.  **MCLP** (most people covered): the largest number of people within the norm of an
existing or a chosen place.  **p-median** (least mean distance): the smallest sum of people times
distance to the nearest existing or chosen place.  `scipy.optimize.milp` (HiGHS) gives the answer
with a proven gap; greedy choice with swaps gives one in milliseconds, with a gap proven from the
shrinking of gains (savings are submodular: what a candidate adds only falls as others are chosen).
Needs numpy and scipy only.

Source
------
R. Church and C. ReVelle, The maximal covering location problem, Papers of the RSA 32, 1974;
S. L. Hakimi, Optimum locations of switching centers, Operations Research 12, 1964; swaps after
M. Teitz and P. Bart, Operations Research 16, 1968; the bound of a greedy choice after
G. L. Nemhauser, L. A. Wolsey and M. L. Fisher, Mathematical Programming 14, 1978.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csc_array, csr_array, hstack, vstack

from layers.access.straight.geodesy import Floats

MOST_PASSES = 20
MOST_STARTS = 12
WORK = 3_000_000
"""Places in reach of candidates, times k and starts, that greedy choice may look at."""


@dataclass(frozen=True, slots=True)
class Siting:
    """The chosen candidates and what they gain.

    Parameters
    ----------
    chosen
        Rows of the candidates, ascending.
    gain
        People newly covered (MCLP), or people times metres saved (p-median).
    gap
        How far ``gain`` may be below the best possible, as a share of it.
    method
        ``highs``, or ``greedy_swap`` where that is all, or the better, that was found.
    status
        ``optimal`` within the tolerance asked for; ``time_limit``: HiGHS was stopped before, and
        the best of its answer and the greedy one is given; ``explored``: greedy only.
    """

    chosen: NDArray[np.int64]
    gain: float
    gap: float
    method: str
    status: str


NOTHING = Siting(np.empty(0, np.int64), 0.0, 0.0, "highs", "optimal")


def choose_saving(saving: csr_array, k: int) -> Siting:
    """K candidates whose best savings, added over the places, are large: greedy and swaps.

    Greedy choice is started from each of the best single candidates, as many as time allows, and
    the best outcome is kept.

    Covering and p-median in one: ``saving[i, j]`` is what place ``i`` gains from candidate ``j``,
    and a place gains the largest of the chosen.
    """
    columns = csc_array(saving)
    columns.sort_indices()
    k = min(k, columns.shape[1])
    alone = _measure_gains(columns, np.zeros(columns.shape[0]))
    starts = max(1, min(MOST_STARTS, int(WORK // max(1, columns.nnz * k))))
    sitings: list[tuple[float, list[int], Floats]] = []
    for first in np.argsort(-alone, kind="stable")[: starts if k else 0]:
        if alone[first] <= 0:
            break
        chosen, best = _swap(columns, _choose_greedily(columns, int(first), k))
        sitings.append((float(best.sum()), sorted(chosen), best))
    if not sitings:
        return replace(NOTHING, method="greedy_swap", status="explored")
    gain, sites, best = max(sitings, key=lambda siting: (siting[0], [-j for j in siting[1]]))
    bound = min(_sum_largest(alone, k), gain + _sum_largest(_measure_gains(columns, best), k))
    gap = _share_below(gain, bound)
    return Siting(np.array(sites, np.int64), gain, gap, "greedy_swap", "explored")


def _sum_largest(gains: Floats, k: int) -> float:
    return float(np.sort(gains)[-k:].sum())


def _share_below(gain: float, bound: float) -> float:
    return max(0.0, 1 - gain / bound) if bound > 0 else 0.0


def _choose_greedily(columns: csc_array, first: int, k: int) -> list[int]:
    """``first``, then k - 1 times the candidate that adds most to those before it."""
    chosen = [first]
    best = _take(columns, np.zeros(columns.shape[0]), first)
    while len(chosen) < k:
        gains = _measure_gains(columns, best)
        gains[chosen] = -1
        pick = int(np.argmax(gains))
        if gains[pick] <= 0:
            break
        chosen.append(pick)
        best = _take(columns, best, pick)
    return chosen


def solve_covering(
    cover: csr_array, people: Floats, k: int, *, gap: float = 1e-4, time_limit_s: float = 60
) -> Siting:
    """K candidates that cover most people, with a proven gap (HiGHS).

    Places with the same candidates in reach are added up first, which changes nothing and makes
    the programme small.
    """
    merged, weight = _merge_places(cover, people)
    places, candidates = merged.shape
    if not places:
        return NOTHING
    quick = choose_saving(csr_array(merged.multiply(weight[:, None])), k)
    cost = np.concatenate([np.zeros(candidates), -weight])
    within = hstack([-merged, _identity(places)])
    budget = csr_array(np.concatenate([np.ones(candidates), np.zeros(places)])[None, :])
    constraints = LinearConstraint(
        vstack([within, budget]).tocsc(), -np.inf, np.r_[np.zeros(places), k]
    )
    whole = np.r_[np.ones(candidates), np.zeros(places)]
    return _solve(cost, constraints, whole, quick, gap, time_limit_s)


def solve_saving(
    saving: csr_array, k: int, *, gap: float = 1e-4, time_limit_s: float = 60
) -> Siting:
    """K candidates with the largest sum of best savings, with a proven gap (HiGHS)."""
    pairs = coo_array(saving)
    keep = pairs.data > 0
    place, candidate, gain = pairs.row[keep], pairs.col[keep], pairs.data[keep]
    candidates, size = saving.shape[1], int(keep.sum())
    if not size:
        return NOTHING
    quick = choose_saving(saving, k)
    arc = np.arange(size)
    assigned = csr_array((np.ones(size), (place, arc)), shape=(saving.shape[0], size))
    open_ = csr_array((-np.ones(size), (arc, candidate)), shape=(size, candidates))
    rows = [
        hstack([csr_array((saving.shape[0], candidates)), assigned]),
        hstack([open_, _identity(size)]),
        csr_array(np.concatenate([np.ones(candidates), np.zeros(size)])[None, :]),
    ]
    upper = np.r_[np.ones(saving.shape[0]), np.zeros(size), k]
    constraints = LinearConstraint(vstack(rows).tocsc(), -np.inf, upper)
    cost = np.concatenate([np.zeros(candidates), -gain])
    whole = np.r_[np.ones(candidates), np.zeros(size)]
    return _solve(cost, constraints, whole, quick, gap, time_limit_s)


def _identity(size: int) -> csr_array:
    diagonal = np.arange(size)
    return csr_array((np.ones(size), (diagonal, diagonal)), shape=(size, size))


def _solve(
    cost: Floats,
    constraints: LinearConstraint,
    whole: Floats,
    quick: Siting,
    gap: float,
    time_limit_s: float,
) -> Siting:
    """What HiGHS finds, or ``quick`` where that is better; the gap is against the better bound."""
    result = milp(
        cost,
        constraints=constraints,
        integrality=whole.astype(np.int64),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": gap, "time_limit": time_limit_s},
    )
    status = "optimal" if result.status == 0 else "time_limit"
    bound = quick.gain / (1 - quick.gap) if quick.gap < 1 else np.inf
    proven = getattr(result, "mip_dual_bound", None)
    if proven is not None and np.isfinite(proven):
        bound = min(bound, -float(proven))
    if result.x is None or -float(result.fun) < quick.gain:
        return replace(quick, gap=_share_below(quick.gain, bound), status=status)
    chosen = np.flatnonzero(result.x[: int(whole.sum())] > 0.5)
    gain = -float(result.fun)
    return Siting(chosen, gain, _share_below(gain, bound), "highs", status)


def _merge_places(cover: csr_array, people: Floats) -> tuple[csr_array, Floats]:
    """Places in reach of the same candidates as one, compared whole, by number of candidates."""
    rows = csr_array(cover[np.flatnonzero(people > 0)])
    rows.sort_indices()
    inhabitants, sizes = people[people > 0], np.diff(rows.indptr)
    first: list[NDArray[np.int64]] = []
    weights: list[Floats] = []
    for size in np.unique(sizes[sizes > 0]):
        same = np.flatnonzero(sizes == size)
        reach = rows.indices[rows.indptr[same][:, None] + np.arange(size)]
        _, start, label = np.unique(reach, axis=0, return_index=True, return_inverse=True)
        first.append(same[start])
        weights.append(np.bincount(label.ravel(), inhabitants[same], len(start)).astype(float))
    if not first:
        return csr_array((0, rows.shape[1])), np.empty(0)
    return csr_array(rows[np.concatenate(first)]), np.concatenate(weights)


def _measure_gains(columns: csc_array, best: Floats) -> Floats:
    """What each candidate would add to the best savings so far."""
    more = np.maximum(columns.data - best[columns.indices], 0)
    total = np.r_[0.0, np.cumsum(more)]
    gains: Floats = total[columns.indptr[1:]] - total[columns.indptr[:-1]]
    return gains


def _take(columns: csc_array, best: Floats, candidate: int) -> Floats:
    rows = slice(columns.indptr[candidate], columns.indptr[candidate + 1])
    taken = best.copy()
    places = columns.indices[rows]
    taken[places] = np.maximum(taken[places], columns.data[rows])
    return taken


def _swap(columns: csc_array, chosen: list[int]) -> tuple[list[int], Floats]:
    """Exchange one chosen candidate for a better one until no exchange helps."""

    def sum_up(members: list[int]) -> Floats:
        best = np.zeros(columns.shape[0])
        for member in members:
            best = _take(columns, best, member)
        return best

    current = sum_up(chosen)
    for _ in range(MOST_PASSES):
        improved = False
        for place in range(len(chosen)):
            others = chosen[:place] + chosen[place + 1 :]
            rest = sum_up(others)
            gains = _measure_gains(columns, rest)
            gains[others] = -1
            pick = int(np.argmax(gains))
            if rest.sum() + gains[pick] > current.sum() * (1 + 1e-12) + 1e-12:
                chosen = [*others[:place], pick, *others[place:]]
                current = _take(columns, rest, pick)
                improved = True
        if not improved:
            break
    return chosen, current
