"""Facility lists with the dirt offices send: each a finding, the rest is used, counts add up."""

from __future__ import annotations

import json
from math import isnan, nan
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from boundaries.codes.crosswalk import CodeBridge
from boundaries.history.versions import Change, History
from layers.errors import InputError
from layers.facilities.read import FacilitiesResult, make_fids, read_facilities
from layers.tables.rows.records import Aids
from layers.workspace.workspace import AllowSection, FacilitySection
from tests.layers.access.world import make_desa, square

HEADER = "nomor,nama,jenis,bujur,lintang,kode\n"


def desa() -> gpd.GeoDataFrame:
    return make_desa(square(0), square(1), square(5))


def read(tmp_path: Path, rows: str, **section: object) -> FacilitiesResult:
    (tmp_path / "f.csv").write_text(HEADER + rows, encoding="utf-8")
    columns: dict[str, object] = {
        "id": "sekolah",
        "path": "f.csv",
        "id_column": "nomor",
        "name_column": "nama",
        "lon_column": "bujur",
        "lat_column": "lintang",
    }
    if not {"kind", "kind_column", "kind_in_name"} & section.keys():
        section["kind"] = "sd"
    result = read_facilities(FacilitySection.model_validate(columns | section), tmp_path, desa())
    load = result.load
    assert load.rows_read == load.matched + load.unmatched + load.duplicates
    assert load.matched == len(result.facilities)
    return result


def codes(result: FacilitiesResult) -> list[str]:
    return [finding.code for finding in result.findings if finding.code.startswith("facility")]


GOOD = "1,SD Satu,SD,120.05,-7.95,\n"


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


def test_kinds_are_read_by_the_declared_words(tmp_path: Path) -> None:
    rows = GOOD + "2,SMP,Smp  Negeri,120.15,-7.95,\n3,X,Pasar,120.06,-7.95,\n4,Y,,120.07,-7.95,\n"
    kinds = {"SD": "sd", "smp negeri": "smp"}
    result = read(tmp_path, rows, kind_column="jenis", kinds=kinds)
    assert result.facilities["kind"].tolist() == ["sd", "smp"]
    assert codes(result) == ["facility.no_kind", "facility.unknown_kind"]
    assert result.load.unmatched == 2


def test_the_kind_inside_a_name_is_read_and_two_kinds_are_not_guessed(tmp_path: Path) -> None:
    names = [
        ("PUSKESMAS PEMBANTU BORU", "pustu"),
        ("PKM. Konga", "puskesmas"),
        ("Posyandu Melati 2", "posyandu"),
        ("UPTD Puskesmas Rsud Lama", None),
        ("Pustu/Poskesdes Waibao", None),
        ("Puskemas Lewolaga", None),
        ("Balai Lelang", None),
        ("Bidan Fany Mariska", "bidan"),
    ]
    rows = "".join(f"{i},{name},,120.0{i},-7.95,\n" for i, (name, _) in enumerate(names, 1))
    result = read(tmp_path, rows, kind_in_name=True)
    assert result.facilities["kind"].tolist() == [kind for _, kind in names if kind]
    told = [(f.code, f.row) for f in result.findings if "kind" in f.code]
    assert told == [
        ("facility.kind_ambiguous", 5),
        ("facility.kind_ambiguous", 6),
        ("facility.no_kind", 7),
        ("facility.no_kind", 8),
    ]
    misspelt = next(f for f in result.findings if f.row == 7 and f.code == "facility.no_kind")
    assert "Is PUSKESMAS meant?" in misspelt.message
    mapped = read(tmp_path, rows, kind_in_name=True, kinds={"pustu": "pustu", "bidan": "poskesdes"})
    assert mapped.facilities["kind"].tolist() == ["pustu", "poskesdes"]
    assert codes(mapped).count("facility.unknown_kind") == 2


