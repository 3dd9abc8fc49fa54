"""Every case of the folder is known here; one that is new must at least end in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from boundaries.findings.report import Severity
from tests.cases.field import CASES, CaseRun

TESTS = Path(__file__).parent
NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir()) if CASES.is_dir() else []


def has_expectation(name: str) -> bool:
    """Whether a test of this folder says what the case must give."""
    return any(f'"{name}"' in path.read_text(encoding="utf-8") for path in TESTS.glob("test_*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_case_has_an_expectation_or_ends_in_words(
    name: str, case: Callable[[str], CaseRun]
) -> None:
    """What check passes is built; what is not built says why. A traceback fails in `run_case`."""
    if has_expectation(name) or not (CASES / name / "wilayah.toml").is_file():
        return
    run = case(name)
    if run.report is None:
        assert run.refusal
        return
    is_blocked = any(finding.severity is Severity.ERROR for finding in run.report.findings)
    assert is_blocked == (run.release is None), run.blocked
    assert run.release is not None or run.blocked
