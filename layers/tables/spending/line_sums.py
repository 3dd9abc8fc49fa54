"""Sums over budget lines, each with how many of its lines have an amount, and of how many.

A line may belong to a sum as far as its row says: its activity or source of funds cannot be
read, or the whole line.  Null is not zero: nothing known is no sum, a part says that it is one, and
a zero of a part is nothing that anybody knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries.geometry_arrays import Mask
from layers.columns.catalogue import FieldDefinition
from layers.tables.spending.activities import are_under

LOST = "is_lost"
"""Lines that are not used although they may be of a desa; see `SpendingResult.lost`."""


class LineColumn(NamedTuple):
    """Values by position of the desa, their status, and the lines they rest on (null: none)."""

    value: pd.Series
    status: pd.Series
    counted: pd.Series
    total: pd.Series


@dataclass(frozen=True, slots=True)
class LineSum:
    """A sum by desa (Int64): null where nothing is known, where zero is the sum of a part, or
    where more is taken back than is given.

    ``counted`` of ``total`` lines have an amount; both zero where no line belongs to the sum.
    """

    value: pd.Series
    counted: pd.Series
    total: pd.Series


def is_chosen(lines: pd.DataFrame, field: FieldDefinition) -> Mask:
    """The lines of the field's activities or sources of funds; all for a field without either."""
    return choose(lines, field)[0]


def choose(lines: pd.DataFrame, field: FieldDefinition) -> tuple[Mask, Mask]:
    """The lines of a field, and those that may be of it as far as their rows say."""
    if field.activities:
        return are_under(lines["kegiatan"], field.activities)
    if field.sources:
        sources = lines["sumber"].fillna("").astype(str).str.strip().str.upper()
        return sources.isin(field.sources).to_numpy(bool), (sources == "").to_numpy(bool)
    return np.ones(len(lines), dtype=bool), np.zeros(len(lines), dtype=bool)


def add_lines(
    lines: pd.DataFrame,
    column: str,
    kode: pd.Series[str],
    chosen: tuple[Mask, Mask] | None = None,
) -> LineSum:
    """The exact sum of an amount by desa, over the lines of tables that have its column.

    Parameters
    ----------
    lines
        ``kode``, the column, and ``has_<column>``: whether the table of the line has it.
    chosen
        Lines that belong to the sum, and those that may; None for all.
    """
    everything = np.ones(len(lines), dtype=bool), np.zeros(len(lines), dtype=bool)
    inside, maybe = everything if chosen is None else chosen
    says = lines[f"has_{column}"].to_numpy(bool)
    amount = lines[column]
    is_known = amount.notna().to_numpy(bool)
    # A line of zero rupiah adds nothing wherever it belongs.
    is_nothing = (amount == 0).fillna(False).to_numpy(bool)
    summed = inside & is_known & says
    sums = amount[summed].astype("Int64").groupby(lines["kode"][summed]).sum()
    counted = count_lines(lines["kode"], summed, kode)
    total = count_lines(lines["kode"], says & (inside | (maybe & ~is_nothing)), kode)
    value = kode.map(sums).astype("Int64")
    # A desa that handed in lines, none of them of this sum, plans nothing for it.
    has_lines = kode.isin(lines["kode"][says]).to_numpy(bool)
    value = value.mask((total == 0).to_numpy(bool) & has_lines, 0)
    is_part = (counted < total).to_numpy(bool)
    value = value.mask(is_part & (value == 0).fillna(False).to_numpy(bool))
    # Less than nothing is no money: what it was taken back from is not in the lines.
    value = value.mask((value < 0).fillna(False).to_numpy(bool))
    return LineSum(value, counted, total)


def share_lines(lines: pd.DataFrame, part: str, whole: str, kode: pd.Series[str]) -> LineSum:
    """One amount in per cent of another by desa (float), over the lines that have both.

    A desa with ``part`` of a line of which the whole is not known has no share.
    """
    says = (lines[f"has_{part}"] | lines[f"has_{whole}"]).to_numpy(bool)
    both = (lines[part].notna() & lines[whole].notna()).to_numpy(bool)
    sums = [
        kode.map(lines.loc[both, name].astype("float64").groupby(lines.loc[both, "kode"]).sum())
        for name in (part, whole)
    ]
    share = percent_of(*(column.astype("float64") for column in sums))
    gaps = lines[part].notna() & lines[whole].isna()
    share = share.mask(kode.isin(lines.loc[gaps, "kode"]) | (share < 0))
    counted = count_lines(lines["kode"], both, kode)
    return LineSum(share, counted, count_lines(lines["kode"], says, kode))


def percent_of(part: pd.Series[float], whole: pd.Series[float]) -> pd.Series[float]:
    """Part in per cent of a whole above zero; else null."""
    numerator = part.to_numpy(dtype="float64", na_value=np.nan)
    denominator = whole.to_numpy(dtype="float64", na_value=np.nan)
    share: npt.NDArray[np.float64] = np.full(len(numerator), np.nan)
    np.divide(100 * numerator, denominator, out=share, where=denominator > 0)
    return pd.Series(share, index=part.index)


def count_lines(owner: pd.Series[str], which: Mask, kode: pd.Series[str]) -> pd.Series[int]:
    """How many of the lines are of each desa."""
    return kode.map(owner[which].value_counts()).fillna(0).astype("Int64")


def count_unplaced(
    lines: pd.DataFrame, fields: Sequence[FieldDefinition], kode: pd.Series[str]
) -> pd.DataFrame:
    """``kode, field, tahun, total``: lost lines of a known kecamatan or kabupaten and no desa."""
    lost = lines[lines[LOST] & lines["kode"].notna() & ~lines["kode"].isin(kode)]
    parts = [pd.DataFrame({name: pd.Series([], dtype=object) for name in UNPLACED_COLUMNS})]
    for field in fields:
        inside, maybe = choose(lost, field)
        of_field = lost[inside | maybe]
        counts = of_field.groupby(["kode", "tahun"]).size().rename("total").reset_index()
        parts.append(counts.assign(field=field.name)[list(UNPLACED_COLUMNS)])
    return pd.concat(parts, ignore_index=True)


UNPLACED_COLUMNS = ("kode", "field", "tahun", "total")
