"""What the data call a desa: words read, refused, and held against the code."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from boundaries.build import build_boundaries
from boundaries.codes import CodeSystem
from boundaries.findings.report import Finding
from boundaries.polygons import PolygonSource
from boundaries.polygons.local_terms import term_of


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("GAMPONG", "gampong"),
        (" Desa   Adat ", "desa adat"),
        ("Ba'u", "ba'u"),
        ("", None),
        ("12", None),
        ("desa2", None),
        ("<b>desa</b>", None),
        ("desa; drop", None),
        ("{desa}", None),
        ("a" * 31, None),
        ("satu dua tiga empat lima", None),
    ],
)
def test_a_term_is_a_short_word_in_small_letters(text: str, term: str | None) -> None:
    assert term_of(text) == term


def build(
    path: Path, words: list[str | None], kecamatan: list[str | None]
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Three squares beside each other: a kelurahan and two desa of one kecamatan."""
    codes = ["11.06.01.1001", "11.06.01.2002", "11.06.01.2003"]
    frame = gpd.GeoDataFrame(
        {"kode": codes, "kata": words, "kata_kec": kecamatan},
        geometry=[shapely.box(95 + i * 0.01, 5, 95.01 + i * 0.01, 5.01) for i in range(3)],
        crs=4326,
    )
    frame.to_file(path / "batas.gpkg")
    source = PolygonSource(
        path=path / "batas.gpkg",
        label="batas.gpkg",
        code_system=CodeSystem.KEMENDAGRI,
        code_column="kode",
        sebutan_column="kata",
        kecamatan_sebutan_column="kata_kec",
    )
    built = build_boundaries([source], scope=["11.06"], year=2025)
    return built.frame, built.report.findings


def of_code(findings: list[Finding], code: str) -> list[Finding]:
    return [finding for finding in findings if finding.code == code]


def test_the_words_of_the_data_reach_the_desa_and_its_kecamatan(tmp_path: Path) -> None:
    frame, findings = build(tmp_path, ["Kelurahan", "GAMPONG", None], ["Distrik", None, "Distrik"])
    words = frame.set_index("kode")["sebutan"].to_dict()
    assert words["11.06.01.1001"] == "kelurahan"
    assert words["11.06.01.2002"] == "gampong"
    assert words["11.06.01.2003"] is None
    assert words["11.06.01"] == "distrik"
    assert words["11.06"] is None
    assert words["11"] is None
    assert not [finding for finding in findings if finding.code.startswith("boundary.term")]


def test_a_cell_that_is_no_word_is_refused_with_its_row(tmp_path: Path) -> None:
    frame, findings = build(tmp_path, [None, "<script>", "<script>"], [None] * 3)
    (refused,) = of_code(findings, "boundary.term_refused")
    assert (refused.file, refused.row, refused.value, refused.measure) == (
        "batas.gpkg",
        2,
        "<script>",
        2,
    )
    assert frame["sebutan"].isna().all()


def test_the_code_counts_where_the_word_contradicts_it(tmp_path: Path) -> None:
    frame, findings = build(tmp_path, ["gampong", "kelurahan", "gampong"], [None] * 3)
    found = of_code(findings, "boundary.term_contradicts")
    assert [(one.kode, one.row, one.value) for one in found] == [
        ("11.06.01.1001", 1, "gampong"),
        ("11.06.01.2002", 2, "kelurahan"),
    ]
    words = frame.set_index("kode")["sebutan"].to_dict()
    assert words["11.06.01.1001"] is None
    assert words["11.06.01.2002"] is None
    assert words["11.06.01.2003"] == "gampong"


def test_the_most_frequent_word_of_a_kecamatan_is_used(tmp_path: Path) -> None:
    frame, findings = build(tmp_path, [None] * 3, ["distrik", "kapanewon", "distrik"])
    assert frame.set_index("kode")["sebutan"].to_dict()["11.06.01"] == "distrik"
    (several,) = of_code(findings, "boundary.term_differs")
    assert several.kode == "11.06.01"
    assert "'distrik', 'kapanewon'" in several.message
