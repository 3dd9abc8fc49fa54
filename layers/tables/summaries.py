"""Values of kecamatan and kabupaten from those of their desa: sums that reconcile, spreads else.

A percentage is never averaged: without its denominator the mean of desa is no value of the
kecamatan.  It is described instead by its least, middle and greatest desa value.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd

SUMMABLE_UNITS = frozenset({"IDR", "jiwa", "keluarga", "orang", "kk", "unit", "anak", "balita"})


def summarise_desa(
    values: pd.DataFrame,
    desa: pd.DataFrame,
    units: dict[str, str | None],
    level: Literal["kecamatan", "kabupaten"],
) -> pd.DataFrame:
    """A summary of each field and year for every wilayah of a level.

    Parameters
    ----------
    values
        ``kode, field, tahun, value, status``, one row for each desa, field and year.
    desa
        ``kode, kode_kecamatan, kode_kabupaten``.
    units
        Unit of each field; those in ``SUMMABLE_UNITS`` are summed.

    Returns
    -------
    DataFrame
        ``kode, field, tahun, jumlah, minimum, median, maksimum, desa_dengan_data, desa``, sorted;
        ``jumlah`` (the sum) is null where the unit is not summable or no desa has data.  It covers
        the desa with data only: ``desa_dengan_data`` of ``desa`` (those the field applies to).
    """
    parents = desa.set_index("kode")[f"kode_{level}"]
    told = values.assign(parent=values["kode"].map(parents))
    told = told[told["status"] != "not_applicable"]
    numbers = told["value"].where(told["status"] == "ok")
    groups = told.assign(value=numbers.astype("float64")).groupby(
        ["parent", "field", "tahun"], sort=True
    )["value"]
    frame = groups.agg(
        jumlah=lambda one: one.sum(min_count=1),
        minimum="min",
        median="median",
        maksimum="max",
        desa_dengan_data="count",
        desa="size",
    ).reset_index()
    is_summable = frame["field"].map(lambda name: units.get(name) in SUMMABLE_UNITS)
    frame["jumlah"] = frame["jumlah"].where(is_summable)
    return frame.rename(columns={"parent": "kode"})
