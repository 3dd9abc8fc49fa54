"""Programmes and proposals: every row at the place it names, or a reason why at none."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from boundaries.matching.matching import Proposal
from layers.access.straight.land import find_land
from layers.pipeline.prepare import prepare_layers
from layers.tables.plans.plans import join_plans
from layers.tables.rows.row_places import Places
from layers.tables.rows.row_records import Aids
from layers.workspace.inputs import list_inputs
from layers.workspace.plan_sections import ProposalSection
from layers.workspace.workspace_file import read_workspace
from tests.layers.tables.plan_lists import KEC, SERVICES, four_desa, read


@pytest.fixture
def desa() -> gpd.GeoDataFrame:
    return four_desa()


@pytest.mark.parametrize(
    ("row", "level", "kode"),
    [
        ("53.06.01.2001;;;;;SPAM;air_minum;1;2025", "desa", "53.06.01.2001"),
        ("5306012001;;;;;SPAM;air_minum;1;2025", "desa", "53.06.01.2001"),
        ("53.06.01;Ile Boleng;;;;SPAM;air_minum;1;2025", "kecamatan", KEC),
        ("530601;;;;;SPAM;air_minum;1;2025", "kecamatan", KEC),
        ("53.06;;;;;SPAM;air_minum;1;2025", "kabupaten", "53.06"),
        (";;;123,15;-8,35;SPAM;air_minum;1;2025", "desa", "53.06.01.2002"),
        (";Kec. ILE BOLENG;Desa Lato;;;SPAM;air_minum;1;2025", "desa", "53.06.01.2002"),
        (";Ile Boleng;;;;SPAM;air_minum;1;2025", "kecamatan", KEC),
        (";Ile Boleng;dusun rawan air;;;SPAM;air_minum;1;2025", "text", KEC),
        (";;pesisir utara;;;SPAM;air_minum;1;2025", "text", "53.06"),
        (";Tidak Ada;Lato;;;SPAM;air_minum;1;2025", "text", None),
        (";Kab. Flores Timur;Lato;;;SPAM;air_minum;1;2025", "text", "53.06"),
        (";Semua kecamatan;;;;SPAM;air_minum;1;2025", "text", "53.06"),
    ],
)
def test_a_row_is_where_it_says(
    row: str, level: str, kode: str | None, tmp_path: Path, desa: gpd.GeoDataFrame
) -> None:
    result = read(f"{row}\n", tmp_path, desa)
    assert result.lines[["tingkat", "kode"]].values.tolist() == [[level, kode]]
    assert (result.load.rows_read, result.load.matched) == (1, 1)
    said = {found.code for found in result.findings}
    assert ("plan.place_is_text" in said) == (level == "text" and kode is not None)
    assert ("plan.kecamatan_unknown" in said) == (kode is None)
    assert ("plan.whole_area" in said) == (level in ("kecamatan", "kabupaten"))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("53.06.01.2009;Ile Boleng;Lato;;;SPAM;air_minum;1;2025", "table.code_unknown"),
        ("53.06.09;Ile Boleng;;;;SPAM;air_minum;1;2025", "table.code_unknown"),
        ("53.20.01.2001;;;;;SPAM;air_minum;1;2025", "table.outside_scope"),
        ("53.20.01;;;;;SPAM;air_minum;1;2025", "table.outside_scope"),
        ("53.20;;;;;SPAM;air_minum;1;2025", "table.outside_scope"),
        ("53;;;;;SPAM;air_minum;1;2025", "plan.no_place"),
        (";;;;;SPAM;air_minum;1;2025", "plan.no_place"),
        (";Ile Boleng;Lato;123,9;-8,35;SPAM;air_minum;1;2025", "plan.outside"),
        ("53.06.01.2001;;;;;SPAM;air_minum;1;segera", "table.year_unreadable"),
    ],
)
def test_a_row_that_leads_nowhere_is_named_and_not_guessed(
    row: str, code: str, tmp_path: Path, desa: gpd.GeoDataFrame
) -> None:
    result = read(f"{row}\n", tmp_path, desa)
    assert result.lines.empty
    assert (result.load.matched, result.load.unmatched) == (0, 1)
    named = [found for found in result.findings if found.code == code]
    assert [found.row for found in named] == [2]


def test_service_amount_and_repeated_rows(tmp_path: Path, desa: gpd.GeoDataFrame) -> None:
    rows = (
        "53.06.01.2001;;;;;SPAM;Air Bersih;Rp 1.250.000,00;2025\n"
        "53.06.01.2001;;;;;SPAM;Air Bersih;Rp 1.250.000,00;2025\n"
        "53.06.01.2001;;;;;Gapura;hias;segera;2025\n"
    )
    result = read(rows, tmp_path, desa, services={"air bersih": "air_minum"})
    assert result.lines["layanan"].fillna("").tolist() == ["air_minum", ""]
    assert result.lines["anggaran_idr"].tolist() == [1_250_000, pd.NA]
    assert (result.load.matched, result.load.duplicates) == (2, 1)
    said = {(found.code, found.row) for found in result.findings}
    assert {("plan.duplicate", 3), ("plan.service_unknown", 4), ("plan.amount_unreadable", 4)} <= (
        said
    )


def test_rows_that_a_declared_column_tells_apart_are_all_used(
    tmp_path: Path, desa: gpd.GeoDataFrame
) -> None:
    rows = "".join(f"53.06.01.2001;;;;;{number};air_minum;1000000;2025\n" for number in (1, 2, 3))
    result = read(rows, tmp_path, desa)
    assert result.lines["kegiatan"].tolist() == ["1", "2", "3"]
    assert "plan.row_alike" not in {finding.code for finding in result.findings}
    other = read(rows, tmp_path, desa, activity_column="layanan")
    assert [finding.row for finding in other.findings if finding.code == "plan.row_alike"] == [3, 4]


def test_a_similar_name_is_proposed_and_stays_words(tmp_path: Path, desa: gpd.GeoDataFrame) -> None:
    result = read(";Ile Boleng;Waibau;;;SPAM;air_minum;1;2025\n", tmp_path, desa)
    assert result.lines["tingkat"].tolist() == ["text"]
    assert [one.kode for one in result.proposals] == ["53.06.01.2001"]
    assert isinstance(result.proposals[0], Proposal)


def test_proposals_as_points(tmp_path: Path, desa: gpd.GeoDataFrame) -> None:
    points = [shapely.Point(123.05, -8.35), shapely.Point(123.35, -8.35), None]
    frame = gpd.GeoDataFrame(
        {"usulan": ["Sumur", "Jamban", "Lain"], "layanan": ["air_minum", "sanitasi", "sanitasi"]},
        geometry=points,
        crs="EPSG:4326",
    )
    frame.to_file(tmp_path / "usulan.geojson", driver="GeoJSON")
    section = ProposalSection(
        id="usulan",
        path="usulan.geojson",
        activity_column="usulan",
        service_column="layanan",
        year=2025,
    )
    result = join_plans(section, tmp_path, Places.of(desa), SERVICES, Aids(), find_land(desa))
    assert dict(zip(result.lines["kegiatan"], result.lines["kode"], strict=True)) == {
        "Sumur": "53.06.01.2001",
        "Jamban": "53.06.02.2002",
    }
    assert (result.load.input, result.load.unmatched) == ("proposals.usulan", 1)


def test_a_point_that_is_no_position_is_told_once(tmp_path: Path, desa: gpd.GeoDataFrame) -> None:
    two = shapely.MultiPoint([(123.05, -8.35), (123.35, -8.35)])
    frame = gpd.GeoDataFrame(
        {
            "usulan": ["Sumur", "Jamban", "Jalan"],
            "kode": [None, "53.06.01.2002", None],
            "sumber": ["DAK", "DAK", "DAU"],
        },
        geometry=[two, two, shapely.Point(124.5, -8.35)],
        crs="EPSG:4326",
    )
    frame.to_file(tmp_path / "usulan.geojson", driver="GeoJSON")
    section = ProposalSection(
        id="usulan",
        path="usulan.geojson",
        activity_column="usulan",
        year=2025,
        code_column="kode",
        code_system="kemendagri",
    )
    result = join_plans(section, tmp_path, Places.of(desa), SERVICES, Aids(), find_land(desa))
    assert result.lines["kode"].tolist() == ["53.06.01.2002"]
    for row in (2, 3):
        assert [one.code for one in result.findings if one.row == row] == ["plan.position"]
    assert "plan.outside" in {one.code for one in result.findings if one.row == 4}
    assert result.load.unmatched == 2


@pytest.mark.parametrize("cells", ["di sini;-8,35", "123,15;", "0;0"])
def test_an_unreadable_point_is_not_outside(
    cells: str, tmp_path: Path, desa: gpd.GeoDataFrame
) -> None:
    result = read(f";;;{cells};SPAM;air_minum;1;2025\n", tmp_path, desa)
    codes = [one.code for one in result.findings if one.row == 2]
    assert codes == ["plan.position"]
    assert result.lines.empty


@pytest.mark.parametrize("name", ["usulan.geojson", "usulan.json"])
def test_a_list_without_features_is_an_empty_list(
    name: str, tmp_path: Path, desa: gpd.GeoDataFrame
) -> None:
    text = '{"type": "FeatureCollection", "features": []}'
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "usulan.csv").write_text("usulan;layanan\n", encoding="utf-8")
    results = []
    for path in (name, "usulan.csv"):
        section = ProposalSection(
            id="usulan",
            path=path,
            activity_column="usulan",
            service_column="layanan",
            year=2025,
            services={"air": "air_minum"},
        )
        places = Places.of(desa)
        results.append(join_plans(section, tmp_path, places, SERVICES, Aids(), find_land(desa)))
    drawn = results[0]
    assert drawn.lines.empty
    assert (drawn.load.rows_read, drawn.load.matched) == (0, 0)
    codes = [[one.code for one in result.findings] for result in results]
    assert set(codes[0]) <= {*codes[1]}
    assert "input.word_unused" in codes[0]


def test_every_declared_input_of_the_sample_is_counted(sample_workspace: Path) -> None:
    prepared = prepare_layers(sample_workspace)
    counted = {load.file for load in prepared.report.loads}
    declared = {
        section.path
        for name, section in list_inputs(read_workspace(sample_workspace))
        if name not in ("population", "friction", "land_cover", "elevation", "speeds")
    }
    assert declared == counted


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("Witihamma", "Did you mean 'Witihama'?"),
        ("Kec. Ile Bolang", "Did you mean 'Ile Boleng'?"),
        ("Jakarta Selatan", "attached to no area."),
    ],
)
def test_a_wrong_kecamatan_is_not_the_whole_kabupaten(
    word: str, message: str, tmp_path: Path, desa: gpd.GeoDataFrame
) -> None:
    for place in ("", "dusun rawan air", "Lato"):
        result = read(f";{word};{place};;;SPAM;air_minum;1;2025\n", tmp_path, desa)
        (finding,) = [one for one in result.findings if one.code == "plan.kecamatan_unknown"]
        assert (finding.file, finding.row, finding.value) == ("rkpd.csv", 2, word)
        assert message in finding.message
        assert result.lines["kode"].tolist() == [None]


def test_a_kecamatan_of_a_name_that_two_bear_is_attached_to_neither(
    tmp_path: Path, desa: gpd.GeoDataFrame
) -> None:
    desa["nama_kecamatan"] = "Kota"
    result = read(";Kota;;;;SPAM;air_minum;1;2025\n", tmp_path, desa)
    (finding,) = [one for one in result.findings if one.code == "plan.kecamatan_unknown"]
    assert "Several kecamatan" in finding.message
