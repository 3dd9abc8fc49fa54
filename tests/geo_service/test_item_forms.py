"""Features in other coordinate systems, orders and forms: each against another library's way."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import openpyxl
import pyogrio
import pyproj
import pytest
import shapely

from geo_service.http.link_types import CRS84
from geo_service.ogc import encodings
from geo_service.ogc.filtering import crs
from tests.clients.conftest import run_program
from tests.geo_service.client import Client

ITEMS = "/collections/desa/items"
FILTER = f"filter={quote('penduduk_jiwa > 2 AND penduduk_jiwa < 12')}"
SOUTH_51 = "http://www.opengis.net/def/crs/EPSG/0/32751"
EPSG_4326 = "http://www.opengis.net/def/crs/EPSG/0/4326"


def shapes_of(page: Any) -> dict[int, Any]:
    rows = [row for row in page["features"] if row["geometry"] is not None]
    return {row["id"]: shapely.from_geojson(json.dumps(row["geometry"])) for row in rows}


def moved(shape: Any, uri: str) -> Any:
    """A geometry in another system, by pyproj, with the axes in the order of the system."""
    target = pyproj.CRS.from_user_input(
        uri.replace("http://www.opengis.net/def/crs/EPSG/0/", "EPSG:")
    )
    change = pyproj.Transformer.from_crs("OGC:CRS84", target)
    return shapely.transform(shape, lambda p: np.column_stack(change.transform(p[:, 0], p[:, 1])))


@pytest.mark.parametrize("uri", crs.SERVED)
def test_features_are_given_in_every_system(client: Client, uri: str) -> None:
    plain = client.json(f"{ITEMS}?limit=4")
    answer = client.get(f"{ITEMS}?limit=4&crs={uri}")
    assert answer.headers["content-crs"] == f"<{uri}>"
    page = answer.json()
    assert [row["properties"] for row in page["features"]] == [
        row["properties"] for row in plain["features"]
    ]
    tolerance = 0.001 if abs(next(iter(shapes_of(page).values())).bounds[0]) > 400 else 1e-7
    for fid, shape in shapes_of(plain).items():
        got = shapes_of(page)[fid]
        assert shapely.equals_exact(got, moved(shape, uri), tolerance) or uri == CRS84
        one = client.get(f"{ITEMS}/{fid}?crs={uri}")
        assert one.headers["content-crs"] == f"<{uri}>"
        assert shapely.from_geojson(json.dumps(one.json()["geometry"])) == got
        own = next(link["href"] for link in one.json()["links"] if link["rel"] == "self")
        assert client.json(own)["geometry"] == one.json()["geometry"]


def test_the_layer_says_which_systems_there_are(client: Client) -> None:
    layer = client.json("/collections/desa")
    codes = {uri.rpartition("/")[2] for uri in layer["crs"]}
    utm = {str(base + zone) for base in (32600, 32700) for zone in range(46, 55)}
    assert codes >= {"CRS84", "4326", "3857", "4755", "23871", "23882"} | utm
    assert layer["storageCrs"] in layer["crs"]


def test_latitude_comes_first_where_it_is_the_first_axis(client: Client) -> None:
    x, y = client.json(f"{ITEMS}/9901012001?crs={EPSG_4326}")["geometry"]["coordinates"][0][0][0]
    assert y > 100 > 0 > x


@pytest.mark.parametrize("uri", [CRS84, EPSG_4326, SOUTH_51, SOUTH_51.replace("32751", "3857")])
@pytest.mark.parametrize("part", [(0.001, 0.001, 0.019, 0.019), (0.01, 0.005, 0.07, 0.03)])
def test_a_box_of_any_system_selects_what_meets_it(
    client: Client, uri: str, part: tuple[float, float, float, float]
) -> None:
    corner = moved(shapely.Point(121.0, -8.5), uri) if uri != CRS84 else shapely.Point(121, -8.5)
    unit = 1.0 if abs(corner.x) < 400 else 111_000.0
    box = [corner.x + part[0] * unit, corner.y + part[1] * unit]
    box += [corner.x + part[2] * unit, corner.y + part[3] * unit]
    text = ",".join(map(repr, box))
    page = client.json(f"{ITEMS}?crs={uri}&bbox={text}&bbox-crs={uri}&limit=100")
    everything = shapes_of(client.json(f"{ITEMS}?crs={uri}&limit=100"))
    expected = {
        fid
        for fid, shape in everything.items()
        if shape.intersects(shapely.box(box[0], box[1], box[2], box[3]))
    }
    assert {row["id"] for row in page["features"]} == expected
    assert 0 < len(expected) < 13


@pytest.mark.parametrize("code", ["3857", "32751", "23882"])
def test_a_box_larger_than_its_system_ends(client: Client, code: str) -> None:
    uri = SOUTH_51.replace("32751", code)
    for box, count in (("-1e308,-1e308,1e308,1e308", 13), ("1e9,1e300,2e9,2e300", 0)):
        page = client.json(f"{ITEMS}?bbox={box}&bbox-crs={uri}")
        assert page["numberMatched"] == count


def test_a_geometry_in_a_filter_may_be_of_another_system(client: Client) -> None:
    place = moved(shapely.box(121.001, -8.499, 121.03, -8.47), SOUTH_51).wkt
    for shape in (place, moved(shapely.Point(121.01, -8.49), SOUTH_51).wkt):
        asked = quote(f"S_INTERSECTS(geometry, {shape})")
        page = client.json(f"{ITEMS}?filter={asked}&filter-crs={SOUTH_51}")
        assert page["numberMatched"] == (4 if shape is place else 1)
    corner = quote("S_INTERSECTS(geometry, POINT(-8.49 121.01))")
    assert client.json(f"{ITEMS}?filter={corner}&filter-crs={EPSG_4326}")["numberMatched"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "crs=EPSG:32760",
        "crs=nope",
        "crs=",
        "bbox-crs=EPSG:2154&bbox=1,2,3,4",
        "filter-crs=x",
        "sortby=nope",
        "sortby=",
        "properties=nope",
        "properties=kode,,nama",
        "ids=",
        f"ids={','.join(['1'] * 1001)}",
        "f=shp",
    ],
)
def test_what_is_not_served_is_refused(client: Client, query: str) -> None:
    assert client.get(f"{ITEMS}?{query}").status_code == 400


def test_a_code_with_dots_is_an_id(client: Client) -> None:
    by_code, by_id = (client.json(f"{ITEMS}/{fid}") for fid in ("99.01.01.2001", "9901012001"))
    assert {**by_code, "links": 0} == {**by_id, "links": 0}
    for text in ("99.01.01.9999", "99.01.01", "x.y", "99.01.01.2001."):
        assert client.get(f"{ITEMS}/{text}").status_code == 404
    page = client.json(f"{ITEMS}?ids=99.01.01.2002,9901012001,5,99.01.01.2002")
    assert {row["id"] for row in page["features"]} == {9901012001, 9901012002}
    assert client.get("/collections/facilities/items/P1").status_code == 200


@pytest.mark.parametrize("direction", ["", "+", "%2B", "-"])
@pytest.mark.parametrize("name", ["idm_skor", "nama", "penduduk_jiwa"])
def test_features_are_sorted_and_nulls_come_last(client: Client, name: str, direction: str) -> None:
    rows = client.json(f"{ITEMS}?sortby={direction}{name}&limit=100")["features"]
    values = [row["properties"][name] for row in rows]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=direction == "-")
    assert values == known + [None] * (len(values) - len(known))
    pages = [
        client.json(f"{ITEMS}?sortby={direction}{name}&limit=5&offset={at}") for at in (0, 5, 10)
    ]
    assert [row["id"] for page in pages for row in page["features"]] == [row["id"] for row in rows]


def test_a_second_property_decides_among_equals(client: Client) -> None:
    rows = client.json(f"{ITEMS}?sortby=-kode_kecamatan,penduduk_jiwa&limit=100")["features"]
    pairs = [
        (row["properties"]["kode_kecamatan"], row["properties"]["penduduk_jiwa"]) for row in rows
    ]
    assert pairs == sorted(pairs, key=lambda pair: (-int(pair[0].replace(".", "")), pair[1]))


def test_only_the_properties_that_were_asked_for_are_given(client: Client) -> None:
    page = client.json(f"{ITEMS}?properties=nama,idm_skor&{FILTER}")
    plain = client.json(f"{ITEMS}?{FILTER}")
    assert page["features"]
    for row, whole in zip(page["features"], plain["features"], strict=True):
        assert list(row["properties"]) == ["nama", "idm_skor"]
        assert row["properties"]["idm_skor"] == whole["properties"]["idm_skor"]
        assert row["geometry"] == whole["geometry"]


QUERIES = [
    "",
    FILTER,
    f"{FILTER}&sortby=-nama",
    "properties=kode,idm_skor,penduduk_jiwa",
    "limit=3&offset=2",
    "nama=none",
    f"{FILTER}&crs={SOUTH_51}",
]


@pytest.mark.parametrize("query", QUERIES)
def test_all_forms_hold_the_same(client: Client, query: str, tmp_path: Path) -> None:
    rows = client.json(f"{ITEMS}?{query}&limit=100" if "limit" not in query else f"{ITEMS}?{query}")
    ids = [row["id"] for row in rows["features"]]
    cells = [row["properties"] for row in rows["features"]]
    answers = {form: client.get(f"{ITEMS}?{query}&f={form}") for form in encodings.FORMATS}
    for form, answer in answers.items():
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == encodings.FORMATS[form]
        name = encodings.file_name("desa", form)
        assert f'filename="{name}"' in answer.headers["content-disposition"]
    lines = [json.loads(line) for line in answers["geojsonl"].text.splitlines()]
    assert lines == rows["features"]
    table = list(csv.DictReader(io.StringIO(answers["csv"].text, newline="")))
    assert [int(row["fid"]) for row in table] == ids
    as_text = [{k: "" if v is None else str(v) for k, v in row.items()} for row in cells]
    assert [{k: v for k, v in row.items() if k != "fid"} for row in table] == as_text
    sheet = openpyxl.load_workbook(io.BytesIO(answers["xlsx"].content)).worksheets[0]
    head, *body = sheet.iter_rows(values_only=True)
    assert [row[0] for row in body] == ids
    assert [dict(zip(head[1:], row[1:], strict=True)) for row in body] == cells
    (tmp_path / "desa.fgb").write_bytes(answers["fgb"].content)
    check_flatgeobuf(
        tmp_path / "desa.fgb", rows["features"], "32751" if SOUTH_51 in query else "4326"
    )


def check_flatgeobuf(path: Path, rows: list[Any], epsg: str) -> None:
    frame = pyogrio.read_dataframe(path)
    assert frame.crs.to_epsg() == int(epsg)
    assert len(frame) == len(rows)
    for (_, read), row in zip(frame.iterrows(), rows, strict=True):
        for name, value in row["properties"].items():
            is_missing = read[name] is None or read[name] != read[name]
            assert is_missing if value is None else read[name] == value, name
        if row["geometry"] is None:
            assert read["geometry"] is None
        else:
            assert read["geometry"].equals(shapely.from_geojson(json.dumps(row["geometry"])))
            assert math.isfinite(read["geometry"].area)


@pytest.mark.gdal
def test_an_older_gdal_reads_the_flatgeobuf_too(client: Client, tmp_path: Path) -> None:
    for layer, count in (("desa", 14), ("facilities", 2), ("kecamatan", 2)):
        path = tmp_path / f"{layer}.fgb"
        path.write_bytes(client.get(f"/collections/{layer}/items?f=fgb").content)
        text = run_program("ogrinfo", "-al", "-oo", "VERIFY_BUFFERS=YES", str(path))
        assert text.count("OGRFeature(") == count


def test_other_forms_are_linked_with_what_was_asked(client: Client) -> None:
    page = client.json(f"{ITEMS}?{FILTER}&sortby=nama")
    links = [link for link in page["links"] if link["rel"] == "alternate"]
    assert {link["type"] for link in links} == set(encodings.FORMATS.values())
    by_form = {link["type"]: client.get(link["href"]) for link in links}
    lines = by_form[encodings.FORMATS["geojsonl"]].text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [row["id"] for row in page["features"]]
