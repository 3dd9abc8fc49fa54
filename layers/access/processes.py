"""What-if and siting as processes: a described request in, a described answer out.

The shape is that of OGC API - Processes (OGC 18-062r2, 2021): the server adds HTTP, the command
line prints.  Needs numpy and scipy only.  Work is bounded: one to five points, at most 500
candidates, and a time limit for the proven answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from layers.access.geodesy import Floats
from layers.access.whatif import (
    MOST_CANDIDATES,
    MOST_POINTS,
    choose_sites,
    list_kinds,
    read_scenario,
    simulate_facilities,
)

WHAT_IF_FILE = "access/what_if.npz"
_POINTS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}],
        "minItems": 2, "maxItems": 2,
    },
}  # fmt: skip


class ProcessInputError(ValueError):
    """An input of a process is missing, unknown or out of range; the message says which."""


def describe_processes(path: Path) -> tuple[dict[str, Any], ...]:
    """Descriptions of both processes, for the kinds that the file ``what_if.npz`` knows."""
    kinds = list(list_kinds(path))
    kind = {"title": "Kind of facility", "schema": {"type": "string", "enum": kinds}}
    return (
        _describe(
            "new-facility",
            "What new facilities would change",
            "People covered and gaps of desa before and after, in a straight line.",
            {
                "kind": kind,
                "points": _input("Places, lon lat", _POINTS | {"maxItems": MOST_POINTS}),
            },
        ),
        _describe(
            "siting",
            "Where new facilities should stand",
            "The best k of the candidates: most people covered, or least distance.",
            {
                "kind": kind,
                "candidates": _input("Places, lon lat", _POINTS | {"maxItems": MOST_CANDIDATES}),
                "k": _input("How many to choose", {"type": "integer", "minimum": 1}),
                "goal": _input("What is best", {"enum": ["covered", "distance"]}, "covered"),
                "exact": _input("Prove the answer (HiGHS)", {"type": "boolean"}, False),
            },
        ),
    )


def run_new_facility(path: Path, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of ``new-facility``: people and desa before and after.

    Raises
    ------
    ProcessInputError
        An input is missing, unknown, of another type or out of range.
    """
    _check_names(inputs, {"kind", "points"}, set())
    points = _read_points(inputs["points"], "points", MOST_POINTS)
    scenario = read_scenario(path, _read_kind(path, inputs["kind"]))
    change = asdict(simulate_facilities(scenario, points))
    change["newly_covered"] = change["covered_after"] - change["covered_before"]
    change["norm_m"] = float(scenario.norm_m)
    change["desa"] = list(change["desa"])
    return {name: _plain(value) for name, value in sorted(change.items())}


def run_siting(path: Path, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of ``siting``: which candidates, what they gain, and how sure that is.

    Raises
    ------
    ProcessInputError
        An input is missing, unknown, of another type or out of range.
    """
    _check_names(inputs, {"kind", "candidates", "k"}, {"goal", "exact"})
    candidates = _read_points(inputs["candidates"], "candidates", MOST_CANDIDATES)
    k, exact = inputs["k"], inputs.get("exact", False)
    if isinstance(k, bool) or not isinstance(k, int):
        raise ProcessInputError("k must be a whole number")
    if not isinstance(exact, bool):
        raise ProcessInputError("exact must be true or false")
    scenario = read_scenario(path, _read_kind(path, inputs["kind"]))
    goal = inputs.get("goal", "covered")
    try:
        sites = choose_sites(scenario, candidates, k, goal=goal, exact=exact)
    except ValueError as error:
        raise ProcessInputError(str(error)) from error
    return {
        "chosen": [int(row) for row in sites.chosen],
        "points": [[float(x), float(y)] for x, y in candidates[sites.chosen]],
        "gain": sites.gain,
        "gain_unit": "people" if goal == "covered" else "people x m",
        "gap": _plain(sites.gap),
        "method": sites.method,
    }


def _describe(
    name: str, title: str, description: str, inputs: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    return {
        "id": name,
        "version": "1.0.0",
        "title": title,
        "description": description,
        "jobControlOptions": ["sync-execute"],
        "outputTransmission": ["value"],
        "inputs": inputs,
        "outputs": {"result": {"title": title, "schema": {"type": "object"}}},
    }


def _input(title: str, schema: dict[str, Any], default: object = None) -> dict[str, Any]:
    if default is None:
        return {"title": title, "schema": schema}
    return {"title": title, "minOccurs": 0, "schema": schema | {"default": default}}


def _check_names(inputs: Mapping[str, Any], needed: set[str], optional: set[str]) -> None:
    missing, unknown = needed - set(inputs), set(inputs) - needed - optional
    if missing:
        raise ProcessInputError(f"input {min(missing)} is missing")
    if unknown:
        raise ProcessInputError(f"input {min(unknown)} is unknown")


def _read_kind(path: Path, kind: object) -> str:
    kinds = list_kinds(path)
    if not isinstance(kind, str) or kind not in kinds:
        raise ProcessInputError(f"kind must be one of {', '.join(kinds)}")
    return kind


def _read_points(value: object, name: str, most: int) -> Floats:
    message = f"{name} must be one to {most} pairs of lon, lat"
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise ProcessInputError(message)
    for point in value:
        is_pair = isinstance(point, list | tuple) and len(point) == 2
        if not is_pair or not all(
            isinstance(part, int | float) and not isinstance(part, bool) for part in point
        ):
            raise ProcessInputError(message)
    points = np.asarray(value, float)
    if not (np.abs(points) <= [180.0, 90.0]).all():
        raise ProcessInputError(message)
    return points


def _plain(value: Any) -> Any:
    """The value for JSON, where there is no NaN."""
    return None if isinstance(value, float) and not np.isfinite(value) else value
