"""Facility lists with the dirt offices send: each a finding, the rest is used, counts add up."""

from __future__ import annotations

import json
from math import isnan, nan
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from layers.errors import InputError
from layers.facilities.read import make_fids, read_facilities
from layers.workspace.sections import FacilitySection
from tests.layers.access.world import make_desa, square
from tests.layers.facility_lists import GOOD, HEADER, codes, desa, read


@pytest.mark.parametrize(
    ("row", "code", "used"),
    [
        ("2,SD Dua,SD,0,0,\n", "facility.zero_position", False),
        ("2,SD Dua,SD,,,\n", "facility.no_position", False),
        ("2,SD Dua,SD,sana,sini,\n", "facility.unreadable_position", False),
        ("2,SD Dua,SD,-7.94,120.05,\n", "facility.swapped", True),
        ("2,SD Dua,SD,2.35,48.85,\n", "facility.outside_indonesia", False),
        ("2,SD Dua,SD,121.9,-8.3,\n", "facility.outside", True),
        ("2,SD Dua,SD,120.35,-7.95,\n", "facility.on_sea", True),
        ("2,SD Dua,SD,120.2001,-7.95,\n", "facility.near_shore", True),
        ("2,SD Dua,SD,500,95,\n", "facility.out_of_range", False),
        ("2,SD Dua,SD,12005,-7.94,\n", "facility.point_lost", True),
        (GOOD, "facility.duplicate", False),
        ("1,SD Lain,SD,120.15,-7.95,\n", "facility.conflict", True),
    ],
)
def test_a_bad_row_is_a_finding_and_the_rest_is_used(
    tmp_path: Path, row: str, code: str, used: bool
) -> None:
    third = "3,SD Tiga,SD,120.15,-7.95,\n"
    result = read(tmp_path, GOOD + row + third)
    assert code in codes(result)
    assert len(result.facilities) == (3 if used else 2)
    assert "sekolah-3" in set(result.facilities["facility_id"])


def test_a_whole_list_without_its_minus_is_one_finding_that_lists_the_rows(tmp_path: Path) -> None:
    rows = "".join(f"{i},SD {i},SD,{120.01 + i / 100:.2f},7.95,\n" for i in range(1, 13))
    result = read(tmp_path, rows)
    assert len(result.facilities) == 12
    assert (result.facilities.geometry.y == -7.95).all()
    lost = [found for found in result.findings if found.code == "facility.minus_lost"]
    assert [(found.row, found.measure, found.unit) for found in lost] == [(2, 12, "rows")]
    assert "12 of 12 rows" in lost[0].message
    assert "Rows 2-13" in lost[0].message


def test_a_doubtful_minus_is_not_used(tmp_path: Path) -> None:
    near_equator = make_desa(square(0)).set_geometry(
        [shapely.box(120.0, -0.4, 120.1, -0.2)], crs="EPSG:4326"
    )
    (tmp_path / "g.csv").write_text(HEADER + "1,A,SD,120.05,0.3,\n2,B,SD,120.05,-0.3,\n")
    section = FacilitySection(
        id="s",
        path="g.csv",
        kind="sd",
        name_column="nama",
        lon_column="bujur",
        lat_column="lintang",
    )
    doubtful = read_facilities(section, tmp_path, near_equator)
    assert codes(doubtful) == ["facility.minus_doubtful"]
    assert doubtful.load.matched == 1


def test_rows_under_one_id_that_differ_are_asked_about_and_used(tmp_path: Path) -> None:
    rows = (
        "1,SD A,5,120.05,-7.95,\n1,SD B,6,120.15,-7.95,\n"
        "2,SD C,7,120.06,-7.95,\n2,SD C,8,120.06,-7.95,\n"
    )
    result = read(tmp_path, rows, supply_column="jenis", supply_unit="guru")
    assert codes(result) == ["facility.conflict"] * 4
    facilities = result.facilities.set_index("nama")
    assert facilities["supply"].drop("SD C").to_dict() == {"SD A": 5, "SD B": 6}
    assert facilities.loc["SD C", "facility_id"] == "sekolah-2"
    assert isnan(facilities.loc["SD C", "supply"])
    assert facilities["facility_id"].is_unique
    assert (result.load.matched, result.load.duplicates) == (3, 1)


def test_geojson_points_and_areas_are_read(tmp_path: Path) -> None:
    ring = [[120.11, -7.96], [120.12, -7.96], [120.12, -7.95], [120.11, -7.96]]
    shapes = [
        {"type": "Point", "coordinates": [120.05, -7.95]},
        {"type": "Polygon", "coordinates": [ring]},
        None,
    ]
    features = [
        {"type": "Feature", "properties": {"nama": f"N{i}"}, "geometry": shape}
        for i, shape in enumerate(shapes)
    ]
    document = {"type": "FeatureCollection", "features": features}
    (tmp_path / "p.geojson").write_text(json.dumps(document), encoding="utf-8")
    section = FacilitySection(id="pos", path="p.geojson", kind="pustu", name_column="nama")
    result = read_facilities(section, tmp_path, desa())
    assert result.facilities["kode_desa_letak"].tolist().count("99.01.01.2002") == 1
    assert codes(result) == ["facility.no_position", "facility.area"]


