"""Sums of budget lines: null is no zero, a part says that it is one, and a lost row is missed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.tables.spending.earmarks import read_earmarks
from layers.tables.spending.spending import join_spending
from layers.tables.spending.spending_layer import list_counted
from layers.workspace.sections import SpendingSection
from tests.layers.tables.conftest import KODE
from tests.layers.tables.spending_lines import (
    DESA,
    FULL,
    HEAD,
    KECAMATAN,
    TOTALS,
    Cells,
    build,
    line,
)

RULES = [f"{rule.field}_status" for rule in read_earmarks(2025)]


def test_a_sum_of_all_lines_says_so(tmp_path: Path, desa: pd.DataFrame) -> None:
    built = build(tmp_path, desa, FULL)
    assert built.of("anggaran_idr") == (220_000_000, "ok", 3, 3)
    assert built.of("bidang_02_idr") == (170_000_000, "ok", 2, 2)
    assert built.of("pendidikan_idr") == (0, "ok", 0, 0)
    assert built.sum_of("anggaran_idr") == (220_000_000, "ok", 3, 3)
    assert "spending.amount_missing" not in built.codes()


@pytest.mark.parametrize("empty", ["", "-", "segera", "1e400", "=A1", "9" * 17])
def test_a_line_without_an_amount_makes_a_part(
    empty: str, tmp_path: Path, desa: pd.DataFrame
) -> None:
    built = build(tmp_path, desa, [*FULL[:2], line("02.03.10", "DDS", empty, "")])
    assert built.of("anggaran_idr") == (150_000_000, "ok", 2, 3)
    assert built.of("realisasi_idr") == (130_000_000, "ok", 2, 3)
    assert built.of("bidang_02_idr") == (100_000_000, "ok", 1, 2)
    assert built.of("dana_desa_idr") == (100_000_000, "ok", 1, 2)
    assert built.of("anggaran_per_jiwa_idr")[2:] == (2, 3)
    assert built.of("kesehatan_idr") == (100_000_000, "ok", 1, 1)
    assert set(built.desa.wide.set_index("kode").loc[DESA, RULES]) == {"no_data"}
    assert built.sum_of("bidang_02_idr") == (100_000_000, "ok", 1, 2)
    code = "spending.amount_missing" if empty in ("", "-") else "spending.amount_unreadable"
    assert any(finding.code == code and finding.row == 4 for finding in built.findings)


def test_lines_none_of_which_has_an_amount_are_no_data(tmp_path: Path, desa: pd.DataFrame) -> None:
    built = build(tmp_path, desa, [line(pagu="", spent=""), line("01.01.01", "ADD", "", "")])
    for field in TOTALS:
        assert built.of(field)[:2] == (None, "no_data"), field
    assert built.of("anggaran_idr")[2:] == (0, 2)
    assert built.sum_of("anggaran_idr") == (None, "no_data", 0, 2)


def test_a_zero_of_a_part_is_nothing_that_anybody_knows(tmp_path: Path, desa: pd.DataFrame) -> None:
    built = build(tmp_path, desa, [line(pagu="0", spent="0"), line("02.03.10", "DDS", "", "")])
    assert built.of("anggaran_idr") == (None, "no_data", 1, 2)
    assert build(tmp_path, desa, [line(pagu="0")]).of("anggaran_idr") == (0, "ok", 1, 1)


def test_a_share_is_of_the_lines_that_have_both_amounts(tmp_path: Path, desa: pd.DataFrame) -> None:
    built = build(tmp_path, desa, [*FULL[:2], line("02.03.10", "DDS", "1000000000", "")])
    share, *rest = built.of("serapan_pct")
    assert share == pytest.approx(100 * 130 / 150)
    assert rest == ["ok", 2, 3]


@pytest.mark.parametrize(
    ("activity", "expected"),
    [
        ("", (100_000_000, "ok", 1, 2)),
        ("belanja", (100_000_000, "ok", 1, 2)),
        ("03", (100_000_000, "ok", 1, 1)),
        ("02.05.01", (100_000_000, "ok", 1, 1)),
    ],
)
def test_an_activity_that_is_told_in_part_may_be_of_a_service(
    activity: str, expected: tuple[object, ...], tmp_path: Path, desa: pd.DataFrame
) -> None:
    built = build(tmp_path, desa, [line("02.02.02"), line(activity, pagu="9000000")])
    assert built.of("kesehatan_idr") == expected


def test_a_budget_by_field_alone_says_nothing_of_its_services(
    tmp_path: Path, desa: pd.DataFrame
) -> None:
    built = build(tmp_path, desa, [line("01", pagu="10000000"), line("02", pagu="30000000")])
    assert built.of("bidang_02_idr") == (30_000_000, "ok", 1, 1)
    assert built.of("kesehatan_idr") == (None, "no_data", 0, 1)
    assert built.of("bidang_03_idr") == (0, "ok", 0, 0)


def test_a_budget_without_sources_or_activities_has_no_zero_of_them(
    tmp_path: Path, desa: pd.DataFrame
) -> None:
    built = build(tmp_path, desa, FULL, source_column=None)
    assert built.of("dana_desa_idr") == (None, "no_data", 0, 3)
    head = ("kode", "akun", "sumber", "pagu", "realisasi")
    lines = [
        (DESA, "5.1", "DDS", "10000000", "5000000"),
        (DESA, "5.2", "ADD", "20000000", "5000000"),
    ]
    built = build(tmp_path, desa, lines, head, activity_column=None, account_column="akun")
    assert built.of("anggaran_idr") == (30_000_000, "ok", 2, 2)
    assert built.of("bidang_02_idr") == (None, "no_data", 0, 2)
    assert built.of("add_idr") == (20_000_000, "ok", 1, 1)


def test_a_line_without_source_may_be_of_any(tmp_path: Path, desa: pd.DataFrame) -> None:
    built = build(tmp_path, desa, [*FULL, line("02.03.11", "", "5000000", "5000000")])
    assert built.of("dana_desa_idr") == (170_000_000, "ok", 2, 3)
    assert built.of("anggaran_idr") == (225_000_000, "ok", 4, 4)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ((DESA, "02.03.11", "DDS", "5000000", "5000000", "9", "9"), "table.row_shifted"),
        (("No 4", DESA, "02.03.11", "DDS", "5000000", "5000000"), "table.row_shifted"),
    ],
)
def test_a_shifted_row_is_missed_where_its_code_is(
    row: Cells, code: str, tmp_path: Path, desa: pd.DataFrame
) -> None:
    built = build(tmp_path, desa, [*FULL, row])
    assert code in built.codes()
    assert built.of("anggaran_idr") == (220_000_000, "ok", 3, 4)
    assert built.of("bidang_02_idr") == (170_000_000, "ok", 2, 3)
    assert built.of("dana_desa_idr") == (170_000_000, "ok", 2, 3)
    assert built.of("anggaran_idr", KODE[1])[1] == "no_data"
    assert built.sum_of("anggaran_idr") == (220_000_000, "ok", 3, 4)


def test_a_code_that_does_not_exist_is_missed_in_its_kecamatan(
    tmp_path: Path, desa: pd.DataFrame
) -> None:
    built = build(
        tmp_path, desa, [*FULL, (f"{KECAMATAN}.2999", "02.02.02", "DDS", "9000000", "9000000")]
    )
    assert "table.code_unknown" in built.codes()
    assert built.of("anggaran_idr") == (220_000_000, "ok", 3, 3)
    assert built.sum_of("anggaran_idr") == (220_000_000, "ok", 3, 4)
    assert built.sum_of("add_idr") == (50_000_000, "ok", 1, 1)


def test_a_year_that_cannot_be_read_is_missed_in_every_year(
    tmp_path: Path, desa: pd.DataFrame
) -> None:
    head = (*HEAD, "tahun")
    lines = [(*line(), year) for year in ("2024", "2025", "tahun lalu")]
    built = build(tmp_path, desa, lines, head, year_column="tahun", year=None)
    assert built.of("anggaran_idr") == (100_000_000, "ok", 1, 2)
    assert built.desa.values is not None
    of_field = built.desa.values[built.desa.values["field"] == "anggaran_idr"]
    of_desa = of_field[of_field["kode"] == DESA].set_index("tahun")[["known", "total"]]
    assert of_desa.to_numpy().tolist() == [[1, 2], [1, 2]]


def test_a_total_row_is_none_of_the_lines(tmp_path: Path, desa: pd.DataFrame) -> None:
    total = (DESA, "", "Jumlah", "220000000", "200000000")
    other = ("99.99.01.2001", "02.02.02", "DDS", "7000000", "7000000")
    built = build(tmp_path, desa, [*FULL, total, other, FULL[0]])
    assert built.of("anggaran_idr") == (220_000_000, "ok", 3, 3)
    assert {"spending.subtotal", "spending.duplicate"} <= set(built.codes())


@pytest.mark.parametrize("text", ["", "Desa Lewolaga", "Belanja"])
@pytest.mark.parametrize("is_above", [True, False])
def test_a_row_without_activity_that_is_the_sum_of_its_desa_is_no_line(
    text: str, is_above: bool, tmp_path: Path, desa: pd.DataFrame
) -> None:
    total = (DESA, "", text, "220000000", "200000000")
    other = (KODE[1], "02.02.02", "DDS", "5000000", "4000000")
    single = (KODE[1], "", text, "5000000", "4000000")
    rows = [total, *FULL, single, other] if is_above else [*FULL, total, other, single]
    built = build(tmp_path, desa, rows)
    assert "spending.subtotal" in built.codes()
    assert built.of("anggaran_idr") == (220_000_000, "ok", 3, 3)
    assert built.of("bidang_02_idr") == (170_000_000, "ok", 2, 2)
    assert built.of("anggaran_idr", KODE[1]) == (5_000_000, "ok", 1, 1)


@pytest.mark.parametrize(
    ("pagu", "spent", "expected"),
    [("210000000", "200000000", 430_000_000), ("220000000", "7000000", 440_000_000)],
)
def test_a_row_without_activity_that_is_no_sum_counts(
    pagu: str, spent: str, expected: int, tmp_path: Path, desa: pd.DataFrame
) -> None:
    built = build(tmp_path, desa, [*FULL, (DESA, "", "DDS", pagu, spent)])
    assert "spending.subtotal" not in built.codes()
    assert built.of("anggaran_idr") == (expected, "ok", 4, 4)


def test_lines_of_a_heading_that_lack_an_amount_do_not_contradict_it(
    tmp_path: Path, desa: pd.DataFrame
) -> None:
    lines = [line("02", pagu="300000000", spent=""), line("02.02.02"), line("02.03.10", pagu="")]
    built = build(tmp_path, desa, lines)
    assert "spending.subtotal_differs" not in built.codes()
    assert built.of("bidang_02_idr") == (100_000_000, "ok", 1, 2)


def test_a_year_beside_the_lines_is_held_against_the_declared_one(
    tmp_path: Path, desa: pd.DataFrame
) -> None:
    lines = [(*cells, year) for cells, year in zip(FULL, ("2025", "2024", ""), strict=True)]
    built = build(tmp_path, desa, lines, (*HEAD, "Tahun Anggaran"))
    assert built.codes()["table.year_contradicted"][0] == 3
    assert built.of("anggaran_idr") == (170_000_000, "ok", 2, 2)


def test_lines_that_differ_in_their_number_only_are_one_and_missed(
    tmp_path: Path, desa: pd.DataFrame
) -> None:
    head = ("No", *HEAD)
    lines = [(str(number), *cells) for number, cells in enumerate((*FULL, FULL[0]), start=1)]
    built = build(tmp_path, desa, lines, head)
    assert built.codes()["spending.line_alike"][0] == 5
    assert built.of("anggaran_idr") == (220_000_000, "ok", 3, 4)
    stages = build(tmp_path, desa, lines, ("Tahap", *HEAD))
    assert stages.of("anggaran_idr") == (320_000_000, "ok", 4, 4)


def test_numbers_that_begin_again_in_each_desa_are_running_under_any_header(
    tmp_path: Path, desa: pd.DataFrame
) -> None:
    other = next(kode for kode in desa["kode"] if kode != DESA)
    pasted = [(str(number), *cells) for number, cells in enumerate((*FULL, FULL[0]), start=1)]
    beside = [("1", other, *FULL[0][1:]), ("2", other, *FULL[1][1:])]
    built = build(tmp_path, desa, [*pasted, *beside], ("data ke", *HEAD))
    assert built.codes()["spending.line_alike"][0] == 5
    assert built.of("anggaran_idr") == (220_000_000, "ok", 3, 4)
    volumes = [(str(number), *FULL[0]) for number in (40, 12, 3, 7)]
    apart = build(tmp_path, desa, [*volumes, *beside], ("volume", *HEAD))
    assert "spending.line_alike" not in apart.codes()


@pytest.mark.parametrize("key", ["activity_column", "activity_name_column", "source_column"])
def test_a_declared_column_is_never_a_running_number(
    key: str, tmp_path: Path, desa: pd.DataFrame
) -> None:
    lines = [(*line(), str(number)) for number in (1, 2, 3)]
    head = (*HEAD, "No")
    built = build(tmp_path, desa, lines, head, **{key: "No"})
    assert "spending.line_alike" not in built.codes()
    assert built.of("anggaran_idr") == (300_000_000, "ok", 3, 3)
    assert build(tmp_path, desa, lines, head).of("anggaran_idr") == (100_000_000, "ok", 1, 3)


def test_lost_lines_are_in_no_table_of_lines(tmp_path: Path, desa: pd.DataFrame) -> None:
    build(tmp_path, desa, [*FULL, (DESA, "1", "2", "3", "4", "5")])
    section = SpendingSection.model_validate(
        {
            "id": "s",
            "path": "a.csv",
            "code_system": "kemendagri",
            "code_column": "kode",
            "activity_column": "kegiatan",
            "anggaran_column": "pagu",
            "year": 2025,
            "delimiter": ";",
        }
    )
    result = join_spending(section, tmp_path, desa)
    assert len(list_counted([(result, "murni")])) == len(result.lines) == 3
    assert result.lost[["kode", "row"]].to_numpy().tolist() == [[DESA, 5]]


AMOUNT = st.one_of(st.just(""), st.integers(-5, 9).map(lambda millions: str(millions * 1_000_000)))
LINES = st.lists(
    st.tuples(
        st.sampled_from(KODE[:2]),
        st.sampled_from(["01.01.01", "02.02.02", "02.03.10", "02", ""]),
        st.sampled_from(["DDS", "ADD", ""]),
        AMOUNT,
        AMOUNT,
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda cells: cells[:3],
)


@settings(
    deadline=None,
    derandomize=True,
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=LINES, data=st.data())
def test_what_is_removed_never_makes_another_number_of_all_lines(
    tmp_path: Path, desa: pd.DataFrame, lines: list[Cells], data: st.DataObject
) -> None:
    """An amount emptied, a text made unreadable or a row torn: the same number, or it says so."""
    at = data.draw(st.integers(0, len(lines) - 1))
    cells = lines[at]
    damage = data.draw(st.sampled_from(["pagu", "realisasi", "kegiatan", "sumber", "row"]))
    spoiled = (
        (*cells, "9")
        if damage == "row"
        else tuple("" if name == damage else cell for name, cell in zip(HEAD, cells, strict=True))
    )
    before = build(tmp_path, desa, lines)
    after = build(tmp_path, desa, [*lines[:at], spoiled, *lines[at + 1 :]])
    for field in TOTALS:
        pairs = [(before.sum_of(field), after.sum_of(field))] if field in TOTALS[:4] else []
        pairs += [(before.of(field, kode), after.of(field, kode)) for kode in KODE[:2]]
        for was, now in pairs:
            is_whole = now[1] == "ok" and now[2] == now[3]
            if is_whole and was[1] == "ok" and was[2] == was[3]:
                assert now[0] == was[0], (field, was, now)
            assert (now[0] is not None) == (now[1] == "ok")
