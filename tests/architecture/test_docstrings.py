"""Docstrings name what is there: parameters of the signature, modules and names, declared codes."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache

import pytest

from tests.architecture.measure import PACKAGES, REPOSITORY, Module, read_modules

NAMES = re.compile(r"\*{0,2}\w+(?:, \*{0,2}\w+)*")
REFERENCE = re.compile(rf"(?<!`)`((?:{'|'.join(PACKAGES)})\.[\w.]+)`(?!`)")
Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@cache
def modules() -> dict[str, Module]:
    return read_modules()


def section(docstring: str, *titles: str) -> list[str]:
    """The lines of the sections of a docstring that have one of these titles."""
    lines, inside, chosen = docstring.splitlines(), False, list[str]()
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if after and not after.strip("-"):
            inside = line in titles
        elif inside and line.strip("-"):
            chosen.append(line)
    return chosen


def described(docstring: str) -> set[str]:
    """The parameters and attributes that a docstring describes."""
    lines = section(docstring, "Parameters", "Attributes")
    heads = (line for line in lines if NAMES.fullmatch(line))
    return {name.lstrip("*") for head in heads for name in head.split(", ")}


def declared(node: Documented) -> set[str]:
    """The parameters of a function; the fields and attributes of a class."""
    names = {inner.arg for inner in ast.walk(node) if isinstance(inner, ast.arg)}
    if isinstance(node, ast.ClassDef):
        for inner in ast.walk(node):
            match inner:
                case ast.Attribute(value=ast.Name(id="self"), attr=name) | ast.Name(id=name):
                    names.add(name)
                case ast.FunctionDef(name=name):
                    names.add(name)
    return names


def docstrings(tree: ast.Module) -> Iterator[tuple[Documented | ast.Module, str]]:
    for node in ast.walk(tree):
        if isinstance(node, Documented | ast.Module) and (text := ast.get_docstring(node)):
            yield node, text


@cache
def finding_codes() -> frozenset[str]:
    paths = REPOSITORY.glob("*/finding_words/*.toml")
    return frozenset(code for path in paths for code in tomllib.loads(path.read_text("utf-8")))


@cache
def names_of_modules() -> dict[str, frozenset[str]]:
    """What each module declares or imports, by its dotted name."""
    return {name: frozenset(_names(module.tree)) for name, module in modules().items()}


def _names(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def leads_somewhere(reference: str) -> bool:
    """Whether a dotted name is a module, or a name that a module declares."""
    if (REPOSITORY / reference.replace(".", "/")).is_dir() or reference in names_of_modules():
        return True
    module, _, name = reference.rpartition(".")
    if module in names_of_modules():
        return name in names_of_modules()[module]
    owner, _, name = module.rpartition(".")
    return owner in names_of_modules() and name in names_of_modules()[owner]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_docstring_describes_parameters_that_are_there(package: str) -> None:
    stale = {
        f"{name}.{node.name}": described(text) - declared(node)
        for name, module in modules().items()
        if name.startswith(package)
        for node, text in docstrings(module.tree)
        if not isinstance(node, ast.Module)
    }
    assert {name: gone for name, gone in stale.items() if gone} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_what_a_docstring_refers_to_is_there(package: str) -> None:
    lost = {
        (name, reference)
        for name, module in modules().items()
        if name.startswith(package)
        for _, text in docstrings(module.tree)
        for reference in REFERENCE.findall(text)
        if not leads_somewhere(reference)
    }
    assert lost == set()


@pytest.mark.parametrize("package", ["boundaries", "layers"])
def test_the_findings_of_a_docstring_are_declared(package: str) -> None:
    lines = {
        (name, line)
        for name, module in modules().items()
        if name.startswith(package)
        for _, text in docstrings(module.tree)
        for line in section(text, "Findings")
        if re.fullmatch(r"[a-z_]+\.[a-z0-9_]+", line)
    }
    assert len(lines) > 40
    assert {(name, code) for name, code in lines if code not in finding_codes()} == set()


def test_a_docstring_that_was_left_behind_is_seen() -> None:
    text = (
        "Sum.\n\nParameters\n----------\nkode, old\n    Codes.\n\nReturns\n-------\nfloat\n    It."
    )
    [function] = ast.parse("def total(kode: str, new: float) -> float: ...").body
    assert isinstance(function, ast.FunctionDef)
    assert described(text) - declared(function) == {"old"}
    assert not leads_somewhere("layers.release.no_such_module")
    assert not leads_somewhere("layers.release.citation.no_such_name")
    assert leads_somewhere("boundaries.findings.report.Finding.code")
