"""What a filter may cost: patterns in linear time, work counted before and during."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import CostlySelectionError, ServerBusyError
from geo_service.http.link_types import CRS84
from geo_service.ogc.filtering import filter_work, filters, like_patterns
from layers.release.features import FeatureIndex
from tests.geo_service.client import Client

ITEMS = "/collections/desa/items"


def plain_like(pattern: str, text: str) -> bool:
    """The meaning of LIKE by dynamic programming over all prefixes of the text."""
    reached = {0}
    for piece in re.findall(r"\\.|.", pattern, re.DOTALL):
        if piece == "%":
            reached = set(range(min(reached), len(text) + 1)) if reached else set()
        else:
            matching = {
                i for i in reached if i < len(text) and piece in ("_", f"\\{text[i]}", text[i])
            }
            reached = {i + 1 for i in matching if piece != "%"}
    return len(text) in reached


@given(st.text("ab%_\n", max_size=9), st.text("ab%\n", max_size=12))
@settings(max_examples=500, deadline=None)
def test_like_means_what_every_way_of_matching_means(pattern: str, text: str) -> None:
    assert like_patterns.like_matcher(pattern)(text) == plain_like(pattern, text)


@pytest.mark.parametrize(
    "pattern",
    ["%_%_%_%_%_%_%_%_%_%_%_%_%_%~", "%_" * 1500 + "~", "%a" * 1500 + "b", "%" + "_a" * 900 + "%b"],
)
def test_no_pattern_makes_a_text_slow(pattern: str) -> None:
    matches, text = like_patterns.like_matcher(pattern), "a" * 3000
    started = time.process_time()
    assert not matches(text)
    assert time.process_time() - started < 0.5


def costly(features: FeatureIndex, condition: str, **bounds: Any) -> None:
    filters.select_rows(
        filter_work.Selection(features, **bounds), filters.parse_filter(condition, "cql2-text")
    )


@pytest.mark.parametrize(
    "condition",
    [
        " OR ".join(["nama LIKE '%a%'"] * 9),
        " OR ".join(["penduduk_jiwa > 1"] * 99),
        "casei(nama) IN (" + ",".join(f"'{n}'" for n in range(99)) + ")",
        "NOT (" + " AND ".join(["geometry IS NULL"] * 90) + ")",
    ],
)
def test_work_is_counted_before_it_starts(served_desa: FeatureIndex, condition: str) -> None:
    with pytest.raises(CostlySelectionError):
        costly(served_desa, condition, steps_left=5000)
    costly(served_desa, condition)


def test_geometry_is_counted_before_it_is_read(
    served_desa: FeatureIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes = " OR ".join(["S_INTERSECTS(geometry, BBOX(121.001,-8.499,121.03,-8.47))"] * 3)
    costly(served_desa, boxes)
    monkeypatch.delattr(FeatureIndex, "geometry")
    with pytest.raises(CostlySelectionError):
        costly(served_desa, boxes, steps_left=8000)


def test_time_ends_what_was_counted_too_low(served_desa: FeatureIndex) -> None:
    seconds = iter(range(100))
    with pytest.raises(ServerBusyError):
        costly(served_desa, "true AND true", clock=lambda: float(next(seconds)), patience_s=0.5)


def test_too_much_work_is_refused_by_name(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        filter_work.Selection.__init__,
        "__defaults__",
        (10, time.monotonic, 5.0, frozenset(), CRS84),
    )
    for query in (f"filter={quote('penduduk_jiwa > 1')}", "bbox=121.001,-8.499,121.03,-8.47"):
        answer = client.get(f"{ITEMS}?{query}")
        assert answer.status_code == 400
        assert answer.json()["type"] == "urn:geo-service:problem:costly-selection"
