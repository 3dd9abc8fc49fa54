"""Rows of one desa that are parts are added; copies of one number are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd
import pytest

from layers.errors import InputError
from layers.tables.indicators.join import TableResult, join_table
from layers.tables.numbers.numbers import write_value
from layers.workspace.sections import IndicatorSection, TableSection
from tests.layers.tables.conftest import KODE, WriteCsv

Sum = Callable[..., TableResult]


@pytest.fixture
def add(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> Sum:
    def run(rows: str, header: str = "kode,bagian,jiwa", **keys: object) -> TableResult:
        section = TableSection.model_validate(
            {
                "id": "t",
                "path": write_csv(f"{header}\n{rows}"),
                "year": 2024,
                "code_system": "kemendagri",
                "code_column": "kode",
                "columns": {"jiwa": "jiwa"},
                "repeats": "sum",
                **keys,
            }
        )
        return join_table(section, tmp_path, desa, indicators)

    return run


def values(result: TableResult) -> dict[str, float]:
    ok = result.values[result.values["status"] == "ok"]
    return dict(zip(ok["kode"], ok["nilai"], strict=True))


ALIKE = "table.parts_alike"
COPIES = "".join(f"{KODE[at]},pos {part},{30 + at}\n" for at in range(2) for part in range(10))


def test_copies_of_one_number_are_not_added(add: Sum) -> None:
    result = add(COPIES)
    assert values(result) == {}
    (alike,) = [f for f in result.findings if f.code == "table.parts_alike"]
    assert alike.severity == "warning"
    assert "each say 30, together 300" in alike.message
    assert alike.measure == 2


def test_equal_parts_that_a_column_names_are_added(add: Sum) -> None:
    assert values(add(COPIES, part_column="bagian")) == {KODE[0]: 300.0, KODE[1]: 310.0}


def test_one_part_named_twice_is_no_two_parts(add: Sum) -> None:
    rows = f"{KODE[0]},I,5\n{KODE[0]},I ,5\n{KODE[1]},I,5\n{KODE[1]},II,5\n"
    assert values(add(rows, part_column="bagian")) == {KODE[1]: 10.0}


def test_equal_parts_among_different_ones_are_added_with_a_note(add: Sum) -> None:
    result = add(f"{KODE[0]},I,5\n{KODE[0]},II,5\n{KODE[1]},I,5\n{KODE[1]},II,7\n")
    assert values(result) == {KODE[0]: 10.0, KODE[1]: 12.0}
    assert [f.severity for f in result.findings if f.code == "table.parts_alike"] == ["note"]


def test_copies_with_one_slip_are_still_copies(add: Sum) -> None:
    slip = f"{KODE[2]},I,7\n{KODE[2]},II,8\n"
    result = add(COPIES + slip)
    assert values(result) == {}
    assert "2 of 3 desa" in next(f.message for f in result.findings if f.code == ALIKE)


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([("I", 5), ("II", 7), ("Jumlah", 12)], 12),
        ([("I", 5), ("II", 7), ("TOTAL TAHAP", 12)], 12),
        ([("I", 5), ("II", 7), ("Jumlah", 13)], None),
        ([("Jumlah", 5), ("Total", 7)], 12),
        ([("Jumlah rumah", 12)], 12),
    ],
)
@pytest.mark.parametrize("keys", [{}, {"part_column": "bagian"}])
def test_a_total_among_the_parts_is_no_part(
    add: Sum, rows: list[tuple[str, int]], value: float | None, keys: dict[str, object]
) -> None:
    result = add("".join(f"{KODE[0]},{name},{number}\n" for name, number in rows), **keys)
    assert values(result) == ({} if value is None else {KODE[0]: value})
    has_both = any(name.startswith("I") for name, _ in rows)
    assert ("table.parts_total" in {f.code for f in result.findings}) is has_both


def test_a_total_without_a_word_is_seen_where_every_desa_has_one(add: Sum) -> None:
    rows = "".join(
        f"{kode},L,{n}\n{kode},P,7\n{kode},X,{n + 7}\n" for n, kode in enumerate(KODE[:3], start=20)
    )
    result = add(rows)
    assert values(result) == {}
    assert [f.severity for f in result.findings if f.code == "table.parts_total"] == ["warning"]
    half = "".join(
        f"{kode},{at},{part}\n" for kode in KODE[:2] for at, part in enumerate((50, 25, 25))
    )
    assert values(add(half, part_column="bagian")) == {KODE[0]: 100.0, KODE[1]: 100.0}


def blocks(*numbers: object) -> str:
    """Two parts of two desa, twice; the first column numbers the rows."""
    parts = [(KODE[0], "I", 10), (KODE[0], "II", 20), (KODE[1], "I", 7), (KODE[1], "II", 9)]
    lines = [(number, *parts[at % 4]) for at, number in enumerate(numbers)]
    return "".join(",".join(map(str, line)) + "\n" for line in lines)


@pytest.mark.parametrize(
    ("column", "numbers"),
    [
        ("no", range(1, 9)),
        ("No. Urut", [f"{number}." for number in range(1, 9)]),
        ("kolom a", range(8)),
        ("kolom a", (5, 1, 7, 3, 2, 8, 4, 6)),
        ("OBJECTID", (1, 2, 3, 4, 9, 10, 11, 12)),
        ("Timestamp", [f"2024-05-01 10:0{minute}" for minute in range(8)]),
        ("uuid", "abcdefgh"),
        ("no", (1, 2, 1, 2, 3, 4, 3, 4)),
    ],
)
def test_a_block_pasted_under_new_numbers_is_not_added(
    add: Sum, column: str, numbers: Iterable[object]
) -> None:
    result = add(blocks(*numbers), f"{column},kode,bagian,jiwa")
    assert values(result) == {}
    (finding,) = [f for f in result.findings if f.code == "table.part_repeated"]
    assert f"differ only in '{column}'" in finding.message
    assert "Rows 2-9." in finding.message


def test_a_row_pasted_for_one_desa_leaves_only_that_desa_without_value(add: Sum) -> None:
    rows = blocks(*range(1, 5)) + f"5,{KODE[0]}, i ,10\n"
    result = add(rows, "no,kode,bagian,jiwa")
    assert values(result) == {KODE[1]: 16.0}
    assert [f.row for f in result.findings if f.code == "table.part_repeated"] == [2]


@pytest.mark.parametrize(
    ("column", "numbers"),
    [
        ("npsn", (50301, 50302, 50303, 50304)),
        ("tahap", (1, 2, 1, 2)),
        ("bulan", ("Januari", "Maret", "Mei", "Juni")),
    ],
)
def test_what_names_parts_is_no_running_number(
    add: Sum, column: str, numbers: tuple[object, ...]
) -> None:
    lines = zip(numbers, (KODE[0], KODE[0], KODE[1], KODE[1]), (5, 5, 6, 7), strict=True)
    rows = "".join(f"{number},{kode},{value}\n" for number, kode, value in lines)
    assert values(add(rows, f"{column},kode,jiwa")) == {KODE[0]: 10.0, KODE[1]: 13.0}


@pytest.mark.parametrize(
    ("column", "numbers"),
    [
        ("No", range(1, 9)),
        ("no", (1, 2, 1, 2, 3, 4, 3, 4)),
        ("kolom a", range(8)),
        ("Timestamp", [f"2024-05-01 10:0{minute}" for minute in range(8)]),
        ("uuid", "abcdefgh"),
    ],
)
def test_a_running_number_is_no_column_of_parts(
    add: Sum, column: str, numbers: Iterable[object]
) -> None:
    rows = blocks(*numbers)
    with pytest.raises(InputError, match="is a running number or a time of entry"):
        add(rows, f"{column},kode,bagian,jiwa", part_column=column)
    (finding,) = [f for f in add(rows, f"{column},kode,bagian,jiwa").findings if f.row == 2]
    assert "part_column" not in finding.message


def test_numbers_that_name_the_parts_of_a_desa_are_a_column_of_parts(add: Sum) -> None:
    rows = f"1,{KODE[0]},5\n2,{KODE[0]},5\n"
    assert values(add(rows, "tahap,kode,jiwa", part_column="tahap")) == {KODE[0]: 10.0}
    more = rows + f"1,{KODE[1]},5\n2,{KODE[1]},6\n"
    result = add(more, "tahap,kode,jiwa", part_column="tahap")
    assert values(result) == {KODE[0]: 10.0, KODE[1]: 11.0}


@pytest.mark.parametrize("column", ["kolom a", "data ke", "x"])
def test_numbers_of_one_desa_under_a_header_that_says_nothing_name_no_copies(
    add: Sum, column: str
) -> None:
    pasted = "".join(
        f"{number},{KODE[0]},{part}\n"
        for number, part in enumerate(("I,10", "II,5", "I,10", "II,5"), start=1)
    )
    rows = f"{pasted}1,{KODE[1]},I,7\n"
    result = add(rows, f"{column},kode,bagian,jiwa", part_column=column)
    assert values(result) == {KODE[1]: 7.0}
    assert "table.part_repeated" in {finding.code for finding in result.findings}
    differing = rows.replace(f"3,{KODE[0]},I,10", f"3,{KODE[0]},III,10")
    parted = differing.replace(f"4,{KODE[0]},II,5", f"4,{KODE[0]},IV,5")
    told = add(parted, f"{column},kode,bagian,jiwa", part_column=column)
    assert values(told) == {KODE[0]: 30.0, KODE[1]: 7.0}


def test_a_total_without_a_word_in_some_desa_leaves_these_without_value(add: Sum) -> None:
    parts = {KODE[0]: (20, 7, 27), KODE[1]: (5, 8), KODE[2]: (1, 2, 4), KODE[3]: (6, 6)}
    rows = "".join(
        f"{kode},{at},{part}\n"
        for kode, numbers in parts.items()
        for at, part in enumerate(numbers)
    )
    result = add(rows)
    assert values(result) == {KODE[1]: 13.0, KODE[2]: 7.0}
    finding = next(f for f in result.findings if f.code == "table.parts_total")
    assert finding.severity == "warning"
    assert "in 2 of 4 desa" in finding.message
    assert "Rows 2-4, 10-11." in finding.message
    named = add(rows, part_column="bagian")
    assert values(named) == {KODE[0]: 54.0, KODE[1]: 13.0, KODE[2]: 7.0, KODE[3]: 12.0}


@pytest.mark.parametrize("word", ["Keseluruhan", "SELURUHNYA", "Se-desa", "L+P", "Rekapitulasi"])
def test_a_total_by_another_word_is_left_out(add: Sum, word: str) -> None:
    result = add(f"{KODE[0]},L,5\n{KODE[0]},P,7\n{KODE[0]},{word},12\n", part_column="bagian")
    assert values(result) == {KODE[0]: 12.0}
    assert [f.severity for f in result.findings if f.code == "table.parts_total"] == ["note"]


@pytest.mark.parametrize(
    "rows",
    [
        [("I", 5), ("II", 7), ("i ", 6)],
        [("I", 5), ("I.", 5), ("II", 7)],
        [("I", 5), ("", 5)],
        [("I", 5), ("II", 7), ("", 12)],
    ],
)
def test_a_part_that_stands_twice_leaves_the_desa_without_value(
    add: Sum, rows: list[tuple[str, int]]
) -> None:
    text = "".join(f"{KODE[0]},{name},{number}\n" for name, number in rows)
    result = add(text + f"{KODE[1]},I,5\n{KODE[1]},II,5\n", part_column="bagian")
    assert values(result) == {KODE[1]: 10.0}
    assert [f.row for f in result.findings if f.code == "table.part_repeated"] == [2]


def test_zeros_are_no_copies(add: Sum) -> None:
    assert values(add(f"{KODE[0]},I,0\n{KODE[0]},II,0\n")) == {KODE[0]: 0.0}


def test_without_sum_contradictions_say_what_the_sum_would_be(add: Sum) -> None:
    result = add(f"{KODE[0]},I,5\n{KODE[0]},II,7\n", repeats="refuse")
    assert values(result) == {}
    assert 'with repeats = "sum" 12' in result.findings[-1].message


def test_parts_need_the_sum(add: Sum) -> None:
    with pytest.raises(InputError, match="part_column needs"):
        add(f"{KODE[0]},I,5\n", repeats="refuse", part_column="bagian")


@pytest.mark.parametrize("number", [0.0, 0.1, 853.25, 1e6, 1.5e9, -2e12, 123456789.25])
def test_no_number_is_written_with_an_exponent(number: float) -> None:
    for unit in ("IDR", "jiwa", None):
        assert "e" not in write_value(number, unit)
