"""Access: nearest, least cost, network, people, and all methods for one kabupaten.

Peers are timed in the same run.  Seeded, made-up data in the shapes the access stage is held to.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from exactextract import exact_extract
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay
from skimage.graph import MCP_Geometric
from sklearn.neighbors import BallTree

from layers.access.gaps.gaps import choose_services
from layers.access.measure import measure_access
from layers.access.planning.placement import choose_sites
from layers.access.planning.siting import solve_covering
from layers.access.roads.network import build_network
from layers.access.roads.reach import spread
from layers.access.roads.roads import read_roads
from layers.access.straight.distance import origins
from layers.access.straight.nearest import find_nearest
from layers.access.terrain.friction import build_friction
from layers.access.terrain.grid import Grid
from layers.access.terrain.rasters import Raster
from layers.access.terrain.speeds import read_speeds
from layers.access.terrain.travel_time import measure_travel_time
from layers.workspace.access_sections import RoadSection
from layers.workspace.sections import Workspace
from tests.benchmarks.harness import absolute, compare, measure_cpu, measure_wall, peak_memory_mb
from tests.layers.access.steps import choose_covering, measure_reach
from tests.layers.access.test_siting import make_scenario

MOST_CELLS = 5_000_000
INDONESIA = (np.array([95.0, -11.0]), np.array([141.0, 6.0]))


def scatter(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(*INDONESIA, (count, 2))


def bench_nearest() -> None:
    places, facilities = scatter(1, 84_000), scatter(2, 50_000)

    def peer() -> np.ndarray:
        tree = BallTree(np.radians(facilities[:, ::-1]), metric="haversine")
        return np.asarray(tree.query(np.radians(places[:, ::-1]))[1])

    compare("access_nearest_84k_x_50k", lambda: find_nearest(places, facilities), peer, limit=0.5)
    from pyproj import Geod

    ours, geod = find_nearest(places, facilities).index, Geod(ellps="WGS84")
    wrong = 0
    for row in range(0, len(places), 420):
        lon, lat = np.repeat(places[row : row + 1], len(facilities), axis=0).T
        wrong += int(np.argmin(geod.inv(lon, lat, *facilities.T)[2]) != ours[row])
    absolute("access_nearest_wrong_of_200", float(wrong), limit=0, unit="")
    kinds = [scatter(10 + kind, 50_000 // 8) for kind in range(8)]
    absolute(
        "access_national_84k_x_8_kinds",
        lambda: [find_nearest(places, one) for one in kinds],
        limit=None,
    )
    absolute("access_nearest_10M_peak", _peak_of("nearest"), limit=1000, unit="MB")


def _peak_of(task: str, *arguments: str) -> float:
    """Peak memory of a task in a process of its own, MB, imports included."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_access", task, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def _run_task(task: str, *arguments: str) -> None:
    if task == "nearest":
        find_nearest(scatter(1, 10_000_000), scatter(2, 50_000))
    else:
        sum_people(Path(arguments[0]), make_desa_shapes())
    print(peak_memory_mb())


