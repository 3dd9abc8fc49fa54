"""Cases of small counts: what is said of values that are hidden, and what totals betray."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from tests.cases.field import CaseRun
from tests.geo_service.client import Client

COLUMN = "gizi_buruk_jumlah"
MEDIAN = "102-median-of-hidden-counts-and-source-of-a-number"
BETRAYED = "103-hidden-counts-can-be-worked-out"


def read_page(run: CaseRun, address: str) -> str:
    """The words of a page of the release, without markup and with single spaces."""
    assert run.release is not None
    with Client(run.release.parent) as client:
        answer = client.get(address, accept="text/html")
    assert answer.status_code == 200, answer.text
    body = re.sub(r"<(script|style).*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_a_sum_over_hidden_counts_that_may_each_be_all_of_their_range_is_published(
    case: Callable[[str], CaseRun],
) -> None:
    # 2 + 2 + 3 are hidden; each of three that add up to 7 may be 1 to 4.
    run = case("102-median-of-hidden-counts-and-source-of-a-number")
    statuses = run.values(f"{COLUMN}_status")
    assert list(statuses.values()) == ["ok", *["suppressed"] * 3, "ok", "ok"]
    kecamatan = run.layer("kecamatan").iloc[0]
    assert float(kecamatan[f"{COLUMN}_jumlah"]) == 29
    # A hidden value is known: six of six desa have data.
    assert kecamatan[f"{COLUMN}_desa_dengan_data"] == "6"


@pytest.mark.parametrize(
    ("language", "why", "rank", "hidden"),
    [
        (
            "id",
            "bergantung pada 3 nilai yang disembunyikan",
            "peringkat 1 dari 6",
            "1–4: disembunyikan, karena angka kecil dapat menunjuk orang",
        ),
        (
            "en",
            "depends on 3 hidden values",
            "rank 1 of 6",
            "1–4: hidden, because a small count may point at a person",
        ),
    ],
)
def test_a_median_that_hidden_counts_decide_is_not_told(
    case: Callable[[str], CaseRun], language: str, why: str, rank: str, hidden: str
) -> None:
    query = f"layer=desa.{COLUMN}&desa=99.01.01.2006&lang={language}"
    text = read_page(case(MEDIAN), f"/kecamatan/99.01.01?{query}")
    assert f"Median – {'tidak dihitung' if language == 'id' else 'not computed'}: {why}" in text
    assert not re.search(r"Median (\d|2,5|10)", text)
    # 12 is the most of six, whatever the three hidden ones are; no desa is without a value.
    assert rank in text
    assert hidden in text
    missing = "Tanpa nilai 0" if language == "id" else "Without a value 0"
    assert missing in text


def test_a_profile_counts_the_hidden_neighbours(case: Callable[[str], CaseRun]) -> None:
    text = read_page(case(MEDIAN), "/desa/99.01.01.2005?lang=en")
    assert "10 children 2025 not computed (3 values are hidden) 2 of 6" in text
    small = read_page(case(MEDIAN), "/desa/99.01.01.2002?lang=en")
    assert "1–4: hidden, because a small count may point at a person" in small


def test_completeness_counts_what_is_hidden(case: Callable[[str], CaseRun]) -> None:
    run = case(MEDIAN)
    text = read_page(run, "/reports/?lang=en")
    assert "Children under five with severe malnutrition (number) 2025 6 / 6 3 suppressed" in text


def test_a_total_that_gives_its_desa_away_is_in_no_layer(case: Callable[[str], CaseRun]) -> None:
    run = case("103-hidden-counts-can-be-worked-out")
    assert list(run.values(f"{COLUMN}_status").values()) == [*["suppressed"] * 5, "ok"]
    for level in ("kecamatan", "kabupaten"):
        row = run.layer(level).iloc[0]
        assert row[f"{COLUMN}_jumlah_status"] == "suppressed", level
        assert row[f"{COLUMN}_jumlah"] != row[f"{COLUMN}_jumlah"], level
        assert row[f"{COLUMN}_desa_dengan_data"] == "6"
    assert [finding.measure for finding in run.findings("table.total_hidden")] == [2]


def test_a_page_says_why_a_total_is_hidden(case: Callable[[str], CaseRun]) -> None:
    why = "disembunyikan: dari jumlah ini angka kecil satu desa dapat dihitung"
    query = f"layer=kecamatan.{COLUMN}_jumlah"
    text = read_page(case(BETRAYED), f"/kabupaten/99.01?{query}&desa=99.01.01")
    assert why in text
    english = read_page(case(BETRAYED), f"/kabupaten/99.01?{query}&lang=en")
    assert "hidden: from this sum the small count of one desa could be worked out" in english
