"""What the READMEs say to write in ``wilayah.toml`` can be written."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import layers
from layers.proposal.template import propose
from layers.workspace.sections import Workspace

LAYERS = Path(layers.__file__).parent
READMES = [*sorted((LAYERS / "access").rglob("README.md")), LAYERS / "facilities" / "README.md"]
EXAMPLES = [
    text
    for readme in READMES
    for text in re.findall(r"(?m)^\n((?: {4}.*\n|\n)+)", readme.read_text(encoding="utf-8"))
    if "[" in text and "=" in text
]
BASE: dict[str, Any] = {
    "schema": 1,
    "wilayah": {"id": "x", "name": "X", "scope": ["99.01"], "year": 2025},
    "boundaries": [{"path": "b", "code_system": "kemendagri"}],
}


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_follows_the_schema(text: str) -> None:
    document = tomllib.loads(re.sub(r"(?m)^ {4}", "", text))
    Workspace.model_validate(BASE | document)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 4


def test_the_template_can_be_uncommented() -> None:
    text = propose("x", [])
    part = text[text.index("# [population]") :]
    document = tomllib.loads(re.sub(r"(?m)^# ?", "", part))
    workspace = Workspace.model_validate(BASE | document)
    assert workspace.land_cover is not None
    assert workspace.norms["puskesmas"].norm_m == 8000
