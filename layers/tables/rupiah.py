"""Exact amounts of rupiah from the cells of one column: whole numbers, never through a fraction."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np
import numpy.typing as npt

from layers.tables.number_text import EMPTY_MARKS, Form, classify, clean

LARGEST = 10**15
_WHOLE = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class AmountProblem:
    """A filled cell that is no amount."""

    index: int
    value: str
    message: str


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
    """

    rupiah: npt.NDArray[np.int64]
    is_known: npt.NDArray[np.bool_]
    problems: tuple[AmountProblem, ...]
    notes: tuple[str, ...]


def read_rupiah(cells: Sequence[object], decimal: str | None = None) -> Amounts:
    """Whole rupiah of each cell.

    Every cell of a column may have its own notation (offices paste from several programs).  A
    separator followed by exactly three digits groups thousands: amounts have no thousandths of a
    rupiah.  Sen are rounded to the rupiah, half away from zero, and counted in a note.

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
    problems: list[AmountProblem] = []
    rounded = 0
    for index, cell in enumerate(cells):
        if cell is None or cell == "":
            continue
        if type(cell) is str and _WHOLE.fullmatch(cell):
            rupiah[index], is_known[index] = int(cell), True
            continue
        try:
            amount = _exact(cell, decimal)
        except ValueError as error:
            problems.append(AmountProblem(index, str(cell), f"'{cell}' {error}."))
            continue
        if amount is None:
            continue
        whole = int(amount.to_integral_value(rounding="ROUND_HALF_UP"))
        if abs(whole) > LARGEST:
            problems.append(AmountProblem(index, str(cell), f"'{cell}' is beyond 10^15 rupiah."))
            continue
        rounded += whole != amount
        rupiah[index], is_known[index] = whole, True
    notes = (f"sen rounded to whole rupiah in {rounded} cells",) if rounded else ()
    return Amounts(rupiah, is_known, tuple(problems), notes)


def _exact(cell: object, decimal: str | None) -> Decimal | None:
    """The amount, None for an empty mark.

    Raises
    ------
    ValueError
        With what is wrong with the cell.
    """
    if isinstance(cell, bool | np.bool_ | datetime.date | datetime.time):
        raise ValueError("is no amount")
    if isinstance(cell, int | np.integer):
        return Decimal(int(cell))
    if isinstance(cell, float | np.floating):
        return _from_float(float(cell))
    return _from_text(str(cell), decimal)


def _from_float(number: float) -> Decimal | None:
    if not math.isfinite(number):
        return None
    if number % 1 and abs(number) < 1000 and round(number, 3) == number:
        raise ValueError("is a fraction of a rupiah: a thousands dot read as a decimal point?")
    return Decimal(repr(number))


def _from_text(text: str, decimal: str | None) -> Decimal | None:
    bare = clean(text)
    if bare in EMPTY_MARKS:
        return None
    form = classify(bare)
    if form is Form.TEXT:
        raise ValueError("is text where an amount is expected")
    comma = {Form.DECIMAL_COMMA: True, Form.UNCLEAR_POINT: True}.get(form, False)
    own = "," if comma else "."
    if form is not Form.WHOLE and decimal is not None and own != decimal:
        raise ValueError(f"contradicts the declared decimal sign '{decimal}'")
    if form is Form.WHOLE:
        plain = bare
    elif comma:
        plain = bare.replace(".", "").replace(",", ".")
    else:
        plain = bare.replace(",", "")
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise ValueError("is no amount") from error
