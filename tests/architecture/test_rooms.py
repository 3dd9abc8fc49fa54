"""The rooms of the house: how large they are, and that no folder looks up or goes in a circle."""

from __future__ import annotations

import re
from functools import cache

from tests.architecture.measure import REPOSITORY, House, figures

# File names that occur twice, each for a reason.
REPEATED_FILES = {
    "errors.py",  # the tree of exceptions of a package, or of the format of a release
    "build.py",  # the main entry of a stage, and of the page
}

# Names of public classes that occur twice, each for a reason.
REPEATED_CLASSES: frozenset[str] = frozenset()
UNREASONED = re.compile(r"# type[:] ignore(?!\[[\w, -]+\]  # \w)")


@cache
def house() -> House:
    return House()


def test_every_figure_of_the_code_is_within_its_limit() -> None:
    """``python -m tests.architecture.measure FOLDER…`` names the places."""
    assert [str(figure) for figure in figures(house()) if figure.now > figure.limit] == []


def test_no_two_folders_import_each_other() -> None:
    assert house().circles == []


def test_no_folder_imports_what_lies_above_it() -> None:
    assert house().arrows_up == []


def test_a_file_name_says_one_thing() -> None:
    assert set(house().repeated_files) == REPEATED_FILES


def test_a_class_name_says_one_thing() -> None:
    assert set(house().repeated_classes) == REPEATED_CLASSES


def test_what_the_types_are_not_asked_says_why() -> None:
    tests = {str(path): path.read_text("utf-8") for path in (REPOSITORY / "tests").rglob("*.py")}
    texts = {module.name: module.text for module in house().modules.values()} | tests
    assert [name for name, text in texts.items() if UNREASONED.search(text)] == []


def test_a_type_that_is_ignored_without_a_reason_is_seen() -> None:
    comment = "# type: " + "ignore"
    assert UNREASONED.search(f"f(x)  {comment}[arg-type]")
    assert UNREASONED.search(f"f(x)  {comment}")
    assert not UNREASONED.search(f"f(x)  {comment}[arg-type, misc]  # no types there")
