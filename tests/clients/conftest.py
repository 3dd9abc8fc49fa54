"""A running server over a small release, for programs that only speak HTTP."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.publish.publication import build_into, publish
from tests.end_to_end.processes import serving
from tests.layers.publish.world import write_world


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of the server; at the end its log must be clean."""
    releases = tmp_path_factory.mktemp("clients") / "releases"
    publish(releases, build_into(releases, write_world))
    with serving(releases) as url:
        yield url


def run_program(*arguments: str, timeout: float = 180) -> str:
    """What a program prints; it talks to this machine only."""
    if shutil.which(arguments[0]) is None and not Path(arguments[0]).exists():
        pytest.skip(f"no {arguments[0]} on this machine")
    quiet = {"no_proxy": "127.0.0.1", "QT_QPA_PLATFORM": "offscreen", "CPL_DEBUG": "OFF"}
    done = subprocess.run(
        arguments, capture_output=True, text=True, timeout=timeout, env={**os.environ, **quiet}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout
