"""How the house is built, in figures: printed by ``python -m tests.architecture.measure``.

``python -m tests.architecture.measure layers/tables`` prints what lies behind the figures of one
folder: its shares, and each vague name, `Any` and module with one importer by file and line.

Folders, importers, words, types and arrows are read from the syntax trees of the four packages.
What a page visits is measured on a running application (`count_visits`): each function counts the
first time that it is called, and a visit is a step from one module to another.
"""

from __future__ import annotations

import ast
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import FrameType

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("boundaries", "layers", "geo_service", "web_map")
VAGUE = frozenset(
    {
        "at",
        "found",
        "known",
        "one",
        "told",
        "own",
        "wanted",
        "kept",
        "shown",
        "mine",
        "asked",
        "said",
        "there",
        "here",
        "whose",
    }
)
# What every folder of a package may use: errors, progress, settings, and the words of pages.
BASES = frozenset(
    {
        "boundaries.geometry_arrays",
        "boundaries.errors",
        "boundaries.progress",
        "layers.errors",
        "geo_service.errors",
        "boundaries.file_kinds",
        "geo_service.settings",
        "web_map.sentences",
        "web_map.words",
    }
)
# Entry points, pages, importers and readers of formats that a table or a tool names: they have no
# importer of their own by design.
REGISTERED = (
    "__main__",
    "web_map.build",
    "web_map.pages.",
    "web_map.house.",
    "importers.",
    "layers.sample.",
    "layers.tables.formats.",
    "layers.tables.files.json_records",
    "layers.tables.files.named_columns",
    "layers.tables.files.web_pages",
    "layers.tables.files.workbook_sheets",
    "layers.tables.files.xml_sheets",
)


@cache
def parsed(source: str) -> ast.Module:
    """The tree of a source, parsed once for all that is asked of it."""
    return ast.parse(source)


@dataclass(frozen=True)
class Module:
    """One module of the four packages."""

    name: str
    path: Path
    text: str

    @property
    def tree(self) -> ast.Module:
        return parsed(self.text)

    @property
    def folder(self) -> str:
        return self.path.parent.relative_to(REPOSITORY).as_posix()

    @property
    def is_marker(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def import_lines(self) -> int:
        return sum(
            (node.end_lineno or node.lineno) - node.lineno + 1
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
        )

    @cached_property
    def assigned(self) -> list[tuple[str, int]]:
        """Assigned names and parameters, with their lines."""
        names = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.append((node.id, node.lineno))
            elif isinstance(node, ast.arg):
                names.append((node.arg, node.lineno))
        return names

    @cached_property
    def lines_of_any(self) -> list[int]:
        return [n.lineno for n in ast.walk(self.tree) if isinstance(n, ast.Name) and n.id == "Any"]


@dataclass(frozen=True, slots=True)
class Arrow:
    """One import of one of our modules by another."""

    importer: str
    imported: str
    is_lazy: bool


def read_modules() -> dict[str, Module]:
    """Every module of the four packages by its dotted name."""
    modules = {}
    for package in PACKAGES:
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            if {"node_modules", "dist"} & set(path.parts):
                continue
            name = path.relative_to(REPOSITORY).with_suffix("").as_posix().replace("/", ".")
            name = name.removesuffix(".__init__")
            text = path.read_text(encoding="utf-8")
            modules[name] = Module(name, path, text)
    return modules


class House:
    """All modules, with what is measured of them."""

    def __init__(self) -> None:
        self.modules = read_modules()

    @cached_property
    def arrows(self) -> list[Arrow]:
        """Every import of ours by ours; lazy where it stands in a function or for types only."""
        return [arrow for module in self.modules.values() for arrow in self._arrows(module)]

    def _arrows(self, module: Module) -> Iterator[Arrow]:
        lazy = {
            id(inner)
            for node in ast.walk(module.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.If)
            for inner in ast.walk(node)
        }
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.ImportFrom) or node.module is None:
                continue
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                imported = full if full in self.modules else node.module
                if imported in self.modules and imported != module.name:
                    yield Arrow(module.name, imported, id(node) in lazy)

    @property
    def flattest_folder(self) -> tuple[str, int]:
        """The folder with the most modules, and how many it has."""
        counts = Counter(m.folder for m in self.modules.values() if not m.is_marker)
        return counts.most_common(1)[0]

    @property
    def single_importers(self) -> list[str]:
        """Modules that exactly one other imports, without those that a table or a tool names."""
        importers = defaultdict(set)
        for arrow in self.arrows:
            importers[arrow.imported].add(arrow.importer)
        return [name for name in self.rooms if len(importers[name]) == 1]

    @property
    def rooms(self) -> list[str]:
        """Modules that are no package markers and that no table registers."""
        return [
            name
            for name, module in self.modules.items()
            if not module.is_marker and not any(part in name for part in REGISTERED)
        ]

    @property
    def import_share(self) -> float:
        """Lines of imports among all lines."""
        modules = self.modules.values()
        return sum(m.import_lines for m in modules) / sum(m.lines for m in modules)

    @property
    def vague_names(self) -> Counter[str]:
        """Assigned names and parameters that say a part of a sentence and not the thing."""
        return Counter(name for name in self._assigned() if name in VAGUE)

    @property
    def vague_share(self) -> float:
        """Vague names among all assigned names and parameters."""
        return sum(self.vague_names.values()) / sum(1 for _ in self._assigned())

    def _assigned(self) -> Iterator[str]:
        for module in self.modules.values():
            yield from (name for name, _ in module.assigned)

    @property
    def repeated_files(self) -> dict[str, list[str]]:
        """File names that occur in several folders."""
        return _repeated((m.path.name, n) for n, m in self.modules.items() if not m.is_marker)

    @property
    def repeated_classes(self) -> dict[str, list[str]]:
        """Names of public classes that occur in several modules."""
        return _repeated(
            (node.name, module.name)
            for module in self.modules.values()
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        )

    @property
    def any_count(self) -> int:
        """How often `Any` stands in an annotation."""
        return sum(len(module.lines_of_any) for module in self.modules.values())

    def count_text(self, text: str) -> int:
        """How often a comment of the tools stands in the code."""
        return sum(module.text.count(text) for module in self.modules.values())

    @property
    def circles(self) -> list[tuple[str, str]]:
        """Pairs of folders that import each other when they are loaded, bases aside."""
        edges = {
            (self.modules[arrow.importer].folder, self.modules[arrow.imported].folder)
            for arrow in self.arrows
            if not arrow.is_lazy and arrow.imported not in BASES
        }
        return sorted((a, b) for a, b in edges if a < b and (b, a) in edges)

    @property
    def arrows_up(self) -> list[Arrow]:
        """Imports from a folder of what lies in a folder above it, bases aside."""
        return [
            arrow
            for arrow in self.arrows
            if not arrow.is_lazy
            and arrow.imported not in BASES
            and self._lies_above(self.modules[arrow.imported], self.modules[arrow.importer])
        ]

    @staticmethod
    def _lies_above(upper: Module, lower: Module) -> bool:
        return upper.folder != lower.folder and lower.folder.startswith(f"{upper.folder}/")


