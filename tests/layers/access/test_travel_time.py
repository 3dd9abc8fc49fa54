"""Least cost over a raster: against formulas, a heap, scikit-image and GRASS."""

from __future__ import annotations

import heapq
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from skimage.graph import MCP_Geometric

from layers.access.terrain.grid import Grid, list_moves, list_sides
from layers.access.terrain.kernels import spread_over_grid
from layers.access.terrain.rasters import Raster, read_raster, write_cog
from layers.access.terrain.travel_time import Ferries, TravelTime, measure_travel_time


def plane(rows: int, columns: int, side: float = 1.0) -> Grid:
    return Grid(0.0, rows * side, side, side, rows, columns, is_lonlat=False)


def centre(grid: Grid, *cells: tuple[int, int]) -> np.ndarray:
    at = np.array(cells)
    return grid.find_centres(at[:, 0], at[:, 1])


def random_friction(rows: int, columns: int, seed: int, barriers: float = 0.2) -> np.ndarray:
    generator = np.random.default_rng(seed)
    friction = generator.uniform(0.01, 0.5, (rows, columns)).astype(np.float32)
    friction[generator.random((rows, columns)) < barriers] = np.nan
    return friction


def heap_search(
    friction: np.ndarray,
    grid: Grid,
    seeds: list[tuple[int, int]],
    directions: int,
    height: np.ndarray | None = None,
    uphill: float = -1.0,
    cuts_corners: bool = True,
) -> np.ndarray:
    """The plain algorithm: Dijkstra with a heap, double precision."""
    length = grid.measure_steps(directions).astype(float)
    cost = np.full(friction.shape, np.inf)
    queue = [(0.0, cell) for cell in seeds]
    for cell in seeds:
        cost[cell] = 0

    def drag(row: int, column: int) -> float:
        inside = 0 <= row < grid.rows and 0 <= column < grid.columns
        value = float(friction[row, column]) if inside else np.nan
        return value if np.isfinite(value) and value > 0 else np.inf

    while queue:
        here, (row, column) = heapq.heappop(queue)
        if here > cost[row, column]:
            continue
        for k, move in enumerate(list_moves(directions)):
            to = (row + move[0], column + move[1])
            ends = (drag(row, column), drag(*to))
            beside = [drag(row + side[0], column + side[1]) for side in list_sides(move)]
            mean = sum(ends) / 2 if k < 8 else (sum(ends) + sum(beside)) / 4
            shut = 4 <= k < 8 and not cuts_corners and bool(np.isinf(beside).all())
            if not np.isfinite(mean) or shut:
                continue
            minutes = mean * length[row + 2, k]
            if height is not None:
                slope = uphill * float(height[to] - height[row, column]) / length[row + 2, k]
                minutes *= np.exp(3.5 * (abs(slope + 0.05) - 0.05))
            if here + minutes < cost[to]:
                cost[to] = here + minutes
                heapq.heappush(queue, (cost[to], to))
    return np.where(np.isinf(cost), np.nan, cost)


def same(ours: np.ndarray, theirs: np.ndarray, tolerance: float = 1e-5) -> None:
    assert (np.isnan(ours) == np.isnan(theirs)).all()
    reached = ~np.isnan(ours)
    assert np.allclose(ours[reached], theirs[reached], rtol=tolerance, atol=1e-6)


def test_uniform_friction_gives_the_octile_distance() -> None:
    grid = plane(41, 51)
    found = measure_travel_time(
        np.full((41, 51), 2.0, np.float32), grid, centre(grid, (20, 10)), directions=8
    )
    down, right = np.abs(np.indices((41, 51)) - np.array([20, 10])[:, None, None])
    octile = 2.0 * (np.maximum(down, right) + (np.sqrt(2) - 1) * np.minimum(down, right))
    same(found.minutes, octile)


def test_eight_directions_overstate_by_up_to_eight_per_cent_sixteen_by_less_than_three() -> None:
    grid = plane(201, 201)
    straight = np.hypot(*(np.indices((201, 201)) - 100))
    worst = {}
    for directions in (8, 16):
        found = measure_travel_time(
            np.ones((201, 201), np.float32), grid, centre(grid, (100, 100)), directions=directions
        )
        worst[directions] = float((found.minutes[straight > 60] / straight[straight > 60]).max())
    assert 1.08 < worst[8] < 1.0825
    assert 1.02 < worst[16] < 1.0280


