"""Requests of the processes: what is asked wrongly is refused with its name, the rest answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layers.access.processes import (
    ProcessInputError,
    describe_processes,
    run_new_facility,
    run_siting,
)
from layers.access.whatif import write_scenarios
from tests.layers.access.test_siting import make_scenario


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("release") / "what_if.npz"
    write_scenarios(file, {"sd": make_scenario()})
    return file


def test_both_processes_describe_their_inputs(path: Path) -> None:
    descriptions = {one["id"]: one for one in describe_processes(path)}
    assert set(descriptions) == {"new-facility", "siting"}
    assert descriptions["new-facility"]["inputs"]["kind"]["schema"]["enum"] == ["sd"]
    json.dumps(descriptions, allow_nan=False)


def test_a_new_facility_covers_more_people(path: Path) -> None:
    result = run_new_facility(path, {"kind": "sd", "points": [[120.15, -7.85]]})
    assert result["newly_covered"] > 0
    assert result["covered_after"] - result["covered_before"] == result["newly_covered"]
    json.dumps(result, allow_nan=False)


@pytest.mark.parametrize("exact", [False, True])
def test_sites_are_among_the_candidates(path: Path, exact: bool) -> None:
    candidates = np.random.default_rng(1).uniform([120, -8], [120.3, -7.7], (20, 2)).tolist()
    result = run_siting(path, {"kind": "sd", "candidates": candidates, "k": 2, "exact": exact})
    assert [candidates[row] for row in result["chosen"]] == result["points"]
    assert result["method"] == ("highs" if exact else "greedy_swap")
    json.dumps(result, allow_nan=False)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"kind": "pasar"}, "kind"),
        ({"kind": 3}, "kind"),
        ({"points": []}, "points"),
        ({"points": [[120, -8]] * 6}, "points"),
        ({"points": [[120, -8, 3]]}, "points"),
        ({"points": [["120", "-8"]]}, "points"),
        ({"points": [[float("nan"), -8]]}, "points"),
        ({"points": [[120, -98]]}, "points"),
        ({"points": [[True, False]]}, "points"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_input_is_named(path: Path, change: dict[str, Any], word: str) -> None:
    with pytest.raises(ProcessInputError, match=word):
        run_new_facility(path, {"kind": "sd", "points": [[120.1, -7.9]]} | change)


@pytest.mark.parametrize(
    ("change", "word"),
    [({"k": 0}, "k"), ({"k": 1.5}, "k"), ({"k": True}, "k"), ({"goal": "x"}, "goal"),
     ({"exact": "yes"}, "exact"), ({"candidates": "all"}, "candidates")],
)  # fmt: skip
def test_a_wrong_wish_is_named(path: Path, change: dict[str, Any], word: str) -> None:
    inputs = {"kind": "sd", "candidates": [[120.1, -7.9], [120.2, -7.8]], "k": 1}
    with pytest.raises(ProcessInputError, match=word):
        run_siting(path, inputs | change)


def test_a_missing_input_is_named(path: Path) -> None:
    with pytest.raises(ProcessInputError, match="points is missing"):
        run_new_facility(path, {"kind": "sd"})
