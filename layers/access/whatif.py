"""What a new facility would change: people covered and gaps of desa, before and after.

Works on arrays prepared at build time (`Scenario`), so the server needs numpy and scipy only.  All
distances are straight lines, as in the published gaps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from layers.access.geodesy import Floats, measure_ecef, measure_geodesic
from layers.access.siting import Siting, choose_saving, solve_covering, solve_saving

MOST_POINTS = 5
SHARED = ("lonlat", "people", "desa_lonlat", "kode")
OWN = ("distance_m", "desa_distance_m", "norm_m")
MOST_CANDIDATES = 500


@dataclass(frozen=True, slots=True)
class Scenario:
    """People and desa, and how far each is now, for one kind of facility.

    Parameters
    ----------
    lonlat, people, distance_m
        Cells of population, shape (n, 2), (n,), (n,); NaN where nothing is in reach.
    desa_lonlat, desa_distance_m
        Origins of desa, shape (d, 2) and (d,); NaN where unknown.
    kode
        Codes of the desa, shape (d,).
    norm_m
        The norm of the kind, shape ().
    """

    lonlat: Floats
    people: Floats
    distance_m: Floats
    desa_lonlat: Floats
    desa_distance_m: Floats
    kode: NDArray[np.str_]
    norm_m: Floats


@dataclass(frozen=True, slots=True)
class Change:
    """What the new places change.

    ``desa`` lists those whose distance shrinks: ``kode, before_m, after_m, gap_before_m,
    gap_after_m``; null before means that nothing was in reach.
    """

    people: float
    covered_before: float
    covered_after: float
    mean_before_m: float
    mean_after_m: float
    desa: tuple[dict[str, Any], ...]


def simulate_facilities(scenario: Scenario, points: Floats) -> Change:
    """The change that new facilities at ``points`` (lon, lat, one to five) bring.

    Raises
    ------
    ValueError
        No point, too many, or one that is no place on earth.
    """
    check_points(points, MOST_POINTS)
    after = shorten(scenario.lonlat, scenario.distance_m, points)
    desa_after = shorten(scenario.desa_lonlat, scenario.desa_distance_m, points)
    norm = float(scenario.norm_m)
    return Change(
        people=float(scenario.people.sum()),
        covered_before=_sum_covered(scenario.people, scenario.distance_m, norm),
        covered_after=_sum_covered(scenario.people, after, norm),
        mean_before_m=_mean(scenario.people, scenario.distance_m),
        mean_after_m=_mean(scenario.people, after),
        desa=_list_desa(scenario, desa_after, norm),
    )


def choose_sites(
    scenario: Scenario, candidates: Floats, k: int, *, goal: str = "covered", exact: bool = False
) -> Siting:
    """The best k candidates for most people covered (``covered``) or least distance (``distance``).

    Parameters
    ----------
    exact
        By HiGHS with the gap stated; otherwise greedy with swaps, in milliseconds.

    Raises
    ------
    ValueError
        Unknown goal, k out of range, or too many candidates.
    """
    check_points(candidates, MOST_CANDIDATES)
    if goal not in ("covered", "distance"):
        raise ValueError(f"goal must be 'covered' or 'distance', not {goal!r}")
    if not 1 <= k <= len(candidates):
        raise ValueError(f"k must be from 1 to {len(candidates)}, the number of candidates")
    norm = float(scenario.norm_m)
    saving = measure_savings(scenario, candidates, norm if goal == "covered" else None)
    if not exact:
        return choose_saving(saving, k)
    if goal == "distance":
        return solve_saving(saving, k)
    return solve_covering(csr_array(saving.astype(bool).astype(float)), scenario.people, k)


def measure_savings(scenario: Scenario, candidates: Floats, norm_m: float | None) -> csr_array:
    """What each cell of people gains from each candidate, sparse, shape (n, candidates).

    With ``norm_m``: its people, where they are not covered now and would be.  Without: its people
    times the metres saved; where nothing is in reach now, against the greatest known distance.
    """
    known = scenario.distance_m[np.isfinite(scenario.distance_m)]
    farthest = float(known.max(initial=norm_m or 0.0)) if known.size else 20_000.0
    now = np.where(np.isfinite(scenario.distance_m), scenario.distance_m, farthest)
    places = measure_ecef(scenario.lonlat[:, 0], scenario.lonlat[:, 1])
    open_ = np.flatnonzero((now > norm_m) if norm_m is not None else (now > 0))
    limit = np.full(len(now), norm_m) if norm_m is not None else now
    values, rows, columns = [], [], []
    for j, (lon, lat) in enumerate(candidates):
        chord = np.linalg.norm(places[open_] - measure_ecef([lon], [lat]), axis=1)
        near = open_[chord <= limit[open_]]
        metres = measure_geodesic(scenario.lonlat[near, 0], scenario.lonlat[near, 1], lon, lat)
        inside = metres <= limit[near]
        near, metres = near[inside], metres[inside]
        gain = scenario.people[near] * (1.0 if norm_m is not None else now[near] - metres)
        values.append(gain)
        rows.append(near)
        columns.append(np.full(len(near), j))
    index = (np.concatenate(rows), np.concatenate(columns))
    return csr_array((np.concatenate(values), index), shape=(len(now), len(candidates)))


def shorten(lonlat: Floats, distance_m: Floats, points: Floats) -> Floats:
    """The distances when facilities stand at ``points`` too.

    A chord through the earth is never longer than the geodesic, so only places whose chord is
    below the present distance are measured on the ellipsoid.
    """
    after = distance_m.copy()
    known = np.isfinite(lonlat).all(axis=1)
    places = measure_ecef(lonlat[:, 0], lonlat[:, 1])
    for lon, lat in points:
        chord = np.linalg.norm(places - measure_ecef([lon], [lat]), axis=1)
        near = np.flatnonzero(known & ~(chord >= after))
        metres = measure_geodesic(lonlat[near, 0], lonlat[near, 1], lon, lat)
        after[near] = np.fmin(after[near], metres)
    return after


def check_points(points: Floats, most: int) -> None:
    """Raise ValueError unless ``points`` are one to ``most`` places on earth, shape (n, 2)."""
    if points.ndim != 2 or points.shape[1] != 2 or not 1 <= len(points) <= most:
        raise ValueError(f"give one to {most} points as lon, lat")
    on_earth = (np.abs(points) <= [180.0, 90.0]).all()
    if not on_earth:
        raise ValueError("points must be lon, lat in degrees")


def write_scenarios(path: Path, scenarios: Mapping[str, Scenario]) -> None:
    """Write the arrays of all kinds for the server; the same arrays give the same bytes.

    Cells and people are the same for every kind and are written once.
    """
    arrays: dict[str, Any] = {}
    for kind, scenario in sorted(scenarios.items()):
        for name in SHARED:
            arrays[name] = getattr(scenario, name)
        for name in OWN:
            arrays[f"{name}.{kind}"] = getattr(scenario, name)
    with path.open("wb") as stream:
        np.savez_compressed(stream, **arrays)


def list_kinds(path: Path) -> tuple[str, ...]:
    """The kinds of facility that a file of scenarios knows."""
    with np.load(path, allow_pickle=False) as arrays:
        return tuple(sorted(n.split(".")[1] for n in arrays.files if n.startswith("norm_m.")))


def read_scenario(path: Path, kind: str) -> Scenario:
    """The arrays of one kind, from a release.

    Raises
    ------
    KeyError
        The file knows no such kind.
    """
    with np.load(path, allow_pickle=False) as arrays:
        shared = {name: arrays[name] for name in SHARED}
        return Scenario(**shared, **{name: arrays[f"{name}.{kind}"] for name in OWN})


def _sum_covered(people: Floats, distance_m: Floats, norm_m: float) -> float:
    return float(people[distance_m <= norm_m].sum())


def _mean(people: Floats, distance_m: Floats) -> float:
    reached = np.isfinite(distance_m)
    total = float(people[reached].sum())
    return float((people * np.nan_to_num(distance_m)).sum()) / total if total else float("nan")


def _list_desa(scenario: Scenario, after: Floats, norm: float) -> tuple[dict[str, Any], ...]:
    before = scenario.desa_distance_m
    changed = np.flatnonzero(np.isfinite(after) & ~(before <= after))
    return tuple(
        {
            "kode": str(scenario.kode[row]),
            "before_m": _round(before[row]),
            "after_m": _round(after[row]),
            "gap_before_m": _round(np.maximum(before[row] - norm, 0)),
            "gap_after_m": _round(np.maximum(after[row] - norm, 0)),
        }
        for row in changed
    )


def _round(value: float) -> float | None:
    return round(float(value), 1) if np.isfinite(value) else None