def test_a_wall_is_passed_through_its_gap() -> None:
    friction = np.ones((9, 9), np.float32)
    friction[:, 4] = np.nan
    friction[0, 4] = 1
    grid = plane(9, 9)
    found = measure_travel_time(friction, grid, centre(grid, (8, 0)), directions=8)
    diagonal, straight = 8, 0
    up_and_over = (4 * np.sqrt(2) + 4) + (4 * np.sqrt(2) + 4)
    assert found.minutes[8, 8] == pytest.approx(up_and_over, rel=1e-5)
    assert (diagonal, straight) == (8, 0)


def test_a_diagonal_river_does_not_leak_unless_corners_may_be_cut() -> None:
    friction = np.ones((10, 10), np.float32)
    friction[np.arange(10), np.arange(10)] = np.nan
    grid = plane(10, 10)
    places = centre(grid, (9, 0))
    assert np.isnan(measure_travel_time(friction, grid, places, directions=8).minutes[0, 9])
    cut = measure_travel_time(friction, grid, places, directions=8, cuts_corners=True)
    assert np.isfinite(cut.minutes[0, 9])


def two_islands(ferries: Ferries | None) -> TravelTime:
    friction = np.full((20, 30), np.nan, np.float32)
    friction[5:15, 2:12] = 1
    friction[5:15, 18:28] = 1
    grid = plane(20, 30)
    return measure_travel_time(friction, grid, centre(grid, (10, 5)), ferries=ferries)


def test_without_a_ferry_exactly_the_other_island_and_the_sea_are_unreached() -> None:
    found = two_islands(None)
    assert int(np.isnan(found.minutes).sum()) == 20 * 30 - 100
    assert (found.facility[5:15, 18:28] == -1).all()


def test_with_a_ferry_only_the_sea_is_unreached() -> None:
    grid = plane(20, 30)
    piers = (centre(grid, (10, 11)), centre(grid, (10, 18)))
    found = two_islands(Ferries(*piers, np.array([30.0])))
    assert int(np.isnan(found.minutes).sum()) == 20 * 30 - 200
    assert found.minutes[10, 18] == pytest.approx(6 + 30)
    back = two_islands(Ferries(*piers[::-1], np.array([30.0])))
    same(found.minutes, back.minutes)


@pytest.mark.parametrize("directions", [8, 16])
@pytest.mark.parametrize("cuts_corners", [True, False])
def test_buckets_give_what_a_heap_gives(directions: int, cuts_corners: bool) -> None:
    friction = random_friction(40, 50, 7)
    friction[20, 20] = 1
    grid = Grid(120.0, -7.0, 0.01, 0.008, 40, 50)
    seeds = [(3, 4), (30, 45), (20, 20)]
    friction[3, 4] = friction[30, 45] = 0.1
    found = measure_travel_time(
        friction, grid, centre(grid, *seeds), directions=directions, cuts_corners=cuts_corners
    )
    same(
        found.minutes,
        heap_search(friction, grid, seeds, directions, cuts_corners=cuts_corners),
    )


@pytest.mark.parametrize("goes_to_facility", [True, False])
def test_walking_to_a_facility_reverses_the_slopes(goes_to_facility: bool) -> None:
    generator = np.random.default_rng(3)
    height = np.cumsum(generator.normal(0, 8, (30, 30)), axis=1).astype(np.float32)
    friction = random_friction(30, 30, 5, barriers=0.1)
    friction[15, 15] = 0.1
    grid = plane(30, 30, 90.0)
    found = measure_travel_time(
        friction,
        grid,
        centre(grid, (15, 15)),
        directions=16,
        height=height,
        goes_to_facility=goes_to_facility,
        cuts_corners=True,
    )
    uphill = -1.0 if goes_to_facility else 1.0
    same(found.minutes, heap_search(friction, grid, [(15, 15)], 16, height, uphill), 1e-4)


def test_a_slope_down_to_the_facility_is_quicker_than_up() -> None:
    height = np.tile(np.arange(20, dtype=np.float32) * 5, (3, 1))
    friction, grid = np.full((3, 20), 0.012, np.float32), plane(3, 20, 90.0)
    at_foot = measure_travel_time(friction, grid, centre(grid, (1, 0)), height=height)
    at_top = measure_travel_time(friction, grid, centre(grid, (1, 19)), height=height)
    assert at_foot.minutes[1, 19] < at_top.minutes[1, 0]


