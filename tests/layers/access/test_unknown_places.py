"""What places that nobody can place, and water in between, leave unknown of distances."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

from boundaries.findings.report import Severity
from layers.access.gaps.gaps import GapsResult, build_gaps, choose_services
from layers.access.straight.unknown_places import UnknownPlace, bound_distance
from layers.facilities.read import FacilitiesResult
from layers.workspace.access_sections import NormSection
from layers.workspace.sections import AllowSection
from tests.layers import facility_lists
from tests.layers.access.world import make_desa, make_facilities, square

GEOD = Geod(ellps="WGS84")
NORM = {"sd": NormSection(norm_m=4000)}
A, B, C = "99.01.01.2001", "99.01.01.2002", "99.01.01.2003"


def measure(
    desa: gpd.GeoDataFrame, *points: tuple[float, float], unknown: tuple[UnknownPlace, ...] = ()
) -> GapsResult:
    services = choose_services(["sd"], NORM)
    return build_gaps(desa, make_facilities(*points), services, unknown=unknown)


def state(result: GapsResult) -> list[tuple[str, str, str | None]]:
    """Status of distance and gap in the layer, and the reason in the table, by desa."""
    wide, long = result.wide, result.long
    reasons = long["reason"].astype(object).where(long["reason"].notna(), None)
    return list(zip(wide["jarak_sd_m_status"], wide["gap_sd_m_status"], reasons, strict=True))


KNOWN, LOST, MET = (
    ("ok", "ok", None),
    ("no_data", "no_data", "place_unknown"),
    ("no_data", "ok", "place_unknown"),
)


def test_a_lost_place_leaves_its_desa_and_nearer_neighbours_unknown() -> None:
    """The known place is in the first of five desa; one of the fourth is listed without place."""
    desa = make_desa(*(square(each) for each in range(5)))
    lost = UnknownPlace("sd", frozenset({"99.01.01.2004"}), "f.csv", 7)
    result = measure(desa, (120.05, -7.95), unknown=(lost,))
    assert state(result) == [KNOWN, KNOWN, LOST, LOST, LOST]
    assert result.wide["gap_count"].isna().tolist() == [False, False, True, True, True]
    assert result.wide["gap_known_count"].tolist() == [1, 1, 0, 0, 0]
    assert result.long["status"].tolist() == ["ok", "gap", "no_data", "no_data", "no_data"]
    assert result.long["facility_id"].isna().tolist() == [False, False, True, True, True]
    (finding,) = (each for each in result.findings if each.code == "access.place_unknown")
    assert (finding.file, finding.row, finding.measure) == ("f.csv", 7, 3)


def test_what_is_within_the_norm_stays_met_though_its_distance_is_not_known() -> None:
    desa = make_desa(square(0), square(1))
    lost = UnknownPlace("sd", frozenset({A}), "f.csv", 7)
    result = measure(desa, (120.052, -7.95), unknown=(lost,))
    assert state(result)[0] == MET
    assert result.wide["gap_sd_m"].iloc[0] == 0
    assert result.long["status"].iloc[0] == "ok"


def test_a_place_lost_anywhere_concerns_all_desa_and_one_of_another_kind_none() -> None:
    desa = make_desa(square(0), square(1))
    for kind, expected in (("sd", [MET, LOST]), ("smp", [KNOWN, KNOWN])):
        lost = UnknownPlace(kind, None, "f.csv", 7)
        assert state(measure(desa, (120.052, -7.95), unknown=(lost,))) == expected


@pytest.mark.parametrize("at", [(120.0, -7.95), (120.35, -7.95), (120.25, -7.7)])
def test_the_bound_is_never_longer_than_the_way_and_hardly_shorter(at: tuple[float, float]) -> None:
    desa = make_desa(square(0), square(1), square(2))
    lonlat = np.array([at])
    (bound,) = bound_distance(lonlat, desa, [UnknownPlace("sd", frozenset({B}))])
    east, north = np.clip(at[0], 120.1, 120.2), np.clip(at[1], -8.0, -7.9)
    true = GEOD.inv(*at, east, north)[2]
    assert 0.985 * true <= bound <= true


def test_a_place_lost_in_a_desa_without_polygon_may_be_anywhere() -> None:
    desa = make_desa(square(0), None)
    (bound,) = bound_distance(
        np.array([[120.05, -7.95]]), desa, [UnknownPlace("sd", frozenset({B}))]
    )
    assert bound == 0


def test_a_place_across_water_proves_no_norm_but_one_beyond_it_stays_a_gap() -> None:
    """A strait of 0.01 degrees (1.1 km); the origin of the second desa is its office."""
    desa = make_desa(square(0), square(1.1))
    office = make_facilities((120.115, -7.95), kind="kantor_desa")
    office["kode_desa_declared"] = B
    for lon, expected in ((120.095, ("no_data", "across_water")), (120.05, ("gap", None))):
        places = make_facilities((lon, -7.95))
        services = choose_services(["sd"], NORM)
        result = build_gaps(desa, places.merge(office, how="outer"), services)
        row = result.long.iloc[1]
        assert (row["status"], row["reason"] if pd.notna(row["reason"]) else None) == expected
        assert row["distance_m"] > 0
    assert result.wide["gap_sd_m_status"].iloc[0] == "ok"


def test_a_place_on_the_same_land_proves_the_norm_though_one_across_is_nearer() -> None:
    desa = make_desa(square(0), square(1.1))
    office = make_facilities((120.115, -7.95), kind="kantor_desa")
    office["kode_desa_declared"] = B
    places = make_facilities((120.099, -7.95), (120.145, -7.95)).merge(office, how="outer")
    result = build_gaps(desa, places, choose_services(["sd"], NORM))
    assert result.long["status"].iloc[1] == "ok"
    assert not [each for each in result.findings if each.code == "access.across_water"]


def lost_of(result: FacilitiesResult) -> list[tuple[int, frozenset[str] | None]]:
    return [(place.row, place.desa) for place in result.lost]


BAD = ["", "?", "0", "belum ada"]


@pytest.mark.parametrize("cell", BAD)
def test_a_row_without_a_usable_position_is_a_place_of_the_desa_of_its_code(
    cell: str, tmp_path: Path
) -> None:
    rows = facility_lists.GOOD + f"2,SD Dua,SD,{cell},{cell},{B}\n3,SD Tiga,SD,{cell},{cell},\n"
    result = facility_lists.read(tmp_path, rows, code_column="kode", code_system="kemendagri")
    assert lost_of(result) == [(3, frozenset({B})), (4, None)]


@pytest.mark.parametrize(
    "name",
    [
        *("Jumlah", "JUMLAH : 1", "Total SD", "Sumber: Dinas Pendidikan", "Catatan : data 2025"),
        *("Kepala Dinas Pendidikan", "NIP. 1970", "Larantuka, 12 Januari 2025", ""),
    ],
)
def test_what_stands_below_a_list_is_no_lost_place(name: str, tmp_path: Path) -> None:
    assert lost_of(facility_lists.read(tmp_path, f'{facility_lists.GOOD},"{name}",,,,\n')) == []


def test_names_of_kecamatan_and_desa_say_where_a_lost_place_may_be(tmp_path: Path) -> None:
    header = "nomor,nama,jenis,bujur,lintang,KECAMATAN,Desa/Kelurahan\n"
    rows = (
        "1,SD Satu,SD,120.05,-7.95,Kecamatan 1,Desa 1\n"
        "2,SD Dua,SD,,,Kec. Kecamatan 1,DESA 2\n"
        "3,SD Tiga,SD,,,Kecamatan 1,Entah\n"
        "4,SD Empat,SD,,,Entah,Desa 2\n"
        "1,SD Satu,SD,,,Kecamatan 1,Desa 1\n"
    )
    result = facility_lists.read_text(tmp_path, header + rows, {}, facility_lists.desa())
    assert lost_of(result) == [(3, frozenset({B})), (4, frozenset({A, B, C})), (5, None)]


def test_an_accepted_row_is_no_place(tmp_path: Path) -> None:
    rows = facility_lists.GOOD + "2,SD Dua,SD,,,\n"
    allow = AllowSection(check="facility.no_position", reason="Sekolah ini sudah tutup.")
    text, area = facility_lists.HEADER + rows, facility_lists.desa()
    assert lost_of(facility_lists.read_text(tmp_path, text, {}, area, [allow])) == []


def test_a_declared_part_leaves_the_rest_unknown_and_an_evident_one_is_asked(
    tmp_path: Path,
) -> None:
    text = f"{facility_lists.HEADER}{facility_lists.GOOD}2,SD Dua,SD,120.06,-7.95,\n"
    desa = make_desa(*(square(each) for each in range(4)), kecamatan=(1, 2, 3, 4))
    whole = facility_lists.read_text(tmp_path, text, {}, desa)
    (asked,) = (each for each in whole.findings if each.code == "facility.few_kecamatan")
    assert (asked.measure, asked.severity) == (3, Severity.WARNING)
    part = facility_lists.read_text(tmp_path, text, {"covers": ["99.01.01"]}, desa)
    assert not [each for each in part.findings if each.code == "facility.few_kecamatan"]
    assert part.uncovered == frozenset(desa["kode"][1:])
