"""Every package that an installation brings may be given on with it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.licences import LOCK, licence_of, locked_packages

# None of these asks for the source of what is built on it.
ALLOWED = r"(MIT|0BSD|ISC|Zlib|CC0-1\.0|MPL(-2\.0)?|PSF-2\.0|Apache-2\.0|BSD(-[23]-Clause)?)"


@pytest.mark.parametrize("package", locked_packages())
def test_a_package_is_under_a_licence_that_is_known(package: str) -> None:
    licence = licence_of(package).replace(" WITH LLVM-exception", "")
    names = re.split(r" AND | OR ", licence.replace("(", "").replace(")", ""))
    assert licence, package
    assert all(re.fullmatch(ALLOWED, name) for name in names), (package, licence)


def test_every_package_is_locked_with_its_hashes() -> None:
    text = LOCK.read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9_.-]+==)", text, flags=re.M)[1:]
    assert len(entries) >= len(locked_packages())
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_same_sources_make_the_same_wheel(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    root = LOCK.parent
    wheels = []
    for name in ("one", "two"):
        copy = tmp_path / name
        skipped = shutil.ignore_patterns(".*", "node_modules", "__pycache__", "tests", "data")
        # Times and order of files differ; the wheel must not.
        shutil.copytree(root, copy, ignore=skipped, copy_function=shutil.copyfile)
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
        subprocess.run(command, cwd=copy, check=True, capture_output=True)
        wheels += [path.read_bytes() for path in (copy / "dist").glob("*.whl")]
    assert len(wheels) == 2
    assert wheels[0] == wheels[1]
