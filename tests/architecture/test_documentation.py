"""What the code can say is documented: finding codes, settings, folders, sizes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.measure import REPOSITORY, parsed

PACKAGES = ("boundaries", "layers", "geo_service", "web_map")
FINDING_CODE = re.compile(r"[a-z_]+\.[a-z0-9_]+")
PREFIXES = (
    "boundary",
    "codes",
    "crosswalk",
    "versions",
    "matching",
    "matches",
    "table",
    "spending",
    "facility",
    "gap",
    "input",
    "population",
    "road",
    "raster",
    "access",
    "plan",
    "programme",
    "join",
    "indicator",
    "text",
)


def finding_codes(package: str) -> set[str]:
    """Literals given as ``code`` to a Finding, or named so, anywhere in a package."""
    found = set()
    for path in (REPOSITORY / package).rglob("*.py"):
        for node in ast.walk(parsed(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and FINDING_CODE.fullmatch(node.value)
                and node.value.split(".")[0] in PREFIXES
            ):
                found.add(node.value)
    return found


@pytest.mark.parametrize("package", ["boundaries", "layers"])
def test_every_finding_code_is_documented(package: str) -> None:
    documents = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("boundaries", "layers")
        for path in (REPOSITORY / folder).rglob("*.md")
    )
    undocumented = {code for code in finding_codes(package) if f"`{code}`" not in documents}
    assert undocumented == set()


TESTED = (
    "boundary",
    "codes",
    "crosswalk",
    "versions",
    "matching",
    "matches",
    "table",
    "spending",
    "facility",
    "input",
)
UNDRAWN = {
    "boundary.invalid",  # a reason of GEOS that no version so far gives
    "boundary.reader_warning",  # a remark of GDAL, which differs by its version
}


@pytest.mark.parametrize("package", ["boundaries", "layers"])
def test_every_finding_of_data_occurs_in_a_test(package: str) -> None:
    tests = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (REPOSITORY / "tests").rglob("test_*.py")
        if path != Path(__file__)
    )
    codes = {code for code in finding_codes(package) if code.split(".")[0] in TESTED}
    assert {code for code in codes if code not in tests} <= UNDRAWN


@pytest.mark.parametrize("folder", [*PACKAGES, "tests"])
def test_each_folder_has_a_readme(folder: str) -> None:
    assert (REPOSITORY / folder / "README.md").stat().st_size > 400


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_grows_beyond_what_one_person_reads(package: str) -> None:
    long = {
        str(path.relative_to(REPOSITORY)): lines
        for path in (REPOSITORY / package).rglob("*.py")
        if "node_modules" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
