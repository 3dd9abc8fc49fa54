"""Exact amounts of rupiah from the cells of one column: whole numbers, never through a fraction."""

import datetime
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np
import numpy.typing as npt

from layers.tables.numbers import expectations, number_doubts, number_text, numbers, special_cells

LARGEST = 10**15
_LOST = "stands in a column whose thousands dots were lost"
_WHOLE = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class AmountProblem:
    """A filled cell that is no amount."""

    index: int
    value: str
    message: str
    reason: str = "text"


@dataclass(frozen=True, slots=True)
class Amounts:
    """Amounts of a column.

    Parameters
    ----------
    rupiah
        int64; 0 where ``is_known`` is False, which is not an amount of zero.
    is_known
        Whether the cell holds an amount.
    notes
        How cells were interpreted, one sentence each.
    is_empty
        Whether the cell holds nothing, or a mark for nothing.
    """

    rupiah: npt.NDArray[np.int64]
    is_known: npt.NDArray[np.bool_]
    problems: tuple[AmountProblem, ...]
    notes: tuple[str, ...]
    is_empty: npt.NDArray[np.bool_]


def read_rupiah(cells: Sequence[object], decimal: str | None = None) -> Amounts:
    """Whole rupiah of each cell.

    Every cell of a column may have its own notation (offices paste from several programs).  A
    separator followed by exactly three digits groups thousands: amounts have no thousandths of a
    rupiah.  Sen are rounded to the rupiah, half away from zero, and counted in a note.  A fraction
    below a thousand is an amount whose thousands dot was lost: then all amounts of the column below
    a thousand are doubtful and not known, and so are texts like ``15.123`` that may be such a one.

    Parameters
    ----------
    decimal
        Declared decimal sign; a text that contradicts it is a problem.

    Example
    -------
    >>> read_rupiah(["Rp 1.250.000,00", "1,250,000.00", 1250000.0, "(1.250)"]).rupiah
    array([1250000, 1250000, 1250000,   -1250])
    """
    column = _Column.empty(len(cells))
    for index, cell in enumerate(cells):
        if cell is None or cell == "":
            column.is_empty[index] = True
        elif type(cell) is str and _WHOLE.fullmatch(cell):
            column.rupiah[index], column.is_known[index] = int(cell), True
        else:
            _read_cell(index, cell, decimal, column)
    _refuse_lost_thousands(cells, decimal, column)
    # What lost its thousands is no amount with sen.
    rounded = int((column.is_rounded & column.is_known).sum())
    notes = (f"sen rounded to whole rupiah in {rounded} cells",) if rounded else ()
    return Amounts(column.rupiah, column.is_known, tuple(column.problems), notes, column.is_empty)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column while it is read; ``exact`` holds the amounts with their sen."""

    rupiah: npt.NDArray[np.int64]
    is_known: npt.NDArray[np.bool_]
    is_rounded: npt.NDArray[np.bool_]
    is_empty: npt.NDArray[np.bool_]
    exact: npt.NDArray[np.float64]
    problems: list[AmountProblem]

    @classmethod
    def empty(cls, size: int) -> "_Column":
        known, rounded, empty = (np.zeros(size, dtype=bool) for _ in range(3))
        return cls(np.zeros(size, dtype=np.int64), known, rounded, empty, np.zeros(size), [])


def _read_cell(index: int, cell: object, decimal: str | None, column: _Column) -> None:
    """Reads a cell that is no plain whole number of digits."""
    try:
        amount = _exact(cell, decimal)
    except _AmountError as refusal:
        column.problems.append(_problem(index, cell, str(refusal), refusal.reason))
        return
    if amount is None:
        column.is_empty[index] = True
        return
    if abs(amount) > LARGEST:
        column.problems.append(_problem(index, cell, "is beyond 10^15 rupiah", "text"))
        return
    whole = int(amount.to_integral_value(rounding="ROUND_HALF_UP"))
    column.is_rounded[index] = whole != amount
    column.exact[index] = float(amount)
    column.rupiah[index], column.is_known[index] = whole, True


def _refuse_lost_thousands(cells: Sequence[object], decimal: str | None, column: _Column) -> None:
    """Doubts the whole column where one amount betrays that its thousands dot was lost."""
    if not number_doubts.with_lost_thousands(column.exact).any():
        return
    for index in np.flatnonzero(column.is_known).tolist():
        cell = cells[index]
        is_zero = column.rupiah[index] == 0 and column.exact[index] == 0
        is_small = abs(column.rupiah[index]) < number_doubts.GROUP and not is_zero
        if is_small or (decimal is None and _is_group(cell)):
            column.problems.append(_problem(index, cell, _LOST, number_doubts.THOUSANDS_LOST))
            column.rupiah[index], column.is_known[index] = 0, False
    column.problems.sort(key=lambda problem: problem.index)


def _is_group(cell: object) -> bool:
    """Whether a text was read as thousands by its three digits behind a sign, as ``15.123``."""
    if not isinstance(cell, str):
        return False
    form = number_text.classify(number_text.clean(cell, expectations.RUPIAH))
    return form in number_text.UNCLEAR


class _AmountError(ValueError):
    """What is wrong with a cell, as a sentence and as a word."""

    def __init__(self, message: str, reason: str = "text") -> None:
        super().__init__(message)
        self.reason = reason


def _problem(index: int, cell: object, message: str, reason: str) -> AmountProblem:
    code = (
        f" (number format {cell.code})" if isinstance(cell, special_cells.FormattedNumber) else ""
    )
    text = numbers.write_cell(cell)
    return AmountProblem(index, text, f"'{text}' {message}{code}.", reason)


def _exact(cell: object, decimal: str | None) -> Decimal | None:
    """The amount, None for an empty mark.

    Raises
    ------
    _AmountError
        With what is wrong with the cell.
    """
    if isinstance(cell, special_cells.UnsolvedFormula):
        raise _AmountError("has no stored result", "formula")
    if (
        isinstance(cell, special_cells.MarkedText)
        and number_text.clean(cell, expectations.RUPIAH) not in number_text.EMPTY_MARKS
    ):
        raise _AmountError("has a part that is struck out, raised or lowered", "marked")
    if special_cells.is_formula_error(cell):
        raise _AmountError("is the error of a formula", "formula_error")
    if isinstance(cell, special_cells.FormattedNumber) and not cell.says_plainly(
        expectations.RUPIAH
    ):
        raise _AmountError("is shown otherwise than stored", "format")
    if isinstance(cell, bool | np.bool_ | datetime.date | datetime.time | datetime.timedelta):
        raise _AmountError("is no amount")
    if isinstance(cell, int | np.integer):
        return Decimal(int(cell))
    if isinstance(cell, float | np.floating):
        if math.isinf(cell):
            raise _AmountError("is no finite number")
        return None if math.isnan(cell) else Decimal(repr(float(cell)))
    return _from_text(str(cell), decimal)


def _from_text(text: str, decimal: str | None) -> Decimal | None:
    bare = number_text.clean(text, expectations.RUPIAH)
    if bare in number_text.EMPTY_MARKS:
        return None
    if number_text.has_lost_digits(text):
        raise _AmountError(
            "lost its last digits to scientific notation; show the column as plain numbers"
        )
    form = number_text.classify(bare)
    if form is number_text.Form.TEXT:
        raise _AmountError("is text where an amount is expected")
    comma = {number_text.Form.DECIMAL_COMMA: True, number_text.Form.UNCLEAR_POINT: True}.get(
        form, False
    )
    decimal_sign = "," if comma else "."
    if form is not number_text.Form.WHOLE and decimal is not None and decimal_sign != decimal:
        raise _AmountError(f"contradicts the declared decimal sign '{decimal}'")
    if form is number_text.Form.WHOLE:
        plain = bare
    elif comma:
        plain = bare.replace(".", "").replace(",", ".")
    else:
        plain = bare.replace(",", "")
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise _AmountError("is no amount") from error
