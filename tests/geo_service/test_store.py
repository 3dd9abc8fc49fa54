"""Which release is served while releases come, go and break."""

from __future__ import annotations

import gc
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from geo_service.errors import UnknownReleaseError
from geo_service.releases.release import Release
from geo_service.releases.store import OPEN_RELEASES, ReleaseStore
from layers.release.errors import ReleaseUnusableError
from layers.release.manifest_file import SCHEMA_VERSION, ReleaseId
from tests.geo_service.client import Client

Two = tuple[Path, ReleaseId, ReleaseId]


def point_current(root: Path, target: str) -> None:
    """Replace the link by one rename, as publishing does."""
    fresh = root / ".current.new"
    fresh.symlink_to(target)
    fresh.replace(root / "current")


def mapped(root: Path) -> int:
    """How many files below a directory this process has mapped."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    return len({line.split(maxsplit=5)[5] for line in maps.splitlines() if str(root) in line})


def test_a_new_release_is_served_at_once(two_releases: Two) -> None:
    root, first, second = two_releases
    with Client(root) as client:
        assert client.json("/")["release_id"] == first
        assert "facilities" in client.get("/collections").text
        point_current(root, second)
        assert client.json("/")["release_id"] == second
        assert client.get("/collections/facilities").status_code == 404
        assert client.get(f"/releases/{first}/collections/facilities").status_code == 200


def test_nothing_published_fails_loudly(tmp_path: Path) -> None:
    with pytest.raises(ReleaseUnusableError, match="Publish a release"):
        Client(tmp_path)


def break_manifest(release: Path) -> None:
    (release / "manifest.json").write_text("{}")


def break_tiles(release: Path) -> None:
    (release / "layers" / "desa" / "tiles.pmtiles").write_bytes(b"PMTiles\x03" + b"\0" * 200)


def break_index(release: Path) -> None:
    (release / "layers" / "desa" / "features.index").write_bytes(b"GFIX")


def break_by_removal(release: Path) -> None:
    (release / "layers" / "desa" / "features.geojsonl").unlink()


def break_schema(release: Path) -> None:
    path = release / "manifest.json"
    written = f'"schema_version": "{SCHEMA_VERSION}"'
    assert written in path.read_text()
    path.write_text(path.read_text().replace(written, '"schema_version": "2.0"'))


def break_values(release: Path) -> None:
    (release / "values.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)


def lose_values(release: Path) -> None:
    (release / "values.sqlite").unlink()


BREAKS = [
    break_manifest,
    break_tiles,
    break_index,
    break_by_removal,
    break_schema,
    break_values,
    lose_values,
]


@pytest.mark.parametrize("damage", BREAKS, ids=lambda function: function.__name__)
def test_a_release_that_will_not_open_leaves_the_old_one_in_service(
    two_releases: Two, damage: object, caplog: pytest.LogCaptureFixture
) -> None:
    root, first, second = two_releases
    assert callable(damage)
    damage(root / second)
    with Client(root) as client:
        point_current(root, second)
        for _ in range(5):
            assert client.json("/")["release_id"] == first
        health = client.json("/healthz")
        assert (health["status"], health["release_id"]) == ("degraded", first)
        assert second in health["problem"]
        assert str(root) not in health["problem"]
        assert len(caplog.records) == 1
        assert client.get(f"/releases/{second}/collections").status_code == 404
        point_current(root, first)
        assert client.json("/healthz")["status"] == "ok"


def test_a_repaired_release_is_tried_again(two_releases: Two) -> None:
    root, first, second = two_releases
    kept = (root / second / "manifest.json").read_bytes()
    with Client(root) as client:
        break_manifest(root / second)
        point_current(root, second)
        assert client.json("/")["release_id"] == first
        time.sleep(0.02)
        (root / second / "manifest.json").write_bytes(kept)
        assert client.json("/")["release_id"] == second


@pytest.mark.parametrize("damage", BREAKS, ids=lambda function: function.__name__)
def test_at_the_start_there_is_no_old_one(two_releases: Two, damage: object) -> None:
    root, first, _ = two_releases
    assert callable(damage)
    damage(root / first)
    with pytest.raises(ReleaseUnusableError, match=str(root)):
        Client(root)


@pytest.mark.parametrize("target", ["missing-0123456789abcdef", "../elsewhere", "/etc", "x" * 200])
def test_a_link_to_nowhere_leaves_the_old_one_in_service(two_releases: Two, target: str) -> None:
    root, first, _ = two_releases
    with Client(root) as client:
        point_current(root, target)
        assert client.json("/")["release_id"] == first
        assert client.json("/healthz")["status"] == "degraded"
        (root / "current").unlink()
        assert client.json("/")["release_id"] == first


def test_a_release_under_another_name_is_refused(two_releases: Two) -> None:
    root, first, _ = two_releases
    (root / first).rename(root / "papan-0123456789abcdef")
    with pytest.raises(ReleaseUnusableError, match="its manifest is of"):
        Release(root / "papan-0123456789abcdef")


@pytest.mark.parametrize(
    "name", ["..", ".", "", "current", ".build", "x" * 80, "papan-0123", "a/b"]
)
def test_only_release_ids_reach_the_disk(two_releases: Two, name: str) -> None:
    with pytest.raises(UnknownReleaseError):
        ReleaseStore(two_releases[0]).by_id(name)


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
    assert mapped(root / first) > 0
    del under_way
    gc.collect()
    assert mapped(root / first) == 0


def test_a_pruned_release_is_let_go_even_if_nobody_asks_for_it(two_releases: Two) -> None:
    root, first, second = two_releases
    store = ReleaseStore(root)
    store.current()
    point_current(root, second)
    store.current()
    shutil.rmtree(root / first)
    store.current()
    gc.collect()
    assert mapped(root / first) == 0


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
        store.by_id(name)
    gc.collect()
    kept = [mapped(root / f"papan-{number:016x}") > 0 for number in range(OPEN_RELEASES + 3)]
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
