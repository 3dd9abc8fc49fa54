"""What happens to releases on disk, killed processes included."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from layers.errors import ReleaseError
from layers.publish import publication
from layers.publish.publication import (
    build_into,
    current_release,
    list_releases,
    previous_release,
    prune,
    publish,
    rollback,
    verify_release,
)
from layers.publish.verification import list_files
from layers.release.manifest_file import (
    MANIFEST_NAME,
    FileEntry,
    InputEntry,
    Manifest,
    hash_manifest,
    make_release_id,
    manifest_bytes,
    sign_manifest,
)

REPOSITORY = Path(__file__).parents[3]


def write_small(target: Path, content: str = "one") -> Manifest:
    """A release of two files, quick to write."""
    (target / "layers").mkdir()
    (target / "layers" / "a.json").write_text(content, encoding="utf-8")
    (target / "findings.json").write_text("{}", encoding="utf-8")
    unnamed = Manifest(
        schema_version="1.0",
        release_id="",
        manifest_sha256="",
        code_version="0",
        wilayah_id="kecil",
        title="Kecil",
        year=2024,
        bbox_lonlat=(0, 0, 1, 1),
        wilayah=(),
        layers=(),
        inputs=(),
        findings={},
        files=list_files(target),
    )
    manifest = sign_manifest(unnamed)
    (target / MANIFEST_NAME).write_bytes(manifest_bytes(manifest))
    return manifest


def build_small(releases: Path, content: str) -> str:
    """The id of a small release with that content."""
    return build_into(releases, lambda target: write_small(target, content))


@pytest.fixture
def three(tmp_path: Path) -> tuple[Path, list[str]]:
    """A directory of three releases, built and published in order."""
    ids = []
    for content in ("one", "two", "three"):
        ids.append(build_small(tmp_path, content))
        publish(tmp_path, ids[-1])
    return tmp_path, ids


def test_a_build_is_named_by_its_content_and_leaves_nothing_else(tmp_path: Path) -> None:
    release_id = build_small(tmp_path, "one")
    assert verify_release(tmp_path / release_id) == []
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".lock", release_id]
    assert build_small(tmp_path, "one") == release_id
    assert build_small(tmp_path, "two") != release_id


def test_published_files_are_read_only(tmp_path: Path) -> None:
    release = tmp_path / build_small(tmp_path, "one")
    modes = {path.stat().st_mode & 0o777 for path in release.rglob("*") if path.is_file()}
    assert modes == {0o444}


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(target: Path) -> Manifest:
        (target / "half").write_text("x")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        build_into(tmp_path, fail)
    assert [entry.name for entry in tmp_path.iterdir()] == [".lock"]


def test_a_build_whose_manifest_is_wrong_is_refused(tmp_path: Path) -> None:
    def forget_a_file(target: Path) -> Manifest:
        manifest = write_small(target)
        (target / "late.txt").write_text("x")
        return manifest

    with pytest.raises(ReleaseError, match=r"late\.txt: not named"):
        build_into(tmp_path, forget_a_file)
    assert list_releases(tmp_path) == []


def test_current_is_a_relative_link(three: tuple[Path, list[str]]) -> None:
    releases, ids = three
    assert (releases / "current").readlink() == Path(ids[2])
    assert current_release(releases) == ids[2]
    assert previous_release(releases) == ids[1]


def test_rollback_walks_back_and_stops_at_the_first(three: tuple[Path, list[str]]) -> None:
    releases, ids = three
    assert rollback(releases) == ids[1]
    assert rollback(releases) == ids[0]
    with pytest.raises(ReleaseError, match="no release was published before"):
        rollback(releases)
    publish(releases, ids[2])
    assert previous_release(releases) == ids[0]


def test_publishing_an_old_release_again_keeps_the_order(three: tuple[Path, list[str]]) -> None:
    releases, ids = three
    publish(releases, ids[0])
    assert rollback(releases) == ids[2]


def test_a_damaged_release_is_not_published(three: tuple[Path, list[str]]) -> None:
    releases, ids = three
    fourth = build_small(releases, "four")
    (releases / fourth / "layers" / "a.json").unlink()
    with pytest.raises(ReleaseError, match=r"layers/a\.json: missing"):
        publish(releases, fourth)
    assert current_release(releases) == ids[2]


def remove_by_hand(releases: Path, release_id: str) -> None:
    shutil.rmtree(releases / release_id)


def prune_all(releases: Path, release_id: str) -> None:
    del release_id
    prune(releases, 1)


@pytest.mark.parametrize("remove", [remove_by_hand, prune_all])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_release_that_goes_while_it_is_checked_is_not_published(
    three: tuple[Path, list[str]],
    monkeypatch: pytest.MonkeyPatch,
    remove: Callable[[Path, str], None],
    moment: str,
) -> None:
    releases, ids = three
    journal = (releases / ".published").read_bytes()

    def verify(release: Path) -> list[str]:
        if moment == "before":
            remove(releases, ids[0])
        problems = verify_release(release)
        if moment == "after":
            remove(releases, ids[0])
        return problems

    monkeypatch.setattr(publication, "verify_release", verify)
    with pytest.raises(ReleaseError, match=f"{ids[0]}' was removed while it was checked"):
        publish(releases, ids[0])
    assert current_release(releases) == ids[2]
    assert (releases / ".published").read_bytes() == journal


def test_a_release_that_another_build_replaces_is_checked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release_id = build_small(tmp_path, "one")
    damaged = tmp_path / release_id / "findings.json"
    damaged.chmod(0o644)
    damaged.write_text("{ }")
    rounds: list[list[str]] = []

    def verify(release: Path) -> list[str]:
        rounds.append(verify_release(release))
        if len(rounds) == 1:
            build_small(tmp_path, "one")
        return rounds[-1]

    monkeypatch.setattr(publication, "verify_release", verify)
    publish(tmp_path, release_id)
    # The one in the middle is that of the build, which found the old one damaged.
    assert [bool(problems) for problems in rounds] == [True, True, False]
    assert current_release(tmp_path) == release_id


def test_what_is_published_or_rolled_back_while_another_is_checked_is_what_it_replaces(
    three: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    releases, ids = three

    def verify(release: Path) -> list[str]:
        monkeypatch.undo()
        assert rollback(releases) == ids[1]
        return verify_release(release)

    monkeypatch.setattr(publication, "verify_release", verify)
    publish(releases, ids[0])
    assert (current_release(releases), previous_release(releases)) == (ids[0], ids[1])


def test_the_current_release_is_verified_whole_though_another_is_published(
    three: tuple[Path, list[str]],
) -> None:
    releases, ids = three
    assert (
        verify_release(
            releases / "current", progress=lambda *_: publication._point_current(releases, ids[0])
        )
        == []
    )
    assert current_release(releases) == ids[0]


@pytest.mark.parametrize("wrong", ["kecil-0000000000000000", "../etc", "current", ".build-1"])
def test_publishing_what_is_no_release_is_refused(
    three: tuple[Path, list[str]], wrong: str
) -> None:
    with pytest.raises(ReleaseError, match="no release"):
        publish(three[0], wrong)


def test_building_again_replaces_a_damaged_release(tmp_path: Path) -> None:
    release_id = build_small(tmp_path, "one")
    damaged = tmp_path / release_id / "findings.json"
    damaged.chmod(0o644)
    damaged.write_text("[]")
    assert build_small(tmp_path, "one") == release_id
    assert verify_release(tmp_path / release_id) == []


@pytest.mark.parametrize(("keep", "left"), [(5, [0, 1, 2]), (2, [1, 2]), (1, [2])])
def test_prune_keeps_the_newest(three: tuple[Path, list[str]], keep: int, left: list[int]) -> None:
    releases, ids = three
    removed = prune(releases, keep)
    assert set(list_releases(releases)) == {ids[number] for number in left}
    assert set(removed) == set(ids) - {ids[number] for number in left}


def test_prune_never_removes_the_current_release_however_old(
    three: tuple[Path, list[str]],
) -> None:
    releases, ids = three
    rollback(releases)
    rollback(releases)
    assert ids[0] not in prune(releases, 1)
    with pytest.raises(ReleaseError, match="at least 1"):
        prune(releases, 0)


def test_one_changed_byte_in_any_file_is_found_and_named(release: Path, tmp_path: Path) -> None:
    copy = tmp_path / release.name
    shutil.copytree(release, copy)
    for path in sorted(file for file in copy.rglob("*") if file.is_file()):
        content = path.read_bytes()
        path.chmod(0o644)
        for place in sorted({0, len(content) // 2, len(content) - 1}):
            changed = bytearray(content)
            changed[place] ^= 1
            path.write_bytes(changed)
            problems = verify_release(copy)
            name = path.relative_to(copy).as_posix()
            assert any(problem.startswith(f"{name}:") for problem in problems), (name, place)
        path.write_bytes(content)
    assert verify_release(copy) == []


def test_every_byte_of_the_manifest_counts(tmp_path: Path) -> None:
    release = tmp_path / build_small(tmp_path, "one")
    path = release / MANIFEST_NAME
    path.chmod(0o644)
    content = path.read_bytes()
    for place in range(len(content)):
        for change in (1, 32):
            changed = bytearray(content)
            changed[place] ^= change
            path.write_bytes(changed)
            assert verify_release(release), (place, change)


def test_missing_extra_and_linked_files_are_named(tmp_path: Path) -> None:
    release = tmp_path / build_small(tmp_path, "one")
    (release / "extra.txt").write_text("x")
    (release / "findings.json").unlink()
    (release / "layers" / "a.json").unlink()
    (release / "layers" / "a.json").symlink_to("/etc/hostname")
    assert verify_release(release) == [
        "extra.txt: not named in the manifest",
        "findings.json: missing",
        "layers/a.json: a symbolic link, expected a file",
    ]


def test_a_release_under_another_name_is_found(tmp_path: Path) -> None:
    release = tmp_path / build_small(tmp_path, "one")
    renamed = release.rename(tmp_path / "kecil-0000000000000000")
    assert "not kecil-0000000000000000" in verify_release(renamed)[0]


def test_a_directory_without_manifest_is_no_release(tmp_path: Path) -> None:
    assert verify_release(tmp_path)[0].startswith("manifest.json: missing")


def test_the_id_covers_all_that_is_published(manifest: Manifest) -> None:
    other = manifest.model_copy(update={"title": "Lain"})
    assert make_release_id(other) != manifest.release_id
    entry = FileEntry(path="layers/x", size=0, sha256="0" * 64)
    more = manifest.model_copy(update={"files": (*manifest.files, entry)})
    assert make_release_id(more) != manifest.release_id


def test_the_order_of_rows_is_in_the_hash_but_not_in_the_id(manifest: Manifest) -> None:
    entry = InputEntry(input="tables.a", path="a.csv", sha256="1" * 64, size=9)
    one = manifest.model_copy(update={"inputs": (entry,)})
    shuffled = entry.model_copy(update={"sha256": "2" * 64})
    rows = FileEntry(path="tables/a.parquet", size=1, sha256="3" * 64)
    two = one.model_copy(update={"inputs": (shuffled,), "files": (*one.files, rows)})
    assert make_release_id(one) == make_release_id(two)
    assert hash_manifest(one) != hash_manifest(two)


# --- killed processes -------------------------------------------------------------------------
