"""Values beside a hidden count that would tell it: a share with its base, a rest, a copy.

A desa hides its 2 malnourished children, and publishes 0.25 % of 800, or 798 of 800 that are well.
The tables are searched for what they make of each other, whatever the columns are called: a field
that is a hidden count itself, its share of another field, what another field leaves of it, or one
of two that add up to it.  Where this holds for all desa of a year it is no chance, and the value is
hidden where the count is; its totals stay unpublished where those of the count do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.tables.indicators.hiding import SUPPRESSED
from layers.tables.indicators.summary_fields import count_decimals
from layers.workspace.workspace import IndicatorSection

PER = (1.0, 100.0, 1_000.0, 10_000.0, 100_000.0)
"""A share is per one, per cent, per thousand and so on."""
FEWEST = 3
"""Desa with the count above zero from which agreement is no chance."""
_SAME = 1e-6
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Betrayal:
    """In a year, ``field`` tells the hidden counts of ``count``."""

    field: str
    count: str
    tahun: int


def hide_betraying(
    settled: pd.DataFrame,
    published: pd.DataFrame,
    hidden: pd.DataFrame,
    indicators: Mapping[str, IndicatorSection],
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Betrayal, ...]]:
    """The published values without those that tell a hidden count, all that is hidden, and why.

    Parameters
    ----------
    settled
        ``kode, indikator, tahun, nilai, status, …`` with all values.
    published
        The same rows without small counts.
    hidden
        `layers.tables.indicators.hiding.HIDDEN_COLUMNS` of these.

    Returns
    -------
    tuple
        ``hidden`` has a row more for each value; its ``count`` is the small count it tells.
    """
    hidden = hidden.assign(count=hidden["value"])
    betrayals = tuple(find_betrayals(settled, hidden, indicators))
    published, rows = published.copy(), [hidden]
    for betrayal in betrayals:
        of_count = hidden[
            (hidden["field"] == betrayal.count) & (hidden["tahun"] == betrayal.tahun)
        ].set_index("kode")
        is_told = (
            (published["indikator"] == betrayal.field)
            & (published["tahun"] == betrayal.tahun)
            & published["kode"].isin(of_count.index)
            & (published["status"] == "ok")
        )
        told = settled[is_told]
        rows.append(
            pd.DataFrame(
                {
                    "kode": told["kode"],
                    "field": betrayal.field,
                    "tahun": betrayal.tahun,
                    "value": told["nilai"],
                    "least": told["kode"].map(of_count["least"]),
                    "count": told["kode"].map(of_count["count"]),
                }
            )
        )
        published.loc[is_told, ["nilai", "nilai_asal"]] = np.nan
        published.loc[is_told, "status"] = SUPPRESSED
    return published, pd.concat(rows, ignore_index=True) if betrayals else hidden, betrayals


def find_betrayals(
    settled: pd.DataFrame, hidden: pd.DataFrame, indicators: Mapping[str, IndicatorSection]
) -> Iterator[Betrayal]:
    """Each field that tells hidden counts of another in a year; a field once for each year."""
    ok = settled[settled["status"] == "ok"]
    for tahun, of_year in hidden.groupby("tahun", sort=True):
        values = ok[ok["tahun"] == tahun].pivot(index="kode", columns="indikator", values="nilai")
        open_fields = [name for name in values if indicators[str(name)].hide_below is None]
        # A share goes before its base: to be without the number of children helps nobody.
        open_fields.sort(key=lambda name: (indicators[str(name)].is_summable, str(name)))
        others = {str(name): values[name].to_numpy(np.float64) for name in open_fields}
        found: set[str] = set()
        for name, rows in of_year.groupby("field", sort=True):
            is_hidden = np.asarray(values.index.isin(rows["kode"]))
            count = values[name].to_numpy(np.float64)
            for field in _tell(_Search(count, is_hidden, float(rows["least"].max())), others):
                if field not in found:
                    found.add(field)
                    yield Betrayal(field, str(name), int(str(tahun)))


@dataclass(frozen=True, slots=True)
class _Search:
    """The counts of a field, which of them are hidden, and below what."""

    count: Floats
    is_hidden: NDArray[np.bool_]
    least: float

    def agrees(self, number: Floats, room: Floats | float = 0.0) -> bool:
        """Whether the numbers are the counts, give or take ``room``, wherever both are known."""
        both = np.isfinite(number) & np.isfinite(self.count)
        near = np.abs(number - self.count) <= np.broadcast_to(room, number.shape) + _SAME
        # Where little is hidden most pairs fail at once.
        if not (both & self.is_hidden).any() or not near[both & self.is_hidden].all():
            return False
        telling = both & (self.count > 0) & (np.broadcast_to(room, number.shape) < self.least / 2)
        return bool(
            near[both].all() and telling.sum() >= FEWEST and (telling & self.is_hidden).any()
        )


def _tell(search: _Search, others: Mapping[str, Floats]) -> Iterator[str]:
    """The fields that tell the counts, alone or with another."""
    told: set[str] = set()
    halves = {name: 0.5 * 10.0 ** -count_decimals(values) for name, values in others.items()}
    for name, values in others.items():
        if search.agrees(values):
            told.add(name)
            yield name
            continue
        for other, base in others.items():
            # With one of two hidden the other tells nothing.
            if other == name or other in told or name in told:
                continue
            if search.agrees(values + base):
                told |= {name, other}
                yield from (name, other)
            # Of a whole and its rest the rest is hidden: the whole says more to everybody.
            elif search.agrees(base - values) or any(
                search.agrees(values * base / per, halves[name] * base / per) for per in PER
            ):
                told.add(name)
                yield name
