"""What the desa of a kecamatan or kabupaten have together, as columns of its layer.

Counts and amounts are summed over the desa that have them; where some desa have a year only as
before their split, the sum of that year has no value but the status ``before_split``.  Of shares
and scores the median is given, never a mean of percentages without their denominators.  Beside each
value stands how many desa it rests on, and of how many; a sum has the decimals of its values, a
median one more at most.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from layers.columns import assemble, model
from layers.release.manifest_file import Coverage, FieldEntry, Text
from layers.tables.indicators import hidden_totals, hiding
from layers.workspace.indicator_units import SUMMABLE_UNITS

DESA_COLUMNS = ("desa_dengan_data", "desa_berlaku")
PART_COLUMNS = ("baris_diketahui", "baris_jumlah")
"""What the values of the desa rest on themselves, together: see `build_summary_fields`."""
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
    computed: model.Computed, desa: pd.DataFrame, level: Literal["kecamatan", "kabupaten"]
) -> model.Computed:
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
        its ``_status``, ``_tahun``, ``<name>_desa_dengan_data`` and ``<name>_desa_berlaku``;
        ``values`` for all years, with `COVERAGE_COLUMNS`.  Of a field whose values are themselves
        of parts (lines of a budget) the parts of all desa are counted too, with those of which
        only the kecamatan or kabupaten is known: ``<name>_baris_diketahui, <name>_baris_jumlah``.
    """
    thematic = [entry for entry in computed.fields if entry.thematic]
    if computed.values is None or not thematic:
        return model.Computed((), pd.DataFrame({"kode": pd.Series([], dtype="str")}))
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
        of_field = summary[summary["field"] == entry.name]
        of_field = pd.concat([of_field, _not_applicable(values, desa, level, entry.name)])
        if entry.coverage:
            parts = _count_parts(computed, values, desa, level, entry.name)
            of_field = of_field.merge(parts, on=["kode", "tahun"], how="left")
        kind = "jumlah" if entry.name in summed else "median"
        decimals = count_decimals(values.loc[values["field"] == entry.name, "value"])
        named = _named(of_field, entry.name, kind, decimals)
        fields += _entries(entry, kind, named)
        wide = wide.merge(_columns(named, computed.wide, entry.name), on="kode", how="left")
        long.append(_long(named, entry.name, kind))
    return model.Computed(tuple(fields), wide, pd.concat(long, ignore_index=True))


def _not_applicable(
    values: pd.DataFrame, desa: pd.DataFrame, level: str, field: str
) -> pd.DataFrame:
    """``kode, tahun`` of the wilayah to none of whose desa a field applies."""
    rows = values[values["field"] == field]
    does_apply = rows["status"] != "not_applicable"
    parents = rows["kode"].map(desa.set_index("kode")[f"kode_{level}"])
    applies = does_apply.groupby([parents.rename("kode"), rows["tahun"]]).any()
    none = applies[~applies].reset_index()[["kode", "tahun"]]
    return none.assign(tidak_berlaku=True, desa_dengan_data=0, desa=0, dipecah=0, rahasia=0)


def _count_parts(
    computed: model.Computed, values: pd.DataFrame, desa: pd.DataFrame, level: str, field: str
) -> pd.DataFrame:
    """``kode, tahun`` and `PART_COLUMNS` of a field: the parts of all desa it applies to."""
    rows = values[(values["field"] == field) & (values["status"] != "not_applicable")]
    parents = rows["kode"].map(desa.set_index("kode")[f"kode_{level}"])
    pair = model.COVERAGE_COLUMNS[0]
    parts = rows[[*pair]].astype("Int64").groupby([parents.rename("kode"), rows["tahun"]]).sum()
    parts = parts.set_axis(list(PART_COLUMNS), axis=1).reset_index()
    if computed.unplaced is not None:
        unplaced = computed.unplaced[computed.unplaced["field"] == field]
        depth = len(str(desa[f"kode_{level}"].iloc[0])) if len(desa) else 0
        missing = unplaced.groupby([unplaced["kode"].str[:depth], "tahun"])["total"].sum()
        keys = list(zip(parts["kode"], parts["tahun"], strict=True))
        parts[PART_COLUMNS[1]] += [int(missing.get(key, 0)) for key in keys]
    return parts