def test_what_a_name_of_two_kinds_means_is_declared(tmp_path: Path) -> None:
    rows = (
        "1,Pustu/Poskesdes Waibao,,120.05,-7.95,\n2,Poskesdes dan Pustu Boru,,120.06,-7.95,\n"
        "3,PKM. Konga,,120.07,-7.95,\n"
    )
    result = read(tmp_path, rows, kind_in_name=True, kinds={"Pustu / poskesdes": "pustu"})
    assert result.facilities["kind"].tolist() == ["pustu", "pustu", "puskesmas"]
    same = {"pustu": "pos", "poskesdes": "pos", "puskesmas": "puskesmas"}
    result = read(tmp_path, rows, kind_in_name=True, kinds=same)
    assert result.facilities["kind"].tolist() == ["pos", "pos", "puskesmas"]
    result = read(tmp_path, rows, kind_in_name=True)
    message = next(one.message for one in result.findings if "ambiguous" in one.code)
    assert '"poskesdes/pustu" = "poskesdes"' in message


def test_a_name_of_another_kind_than_its_column_is_told(tmp_path: Path) -> None:
    rows = (
        "1,PAUD Tunas Bangsa,Pondok Bersalin,120.05,-7.95,\n"
        "2,Pustu Boru,Puskesmas Pembantu,120.06,-7.95,\n"
        "3,Puskesmas Boru,Puskesmas,120.07,-7.95,\n"
    )
    kinds = {
        "Pondok Bersalin": "polindes",
        "Puskesmas Pembantu": "puskesmas",
        "Puskesmas": "puskesmas",
    }
    result = read(tmp_path, rows, kind_column="jenis", kinds=kinds)
    assert [(f.code, f.row) for f in result.findings] == [("facility.kind_contradicts", 2)]
    assert len(result.facilities) == 3


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


def test_a_facility_in_another_desa_than_its_code_names_is_used_where_it_stands(
    tmp_path: Path,
) -> None:
    row = "1,SD Satu,SD,120.05,-7.95,99.01.01.2002\n"
    result = read(tmp_path, row, code_column="kode", code_system="kemendagri")
    assert codes(result) == ["facility.elsewhere"]
    assert result.facilities["kode_desa_letak"].tolist() == ["99.01.01.2001"]


@pytest.mark.parametrize(("system", "words"), [("kemendagri", "no desa"), ("bps", "BPS codes")])
def test_codes_that_lead_nowhere_are_told_once_and_the_rows_used(
    tmp_path: Path, system: str, words: str
) -> None:
    rows = "1,SD Satu,SD,120.05,-7.95,9901010001\n2,SD Dua,SD,120.06,-7.95,99.09.01.2001\n"
    result = read(tmp_path, rows, code_column="kode", code_system=system)
    unknown = [found for found in result.findings if found.code == "facility.code_unknown"]
    assert [(found.row, found.measure) for found in unknown] == [(2, 2)]
    assert words in unknown[0].message
    assert len(result.facilities) == 2


def test_bps_codes_of_offices_cross_the_bridge(tmp_path: Path) -> None:
    text = HEADER + (
        "1,Kantor Satu,,120.05,-7.95,9801010001\n2,Kantor Dua,,120.15,-7.95,9801010002\n"
        "3,Kantor Tiga,,120.55,-7.95,9801010009\n"
    )
    (tmp_path / "kantor.csv").write_text(text, encoding="utf-8")
    section = FacilitySection.model_validate(
        {
            "id": "kantor",
            "path": "kantor.csv",
            "kind": "kantor_desa",
            "id_column": "nomor",
            "lon_column": "bujur",
            "lat_column": "lintang",
            "code_column": "kode",
            "code_system": "bps",
        }
    )
    bridge = CodeBridge({"9801010001": "9901012001", "9801010002": "9901012002"})
    result = read_facilities(section, tmp_path, desa(), aids=Aids(bridge))
    assert result.facilities["kode_desa_declared"].tolist() == ["99.01.01.2001", "99.01.01.2002"]
    assert codes(result) == ["facility.kantor_without_desa"]
    of_kecamatan = CodeBridge({"9801010": "990101"})
    assert read_facilities(section, tmp_path, desa(), aids=Aids(of_kecamatan)).facilities.empty


