"""Requests of the processes: what is asked wrongly is refused with its name, the rest answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layers.access.planning.planning_processes import (
    ProcessBounds,
    ProcessInputError,
    run_new_facility,
    run_siting,
)
from layers.access.planning.process_descriptions import describe_processes
from layers.release.scenario_file import list_kinds, write_scenarios
from tests.layers.access.test_siting import make_scenario, without_people

BOUNDS = ProcessBounds((119.9, -8.1, 120.4, -7.6), time_limit_s=20)
ASKED = {"kind": "sd", "points": [[120.1, -7.9]]}
WISHED = {"kind": "sd", "candidates": [[120.1, -7.9], [120.2, -7.8]], "number": 1}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("release") / "what_if.npz"
    write_scenarios(file, {"sd": make_scenario()})
    return file


def test_both_processes_describe_their_inputs(path: Path) -> None:
    descriptions = {one["id"]: one for one in describe_processes(list_kinds(path))}
    assert set(descriptions) == {"new-facility", "siting"}
    assert descriptions["new-facility"]["inputs"]["kind"]["schema"]["enum"] == ["sd"]
    json.dumps(descriptions, allow_nan=False)


def test_a_new_facility_covers_more_people(path: Path) -> None:
    result = run_new_facility(path, {"kind": "sd", "points": [[120.15, -7.85]]}, BOUNDS)
    people, gaps = result["people"], result["gaps"]
    assert people["newly_covered"] > 0
    assert people["covered_after"] - people["covered_before"] == pytest.approx(
        people["newly_covered"], abs=0.11
    )
    assert gaps["before"] - gaps["after"] == gaps["closed"]
    check_answer(path, "new-facility", result)


def check_answer(path: Path, process: str, result: dict[str, Any]) -> None:
    """The answer has what its description says; names are added by the server."""
    json.dumps(result, allow_nan=False)
    described = {one["id"]: one for one in describe_processes(list_kinds(path))}[process]
    assert set(result) == set(described["outputs"]["result"]["schema"]["required"])


@pytest.mark.parametrize("effort", ["prove", "explore"])
@pytest.mark.parametrize("goal", ["cover", "distance"])
def test_sites_are_among_the_candidates(path: Path, effort: str, goal: str) -> None:
    candidates = np.random.default_rng(1).uniform([120, -8], [120.3, -7.7], (20, 2)).tolist()
    wishes = WISHED | {"candidates": candidates, "number": 2, "effort": effort, "goal": goal}
    result = run_siting(path, wishes, BOUNDS)
    sites = result["sites"]
    assert [candidates[one["candidate"]] for one in sites] == [[s["lon"], s["lat"]] for s in sites]
    assert {one["source"] for one in sites} == {"given"}
    assert sum(one["gain"] for one in sites) == pytest.approx(result["gain"], abs=0.3)
    assert result["status"] == ("optimal" if effort == "prove" else "explored")
    check_answer(path, "siting", result)


def test_without_candidates_the_rule_finds_and_states_them(path: Path) -> None:
    result = run_siting(path, {"kind": "sd", "number": 3}, BOUNDS)
    assert "origins of desa" in result["candidates_rule"]
    assert result["candidates"] > 12
    assert result["people"]["newly_covered"] == pytest.approx(result["gain"], abs=0.2)


def test_where_no_candidate_helps_that_is_the_answer(path: Path) -> None:
    far = WISHED | {"candidates": [[119.91, -7.61]], "number": 1}
    result = run_siting(path, far, BOUNDS)
    assert (result["sites"], result["desa"], result["gain"], result["gap"]) == ([], [], 0, 0)
    assert result["people"]["newly_covered"] == result["gaps"]["closed"] == 0
    check_answer(path, "siting", result)


def test_what_is_decided_already_counts_before(path: Path) -> None:
    first = run_siting(path, {"kind": "sd", "number": 1}, BOUNDS)
    (site,) = first["sites"]
    decided = [[site["lon"], site["lat"]]]
    second = run_siting(path, {"kind": "sd", "number": 1, "decided": decided}, BOUNDS)
    before, after = first["people"], second["people"]
    assert after["covered_before"] == before["covered_after"]
    assert second["gain"] <= first["gain"]
    both = decided + [[one["lon"], one["lat"]] for one in second["sites"]]
    together = run_new_facility(path, {"kind": "sd", "points": both}, BOUNDS)
    assert together["people"]["covered_after"] == after["covered_after"]


def test_candidates_are_proposed_in_the_box_only(path: Path) -> None:
    box = [120.0, -8.0, 120.1, -7.9]
    result = run_siting(path, {"kind": "sd", "number": 3, "bbox": box}, BOUNDS)
    assert len(result["sites"]) == 3
    for site in result["sites"]:
        assert box[0] <= site["lon"] <= box[2]
        assert box[1] <= site["lat"] <= box[3]
    assert "given box" in result["candidates_rule"]
    nowhere = run_siting(path, {"kind": "sd", "number": 3, "bbox": [0, 0, 1, 1]}, BOUNDS)
    assert (nowhere["sites"], nowhere["candidates"]) == ([], 0)


def test_people_that_nobody_knows_are_null_and_not_zero(tmp_path: Path) -> None:
    write_scenarios(tmp_path / "x.npz", {"sd": without_people()})
    asked = ASKED | {"points": [[120.15, -7.85]]}
    assert run_new_facility(tmp_path / "x.npz", asked, BOUNDS)["people"] is None
    result = run_siting(tmp_path / "x.npz", {"kind": "sd", "number": 2}, BOUNDS)
    assert (result["people"], result["gain_unit"]) == (None, "desa")
    assert result["gain"] == result["gaps"]["closed"] > 0
    check_answer(tmp_path / "x.npz", "siting", result)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"kind": "pasar"}, "kind"),
        ({"kind": 3}, "kind"),
        ({"kind": ["sd"]}, "kind"),
        ({"points": []}, "points"),
        ({"points": {}}, "points"),
        ({"points": [[120, -8]] * 6}, "points"),
        ({"points": [[120, -8, 3]]}, "points"),
        ({"points": [["120", "-8"]]}, "points"),
        ({"points": [[120.1, -7.9], [float("nan"), -8]]}, "points.1"),
        ({"points": [[float("inf"), -8]]}, "finite"),
        ({"points": [[10**400, -8]]}, "finite"),
        ({"points": [[True, False]]}, "points"),
        ({"points": [[120, -98]]}, "outside the release: lon must be from 119.9 to 120.4"),
        ({"points": [[-8, 120.1]]}, "swapped"),
        ({"method": "network"}, "method must be straight_line"),
        ({"method": None}, "method"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_input_is_named(path: Path, change: dict[str, Any], word: str) -> None:
    with pytest.raises(ProcessInputError, match=word):
        run_new_facility(path, ASKED | change, BOUNDS)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"number": 0}, "number"),
        ({"number": 1.5}, "number"),
        ({"number": True}, "number"),
        ({"number": 10**30}, "number"),
        ({"number": 3}, "number is above 2"),
        ({"goal": "x"}, "goal"),
        ({"effort": True}, "effort"),
        ({"candidates": "all"}, "candidates"),
        ({"candidates": [[120.1, -7.9]] * 501}, "candidates"),
        ({"candidates": None}, "candidates"),
        ({"bbox": [120, -8, 121, -7]}, "bbox is for proposed"),
        ({"decided": []}, "decided"),
        ({"decided": [[0, 0]]}, "decided.0. lies outside"),
    ],
)
def test_a_wrong_wish_is_named(path: Path, change: dict[str, Any], word: str) -> None:
    with pytest.raises(ProcessInputError, match=word):
        run_siting(path, WISHED | change, BOUNDS)


@pytest.mark.parametrize(
    "box",
    [
        None,
        [],
        [1, 2, 3],
        [1, 2, 3, "4"],
        [10**400, 0, 1, 1],
        [121, -8, 120, -7],
        [120, -7, 121, -8],
    ],
)
def test_an_impossible_box_is_named(path: Path, box: object) -> None:
    with pytest.raises(ProcessInputError, match="bbox"):
        run_siting(path, {"kind": "sd", "number": 1, "bbox": box}, BOUNDS)


def test_a_missing_input_is_named(path: Path) -> None:
    with pytest.raises(ProcessInputError, match="points is missing"):
        run_new_facility(path, {"kind": "sd"}, BOUNDS)
