"""Feature files, values, outlines, downloads and styles of the drawn world."""

# pmtiles has types in part only.
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import csv
import gzip
import json
import os
import shutil
import sqlite3
import struct
import subprocess
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from pmtiles.reader import MmapSource, all_tiles

from layers.columns.model import LayerData
from layers.errors import LayersError
from layers.publish.feature_order import arrange_features
from layers.publish.outlines import make_outline, path_data
from layers.publish.publication import build_into
from layers.publish.verification import list_files
from layers.release.drawing_file import open_outlines
from layers.release.manifest_file import Manifest, read_manifest
from tests.layers.publish.test_tiles import decode
from tests.layers.publish.world import make_boundaries, make_desa, make_layers, write_world

REPOSITORY = Path(__file__).parents[3]
VALIDATOR = REPOSITORY / "web_map" / "node_modules" / ".bin" / "gl-style-validate"
QGIS_PYTHON = Path("/usr/bin/python3")
LAYERS = ("desa", "kecamatan", "facilities")


def read_lines(release: Path, layer: str) -> list[dict[str, Any]]:
    """The features of a layer, parsed."""
    path = release / "layers" / layer / "features.geojsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_index(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """Header and arrays of an index, read as the contract describes it."""
    content = path.read_bytes()
    assert content[:8] == b"GFIX\x01\0\0\0"
    (size,) = struct.unpack("<Q", content[8:16])
    header = json.loads(content[16 : 16 + size])
    start = 16 + size + -(16 + size) % 8
    arrays = {}
    for name, place in header["arrays"].items():
        assert place["offset"] % 8 == 0
        count = int(np.prod(place["shape"]))
        found = np.frombuffer(content, place["dtype"], count, start + place["offset"])
        arrays[name] = found.reshape(place["shape"])
    return header, arrays


@pytest.mark.parametrize("layer", LAYERS)
def test_each_line_is_the_feature_the_index_says(release: Path, layer: str) -> None:
    folder = release / "layers" / layer
    content = (folder / "features.geojsonl").read_bytes()
    header, arrays = read_index(folder / "features.index")
    assert header["count"] == len(arrays["fid"]) == len(arrays["offset"]) - 1
    assert arrays["offset"][-1] == len(content)
    for row in range(header["count"]):
        feature = json.loads(content[arrays["offset"][row] : arrays["offset"][row + 1]])
        assert list(feature) == ["type", "id", "geometry", "properties"]
        assert feature["id"] == arrays["fid"][row]
        _check_bounds(feature["geometry"], arrays["bbox"][row])
        for name, column in header["columns"].items():
            assert _value(column, arrays[f"p:{name}"][row]) == feature["properties"][name]


def _check_bounds(geometry: dict[str, Any] | None, bounds: Any) -> None:
    if geometry is None:
        assert np.isnan(bounds).all()
    else:
        assert tuple(bounds) == shapely.geometry.shape(geometry).bounds


def _value(column: dict[str, Any], found: Any) -> Any:
    if column["type"] == "string":
        return None if found == 4294967295 else column["values"][found]
    return None if np.isnan(found) else float(found)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_property_of_the_manifest_is_in_every_feature(
    release: Path, manifest: Manifest, layer: str
) -> None:
    entry = next(entry for entry in manifest.layers if entry.id == layer)
    names = [field.name for field in entry.fields]
    assert all(list(feature["properties"]) == names for feature in read_lines(release, layer))


def test_features_are_multipolygons_sorted_by_kecamatan_and_id(release: Path) -> None:
    features = read_lines(release, "desa")
    keys = [(f["properties"]["kode_kecamatan"], f["id"]) for f in features]
    assert keys == sorted(keys)
    assert {f["geometry"]["type"] for f in features if f["geometry"]} == {"MultiPolygon"}
    assert [f["id"] for f in features if f["geometry"] is None] == [9901022014]


def test_null_is_null_zero_is_zero_and_floats_keep_their_point(release: Path) -> None:
    lines = (release / "layers" / "desa" / "features.geojsonl").read_text("utf-8").splitlines()
    properties = {json.loads(line)["id"]: line for line in lines}
    assert '"idm_skor":0.4,' in properties[9901012001]
    assert '"penduduk_jiwa":0,' in properties[9901012001]
    without = json.loads(properties[9901022004])["properties"]
    assert without["idm_skor"] is None
    assert without["idm_skor_status"] == "no_data"


def test_values_are_in_the_order_of_the_ids(release: Path) -> None:
    folder = release / "layers" / "desa" / "values"
    ids = json.loads((folder / "ids.json").read_bytes())
    assert ids["fid"] == [feature["id"] for feature in read_lines(release, "desa")]
    latest = json.loads((folder / "idm_skor-2024.json").read_bytes())
    earlier = json.loads((folder / "idm_skor-2023.json").read_bytes())
    features = [feature["properties"] for feature in read_lines(release, "desa")]
    assert latest["values"] == [properties["idm_skor"] for properties in features]
    statuses = [status for status, count in latest["status"] for _ in range(count)]
    assert statuses == [properties["idm_skor_status"] for properties in features]
    assert (latest["tahun"], earlier["tahun"], latest["unit"]) == (2024, 2023, "indeks")
    assert earlier["values"][0] == 0.39
    people = json.loads((folder / "penduduk_jiwa.json").read_bytes())
    assert people["tahun"] is None
    assert people["values"][0] == 0


def test_the_counts_of_classes_and_statuses_add_up(manifest: Manifest) -> None:
    desa = next(layer for layer in manifest.layers if layer.id == "desa")
    score = next(field for field in desa.fields if field.name == "idm_skor")
    assert score.classes is not None
    assert score.classes.method == "fixed"
    assert score.classes.breaks == (0.4907, 0.5989, 0.7072, 0.8155)
    assert score.status_counts == {"no_data": 1, "ok": 12, "unreachable": 1}
    assert sum(score.classes.counts) == 12
    assert desa.headline == "idm_skor"
    assert desa.attribution == desa.tile_attribution == "Papan, CC-BY-4.0"
    assert desa.licence == "CC-BY-4.0"


def test_wilayah_of_the_manifest(manifest: Manifest) -> None:
    found = {(entry.level, entry.kode, entry.parent, entry.desa) for entry in manifest.wilayah}
    assert found == {
        ("kecamatan", "99.01.01", "99.01", 6),
        ("kecamatan", "99.01.02", "99.01", 8),
        ("kabupaten", "99.01", "99", 14),
        ("provinsi", "99", None, 14),
    }


# --- outlines ---------------------------------------------------------------------------------


def parse_path(text: str) -> Any:
    """The polygon an SVG path of ours draws."""
    rings = []
    for part in text.strip("M").split("M"):
        start, steps = part.rstrip("z").split("l")
        numbers = [int(word) for word in steps.replace("-", " -").split()]
        points = np.array(numbers).reshape(-1, 2)
        first = np.array([int(word) for word in start.split()])
        rings.append(np.vstack([first, first + np.cumsum(points, axis=0)]))
    return shapely.union_all([shapely.Polygon(ring) for ring in rings])


def test_outlines_are_found_through_their_index(release: Path) -> None:
    outlines = open_outlines(release)
    assert set(outlines.keys) == {"99", "99.01", "99.01.01", "99.01.02"}
    for kode in outlines.keys:
        outline = outlines.find(kode)
        assert outline is not None
        assert outline.kode == kode
        for child in outline.children:
            polygon = parse_path(child.d)
            assert polygon.contains(shapely.Point(child.x, child.y)), child.kode
            west, north, east, south = polygon.bounds
            assert -2 <= west <= east <= outline.width + 2
            assert -2 <= north <= south <= outline.height + 2


def test_neighbours_in_an_outline_never_tear() -> None:
    # A jagged border between two desa, simplified and rounded: no sliver, no overlap.
    angle = np.linspace(0, 1, 3000)
    jagged = np.column_stack([0.5 + np.sin(angle * 400) / 50, angle])
    left = shapely.Polygon([*jagged.tolist(), (0, 1), (0, 0)])
    right = shapely.Polygon([*jagged.tolist(), (1, 1), (1, 0)])
    children = gpd.GeoDataFrame(
        {"kode": ["a1", "a2"], "nama": ["A", "B"]}, geometry=[left, right], crs="EPSG:4326"
    )
    outline = make_outline("a", "kecamatan", children)
    drawn = [parse_path(child.d) for child in outline.children]
    union: Any = shapely.union_all(drawn)
    assert union.area == pytest.approx(sum(polygon.area for polygon in drawn), rel=1e-9)
    assert not union.interiors
    assert sum(shapely.get_num_coordinates(drawn)) <= 2000


def test_holes_are_drawn_as_further_rings() -> None:
    holed = shapely.difference(shapely.box(0, 0, 9, 9), shapely.box(3, 3, 6, 6))
    assert path_data(holed).count("M") == 2


# --- files for analysts -----------------------------------------------------------------------


def test_the_geoparquet_follows_version_1_1(release: Path) -> None:
    path = release / "layers" / "desa" / "data.parquet"
    meta = json.loads(pq.read_metadata(path).metadata[b"geo"])
    assert meta["version"] == "1.1.0"
    assert "covering" in meta["columns"]["geometry"]
    frame = gpd.read_parquet(path)
    assert len(frame) == 14
    assert frame["penduduk_jiwa"].tolist()[0] == 0


@pytest.mark.parametrize("extension", ["gpkg", "fgb"])
@pytest.mark.parametrize("layer", LAYERS)
def test_downloads_open_with_the_same_rows(release: Path, layer: str, extension: str) -> None:
    path = release / "downloads" / f"{layer}.{extension}"
    info = pyogrio.read_info(path, layer=layer)
    features = read_lines(release, layer)
    assert info["crs"] == "EPSG:4326"
    assert info["geometry_type"] == ("Point" if layer == "facilities" else "MultiPolygon")
    assert info["features"] == len(features)
    codes = pyogrio.read_dataframe(path, layer=layer)["kode"].tolist()
    assert sorted(codes) == sorted(feature["properties"]["kode"] for feature in features)


def test_the_geopackage_has_one_date_for_all_times(release: Path) -> None:
    with sqlite3.connect(f"file:{release}/downloads/desa.gpkg?immutable=1", uri=True) as database:
        (changed,) = database.execute("select last_change from gpkg_contents").fetchone()
        kinds = dict(database.execute("select name, type from pragma_table_info('desa')"))
    database.close()
    assert changed.startswith("2000-01-01")
    assert kinds["kode"] == "TEXT"
    assert kinds["penduduk_jiwa"] == "INTEGER"


def test_the_csv_leaves_null_empty(release: Path) -> None:
    with (release / "downloads" / "desa.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["kode"] == "99.01.01.2001"
    assert rows[0]["penduduk_jiwa"] == "0"
    assert [row["kode"] for row in rows if row["idm_skor"] == ""] == [
        "99.01.02.2004",
        "99.01.02.2005",
    ]


# --- styles -----------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_styles_pass_the_official_validator(release: Path, layer: str) -> None:
    node = shutil.which("node")
    if node is None or not VALIDATOR.exists():
        pytest.skip("no Node, or npm packages not installed")
    style = release / "layers" / layer / "style.json"
    result = subprocess.run(
        [node, str(VALIDATOR), str(style)], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("layer", LAYERS)
def test_styles_name_only_what_the_tiles_have(release: Path, layer: str) -> None:
    style = json.loads((release / "layers" / layer / "style.json").read_bytes())
    tiles = decode(release / "layers" / layer / "tiles.pmtiles").values()
    present = {
        name
        for tile in tiles
        for feature in tile[layer]["features"]
        for name in feature["properties"]
    }
    for style_layer in style["layers"]:
        assert style_layer["source-layer"] == layer
        assert _names(style_layer.get("filter", [])) <= present


def _names(expression: Any) -> set[str]:
    if not isinstance(expression, list):
        return set()
    if expression[:1] in (["get"], ["has"]):
        return {expression[1]}
    return {name for part in expression for name in _names(part)}


@pytest.mark.qgis
def test_qgis_draws_each_class_in_its_colour(release: Path, tmp_path: Path) -> None:
    if not QGIS_PYTHON.exists() or run_qgis("import qgis.core").returncode:
        pytest.skip("no QGIS with Python bindings")
    _unpack_tiles(release / "layers" / "desa" / "tiles.pmtiles", tmp_path)
    script = Path(__file__).with_name("qgis_style.py").read_text(encoding="utf-8")
    result = run_qgis(
        script,
        f"file://{tmp_path}/{{z}}/{{x}}/{{y}}.pbf",
        "desa",
        str(release / "layers" / "desa" / "style.json"),
        *("121", "-8.5", "121.12", "-8.46"),
        str(tmp_path / "map.png"),
    )
    assert result.returncode == 0, result.stderr
    drawn = json.loads(result.stdout)
    assert drawn["warnings"] == []
    assert drawn["rules"][:3] == ["tidak ada data", "tidak terjangkau", "idm_skor ≤ 0,4907"]
    # Twelve desa of equal size, painted at 85 %: one without data, one unreachable, ten in classes.
    large = {colour: count for colour, count in drawn["colours"] if count > 10_000}
    desa = {colour: round(count / 22_200) for colour, count in large.items() if colour != "#ffffff"}
    assert sorted(desa.values()) == [1, 1, 1, 3, 3, 3]
    assert desa["#dedede"] == 1


def run_qgis(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "QT_QPA_PLATFORM": "offscreen", "HOME": "/tmp"}
    return subprocess.run(
        [str(QGIS_PYTHON), "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=120,
    )


def _unpack_tiles(archive: Path, folder: Path) -> None:
    with archive.open("rb") as file:
        for (zoom, x, y), content in all_tiles(MmapSource(file)):
            path = folder / str(zoom) / str(x) / f"{y}.pbf"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.decompress(content))


# --- the same input gives the same bytes ---------------------------------------------------------


def test_rows_in_any_order_give_the_same_bytes(release: Path, tmp_path: Path) -> None:
    shuffled = [
        LayerData(
            data.definition,
            data.fields,
            data.features.sample(frac=1, random_state=7),
            None if data.values is None else data.values.sample(frac=1, random_state=3),
            data.tile_extra,
        )
        for data in make_layers()
    ]
    again = tmp_path / build_into(tmp_path, lambda target: write_world(target, shuffled))
    assert list_files(again) == list_files(release)
    assert read_manifest(again) == read_manifest(release)


def test_no_file_names_the_place_it_was_built(release: Path) -> None:
    words = [str(release.parent).encode(), b".build-"]
    for path in release.rglob("*"):
        if path.is_file():
            assert not any(word in path.read_bytes() for word in words), path


def test_a_column_that_was_not_computed_is_named() -> None:
    data = make_layers()[0]
    with pytest.raises(LayersError, match="columns penduduk_jiwa are declared"):
        arrange_features(
            LayerData(data.definition, data.fields, data.features.drop(columns="penduduk_jiwa"))
        )


def test_feature_ids_must_be_unique() -> None:
    data = make_layers()[0]
    twice = data.features.assign(fid=1)
    with pytest.raises(LayersError, match="not unique"):
        arrange_features(LayerData(data.definition, data.fields, twice))


def test_the_drawn_world_is_what_its_description_says() -> None:
    assert len(make_desa()) == 14
    assert len(make_boundaries()) == 14 + 2 + 1 + 1
