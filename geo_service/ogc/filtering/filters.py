"""CQL2 filters over the columns of a layer: which features a condition holds for.

The ``cql2`` package parses; evaluation is array arithmetic here, a column at a time.  A condition
on a null is neither true nor false (`Truth` keeps both sides), so ``NOT x = 1`` does not select the
features that have no ``x``: null is not zero, and not "different" either.

Source
------
OGC Common Query Language (CQL2), 21-065r2: all its classes but array functions, since no property
of ours is an array, and functions that a server brings itself.
"""

import operator
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Literal, TypeAlias

import cql2
import numpy as np

from geo_service.errors import MalformedFilterError
from geo_service.ogc.filtering import filter_places, filter_values, filter_work, like_patterns
from geo_service.ogc.filtering.filter_values import Node, TextCells
from layers.release import array_kinds
from layers.release.features import FeatureIndex

Language: TypeAlias = Literal["cql2-text", "cql2-json", "cql-text"]
LONGEST = 4000
DEEPEST = 64
MOST_TERMS = 200
LONGEST_SEGMENT = 100
_NESTING = re.compile(r"\(|\bnot\b", re.IGNORECASE)
_TERMS = re.compile(r"\b(?:and|or)\b", re.IGNORECASE)
_MINUS_CHAIN = re.compile(r"-\s*-")
_ILIKE = re.compile(
    r"""('(?:[^']|'')*')|("[^"]*"|[\w.]+)\s+(not\s+)?ilike\s+('(?:[^']|'')*')""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Truth:
    """For which features a condition holds, and for which it does not; neither where unknown."""

    yes: array_kinds.Mask
    no: array_kinds.Mask

    @classmethod
    def of(cls, holds: array_kinds.Mask, is_known: array_kinds.Mask | bool = True) -> "Truth":
        """What holds where it is known."""
        return cls(np.asarray(holds & is_known), np.asarray(~holds & is_known))

    def __invert__(self) -> "Truth":
        return Truth(self.no, self.yes)

    def __and__(self, other: "Truth") -> "Truth":
        return Truth(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: "Truth") -> "Truth":
        return Truth(self.yes | other.yes, self.no & other.no)


def parse_filter(text: str, language: Language) -> Node:
    """The condition a text writes, as CQL2 JSON.

    The parser recurses on the machine stack: some thousand parentheses end the whole process.  So
    length and nesting are bounded before it sees the text, and nesting again after it.  Of the
    older language of ``cql-text``, in which GDAL asks, the parts that CQL2 has under other names
    are rewritten.

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
    if language == "cql-text":
        text = _ILIKE.sub(_as_casei, text)
    try:
        parse = cql2.parse_json if language == "cql2-json" else cql2.parse_text
        node: Node = parse(text).to_json()
    except Exception as error:
        # Its own errors, and bare ones for what its parts refuse (POINT EMPTY).
        raise MalformedFilterError(f"filter: not valid {language}: {error}") from None
    _check_depth(node)
    return node


def _as_casei(match: re.Match[str]) -> str:
    """``x ILIKE 'y'`` in words of CQL2; a text in quotes as it is."""
    if match[1] is not None:
        return match[1]
    return f"CASEI({match[2]}) {match[3] or ''}LIKE CASEI({match[4]})"


def _check_depth(node: Node) -> None:
    level = [node]
    for _ in range(2 * DEEPEST):
        level = [part for parent in level for part in _parts(parent)]
        if not level:
            return
    raise MalformedFilterError("filter: too deeply nested.")


def _parts(node: Node) -> Iterable[Node]:
    """What stands inside a part of a filter; not the coordinates of a geometry."""
    if isinstance(node, list):
        return node
    args = (node.get("args") or node.get("interval")) if isinstance(node, dict) else None
    return args if isinstance(args, list) else ()


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
    selection.spend(_count_steps(selection.features, condition))
    holds = _evaluate(selection, condition).yes
    return np.array(np.broadcast_to(holds, selection.features.count))


def _evaluate(selection: filter_work.Selection, node: Node) -> Truth:
    if isinstance(node, bool):
        return Truth.of(np.full(selection.features.count, node))
    operation = node.get("op") if isinstance(node, dict) else None
    if not isinstance(node, dict) or operation not in _OPERATIONS:
        raise MalformedFilterError(f"filter: {filter_values.shown(node)} is no condition.")
    args = node.get("args")
    if not isinstance(args, list) or not args:
        raise MalformedFilterError(f"filter: {filter_values.shown(node)} lacks its operands.")
    # The steps were counted before; here only the clock is looked at.
    selection.spend(0)
    return _OPERATIONS[operation](selection, args)


def _count_steps(features: FeatureIndex, node: Node) -> int:
    """The steps of a condition and all inside it, without its geometry."""
    own = 0
    if isinstance(node, dict) and isinstance(node.get("args"), list):
        own = _steps(features, node.get("op"), node["args"])
    return own + sum(_count_steps(features, part) for part in _parts(node)) or features.count


def _steps(features: FeatureIndex, operation: object, args: list[Node]) -> int:
    """The steps of one operation, without the operations inside it."""
    by_row = features.count * filter_work.STEPS_A_ROW
    names = [name for arg in args for name in _property_names(arg) if name in features.properties]
    strings = [features.property_column(name).values for name in names]
    by_string = sum(map(len, strings)) * filter_work.STEPS_A_STRING
    if operation == "like":
        letters = sum(sum(map(len, values)) for values in strings)
        # At each letter a segment of the pattern may be tried to its end.
        return by_row + by_string + letters * min(_longest_segment(args[-1]), LONGEST_SEGMENT)
    choices = args[-1] if operation == "in" else args[1:]
    comparisons = max(1, len(choices)) if isinstance(choices, list) else 1
    # Two columns, and texts that were changed, are compared text by text.
    is_textual = len(names) > 1 or any(_is_changed(arg) for arg in args) or operation in _CHANGES
    is_textual |= str(operation).startswith("t_")
    return comparisons * (by_row + (by_string if is_textual else 0))


_CHANGES = frozenset({"casei", "accenti"})


def _is_changed(node: Node) -> bool:
    return isinstance(node, dict) and node.get("op") in _CHANGES


def _property_names(node: Node) -> list[str]:
    """The properties in an operand, those of `IN` and of functions too."""
    if isinstance(node, dict) and "property" in node:
        return [str(node["property"])]
    return [name for part in _parts(node) for name in _property_names(part)]


def _longest_segment(pattern: Node) -> int:
    if isinstance(pattern, str):
        return max(map(len, pattern.split("%")))
    return max(map(_longest_segment, _parts(pattern)), default=0)


def _all(selection: filter_work.Selection, args: list[Node]) -> Truth:
    return reduce(operator.and_, (_evaluate(selection, node) for node in args))


def _any(selection: filter_work.Selection, args: list[Node]) -> Truth:
    return reduce(operator.or_, (_evaluate(selection, node) for node in args))


def _not(selection: filter_work.Selection, args: list[Node]) -> Truth:
    return ~_evaluate(selection, args[0])


def _is_null(selection: filter_work.Selection, args: list[Node]) -> Truth:
    if args[0] == filter_places.GEOMETRY:
        return Truth.of(~selection.features.has_geometry())
    return Truth.of(filter_values.is_null(filter_values.evaluate(selection, args[0])))


def _comparison(sign: str) -> Callable[[filter_work.Selection, list[Node]], Truth]:
    def compare(selection: filter_work.Selection, args: list[Node]) -> Truth:
        left, right = _pair(args)
        if sign in {"=", "<>"} and _is_condition(left) and _is_condition(right):
            return _compare_truths(_evaluate(selection, left), sign, _evaluate(selection, right))
        return _compare(_value(selection, left), sign, _value(selection, right))

    return compare


def _is_condition(node: Node) -> bool:
    return isinstance(node, bool) or (isinstance(node, dict) and node.get("op") in _OPERATIONS)


def _compare_truths(left: Truth, sign: str, right: Truth) -> Truth:
    alike = Truth((left.yes & right.yes) | (left.no & right.no), _differs(left, right))
    return alike if sign == "=" else ~alike


def _differs(left: Truth, right: Truth) -> array_kinds.Mask:
    return (left.yes & right.no) | (left.no & right.yes)


def _between(selection: filter_work.Selection, args: list[Node]) -> Truth:
    if len(args) != 3:
        raise MalformedFilterError("filter: BETWEEN takes a property and two values.")
    value, low, high = (_value(selection, node) for node in args)
    return _compare(value, ">=", low) & _compare(value, "<=", high)


def _in(selection: filter_work.Selection, args: list[Node]) -> Truth:
    subject, choices = _pair(args)
    if not isinstance(choices, list) or not choices:
        raise MalformedFilterError("filter: IN takes a property and a list of values.")
    value = _value(selection, subject)
    return reduce(operator.or_, (_compare(value, "=", _value(selection, node)) for node in choices))


def _like(selection: filter_work.Selection, args: list[Node]) -> Truth:
    subject, pattern = (filter_values.evaluate_texts(selection, node) for node in _pair(args))
    if not pattern.is_single:
        raise MalformedFilterError("filter: LIKE compares a string property with a pattern.")
    is_folded = subject.is_folded or pattern.is_folded
    matches = like_patterns.like_matcher(pattern.values[0], is_folded=is_folded)
    return Truth.of(subject.where(list(map(matches, subject.values))), subject.has_value())


def _relation(operation: str) -> Callable[[filter_work.Selection, list[Node]], Truth]:
    def relate(selection: filter_work.Selection, args: list[Node]) -> Truth:
        return Truth.of(*filter_places.relate(selection, operation, args))

    return relate


_Instants: TypeAlias = filter_values.Instants
_TEMPORAL: dict[str, Callable[[_Instants, _Instants, _Instants, _Instants], array_kinds.Mask]] = {
    "t_after": lambda a, b, c, d: a > d,
    "t_before": lambda a, b, c, d: b < c,
    "t_disjoint": lambda a, b, c, d: (b < c) | (a > d),
    "t_intersects": lambda a, b, c, d: (b >= c) & (a <= d),
    "t_equals": lambda a, b, c, d: (a == c) & (b == d),
    "t_contains": lambda a, b, c, d: (a < c) & (b > d),
    "t_during": lambda a, b, c, d: (a > c) & (b < d),
    "t_finishes": lambda a, b, c, d: (a > c) & (b == d),
    "t_finishedBy": lambda a, b, c, d: (a < c) & (b == d),
    "t_meets": lambda a, b, c, d: b == c,
    "t_metBy": lambda a, b, c, d: a == d,
    "t_overlaps": lambda a, b, c, d: (a < c) & (b > c) & (b < d),
    "t_overlappedBy": lambda a, b, c, d: (a > c) & (a < d) & (b > d),
    "t_starts": lambda a, b, c, d: (a == c) & (b < d),
    "t_startedBy": lambda a, b, c, d: (a == c) & (b > d),
}
"""How two intervals lie, the first from a to b, the second from c to d; a moment is a short one."""


def _when(operation: str) -> Callable[[filter_work.Selection, list[Node]], Truth]:
    def compare(selection: filter_work.Selection, args: list[Node]) -> Truth:
        pair = _pair(args)
        left, right = (filter_values.evaluate_moments(selection, node) for node in pair)
        is_known = ~filter_values.is_null(left) & ~filter_values.is_null(right)
        holds = _TEMPORAL[operation](left.start, left.stop, right.start, right.stop)
        return Truth.of(np.asarray(holds), is_known)

    return compare


_SIGNS: dict[str, Callable[..., object]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
_OPERATIONS: dict[str, Callable[[filter_work.Selection, list[Node]], Truth]] = {
    "and": _all,
    "or": _any,
    "not": _not,
    "isNull": _is_null,
    "between": _between,
    "in": _in,
    "like": _like,
    **{sign: _comparison(sign) for sign in _SIGNS},
    **{name: _relation(name) for name in filter_places.RELATIONS},
    **{name: _when(name) for name in _TEMPORAL},
}


def _value(selection: filter_work.Selection, node: Node) -> filter_values.Value:
    return filter_values.evaluate(selection, node)


def _compare(left: filter_values.Value, sign: str, right: filter_values.Value) -> Truth:
    if isinstance(left, filter_values.Moments) or isinstance(right, filter_values.Moments):
        moments = filter_values.as_moments(left), filter_values.as_moments(right)
        if moments[0] is not None and moments[1] is not None:
            starts = [each.start for each in moments if each is not None]
            is_known = ~filter_values.is_null(moments[0]) & ~filter_values.is_null(moments[1])
            return Truth.of(np.asarray(_SIGNS[sign](*starts)), is_known)
        left, right = _as_written(left), _as_written(right)
    if isinstance(left, TextCells) and isinstance(right, TextCells):
        return _compare_texts(left, sign, right)
    if isinstance(left, TextCells) or isinstance(right, TextCells):
        raise MalformedFilterError("filter: a string is compared with a number.")
    assert isinstance(left, filter_values.Numbers)
    assert isinstance(right, filter_values.Numbers)
    is_known = ~np.isnan(left.data) & ~np.isnan(right.data)
    return Truth.of(np.asarray(_SIGNS[sign](left.data, right.data)), is_known)


def _as_written(value: filter_values.Value) -> filter_values.Value:
    """A date that is compared with a text is the text that it was written as."""
    if isinstance(value, filter_values.Moments):
        return TextCells(np.array(0, np.uint32), [value.text])
    return value


def _compare_texts(left: TextCells, sign: str, right: TextCells) -> Truth:
    if left.is_single and right.is_sorted:
        return _compare_codes(right, _FLIPPED[sign], left.values[0])
    if right.is_single and left.is_sorted:
        return _compare_codes(left, sign, right.values[0])
    ranks = {text: rank for rank, text in enumerate(sorted({*left.values, *right.values}))}
    of_left, of_right = (
        np.array([*map(ranks.__getitem__, texts.values), -1])[
            np.minimum(texts.codes, len(texts.values))
        ]
        for texts in (left, right)
    )
    holds = np.asarray(_SIGNS[sign](of_left, of_right))
    return Truth.of(holds, left.has_value() & right.has_value())


def _compare_codes(texts: TextCells, sign: str, value: str) -> Truth:
    """Strings are stored as positions in their sorted values, so order is that of the positions."""
    low, high = bisect_left(texts.values, value), bisect_right(texts.values, value)
    start, stop = {
        "=": (low, high),
        "<>": (low, high),
        "<": (0, low),
        "<=": (0, high),
        ">": (high, len(texts.values)),
        ">=": (low, len(texts.values)),
    }[sign]
    inside = np.asarray((texts.codes >= start) & (texts.codes < stop))
    truth = Truth.of(inside, texts.has_value())
    return ~truth if sign == "<>" else truth


def _pair(args: list[Node]) -> tuple[Node, Node]:
    if len(args) != 2:
        raise MalformedFilterError("filter: a comparison takes two operands.")
    return args[0], args[1]
