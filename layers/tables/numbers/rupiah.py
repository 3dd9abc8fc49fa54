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
    a thousand are doubtful and not known.

    Parameters
    ----------
    decimal
        Declared decimal sign; a text that contradicts it is a problem.

    Example
    -------
    >>> read_rupiah(["Rp 1.250.000,00", "1,250,000.00", 1250000.0, "(1.250)"]).rupiah
    array([1250000, 1250000, 1250000,   -1250])
    """
    rupiah = np.zeros(len(cells), dtype=np.int64)
    is_known = np.zeros(len(cells), dtype=bool)
    is_rounded = np.zeros(len(cells), dtype=bool)
    is_empty = np.zeros(len(cells), dtype=bool)
    problems: list[AmountProblem] = []
    is_damaged = False
    for index, cell in enumerate(cells):
        if cell is None or cell == "":
            is_empty[index] = True
            continue
        if type(cell) is str and _WHOLE.fullmatch(cell):
            rupiah[index], is_known[index] = int(cell), True
            continue
        try:
            amount = _exact(cell, decimal)
        except _AmountError as refusal:
            problems.append(_problem(index, cell, str(refusal), refusal.reason))
            continue
        if amount is None:
            is_empty[index] = True
            continue
        if abs(amount) > LARGEST:
            problems.append(_problem(index, cell, "is beyond 10^15 rupiah", "text"))
            continue
        whole = int(amount.to_integral_value(rounding="ROUND_HALF_UP"))
        is_damaged |= (
            amount % 1 != 0 and abs(amount) < number_doubts.GROUP and amount * 1000 % 1 == 0
        )
        is_rounded[index] = whole != amount
        rupiah[index], is_known[index] = whole, True
    if is_damaged:
        for index in np.flatnonzero(is_known & (np.abs(rupiah) < number_doubts.GROUP)).tolist():
            if cells[index] not in (0, "0"):
                problems.append(_problem(index, cells[index], _LOST, number_doubts.THOUSANDS_LOST))
                rupiah[index], is_known[index] = 0, False
        problems.sort(key=lambda problem: problem.index)
    # What lost its thousands is no amount with sen.
    rounded = int((is_rounded & is_known).sum())
    notes = (f"sen rounded to whole rupiah in {rounded} cells",) if rounded else ()
    return Amounts(rupiah, is_known, tuple(problems), notes, is_empty)


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
