"""Comparing two maps: thirds by hand, the same classes for two years, one table, a scatter."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from tests.web_map.conftest import Pages
from web_map.drawing.classes import code_of, make_thirds
from web_map.drawing.plot import Axis, Dot, draw_scatter

PATH = "/kecamatan/99.01.01/banding"
NEED, MONEY = "gaps.gap_count", "spending.kesehatan_idr"


@pytest.mark.parametrize(
    ("values", "asked", "thirds"),
    [
        ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], [0, 0, 1, 1, 2, 2]),
        ([1, 1, 1, 1, 1, 9], [1, 9], [0, 2]),
        ([5, 5, 5, 5], [5], [1]),
    ],
)
def test_thirds_hold_equal_numbers_as_far_as_ties_allow(
    values: list[float], asked: list[float], thirds: list[int]
) -> None:
    found = make_thirds(np.array(values, float)).place(np.array(asked, float))
    assert found.tolist() == thirds


def test_where_low_is_worse_the_lowest_third_is_the_most_need() -> None:
    thirds = make_thirds(np.arange(9.0), is_low_worse=True)
    assert thirds.place(np.array([0.0, 8.0, np.nan])).tolist() == [2, 0, -1]
    assert [thirds.class_of(third) for third in range(3)] == [2, 1, 0]


def values_of(pages: Pages, layer: str) -> dict[str, float | None]:
    collection, field = layer.split(".")
    url = f"/collections/{collection}/items?limit=1000"
    return {
        item["properties"]["kode"]: item["properties"][field]
        for item in pages.get(url, accept="application/json").json()["features"]
    }


def third_by_hand(value: float, values: list[float]) -> int:
    """Cut after a third and after two thirds of the sorted values; ties stay below."""
    ordered = sorted(values)
    edges = [ordered[-(-len(ordered) * part // 3) - 1] for part in (1, 2)]
    return sum(value > edge for edge in edges)


def test_the_classes_of_both_are_thirds_of_the_kabupaten(pages: Pages) -> None:
    text = pages.get(f"{PATH}?layer=desa.stunting_pct&layer2=desa.listrik_pct&mode=both").text
    need, other = (values_of(pages, f"desa.{name}") for name in ("stunting_pct", "listrik_pct"))
    known = [[value for value in one.values() if value is not None] for one in (need, other)]
    rows = re.findall(
        r'<tr data-kode="([\d.]+)".*?<td>([A-C][1-3]|–)</td></tr>', re.sub(r">\s+<", "><", text)
    )
    assert len(rows) == 14
    for kode, code in rows:
        one, two = need[kode], other[kode]
        if one is None or two is None:
            assert code == "–"
        else:
            assert code == code_of(third_by_hand(one, known[0]), third_by_hand(two, known[1]))
    counts = {
        code: int(count)
        for code, count in re.findall(r"<b>([A-C]\d)</b> <span class=\"count\">(\d+)", text)
    }
    assert {code: n for code, n in counts.items() if n} == dict(
        Counter(c for _, c in rows if c != "–")
    )


def test_a_place_without_one_of_the_values_is_in_no_class_of_both(pages: Pages) -> None:
    text = pages.get(f"{PATH}?layer={NEED}&layer2={MONEY}&mode=both").text
    drawing = text.split('id="svgboth"')[1].split("</svg>")[0]
    assert "url(#p-not_applicable)" in drawing
    assert "3 wilayah tanpa nilai" in text
    assert text.split('id="scatter"')[1].split("</svg>")[0].count("<circle") == 11


def test_two_years_of_a_field_share_classes_and_show_the_change(pages: Pages) -> None:
    query = "layer=desa.stunting_pct&tahun=2023&layer2=desa.stunting_pct&tahun2=2025"
    text = pages.get(f"{PATH}?{query}").text
    legends = re.findall(r'<ul class="legend small-legend">(.*?)</ul>', text, re.DOTALL)
    ranges = [re.findall(r'<span class="range">(.*?)</span>', legend) for legend in legends]
    assert ranges[0][:5] == ranges[1][:5]
    # 99.01.01.1001: 16.5 % in 2023, 14.1 % in 2025 (test_files).
    row = text.split('<tr data-kode="99.01.01.1001"')[1].split("</tr>")[0]
    assert all(text in row for text in ("16,5%", "14,1%", ">−2,4</td>"))
    assert "(poin persen)" in text


def test_a_year_of_a_second_map_that_nobody_named_is_kept(pages: Pages) -> None:
    text = pages.get(f"{PATH}?layer=gaps.jarak_puskesmas_m&tahun2=2024").text
    assert '<option value="spending.kesehatan_idr" selected>' in text
    assert "<option selected>2024</option>" in text
    assert pages.get(f"{PATH}?tahun2=99999").status_code == 400


def test_what_is_not_named_is_the_money_for_the_need(pages: Pages) -> None:
    text = pages.get(f"{PATH}?layer=gaps.jarak_puskesmas_m").text
    assert '<option value="spending.kesehatan_idr" selected>' in text


def test_the_scatter_draws_one_value_range_in_its_middle_and_nothing_as_nothing() -> None:
    axis = Axis("x", None, ())
    dots = [Dot(str(at), 3.0, float(at), "#fff", "t", "#") for at in range(3)]
    drawn = draw_scatter(dots, axis, axis, "label")
    assert len(set(re.findall(r'cx="([\d.]+)"', drawn))) == 1
    assert len(set(re.findall(r'cy="([\d.]+)"', drawn))) == 3
    assert draw_scatter([], axis, axis, "label") == ""
