"""How need and money go together: ranks as SciPy's, and who stands apart is named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from tests.web_map.conftest import Pages
from web_map.views.relation import correlate, mean_ranks

NUMBERS = st.lists(st.integers(-5, 5), min_size=3, max_size=30)


@given(NUMBERS)
def test_ranks_are_those_of_scipy(numbers: list[int]) -> None:
    values = np.array(numbers, dtype=float)
    assert mean_ranks(values).tolist() == rankdata(values).tolist()


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=3, max_size=30))
def test_correlation_is_spearmans(pairs: list[tuple[int, int]]) -> None:
    one, other = (np.array(values, dtype=float) for values in zip(*pairs, strict=True))
    ours = correlate(mean_ranks(one), mean_ranks(other))
    if ours is None:
        assert len(set(one)) == 1 or len(set(other)) == 1
    else:
        assert ours == pytest.approx(float(spearmanr(one, other).statistic), abs=1e-9)


def test_the_page_states_correlation_medians_and_who_stands_apart(pages: Pages) -> None:
    url = "/kecamatan/99.01.03/banding?layer=needs.need_count&layer2=spending.anggaran_per_jiwa_idr"
    text = pages.get(url).text
    relation = text.split('id="relation-title"')[1].split("</section>")[0]
    assert "Spearman" in relation
    assert "median" in relation.lower()
    english = pages.get(f"{url}&lang=en").text.split('id="relation-title"')[1]
    assert "Rank correlation" in english.split("</section>")[0]


def test_need_is_held_against_the_budget_per_person(pages: Pages) -> None:
    text = pages.get("/kecamatan/99.01.03/banding?layer=desa.stunting_pct").text
    chosen = text.split('id="layer2"')[1].split("selected")[0].rsplit('value="', 1)[1]
    assert chosen.startswith("spending.")
