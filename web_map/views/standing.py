"""What may be said of values some of which are hidden: middle, rank, and how many there are.

A hidden value is data: it lies among the others, somewhere in its open range.  A statistic is given
where it is the same whatever the hidden values are.  It is then that of all values and reveals
nothing of the hidden ones; otherwise there is none, never one of the shown values alone.

A rank counts from the worst end (from the highest where neither end is worse).  Equal values share
one and say so; the best value is never called the second worst; where all are equal there is no
order to speak of.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from math import isnan, nan

import numpy as np

from layers.release import array_kinds, manifest_file
from web_map.views.field_values import FieldValues
from web_map.words import Middle, Words

MOST_DECIMALS = 6
"""Of a median: more is the noise of binary halves."""
SUPPRESSED = "suppressed"
LEAST = 0.5
"""No hidden sum and no hidden middle value is less: the middle of 0 and a hidden 1."""


@dataclass(frozen=True, slots=True)
class ValueBounds:
    """The least and greatest that each value may be; equal where it is shown, NaN without one."""

    low: array_kinds.Floats
    high: array_kinds.Floats

    @property
    def count(self) -> int:
        """How many values there are, hidden ones among them."""
        return int((~np.isnan(self.low)).sum())

    @property
    def hidden(self) -> int:
        """How many values are hidden."""
        return 0 if self.high is self.low else int((self.low < self.high).sum())

    @property
    def for_classes(self) -> array_kinds.Floats:
        """The values that classes are computed from: a hidden count stands at its upper bound.

        There it lies between the same shown values as in truth.  A hidden value of which nothing is
        known has no place: NaN.
        """
        return np.where(np.isinf(self.high), np.nan, self.high)


def bounds_of(values: FieldValues, entry: manifest_file.FieldEntry) -> ValueBounds:
    """What each value of a field may be.

    A hidden count lies from 1 to below ``hide_below``; of a hidden sum or middle value nothing is
    known but that it is more than nothing.
    """
    if SUPPRESSED not in values.statuses:
        return ValueBounds(values.values, values.values)
    is_hidden = np.array([status == SUPPRESSED for status in values.statuses], dtype=bool)
    least, most = 1.0, (entry.hide_below or np.inf) - 1.0
    if entry.hide_below is None:
        # A value of one desa that would tell a count of another field may be anything.
        least = LEAST if entry.coverage else -np.inf
    low = np.where(is_hidden, least, values.values)
    return ValueBounds(low, np.where(is_hidden, most, values.values))


class Order:
    """The values of some places from the least, hidden ones by the ends of what they may be.

    As lists: a kecamatan has a dozen values, of which numpy takes longer than they take.
    """

    def __init__(self, bounds: ValueBounds) -> None:
        self.bounds = bounds
        low: list[float] = bounds.low.tolist()
        self.values = low
        """In the order of the places; NaN for one that is missing or hidden."""
        self._low = self._high = self._shown = _ascending(low)
        if bounds.high is not bounds.low:
            high: list[float] = bounds.high.tolist()
            pairs = zip(low, high, strict=True)
            self.values = [least if least == most else nan for least, most in pairs]
            self._high, self._shown = _ascending(high), _ascending(self.values)

    def middle(self) -> float | None:
        """The median; None without values, or where a hidden one decides it."""
        if not self._low:
            return None
        low = _middle(self._low)
        return low if self._high is self._low or low == _middle(self._high) else None

    def place(self, value: float, *, is_low_worse: bool) -> "Standing | None":
        """The standing of a shown value; None for NaN, or where a hidden one may be either side."""
        if isnan(value):
            return None
        total = len(self._low)
        first, last = bisect_left(self._shown, value), bisect_right(self._shown, value)
        worse = first if is_low_worse else total - last
        if self._high is not self._low:
            worse = _count_worse(self._low, value, is_low_worse)
            if worse != _count_worse(self._high, value, is_low_worse):
                return None
        same = last - first
        return Standing(worse + 1, total, same - 1, is_last=worse + same == total)

    def find_middle(self, values: FieldValues) -> Middle | None:
        """`middle` and how many of the values are whole, which it is counted to rest on."""
        median = self.middle()
        if median is None:
            return None
        total = len(values.statuses) - values.statuses.count("not_applicable")
        return Middle(round(median, MOST_DECIMALS), len(self._low) - _count_partial(values), total)


def _ascending(values: list[float]) -> list[float]:
    """The values without NaN, from the least."""
    return sorted([value for value in values if not isnan(value)])


def _count_worse(ordered: list[float], value: float, is_low_worse: bool) -> int:
    if is_low_worse:
        return bisect_left(ordered, value)
    return len(ordered) - bisect_right(ordered, value)


def _middle(ordered: list[float]) -> float:
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _count_partial(values: FieldValues) -> int:
    """How many values there are of which only some of the parts are known."""
    if not values.parts:
        return 0
    is_part = np.zeros(len(values.values), dtype=bool)
    for part in values.parts:
        is_part |= part.known < part.total
    return int((is_part & ~np.isnan(values.values)).sum())


def median_of(bounds: ValueBounds) -> float | None:
    """The middle of all values; None without values, or where a hidden one decides it.

    Example
    -------
    >>> shown, hidden = np.array([0.0, 0.0, 1.0, 9.0]), np.array([0.0, 0.0, 4.0, 9.0])
    >>> median_of(ValueBounds(shown, hidden)), median_of(ValueBounds(shown[:3], hidden[:3]))
    (None, 0.0)
    """
    return Order(bounds).middle()


@dataclass(frozen=True, slots=True)
class Standing:
    """The place of one value among ``total``.

    Parameters
    ----------
    rank
        From the worst, 1 for the worst; equal values share one.
    ties
        How many others have the same value.
    is_last
        No value is better (lower, where neither end is worse).
    """

    rank: int
    total: int
    ties: int
    is_last: bool


def stand(bounds: ValueBounds, *, is_low_worse: bool) -> list[Standing | None]:
    """The standing of each shown value among all, hidden ones too.

    None for a value that is missing or hidden, and where a hidden value may be either side of it.

    Example
    -------
    >>> import numpy as np
    >>> values = np.array([3.0, 1.0, np.nan, 3.0])
    >>> stand(ValueBounds(values, values), is_low_worse=False)[1]
    Standing(rank=3, total=3, ties=0, is_last=True)
    >>> low, high = np.array([9.0, 1.0, 0.0]), np.array([9.0, 4.0, 0.0])
    >>> [place and place.rank for place in stand(ValueBounds(low, high), is_low_worse=False)]
    [1, None, 3]
    """
    order = Order(bounds)
    return [order.place(value, is_low_worse=is_low_worse) for value in order.values]


def stand_in_words(
    order: Order, entry: manifest_file.FieldEntry, words: Words, key: str
) -> list[tuple[Standing | None, str]]:
    """The standing of each value of a field (see `stand`) with its `standing_text`."""
    is_low_worse, has_worse = entry.worse == "low", bool(entry.worse)
    standings = [order.place(value, is_low_worse=is_low_worse) for value in order.values]
    return [(each, standing_text(each, words, has_worse=has_worse, key=key)) for each in standings]


def standing_text(standing: Standing | None, words: Words, *, has_worse: bool, key: str) -> str:
    """A standing in words; empty where there is nothing to compare with.

    Parameters
    ----------
    has_worse
        Whether one end of the values is worse: only then one is called the best.
    key
        The message of a rank, with ``rank`` and ``total``.

    Example
    -------
    >>> five = Standing(rank=2, total=5, ties=3, is_last=True)
    >>> standing_text(five, Words("en"), has_worse=True, key="panel.rank")
    'best, the same as 3 others'
    >>> standing_text(Standing(1, 5, 4, True), Words("en"), has_worse=True, key="panel.rank")
    'all 5 the same'
    """
    if standing is None or standing.total < 2:
        return ""
    if standing.ties + 1 >= standing.total:
        return words.say("rank.all_same", total=words.number(standing.total))
    if standing.is_last and standing.ties:
        return words.say("rank.best" if has_worse else "rank.lowest", n=words.number(standing.ties))
    place = words.say(key, rank=standing.rank, total=standing.total)
    if not standing.ties:
        return place
    return f"{place}, {words.say('rank.tied', n=words.number(standing.ties))}"
