"""CQL2 filters: against a plain evaluation of each feature, and what they refuse."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import CostlySelectionError, ServerBusyError
from geo_service.ogc import filter_work, filters, like_patterns
from geo_service.releases.store import ReleaseStore
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
    "NOT (kode_kecamatan = '99.01.01' OR penduduk_jiwa = 13)": lambda p: (
        p["kode_kecamatan"] != "99.01.01" and p["penduduk_jiwa"] != 13
    ),
}


@pytest.fixture(scope="session")
def served_desa(releases: Path) -> FeatureIndex:
    return ReleaseStore(releases).current().features("desa")


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


def plain_like(pattern: str, text: str) -> bool:
    """The meaning of LIKE by dynamic programming over all prefixes of the text."""
    reached = {0}
    for piece in re.findall(r"\\.|.", pattern, re.DOTALL):
        if piece == "%":
            reached = set(range(min(reached), len(text) + 1)) if reached else set()
        else:
            matching = {
                i for i in reached if i < len(text) and piece in ("_", f"\\{text[i]}", text[i])
            }
            reached = {i + 1 for i in matching if piece != "%"}
    return len(text) in reached


@given(st.text("ab%_\n", max_size=9), st.text("ab%\n", max_size=12))
@settings(max_examples=500, deadline=None)
def test_like_means_what_every_way_of_matching_means(pattern: str, text: str) -> None:
    assert like_patterns.like_matcher(pattern)(text) == plain_like(pattern, text)


@pytest.mark.parametrize(
    "pattern",
    ["%_%_%_%_%_%_%_%_%_%_%_%_%_%~", "%_" * 1500 + "~", "%a" * 1500 + "b", "%" + "_a" * 900 + "%b"],
)
def test_no_pattern_makes_a_text_slow(pattern: str) -> None:
    matches, text = like_patterns.like_matcher(pattern), "a" * 3000
    started = time.process_time()
    assert not matches(text)
    assert time.process_time() - started < 0.5


def costly(features: FeatureIndex, condition: str, **bounds: Any) -> None:
    filters.select_rows(
        filter_work.Selection(features, **bounds), filters.parse_filter(condition, "cql2-text")
    )


@pytest.mark.parametrize(
    "condition",
    [
        " OR ".join(["nama LIKE '%a%'"] * 9),
        " OR ".join(["penduduk_jiwa > 1"] * 99),
        "casei(nama) IN (" + ",".join(f"'{n}'" for n in range(99)) + ")",
        "NOT (" + " AND ".join(["geometry IS NULL"] * 90) + ")",
    ],
)
def test_work_is_counted_before_it_starts(served_desa: FeatureIndex, condition: str) -> None:
    with pytest.raises(CostlySelectionError):
        costly(served_desa, condition, steps_left=5000)
    costly(served_desa, condition)


def test_geometry_is_counted_before_it_is_read(
    served_desa: FeatureIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes = " OR ".join(["S_INTERSECTS(geometry, BBOX(121.001,-8.499,121.03,-8.47))"] * 3)
    costly(served_desa, boxes)
    monkeypatch.delattr(FeatureIndex, "geometry")
    with pytest.raises(CostlySelectionError):
        costly(served_desa, boxes, steps_left=8000)


def test_time_ends_what_was_counted_too_low(served_desa: FeatureIndex) -> None:
    seconds = iter(range(100))
    with pytest.raises(ServerBusyError):
        costly(served_desa, "true AND true", clock=lambda: float(next(seconds)), patience_s=0.5)


def test_too_much_work_is_refused_by_name(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_work.Selection.__init__, "__defaults__", (10, time.monotonic, 5.0))
    for query in (f"filter={quote('penduduk_jiwa > 1')}", "bbox=121.001,-8.499,121.03,-8.47"):
        answer = client.get(f"{ITEMS}?{query}")
        assert answer.status_code == 400
        assert answer.json()["type"] == "urn:geo-service:problem:costly-selection"


@pytest.mark.parametrize("box", ["181,-10,100,10", "100,-10,-181,10", "400,-10,-400,10"])
def test_a_box_beyond_the_antimeridian_ends(client: Client, box: str) -> None:
    for query in (f"bbox={box}", f"filter={quote(f'S_INTERSECTS(geometry, BBOX({box}))')}"):
        assert client.get(f"{ITEMS}?{query}").status_code in {200, 400}


@pytest.mark.parametrize("place", ["POINT EMPTY", "POLYGON EMPTY", "GEOMETRYCOLLECTION EMPTY"])
def test_an_empty_geometry_is_refused(client: Client, place: str) -> None:
    answer = client.get(f"{ITEMS}?filter={quote(f'S_INTERSECTS(geometry, {place})')}")
    assert answer.status_code == 400
