"""The examples in docstrings are what the code answers."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.architecture.measure import read_modules

MODULES = sorted(name for name in read_modules() if not name.endswith("__main__"))


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    found = [
        example
        for name in MODULES
        for test in finder.find(importlib.import_module(name))
        for example in test.examples
    ]
    assert len(found) > 50
