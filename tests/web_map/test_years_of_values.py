"""The year above values is that of the values, not the one that the workspace declares."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import openpyxl
import pytest

from layers.pipeline.build import build_release
from tests.layers.provenance.world import KECAMATAN, KODE, TOML, write_workspace
from tests.web_map.conftest import Pages

LATER, EARLIER = KECAMATAN
"""The first has a budget of 2025, the second of 2024 only: no data of 2025."""
LINES = (
    "kode,tahun,kegiatan,sumber,anggaran,realisasi\n"
    f"{KODE[0]},2025,02.02.02,DDS,100000000,90000000\n"
    f"{KODE[1]},2025,01.01.01,ADD,70000000,\n"
    f"{KODE[2]},2024,01.01.01,ADD,40000000,1\n"
    f"{KODE[3]},2024,01.01.01,ADD,30000000,1\n"
)
BUDGET = "layer=spending.anggaran_idr"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    folder = tmp_path_factory.mktemp("tahun")
    before, _, rest = TOML.partition('path = "apbdes.csv"')
    dated = rest.replace("year = 2025", 'year_column = "tahun"', 1)
    later = f'{before}path = "apbdes.csv"{dated}'.replace("\nyear = 2025", "\nyear = 2026", 1)
    build_release(write_workspace(folder / "w", later, apbdes=LINES), folder / "r", publish=True)
    with Pages(folder / "r") as pages:
        yield pages


@pytest.mark.parametrize("kode", [EARLIER, LATER])
def test_pages_and_files_are_headed_by_the_year_of_their_values(kode: str, pages: Pages) -> None:
    year = 2025
    for path in (f"/kecamatan/{kode}?{BUDGET}", f"/kecamatan/{kode}/banding?{BUDGET}"):
        assert f'<span class="year">{year}</span>' in pages.get(path).text
    book = openpyxl.load_workbook(io.BytesIO(pages.get(f"/kecamatan/{kode}.xlsx?{BUDGET}").content))
    notes = [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]
    assert [line[1] for line in notes if line[0] == "Tahun data"] == [str(year)]


def test_a_year_that_is_asked_for_heads_the_page_though_nothing_is_known_of_it(
    pages: Pages,
) -> None:
    page = pages.get(f"/kecamatan/{EARLIER}?{BUDGET}&tahun=2025").text
    assert '<span class="year">2025</span>' in page


@pytest.mark.parametrize("path", ["/", f"/kecamatan/{LATER}", f"/kecamatan/{LATER}?lang=en"])
def test_no_page_says_that_its_data_are_of_the_declared_year(path: str, pages: Pages) -> None:
    text = pages.get(path).text
    assert not re.search(r"(?<!\\u)2026", text)
    assert "2024–2025" in text
