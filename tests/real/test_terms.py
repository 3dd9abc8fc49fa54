"""Local terms of real places: gampong, kalurahan, kampung and kampung adat by their codes."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from layers.pipeline.build import build_release
from layers.release.manifest_file import read_manifest
from tests.web_map.conftest import Pages

pytestmark = pytest.mark.real

KECAMATAN = {"11": "11.06.01", "34": "34.04.01", "91": "91.03.02"}
DECLARED = """schema = 1
[wilayah]
id = "sebutan"
name = "Tiga kecamatan"
scope = ["11.06", "34.04", "91.03"]
year = 2025
[[boundaries]]
path = "batas.parquet"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
source = "cahyadsn/wilayah_boundaries"
licence = "MIT"
[[tables]]
id = "penduduk"
path = "penduduk.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2025
source = "Angka rekaan"
[tables.columns]
jiwa = "penduduk_jiwa"
"""


@pytest.fixture(scope="module")
def releases(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sebutan")
    parts = []
    for provinsi, kecamatan in KECAMATAN.items():
        whole = pd.read_parquet(shared_data / "wilayah_boundaries" / f"kel_{provinsi}.parquet")
        parts.append(whole[whole["kode"].str.startswith(f"{kecamatan}.")])
    batas = pd.concat(parts)
    batas.to_parquet(folder / "batas.parquet", index=False)
    people = pd.DataFrame({"kode": batas["kode"], "jiwa": range(400, 400 + len(batas))})
    people.to_csv(folder / "penduduk.csv", index=False)
    (folder / "wilayah.toml").write_text(DECLARED, encoding="utf-8")
    build_release(folder, folder / "terbitan", publish=True)
    return folder / "terbitan"


def test_real_codes_have_the_terms_of_their_provinsi(releases: Path) -> None:
    entries = {entry.kode: entry for entry in read_manifest(releases / "current").wilayah}
    assert entries["11.06.01"].sebutan_desa == {"gampong": 28}
    assert entries["34.04.01"].sebutan_desa == {"kalurahan": 5}
    assert entries["91.03.02"].sebutan_desa == {"kampung": 4, "kampung adat": 3}
    words = [entries[kode].sebutan for kode in KECAMATAN.values()]
    assert words == ["kecamatan", "kapanewon", "distrik"]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/kecamatan/11.06.01", ["Jumlah gampong", "\n28\n"]),
        ("/kecamatan/34.04.01", ["Kapanewon ", "Jumlah kalurahan"]),
        ("/kecamatan/91.03.02", ["Distrik ", "Jumlah kampung", "4 kampung, 3 kampung adat"]),
        ("/", ["1 kapanewon · 5 kalurahan", "1 distrik · 7 kampung"]),
    ],
)
def test_pages_of_one_release_speak_of_each_place_in_its_terms(
    releases: Path, address: str, words: list[str]
) -> None:
    with Pages(releases) as pages:
        said = re.sub(r"<[^>]*>", "\n", pages.get(address).text)
    said = re.sub(r"[ \t]+", " ", said)
    assert [word for word in words if word not in said] == []
