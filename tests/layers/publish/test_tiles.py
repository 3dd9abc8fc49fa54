"""Tiles decoded again by an independent reader."""

# pmtiles has types in part only.
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import gzip
import json
import math
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles
from shapely.geometry import shape

from layers.publish.mvt import (
    FeatureMessages,
    Scalar,
    TileProperty,
    encode_value,
    pack_points,
    varints,
)
from layers.publish.tile_layers import TileCut, cut_points, cut_polygons, to_grid
from layers.release.manifest_file import Manifest
from tests.layers.publish.world import SIDE, SOUTH, WEST, make_desa

ZOOMS = range(4, 13)
Tiles = dict[tuple[int, int, int], dict[str, Any]]


def decode(path: Path) -> Tiles:
    """Every tile of an archive, by zoom, x, y; coordinates y down."""
    with path.open("rb") as file:
        return {
            key: mapbox_vector_tile.decode(
                gzip.decompress(content), default_options={"y_coord_down": True}
            )
            for key, content in all_tiles(MmapSource(file))
        }


@pytest.fixture(scope="module")
def desa_tiles(release: Path) -> Tiles:
    """The decoded tiles of layer ``desa``."""
    return decode(release / "layers" / "desa" / "tiles.pmtiles")


@pytest.mark.parametrize("zoom", ZOOMS)
def test_every_desa_with_a_geometry_is_in_the_tiles_of_each_zoom(
    desa_tiles: Tiles, zoom: int
) -> None:
    found = {
        feature["id"]
        for key, tile in desa_tiles.items()
        if key[0] == zoom
        for feature in tile["desa"]["features"]
    }
    desa = make_desa()
    expected = desa.loc[desa.geometry.notna(), "kode"]
    assert found == {int(kode.replace(".", "")) for kode in expected}


def test_codes_are_text_ids_are_integers_and_null_is_left_out(desa_tiles: Tiles) -> None:
    features = [feature for tile in desa_tiles.values() for feature in tile["desa"]["features"]]
    for feature in features:
        properties = feature["properties"]
        assert feature["id"] == int(properties["kode"].replace(".", ""))
        assert ("idm_skor" in properties) == (properties["idm_skor_status"] == "ok")
    assert {type(f["properties"].get("idm_skor", 0.0)) for f in features} == {float}


def test_every_piece_is_a_valid_polygon(desa_tiles: Tiles) -> None:
    for key, tile in desa_tiles.items():
        for feature in tile["desa"]["features"]:
            assert shape(feature["geometry"]).is_valid, (key, feature["id"])


@pytest.mark.parametrize("zoom", range(8, 13))
def test_neighbours_share_their_border(desa_tiles: Tiles, zoom: int) -> None:
    for (found, _, _), tile in desa_tiles.items():
        if found == zoom:
            block = [
                shape(feature["geometry"])
                for feature in tile["desa"]["features"]
                if feature["id"] < 9901022013
            ]
            union = shapely.union_all(block)
            assert union.area == sum(piece.area for piece in block)
            assert all(not part.interiors for part in shapely.get_parts(union))


def test_the_archive_says_what_is_in_it(release: Path, manifest: Manifest) -> None:
    layer = next(layer for layer in manifest.layers if layer.id == "desa")
    with (release / "layers" / "desa" / "tiles.pmtiles").open("rb") as file:
        reader = Reader(MmapSource(file))
        header, metadata = reader.header(), reader.metadata()
    assert (header["min_zoom"], header["max_zoom"]) == (layer.min_zoom, layer.max_zoom)
    assert header["min_lon_e7"] == round(layer.bbox_lonlat[0] * 1e7)
    assert header["clustered"]
    (vector_layer,) = metadata["vector_layers"]
    assert vector_layer["id"] == "desa"
    assert tuple(vector_layer["fields"]) == layer.tile_fields


def test_a_place_lies_in_the_tile_that_contains_it(release: Path) -> None:
    tiles = decode(release / "layers" / "facilities" / "tiles.pmtiles")
    lon, lat = WEST + 0.01, math.radians(SOUTH + 0.01)
    column = (lon + 180) / 360 * 2**12
    row = (1 - math.log(math.tan(lat) + 1 / math.cos(lat)) / math.pi) / 2 * 2**12
    (feature,) = tiles[12, int(column), int(row)]["facilities"]["features"]
    expected = [round(column % 1 * 4096), round(row % 1 * 4096)]
    assert feature["geometry"]["coordinates"] == expected


def decoded_tiles(cut: TileCut, messages: FeatureMessages) -> list[list[dict[str, Any]]]:
    """The features of each tile of a zoom, through the independent decoder."""
    contents = messages.tiles(cut.row, cut.tile_starts(), cut.geometry)
    options = {"y_coord_down": True}
    decoded = [mapbox_vector_tile.decode(content, default_options=options) for content in contents]
    return [tile["x"]["features"] for tile in decoded]


def covered_area(cut: TileCut, geometry: Any) -> Any:
    """Area inside the tiles themselves of each feature, from the encoded bytes."""
    total = np.zeros(len(geometry))
    for features in decoded_tiles(cut, FeatureMessages("x", range(len(geometry)), [])):
        for feature in features:
            inside = shapely.intersection(shape(feature["geometry"]), shapely.box(0, 0, 4096, 4096))
            total[feature["id"]] += inside.area
    return total


