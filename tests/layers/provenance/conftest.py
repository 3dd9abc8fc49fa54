"""One build of the small workspace for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.pipeline.build import build_release
from layers.release.manifest import Manifest, read_manifest
from layers.release.provenance_file import FILE_NAME, Provenance
from tests.layers.provenance.world import write_workspace


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scratch = tmp_path_factory.mktemp("provenance")
    return build_release(write_workspace(scratch / "uji"), scratch / "releases").path


@pytest.fixture(scope="session")
def manifest(release: Path) -> Manifest:
    return read_manifest(release)


@pytest.fixture(scope="session")
def provenance(release: Path) -> Provenance:
    return Provenance(release / FILE_NAME)
