"""People by band of travel time in one wilayah: the desa of the table of gaps, added up."""

from typing import Any

import geopandas as gpd
import pandas as pd

METHOD = "raster"


def count_band_people(
    gaps: pd.DataFrame | None, column: str, kode: str, boundaries: gpd.GeoDataFrame
) -> dict[str, dict[str, Any]]:
    """People by band of the desa of one wilayah, by kind of facility; empty without such a table.

    A kind without bands or norm in minutes is left out: its people are in no band.

    Parameters
    ----------
    gaps
        The long table of gaps (``tables/gaps.parquet``).
    column, kode
        The parent's column in ``boundaries``, such as ``kode_kecamatan``, and its code.

    Returns
    -------
    dict
        For each kind: ``upto`` (pairs of upper edge in minutes and people, the last edge null),
        ``unreached``, ``off_grid``, ``total``, all in people, and ``desa`` of ``desa_total`` desa
        whose people are known.
    """
    if gaps is None or "people_band_1" not in gaps:
        return {}
    desa = boundaries[(boundaries["level"] == "desa") & (boundaries[column] == kode)]["kode"]
    rows = gaps[(gaps["method"] == METHOD) & gaps["kode"].isin(set(desa))]
    return {
        str(kind): _add_up(group)
        for kind, group in rows.groupby("service", sort=True)
        if group["people_unreached"].notna().any() and _upper_edges(group)
    }


def _upper_edges(rows: pd.DataFrame) -> list[float]:
    """Minutes, ascending; none for a kind without bands or norm in minutes."""
    columns = map(str, rows.columns)
    names = [name for name in columns if name.startswith("edge_") and name.endswith("_min")]
    return [float(rows[name].dropna().iloc[0]) for name in names if rows[name].notna().any()]


def _add_up(rows: pd.DataFrame) -> dict[str, Any]:
    known = rows[rows["people_unreached"].notna()]
    upper = _upper_edges(rows)
    people = [float(known[f"people_band_{at + 1}"].sum()) for at in range(len(upper) + 1)]
    return {
        "upto": [
            [edge, round(count, 1)] for edge, count in zip([*upper, None], people, strict=True)
        ],
        "unreached": round(float(known["people_unreached"].sum()), 1),
        "off_grid": round(float(known["people_off_grid"].sum()), 1),
        "total": round(float(known["people"].sum()), 1),
        "desa": len(known),
        "desa_total": len(rows),
    }