def test_former_codes_of_offices_are_read_by_the_history(tmp_path: Path) -> None:
    text = HEADER + (
        "1,Kantor Satu,,120.05,-7.95,98.01.01.2001\n2,Kantor Dua,,120.15,-7.95,98.01.01.2002\n"
        "3,Kantor Tiga,,120.55,-7.95,98.02.01.2001\n"
    )
    (tmp_path / "kantor.csv").write_text(text, encoding="utf-8")
    section = FacilitySection.model_validate(
        {
            "id": "kantor",
            "path": "kantor.csv",
            "kind": "kantor_desa",
            "id_column": "nomor",
            "lon_column": "bujur",
            "lat_column": "lintang",
            "code_column": "kode",
            "code_system": "kemendagri",
        }
    )
    history = History.of([Change("98.01", "99.01", "recode", 2022)])
    result = read_facilities(section, tmp_path, desa(), aids=Aids(history=history))
    assert result.facilities["kode_desa_declared"].tolist() == ["99.01.01.2001", "99.01.01.2002"]
    late = [found for found in result.findings if found.code == "table.code_late"]
    assert [(found.row, found.measure) for found in late] == [(2, 2)]


def test_a_dapodik_list_with_npsn_as_numbers_and_decimal_commas_is_read(tmp_path: Path) -> None:
    text = (
        "npsn;nama;bentuk_pendidikan;kecamatan;desa;lintang;bujur\n"
        "10500123.0;SD INPRES BORU;SD;A;B;-7,95;120,05\n"
        "10500124;SMPN 1;SMP;A;B;7°57'00\" LS;120°06'00\" BT\n"
        "10500125;SMA 1;SMA;A;B;120,07;-7,95\n"
    )
    (tmp_path / "sekolah.csv").write_text(text, encoding="utf-8")
    section = FacilitySection.model_validate(
        {"id": "sekolah", "path": "sekolah.csv", "importer": "dapodik"}
    )
    result = read_facilities(section, tmp_path, desa())
    found = result.facilities
    assert found["kind"].tolist() == ["sd", "smp", "sma"]
    assert found["facility_id"].tolist() == [
        "sekolah-10500123",
        "sekolah-10500124",
        "sekolah-10500125",
    ]
    assert [(round(p.x, 4), round(p.y, 4)) for p in found.geometry] == [
        (120.05, -7.95),
        (120.1, -7.95),
        (120.07, -7.95),
    ]
    assert codes(result) == ["facility.swapped"]


def test_a_list_of_health_facilities_needs_no_columns_declared(tmp_path: Path) -> None:
    text = (
        "KODE FASKES,NAMA FASKES,LONGITUDE,LATITUDE\n"
        "P1,PUSKESMAS BORU,120.05,-7.95\nP2,Pustu Konga,120.06,-7.95\n"
    )
    (tmp_path / "faskes.csv").write_text(text)
    section = FacilitySection(id="faskes", path="faskes.csv", importer="faskes")
    found = read_facilities(section, tmp_path, desa()).facilities
    assert found[["facility_id", "kind"]].to_numpy().tolist() == [
        ["faskes-P1", "puskesmas"],
        ["faskes-P2", "pustu"],
    ]
    told = text.replace("\n", ",JENIS\n", 1).replace("-7.95\n", "-7.95,Puskesmas Pembantu\n")
    (tmp_path / "jenis.csv").write_text(told)
    by_word = read_facilities(section.model_copy(update={"path": "jenis.csv"}), tmp_path, desa())
    assert by_word.facilities["kind"].tolist() == ["pustu", "pustu"]
    assert codes(by_word) == ["facility.kind_contradicts"]
    for importer, words in (("emis", "no importer 'emis'"), ("dapodik", "not the shape")):
        wrong = FacilitySection(id="x", path="faskes.csv", importer=importer)
        with pytest.raises(InputError, match=words):
            read_facilities(wrong, tmp_path, desa())


def test_a_kantor_desa_belongs_to_the_desa_of_its_code(tmp_path: Path) -> None:
    rows = (
        "1,Kantor 1,,120.05,-7.95,99.01.01.2001\n"
        "2,Kantor 2,,120.05,-7.96,99.01.01.2002\n"  # stands in the neighbour, 5.5 km off
        "3,Kantor 3,,120.55,-7.95,99.01.01.2999\n"  # no such desa
    )
    result = read(tmp_path, rows, kind="kantor_desa", code_column="kode", code_system="kemendagri")
    assert result.facilities["kode_desa_declared"].tolist() == ["99.01.01.2001"]
    assert codes(result) == ["facility.kantor_elsewhere", "facility.kantor_without_desa"]
    assert result.load.desa_without_data == 2


