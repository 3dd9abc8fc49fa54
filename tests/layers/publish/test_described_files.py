"""GeoParquet and CSV say what is in them, by the rules of their standards; all forms agree."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from layers.publish.downloads import write_geoparquet
from layers.release.manifest_file import Manifest
from tests.layers.publish.test_files import LAYERS

ABSOLUTE_OR_PREFIXED = re.compile(r"(dc|schema|rdfs):\w+|https?://\S+")
NUMBERS = {"integer": int, "double": float}


# --- GeoParquet 1.1 -----------------------------------------------------------------------------


def parquet_of(release: Path, layer: str) -> Path:
    return release / "layers" / layer / "data.parquet"


def boxes_fit(path: Path) -> bool:
    """Whether exactly the features with a geometry have a box, each that of its geometry."""
    table = pq.read_table(path)
    shapes = shapely.from_wkb(table["geometry"].to_pylist())
    boxes = table["bbox"].to_pylist()
    bounds = [None if shape is None else shape.bounds for shape in shapes]
    return bounds == [None if box is None else tuple(box.values()) for box in boxes]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_feature_without_geometry_has_no_box(release: Path, layer: str) -> None:
    """GeoParquet 1.1, "Bbox Columns": the box is there where the geometry is, and only there."""
    path = parquet_of(release, layer)
    assert boxes_fit(path)
    frame = gpd.read_parquet(path, bbox=(120, -10, 123, -5))
    assert len(frame) == gpd.read_parquet(path).geometry.notna().sum()


def test_boundaries_without_geometry_have_no_box_either(release: Path) -> None:
    assert boxes_fit(release / "boundaries.parquet")


def test_a_file_without_any_geometry_has_no_covering(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[None, None], crs="EPSG:4326")
    write_geoparquet(frame, tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    column = json.loads(table.schema.metadata[b"geo"])["columns"]["geometry"]
    assert table.column_names == ["a", "geometry"]
    assert not {"covering", "bbox"} & set(column)


def test_the_geoparquet_says_titles_units_and_sources(release: Path, manifest: Manifest) -> None:
    schema = pq.read_schema(parquet_of(release, "desa"))
    entry = next(layer for layer in manifest.layers if layer.id == "desa")
    for field in entry.fields:
        told = schema.field(field.name).metadata
        assert told[b"title"].decode() == field.title.id
        assert told.get(b"unit", b"").decode() == (field.unit or "")
    about = json.loads(schema.metadata[b"dataset"])
    assert (about["licence"], about["attribution"]) == ("CC-BY-4.0", "Papan, CC-BY-4.0")
    listed = {file.path: file.sha256 for file in manifest.files}
    assert listed[about["release"]["file"]] == about["release"]["sha256"]


# --- CSV on the Web -----------------------------------------------------------------------------


def described(release: Path, layer: str) -> tuple[dict[str, Any], list[list[str]]]:
    """The description of a CSV, and its lines."""
    folder = release / "downloads"
    about = json.loads((folder / f"{layer}.csv-metadata.json").read_text(encoding="utf-8"))
    with (folder / about["url"]).open(encoding="utf-8", newline="") as file:
        return about, list(csv.reader(file))


@pytest.mark.parametrize("layer", LAYERS)
def test_csvw_5_2_the_context_is_a_string_and_a_local_context(release: Path, layer: str) -> None:
    about, _ = described(release, layer)
    assert about["@context"] == ["http://www.w3.org/ns/csvw", {"@language": "id"}]


@pytest.mark.parametrize("layer", LAYERS)
def test_csvw_5_8_common_properties_are_names_with_a_prefix(release: Path, layer: str) -> None:
    about, _ = described(release, layer)
    known = {"@context", "url", "tableSchema"}
    check_common({name: value for name, value in about.items() if name not in known})
    for column in about["tableSchema"]["columns"]:
        own = {"name", "titles", "datatype"}
        check_common({name: value for name, value in column.items() if name not in own})


def check_common(value: Any) -> None:
    """That a common property is a value of JSON-LD as CSVW allows it."""
    if isinstance(value, list):
        for part in value:
            check_common(part)
    elif isinstance(value, dict) and "@value" in value:
        assert set(value) == {"@value", "@language"}
    elif isinstance(value, dict):
        for name, inner in value.items():
            assert ABSOLUTE_OR_PREFIXED.fullmatch(name), name
            check_common(inner)


@pytest.mark.parametrize("layer", LAYERS)
def test_csvw_5_6_columns_are_those_of_the_file_and_cells_of_their_type(
    release: Path, layer: str
) -> None:
    about, (head, *rows) = described(release, layer)
    columns = about["tableSchema"]["columns"]
    assert [column["titles"] for column in columns] == head
    assert len({column["name"] for column in columns}) == len(columns)
    for number, column in enumerate(columns):
        read = NUMBERS.get(column["datatype"], str)
        assert all(read(row[number]) is not None for row in rows if row[number])


def test_a_csv_says_units_and_that_boundaries_are_indicative(release: Path) -> None:
    about, _ = described(release, "desa")
    columns = {column["name"]: column for column in about["tableSchema"]["columns"]}
    assert columns["penduduk_jiwa"]["schema:unitText"] == "jiwa"
    assert columns["penduduk_jiwa"]["dc:description"] == "Penduduk. Satuan: jiwa."
    assert "bukan acuan hukum" in about["dc:description"][0]["@value"]


# --- FlatGeobuf ---------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_a_flatgeobuf_is_described_beside_it(release: Path, manifest: Manifest, layer: str) -> None:
    folder = release / "downloads"
    about = json.loads((folder / f"{layer}.fgb.json").read_text(encoding="utf-8"))
    entry = next(one for one in manifest.layers if one.id == layer)
    assert f"{layer}.fgb.json" in entry.downloads
    assert [column["name"] for column in about["columns"]] == list(
        pyogrio.read_info(folder / f"{layer}.fgb")["fields"]
    )
    units = {column["name"]: column.get("unit") for column in about["columns"]}
    assert all(units[field.name] == field.unit for field in entry.fields)
    assert about["attribution"] == entry.attribution
