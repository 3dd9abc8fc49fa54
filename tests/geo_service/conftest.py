"""A published release of a small world, and a client that asks for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from geo_service.releases.store import ReleaseStore
from layers.publish.publication import build_into, publish
from layers.release.features import FeatureIndex
from layers.release.manifest_file import Manifest, ReleaseId
from tests.geo_service.client import Client
from tests.geo_service.scenarios import WHAT_IF
from tests.layers.publish.world import make_layers, write_world


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with one published release; not to be changed."""
    root = tmp_path_factory.mktemp("served") / "releases"
    publish(root, build_into(root, partial(write_world, extras=WHAT_IF)))
    return root


@pytest.fixture(scope="session")
def client(releases: Path) -> Iterator[Client]:
    with Client(releases) as client:
        yield client


@pytest.fixture(scope="session")
def rid(client: Client) -> str:
    """Id of the published release."""
    return str(client.json("/")["release_id"])


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ReleaseId, ReleaseId]:
    """A directory with two published releases, the first current; not to be changed."""
    root = tmp_path_factory.mktemp("pair") / "releases"
    first = build_into(root, write_world)
    second = build_into(root, write_smaller_world)
    publish(root, second)
    publish(root, first)
    return root, first, second


@pytest.fixture
def two_releases(
    pair: tuple[Path, ReleaseId, ReleaseId], tmp_path: Path
) -> tuple[Path, ReleaseId, ReleaseId]:
    """The same two releases in a directory of this test's own."""
    root, first, second = pair
    shutil.copytree(root, tmp_path / "releases", symlinks=True)
    return tmp_path / "releases", first, second


def write_smaller_world(target: Path) -> Manifest:
    """The same world without its facilities, and so another release."""
    return write_world(target, make_layers()[:2])


@pytest.fixture(scope="session")
def served_desa(releases: Path) -> FeatureIndex:
    """The desa of the published release, as the server reads them."""
    return ReleaseStore(releases).current().features("desa")