def test_what_is_cut_adds_up_to_the_whole() -> None:
    ring = shapely.Point(121, -8).buffer(0.3, quad_segs=64)
    holed = shapely.difference(ring, shapely.Point(121.05, -8).buffer(0.1))
    geometry = np.array([holed, None, shapely.box(120.0, -9.0, 120.2, -8.8)], dtype=object)
    for cut in cut_polygons(geometry, 9, 12):
        exact = shapely.area(shapely.transform(geometry, partial(to_grid, zoom=cut.zoom)))
        found = covered_area(cut, geometry)
        assert found[[0, 2]] == pytest.approx(exact[[0, 2]], rel=0.002)
        assert found[1] == 0


def test_a_speck_of_a_desa_is_drawn_as_a_square_of_one_unit() -> None:
    geometry = np.array([shapely.box(121, -8, 121 + 1e-6, -8 + 1e-6)], dtype=object)
    for cut in cut_polygons(geometry, 5, 12):
        assert covered_area(cut, geometry).sum() == 1


def test_nothing_to_cut_gives_no_pieces() -> None:
    nothing = np.array([None, shapely.MultiPolygon()], dtype=object)
    assert [len(cut.row) for cut in cut_polygons(nothing, 4, 5)] == [0, 0]
    assert [len(cut.row) for cut in cut_points(nothing, 4, 5)] == [0, 0]


def test_rings_run_as_the_specification_asks() -> None:
    box = shapely.difference(
        shapely.box(121, -8, 121.1, -7.9), shapely.box(121.02, -7.98, 121.04, -7.96)
    )
    for cut in cut_polygons(np.array([box], dtype=object), 8, 8):
        for (feature,) in decoded_tiles(cut, FeatureMessages("x", [0], [])):
            assert shapely.get_num_interior_rings(shape(feature["geometry"])) == 1


def test_properties_are_those_of_their_feature_however_many_there_are() -> None:
    """More keys and values than one byte can number, nulls, and values that several share."""
    random, count = np.random.default_rng(7), 300
    values: list[Scalar] = [f"nama {n}" for n in range(400)]
    values += [0, -1, 2**40, -(2**40), 0.0, -1.5, 1e300, "", "Ä\0"]
    columns = [
        TileProperty(f"kolom {key}", random.integers(-1, len(values), count), values)
        for key in range(130)
    ]
    columns.append(TileProperty("kosong", np.full(count, -1), []))
    places = random.uniform((120, -9), (120.5, -8.5), (count, 2))
    (cut,) = cut_points(np.array(shapely.points(places)), 9, 9)
    tiles = decoded_tiles(cut, FeatureMessages("x", range(count), columns))
    assert sum(len(features) for features in tiles) == len(cut.row)
    assert len(tiles) > 1
    for feature in (feature for features in tiles for feature in features):
        codes = {column.name: column.codes[feature["id"]] for column in columns}
        expected = {name: values[code] for name, code in codes.items() if code >= 0}
        assert feature["properties"] == expected
        assert {name: type(value) for name, value in feature["properties"].items()} == {
            name: type(value) for name, value in expected.items()
        }


def test_numbers_are_encoded_as_the_specification_shows() -> None:
    # Mapbox Vector Tile Specification 2.1, 4.3.5.1: the point (25, 17).
    assert pack_points(np.array([[25, 17]])).buffer == bytes([9, 50, 34])
    content, sizes = varints(np.array([1, 127, 128, 300, 2**35], dtype=np.uint64))
    assert sizes.tolist() == [1, 1, 2, 2, 6]
    assert content[:6].hex() == "017f8001ac02"


@pytest.mark.parametrize("value", ["Ba'u", 0, -7, 2**40, 0.25, -1.5])
def test_values_come_back_as_they_were(value: str | int | float) -> None:
    message = encode_value(value)
    feature = b"\x08\x01\x12\x02\x00\x00\x18\x01\x22\x03\x09\x02\x02"
    layer = b"\x0a\x01x\x12" + bytes([len(feature)]) + feature + b"\x1a\x01k"
    layer += b"\x22" + bytes([len(message)]) + message + b"\x28\x80\x20\x78\x02"
    decoded = mapbox_vector_tile.decode(b"\x1a" + bytes([len(layer)]) + layer)
    assert decoded["x"]["features"][0]["properties"]["k"] == value


def test_the_grid_is_that_of_the_tile_matrix_set() -> None:
    corners = to_grid(np.array([[-180.0, 85.0511287798], [180.0, -85.0511287798], [0, 0]]), 0)
    assert corners == pytest.approx(np.array([[0, 0], [4096, 4096], [2048, 2048]]), abs=1e-3)
    assert SIDE > 0


@pytest.mark.parametrize("layer", ["desa", "kecamatan", "facilities"])
def test_the_mbtiles_hold_the_tiles_of_the_archive(release: Path, layer: str) -> None:
    """MBTiles 1.3: rows are counted from the south, vector layers are told in ``json``."""
    path = release / "downloads" / f"{layer}.mbtiles"
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as database:
        rows = database.execute("SELECT * FROM tiles").fetchall()
        about = dict(database.execute("SELECT name, value FROM metadata"))
        assert database.execute("PRAGMA application_id").fetchone() == (0x4D504258,)
    tiles = {(zoom, x, 2**zoom - 1 - row): content for zoom, x, row, content in rows}
    with (release / "layers" / layer / "tiles.pmtiles").open("rb") as file:
        assert tiles == dict(all_tiles(MmapSource(file)))
    (told,) = json.loads(about["json"])["vector_layers"]
    assert (told["id"], about["format"], about["minzoom"]) == (layer, "pbf", "4")
    assert len(about["bounds"].split(",")) == 4
