"""The first features show the type of every column, and every feature is still given once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo_service.ogc import row_order
from layers.release.feature_index import PropertyColumn

CELLS = st.lists(st.none() | st.sampled_from([0.0, 1.0, 2.0**40]), min_size=25, max_size=25)


def column(cells: list[float | None], kind: str = "integer") -> PropertyColumn:
    return PropertyColumn.of_numbers(kind, np.array([np.nan if c is None else c for c in cells]))


@given(st.lists(CELLS, max_size=9))
def test_the_first_rows_show_every_type(tables: list[list[float | None]]) -> None:
    columns = {str(number): column(cells) for number, cells in enumerate(tables)}
    rows = row_order.order_rows(np.arange(25), row_order.leading_rows(columns))
    assert sorted(rows.tolist()) == list(range(25))
    needed = len(row_order.leading_rows(columns))
    first = rows[: max(row_order.FIRST_ROWS, needed)]
    for cells in tables:
        shown = {cells[row] for row in first.tolist()} - {None}
        assert bool(shown) == (set(cells) != {None})
        assert (2.0**40 in shown) == (2.0**40 in cells)


def test_who_may_see_some_rows_sees_types_in_the_first_of_these() -> None:
    """The first ten of all show both columns; of those that a token opens only the last does."""
    columns = {"a": column([1.0] * 10 + [None] * 14 + [3.0]), "b": column([1.0] + [None] * 24)}
    among = np.arange(25) >= 10
    assert row_order.leading_rows(columns).tolist() == []
    leading = row_order.leading_rows(columns, among)
    assert leading.tolist() == [24]
    assert row_order.order_rows(np.flatnonzero(among), leading).tolist() == [24, *range(10, 24)]
    assert row_order.empty_columns(columns, among) == {"b"}


def test_an_order_that_shows_all_types_is_kept() -> None:
    columns = {"a": column([None] * 9 + [1.0] * 16), "b": PropertyColumn.of_texts([None] * 25)}
    assert row_order.leading_rows(columns).tolist() == []


def test_columns_without_any_value_are_told_apart() -> None:
    columns = {
        "a": column([None] * 25),
        "b": PropertyColumn.of_texts([None] * 25),
        "c": column([0.0] + [None] * 24),
    }
    assert row_order.empty_columns(columns) == {"a", "b"}
    assert row_order.leading_rows(columns).tolist() == []
