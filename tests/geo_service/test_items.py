"""Pages of features: selection, counts, paging, and the bytes of a feature."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import shapely

from geo_service.http import parameter_names
from tests.geo_service.client import Client

ITEMS = "/collections/desa/items"


def codes(page: dict[str, Any]) -> list[str]:
    return [feature["properties"]["kode"] for feature in page["features"]]


def test_a_property_selects_by_equality(client: Client) -> None:
    page = client.json(f"{ITEMS}?kode_kecamatan=99.01.01")
    assert page["numberMatched"] == page["numberReturned"] == len(page["features"]) == 6
    assert {f["properties"]["kode_kecamatan"] for f in page["features"]} == {"99.01.01"}


def test_a_property_of_the_name_of_a_tracking_parameter_selects(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parameter_names, "TRACKING", frozenset({"kode_kecamatan", "gclid"}))
    page = client.json(f"{ITEMS}?kode_kecamatan=99.01.01&gclid=1&limit=2")
    assert page["numberMatched"] == 6


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("nama=Desa 1", 1),
        ("nama=Pulau 'Kecil' \"é\"", 1),
        ("nama=none", 0),
        ("idm_skor=0.4", 1),
        ("penduduk_jiwa=0", 1),
        ("penduduk_jiwa=0&nama=Desa 1", 1),
        ("penduduk_jiwa=1&nama=Desa 1", 0),
        ("idm_skor_status=no_data", 1),
    ],
)
def test_conditions_are_combined(client: Client, query: str, count: int) -> None:
    assert client.json(f"{ITEMS}?{query}")["numberMatched"] == count


def test_paging_gives_every_feature_once_and_keeps_the_parameters(client: Client) -> None:
    url, found = f"{ITEMS}?limit=4&f=json&jenis=desa&token=t", []
    for _ in range(10):
        page = client.json(url)
        found += codes(page)
        following = [link for link in page["links"] if link["rel"] == "next"]
        if not following:
            break
        url = following[0]["href"]
        assert all(part in url for part in ("limit=4", "f=json", "jenis=desa"))
    assert len(found) == len(set(found)) == 14
    assert page["numberMatched"] == 14


def test_the_previous_page_is_linked(client: Client) -> None:
    page = client.json(f"{ITEMS}?limit=4&offset=4")
    previous = next(link["href"] for link in page["links"] if link["rel"] == "prev")
    assert codes(client.json(previous)) == codes(client.json(f"{ITEMS}?limit=4"))


def test_an_offset_behind_the_end_is_an_empty_page(client: Client) -> None:
    page = client.json(f"{ITEMS}?offset=1000")
    assert (page["features"], page["numberMatched"], page["numberReturned"]) == ([], 14, 0)


def test_a_limit_above_the_maximum_is_taken_as_the_maximum(client: Client) -> None:
    assert client.json(f"{ITEMS}?limit=1000000")["numberReturned"] == 14


def test_hits_only_counts(client: Client) -> None:
    page = client.json(f"{ITEMS}?resultType=hits&kode_kecamatan=99.01.01")
    assert (page["features"], page["numberMatched"], page["numberReturned"]) == ([], 6, 0)


@pytest.mark.parametrize(
    "bbox",
    [
        "121.001,-8.499,121.019,-8.481",
        "121.02,-8.5,121.02,-8.5",
        "120,-9,122,-8",
        "0,0,1,1",
        "121.03,-8.49,121.05,-8.47",
        "-180,-90,180,90",
        "121.3,-8.5,121.4,-8.4",
        "121.11,-9,121.29,-8",
        "-1e308,-1e308,1e308,1e308",
    ],
)
def test_a_box_selects_what_really_meets_it(client: Client, bbox: str) -> None:
    west, south, east, north = map(float, bbox.split(","))
    box = shapely.box(max(west, -400), max(south, -400), min(east, 400), min(north, 400))
    everything = client.json(f"{ITEMS}?limit=100")["features"]
    expected = [
        f["id"]
        for f in everything
        if f["geometry"]
        and shapely.from_geojson(str(f["geometry"]).replace("'", '"')).intersects(box)
    ]
    assert [f["id"] for f in client.json(f"{ITEMS}?bbox={bbox}")["features"]] == expected


def test_a_box_over_the_antimeridian_is_two_boxes(client: Client) -> None:
    assert client.json(f"{ITEMS}?bbox=121.29,-9,-170,0")["numberMatched"] == 1


def test_a_box_with_heights_is_taken_without_them(client: Client) -> None:
    flat = client.json(f"{ITEMS}?bbox=121,-8.5,121.01,-8.49")
    assert codes(client.json(f"{ITEMS}?bbox=121,-8.5,0,121.01,-8.49,9")) == codes(flat)


@pytest.mark.parametrize(
    "when",
    [
        "2024-01-31",
        "2024-01-31T10:00:00Z",
        "2024-01-31T10:00:00.5+08:00",
        "../2024-01-31",
        "2024-01-31/..",
        "/2024-01-31",
        "0000-01-01T00:00:00Z/2024-01-01T00:00:00Z",
        "2024-01-01T00:00:00Z/9999-12-31T00:00:00Z",
    ],
)
def test_every_form_of_datetime_is_accepted(client: Client, when: str) -> None:
    url = f"{ITEMS}?datetime={when.replace('+', '%2B')}"
    assert client.json(url)["numberMatched"] == 14


def test_every_feature_has_every_property_of_one_type(client: Client) -> None:
    features = client.json(ITEMS)["features"]
    assert len({tuple(f["properties"]) for f in features}) == 1
    for name in features[0]["properties"]:
        kinds = {type(f["properties"][name]) for f in features} - {type(None)}
        assert len(kinds) == 1, name
    assert {f["geometry"]["type"] for f in features if f["geometry"]} == {"MultiPolygon"}


def test_an_item_is_the_feature_of_the_page(client: Client) -> None:
    for feature in client.json(ITEMS)["features"]:
        item = client.json(f"{ITEMS}/{feature['id']}")
        assert {link["rel"] for link in item.pop("links")} == {"self", "collection"}
        assert item == feature


def test_equal_questions_give_equal_bytes(client: Client) -> None:
    for query in ("", "?limit=3", "?bbox=121,-8.5,121.03,-8.47"):
        first, second = client.get(ITEMS + query), client.get(ITEMS + query)
        assert first.content == second.content
        assert first.headers["etag"] == second.headers["etag"]


def test_pages_of_every_size_parse(client: Client) -> None:
    for limit, offset in itertools.product((1, 2, 13, 14), (0, 1, 13)):
        page = client.json(f"{ITEMS}?limit={limit}&offset={offset}")
        assert page["numberReturned"] == len(page["features"]) == min(limit, 14 - offset)
