"""What cuts a part of the roads off: width and place of the gap, and who lives beyond it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from boundaries.findings.report import Finding
from layers.access.roads.network import build_network
from layers.access.roads.road_parts import report_parts
from layers.access.terrain.speeds import read_speeds

SPEEDS = read_speeds()
MAIN = [[(120.0, -8.0), (120.05, -8.0), (120.1, -8.0)], [(120.05, -8.0), (120.05, -7.9)]]
METRE = 1 / 110_200
"""A degree of longitude at 8 degrees south, roughly."""


def report(
    *lines: list[tuple[float, float]],
    places: list[tuple[float, float]],
    people: list[float] | None = None,
    oneway: int = 0,
) -> tuple[Finding, ...]:
    roads = gpd.GeoDataFrame(
        {"road_class": "primary", "oneway": oneway},
        index=range(len(lines)),
        geometry=[shapely.LineString(line) for line in lines],
        crs="EPSG:4326",
    )
    network = build_network(roads, SPEEDS, "motorbike", np.array(places))
    codes = [f"99.01.01.200{number}" for number in range(1, len(places) + 1)]
    starts = pd.DataFrame({"kode": codes, "origin": "settlement"})
    names = pd.Series([f"Desa {number}" for number in range(1, len(places) + 1)])
    total = None if people is None else np.array(people)
    return report_parts(network, roads, starts, names, total)


@pytest.mark.parametrize("width", [2.0, 40.0, 3000.0])
def test_the_gap_has_width_place_and_desa(width: float) -> None:
    start = 120.1 + width * METRE
    side = [(start, -8.0), (start + 0.01, -8.0)]
    (finding,) = report(
        *MAIN, side, places=[(120.0, -8.0), side[0], side[1]], people=[5.0, 250.0, np.nan]
    )
    assert finding.code == "road.disconnected"
    assert finding.measure == pytest.approx(width, rel=0.02)
    assert finding.unit == "m"
    assert finding.value == "Desa 2 (250 jiwa), Desa 3 (? jiwa)"
    assert finding.kode == "99.01.01.2002"
    point = shapely.from_wkt(str(finding.geometry))
    assert shapely.get_x(point) == pytest.approx((120.1 + start) / 2, abs=1e-5)


def test_a_crossing_without_a_joint_is_named_so() -> None:
    side = [(120.02, -8.1), (120.02, -7.95)]
    (finding,) = report(*MAIN, side, places=[(120.0, -8.0), side[0]])
    assert finding.measure == 0
    assert "without a common vertex" in finding.message
    assert finding.value == "Desa 2 (? jiwa)"


def test_parts_without_desa_are_counted_once() -> None:
    far = [[(121.0 + k, -8.0), (121.01 + k, -8.0)] for k in range(3)]
    (finding,) = report(*MAIN, *far, places=[(120.0, -8.0)])
    assert (finding.code, finding.measure) == ("road.loose_parts", 3)


def test_one_part_is_no_finding_whatever_its_direction() -> None:
    for oneway in (0, 1, -1, 2):
        assert report(*MAIN, places=[(120.0, -8.0), (120.1, -8.0)], oneway=oneway) == ()


def test_many_parts_are_named_by_their_people() -> None:
    far = [[(121.0 + k / 10, -8.0), (121.01 + k / 10, -8.0)] for k in range(25)]
    places = [(120.0, -8.0), *(line[0] for line in far)]
    findings = report(*MAIN, *far, places=places, people=[0.0, *range(1, 26)])
    assert [finding.code for finding in findings] == ["road.disconnected"] * 20 + [
        "road.loose_parts"
    ]
    assert findings[0].value == "Desa 26 (25 jiwa)"
    assert findings[-1].measure == 5


def test_without_roads_nothing_is_cut_off() -> None:
    assert report(places=[(120.0, -8.0)]) == ()
