"""Origins, flags and gaps in worlds with the answer on paper."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pydantic import ValidationError
from pyproj import Geod

from layers.access.gaps.gap_people import list_edges
from layers.access.gaps.gaps import build_gaps, check_norms, choose_services, classify_severity
from layers.access.straight.distance import measure_distance_to_facility, origins
from layers.access.straight.land import find_land
from layers.workspace.access_sections import NormSection
from tests.layers.access.world import make_desa, make_facilities, square

GEOD = Geod(ellps="WGS84")


def test_distance_starts_at_the_kantor_desa_where_there_is_one() -> None:
    desa = make_desa(square(0), square(1))
    kantor = make_facilities((120.01, -7.99), kind="kantor_desa")
    kantor["kode_desa_declared"] = "99.01.01.2001"
    starts = origins(desa, kantor)
    assert starts["origin"].tolist() == ["kantor_desa", "point_on_surface"]
    assert starts["lon"].iloc[0] == 120.01


def test_the_point_on_surface_lies_on_the_largest_island() -> None:
    desa = make_desa(shapely.MultiPolygon([square(5, side=0.01), square(0)]))
    assert square(0).contains(shapely.Point(origins(desa)[["lon", "lat"]].iloc[0]))


@pytest.mark.parametrize("geometry", [None, shapely.MultiPolygon()])
def test_a_desa_without_geometry_has_status_no_data(geometry: shapely.Geometry | None) -> None:
    desa = make_desa(square(0), geometry)
    result = build_gaps(desa, make_facilities((120.05, -7.95)), choose_services(["sd"]))
    row = result.wide.iloc[1]
    assert row["jarak_sd_m_status"] == "no_data"
    assert np.isnan(row["jarak_sd_m"])
    assert result.wide["gap_count"].isna().tolist() == [False, True]


def test_a_facility_on_another_island_is_flagged() -> None:
    desa = make_desa(square(0), square(1), square(5))
    facilities = make_facilities((120.15, -7.95))
    table = measure_distance_to_facility(desa, origins(desa), facilities, ("sd",))
    assert table["is_across_water"].tolist() == [False, False, True]


def test_land_parts_are_islands() -> None:
    desa = make_desa(square(0), square(5), square(1), square(6))
    land = find_land(desa)
    assert land.part.tolist() == [0, 1, 0, 1]
    at_sea = np.array([[120.35, -7.95], [120.05, -7.895]])
    assert land.find_part(at_sea).tolist() == [-1, 0]


def test_the_edge_of_data_is_nearer_than_the_facility() -> None:
    desa = make_desa(square(0), square(1))
    near = make_facilities((120.0501, -7.95))
    far = make_facilities((120.19, -7.95))
    starts = origins(desa)
    first = measure_distance_to_facility(desa, starts, near, ("sd",))
    second = measure_distance_to_facility(desa, starts, far, ("sd",))
    assert bool(first["is_edge_of_data"].iloc[0]) is False
    assert bool(second["is_edge_of_data"].iloc[0]) is True


def test_the_distance_to_the_edge_is_geodesic() -> None:
    land = find_land(make_desa(square(0)))
    metres = land.measure_to_edge(np.array([[120.03, -7.95]]))
    assert metres[0] == pytest.approx(GEOD.inv(120.03, -7.95, 120.0, -7.95)[2], rel=1e-4)


def test_nearest_in_own_kecamatan_may_be_farther_than_nearest() -> None:
    desa = make_desa(square(0), square(1), kecamatan=(1, 2))
    codes = desa["kode"].tolist()
    facilities = make_facilities((120.01, -7.95), (120.11, -7.95), letak=(codes[0], codes[1]))
    kantor = make_facilities((120.09, -7.95), kind="kantor_desa")
    kantor["kode_desa_declared"] = codes[0]
    table = measure_distance_to_facility(desa, origins(desa, kantor), facilities, ("sd",))
    assert table["facility_id"].iloc[0] == "f1"
    assert table["facility_id_in_kecamatan"].iloc[0] == "f0"
    assert table["facility_id_in_kabupaten"].iloc[0] == "f1"


def test_a_gap_is_what_exceeds_the_norm() -> None:
    desa = make_desa(square(0), square(1))
    result = build_gaps(
        desa,
        make_facilities((120.05, -7.95)),
        choose_services(["sd"], {"sd": NormSection(norm_m=1000)}),
    )
    distance = GEOD.inv(120.15, -7.95, 120.05, -7.95)[2]
    assert result.wide["gap_sd_m"].tolist() == [0.0, round(distance - 1000, 1)]
    assert result.wide["gap_count"].tolist() == [0, 1]
    assert result.long["status"].tolist() == ["ok", "gap"]
    assert result.long["severity"].tolist() == ["within", "severe"]


def test_a_declared_kind_without_facilities_is_a_finding_and_no_gap() -> None:
    desa = make_desa(square(0))
    result = build_gaps(desa, make_facilities((120.05, -7.95)), choose_services(["sd", "smp"]))
    assert [finding.code for finding in result.findings] == [
        "access.no_facility",
        "access.no_kantor_desa",
    ]
    assert result.wide["jarak_smp_m_status"].tolist() == ["no_data"]
    assert result.wide["gap_count"].tolist() == [0]
    assert result.wide["gap_known_count"].tolist() == [1]


def test_a_norm_of_the_kabupaten_replaces_the_preset_and_admits_its_own_kinds() -> None:
    norms = {"sd": NormSection(norm_m=2000), "pasar": NormSection(norm_m=5000, source="Perbup")}
    services = choose_services(["sd", "pasar", "kantor_desa"], norms)
    assert [(service.kind, service.norm_m) for service in services] == [
        ("sd", 2000.0),
        ("pasar", 5000.0),
    ]


def test_a_norm_that_does_nothing_and_a_kind_without_norm_are_said() -> None:
    norms = {"puskemas": NormSection(norm_m=5000)}
    kinds = ["puskesmas", "pasar", "kantor_desa"]
    findings = check_norms(kinds, norms, choose_services(kinds, norms))
    assert [(finding.code, finding.value) for finding in findings] == [
        ("access.norm_without_kind", "puskemas"),
        ("access.no_norm", "pasar"),
    ]
    assert "Did you mean 'puskesmas'?" in findings[0].message


@pytest.mark.parametrize(
    ("kind", "meant"), [("sdd", "sd"), ("puskemas", "puskesmas"), ("kantordesa", "kantor_desa")]
)
def test_a_kind_without_norm_is_asked_with_the_nearest_known_one(kind: str, meant: str) -> None:
    (finding,) = check_norms([kind], {}, choose_services([kind]))
    assert f"Did you mean '{meant}'?" in finding.message


@pytest.mark.parametrize("norm", [0, -1, np.nan, np.inf])
def test_a_norm_that_nothing_can_exceed_or_keep_is_refused(norm: float) -> None:
    for key, value in (("norm_m", norm), ("norm_min", norm), ("bands_m", (norm,))):
        with pytest.raises(ValidationError, match=key):
            NormSection.model_validate({key: value})


def test_an_own_norm_is_one_more_edge_of_the_bands() -> None:
    preset = choose_services(["sd"])[0]
    assert list_edges(preset, "m") == (1000, 3000, 6000)
    own = choose_services(["sd"], {"sd": NormSection(norm_m=2000)})[0]
    assert list_edges(own, "m") == (1000, 2000, 3000, 6000)
    bands = NormSection(norm_m=2000, bands_m=(500, 2000))
    assert list_edges(choose_services(["sd"], {"sd": bands})[0], "m") == (500, 2000)


def test_the_upper_edge_belongs_to_the_lower_severity() -> None:
    values = np.array([1000.0, 1000.1, 1500.0, 2000.0, 2000.1, np.nan])
    names = ["within", "moderate", "moderate", "high", "severe", None]
    assert classify_severity(values, 1000.0).tolist() == names


def test_the_order_of_facilities_does_not_matter() -> None:
    desa = make_desa(square(0), square(1), square(2))
    facilities = make_facilities((120.05, -7.99), (120.05, -7.91), (120.2, -7.95))
    services = choose_services(["sd"])
    first = build_gaps(desa, facilities, services)
    second = build_gaps(desa, facilities.iloc[::-1], services)
    assert first.long.equals(second.long)


def test_every_column_of_the_wide_table_has_an_entry() -> None:
    desa = make_desa(square(0))
    result = build_gaps(desa, make_facilities((120.05, -7.95)), choose_services(["sd"]))
    named = {field.name for field in result.fields}
    named |= {f"{field.name}_status" for field in result.fields if field.thematic}
    assert named | {"kode"} == set(result.wide.columns)
    for field in result.fields:
        if field.classes is not None:
            assert len(field.classes.colours) == len(field.classes.breaks) + 1
