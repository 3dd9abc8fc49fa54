"""What-if and siting: small enough to check by hand, greedy against HiGHS, server needs no more."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod
from scipy.sparse import csr_array

from layers.access.planning.candidate_sites import (
    MOST_PROPOSED,
    group_to_squares,
    propose_candidates,
)
from layers.access.planning.placement import (
    DemandPlaces,
    choose_sites,
    find_places,
    group_places,
    measure_savings,
)
from layers.access.planning.siting import (
    choose_saving,
    solve_covering,
    solve_saving,
)
from layers.access.planning.whatif import shorten, simulate_facilities
from layers.release.scenario_file import Scenario, list_kinds, read_scenario, write_scenarios
from tests.layers.access.steps import choose_covering

GEOD = Geod(ellps="WGS84")


def make_scenario(seed: int = 1, cells: int = 400) -> Scenario:
    generator = np.random.default_rng(seed)
    lonlat = generator.uniform([120, -8], [120.3, -7.7], (cells, 2))
    desa = generator.uniform([120, -8], [120.3, -7.7], (12, 2))
    return Scenario(
        lonlat,
        generator.uniform(1, 100, cells),
        generator.uniform(1000, 20000, cells),
        desa,
        generator.uniform(1000, 20000, 12),
        np.array([f"99.01.01.20{i:02d}" for i in range(12)]),
        np.array(3000.0),
    )


def test_a_new_facility_never_lengthens_a_distance_and_covers_who_is_near() -> None:
    scenario = make_scenario()
    point = np.array([[120.15, -7.85]])
    change = simulate_facilities(scenario, point)
    metres = GEOD.inv(*np.tile(point, (400, 1)).T, *scenario.lonlat.T)[2]
    after = np.minimum(scenario.distance_m, metres)
    assert np.allclose(shorten(scenario.lonlat, scenario.distance_m, point), after, atol=1e-3)
    assert change.people is not None
    assert change.people.covered_after == pytest.approx(scenario.people[after <= 3000].sum())
    assert change.people.covered_before is not None
    assert change.people.covered_after >= change.people.covered_before
    assert all(row.before_m is not None and row.after_m < row.before_m for row in change.desa)


def test_a_desa_is_in_a_gap_until_the_new_facility_is_within_the_norm() -> None:
    scenario = make_scenario()
    scenario.desa_distance_m[:] = [2000, *[9000] * 11]
    change = simulate_facilities(scenario, scenario.desa_lonlat[[5]])
    assert (change.known_desa, change.gaps_before) == (12, 11)
    first = change.desa[0]
    assert (first.kode, first.status_before, first.status_after) == ("99.01.01.2005", "gap", "ok")
    assert (first.gap_before_m, first.after_m, first.gap_after_m) == (6000, 0, 0)
    near = GEOD.inv(*np.tile(scenario.desa_lonlat[5], (12, 1)).T, *scenario.desa_lonlat.T)[2]
    closed = (scenario.desa_distance_m > 3000) & (near <= 3000)
    assert change.gaps_after == 11 - closed.sum()


def test_where_nothing_was_in_reach_the_new_facility_is_the_first() -> None:
    scenario = make_scenario()
    scenario.desa_distance_m[:] = np.nan
    change = simulate_facilities(scenario, np.array([[120.15, -7.85]]))
    assert len(change.desa) == 12
    assert change.gaps_before is None
    assert {row.before_m for row in change.desa} == {None}
    assert {row.status_before for row in change.desa} == {"no_data"}
    assert not any(row.is_closed for row in change.desa)


def test_people_of_unknown_distance_are_not_known_to_be_newly_covered() -> None:
    scenario = make_scenario()
    scenario.distance_m[:] = np.nan
    change = simulate_facilities(scenario, np.array([[120.15, -7.85]]))
    assert change.people is not None
    assert change.people.covered_before is None
    assert change.people.covered_after > 0
    assert change.people.known_desa is None
    counted = replace(scenario, people_desa=np.array(11))
    answer = simulate_facilities(counted, np.array([[120.15, -7.85]])).people
    assert answer is not None
    assert answer.known_desa == 11


def test_arrays_written_before_people_had_desa_are_read(tmp_path: Path) -> None:
    path = tmp_path / "what_if.npz"
    write_scenarios(path, {"sd": replace(make_scenario(), people_desa=np.array(7))})
    assert int(read_scenario(path, "sd").people_desa) == 7
    with np.load(path) as arrays:
        older = {name: arrays[name] for name in arrays if name != "people_desa"}
    np.savez_compressed(path, **older)
    assert np.isnan(read_scenario(path, "sd").people_desa)


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


@pytest.mark.parametrize("seed", range(6))
def test_no_choice_is_better_than_the_gap_of_the_greedy_one_allows(seed: int) -> None:
    cover, people = random_cover(seed)
    exact, quick = solve_covering(cover, people, 4), choose_covering(cover, people, 4)
    assert 0 <= quick.gap < 0.5
    assert exact.gain <= quick.gain / (1 - quick.gap) + 1e-6
    assert (exact.status, quick.status) == ("optimal", "explored")


def test_stopped_at_once_highs_says_so_and_the_greedy_answer_stands() -> None:
    cover, people = random_cover(3, 3000, 200)
    quick = choose_covering(cover, people, 6)
    stopped = solve_covering(cover, people, 6, time_limit_s=1e-3)
    assert stopped.status == "time_limit"
    assert stopped.gain >= quick.gain
    assert 0 <= stopped.gap <= quick.gap


def test_p_median_saves_most_metres() -> None:
    scenario = make_scenario(3, 80)
    candidates = np.random.default_rng(5).uniform([120, -8], [120.3, -7.7], (9, 2))
    saving = measure_savings(find_places(scenario, candidates, "distance"), candidates, "distance")
    dense = saving.toarray()
    best = max(
        dense[:, list(picks)].max(axis=1).sum() for picks in itertools.combinations(range(9), 2)
    )
    assert solve_saving(saving, 2).gain == pytest.approx(best, rel=1e-4)
    assert choose_saving(saving, 2).gain >= 0.99 * best


@pytest.mark.parametrize("goal", ["cover", "distance"])
def test_sites_are_chosen_for_either_goal(goal: str) -> None:
    scenario = make_scenario()
    candidates = scenario.desa_lonlat
    quick = choose_sites(scenario, candidates, 2, goal=goal)
    exact = choose_sites(scenario, candidates, 2, goal=goal, effort="prove")
    assert 0.99 * exact.siting.gain <= quick.siting.gain <= exact.siting.gain * 1.0002
    assert exact.gains.sum() == pytest.approx(exact.siting.gain)
    assert exact.gains[0] >= exact.gains[1]
    people = simulate_facilities(scenario, candidates[exact.order]).people
    assert people is not None
    if goal == "cover":
        assert people.covered_before is not None
        assert people.covered_after - people.covered_before == pytest.approx(exact.siting.gain)
    else:
        saved = people.total * (people.mean_before_m - people.mean_after_m)
        assert saved == pytest.approx(exact.siting.gain, rel=1e-6)


def test_without_any_facility_the_least_mean_distance_is_found() -> None:
    scenario = make_scenario()
    scenario.distance_m[:] = np.nan
    changes = [simulate_facilities(scenario, scenario.desa_lonlat[[row]]) for row in range(12)]
    means = [one.people.mean_after_m for one in changes if one.people is not None]
    found = choose_sites(scenario, scenario.desa_lonlat, 1, goal="distance", effort="prove")
    assert found.order.tolist() == [int(np.argmin(means))]


@pytest.mark.parametrize(
    ("number", "goal", "effort"),
    [(0, "cover", "prove"), (13, "cover", "prove"), (2, "beauty", "prove"), (2, "cover", "none")],
)
def test_impossible_wishes_are_refused(number: int, goal: str, effort: str) -> None:
    scenario = make_scenario()
    with pytest.raises(ValueError, match="must be"):
        choose_sites(scenario, scenario.desa_lonlat, number, goal=goal, effort=effort)


def test_people_are_grouped_only_as_far_as_needed_and_none_is_lost() -> None:
    scenario = make_scenario(2, 5000)
    candidates = scenario.desa_lonlat
    whole = group_places(scenario, candidates, "cover", 10**9, 10**9)
    assert whole.side_m is None
    grouped = group_places(scenario, candidates, "cover", 10**9, 500)
    assert grouped.side_m is not None
    assert grouped.people.sum() == pytest.approx(whole.people.sum())
    assert measure_savings(grouped, candidates, "cover").nnz <= 500
    assert len(group_places(scenario, candidates, "cover", 300, 10**9).people) <= 300


def test_savings_are_those_of_all_pairs() -> None:
    generator = np.random.default_rng(4)
    lonlat, sites = generator.uniform([120, -8], [121, -7], (60, 2)), make_scenario().desa_lonlat
    limit = generator.uniform(0, 60_000, 60)
    places = DemandPlaces(lonlat, np.ones(60), limit, None)
    metres = np.array([GEOD.inv(*np.tile(site, (60, 1)).T, *lonlat.T)[2] for site in sites]).T
    expected = np.maximum(limit[:, None] - metres, 0)
    found = measure_savings(places, sites, "distance").toarray()
    assert np.allclose(found, expected, atol=0.01)


def test_squares_hold_their_places_and_are_as_wide_as_asked() -> None:
    lonlat = np.random.default_rng(1).uniform([120, -8], [120.1, -7.9], (500, 2))
    square, count = group_to_squares(lonlat, 1000.0)
    assert set(square.tolist()) == set(range(count))
    for number in range(count):
        inside = lonlat[square == number]
        diagonal = GEOD.inv(*inside.min(axis=0), *inside.max(axis=0))[2]
        assert diagonal <= 1000 * np.sqrt(2) * 1.001


@pytest.mark.parametrize("goal", ["cover", "distance"])
def test_candidates_are_where_desa_start_and_where_most_is_to_be_gained(goal: str) -> None:
    scenario = make_scenario(1, 5000)
    scenario.desa_lonlat[3] = np.nan
    found = propose_candidates(scenario, goal)
    assert found.source.count("desa") == 11
    assert 100 < found.source.count("cell") <= MOST_PROPOSED - 11
    far = scenario.distance_m > (3000 if goal == "cover" else 0)
    assert {tuple(p) for p in found.lonlat[11:]} <= {tuple(p) for p in scenario.lonlat[far]}
    shuffled = np.random.default_rng(2).permutation(5000)
    again = propose_candidates(
        replace(
            scenario,
            lonlat=scenario.lonlat[shuffled],
            people=scenario.people[shuffled],
            distance_m=scenario.distance_m[shuffled],
        ),
        goal,
    )
    assert {tuple(p) for p in again.lonlat} == {tuple(p) for p in found.lonlat}


def without_people() -> Scenario:
    none = np.empty(0)
    return replace(make_scenario(), lonlat=np.empty((0, 2)), people=none, distance_m=none)


def test_without_a_population_raster_people_are_unknown_and_desa_are_not() -> None:
    scenario = without_people()
    change = simulate_facilities(scenario, scenario.desa_lonlat[[5]])
    assert change.people is None
    assert change.desa == simulate_facilities(make_scenario(), scenario.desa_lonlat[[5]]).desa


@pytest.mark.parametrize("effort", ["prove", "explore"])
@pytest.mark.parametrize("goal", ["cover", "distance"])
def test_without_a_population_raster_desa_are_counted(goal: str, effort: str) -> None:
    scenario = without_people()
    found = propose_candidates(scenario, goal)
    assert set(found.source) == {"desa"}
    chosen = choose_sites(scenario, found.lonlat, 2, goal=goal, effort=effort)
    change = simulate_facilities(scenario, found.lonlat[chosen.order])
    assert change.gaps_before is not None
    if goal == "cover":
        assert chosen.siting.gain == change.gaps_before - change.gaps_after
    else:
        saved = sum(row.before_m - row.after_m for row in change.desa if row.before_m is not None)
        assert chosen.siting.gain == pytest.approx(saved, rel=1e-3)


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
    module = "layers.access.planning.planning_processes"
    script = f"import sys, {module}; print(*{{m.split('.')[0] for m in sys.modules}})"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"pandas", "geopandas", "pyarrow", "shapely", "pyproj", "numba", "rasterio"}


def test_describing_the_processes_loads_nothing_heavy() -> None:
    script = "import sys, layers.access.planning.process_descriptions; print(*sys.modules)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"numpy", "scipy", "pandas"}


@pytest.mark.parametrize("effort", ["prove", "explore"])
@pytest.mark.parametrize("goal", ["cover", "distance"])
def test_without_a_candidate_nothing_is_chosen(goal: str, effort: str) -> None:
    found = choose_sites(make_scenario(), np.empty((0, 2)), 0, goal=goal, effort=effort)
    assert (len(found.order), found.siting.gain, found.siting.gap) == (0, 0, 0)
