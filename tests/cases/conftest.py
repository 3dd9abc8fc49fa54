"""Fixtures of the field cases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cases.field import CASES, CaseRun, run_case
from tests.web_map.conftest import drawing, page, pages, playwright_here, site

__all__ = ["case", "drawing", "page", "pages", "playwright_here", "site"]


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], CaseRun]:
    """A function that runs a case once in a session and hands out what became of it."""
    if not CASES.is_dir():
        pytest.skip("no ../shared/cases on this machine")
    runs: dict[str, CaseRun] = {}

    def run(name: str) -> CaseRun:
        if name not in runs:
            runs[name] = run_case(name, tmp_path_factory.mktemp("case"))
        return runs[name]

    return run
