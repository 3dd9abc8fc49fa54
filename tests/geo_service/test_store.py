"""Which release is served while releases come, go and break."""

from __future__ import annotations

import gc
import json
import os
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from geo_service.errors import UnknownReleaseError
from geo_service.releases.release import Release
from geo_service.releases.store import OPEN_RELEASES, ReleaseStore
from layers.publish.publication import publish
from layers.release.errors import ReleaseUnusableError
from layers.release.journal import JOURNAL_NAME
from layers.release.manifest_file import SCHEMA_VERSION, ReleaseId
from tests.geo_service.client import Client

Two = tuple[Path, ReleaseId, ReleaseId]


def point_current(root: Path, target: str) -> None:
    """Replace the link by one rename, as publishing does."""
    fresh = root / ".current.new"
    fresh.symlink_to(target)
    fresh.replace(root / "current")


def opened(root: Path) -> int:
    """How many files below a directory this process holds open or has mapped."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    mapped = {line.split(maxsplit=5)[5] for line in maps.splitlines() if str(root) in line}
    links = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            links.append(str(link.readlink()))
    return len(mapped) + sum(str(root) in link for link in links)


def publish_by_hand(root: Path, release_id: str) -> None:
    """Write into the journal that a release was published, as journals did before hashes."""
    with (root / JOURNAL_NAME).open("a") as journal:
        journal.write(f"{release_id}\n")


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
    (release / "manifest.json").unlink()
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
def test_at_the_start_the_last_sound_release_is_served(
    two_releases: Two, damage: object, caplog: pytest.LogCaptureFixture
) -> None:
    root, first, second = two_releases
    assert callable(damage)
    damage(root / first)
    with Client(root) as client:
        health = client.json("/healthz")
        assert (health["status"], health["release_id"]) == ("degraded", second)
        assert first in health["problem"]
        assert client.json("/")["release_id"] == second
        assert len(caplog.records) == 1
        damage(root / second)
    with pytest.raises(ReleaseUnusableError, match=str(root)):
        Client(root)


def test_a_lost_or_short_file_of_any_kind_makes_a_release_unsound(two_releases: Two) -> None:
    root, first, second = two_releases
    for path in sorted((root / first).rglob("*")):
        if path.is_dir():
            continue
        content = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(content[:-1])
        assert ReleaseStore(root).current().id == second, path
        path.unlink()
        assert ReleaseStore(root).current().id == second, path
        path.symlink_to("/etc/hostname")
        assert ReleaseStore(root).current().id == second, path
        path.unlink()
        path.write_bytes(content)
    assert ReleaseStore(root).current().id == first


def test_a_folder_of_a_release_may_be_no_link(two_releases: Two, tmp_path: Path) -> None:
    root, first, second = two_releases
    (root / first / "layers").rename(tmp_path / "layers")
    (root / first / "layers").symlink_to(tmp_path / "layers")
    assert ReleaseStore(root).current().id == second


def made_by_hand(root: Path, first: str, name: str, path: str) -> None:
    """A directory that looks like a release and lists a file somewhere else."""
    shutil.copytree(root / first, root / name)
    manifest = json.loads((root / name / "manifest.json").read_text())
    manifest["release_id"] = name
    manifest["files"].append({"path": path, "size": 11, "sha256": "0" * 64})
    (root / name / "manifest.json").chmod(0o644)
    (root / name / "manifest.json").write_text(json.dumps(manifest))


PLACES = [
    "/etc/passwd",
    "../../secret",
    "layers/../../secret",
    "./a",
    "layers//a",
    "layers/",
    "",
    "a\\..\\b",
]


@pytest.mark.parametrize("path", PLACES)
def test_a_manifest_lists_files_of_its_release_only(two_releases: Two, path: str) -> None:
    root, first, _ = two_releases
    name = "papan-00000000000000aa"
    made_by_hand(root, first, name, path)
    with pytest.raises(ReleaseUnusableError, match="no path inside a release"):
        Release(root / name)


def test_a_directory_made_by_hand_is_never_served(two_releases: Two, tmp_path: Path) -> None:
    root, first, _ = two_releases
    name = "papan-00000000000000aa"
    (tmp_path / "secret").write_text("not for you")
    made_by_hand(root, first, name, "secret")
    (root / name / "secret").hardlink_to(tmp_path / "secret")
    with Client(root) as client:
        for path in ("", "/collections", "/files/secret", "/files/manifest.json"):
            assert client.get(f"/releases/{name}{path}").status_code == 404
        point_current(root, name)
        assert client.json("/")["release_id"] == first
        assert client.json("/healthz")["status"] == "degraded"


def test_another_directory_under_a_published_name_is_not_served(two_releases: Two) -> None:
    root, first, second = two_releases
    shutil.move(root / second, root / "away")
    made_by_hand(root, first, second, "secret")
    (root / second / "secret").write_text("not for you")
    with Client(root) as client:
        assert client.get(f"/releases/{second}/files/secret").status_code == 404


@pytest.mark.parametrize("cut", [1, 30, 80, 120])
def test_a_line_of_the_journal_that_was_cut_off_publishes_nothing(
    two_releases: Two, cut: int
) -> None:
    root, first, second = two_releases
    path = root / JOURNAL_NAME
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[1] + lines[0][:-cut])
    store = ReleaseStore(root)
    assert store.current().id == first
    with pytest.raises(UnknownReleaseError):
        store.by_id(second)
    publish(root, second)
    assert store.current().id == second
    assert store.by_id(first).id == first


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
