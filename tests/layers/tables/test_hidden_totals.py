"""No published total lets a solver narrow a hidden count; no more is hidden than that asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.tables.indicators.hidden_totals import betrays_nothing, hide_totals
from layers.tables.indicators.hiding import HIDDEN_COLUMNS
from tests.layers.tables.attacker import reach_of_cells

FIELD = "kematian_ibu_jumlah"
Level = Literal["kecamatan", "kabupaten"]


def frames(counts: Mapping[str, int], limit: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The hidden rows and the desa of a world of counts by code."""
    rows = [(kode, FIELD, 2025, n, limit) for kode, n in counts.items() if 0 < n < limit]
    hidden = pd.DataFrame(rows, columns=list(HIDDEN_COLUMNS))
    desa = pd.DataFrame(
        {
            "kode": list(counts),
            "kode_kecamatan": [kode[:8] for kode in counts],
            "kode_kabupaten": [kode[:5] for kode in counts],
        }
    )
    return hidden, desa


LEVELS: tuple[tuple[Level, int], ...] = (("kecamatan", 8), ("kabupaten", 5))


def published(counts: Mapping[str, int], limit: int) -> dict[str, list[tuple[set[str], float]]]:
    """The published totals of each level as an attacker writes them: hidden cells, remainder."""
    hidden, desa = frames(counts, limit)
    small = set(hidden["kode"])
    told: dict[str, list[tuple[set[str], float]]] = {}
    for level, digits in LEVELS:
        kept_back = hide_totals(hidden, desa, level)
        parents = sorted({kode[:digits] for kode in counts})
        told[level] = [
            (
                {kode for kode in small if kode.startswith(parent)},
                float(sum(counts[kode] for kode in small if kode.startswith(parent))),
            )
            for parent in parents
            if not kept_back.get((parent, FIELD, 2025), False)
        ]
    return told


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, int], int]:
    limit = draw(st.integers(3, 7))
    # Mostly small numbers and many of them equal, as deaths are.
    count = st.one_of(st.just(1), st.integers(0, limit + 3), st.just(limit - 1), st.just(0))
    sizes = draw(
        st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=4), min_size=1, max_size=2)
    )
    return {
        f"53.{kabupaten:02}.{kecamatan:02}.{2000 + number}": draw(count)
        for kabupaten, kecamatans in enumerate(sizes, 1)
        for kecamatan, size in enumerate(kecamatans, 1)
        for number in range(size)
    }, limit


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_a_solver_narrows_no_hidden_count(world: tuple[dict[str, int], int]) -> None:
    counts, limit = world
    told = published(counts, limit)
    cells = [kode for kode, count in counts.items() if 0 < count < limit]
    reach = reach_of_cells(cells, limit, told["kecamatan"] + told["kabupaten"])
    assert set(reach.values()) <= {(1, limit - 1)}


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_no_total_is_hidden_that_would_betray_nothing(world: tuple[dict[str, int], int]) -> None:
    counts, limit = world
    hidden, desa = frames(counts, limit)
    told = published(counts, limit)
    cells = [kode for kode, count in counts.items() if 0 < count < limit]
    below: list[tuple[set[str], float]] = []
    for level, digits in LEVELS:
        for (parent, *_), is_hidden in hide_totals(hidden, desa, level).items():
            members = {kode for kode in cells if kode[:digits] == parent}
            added = (members, float(sum(counts[kode] for kode in members)))
            reach = reach_of_cells(cells, limit, [*below, added])
            assert is_hidden is (set(reach.values()) != {(1, limit - 1)}), (level, parent)
        below += told[level]


@pytest.mark.parametrize(
    ("hidden", "kecamatan", "kabupaten"),
    [
        ([("a1", 3)], {"a": True}, True),
        ([("a1", 2), ("a2", 3)], {"a": False}, False),
        ([("a1", 3), ("a2", 4)], {"a": True}, True),
        ([("a1", 1), ("a2", 1), ("a3", 1)], {"a": True}, True),
        ([("a1", 4), ("a2", 4), ("a3", 4)], {"a": True}, True),
        ([("a1", 2), ("b1", 3)], {"a": True, "b": True}, False),
        ([("a1", 1), ("b1", 2)], {"a": True, "b": True}, True),
        ([("a1", 3), ("b1", 2), ("b2", 3)], {"a": True, "b": False}, True),
    ],
)
def test_which_totals_stay_hidden(
    hidden: list[tuple[str, int]], kecamatan: dict[str, bool], kabupaten: bool
) -> None:
    codes = {"a": "53.06.01", "b": "53.06.02"}
    counts = {f"{codes[letter]}.200{number}": 0 for letter in "ab" for number in (1, 2, 3)}
    counts |= {f"{codes[name[0]]}.200{name[1]}": count for name, count in hidden}
    frame, desa = frames(counts, 5)
    expected = {(codes[letter], FIELD, 2025): is_hidden for letter, is_hidden in kecamatan.items()}
    assert hide_totals(frame, desa, "kecamatan") == expected
    assert hide_totals(frame, desa, "kabupaten") == {("53.06", FIELD, 2025): kabupaten}


def test_years_and_fields_are_judged_apart_and_a_fraction_is_never_told() -> None:
    rows = [
        ("53.06.01.2001", "a", 2024, 2.0, 5),
        ("53.06.01.2002", "a", 2024, 3.0, 5),
        ("53.06.01.2001", "a", 2025, 1.0, 5),
        ("53.06.01.2002", "b", 2024, 2.0, 4),
        ("53.06.01.2001", "c", 2024, 2.5, 5),
        ("53.06.01.2002", "c", 2024, 2.5, 5),
    ]
    hidden = pd.DataFrame(rows, columns=list(HIDDEN_COLUMNS))
    desa = frames({"53.06.01.2001": 0, "53.06.01.2002": 0}, 5)[1]
    assert hide_totals(hidden, desa, "kecamatan") == {
        ("53.06.01", "a", 2024): False,
        ("53.06.01", "a", 2025): True,
        ("53.06.01", "b", 2024): True,
        ("53.06.01", "c", 2024): True,
    }


def test_a_country_is_judged_in_a_moment() -> None:
    seed = np.random.default_rng(20250101)
    codes = [
        f"{11 + n // 900:02}.{n // 150 % 6 + 1:02}.{n // 12 % 12 + 1:02}.{2000 + n % 12}"
        for n in range(80_000)
    ]
    counts = dict(zip(codes, seed.poisson(0.8, len(codes)).tolist(), strict=True))
    hidden, desa = frames(counts, 5)
    verdicts = hide_totals(hidden, desa, "kabupaten")
    assert len(verdicts) == desa["kode_kabupaten"].nunique()
    kecamatan = hide_totals(hidden, desa, "kecamatan")
    assert {True, False} == set(kecamatan.values())


def test_the_closed_form_is_what_counting_gives() -> None:
    for limit in (3, 4, 5):
        for count in (1, 2, 3):
            possible = np.stack(
                np.meshgrid(*[np.arange(1, limit)] * count, indexing="ij"), -1
            ).reshape(-1, count)
            for remainder in range(count, count * (limit - 1) + 1):
                fits = possible[possible.sum(axis=1) == remainder]
                is_whole = len(np.unique(fits[:, 0])) == limit - 1
                assert bool(betrays_nothing(count, remainder, limit)) is is_whole
