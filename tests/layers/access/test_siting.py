"""What-if and siting: small enough to check by hand, greedy against HiGHS, server needs no more."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod
from scipy.sparse import csr_array

from layers.access.siting import choose_covering, choose_saving, solve_covering, solve_saving
from layers.access.whatif import (
    Scenario,
    choose_sites,
    list_kinds,
    measure_savings,
    read_scenario,
    shorten,
    simulate_facilities,
    write_scenarios,
)

GEOD = Geod(ellps="WGS84")


def make_scenario(seed: int = 1, cells: int = 400) -> Scenario:
    generator = np.random.default_rng(seed)
    lonlat = generator.uniform([120, -8], [120.3, -7.7], (cells, 2))
    desa = generator.uniform([120, -8], [120.3, -7.7], (12, 2))
    return Scenario(
        lonlat, generator.uniform(1, 100, cells), generator.uniform(1000, 20000, cells),
        desa, generator.uniform(1000, 20000, 12),
        np.array([f"99.01.01.20{i:02d}" for i in range(12)]), np.array(3000.0),
    )  # fmt: skip


def test_a_new_facility_never_lengthens_a_distance_and_covers_who_is_near() -> None:
    scenario = make_scenario()
    point = np.array([[120.15, -7.85]])
    change = simulate_facilities(scenario, point)
    metres = GEOD.inv(*np.tile(point, (400, 1)).T, *scenario.lonlat.T)[2]
    after = np.minimum(scenario.distance_m, metres)
    assert np.allclose(shorten(scenario.lonlat, scenario.distance_m, point), after, atol=1e-3)
    assert change.covered_after == pytest.approx(scenario.people[after <= 3000].sum())
    assert change.covered_after >= change.covered_before
    assert all(row["after_m"] < row["before_m"] for row in change.desa)


def test_where_nothing_was_in_reach_the_new_facility_is_the_first() -> None:
    scenario = make_scenario()
    scenario.desa_distance_m[:] = np.nan
    change = simulate_facilities(scenario, np.array([[120.15, -7.85]]))
    assert len(change.desa) == 12
    assert change.desa[0]["before_m"] is None


@pytest.mark.parametrize(
    "points",
    [np.empty((0, 2)), np.zeros((6, 2)), np.array([[200.0, 0.0]]), np.array([[np.nan, 0.0]])],
)
def test_impossible_points_are_refused(points: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"points|point"):
        simulate_facilities(make_scenario(), points)


def random_cover(
    seed: int, places: int = 300, candidates: int = 40
) -> tuple[csr_array, np.ndarray]:
    generator = np.random.default_rng(seed)
    where, sites = generator.random((places, 2)), generator.random((candidates, 2))
    apart = np.linalg.norm(where[:, None] - sites[None], axis=2)
    return csr_array((apart < 0.15).astype(float)), generator.uniform(1, 100, places)


def test_highs_finds_what_trying_all_finds() -> None:
    cover, people = random_cover(1, 60, 10)
    best = max(
        float(people[cover[:, list(picks)].sum(axis=1) > 0].sum())
        for picks in itertools.combinations(range(10), 3)
    )
    found = solve_covering(cover, people, 3)
    assert found.gain == pytest.approx(best)
    assert found.gap <= 1e-4


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("k", [1, 3, 5])
def test_greedy_with_swaps_is_within_one_per_cent_of_the_optimum(seed: int, k: int) -> None:
    cover, people = random_cover(seed)
    exact, quick = solve_covering(cover, people, k), choose_covering(cover, people, k)
    assert quick.gain >= 0.99 * exact.gain
    assert quick.gain <= exact.gain * (1 + 1e-4) + 1e-6


def test_p_median_saves_most_metres() -> None:
    scenario = make_scenario(3, 80)
    candidates = np.random.default_rng(5).uniform([120, -8], [120.3, -7.7], (9, 2))
    saving = measure_savings(scenario, candidates, None)
    dense = saving.toarray()
    best = max(
        dense[:, list(picks)].max(axis=1).sum() for picks in itertools.combinations(range(9), 2)
    )
    assert solve_saving(saving, 2).gain == pytest.approx(best, rel=1e-4)
    assert choose_saving(saving, 2).gain >= 0.99 * best


@pytest.mark.parametrize("goal", ["covered", "distance"])
def test_sites_are_chosen_for_either_goal(goal: str) -> None:
    scenario = make_scenario()
    candidates = scenario.desa_lonlat
    quick = choose_sites(scenario, candidates, 2, goal=goal)
    exact = choose_sites(scenario, candidates, 2, goal=goal, exact=True)
    assert 0.99 * exact.gain <= quick.gain <= exact.gain * 1.0002
    if goal == "covered":
        change = simulate_facilities(scenario, candidates[exact.chosen])
        assert change.covered_after - change.covered_before == pytest.approx(exact.gain)


@pytest.mark.parametrize(("k", "goal"), [(0, "covered"), (13, "covered"), (2, "beauty")])
def test_impossible_wishes_are_refused(k: int, goal: str) -> None:
    scenario = make_scenario()
    with pytest.raises(ValueError, match="must be"):
        choose_sites(scenario, scenario.desa_lonlat, k, goal=goal)


def test_a_scenario_written_twice_is_the_same_and_comes_back(tmp_path: Path) -> None:
    scenario = make_scenario()
    for name in ("a.npz", "b.npz"):
        write_scenarios(tmp_path / name, {"sd": scenario, "smp": scenario})
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert list_kinds(tmp_path / "a.npz") == ("sd", "smp")
    back = read_scenario(tmp_path / "a.npz", "sd")
    assert np.array_equal(back.people, scenario.people)
    assert back.kode.tolist() == scenario.kode.tolist()


def test_what_if_loads_numpy_and_scipy_only() -> None:
    script = "import sys, layers.access.whatif; print(*{m.split('.')[0] for m in sys.modules})"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"pandas", "geopandas", "pyarrow", "shapely", "pyproj", "numba", "rasterio"}
