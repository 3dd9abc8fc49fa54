"""People along roads: the same answer as if each were a node, and everybody accounted for."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.access.gaps.gaps import choose_services
from layers.access.gaps.methods import measure_network_gaps
from layers.access.people.people_grid import PeopleCells
from layers.access.roads.network import build_network
from layers.access.roads.reach import measure_nodes, take_places
from layers.access.roads.roadside import join_roadside
from layers.access.straight.distance import origins
from layers.access.terrain.speeds import read_speeds
from tests.layers.access.steps import measure_reach
from tests.layers.access.test_network import make_roads, random_network
from tests.layers.access.world import make_desa, make_facilities, square

SPEEDS = read_speeds()
KMH = 4.0
NOWHERE = np.empty((0, 2))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("by", ["minutes", "metres"])
def test_people_need_what_they_would_need_as_nodes(seed: int, by: str) -> None:
    roads, places = random_network(seed, count=120)
    roads = roads[~roads.geometry.normalize().to_wkb().duplicated()].reset_index(drop=True)
    facilities, homes = places[:8], places[8:]
    ferry = np.random.default_rng(seed).random(len(roads)) < 0.2
    roads.loc[ferry, "road_class"] = "ferry"
    whole = build_network(roads, SPEEDS, "ambulance", np.concatenate([facilities, homes]))
    rows = np.arange(8)
    expected = measure_reach(whole, np.arange(8, len(places)), rows, KMH, by=by).cost
    small = build_network(roads, SPEEDS, "ambulance", facilities)
    costs = measure_nodes(small, rows, KMH, by=by)
    side = join_roadside(small.stretches, homes, SPEEDS.snap_limit_m)
    found = side.measure(costs.cost, KMH, by)
    assert np.isfinite(expected).sum() > 20
    assert np.allclose(found, expected, rtol=1e-4, equal_nan=True)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_one_facility_more_never_lengthens_a_way_along_roads(seed: int) -> None:
    roads, places = random_network(seed, count=60)
    network = build_network(roads, SPEEDS, "ambulance", places)
    side = join_roadside(network.stretches, places, SPEEDS.snap_limit_m)
    costs = [measure_nodes(network, np.arange(count), KMH) for count in (5, 6)]
    before, after = (side.measure(one.cost, KMH, "minutes") for one in costs)
    assert (np.isnan(before) | (after <= before + 1e-9)).all()
    few, more = (take_places(network, one, np.arange(6, 60), KMH).cost for one in costs)
    assert (np.isnan(few) | (more <= few + 1e-9)).all()


def test_a_one_way_road_is_left_by_its_far_end_only() -> None:
    ends = [(120.0, -8.0), (120.1, -8.0)]
    homes = np.array([[120.05, -8.0], [120.1, -8.0], [120.0, -8.0]])
    for oneway, reached in ((1, [True, True, True]), (-1, [False, True, False])):
        roads = make_roads(ends, oneway=oneway)
        network = build_network(roads, SPEEDS, "ambulance", np.array([ends[1]]))
        costs = measure_nodes(network, np.array([0]), KMH, by="metres")
        side = join_roadside(network.stretches, homes, 100.0)
        assert np.isfinite(side.measure(costs.cost, KMH, "metres")).tolist() == reached


def test_roads_on_each_other_are_one_with_the_faster_speed_each_way() -> None:
    ends = [(120.0, -8.0), (120.1, -8.0)]
    roads = make_roads(ends, ends[::-1])
    roads["road_class"], roads["oneway"] = ["track", "primary"], [0, 1]
    for frame in (roads, roads.iloc[::-1]):
        stretches = build_network(frame, SPEEDS, "ambulance", NOWHERE).stretches
        assert stretches.first.tolist() == [[120.0, -8.0]]
        assert stretches.back_min_m.tolist() == pytest.approx([0.06 / 50])
        assert stretches.ahead_min_m.tolist() == pytest.approx([0.06 / 8])


def test_without_a_road_or_beyond_the_limit_nobody_joins() -> None:
    home = np.array([[120.05, -8.05]])
    empty = build_network(make_roads(), SPEEDS, "walking", NOWHERE)
    assert join_roadside(empty.stretches, home, 1e9).joined.tolist() == []
    far = build_network(make_roads([(120.0, -8.0), (120.1, -8.0)]), SPEEDS, "walking", NOWHERE)
    assert join_roadside(far.stretches, home, 2000.0).joined.tolist() == []
    assert join_roadside(far.stretches, home, 6000.0).joined.tolist() == [0]


def test_the_order_of_roads_does_not_matter_even_between_two() -> None:
    """A home half way between two roads of different speed joins the same one either way."""
    roads = make_roads([(120.0, -8.0), (120.1, -8.0)], [(120.0, -8.01), (120.1, -8.01)])
    roads["road_class"] = ["primary", "track"]
    home = np.array([[120.05, -8.005]])
    rates = [
        join_roadside(
            build_network(frame, SPEEDS, "ambulance", NOWHERE).stretches, home, 2000.0
        ).back_min.tolist()
        for frame in (roads, roads.iloc[::-1])
    ]
    assert rates[0] == rates[1]


def people_of(desa: gpd.GeoDataFrame) -> PeopleCells:
    """Two homes a desa, one on the road and one 5 km beside it; nobody in the third."""
    points = [shapely.centroid(shape).coords[0] for shape in desa.geometry[:2]]
    lonlat = np.array([point for x, y in points for point in ((x, y), (x, y + 0.045))])
    return PeopleCells(
        np.array([0, 0, 1, 1]),
        lonlat,
        np.array([30.0, 12.0, 50.0, 8.0]),
        np.array([42.0, 58.0, 0.0, np.nan]),
        0.0,
    )


def test_people_along_roads_add_up_and_have_the_unit_that_decides() -> None:
    desa = make_desa(square(0), square(1), square(2), None)
    roads = make_roads([(120.0, -7.95), (120.3, -7.95)])
    facilities = make_facilities((120.05, -7.95), kind="puskesmas")
    services = choose_services(["puskesmas", "sd", "smp"])
    near = make_facilities((120.05, -7.95), kind="sd")
    both = gpd.GeoDataFrame(
        {name: [*facilities[name], *near[name]] for name in near.columns}, crs="EPSG:4326"
    )
    both["facility_id"] = ["p", "s"]
    long, _ = measure_network_gaps(
        origins(desa), both, services, roads, SPEEDS, "motorbike", people_of(desa)
    )
    rows = {kind: part.set_index("kode") for kind, part in long.groupby("service")}
    for kind, unit in (("puskesmas", "min"), ("sd", "m")):
        counted = rows[kind][rows[kind]["people"] > 0]
        bands = [name for name in long.columns if name.startswith("people_band_")]
        parts = counted[[*bands, "people_unreached", "people_off_grid"]].sum(axis=1)
        assert parts.tolist() == pytest.approx([42, 58], rel=1e-6)
        assert counted["people_unreached"].tolist() == [12, 8]
        assert counted[f"edge_1_{unit}"].notna().all()
        assert rows[kind]["status"].tolist()[2:] == ["no_population", "no_data"]
    # The second desa is 11 km from the school, and beyond its 3 km.
    assert rows["sd"]["people_beyond_norm"].tolist()[:2] == [0, 50]
    assert rows["puskesmas"]["people_beyond_norm"].tolist()[:2] == [0, 0]
    assert rows["smp"]["people_beyond_norm"].isna().all()
    assert rows["smp"]["people"].tolist()[:3] == [42, 58, 0]
