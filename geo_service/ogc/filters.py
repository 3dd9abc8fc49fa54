"""CQL2 filters over the columns of a layer: which features a condition holds for.

The ``cql2`` package parses; evaluation is array arithmetic here, a column at a time.  A condition
on a null is neither true nor false (`Truth` keeps both sides), so ``NOT x = 1`` does not select the
features that have no ``x``: null is not zero, and not "different" either.

Source
------
OGC Common Query Language (CQL2), 21-065r2: basic CQL2, advanced comparison operators,
case-insensitive comparison, basic spatial functions.
"""

from __future__ import annotations

import math
import operator
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal, TypeAlias, TypeGuard

import cql2
import numpy as np

from geo_service.errors import MalformedFilterError
from geo_service.ogc import filter_work, like_patterns
from layers.release import array_kinds, feature_index
from layers.release.features import Box, FeatureIndex

Language: TypeAlias = Literal["cql2-text", "cql2-json"]
Node: TypeAlias = object
LONGEST = 4000
DEEPEST = 64
MOST_TERMS = 200
LONGEST_SEGMENT = 100
_NESTING = re.compile(r"\(|\bnot\b", re.IGNORECASE)
_TERMS = re.compile(r"\b(?:and|or)\b", re.IGNORECASE)
_MINUS_CHAIN = re.compile(r"-\s*-")


@dataclass(frozen=True, slots=True)
class Truth:
    """For which features a condition holds, and for which it does not; neither where unknown."""

    yes: array_kinds.Mask
    no: array_kinds.Mask

    def __invert__(self) -> Truth:
        return Truth(self.no, self.yes)

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.yes | other.yes, self.no & other.no)


def parse_filter(text: str, language: Language) -> Node:
    """The condition a text writes, as CQL2 JSON.

    The parser recurses on the machine stack: some thousand parentheses end the whole process.  So
    length and nesting are bounded before it sees the text.

    Raises
    ------
    MalformedFilterError
        It is no CQL2, or too long or too deeply nested.
    """
    is_deep = len(_NESTING.findall(text)) > DEEPEST or _MINUS_CHAIN.search(text) is not None
    if language == "cql2-json":
        is_deep = False
    if len(text) > LONGEST or is_deep or len(_TERMS.findall(text)) > MOST_TERMS:
        raise MalformedFilterError("filter: too long or too deeply nested.")
    try:
        parse = cql2.parse_text if language == "cql2-text" else cql2.parse_json
        return parse(text).to_json()
    except Exception as error:
        # Its own errors, and bare ones for what its parts refuse (POINT EMPTY).
        raise MalformedFilterError(f"filter: not valid {language}: {error}") from None


def select_rows(selection: filter_work.Selection, condition: Node) -> array_kinds.Mask:
    """Which features a condition holds for.

    Raises
    ------
    MalformedFilterError
        It uses a property that the layer has not, or an operation that is not supported.
    CostlySelectionError
        It asks for more work than is left; found before anything is evaluated, but for geometry,
        which is counted before it is read.
    """
    steps = _count_steps(selection.features, condition)
    if steps > selection.steps_left:
        selection.spend(steps)
    return _evaluate(selection, condition).yes


def _evaluate(selection: filter_work.Selection, node: Node) -> Truth:
    if isinstance(node, bool):
        everything = np.full(selection.features.count, node)
        return Truth(everything, ~everything)
    if not isinstance(node, dict) or node.get("op") not in _OPERATIONS:
        raise MalformedFilterError(f"filter: {_shown(node)} is not a supported condition.")
    args = node.get("args")
    if not isinstance(args, list) or not args:
        raise MalformedFilterError(f"filter: {_shown(node)} lacks its operands.")
    selection.spend(_steps(selection.features, node["op"], args))
    return _OPERATIONS[node["op"]](selection, args)


def _count_steps(features: FeatureIndex, node: Node) -> int:
    """The steps of a condition and all inside it, without its geometry."""
    args = node.get("args") if isinstance(node, dict) else None
    if not isinstance(node, dict) or not isinstance(args, list):
        return features.count
    inner = args if node.get("op") in {"and", "or", "not"} else ()
    return _steps(features, node.get("op"), args) + sum(
        _count_steps(features, part) for part in inner
    )