@pytest.mark.parametrize("lat", [6.0, 0.0, -11.0, 60.0])
def test_steps_are_as_long_as_the_latitude_says(lat: float) -> None:
    from pyproj import Geod

    grid = Grid(120.0, lat + 0.05, 0.01, 0.01, 10, 40)
    found = measure_travel_time(
        np.ones((10, 40), np.float32), grid, centre(grid, (5, 0)), directions=8
    )
    x, y = centre(grid, (5, 0), (5, 39)).T
    metres = Geod(ellps="WGS84").line_length(np.linspace(x[0], x[1], 40), np.repeat(y[0], 40))
    assert found.minutes[5, 39] == pytest.approx(metres, rel=2e-5)


def test_each_cell_belongs_to_the_facility_it_reaches_first() -> None:
    grid = plane(1, 11)
    found = measure_travel_time(
        np.ones((1, 11), np.float32), grid, centre(grid, (0, 10), (0, 0)), directions=8
    )
    assert found.facility[0].tolist()[:5] == [1] * 5
    assert found.facility[0].tolist()[6:] == [0] * 5


def test_a_facility_on_a_barrier_is_moved_and_says_how_far() -> None:
    friction = np.full((9, 9), np.nan, np.float32)
    friction[:, 6:] = 1
    grid = plane(9, 9, 100.0)
    places = np.concatenate([centre(grid, (4, 4), (4, 7)), [[-50.0, 10.0]]])
    found = measure_travel_time(friction, grid, places)
    assert found.snap_m[:2].tolist() == [200.0, 0.0]
    assert np.isnan(found.snap_m[2])


def test_zero_and_negative_friction_let_nothing_pass() -> None:
    friction = np.ones((3, 5), np.float32)
    friction[:, 2] = (0.0, -1.0, np.inf)
    grid = plane(3, 5)
    found = measure_travel_time(friction, grid, centre(grid, (1, 0)))
    assert np.isnan(found.minutes[:, 2:]).all()


def test_one_facility_more_never_lengthens_a_time() -> None:
    friction, grid = random_friction(40, 40, 11), plane(40, 40)
    places = centre(grid, (5, 5), (30, 30), (10, 35))
    before = measure_travel_time(friction, grid, places[:2]).minutes
    after = measure_travel_time(friction, grid, places).minutes
    assert not ((after > before) | (np.isnan(after) & ~np.isnan(before))).any()


def test_scikit_image_agrees() -> None:
    friction, grid = random_friction(120, 90, 13), plane(120, 90)
    seeds = [(10, 10), (100, 70)]
    for seed in seeds:
        friction[seed] = 0.1
    found = measure_travel_time(
        friction, grid, centre(grid, *seeds), directions=8, cuts_corners=True
    )
    same(found.minutes, find_costs(friction, seeds))


def find_costs(friction: np.ndarray, seeds: list[tuple[int, int]]) -> np.ndarray:
    """What scikit-image finds, NaN where nothing is reached."""
    costs = np.where(np.isnan(friction), -1.0, friction.astype(float))
    found, _ = MCP_Geometric(costs, fully_connected=True).find_costs(seeds)
    return np.where(np.isinf(found), np.nan, found)


def test_many_squares_of_very_unequal_friction_agree_with_scikit_image() -> None:
    """Fast and slow cells a thousandfold apart: ways turn back into squares already searched."""
    generator = np.random.default_rng(17)
    friction = (10.0 ** generator.uniform(-3, 0, (700, 600))).astype(np.float32)
    friction[generator.random(friction.shape) < 0.2] = np.nan
    seeds = [(10, 10), (255, 256), (690, 300)]
    for seed in seeds:
        friction[seed] = 0.1
    grid = plane(700, 600)
    found = measure_travel_time(
        friction, grid, centre(grid, *seeds), directions=8, cuts_corners=True
    )
    same(found.minutes, find_costs(friction, seeds))
    for row, seed in enumerate(seeds):
        alone = find_costs(friction, [seed])
        its = found.facility == row
        assert its.sum() > 1000
        assert np.allclose(found.minutes[its], alone[its], rtol=1e-5, atol=1e-6)


def test_a_way_that_winds_through_the_squares_is_followed_to_its_end() -> None:
    friction = np.full((520, 520), 0.5, np.float32)
    for at, column in enumerate(range(4, 516, 8)):
        friction[:, column] = np.nan
        friction[0 if at % 2 else -1, column] = 0.5
    grid = plane(520, 520)
    found = measure_travel_time(
        friction, grid, centre(grid, (0, 0)), directions=8, cuts_corners=True
    )
    assert found.minutes[0, 519] > 0.5 * 500 * 64
    same(found.minutes, find_costs(friction, [(0, 0)]))


