"""What the desa of a kecamatan or kabupaten have together, as columns of its layer.

Counts and amounts are summed over the desa that have them; where some desa have a year only as
before their split, the sum of that year has no value but the status ``before_split``.  Of shares
and scores the median is given, never a mean of percentages without their denominators.  Beside each
value stands how many desa it rests on.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from layers.manifest import FieldEntry, Text
from layers.model import Computed
from layers.tables.hiding import SUPPRESSED
from layers.tables.summaries import NOTHING_HIDDEN, summarise_desa
from layers.workspace import SUMMABLE_UNITS

_WORDS = {
    "jumlah": Text(id="jumlah {village}", en="sum of {village}"),
    "median": Text(id="median {village}", en="median of {village}"),
}
_HIDDEN = {
    "jumlah": Text(
        id="disembunyikan: dari jumlah ini angka kecil satu {desa} dapat dihitung",
        en="hidden: from this sum the small count of one {desa} could be worked out",
    ),
    "median": Text(
        id="disembunyikan: nilai tengahnya adalah angka kecil yang disembunyikan",
        en="hidden: the middle value is a small count that is hidden",
    ),
}


def build_summary_fields(
    computed: Computed, desa: pd.DataFrame, level: Literal["kecamatan", "kabupaten"]
) -> Computed:
    """One summary column for each thematic column of the desa, with its status and its basis.

    Parameters
    ----------
    computed
        Columns of desa with ``values`` of all years; the year shown is that of ``<name>_tahun``.
    desa
        ``kode, kode_kecamatan, kode_kabupaten``.

    Returns
    -------
    Computed
        ``wide``: ``kode`` of the level and for each field ``<name>_jumlah`` or ``<name>_median``,
        its ``_status``, ``_tahun``, and ``<name>_desa_dengan_data``; ``values`` for all years.
    """
    thematic = [entry for entry in computed.fields if entry.thematic]
    if computed.values is None or not thematic:
        return Computed((), pd.DataFrame({"kode": pd.Series([], dtype="str")}))
    summed = computed.summed
    if summed is None:
        summed = frozenset(entry.name for entry in thematic if entry.unit in SUMMABLE_UNITS)
    names = [entry.name for entry in thematic]
    values = computed.values[computed.values["field"].isin(names)]
    hidden = computed.hidden if computed.hidden is not None else NOTHING_HIDDEN
    summary = summarise_desa(values, desa, summed, level, hidden)
    wide = pd.DataFrame({"kode": sorted(desa[f"kode_{level}"].dropna().unique())})
    fields: list[FieldEntry] = []
    long: list[pd.DataFrame] = []
    for entry in thematic:
        mine = summary[summary["field"] == entry.name]
        kind = "jumlah" if entry.name in summed else "median"
        named = _named(mine, entry.name, kind)
        fields += _entries(entry, kind, named)
        wide = wide.merge(_columns(named, computed.wide, entry.name), on="kode", how="left")
        long.append(named.rename(columns={named.columns[2]: "value"}).assign(
            field=f"{entry.name}_{kind}"
        )[["kode", "field", "tahun", "value", "status"]])  # fmt: skip
    return Computed(tuple(fields), wide, pd.concat(long, ignore_index=True))


def _named(summary: pd.DataFrame, name: str, kind: str) -> pd.DataFrame:
    column = f"{name}_{kind}"
    named = summary[["kode", "tahun"]].copy()
    named[column] = summary[kind]
    absent = np.where(summary["dipecah"] > 0, "before_split", "no_data")
    is_secret = summary["disembunyikan"] if kind == "jumlah" else summary["rahasia"] > 0
    absent = np.where(is_secret, SUPPRESSED, absent)
    named["status"] = np.where(summary[kind].notna(), "ok", absent).astype(object)
    named[f"{name}_desa_dengan_data"] = summary["desa_dengan_data"].astype("Int64")
    return named


def _columns(named: pd.DataFrame, wide: pd.DataFrame, name: str) -> pd.DataFrame:
    """The summary of the year that the desa show, as columns of the level."""
    shown = wide[f"{name}_tahun"].dropna()
    year = int(shown.iloc[0]) if len(shown) else -1
    column = named.columns[2]
    chosen = named[named["tahun"] == year].rename(
        columns={"status": f"{column}_status", "tahun": f"{column}_tahun"}
    )
    return chosen.astype({f"{column}_tahun": "Int64"})


def _entries(entry: FieldEntry, kind: str, named: pd.DataFrame) -> list[FieldEntry]:
    word = _WORDS[kind]
    column = f"{entry.name}_{kind}"
    title = Text(id=f"{entry.title.id} ({word.id})", en=f"{entry.title.en} ({word.en})")
    summary = entry.model_copy(
        update={
            "name": column,
            "title": title,
            "classes": None,
            "type": entry.type if kind == "jumlah" else "number",
            "status_counts": {},
            "hide_below": None,
            "suppressed_meaning": _HIDDEN[kind] if entry.hide_below is not None else None,
        }
    )
    status = Text(id=f"{title.id}: status", en=f"{title.en}: status")
    year = Text(id=f"{title.id}: tahun", en=f"{title.en}: year")
    basis = Text(
        id=f"{entry.title.id}: {{desa}} dengan data", en=f"{entry.title.en}: {{desa}} with data"
    )
    return [
        summary,
        FieldEntry(name=f"{column}_status", type="string", title=status),
        FieldEntry(name=f"{column}_tahun", type="integer", title=year),
        FieldEntry(name=f"{entry.name}_desa_dengan_data", type="integer", title=basis, unit="desa"),
    ]
