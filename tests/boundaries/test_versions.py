"""Old values on today's wilayah: nothing is copied over a split, sums only where they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from boundaries.history.history_file import read_history
from boundaries.history.versions import Change, History, carry_forward

A, B, C, D = (f"53.06.01.200{number}" for number in (1, 2, 3, 4))


def test_a_code_without_history_keeps_its_value() -> None:
    carried = carry_forward({A: 3.0, B: None}, 2020, History(), [A, B, C], is_summable=True)
    assert [(one.kode, one.value, one.status) for one in carried.values()] == [
        (A, 3.0, "ok"),
        (B, None, "no_data"),
    ]


@pytest.mark.parametrize("kind", ["recode", "rename"])
def test_a_recoded_wilayah_keeps_its_value(kind: str) -> None:
    history = History.of([Change(A, B, "recode" if kind == "recode" else "rename", 2020)])
    one = carry_forward({A: 3.0}, 2019, history, [B], is_summable=False)[B]
    assert (one.value, one.status, one.sources, one.reason) == (3.0, "ok", (A,), "recoded")


def test_a_value_from_before_a_split_is_shown_on_all_parts_and_measured_on_none() -> None:
    history = History.of([Change(A, A, "split", 2020), Change(A, B, "split", 2020)])
    carried = carry_forward({A: 7.0}, 2019, history, [A, B], is_summable=True)
    for kode in (A, B):
        one = carried[kode]
        assert (one.value, one.status, one.undivided) == (None, "before_split", 7.0)


def test_the_wilayah_that_kept_its_code_changed_too_without_a_line_of_its_own() -> None:
    history = History.of([Change(A, B, "split", 2020)])
    assert carry_forward({A: 7.0}, 2019, history, [A], is_summable=True)[A].status == "before_split"


def test_a_value_from_after_the_split_is_measured() -> None:
    history = History.of([Change(A, B, "split", 2020)])
    carried = carry_forward({A: 7.0, B: 2.0}, 2020, history, [A, B], is_summable=True)
    assert [(one.value, one.status) for one in carried.values()] == [(7.0, "ok"), (2.0, "ok")]


def test_old_years_restated_under_new_codes_are_measured() -> None:
    history = History.of([Change(A, B, "split", 2020)])
    carried = carry_forward({A: 5.0, B: 2.0}, 2019, history, [A, B], is_summable=True)
    assert [one.status for one in carried.values()] == ["ok", "ok"]


def test_a_split_without_date_counts_as_later_than_the_value() -> None:
    history = History.of([Change(A, B, "split", None), Change(A, C, "split", None)])
    one = carry_forward({A: 5.0}, 2024, history, [B, C], is_summable=True)[C]
    assert one.status == "before_split"


MERGED = History.of([Change(A, C, "merge", 2020), Change(B, C, "merge", 2020)])


@pytest.mark.parametrize(
    ("values", "is_summable", "expected"),
    [
        ({A: 3.0, B: 4.0}, True, (7.0, "ok", "summed")),
        ({A: 3.0, B: 4.0}, False, (None, "no_data", "not_summable")),
        ({A: 3.0}, True, (None, "no_data", "part_missing")),
        ({A: 3.0, B: None}, True, (None, "no_data", "part_missing")),
        ({C: 8.0}, True, (8.0, "ok", "")),
    ],
)
def test_a_merged_wilayah_has_the_sum_of_all_parts_or_nothing(
    values: dict[str, float | None], is_summable: bool, expected: tuple[float | None, str, str]
) -> None:
    one = carry_forward(values, 2019, MERGED, [C], is_summable=is_summable)[C]
    assert (one.value, one.status, one.reason) == expected


def test_a_wilayah_that_took_another_in_is_one_of_the_parts() -> None:
    history = History.of([Change(B, A, "merge", 2020)])
    assert carry_forward({A: 1.0, B: 2.0}, 2019, history, [A], is_summable=True)[A].value == 3.0
    alone = carry_forward({A: 1.0}, 2019, history, [A], is_summable=True)[A]
    assert (alone.status, alone.reason) == ("no_data", "part_missing")


def test_changes_are_followed_one_after_another() -> None:
    history = History.of([Change(A, B, "split", 2015), Change(B, D, "recode", 2020)])
    carried = carry_forward({A: 9.0}, 2014, history, [A, D], is_summable=True)
    assert [(one.kode, one.status, one.undivided) for one in carried.values()] == [
        (A, "before_split", 9.0),
        (D, "before_split", 9.0),
    ]
    later = carry_forward({A: 9.0, B: 4.0}, 2018, history, [A, D], is_summable=True)
    assert [(one.value, one.status) for one in later.values()] == [(9.0, "ok"), (4.0, "ok")]


def test_two_wilayah_that_swapped_their_codes_keep_their_own_values() -> None:
    history = History.of([Change(A, B, "recode", 2020), Change(B, A, "recode", 2020)])
    carried = carry_forward({A: 1.0, B: 2.0}, 2019, history, [A, B], is_summable=True)
    assert [(one.kode, one.value) for one in carried.values()] == [(A, 2.0), (B, 1.0)]


def test_a_history_file_is_read_with_its_faults(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(
        "lama,baru,jenis,tanggal\n"
        f"{A},{B},Pemekaran,25/07/2020\n5306012003,53.06.01.2004,recode,\n"
        f"{A},{C},pindah,2020\n?,{C},split,2020\n",
        "utf-8",
    )
    history, findings, _ = read_history(
        path,
        "history.csv",
        old_column="lama",
        new_column="baru",
        kind_column="jenis",
        date_column="tanggal",
    )
    assert history.changes == (Change(A, B, "split", 2020), Change(C, D, "recode", None))
    assert sorted(finding.code for finding in findings) == [
        "codes.refused",
        "versions.kind_unknown",
        "versions.undated",
    ]
