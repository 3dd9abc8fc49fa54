"""Class breaks on values small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.catalogue import RAMPS
from layers.publish.classes import (
    ClassWish,
    choose_colours,
    count_classes,
    find_breaks,
    make_classes,
)
from layers.publish.styles import class_filter

IDM = (0.4907, 0.5989, 0.7072, 0.8155)


def test_the_upper_edge_belongs_to_the_lower_class() -> None:
    assert count_classes(np.array([0.4907, 0.49071, 0.8155, 0.8156]), IDM) == (1, 1, 0, 1, 1)


def test_fixed_breaks_stay_even_without_values() -> None:
    classes = make_classes(np.array([]), ClassWish(IDM, "YlGnBu"), 4, "low")
    assert classes.breaks == IDM
    assert classes.counts == (0, 0, 0, 0, 0)
    assert classes.colours == RAMPS["YlGnBu"]


@pytest.mark.parametrize(
    ("values", "breaks"),
    [
        ([], ()),
        ([3.0], ()),
        ([3.0, 3.0], ()),
        ([0.0, 1.0, 1.0], (0.0,)),
        ([1.0, 2.0, 3.0, 4.0], (1.0, 2.0, 3.0)),
        (list(map(float, range(1, 11))), (3.0, 6.0, 8.0)),
        (list(map(float, range(1, 101))), (21.0, 41.0, 61.0, 80.0)),
    ],
)
def test_quantile_breaks(values: list[float], breaks: tuple[float, ...]) -> None:
    found = find_breaks(np.array(values), 0)
    assert len(found) == len(breaks)
    assert found == pytest.approx(breaks, abs=1)


@given(st.lists(st.integers(-(10**12), 10**12), max_size=60), st.integers(0, 3))
def test_every_class_has_a_member_and_every_value_a_class(values: list[int], decimals: int) -> None:
    array = np.array(values, dtype=float)
    classes = make_classes(array, ClassWish(), decimals, None)
    assert sum(classes.counts) == len(values)
    assert len(classes.colours) == len(classes.breaks) + 1 == len(classes.counts) <= 5
    assert list(classes.breaks) == sorted(set(classes.breaks))
    assert not values or min(classes.counts) > 0


@given(st.floats(0, 1), st.integers(0, 4))
def test_the_style_filter_and_the_counter_agree(value: float, number: int) -> None:
    classes = make_classes(np.array([value]), ClassWish(IDM), 4, None)
    conditions = class_filter("x", classes, number)[2:]
    holds = all(
        value > edge if operator == ">" else value <= edge for operator, _, edge in conditions
    )
    assert holds == (classes.counts[number] == 1)


def test_colours_are_spread_over_the_ramp() -> None:
    assert choose_colours(RAMPS["Blues"], 5) == RAMPS["Blues"]
    assert choose_colours(RAMPS["Blues"], 2) == (RAMPS["Blues"][0], RAMPS["Blues"][-1])
    assert choose_colours(RAMPS["Blues"], 1) == (RAMPS["Blues"][2],)
