"""Inputs as files: copies under another name are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.release.manifest_file import InputEntry
from layers.workspace.input_bytes import InputBytes
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


MANY_FILES = {
    "shapefile": {".shp": "a", ".dbf": "b", ".prj": "c", ".shx": "d", ".cpg": "e"},
    "MapInfo table": {".tab": "a", ".dat": "b", ".map": "c", ".id": "d"},
    "MapInfo exchange": {".mif": "a", ".mid": "b"},
    "raster with a world file": {".tif": "a", ".tfw": "b"},
}


def entries(name: str, stem: str, hashes: dict[str, str]) -> list[InputEntry]:
    return [entry(name, f"{stem}{suffix}", sha256) for suffix, sha256 in hashes.items()]


@pytest.mark.parametrize("kind", MANY_FILES)
def test_inputs_of_several_files_are_copies_only_where_all_their_data_are(kind: str) -> None:
    hashes = MANY_FILES[kind]
    first = entries("boundaries.1", "a/batas", hashes)
    copies = check_identical_files([*first, *entries("boundaries.2", "b/Batas_2", hashes)])
    assert [finding.file for finding in copies] == [f"b/Batas_2{next(iter(hashes))}"]
    for suffix in hashes:
        other = entries("boundaries.2", "b/batas", hashes | {suffix: "f"})
        is_index = suffix in (".shx", ".cpg")
        assert len(check_identical_files([*first, *other])) == int(is_index), suffix


def test_tables_that_are_dbf_files_are_compared_too() -> None:
    copies = check_identical_files(
        [entry("tables.a", "a.dbf", "a"), entry("tables.b", "b.dbf", "a")]
    )
    assert [finding.file for finding in copies] == ["b.dbf"]


def test_folders_that_are_one_input_are_compared_by_their_files(tmp_path: Path) -> None:
    files = InputBytes()
    states = {}
    for name, attributes in (("a.gdb", "1"), ("b.gdb", "1"), ("c.gdb", "2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a01.gdbtable").write_text("shapes")
        (tmp_path / name / "a02.gdbtable").write_text(attributes)
        states[name] = files.hash(tmp_path / name).sha256
    copies = check_identical_files(
        [
            InputEntry(input=name, path=name, sha256=sha256, size=1)
            for name, sha256 in states.items()
        ]
    )
    assert [finding.file for finding in copies] == ["b.gdb"]


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
