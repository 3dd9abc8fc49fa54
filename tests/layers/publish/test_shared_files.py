"""Files that a release shares with earlier ones."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from layers.publish.publication import build_into, verify_release
from layers.release.manifest_file import Manifest
from tests.layers.publish.test_release import write_small


def write_shared(target: Path, content: str) -> Manifest:
    """A small release with a large file that is the same in all of them."""
    (target / "large.bin").write_bytes(b"x" * 100_000)
    return write_small(target, content)


def test_releases_share_the_files_that_did_not_change(tmp_path: Path) -> None:
    one, two, three = (
        build_into(tmp_path, partial(write_shared, content=name))
        for name in ("one", "two", "three")
    )
    large = [tmp_path / name / "large.bin" for name in (one, two, three)]
    assert len({path.stat().st_ino for path in large}) == 1
    assert large[0].stat().st_mode & 0o777 == 0o444
    shutil.rmtree(tmp_path / one)
    assert [verify_release(tmp_path / name) for name in (two, three)] == [[], []]
    assert not list(tmp_path.rglob("*.link"))


@pytest.mark.parametrize("damage", ["altered", "writable", "linked", "gone"])
def test_a_file_that_is_not_what_it_was_is_not_shared(tmp_path: Path, damage: str) -> None:
    one = build_into(tmp_path, lambda target: write_shared(target, "one"))
    large = tmp_path / one / "large.bin"
    large.chmod(0o644)
    if damage == "altered":
        large.write_bytes(b"y" * 100_000)
        large.chmod(0o444)
    elif damage != "writable":
        large.unlink()
    if damage == "linked":
        (tmp_path / "elsewhere").write_bytes(b"x" * 100_000)
        (tmp_path / "elsewhere").chmod(0o444)
        large.symlink_to(tmp_path / "elsewhere")
    two = build_into(tmp_path, lambda target: write_shared(target, "two"))
    assert verify_release(tmp_path / two) == []
    assert (tmp_path / two / "large.bin").stat().st_nlink == 1
