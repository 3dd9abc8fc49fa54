"""One build of the small workspace for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.release.manifest_file import Manifest, read_manifest
from layers.release.provenance_file import FILE_NAME, Provenance


@pytest.fixture(scope="session")
def release(small_releases: Path) -> Path:
    return (small_releases / "current").resolve()


@pytest.fixture(scope="session")
def manifest(release: Path) -> Manifest:
    return read_manifest(release)


@pytest.fixture(scope="session")
def provenance(release: Path) -> Provenance:
    return Provenance(release / FILE_NAME)
