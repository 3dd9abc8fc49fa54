"""How the command line speaks: progress, reports and errors, on a terminal or in a log.

On a terminal, long steps show a bar with counts; elsewhere the same steps print plain lines, at
most one for each tenth of a step.  All of it goes to standard error; results go to standard output.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from boundaries.findings import Finding, Report
    from boundaries.progress import Progress as Listener

# In a log or a pipe nothing is cut to the width of a terminal.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
err = Console(stderr=True, highlight=False)

_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


@contextmanager
def progress() -> Iterator[Listener]:
    """A listener for the length of a command: bars on a terminal, lines elsewhere."""
    if not err.is_terminal:
        yield PlainProgress()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err) as bars:
        tasks: dict[str, object] = {}

        def listen(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)  # type: ignore[arg-type]

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


def print_report(report: Report, *, limit: int) -> None:
    """The loads as a table, then the findings: errors whole, the rest up to ``limit`` a code."""
    if report.loads:
        out.print(_loads_table(report))
    by_code: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(report.findings, key=lambda finding: finding.sort_key()):
        by_code.setdefault((finding.severity.value, finding.code), []).append(finding)
    for (severity, code), found in by_code.items():
        out.print(f"[{_STYLES[severity]}]{severity}[/] [bold]{code}[/] ({len(found)})")
        shown = found if severity == "error" else found[:limit]
        for finding in shown:
            out.print(f"  {describe(finding)}", markup=False, soft_wrap=True)
        if len(found) > len(shown):
            out.print(f"  … and {len(found) - len(shown)} more (all are in the report)")
    counts = Counter(finding.severity.value for finding in report.findings)
    out.print(f"{counts['error']} errors, {counts['warning']} warnings, {counts['note']} notes.")


def describe(finding: Finding) -> str:
    """One finding as a line: where, what, how much."""
    place = finding.file or ""
    if finding.row is not None:
        place += f" row {finding.row}"
    if finding.kode:
        place += f" [{finding.kode}]"
    measure = f" ({finding.measure:g} {finding.unit or ''})" if finding.measure is not None else ""
    return f"{place.strip()}: {finding.message}{measure}" if place else finding.message + measure


def _loads_table(report: Report) -> Table:
    table = Table(title="Rows of each input", title_justify="left")
    table.add_column("input", overflow="fold")
    table.add_column("file", overflow="fold")
    for name in ("read", "matched", "unmatched", "duplicates", "desa without data"):
        table.add_column(name, justify="right")
    for load in sorted(report.loads, key=lambda load: (load.input, load.file)):
        counts = (
            load.rows_read,
            load.matched,
            load.unmatched,
            load.duplicates,
            load.desa_without_data,
        )
        shown = ("" if count is None else f"{count:,}" for count in counts)
        table.add_row(load.input, load.file, *shown)
    return table
