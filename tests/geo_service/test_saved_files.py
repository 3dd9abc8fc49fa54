"""Files under addresses that stay, whole and of one wilayah; and all forms of a layer agree."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import geopandas as gpd
import openpyxl
import pyogrio
import pyproj
import pytest
import shapely

from layers.release.manifest_file import LayerEntry, read_manifest
from tests.geo_service.client import HOST, Client

LAYERS = ("desa", "kecamatan", "facilities")
Row: TypeAlias = "tuple[dict[str, Any], Any]"
Rows: TypeAlias = "dict[int, Row]"


def layer_of(releases: Path, name: str) -> LayerEntry:
    manifest = read_manifest((releases / "current").resolve())
    return next(layer for layer in manifest.layers if layer.id == name)


def follow(client: Client, path: str) -> bytes:
    """What an address that stays leads to, asked as a client does."""
    answer = client.get(path)
    assert answer.status_code == 307, answer.text
    assert answer.headers["cache-control"] == "public, no-cache"
    pinned = client.get(answer.headers["location"].removeprefix(HOST))
    assert pinned.status_code == 200, pinned.text
    assert "/releases/" in answer.headers["location"]
    return pinned.content


# --- one test over all forms --------------------------------------------------------------------


def of_features(features: Iterable[dict[str, Any]]) -> Rows:
    return {
        row["id"]: (
            row["properties"],
            row["geometry"] and shapely.from_geojson(json.dumps(row["geometry"])),
        )
        for row in features
    }


def of_geojson(content: bytes, layer: LayerEntry, folder: Path) -> Rows:
    document = json.loads(content)
    assert document["type"] == "FeatureCollection"
    assert "crs" not in document
    return of_features(document["features"])


def of_lines(content: bytes, layer: LayerEntry, folder: Path) -> Rows:
    return of_features(json.loads(line) for line in content.splitlines())


def of_frame(frame: gpd.GeoDataFrame) -> Rows:
    names = [name for name in frame.columns if name not in {"fid", "geometry"}]
    rows = frame.astype(object).where(frame.notna(), None)
    cells = zip(*(rows[name] for name in names), strict=True)
    return {
        int(fid): (dict(zip(names, row, strict=True)), shape)
        for fid, row, shape in zip(frame["fid"], cells, frame.geometry, strict=True)
    }


def of_parquet(content: bytes, layer: LayerEntry, folder: Path) -> Rows:
    return of_frame(gpd.read_parquet(io.BytesIO(content)))


def of_gpkg(content: bytes, layer: LayerEntry, folder: Path) -> Rows:
    path = folder / "a.gpkg"
    path.write_bytes(content)
    return of_frame(pyogrio.read_dataframe(path, layer=layer.id, fid_as_index=True).reset_index())


def of_fgb(content: bytes, layer: LayerEntry, folder: Path) -> Rows:
    path = folder / "a.fgb"
    path.write_bytes(content)
    return of_frame(pyogrio.read_dataframe(path))


def of_table(
    head: list[str], rows: Iterable[Iterable[Any]], read: Callable[[Any, str], Any]
) -> Rows:
    named = [dict(zip(head, row, strict=True)) for row in rows]
    return {
        int(row["fid"]): (
            {name: read(cell, name) for name, cell in row.items() if name != "fid"},
            0,
        )
        for row in named
    }


def of_csv(content: bytes, layer: LayerEntry, folder: Path) -> Rows:
    kinds = {field.name: field.type for field in layer.fields}
    reads = {"integer": int, "number": float}
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    return of_table(
        head, rows, lambda cell, name: reads.get(kinds[name], str)(cell) if cell else None
    )


def of_excel_csv(content: bytes, layer: LayerEntry, folder: Path) -> Rows:
    assert content.startswith(b"\xef\xbb\xbf")
    kinds = {field.name: field.type for field in layer.fields}

    def read(cell: str, name: str) -> Any:
        if not cell:
            return None
        if kinds[name] == "number":
            assert "." not in cell
            return float(cell.replace(",", "."))
        if kinds[name] == "integer":
            return int(cell)
        return cell[2:-1] if cell.startswith('="') else cell

    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    return of_table(head, rows, read)


def of_workbook(content: bytes, layer: LayerEntry, folder: Path) -> Rows:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    return of_table([str(name) for name in head], rows, lambda cell, name: cell)


READERS: Mapping[str, Callable[[bytes, LayerEntry, Path], Rows]] = {
    "geojson": of_geojson,
    "geojsonl": of_lines,
    "parquet": of_parquet,
    "gpkg": of_gpkg,
    "fgb": of_fgb,
    "csv": of_csv,
    "excel.csv": of_excel_csv,
    "xlsx": of_workbook,
}
WITHOUT_GEOMETRY = {"csv", "excel.csv", "xlsx"}


def all_pages(client: Client, layer: str, query: str = "") -> Rows:
    return of_features(client.json(f"/collections/{layer}/items?limit=1000{query}")["features"])


def check_agreement(expected: Rows, got: Rows, layer: LayerEntry, *, with_geometry: bool) -> None:
    """Count, values, nulls, types and geometry of a file are those of the features."""
    assert set(got) == set(expected)
    kinds = {"integer": int, "number": float, "string": str}
    for fid, (properties, shape) in expected.items():
        values, drawn = got[fid]
        assert values == properties, fid
        for field in layer.fields:
            value = values[field.name]
            whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            fits = value is None or isinstance(value, kinds[field.type])
            # A workbook has one kind of number; GDAL reads a column with nulls as floats.
            assert fits or (field.type != "string" and whole), (fid, field.name, value)
        if with_geometry and shape is None:
            assert drawn is None
        elif with_geometry:
            assert drawn.geom_type == shape.geom_type
            assert shapely.equals_exact(drawn, shape, 1e-7)


@pytest.mark.parametrize("ending", READERS)
@pytest.mark.parametrize("layer", LAYERS)
def test_all_forms_of_a_layer_agree(
    client: Client, releases: Path, layer: str, ending: str, tmp_path: Path
) -> None:
    entry = layer_of(releases, layer)
    content = follow(client, f"/unduh/{layer}.{ending}")
    got = READERS[ending](content, entry, tmp_path)
    expected = all_pages(client, layer)
    assert len(expected) == entry.count
    check_agreement(expected, got, entry, with_geometry=ending not in WITHOUT_GEOMETRY)


PLACES = [("99.01.01", "desa", "kode_kecamatan"), ("99.01.01", "facilities", "kode_kecamatan")]
PLACES += [("99.01", "desa", "kode_kabupaten"), ("99.01.01", "kecamatan", "kode")]


@pytest.mark.parametrize("ending", [ending for ending in READERS if ending != "parquet"])
@pytest.mark.parametrize(("kode", "layer", "column"), PLACES)
def test_all_forms_of_a_wilayah_agree(
    client: Client, releases: Path, kode: str, layer: str, column: str, ending: str, tmp_path: Path
) -> None:
    got = READERS[ending](
        follow(client, f"/unduh/{kode}/{layer}.{ending}"), layer_of(releases, layer), tmp_path
    )
    expected = all_pages(client, layer, f"&{column}={kode}")
    entry = layer_of(releases, layer)
    check_agreement(expected, got, entry, with_geometry=ending not in WITHOUT_GEOMETRY)
    assert got


# --- the GeoPackage of a wilayah ----------------------------------------------------------------


@pytest.fixture(scope="module")
def part(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("part") / "desa.gpkg"
    path.write_bytes(follow(client, "/unduh/99.01.01/desa.gpkg"))
    return path


def test_the_part_keeps_styles_and_names_and_says_its_release(part: Path, rid: str) -> None:
    with closing(sqlite3.connect(part)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        styles = database.execute("SELECT count(*) FROM layer_styles").fetchone()
        names = database.execute("SELECT count(*) FROM gpkg_data_columns").fetchone()
        ((text,),) = database.execute(
            "SELECT metadata FROM gpkg_metadata WHERE md_scope = 'dataset'"
        )
        triggers = database.execute(
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'desa'"
        ).fetchone()
    assert (styles, names, triggers) == ((2,), (14,), (8,))
    about = json.loads(text)
    assert (about["release_id"], about["part"]) == (rid, "99.01.01")
    assert about["licence"] == "CC-BY-4.0"


def test_the_index_and_extent_of_the_part_are_of_its_features(part: Path) -> None:
    frame = pyogrio.read_dataframe(part, layer="desa")
    info = pyogrio.read_info(part, layer="desa")
    assert info["features"] == len(frame) == 6
    assert tuple(info["total_bounds"]) == pytest.approx(tuple(frame.total_bounds))
    boxed = pyogrio.read_dataframe(part, layer="desa", bbox=(121.001, -8.499, 121.019, -8.481))
    assert boxed["kode"].tolist() == ["99.01.01.2001"]
    assert pyproj.CRS(info["crs"]).to_epsg() == 4326


def test_the_same_part_has_the_same_bytes(client: Client, part: Path) -> None:
    assert follow(client, "/unduh/99.01.01/desa.gpkg") == part.read_bytes()


# --- what a person reads ------------------------------------------------------------------------


def test_excel_gets_columns_commas_and_codes_that_stay_text(client: Client) -> None:
    answer = client.get("/collections/desa/items?f=csv-excel&limit=1&properties=kode,idm_skor")
    lines = answer.content.decode("utf-8-sig").split("\r\n")
    assert lines[:2] == ["fid;kode;idm_skor", '9901012001;"=""99.01.01.2001""";0,4']
    assert 'filename="desa.excel.csv"' in answer.headers["content-disposition"]


