"""A data officer reads on the terminal what is wrong and what to do, in either language."""

from __future__ import annotations

import pytest

from boundaries.findings.report import Finding, LoadCount, Report, Severity
from geo_service.cli.console import Language, describe, print_report
from layers.finding_words.finding_kinds import finding_words

TWICE = Finding("facility.duplicate", Severity.WARNING, "Row twice.", "a.csv", 8)
UNKNOWN = Finding("table.code_unknown", Severity.NOTE, "[b]x[/b] 7", "b.csv", 7, value="99.01")
REPORT = Report(
    [TWICE] * 4 + [Finding("codes.contradicted", Severity.ERROR, "Both.")] * 4 + [UNKNOWN],
    [LoadCount("tables.a", "a.csv", 1234, 1230, 4, 0, None)],
)


@pytest.mark.parametrize("lang", list(Language))
def test_every_kind_says_what_it_is_and_what_to_do(
    lang: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    print_report(REPORT, limit=3, lang=lang)
    said = capsys.readouterr().out
    for code in ("facility.duplicate", "codes.contradicted", "table.code_unknown"):
        assert getattr(finding_words().title(code), lang) in said
        assert getattr(finding_words().advice(code), lang) in said
        assert code in said
    other = Language.EN if lang is Language.ID else Language.ID
    assert getattr(finding_words().title("facility.duplicate"), other) not in said


def test_errors_are_listed_whole_and_the_rest_up_to_the_limit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_report(REPORT, limit=3)
    said = capsys.readouterr().out
    assert said.count("- Both.") == 4
    assert said.count("- a.csv row 8: Row twice.") == 3
    assert "dan 1 lagi" in said
    assert said.rstrip().endswith("4 kesalahan, 4 peringatan, 1 catatan.")


def test_rows_are_counted_with_the_marks_of_the_language(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_report(REPORT, limit=3)
    assert "1.234" in capsys.readouterr().out
    print_report(REPORT, limit=3, lang=Language.EN)
    assert "1,234" in capsys.readouterr().out


def test_text_of_a_file_is_never_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(REPORT, limit=3)
    assert "[b]x[/b] 7" in capsys.readouterr().out


def test_a_line_says_which_and_how_much_once() -> None:
    off = Finding("access.x", Severity.NOTE, "Off.", value="pustu", measure=2.0, unit="rows")
    assert describe(off) == "Off. (pustu, 2 rows)"
    assert describe(UNKNOWN) == "b.csv row 7: [b]x[/b] 7 (99.01)"
    told = Finding("access.x", Severity.NOTE, "Kind pustu is off.", value="pustu")
    assert describe(told) == "Kind pustu is off."
