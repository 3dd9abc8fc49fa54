"""Values in a filter, for all features at once: of a property, written out, or made from others.

A value that is not known stays unknown through whatever is made of it: a hidden count times two is
as hidden as the count, since the index has a null in its place.
"""

import math
import operator
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

from geo_service.errors import MalformedFilterError
from geo_service.ogc.filtering.filter_work import Selection
from layers.release import array_kinds, feature_index

Node: TypeAlias = object
Instants: TypeAlias = NDArray[np.datetime64]
FIRST, LAST = np.datetime64("-10000-01-01", "us"), np.datetime64("20000-01-01", "us")
"""What stands for an open end of an interval."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers, NaN where unknown: one for each feature, or one for all (shape ``()``)."""

    data: array_kinds.Floats


@dataclass(frozen=True, slots=True)
class TextCells:
    """TextCells as positions in their values, `feature_index.NULL_CODE` where unknown.

    Parameters
    ----------
    is_sorted
        The order of the positions is that of the texts.
    is_folded
        Capital and small letters were made alike.
    is_date
        They are dates of a property that says so.
    """

    codes: NDArray[np.uint32]
    values: Sequence[str]
    is_sorted: bool = False
    is_folded: bool = False
    is_date: bool = False

    @property
    def is_single(self) -> bool:
        """Whether it is one text for all features."""
        return self.codes.ndim == 0

    def has_value(self) -> array_kinds.Mask:
        """Where a text is known."""
        return np.asarray(self.codes != feature_index.NULL_CODE)

    def where(self, chosen: Sequence[bool]) -> array_kinds.Mask:
        """Where the text is one of the chosen of its values."""
        # The last entry stands for null.
        table = np.array([*chosen, False])
        return np.asarray(table[np.minimum(self.codes, len(self.values))])

    def with_values(self, change: Callable[[str], str], *, is_folded: bool) -> "TextCells":
        """The same with every text changed."""
        return TextCells(self.codes, list(map(change, self.values)), is_folded=is_folded)


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments and intervals, from and to; NaT where unknown; ``text`` is what was written."""

    start: Instants
    stop: Instants
    text: str = ""


Value: TypeAlias = Numbers | TextCells | Moments


def evaluate(selection: Selection, node: Node) -> Value:
    """The value of an operand.

    Raises
    ------
    MalformedFilterError
        It is none, or of another kind than its place needs.
    """
    if isinstance(node, str):
        return TextCells(np.array(0, np.uint32), [node])
    if is_number(node):
        return Numbers(np.array(float(node)))
    if not isinstance(node, dict):
        raise MalformedFilterError(f"filter: expected a value, not {shown(node)}.")
    if "property" in node:
        return _property(selection, node)
    if "date" in node or "timestamp" in node:
        text = node.get("date", node.get("timestamp"))
        moment = np.array(read_moment(text))
        return Moments(moment, moment, str(text))
    if "interval" in node:
        return _interval(selection, node["interval"])
    make = _OPERATIONS.get(str(node.get("op")))
    args = node.get("args")
    if make is None or not isinstance(args, list):
        raise MalformedFilterError(f"filter: {shown(node)} is no value that is supported.")
    return make(selection, args)


def evaluate_texts(selection: Selection, node: Node) -> TextCells:
    """The texts of an operand (MalformedFilterError where it is something else)."""
    value = evaluate(selection, node)
    if not isinstance(value, TextCells):
        raise MalformedFilterError(f"filter: {shown(node)} is no string.")
    return value


def evaluate_moments(selection: Selection, node: Node) -> Moments:
    """The moments of an operand (MalformedFilterError where it has none)."""
    moments = as_moments(evaluate(selection, node))
    if moments is None:
        raise MalformedFilterError(f"filter: {shown(node)} is no date, time or interval.")
    return moments


def as_moments(value: Value) -> Moments | None:
    """Dates and times as moments; None for a value that is neither."""
    if isinstance(value, Moments):
        return value
    if not isinstance(value, TextCells) or not value.is_date:
        return None
    instants = np.array([*map(read_moment, value.values), np.datetime64("NaT")], "datetime64[us]")
    moments = instants[np.minimum(value.codes, len(value.values))]
    return Moments(moments, moments)


def is_null(value: Value) -> array_kinds.Mask:
    """Where a value is unknown."""
    if isinstance(value, TextCells):
        return ~value.has_value()
    if isinstance(value, Moments):
        return np.asarray(np.isnat(value.start) | np.isnat(value.stop))
    return np.asarray(np.isnan(value.data))


def read_moment(text: object) -> np.datetime64:
    """The moment that a date or a date-time writes.

    Raises
    ------
    MalformedFilterError
        It writes none.

    Example
    -------
    >>> read_moment("2024-02-29"), read_moment("2024-02-29T10:00:00+08:00")
    (np.datetime64('2024-02-29T00:00:00.000000'), np.datetime64('2024-02-29T02:00:00.000000'))
    """
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise MalformedFilterError(f"filter: {str(text)[:60]!r} is no date or time.") from None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(moment, "us")


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a finite number: ``1e400`` is read as one without an end."""
    return isinstance(value, int | float) and type(value) is not bool and math.isfinite(value)


