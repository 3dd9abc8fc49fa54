"""Which release is served while releases come and break."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from geo_service.errors import UnknownReleaseError
from geo_service.releases.release import Release
from geo_service.releases.store import ReleaseStore
from layers.publish.publication import publish
from layers.release.errors import ReleaseUnusableError
from layers.release.journal import JOURNAL_NAME
from layers.release.manifest_file import SCHEMA_VERSION
from tests.geo_service.client import Client
from tests.geo_service.release_folders import Two, point_current


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
