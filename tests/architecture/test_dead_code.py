"""What nothing uses is not there: a test alone is no use."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.measure import REPOSITORY, parsed

PACKAGES = ("boundaries", "layers", "geo_service", "web_map")
WORD = re.compile(r"[A-Za-z_]\w*")
# Who finds a name by other means than writing it.
REGISTERING = ("router.", "app.", "command(", "validator", "serializer", "overload")
UNWRITTEN = {
    "Goal.DISTANCE": "a choice of the command line",
    "Effort.EXPLORE": "a choice of the command line",
    "GuardedProtocol.send_400_response": "called by uvicorn",
    "_TableReader.handle_startendtag": "called by html.parser",
    "read_table_description": "the reader of what the format writes",
    "MemoryBytes": "the source of bytes that needs no file",
    "downgrade": "called by Alembic",
    "down_revision": "read by Alembic",
    "CustomBuildHook": "found by hatchling",
    "CustomBuildHook.PLUGIN_NAME": "read by hatchling",
    "CustomBuildHook.initialize": "called by hatchling",
}


def files(*endings: str) -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((REPOSITORY / package).rglob("*")):
            if path.suffix in endings and not {"node_modules", "dist"} & set(path.parts):
                yield path


def written(source: str, tree: ast.Module) -> list[str]:
    """The words of the code: a name in a docstring or a comment is no use of it."""
    lines = [line.partition(" # ")[0] for line in source.splitlines()]
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
    return WORD.findall("\n".join(lines))


def declared(body: list[ast.stmt], owner: str = "") -> Iterator[tuple[str, str]]:
    """Each name that a module or class declares, bare and with its class."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names = [node.name]
                decorators = " ".join(map(ast.unparse, node.decorator_list))
                if any(word in decorators for word in REGISTERING):
                    names = []
            case ast.Assign():
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name)) if not owner:  # else a field of a record
                names = [name]
            case _:
                names = []
        yield from ((name, f"{owner}{name}") for name in names if not name.startswith("__"))
        if isinstance(node, ast.ClassDef):
            yield from declared(node.body, f"{node.name}.")


def unused(sources: dict[str, str], others: str = "") -> set[str]:
    """The names that are written once only: where they are declared."""
    words, names = Counter(WORD.findall(others)), list[tuple[str, str]]()
    for source in sources.values():
        tree = parsed(source)
        words.update(written(source, tree))
        names += declared(tree.body)
    return {whole for name, whole in names if words[name] == 1}


def test_every_name_is_used_by_the_packages() -> None:
    sources = {str(path): path.read_text(encoding="utf-8") for path in files(".py")}
    others = "\n".join(
        path.read_text(encoding="utf-8") for path in files(".html", ".jinja", ".toml")
    )
    assert unused(sources, others) - UNWRITTEN.keys() == set()


def test_a_name_that_only_its_docstring_writes_is_seen() -> None:
    source = 'def lost() -> None:\n    """Like `lost`."""\n\n\ndef kept() -> None:\n    kept()\n'
    assert unused({"module.py": source}) == {"lost"}