def test_a_kantor_desa_far_from_its_desa_waits_for_a_decision(tmp_path: Path) -> None:
    rows = "2,Kantor 2,,120.04,-7.96,99.01.01.2002\n"
    read(tmp_path, rows, kind="kantor_desa", code_column="kode", code_system="kemendagri")
    section = FacilitySection(
        id="kantor",
        path="f.csv",
        kind="kantor_desa",
        id_column="nomor",
        name_column="nama",
        lon_column="bujur",
        lat_column="lintang",
        code_column="kode",
        code_system="kemendagri",
    )
    accepted, other = (
        AllowSection(check="facility.kantor_elsewhere", reason="Pindah sementara.", kode=kode)
        for kode in ("99.01.01.2002", "99.01.01.2001")
    )
    held = read_facilities(section, tmp_path, desa(), accepted=[other])
    assert held.facilities.empty
    (finding,) = (one for one in held.findings if one.code == "facility.kantor_elsewhere")
    assert 'kode = "99.01.01.2002"' in finding.message
    assert finding.row == 2
    used = read_facilities(section, tmp_path, desa(), accepted=[accepted])
    assert used.facilities["kode_desa_declared"].tolist() == ["99.01.01.2002"]


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


def test_two_offices_of_one_desa_are_both_refused(tmp_path: Path) -> None:
    rows = "1,A,,120.05,-7.95,99.01.01.2001\n2,B,,120.06,-7.95,99.01.01.2001\n"
    result = read(tmp_path, rows, kind="kantor_desa", code_column="kode", code_system="kemendagri")
    assert result.facilities.empty
    assert codes(result) == ["facility.two_kantor_desa", "facility.two_kantor_desa"]


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


@pytest.mark.parametrize("name", ["Gudang Puskesmas Boru", "Jl. Puskesmas", "Eks Puskesmas"])
def test_what_is_only_named_after_a_facility_is_asked(tmp_path: Path, name: str) -> None:
    rows = f"1,{name},x,120.05,-7.95,\n2,Puskesmas Pasar Boru,x,120.06,-7.95,\n"
    result = read(tmp_path, rows, kind_in_name=True)
    assert [(f.code, f.row) for f in result.findings] == [("facility.kind_doubtful", 2)]
    assert result.load.matched == 2


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


def test_declared_kinds_that_no_name_tells_are_listed_with_those_that_occur(tmp_path: Path) -> None:
    rows = "1,Pustu Boru,,120.05,-7.95,\n2,Pustu/Poskesdes Waibao,,120.06,-7.95,\n"
    kinds = {"pustu": "pustu", "puskemas": "puskesmas", "pustu/poskesdes": "pustu"}
    result = read(tmp_path, rows, kind_in_name=True, kinds=kinds)
    (finding,) = [one for one in result.findings if one.code == "input.word_unused"]
    assert finding.value == "puskemas"
    assert "'pustu' (2 rows)" in finding.message


def test_words_an_importer_knows_are_not_declared_by_anybody(tmp_path: Path) -> None:
    text = "npsn,nama,bentuk_pendidikan,bujur,lintang\n1,SD Satu,SD,120.05,-7.95\n"
    (tmp_path / "dapodik.csv").write_text(text, encoding="utf-8")
    section = FacilitySection(id="s", path="dapodik.csv", importer="dapodik")
    result = read_facilities(section, tmp_path, desa())
    assert result.facilities["kind"].tolist() == ["sd"]
    assert not [one for one in result.findings if one.code == "input.word_unused"]


def test_p_codes_of_facilities_are_read_with_a_note(tmp_path: Path) -> None:
    rows = "1,SD A,SD,120.05,-7.95,ID9901012001\n2,SD B,SD,120.06,-7.95,id9901012001\n"
    result = read(tmp_path, rows, code_column="kode", code_system="kemendagri")
    assert result.facilities["kode_desa_declared"].tolist() == ["99.01.01.2001"] * 2
    (note,) = [one for one in result.findings if one.code == "codes.repaired"]
    assert (note.row, note.measure, note.file) == (2, 2, "f.csv")
