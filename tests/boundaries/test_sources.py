from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundaries.codes import CodeSystem
from boundaries.errors import (
    BoundariesError,
    InputMissingError,
    InputUndeclaredError,
    InputUnreadableError,
)
from boundaries.sources import PolygonSource, read_polygons
from boundaries.sources.path_text import PathError, polygon_of_path
from tests.boundaries.drawing import codes_of, frame, kode, one, source, square, write_json

WORLD = frame([square(0, 0), square(1, 0), square(0, 1)])


def write_gpkg(folder: Path) -> Path:
    WORLD.to_file(folder / "desa.gpkg", layer="desa")
    return folder / "desa.gpkg"


def write_geojson(folder: Path) -> Path:
    WORLD.to_file(folder / "desa.geojson")
    return folder / "desa.geojson"


def write_flatgeobuf(folder: Path) -> Path:
    WORLD.to_file(folder / "desa.fgb", SPATIAL_INDEX="NO")
    return folder / "desa.fgb"


def write_geoparquet(folder: Path) -> Path:
    WORLD.to_parquet(folder / "desa.parquet")
    return folder / "desa.parquet"


def write_plain_wkb(folder: Path) -> Path:
    table = pd.DataFrame(WORLD.drop(columns="geometry"))
    table["geom"] = shapely.to_wkb(WORLD.geometry.values)
    table.to_parquet(folder / "desa.parquet")
    return folder / "desa.parquet"


def zip_shapefile(folder: Path, *, without: tuple[str, ...] = (), epsg: int = 4326) -> Path:
    folder.joinpath("shp").mkdir()
    WORLD.to_crs(epsg).to_file(folder / "shp/desa.shp")
    with zipfile.ZipFile(folder / "desa.zip", "w") as archive:
        for part in sorted(folder.glob("shp/*")):
            if part.suffix not in without:
                archive.write(part, f"batas desa/{part.name}")
    return folder / "desa.zip"


def write_utm_shapefile(folder: Path) -> Path:
    return zip_shapefile(folder, epsg=32751)


def write_kml(folder: Path, name: str = "desa.kml") -> Path:
    places = "".join(
        f"<Placemark><ExtendedData><Data name='kode'><value>{row.kode}</value></Data>"
        f"<Data name='nama'><value>{row.nama}</value></Data></ExtendedData><Polygon>"
        "<outerBoundaryIs><LinearRing><coordinates>"
        + " ".join(f"{x},{y},12" for x, y in row.geometry.exterior.coords)
        + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        for row in WORLD.itertuples()
    )
    head = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    text = f"{head}<Folder><name>a</name>{places}</Folder></Document></kml>"
    if name.endswith(".kmz"):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("doc.kml", text)
    else:
        (folder / name).write_text(text)
    return folder / name


def write_kmz(folder: Path) -> Path:
    return write_kml(folder, "desa.kmz")


def lat_lon_path(shape: Any) -> str:
    return json.dumps([[[y, x] for x, y in shape.exterior.coords]])


def write_opensid_csv(folder: Path) -> Path:
    table = pd.DataFrame({"kode": WORLD.kode, "nama": WORLD.nama})
    table["path"] = [lat_lon_path(shape) for shape in WORLD.geometry]
    table.to_csv(folder / "desa.csv", index=False, sep=";")
    return folder / "desa.csv"


def write_opensid_json(folder: Path) -> Path:
    rows = [
        {"kode": row.kode, "nama": row.nama, "path": lat_lon_path(row.geometry)}
        for row in WORLD.itertuples()
    ]
    return write_json(folder / "desa.json", {"data": rows})


def write_sql(folder: Path) -> Path:
    rows = ",\n".join(
        f"('{row.kode}','{row.nama}',-9.0,124.0,'{lat_lon_path(row.geometry)}')"
        for row in WORLD.itertuples()
    )
    head = "CREATE TABLE w (kode varchar);\nINSERT INTO `w` (`kode`,`nama`,`lat`,`lng`,`path`)"
    (folder / "desa.sql").write_text(f"{head} VALUES\n{rows};")
    return folder / "desa.sql"


