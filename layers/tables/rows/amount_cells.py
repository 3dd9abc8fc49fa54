"""Amounts of rupiah in one column of a table, with a finding for each kind of cell that has none.

A cell that says nothing is no zero, and a total without it is of a part: it is counted.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries.findings import locations, report
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files.sheets import Sheet
from layers.tables.numbers import said_units
from layers.tables.numbers.rupiah import Amounts, read_rupiah
from layers.tables.rows import stated_units
from layers.tables.rows.cell_findings import problem_findings

_CODES = {
    "spending": {
        "unreadable": "spending.amount_unreadable",
        "reading": "spending.amount_reading",
        "missing": "spending.amount_missing",
        "negative": "spending.amount_negative",
        "unit": "spending.amount_unit",
        "small": "spending.amount_small",
    },
    "plan": {
        "unreadable": "plan.amount_unreadable",
        "reading": "plan.amount_reading",
        "missing": "plan.amount_missing",
        "negative": "plan.amount_negative",
        "unit": "plan.amount_unit",
        "small": "plan.amount_small",
    },
}
_EXAMPLES = 3
LEAST_BUDGET = 100_000
"""Rupiah that the largest budget of a column reaches; smaller ones are volumes, thousands or
millions of rupiah (no activity of a desa costs less)."""


@dataclass(frozen=True, slots=True)
class AmountColumn:
    """A column of amounts as it was read; its findings are of the ``group``.

    Parameters
    ----------
    name
        Of the column; None where none is declared, which says nothing of any amount.
    doubt
        Why its numbers are no whole rupiah, and then none is known; None where nothing says so.
    """

    group: Literal["spending", "plan"]
    name: str | None
    sheet: Sheet
    read: Amounts
    doubt: str | None = None

    @classmethod
    def of(
        cls,
        group: Literal["spending", "plan"],
        name: str | None,
        sheet: Sheet,
        decimal: str | None,
        least: int = LEAST_BUDGET,
    ) -> "AmountColumn":
        """The column read; of one in thousands or millions of rupiah nothing is known.

        Parameters
        ----------
        least
            Rupiah that its largest amount must reach.
        """
        cells = [None] * len(sheet) if name is None else sheet.column(name)
        if name is not None and _other_unit(sheet, name) is not None:
            cells = [None] * len(sheet)
        column = cls(group, name, sheet, read_rupiah(cells, decimal))
        return column.doubted(_smallness(column.read, least))

    def doubted(self, doubt: str | None) -> "AmountColumn":
        """The same of which no amount is known, for a reason; itself without one."""
        if doubt is None:
            return self
        empty = read_rupiah([None] * len(self.sheet))
        return replace(self, read=replace(empty, problems=self.read.problems), doubt=doubt)

    @property
    def amounts(self) -> pd.arrays.IntegerArray:
        """Int64, null where the amount is not known."""
        return pd.arrays.IntegerArray(self.read.rupiah, ~self.read.is_known)

    def tell(self, refused: Collection[int]) -> list[report.Finding]:
        """The findings of the column.

        Parameters
        ----------
        refused
            Rows (by position) that are not used: that they have no amount changes nothing.

        Findings
        --------
        spending.amount_unreadable, plan.amount_unreadable
            A filled cell that is no amount (warning); the line has none.
        spending.amount_missing, plan.amount_missing
            Lines whose cell is empty (note): not known, and no zero.
        spending.amount_negative, plan.amount_negative
            Amounts below zero (warning): read as such, and taken off.
        spending.amount_unit, plan.amount_unit
            Header, unit row, title or column of units count thousands or millions (warning): no
            amount is used.
        spending.amount_small, plan.amount_small
            Amounts too small for rupiah (warning): no amount is used.
        spending.amount_reading, plan.amount_reading
            How amounts were read (note).
        """
        if self.name is None:
            return []
        is_used = np.ones(len(self.sheet), dtype=bool)
        is_used[list(refused)] = False
        unit = _other_unit(self.sheet, self.name)
        if (unit or self.doubt) and not is_used.any():
            return []
        if unit is not None:
            sentence = (
                f"the file says '{unit}', so its numbers are no whole rupiah; not used. Write "
                "whole rupiah, and headers and titles that say so"
            )
            return [self._of_rows("unit", sentence, np.flatnonzero(is_used))]
        if self.doubt is not None:
            return [self._of_rows("small", self.doubt, np.flatnonzero(is_used))]
        unreadable = _CODES[self.group]["unreadable"]
        row_of = self.sheet.rows.__getitem__
        findings = problem_findings(
            unreadable, self.name, self.read.problems, self.sheet.file, row_of
        )
        kind = declared_kind(_CODES[self.group]["reading"])
        findings += [
            kind.finding(f"{self.name}: {note}.", self.sheet.file) for note in self.read.notes
        ]
        negative = np.flatnonzero(self.read.is_known & (self.read.rupiah < 0) & is_used)
        if len(negative):
            amounts = ", ".join(map(str, self.read.rupiah[negative[:_EXAMPLES]].tolist()))
            sentence = f"{len(negative)} amounts are below zero ({amounts}) and taken off"
            findings.append(self._of_rows("negative", sentence, negative))
        empty = np.flatnonzero(self.read.is_empty & is_used)
        if len(empty):
            sentence = f"{len(empty)} lines have no amount; not known, and not counted as zero"
            findings.append(self._of_rows("missing", sentence, empty))
        return findings

    def _of_rows(self, kind: str, sentence: str, positions: npt.NDArray[np.intp]) -> report.Finding:
        rows = [self.sheet.rows[position] for position in positions.tolist()]
        return declared_kind(_CODES[self.group][kind]).finding(
            f"{self.name}: {sentence}. Rows {', '.join(locations.row_ranges(rows))}.",
            self.sheet.file,
            rows[0],
            value=self.name,
            measure=len(rows),
            rows=rows,
        )


def _smallness(read: Amounts, least: int) -> str | None:
    """Why amounts are too small for rupiah; None where they are not."""
    sizes = np.abs(read.rupiah[read.is_known])
    sizes = sizes[sizes > 0]
    if not len(sizes) or sizes.max() >= least:
        return None
    return (
        f"its largest amount is {int(sizes.max())}, too small for whole rupiah: these may be "
        "thousands or millions of rupiah, per cent, or another column (a volume, say); not used. "
        "Write whole rupiah, or declare the column that holds them"
    )


def _other_unit(sheet: Sheet, name: str) -> str | None:
    """What header, unit row, title or column ``satuan`` say where it is not whole rupiah."""
    column = sheet.resolve(name)
    header = f"{column} {sheet.units.get(column, '')}".strip()
    if (text := said_units.money_unit(header, sheet.titles)) is not None:
        return text
    cells = chain.from_iterable(stated_units.unit_columns(sheet).values())
    words = (cell for cell in cells if isinstance(cell, str))
    return next(filter(said_units.is_money_scale, words), None)
