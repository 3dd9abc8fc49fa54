"""The abstract tests of OGC API - Features, each named after the one of Annex A that it is.

Source
------
17-069r4 (Part 1), 18-058r1 (Part 2), 19-079r2 (Part 3), the Annex A of each.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
import shapely

from geo_service.http.link_types import CRS84
from tests.geo_service.client import Client

EPSG_4326 = "http://www.opengis.net/def/crs/EPSG/0/4326"
UNSERVED = "http://www.opengis.net/def/crs/EPSG/0/2154"
FORM = {"in": "query", "style": "form", "explode": False}
LAYERS = ("desa", "kecamatan", "facilities")


@pytest.fixture(scope="module")
def api(client: Client) -> Any:
    return client.json("/api")


def links_of(document: Any, rel: str) -> list[Any]:
    return [link for link in document["links"] if link["rel"] == rel]


def parameter(api: Any, path: str, name: str) -> Any:
    """A parameter of an operation, references followed."""
    for entry in api["paths"][path]["get"]["parameters"]:
        if "$ref" in entry:
            entry = api["components"]["parameters"][entry["$ref"].rpartition("/")[2]]
        if entry["name"] == name:
            return entry
    raise AssertionError(name)


def items_paths() -> list[str]:
    return [
        "/collections/{collectionId}/items",
        *(f"/collections/{layer}/items" for layer in LAYERS),
    ]


# Part 1, A.2


def test_core_root_success(client: Client) -> None:
    landing = client.json("/")
    for rel in ("service-desc", "conformance", "data", "self"):
        assert all(client.get(link["href"]).status_code == 200 for link in links_of(landing, rel))
        assert links_of(landing, rel), rel


def test_core_api_definition_success(client: Client) -> None:
    link = links_of(client.json("/"), "service-desc")[0]
    answer = client.get(link["href"])
    assert answer.headers["content-type"] == link["type"]
    assert answer.json()["openapi"].startswith("3.0.")


def test_core_conformance_success(client: Client) -> None:
    classes = client.json("/conformance")["conformsTo"]
    part_1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
    assert {f"{part_1}{name}" for name in ("core", "oas30", "geojson")} <= set(classes)
    # No page of HTML is served for collections, so the class is not claimed.
    assert f"{part_1}html" not in classes
    for draft in ("maps", "styles", "records"):
        assert not [name for name in classes if f"ogcapi-{draft}" in name]


def test_core_fc_md_success(client: Client) -> None:
    collections = client.json("/collections")
    assert links_of(collections, "self")[0]["type"] == "application/json"
    for layer in collections["collections"]:
        (link,) = links_of(layer, "items")
        assert link["type"] == "application/geo+json"
        assert len(layer["extent"]["spatial"]["bbox"][0]) == 4
        assert client.json(f"/collections/{layer['id']}") == layer


@pytest.mark.parametrize("path", items_paths())
def test_core_fc_bbox_definition(api: Any, path: str) -> None:
    bbox = parameter(api, path, "bbox")
    assert FORM.items() <= bbox.items()
    assert not bbox["required"]
    schema = bbox["schema"]
    assert (schema["type"], schema["items"]["type"]) == ("array", "number")
    assert (schema["minItems"], schema["maxItems"]) == (4, 6)
    assert [(part["minItems"], part["maxItems"]) for part in schema["oneOf"]] == [(4, 4), (6, 6)]


@pytest.mark.parametrize("path", items_paths())
def test_core_fc_limit_definition(api: Any, path: str) -> None:
    limit = parameter(api, path, "limit")
    assert FORM.items() <= limit.items()
    assert limit["schema"]["type"] == "integer"
    assert 1 == limit["schema"]["minimum"] <= limit["schema"]["default"]
    assert limit["schema"]["default"] <= limit["schema"]["maximum"]


@pytest.mark.parametrize("path", items_paths())
def test_core_fc_time_definition(api: Any, path: str) -> None:
    when = parameter(api, path, "datetime")
    assert FORM.items() <= when.items()
    assert not when["required"]
    assert when["schema"]["type"] == "string"


@pytest.mark.parametrize("layer", LAYERS)
def test_core_fc_bbox_response(client: Client, layer: str) -> None:
    west, south, east, north = client.json(f"/collections/{layer}")["extent"]["spatial"]["bbox"][0]
    boxes = [(west, south, east, north), (west, south, (west + east) / 2, (south + north) / 2)]
    everything = client.json(f"/collections/{layer}/items")["features"]
    for box in (*boxes, (-180, -90, 180, 90), (170, -10, -170, 10)):
        page = client.json(f"/collections/{layer}/items?bbox={','.join(map(str, box))}")
        shapes = {
            row["id"]: shapely.from_geojson(json.dumps(row["geometry"]))
            for row in everything
            if row["geometry"]
        }
        # Beyond the antimeridian there is nothing.
        area = shapely.box(box[0], box[1], max(box[0], box[2]), box[3])
        expected = {fid for fid, shape in shapes.items() if shape.intersects(area)}
        assert {row["id"] for row in page["features"]} == expected


@pytest.mark.parametrize("layer", LAYERS)
def test_core_fc_limit_response(client: Client, layer: str) -> None:
    total = client.json(f"/collections/{layer}/items")["numberMatched"]
    for limit in (1, 5, 10_000, 10_001):
        page = client.json(f"/collections/{layer}/items?limit={limit}")
        assert len(page["features"]) == min(limit, total)


@pytest.mark.parametrize("layer", LAYERS)
def test_core_fc_response(client: Client, layer: str) -> None:
    answer = client.get(f"/collections/{layer}/items?limit=1")
    page = answer.json()
    assert page["type"] == "FeatureCollection"
    assert page["numberReturned"] == len(page["features"]) == 1
    assert page["numberMatched"] >= 1
    (own,) = links_of(page, "self")
    assert own["type"] == answer.headers["content-type"]
    assert links_of(page, "next")
    for link in links_of(page, "alternate"):
        assert client.get(link["href"]).headers["content-type"] == link["type"]
    last = client.json(f"/collections/{layer}/items?offset={page['numberMatched'] - 1}")
    assert links_of(last, "next") == []


@pytest.mark.parametrize("layer", LAYERS)
def test_core_f_success(client: Client, layer: str) -> None:
    for row in client.json(f"/collections/{layer}/items")["features"]:
        feature = client.json(f"/collections/{layer}/items/{row['id']}")
        assert feature["type"] == "Feature"
        assert links_of(feature, "collection")[0]["href"].endswith(f"/collections/{layer}")
        assert client.json(links_of(feature, "self")[0]["href"]) == feature


@pytest.mark.parametrize(
    "query", ["unknown=1", "limit=0", "limit=x", "bbox=1,2,3", "bbox=a,b,c,d", "datetime=x"]
)
def test_core_query_param_unknown_and_invalid(client: Client, query: str) -> None:
    assert client.get(f"/collections/desa/items?{query}").status_code == 400


def test_oas30_completeness(api: Any) -> None:
    for path, entry in api["paths"].items():
        for operation in entry.values():
            assert {"operationId", "responses"} <= set(operation), path
            names = [part.split("}")[0] for part in path.split("{")[1:]]
            declared = [p["name"] for p in operation.get("parameters", []) if p.get("in") == "path"]
            assert sorted(names) == sorted(declared), path
            assert set(operation["responses"]) & {"200", "default"}


# Part 2, A.1


@pytest.mark.parametrize("layer", LAYERS)
def test_crs_fc_md_crs_list_and_storage_crs(client: Client, layer: str) -> None:
    document = client.json(f"/collections/{layer}")
    assert document["crs"][0] == CRS84
    assert len(set(document["crs"])) == len(document["crs"])
    assert all(uri.startswith("http://www.opengis.net/def/crs/") for uri in document["crs"])
    assert document["storageCrs"] in document["crs"]


@pytest.mark.parametrize("path", items_paths())
@pytest.mark.parametrize("name", ["crs", "bbox-crs"])
def test_crs_fc_crs_definition(api: Any, path: str, name: str) -> None:
    entry = parameter(api, path, name)
    assert FORM.items() <= entry.items()
    assert not entry["required"]
    assert entry["schema"] == {"type": "string", "format": "uri"}


def test_crs_f_crs_definition(api: Any) -> None:
    entry = parameter(api, "/collections/{collectionId}/items/{featureId}", "crs")
    assert FORM.items() <= entry.items()


@pytest.mark.parametrize("layer", LAYERS)
def test_crs_ogc_crs_header(client: Client, layer: str) -> None:
    fid = client.json(f"/collections/{layer}/items?limit=1")["features"][0]["id"]
    for path in ("", f"/{fid}"):
        url = f"/collections/{layer}/items{path}"
        assert client.get(url).headers["content-crs"] == f"<{CRS84}>"
        for uri in client.json(f"/collections/{layer}")["crs"]:
            answer = client.get(f"{url}?crs={uri}")
            assert (answer.status_code, answer.headers["content-crs"]) == (200, f"<{uri}>")
        assert client.get(f"{url}?crs={UNSERVED}").status_code == 400


def test_crs_fc_bbox_crs_action(client: Client) -> None:
    plain = client.json("/collections/desa/items?bbox=121.001,-8.499,121.03,-8.47")
    default = f"bbox=121.001,-8.499,121.03,-8.47&bbox-crs={CRS84}"
    turned = f"bbox=-8.499,121.001,-8.47,121.03&bbox-crs={EPSG_4326}"
    assert plain["numberMatched"] == 4
    for query in (default, turned):
        page = client.json(f"/collections/desa/items?{query}")
        assert page["features"] == plain["features"]
    refused = f"bbox=1,2,3,4&bbox-crs={UNSERVED}"
    assert client.get(f"/collections/desa/items?{refused}").status_code == 400


# Part 3, A.1 to A.5


@pytest.mark.parametrize("layer", LAYERS)
def test_queryables_get_queryables(client: Client, layer: str) -> None:
    links = links_of(
        client.json(f"/collections/{layer}"), "http://www.opengis.net/def/rel/ogc/1.0/queryables"
    )
    answer = client.get(links[0]["href"])
    schema = answer.json()
    assert answer.headers["content-type"] == "application/schema+json"
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == links[0]["href"]
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert all("type" in entry or "format" in entry for entry in schema["properties"].values())


@pytest.mark.parametrize("layer", LAYERS)
def test_queryables_query_parameters(client: Client, api: Any, layer: str) -> None:
    names = set(client.json(f"/collections/{layer}/queryables")["properties"]) - {"geometry"}
    for name in names:
        assert FORM.items() <= parameter(api, f"/collections/{layer}/items", name).items()


@pytest.mark.parametrize("path", items_paths())
def test_filter_parameters(api: Any, path: str) -> None:
    for name in ("filter", "filter-lang", "filter-crs"):
        entry = parameter(api, path, name)
        assert FORM.items() <= entry.items()
        assert not entry["required"]
    languages = parameter(api, path, "filter-lang")["schema"]
    assert {"cql2-text", "cql2-json"} <= set(languages["enum"])
    assert languages["default"] == "cql2-text"


def test_filter_response(client: Client) -> None:
    everything = client.json("/collections/desa/items")["features"]
    for name in client.json("/collections/desa/queryables")["properties"]:
        condition = quote(f"{name} IS NULL")
        page = client.json(f"/collections/desa/items?filter={condition}")
        is_null = [
            row["id"]
            for row in everything
            if (row["geometry"] if name == "geometry" else row["properties"][name]) is None
        ]
        assert [row["id"] for row in page["features"]] == is_null
    for condition in ("nope = 1", "kode =", "kode"):
        answer = client.get(f"/collections/desa/items?filter={quote(condition)}")
        assert answer.status_code == 400
    condition = quote("S_INTERSECTS(geometry, POINT(1 2))")
    url = f"/collections/desa/items?filter={condition}&filter-crs={UNSERVED}"
    assert client.get(url).status_code == 400
