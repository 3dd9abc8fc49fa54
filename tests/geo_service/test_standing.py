"""Ranks with their ties, medians with their halves, values with what they rest on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.release.value_columns import Parts
from web_map.views.field_values import FieldValues
from web_map.views.standing import Standing, ValueBounds, stand, standing_text
from web_map.words import Words, parts_text

ID, EN = Words("id"), Words("en")
NONE = float("nan")


def stand_shown(values: list[float], *, is_low_worse: bool) -> list[Standing | None]:
    """The standing of values of which none is hidden."""
    return stand(ValueBounds(np.array(values), np.array(values)), is_low_worse=is_low_worse)


def told(values: list[float], at: int, *, low: bool = True, has_worse: bool = True) -> str:
    standing = stand_shown(values, is_low_worse=low)[at]
    return standing_text(standing, ID, has_worse=has_worse, key="desa.rank")


@pytest.mark.parametrize(
    ("values", "at", "text"),
    [
        ([5, 5, 5, 5, 5], 0, "semua 5 bernilai sama"),
        ([5, 5, 4, NONE], 0, "terbaik, sama dengan 1 lain"),
        ([5, 5, 4, NONE], 2, "1 dari 3"),
        ([5, 4, 4, 3], 1, "2 dari 4, sama dengan 1 lain"),
        ([5, 4, 4, 3], 0, "4 dari 4"),
        ([5, NONE], 0, ""),
        ([5, NONE], 1, ""),
    ],
)
def test_a_rank_is_told_where_it_means_anything(values: list[float], at: int, text: str) -> None:
    assert told(values, at) == text


def test_without_a_worse_end_nothing_is_the_best() -> None:
    assert told([1, 1, 2], 0, low=False, has_worse=False) == "terendah, sama dengan 1 lain"


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, 5.0]), min_size=2, max_size=9))
def test_equal_values_share_a_rank_and_the_best_is_never_said_to_be_near_the_worst(
    values: list[float],
) -> None:
    standings = stand_shown(values, is_low_worse=True)
    for value, standing in zip(values, standings, strict=True):
        assert standing is not None
        assert standing.rank == 1 + sum(other < value for other in values)
        assert standing.ties == values.count(value) - 1
        text = standing_text(standing, EN, has_worse=True, key="panel.rank")
        if value == max(values) and standing.ties:
            assert not text.startswith("rank")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (3.5, 0, "3,5 layanan"),
        (4.0, 0, "4 layanan"),
        (85.94999999999999, 1, "85,95 layanan"),
        (83.786604, 1, "83,8 layanan"),
    ],
)
def test_a_half_is_no_whole(value: float, decimals: int, text: str) -> None:
    assert ID.median(value, "layanan", decimals) == text


@pytest.mark.parametrize(
    ("value", "known", "total", "text"),
    [
        (7, 12, 14, "menurut 12 dari 14 desa/kelurahan"),
        (7, 14, 14, ""),
        (7, NONE, NONE, ""),
        (NONE, 0, 14, ""),
    ],
)
def test_a_part_says_of_how_many(value: float, known: float, total: float, text: str) -> None:
    parts = (Parts("desa", np.array([known]), np.array([total])),)
    found = FieldValues(np.array([value]), ("ok",), np.array([0]), parts)
    assert parts_text(found.shown_coverage(0), ID) == text
