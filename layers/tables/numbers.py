"""What the number cells of one column say, read by one convention for the whole column.

A cell such as ``1.250`` is a thousand or one and a quarter; the other cells of its column tell
which, else the definition of the indicator, else nobody: then it is a problem and not a value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from layers.tables.number_text import EMPTY_MARKS, Form, classify, clean, evaluate

Decimal = Literal[",", "."]

COUNT_UNITS = frozenset({"jiwa", "keluarga", "orang", "kk", "unit", "rumah", "anak", "balita"})


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


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is known of a column before reading it; decides cells that can be read two ways."""

    decimal: Decimal | None = None
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None

    @property
    def is_count(self) -> bool:
        """Whether only whole numbers make sense."""
        return (self.unit or "").lower() in COUNT_UNITS


_MESSAGES = {
    "text": "is text where a number is expected",
    "ambiguous": 'can be read two ways; say in wilayah.toml which: decimal = "," or "."',
    "convention": "contradicts the declared decimal sign",
    "not_whole": "counts things but is not whole: a thousands dot was read as a decimal point?",
    "date": "was turned into a date or time by a spreadsheet",
    "infinite": "is no finite number",
    "truth": "is TRUE or FALSE where a number is expected",
}


def read_numbers(cells: Sequence[object], expectation: Expectation | None = None) -> NumberColumn:
    """The numbers of a column.

    Reads decimal comma and point, thousands, ``Rp``, percent signs, negative numbers in brackets
    or with a trailing minus, and a unit written behind the number if it is the declared one.  Empty
    cells and marks such as ``-`` or ``n/a`` are no value and no problem: null is not zero.

    Example
    -------
    >>> read_numbers(["12,5", "1.250", "-", "(3)"]).values
    array([  12.5, 1250. ,    nan,   -3. ])
    """
    expectation = expectation or Expectation()
    if set(map(type, cells)) == {str}:
        plain = _read_plain(cells, expectation)
        if plain is not None:
            return NumberColumn(plain, (), ())
    native, texts = _split(cells)
    problems: list[NumberProblem] = []
    notes = _read_texts(texts, expectation, native, problems)
    _refuse_other_kinds(cells, native, problems, expectation)
    problems.sort(key=lambda problem: problem.index)
    return NumberColumn(native, tuple(problems), tuple(notes))


def _split(cells: Sequence[object]) -> tuple[npt.NDArray[np.float64], dict[int, str]]:
    """Numbers that are numbers already, and the text cells by position."""
    values = np.full(len(cells), np.nan)
    texts: dict[int, str] = {}
    for index, cell in enumerate(cells):
        kind = type(cell)
        if kind is str:
            texts[index] = cell  # type: ignore[assignment]
        elif kind is float or kind is int:
            values[index] = cell
        elif isinstance(cell, int | float | np.integer | np.floating) and kind is not bool:
            values[index] = float(cell)
    values[~np.isfinite(values)] = np.nan
    return values, texts


_PLAIN = re.compile(r"[-+]?[0-9]+(?:\.(?:[0-9]{1,2}|[0-9]{4,}))?")


def _read_plain(
    texts: Sequence[object], expectation: Expectation
) -> npt.NDArray[np.float64] | None:
    """The quick way for columns that hold nothing but unmistakable plain numbers."""
    if expectation.decimal == "," or expectation.is_count:
        return None
    if not all(map(_PLAIN.fullmatch, texts)):  # type: ignore[arg-type]
        return None
    return np.array(texts, dtype=np.float64)


def _read_texts(
    texts: dict[int, str],
    expectation: Expectation,
    values: npt.NDArray[np.float64],
    problems: list[NumberProblem],
) -> list[str]:
    cleaned = {at: clean(text, expectation.unit) for at, text in texts.items()}
    forms = {at: classify(text) for at, text in cleaned.items() if text not in EMPTY_MARKS}
    convention, notes = _convention(cleaned, forms, expectation)
    for at, form in forms.items():
        number, reason = evaluate(cleaned[at], form, convention, expectation.decimal is not None)
        if number is None:
            problems.append(_problem(at, texts[at], reason or "text"))
        else:
            values[at] = number
    return notes


def _convention(
    cleaned: dict[int, str], forms: dict[int, Form], expectation: Expectation
) -> tuple[Decimal | None, list[str]]:
    """The decimal sign of the column, and how that is known."""
    if expectation.decimal is not None:
        return expectation.decimal, []
    speaking = {Form.DECIMAL_COMMA: ",", Form.DECIMAL_POINT: "."}
    votes = [speaking[form] for form in forms.values() if form in speaking]
    commas, points = votes.count(","), votes.count(".")
    unclear = {at: form for at, form in forms.items() if form in _UNCLEAR}
    if commas and points:
        return None, [f"both signs occur: {commas} cells with decimal comma, {points} with point"]
    if commas or points:
        sign: Decimal = "," if commas else "."
        name = "comma" if commas else "point"
        if sign == "," or unclear:
            told = f"decimal {name} told by {commas or points} of {len(forms)} cells"
            return sign, [told]
        return sign, []
    if not unclear:
        return None, []
    return _by_expectation(cleaned, unclear, expectation)


_UNCLEAR = (Form.UNCLEAR_POINT, Form.UNCLEAR_COMMA)


def _by_expectation(
    cleaned: dict[int, str], unclear: dict[int, Form], expectation: Expectation
) -> tuple[Decimal | None, list[str]]:
    """For columns where every cell can be read two ways: what the definition leaves possible."""
    possible: list[tuple[Decimal, bool]] = []
    signs: tuple[Decimal, ...] = (",", ".")
    for sign in signs:
        read = [evaluate(cleaned[at], form, sign, False)[0] for at, form in unclear.items()]
        fits = all(value is not None and _fits(value, expectation) for value in read)
        if fits:
            possible.append((sign, fits))
    if len(possible) == 1:
        name = "comma" if possible[0][0] == "," else "point"
        return possible[0][0], [f"decimal {name}: only so do all {len(unclear)} cells make sense"]
    return None, []


def _fits(value: float, expectation: Expectation) -> bool:
    low = -math.inf if expectation.minimum is None else expectation.minimum
    high = math.inf if expectation.maximum is None else expectation.maximum
    return low <= value <= high and (not expectation.is_count or value.is_integer())


def _refuse_other_kinds(
    cells: Sequence[object],
    values: npt.NDArray[np.float64],
    problems: list[NumberProblem],
    expectation: Expectation,
) -> None:
    known = {problem.index for problem in problems}
    for index, cell in enumerate(cells):
        if index in known or cell is None or isinstance(cell, str):
            continue
        if isinstance(cell, bool | np.bool_):
            problems.append(_problem(index, cell, "truth"))
        elif not isinstance(cell, int | float | np.integer | np.floating):
            problems.append(_problem(index, cell, "date"))
        elif math.isinf(cell):
            problems.append(_problem(index, cell, "infinite"))
    if expectation.is_count:
        for at in np.flatnonzero(np.isfinite(values) & (values % 1 != 0)):
            values[at] = np.nan
            problems.append(_problem(int(at), cells[int(at)], "not_whole"))


def _problem(index: int, cell: object, reason: str) -> NumberProblem:
    return NumberProblem(index, str(cell), reason, f"'{cell}' {_MESSAGES[reason]}.")
