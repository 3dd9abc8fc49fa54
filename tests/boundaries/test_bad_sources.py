"""A damaged or wrongly declared file of boundaries is one message that says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundaries.errors import (
    BoundariesError,
    InputMissingError,
    InputUndeclaredError,
    InputUnreadableError,
)
from boundaries.polygons import read_polygons
from tests.boundaries.drawing import kode, source, write_json
from tests.boundaries.formats import (
    FORMATS,
    WORLD,
    write_geojson,
    write_geoparquet,
    write_gpkg,
    write_sql,
    zip_shapefile,
)


def missing(folder: Path) -> Any:
    return source(folder / "tiada.gpkg")


def empty_file(folder: Path) -> Any:
    (folder / "kosong.gpkg").write_bytes(b"")
    return source(folder / "kosong.gpkg")


def not_what_it_claims(folder: Path) -> Any:
    (folder / "a.gpkg").write_text("not a geopackage at all, but long enough to look at" * 20)
    return source(folder / "a.gpkg")


def truncated_zip(folder: Path) -> Any:
    path = zip_shapefile(folder)
    path.write_bytes(path.read_bytes()[:400])
    return source(path)


def truncated_parquet(folder: Path) -> Any:
    path = write_geoparquet(folder)
    path.write_bytes(path.read_bytes()[:-50])
    return source(path)


def truncated_geojson(folder: Path) -> Any:
    path = write_geojson(folder)
    path.write_bytes(path.read_bytes()[:-200])
    return source(path)


def truncated_sql(folder: Path) -> Any:
    path = write_sql(folder)
    path.write_text(path.read_text()[:-100])
    return source(path)


def empty_layer(folder: Path) -> Any:
    return source(write_json(folder / "a.geojson", {"type": "FeatureCollection", "features": []}))


def no_prj(folder: Path) -> Any:
    return source(zip_shapefile(folder, without=(".prj",)))


def metres_called_degrees(folder: Path) -> Any:
    WORLD.to_crs(32751).set_crs(4326, allow_override=True).to_parquet(folder / "a.parquet")
    return source(folder / "a.parquet")


def elsewhere(folder: Path) -> Any:
    moved = WORLD.set_geometry(WORLD.geometry.translate(-124, 60))
    moved.to_parquet(folder / "a.parquet")
    return source(folder / "a.parquet")


def wrong_axis_order(folder: Path) -> Any:
    return source(write_geoparquet(folder), axis_order="lat_lon")


def no_code_column(folder: Path) -> Any:
    return source(write_gpkg(folder), code_column="KDEPUM")


def no_code_declared(folder: Path) -> Any:
    return source(write_gpkg(folder), code_column=None)


def several_layers(folder: Path) -> Any:
    WORLD.to_file(folder / "a.gpkg", layer="desa")
    WORLD.to_file(folder / "a.gpkg", layer="dusun")
    return source(folder / "a.gpkg")


def layer_that_is_not_there(folder: Path) -> Any:
    return source(write_gpkg(folder), layer="kecamatan")


def unknown_format(folder: Path) -> Any:
    (folder / "a.docx").write_text("x")
    return source(folder / "a.docx")


def unknown_crs(folder: Path) -> Any:
    return source(write_gpkg(folder), crs="EPSG:999999")


@pytest.mark.parametrize(
    ("declare", "error", "says"),
    [
        (missing, InputMissingError, "does not exist"),
        (empty_file, InputUnreadableError, "0 bytes"),
        (not_what_it_claims, InputUnreadableError, "cannot be read as GeoPackage"),
        (truncated_zip, InputUnreadableError, "cut off"),
        (truncated_parquet, InputUnreadableError, "Is the file complete?"),
        (truncated_geojson, InputUnreadableError, "cannot be read as GeoJSON"),
        (truncated_sql, InputUnreadableError, "cut off in row 3"),
        (empty_layer, InputUnreadableError, "empty"),
        (no_prj, InputUndeclaredError, "no .prj"),
        (metres_called_degrees, InputUndeclaredError, "probably metres"),
        (elsewhere, InputUndeclaredError, "outside of Indonesia"),
        (wrong_axis_order, InputUndeclaredError, 'axis_order = "lon_lat"'),
        (no_code_column, InputUndeclaredError, "The file has: kode, nama"),
        (no_code_declared, InputUndeclaredError, "declare code_column"),
        (several_layers, InputUndeclaredError, "desa, dusun"),
        (layer_that_is_not_there, InputUndeclaredError, "The file has: desa"),
        (unknown_format, InputUndeclaredError, "no reader for '.docx'"),
        (unknown_crs, InputUndeclaredError, "EPSG:999999"),
    ],
)
def test_each_bad_input_has_one_message_that_names_the_file_and_says_what_to_do(
    declare: Any, error: type[Exception], says: str, tmp_path: Path
) -> None:
    declared = declare(tmp_path)
    with pytest.raises(error, match=re.escape(says)) as caught:
        read_polygons(declared)
    message = str(caught.value)
    assert declared.label in message
    assert str(tmp_path) not in message
    assert "\n" not in message


ENDINGS = (
    ".gpkg",
    ".geojson",
    ".json",
    ".fgb",
    ".zip",
    ".parquet",
    ".kml",
    ".kmz",
    ".gpx",
    ".csv",
    ".sql",
    ".shp",
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.binary(min_size=1, max_size=400), ending=st.sampled_from(ENDINGS))
def test_random_bytes_are_never_more_than_a_message(
    content: bytes, ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"acak{ending}"
    path.write_bytes(content)
    with pytest.raises(BoundariesError):
        read_polygons(source(path))


@pytest.mark.parametrize("write", FORMATS)
def test_a_file_cut_off_anywhere_is_a_message_or_whole_rows(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = write(tmp_path)
    whole = path.read_bytes()
    for size in np.linspace(1, len(whole) - 1, 12).astype(int):
        path.write_bytes(whole[:size])
        try:
            polygons, _ = read_polygons(source(path))
        except BoundariesError:
            continue
        assert set(polygons["kode"].dropna()) <= {kode(1), kode(2), kode(3)}
