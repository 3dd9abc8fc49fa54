"""CQL2 filters: against a plain evaluation of each feature, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

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
        "nama = kode",
        "penduduk_jiwa + 1 = 2",
        "foo(nama)",
        "(" * 3000 + "true" + ")" * 3000,
        "NOT " * 900 + "true",
        "nama = " + "-" * 3000 + "1",
        " AND ".join(["true"] * 700),
        "S_INTERSECTS(geometry, POLYGON((0 0,1 0,1 1,0 0)))",
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
