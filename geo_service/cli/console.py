"""How the command line speaks: progress, findings and errors, on a terminal or in a log.

On a terminal, long steps show a bar with counts; elsewhere the same steps print plain lines, at
most one for each tenth of a step.  All of it goes to standard error; results go to standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from boundaries.findings.report import Finding
    from boundaries.progress import Progress as Listener

# In a log or a pipe nothing is cut to the width of a terminal.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
err = Console(stderr=True, highlight=False)


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


def describe(finding: Finding) -> str:
    """One finding as a line: where, what, which and how much."""
    place = finding.file or ""
    if finding.row is not None:
        place += f" row {finding.row}"
    if finding.kode:
        place += f" [{finding.kode}]"
    from layers.tables.numbers.value_words import write_value

    details = []
    if finding.value and str(finding.value) not in finding.message:
        details.append(str(finding.value))
    if finding.measure is not None:
        number = write_value(finding.measure, finding.unit)
        unit = "" if finding.unit in (None, "IDR") else f" {finding.unit}"
        if number not in finding.message:
            details.append(f"{number}{unit}")
    told = f"{finding.message} ({', '.join(details)})" if details else finding.message
    return f"{place.strip()}: {told}" if place else told
