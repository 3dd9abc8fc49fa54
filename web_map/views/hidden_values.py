"""What may be said of values some of which are hidden: middle, rank and how many there are.

A hidden value is data: it has a place among the others, which its open range tells.  A statistic is
given where it is the same whatever the hidden values are.  It is then that of all values and tells
nothing of the hidden ones; otherwise there is none, never one of the shown values alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.release.manifest import FieldEntry
from web_map.views.values import FieldValues, Floats

SUPPRESSED = "suppressed"
LEAST = 0.5
"""No hidden sum and no hidden middle value is less: the middle of 0 and a hidden 1."""


@dataclass(frozen=True, slots=True)
class ValueBounds:
    """The least and greatest that each value may be; equal where it is shown, NaN without one."""

    low: Floats
    high: Floats

    def of(self, rows: list[int] | NDArray[np.int64]) -> "ValueBounds":
        """The bounds of some of them."""
        low = self.low[rows]
        return ValueBounds(low, low if self.high is self.low else self.high[rows])

    @property
    def count(self) -> int:
        """How many values there are, hidden ones among them."""
        return int((~np.isnan(self.low)).sum())

    @property
    def hidden(self) -> int:
        """How many values are hidden."""
        return int((self.low < self.high).sum())

    @property
    def for_classes(self) -> Floats:
        """The values that classes are computed from: a hidden count stands at its upper bound.

        There it lies between the same shown values as in truth.  A hidden value of which nothing is
        known has no place: NaN.
        """
        return np.where(np.isinf(self.high), np.nan, self.high)


def bounds_of(values: FieldValues, entry: FieldEntry) -> ValueBounds:
    """What each value of a field may be.

    A hidden count lies from 1 to below ``hide_below``; of a hidden sum or middle value nothing is
    known but that it is more than nothing.
    """
    if SUPPRESSED not in values.statuses:
        return ValueBounds(values.values, values.values)
    is_hidden = np.array([status == SUPPRESSED for status in values.statuses], dtype=bool)
    least, most = (LEAST, np.inf) if entry.hide_below is None else (1.0, entry.hide_below - 1.0)
    low = np.where(is_hidden, least, values.values)
    return ValueBounds(low, np.where(is_hidden, most, values.values))


def median_of(bounds: ValueBounds) -> float | None:
    """The middle of all values; None without values, or where a hidden one decides it.

    Example
    -------
    >>> shown, hidden = np.array([0.0, 0.0, 1.0, 9.0]), np.array([0.0, 0.0, 4.0, 9.0])
    >>> median_of(ValueBounds(shown, hidden)), median_of(ValueBounds(shown[:3], hidden[:3]))
    (None, 0.0)
    """
    is_known = ~np.isnan(bounds.low)
    if not is_known.any():
        return None
    low = _middle(bounds.low[is_known])
    high = low if bounds.high is bounds.low else _middle(bounds.high[is_known])
    return low if low == high else None


def _middle(values: Floats) -> float:
    """The median of values without NaN (numpy's own takes ten times as long for a few)."""
    upper = len(values) // 2
    lower = (len(values) - 1) // 2
    ordered = np.partition(values, (lower, upper))
    return float((ordered[lower] + ordered[upper]) / 2)
