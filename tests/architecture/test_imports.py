"""Data and code flow left to right: who may import whom, and what the server never loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.measure import REPOSITORY, parsed

PACKAGES = ("boundaries", "layers", "geo_service", "web_map")

ALLOWED = {
    "boundaries": {"boundaries"},
    "layers": {"layers", "boundaries"},
    "geo_service": {"geo_service", "layers.release"},
    "web_map": {"web_map", "geo_service", "layers.release"},
}
# The format of a release stands by itself: the server, the pages or a plugin import it.
RELEASE = {"layers.release", "layers.errors"}
# The command line drives all stages; it imports each inside the command that needs it.  The
# what-if process may load one module of layers.access when first asked (numpy and scipy only).
LAZY = {"geo_service": {"layers", "boundaries", "web_map"}}
LAZY_PLACES = {"geo_service": ("geo_service/cli/", "geo_service/ogc/what_if")}


def imports_of(path: Path) -> list[tuple[str, bool]]:
    """Modules imported by a file, and whether each import is lazy (in a function or for types)."""
    tree = parsed(path.read_text(encoding="utf-8"))
    lazy_nodes = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.If)
        for inner in ast.walk(node)
    }
    found: list[tuple[str, bool]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.extend((alias.name, id(node) in lazy_nodes) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            found.append((module, id(node) in lazy_nodes))
    return found


def sources(package: str) -> list[Path]:
    return [
        path for path in (REPOSITORY / package).rglob("*.py") if "node_modules" not in path.parts
    ]


def is_allowed(module: str, names: set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_lies_left_of_it(package: str) -> None:
    wrong = set()
    for path in sources(package):
        place = path.relative_to(REPOSITORY).as_posix()
        for module, is_lazy in imports_of(path):
            if module.split(".")[0] not in PACKAGES:
                continue
            may_be_lazy = place.startswith(LAZY_PLACES.get(package, ("\0",)))
            if is_lazy and may_be_lazy and module.split(".")[0] in LAZY[package]:
                continue
            if not is_allowed(module, ALLOWED[package]):
                wrong.add(f"{place} imports {module}")
    assert wrong == set()


def test_the_format_of_a_release_imports_nothing_else_of_ours() -> None:
    wrong = {
        f"{path.name} imports {module}"
        for path in (REPOSITORY / "layers" / "release").rglob("*.py")
        for module, _ in imports_of(path)
        if module.split(".")[0] in PACKAGES and not is_allowed(module, RELEASE)
    }
    assert wrong == set()


def loaded_after(statement: str) -> set[str]:
    """Top-level modules loaded in a fresh interpreter after one statement."""
    script = f"import sys\n{statement}\nprint(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    return set(done.stdout.split())


def test_the_server_loads_no_library_of_the_build() -> None:
    loaded = loaded_after("import geo_service.app, geo_service.server")
    assert "web_map" not in loaded
    assert not loaded & {"geopandas", "pandas", "pyarrow", "shapely", "rasterio", "numba", "scipy"}


def test_the_manifest_needs_pydantic_and_the_standard_library_only() -> None:
    loaded = loaded_after("import layers.release.manifest_file")
    assert not loaded & {"numpy", "pandas", "geopandas", "boundaries"}


def test_help_loads_no_stage() -> None:
    loaded = loaded_after("import geo_service.cli.main")
    assert not loaded & {"geopandas", "pandas", "numpy", "fastapi", "pydantic", "ssl", "sqlalchemy"}
