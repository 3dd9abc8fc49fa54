"""A need that is unknown says why: nothing is known, or a small count is hidden."""

import csv
import io
from pathlib import Path

import pytest

from layers.pipeline.build import build_release
from tests.geo_service.client import Client
from tests.layers.small_workspace import write_workspace

SECTIONS = """[[indicators]]
name = "gizi_jumlah"
title = { id = "Gizi buruk", en = "Wasting" }
unit = "balita"
worse = "high"
hide_below = 5

[[tables]]
id = "gizi"
path = "gizi.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2024
[tables.columns]
gizi = "gizi_jumlah"

[[services]]
id = "gizi"
title = { id = "Gizi", en = "Nutrition" }
opd = "Dinas Kesehatan"
step_office = { id = "Rujuk", en = "Refer" }
legal_basis = "Perbup"
source = "Perbup"
date = "2024"
[[services.needs]]
indicator = "gizi_jumlah"
norm = 0
people = "all"
"""
TABLE = "kode,gizi\n53.06.01.2001,3\n53.06.01.2002,9\n53.06.02.2001,0\n53.06.02.2002,\n"
HIDDEN = "angkanya disembunyikan, karena angka kecil dapat menunjuk orang"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of four desa: a hidden count, a need, none, and one of which nothing is known."""
    folder = tmp_path_factory.mktemp("kebutuhan")
    workspace = write_workspace(folder / "kerja", SECTIONS, {"gizi.csv": TABLE})
    build_release(workspace, folder / "releases", publish=True)
    return folder / "releases"


@pytest.mark.parametrize(
    ("kecamatan", "language", "sentence"),
    [
        ("53.06.01", "id", f"<b>Waibao</b>: Gizi ({HIDDEN})"),
        (
            "53.06.01",
            "en",
            "<b>Waibao</b>: Nutrition (its number is hidden, because a small count may",
        ),
        ("53.06.02", "id", "<b>Raknamo</b>: Gizi (tidak ada data)"),
    ],
)
def test_the_page_says_why_a_need_is_unknown(
    kecamatan: str, language: str, sentence: str, releases: Path
) -> None:
    with Client(releases) as client:
        page = client.get(
            f"/kecamatan/{kecamatan}/tindak-lanjut?lang={language}", accept="text/html"
        )
    assert sentence in page.text.replace("<bdi>", "").replace("</bdi>", "")


@pytest.mark.parametrize(
    ("kecamatan", "nama", "why"),
    [("53.06.01", "Waibao", HIDDEN), ("53.06.02", "Raknamo", "tidak ada data")],
)
def test_the_list_says_why_a_need_is_unknown(
    kecamatan: str, nama: str, why: str, releases: Path
) -> None:
    with Client(releases) as client:
        text = client.get(f"/kecamatan/{kecamatan}/tindak-lanjut.csv").text
    rows = {row["nama"]: row for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))}
    assert rows[nama]["keadaan"] == "kebutuhan tidak diketahui"
    assert rows[nama]["masalah"] == why
