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

from layers.release.manifest_file import CURRENT_LINK, MANIFEST_NAME, read_manifest
from tests.end_to_end.processes import digests, kill_group, read_url, run, serving, start
from tests.layers.provenance.world import write_workspace


def build(workspace: Path, releases: Path, *options: str) -> str:
    """The id of the release that a real ``build`` made."""
    before = {path.name for path in releases.iterdir()} if releases.exists() else set()
    run("build", workspace, "--to", releases, *options, check=True)
    made = {path.name for path in releases.iterdir() if path.is_dir() and not path.is_symlink()}
    new = [name for name in made - before if not name.startswith(".")]
    assert len(new) == 1
    return new[0]


OTHER_TITLE = "Kabupaten Contoh Kedua"


def give_other_title(workspace: Path) -> None:
    """Another title makes another release."""
    toml = workspace / "wilayah.toml"
    text = toml.read_text(encoding="utf-8")
    name = next(line for line in text.splitlines() if line.startswith("name = "))
    toml.write_text(text.replace(name, f'name = "{OTHER_TITLE}"'), encoding="utf-8")


@pytest.fixture(scope="module")
def two_builds(
    sample_workspace: Path, sample_releases: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str, str]:
    """A folder with the sample and the sample of another title, the first published."""
    scratch = tmp_path_factory.mktemp("other")
    shutil.copytree(sample_workspace, scratch / "sampel")
    give_other_title(scratch / "sampel")
    shutil.copytree(sample_releases, scratch / "releases", symlinks=True)
    first = read_manifest(scratch / "releases" / CURRENT_LINK).release_id
    return scratch / "releases", first, build(scratch / "sampel", scratch / "releases")


@pytest.fixture
def both_releases(two_builds: tuple[Path, str, str], tmp_path: Path) -> tuple[Path, str, str]:
    """A copy of the folder of two releases that a test may change."""
    releases, first, second = two_builds
    shutil.copytree(releases, tmp_path / "releases", symlinks=True)
    return tmp_path / "releases", first, second


def test_two_builds_give_the_same_bytes(
    sample_workspace: Path, sample_releases: Path, tmp_path: Path
) -> None:
    first = read_manifest(sample_releases / CURRENT_LINK).release_id
    assert build(sample_workspace, tmp_path) == first
    assert digests(tmp_path / first) == digests(sample_releases / first)


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


def test_shuffled_rows_give_the_same_release(
    sample_workspace: Path, sample_releases: Path, tmp_path: Path
) -> None:
    shuffled = tmp_path / "sampel"
    shutil.copytree(sample_workspace, shuffled)
    changed = 0
    for number, path in enumerate(sorted(shuffled.rglob("*"))):
        before = path.read_bytes() if path.is_file() else b""
        if path.is_file():
            shuffle_rows(path, number)
            changed += before != path.read_bytes()
    assert changed >= 3
    first = read_manifest(sample_releases / CURRENT_LINK).release_id
    assert build(shuffled, tmp_path / "releases") == first
    plain, mixed = digests(sample_releases / first), digests(tmp_path / "releases" / first)
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
@pytest.mark.parametrize("delay", [0.4, 1.5, 2.5, 3.5, 4.5])
def test_a_killed_build_leaves_the_published_release_as_it_was(
    small_releases: Path, tmp_path: Path, delay: float
) -> None:
    """At points of a build of four desa; `make chaos` kills builds of the sample at any point."""
    releases = tmp_path / "releases"
    shutil.copytree(small_releases, releases, symlinks=True)
    workspace = write_workspace(tmp_path / "uji")
    give_other_title(workspace)
    before = digests(releases / CURRENT_LINK)
    with serving(releases) as base:
        process = start("build", workspace, "--to", releases, "--publish")
        time.sleep(delay)
        finished = process.poll() is not None
        if not finished:
            kill_group(process)
        served = json.loads(read_url(f"{base}/healthz"))["release_id"]
        current = read_manifest(releases / CURRENT_LINK)
        assert served == current.release_id
        assert run("verify", releases / CURRENT_LINK).returncode == 0
        if not finished and current.title != OTHER_TITLE:
            assert digests(releases / CURRENT_LINK) == before
    # The next build clears what the dead one left, and succeeds.
    run("build", workspace, "--to", releases, "--publish", check=True)
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
    """The manifest alone, then every other file at once: each is named."""
    releases, first, _ = both_releases
    mix = random.Random(7)
    every = [path for path in sorted((releases / first).rglob("*")) if path.is_file()]
    filled = [path for path in every if path.stat().st_size > 0]
    manifest = releases / first / MANIFEST_NAME
    others = [path for path in filled if path != manifest]
    assert len(others) > 100
    for damaged in ([manifest], others):
        originals = {path: path.read_bytes() for path in damaged}
        for path, content in originals.items():
            place = mix.randrange(len(content))
            path.chmod(0o644)
            path.write_bytes(
                content[:place] + bytes([content[place] ^ 0x20]) + content[place + 1 :]
            )
        problems = _verify(releases / first)
        names = [path.relative_to(releases / first).as_posix() for path in damaged]
        assert [name for name in names if not any(name in line for line in problems)] == []
        for path, content in originals.items():
            path.write_bytes(content)
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
