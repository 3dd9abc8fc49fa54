"""The tables of findings in the READMEs, written from the declared kinds.

``python -m tests.architecture.finding_tables`` writes each between ``<!-- findings: boundary. -->``
(the beginnings of its codes) and ``<!-- end of findings -->``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from boundaries.findings.report import Kind, boundary_kinds
from layers.finding_words.finding_kinds import layer_kinds

REPOSITORY = Path(__file__).parents[2]
KINDS = {"boundaries": boundary_kinds(), "layers": layer_kinds()}
TABLE = re.compile(
    r"(<!-- findings: (?P<prefixes>[a-z. ]+) -->\n).*?(<!-- end of findings -->)", re.S
)
HEADER = "| code | severity | meaning |\n|---|---|---|\n"


def table_of(package: str, prefixes: str) -> str:
    """The kinds of a package whose codes begin so; one line for those that say the same."""
    alike: dict[tuple[str, str], list[str]] = {}
    for code, kind in KINDS[package].items():
        if code.startswith((*prefixes.split(),)):
            alike.setdefault((kind.severity, kind.meaning), []).append(f"`{code}`")
    return HEADER + "".join(
        f"| {', '.join(codes)} | {severity} | {meaning} |\n"
        for (severity, meaning), codes in alike.items()
    )


def readmes() -> Iterator[tuple[str, Path, str]]:
    """Each document of a package with a table of findings: package, path, text."""
    for package in KINDS:
        for path in sorted((REPOSITORY / package).rglob("*.md")):
            text = path.read_text(encoding="utf-8")
            if TABLE.search(text):
                yield package, path, text


def with_tables(package: str, text: str) -> str:
    """A document with its tables as the kinds declare them."""
    return TABLE.sub(lambda match: match[1] + table_of(package, match["prefixes"]) + match[3], text)


def listed_kinds() -> list[Kind]:
    """The kinds that the tables list."""
    return [
        kind
        for package, _, text in readmes()
        for match in TABLE.finditer(text)
        for code, kind in KINDS[package].items()
        if code.startswith((*match["prefixes"].split(),))
    ]


if __name__ == "__main__":
    for package, path, text in readmes():
        path.write_text(with_tables(package, text), encoding="utf-8")
