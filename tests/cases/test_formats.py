"""Files as offices have them: encodings, KML of ArcGIS, text tables with geometries, archives."""

from __future__ import annotations

from collections.abc import Callable

from tests.cases.field import CaseRun

Case = Callable[[str], CaseRun]


def test_a_shapefile_in_utf_8_that_does_not_say_so_keeps_its_names(case: Case) -> None:
    run = case("20-dbf-utf8-no-cpg")
    assert run.values("nama") == {
        "53.06.01.2001": "Waë Ri’i",
        "53.06.01.2002": "Kōnga",
        "53.06.01.2003": "Lamakéra",
        "53.06.02.2001": "Öesao",
        "53.06.02.2002": "Raknamø",
        "53.06.02.2003": "Hansisí",
    }
    assert run.codes & {"text.encoding_deduced", "text.encoding_doubtful"}
    assert "text.mojibake" not in run.codes


def test_attributes_in_the_description_of_a_kml_are_columns(case: Case) -> None:
    run = case("22-kml-description-table")
    assert run.values("nama")["53.06.01.2001"] == "Waibao"
    assert len(run.layer()) == 6
    (finding,) = run.findings("boundary.description_read")
    assert "KDEPUM, NAMOBJ" in finding.message


def test_curved_polygons_are_drawn_as_lines_with_their_area(case: Case) -> None:
    run = case("24-gpkg-curves")
    areas = {kode: float(area or 0) for kode, area in run.values("area_ha").items()}
    assert areas["53.06.01.2001"] == 3045.317
    assert len(areas) == 6


def test_paths_of_the_wrong_depth_are_named_with_their_row(case: Case) -> None:
    run = case("25-opensid-path-mixed-depth")
    damaged = run.findings("boundary.path_damaged")
    assert [finding.row for finding in damaged] == [2, 4, 5]
    assert all(finding.value for finding in damaged)


def test_polygons_written_as_wkt_in_a_text_table_are_read(case: Case) -> None:
    run = case("27-csv-wkt")
    assert len(run.layer()) == 6
    assert run.values("nama")["53.06.02.2001"] == "Oesao"


def test_an_archive_with_upper_case_members_and_macos_shadows_is_read(case: Case) -> None:
    assert len(case("29-zip-uppercase-members").layer()) == 6


def test_the_crs_that_a_geojson_names_places_its_polygons(case: Case) -> None:
    run = case("30-geojson-crs-member")
    assert len(run.layer()) == 6
    assert "boundary.outside_indonesia" not in run.codes


def test_polygons_of_dusun_under_the_code_of_a_desa_are_named_not_swallowed(case: Case) -> None:
    run = case("32-dusun-polygons")
    assert run.release is None
    named = {(finding.row, finding.kode) for finding in run.findings("boundary.code_duplicate")}
    assert len(named) == 12
    assert len({kode for _, kode in named}) == 6
