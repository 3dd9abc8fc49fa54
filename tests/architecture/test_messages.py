"""Every sentence of the pages is said somewhere: a key that nothing asks for is found.

Keys are asked for whole (``say("take.title")``) or put together (``say("status." ~ status)``,
``f"theme.{group}"``).  Of the second kind the open part must be a word that stands by itself in
the code or the definitions, so that a key is not taken for used because its family is.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache

from boundaries.findings.report import UNITS_NAME
from tests.architecture.measure import REPOSITORY, parsed
from web_map.sentences import read_messages

# Each by itself: a template has one kind inside the other.
QUOTED = (
    re.compile(r'"([^"\n]*)"'),
    re.compile(r"'([^'\n]*)'"),
    re.compile(r"""say\(["']([^"']+)["']"""),
)
TEMPLATE_TEXT = re.compile(r"`([^`\n]*)`")
SPLICE = re.compile(r"\$\{[^}]*\}")
# Where the open part of a key may come from: codes of findings, statuses of HTTP, ids of layers.
NUMBER = re.compile(r"\d+")
SINGULAR = ".one"


def files_of(folder: str, *endings: str) -> Iterator[str]:
    for path in sorted((REPOSITORY / folder).rglob("*")):
        if path.suffix in endings and not {"node_modules", "dist", "messages"} & set(path.parts):
            yield path.read_text(encoding="utf-8")


def texts_of_python(source: str) -> Iterator[tuple[str, ...]]:
    """The fixed parts of each text: one for a plain one, several where something is put in."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield (node.value,)
        elif isinstance(node, ast.JoinedStr):
            parts = [str(p.value) if isinstance(p, ast.Constant) else "\0" for p in node.values]
            yield tuple("".join(parts).split("\0"))


def texts_of_markup(source: str) -> Iterator[tuple[str, ...]]:
    """As `texts_of_python`, of templates and of TypeScript."""
    for quotes in QUOTED:
        for match in quotes.finditer(source):
            yield (match[1],)
    for match in TEMPLATE_TEXT.finditer(source):
        yield tuple(SPLICE.split(match[1]))


@cache
def texts() -> frozenset[tuple[str, ...]]:
    """Every text of the code that could be a key, or a part of one."""
    found: set[tuple[str, ...]] = set()
    for folder in ("web_map", "geo_service", "layers", "boundaries"):
        for source in files_of(folder, ".py"):
            found.update(texts_of_python(source))
    for source in files_of("web_map", ".html", ".ts"):
        found.update(texts_of_markup(source))
    for source in files_of("layers/definitions", ".toml"):
        found.update(texts_of_markup(source))
        found.update((word,) for word in re.findall(r"\w+", source))
    return frozenset(found)


@cache
def plain_texts() -> frozenset[str]:
    return frozenset(parts[0] for parts in texts() if len(parts) == 1)


def is_word(text: str) -> bool:
    """Whether a part of a key stands in the code by itself, with an ending, or is a number."""
    if not text or text in plain_texts() or NUMBER.fullmatch(text):
        return True
    first, _, rest = text.rpartition("_")
    return bool(rest) and first in plain_texts() and f"_{rest}" in plain_texts()


@cache
def units_of_findings() -> frozenset[str]:
    files = REPOSITORY.glob(f"*/finding_words/{UNITS_NAME}")
    return frozenset(word for path in files for word in tomllib.loads(path.read_text()))


def is_asked_for(key: str) -> bool:
    if key.endswith(SINGULAR):
        # `Words.say` and `Words.unit` take it in the place of its plural.
        plural = key.removesuffix(SINGULAR)
        if plural.startswith("unit."):
            return is_asked_for(plural) or plural.removeprefix("unit.") in units_of_findings()
        return "{n}" in "".join(read_messages()[plural].values()) and is_asked_for(plural)
    if key in plain_texts():
        return True
    for parts in texts():
        prefixes = (parts[0],) if parts[0].endswith((".", "_")) else ()
        if len(parts) == 2 and parts[0] and key.startswith(parts[0]) and key.endswith(parts[1]):
            end = len(key) - len(parts[1])
            if is_word(key[len(parts[0]) : end]):
                return True
        if any(key.startswith(prefix) and is_word(key[len(prefix) :]) for prefix in prefixes):
            return True
    return False


def test_every_message_is_asked_for() -> None:
    assert sorted(key for key in read_messages() if not is_asked_for(key)) == []


def test_a_message_that_nothing_asks_for_is_found() -> None:
    assert is_asked_for("status.no_data")
    for key in ("status.nothing_of_the_kind", "reports.left_over_sentence", "no_such_family.text"):
        assert not is_asked_for(key)
