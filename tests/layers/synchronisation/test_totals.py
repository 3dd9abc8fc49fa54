"""Totals of needs: null is no zero, a part says that it is one, removing never makes better."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.columns.model import Computed
from layers.release.manifest_file import FieldEntry
from layers.synchronisation.map_layers import compute_needs, summarise_needs
from layers.synchronisation.match import Matched
from layers.synchronisation.need_totals import TOTALS, total_of_desa, total_of_level
from tests.layers.synchronisation.needs_world import (
    DESA,
    KELURAHAN,
    LINES,
    PLANS,
    SERVICES,
    VALUES,
    YEAR,
    make_desa,
    make_lines,
    make_plans,
    match,
)

PARENTS = {kode: kode[:8] for kode in DESA}
FIRST = "99.01.01"
Values = dict[tuple[str, str], float | None]


def level_of(matched: Matched) -> pd.DataFrame:
    totals = total_of_desa(matched.frame[matched.frame["tahun"] == YEAR], pd.Series(DESA))
    return total_of_level(totals, PARENTS).set_index("kode")


def cells(matched: Matched, name: str, kode: str = FIRST) -> tuple[int | None, str, int, int]:
    """Value, status, and desa with data of those it applies to."""
    row = level_of(matched).loc[kode].to_dict()
    value = None if pd.isna(row[name]) else int(row[name])
    desa = int(row[f"{name}_desa_dengan_data"]), int(row[f"{name}_desa_berlaku"])
    return value, str(row[f"{name}_status"]), *desa


def everyone(*lines: tuple[str, str, int | None]) -> pd.DataFrame:
    return make_lines(*[(kode, "01.01.01", 1) for kode in DESA[1:]], *lines)


def test_people_of_nobody_known_are_no_zero() -> None:
    """Two desa need water, one does not: without any count of people, zero would be the best."""
    values: Values = {
        (DESA[1], "air_minum_layak_pct"): 30.0,
        (DESA[2], "air_minum_layak_pct"): 30.0,
        (KELURAHAN, "air_minum_layak_pct"): 90.0,
    }
    matched = match(values, everyone())
    assert cells(matched, "unfunded_count") == (2, "ok", 3, 3)
    assert cells(matched, "unfunded_people") == (None, "no_data", 1, 3)
    assert cells(matched, "unfunded_people", "99.01.02") == (None, "no_data", 0, 1)


def test_people_of_a_part_are_told_with_the_part() -> None:
    values: Values = {
        (DESA[1], "air_minum_layak_pct"): 30.0,
        (DESA[2], "air_minum_layak_pct"): 30.0,
        (DESA[1], "penduduk_jiwa"): 1000.0,
    }
    assert cells(match(values, everyone()), "unfunded_people") == (700, "ok", 1, 3)


def test_a_need_whose_payer_nobody_knows_is_not_funded() -> None:
    values: Values = {
        (DESA[1], "air_minum_layak_pct"): 30.0,
        (DESA[2], "air_minum_layak_pct"): 90.0,
    }
    matched = match(values, None)
    assert cells(matched, "need_count") == (1, "ok", 2, 3)
    assert cells(matched, "unfunded_count") == (None, "no_data", 1, 3)
    assert cells(matched, "unfunded_people") == (None, "no_data", 1, 3)
    assert cells(matched, "without_need_idr") == (None, "no_data", 0, 2)


def test_the_same_holds_inside_one_desa() -> None:
    """One need in a programme, another whose payer is not known: not zero without funding."""
    values: Values = {
        (DESA[1], "air_minum_layak_pct"): 30.0,
        (DESA[1], "listrik_pct"): 30.0,
        (DESA[1], "stunting_pct"): 3.0,
    }
    programme = make_plans(("desa", DESA[1], "jauh"))
    totals = total_of_desa(match(values, None, programme).frame, pd.Series(DESA)).set_index("kode")
    assert totals.loc[DESA[1], "unfunded_count_status"] == "no_data"
    assert totals.loc[DESA[1], "unfunded_count_ukuran_diketahui"] == 2
    assert totals.loc[DESA[1], "unfunded_count_ukuran_jumlah"] == 3


def test_a_zero_that_all_know_is_a_zero() -> None:
    values: Values = {(kode, "air_minum_layak_pct"): 90.0 for kode in DESA}
    matched = match(values, everyone())
    for name in ("need_count", "unfunded_count", "unfunded_people"):
        assert cells(matched, name) == (0, "ok", 3, 3)
    assert cells(matched, "without_need_idr") == (0, "ok", 2, 2)


def test_rupiah_that_nobody_can_read_are_no_zero() -> None:
    values: Values = {(kode, "air_minum_layak_pct"): 90.0 for kode in DESA}
    lines = everyone((DESA[1], "02.04.11", None))
    assert cells(match(values, lines), "without_need_idr") == (None, "no_data", 1, 2)
    more = everyone((DESA[1], "02.04.11", None), (DESA[2], "02.04.11", 7))
    assert cells(match(values, more), "without_need_idr") == (7, "ok", 1, 2)


def test_where_no_desa_has_a_budget_of_its_own_its_spending_does_not_apply() -> None:
    values: Values = {(KELURAHAN, "air_minum_layak_pct"): 90.0}
    totals = total_of_desa(match(values, None).frame, pd.Series(DESA))
    only = total_of_level(totals[totals["kode"] == KELURAHAN], PARENTS).set_index("kode")
    assert only.loc[FIRST, "without_need_idr_status"] == "not_applicable"
    assert totals.set_index("kode").loc[DESA[1], "without_need_idr_status"] == "no_data"


@pytest.fixture(scope="module")
def desa() -> pd.DataFrame:
    return make_desa().assign(kode_kabupaten="99.01")


def test_what_are_services_of_a_desa_are_needs_of_a_kecamatan(desa: pd.DataFrame) -> None:
    matched = match({(kode, "air_minum_layak_pct"): 30.0 for kode in DESA}, everyone())
    level = summarise_needs(matched, desa, "kecamatan", YEAR)
    entries = {entry.name: entry for entry in level.fields}
    assert [entries[name].unit for name in TOTALS] == ["kebutuhan", "kebutuhan", "jiwa", "IDR"]
    method = entries["need_count"].method
    assert method is not None
    assert method.en.endswith("Each {desa} and service once, of 1 services.")
    of_desa = compute_needs(matched, SERVICES, desa, YEAR)
    assert {entry.unit for entry in of_desa.fields if entry.name == "need_count"} == {"layanan"}


def covered(computed: Computed) -> dict[str, FieldEntry]:
    return {entry.name: entry for entry in computed.fields if entry.coverage}


def _parts(row: Mapping[str, object], entry: FieldEntry) -> list[int]:
    return [int(str(row[each.known])) for each in entry.coverage]


@settings(max_examples=25)
@given(values=VALUES, lines=LINES, plans=PLANS, data=st.data())
def test_what_is_removed_never_makes_a_total_better_without_saying_so(
    values: Values,
    lines: list[tuple[str, str, int | None]],
    plans: list[tuple[str, str, str]],
    data: st.DataObject,
) -> None:
    people: Values = {(kode, "penduduk_jiwa"): 100.0 for kode in DESA}
    values = {**people, **values}
    gone = data.draw(st.sets(st.sampled_from(sorted(values)), min_size=1))
    # The cells stay: a table that has the row and no value.
    fewer: Values = {key: None if key in gone else value for key, value in values.items()}
    desa = make_desa().assign(kode_kabupaten="99.01")
    made = [
        [
            compute_needs(matched, SERVICES, desa, YEAR),
            summarise_needs(matched, desa, "kecamatan", YEAR),
            summarise_needs(matched, desa, "kabupaten", YEAR),
        ]
        for matched in (
            match(each, make_lines(*lines), make_plans(*plans)) for each in (values, fewer)
        )
    ]
    for before, after in zip(*made, strict=True):
        _compare(before, after)


@settings(max_examples=10, deadline=None)
@given(
    lines=st.lists(
        st.tuples(
            st.sampled_from(DESA[1:]),
            st.sampled_from(["02.04.11", "02.04.11.01", "01.01.01"]),
            st.one_of(st.none(), st.integers(1, 10**12)),
        ),
        min_size=1,
        max_size=6,
    ),
    data=st.data(),
)
def test_an_amount_that_is_removed_never_makes_another_sum_of_everything(
    lines: list[tuple[str, str, int | None]], data: st.DataObject
) -> None:
    values: Values = {(kode, "air_minum_layak_pct"): 90.0 for kode in DESA}
    at = data.draw(st.integers(0, len(lines) - 1))
    fewer = [*lines[:at], (*lines[at][:2], None), *lines[at + 1 :]]
    desa = make_desa().assign(kode_kabupaten="99.01")
    before, after = (match(values, make_lines(*each)) for each in (lines, fewer))
    _compare(
        compute_needs(before, SERVICES, desa, YEAR), compute_needs(after, SERVICES, desa, YEAR)
    )
    _compare(
        summarise_needs(before, desa, "kabupaten", YEAR),
        summarise_needs(after, desa, "kabupaten", YEAR),
    )


def _compare(before: Computed, after: Computed) -> None:
    told = covered(after)
    one, other = (each.wide.set_index("kode") for each in (before, after))
    for name, entry in covered(before).items():
        if name not in told:
            continue
        for kode in one.index:
            was, now = one.loc[kode].to_dict(), other.loc[kode].to_dict()
            is_known = now[f"{name}_status"] == "ok" and was[f"{name}_status"] == "ok"
            if is_known and float(now[name]) != float(was[name]):
                assert _parts(now, entry) < _parts(was, entry), (name, kode, was[name], now[name])


def test_a_status_and_a_value_go_together() -> None:
    matched = match({(kode, "air_minum_layak_pct"): 30.0 for kode in DESA[:2]}, everyone())
    level = level_of(matched)
    for name in TOTALS:
        assert (level[name].notna() == (level[f"{name}_status"] == "ok")).all()
        assert (level[f"{name}_desa_dengan_data"] <= level[f"{name}_desa_berlaku"]).all()
        assert not np.isinf(level[name].dropna().astype(float)).any()
