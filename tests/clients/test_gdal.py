"""GDAL reads the API, the tiles and the files: the distribution's, and the one inside pyogrio."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

import pyogrio
import pytest

from tests.clients.conftest import run_program

FIELDS = {"kode": "String", "nama": "String", "idm_skor": "Real", "penduduk_jiwa": "Integer"}


def read_json(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def download_url(base: str, name: str) -> str:
    links = read_json(f"{base}/collections/desa")["links"]
    return next(str(link["href"]) for link in links if link["href"].endswith(name))


@pytest.mark.gdal
def test_every_layer_is_listed_with_its_geometry_type(base: str) -> None:
    text = run_program("ogrinfo", f"OAPIF:{base}/")
    assert re.search(r"desa .*\(Multi Polygon\)", text)
    assert re.search(r"facilities .*\(Point\)", text)


@pytest.mark.gdal
def test_a_layer_has_its_count_extent_and_field_types(base: str) -> None:
    text = run_program("ogrinfo", "-so", f"OAPIF:{base}/", "desa")
    assert "Feature Count: 14" in text
    assert "Extent: (121.000000, -8.500000) - (121.300100, -8.460000)" in text
    for name, kind in FIELDS.items():
        assert f"{name}: {kind} " in text


@pytest.mark.gdal
def test_paging_reads_every_feature_once(base: str) -> None:
    text = run_program(
        "ogrinfo", "-q", "-oo", "PAGE_SIZE=5", "-fields=YES", "-geom=NO", f"OAPIF:{base}/", "desa"
    )
    kodes = re.findall(r" kode \(String\) = (\S+)", text)
    assert len(kodes) == len(set(kodes)) == 14


@pytest.mark.gdal
def test_filters_by_property_and_by_box_give_the_right_features(base: str) -> None:
    source = f"OAPIF:{base}/"
    by_kode = run_program("ogrinfo", "-q", "-where", "kode_kecamatan = '99.01.01'", source, "desa")
    assert by_kode.count("OGRFeature(desa)") == 6
    box = ("-spat", "121.001", "-8.499", "121.019", "-8.481")
    by_box = run_program("ogrinfo", "-q", *box, source, "desa")
    assert by_box.count("OGRFeature(desa)") == 1
    by_fid = run_program("ogrinfo", "-q", "-fid", "9901012001", source, "desa")
    assert "kode (String) = 99.01.01.2001" in by_fid


@pytest.mark.gdal
@pytest.mark.parametrize("name", ["desa.gpkg", "desa.fgb"])
def test_a_download_opens_over_http_by_ranges(base: str, name: str) -> None:
    text = run_program("ogrinfo", "-so", "-al", f"/vsicurl/{download_url(base, name)}")
    assert "Feature Count: 14" in text
    assert "Multi Polygon" in text
    assert "idm_skor: Real" in text


@pytest.mark.gdal
def test_a_tile_opens_by_its_url(base: str) -> None:
    tiles = read_json(f"{base}/tiles/desa.json")["tiles"][0]
    url = tiles.format(z=10, x=856, y=536)
    text = run_program("ogrinfo", "-so", "-al", f"MVT:{url}")
    assert "Layer name: desa" in text
    assert "kode: String" in text


@pytest.mark.gdal
def test_a_new_gdal_reads_layers_fields_and_filters_too(base: str) -> None:
    source = f"OAPIF:{base}/"
    assert {name for name, _ in pyogrio.list_layers(source)} == {"desa", "kecamatan", "facilities"}
    info = pyogrio.read_info(source, layer="desa", force_feature_count=True)
    assert info["features"] == 14
    types = dict(zip(info["fields"].tolist(), info["dtypes"].tolist(), strict=True))
    assert (types["kode"], types["idm_skor"], types["penduduk_jiwa"]) == (
        "object",
        "float64",
        "int32",
    )
    frame = pyogrio.read_dataframe(source, layer="desa", where="kode_kecamatan = '99.01.02'")
    assert len(frame) == 8
    boxed = pyogrio.read_dataframe(source, layer="desa", bbox=(121.001, -8.499, 121.019, -8.481))
    assert boxed["kode"].tolist() == ["99.01.01.2001"]