def _named(summary: pd.DataFrame, name: str, kind: str, decimals: int) -> pd.DataFrame:
    """The columns of one field: value, status and what it rests on, by ``kode`` and ``tahun``."""
    column = f"{name}_{kind}"
    named = summary[["kode", "tahun"]].copy()
    places = decimals if kind == "jumlah" else min(decimals + 1, MOST_DECIMALS)
    named[column] = summary[kind].astype("float64").round(places)
    absent = np.where(summary["dipecah"] > 0, "before_split", "no_data")
    is_secret = summary["disembunyikan"] if kind == "jumlah" else summary["rahasia"] > 0
    absent = np.where(is_secret.fillna(False).astype(bool), hiding.SUPPRESSED, absent)
    if "tidak_berlaku" in summary:
        absent = np.where(summary["tidak_berlaku"].notna(), "not_applicable", absent)
    named["status"] = np.where(summary[kind].notna(), "ok", absent).astype(object)
    named[f"{name}_desa_dengan_data"] = summary["desa_dengan_data"].astype("Int64")
    named[f"{name}_desa_berlaku"] = summary["desa"].astype("Int64")
    for suffix in PART_COLUMNS:
        if suffix in summary:
            named[f"{name}_{suffix}"] = summary[suffix].astype("Int64")
    return named


def _long(named: pd.DataFrame, name: str, kind: str) -> pd.DataFrame:
    """The summaries of all years as `Computed.values` has them, with their basis."""
    columns = {f"{name}_{kind}": "value"}
    for suffixes, pair in zip((DESA_COLUMNS, PART_COLUMNS), model.COVERAGE_COLUMNS, strict=True):
        columns |= {
            f"{name}_{suffix}": column for suffix, column in zip(suffixes, pair, strict=True)
        }
    long = named.rename(columns=columns).assign(field=f"{name}_{kind}")
    counts = [column for column in columns.values() if column in long]
    return long[["kode", "field", "tahun", "status", *counts]]


def _columns(named: pd.DataFrame, wide: pd.DataFrame, name: str) -> pd.DataFrame:
    """The summary of the year that the desa show, as columns of the level."""
    years = wide[f"{name}_tahun"].dropna()
    year = int(years.iloc[0]) if len(years) else named["tahun"].max()
    column = named.columns[2]
    chosen = named[named["tahun"] == year].rename(
        columns={"status": f"{column}_status", "tahun": f"{column}_tahun"}
    )
    return chosen.astype({f"{column}_tahun": "Int64"})


def _entries(entry: FieldEntry, kind: str, named: pd.DataFrame) -> list[FieldEntry]:
    word = _WORDS[kind]
    column = f"{entry.name}_{kind}"
    title = Text(id=f"{entry.title.id} ({word.id})", en=f"{entry.title.en} ({word.en})")
    status = Text(id=f"{title.id}: status", en=f"{title.en}: status")
    year = Text(id=f"{title.id}: tahun", en=f"{title.en}: year")
    basis = Text(
        id=f"{entry.title.id}: {{desa}} dengan data", en=f"{entry.title.en}: {{desa}} with data"
    )
    whole = Text(
        id=f"{entry.title.id}: {{desa}} yang seharusnya punya data",
        en=f"{entry.title.en}: {{desa}} it applies to",
    )
    with_data, total = (f"{entry.name}_{suffix}" for suffix in DESA_COLUMNS)
    parts = [
        Coverage(known=f"{entry.name}_{known}", total=f"{entry.name}_{whole}", unit=each.unit)
        for each in entry.coverage[:1]
        for known, whole in (PART_COLUMNS,)
    ]
    summary = entry.model_copy(
        update={
            "name": column,
            "title": title,
            "classes": None,
            "type": entry.type if kind == "jumlah" else "number",
            "status_counts": {},
            "hide_below": None,
            "suppressed_meaning": _HIDDEN[kind] if entry.suppressed_meaning is not None else None,
            "coverage": (Coverage(known=with_data, total=total, unit="desa"), *parts),
        }
    )
    return [
        summary,
        FieldEntry(name=f"{column}_status", type="string", title=status),
        FieldEntry(name=f"{column}_tahun", type="integer", title=year),
        FieldEntry(name=with_data, type="integer", title=basis, unit="desa"),
        FieldEntry(name=total, type="integer", title=whole, unit="desa"),
        *(count for part in parts for count in assemble.count_entries(part, entry.title)),
    ]


