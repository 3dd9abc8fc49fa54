"""What is held of releases that are pruned, lost, brought back or many."""

from __future__ import annotations

import gc
import os
import shutil
import threading
import time

import pytest

from geo_service.errors import UnknownReleaseError
from geo_service.releases.store import OPEN_RELEASES, ReleaseStore
from layers.release.manifest_file import ReleaseId
from tests.geo_service.client import Client
from tests.geo_service.release_folders import Two, opened, point_current, publish_by_hand


def test_a_pruned_release_serves_what_is_under_way_and_is_let_go(two_releases: Two) -> None:
    root, first, second = two_releases
    store = ReleaseStore(root)
    under_way = store.current()
    point_current(root, second)
    assert store.current().id == second
    assert store.by_id(first) is under_way
    shutil.rmtree(root / first)
    assert len(under_way.features("desa").line(0)) > 100
    with pytest.raises(UnknownReleaseError):
        store.by_id(first)
    assert opened(root / first) > 0
    del under_way
    gc.collect()
    assert opened(root / first) == 0


def test_a_pruned_release_is_let_go_even_if_nobody_asks_for_it(two_releases: Two) -> None:
    root, first, second = two_releases
    store = ReleaseStore(root)
    store.current()
    point_current(root, second)
    store.current()
    shutil.rmtree(root / first)
    store.current()
    gc.collect()
    assert opened(root / first) == 0


def test_a_release_that_comes_back_from_a_backup_is_known_again(two_releases: Two) -> None:
    root, first, second = two_releases
    away = (root / second).rename(root.with_name("away"))
    store = ReleaseStore(root)
    assert store.current().id == first
    with pytest.raises(UnknownReleaseError):
        store.by_id(second)
    away.rename(root / second)
    assert store.by_id(second).id == second


def test_the_release_served_last_is_let_go_once_it_is_pruned(two_releases: Two) -> None:
    root, first, second = two_releases
    store = ReleaseStore(root)
    store.current()
    point_current(root, second)
    store.let_go()
    assert store.open_releases()[0].id == first
    shutil.rmtree(root / first)
    store.let_go()
    gc.collect()
    assert [release.id for release in store.open_releases()] == [second]
    assert opened(root / first) == 0


def test_what_is_kept_of_a_release_may_be_served_until_it_is_pruned(two_releases: Two) -> None:
    root, first, second = two_releases
    store = ReleaseStore(root)
    assert store.may_be_served(first)
    assert store.may_be_served(second)
    shutil.rmtree(root / first)
    # The published one goes on, though its directory is lost.
    assert store.may_be_served(first)
    point_current(root, second)
    assert not store.may_be_served(first)
    assert store.may_be_served(second)
    # Of a mount that is lost nothing is known.
    root.rename(root.with_name("away"))
    assert store.may_be_served(first)


def test_the_release_served_last_is_kept_where_the_published_one_does_not_open(
    two_releases: Two,
) -> None:
    root, first, second = two_releases
    store = ReleaseStore(root)
    store.current()
    (root / second / "manifest.json").unlink()
    point_current(root, second)
    shutil.rmtree(root / first)
    store.let_go()
    assert store.current().id == first


def test_a_lost_folder_leaves_the_release_in_service(two_releases: Two) -> None:
    root, first, second = two_releases
    with Client(root) as client:
        assert client.get(f"/releases/{second}/collections").status_code == 200
        away = root.rename(root.with_name("away"))
        assert client.json("/")["release_id"] == first
        assert client.json("/healthz")["status"] == "degraded"
        assert client.get("/collections/desa/items?limit=1").status_code == 200
        away.rename(root)
        assert client.json("/healthz")["status"] == "ok"


def test_few_pinned_releases_are_kept_open(two_releases: Two) -> None:
    root, first, _ = two_releases
    store = ReleaseStore(root)
    store.current()
    template = (root / first / "manifest.json").read_text()
    for number in range(OPEN_RELEASES + 3):
        name = f"papan-{number:016x}"
        shutil.copytree(root / first, root / name)
        (root / name / "manifest.json").write_text(template.replace(first, name))
        publish_by_hand(root, name)
        store.by_id(name)
    gc.collect()
    kept = [opened(root / f"papan-{number:016x}") > 0 for number in range(OPEN_RELEASES + 3)]
    assert kept == [False] * 3 + [True] * OPEN_RELEASES


def test_swapping_while_reading_mixes_and_fails_nothing(two_releases: Two) -> None:
    """Threads read through one store while ``current`` changes some thousand times."""
    root, first, second = two_releases
    store, stop = ReleaseStore(root), threading.Event()
    layers = {first: 3, second: 2}
    failures: list[BaseException] = []
    counts = [0]

    def read() -> None:
        try:
            while not stop.is_set():
                release = store.current()
                assert len(release.layers) == layers[ReleaseId(release.id)]
                assert release.features("desa").count == 14
                counts[0] += 1
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        point_current(root, second)
        point_current(root, first)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert counts[0] > 100
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before + 60  # noqa: PTH208
