"""Class breaks on values small enough to count by hand."""

from __future__ import annotations

import operator
from typing import get_args

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from layers.columns.catalogue import RAMPS, read_indicators
from layers.publish.class_breaks import (
    ClassWish,
    classify_fields,
    count_classes,
    find_breaks,
    make_classes,
)
from layers.publish.feature_order import LayerFeatures
from layers.publish.styles import class_filter
from layers.release.class_styles import spread_colours
from layers.release.manifest_file import Closed, FieldEntry, Text
from layers.synchronisation.service_list import choose_basic_services
from layers.tables.spending.earmarks import earmark_fields, read_earmarks

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


CONDITIONS = TypeAdapter(list[tuple[str, list[str], float]])
OPERATORS = {">": operator.gt, "<=": operator.le, ">=": operator.ge, "<": operator.lt}


@given(st.floats(0, 1) | st.sampled_from(IDM), st.integers(0, 4), st.sampled_from(get_args(Closed)))
def test_the_style_filter_and_the_counter_agree(value: float, number: int, closed: Closed) -> None:
    classes = make_classes(np.array([value]), ClassWish(IDM, closed=closed), 4, None)
    conditions = CONDITIONS.validate_python(class_filter("x", classes, number)[2:])
    holds = all(OPERATORS[name](value, edge) for name, _, edge in conditions)
    assert holds == (classes.counts[number] == 1)


def norms_at_an_edge() -> list[tuple[str, float, ClassWish]]:
    """Norms to be reached that stand at an edge of the classes of their field."""
    kinds = read_indicators()
    norms = [
        (need.indicator, need.norm, ClassWish(kind.breaks, kind.colours, kind.closed))
        for service in choose_basic_services().values()
        for need in service.needs
        if need.indicator and need.norm and (kind := kinds[need.indicator]).worse == "low"
    ]
    shares = {field.name: field for field in earmark_fields(2025) if field.worse == "low"}
    norms += [
        (rule.field, rule.percent, ClassWish(field.breaks, field.colours, field.closed))
        for rule in read_earmarks(2025)
        if (field := shares.get(rule.field))
    ]
    return [norm for norm in norms if norm[1] in (norm[2].breaks or ())]


@pytest.mark.parametrize(
    ("name", "norm", "wish"), norms_at_an_edge(), ids=lambda value: str(value)[:24]
)
def test_who_reaches_a_norm_is_not_painted_with_who_misses_it(
    name: str, norm: float, wish: ClassWish
) -> None:
    step = 0.1 if name.endswith("_pct") else 1
    assert wish.breaks
    counts = count_classes(np.array([norm - step, norm]), wish.breaks, wish.closed)
    assert max(counts) == 1


def test_colours_are_spread_over_the_ramp() -> None:
    assert spread_colours(RAMPS["Blues"], 5) == RAMPS["Blues"]
    assert spread_colours(RAMPS["Blues"], 2) == (RAMPS["Blues"][0], RAMPS["Blues"][-1])
    assert spread_colours(RAMPS["Blues"], 1) == (RAMPS["Blues"][2],)


@pytest.mark.parametrize(
    ("shown", "hidden", "breaks", "counts"),
    [
        # Without the three hidden of 1 to 4 the classes were those of half of the desa.
        ([0.0, 10, 12], 3, (0.0, 10.0), (1, 1, 1)),
        ([0.0, 0, 0, 0], 4, (), (4,)),
        ([], 4, (), (0,)),
        ([5.0, 6, 7, 8], 30, (5.0, 6.0, 7.0), (1, 1, 1, 1)),
    ],
)
def test_hidden_values_are_counted_in_the_classes_of_the_shown(
    shown: list[float], hidden: int, breaks: tuple[float, ...], counts: tuple[int, ...]
) -> None:
    frame = gpd.GeoDataFrame(
        {
            "fid": range(len(shown) + hidden),
            "x": [*shown, *[np.nan] * hidden],
            "x_status": [*["ok"] * len(shown), *["suppressed"] * hidden],
        },
        geometry=[None] * (len(shown) + hidden),
        crs="EPSG:4326",
    )
    text = Text(id="x", en="x")
    entry = FieldEntry(name="x", type="number", title=text, thematic=True, hide_below=5)
    (told,) = classify_fields(LayerFeatures("desa", (entry,), frame), {})
    assert told.classes is not None
    assert (told.classes.breaks, told.classes.counts) == (breaks, counts)
    assert told.classes.method == "quantile"
