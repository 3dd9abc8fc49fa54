"""Directions of roads: a world of two nodes for each word and each file that may hold it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from boundaries.findings.report import Finding
from layers.access.roads.network import build_network
from layers.access.roads.road_directions import read_direction
from layers.access.roads.roads import read_roads
from layers.access.roads.roadside import join_roadside
from layers.access.terrain.speeds import read_speeds
from layers.workspace.access_sections import RoadSection
from tests.layers.access.steps import measure_reach

SPEEDS = read_speeds()
A, B = (120.0, -8.0), (120.1, -8.0)
ALONG, AGAINST, BOTH, NEITHER = (True, False), (False, True), (True, True), (False, False)
WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path], object]] = {
    "r.shp": lambda frame, path: frame.to_file(path),
    "r.gpkg": lambda frame, path: frame.to_file(path),
    "r.geojson": lambda frame, path: frame.to_file(path),
    "r.fgb": lambda frame, path: frame.to_file(path),
    "r.parquet": lambda frame, path: frame.to_parquet(path),
}
WORDS = {
    "F": ALONG,
    "yes": ALONG,
    "true": ALONG,
    "True": ALONG,
    "1": ALONG,
    "ya": ALONG,
    "YA": ALONG,
    "Satu Arah": ALONG,
    "1 arah": ALONG,
    "searah": ALONG,
    "Jalan Satu Arah": ALONG,
    "FT": ALONG,
    "[True, True]": ALONG,
    "['yes', 'yes']": ALONG,
    "[True]": ALONG,
    "T": AGAINST,
    "-1": AGAINST,
    "reverse": AGAINST,
    "TF": AGAINST,
    "berlawanan": AGAINST,
    "B": BOTH,
    "no": BOTH,
    "False": BOTH,
    "0": BOTH,
    "tidak": BOTH,
    "dua arah": BOTH,
    "Dua-Arah": BOTH,
    "2 arah": BOTH,
    "alternating": BOTH,
    "[False, False]": BOTH,
    "N": BOTH,
    "bukan satu arah": BOTH,
    "-": BOTH,
    "reversible": NEITHER,
    "maybe": NEITHER,
    "2": NEITHER,
    "t": NEITHER,
    "f": NEITHER,
    "[True, False]": NEITHER,
    "['yes', 'no']": NEITHER,
    "tidak ada data": NEITHER,
    "1 - Satu Arah": ALONG,
    "2. Dua Arah": BOTH,
    "Lalu Lintas Satu Arah": ALONG,
    "searah digitasi": ALONG,
    "berlawanan arah digitasi": AGAINST,
}
COLUMNS: dict[tuple[str, ...], tuple[bool, bool]] = {
    # Letters of Geofabrik beside its B; without it they may be true and false, or ya and tidak.
    ("F", "B"): ALONG,
    ("T", "B", "B"): AGAINST,
    ("T", "B", ""): AGAINST,
    ("F", "T"): NEITHER,
    ("T", "F", ""): NEITHER,
    ("T", "Y"): NEITHER,
    ("T", "N"): NEITHER,
    ("F", ""): NEITHER,
    ("T", "yes", "B"): NEITHER,
    ("B", "1", "T"): NEITHER,
    ("F", "false", "B"): NEITHER,
    # Numbers of a list that only its maker knows.
    ("1", "2"): NEITHER,
    ("0", "1", "2"): NEITHER,
    ("1", "2", "3"): NEITHER,
    ("1", "0"): ALONG,
    ("-1", "1", "0"): AGAINST,
    ("1", "-1", "yes", "no"): ALONG,
    ("Y", "N"): ALONG,
    ("YA", "TIDAK"): ALONG,
    ("FT", "TF", "N"): ALONG,
    ("Satu Arah", "Dua Arah"): ALONG,
}
"""Ways along the first road of a column that holds these words."""


def make_frame(
    *words: object, lines: list[list[tuple[float, float]]] | None = None
) -> gpd.GeoDataFrame:
    lines = [[A, B]] * len(words) if lines is None else lines
    return gpd.GeoDataFrame(
        {"fclass": "primary", "oneway": list(words)},
        geometry=[shapely.LineString(line) for line in lines],
        crs="EPSG:4326",
    )


def travel(
    folder: Path, name: str, mode: str = "motorbike", column: str | None = "oneway", **keys: object
) -> tuple[tuple[bool, bool], list[Finding]]:
    """Whether A reaches B and B reaches A, and the findings."""
    section = RoadSection.model_validate(
        {"path": name, "class_column": "fclass", "oneway_column": column, **keys}
    )
    result = read_roads(section, folder, SPEEDS)
    network = build_network(result.roads, SPEEDS, mode, np.array([A, B]))
    ways = [
        bool(np.isfinite(measure_reach(network, np.array([start]), np.array([end]), 4.0).cost[0]))
        for start, end in ((0, 1), (1, 0))
    ]
    return (ways[0], ways[1]), list(result.findings)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("word", WORDS)
def test_each_word_in_each_file(tmp_path: Path, name: str, word: str) -> None:
    WRITERS[name](make_frame(word), tmp_path / name)
    ways, findings = travel(tmp_path, name)
    assert ways == WORDS[word]
    codes = [finding.code for finding in findings]
    assert codes == (["road.unknown_oneway"] if ways == NEITHER else [])


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("words", COLUMNS)
def test_a_word_means_what_its_column_allows(
    tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    lines = [[A, B], *([(121.0 + at, -8.0), (121.1 + at, -8.0)] for at in range(1, len(words)))]
    frame = make_frame(*words, lines=lines).rename(columns={"fclass": "jenis"})
    WRITERS[name](frame, tmp_path / name)
    ways, findings = travel(tmp_path, name, class_column="jenis")
    assert ways == COLUMNS[words]
    assert (words[0] in {finding.value for finding in findings}) is (ways == NEITHER)
    declared = travel(tmp_path, name, class_column="jenis", directions={words[0]: "against"})
    assert declared[0] == AGAINST


@pytest.mark.parametrize("word", ["F", "T"])
def test_one_letter_on_every_road_of_a_large_file_is_no_direction(
    tmp_path: Path, word: str
) -> None:
    far = [[(121.0 + at, -8.0), (121.1 + at, -8.0)] for at in range(1, 12)]
    make_frame(*[word] * 12, lines=[[A, B], *far]).to_file(tmp_path / "r.gpkg")
    ways, (finding,) = travel(tmp_path, "r.gpkg")
    assert ways == NEITHER
    assert "true and false" in finding.message


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(
    ("words", "ways"),
    [
        ((True,), ALONG),
        ((False,), BOTH),
        ((1,), ALONG),
        ((-1,), AGAINST),
        ((0,), BOTH),
        ((1.0,), ALONG),
        ((-1.0,), AGAINST),
        ((None,), BOTH),
    ],
)
def test_numbers_and_truth_values(
    tmp_path: Path, name: str, words: tuple[object, ...], ways: tuple[bool, bool]
) -> None:
    # Beside an empty cell an integer column becomes one of floats.
    far = [(121.0, -8.0), (121.1, -8.0)]
    frame = make_frame(*words, None, lines=[[A, B], far])
    frame["oneway"] = frame["oneway"].astype("boolean" if isinstance(words[0], bool) else "Float64")
    WRITERS[name](frame, tmp_path / name)
    found, findings = travel(tmp_path, name)
    assert found == ways
    assert findings == []


@pytest.mark.parametrize(
    ("word", "ways"), [("F", AGAINST), ("T", ALONG), ("-1", ALONG), ("yes", AGAINST)]
)
def test_a_line_drawn_the_other_way(tmp_path: Path, word: str, ways: tuple[bool, bool]) -> None:
    make_frame(word, lines=[[B, A]]).to_file(tmp_path / "r.gpkg")
    assert travel(tmp_path, "r.gpkg")[0] == ways


@pytest.mark.parametrize(
    ("tags", "ways"),
    [
        ({"oneway": "yes"}, ALONG),
        ({"oneway": "-1"}, AGAINST),
        ({}, BOTH),
        ({"oneway": "reversible"}, NEITHER),
        ({"junction": "roundabout"}, ALONG),
        ({"oneway": "x"}, NEITHER),
        ({"oneway": "no"}, BOTH),
    ],
)
def test_osm(tmp_path: Path, tags: dict[str, str], ways: tuple[bool, bool]) -> None:
    osmium = pytest.importorskip("osmium")
    writer = osmium.SimpleWriter(str(tmp_path / "r.osm.pbf"))
    for number, place in enumerate((A, B), start=1):
        writer.add_node(osmium.osm.mutable.Node(id=number, location=place))
    road = {"highway": "primary", **tags}
    writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags=road))
    writer.close()
    found, findings = travel(tmp_path, "r.osm.pbf")
    assert found == ways
    assert bool(findings) == (ways == NEITHER)


@pytest.mark.parametrize("name", WRITERS)
def test_an_export_of_osm_has_one_way_roundabouts(tmp_path: Path, name: str) -> None:
    frame = make_frame(None).rename(columns={"fclass": "highway"})
    frame["oneway"] = frame["oneway"].astype("string")
    WRITERS[name](frame.assign(junction="roundabout"), tmp_path / name)
    assert travel(tmp_path, name, class_column="highway")[0] == ALONG


def test_real_lists_of_parquet(tmp_path: Path) -> None:
    make_frame([True, True]).to_parquet(tmp_path / "r.parquet")
    assert travel(tmp_path, "r.parquet")[0] == ALONG
    make_frame([True, False]).to_parquet(tmp_path / "r.parquet")
    assert travel(tmp_path, "r.parquet")[0] == NEITHER


def test_an_unknown_word_says_word_count_and_rows(tmp_path: Path) -> None:
    lines = [[A, B], [B, (120.2, -8.0)], [(120.2, -8.0), (120.3, -8.0)]]
    make_frame("yes", "Hm", "Hm", lines=lines).to_file(tmp_path / "r.gpkg")
    _, (finding,) = travel(tmp_path, "r.gpkg")
    assert (finding.value, finding.measure, finding.row) == ("Hm", 2, 2)
    assert "Rows: 2, 3." in finding.message


def test_a_declared_word_wins(tmp_path: Path) -> None:
    make_frame("2").to_file(tmp_path / "r.gpkg")
    for word, ways in (("both", BOTH), ("along", ALONG), ("against", AGAINST)):
        assert travel(tmp_path, "r.gpkg", directions={"2": word}) == (ways, [])


def test_who_walks_uses_a_road_of_unknown_direction(tmp_path: Path) -> None:
    make_frame("maybe").to_file(tmp_path / "r.gpkg")
    assert travel(tmp_path, "r.gpkg", "walking")[0] == BOTH


def test_people_along_a_road_of_unknown_direction_drive_nowhere(tmp_path: Path) -> None:
    make_frame("maybe").to_file(tmp_path / "r.gpkg")
    section = RoadSection(path="r.gpkg", class_column="fclass", oneway_column="oneway")
    roads = read_roads(section, tmp_path, SPEEDS).roads
    network = build_network(roads, SPEEDS, "motorbike", np.array([A, B]))
    side = join_roadside(network.stretches, np.array([[120.05, -8.0]]), 100.0)
    cost = np.zeros(len(network.start) - 1)
    assert np.isnan(side.measure(cost, 4.0, "minutes")[0])


def test_small_letters_are_geofabriks_beside_b(tmp_path: Path) -> None:
    lines = [[A, B], [B, (120.2, -8.0)]]
    make_frame("t", "b", lines=lines).to_file(tmp_path / "r.gpkg")
    assert travel(tmp_path, "r.gpkg") == (AGAINST, [])


def test_n_beside_ft_is_closed(tmp_path: Path) -> None:
    make_frame("N", "FT", lines=[[A, B], [B, (120.2, -8.0)]]).to_file(tmp_path / "r.gpkg")
    ways, findings = travel(tmp_path, "r.gpkg")
    assert ways == NEITHER
    assert [finding.value for finding in findings] == ["N"]


def test_a_column_that_nobody_declares_is_said(tmp_path: Path) -> None:
    make_frame("F").to_file(tmp_path / "r.gpkg")
    ways, (finding,) = travel(tmp_path, "r.gpkg", column=None)
    assert ways == BOTH
    assert (finding.code, finding.value) == ("road.oneway_not_declared", "oneway")
    make_frame("B").to_file(tmp_path / "s.gpkg")
    assert travel(tmp_path, "s.gpkg", column=None) == (BOTH, [])


@pytest.mark.parametrize(
    ("words", "lines", "ways"),
    [
        (("yes", "yes"), [[A, B], [B, A]], BOTH),
        (("yes", "-1"), [[A, B], [A, B]], BOTH),
        (("-1", "yes"), [[A, B], [B, A]], AGAINST),
        (("yes", "no"), [[A, B], [A, B]], ALONG),
        (("no", "yes"), [[A, B], [B, A]], AGAINST),
        (("no", "no"), [[A, B], [B, A]], BOTH),
        (("maybe", "yes"), [[A, B], [A, B]], ALONG),
        (("maybe", "no"), [[A, B], [A, B]], NEITHER),
    ],
)
def test_one_line_in_two_rows(
    tmp_path: Path,
    words: tuple[str, str],
    lines: list[list[tuple[float, float]]],
    ways: tuple[bool, bool],
) -> None:
    for order in ((0, 1), (1, 0)):
        frame = make_frame(*(words[i] for i in order), lines=[lines[i] for i in order])
        frame.to_file(tmp_path / "r.gpkg")
        assert travel(tmp_path, "r.gpkg")[0] == ways


def test_a_loop_in_two_rows_keeps_its_direction(tmp_path: Path) -> None:
    loop = [A, (120.05, -7.95), B, (120.05, -8.05), A]
    turned = [*loop[2:], *loop[1:3]]
    make_frame("yes", "yes", lines=[loop, turned]).to_file(tmp_path / "r.gpkg")
    section = RoadSection(path="r.gpkg", class_column="fclass", oneway_column="oneway")
    result = read_roads(section, tmp_path, SPEEDS)
    assert len(result.roads) == 1
    assert abs(int(result.roads["oneway"].iloc[0])) == 1


@pytest.mark.parametrize("word", [None, np.nan, "", "  "])
def test_an_empty_cell_is_both_ways(word: object) -> None:
    assert read_direction(word) == 0


@pytest.mark.parametrize("name", ["r.parquet", "r.geojson", "r.gpkg"])
def test_lists_of_joined_roads_are_read_where_their_parts_agree(tmp_path: Path, name: str) -> None:
    lines = [[(120 + x, -8.0), (120.05 + x, -8.0)] for x in (0.0, 0.1, 0.2)]
    frame = gpd.GeoDataFrame(
        {
            "highway": [["primary", "primary"], ["primary", "secondary"], ["primary"]],
            "oneway": [[True, True], [True], [True, False]],
            "junction": [["roundabout"], [], None],
        },
        geometry=[shapely.LineString(line) for line in lines],
        crs="EPSG:4326",
    )
    WRITERS[name](frame, tmp_path / name)
    section = RoadSection(path=name, class_column="highway", oneway_column="oneway")
    result = read_roads(section, tmp_path, SPEEDS)
    assert result.roads["oneway"].tolist() == [1, 2]
    told = {finding.code: finding.message for finding in result.findings}
    assert "['primary', 'secondary']" in told["road.unknown_class"]
    assert "'[True, False]'" in told["road.unknown_oneway"]


def test_declared_words_that_never_occur_are_told(tmp_path: Path) -> None:
    make_frame("x").to_file(tmp_path / "r.geojson")
    section = RoadSection(
        path="r.geojson",
        class_column="fclass",
        oneway_column="oneway",
        directions={"x": "along", "y": "against"},
        classes={"jalan desa": "track"},
    )
    found = read_roads(section, tmp_path, SPEEDS).findings
    assert sorted(f.value or "" for f in found if f.code == "input.word_unused") == [
        "jalan desa",
        "y",
    ]
    assert any("'x' (1 rows)" in f.message for f in found)


def test_roads_without_a_feature_are_no_missing_column(tmp_path: Path) -> None:
    (tmp_path / "r.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    section = RoadSection(path="r.geojson", class_column="fclass", oneway_column="oneway")
    assert read_roads(section, tmp_path, SPEEDS).load.rows_read == 0


@pytest.mark.parametrize(
    ("column", "words", "is_reported"),
    [
        ("ARAH", ("Satu Arah", "Dua Arah"), True),
        ("lalin", ("1 - Satu Arah", None), True),
        ("dir", ("FT", "TF"), True),
        ("kend", ("berlawanan", "no"), True),
        ("lajur", ("Dua Arah", "Dua Arah"), False),
        ("arah", ("Utara", "Selatan"), False),
        ("rusak", ("ya", "tidak"), False),
        ("kelas", ("1", "-1"), False),
        ("ket", ("satu arah", "jalan rusak"), False),
    ],
)
def test_a_column_with_words_for_directions_is_reported_whatever_its_name(
    tmp_path: Path, column: str, words: tuple[object, object], is_reported: bool
) -> None:
    frame = make_frame(*words, lines=[[A, B], [B, (120.2, -8.0)]])
    frame.rename(columns={"oneway": column}).to_file(tmp_path / "r.gpkg")
    _, findings = travel(tmp_path, "r.gpkg", column=None)
    assert [finding.value for finding in findings] == ([column] if is_reported else [])
