"""Values of kecamatan and kabupaten from those of their desa: sums that reconcile, spreads else.

A percentage is never averaged: without its denominator the mean of desa is no value of the
kecamatan.  It is described instead by its least, middle and greatest desa value.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import pandas as pd


def summarise_desa(
    values: pd.DataFrame,
    desa: pd.DataFrame,
    summed: Collection[str],
    level: Literal["kecamatan", "kabupaten"],
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

    Returns
    -------
    DataFrame
        ``kode, field, tahun, jumlah, minimum, median, maksimum, desa_dengan_data, desa, dipecah``,
        sorted; ``jumlah`` (the sum) is null where the field is no count, no desa has data, or
        some desa (``dipecah``) have that year only as before their split: without the undivided
        wilayah the sum would dip in silence.  It covers the desa with data only:
        ``desa_dengan_data`` of ``desa`` (those the field applies to).
    """
    parents = desa.set_index("kode")[f"kode_{level}"]
    told = values.assign(parent=values["kode"].map(parents))
    told = told[told["status"] != "not_applicable"]
    numbers = told["value"].where(told["status"] == "ok")
    told = told.assign(value=numbers.astype("float64"), split=told["status"] == "before_split")
    groups = told.groupby(["parent", "field", "tahun"], sort=True)
    frame: pd.DataFrame = groups["value"].agg(  # type: ignore[assignment]
        jumlah=lambda one: one.sum(min_count=1),
        minimum="min",
        median="median",
        maksimum="max",
        desa_dengan_data="count",
        desa="size",
    )
    frame["dipecah"] = groups["split"].sum()
    frame = frame.reset_index()
    is_sum = frame["field"].isin(list(summed)) & (frame["dipecah"] == 0)
    frame["jumlah"] = frame["jumlah"].where(is_sum)
    return frame.rename(columns={"parent": "kode"})
