"""The whole build of real workspaces, as a process of its own: wall time, memory, split by step."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.harness import absolute, peak_memory_mb

REPOSITORY = Path(__file__).parents[2]
WALL_LIMIT_S, MEMORY_LIMIT_MB = 180, 2000


def bench_build_of_jawa_barat() -> None:
    """5,957 desa from file to published release: under 3 minutes and 2 GB on 2 cores."""
    if not (REPOSITORY.parent / "shared" / "data").is_dir():
        print("bench: build of Jawa Barat left out: no ../shared/data here")
        return
    with tempfile.TemporaryDirectory() as folder:
        wall, memory, steps = _run_build("jawa_barat", Path(folder))
    absolute("build.jawa_barat.wall", wall, limit=WALL_LIMIT_S)
    absolute("build.jawa_barat.peak_memory", memory, limit=MEMORY_LIMIT_MB, unit="MB")
    for step, seconds in steps.items():
        absolute(f"build.jawa_barat.step.{step.replace(' ', '_')}", seconds)


def _run_build(name: str, releases: Path) -> tuple[float, float, dict[str, float]]:
    """Wall seconds, peak megabytes, and wall seconds by step as the progress lines tell them."""
    read, write = os.pipe()
    begun = time.perf_counter()
    arguments = ["build", f"tests/real/{name}", "--to", str(releases), "--publish"]
    process = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "geo_service", *arguments],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, write, 2),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_CLOSE, read),
        ],
    )
    os.close(write)
    steps: dict[str, float] = {}
    peak = 0.0
    last, since = "start and imports", begun
    with os.fdopen(read) as lines:
        for line in lines:
            step = re.sub(r": \d+/\d+\s*$", "", line.strip())
            now = time.perf_counter()
            peak = max(peak, peak_memory_mb(process))
            steps[last] = steps.get(last, 0.0) + now - since
            last, since = step, now
    _, status = os.waitpid(process, 0)
    steps[last] = steps.get(last, 0.0) + time.perf_counter() - since
    assert os.waitstatus_to_exitcode(status) == 0
    return time.perf_counter() - begun, peak, steps
