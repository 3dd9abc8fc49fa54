"""A budget of which a line cannot be read: page, table and API say on how many lines it rests."""

import csv
import io
from collections.abc import Iterator

import pytest

from layers.pipeline.build import build_release
from tests.layers.provenance.world import KODE, TOML, write_workspace
from tests.web_map.conftest import Pages

KECAMATAN, KABUPATEN = KODE[0][:8], KODE[0][:5]
LINES = (
    "kode,tahun,kegiatan,sumber,anggaran,realisasi\n"
    f"{KODE[0]},2024,01.01.01,ADD,40000000,\n"
    f"{KODE[0]},2025,02.02.02,DDS,100000000,90000000\n"
    f"{KODE[0]},2025,01.01.01,ADD,,50000000\n"
    f"{KODE[0]},2024,02.04.11,ADD,,50000000\n"
    f"{KODE[1]},2025,01.01.01,ADD,70000000,\n"
    f"{KODE[1]},2024,01.01.01,ADD,1,1\n"
)
_BEFORE, _, _REST = TOML.partition('path = "apbdes.csv"')
_OF_YEARS = _REST.replace("year = 2025", 'year_column = "tahun"', 1)
YEARS = f'{_BEFORE}path = "apbdes.csv"{_OF_YEARS}'


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    folder = tmp_path_factory.mktemp("sebagian")
    build_release(write_workspace(folder / "w", YEARS, apbdes=LINES), folder / "r", publish=True)
    with Pages(folder / "r") as pages:
        yield pages


@pytest.mark.parametrize("tahun", ["", "&tahun=2024"])
def test_page_and_table_of_a_kecamatan_say_of_how_many_lines(pages: Pages, tahun: str) -> None:
    asked = f"layer=spending.anggaran_idr{tahun}"
    page = pages.get(f"/kecamatan/{KECAMATAN}?{asked}").text
    assert "menurut 1 dari 2 baris" in page
    table = pages.get(f"/kecamatan/{KECAMATAN}.csv?{asked}").text.lstrip("\ufeff")
    rows = {row["kode"]: row for row in csv.DictReader(io.StringIO(table, newline=""))}
    names = ("anggaran_idr_baris_diketahui", "anggaran_idr_baris_jumlah")
    counts = [tuple(rows[kode][name] for name in names) for kode in KODE[:2]]
    assert counts == [("1", "2"), ("1", "1")]


@pytest.mark.parametrize("tahun", ["", "&tahun=2024"])
def test_a_kabupaten_says_it_of_the_lines_of_its_desa(pages: Pages, tahun: str) -> None:
    asked = f"layer=kecamatan.anggaran_idr_jumlah{tahun}"
    page = pages.get(f"/kabupaten/{KABUPATEN}?{asked}").text
    assert "menurut 2 dari 3 baris" in page
    english = pages.get(f"/kabupaten/{KABUPATEN}?{asked}&lang=en").text
    assert "from 2 of 3 budget lines" in english


def test_the_page_of_a_desa_says_it_of_each_year(pages: Pages) -> None:
    page = pages.get(f"/desa/{KODE[0]}").text
    assert page.count("menurut 1 dari 2 baris") >= 2


def test_the_api_has_the_lines_beside_the_amount(pages: Pages) -> None:
    item = pages.get(f"/collections/spending/items?kode={KODE[0]}&f=json").json()
    properties = item["features"][0]["properties"]
    assert properties["anggaran_idr"] == 100_000_000
    assert properties["anggaran_idr_baris_diketahui"] == 1
    assert properties["anggaran_idr_baris_jumlah"] == 2