def make_friction(side: int) -> tuple[np.ndarray, Grid, np.ndarray, list[tuple[int, int]]]:
    generator = np.random.default_rng(side)
    friction = generator.uniform(0.01, 0.1, (side, side)).astype(np.float32)
    cells = generator.integers(0, side, (max(5, side // 20), 2))
    grid = Grid(0.0, float(side), 1.0, 1.0, side, side, is_lonlat=False)
    seeds = [(int(row), int(column)) for row, column in cells]
    return friction, grid, grid.find_centres(cells[:, 0], cells[:, 1]), seeds


def bench_least_cost() -> None:
    per_cell = {}
    for side in (1000, 2000, 4000):
        friction, grid, places, seeds = make_friction(side)
        wide = friction.astype(float)

        def ours(f: np.ndarray = friction, g: Grid = grid, p: np.ndarray = places) -> object:
            return measure_travel_time(f, g, p, directions=8, cuts_corners=True)

        def peer(f: np.ndarray = wide, s: list[tuple[int, int]] = seeds) -> object:
            return MCP_Geometric(f, fully_connected=True).find_costs(s)

        repeat = 5 if side < 4000 else 1
        figure = compare(f"access_least_cost_{side}", ours, peer, limit=0.3, repeat=repeat)
        per_cell[side] = figure.ours / side**2
    friction, grid, places, _ = make_friction(8000)
    found: list[int] = []

    def large() -> None:
        result = measure_travel_time(friction, grid, places, directions=8, cuts_corners=True)
        found.append(result.working_bytes)

    seconds = measure_cpu(large)
    absolute("access_least_cost_8000", seconds)
    growth = seconds / 8000**2 / per_cell[1000]
    absolute("access_least_cost_growth_1k_to_8k", growth, limit=1.3, unit="x")
    absolute("access_least_cost_bytes_a_cell", found[0] / 8000**2, limit=12, unit="B")


def bench_network() -> None:
    generator = np.random.default_rng(3)
    nodes, sources = 1_000_000, 5_000
    points = generator.random((nodes, 2))
    triangles = Delaunay(points).simplices
    edges = np.unique(
        np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]]]), axis=1), axis=0
    )
    edges = edges[generator.random(len(edges)) < 0.6]
    weight = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1) * 1000
    weight = weight * generator.choice([0.5, 1.0, 2.0], len(edges))
    both = np.concatenate([edges, edges[:, ::-1]])
    graph = csr_array((np.tile(weight, 2), (both[:, 0], both[:, 1])), shape=(nodes, nodes))
    seeds = generator.choice(nodes, sources, replace=False).astype(np.int32)
    start, target = graph.indptr.astype(np.int32), graph.indices.astype(np.int32)

    def ours() -> np.ndarray:
        return spread(start, target, graph.data, seeds)[0]

    def peer() -> np.ndarray:
        return np.asarray(dijkstra(graph, indices=seeds, min_only=True))

    assert np.allclose(ours(), peer())
    compare("access_network_1M_x_5000", ours, peer, limit=1.0)


def make_people(folder: Path, side: int = 10_000) -> Path:
    """A raster of side x side people."""
    path = folder / "people.tif"
    generator = np.random.default_rng(4)
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": 1,
        "tiled": True,
        "compress": "DEFLATE",
    }
    with rasterio.open(
        path,
        "w",
        height=side,
        width=side,
        crs="EPSG:4326",
        blockxsize=256,
        blockysize=256,
        transform=rasterio.Affine(2 / side, 0, 120, 0, -2 / side, -6),
        **profile,
    ) as target:
        for top in range(0, side, 1000):
            block = generator.poisson(2, (1000, side)).astype(np.float32)
            target.write(block, 1, window=rasterio.windows.Window(0, top, side, 1000))
    return path


def make_desa_shapes(across: int = 71) -> gpd.GeoDataFrame:
    """About 5,000 desa with wavy borders of 60 vertices over the raster."""
    centres = np.stack(np.meshgrid(np.arange(across), np.arange(across)), -1).reshape(-1, 2)
    middle = [120, -8] + (centres + 0.5) * 2 / across
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    wave = 0.85 + 0.15 * np.cos(5 * angles)
    ring = np.stack([np.cos(angles), np.sin(angles)], -1) * wave[:, None] / across
    polygons = shapely.polygons(middle[:, None, :] + ring[None])
    return gpd.GeoDataFrame(geometry=polygons, crs="EPSG:4326")


def sum_people(path: Path, desa: gpd.GeoDataFrame) -> np.ndarray:
    """People of each desa, read block by block from a raster that need not fit in memory.

    Cells on borders are shared by area.  Desa are visited along the rows of the raster's blocks,
    so that a block is read once and not once for each desa that touches it.
    """
    with rasterio.open(path) as source:
        polygons = desa[["geometry"]].to_crs(source.crs)
    present = np.flatnonzero(~(polygons.geometry.isna() | polygons.geometry.is_empty))
    polygons = polygons.iloc[present].reset_index(drop=True)
    sums = exact_extract(
        str(path),
        polygons,
        ["sum"],
        output="pandas",
        strategy="raster-sequential",
        max_cells_in_memory=MOST_CELLS,
    )
    total = np.full(len(desa), np.nan)
    total[present] = sums["sum"].to_numpy(float)
    return total