FORMATS = [
    write_gpkg, write_geojson, write_flatgeobuf, write_geoparquet, write_plain_wkb, zip_shapefile,
    write_utm_shapefile, write_kml, write_kmz, write_opensid_csv, write_opensid_json, write_sql,
]  # fmt: skip


@pytest.mark.parametrize("write", FORMATS)
def test_every_format_gives_the_same_polygons(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    polygons, _ = read_polygons(source(write(tmp_path)))
    polygons = polygons.sort_values("kode")
    assert polygons["kode"].tolist() == WORLD["kode"].tolist()
    assert polygons["nama"].tolist() == WORLD["nama"].tolist()
    assert polygons.crs.to_epsg() == 4326
    for ours, drawn in zip(polygons.geometry, WORLD.geometry, strict=True):
        assert shapely.hausdorff_distance(ours, drawn) < 1e-6
    assert sorted(polygons["source_row"]) == [1, 2, 3]


def test_heights_are_dropped_and_reported(tmp_path: Path) -> None:
    polygons, findings = read_polygons(source(write_kml(tmp_path)))
    assert not polygons.geometry.has_z.any()
    assert one(findings, "boundary.three_dimensional").measure == 3


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


def test_a_shapefile_without_prj_is_read_under_a_declared_crs(tmp_path: Path) -> None:
    polygons, _ = read_polygons(
        source(zip_shapefile(tmp_path, without=(".prj",), epsg=32751), crs="EPSG:32751")
    )
    assert polygons.geometry.iloc[0].bounds[0] == pytest.approx(124.0)


def test_a_declared_crs_overrules_the_file_and_says_so(tmp_path: Path) -> None:
    WORLD.to_crs(32751).set_crs(32750, allow_override=True).to_parquet(tmp_path / "a.parquet")
    polygons, findings = read_polygons(source(tmp_path / "a.parquet", crs="EPSG:32751"))
    assert polygons.geometry.iloc[0].bounds[0] == pytest.approx(124.0)
    assert one(findings, "boundary.crs_overruled").severity == "warning"


def test_coordinates_written_lat_lon_are_turned_round_and_reported(tmp_path: Path) -> None:
    turned = WORLD.set_geometry(shapely.transform(WORLD.geometry.values, lambda xy: xy[:, ::-1]))
    turned.to_parquet(tmp_path / "a.parquet")
    polygons, findings = read_polygons(source(tmp_path / "a.parquet"))
    assert polygons.geometry.iloc[0].equals(WORLD.geometry.iloc[0])
    assert one(findings, "boundary.axis_swapped").measure == 3


def test_one_row_outside_of_indonesia_loses_its_polygon_only(tmp_path: Path) -> None:
    table = frame([square(0, 0), shapely.box(0, 50, 1, 51)])
    table.to_parquet(tmp_path / "a.parquet")
    polygons, findings = read_polygons(source(tmp_path / "a.parquet"))
    assert polygons.geometry.isna().tolist() == [False, True]
    assert one(findings, "boundary.outside_indonesia").row == 2


def test_only_rows_that_where_lets_pass_are_read_and_they_keep_their_numbers(
    tmp_path: Path,
) -> None:
    table = frame([square(0, 0), square(1, 0), square(2, 0)], tipe=["garis", "desa", "desa"])
    table.to_parquet(tmp_path / "a.parquet")
    polygons, _ = read_polygons(source(tmp_path / "a.parquet", where={"tipe": "desa"}))
    assert polygons["source_row"].tolist() == [2, 3]


def test_a_big_file_is_read_in_the_declared_system_though_it_carries_both(tmp_path: Path) -> None:
    table = frame(
        [square(0, 0)],
        KDPPUM=["99"], KDPKAB=["99.01"], KDCPUM=["99.01.01"], KDEPUM=["99.01.01.2001"],
        KDPBPS=["98"], KDBBPS=["02"], KDCBPS=["010"], KDEBPS=["003"],
        NAMOBJ=["Oesao"], WADMKC=["Kupang Timur"],
    ).drop(columns=["kode", "nama"])  # fmt: skip
    table.to_parquet(tmp_path / "a.parquet")
    declared = source(tmp_path / "a.parquet", code_column=None, name_column=None)
    polygons, _ = read_polygons(declared)
    assert polygons["kode"].tolist() == ["99.01.01.2001"]
    assert polygons[["nama", "nama_kecamatan"]].iloc[0].tolist() == ["Oesao", "Kupang Timur"]
    bps = source(
        tmp_path / "a.parquet", code_column=None, name_column=None, code_system=CodeSystem.BPS
    )
    assert read_polygons(bps)[0]["kode"].tolist() == ["9802010003"]


def write_gpx(folder: Path, gap: float) -> Path:
    points = [(124.0, -9.0), (124.01, -9.0), (124.01, -8.99), (124.0, -8.99), (124.0, -9.0 + gap)]
    text = "".join(f'<trkpt lat="{y}" lon="{x}"><ele>3</ele></trkpt>' for x, y in points)
    head = '<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
    path = folder / "jejak.gpx"
    path.write_text(f"{head}<trk><name>99.01.01.2001</name><trkseg>{text}</trkseg></trk></gpx>")
    return path


def test_a_walk_round_a_desa_becomes_its_polygon(tmp_path: Path) -> None:
    declared = source(write_gpx(tmp_path, 0.0001), code_column="name", name_column=None)
    polygons, findings = read_polygons(declared)
    assert polygons.geometry.iloc[0].area == pytest.approx(1e-4, rel=0.02)
    assert "boundary.line_closed" in codes_of(findings, "note")


def test_a_walk_that_does_not_end_where_it_began_is_no_polygon(tmp_path: Path) -> None:
    declared = source(write_gpx(tmp_path, 0.008), code_column="name", name_column=None)
    polygons, findings = read_polygons(declared)
    assert polygons.geometry.iloc[0] is None
    assert one(findings, "boundary.line_open").row == 1


@pytest.mark.parametrize("text", [None, "", "[]", "[[]]", "[[[[]]]]", " null ", float("nan")])
def test_empty_paths_are_no_polygon_and_no_fault(text: object) -> None:
    assert polygon_of_path(text) is None


def test_a_path_of_depth_four_is_several_parts() -> None:
    text = "[[[[-8,124],[-8,125],[-7,125]]],[[[-8,126],[-8,127],[-7,127]]]]"
    assert shapely.get_num_geometries(polygon_of_path(text)) == 2


@pytest.mark.parametrize(
    "text", ["[[[-8,124],[-8,12", "{}", "[1,2]", "[[[-8],[124]]]", '[[["a",1],[2,3],[4,5]]]', "12"]
)
def test_a_damaged_path_is_named(text: str) -> None:
    with pytest.raises(PathError):
        polygon_of_path(text)


def test_a_path_cut_off_by_its_column_is_a_finding_with_its_row(tmp_path: Path) -> None:
    path = write_opensid_csv(tmp_path)
    lines = path.read_text().splitlines()
    lines[2] = lines[2][:60] + '"'
    path.write_text("\n".join(lines))
    polygons, findings = read_polygons(source(path))
    assert polygons.geometry.isna().sum() == 1
    assert one(findings, "boundary.path_damaged").row == 2


def test_sql_quotes_and_escapes_are_undone(tmp_path: Path) -> None:
    path = write_sql(tmp_path)
    path.write_text(
        path.read_text().replace("Desa 1", r"Pasi Kuala Ba\'u").replace("Desa 2", "Ba''u")
    )
    polygons, _ = read_polygons(source(path))
    assert polygons["nama"].tolist()[:2] == ["Pasi Kuala Ba'u", "Ba'u"]


ENDINGS = (".gpkg", ".geojson", ".json", ".fgb", ".zip", ".parquet", ".kml", ".kmz", ".gpx",
           ".csv", ".sql", ".shp")  # fmt: skip


@settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
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


def test_a_code_system_given_as_text_is_that_system_and_no_other(tmp_path: Path) -> None:
    given = PolygonSource(tmp_path / "a.gpkg", "a.gpkg", "kemendagri")  # type: ignore[arg-type]
    assert given.code_system is CodeSystem.KEMENDAGRI
    with pytest.raises(ValueError, match="dukcapil"):
        PolygonSource(tmp_path / "a.gpkg", "a.gpkg", "dukcapil")  # type: ignore[arg-type]
