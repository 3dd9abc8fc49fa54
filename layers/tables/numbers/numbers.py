"""What the number cells of one column say, read by one convention for the whole column.

A cell such as ``1.250`` is a thousand or one and a quarter; the other cells of its column tell
which, else the definition of the indicator, else nobody: then it is a problem and not a value.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.tables.numbers import expectations, number_doubts, number_text, special_cells
from layers.tables.numbers.special_cells import MarkedText


def write_value(number: float, unit: str | None) -> str:
    """The number in words of a finding; rupiah with dots, the others as they stand in a file.

    Example
    -------
    >>> write_value(1.2019e9, "IDR"), write_value(2500000.0, "jiwa"), write_value(0.853, "indeks")
    ('Rp 1.201.900.000', '2500000', '0.853')
    """
    if not math.isfinite(number):
        return "no limit"
    if unit == "IDR":
        return f"Rp {number:,.0f}".replace(",", ".")
    if float(number).is_integer():
        return f"{number:.0f}"
    return f"{number:.6g}" if 1e-4 < abs(number) < 1e6 else f"{number:.6f}".rstrip("0")


def write_cell(cell: object) -> str:
    """A cell as its file shows it; a number never with an exponent.

    Example
    -------
    >>> write_cell(1.5e16), write_cell(2500.0), write_cell(0.00001), write_cell("1e9")
    ('15000000000000000', '2500', '0.00001', '1e9')
    """
    if isinstance(cell, MarkedText):
        return cell.written
    if isinstance(cell, float) and math.isfinite(cell):
        return np.format_float_positional(float(f"{cell:.15g}"), trim="-")
    return str(cell)


@dataclass(frozen=True, slots=True)
class NumberProblem:
    """A filled cell that gave no value: ``index`` from 0, the cell as text, and why."""

    index: int
    value: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """Numbers of a column.

    Parameters
    ----------
    values
        float64, NaN where there is none.
    problems
        One for each filled cell without a value.
    notes
        How cells were interpreted, one sentence each.
    """

    values: npt.NDArray[np.float64]
    problems: tuple[NumberProblem, ...]
    notes: tuple[str, ...]


_MESSAGES = {
    "text": "is text where a number is expected",
    "ambiguous": 'can be read two ways; say in wilayah.toml which: decimal = "," or "."',
    "convention": "contradicts the declared decimal sign",
    "not_whole": "counts things but is not whole",
    "date": "was turned into a date or time by a spreadsheet",
    "infinite": "is no finite number",
    "shortened": "lost its last digits to scientific notation; show the column as plain numbers",
    "truth": "is TRUE or FALSE where a number is expected",
    "formula": "has no stored result",
    "format": "is shown otherwise than it is stored",
    number_doubts.THOUSANDS_LOST: "stands in a column whose thousands dots were lost",
    number_doubts.FILLER: "may stand for no answer",
    number_doubts.FRACTION: "may be a share of one in a column of per cent",
    "formula_error": "is the error of a formula",
    "marked": "has a part that is struck out, raised or lowered",
}


def read_numbers(
    cells: Sequence[object], expectation: expectations.Expectation | None = None
) -> NumberColumn:
    """The numbers of a column.

    Reads decimal comma and point, thousands, ``Rp``, percent signs, negative numbers in brackets
    or with a trailing minus, and a unit written behind the number if it is the declared one.  Empty
    cells and marks such as ``-`` or ``n/a`` are no value and no problem: null is not zero.  A cell
    of a workbook says what its number format shows; a column that is damaged is doubted as a whole
    (see `layers.tables.numbers.number_doubts`).

    Example
    -------
    >>> read_numbers(["12,5", "1.250", "-", "(3)"]).values
    array([  12.5, 1250. ,    nan,   -3. ])
    """
    expectation = expectation or expectations.Expectation()
    nowhere = np.zeros(len(cells), dtype=bool)
    column = _Column(np.full(len(cells), np.nan), nowhere, nowhere.copy())
    plain = _read_plain(cells, expectation) if set(map(type, cells)) == {str} else None
    notes: list[str] = []
    if plain is not None:
        column.values[:] = plain
    else:
        texts = _split(cells, expectation, column)
        notes = _tell_percent(cells, column) + _read_texts(texts, expectation, column)
        _refuse_fractions_of_things(cells, expectation, column)
    for reason, doubtful in number_doubts.doubts(
        column.values, column.is_percent, expectation, column.is_group
    ).items():
        for index in doubtful.tolist():
            column.problems.append(_problem(index, cells[index], reason))
        column.values[doubtful] = np.nan
    column.problems.sort(key=lambda problem: problem.index)
    return NumberColumn(column.values, tuple(column.problems), tuple(notes))


@dataclass(frozen=True, slots=True)
class _Column:
    """A column while it is read.

    ``is_percent`` marks cells that say so themselves, ``is_group`` amounts of rupiah of which a
    sign before three digits was read as one of thousands.
    """

    values: npt.NDArray[np.float64]
    is_percent: npt.NDArray[np.bool_]
    is_group: npt.NDArray[np.bool_]
    problems: list[NumberProblem] = field(default_factory=list)


def _split(
    cells: Sequence[object], expectation: expectations.Expectation, column: _Column
) -> dict[int, str]:
    """Reads the numbers that are numbers already; gives the text cells by position."""
    values = column.values
    texts: dict[int, str] = {}
    others: dict[int, object] = {}
    for index, cell in enumerate(cells):
        if type(cell) is str:
            texts[index] = cell
        elif type(cell) is float or type(cell) is int:
            values[index] = cell
        elif cell is not None:
            others[index] = cell
    for index in np.flatnonzero(np.isinf(values)).tolist():
        column.problems.append(_problem(index, cells[index], "infinite"))
    values[~np.isfinite(values)] = np.nan
    for index, cell in others.items():
        reason = _read_other(index, cell, expectation, column, texts)
        if reason is not None:
            column.problems.append(_problem(index, cell, reason))
    return texts


def _read_other(
    index: int,
    cell: object,
    expectation: expectations.Expectation,
    column: _Column,
    texts: dict[int, str],
) -> str | None:
    """Reads a cell that is neither plain number nor text; why it gives no number."""
    if isinstance(cell, special_cells.FormattedNumber):
        return _read_formatted(index, cell, expectation, column)
    if isinstance(cell, special_cells.UnsolvedFormula):
        return "formula"
    if (
        isinstance(cell, special_cells.MarkedText)
        and number_text.clean(cell, expectation.unit) not in number_text.EMPTY_MARKS
    ):
        return "marked"
    if isinstance(cell, str):
        texts[index] = cell
    elif isinstance(cell, bool | np.bool_):
        return "truth"
    elif isinstance(cell, int | float | np.integer | np.floating):
        number = float(cell)
        if math.isinf(number):
            return "infinite"
        column.values[index] = number
    elif cell is not pd.NA:
        return "date"
    return None


def _read_formatted(
    index: int,
    cell: special_cells.FormattedNumber,
    expectation: expectations.Expectation,
    column: _Column,
) -> str | None:
    """A number as its format shows it."""
    factor = expectation.factor or 1.0
    percent = cell.percent
    if percent is not None and (expectation.is_percent or expectation.unit is None):
        column.values[index] = percent / factor
        column.is_percent[index] = True
    elif cell.says_plainly(expectation.unit, factor):
        column.is_percent[index] = expectations.has_percent(cell.section.suffix)
        column.values[index] = float(cell) / (factor if column.is_percent[index] else 1.0)
    elif cell.section.is_date:
        return "date"
    else:
        return "format"
    return None


def _tell_percent(cells: Sequence[object], column: _Column) -> list[str]:
    """How many cells are per cent by their number format."""
    count = sum(
        isinstance(cells[row], special_cells.FormattedNumber)
        for row in np.flatnonzero(column.is_percent).tolist()
    )
    return [f"{count} cells are shown as per cent, and read so"] if count else []


_PLAIN = re.compile(r"[-+]?[0-9]+(?:\.(?:[0-9]{1,2}|[0-9]{4,}))?")


def _read_plain(
    texts: Sequence[object], expectation: expectations.Expectation
) -> npt.NDArray[np.float64] | None:
    """The quick way for columns that hold nothing but unmistakable plain numbers."""
    if expectation.decimal == "," or expectation.is_count:
        return None
    if not all(map(_PLAIN.fullmatch, texts)):  # type: ignore[arg-type]  # the caller gives texts only
        return None
    return np.array(texts, dtype=np.float64)


def _read_texts(
    texts: dict[int, str], expectation: expectations.Expectation, column: _Column
) -> list[str]:
    errors = {row for row, text in texts.items() if special_cells.is_formula_error(text)}
    column.problems.extend(_problem(row, texts[row], "formula_error") for row in errors)
    if expectation.is_count or expectation.unit == expectations.RUPIAH:
        shortened = {row for row, text in texts.items() if number_text.has_lost_digits(text)}
        column.problems.extend(_problem(row, texts[row], "shortened") for row in shortened)
        errors |= shortened
    cleaned = {
        row: number_text.clean(text, expectation.unit)
        for row, text in texts.items()
        if row not in errors
    }
    forms = {
        row: number_text.classify(text)
        for row, text in cleaned.items()
        if text not in number_text.EMPTY_MARKS
    }
    convention, notes = number_text.find_convention(cleaned, forms, expectation)
    is_declared = expectation.decimal is not None
    doubted = (
        set()
        if is_declared
        else number_text.mixed_notations(cleaned, forms, convention, expectation)
    )
    for row, form in forms.items():
        sign = None if row in doubted else number_text.sign_of(form, convention, expectation)
        number, reason = number_text.evaluate(cleaned[row], form, sign, is_declared)
        if number is None:
            column.problems.append(_problem(row, texts[row], reason or "text"))
            continue
        column.is_group[row] = number_text.is_group_of_rupiah(form, expectation)
        column.is_percent[row] = expectation.is_percent and expectations.has_percent(texts[row])
        column.values[row] = number
        if column.is_percent[row]:
            column.values[row] /= expectation.factor or 1.0
    return notes


def _refuse_fractions_of_things(
    cells: Sequence[object], expectation: expectations.Expectation, column: _Column
) -> None:
    """Counts that are not whole, unless the whole column is to be doubted for them."""
    if not expectation.is_count:
        return
    counted = column.values * (expectation.factor or 1.0)
    with np.errstate(invalid="ignore"):
        broken = np.isfinite(counted) & (
            np.abs(counted - np.round(counted)) > number_doubts.WHOLE_WITHIN
        )
    for index in np.flatnonzero(
        broken & ~number_doubts.lost_thousands(column.values, expectation)
    ).tolist():
        column.values[index] = np.nan
        column.problems.append(_problem(index, cells[index], "not_whole"))


def _problem(index: int, cell: object, reason: str) -> NumberProblem:
    text = _shown(cell)
    code = (
        f" (number format {cell.code})" if isinstance(cell, special_cells.FormattedNumber) else ""
    )
    return NumberProblem(index, text, reason, f"'{text}' {_MESSAGES[reason]}{code}.")


def _shown(cell: object) -> str:
    return write_cell(cell)
