"""Data and code flow left to right: who may import whom, and what the server never loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("boundaries", "layers", "geo_service", "web_map")

# The writer of workbooks knows nothing of boundaries: openpyxl is all it needs.
ALLOWED = {
    "boundaries": {"boundaries"},
    "layers": {"layers", "boundaries"},
    "geo_service": {"geo_service", "layers.manifest", "boundaries.workbook_writer"},
    "web_map": {"web_map"},
}
# The command line drives all stages; it imports each inside the command that needs it.  The
# what-if process may load one module of layers.access when first asked (numpy and scipy only).
LAZY = {"geo_service": {"layers", "boundaries"}}
LAZY_FILES = {"geo_service": ("cli", "console", "what_if")}


def imports_of(path: Path) -> list[tuple[str, bool]]:
    """Modules imported by a file, and whether each import is lazy (in a function or for types)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
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


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_lies_left_of_it(package: str) -> None:
    wrong = []
    for path in sources(package):
        for module, is_lazy in imports_of(path):
            if module.split(".")[0] not in PACKAGES:
                continue
            allowed = any(
                module == name or module.startswith(f"{name}.") for name in ALLOWED[package]
            )
            may_be_lazy = path.name.startswith(LAZY_FILES.get(package, ()) or ("\0",))
            if is_lazy and may_be_lazy and module.split(".")[0] in LAZY[package]:
                continue
            if not allowed:
                wrong.append(f"{path.relative_to(REPOSITORY)} imports {module}")
    assert wrong == []


def loaded_after(statement: str) -> set[str]:
    """Top-level modules loaded in a fresh interpreter after one statement."""
    script = f"import sys\n{statement}\nprint(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    return set(done.stdout.split())


def test_the_server_loads_no_library_of_the_build() -> None:
    loaded = loaded_after("import geo_service.app")
    assert not loaded & {"geopandas", "pandas", "pyarrow", "shapely", "rasterio", "numba", "scipy"}


def test_the_manifest_needs_pydantic_and_the_standard_library_only() -> None:
    loaded = loaded_after("import layers.manifest")
    assert not loaded & {"numpy", "pandas", "geopandas", "boundaries"}


def test_help_loads_no_stage() -> None:
    loaded = loaded_after("import geo_service.cli")
    assert not loaded & {"geopandas", "pandas", "numpy", "fastapi"}
