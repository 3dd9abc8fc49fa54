"""Cases that were right when they were collected, and stay right."""

from __future__ import annotations

from collections.abc import Callable

from tests.cases.field import CaseRun


def test_year_written_as_date(case: Callable[[str], CaseRun]) -> None:
    run = case("12-year-as-date")
    layer = run.layer()
    years = set(layer["penduduk_jiwa_tahun"].dropna())
    assert years == {"2024"}