def bench_zonal() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, desa = make_people(Path(folder)), make_desa_shapes()

        def peer() -> object:
            return exact_extract(str(path), desa, ["sum"], output="pandas")

        compare("access_zonal_5k_x_10k2", lambda: sum_people(path, desa), peer, limit=1.0, repeat=3)
        absolute("access_zonal_peak", _peak_of("zonal", str(path)), limit=2000, unit="MB")


def bench_siting() -> None:
    generator = np.random.default_rng(6)
    people_at, sites = generator.random((20_000, 2)), generator.random((300, 2))
    apart = np.linalg.norm(people_at[:, None] - sites[None], axis=2)
    cover, people = csr_array((apart < 0.08).astype(float)), generator.uniform(1, 100, 20_000)
    absolute(
        "access_siting_greedy_swap",
        lambda: choose_covering(cover, people, 5),
        limit=0.3,
        repeat=5,
        measure=measure_wall,
    )
    exact, quick = (
        solve_covering(cover, people, 5, time_limit_s=120),
        choose_covering(cover, people, 5),
    )
    absolute("access_siting_highs_gap", exact.gap, unit="")
    absolute("access_siting_loss", 1 - quick.gain / exact.gain, limit=0.01, unit="")
    scenario, candidates = make_scenario(7, 20_000), make_scenario(8, 300).lonlat
    for goal in ("cover", "distance"):
        absolute(
            f"access_siting_explore_{goal}",
            partial(choose_sites, scenario, candidates, 5, goal=goal),
            limit=0.3,
            repeat=5,
        )
        proven = choose_sites(scenario, candidates, 5, goal=goal, effort="prove")
        absolute(f"access_siting_{goal}_gap", proven.siting.gap, unit="")


def bench_kabupaten() -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace, desa, facilities = make_kabupaten(Path(folder))
        services = choose_services(
            ["puskesmas", "pustu", "poskesdes", "posyandu", "paud", "sd", "smp", "sma"]
        )
        absolute(
            "access_kabupaten_all_methods",
            lambda: measure_access(workspace, Path(folder), desa, facilities, services),
            limit=60,
            measure=measure_wall,
        )


