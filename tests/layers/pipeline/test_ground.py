"""Names of places come from the inputs; of a provinsi also from the shipped list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from layers.columns.catalogue import read_provinsi_names
from layers.pipeline.ground import ListsTask, read_code_lists
from layers.pipeline.step_records import Files
from layers.workspace.sections import Workspace


def workspace(scope: str, **more: object) -> Workspace:
    return Workspace.model_validate(
        {
            "schema": 1,
            "wilayah": {"id": "w", "name": "Flores Timur", "scope": [scope], "year": 2025},
            "boundaries": [{"path": "a.gpkg", "code_system": "kemendagri", "code_column": "kode"}],
        }
        | more
    )


def read_names(workspace: Workspace, folder: Path) -> Mapping[str, str]:
    return read_code_lists(ListsTask(workspace, Files(folder, ()))).names


def test_the_list_has_each_of_the_38_provinsi_once() -> None:
    names = read_provinsi_names()
    assert len(names) == len(set(names.values())) == 38
    assert all(len(kode) == 2 and kode.isdigit() for kode in names)
    assert names["53"] == "Nusa Tenggara Timur"
    assert names["96"] == "Papua Barat Daya"


def test_an_official_list_comes_before_the_shipped_names(tmp_path: Path) -> None:
    assert read_names(workspace("53.06"), tmp_path)["53"] == "Nusa Tenggara Timur"
    (tmp_path / "nama.csv").write_text("kode,nama\n53,NTT\n53.06,Kab. Flores Timur\n", "utf-8")
    listed = {
        "path": "nama.csv",
        "code_system": "kemendagri",
        "code_column": "kode",
        "name_column": "nama",
    }
    names = read_names(workspace("53.06", names=[listed]), tmp_path)
    assert (names["53"], names["53.06"]) == ("NTT", "Kab. Flores Timur")
    assert names["52"] == "Nusa Tenggara Barat"
