"""The findings of a build on the terminal: rows of each input, then each kind with what to do.

In Indonesian, or in English on request: titles, advice and units come from the same catalogue as
the report and the page; the sentence of each finding is English in both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from geo_service.cli.console import describe, out

if TYPE_CHECKING:
    from boundaries.findings.groups import FindingGroup
    from boundaries.findings.report import Report

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
    from boundaries.findings.groups import group_findings

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
    found = group.findings
    shown = found if group.severity.value == "error" else group.examples(limit)
    for finding in shown:
        out.print(f"  - {describe(finding)}", markup=False, soft_wrap=True)
    if len(found) > len(shown):
        out.print(f"  {_MORE[lang].format(count=len(found) - len(shown))}")


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
