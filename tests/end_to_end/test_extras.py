"""The same release, byte for byte, whatever else is installed beside the program."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.licences import locked_packages
from tests.end_to_end.processes import digests
from tests.layers.provenance.world import write_workspace

BUILD = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

# Some are loaded by the interpreter itself, at its start.
absent = set(sys.argv[1].split()) - set(sys.modules)
sys.meta_path.insert(0, Absent())
from pathlib import Path
from layers.pipeline.build import build_release
build_release(Path(sys.argv[2]), Path(sys.argv[3]), publish=True)
assert not absent & set(sys.modules)
"""


def modules_of_extras() -> set[str]:
    """What can be imported here, but not in an installation with no extra."""
    locked = set(locked_packages())
    names = importlib.metadata.packages_distributions()
    return {
        module
        for module, owners in names.items()
        if not {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners}
        & (locked | {"geo-service"})
    }


def test_a_release_is_the_same_without_any_extra(small_releases: Path, tmp_path: Path) -> None:
    extras = modules_of_extras()
    assert {"lxml", "openpyxl", "osmium"} <= extras
    workspace = write_workspace(tmp_path / "uji")
    command = [sys.executable, "-W", "ignore", "-c", BUILD, " ".join(extras)]
    subprocess.run([*command, workspace, tmp_path / "releases"], check=True)
    built = digests((tmp_path / "releases" / "current").resolve())
    assert any(name.endswith(".xlsx") for name in built)
    assert built == digests((small_releases / "current").resolve())
