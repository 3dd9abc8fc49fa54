"""The one classifier: edges, few values, and breaks against an independent way."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.release.class_styles import spread_colours
from web_map.drawing.classes import METHODS, Scheme, make_scheme

RAMP = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
IDM = (0.4907, 0.5989, 0.7072, 0.8155)


@pytest.mark.parametrize(
    ("value", "klas"),
    [(0.4907, 0), (0.4908, 1), (0.7168, 3), (0.8155, 3), (0.8156, 4), (0.0, 0), (float("nan"), -1)],
)
def test_the_upper_edge_belongs_to_the_lower_class(value: float, klas: int) -> None:
    assert Scheme("fixed", IDM, RAMP).classify(np.array([value])).tolist() == [klas]


@given(
    st.lists(st.floats(-1e9, 1e9), max_size=60),
    st.sampled_from(METHODS),
    st.integers(2, 7),
)
def test_every_value_has_a_class_and_every_class_a_colour(
    values: list[float], method: str, count: int
) -> None:
    known = np.array(values, dtype=np.float64)
    scheme = make_scheme(method, known, count, RAMP)  # type: ignore[arg-type]  # one of the literals
    assert len(scheme.colours) == len(scheme.breaks) + 1 <= max(count, 2)
    assert list(scheme.breaks) == sorted(set(scheme.breaks))
    classes = scheme.classify(known)
    assert ((classes >= 0) & (classes < len(scheme.colours))).all()


def test_few_values_make_few_classes() -> None:
    values = np.arange(14, dtype=np.float64)
    assert len(make_scheme("quantile", values, 7, RAMP).colours) == 4
    assert len(make_scheme("quantile", values[:5], 7, RAMP).colours) == 2


def deviation(values: np.ndarray, breaks: tuple[float, ...]) -> float:
    classes = np.searchsorted(np.asarray(breaks), values, side="left")
    groups = (values[classes == klas] for klas in np.unique(classes))
    return float(sum(((group - group.mean()) ** 2).sum() for group in groups))


@pytest.mark.parametrize("seed", range(5))
def test_natural_breaks_are_the_best_there_are(seed: int) -> None:
    values = np.sort(np.random.default_rng(seed).normal(50, 20, 16))
    found = deviation(values, make_scheme("natural", values, 4, RAMP).breaks)
    best = min(
        deviation(values, tuple(values[list(cut)]))
        for cut in combinations(range(len(values) - 1), 3)
    )
    assert found == pytest.approx(best)


def test_natural_breaks_of_a_whole_country_are_found_in_time() -> None:
    values = np.random.default_rng(1).gamma(2, 30, 84_000)
    made = {method: make_scheme(method, values, 5, RAMP) for method in METHODS}
    found = {method: deviation(values, scheme.breaks) for method, scheme in made.items()}
    assert found["natural"] < min(found["quantile"], found["equal"])
    # Moving any single break of the answer by one in a hundred makes nothing clearly better.
    for at, edge in enumerate(made["natural"].breaks):
        for moved in (0.99 * edge, 1.01 * edge):
            breaks = [*made["natural"].breaks]
            breaks[at] = moved
            assert deviation(values, tuple(breaks)) > 0.998 * found["natural"]


def test_colours_keep_the_ends_of_the_ramp() -> None:
    spread = spread_colours(RAMP, 4)
    assert (spread[0], spread[-1], len(spread)) == (RAMP[0], RAMP[-1], 4)
