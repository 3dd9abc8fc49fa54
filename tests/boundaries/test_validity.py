"""Since when and until when a boundary holds: from the history, where it says so."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import MultiPolygon, box

from boundaries.findings.report import Finding
from boundaries.history.versions import Change, ChangeKind, History, date_boundaries

A, B, C = (f"53.06.01.200{number}" for number in (1, 2, 3))


def dated(
    history: History, drawn: int | None, year: int = 2025
) -> tuple[dict[str, tuple[int | None, int | None]], list[Finding]]:
    frame = gpd.GeoDataFrame(
        {
            "kode": [A, B, C],
            "valid_from": pd.array([drawn] * 3, dtype="Int64"),
            "valid_to": pd.array([None] * 3, dtype="Int64"),
            "source_file": "batas.gpkg",
            "source_row": pd.array([1, 2, 3], dtype="Int64"),
        },
        geometry=[MultiPolygon([box(x, 0, x + 1, 1)]) for x in range(3)],
        crs=4326,
    )
    result, findings = date_boundaries(frame, history, year)
    pairs = zip(result["valid_from"], result["valid_to"], strict=True)
    years = [tuple(None if pd.isna(one) else int(one) for one in pair) for pair in pairs]
    return dict(zip([A, B, C], years, strict=True)), findings  # type: ignore[arg-type]  # two years each


@pytest.mark.parametrize("kind", ["split", "merge", "recode"])
def test_a_boundary_holds_since_the_change_that_made_it(kind: ChangeKind) -> None:
    years, findings = dated(History.of([Change(A, B, kind, 2020)]), drawn=2023)
    assert years[B] == (2020, None)
    assert years[C] == (2023, None)
    assert findings == []


def test_a_polygon_from_before_a_split_ends_with_it_and_is_told() -> None:
    years, findings = dated(History.of([Change(A, A, "split", 2024)]), drawn=2019)
    assert years[A] == (2019, 2023)
    assert [(one.code, one.kode, one.row) for one in findings] == [
        ("versions.polygon_before_change", A, 1)
    ]


def test_a_later_change_than_the_year_wanted_only_ends_the_boundary() -> None:
    years, findings = dated(History.of([Change(A, B, "split", 2026)]), drawn=2025)
    assert years[A] == (2025, 2025)
    assert findings == []


def test_without_a_year_of_the_source_the_wanted_year_counts() -> None:
    years, findings = dated(History.of([Change(A, B, "split", 2020)]), drawn=None)
    assert (years[B], years[C], findings) == ((2020, None), (None, None), [])


@pytest.mark.parametrize(("kind", "when"), [("rename", 2020), ("split", None)])
def test_renames_and_undated_changes_say_nothing(kind: ChangeKind, when: int | None) -> None:
    years, findings = dated(History.of([Change(A, B, kind, when)]), drawn=2023)
    assert (set(years.values()), findings) == ({(2023, None)}, [])
