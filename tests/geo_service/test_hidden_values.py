"""What is said of hidden values is true whatever they are; what depends on them is not said."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.release.manifest_file import Coverage, FieldEntry, Text
from web_map.views.field_values import FieldValues
from web_map.views.standing import ValueBounds, bounds_of, median_of, stand

LIMIT = 4
"""Hidden counts are 1, 2 or 3."""


def field(hide_below: int | None) -> FieldEntry:
    text = Text(id="x", en="x")
    rests_on = () if hide_below else (Coverage(known="a", total="b", unit="desa"),)
    return FieldEntry(
        name="x",
        type="number",
        title=text,
        thematic=True,
        hide_below=hide_below,
        coverage=rests_on,
    )


def published(counts: list[int | None], hide_below: int | None = LIMIT) -> ValueBounds:
    """The bounds of a field as it is published; None is a desa without data."""
    statuses = tuple(
        "no_data" if one is None else "suppressed" if 0 < one < LIMIT else "ok" for one in counts
    )
    values = np.array(
        [
            float(one or 0) if status == "ok" else np.nan
            for one, status in zip(counts, statuses, strict=True)
        ]
    )
    found = FieldValues(values, statuses, np.zeros(len(counts), np.int64))
    return bounds_of(found, field(hide_below))


def possible(counts: list[int | None]) -> list[list[int | None]]:
    """Every world that looks the same when small counts are hidden."""
    choices = [
        tuple(range(1, LIMIT)) if one is not None and 0 < one < LIMIT else (one,) for one in counts
    ]
    return [list(world) for world in itertools.product(*choices)]


def ranks_of(bounds: ValueBounds, *, is_low_worse: bool) -> list[int | None]:
    places = stand(bounds, is_low_worse=is_low_worse)
    return [None if place is None else place.rank for place in places]


COUNTS = st.lists(st.one_of(st.none(), st.integers(0, 6)), min_size=1, max_size=5)


@settings(deadline=None)
@given(COUNTS)
def test_a_median_is_told_exactly_where_every_possible_world_has_it(
    counts: list[int | None],
) -> None:
    medians = {
        float(np.median(known))
        for world in possible(counts)
        if (known := [one for one in world if one is not None])
    }
    expected = medians.pop() if len(medians) == 1 else None
    is_hidden = published(counts).hidden > 0
    told = median_of(published(counts))
    assert told == expected or (is_hidden and told is None and expected is None)


@settings(deadline=None)
@given(COUNTS, st.booleans())
def test_a_rank_is_that_of_the_whole_and_hidden_values_have_none(
    counts: list[int | None], is_low_worse: bool
) -> None:
    told = ranks_of(published(counts), is_low_worse=is_low_worse)
    for at, one in enumerate(counts):
        if one is None or 0 < one < LIMIT:
            assert told[at] is None
            continue
        known = [other for other in counts if other is not None]
        worse = sum(other < one if is_low_worse else other > one for other in known)
        assert told[at] == worse + 1


def test_a_hidden_value_is_counted_as_known() -> None:
    bounds = published([0, 2, None, 9])
    assert (bounds.count, bounds.hidden) == (3, 1)
    assert np.nan_to_num(bounds.for_classes, nan=-1).tolist() == [0, 3, -1, 9]


@pytest.mark.parametrize(
    ("is_low_worse", "ranks"), [(False, [None, None, None, 4]), (True, [None, None, None, 1])]
)
def test_a_hidden_sum_may_be_anything_so_nobody_has_a_rank_beside_it(
    is_low_worse: bool, ranks: list[int | None]
) -> None:
    bounds = published([5, 2, 9, 0], hide_below=None)
    assert median_of(bounds) is None
    assert ranks_of(bounds, is_low_worse=is_low_worse) == ranks
    assert np.isnan(bounds.for_classes).tolist() == [False, True, False, False]
