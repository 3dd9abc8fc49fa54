"""Tiles, TileJSON and style: they agree with each other and with the features."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from pmtiles.reader import MmapSource, all_tiles

from tests.geo_service.client import HOST, Client


@pytest.fixture(params=["desa", "kecamatan", "facilities"])
def tilejson(request: pytest.FixtureRequest, client: Client) -> dict[str, Any]:
    document: dict[str, Any] = client.json(f"/tiles/{request.param}.json")
    return document


def addresses(releases: Path, layer: str) -> list[tuple[int, int, int]]:
    path = releases / "current" / "layers" / layer / "tiles.pmtiles"
    with path.open("rb") as file:
        return [address for address, _ in all_tiles(MmapSource(file))]  # type: ignore[no-untyped-call]  # no types there


def test_every_stored_tile_is_served_with_the_declared_layer_and_fields(
    client: Client, releases: Path, tilejson: dict[str, Any]
) -> None:
    (vector_layer,) = tilejson["vector_layers"]
    fids = {f["id"] for f in client.json(f"/collections/{vector_layer['id']}/items")["features"]}
    found = set()
    for z, x, y in addresses(releases, vector_layer["id"]):
        url = tilejson["tiles"][0].format(z=z, x=x, y=y)
        tile = mapbox_vector_tile.decode(client.get(url).content)
        assert set(tile) == {vector_layer["id"]}
        for feature in tile[vector_layer["id"]]["features"]:
            found.add(feature["id"])
            assert set(feature["properties"]) <= set(vector_layer["fields"])
    assert found <= fids
    assert found


def test_tile_urls_are_pinned_to_the_release(tilejson: dict[str, Any], rid: str) -> None:
    assert tilejson["tiles"][0].startswith(f"{HOST}/releases/{rid}/tiles/")
    assert tilejson["tiles"][0].endswith("/{z}/{x}/{y}.mvt")


def test_a_stored_tile_is_sent_as_it_is_or_decompressed(client: Client, rid: str) -> None:
    url = f"/releases/{rid}/tiles/desa/10/856/536.mvt"
    packed = client.get(url, accept_encoding="gzip")
    plain = client.get(url, accept_encoding="identity")
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == len(gzip.compress(b"")) or packed.content
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert client.get(url, if_none_match=packed.headers["etag"]).status_code == 304


def test_nothing_inside_the_zoom_range_is_204(client: Client, rid: str) -> None:
    url = f"/releases/{rid}/tiles/desa/10/0/0.mvt"
    answer = client.get(url)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert client.get(url, if_none_match=answer.headers["etag"]).status_code == 304


@pytest.mark.parametrize("query", ["?f=mvt", "?token=x&lang=id"])
def test_tolerated_parameters_do_not_change_a_tile(client: Client, rid: str, query: str) -> None:
    url = f"/releases/{rid}/tiles/desa/10/856/536.mvt"
    assert client.get(url + query).content == client.get(url).content


def test_a_style_names_only_what_the_tiles_have(client: Client, tilejson: dict[str, Any]) -> None:
    (vector_layer,) = tilejson["vector_layers"]
    style = client.json(f"/styles/{vector_layer['id']}.json")
    assert style["version"] == 8
    (source,) = style["sources"].values()
    assert source["tiles"] == tilejson["tiles"]
    assert "url" not in source
    for layer in style["layers"]:
        assert layer["source"] in style["sources"]
        assert layer["source-layer"] == vector_layer["id"]
        used = set(properties_in(layer))
        assert used <= set(vector_layer["fields"])
    assert "pmtiles:" not in json.dumps(style)


def properties_in(node: Any) -> list[str]:
    """Names that a style's expressions take from a feature."""
    if isinstance(node, dict):
        return [name for part in node.values() for name in properties_in(part)]
    if not isinstance(node, list):
        return []
    if len(node) == 2 and node[0] in {"get", "has"} and isinstance(node[1], str):
        return [node[1]]
    return [name for part in node for name in properties_in(part)]
