"""Money that would be counted twice: the same lines in two spending tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pandas as pd

from boundaries.findings.report import Finding, Severity
from layers.tables.spending.spending import SpendingResult

SAME_SHARE = 0.5
"""Share of the lines of the smaller table, by desa, year, activity and source, from which two
tables are one budget told twice (activities and their details, say)."""


def check_counted_twice(results: Sequence[SpendingResult]) -> list[Finding]:
    """The pairs of tables that tell the same budget.

    Findings
    --------
    spending.counted_twice
        Error where half of the smaller table's lines are in the other too: their sums would be
        double.  Warning where fewer are.
    """
    findings = []
    for one, other in combinations(results, 2):
        keys = _keys(one.lines, other.lines)
        shared = keys[0] & keys[1]
        if not shared:
            continue
        smaller = min(map(len, keys))
        is_same = len(shared) >= SAME_SHARE * smaller
        what = "they tell one budget; declare only one" if is_same else "check that both count"
        message = (
            f"{len(shared)} of {smaller} lines (desa, year, activity, source) of '{one.id}' and "
            f"'{other.id}' are in both: {what}."
        )
        severity = Severity.ERROR if is_same else Severity.WARNING
        kode = min(str(key[0]) for key in shared)
        findings.append(
            Finding("spending.counted_twice", severity, message, other.load.file, kode=kode,
                    measure=len(shared), unit="lines")
        )  # fmt: skip
    return findings


def _keys(one: pd.DataFrame, other: pd.DataFrame) -> list[set[tuple[object, ...]]]:
    """The lines of either; by source of funds too, where both tables tell it."""
    columns = ["kode", "tahun", "kegiatan"]
    if one["sumber"].notna().any() and other["sumber"].notna().any():
        columns.append("sumber")
    return [
        set(frame[columns].fillna("").itertuples(index=False, name=None))
        for frame in (one.astype({"tahun": object}), other.astype({"tahun": object}))
    ]
