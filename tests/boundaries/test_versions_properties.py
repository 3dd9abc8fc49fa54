"""Whatever a history says, no measured value is given to two wilayah, or made larger."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from boundaries.history.versions import Change, History, carry_forward

CODES = [f"53.06.01.20{number:02}" for number in range(1, 7)]
KINDS = st.sampled_from(["split", "merge", "recode", "rename"])
CHANGES = st.lists(
    st.builds(
        Change,
        st.sampled_from(CODES),
        st.sampled_from(CODES),
        KINDS,
        st.sampled_from([2018, 2020, 2022, None]),
    ),
    max_size=6,
)
VALUES = st.dictionaries(st.sampled_from(CODES), st.integers(1, 99).map(float), max_size=6)


@given(CHANGES, VALUES, st.sets(st.sampled_from(CODES)), st.sampled_from([2017, 2019, 2021, 2023]))
def test_every_value_is_of_one_wilayah_at_most(
    changes: list[Change], values: dict[str, float], current: set[str], year: int
) -> None:
    carried = carry_forward(values, year, History.of(changes), current, is_summable=True)
    shown = [one for one in carried.values() if one.status == "ok"]
    sources = [kode for one in shown for kode in one.sources]
    assert len(sources) == len(set(sources))
    for one in shown:
        assert one.value == sum(values[kode] for kode in one.sources)
    for one in carried.values():
        assert (one.value is None) == (one.status != "ok")


@given(CHANGES, VALUES, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_rows_does_not_matter(
    changes: list[Change], values: dict[str, float], mix: object
) -> None:
    shuffled = list(changes)
    mix.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random of Hypothesis
    turned = dict(reversed(values.items()))
    one = carry_forward(values, 2019, History.of(changes), CODES, is_summable=True)
    other = carry_forward(turned, 2019, History.of(shuffled), CODES[::-1], is_summable=True)
    assert one == other
