"""The release of the drawn world, written once for the tests that only read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.publish.publication import build_into
from layers.release.manifest_file import Manifest, read_manifest
from tests.layers.publish.world import write_world


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished release; never changed by a test."""
    releases = tmp_path_factory.mktemp("releases")
    return releases / build_into(releases, write_world)


@pytest.fixture(scope="session")
def manifest(release: Path) -> Manifest:
    """The manifest of that release."""
    return read_manifest(release)
