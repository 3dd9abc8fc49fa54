"""Lines of travel time: the borders that bands share, in a frame, and who lives within."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.publish.isolines import (
    MAX_VERTICES,
    count_band_people,
    draw_isolines,
    trace_isolines,
)
from layers.publish.outlines import make_outline
from layers.release.drawing_file import BandPeople, IsolineDrawing, open_isolines


def make_bands(*bands: tuple[float | None, Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "service": "sd",
            "mode": "walking",
            "from_min": [np.nan if start is None else start for start, _ in bands],
        },
        geometry=[shape for _, shape in bands],
        crs="EPSG:4326",
    )


def square(west: float, south: float, east: float, north: float) -> Any:
    """With a vertex at each whole degree of its border, as bands have where another one joins."""
    return shapely.segmentize(shapely.box(west, south, east, north), 1.0)


STRIPES = make_bands(
    (0.0, square(0, 0, 1, 3)), (15.0, square(1, 0, 2, 3)), (30.0, square(2, 0, 3, 3))
)
CHILDREN = gpd.GeoDataFrame(
    {"kode": ["a1"], "nama": ["A"]}, geometry=[square(0, 1, 3, 2)], crs="EPSG:4326"
)


def points_of(path: str) -> list[list[int]]:
    """The points of one open line."""
    start, steps = path.strip("M").split("l")
    numbers = [int(word) for word in re.findall(r"-?\d+", steps)]
    moves = np.array(numbers).reshape(-1, 2)
    first = np.array([int(word) for word in start.split()])
    line: list[list[int]] = np.vstack([first, first + np.cumsum(moves, axis=0)]).tolist()
    return line


def test_a_line_is_a_border_that_two_bands_share_and_no_coast() -> None:
    edges = dict(trace_isolines(STRIPES).edges)
    assert set(edges) == {15.0, 30.0}
    for minutes, x in ((15.0, 1.0), (30.0, 2.0)):
        (line,) = edges[minutes]
        assert line.bounds == (x, 0.0, x, 3.0)


def test_where_a_band_is_left_out_both_edges_run_along_the_border() -> None:
    bands = make_bands(
        (0.0, square(0, 0, 1, 2)), (15.0, square(1, 0, 2, 1)), (30.0, square(1, 1, 2, 2))
    )
    lengths = {
        minutes: shapely.length(parts).sum() for minutes, parts in trace_isolines(bands).edges
    }
    assert lengths == {15.0: 2.0, 30.0: 2.0}


def test_the_order_of_the_bands_changes_nothing() -> None:
    turned = STRIPES.iloc[::-1].reset_index(drop=True)
    one, other = (
        draw_isolines(trace_isolines(bands), "a", CHILDREN) for bands in (STRIPES, turned)
    )
    assert one == other


def test_lines_lie_in_the_frame_of_the_outline_and_end_at_the_wilayah() -> None:
    outline = make_outline("a", "kecamatan", CHILDREN)
    drawn = draw_isolines(trace_isolines(STRIPES), "a", CHILDREN)
    near, far = drawn.edges
    third = outline.width / 3
    for edge, x in ((near, third), (far, 2 * third)):
        line = points_of(edge.d)
        assert {at for at, _ in line} == {round(x)}
        assert sorted(y for _, y in line)[0] == 0
        assert sorted(y for _, y in line)[-1] == outline.height
        assert list(edge.at[0]) in line
    assert drawn.unreached == ""


def test_what_is_not_reached_is_an_area_of_its_own_and_no_edge() -> None:
    bands = make_bands(
        (0.0, square(0, 0, 1, 3)), (15.0, square(1, 0, 2, 3)), (None, square(2, 0, 3, 3))
    )
    lines = trace_isolines(bands)
    assert [minutes for minutes, _ in lines.edges] == [15.0]
    drawn = draw_isolines(lines, "a", CHILDREN)
    assert drawn.unreached.startswith("M")
    assert drawn.unreached.endswith("z")


def test_a_jagged_line_is_thinned_to_what_a_page_can_carry() -> None:
    y = np.linspace(0, 3, 30_001)
    x = 1.5 + np.sin(y * 900) / 2
    jagged = np.column_stack([x, y]).tolist()
    left = shapely.Polygon([*jagged, (0, 3), (0, 0)])
    right = shapely.Polygon([*jagged, (3, 3), (3, 0)])
    drawn = draw_isolines(trace_isolines(make_bands((0.0, left), (15.0, right))), "a", CHILDREN)
    numbers = re.findall(r"-?\d+", drawn.edges[0].d)
    assert 0 < len(numbers) <= 2 * MAX_VERTICES


def test_a_speck_is_not_drawn() -> None:
    speck = shapely.box(0.5, 1.5, 0.502, 1.502)
    rest = shapely.difference(square(0, 0, 3, 3), speck)
    drawn = draw_isolines(trace_isolines(make_bands((0.0, speck), (15.0, rest))), "a", CHILDREN)
    assert drawn.edges == ()


def make_gaps(people: list[float | None]) -> pd.DataFrame:
    count = len(people)
    return pd.DataFrame(
        {
            "kode": [f"1.1.1.{at}" for at in range(count)],
            "service": "sd",
            "method": "raster",
            "people": people,
            "people_unreached": [None if one is None else 1.0 for one in people],
            "people_off_grid": [None if one is None else 0.0 for one in people],
            "edge_1_min": 15.0,
            "edge_2_min": 30.0,
            "people_band_1": [None if one is None else one - 3 for one in people],
            "people_band_2": [None if one is None else 2.0 for one in people],
            "people_band_3": [None if one is None else 0.0 for one in people],
        }
    )


def test_people_of_a_wilayah_are_those_of_its_known_desa() -> None:
    boundaries = gpd.GeoDataFrame(
        {
            "level": "desa",
            "kode": [f"1.1.1.{at}" for at in range(3)],
            "kode_kecamatan": ["1.1.1", "1.1.1", "1.1.2"],
        }
    )
    found = count_band_people(make_gaps([10, None, 99]), "kode_kecamatan", "1.1.1", boundaries)
    assert found["sd"] == BandPeople(
        upto=((15.0, 7.0), (30.0, 2.0), (None, 0.0)),
        unreached=1.0,
        off_grid=0.0,
        total=10.0,
        desa=1,
        desa_total=2,
    )
    assert count_band_people(None, "kode_kecamatan", "1.1.1", boundaries) == {}
    unknown = count_band_people(make_gaps([None, None]), "kode_kecamatan", "1.1.1", boundaries)
    assert unknown == {}, "null is not zero"


def test_a_kind_without_edges_in_minutes_has_no_bands() -> None:
    gaps = make_gaps([10.0]).assign(edge_1_min=np.nan, edge_2_min=np.nan)
    boundaries = gpd.GeoDataFrame(
        {"level": "desa", "kode": ["1.1.1.0"], "kode_kecamatan": ["1.1.1"]}
    )
    assert count_band_people(gaps, "kode_kecamatan", "1.1.1", boundaries) == {}


@pytest.fixture(scope="module")
def drawings(sample_releases: Path) -> dict[str, IsolineDrawing]:
    """Every line of the sample's file through its index."""
    opened = open_isolines(sample_releases / "current")
    found = {key: opened.find(key) for key in opened.keys}
    return {key: drawing for key, drawing in found.items() if drawing is not None}