def _repeated(pairs: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    places: dict[str, list[str]] = defaultdict(list)
    for name, place in pairs:
        places[name].append(place)
    return {name: where for name, where in sorted(places.items()) if len(where) > 1}


def count_visits(request: Callable[[], object]) -> tuple[int, int]:
    """Places visited by one request, and returns to a place already left.

    Parameters
    ----------
    request
        Makes the request once; it has been made before, so that caches are warm.
    """
    visits: list[str] = []
    functions: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        path, name = frame.f_code.co_filename, frame.f_code.co_qualname
        if event != "call" or (path, name) in functions or not _is_of_ours(path):
            return
        functions.add((path, name))
        if not visits or visits[-1] != path:
            visits.append(path)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        request()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return len(visits), len(visits) - len(set(visits))


def _is_of_ours(path: str) -> bool:
    return any(path.startswith(f"{REPOSITORY / package}/") for package in PACKAGES)


@dataclass(frozen=True)
class Figure:
    """What is measured of the code; ``now`` and ``limit`` may be percentages."""

    title: str
    before: str
    now: float
    limit: float
    of_what: str = ""
    is_percent: bool = False

    def __str__(self) -> str:
        unit = " %" if self.is_percent else ""
        now, limit = f"{round(self.now, 2):g}{unit}", f"{self.limit:g}{unit}"
        row = f"{self.title:34} before {self.before:>8}   now {now:>8}   limit {limit:>6}"
        return f"{row}   {self.of_what}".rstrip()


def figures(house: House) -> list[Figure]:
    """What is measured, beside what it was when all modules of a package lay in one folder."""
    folder, count = house.flattest_folder
    single = len(house.single_importers) / len(house.rooms)
    return [
        Figure("modules in the flattest folder", "63", count, 20, folder),
        Figure("modules with one importer", "41 %", 100 * single, 30, is_percent=True),
        Figure("import lines", "7.5 %", 100 * house.import_share, 5, is_percent=True),
        Figure("vague words", "5.8 %", 100 * house.vague_share, 0.5, is_percent=True),
        Figure("file names that occur twice", "23", len(house.repeated_files), 3),
        Figure("class names that occur twice", "14", len(house.repeated_classes), 3),
        Figure("Any", "373", house.any_count, 120),
        Figure("fmt: skip", "184", house.count_text("# fmt: skip"), 0),
        Figure("type: ignore", "25", house.count_text("type: ignore"), 15),
        Figure("folders in a circle", "-", len(house.circles), 0),
        Figure("arrows up", "-", len(house.arrows_up), 0),
    ]


def details(folder: str) -> Iterator[str]:
    """What lies behind the figures of one folder, a line for each place."""
    house = House()
    single = set(house.single_importers)
    modules = [m for m in house.modules.values() if m.folder.startswith(folder)]
    for module in modules:
        path = module.path.relative_to(REPOSITORY)
        if module.name in single:
            importer = next(a.importer for a in house.arrows if a.imported == module.name)
            yield f"{path}: {module.lines} lines, only imported by {importer}"
        yield from (f"{path}:{line}: {n}" for n, line in module.assigned if n in VAGUE)
        yield from (f"{path}:{line}: Any" for line in module.lines_of_any)
    imports, lines = sum(m.import_lines for m in modules), sum(m.lines for m in modules)
    yield f"import lines {imports} of {lines}: {imports / lines:.1%}"


if __name__ == "__main__":
    print(*figures(House()), sep="\n")
    for argument in sys.argv[1:]:
        print(*details(argument.rstrip("/")), sep="\n")
