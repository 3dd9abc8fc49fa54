"""Cells of a column that are not used, as findings: alike ones are gathered, with their rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from boundaries.findings import locations, report
from layers.finding_words.finding_kinds import declared_kind


class CellProblem(Protocol):
    """A filled cell without a value."""

    @property
    def index(self) -> int:
        """Its position in the column."""

    @property
    def value(self) -> str:
        """The cell as text."""

    @property
    def reason(self) -> str:
        """Why it has none, in a word."""

    @property
    def message(self) -> str:
        """Why it has none, in a sentence."""


_GATHERED = {
    "formula": (
        "table.formula_unsolved",
        "{count} formulas have no stored result, for the file was written by a program that does "
        "not calculate: open and save it once in Excel or LibreOffice",
    ),
    "formula_error": (
        "table.formula_error",
        "{count} formulas end in an error ({values}); mend them in the workbook",
    ),
    "thousands_lost": (
        "table.thousands_lost",
        "the thousands dot was taken for a decimal point: {values} in a column of whole numbers. "
        "All {count} numbers of it below a thousand are doubtful and not used; write the column "
        "anew, without dots",
    ),
    "fraction": (
        "table.percent_as_fraction",
        "{count} numbers from 0 to about 1 ({values}) in a column of per cent: shares of one? "
        "Not used. Declare unit_factor: 100 if 0.85 means 85 %, 1 if it means 0.85 %",
    ),
    "filler": (
        "table.filler_number",
        "{count} numbers are {values}, far above all others of the column, as programs write where "
        "there is no answer. Not used; leave the cell empty, or declare unit_factor: 1 if the "
        "number is right",
    ),
    "marked": (
        "table.marked_number",
        "{count} numbers have a part that is struck out, raised or lowered ({values}), so which "
        "number counts is not certain. Not used; write the number alone and the mark of a "
        "footnote in a cell of its own",
    ),
    "format": (
        "table.number_format",
        "{count} numbers are shown otherwise than they are stored ({messages}), and what they "
        "count is not proved. Not used; show them as plain numbers",
    ),
}


def problem_findings(
    code: str,
    column: str,
    problems: Iterable[CellProblem],
    file: str,
    row_of: Callable[[int], int],
    *,
    fields: tuple[str, ...] = (),
) -> list[report.Finding]:
    """One finding of ``code`` for each cell, one for the column where the whole is doubtful.

    Parameters
    ----------
    fields
        What the column becomes in the release.

    Findings
    --------
    table.formula_unsolved, table.formula_error, table.thousands_lost, table.percent_as_fraction,
    table.number_format, table.marked_number, table.filler_number
        Cells of a column with the same fault, with their rows.
    """
    findings = []
    gathered: dict[str, list[CellProblem]] = {}
    for problem in problems:
        if problem.reason in _GATHERED:
            gathered.setdefault(problem.reason, []).append(problem)
            continue
        message = f"{column}: {problem.message}"
        findings.append(
            declared_kind(code).finding(
                message,
                file,
                row_of(problem.index),
                value=problem.value,
                severity=report.Severity.WARNING,
                fields=fields,
            )
        )
    for reason, alike in sorted(gathered.items()):
        of_column = _of_column(reason, column, alike, file, row_of)
        findings.append(replace(of_column, fields=fields))
    return findings


def _of_column(
    reason: str, column: str, alike: Sequence[CellProblem], file: str, row_of: Callable[[int], int]
) -> report.Finding:
    code, sentence = _GATHERED[reason]
    rows = sorted({row_of(problem.index) for problem in alike})
    text = sentence.format(
        count=len(alike),
        values=_examples(_most_telling(problem.value for problem in alike)),
        messages=_examples(dict.fromkeys(problem.message.rstrip(".") for problem in alike)),
    )
    message = f"{column}: {text}. Rows {', '.join(locations.row_ranges(rows))}."
    return declared_kind(code).finding(
        message,
        file,
        rows[0],
        value=column,
        measure=len(alike),
        unit="cells",
        severity=report.Severity.WARNING,
        rows=rows,
    )


def _most_telling(values: Iterable[str]) -> list[str]:
    """The values without repeats, those with a sign between digits first."""
    different = dict.fromkeys(values)
    return sorted(different, key=lambda value: value.removesuffix(".0").isdigit())


def _examples(values: Iterable[str], most: int = 3) -> str:
    listed = list(values)
    return ", ".join(listed[:most]) + (", …" if len(listed) > most else "")
