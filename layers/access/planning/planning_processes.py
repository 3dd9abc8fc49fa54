"""What-if and siting as processes: described inputs in, a described answer out.

The server adds HTTP and names, the command line prints (see `process_descriptions` for the shape).
Needs numpy and scipy only.  Work is bounded: points, candidates, sites and pairs are counted, and
HiGHS has a time limit.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from layers.access.planning import candidate_sites, process_descriptions, whatif
from layers.access.planning.placement import SitePlacement, choose_sites
from layers.access.straight.geodesy import Floats
from layers.release import scenario_file
from layers.release.byte_source import FileState
from layers.release.scenario_file import Scenario

Inputs = Mapping[str, object]
Answer = dict[str, Any]
"""A JSON document; `process_descriptions` has its schema."""


class ProcessInputError(ValueError):
    """An input of a process is missing, unknown or out of range; the message says which."""


@dataclass(frozen=True, slots=True)
class ProcessBounds:
    """What a place and an answer must keep within.

    Parameters
    ----------
    bbox_lonlat
        West, south, east, north of the release.
    time_limit_s
        How long HiGHS may search.
    most_desa
        Most desa listed in an answer.
    """

    bbox_lonlat: candidate_sites.Box
    time_limit_s: float = 60
    most_desa: int = 500


def run_new_facility(path: Path, inputs: Inputs, bounds: ProcessBounds) -> Answer:
    """The answer of ``new-facility``: people and desa before and after.

    Raises
    ------
    ProcessInputError
        An input is missing, unknown, of another type or out of range.
    """
    _check_names(inputs, {"kind", "points"}, {"method"})
    kind = _read_kind(path, inputs["kind"])
    _read_choice("method", inputs, process_descriptions.METHODS)
    points = _read_points(
        inputs["points"], "points", process_descriptions.MOST_POINTS, bounds.bbox_lonlat
    )
    scenario = _read_arrays(path, FileState.of(path.stat()), kind)
    change = whatif.simulate_facilities(scenario, points)
    places = [{"lon": float(lon), "lat": float(lat)} for lon, lat in points]
    return _describe_change(kind, scenario, change, bounds) | {"points": places}


def run_siting(path: Path, inputs: Inputs, bounds: ProcessBounds) -> Answer:
    """The answer of ``siting``: which candidates, what they gain, and how sure that is.

    Raises
    ------
    ProcessInputError
        An input is missing, unknown, of another type or out of range.

    Notes
    -----
    Fewer sites than asked for, or none, where further ones would gain nothing.
    """
    optional = {"goal", "effort", "candidates", "bbox", "decided"}
    _check_names(inputs, {"kind", "number"}, optional)
    kind = _read_kind(path, inputs["kind"])
    goal = _read_choice("goal", inputs, process_descriptions.GOALS)
    effort = _read_choice("effort", inputs, process_descriptions.EFFORTS)
    number = inputs["number"]
    if (
        isinstance(number, bool)
        or not isinstance(number, int)
        or not 1 <= number <= process_descriptions.MOST_SITES
    ):
        raise ProcessInputError(
            f"number must be a whole number from 1 to {process_descriptions.MOST_SITES}"
        )
    scenario = _read_arrays(path, FileState.of(path.stat()), kind)
    if "decided" in inputs:
        decided = _read_points(
            inputs["decided"], "decided", process_descriptions.MOST_POINTS, bounds.bbox_lonlat
        )
        scenario = whatif.add_facilities(scenario, decided)
    candidates = _find_candidates(scenario, goal, inputs, bounds)
    if "candidates" not in inputs:
        number = min(number, len(candidates.lonlat))
    elif number > len(candidates.lonlat):
        raise ProcessInputError(f"number is above {len(candidates.lonlat)}, the given candidates")
    placement = choose_sites(
        scenario,
        candidates.lonlat,
        number,
        goal=goal,
        effort=effort,
        time_limit_s=bounds.time_limit_s,
    )
    change = whatif.compare(scenario, candidates.lonlat[placement.order])
    answer = _describe_change(kind, scenario, change, bounds)
    return (
        answer
        | {"goal": goal}
        | _describe_placement(placement, candidates, _unit_of_gain(scenario, goal))
    )


def _find_candidates(
    scenario: Scenario, goal: str, inputs: Inputs, bounds: ProcessBounds
) -> candidate_sites.Candidates:
    """The given candidates, else those proposed in the given box or everywhere."""
    if "candidates" not in inputs:
        box = _read_box(inputs["bbox"]) if "bbox" in inputs else candidate_sites.EVERYWHERE
        return candidate_sites.propose_candidates(scenario, goal, box)
    if "bbox" in inputs:
        raise ProcessInputError("bbox is for proposed candidates; leave it or candidates out")
    given, box = inputs["candidates"], bounds.bbox_lonlat
    return candidate_sites.give_candidates(
        _read_points(given, "candidates", process_descriptions.MOST_CANDIDATES, box)
    )


def _describe_change(
    kind: str, scenario: Scenario, change: whatif.FacilityChange, bounds: ProcessBounds
) -> Answer:
    return {
        "kind": kind,
        "method": process_descriptions.METHODS[0],
        "norm_m": float(scenario.norm_m),
        "people": None
        if change.people is None
        else _describe_people(change.people, len(scenario.kode)),
        "gaps": scenario_file.GapEffect(
            known_desa=change.known_desa,
            total_desa=len(scenario.kode),
            before=change.gaps_before,
            after=change.gaps_after,
            closed=sum(row.is_closed for row in change.desa),
            first_known=sum(row.status_before == "no_data" for row in change.desa),
        ),
        "desa_changed": len(change.desa),
        "desa": [
            scenario_file.DesaEffect(
                kode=row.kode,
                distance_before_m=row.before_m,
                distance_after_m=row.after_m,
                gap_before_m=row.gap_before_m,
                gap_after_m=row.gap_after_m,
                status_before=row.status_before,
                status_after=row.status_after,
            )
            for row in change.desa[: bounds.most_desa]
        ],
    }


def _describe_people(people: whatif.PeopleChange, total_desa: int) -> scenario_file.PeopleEffect:
    before, after = people.covered_before, people.covered_after
    return {
        "total": round(people.total, 1),
        "known_desa": people.known_desa,
        "total_desa": total_desa,
        "covered_before": None if before is None else round(before, 1),
        "covered_after": round(after, 1),
        "newly_covered": None if before is None else round(after - before, 1),
        "mean_distance_before_m": _round(people.mean_before_m),
        "mean_distance_after_m": _round(people.mean_after_m),
    }


def _describe_placement(
    placement: SitePlacement, candidates: candidate_sites.Candidates, unit: str
) -> Answer:
    siting = placement.siting
    sites = [
        {
            "lon": float(candidates.lonlat[row, 0]),
            "lat": float(candidates.lonlat[row, 1]),
            "candidate": int(row),
            "source": candidates.source[row],
            "gain": round(float(gain), 1),
        }
        for row, gain in zip(placement.order, placement.gains, strict=True)
    ]
    return {
        "sites": sites,
        "gain": round(siting.gain, 1),
        "gain_unit": unit,
        "solver": siting.method,
        "status": siting.status,
        "gap": round(siting.gap, 6),
        "candidates": len(candidates.lonlat),
        "candidates_rule": candidates.rule,
        "places": placement.places,
        "grouped_to_m": None if placement.side_m is None else round(placement.side_m, 1),
    }


def _unit_of_gain(scenario: Scenario, goal: str) -> str:
    counted = "people" if scenario.knows_people else "desa"
    return counted if goal == "cover" else f"{counted} x m"


@lru_cache(maxsize=2)
def _read_arrays(path: Path, state: FileState, kind: str) -> Scenario:
    """The arrays of one kind; the last two are kept, as long as their file is as it was."""
    del state
    return scenario_file.read_scenario(path, kind)


def _check_names(inputs: Inputs, needed: set[str], optional: set[str]) -> None:
    missing, unknown = needed - set(inputs), set(inputs) - needed - optional
    if missing:
        raise ProcessInputError(f"input {min(missing)} is missing")
    if unknown:
        allowed = ", ".join(sorted(needed | optional))
        raise ProcessInputError(f"input {min(unknown)!r} is unknown; there are {allowed}")


def _read_kind(path: Path, kind: object) -> str:
    kinds = scenario_file.list_kinds(path)
    if not isinstance(kind, str) or kind not in kinds:
        raise ProcessInputError(f"kind must be one of {', '.join(kinds)}")
    return kind


def _read_choice(name: str, inputs: Inputs, choices: tuple[str, ...]) -> str:
    given = inputs.get(name, choices[0])
    if not isinstance(given, str) or given not in choices:
        raise ProcessInputError(f"{name} must be {' or '.join(choices)}")
    return given


def _read_points(value: object, name: str, most: int, box: candidate_sites.Box) -> Floats:
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise ProcessInputError(f"{name} must be a list of one to {most} places [lon, lat]")
    return np.array(
        [_read_place(place, f"{name}[{number}]", box) for number, place in enumerate(value)]
    )


def _read_place(place: object, name: str, box: candidate_sites.Box) -> tuple[float, float]:
    if not isinstance(place, list | tuple) or len(place) != 2 or not all(map(_is_number, place)):
        raise ProcessInputError(f"{name} must be [lon, lat], two finite numbers in degrees")
    lon, lat = map(float, place)
    west, south, east, north = box
    if not (west <= lon <= east and south <= lat <= north):
        hint = " (lat, lon swapped?)" if west <= lat <= east and south <= lon <= north else ""
        raise ProcessInputError(
            f"{name} lies outside the release{hint}: lon must be from {west} to {east}, "
            f"lat from {south} to {north}"
        )
    return lon, lat


def _read_box(value: object) -> candidate_sites.Box:
    if not isinstance(value, list) or len(value) != 4 or not all(map(_is_number, value)):
        raise ProcessInputError(
            "bbox must be [west, south, east, north], finite numbers in degrees"
        )
    west, south, east, north = map(float, value)
    if west > east or south > north:
        raise ProcessInputError("bbox: west is above east, or south above north")
    return west, south, east, north


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _round(value: float) -> float | None:
    """The value for JSON, where there is no NaN."""
    return round(value, 1) if math.isfinite(value) else None
