"""Need and money: one rule, and what adding money may never do."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.synchronisation.service_list import (
    Need,
    choose_basic_services,
    choose_priority,
)
from layers.workspace.plan_sections import PrioritySection
from tests.layers.synchronisation.needs_world import (
    AMOUNTS,
    DESA,
    KELURAHAN,
    LINES,
    PLANS,
    STATES,
    VALUES,
    make_lines,
    make_plans,
    match,
    states,
)


def test_the_rule() -> None:
    values: dict[tuple[str, str], float | None] = {
        (kode, "air_minum_layak_pct"): value
        for kode, value in zip(DESA, (30.0, 30.0, 80.0, None), strict=True)
    }
    everyone = [(kode, "01.01.01", 1) for kode in DESA[1:]]
    rkpd = make_plans(("desa", DESA[3], "sakit"))
    assert states(match(values, make_lines(*everyone), rkpd)) == {
        DESA[0]: "need_unfunded",
        DESA[1]: "need_unfunded",
        DESA[2]: "no_need",
        DESA[3]: "unknown",
    }
    water = [(DESA[1], "02.04.11", 5), (DESA[2], "02.04.11", 5)]
    funded = states(match(values, make_lines(*everyone, *water), rkpd))
    assert (funded[DESA[1]], funded[DESA[2]]) == ("need_funded_by_desa", "funded_without_need")


def test_a_line_of_zero_pays_nothing_and_an_unreadable_one_is_a_line() -> None:
    values: dict[tuple[str, str], float | None] = {(DESA[1], "air_minum_layak_pct"): 30.0}
    for amount, expected in ((0, "need_unfunded"), (None, "need_funded_by_desa")):
        assert states(match(values, make_lines((DESA[1], "02.04.11", amount))))[DESA[1]] == expected


@pytest.mark.parametrize(
    ("amounts", "expected", "rupiah"),
    [
        ((10, -10), "need_unfunded", 0),
        ((10, -12), "need_unfunded", None),
        ((-10,), "need_unfunded", None),
        ((10, -4), "need_funded_by_desa", 6),
        ((10, -10, 3), "need_funded_by_desa", 3),
        ((10, -10, None), "need_funded_by_desa", None),
    ],
)
def test_money_taken_back_pays_for_nothing(
    amounts: tuple[int | None, ...], expected: str, rupiah: int | None
) -> None:
    values: dict[tuple[str, str], float | None] = {(DESA[1], "air_minum_layak_pct"): 30.0}
    lines = make_lines(*((DESA[1], "02.04.11", amount) for amount in amounts))
    matched = match(values, lines)
    assert states(matched)[DESA[1]] == expected
    frame = matched.frame.set_index(["kode", "layanan"])
    said = frame["belanja_idr"].astype(object).where(frame["belanja_idr"].notna(), None)
    assert said.to_dict()[DESA[1], "air"] == rupiah


def test_without_a_budget_nobody_says_unfunded() -> None:
    values: dict[tuple[str, str], float | None] = {
        (kode, "air_minum_layak_pct"): 30.0 for kode in DESA
    }
    handed_in = make_lines((DESA[1], "01.01.01", 1))
    programme = make_plans(("desa", DESA[3], "air"))
    found = states(match(values, handed_in, programme))
    assert found == {
        KELURAHAN: "need_unfunded",
        DESA[1]: "need_unfunded",
        DESA[2]: "unknown",
        DESA[3]: "need_in_programme",
    }


def test_a_programme_counts_where_its_place_is_and_says_at_which_level() -> None:
    values: dict[tuple[str, str], float | None] = {
        (kode, "air_minum_layak_pct"): 30.0 for kode in DESA
    }
    handed_in = make_lines(*[(kode, "01.01.01", 1) for kode in DESA[1:]])
    plans = make_plans(
        ("kecamatan", "99.01.01", "air"), ("text", "99.01.02", "air"), ("kabupaten", "99.01", "air")
    )
    matched = match(values, handed_in, plans)
    found = states(matched)
    assert [found[kode] for kode in DESA] == ["need_in_programme"] * 3 + ["need_unfunded"]
    levels = matched.evidence.groupby("tingkat")["kode"].apply(sorted).to_dict()
    assert levels == {"kecamatan": list(DESA[:3]), "text": ["99.01.02"], "kabupaten": ["99.01"]}


def test_severity_people_and_priority() -> None:
    values: dict[tuple[str, str], float | None] = {
        (DESA[1], "air_minum_layak_pct"): 45.0,
        (DESA[1], "penduduk_jiwa"): 1000.0,
        (DESA[2], "air_minum_layak_pct"): 45.0,
        (DESA[3], "air_minum_layak_pct"): 60.0,
    }
    frame = match(values, None).frame
    rows = frame[frame["layanan"] == "air"].set_index("kode")
    three = rows[["keparahan", "penduduk", "prioritas"]].to_dict("index")
    assert three[DESA[1]] == {"keparahan": 0.25, "penduduk": 550, "prioritas": 137.5}
    assert rows["keparahan"][DESA[2]] == 0.25
    assert pd.isna(rows["penduduk"][DESA[2]])
    assert pd.isna(rows["prioritas"][DESA[2]])
    assert three[DESA[3]] == {"keparahan": 0, "penduduk": 0, "prioritas": 0}


def test_the_nearest_facility_is_a_need_only_where_it_is_beyond_its_norm() -> None:
    gaps = pd.DataFrame(
        {
            "kode": list(DESA),
            "service": "sd",
            "method": "straight_line",
            "status": ["ok", "gap", "unreachable", "no_data"],
            "distance_m": [100.0, 4500.0, np.nan, np.nan],
            "norm_m": 3000.0,
            "gap_m": [0.0, 1500.0, np.nan, np.nan],
            "people": [10.0, 200.0, 300.0, np.nan],
            "people_beyond_norm": [0.0, 150.0, 300.0, np.nan],
            "facility_name": "SDN 1",
        }
    )
    frame = match({}, None, gaps=gaps).frame
    rows = frame[frame["layanan"] == "jauh"].set_index("kode")
    assert rows["kebutuhan"].tolist() == ["met", "need", "need", "unknown"]
    assert rows["keparahan"].fillna(-1).tolist() == [0.0, 0.5, 1.0, -1]
    assert rows["penduduk"].fillna(-1).tolist() == [0, 150, 300, -1]


@settings(max_examples=12, deadline=None)
@given(
    values=VALUES,
    lines=LINES,
    plans=PLANS,
    extra=st.tuples(st.sampled_from(DESA[1:]), st.just("02.04.11"), AMOUNTS),
)
def test_one_more_budget_line_never_leaves_more_needs_without_a_payer(
    values: dict[tuple[str, str], float | None],
    lines: list[tuple[str, str, int | None]],
    plans: list[tuple[str, str, str]],
    extra: tuple[str, str, int | None],
) -> None:
    before = match(values, make_lines(*lines), make_plans(*plans)).frame
    after = match(values, make_lines(*lines, extra), make_plans(*plans)).frame
    assert _without_payer(after) <= _without_payer(before)
    if extra[0] in {kode for kode, *_ in lines}:
        assert _unfunded(after) <= _unfunded(before)
    for frame in (before, after):
        assert len(frame) == len(DESA) * frame["layanan"].nunique()
        assert set(frame["keadaan"]) <= set(STATES)


def _without_payer(frame: pd.DataFrame) -> int:
    """Needs of which nobody is known to pay: unfunded, only proposed, or budget not handed in."""
    paid = frame["keadaan"].isin(["need_funded_by_desa", "need_in_programme"])
    return int(((frame["kebutuhan"] == "need") & ~paid).sum())


def _unfunded(frame: pd.DataFrame) -> int:
    return Counter(frame["keadaan"])["need_unfunded"]


@settings(max_examples=10, deadline=None)
@given(values=VALUES, lines=LINES, plans=PLANS, seed=st.integers(0, 9999))
def test_the_order_of_rows_changes_nothing(
    values: dict[tuple[str, str], float | None],
    lines: list[tuple[str, str, int | None]],
    plans: list[tuple[str, str, str]],
    seed: int,
) -> None:
    spending, programmes = make_lines(*lines), make_plans(*plans)
    one = match(values, spending, programmes)
    other = match(
        values,
        spending.sample(frac=1, random_state=seed),
        programmes.sample(frac=1, random_state=seed),
    )
    pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_frame_equal(one.evidence, other.evidence)


def test_a_kind_without_service_becomes_one() -> None:
    services = choose_basic_services((), ["sd", "pasar"])
    assert services["pasar"].needs == (Need(facility="pasar"),)
    assert "sd" in services


def test_only_an_office_may_pay_and_no_programme_was_handed_in() -> None:
    values: dict[tuple[str, str], float | None] = {
        (DESA[1], "stunting_pct"): 30.0,
        (KELURAHAN, "air_minum_layak_pct"): 30.0,
    }
    budget = make_lines((DESA[1], "01.01.01", 1))
    silent = match(values, budget)
    assert states(silent, "sakit")[DESA[1]] == "unknown"
    assert states(silent)[KELURAHAN] == "unknown"
    told = match(values, budget, make_plans(("desa", DESA[3], "air")))
    assert states(told, "sakit")[DESA[1]] == "need_unfunded"
    assert states(told)[KELURAHAN] == "need_unfunded"


def test_a_kabupaten_may_weigh_severity_and_people_otherwise() -> None:
    values: dict[tuple[str, str], float | None] = {
        (DESA[1], "air_minum_layak_pct"): 45.0,
        (DESA[1], "penduduk_jiwa"): 1000.0,
    }
    own = choose_priority(PrioritySection(severity_power=2, people_power=0.5))
    frame = match(values, None, priority=own).frame
    row = frame[(frame["layanan"] == "air") & (frame["kode"] == DESA[1])].iloc[0]
    assert row["prioritas"] == pytest.approx(0.25**2 * 550**0.5)
    assert "keparahan^2" in own.formula.id
