"""A README is short, and what it names is there: modules, folders, files of the pages."""

from __future__ import annotations

import importlib
import re
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
ROOMS = ("boundaries", "layers", "geo_service", "web_map", "tests")
READMES = sorted(
    path
    for path in (
        *REPOSITORY.glob("*.md"),
        *(path for room in ROOMS for path in (REPOSITORY / room).rglob("*.md")),
    )
    if not {"node_modules", "dist"} & set(path.parts)
)
LINK = re.compile(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)")
IMPORT = re.compile(
    r"^ *from ((?:boundaries|layers|geo_service|web_map)[\w.]*) import ([\w, ]+)$", re.M
)
RUN = re.compile(r"python -m ((?:layers|tests)[\w.]*\w)|pytest (tests/[\w./]*\w)")
QUOTED = re.compile(r"`([^`\n]+)`")
# A file of code or a folder; addresses of the server begin with a slash, placeholders hold < or {.
FILE = re.compile(r"\w[\w.-]*(?:/[\w.*-]+)*\.(?:py|ts|html|toml|json)")
FOLDER = re.compile(r"\w[\w.-]*(?:/[\w.-]+)*/")
NAME = re.compile(r"\w[\w.*-]*(?:/[\w.*-]+)*/?")
LONGEST_README = 1_000
# Columns of tables whose cells name modules and folders.
MODULE_COLUMNS = {"module", "part", "folder", "where", "path"}
# Files of a workspace, of a release or that a tool makes, and folders beside the repository.
ELSEWHERE = re.compile(
    r"wilayah\.toml|findings\.json|manifest\.json|style\.json|asal\.json|package\.json|relasi\.json|data/.*|\.cache/|"
    r"(?:tables|downloads|tiles|values|reports|releases|features|facilities-files)/.*|sampel/.*|usulan/|(?:ids|services)\.json|"
    r"(?:out|iso)lines\.index\.json|layers/\*/.*"
)


def quoted_paths(text: str) -> list[str]:
    """Tokens in backticks that have the form of a file or a folder."""
    return [
        token
        for token in QUOTED.findall(text)
        if (FILE.fullmatch(token) or FOLDER.fullmatch(token)) and not ELSEWHERE.fullmatch(token)
    ]


def listed_modules(text: str) -> list[str]:
    """Tokens in the cells of tables that list modules, also without their ending."""
    tokens: list[str] = []
    columns: list[int] | None = None
    for line in text.splitlines():
        if not line.startswith("|"):
            columns = None
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if columns is None:
            columns = [n for n, cell in enumerate(cells) if cell.lower() in MODULE_COLUMNS]
        for column in columns:
            if column < len(cells):
                tokens += QUOTED.findall(cells[column])
    return [token for token in tokens if NAME.fullmatch(token) and not ELSEWHERE.fullmatch(token)]


def prose_words(text: str) -> int:
    """Words outside tables and examples."""
    return sum(
        len(line.split()) for line in text.splitlines() if not line.startswith(("|", "    "))
    )


@cache
def file_names(folder: Path) -> frozenset[str]:
    paths = (path for path in folder.rglob("*.*") if "node_modules" not in path.parts)
    return frozenset(path.name for path in paths)


def exists(token: str, folder: Path) -> bool:
    """Whether a name leads to something, from the folder of its README or from the repository."""
    token = token.rstrip("/")
    names = (token, f"{token}.py", f"{token}.ts")
    if any(any(base.glob(name)) for base in (folder, REPOSITORY) for name in names):
        return True
    # A file name says one thing (see test_rooms), so its folder may be left out.
    return FILE.fullmatch(token) is not None and token in file_names(folder)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_path_in_a_readme_exists(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    names = {*quoted_paths(text), *listed_modules(text)}
    assert sorted(name for name in names if not exists(name, readme.parent)) == []


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_link_import_and_command_of_a_readme_leads_somewhere(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    assert [link for link in LINK.findall(text) if not (readme.parent / link).exists()] == []
    for module, names in IMPORT.findall(text):
        there = dir(importlib.import_module(module))
        assert [name for name in names.split(", ") if name not in there] == [], module
    for module, path in RUN.findall(text):
        place = REPOSITORY / (path or module.replace(".", "/"))
        assert place.exists() or place.with_suffix(".py").exists(), place


@pytest.mark.parametrize(
    "readme",
    [path for path in READMES if path.name == "README.md"],
    ids=lambda path: str(path.relative_to(REPOSITORY)),
)
def test_a_readme_is_short(readme: Path) -> None:
    """What is longer belongs to the folder below that it is about."""
    assert prose_words(readme.read_text(encoding="utf-8")) <= LONGEST_README


def test_tables_and_examples_make_no_readme_long() -> None:
    assert prose_words("# Two words\n\n| a | b c |\n\n    code = 1\n\nand two more") == 6


def test_the_tables_are_read() -> None:
    assert sum(len(listed_modules(path.read_text(encoding="utf-8"))) for path in READMES) > 60


def test_a_module_that_is_not_there_is_seen() -> None:
    table = "| module | what |\n|---|---|\n| `nothing_here`, `codes/` | x `tahun` |\n"
    assert listed_modules(table) == ["nothing_here", "codes/"]
    assert [exists(name, REPOSITORY / "boundaries") for name in listed_modules(table)] == [
        False,
        True,
    ]
    assert quoted_paths("see `gone/away.py`, `/tiles/` and `layer`") == ["gone/away.py"]
