"""The table of file kinds names every file of a release, and what it names is there."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from layers.publish.format_table import KINDS, ReleaseFile, render_table
from layers.release.manifest_file import read_manifest

LAYERS = Path(__file__).parents[3] / "layers"


def test_the_readme_has_the_table() -> None:
    assert render_table() in (LAYERS / "release" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.pattern)
def test_module_and_record_of_a_kind_are_there(kind: ReleaseFile) -> None:
    assert (LAYERS / f"{kind.module}.py").is_file()
    if kind.record:
        module = import_module(f"layers.{kind.module.replace('/', '.')}")
        assert hasattr(module, kind.record)


def find_kind(path: str) -> ReleaseFile | None:
    return next((kind for kind in KINDS if kind.matches(path)), None)


def test_every_file_of_the_sample_is_of_a_kind(sample_releases: Path) -> None:
    release = sample_releases / "current"
    paths = ["manifest.json", *(entry.path for entry in read_manifest(release).files)]
    assert [path for path in paths if find_kind(path) is None] == []
    assert {find_kind(path) for path in paths} == set(KINDS)


def test_a_file_of_no_kind_is_seen() -> None:
    assert find_kind("notes.txt") is None
    assert find_kind("tables/deep/x.parquet") is None
