"""Roads as Geofabrik, osmnx and drawings by hand have them: directions, lists, gaps."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from tests.cases.field import CaseRun

Case = Callable[[str], CaseRun]


def along_roads(run: CaseRun) -> pd.DataFrame:
    """The rows of the gaps that were measured along roads, by kode."""
    assert run.release is not None, run.blocked or run.refusal
    gaps = pd.read_parquet(run.release / "tables" / "gaps.parquet")
    return gaps[gaps["method"] == "network"].set_index("kode")


def test_a_road_of_geofabrik_is_followed_along_or_against(case: Case) -> None:
    along = along_roads(case("60-roads-geofabrik-oneway"))
    against = along_roads(case("61-roads-geofabrik-oneway-T"))
    assert set(along["status"]) != set(against["status"])
    reached_along = along["travel_time_min"].notna()
    reached_against = against["travel_time_min"].notna()
    assert reached_along.any()
    # A one-way road serves a desa in one of the two worlds, except where it stands at the facility.
    assert not (reached_along & reached_against & (along["distance_m"] > 100)).any()
    assert "unreachable" in set(against["status"])


def test_joined_classes_of_osmnx_are_named(case: Case) -> None:
    run = case("62-roads-osmnx-lists")
    words = {
        str(finding.value or finding.message) for finding in run.findings("road.unknown_class")
    }
    assert any("residential" in word for word in words)
    assert sum(finding.measure or 0 for finding in run.findings("road.unknown_class")) == 2


def test_a_gap_of_two_metres_is_named_with_its_width_and_desa(case: Case) -> None:
    run = case("63-roads-no-shared-node")
    findings = run.findings("road.disconnected")
    assert findings
    assert any(finding.measure == pytest.approx(2.2, abs=0.2) for finding in findings)
    assert all("jiwa" in str(finding.value) for finding in findings)
    assert "unreachable" in set(along_roads(run)["status"])
