"""Lists of facilities from the field: placed by what they declare, or told what to declare."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from tests.cases.field import CaseRun

Case = Callable[[str], CaseRun]
LON = [123.02, 123.07, 123.12, 123.03, 123.08, 123.13]
LAT = [-8.38, -8.37, -8.36, -8.32, -8.31, -8.33]


def names(run: CaseRun) -> list[str]:
    return sorted(run.layer("facilities")["nama"])


def desa_of(run: CaseRun) -> dict[str, str]:
    frame = run.layer("facilities")
    return dict(zip(frame["nama"], frame["kode_desa_letak"], strict=True))


@pytest.mark.parametrize("name", ["40-facilities-utm", "42-facilities-one-column"])
def test_a_declared_crs_and_one_column_place_every_row(case: Case, name: str) -> None:
    run = case(name)
    assert not {code for code in run.codes if code.startswith("facility.")}
    assert names(run) == [f"Pusk {i}" for i in range(6)]
    assert len(set(desa_of(run).values())) == 6
    assert set(run.layer("gaps")["jarak_puskesmas_m_status"]) == {"ok"}


def test_utm_and_one_column_are_the_same_places(case: Case) -> None:
    assert desa_of(case("40-facilities-utm")) == desa_of(case("42-facilities-one-column"))


def test_degrees_and_minutes_in_one_number_are_named_and_not_used(case: Case) -> None:
    run = case("44-facilities-nmea")
    (finding,) = run.findings("facility.minutes")
    assert (finding.file, finding.row, finding.measure) == ("f.csv", 2, 6)
    assert "DDMM.mmmm" in finding.message
    assert run.release is None
    assert "input.no_row_used" in run.codes
    assert run.blocked is not None
    assert "degrees and minutes" in run.blocked


def test_geometries_of_every_kind_are_used_or_named(case: Case) -> None:
    run = case("46-facilities-geometry-kinds")
    assert names(run) == ["Pusk 0", "Pusk 1", "Pusk 3", "Pusk 5"]
    told = {finding.code: finding for finding in run.report.findings} if run.report else {}
    assert told["facility.area"].row == 2
    assert told["facility.no_position"].row == 3
    assert told["facility.not_one_point"].row == 5
    assert "2 points" in told["facility.not_one_point"].message
    assert told["facility.swapped"].row == 6


def test_a_list_without_a_row_gives_a_release_with_an_empty_layer(case: Case) -> None:
    run = case("47-no-usable-facility")
    assert "access.no_facility" in run.codes
    assert run.release is not None, run.blocked
    layer = run.layer("gaps")
    assert set(layer["jarak_puskesmas_m_status"]) == {"no_data"}
    assert layer["jarak_puskesmas_m"].isna().all()


def test_five_schools_on_one_campus_are_five_schools(case: Case) -> None:
    run = case("107-five-schools-on-one-campus")
    assert not {code for code in run.codes if code.startswith("facility.")}
    kinds = run.layer("facilities")["kind"].value_counts()
    assert pd.Series(kinds).to_dict() == {"sd": 2, "sma": 2, "paud": 1, "smp": 1}
