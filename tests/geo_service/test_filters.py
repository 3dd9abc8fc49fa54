"""CQL2 filters: against a plain evaluation of each feature, and what they refuse."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
import shapely

from geo_service.ogc.filtering import filter_places, filter_work, filters
from layers.release import feature_index
from layers.release.byte_source import MemoryBytes
from layers.release.features import FeatureIndex
from tests.geo_service.client import Client

ITEMS = "/collections/desa/items"
Properties = dict[str, Any]

CASES: dict[str, Callable[[Properties], bool]] = {
    "kode = '99.01.01.2001'": lambda p: p["kode"] == "99.01.01.2001",
    "kode <> '99.01.01.2001'": lambda p: p["kode"] != "99.01.01.2001",
    "kode < '99.01.02'": lambda p: p["kode"] < "99.01.02",
    "kode >= '99.01.02.2006' AND kode <= '99.01.02.2013'": lambda p: (
        "99.01.02.2006" <= p["kode"] <= "99.01.02.2013"
    ),
    "'99.01.02' > kode": lambda p: p["kode"] < "99.01.02",
    "penduduk_jiwa > 3": lambda p: p["penduduk_jiwa"] > 3,
    "penduduk_jiwa BETWEEN 2 AND 4": lambda p: 2 <= p["penduduk_jiwa"] <= 4,
    "idm_skor > 0.6": lambda p: p["idm_skor"] is not None and p["idm_skor"] > 0.6,
    "NOT idm_skor > 0.6": lambda p: p["idm_skor"] is not None and p["idm_skor"] <= 0.6,
    "idm_skor <> 0.4": lambda p: p["idm_skor"] is not None and p["idm_skor"] != 0.4,
    "idm_skor IS NULL": lambda p: p["idm_skor"] is None,
    "idm_skor IS NOT NULL": lambda p: p["idm_skor"] is not None,
    "idm_skor > 0.6 OR nama = 'Desa 1'": lambda p: (
        (p["idm_skor"] or 0) > 0.6 or p["nama"] == "Desa 1"
    ),
    "nama IN ('Desa 1', 'Desa 2', 'x')": lambda p: p["nama"] in {"Desa 1", "Desa 2"},
    "nama NOT IN ('Desa 1')": lambda p: p["nama"] != "Desa 1",
    "nama LIKE 'Desa 1%'": lambda p: p["nama"].startswith("Desa 1"),
    "nama LIKE 'Desa _'": lambda p: len(p["nama"]) == 6,
    "nama NOT LIKE 'D%'": lambda p: not p["nama"].startswith("D"),
    "nama LIKE '%.%'": lambda p: "." in p["nama"],
    "casei(nama) = casei('DESA 1')": lambda p: p["nama"] == "Desa 1",
    "casei(nama) LIKE 'desa%'": lambda p: p["nama"].startswith("Desa"),
    "penduduk_jiwa IN (1, 2)": lambda p: p["penduduk_jiwa"] in {1, 2},
    "true": lambda p: True,
    "true = false": lambda p: False,
    "(penduduk_jiwa > 3) = (nama = 'Desa 5')": lambda p: (
        (p["penduduk_jiwa"] > 3) == (p["nama"] == "Desa 5")
    ),
    "penduduk_jiwa * 2 + 1 > 10 - penduduk_jiwa": lambda p: p["penduduk_jiwa"] > 3,
    "penduduk_jiwa % 5 = 2": lambda p: p["penduduk_jiwa"] % 5 == 2,
    "penduduk_jiwa div 5 = 1": lambda p: p["penduduk_jiwa"] // 5 == 1,
    "penduduk_jiwa ^ 2 < 30": lambda p: p["penduduk_jiwa"] ** 2 < 30,
    "-penduduk_jiwa < -11": lambda p: p["penduduk_jiwa"] > 11,
    "10 / penduduk_jiwa >= 5": lambda p: p["penduduk_jiwa"] in {1, 2},
    "NOT 10 / penduduk_jiwa >= 5": lambda p: p["penduduk_jiwa"] > 2,
    "(10 / penduduk_jiwa) IS NULL": lambda p: p["penduduk_jiwa"] == 0,
    "idm_skor * 0 = 0": lambda p: p["idm_skor"] is not None,
    "idm_skor > penduduk_jiwa": lambda p: (
        p["idm_skor"] is not None and p["idm_skor"] > p["penduduk_jiwa"]
    ),
    "NOT idm_skor > penduduk_jiwa": lambda p: (
        p["idm_skor"] is not None and p["idm_skor"] <= p["penduduk_jiwa"]
    ),
    "kode > kode_kecamatan": lambda p: p["kode"] > p["kode_kecamatan"],
    "nama_kecamatan = nama_kabupaten": lambda p: p["nama_kecamatan"] == p["nama_kabupaten"],
    "idm_skor_status <> jenis": lambda p: p["idm_skor_status"] != p["jenis"],
    "penduduk_jiwa BETWEEN idm_skor * 4 AND 5": lambda p: (
        p["idm_skor"] is not None and p["idm_skor"] * 4 <= p["penduduk_jiwa"] <= 5
    ),
    "penduduk_jiwa IN (idm_skor_tahun - 2020, 7)": lambda p: p["penduduk_jiwa"] in {4, 7},
    "accenti(nama) LIKE '%\"e\"'": lambda p: p["nama"].endswith('"é"'),
    "casei(accenti(nama)) LIKE casei('PULAU%e\"')": lambda p: p["nama"].startswith("Pulau"),
    "nama LIKE '%\"e\"'": lambda p: False,
    "accenti(nama) = accenti('Désa 1')": lambda p: p["nama"] == "Desa 1",
    "T_BEFORE(DATE('2020-01-01'), TIMESTAMP('2020-01-01T00:00:01Z'))": lambda p: True,
    "DATE('2020-01-01') > DATE('2020-01-02')": lambda p: False,
    "NOT (kode_kecamatan = '99.01.01' OR penduduk_jiwa = 13)": lambda p: (
        p["kode_kecamatan"] != "99.01.01" and p["penduduk_jiwa"] != 13
    ),
}


def ask(client: Client, condition: str, language: str = "cql2-text") -> Any:
    return client.json(f"{ITEMS}?limit=100&filter={quote(condition)}&filter-lang={language}")


@pytest.mark.parametrize("condition", CASES)
def test_a_condition_selects_what_it_says(client: Client, condition: str) -> None:
    everything = client.json(f"{ITEMS}?limit=100")["features"]
    expected = [f["id"] for f in everything if CASES[condition](f["properties"])]
    found = ask(client, condition)
    assert [f["id"] for f in found["features"]] == expected
    assert found["numberMatched"] == len(expected)


def test_json_and_text_are_one_language(client: Client) -> None:
    condition = json.dumps({"op": "=", "args": [{"property": "nama"}, "Desa 1"]})
    assert ask(client, condition, "cql2-json")["numberMatched"] == 1


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("S_INTERSECTS(geometry, POINT(121.01 -8.49))", 1),
        ("S_INTERSECTS(geometry, BBOX(121.001,-8.499,121.03,-8.47))", 4),
        ("NOT S_INTERSECTS(geometry, POINT(121.01 -8.49))", 12),
        ("geometry IS NULL", 1),
    ],
)
def test_places_select_too(client: Client, condition: str, count: int) -> None:
    assert ask(client, condition)["numberMatched"] == count


SQUARE = "POLYGON((121.02 -8.5,121.04 -8.5,121.04 -8.48,121.02 -8.48,121.02 -8.5))"
"""The second desa."""
PLACES = {
    "POINT": "POINT(121.03 -8.49)",
    "CORNER": "POINT(121.02 -8.48)",
    "SQUARE": SQUARE,
    "WIDE": "POLYGON((121 -8.5,121.07 -8.5,121.07 -8.46,121 -8.5))",
    "HOLED": SQUARE.replace("))", "),(121.025 -8.495,121.03 -8.495,121.03 -8.49,121.025 -8.495))"),
    "LINE": "LINESTRING(121.01 -8.49,121.05 -8.49)",
    "LINES": "MULTILINESTRING((121.01 -8.49,121.05 -8.47),(0 0,1 1))",
    "POINTS": "MULTIPOINT((121.01 -8.49),(121.3 -8.5))",
    "SQUARES": f"MULTIPOLYGON({SQUARE.removeprefix('POLYGON')},((0 0,1 0,1 1,0 0)))",
    "COLLECTION": "GEOMETRYCOLLECTION(POINT(121.03 -8.49),LINESTRING(121.05 -8.49,121.06 -8.49))",
    "BBOX": "BBOX(121.001,-8.499,121.03,-8.47)",
}
RELATIONS = [name.removeprefix("s_") for name in filter_places.RELATIONS]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("relation", RELATIONS)
def test_relations_of_places_are_those_of_shapely(
    client: Client, relation: str, place: str
) -> None:
    text = PLACES[place]
    box = shapely.box(121.001, -8.499, 121.03, -8.47)
    shape = box if place == "BBOX" else shapely.from_wkt(text)
    shapes = {
        feature["id"]: shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in client.json(f"{ITEMS}?limit=100")["features"]
        if feature["geometry"]
    }
    predicate = getattr(shapely, relation)
    holds = {fid for fid, of_row in shapes.items() if predicate(of_row, shape)}
    reverse = {fid for fid, of_row in shapes.items() if predicate(shape, of_row)}
    for condition, expected in {
        f"S_{relation}(geometry, {text})": holds,
        f"S_{relation}({text}, geometry)": reverse,
        f"NOT S_{relation}(geometry, {text})": set(shapes) - holds,
    }.items():
        assert {row["id"] for row in ask(client, condition)["features"]} == expected, condition


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_geometry_is_to_itself_as_every_geometry_is(client: Client, relation: str) -> None:
    holds = relation in {"intersects", "equals", "within", "contains"}
    matched = ask(client, f"S_{relation}(geometry, geometry)")["numberMatched"]
    assert matched == (13 if holds else 0)


MOMENTS = [f"2020-01-{day:02d}" for day in range(1, 5)]
SPANS = [(a, b) for a in range(4) for b in range(a, 4)]
TEMPORAL: dict[str, Callable[[int, int, int, int], bool]] = {
    "AFTER": lambda a, b, c, d: a > d,
    "BEFORE": lambda a, b, c, d: b < c,
    "CONTAINS": lambda a, b, c, d: a < c and d < b,
    "DISJOINT": lambda a, b, c, d: b < c or d < a,
    "DURING": lambda a, b, c, d: c < a and b < d,
    "EQUALS": lambda a, b, c, d: (a, b) == (c, d),
    "FINISHEDBY": lambda a, b, c, d: a < c and b == d,
    "FINISHES": lambda a, b, c, d: c < a and b == d,
    "INTERSECTS": lambda a, b, c, d: not (b < c or d < a),
    "MEETS": lambda a, b, c, d: b == c,
    "METBY": lambda a, b, c, d: a == d,
    "OVERLAPPEDBY": lambda a, b, c, d: c < a < d < b,
    "OVERLAPS": lambda a, b, c, d: a < c < b < d,
    "STARTEDBY": lambda a, b, c, d: a == c and d < b,
    "STARTS": lambda a, b, c, d: a == c and b < d,
}


@pytest.mark.parametrize("relation", TEMPORAL)
def test_times_lie_to_each_other_as_the_standard_says(
    served_desa: FeatureIndex, relation: str
) -> None:
    """CQL2, 7.12: of all pairs of intervals of four days."""
    for (a, b), (c, d) in itertools.product(SPANS, SPANS):
        left, right = ("','".join(MOMENTS[day] for day in span) for span in ((a, b), (c, d)))
        text = f"T_{relation}(INTERVAL('{left}'), INTERVAL('{right}'))"
        selection = filter_work.Selection(served_desa)
        holds = filters.select_rows(selection, filters.parse_filter(text, "cql2-text"))
        assert holds.all() == holds.any() == TEMPORAL[relation](a, b, c, d), text


def test_dates_of_a_property_are_moments() -> None:
    """Of a property that is declared as one."""
    texts = feature_index.PropertyColumn.of_texts(["2020-01-02", None, "2020-03-01"])
    places = np.full((3, 4), np.nan)
    lines = [feature_index.encode_feature(fid, None, {}) for fid in range(3)]
    offsets = np.cumsum([0, *map(len, lines)]).astype(np.uint64)
    table = feature_index.FeatureTable(np.arange(3), offsets, places, {"mulai": texts})
    index = MemoryBytes(feature_index.encode_index(table))
    features = FeatureIndex(MemoryBytes(b"".join(lines)), index, "x")
    for text, expected in {
        "T_AFTER(mulai, DATE('2020-02-01'))": [False, False, True],
        "NOT T_AFTER(mulai, DATE('2020-02-01'))": [True, False, False],
        "mulai < TIMESTAMP('2020-02-01T00:00:00+08:00')": [True, False, False],
        "T_DURING(mulai, INTERVAL('..', '2020-02-01'))": [True, False, False],
        "T_INTERSECTS(INTERVAL(mulai, '..'), DATE('2021-01-01'))": [True, False, True],
    }.items():
        selection = filter_work.Selection(features, dates=frozenset({"mulai"}))
        holds = filters.select_rows(selection, filters.parse_filter(text, "cql2-text"))
        assert holds.tolist() == expected, text


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("nama ILIKE 'desa 1'", {"Desa 1"}),
        ("(nama ILIKE 'DESA 1_') AND (nama <> 'Desa 11')", {"Desa 10", "Desa 12"}),
        ("nama NOT ILIKE 'desa%'", {"Pulau 'Kecil' \"é\"", "Tanpa Batas"}),
        ("nama = 'x ILIKE ''y'''", set()),
        ("nama LIKE 'Desa 1'", {"Desa 1"}),
    ],
)
def test_the_older_language_of_gdal_is_understood(
    client: Client, condition: str, names: set[str]
) -> None:
    page = ask(client, condition, "cql-text")
    assert {feature["properties"]["nama"] for feature in page["features"]} == names


def test_a_filter_is_combined_with_the_other_parameters_and_kept_in_links(client: Client) -> None:
    url = f"{ITEMS}?filter={quote('penduduk_jiwa > 1')}&kode_kecamatan=99.01.01&limit=2"
    page = client.json(url)
    following = next(link["href"] for link in page["links"] if link["rel"] == "next")
    rest = client.json(following)
    assert page["numberMatched"] == rest["numberMatched"]
    assert page["features"][0]["id"] != rest["features"][0]["id"]


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "a=",
        "nope = 1",
        "nama = 1",
        "penduduk_jiwa = 'x'",
        "penduduk_jiwa LIKE 'x'",
        "nama",
        "nama = penduduk_jiwa",
        "nama + 1 = 2",
        "nama = foo(kode)",
        "A_CONTAINS(nama, ('x'))",
        "casei(penduduk_jiwa) = '1'",
        "nama LIKE kode",
        "foo(nama)",
        "penduduk_jiwa" + " + 1" * 900 + " > 1",
        "(" * 3000 + "true" + ")" * 3000,
        "NOT " * 900 + "true",
        "nama = " + "-" * 3000 + "1",
        " AND ".join(["true"] * 700),
        "S_WITHIN(geometry, POLYGON((0 0,1 1,1 0,0 1,0 0)))",
        "S_WITHIN(geometry, 'x')",
        "S_INTERSECTS(nama, POINT(0 0))",
        "T_AFTER(nama, DATE('2020-01-01'))",
        "nama IN ()",
        "x" * 5000,
    ],
)
def test_what_is_not_understood_is_refused(client: Client, condition: str) -> None:
    answer = client.get(f"{ITEMS}?filter={quote(condition)}")
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:geo-service:problem:malformed-filter"


@pytest.mark.parametrize(
    "condition",
    [
        "{",
        "[]",
        "1",
        '{"op":"="}',
        '{"op":"=","args":[]}',
        '{"op":"and","args":[]}',
        '{"op":"not","args":[]}',
        '{"op":"isNull","args":[]}',
        '{"op":"not","args":[' * 500,
        '{"op":"casei","args":[]}',
        '{"op":"=","args":[{"op":"casei","args":[]},"x"]}',
        '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point"}]}',
    ],
)
def test_json_that_is_not_understood_is_refused(client: Client, condition: str) -> None:
    answer = client.get(f"{ITEMS}?filter-lang=cql2-json&filter={quote(condition)}")
    assert answer.status_code == 400


@pytest.mark.parametrize("box", ["181,-10,100,10", "100,-10,-181,10", "400,-10,-400,10"])
def test_a_box_beyond_the_antimeridian_ends(client: Client, box: str) -> None:
    for query in (f"bbox={box}", f"filter={quote(f'S_INTERSECTS(geometry, BBOX({box}))')}"):
        assert client.get(f"{ITEMS}?{query}").status_code in {200, 400}


@pytest.mark.parametrize("place", ["POINT EMPTY", "POLYGON EMPTY", "GEOMETRYCOLLECTION EMPTY"])
def test_an_empty_geometry_is_refused(client: Client, place: str) -> None:
    answer = client.get(f"{ITEMS}?filter={quote(f'S_INTERSECTS(geometry, {place})')}")
    assert answer.status_code == 400