def shown(node: Node) -> str:
    """What a message calls a part of a filter."""
    name = node.get("property") or node.get("op") if isinstance(node, dict) else node
    return repr(name)[:60]


def _property(selection: Selection, node: dict[str, object]) -> Value:
    name = node["property"]
    if name not in selection.features.properties:
        raise MalformedFilterError(f"filter: {shown(node)} is not a property of the layer.")
    column = selection.features.property_column(str(name))
    if column.type != "string":
        return Numbers(column.data.astype(np.float64, copy=False))
    codes = column.data.astype(np.uint32, copy=False)
    return TextCells(codes, column.values, is_sorted=True, is_date=name in selection.dates)


def _interval(selection: Selection, ends: object) -> Moments:
    if not isinstance(ends, list) or len(ends) != 2:
        raise MalformedFilterError("filter: INTERVAL takes two ends.")
    opened = (FIRST, LAST)
    start, stop = (
        np.array(opened[number]) if end == ".." else _end(selection, end, number)
        for number, end in enumerate(ends)
    )
    return Moments(start, stop)


def _end(selection: Selection, end: object, number: int) -> Instants:
    if isinstance(end, str):
        return np.array(read_moment(end))
    moments = evaluate_moments(selection, end)
    return (moments.start, moments.stop)[number]


def _reckon(
    function: Callable[[array_kinds.Floats, array_kinds.Floats], array_kinds.Floats],
) -> Callable[[Selection, list[Node]], Value]:
    def reckon(selection: Selection, args: list[Node]) -> Value:
        if len(args) != 2:
            raise MalformedFilterError("filter: an operation of arithmetic takes two operands.")
        left, right = (_numbers(selection, node) for node in args)
        with np.errstate(all="ignore"):
            result = np.asarray(function(left, right), np.float64)
        # What has no value, such as a division by zero, is unknown; and so is all that is made of
        # an unknown number: IEEE 754 has it that any number to the power of 0 is 1.
        is_known = np.isfinite(result) & ~np.isnan(left) & ~np.isnan(right)
        return Numbers(np.where(is_known, result, np.nan))

    return reckon


def _numbers(selection: Selection, node: Node) -> array_kinds.Floats:
    value = evaluate(selection, node)
    if not isinstance(value, Numbers):
        raise MalformedFilterError(f"filter: {shown(node)} is no number.")
    return value.data


def _casei(selection: Selection, args: list[Node]) -> Value:
    return _only_text(selection, args, "CASEI").with_values(str.casefold, is_folded=True)


def _accenti(selection: Selection, args: list[Node]) -> Value:
    texts = _only_text(selection, args, "ACCENTI")
    return texts.with_values(without_accents, is_folded=texts.is_folded)


def without_accents(text: str) -> str:
    """A text without the marks of its letters.

    >>> without_accents("Éléonore Ñandú")
    'Eleonore Nandu'
    """
    parts = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _only_text(selection: Selection, args: list[Node], name: str) -> TextCells:
    if len(args) != 1 or args[0] is None:
        raise MalformedFilterError(f"filter: {name} takes one operand.")
    return evaluate_texts(selection, args[0])


def _divide_whole(left: array_kinds.Floats, right: array_kinds.Floats) -> array_kinds.Floats:
    return np.asarray(np.trunc(left / right))


_OPERATIONS: dict[str, Callable[[Selection, list[Node]], Value]] = {
    "casei": _casei,
    "accenti": _accenti,
    "+": _reckon(operator.add),
    "-": _reckon(operator.sub),
    "*": _reckon(operator.mul),
    "/": _reckon(operator.truediv),
    "^": _reckon(operator.pow),
    "%": _reckon(np.fmod),
    "div": _reckon(_divide_whole),
}
