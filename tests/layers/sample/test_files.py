from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from layers.errors import WorkspaceError
from layers.sample import FAULTS, make_truth, write_sample
from layers.sample.sample_workspace import make_files
from layers.workspace.workspace_file import read_workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_another_process_writes_the_same_bytes(workspace: Path, tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from layers.sample import write_sample; "
        "write_sample(pathlib.Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    assert _hashes(tmp_path) == _hashes(workspace)


def test_every_declared_input_exists(workspace: Path) -> None:
    declared = read_workspace(workspace)
    inputs = [
        *declared.boundaries,
        *declared.names,
        *declared.crosswalks,
        *declared.tables,
        *declared.spending,
        *declared.facilities,
    ]
    assert [entry.path for entry in inputs if not (workspace / entry.path).is_file()] == []


def test_readme_names_every_file_and_every_labelled_row(workspace: Path) -> None:
    text = (workspace / "README.md").read_text(encoding="utf-8")
    truth = make_truth()
    assert [file.path for file in make_files() if f"`{file.path}`" not in text] == []
    assert [dirt for dirt in truth.dirt if f"| {dirt.kind} |" not in text] == []


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_changes_one_file_only(name: str, workspace: Path, tmp_path: Path) -> None:
    write_sample(tmp_path, broken=name)
    changed = set(_hashes(workspace).items()) ^ set(_hashes(tmp_path).items())
    assert len({path for path, _ in changed}) == 1


@pytest.mark.parametrize("name", ["unknown_key", "no_code_system"])
def test_a_fault_of_the_declaration_is_refused(name: str, tmp_path: Path) -> None:
    write_sample(tmp_path, broken=name)
    with pytest.raises(WorkspaceError):
        read_workspace(tmp_path)
