"""What a server holds does not grow with the number of publications (long form: `make chaos`)."""

from __future__ import annotations

import gc
import os
import shutil
from itertools import islice
from pathlib import Path

from geo_service.releases.release import Release
from geo_service.releases.store import OPEN_RELEASES
from tests.chaos import publications
from tests.chaos.publications import Growth, Held, copies_of, measure_growth, page_paths
from tests.chaos.served import ServerUnderTest
from tests.geo_service.client import Client


def own_copy(releases: Path, target: Path) -> Path:
    shutil.copytree(releases, target, symlinks=True)
    return target


def test_no_release_is_held_once_it_was_pruned(releases: Path, tmp_path: Path) -> None:
    root = own_copy(releases, tmp_path / "releases")
    copies, paths = copies_of(root), page_paths(root)
    with Client(root) as client:
        descriptors = 0
        for number in range(40):
            release_id = next(copies)
            for path in paths[number % 3 :: 3]:
                assert client.get(path, accept="text/html").status_code == 200, path
                pinned = f"/releases/{release_id}{'' if path == '/' else path}"
                assert client.get(pinned).status_code == 200, path
            if number == 15:
                gc.collect()
                descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
        gc.collect()
        alive = [thing for thing in gc.get_objects() if isinstance(thing, Release)]
        assert (
            len({release.id for release in alive if release.path.parent == root}) <= OPEN_RELEASES
        )
        assert len(os.listdir("/proc/self/fd")) <= descriptors + 4  # noqa: PTH208


def test_a_server_at_rest_lets_go_of_what_was_pruned(releases: Path, tmp_path: Path) -> None:
    root = own_copy(releases, tmp_path / "releases")
    growth = measure_growth(root, 24)
    assert growth.failures == []
    assert growth.is_fine, growth.line()


def test_what_was_kept_of_a_pruned_release_is_given_to_nobody(
    releases: Path, tmp_path: Path
) -> None:
    root = own_copy(releases, tmp_path / "releases")
    copies = copies_of(root)
    with ServerUnderTest(root) as server:
        pinned = f"/releases/{next(copies)}"
        paths = [pinned + path for path in page_paths(root)[:6]]
        for path in [*paths, *paths]:
            assert publications.ask(server.port, path) == ""
        pruned = [*islice(copies, publications.KEPT)]
        assert not (root / pinned.split("/")[-1]).exists(), pruned
        assert [publications.ask(server.port, path)[:3] for path in paths] == ["404"] * len(paths)
    server.remove_log()


def growth_of(memory_mb: list[float], **end: int) -> Growth:
    """What was seen of a server whose memory was so much after each hundred publications."""
    samples = [(number * 100, Held(memory_mb=held)) for number, held in enumerate(memory_mb, 2)]
    return Growth(1000, warm=samples[0][1], samples=samples, end=Held(memory_mb[-1], **end))


def test_memory_and_descriptors_that_grow_are_seen() -> None:
    noise = [280.0, 272, 289, 281, 276, 290, 279, 284, 281]
    assert growth_of(noise).is_fine
    assert growth_of(noise, others=4).is_fine
    # 20 kB and a descriptor a publication, a tenth of a descriptor, a release that was pruned.
    leak = [held + 2.0 * number for number, held in enumerate(noise)]
    assert not growth_of(leak).is_fine
    assert not growth_of(noise, others=100).is_fine
    assert not growth_of(noise, pruned=50).is_fine
    assert not growth_of(noise, releases=OPEN_RELEASES + 2).is_fine
