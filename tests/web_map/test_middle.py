"""Removing values never turns into a better middle of a page without saying so."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from web_map.views.standing import ValueBounds, median_of

VALUE = st.integers(0, 9)
MISSING = float("nan")


def bounds(values: list[float | None], hidden: set[int]) -> ValueBounds:
    """Values of which some are hidden counts from 1 to 4."""
    low = np.array([MISSING if one is None else float(one) for one in values])
    high = low.copy()
    for at in hidden:
        if at < len(values) and not np.isnan(low[at]):
            low[at], high[at] = 1.0, 4.0
    return ValueBounds(low, high)


@settings(max_examples=150, deadline=None)
@given(st.lists(VALUE, min_size=1, max_size=9), st.sets(st.integers(0, 8)))
def test_a_missing_value_is_counted_out_and_never_taken_for_zero(
    values: list[int], missing: set[int]
) -> None:
    partly: list[float | None] = [None if at in missing else one for at, one in enumerate(values)]
    left = [one for one in partly if one is not None]
    found = bounds(partly, set())
    assert found.count == len(left)
    assert median_of(found) == (float(np.median(left)) if left else None)
    whole = median_of(bounds([*map(float, values)], set()))
    assert median_of(found) == whole or found.count < len(values)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=7), st.lists(VALUE, max_size=7))
def test_a_middle_beside_hidden_values_is_the_true_one_or_none(
    hidden: list[int], shown: list[int]
) -> None:
    truth = [*map(float, hidden), *map(float, shown)]
    found = bounds([*truth], set(range(len(hidden))))
    assert found.count == len(truth)
    assert found.hidden == len(hidden)
    assert median_of(found) in (None, float(np.median(truth)))