def test_the_sample_has_lines_of_each_kind_and_wilayah(
    drawings: dict[str, IsolineDrawing],
) -> None:
    kinds = {key.split("/")[0] for key in drawings}
    assert kinds == {"puskesmas", "pustu", "poskesdes", "posyandu", "paud", "sd", "smp", "sma"}
    places = {key.split("/")[1] for key in drawings}
    assert places == {"99.01", "99.01.01", "99.01.02", "99.01.03"}
    assert all(key == f"{drawing.kind}/{drawing.kode}" for key, drawing in drawings.items())
    assert all(drawing.edges and drawing.mode == "motorbike" for drawing in drawings.values())
    assert all(drawing.people and drawing.people.total > 0 for drawing in drawings.values())


def people_of(drawings: dict[str, IsolineDrawing], key: str) -> BandPeople:
    people = drawings[key].people
    assert people is not None
    return people


def test_people_of_the_bands_add_up_in_the_sample(
    sample_releases: Path, drawings: dict[str, IsolineDrawing]
) -> None:
    gaps = pd.read_parquet(sample_releases / "current" / "tables" / "gaps.parquet")
    of_kind = gaps[(gaps["method"] == "raster") & (gaps["service"] == "puskesmas")]
    people = people_of(drawings, "puskesmas/99.01.01")
    inside = of_kind[of_kind["kode"].str.startswith("99.01.01.")]
    assert people.total == inside["people"].sum()
    counts = [count for _, count in people.upto]
    assert sum(counts) + people.unreached + people.off_grid == people.total
    parts = [people_of(drawings, f"puskesmas/99.01.0{number}").total for number in (1, 2, 3)]
    assert people_of(drawings, "puskesmas/99.01").total == sum(parts)
