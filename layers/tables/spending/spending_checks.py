"""Money that would be counted twice: the same lines in two spending tables."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import pandas as pd

from boundaries.findings import locations, report
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.spending import activities, spending
from layers.workspace import plan_sections, workspace_file

COUNTED_TWICE = declared_kind("spending.counted_twice")
WORD_UNUSED = declared_kind("input.word_unused")

SAME_SHARE = 0.5
"""Share of the lines of the smaller table, by desa, year, activity and source, from which two
tables are one budget listed twice (activities and their details, say)."""


def check_counted_twice(results: Sequence[spending.SpendingResult]) -> list[report.Finding]:
    """The pairs of tables that tell the same budget.

    Findings
    --------
    spending.counted_twice
        Error where half of the smaller table's lines are in the other too: their sums would be
        double.  Warning where fewer are.
    """
    findings = []
    for first, second in combinations(results, 2):
        keys = _keys(first.lines, second.lines)
        shared = keys[0] & keys[1]
        if not shared:
            continue
        smaller = min(map(len, keys))
        is_same = len(shared) >= SAME_SHARE * smaller
        what = "they tell one budget; declare only one" if is_same else "check that both count"
        message = (
            f"{len(shared)} of {smaller} lines (desa, year, activity, source) of '{first.id}' and "
            f"'{second.id}' are in both: {what}."
        )
        severity = report.Severity.ERROR if is_same else report.Severity.WARNING
        kode = min(str(key[0]) for key in shared)
        findings.append(
            COUNTED_TWICE.finding(
                message,
                second.load.file,
                kode=kode,
                measure=len(shared),
                severity=severity,
            )
        )
    return findings


def check_activities(
    services: Sequence[plan_sections.ServiceSection], lines: pd.DataFrame
) -> list[report.Finding]:
    """The activity codes under ``[[services]]`` that no line of any budget has or is below.

    Parameters
    ----------
    lines
        ``kegiatan`` of all lines that count.

    Findings
    --------
    input.word_unused
        The code never occurs (warning), with those that do.
    """
    counts = Counter(str(code) for code in lines["kegiatan"].dropna())
    findings = []
    for service in services:
        for code in service.activities or ():
            if any(activities.is_under(activity, (code,)) for activity in counts):
                continue
            message = (
                f"[[services]] {service.id}: no line of a budget has the activity '{code}' or one "
                f"below it; there are {locations.list_words(counts)}."
            )
            findings.append(WORD_UNUSED.finding(message, workspace_file.WORKSPACE_NAME, value=code))
    return findings


def _keys(first: pd.DataFrame, second: pd.DataFrame) -> list[set[tuple[object, ...]]]:
    """The lines of either; by source of funds too, where both tables tell it."""
    columns = ["kode", "tahun", "kegiatan"]
    if first["sumber"].notna().any() and second["sumber"].notna().any():
        columns.append("sumber")
    return [
        set(frame[columns].fillna("").itertuples(index=False, name=None))
        for frame in (first.astype({"tahun": object}), second.astype({"tahun": object}))
    ]
