"""What `make quick` relies on: the cache of the sample, and the list of what is not quick."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import quick, sample_cache
from tests.sample_cache import cached, digest_of

REPOSITORY = Path(__file__).parents[2]


class Maker:
    """Fills a folder, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "data.txt").write_text("desa")
        (folder / "current").symlink_to("data.txt")
        self.count += 1


def test_what_is_cached_is_made_once(tmp_path: Path) -> None:
    make = Maker()
    assert cached("sample", make, tmp_path) == cached("sample", make, tmp_path)
    assert make.count == 1


@pytest.mark.parametrize("change", ["text", "more", "less", "link", "gone"])
def test_a_copy_that_somebody_changed_is_made_again(tmp_path: Path, change: str) -> None:
    make = Maker()
    folder = cached("sample", make, tmp_path)
    before = digest_of(folder)
    if change == "text":
        (folder / "data.txt").write_text("kelurahan")
    elif change == "more":
        (folder / "more.txt").write_text("")
    elif change == "less":
        (folder / "data.txt").unlink()
    elif change == "link":
        (folder / "current").unlink()
        (folder / "current").symlink_to("elsewhere")
    else:
        folder.rename(tmp_path / "elsewhere")
    assert digest_of(cached("sample", make, tmp_path)) == before
    assert make.count == 2


def test_a_maker_that_failed_leaves_nothing_that_counts(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        folder.mkdir()
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        cached("sample", fail, tmp_path)
    make = Maker()
    assert (cached("sample", make, tmp_path) / "data.txt").read_text() == "desa"


def test_other_code_has_another_copy_and_old_ones_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker()
    for version in "abcde":
        monkeypatch.setattr(sample_cache, "key_of_code", lambda version=version: version)
        cached("sample", make, tmp_path)
    assert make.count == 5
    assert len(list(tmp_path.glob("*-sample"))) == sample_cache.MOST_COPIES


def test_what_is_listed_as_slow_is_there() -> None:
    for path in (*quick.SLOW_FOLDERS, *quick.SLOW_MODULES):
        assert (REPOSITORY / path).exists(), path
    declared = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    for marker in quick.SLOW_MARKERS:
        assert f'"{marker}: ' in declared
