"""Values of kecamatan and kabupaten from those of their desa: sums that reconcile, spreads else.

A percentage is never averaged: without its denominator the mean of desa is no value of the
kecamatan.  It is described instead by its least, middle and greatest desa value.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import numpy as np
import pandas as pd

from layers.tables.indicators import hidden_totals, hiding

NOTHING_HIDDEN = pd.DataFrame({name: pd.Series([], dtype=object) for name in hiding.HIDDEN_COLUMNS})


def summarise_desa(
    values: pd.DataFrame,
    desa: pd.DataFrame,
    summed: Collection[str],
    level: Literal["kecamatan", "kabupaten"],
    hidden: pd.DataFrame = NOTHING_HIDDEN,
) -> pd.DataFrame:
    """A summary of each field and year for every wilayah of a level.

    Parameters
    ----------
    values
        ``kode, field, tahun, value, status``, one row for each desa, field and year.
    desa
        ``kode, kode_kecamatan, kode_kabupaten``.
    summed
        The fields that are counts.
    hidden
        Small counts that ``values`` does not show; sums hold them.

    Returns
    -------
    DataFrame
        ``kode, field, tahun, jumlah, minimum, median, maksimum, desa_dengan_data, desa, dipecah,
        disembunyikan, rahasia``, sorted.  ``jumlah`` (the sum) covers the desa with data only
        (``desa_dengan_data`` of ``desa``, those the field applies to; a hidden value is data).  It
        is null where the field is no count, no desa has data, it would betray a hidden count
        (``disembunyikan``), or some desa (``dipecah``) have that year only as before their split:
        without the undivided wilayah the sum would dip in silence.  ``minimum``, ``median`` and
        ``maksimum`` are those of all values, the hidden ones (``rahasia``: how many) among them;
        null where it depends on a hidden one.
    """
    parents = desa.set_index("kode")[f"kode_{level}"]
    counted = values.assign(parent=values["kode"].map(parents))
    counted = counted[counted["status"] != "not_applicable"]
    numbers = counted["value"].where(counted["status"] == "ok").astype("float64")
    counted = counted.assign(value=numbers, split=counted["status"] == "before_split")
    counted["whole"] = numbers.fillna(_hidden_values(counted, hidden, summed))
    counted["secret"] = counted["status"] == hiding.SUPPRESSED
    frame = _spread(counted, hidden)
    groups = counted.groupby(["parent", "field", "tahun"], sort=True)
    frame["jumlah"] = groups["whole"].sum(min_count=1)
    frame["dipecah"] = groups["split"].sum()
    frame["rahasia"] = groups["secret"].sum()
    frame = frame.reset_index()
    unpublished = hidden_totals.hide_totals(hidden, desa, level)
    keys = zip(frame["parent"], frame["field"], frame["tahun"], strict=True)
    frame["disembunyikan"] = [unpublished.get((str(a), str(b), int(c)), False) for a, b, c in keys]
    is_sum = frame["field"].isin(list(summed)) & (frame["dipecah"] == 0) & ~frame["disembunyikan"]
    frame["jumlah"] = frame["jumlah"].where(is_sum)
    return frame.rename(columns={"parent": "kode"})


def _spread(counted: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """Least, middle and greatest value of each group, where no hidden value decides them.

    A hidden count may be any of 1 to below its limit.  What comes out alike with all of them at
    the one end and at the other is what it truly is, and tells nothing of them.
    """
    most = counted["field"].map(hidden.groupby("field")["least"].max()).astype("float64") - 1
    ends: list[pd.DataFrame] = []
    for edge in (most.where(most.isna(), 1.0), most):
        counted = counted.assign(edge=counted["value"].where(~counted["secret"], edge))
        groups = counted.groupby(["parent", "field", "tahun"], sort=True)["edge"]
        spread: pd.DataFrame = groups.agg(  # type: ignore[assignment]
            minimum="min",
            median="median",
            maksimum="max",
            desa_dengan_data="count",
            desa="size",
        )
        ends.append(spread)
    low, high = ends
    for name in ("minimum", "median", "maksimum"):
        low[name] = low[name].where(low[name] == high[name])
    return low


def _hidden_values(
    counted: pd.DataFrame, hidden: pd.DataFrame, summed: Collection[str]
) -> pd.Series[float]:
    """The hidden value of each row of a summed field: totals hold it, no desa shows it."""
    least = {
        (kode, field, int(tahun)): float(value)
        for kode, field, tahun, value, _ in hidden[list(hiding.HIDDEN_COLUMNS)].itertuples(
            index=False
        )
        if field in summed
    }
    keys = zip(counted["kode"], counted["field"], counted["tahun"], strict=True)
    values = [least.get((kode, field, int(tahun)), np.nan) for kode, field, tahun in keys]
    return pd.Series(values if least else np.nan, index=counted.index, dtype="float64")
