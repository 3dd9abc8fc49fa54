"""Inputs as files: copies under another name are told."""

from __future__ import annotations

from layers.inputs import check_identical_files
from layers.manifest import InputEntry


def entry(name: str, path: str, sha256: str) -> InputEntry:
    return InputEntry(input=name, path=path, sha256=sha256 * 64, size=1)


def test_a_copy_under_another_name_is_told_and_one_file_for_two_inputs_is_not() -> None:
    found = check_identical_files(
        [
            entry("tables.a", "air_2023.xlsx", "a"),
            entry("tables.b", "air_2024.xlsx", "a"),
            entry("names.1", "kode.csv", "b"),
            entry("crosswalks.1", "kode.csv", "b"),
        ]
    )
    assert [(one.code, one.file) for one in found] == [("input.identical", "air_2024.xlsx")]
    assert "'air_2023.xlsx' (tables.a)" in found[0].message