def _steps(features: FeatureIndex, operation: object, args: list[Node]) -> int:
    """The steps of one operation, without the operations inside it."""
    by_row = features.count * filter_work.STEPS_A_ROW
    if operation in {"and", "or", "not", "isNull", "s_intersects"}:
        return by_row * len(args)
    names = [name for arg in args if (name := _property_name(arg)) in features.properties]
    strings = [features.property_column(name).values for name in names]
    by_string = sum(map(len, strings)) * filter_work.STEPS_A_STRING
    if operation == "like":
        letters = sum(sum(map(len, values)) for values in strings)
        # At each letter a segment of the pattern may be tried to its end.
        return by_row + by_string + letters * min(_longest_segment(args[-1]), LONGEST_SEGMENT)
    choices = args[-1] if operation == "in" else args[1:]
    comparisons = len(choices) if isinstance(choices, list) else 1
    is_folded = any(_folded(arg) is not None for arg in args)
    return comparisons * (by_row + (by_string if is_folded else 0))


def _property_name(node: Node) -> str:
    inner = _folded(node)
    if inner is not None:
        return _property_name(inner)
    return str(node.get("property", "")) if isinstance(node, dict) else ""


def _longest_segment(pattern: Node) -> int:
    inner = _folded(pattern)
    text = pattern if inner is None else inner
    return max(map(len, text.split("%"))) if isinstance(text, str) else 0


def _all(selection: filter_work.Selection, args: list[Node]) -> Truth:
    return reduce(operator.and_, (_evaluate(selection, node) for node in args))


def _any(selection: filter_work.Selection, args: list[Node]) -> Truth:
    return reduce(operator.or_, (_evaluate(selection, node) for node in args))


def _not(selection: filter_work.Selection, args: list[Node]) -> Truth:
    return ~_evaluate(selection, args[0])


def _is_null(selection: filter_work.Selection, args: list[Node]) -> Truth:
    if args[0] == {"property": "geometry"}:
        mask = ~selection.features.has_geometry()
    else:
        mask = _column(selection, args[0])[0].is_null()
    return Truth(mask, ~mask)


_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}


def _comparison(sign: str) -> Callable[[filter_work.Selection, list[Node]], Truth]:
    def compare(selection: filter_work.Selection, args: list[Node]) -> Truth:
        left, right = _pair(args)
        if _is_property(right):
            return _compare(selection, right, _FLIPPED[sign], left)
        return _compare(selection, left, sign, right)

    return compare


def _between(selection: filter_work.Selection, args: list[Node]) -> Truth:
    if len(args) != 3:
        raise MalformedFilterError("filter: BETWEEN takes a property and two values.")
    return _compare(selection, args[0], ">=", args[1]) & _compare(selection, args[0], "<=", args[2])


def _in(selection: filter_work.Selection, args: list[Node]) -> Truth:
    subject, choices = _pair(args)
    if not isinstance(choices, list) or not choices:
        raise MalformedFilterError("filter: IN takes a property and a list of values.")
    return reduce(operator.or_, (_compare(selection, subject, "=", value) for value in choices))


def _like(selection: filter_work.Selection, args: list[Node]) -> Truth:
    subject, pattern = _pair(args)
    column, is_folded = _column(selection, subject)
    text, _ = _literal(pattern)
    if column.type != "string" or not isinstance(text, str):
        raise MalformedFilterError("filter: LIKE compares a string property with a pattern.")
    return _among(
        column, list(map(like_patterns.like_matcher(text, is_folded=is_folded), column.values))
    )


def _intersects(selection: filter_work.Selection, args: list[Node]) -> Truth:
    left, right = _pair(args)
    place = left if _is_property(right) else right
    if {"property": "geometry"} not in (left, right):
        raise MalformedFilterError("filter: S_INTERSECTS takes `geometry` and a box or point.")
    yes = selection.features.intersecting(_box(place), spend=selection.spend_geometry)
    return Truth(yes, ~yes & selection.features.has_geometry())


