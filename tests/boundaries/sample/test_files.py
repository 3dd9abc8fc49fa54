from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from boundaries.sample import write_sample
from layers.workspace import read_workspace


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
        "import sys, pathlib; from boundaries.sample import write_sample; "
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
