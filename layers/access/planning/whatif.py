"""What a new facility would change: people covered and gaps of desa, before and after.

Works on arrays prepared at build time (`Scenario`), so the server needs numpy and scipy only.  All
distances are straight lines, as in the published gaps.
"""

from dataclasses import dataclass, replace

import numpy as np

from layers.access.straight.geodesy import Floats, measure_ecef, measure_geodesic
from layers.release.scenario_file import Scenario

MOST_POINTS = 5


@dataclass(frozen=True, slots=True)
class DesaChange:
    """One desa that the new places bring nearer to a facility.

    ``before_m`` and ``gap_before_m`` are null, and ``status_before`` is ``no_data``, where no
    facility of the kind was known.  Other statuses: ``ok`` within the norm, ``gap`` beyond it.
    """

    kode: str
    before_m: float | None
    after_m: float
    gap_before_m: float | None
    gap_after_m: float
    status_before: str
    status_after: str

    @property
    def is_closed(self) -> bool:
        """Whether a gap that was known is closed; what was unknown is no gap that closes."""
        return self.status_before == "gap" and self.status_after == "ok"


@dataclass(frozen=True, slots=True)
class PeopleChange:
    """People, those of them within the norm, and their mean distance.

    The means are over people for whom some facility is known; NaN where it is for none.
    ``covered_before`` is null where no facility of the kind was known: unknown is not uncovered.
    ``known_desa`` is of how many desa the people are; null where a release does not say.
    """

    total: float
    known_desa: int | None
    covered_before: float | None
    covered_after: float
    mean_before_m: float
    mean_after_m: float


@dataclass(frozen=True, slots=True)
class FacilityChange:
    """What the new places change.

    Parameters
    ----------
    people
        Null where nobody knows where people live.
    known_desa, gaps_before, gaps_after
        Desa with a known origin, and how many of them are beyond the norm; where no facility of
        the kind was known, ``gaps_before`` is null.
    desa
        Those that come nearer: closed gaps first, then by metres saved.
    """

    people: PeopleChange | None
    known_desa: int
    gaps_before: int | None
    gaps_after: int
    desa: tuple[DesaChange, ...]


def simulate_facilities(
    scenario: Scenario, points: Floats, *, most: int = MOST_POINTS
) -> FacilityChange:
    """The change that new facilities at ``points`` (lon, lat, one to ``most``) bring.

    Raises
    ------
    ValueError
        No point, too many, or one that is no place on earth.
    """
    check_points(points, most)
    return compare(scenario, points)


def compare(scenario: Scenario, points: Floats) -> FacilityChange:
    """The change that facilities at ``points`` bring, shape (n, 2); none bring none."""
    desa_after = shorten(scenario.desa_lonlat, scenario.desa_distance_m, points)
    norm = float(scenario.norm_m)
    before = scenario.desa_distance_m
    return FacilityChange(
        people=_compare_people(scenario, points, norm) if scenario.knows_people else None,
        known_desa=int(np.isfinite(desa_after).sum()),
        gaps_before=int((before > norm).sum()) if np.isfinite(before).any() else None,
        gaps_after=int((desa_after > norm).sum()),
        desa=_list_desa(scenario, desa_after, norm),
    )


def add_facilities(scenario: Scenario, points: Floats) -> Scenario:
    """The scenario in which facilities stand at ``points`` already, shape (n, 2)."""
    return replace(
        scenario,
        distance_m=shorten(scenario.lonlat, scenario.distance_m, points),
        desa_distance_m=shorten(scenario.desa_lonlat, scenario.desa_distance_m, points),
    )


def shorten(lonlat: Floats, distance_m: Floats, points: Floats) -> Floats:
    """The distances when facilities stand at ``points`` too.

    A chord through the earth is never longer than the geodesic, so only places whose chord is
    below the present distance are measured on the ellipsoid.
    """
    after = distance_m.copy()
    located = np.isfinite(lonlat).all(axis=1)
    places = measure_ecef(lonlat[:, 0], lonlat[:, 1])
    for lon, lat in points:
        chord = np.linalg.norm(places - measure_ecef([lon], [lat]), axis=1)
        near = np.flatnonzero(located & ~(chord >= after))
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


def _compare_people(scenario: Scenario, points: Floats, norm: float) -> PeopleChange:
    after = shorten(scenario.lonlat, scenario.distance_m, points)
    return PeopleChange(
        total=float(scenario.people.sum()),
        known_desa=_count(scenario.people_desa),
        covered_before=_sum_covered(scenario.people, scenario.distance_m, norm)
        if np.isfinite(scenario.distance_m).any()
        else None,
        covered_after=_sum_covered(scenario.people, after, norm),
        mean_before_m=_mean(scenario.people, scenario.distance_m),
        mean_after_m=_mean(scenario.people, after),
    )


def _sum_covered(people: Floats, distance_m: Floats, norm_m: float) -> float:
    return float(people[distance_m <= norm_m].sum())


def _mean(people: Floats, distance_m: Floats) -> float:
    reached = np.isfinite(distance_m)
    total = float(people[reached].sum())
    return float((people * np.nan_to_num(distance_m)).sum()) / total if total else float("nan")


def _list_desa(scenario: Scenario, after: Floats, norm: float) -> tuple[DesaChange, ...]:
    before = scenario.desa_distance_m
    changed = np.flatnonzero(np.isfinite(after) & ~(before <= after))
    rows = [
        DesaChange(
            kode=str(scenario.kode[row]),
            before_m=_round(before[row]),
            after_m=round(float(after[row]), 1),
            gap_before_m=_round(np.maximum(before[row] - norm, 0)),
            gap_after_m=round(max(float(after[row]) - norm, 0), 1),
            status_before=_status(float(before[row]), norm),
            status_after=_status(float(after[row]), norm),
        )
        for row in changed
    ]
    return tuple(sorted(rows, key=_by_weight))


def _status(metres: float, norm: float) -> str:
    if np.isnan(metres):
        return "no_data"
    return "ok" if metres <= norm else "gap"


def _by_weight(row: DesaChange) -> tuple[bool, float, str]:
    saved = np.inf if row.before_m is None else row.before_m - row.after_m
    return not row.is_closed, -saved, row.kode


def _count(value: Floats) -> int | None:
    return int(value) if np.isfinite(value) else None


def _round(value: float) -> float | None:
    return round(float(value), 1) if np.isfinite(value) else None
