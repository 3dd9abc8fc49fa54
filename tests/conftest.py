"""Fixtures of the whole suite: the sample kabupaten and the folder of real data."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.quick import has_quick_tests, is_quick
from tests.sample_cache import cached_releases, cached_workspace

# The same examples in every run, and no failure because the machine is busy.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project; tests on it skip where it is absent."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data on this machine")
    return folder


@pytest.fixture(scope="session")
def sample_workspace() -> Path:
    """The sample kabupaten as a workspace folder; tests must not change it (see `cached`)."""
    return cached_workspace()


@pytest.fixture(scope="session")
def sample_releases() -> Path:
    """A releases folder in which the sample kabupaten is published; tests must not change it."""
    return cached_releases()


@pytest.fixture(scope="session")
def small_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A releases folder with the four desa of `tests.layers.provenance.world`."""
    from layers.pipeline.build import build_release
    from tests.layers.provenance.world import write_workspace

    scratch = tmp_path_factory.mktemp("small")
    build_release(write_workspace(scratch / "uji"), scratch / "releases", publish=True)
    return scratch / "releases"


def _has_qgis() -> bool:
    command = ["/usr/bin/python3", "-c", "import qgis.core"]
    return (
        Path(command[0]).exists() and subprocess.run(command, capture_output=True).returncode == 0
    )


NEEDS: dict[str, Callable[[], bool]] = {
    "browser": lambda: shutil.which("chromium") is not None,
    "gdal": lambda: shutil.which("ogrinfo") is not None,
    "grass": lambda: shutil.which("grass") is not None,
    "postgresql": lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb")),
    "qgis": _has_qgis,
    "real": lambda: (REPOSITORY.parent / "shared" / "data").is_dir(),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--bless`` keeps what the tests see now as what is expected; the diff is reviewed."""
    parser.addoption("--bless", action="store_true", help="rewrite the kept expectations")
    parser.addoption("--quick", action="store_true", help="the quick tests only (tests/quick.py)")
    parser.addoption("--fuzz", type=int, default=12, help="examples of damaged workspaces")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only the quick tests are asked for, modules without any are not imported."""
    is_left_out = config.getoption("--quick") and not has_quick_tests(
        collection_path, config.rootpath
    )
    return True if is_left_out else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the quick tests where only these are asked for; skip what this machine cannot run.

    In CI everything must run, so nothing is skipped there.
    """
    if config.getoption("--quick"):
        config.hook.pytest_deselected(items=[item for item in items if not is_quick(item)])
        items[:] = [item for item in items if is_quick(item)]
    # The files that take longest first: two processes are then busy to the end.
    items.sort(key=lambda item: item.get_closest_marker("real") is None)
    if os.environ.get("CI") == "true":
        return
    for name, is_there in NEEDS.items():
        marked = [item for item in items if item.get_closest_marker(name)]
        if marked and not is_there():
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=f"this machine has no {name}"))
