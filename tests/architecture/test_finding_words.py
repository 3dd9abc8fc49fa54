"""Every finding speaks both languages: the catalogue against the code and the READMEs."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from boundaries.findings.report import Catalogue, Severity, Texts, boundary_words, read_kinds
from layers.columns.catalogue import read_indicators
from layers.finding_words.finding_kinds import declared_kind, finding_words
from tests.architecture.finding_tables import KINDS, listed_kinds, readmes, with_tables
from tests.architecture.measure import REPOSITORY, parsed
from tests.architecture.test_documentation import finding_codes

PACKAGES = ("boundaries", "layers")
# A name of a file that has the form of a code.
NO_CODES = {"matches.csv"}
CANDIDATE = re.compile(r"candidate\.[a-z_]+")
ENGLISH = re.compile(
    r"\b(the|of|is|are|was|and|or|not|with|this|that|for|from|row|rows|code|file|used|needs?)\b",
    re.IGNORECASE,
)
INDONESIAN = re.compile(
    r"\b(yang|dan|atau|tidak|dengan|pada|untuk|dari|ini|itu|baris|kolom|berkas|wilayah ini)\b",
    re.IGNORECASE,
)
# Words that are names: of settings, products, columns, and examples of what to write.
QUOTED = re.compile(
    r"code_system|wilayah\.toml|findings\.gpkg|keputusan|ya, tidak|\[[\w.]+\]|"
    r"definitif or indikatif|Check Validity|kantor desa|split, merge, recode or rename"
)


def texts() -> list[tuple[str, Texts]]:
    words = finding_words()
    return [
        (f"{code} {part}", text)
        for code, entry in words.codes.items()
        for part in ("title", "advice", "value", "measure")
        if (text := getattr(entry, part)) is not None
    ]


def test_every_code_has_words_and_no_words_are_left_over() -> None:
    in_code = set().union(*(finding_codes(package) for package in PACKAGES)) - NO_CODES
    in_words = set(finding_words().codes)
    assert in_code - in_words == set()
    # Candidates are judged by the reading of coordinates, whose words make their codes.
    assert {code for code in in_words - in_code if not CANDIDATE.fullmatch(code)} == set()


def test_the_tables_of_the_readmes_are_as_declared() -> None:
    """``python -m tests.architecture.finding_tables`` writes them."""
    for package, path, text in readmes():
        assert with_tables(package, text) == text, path
    declared = [kind for kinds in KINDS.values() for kind in kinds.values()]
    listed = Counter(kind.code for kind in listed_kinds())
    assert listed == Counter(kind.code for kind in declared)
    assert len(listed) > 200


def test_a_finding_is_made_by_its_kind_only() -> None:
    """Else its severity, unit and words would be in two places."""
    elsewhere = {
        f"{path.relative_to(REPOSITORY)}:{node.lineno}"
        for package in PACKAGES
        for path in (REPOSITORY / package).rglob("*.py")
        if path != REPOSITORY / "boundaries/findings/report.py"
        for node in ast.walk(parsed(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Finding"
    }
    assert elsewhere == set()


def test_a_finding_has_the_severity_and_unit_that_its_kind_declares() -> None:
    overlap = declared_kind("boundary.overlap")
    assert overlap.severities == (Severity.WARNING, Severity.NOTE)
    assert overlap.finding("…").severity is Severity.WARNING
    assert overlap.finding("…", severity=Severity.NOTE).severity is Severity.NOTE
    with pytest.raises(ValueError, match=r"boundary\.overlap is declared as warning"):
        overlap.finding("…", severity=Severity.ERROR)
    scope = declared_kind("boundary.out_of_scope")
    assert scope.finding("…", measure=3).unit == "rows"
    assert scope.finding("…").unit is None
    with pytest.raises(KeyError):
        declared_kind("boundary.no_such_kind")


@pytest.mark.parametrize(
    "entry",
    [
        'severity = "grave"',
        'severity = "note"\nadvise = "…"',
        "",
        'severity = "note"\nvalue = { id = "a", en = "b", nl = "c" }',
    ],
)
def test_a_kind_declared_wrongly_is_an_error(tmp_path: Path, entry: str) -> None:
    words = 'meaning = "m"\ntitle = { id = "a", en = "b" }\nadvice = { id = "a.", en = "b." }\n'
    (tmp_path / "a.toml").write_text(f'["a.b"]\nseverity = "note"\n{words}', encoding="utf-8")
    assert list(read_kinds(tmp_path)) == ["a.b"]
    (tmp_path / "a.toml").write_text(f'["a.b"]\n{words}{entry}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.b"):
        read_kinds(tmp_path)


@pytest.mark.parametrize(("name", "text"), texts(), ids=lambda one: one if str(one) == one else "")
def test_each_language_is_itself(name: str, text: Texts) -> None:
    assert text.id.strip()
    assert text.en.strip()
    # Nobody fills anything in: the console knows no place, and a release holds the text as it is.
    assert not set("{}") & set(text.id + text.en)
    assert not ENGLISH.search(QUOTED.sub("", text.id)), text.id
    assert not INDONESIAN.search(QUOTED.sub("", text.en)), text.en
    if name.endswith("advice"):
        assert text.id != text.en
        assert text.id.endswith(".")
        assert text.en.endswith(".")


def test_titles_are_short_and_tell_codes_apart_within_a_package() -> None:
    titles = [entry.title for entry in finding_words().codes.values()]
    assert max(len(title.id) for title in titles) <= 80
    for words in (boundary_words().codes, finding_words().codes):
        # Only a code that is read in two stages may say the same twice.
        said = [(entry.title.id, entry.advice.id) for entry in words.values()]
        assert len(said) - len(set(said)) <= 3


def units_given(path: Path) -> set[str]:
    """Literals given as ``unit`` in a module that makes findings, however they get there."""
    text = path.read_text(encoding="utf-8")
    if "finding" not in text.lower():
        return set()
    return {
        keyword.value.value
        for node in ast.walk(parsed(text))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "unit"
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    }


def test_units_of_findings_are_translated() -> None:
    modules = [path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py")]
    units = set().union(*map(units_given, modules))
    units |= {kind.unit for kinds in KINDS.values() for kind in kinds.values() if kind.unit}
    # A value beyond its range is measured in the unit of its indicator.
    units |= {entry.unit for entry in read_indicators().values() if entry.unit}
    assert len(units) > 18
    assert units - set(finding_words().units) == set()


def test_a_code_given_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match="given twice"):
        boundary_words().with_words_of(boundary_words())


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert Catalogue().title("new.code") == Texts("new.code", "new.code")
    assert Catalogue().advice("new.code").id == ""
