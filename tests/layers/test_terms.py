"""Which word a desa gets: of its data, the workspace, the definitions, the law."""

from __future__ import annotations

import tomllib
from pathlib import Path

import geopandas as gpd
import pytest

from layers.errors import WorkspaceError
from layers.release.manifest_file import Manifest, WilayahEntry, manifest_bytes, read_manifest
from layers.words.place_terms import name_terms, read_terms
from layers.workspace.sections import SebutanSection, Workspace
from layers.workspace.workspace_file import parse_declarations

WORKSPACE = """schema = 1
[wilayah]
id = "x"
name = "X"
scope = ["11"]
year = 2025
[[boundaries]]
path = "a.gpkg"
code_system = "kemendagri"
code_column = "kode"
"""


def section(text: str) -> SebutanSection:
    return parse_declarations(Workspace, tomllib.loads(WORKSPACE + text), "wilayah.toml").sebutan


def places(*rows: tuple[str, str | None]) -> gpd.GeoDataFrame:
    """Places by kode, with the word that the data have for them."""
    levels = {2: "provinsi", 5: "kabupaten", 8: "kecamatan", 13: "desa"}
    jenis = {"1": "kelurahan", "2": "desa", "3": "desa adat"}
    return gpd.GeoDataFrame(
        {
            "level": [levels[len(kode)] for kode, _ in rows],
            "kode": [kode for kode, _ in rows],
            "jenis": [jenis[kode[9]] if len(kode) == 13 else None for kode, _ in rows],
            "sebutan": [word for _, word in rows],
        },
        geometry=[None] * len(rows),
        crs=4326,
    )


def words(given: gpd.GeoDataFrame, text: str = "") -> list[str | None]:
    named, _ = name_terms(given, section(text))
    return list(named["sebutan"])


@pytest.mark.parametrize(
    ("kode", "word"),
    [
        ("11.06.01.2001", "gampong"),
        ("11.06.01.1001", "kelurahan"),
        ("11.04.01.2001", "desa"),
        ("13.01.01.2001", "nagari"),
        ("13.09.01.2001", "desa"),
        ("34.02.01.2001", "kalurahan"),
        ("34.71.01.1001", "kelurahan"),
        ("34.02.01", "kapanewon"),
        ("34.71.01", "kemantren"),
        ("53.06.13.2001", "desa"),
        ("53.06.13", "kecamatan"),
        ("73.26.01.2001", "lembang"),
        ("91.03.01.2001", "kampung"),
        ("91.03.01.3001", "kampung adat"),
        ("14.08.01.3001", "desa adat"),
        ("96.01.01", "distrik"),
        ("53.06", None),
        ("53", None),
    ],
)
def test_the_shipped_words(kode: str, word: str | None) -> None:
    assert words(places((kode, None))) == [word]


def test_data_come_before_the_workspace_and_it_before_the_definitions() -> None:
    given = places(
        ("11.06.01.2001", "kute"),
        ("11.06.01.2002", None),
        ("11.06.02.2001", None),
        ("11.06.01.1001", "gampong"),
        ("11.07.01.2001", None),
        ("11.06.01", "sagi"),
        ("11.06.02", None),
    )
    text = '[sebutan.desa]\n"11.06" = "Kampong"\n"11.06.02" = "desa"\n'
    text += '[sebutan.kecamatan]\n"11" = "distrik"\n'
    assert words(given, text) == [
        "kute",
        "kampong",
        "desa",
        "kelurahan",
        "gampong",
        "sagi",
        "distrik",
    ]


def test_one_word_counts_everywhere_and_a_desa_adat_has_its_own() -> None:
    given = places(("91.03.01.2001", None), ("91.03.01.3001", None), ("91.03.01", None))
    text = '[sebutan]\ndesa = "negeri"\ndesa_adat = "kampung adat"\nkecamatan = "kecamatan"\n'
    assert words(given, text) == ["negeri", "kampung adat", "kecamatan"]


def test_a_prefix_of_no_place_is_a_finding() -> None:
    given = places(("11.06.01.2001", None), ("11.06.01", None))
    chosen = section('[sebutan.desa]\n"11.06" = "gampong"\n"12" = "kampung"\n')
    (finding,) = name_terms(given, chosen)[1]
    assert (finding.code, finding.value, finding.file) == (
        "boundary.term_unused",
        "12",
        "wilayah.toml",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[sebutan.desa]\n"11" = ""\n', "no word for a kind of place"),
        ('[sebutan.desa]\n"11" = "<b>gampong</b>"\n', "no word for a kind of place"),
        (f'[sebutan.desa]\n"11" = "{"a" * 31}"\n', "at most 30"),
        ('[sebutan.desa]\n"1106" = "gampong"\n', "sebutan.desa.1106"),
        ('[sebutan]\nkelurahan = "lurah"\n', "unknown key"),
        ("[sebutan]\ndesa = 3\n", "sebutan.desa"),
    ],
)
def test_a_word_or_prefix_that_is_none_is_an_error_of_the_workspace(text: str, said: str) -> None:
    with pytest.raises(WorkspaceError, match=r"wilayah\.toml") as caught:
        section(text)
    assert said in str(caught.value)


def test_every_shipped_word_has_its_source_and_no_prefix_stands_twice() -> None:
    shipped = read_terms()
    assert shipped.date >= "2026-01-01"
    keys = [(one.level, one.prefix) for one in shipped.terms]
    assert len(keys) == len(set(keys))
    assert all(len(one.source) > 20 for one in shipped.terms)


def test_the_sample_has_a_kecamatan_of_negeri(sample_releases: Path) -> None:
    manifest = read_manifest(sample_releases / "current")
    by_kode = {entry.kode: entry for entry in manifest.wilayah}
    assert by_kode["99.01.03"].sebutan_desa == {"negeri": 13, "kelurahan": 1}
    assert by_kode["99.01.03"].sebutan == "kecamatan"
    assert by_kode["99.01"].sebutan_desa == {"desa": 23, "negeri": 13, "kelurahan": 5}
    layer = next(layer for layer in manifest.layers if layer.id == "desa")
    assert "sebutan" in layer.tile_fields
    assert sum(by_kode["99.01"].sebutan_desa.values()) == by_kode["99.01"].desa == layer.count


def test_a_manifest_of_schema_1_1_keeps_its_spelling(sample_releases: Path) -> None:
    manifest = read_manifest(sample_releases / "current")
    old = {"sebutan", "sebutan_desa"}
    document = manifest.model_dump(mode="json")
    document["wilayah"] = [
        {key: value for key, value in entry.items() if key not in old}
        for entry in document["wilayah"]
    ]
    read = Manifest.model_validate(document)
    assert read.wilayah[0] == WilayahEntry.model_validate(document["wilayah"][0])
    assert b"sebutan_desa" in manifest_bytes(manifest)
    assert b"sebutan_desa" not in manifest_bytes(read)
