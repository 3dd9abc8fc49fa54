"""Numbers as offices write them: one convention a column, and null is not zero."""

from __future__ import annotations

import math

import pytest

from layers.tables.numbers.expectations import Expectation
from layers.tables.numbers.numbers import read_numbers
from layers.tables.numbers.rupiah import read_rupiah


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["12.5", "3"], [12.5, 3]),
        (["12,5", "1.250"], [12.5, 1250]),
        (["1.250.000,00", "3"], [1_250_000, 3]),
        (["1,250,000", "1,250"], [1_250_000, 1250]),
        (["Rp 1.250.000,00"], [1_250_000]),
        (["Rp1.250.000,-"], [1_250_000]),
        (["(1.250.000)"], [-1_250_000]),
        (["Rp (1.250.000)", "1.000.000-"], [-1_250_000, -1_000_000]),
        (["85,5%", "90 %"], [85.5, 90]),
        (["0.250", "0.5"], [0.25, 0.5]),
        (["1 250 000"], [1_250_000]),
        ([12, 3.5, "4,5"], [12, 3.5, 4.5]),
        (["1.2E-05"], [1.2e-05]),
    ],
)
def test_a_column_is_read_by_its_own_convention(cells: list[object], values: list[float]) -> None:
    column = read_numbers(cells)
    assert column.values.tolist() == values
    assert column.problems == ()


@pytest.mark.parametrize("mark", [None, "", " ", "-", "–", "n/a", "tidak ada", float("nan")])
def test_an_empty_mark_is_no_value_and_never_zero(mark: object) -> None:
    column = read_numbers([mark, "5"])
    assert math.isnan(column.values[0])
    assert column.problems == ()


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("dua belas", "text"), ("12 13", "text"), (True, "truth"), ("1.250", "ambiguous")],
)
def test_a_filled_cell_without_a_value_is_a_problem(cell: object, reason: str) -> None:
    column = read_numbers([cell])
    assert math.isnan(column.values[0])
    assert [problem.reason for problem in column.problems] == [reason]


def test_the_range_of_the_indicator_decides_what_the_column_leaves_open() -> None:
    assert read_numbers(["1.250"], Expectation(maximum=100)).values.tolist() == [1.25]
    assert read_numbers(["1.250"], Expectation(unit="jiwa")).values.tolist() == [1250]
    assert read_numbers(["1.250"], Expectation(decimal=",")).values.tolist() == [1250]


def test_a_declared_sign_is_never_overruled() -> None:
    column = read_numbers(["12.5", "12,5"], Expectation(decimal=","))
    assert [problem.reason for problem in column.problems] == ["convention"]


def test_both_signs_in_a_column_leave_only_the_unclear_cells_unread() -> None:
    column = read_numbers(["12.5", "12,5", "1.250"])
    assert column.values[:2].tolist() == [12.5, 12.5]
    assert [problem.index for problem in column.problems] == [2]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["750.000", "1250000.50", "3"], [750_000, 1_250_000.5, 3]),
        (["750,000", "1.250,50", "100"], [750_000, 1_250.5, 100]),
        (["Rp 750.000", "500,000", "Rp. 1.250.000,-"], [750_000, 500_000, 1_250_000]),
        (["750.000", "500.000"], [750_000, 500_000]),
    ],
)
def test_three_digits_of_rupiah_are_a_group_of_thousands(
    cells: list[object], values: list[float]
) -> None:
    assert read_numbers(cells, Expectation(unit="IDR", minimum=0)).values.tolist() == values


def test_a_declared_sign_counts_for_rupiah_too_and_a_factor_leaves_thousandths() -> None:
    column = read_numbers(["1,250"], Expectation(decimal=".", unit="IDR"))
    assert column.values.tolist() == [1250]
    column = read_numbers(["1.250"], Expectation(decimal=".", unit="IDR"))
    assert [problem.reason for problem in column.problems] == ["thousands_lost"]
    column = read_numbers(["1.250", "0.5"], Expectation(unit="IDR", factor=1e6))
    assert column.values.tolist() == [1.25, 0.5]


