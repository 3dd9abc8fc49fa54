"""What the needs of a place come to: counts, people and rupiah, each with what it rests on.

Every total is a sum over desa and services of what is known, so it says how many measures of need
are known of how many there are (``<total>_ukuran_diketahui`` of ``<total>_ukuran_jumlah``), and
above the desa also how many desa have a value (``<total>_desa_dengan_data`` of ``_desa_berlaku``).

A zero needs more than a sum: where some need is known to be there, but not who pays for it or whom
it concerns, the rest adds up to nothing that anybody knows.  Such a zero is ``no_data``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

TOTALS = ("need_count", "unfunded_count", "unfunded_people", "without_need_idr")
MEASURE_COLUMNS = ("ukuran_diketahui", "ukuran_jumlah")
DESA_COLUMNS = ("desa_dengan_data", "desa_berlaku")
UNFUNDED = ("need_unfunded", "need_proposed_only")


@dataclass(frozen=True, slots=True)
class _Total:
    """One total, pair by pair of desa and service; all of one length.

    ``applies`` says which pairs it is about, ``is_known`` of which it knows the whole part,
    ``has_some`` of which at least some of it, ``is_there`` which are known to hold something,
    whether or not anybody knows how much, and ``is_whole`` of which that is all there is to know.
    """

    part: pd.Series[int]
    applies: pd.Series[bool]
    is_known: pd.Series[bool]
    has_some: pd.Series[bool]
    is_there: pd.Series[bool]
    is_whole: pd.Series[bool] | None = None


def total_of_desa(frame: pd.DataFrame, kode: pd.Series[str]) -> pd.DataFrame:
    """The totals of each desa with status and measures; sorted by ``kode``.

    Parameters
    ----------
    frame
        Rows of `layers.synchronisation.match.Matched.frame` of one year.
    kode
        All desa of the coverage.

    Returns
    -------
    pandas.DataFrame
        ``kode`` and for each of `TOTALS` the value (null where nothing of the kind is known), its
        ``_status``, `MEASURE_COLUMNS`, and ``_is_there``: whether the desa is known to have some.
    """
    wide = pd.DataFrame({"kode": np.sort(kode.to_numpy(dtype=object))})
    for name, total in _list_totals(frame).items():
        settled = _settle_desa(frame, total, is_sum=name != "unfunded_people")
        rows = settled.reindex(wide["kode"]).reset_index(drop=True)
        wide[name] = rows["value"].astype("Int64")
        for column in MEASURE_COLUMNS:
            wide[f"{name}_{column}"] = rows[column].fillna(0).astype("Int64")
        wide[f"{name}_is_there"] = rows["is_there"].fillna(False).astype(bool)
        applies = rows["applies"].fillna(True).astype(bool)
        absent = np.where(applies, "no_data", "not_applicable")
        wide[f"{name}_status"] = np.where(wide[name].notna(), "ok", absent).astype(object)
    return wide


def total_of_level(totals: pd.DataFrame, parents: Mapping[str, str]) -> pd.DataFrame:
    """The totals of each kecamatan or kabupaten: sums over the desa of which they are known.

    Parameters
    ----------
    totals
        What `total_of_desa` returns.
    parents
        Code of the kecamatan or kabupaten by that of the desa.

    Returns
    -------
    pandas.DataFrame
        ``kode`` and for each of `TOTALS` the value, ``_status``, `MEASURE_COLUMNS` and
        `DESA_COLUMNS`.
    """
    parent = totals["kode"].map(parents)
    wide = pd.DataFrame(index=pd.Index(sorted(parent.dropna().unique()), name="kode"))
    for name in TOTALS:
        status = totals[f"{name}_status"]
        is_known = status == "ok"
        wide[name] = totals[name].groupby(parent).sum(min_count=1).astype("Int64")
        for column in MEASURE_COLUMNS:
            wide[f"{name}_{column}"] = totals[f"{name}_{column}"].groupby(parent).sum()
        wide[f"{name}_desa_dengan_data"] = is_known.groupby(parent).sum().astype("Int64")
        applies = (status != "not_applicable").groupby(parent).sum().astype("Int64")
        wide[f"{name}_desa_berlaku"] = applies
        unknown_there = (totals[f"{name}_is_there"] & ~is_known).groupby(parent).any()
        wide[name] = wide[name].mask((wide[name] == 0).fillna(False) & unknown_there)
        absent = np.where(applies > 0, "no_data", "not_applicable")
        wide[f"{name}_status"] = np.where(wide[name].notna(), "ok", absent).astype(object)
    return wide.reset_index()


def _list_totals(frame: pd.DataFrame) -> dict[str, _Total]:
    """The four totals, pair by pair."""
    is_known = frame["kebutuhan"] != "unknown"
    is_need = frame["kebutuhan"] == "need"
    is_told = is_known & (frame["keadaan"] != "unknown")
    is_unfunded = frame["keadaan"].isin(UNFUNDED)
    people, budget = frame["penduduk"], frame["belanja_idr"]
    is_idle = frame["keadaan"] == "funded_without_need"
    everywhere = pd.Series(True, index=frame.index)
    has_budget = frame["pendanaan"] != "not_applicable"
    lines, amounts = frame["belanja_idr_baris_jumlah"], frame["belanja_idr_baris_diketahui"]
    is_budget_known = is_known & (frame["pendanaan"] == "known") & (~is_idle | (amounts == lines))
    is_concerned = is_told & (~is_unfunded | people.notna())
    needs, unfunded = is_need.astype("Int64"), is_unfunded.astype("Int64")
    idle = budget.where(is_idle, 0)
    return {
        "need_count": _Total(needs, everywhere, is_known, is_known, is_need),
        "unfunded_count": _Total(unfunded, everywhere, is_told, is_told, is_need),
        "unfunded_people": _Total(
            people.where(is_unfunded, 0),
            everywhere,
            is_concerned,
            is_concerned,
            is_need,
            ~(is_unfunded & frame["penduduk_sebagian"]),
        ),
        "without_need_idr": _Total(
            idle, has_budget, is_budget_known, is_budget_known | (is_idle & budget.notna()), is_idle
        ),
    }


def _settle_desa(frame: pd.DataFrame, total: _Total, *, is_sum: bool) -> pd.DataFrame:
    """``value, is_there, applies`` and `MEASURE_COLUMNS` by ``kode``; a sum, else the largest."""
    kode = frame["kode"]
    part = total.part.astype("Int64").where(total.has_some)
    parts = part.groupby(kode)
    value = parts.sum(min_count=1) if is_sum else parts.max()
    unknown_there = (total.is_there & total.applies & ~total.is_known).groupby(kode).any()
    value = value.mask((value == 0).fillna(False) & unknown_there)
    is_whole = total.is_known if total.is_whole is None else total.is_known & total.is_whole
    measures = {
        "ukuran_diketahui": frame["ukuran_diketahui"].where(total.applies & is_whole, 0),
        "ukuran_jumlah": frame["ukuran_jumlah"].where(total.applies, 0),
    }
    settled = pd.DataFrame(
        {
            "value": value,
            "is_there": total.is_there.groupby(kode).any(),
            "applies": total.applies.groupby(kode).any(),
        }
    )
    return settled.assign(**{name: each.groupby(kode).sum() for name, each in measures.items()})
