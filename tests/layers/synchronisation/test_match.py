"""Need and money: the sample's answers, one rule, and what adding money may never do."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.columns.catalogue import read_indicators
from layers.pipeline.prepare import Prepared, prepare_layers
from layers.release.manifest_file import Text
from layers.sample import make_truth
from layers.synchronisation.match import Matched, match_needs
from layers.synchronisation.money import NO_LOST_PLANS, Funding
from layers.synchronisation.needs import NO_GAPS, Demand
from layers.synchronisation.service_list import (
    BasicService,
    Need,
    Priority,
    choose_basic_services,
    choose_priority,
)
from layers.tables.plans.plans import LINE_COLUMNS
from layers.workspace.plan_sections import PrioritySection

STATES = (
    "no_need",
    "funded_without_need",
    "need_funded_by_desa",
    "need_in_programme",
    "need_proposed_only",
    "need_unfunded",
    "unknown",
)

PRIORITY = choose_priority()
DESA = ("99.01.01.1001", "99.01.01.2001", "99.01.01.2002", "99.01.02.2001")
KELURAHAN = DESA[0]
YEAR = 2025


def service(name: str, *needs: Need, activities: tuple[str, ...] = ()) -> BasicService:
    text = Text(id=name, en=name)
    return BasicService(
        id=name,
        title=text,
        needs=needs,
        activities=activities,
        opd="Dinas",
        step_office=text,
        legal_basis="-",
        source="test",
        date="2025",
    )


SERVICES = {
    "air": service(
        "air",
        Need(indicator="air_minum_layak_pct", norm=60, people="remainder"),
        activities=("02.04.11",),
    ),
    "sakit": service("sakit", Need(indicator="stunting_pct", norm=14, people="value")),
    "jauh": service("jauh", Need(facility="sd"), Need(indicator="listrik_pct", norm=90)),
}


def make_desa() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kode": DESA,
            "nama": [f"Desa {at}" for at in range(4)],
            "jenis": ["kelurahan", "desa", "desa", "desa"],
            "kode_kecamatan": [kode[:8] for kode in DESA],
        }
    )


def make_settled(values: dict[tuple[str, str], float | None]) -> pd.DataFrame:
    rows = [
        (
            kode,
            name,
            YEAR,
            np.nan if value is None else value,
            "no_data" if value is None else "ok",
            "t.csv",
            at,
        )
        for at, ((kode, name), value) in enumerate(sorted(values.items()), start=2)
    ]
    columns = ["kode", "indikator", "tahun", "nilai", "status", "file", "row"]
    return pd.DataFrame(rows, columns=columns)


def make_lines(*lines: tuple[str, str, int | None]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            (kode, YEAR, code, "Kegiatan", "DDS", amount, None, "spending.b", "b.csv", at)
            for at, (kode, code, amount) in enumerate(lines, start=2)
        ],
        columns=[
            "kode",
            "tahun",
            "kegiatan",
            "nama_kegiatan",
            "sumber",
            "anggaran",
            "realisasi_idr",
            "input",
            "file",
            "row",
        ],
    )
    return frame.astype({"tahun": "Int64", "anggaran": "Int64"})


def make_plans(*plans: tuple[str, str, str]) -> pd.DataFrame:
    rows = [
        {
            "tingkat": level,
            "kode": kode,
            "tahun": YEAR,
            "layanan": layanan,
            "kegiatan": "Program",
            "opd": "Dinas",
            "anggaran_idr": 5_000_000,
            "input": "programmes.p",
            "file": "p.csv",
            "row": at,
        }
        for at, (level, kode, layanan) in enumerate(plans, start=2)
    ]
    frame = pd.DataFrame(rows, columns=list(LINE_COLUMNS))
    return frame.astype({"tahun": "Int64", "anggaran_idr": "Int64"})


def match(
    values: dict[tuple[str, str], float | None],
    spending: pd.DataFrame | None,
    programmes: pd.DataFrame | None = None,
    proposals: pd.DataFrame | None = None,
    gaps: pd.DataFrame = NO_GAPS,
    priority: Priority = PRIORITY,
    lost_programmes: pd.DataFrame = NO_LOST_PLANS,
) -> Matched:
    words = pd.DataFrame(
        {
            name: pd.Series([], dtype=object)
            for name in ("file", "row", "keterangan", "anjuran", "pelaku")
        }
    )
    demand = Demand(
        make_desa(), make_settled(values), words, gaps, read_indicators(), YEAR, priority
    )
    empty = make_plans()
    supply = Funding(
        spending,
        empty if programmes is None else programmes,
        empty if proposals is None else proposals,
        lost_programmes,
    )
    return match_needs(SERVICES, demand, supply)


def states(matched: Matched, layanan: str = "air") -> dict[str, str]:
    frame = matched.frame[matched.frame["layanan"] == layanan]
    return dict(zip(frame["kode"], frame["keadaan"], strict=True))


@pytest.fixture(scope="module")
def prepared(sample_workspace: Path) -> Prepared:
    return prepare_layers(sample_workspace)


def test_every_state_of_the_sample_is_the_one_of_its_readme(prepared: Prepared) -> None:
    frame = prepared.tables["synchronisation"]
    frame = frame[frame["tahun"] == YEAR]
    found = {
        (kode, one): state
        for kode, one, state in frame[["kode", "layanan", "keadaan"]].itertuples(index=False)
    }
    expected = make_truth().states
    assert {key: found[key] for key in expected} == expected
    assert set(expected.values()) == set(STATES)


def test_states_of_the_sample_add_up_to_desa_times_services(prepared: Prepared) -> None:
    frame = prepared.tables["synchronisation"]
    desa = frame["kode"].nunique()
    for _, of_year in frame.groupby("tahun"):
        assert len(of_year) == desa * of_year["layanan"].nunique()
        assert not of_year.duplicated(["kode", "layanan"]).any()
    assert set(frame["keadaan"]) <= set(STATES)


def test_each_state_leads_back_to_rows_of_files(prepared: Prepared, sample_workspace: Path) -> None:
    evidence = prepared.tables["synchronisation_evidence"]
    frame = prepared.tables["synchronisation"]
    funded = frame[frame["keadaan"].isin(["need_funded_by_desa", "funded_without_need"])]
    paid = evidence[evidence["jenis"] == "belanja"]
    key = ["kode", "layanan", "tahun"]
    sums = paid.groupby(key)["anggaran_idr"].sum().reset_index()
    both = funded.merge(sums, on=key, how="left", validate="1:1")
    assert len(both) > 50
    assert (both["anggaran_idr"] == both["belanja_idr"]).all()
    assert all((sample_workspace / name).is_file() for name in set(evidence["file"]))
    assert evidence["row"].notna().all()


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


AMOUNTS = st.one_of(st.none(), st.integers(0, 10**12))
LINES = st.lists(
    st.tuples(st.sampled_from(DESA[1:]), st.sampled_from(["02.04.11", "01.01.01"]), AMOUNTS),
    max_size=12,
)
VALUES = st.dictionaries(
    st.tuples(st.sampled_from(DESA), st.sampled_from(["air_minum_layak_pct", "stunting_pct"])),
    st.one_of(st.none(), st.floats(0, 100)),
    max_size=8,
)
PLANS = st.lists(
    st.tuples(st.just("desa"), st.sampled_from(DESA), st.sampled_from(["air", "sakit"])),
    max_size=4,
)


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
