"""Releases of real data that several tests look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.processes import run, serving


@pytest.fixture(scope="session")
def garut(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The releases of Garut, one published; not to be changed."""
    assert shared_data
    releases = tmp_path_factory.mktemp("garut") / "releases"
    run("build", Path(__file__).parent / "garut", "--to", releases, "--publish", check=True)
    return releases


@pytest.fixture(scope="session")
def site(garut: Path) -> Iterator[str]:
    """Base URL of a server of Garut."""
    with serving(garut) as base:
        yield base
