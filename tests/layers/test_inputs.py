"""Inputs as files: copies under another name are told."""

from __future__ import annotations

from pathlib import Path

from layers.release.manifest import InputEntry
from layers.workspace.inputs import check_identical_files, hash_inputs
from layers.workspace.workspace_file import read_workspace


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


def test_an_absolute_path_is_read_and_told_from_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "wilayah"
    folder.mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "desa.geojson").write_text("{}")
    (folder / "wilayah.toml").write_text(f"""
schema = 1

[wilayah]
id = "sampel"
name = "Sampel"
scope = ["99.01"]
year = 2025

[[boundaries]]
path = "{(tmp_path / "data" / "desa.geojson").as_posix()}"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
""")
    workspace = read_workspace(folder)
    (found,) = hash_inputs(workspace, folder)
    assert found.path == "../data/desa.geojson"
    assert str(tmp_path) not in workspace.model_dump_json()
