"""Amounts of budget lines: odd ones have a finding, and those of another unit are no rupiah."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from layers.tables.numbers.said_units import has_other_unit
from tests.layers.tables.spending_lines import FULL, HEAD, build, line


@pytest.mark.parametrize(
    "negative", ["(700000000)", "-700000000", "700.000.000-", "Rp (700.000.000)", "-5000000"]
)
def test_an_amount_below_zero_has_a_finding(
    negative: str, tmp_path: Path, desa: pd.DataFrame
) -> None:
    built = build(tmp_path, desa, [*FULL, line("02.03.11", pagu=negative)])
    row, message = built.codes()["spending.amount_negative"]
    assert (row, "Rows 5" in message) == (5, True)
    expected = (215_000_000, "ok") if negative == "-5000000" else (None, "no_data")
    assert built.of("anggaran_idr") == (*expected, 4, 4)


def test_realised_money_taken_back_beyond_what_was_spent_is_no_share(
    tmp_path: Path, desa: pd.DataFrame
) -> None:
    built = build(
        tmp_path, desa, [line(spent="-5000000"), line("02.03.10", "DDS", "100000000", "3000000")]
    )
    for field in ("realisasi_idr", "serapan_pct"):
        assert built.of(field)[:2] == (None, "no_data"), field


def test_lost_thousands_are_no_sen(tmp_path: Path, desa: pd.DataFrame) -> None:
    lines = [
        line(pagu="70.5"),
        line("02.03.10", pagu="1234567.25"),
        line("02.03.11", pagu="45000000"),
    ]
    codes = build(tmp_path, desa, lines).codes()
    assert "table.thousands_lost" in codes
    assert codes["spending.amount_reading"][1].endswith("in 1 cells.")
    codes = build(tmp_path, desa, [lines[0], lines[2]]).codes()
    assert "spending.amount_reading" not in codes


@pytest.mark.parametrize(
    "header",
    [
        *("Pagu (ribu rupiah)", "Pagu (Rp 000)", "Pagu dalam jutaan", "Pagu (Rp. Juta)"),
        *("pagu x 1.000", "pagu_juta", "anggaran_ribu", "pagu_jt", "PaguJuta", "PAGU_RP_000"),
        *("Pagu (M)", "pagu_m", "pagujuta", "RpJuta", "PaguRp000", "Pagu dalam 1.000 rupiah"),
    ],
)
def test_a_header_that_counts_thousands_gives_no_rupiah(
    header: str, tmp_path: Path, desa: pd.DataFrame
) -> None:
    head = (*HEAD[:3], header, HEAD[4])
    built = build(tmp_path, desa, FULL, head, anggaran_column=header)
    assert built.codes()["spending.amount_unit"][0] == 2
    assert built.of("anggaran_idr")[:2] == (None, "no_data")
    assert built.of("realisasi_idr") == (200_000_000, "ok", 3, 3)


@pytest.mark.parametrize(
    "header", ["Pagu", "pagu_murni", "PaguMurni", "Tahun 2000", "Anggaran (m2)", "jumlah_rp"]
)
def test_a_header_of_whole_rupiah_says_no_other_unit(header: str) -> None:
    assert not has_other_unit(header)


@pytest.mark.parametrize("title", ["(dalam ribuan rupiah)", "Satuan: Rp juta", "dalam jutaan"])
@pytest.mark.parametrize("is_above", [True, False])
def test_a_title_that_counts_thousands_gives_no_rupiah(
    title: str, is_above: bool, tmp_path: Path, desa: pd.DataFrame
) -> None:
    row = (title, "", "", "", "")
    head, lines = (row, (HEAD, *FULL)) if is_above else (HEAD, (row, *FULL))
    given = {"header_row": 2} if is_above else {}
    built = build(tmp_path, desa, lines, head, **given)
    assert "spending.amount_unit" in built.codes()
    assert built.of("anggaran_idr")[:2] == (None, "no_data")


@pytest.mark.parametrize(
    ("word", "is_of_it"),
    [("RIBU RUPIAH", True), ("Juta Rp", True), ("ribu batang", False), ("paket", False)],
)
def test_a_column_of_units_that_counts_thousands_of_rupiah_gives_none(
    word: str, is_of_it: bool, tmp_path: Path, desa: pd.DataFrame
) -> None:
    lines = [(*FULL[0], "m3"), *((*line, word) for line in FULL[1:])]
    built = build(tmp_path, desa, lines, (*HEAD, "satuan"))
    assert ("spending.amount_unit" in built.codes()) is is_of_it
    assert (built.of("anggaran_idr")[0] is None) is is_of_it


@pytest.mark.parametrize("spent", ["", "(ribu rupiah)"])
def test_a_row_of_units_below_the_header_counts_for_its_columns(
    spent: str, tmp_path: Path, desa: pd.DataFrame
) -> None:
    units = ("", "", "", "(ribu rupiah)", spent)
    built = build(tmp_path, desa, [units, *FULL])
    assert "spending.amount_unit" in built.codes()
    assert built.of("anggaran_idr")[:2] == (None, "no_data")
    assert built.of("realisasi_idr") == (
        (None, "no_data", 0, 3) if spent else (200_000_000, "ok", 3, 3)
    )


@pytest.mark.parametrize(
    "title",
    [
        *("APBDes 2025 (Rp juta)", "Dalam Rp 000", "APBDes (dalam 1.000 rupiah)", "Ribuan rupiah"),
        *("APBDes 2025 dalam jutaan Rupiah, kecuali dinyatakan lain", "Anggaran (000)"),
    ],
)
def test_a_title_above_the_header_declares_the_unit_of_the_table(
    title: str, tmp_path: Path, desa: pd.DataFrame
) -> None:
    built = build(tmp_path, desa, (HEAD, *FULL), (title, "", "", "", ""), header_row=2)
    assert "spending.amount_unit" in built.codes()


@pytest.mark.parametrize(
    "title",
    [
        "Program 1000 HPK dan sejuta pohon, dalam rupiah",
        "Realisasi Dana Desa dari pagu Rp 2 miliar",
        "Serapan dalam pagu Rp 2 miliar (Rp 1,5 miliar)",
        "Bantuan 3 juta rumah dalam 1000 hari (dalam rupiah)",
    ],
)
def test_words_of_a_title_that_are_no_unit_change_nothing(
    title: str, tmp_path: Path, desa: pd.DataFrame
) -> None:
    row = (title, "", "", "", "")
    built = build(tmp_path, desa, (HEAD, *FULL), row, header_row=2)
    assert "spending.amount_unit" not in built.codes()
    assert built.of("anggaran_idr") == (220_000_000, "ok", 3, 3)


def test_more_spent_than_budgeted_has_a_finding(tmp_path: Path, desa: pd.DataFrame) -> None:
    built = build(tmp_path, desa, [*FULL, line("02.03.11", pagu="10000000", spent="1000000000")])
    assert built.codes()["spending.realised_beyond"][0] == 5
    assert built.of("realisasi_idr") == (1200_000_000, "ok", 4, 4)


@pytest.mark.parametrize("pagu", ["125", "99.999", "7"])
def test_budgets_too_small_for_rupiah_are_not_used(
    pagu: str, tmp_path: Path, desa: pd.DataFrame
) -> None:
    lines = [line(pagu=pagu), line("02.03.10", "DDS", "300"), line("01.01.01", "ADD", "0")]
    built = build(tmp_path, desa, lines)
    row, message = built.codes()["spending.amount_small"]
    assert row == 2
    assert "Rows 2-4" in message
    assert built.of("anggaran_idr") == (None, "no_data", 0, 3)
    assert built.of("realisasi_idr") == (270_000_000, "ok", 3, 3)


def test_a_small_budget_beside_large_ones_counts(tmp_path: Path, desa: pd.DataFrame) -> None:
    built = build(tmp_path, desa, [*FULL, line("02.03.11", pagu="75.000", spent="75.000")])
    assert "spending.amount_small" not in built.codes()
    assert built.of("anggaran_idr") == (220_075_000, "ok", 4, 4)


@pytest.mark.parametrize(
    "spent",
    [
        *(("95", "80", "100"), ("0", "87", "12"), ("", "900", "40")),
        *(("90000", "40000", "70000"), ("60000", "21000", "70000"), ("90", "40", "70")),
    ],
)
def test_realised_per_cent_thousands_and_millions_are_no_rupiah(
    spent: tuple[str, str, str], tmp_path: Path, desa: pd.DataFrame
) -> None:
    lines = [(*cells[:4], amount) for cells, amount in zip(FULL, spent, strict=True)]
    built = build(tmp_path, desa, lines)
    assert built.codes()["spending.amount_small"][0] == 2
    for field in ("realisasi_idr", "serapan_pct"):
        assert built.of(field)[:2] == (None, "no_data"), field
    assert built.of("anggaran_idr") == (220_000_000, "ok", 3, 3)


@pytest.mark.parametrize(
    "spent", [("0", "0", "0"), ("45000", "0", "70000000"), ("100000", "25000", "1000000")]
)
def test_little_spent_early_in_the_year_counts(
    spent: tuple[str, str, str], tmp_path: Path, desa: pd.DataFrame
) -> None:
    lines = [(*cells[:4], amount) for cells, amount in zip(FULL, spent, strict=True)]
    built = build(tmp_path, desa, lines)
    assert "spending.amount_small" not in built.codes()
    assert built.of("realisasi_idr") == (sum(map(int, spent)), "ok", 3, 3)