@pytest.mark.parametrize(
    ("cells", "refused"),
    [
        (["2.000", "567.0", "45.0"], [0]),
        (["2.000", "567,0"], []),
        (["2,000", "567,0", "12.345.678"], [0]),
        (["2.000", "1234.000", "45"], []),
    ],
)
def test_a_count_in_two_notations_is_not_guessed(cells: list[object], refused: list[int]) -> None:
    column = read_numbers(cells, Expectation(unit="jiwa"))
    assert [problem.index for problem in column.problems] == refused


def test_a_count_that_is_not_whole_lost_its_thousands() -> None:
    column = read_numbers([1.25, 300], Expectation(unit="jiwa"))
    assert [problem.reason for problem in column.problems] == ["thousands_lost"] * 2


def test_the_interpretation_is_told() -> None:
    assert read_numbers(["12,5"] * 3).notes == ("decimal comma shown by 3 of 3 cells",)


@pytest.mark.parametrize(
    ("cells", "amounts"),
    [
        (["15.123", "16.1229999", "2", "1.250.000"], [None, None, None, 1_250_000]),
        (["15,123", "16,1229999", "0,0"], [None, None, 0]),
        ([15.123, 16.1229999, 2.0, 0.0, 1_250_000.0], [None, None, None, 0, 1_250_000]),
        ([15.123000144958496, 45.0], [None, None]),
        (["15.123", "16.123", "2"], [15_123, 16_123, 2]),
        ([333.33333, 1234.567], [333, 1235]),
    ],
)
def test_lost_thousands_with_the_noise_of_a_program_are_doubted_by_column(
    cells: list[object], amounts: list[int | None]
) -> None:
    read = read_rupiah(cells)
    known = zip(read.rupiah.tolist(), read.is_known.tolist(), strict=True)
    assert [amount if is_known else None for amount, is_known in known] == amounts
    values = read_numbers(cells, Expectation(unit="IDR")).values
    assert [math.isnan(value) for value in values] == [amount is None for amount in amounts]


def test_counts_with_the_noise_of_a_program_are_doubted_by_column() -> None:
    column = read_numbers([15.123000144958496, 2.0, 45.0], Expectation(unit="jiwa"))
    assert all(map(math.isnan, column.values))


@pytest.mark.parametrize(
    ("cells", "doubted"),
    [
        ([1200, 99999, 870, 1500], [1]),
        (["1.200", "99.999", "870", "1.500"], [1]),
        ([12, 99, 7, 99, 31], [1, 3]),
        ([310, 999, 999], [1, 2]),
        ([9999, 9999], [0, 1]),
        ([0, 0, 9999, 9999], [2, 3]),
        ([5200, 9999, 4100, 3900], []),
        ([12, 99, 87, 60, 45], []),
        ([12, 99, 7, 31], []),
        ([999, 999], []),
        ([1200, 99998, 870, 1500], []),
        ([9], []),
    ],
)
def test_nines_far_above_all_others_are_no_number(cells: list[object], doubted: list[int]) -> None:
    column = read_numbers(cells, Expectation(unit="jiwa"))
    assert [index for index, value in enumerate(column.values) if math.isnan(value)] == doubted
    assert [(problem.index, problem.reason) for problem in column.problems] == [
        (index, "filler") for index in doubted
    ]
    declared = read_numbers(cells, Expectation(unit="jiwa", factor=1.0))
    assert not declared.problems


@pytest.mark.parametrize("unit", ["jiwa", "%", "km", "unit"])
def test_rupiah_are_no_number_of_anything_else(unit: str) -> None:
    column = read_numbers(["Rp 12", "(Rp 12)", "idr 12", "40"], Expectation(unit=unit))
    assert [problem.index for problem in column.problems] == [0, 1, 2]
    for money in ("IDR", "rupiah", "Rp/bulan", None):
        assert not read_numbers(["Rp 12", "(Rp 12)", "40"], Expectation(unit=money)).problems