def test_gpkg_in_another_crs_is_transformed(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(
        {"nama": ["A"]}, geometry=gpd.points_from_xy([120.05], [-7.95]), crs="EPSG:4326"
    )
    points.to_crs("EPSG:32751").to_file(tmp_path / "p.gpkg", engine="pyogrio")
    section = FacilitySection(id="pos", path="p.gpkg", kind="pustu", name_column="nama")
    point = read_facilities(section, tmp_path, desa()).facilities.geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((120.05, -7.95), abs=1e-7)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"path": "none.csv"}, "does not exist"),
        ({"lon_column": "x"}, "x"),
        ({"lon_column": None}, "lon_column"),
        ({"kind": None}, "kind_column"),
        ({"kind": None, "kind_in_name": True, "name_column": None}, "name_column"),
        ({"kind": "kantor_desa"}, "code_column"),
        ({"code_column": "kode"}, "code_system"),
    ],
)
def test_wrong_use_is_one_clear_message(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        read(tmp_path, GOOD, **change)


def test_shuffled_rows_give_the_same_facilities(tmp_path: Path) -> None:
    rows = [f"{i},SD {i},SD,{120.01 + i / 100},-7.95,\n" for i in range(1, 6)]
    first = read(tmp_path, "".join(rows)).facilities.drop(columns="row")
    second = read(tmp_path, "".join(rows[::-1])).facilities.drop(columns="row")
    assert first.equals(second)


def test_fids_stay_when_other_facilities_come(tmp_path: Path) -> None:
    many = [f"s-{i}" for i in range(5000)]
    assert make_fids(many)[7] == make_fids(["s-7"])[0]
    assert len(set(make_fids(many).tolist())) == 5000
    assert make_fids(many).max() < 2**53


def test_a_supply_that_is_not_known_is_null_and_said(tmp_path: Path) -> None:
    rows = "1,A,SD,120.05,-7.95,12\n2,B,SD,120.06,-7.95,\n3,C,SD,120.07,-7.95,-4\n"
    rows += "4,D,SD,120.08,-7.95,banyak\n"
    result = read(tmp_path, rows, supply_column="kode", supply_unit="guru")
    supply = result.facilities["supply"].tolist()
    assert supply == pytest.approx([12, nan, nan, nan], nan_ok=True)
    assert codes(result) == [
        "facility.no_supply",
        "facility.unreadable_supply",
        "facility.unreadable_supply",
    ]
    with pytest.raises(InputError, match="supply_unit"):
        read(tmp_path, rows, supply_column="kode")


def test_metres_and_degrees_are_told_once_with_what_to_declare(tmp_path: Path) -> None:
    undeclared = read(tmp_path, "1,A,SD,285000,9120000,\n2,B,SD,285500,9120500,\n")
    (metres,) = [one for one in undeclared.findings if one.code == "facility.metres"]
    assert (metres.code, metres.row, metres.measure) == ("facility.metres", 2, 2)
    assert 'declare crs = "EPSG:32751"' in metres.message
    assert undeclared.facilities.empty
    rows = "1,A,SD,285000,9120000,\n2,B,SD,120.05,-7.95,\n3,C,SD,120.06,-7.95,\n"
    declared = read(tmp_path, rows, crs="EPSG:32751")
    (degrees,) = [one for one in declared.findings if one.code == "facility.degrees"]
    assert (degrees.code, degrees.row, degrees.measure) == ("facility.degrees", 3, 2)
    assert declared.facilities["facility_id"].tolist() == ["sekolah-1"]


def test_a_list_of_another_area_is_told_once(tmp_path: Path) -> None:
    far = "1,SD Satu,x,114.05,-7.95,\n2,SD Dua,x,114.06,-7.95,\n"
    assert codes(read(tmp_path, far)).count("facility.none_near") == 1
    assert "facility.none_near" not in codes(read(tmp_path, far + "3,SD Tiga,x,120.9,-7.95,\n"))
    drawn = gpd.GeoDataFrame({"nama": ["a"]}, geometry=[shapely.Point(114, -8)], crs="EPSG:4326")
    drawn.to_file(tmp_path / "f.gpkg")
    section = FacilitySection(id="f", path="f.gpkg", kind="sd", name_column="nama")
    found = read_facilities(section, tmp_path, desa()).findings
    assert "facility.none_near" in {finding.code for finding in found}


def test_a_drawn_list_without_features_needs_no_columns(tmp_path: Path) -> None:
    (tmp_path / "f.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    keys = {"id": "f", "path": "f.geojson", "kind": "sd", "name_column": "nama"}
    result = read_facilities(FacilitySection.model_validate(keys), tmp_path, desa())
    assert (result.load.rows_read, len(result.facilities)) == (0, 0)
