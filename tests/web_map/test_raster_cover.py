"""A raster that knows a part of a desa: the page, its table and the API say of how much."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio import Affine

from tests.web_map.conftest import Pages
from tests.web_map.local_places import SIDE, make_codes, publish_places, write_places

KABUPATEN, WEST, SOUTH = "11.06", 95.4, 5.3
PEOPLE, MINUTES = "penduduk_di_luar_norma_puskesmas", "waktu_puskesmas_min"
CELLS = 30
CODES = make_codes(KABUPATEN, 0)
MORE = """
[population]
path = "penduduk.tif"
year = 2025
source = "Raster (rekaan)"
[friction]
path = "hambatan.tif"
source = "Raster (rekaan)"
"""


def write_raster(path: Path, value: float) -> None:
    """Over three desa; three tenths of the second are missing in the south, seven of the third."""
    values = np.full((CELLS, 6 * CELLS), value, np.float32)
    values[21:, CELLS : 2 * CELLS] = -1
    values[9:, 2 * CELLS : 3 * CELLS] = -1
    side = SIDE / CELLS
    profile = {"height": CELLS, "width": 6 * CELLS, "count": 1, "dtype": "float32", "nodata": -1}
    place = Affine(side, 0, WEST, 0, -side, SOUTH + SIDE)
    with rasterio.open(path, "w", crs="EPSG:4326", transform=place, **profile) as target:
        target.write(values, 1)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    folder = tmp_path_factory.mktemp("berlubang")
    write_places(folder / "masukan", KABUPATEN, WEST, SOUTH, more="")
    declared = folder / "masukan" / "wilayah.toml"
    declared.write_text(declared.read_text() + MORE)
    write_raster(folder / "masukan" / "penduduk.tif", 3.0)
    write_raster(folder / "masukan" / "hambatan.tif", 0.05)
    publish_places(folder / "masukan", folder / "terbitan")
    with Pages(folder / "terbitan") as pages:
        yield pages


@pytest.mark.parametrize("field", [PEOPLE, MINUTES])
def test_the_table_of_a_kecamatan_has_the_share(pages: Pages, field: str) -> None:
    answer = pages.get(f"/kecamatan/{KABUPATEN}.01.csv?layer=gaps.{field}")
    rows = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"), newline=""))
    by_kode = {row["kode"]: row for row in rows}
    cover = "penduduk_cakupan_pct" if field == PEOPLE else "waktu_cakupan_pct"
    cells = [(by_kode[kode][f"{field}_status"], by_kode[kode][cover]) for kode in CODES[:3]]
    assert cells == [("ok", "100"), ("ok", "70"), ("no_data", "30")]
    assert by_kode[CODES[2]][field] == ""


@pytest.mark.parametrize(
    ("language", "words"),
    [("id", "dari data 70% luasnya"), ("en", "from data of 70% of its area")],
)
@pytest.mark.parametrize("field", [PEOPLE, MINUTES])
def test_the_pages_say_of_how_much_of_a_desa(
    pages: Pages, field: str, language: str, words: str
) -> None:
    for url in (f"/kecamatan/{KABUPATEN}.01?layer=gaps.{field}", f"/desa/{CODES[1]}?x=1"):
        page = pages.get(f"{url}&lang={language}".replace("?x=1&", "?")).text
        assert words in page, url
        assert "100 % luasnya" not in page
        assert "30 % luasnya" not in page


def test_the_api_has_the_share_beside_the_value(pages: Pages) -> None:
    answer = pages.get("/collections/gaps/items?limit=10")
    rows = {row["properties"]["kode"]: row["properties"] for row in answer.json()["features"]}
    shares = [rows[kode]["penduduk_cakupan_pct"] for kode in CODES[:3]]
    assert shares == [rows[kode]["waktu_cakupan_pct"] for kode in CODES[:3]] == [100, 70, 30]
    unknown = rows[CODES[2]]
    assert (unknown[PEOPLE], unknown[f"{PEOPLE}_status"]) == (None, "no_data")
    assert (unknown[MINUTES], unknown[f"{MINUTES}_status"]) == (None, "no_data")
