"""Released files that are altered, cut short or lost while they are served."""

from __future__ import annotations

import json
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geo_service.releases import integrity
from geo_service.releases.checker import Checker
from tests.end_to_end.processes import children_of, read_url
from tests.geo_service.client import Client
from tests.geo_service.test_supervisor import running

TILES = "layers/desa/tiles.pmtiles"
Damage = Callable[[Path], object]


def cut(path: Path) -> None:
    os.truncate(path, 0)


def cut_last_byte(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def lose(path: Path) -> None:
    path.unlink()


def flip(path: Path) -> None:
    """Change the last byte, and set the times back, as a careless copy or a rotten disk would."""
    before = path.stat()
    content = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(len(content) - 1)
        file.write(bytes([content[-1] ^ 1]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


DAMAGES = (cut, cut_last_byte, lose, flip, link)


@pytest.fixture
def copied(releases: Path, tmp_path: Path) -> Path:
    """The published release in a folder of this test's own, its files writable."""
    root = tmp_path / "releases"
    shutil.copytree(releases, root, symlinks=True)
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.chmod(0o644)
    time.sleep(integrity.SETTLED_NS / 1e9)
    return root


@pytest.fixture
def checked(copied: Path) -> Iterator[tuple[Client, Checker, Path]]:
    """A client of that release, all files of which were hashed."""
    with Client(copied) as client:
        checker = Checker(client.app.store, 1000)
        checker.look(1)
        yield client, checker, (copied / "current").resolve()


def cache_control(client: Client, path: str) -> str:
    return client.get(path).headers["cache-control"]


def tile_url(client: Client) -> str:
    template: str = client.json("/tiles/desa.json")["tiles"][0]
    path = "/" + template.split("/", 3)[3]
    return path.format(z=4, x=13, y=8)


def test_nothing_is_kept_for_long_before_its_hash_was_made(copied: Path) -> None:
    with Client(copied) as client:
        checker = Checker(client.app.store, 1000)
        rid = client.json("/healthz")["release_id"]
        pinned = (f"/releases/{rid}/files/{TILES}", tile_url(client))
        for path in pinned:
            answer = client.get(path)
            assert answer.headers["cache-control"] == "no-store"
            assert "etag" not in answer.headers
        assert client.json("/healthz")["hashed"] is False
        checker.look(1)
        assert client.json("/healthz")["hashed"] is True
        for path in pinned:
            assert "immutable" in cache_control(client, path)


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        *((damage, TILES) for damage in DAMAGES),
        (flip, "downloads/desa.csv"),
        (cut, "manifest.json"),
    ],
)
def test_an_altered_file_is_never_kept_and_soon_withdrawn(
    checked: tuple[Client, Checker, Path],
    damage: Damage,
    name: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client, checker, release = checked
    url = f"/releases/{release.name}/files/{name}"
    sound = client.get(url)
    assert "immutable" in sound.headers["cache-control"]
    kept = (release / name).read_bytes()
    damage(release / name)
    answer = client.get(url)
    assert "immutable" not in answer.headers["cache-control"]
    assert answer.headers.get("etag") != sound.headers["etag"]
    time.sleep(0.1)
    checker.look(1)
    answer = client.get(url)
    assert answer.status_code == 503
    assert name in answer.json()["detail"]
    assert str(release) not in answer.text
    health = client.json("/healthz")
    assert health["status"] == "degraded"
    assert [line.split(":")[0] for line in health["withdrawn"]] == [name]
    assert sum("is withdrawn" in record.message for record in caplog.records) == 1
    (release / name).unlink(missing_ok=True)
    (release / name).write_bytes(kept)
    time.sleep(0.1)
    for _ in range(3):
        checker.look(1)
        time.sleep(0.06)
    assert client.json("/healthz")["withdrawn"] == []
    assert client.get(url).content == sound.content
    checker.look(1)
    assert "immutable" in cache_control(client, url)


def test_what_needs_a_withdrawn_file_is_answered_503_and_all_else_as_before(
    checked: tuple[Client, Checker, Path],
) -> None:
    client, checker, release = checked
    tile = tile_url(client)
    cut(release / TILES)
    assert client.get(tile).status_code == 503
    checker.look(1)
    answer = client.get(tile)
    assert answer.status_code == 503
    assert answer.json()["type"].endswith("altered-file")
    assert f"{TILES} of this release is not what was published" in answer.json()["detail"]
    for path in (
        "/",
        "/collections/desa/items?limit=1",
        "/tiles/kecamatan.json",
        "/kecamatan/99.01.01",
    ):
        assert client.get(path).status_code == 200, path
    (release / "values.sqlite").write_bytes(b"")
    (release / "layers/desa/features.geojsonl").write_bytes(b"")
    checker.look(1)
    for path in ("/collections/desa/items?limit=1", "/desa/99.01.01.2001"):
        assert client.get(path, accept="text/html").status_code == 503, path


@pytest.mark.parametrize("damage", [lose, cut, flip])
def test_a_release_that_goes_file_by_file_is_one_line_of_the_log(
    checked: tuple[Client, Checker, Path], damage: Damage, caplog: pytest.LogCaptureFixture
) -> None:
    """Such as ``rm -r`` by hand while its folder is still there, a disk that fails, a bad copy."""
    client, checker, release = checked
    paths = [path for path in release.rglob("*") if path.is_file()]
    assert len(paths) > 10
    for path in paths:
        damage(path)
    time.sleep(0.1)
    for _ in range(3):
        checker.look(1)
    lines = [record.message for record in caplog.records if "withdrawn" in record.message]
    assert len(lines) == 1, lines
    assert f"{len(paths)} files are withdrawn" in lines[0]
    assert len(lines[0]) < 500
    assert len(client.json("/healthz")["withdrawn"]) == len(paths)


def test_links_and_rights_are_no_alteration(checked: tuple[Client, Checker, Path]) -> None:
    client, checker, release = checked
    url = f"/releases/{release.name}/files/{TILES}"
    (release.parent / "shared").hardlink_to(release / TILES)
    assert client.get(url).status_code == 200
    time.sleep(0.06)
    checker.look(1)
    assert "immutable" in cache_control(client, url)
    assert client.json("/healthz")["status"] == "ok"


def test_answers_are_sound_only_when_a_later_look_found_no_change(
    checked: tuple[Client, Checker, Path],
) -> None:
    client, checker, release = checked
    state = client.app.store.current().integrity
    began_s = time.monotonic()
    assert not state.was_sound(began_s, time.monotonic())
    made_s = time.monotonic()
    checker.look(0)
    assert state.was_sound(began_s, made_s)
    flip(release / "values.sqlite")
    later_s = time.monotonic()
    checker.look(0)
    assert not state.was_sound(later_s, later_s)
    assert not state.was_sound(began_s, made_s)
    assert not state.may_become_sound(later_s - 1)


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_server_survives_every_file_cut_to_nothing(copied: Path, tmp_path: Path) -> None:
    release = (copied / "current").resolve()
    log = tmp_path / "log"
    with running(copied, log) as (server, base):
        worker = children_of(server.pid)
        urls = (
            f"{base}/tiles/desa/4/13/8.mvt",
            f"{base}/collections/desa/items?limit=100",
            f"{base}/kecamatan/99.01.01",
            f"{base}/desa/99.01.01.2001?lang=en",
            f"{base}/kecamatan/99.01.01.png?width=700",
            f"{base}/kecamatan/99.01.01.xlsx",
        )
        assert [status_of(url) for url in urls[:2]] == [200, 200]
        for path in release.rglob("*"):
            if path.is_file():
                os.truncate(path, 0)
        end_s = time.monotonic() + 20
        while (health := json.loads(read_url(f"{base}/healthz")))["status"] == "ok":
            assert time.monotonic() < end_s
            assert not {status_of(url) for url in urls} - {200, 503}
        assert {status_of(url) for url in urls} == {503}
        assert f"{TILES}: 0 bytes" in " ".join(health["withdrawn"])
        assert children_of(server.pid) == worker
    assert "SIG" not in log.read_text()
