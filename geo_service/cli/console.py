"""How the command line speaks: progress, findings and errors, on a terminal or in a log.

On a terminal, long steps show a bar with counts; elsewhere the same steps print plain lines, at
most one for each tenth of a step.  All of it goes to standard error; results go to standard output.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

import rich.progress
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from boundaries.findings.report import Finding, FindingGroup, Report
    from boundaries.progress import Progress

# In a log or a pipe nothing is cut to the width of a terminal.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
err = Console(stderr=True, highlight=False)


@contextmanager
def progress() -> Iterator[Progress]:
    """A listener for the length of a command: bars on a terminal, lines elsewhere."""
    if not err.is_terminal:
        yield PlainProgress()
        return
    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TimeElapsedColumn(),
    )
    with rich.progress.Progress(*columns, console=err) as bars:
        tasks: dict[str, rich.progress.TaskID] = {}

        def listen(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield listen


class PlainProgress:
    """Progress as lines of text: the first, the last and each whole tenth between."""

    def __init__(self) -> None:
        self._tenths: dict[str, int] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        """Print a line when a new tenth of the step is reached."""
        tenth = 10 * done // total if total else 10
        if self._tenths.get(step) != tenth:
            self._tenths[step] = tenth
            err.print(f"{step}: {done}/{total}", markup=False)


def describe(finding: Finding) -> str:
    """One finding as a line: where, what, which and how much."""
    place = finding.file or ""
    if finding.row is not None:
        place += f" row {finding.row}"
    if finding.kode:
        place += f" [{finding.kode}]"
    from layers.tables.numbers.numbers import write_value

    details = []
    if finding.value and str(finding.value) not in finding.message:
        details.append(str(finding.value))
    if finding.measure is not None:
        number = write_value(finding.measure, finding.unit)
        unit = "" if finding.unit in (None, "IDR") else f" {finding.unit}"
        if number not in finding.message:
            details.append(f"{number}{unit}")
    sentence = f"{finding.message} ({', '.join(details)})" if details else finding.message
    return f"{place.strip()}: {sentence}" if place else sentence


TEXT_COLUMNS = 2
_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


class Language(StrEnum):
    """Languages of the report on the terminal."""

    ID = "id"
    EN = "en"


_TITLES = {Language.ID: "Baris tiap masukan", Language.EN: "Rows of each input"}
_ADVICE = {Language.ID: "Tindakan", Language.EN: "What to do"}
_MORE = {
    Language.ID: "… dan {count} lagi (semua ada di laporan)",
    Language.EN: "… and {count} more (all are in the report)",
}
_SUMS = {
    Language.ID: "{error} kesalahan, {warning} peringatan, {note} catatan.",
    Language.EN: "{error} errors, {warning} warnings, {note} notes.",
}


def print_report(report: Report, *, limit: int, lang: Language = Language.ID) -> None:
    """The loads as a table, then the findings: errors whole, the rest up to ``limit`` a code."""
    from boundaries.findings.report import group_findings

    if report.loads:
        out.print(_loads_table(report, lang))
    for group in group_findings(report.findings):
        _print_kind(group, limit, lang)
    counts = Counter(finding.severity.value for finding in report.findings)
    out.print(_SUMS[lang].format_map({severity: counts[severity] for severity in _STYLES}))


def _print_kind(group: FindingGroup, limit: int, lang: Language) -> None:
    from layers.finding_words.finding_kinds import finding_words
    from layers.tables.report.join_workbook import SEVERITY

    title = getattr(finding_words().title(group.code), lang)
    advice = getattr(finding_words().advice(group.code), lang)
    severity = _side(SEVERITY[group.severity], lang)
    head = Text.assemble(
        "\n",
        (severity, _STYLES[group.severity.value]),
        f" ({len(group.findings)}) ",
        (title, "bold"),
        f" · {group.code}",
    )
    out.print(head, soft_wrap=True)
    if advice:
        out.print(f"  {_ADVICE[lang]}: {advice}", markup=False, soft_wrap=True)
    findings = group.findings
    examples = findings if group.severity.value == "error" else group.examples(limit)
    for finding in examples:
        out.print(f"  - {describe(finding)}", markup=False, soft_wrap=True)
    if len(findings) > len(examples):
        out.print(f"  {_MORE[lang].format(count=len(findings) - len(examples))}")


def _loads_table(report: Report, lang: Language) -> Table:
    from layers.tables.report.join_workbook import LOADS, load_row, sorted_loads

    table = Table(title=_TITLES[lang], title_justify="left")
    names = [_side(pair, lang) for *pair, _ in LOADS]
    for name in names[:TEXT_COLUMNS]:
        table.add_column(name, overflow="fold")
    for name in names[TEXT_COLUMNS:]:
        table.add_column(name, justify="right")
    for load in sorted_loads(report):
        table.add_row(*("" if cell is None else _cell(cell, lang) for cell in load_row(load)))
    return table


def _cell(cell: object, lang: Language) -> str:
    if not isinstance(cell, int):
        return str(cell)
    return f"{cell:,}".replace(",", "." if lang is Language.ID else ",")


def _side(pair: Sequence[str], lang: Language) -> str:
    """The Indonesian or the English one of two texts."""
    return pair[lang is Language.EN]