def make_kabupaten(folder: Path) -> tuple[Workspace, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """400 desa, 8 services, rasters of 2,000 x 2,000 cells, about 20,000 road edges."""
    from tests.layers.access.world import make_desa, make_facilities

    generator = np.random.default_rng(5)
    squares = [
        shapely.box(
            120 + 0.05 * column, -8 + 0.05 * row, 120.05 + 0.05 * column, -7.95 + 0.05 * row
        )
        for row in range(20)
        for column in range(20)
    ]
    desa = make_desa(*squares)
    parts = []
    kinds = ("puskesmas", "pustu", "poskesdes", "posyandu", "paud", "sd", "smp", "sma")
    for number, kind in enumerate(kinds):
        points = generator.uniform([120, -8], [121, -7], (20 * (number + 1), 2))
        part = make_facilities(*[(float(x), float(y)) for x, y in points], kind=kind)
        part["facility_id"] = f"{kind}-" + part["facility_id"]
        parts.append(part)
    frame = gpd.GeoDataFrame(
        {name: np.concatenate([part[name] for part in parts]) for name in parts[0].columns},
        geometry="geometry",
        crs="EPSG:4326",
    )
    transform = rasterio.Affine(1 / 2000, 0, 120, 0, -1 / 2000, -7)
    for name, values in (
        ("people.tif", generator.poisson(0.3, (2000, 2000))),
        ("friction.tif", generator.uniform(0.005, 0.05, (2000, 2000))),
    ):
        with rasterio.open(
            folder / name,
            "w",
            driver="GTiff",
            height=2000,
            width=2000,
            count=1,
            dtype="float32",
            crs="EPSG:4326",
            transform=transform,
        ) as target:
            target.write(values.astype(np.float32), 1)
    at = np.linspace(0, 1, 101)
    lines = [shapely.linestrings(np.stack([120 + at, np.full(101, -8 + y)], -1)) for y in at]
    lines += [shapely.linestrings(np.stack([np.full(101, 120 + x), -8 + at], -1)) for x in at]
    roads = gpd.GeoDataFrame({"kelas": ["tertiary"] * len(lines)}, geometry=lines, crs="EPSG:4326")
    roads.to_parquet(folder / "roads.parquet")
    workspace = Workspace.model_validate(
        {
            "schema": 1,
            "wilayah": {"id": "x", "name": "X", "scope": ["99.01"], "year": 2025},
            "boundaries": [{"path": "b", "code_system": "kemendagri"}],
            "population": {"path": "people.tif", "year": 2025},
            "friction": {"path": "friction.tif"},
            "roads": [{"path": "roads.parquet", "class_column": "kelas"}],
        }
    )
    return workspace, desa, frame


SHARED = Path(__file__).parents[3] / "shared" / "data"


def bench_jakarta() -> None:
    """Three methods side by side on real input: 261 kelurahan, 334 puskesmas, 18,574 roads."""
    if not SHARED.is_dir():
        return
    speeds, mode = read_speeds(), "motorbike"
    kelurahan = gpd.read_parquet(SHARED / "inasafe_jakarta" / "kelurahan_jakarta.parquet")
    kelurahan["kode"] = [f"k{number:03d}" for number in range(len(kelurahan))]
    puskesmas = gpd.read_parquet(SHARED / "jakarta_fasilitas" / "puskesmas.parquet")
    section = RoadSection(
        path="inasafe_jakarta/jakarta_roads.parquet", class_column="TYPE", oneway_column="ONEWAY"
    )
    roads = read_roads(section, SHARED, speeds).roads
    starts = origins(kelurahan)[["lon", "lat"]].to_numpy(float)
    points = shapely.get_coordinates(puskesmas.geometry.values)
    straight = find_nearest(starts, points).distance_m
    network = build_network(roads, speeds, mode, np.concatenate([starts, points]))
    here, there = np.arange(len(starts)), np.arange(len(points)) + len(starts)
    kmh = speeds.modes[mode].access_kmh
    by_road = measure_reach(network, here, there, kmh, by="metres").cost
    by_time = measure_reach(network, here, there, kmh).cost
    side = 0.00045228819716044
    grid = Grid(106.685, -6.088, side, side, 632, 640)
    cover = Raster(np.ones((grid.rows, grid.columns)), grid, "EPSG:4326")
    friction, _ = build_friction(cover, {"1": "built"}, speeds.modes[mode], roads)
    time = measure_travel_time(np.asarray(friction.values, np.float32), grid, points)
    minutes, _ = Raster(time.minutes, grid, "EPSG:4326").sample(starts)
    reached = np.isfinite(by_road) & np.isfinite(by_time) & np.isfinite(minutes)
    absolute("access_jakarta_reached_by_all_of_261", float(reached.sum()), unit="")
    detour = float(np.median(by_road[reached] / straight[reached]))
    absolute("access_jakarta_median_detour", detour, unit="x")
    for name, one, other in (
        ("straight_road", straight, by_road),
        ("road_time_raster_time", by_time, minutes),
        ("straight_raster_time", straight, minutes),
    ):
        correlation = float(np.corrcoef(one[reached], other[reached])[0, 1])
        absolute(f"access_jakarta_correlation_{name}", correlation, unit="")


def main() -> None:
    """Every figure."""
    bench_jakarta()
    bench_nearest()
    bench_least_cost()
    bench_network()
    bench_zonal()
    bench_siting()
    bench_kabupaten()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _run_task(*sys.argv[1:])
    else:
        main()
