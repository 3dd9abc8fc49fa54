"""Rows that are parts of one number, added; and copies of one number, which are not.

A table joined with another carries the numbers of the desa on each of its rows.  Adding them makes
300 of 30 without a trace: what every row says alike is not added unless a column names the parts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from boundaries.findings.locations import row_ranges
from boundaries.findings.report import Finding, Severity
from layers.tables.files.cell_text import cell_text
from layers.tables.indicators.measures import Measures
from layers.tables.numbers.value_words import write_value
from layers.tables.rows.records import Records

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one desa, year and indicator: their records and what each says."""

    at: int
    measure: int
    records: tuple[int, ...]
    values: tuple[float, ...]

    @property
    def is_alike(self) -> bool:
        """Whether every row says the same, and not zero."""
        return len(set(self.values)) == 1 and self.values[0] not in (0.0,)


@dataclass(slots=True)
class Sums:
    """The sum of each group by its number, NaN where it must not be made; and why."""

    totals: dict[int, float] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def sum_parts(
    groups: Sequence[Group], records: Records, measures: Measures, part_column: str | None
) -> Sums:
    """The sum of the rows of each group of more than one.

    A part without value makes the whole unknown.  The sum is exact before it is rounded, so that
    the order of rows does not show in its last digit.

    Parameters
    ----------
    part_column
        The column that names the parts (stage, facility); with it equal numbers are added, unless
        two rows name the same part.

    Findings
    --------
    table.parts_alike
        All rows of a desa say the same, in each desa that has several: one number on many rows;
        not added (warning).  Where other desa have parts that differ it is added (note).
    """
    sums = Sums({group.at: math.fsum(group.values) for group in groups})
    for number in sorted({group.measure for group in groups}):
        ours = [group for group in groups if group.measure == number]
        alike = [group for group in ours if group.is_alike]
        if part_column is not None:
            names = [cell_text(cell) for cell in records.sheet.column(part_column)]
            alike = [group for group in alike if len({names[r] for r in group.records}) == 1]
        if not alike:
            continue
        is_refused = part_column is not None or len(alike) == len(ours)
        if is_refused:
            sums.totals.update({group.at: math.nan for group in alike})
        sums.findings.append(_tell(alike, records, measures, is_refused=is_refused))
    return sums


def _tell(
    alike: Sequence[Group], records: Records, measures: Measures, *, is_refused: bool
) -> Finding:
    first = min(alike, key=lambda group: group.records)
    name, unit = measures.names[first.measure], measures.units[first.measure]
    rows = [records.sheet.rows[record] for record in first.records]
    each, total = write_value(first.values[0], unit), write_value(math.fsum(first.values), unit)
    example = f"rows {', '.join(row_ranges(rows))} each say {each}, together {total}"
    if is_refused:
        told = (
            f"{name}: all rows of a desa say the same in {len(alike)} desa ({example}). That is "
            "one number on many rows, as a joined table has it; it is not added."
        )
    else:
        told = f"{name}: equal rows of one desa were added in {len(alike)} desa: {example}."
    severity = Severity.WARNING if is_refused else Severity.NOTE
    return Finding("table.parts_alike", severity, told, records.sheet.file, rows[0],
                   measure=len(alike), unit="desa")  # fmt: skip