MOST_DECIMALS = 6
_SAME = 1e-9


def count_decimals(values: ArrayLike) -> int:
    """The decimals with which all values are written, at most `MOST_DECIMALS`; NaN do not count.

    >>> count_decimals([85.7, 86.25, float("nan")]), count_decimals([3, 4]), count_decimals([1 / 3])
    (2, 0, 6)
    """
    numbers = np.asarray(values, dtype=float)
    numbers = numbers[np.isfinite(numbers)]
    room = _SAME * np.maximum(1.0, np.abs(numbers))
    for decimals in range(MOST_DECIMALS):
        if (np.abs(np.round(numbers, decimals) - numbers) <= room).all():
            return decimals
    return MOST_DECIMALS


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
        ``kode, field, tahun, value, status``, one row for each desa, field and year; of those
        that are sums of parts themselves with `COVERAGE_COLUMNS`.
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
        (``desa_dengan_data`` of ``desa``, those the field applies to; a hidden value is data, one
        of which only a part is known is not whole and does not count).  It
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
    counted["part"] = _is_part(counted) & numbers.notna()
    counted["secret"] = counted["status"] == hiding.SUPPRESSED
    frame = _spread(counted, hidden)
    groups = counted.groupby(["parent", "field", "tahun"], sort=True)
    frame["jumlah"] = groups["whole"].sum(min_count=1)
    frame["dipecah"] = groups["split"].sum()
    frame["rahasia"] = groups["secret"].sum()
    frame["desa_dengan_data"] -= groups["part"].sum()
    frame = frame.reset_index()
    unpublished = hidden_totals.hide_totals(hidden, desa, level)
    keys = zip(frame["parent"], frame["field"], frame["tahun"], strict=True)
    frame["disembunyikan"] = [unpublished.get((str(a), str(b), int(c)), False) for a, b, c in keys]
    is_sum = frame["field"].isin(list(summed)) & (frame["dipecah"] == 0) & ~frame["disembunyikan"]
    frame["jumlah"] = frame["jumlah"].where(is_sum)
    return frame.rename(columns={"parent": "kode"})


def _is_part(values: pd.DataFrame) -> pd.Series[bool]:
    """Whether only some of the parts of each value are known."""
    if not set(model.COVERAGE_COLUMNS[0]) <= set(values):
        return pd.Series(data=False, index=values.index)
    known, total = (values[name].astype("Float64") for name in model.COVERAGE_COLUMNS[0])
    return (known < total).fillna(False).astype(bool)


def _spread(counted: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """Least, middle and greatest value of each group, where no hidden value decides them.

    A hidden count may be any of 1 to below its limit.  What comes out alike with all of them at
    the one end and at the other is what it truly is, and tells nothing of them.
    """
    most = counted["field"].map(hidden.groupby("field")["least"].max()).astype("float64") - 1
    # A value that tells a count of another field may be anything.
    is_open = counted["field"].isin(_list_betraying(hidden))
    most = most.mask(is_open, np.inf)
    ends: list[pd.DataFrame] = []
    for edge in (most.where(most.isna(), 1.0).mask(is_open, -np.inf), most):
        counted = counted.assign(edge=counted["value"].where(~counted["secret"], edge))
        groups = counted.groupby(["parent", "field", "tahun"], sort=True)["edge"]
        spread: pd.DataFrame = groups.agg(  # type: ignore[assignment]  # named aggregates make a frame
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


def _list_betraying(hidden: pd.DataFrame) -> frozenset[str]:
    """Fields hidden because of the counts of others."""
    if "count" not in hidden:
        return frozenset()
    return frozenset(hidden.loc[hidden["count"] != hidden["value"], "field"])


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
