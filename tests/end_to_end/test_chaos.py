"""The short forms of `make chaos` and `make fuzz`: deaths, mixed load, each parser for a moment."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import strategies as st

from tests.chaos import deaths, fuzz, load, parsers, publications

pytestmark = pytest.mark.slow


def test_killed_processes_of_a_server_are_replaced(sample_releases: Path) -> None:
    report = deaths.kill_processes(sample_releases, 6)
    assert report.is_fine, (report.line(), report.faults)
    assert report.statuses[200] > 100


def test_a_killed_build_harms_neither_the_release_nor_the_next_build() -> None:
    report = deaths.kill_builds(2)
    assert report.is_fine, report.faults
    assert report.kills == 2


def test_mixed_load_with_publications_and_held_connections_gives_no_error(
    sample_releases: Path, tmp_path: Path
) -> None:
    releases = shutil.copytree(sample_releases, tmp_path / "releases", symlinks=True)
    report = load.measure_load(releases, seconds=4.0, every_s=1.3, held=100, first_s=1.0)
    assert (report.errors, report.problems) == ({}, []), report.line()
    assert report.published >= 2
    assert len(report.asked) > 50
    assert min(report.capacity, report.capacity_after) > 0
    assert report.connections[1] > 90
    assert 0 < publications.p99_between(report.tiles_before, report.tiles_after) < 5


def asked(due_s: float, wait_ms: float, status: int = 200) -> load.Asked:
    return load.Asked(due_s, "tile", wait_ms, status)


def test_what_is_not_steady_is_seen() -> None:
    def seen(late_ms: float, memory_mb: float, status: int = 200) -> load.Steadiness:
        waits = [asked(due / 10, 20.0 if due < 500 else late_ms) for due in range(999)]
        memory = [200.0] * 10 + [memory_mb] * 10
        return load.Steadiness(100.0, asked=[*waits, asked(50, 1, status)], memory_mb=memory)

    assert seen(25, 205).is_fine
    assert not seen(90, 200).is_fine
    assert not seen(20, 230).is_fine
    assert not seen(20, 200, status=503).is_fine
    assert not seen(20, 200, status=0).is_fine


def test_the_stage_that_is_slow_is_seen() -> None:
    waits = [load.Asked(due / 10, "tile", 900.0, 200, behind_ms=880.0) for due in range(100)]
    waits += [load.Asked(due / 10, "tile", 40.0, 200, late_ms=30.0) for due in range(100)]
    seen = load.Steadiness(
        10.0, asked=waits, tiles_before={0.01: 5, 0.1: 6}, tiles_after={0.01: 104, 0.1: 206}
    )
    assert seen.tile_stages == "behind:880ms late:30ms answer:20ms in the server:<=100ms"


@pytest.mark.parametrize("name", parsers.TARGETS)
def test_no_parser_gives_a_traceback(name: str) -> None:
    outcome = fuzz.fuzz(name, seconds=1.0)
    assert outcome.tracebacks == {}
    assert outcome.inputs > 0


def test_a_parser_that_fails_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str) -> None:
        assert "7" not in text

    failing = parsers.Target(st.integers(0, 99).map(str), fail)
    monkeypatch.setitem(parsers.TARGETS, "failing", lambda: failing)
    outcome = fuzz.fuzz("failing", seconds=5.0)
    (text,) = outcome.tracebacks.values()
    assert "AssertionError" in text
    assert text.startswith("round 0")
