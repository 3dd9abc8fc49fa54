"""Ways along roads: on paper, against scipy, and on real roads."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from layers.access.roads.network import Network, build_network
from layers.access.roads.osm_ways import read_osm
from layers.access.roads.reach import measure_nodes, spread
from layers.access.roads.roads import read_roads
from layers.access.roads.roadside import join_roadside
from layers.access.terrain.speeds import read_speeds
from layers.errors import InputError
from layers.workspace.access_sections import RoadSection
from tests.layers.access.steps import measure_reach

GEOD = Geod(ellps="WGS84")
SPEEDS = read_speeds()


Point = tuple[float, float]


def make_roads(*lines: list[Point], kind: str = "primary", oneway: int = 0) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"road_class": kind, "oneway": oneway},
        index=range(len(lines)),
        geometry=[shapely.LineString(line) for line in lines],
        crs="EPSG:4326",
    )


def reach(roads: gpd.GeoDataFrame, origin: Point, facility: Point, by: str = "metres") -> float:
    network = build_network(roads, SPEEDS, "ambulance", np.array([origin, facility]))
    return float(measure_reach(network, np.array([0]), np.array([1]), 4.0, by=by).cost[0])


def metres(*points: tuple[float, float]) -> float:
    lon, lat = np.array(points).T
    return float(GEOD.line_length(lon, lat))


def test_distance_and_time_follow_the_road() -> None:
    corner = [(120.0, -8.0), (120.05, -8.0), (120.05, -8.05)]
    roads = make_roads(corner)
    assert reach(roads, corner[0], corner[2]) == pytest.approx(metres(*corner), abs=0.01)
    minutes = metres(*corner) / 1000 / 50 * 60
    assert reach(roads, corner[0], corner[2], "minutes") == pytest.approx(minutes, rel=1e-6)


def test_a_place_beside_the_road_walks_to_it_and_joins_between_vertices() -> None:
    roads = make_roads([(120.0, -8.0), (120.1, -8.0)])
    found = reach(roads, (120.02, -8.001), (120.08, -8.0))
    leg = metres((120.02, -8.001), (120.02, -8.0))
    assert found == pytest.approx(leg + metres((120.02, -8.0), (120.08, -8.0)), abs=0.05)


def test_beyond_the_snapping_limit_a_place_is_unreachable() -> None:
    roads = make_roads([(120.0, -8.0), (120.1, -8.0)])
    assert np.isnan(reach(roads, (120.05, -8.05), (120.08, -8.0)))


def test_lines_that_cross_without_a_shared_vertex_are_not_joined() -> None:
    bridge = [[(120.0, -8.0), (120.1, -8.0)], [(120.05, -8.05), (120.05, -7.95)]]
    assert np.isnan(reach(make_roads(*bridge), (120.0, -8.0), (120.05, -7.95)))
    junction = [
        [(120.0, -8.0), (120.05, -8.0), (120.1, -8.0)],
        [(120.05, -8.05), (120.05, -8.0), (120.05, -7.95)],
    ]
    assert np.isfinite(reach(make_roads(*junction), (120.0, -8.0), (120.05, -7.95)))


def test_a_one_way_road_is_followed_in_its_direction_only() -> None:
    ends = [(120.0, -8.0), (120.1, -8.0)]
    assert np.isfinite(reach(make_roads(ends, oneway=1), ends[0], ends[1]))
    assert np.isnan(reach(make_roads(ends, oneway=1), ends[1], ends[0]))
    assert np.isfinite(reach(make_roads(ends, oneway=-1), ends[1], ends[0]))


def test_who_walks_is_not_bound_by_a_one_way_road() -> None:
    roads = make_roads([(120.0, -8.0), (120.1, -8.0)], oneway=1)
    places = np.array([[120.1, -8.0], [120.0, -8.0]])
    for mode, is_reached in (("walking", True), ("motorbike", False)):
        network = build_network(roads, SPEEDS, mode, places)
        found = measure_reach(network, np.array([0]), np.array([1]), 4.0)
        assert np.isfinite(found.cost[0]) == is_reached
        side = join_roadside(network.stretches, np.array([[120.05, -8.0]]), 100.0)
        cost = side.measure(measure_nodes(network, np.array([1]), 4.0).cost, 4.0, "minutes")
        assert np.isfinite(cost[0]) == is_reached


def test_a_ferry_joins_two_islands_and_waits_once() -> None:
    land = make_roads([(120.0, -8.0), (120.02, -8.0)], [(120.08, -8.0), (120.1, -8.0)])
    ferry = make_roads([(120.02, -8.0), (120.05, -8.0), (120.08, -8.0)], kind="ferry")
    both = gpd.GeoDataFrame(
        {name: [*land[name], *ferry[name]] for name in land.columns}, crs="EPSG:4326"
    )
    assert np.isnan(reach(land, (120.0, -8.0), (120.1, -8.0)))
    at_sea = metres((120.02, -8.0), (120.08, -8.0)) / 1000 / 15 * 60
    on_land = 2 * metres((120.0, -8.0), (120.02, -8.0)) / 1000 / 50 * 60
    expected = at_sea + on_land + SPEEDS.ferry_boarding_min
    assert reach(both, (120.0, -8.0), (120.1, -8.0), "minutes") == pytest.approx(expected, rel=1e-5)


def random_network(seed: int, count: int = 300) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    generator = np.random.default_rng(seed)
    nodes = generator.uniform([120, -8], [120.2, -7.8], (80, 2))
    pairs = generator.integers(0, 80, (count, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    roads = make_roads(*[[tuple(nodes[a]), tuple(nodes[b])] for a, b in pairs])
    roads["oneway"] = generator.choice([-1, 0, 0, 1], len(roads))
    return roads, generator.uniform([120, -8], [120.2, -7.8], (60, 2))


def as_matrix(network: Network) -> csr_array:
    size = (len(network.start) - 1,) * 2
    return csr_array((network.minutes, network.target, network.start), shape=size)


def test_buckets_give_what_scipy_gives() -> None:
    roads, places = random_network(1)
    network = build_network(roads, SPEEDS, "ambulance", places)
    seeds = network.snap_node[:5]
    ours, _ = spread(network.start, network.target, network.minutes, seeds)
    theirs = dijkstra(as_matrix(network), indices=seeds, min_only=True)
    assert np.allclose(ours, theirs, rtol=1e-12)


def test_the_way_to_a_facility_is_the_reversed_way_from_it() -> None:
    roads, places = random_network(2)
    network = build_network(roads, SPEEDS, "ambulance", places)
    origins, facilities = np.arange(50), np.arange(50, 60)
    found = measure_reach(network, origins, facilities, 4.0)
    legs = network.snap_m / (4000 / 60)
    every = dijkstra(as_matrix(network), indices=network.snap_node[origins])
    total = every[:, network.snap_node[facilities]] + legs[origins, None] + legs[None, facilities]
    least = total.min(axis=1)
    least[np.isinf(least)] = np.nan
    assert np.allclose(found.cost, least, equal_nan=True)


@pytest.mark.parametrize("seed", range(5))
def test_removing_a_road_never_shortens_a_time(seed: int) -> None:
    roads, places = random_network(seed)
    corners = roads.geometry.get_coordinates().to_numpy()[:40]
    origins, facilities = np.arange(30), np.arange(30, 40)
    times = [
        measure_reach(
            build_network(kept, SPEEDS, "ambulance", corners), origins, facilities, 4.0
        ).cost
        for kept in (roads, roads.iloc[1:])
    ]
    places_that_moved = build_network(roads.iloc[1:], SPEEDS, "ambulance", corners).snap_m > 0.01
    fixed = ~places_that_moved[origins] & ~places_that_moved[facilities].any()
    longer = np.isnan(times[1]) | (times[1] >= times[0] - 1e-9)
    assert (longer | ~fixed).all()
    assert len(places) == 60


def test_without_roads_everything_is_unreachable() -> None:
    network = build_network(make_roads(), SPEEDS, "walking", np.array([[120.0, -8.0]]))
    assert np.isnan(measure_reach(network, np.array([0]), np.array([0]), 4.0).cost).all()


def test_osm_pbf_is_read(tmp_path: Path) -> None:
    osmium = pytest.importorskip("osmium")
    path = tmp_path / "roads.osm.pbf"
    writer = osmium.SimpleWriter(str(path))
    for number, lon in enumerate((120.0, 120.1, 120.2), start=1):
        writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, -8.0)))
    tags = [
        {"highway": "primary", "oneway": "yes"},
        {"route": "ferry"},
        {"building": "yes"},
        {"highway": "tertiary", "junction": "roundabout"},
        {"highway": "motorway", "oneway": "no"},
    ]
    for number, tag in enumerate(tags, start=1):
        nodes = {1: [1, 2], 2: [2, 3], 3: [1, 2], 4: [1, 3], 5: [1, 2, 3]}[number]
        writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tag))
    writer.close()
    assert read_osm(path)["highway"].tolist() == ["primary", "ferry", "tertiary", "motorway"]
    section = RoadSection(path=path.name, class_column="highway")
    result = read_roads(section, tmp_path, SPEEDS)
    assert result.roads.set_index("road_class")["oneway"].to_dict() == {
        "primary": 1,
        "ferry": 0,
        "tertiary": 1,
        "motorway": 0,
    }


def test_bad_roads_are_findings_and_the_rest_is_used(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"jenis": ["Jalan Nasional", "sungai", None, "Jalan Nasional"], "arah": ["ya", "", "", ""]},
        geometry=[
            shapely.LineString([(120, -8), (120.1, -8)]),
            shapely.LineString([(120, -8), (120.1, -8.1)]),
            None,
            shapely.LineString([(120.1, -8), (120, -8)]),
        ],
        crs="EPSG:4326",
    )
    frame.to_parquet(tmp_path / "r.parquet")
    section = RoadSection(
        path="r.parquet",
        class_column="jenis",
        oneway_column="arah",
        classes={"Jalan Nasional": "primary"},
    )
    result = read_roads(section, tmp_path, SPEEDS)
    assert sorted(finding.code for finding in result.findings) == [
        "road.duplicate",
        "road.no_line",
        "road.unknown_class",
    ]
    assert (result.load.matched, result.load.unmatched, result.load.duplicates) == (1, 2, 1)
    with pytest.raises(InputError, match="no column"):
        read_roads(section.model_copy(update={"class_column": "x"}), tmp_path, SPEEDS)


def test_the_order_of_rows_changes_nothing_not_even_the_rounding(tmp_path: Path) -> None:
    roads, places = random_network(3)
    roads["kelas"] = ["primary", "track"] * (len(roads) // 2) + ["primary"] * (len(roads) % 2)
    section = RoadSection(path="r.parquet", class_column="kelas", oneway_column="oneway")
    costs = []
    for seed in range(3):
        shuffled = roads.sample(frac=1, random_state=seed).drop(columns="road_class")
        shuffled.assign(oneway=shuffled["oneway"].astype(str)).to_parquet(tmp_path / "r.parquet")
        read = read_roads(section, tmp_path, SPEEDS).roads
        network = build_network(read, SPEEDS, "ambulance", places)
        side = join_roadside(network.stretches, places, 2000.0)
        nodes = measure_nodes(network, np.arange(10), 4.0)
        costs.append((nodes.cost, side.measure(nodes.cost, 4.0, "minutes")))
    for cost in costs[1:]:
        assert all(map(partial(np.array_equal, equal_nan=True), costs[0], cost))


@pytest.mark.real
def test_jakarta_roads_reach_almost_every_kelurahan(shared_data: Path) -> None:
    section = RoadSection(
        path="inasafe_jakarta/jakarta_roads.parquet", class_column="TYPE", oneway_column="ONEWAY"
    )
    result = read_roads(section, shared_data, SPEEDS)
    assert result.load.rows_read == 18574
    kelurahan = gpd.read_parquet(shared_data / "inasafe_jakarta" / "kelurahan_jakarta.parquet")
    puskesmas = gpd.read_parquet(shared_data / "jakarta_fasilitas" / "puskesmas.parquet")
    origins = shapely.get_coordinates(kelurahan.geometry.representative_point().values)
    places = np.concatenate([origins, shapely.get_coordinates(puskesmas.geometry.values)])
    network = build_network(result.roads, SPEEDS, "motorbike", places)
    found = measure_reach(network, np.arange(261), np.arange(261, 261 + 334), 4.0, by="metres")
    straight = np.asarray(
        [GEOD.inv(*np.tile(place, (334, 1)).T, *places[261:].T)[2].min() for place in origins]
    )
    reached = np.isfinite(found.cost)
    assert reached.mean() > 0.97
    assert (found.cost[reached] >= straight[reached] - 0.01).all()
