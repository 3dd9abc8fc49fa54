"""Small counts of persons are hidden in everything that is published.

One maternal death in a desa names a family.  A count from 1 to below ``hide_below`` of its
indicator has the status ``suppressed`` and no value: in layers, tiles, tables, files and findings.
Zero and larger counts are shown.  Totals are published only where they betray no hidden count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from boundaries.findings import Finding
from layers.workspace import IndicatorSection

SUPPRESSED = "suppressed"
HIDDEN_COLUMNS = ("kode", "field", "tahun", "value", "least")
"""What was hidden, for totals only: the value, and below which counts of its field are hidden."""

Indicators = Mapping[str, IndicatorSection]


def list_limits(indicators: Indicators) -> dict[str, int]:
    """``hide_below`` of the indicators that have one."""
    return {name: one.hide_below for name, one in indicators.items() if one.hide_below is not None}


def hide_small_counts(
    settled: pd.DataFrame, indicators: Indicators
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The settled values without small counts, and what was hidden (`HIDDEN_COLUMNS`).

    Parameters
    ----------
    settled
        ``kode, indikator, tahun, nilai, status, nilai_asal, …``.
    """
    limit = settled["indikator"].map(list_limits(indicators)).astype("float64")
    is_small = (settled["nilai"] > 0) & (settled["nilai"] < limit)
    hidden = pd.DataFrame(
        {
            "kode": settled.loc[is_small, "kode"],
            "field": settled.loc[is_small, "indikator"],
            "tahun": settled.loc[is_small, "tahun"],
            "value": settled.loc[is_small, "nilai"],
            "least": limit[is_small],
        }
    ).reset_index(drop=True)
    shown = settled.copy()
    shown.loc[is_small, "nilai"] = np.nan
    shown.loc[is_small, "status"] = SUPPRESSED
    was_small = (settled["nilai_asal"] > 0) & (settled["nilai_asal"] < limit)
    shown.loc[was_small, "nilai_asal"] = np.nan
    return shown, hidden


def hide_cells(cleaned: pd.DataFrame, indicators: Indicators) -> pd.DataFrame:
    """The cleaned table of an input without small counts."""
    limits = {name: limit for name, limit in list_limits(indicators).items() if name in cleaned}
    if not limits:
        return cleaned
    shown = cleaned.copy()
    for name, limit in limits.items():
        numbers = pd.to_numeric(shown[name], errors="coerce")
        shown[name] = numbers.mask((numbers > 0) & (numbers < limit))
    return shown


def hide_findings(findings: Iterable[Finding], indicators: Indicators) -> list[Finding]:
    """The findings, without the numbers of those that speak of a hidden indicator."""
    names = tuple(list_limits(indicators))
    return [_without_numbers(found, names) for found in findings]


def _without_numbers(found: Finding, names: tuple[str, ...]) -> Finding:
    name = next((name for name in names if name in found.message), None)
    if name is None:
        return found
    message = f"{name}: see the row in the file; small counts of persons are not published."
    return replace(found, message=message, value=None, measure=None, unit=None)


def hide_totals(
    hidden: pd.DataFrame, desa: pd.DataFrame, level: str
) -> dict[tuple[str, str, int], bool]:
    """For each wilayah, field and year with hidden counts: whether its total stays hidden.

    A total betrays a count when it holds only one hidden desa, or hidden counts that together are
    still small.  A kabupaten's total betrays that of its one kecamatan whose total is hidden.

    Parameters
    ----------
    hidden
        `HIDDEN_COLUMNS`.
    desa
        ``kode, kode_kecamatan, kode_kabupaten``.
    """
    if hidden.empty:
        return {}
    parents = desa.set_index("kode")[["kode_kecamatan", "kode_kabupaten"]]
    placed = hidden.join(parents, on="kode")
    kecamatan = _totals(placed, "kode_kecamatan")
    kecamatan["is_hidden"] = (kecamatan["count"] < 2) | (kecamatan["sum"] < kecamatan["least"])
    if level == "kecamatan":
        return _by_key(kecamatan, "kode_kecamatan")
    kecamatan["kode_kabupaten"] = kecamatan["kode_kecamatan"].str[:5]
    dark = kecamatan[kecamatan["is_hidden"]]
    kabupaten = _totals(placed, "kode_kabupaten")
    told = dark.groupby(["kode_kabupaten", "field", "tahun"]).agg(
        dark=("sum", "size"), dark_sum=("sum", "sum")
    )
    kabupaten = kabupaten.join(told, on=["kode_kabupaten", "field", "tahun"])
    is_one = kabupaten["dark"] == 1
    is_small = kabupaten["dark_sum"] < kabupaten["least"]
    kabupaten["is_hidden"] = kabupaten["dark"].notna() & (is_one | is_small)
    return _by_key(kabupaten, "kode_kabupaten")


def _totals(placed: pd.DataFrame, column: str) -> pd.DataFrame:
    grouped = placed.groupby([column, "field", "tahun"], sort=True)
    return grouped.agg(
        count=("value", "size"), sum=("value", "sum"), least=("least", "max")
    ).reset_index()


def _by_key(totals: pd.DataFrame, column: str) -> dict[tuple[str, str, int], bool]:
    return {
        (str(kode), str(field), int(tahun)): bool(is_hidden)
        for kode, field, tahun, is_hidden in zip(
            totals[column], totals["field"], totals["tahun"], totals["is_hidden"], strict=True
        )
    }