_OPERATIONS: dict[str, Callable[[filter_work.Selection, list[Node]], Truth]] = {
    "and": _all,
    "or": _any,
    "not": _not,
    "isNull": _is_null,
    "between": _between,
    "in": _in,
    "like": _like,
    "s_intersects": _intersects,
    **{sign: _comparison(sign) for sign in _FLIPPED},
}
_NUMERIC: dict[str, np.ufunc] = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_TEXTUAL: dict[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compare(selection: filter_work.Selection, subject: Node, sign: str, literal: Node) -> Truth:
    column, is_folded = _column(selection, subject)
    value, value_is_folded = _literal(literal)
    if column.type != "string":
        if not _is_number(value):
            raise MalformedFilterError(f"filter: {_shown(subject)} is a number.")
        has_value = ~column.is_null()
        yes: array_kinds.Mask = _NUMERIC[sign](column.data, value) & has_value
        return Truth(yes, has_value & ~yes)
    if not isinstance(value, str):
        raise MalformedFilterError(f"filter: {_shown(subject)} is a string.")
    if is_folded or value_is_folded:
        text = value.casefold() if value_is_folded else value
        folded = [entry.casefold() if is_folded else entry for entry in column.values]
        return _among(column, [_TEXTUAL[sign](entry, text) for entry in folded])
    return _compare_codes(column, sign, value)


def _compare_codes(column: feature_index.PropertyColumn, sign: str, value: str) -> Truth:
    """Strings are stored as positions in their sorted values, so order is that of the positions."""
    low, high = bisect_left(column.values, value), bisect_right(column.values, value)
    start, stop = {
        "=": (low, high),
        "<>": (low, high),
        "<": (0, low),
        "<=": (0, high),
        ">": (high, len(column.values)),
        ">=": (low, len(column.values)),
    }[sign]
    has_value = ~column.is_null()
    inside = (column.data >= start) & (column.data < stop) & has_value
    truth = Truth(inside, has_value & ~inside)
    return ~truth if sign == "<>" else truth


def _among(column: feature_index.PropertyColumn, chosen: list[bool]) -> Truth:
    """Features whose string is one of the chosen of the column's values."""
    has_value = ~column.is_null()
    # The last entry stands for null.
    table = np.array([*chosen, False])
    yes = table[np.where(has_value, column.data, len(chosen))] & has_value
    return Truth(yes, has_value & ~yes)


def _column(
    selection: filter_work.Selection, node: Node
) -> tuple[feature_index.PropertyColumn, bool]:
    """The column of a property, and whether its case is to be ignored."""
    if (inner := _folded(node)) is not None:
        return _column(selection, inner)[0], True
    name = node.get("property") if isinstance(node, dict) else None
    if name not in selection.features.properties:
        raise MalformedFilterError(f"filter: {_shown(node)} is not a property of the layer.")
    return selection.features.property_column(str(name)), False


def _literal(node: Node) -> tuple[object, bool]:
    """A value, and whether its case is to be ignored; dates are the strings they are written as."""
    if (inner := _folded(node)) is not None:
        return _literal(inner)[0], True
    if isinstance(node, dict) and len(node) == 1 and "date" in node:
        return node["date"], False
    if isinstance(node, dict | list):
        raise MalformedFilterError(f"filter: expected a value, not {_shown(node)}.")
    return node, False


def _is_property(node: Node) -> bool:
    if (inner := _folded(node)) is not None:
        return _is_property(inner)
    return isinstance(node, dict) and "property" in node


def _folded(node: Node) -> Node | None:
    """What stands inside ``CASEI(...)``; None where it is not that."""
    if not isinstance(node, dict) or node.get("op") != "casei":
        return None
    args = node.get("args")
    if not isinstance(args, list) or len(args) != 1 or args[0] is None:
        raise MalformedFilterError("filter: CASEI takes one operand.")
    operand: Node = args[0]
    return operand


def _pair(args: list[Node]) -> tuple[Node, Node]:
    if len(args) != 2:
        raise MalformedFilterError("filter: a comparison takes two operands.")
    return args[0], args[1]


def _box(node: Node) -> Box:
    numbers: Sequence[object] = ()
    if isinstance(node, dict) and "bbox" in node:
        numbers = node["bbox"]
    elif isinstance(node, dict) and node.get("type") == "Point":
        numbers = [*node["coordinates"][:2], *node["coordinates"][:2]]
    edges = [float(number) for number in numbers if _is_number(number)]
    if len(numbers) != 4 or len(edges) != 4:
        raise MalformedFilterError("filter: S_INTERSECTS takes a BBOX of four numbers or a POINT.")
    west, south, east, north = edges
    if south > north:
        raise MalformedFilterError("filter: BBOX has its south above its north.")
    return west, south, east, north


def _is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a finite number: ``1e400`` is read as one without an end."""
    return isinstance(value, int | float) and type(value) is not bool and math.isfinite(value)


def _shown(node: Node) -> str:
    name = node.get("property") or node.get("op") if isinstance(node, dict) else node
    return repr(name)[:60]
