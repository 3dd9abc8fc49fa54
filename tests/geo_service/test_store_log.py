"""What the log says of releases that are not served: one line each, and none for strangers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from geo_service.errors import UnknownReleaseError
from geo_service.releases import store
from geo_service.releases.store import ReleaseStore
from layers.publish import publication
from tests.end_to_end.processes import read_url
from tests.geo_service.conftest import write_smaller_world
from tests.geo_service.release_folders import Two, point_current
from tests.geo_service.test_integrity import status_of
from tests.geo_service.test_store import break_manifest
from tests.geo_service.test_supervisor import running

INVENTED = "papan-00000000000000aa"
PATHS = ("/collections", "/files/manifest.json", "/tiles/desa/4/13/8.mvt")


def test_an_invented_or_pruned_release_is_no_line_of_the_log(
    two_releases: Two, caplog: pytest.LogCaptureFixture
) -> None:
    """A stranger may ask for any; pages that were open ask for tiles of what was pruned."""
    root, _, second = two_releases
    publication.prune(root, keep=1)
    releases = ReleaseStore(root)
    for _ in range(20):
        for name in (INVENTED, second):
            with pytest.raises(UnknownReleaseError, match="may have been pruned"):
                releases.by_id(name)
    assert caplog.records == []


def damage(root: Path, release_id: str) -> None:
    break_manifest(root / release_id)


def unpublish(root: Path, release_id: str) -> None:
    """As a build leaves it that was killed after its last file and before its publication."""
    lines = (root / ".published").read_text().splitlines(keepends=True)
    (root / ".published").write_text(
        "".join(line for line in lines if line.split()[2] != release_id)
    )


@pytest.mark.parametrize("spoil", [damage, unpublish])
def test_a_release_that_is_not_served_is_logged_once_however_often_it_is_asked_for(
    two_releases: Two, spoil: Callable[[Path, str], None], caplog: pytest.LogCaptureFixture
) -> None:
    root, _, second = two_releases
    spoil(root, second)
    releases = ReleaseStore(root)
    for _ in range(20):
        with pytest.raises(UnknownReleaseError, match="cannot be opened"):
            releases.by_id(second)
    assert len(caplog.records) == 1
    assert second in caplog.text


def test_a_broken_published_release_is_not_opened_at_each_request(
    two_releases: Two, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also when it was first seen long ago: it is tried again from time to time."""
    root, first, second = two_releases
    now_s, opened = [1000.0], []
    monkeypatch.setattr("geo_service.releases.store.time.monotonic", lambda: now_s[0])
    releases = ReleaseStore(root)
    assert releases.current().id == first
    damage(root, second)
    point_current(root, second)
    open_one = releases._open

    def count(name: str) -> object:
        opened.append(name)
        return open_one(name)

    monkeypatch.setattr(releases, "_open", count)
    for _ in range(4):
        for _ in range(10):
            assert releases.current().id == first
            assert releases.to_be_opened("/collections") == ""
        now_s[0] += store.RETRY_S + 1
    assert len(opened) == 4
    assert len(caplog.records) == 1


def test_what_a_killed_build_left_is_served_to_nobody_and_is_one_line_at_most(
    two_releases: Two, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root, first, second = two_releases
    unpublish(root, second)
    half = root / ".build-1-abc"
    (half / "layers").mkdir(parents=True)
    (half / "manifest.json").write_bytes((root / second / "manifest.json").read_bytes())
    log = tmp_path / "log"
    with running(root, log) as (_, base):
        for _ in range(5):
            for name in (second, half.name, INVENTED):
                for path in PATHS:
                    assert status_of(f"{base}/releases/{name}{path}") == 404, (name, path)
        assert first in read_url(f"{base}/?f=json").decode()
        # The next build clears away what is half-written, and says so.
        publication.build_into(root, write_smaller_world)
        assert not half.exists()
        publication.build_into(root, write_smaller_world)
    assert [half.name in record.message for record in caplog.records] == [True]
    lines = [line for line in log.read_text().splitlines() if "ERROR" in line]
    assert len(lines) <= 1, lines


def test_a_broken_published_release_is_one_line_of_the_log_of_a_server(
    two_releases: Two, tmp_path: Path
) -> None:
    """Though each of its processes finds it out for itself."""
    root, first, second = two_releases
    damage(root, second)
    log = tmp_path / "log"
    with running(root, log) as (_, base):
        point_current(root, second)
        for number in range(20):
            for path in ("/", f"/collections/desa/items?limit={number + 1}", "/kecamatan/99.01.01"):
                assert status_of(f"{base}{path}") == 200
    lines = [line for line in log.read_text().splitlines() if "ERROR" in line]
    assert len(lines) == 1, lines
    assert first in lines[0]


def test_a_release_that_was_removed_and_built_again_is_served(two_releases: Two) -> None:
    root, _, second = two_releases
    releases = ReleaseStore(root)
    damage(root, second)
    with pytest.raises(UnknownReleaseError):
        releases.by_id(second)
    publication.publish(root, publication.build_into(root, write_smaller_world))
    assert releases.by_id(second).id == second