@pytest.mark.parametrize("minutes", [0.0, 0.3, 500.0])
def test_ferries_lead_into_any_square_and_bucket(minutes: float) -> None:
    friction = np.full((40, 1100), np.nan, np.float32)
    friction[:, :300] = 0.01
    friction[:, 700:] = 0.02
    grid = plane(40, 1100)
    ends = (centre(grid, (5, 290), (6, 20)), centre(grid, (8, 1000), (7, 40)))
    found = measure_travel_time(
        friction,
        grid,
        centre(grid, (20, 10)),
        directions=8,
        ferries=Ferries(*ends, np.array([minutes, minutes])),
    )
    home = find_costs(friction, [(20, 10)])
    far = find_costs(friction, [(8, 1000)]) + found.minutes[5, 290] + minutes
    short = home[6, 20] + minutes + find_costs(friction, [(7, 40)])
    same(found.minutes[:, :300], np.fmin(home, short)[:, :300])
    same(found.minutes[:, 700:], far[:, 700:])


def test_a_search_that_runs_out_of_blocks_says_so_and_is_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rooms = []

    def starve(*inputs: Any) -> int:
        given = list(inputs)
        rooms.append(len(given[-3]))
        if len(rooms) == 1:
            given[-3] = given[-3][:2]
        return spread_over_grid(*given)

    monkeypatch.setattr("layers.access.terrain.travel_time.spread_over_grid", starve)
    friction, grid = random_friction(300, 300, 19), plane(300, 300)
    friction[150, 150] = 0.1
    found = measure_travel_time(
        friction, grid, centre(grid, (150, 150)), directions=8, cuts_corners=True
    )
    assert len(rooms) == 2
    assert rooms[1] > rooms[0]
    same(found.minutes, find_costs(friction, [(150, 150)]))


@pytest.mark.grass
@pytest.mark.parametrize("directions", [8, 16])
def test_grass_r_cost_agrees(tmp_path: Path, directions: int) -> None:
    if shutil.which("grass") is None:
        pytest.skip("no GRASS on this machine")
    friction = random_friction(60, 80, 17, barriers=0.15)
    friction[20, 30] = 0.1
    grid = Grid(500000.0, 9200000.0, 100.0, 100.0, 60, 80, is_lonlat=False)
    found = measure_travel_time(
        friction, grid, centre(grid, (20, 30)), directions=directions, cuts_corners=True
    )
    transform = rasterio.Affine(100, 0, 500000, 0, -100, 9200000)
    source, target = tmp_path / "friction.tif", tmp_path / "cost.tif"
    profile = {"driver": "GTiff", "dtype": "float64", "count": 1, "nodata": -9999.0}
    with rasterio.open(
        source, "w", height=60, width=80, crs="EPSG:32751", transform=transform, **profile
    ) as raster:
        raster.write(np.where(np.isnan(friction), -9999, friction.astype(float) * 100), 1)
    x, y = centre(grid, (20, 30))[0]
    knights = "-k" if directions == 16 else ""
    script = tmp_path / "run.sh"
    script.write_text(
        f"r.in.gdal -o --quiet input={source} output=f && g.region raster=f && "
        f"r.cost {knights} --quiet input=f output=c start_coordinates={x},{y} && "
        f"r.out.gdal --quiet -f input=c output={target} type=Float64 nodata=-1\n"
    )
    subprocess.run(
        ["grass", "-c", "EPSG:32751", str(tmp_path / "place"), "-e"],
        check=True,
        capture_output=True,
    )
    subprocess.run(
        ["grass", str(tmp_path / "place" / "PERMANENT"), "--exec", "sh", str(script)],
        check=True,
        capture_output=True,
    )
    with rasterio.open(target) as raster:
        cost = raster.read(1)
    same(found.minutes, np.where(cost < 0, np.nan, cost), 1e-4)


def test_the_raster_written_is_cloud_optimized_and_the_same_each_time(tmp_path: Path) -> None:
    grid = Grid(120.0, -7.0, 0.01, 0.01, 600, 700)
    values = np.random.default_rng(1).random((600, 700)).astype(np.float32)
    values[0, 0] = np.nan
    for name in ("a.tif", "b.tif"):
        write_cog(tmp_path / name, Raster(values, grid, "EPSG:4326"))
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    with rasterio.open(tmp_path / "a.tif") as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.overviews(1)
    back, findings = read_raster(tmp_path / "a.tif", "a.tif")
    assert back is not None
    assert findings == ()
    assert np.array_equal(back.values, values, equal_nan=True)
