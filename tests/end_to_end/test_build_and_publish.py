"""Build, publish and serve with real processes: repeatable, atomic, never a failed request."""

from __future__ import annotations

import json
import random
import shutil
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from layers.release.manifest_file import CURRENT_LINK, read_manifest
from tests.end_to_end.processes import digests, kill_group, read_url, run, serving, start


def build(workspace: Path, releases: Path, *options: str) -> str:
    """The id of the release that a real ``build`` made."""
    before = {path.name for path in releases.iterdir()} if releases.exists() else set()
    run("build", workspace, "--to", releases, *options, check=True)
    made = {path.name for path in releases.iterdir() if path.is_dir() and not path.is_symlink()}
    new = [name for name in made - before if not name.startswith(".")]
    assert len(new) == 1
    return new[0]


@pytest.fixture(scope="module")
def other_workspace(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with another title, hence another release."""
    folder = tmp_path_factory.mktemp("other") / "sampel"
    shutil.copytree(sample_workspace, folder)
    toml = folder / "wilayah.toml"
    text = toml.read_text(encoding="utf-8")
    name = next(line for line in text.splitlines() if line.startswith("name = "))
    toml.write_text(text.replace(name, 'name = "Kabupaten Contoh Kedua"'), encoding="utf-8")
    return folder


@pytest.fixture
def both_releases(
    sample_releases: Path, other_workspace: Path, tmp_path: Path
) -> tuple[Path, str, str]:
    """A folder with two releases, the first published."""
    releases = tmp_path / "releases"
    shutil.copytree(sample_releases, releases, symlinks=True)
    first = read_manifest(releases / CURRENT_LINK).release_id
    return releases, first, build(other_workspace, releases)


def test_two_builds_give_the_same_bytes(sample_workspace: Path, tmp_path: Path) -> None:
    first = build(sample_workspace, tmp_path / "one")
    second = build(sample_workspace, tmp_path / "two")
    assert first == second
    assert digests(tmp_path / "one" / first) == digests(tmp_path / "two" / second)


def shuffle_rows(path: Path, seed: int) -> None:
    """The same file with its rows in another order; the header stays where it is."""
    mix = random.Random(seed)
    if path.suffix == ".geojson":
        document = json.loads(path.read_text(encoding="utf-8"))
        mix.shuffle(document["features"])
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    elif path.suffix == ".csv":
        data = path.read_bytes()
        if b'"' in data:  # a quoted field may hold a line break
            return
        header, *rows = data.splitlines(keepends=True)
        rows = [row if row.endswith(b"\n") else row + b"\n" for row in rows]
        mix.shuffle(rows)
        path.write_bytes(header + b"".join(rows))


def test_shuffled_rows_give_the_same_release(sample_workspace: Path, tmp_path: Path) -> None:
    shuffled = tmp_path / "sampel"
    shutil.copytree(sample_workspace, shuffled)
    changed = 0
    for number, path in enumerate(sorted(shuffled.rglob("*"))):
        before = path.read_bytes() if path.is_file() else b""
        if path.is_file():
            shuffle_rows(path, number)
            changed += before != path.read_bytes()
    assert changed >= 3
    first = build(sample_workspace, tmp_path / "one")
    second = build(shuffled, tmp_path / "two")
    assert first == second
    plain, mixed = digests(tmp_path / "one" / first), digests(tmp_path / "two" / second)
    assert plain.keys() == mixed.keys()
    # Only what tells where a row stood, and the hash of the input itself, may differ.
    differing = {name for name in plain if plain[name] != mixed[name]}
    assert {name.split("/")[0] for name in differing} <= {
        "manifest.json",
        "findings.json",
        "tables",
        "reports",
    }


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.4, 1.5, 3.0, 5.0, 7.0])
def test_a_killed_build_leaves_the_published_release_as_it_was(
    sample_releases: Path, other_workspace: Path, tmp_path: Path, delay: float
) -> None:
    releases = tmp_path / "releases"
    shutil.copytree(sample_releases, releases, symlinks=True)
    before = digests(releases / CURRENT_LINK)
    with serving(releases) as base:
        process = start("build", other_workspace, "--to", releases, "--publish")
        time.sleep(delay)
        finished = process.poll() is not None
        if not finished:
            kill_group(process)
        served = json.loads(read_url(f"{base}/healthz"))["release_id"]
        current = read_manifest(releases / CURRENT_LINK)
        assert served == current.release_id
        assert run("verify", releases / CURRENT_LINK).returncode == 0
        if not finished and current.title != "Kabupaten Contoh Kedua":
            assert digests(releases / CURRENT_LINK) == before
    # The next build clears what the dead one left, and succeeds.
    run("build", other_workspace, "--to", releases, "--publish", check=True)
    assert [path.name for path in releases.glob(".build*")] == []


def test_publishing_under_load_gives_no_failed_request(
    both_releases: tuple[Path, str, str],
) -> None:
    releases, first, second = both_releases
    failures: list[str] = []
    seen: set[str] = set()
    stop = threading.Event()

    def load(base: str) -> None:
        while not stop.is_set():
            try:
                tilejson = json.loads(read_url(f"{base}/tiles/desa.json"))
                template = str(tilejson["tiles"][0])
                release = template.split("/releases/")[1].split("/")[0]
                seen.add(release)
                west, south, _, _ = tilejson["bounds"]
                items = json.loads(
                    read_url(f"{base}/collections/desa/items?limit=5&bbox={west},{south},180,90")
                )
                assert items["numberReturned"] == 5
                pinned = f"{base}/releases/{release}/files/manifest.json"
                assert json.loads(read_url(pinned))["release_id"] == release
            except Exception as error:  # every failure counts, whatever it is
                failures.append(f"{type(error).__name__}: {error}")

    with serving(releases, workers=2) as base:
        threads = [threading.Thread(target=load, args=(base,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for release in (second, first, second, first, second):
            run("publish", releases, release, check=True)
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert {first, second} <= seen


def test_rollback_and_prune(both_releases: tuple[Path, str, str]) -> None:
    releases, first, second = both_releases
    run("publish", releases, second, check=True)
    assert read_manifest(releases / CURRENT_LINK).release_id == second
    run("rollback", releases, check=True)
    assert read_manifest(releases / CURRENT_LINK).release_id == first
    run("prune", releases, "--keep", "1", check=True)
    assert (releases / first).is_dir()
    assert read_manifest(releases / CURRENT_LINK).release_id == first


def test_one_wrong_byte_is_found_and_its_file_named(
    both_releases: tuple[Path, str, str],
) -> None:
    releases, first, _ = both_releases
    mix = random.Random(7)
    for path in sorted((releases / first).rglob("*")):
        if not path.is_file() or path.stat().st_size == 0:
            continue
        original = path.read_bytes()
        place = mix.randrange(len(original))
        path.chmod(0o644)
        path.write_bytes(original[:place] + bytes([original[place] ^ 0x20]) + original[place + 1 :])
        problems = _verify(releases / first)
        assert any(path.relative_to(releases / first).as_posix() in line for line in problems), path
        path.write_bytes(original)
    done = run("verify", releases / first)
    assert done.returncode == 0, done.stderr


def _verify(release: Path) -> list[str]:
    from layers.publish.publication import verify_release

    return list(verify_release(release))


def test_the_map_of_each_kecamatan_is_served(sample_releases: Path) -> None:
    manifest = read_manifest(sample_releases / CURRENT_LINK)
    kecamatan = [entry for entry in manifest.wilayah if entry.level == "kecamatan"]
    assert len(kecamatan) == 3
    with serving(sample_releases) as base:
        for entry in kecamatan:
            request = urllib.request.Request(
                f"{base}/kecamatan/{entry.kode}", headers={"Accept": "text/html"}
            )
            with urllib.request.urlopen(request, timeout=20) as answer:
                page = answer.read().decode()
            assert entry.nama in page
            assert "<svg" in page
