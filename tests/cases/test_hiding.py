"""Cases of small counts: what is said of values that are hidden, and what totals betray."""

from __future__ import annotations

from collections.abc import Callable

from tests.cases.field import CaseRun

COLUMN = "gizi_buruk_jumlah"


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


def test_a_total_that_gives_its_desa_away_is_in_no_layer(case: Callable[[str], CaseRun]) -> None:
    run = case("103-hidden-counts-can-be-worked-out")
    assert list(run.values(f"{COLUMN}_status").values()) == [*["suppressed"] * 5, "ok"]
    for level in ("kecamatan", "kabupaten"):
        row = run.layer(level).iloc[0]
        assert row[f"{COLUMN}_jumlah_status"] == "suppressed", level
        assert row[f"{COLUMN}_jumlah"] != row[f"{COLUMN}_jumlah"], level
        assert row[f"{COLUMN}_desa_dengan_data"] == "6"