def test_a_workbook_says_fields_and_sources_in_both_languages(client: Client, rid: str) -> None:
    content = client.get("/collections/desa/items?f=xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["desa", "Kolom", "Sumber"]
    fields = {row[0]: row[1:] for row in book["Kolom"].iter_rows(values_only=True)}
    assert fields["kolom"] == ("judul", "satuan", "keterangan", "title", "description")
    people = ("Penduduk", "jiwa", "Penduduk. Satuan: jiwa.", "Penduduk", "Penduduk. Unit: jiwa.")
    assert fields["penduduk_jiwa"] == people
    cells = [cell for row in book["Sumber"].iter_rows(values_only=True) for cell in row if cell]
    assert {"Papan, CC-BY-4.0", "CC-BY-4.0", rid} <= set(cells)
    assert any("bukan acuan hukum" in str(cell) for cell in cells)
    assert any("no legal reference" in str(cell) for cell in cells)


def test_geojson_follows_the_right_hand_rule(client: Client) -> None:
    """RFC 7946, section 3.1.6: exterior rings are counterclockwise, holes clockwise."""
    document = json.loads(follow(client, "/unduh/desa.geojson"))
    shapes = [row["geometry"] for row in document["features"] if row["geometry"]]
    rings = [ring for shape in shapes for polygon in shape["coordinates"] for ring in polygon[:1]]
    assert rings
    assert all(shapely.LinearRing(ring).is_ccw for ring in rings)


# --- what is not there --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/unduh/desa.shp", "xlsx"),
        ("/unduh/desa", "gpkg"),
        ("/unduh/nope.gpkg", "nope"),
        ("/unduh/99.02/desa.gpkg", "99.02"),
        ("/unduh/99.01.01/desa.pmtiles", "gpkg"),
        ("/unduh/99.01/facilities.gpkg", "kabupaten"),
        ("/unduh/../desa.gpkg", ""),
    ],
)
def test_what_there_is_no_file_of_is_404(client: Client, path: str, said: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert said in answer.json()["detail"]


def test_an_address_that_stays_takes_no_other_parameters(client: Client) -> None:
    assert client.get("/unduh/desa.gpkg?limit=1").status_code == 400
