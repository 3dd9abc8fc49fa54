"""A school that nobody can place: the pages say what is met, what is unknown, and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from layers.pipeline.build import build_release
from tests.layers.small_workspace import DESA, write_workspace
from tests.web_map.conftest import Pages

SECTION = """[[facilities]]
id = "sekolah"
path = "sekolah.csv"
kind = "sd"
name_column = "nama"
lon_column = "lon"
lat_column = "lat"
"""
ROWS = "nama,lon,lat\nSD Satu,123.01,-8.39\nSD Dua,,\n"
NEAR, *_, FAR = DESA


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    folder = tmp_path_factory.mktemp("hilang")
    workspace = write_workspace(folder / "w", SECTION, {"sekolah.csv": ROWS})
    build_release(workspace, folder / "r", publish=True)
    with Pages(folder / "r") as pages:
        yield pages


def words_of(pages: Pages, kode: str, language: str = "id") -> str:
    text = re.sub(r"<[^>]+>", " ", pages.get(f"/desa/{kode}?lang={language}").text)
    return " ".join(text.split())


def test_a_need_that_is_met_stays_met_and_the_distance_is_not_told(pages: Pages) -> None:
    page = words_of(pages, NEAR)
    assert "Jarak ke SD/MI terdekat tidak ada data" in page
    assert "SD/MI: kebutuhan dan pendanaan Tidak ada kebutuhan" in page
    assert "Tidak ada layanan di luar norma." in page


@pytest.mark.parametrize(
    ("language", "sentence", "never"),
    [
        ("id", "tetapi sebagian layanan tidak ada datanya", "Tidak ada layanan di luar norma."),
        ("en", "but of some nothing is known", "No service is beyond its norm."),
    ],
)
def test_no_page_says_that_nothing_is_beyond_a_norm_where_that_is_not_known(
    language: str, sentence: str, never: str, pages: Pages
) -> None:
    page = words_of(pages, FAR, language)
    assert sentence in page
    assert never not in page


def test_a_kecamatan_says_of_how_many_desa_its_needs_are_known(pages: Pages) -> None:
    page = pages.get("/kabupaten/53.06?layer=kecamatan.need_count").text
    assert "tidak ada data" in page
    assert "menurut 1 dari 2 kecamatan" in page
