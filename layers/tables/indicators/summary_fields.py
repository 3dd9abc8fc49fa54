"""What the desa of a kecamatan or kabupaten have together, as columns of its layer.

Counts and amounts are summed over the desa that have them; where some desa have a year only as
before their split, the sum of that year has no value but the status ``before_split``.  Of shares
and scores the median is given, never a mean of percentages without their denominators.  Beside each
value stands how many desa it rests on, and of how many; a sum has the decimals of its values, a
median one more at most.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pandas.api.extensions import take

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
    summary = pd.concat([summary, _not_applicable(values, desa, level)])
    if any(entry.coverage for entry in thematic):
        parts = _count_parts(computed, values, desa, level)
        summary = summary.merge(parts, on=["field", "kode", "tahun"], how="left")
    decimals = {
        str(name): count_decimals(of_field)
        for name, of_field in values.groupby("field", sort=False)["value"]
    }
    settled = _settle(summary, summed, decimals)
    kode = sorted(desa[f"kode_{level}"].dropna().unique())
    columns: dict[str, object] = {"kode": pd.Series(kode, dtype="str")}
    fields: list[FieldEntry] = []
    long: list[pd.DataFrame] = []
    by_field = dict(iter(settled.groupby("field", sort=False)))
    for entry in thematic:
        kind = "jumlah" if entry.name in summed else "median"
        rows = by_field.get(entry.name, settled.iloc[:0])
        fields += _entries(entry, kind)
        columns |= _columns(rows, entry, kind, computed.wide[f"{entry.name}_tahun"], kode)
        long.append(rows.assign(field=f"{entry.name}_{kind}"))
    return model.Computed(tuple(fields), pd.DataFrame(columns), pd.concat(long, ignore_index=True))


def _not_applicable(values: pd.DataFrame, desa: pd.DataFrame, level: str) -> pd.DataFrame:
    """``field, kode, tahun`` of the wilayah to none of whose desa a field applies."""
    does_apply = values["status"] != "not_applicable"
    parents = values["kode"].map(desa.set_index("kode")[f"kode_{level}"])
    keys = [values["field"], parents.rename("kode"), values["tahun"]]
    applies = does_apply.groupby(keys).any()
    none = applies[~applies].reset_index()[["field", "kode", "tahun"]]
    return none.assign(tidak_berlaku=True, desa_dengan_data=0, desa=0, dipecah=0, rahasia=0)


def _count_parts(
    computed: model.Computed, values: pd.DataFrame, desa: pd.DataFrame, level: str
) -> pd.DataFrame:
    """``field, kode, tahun`` and `PART_COLUMNS`: the parts of all desa that a field applies to."""
    of_parts = [entry.name for entry in computed.fields if entry.coverage]
    rows = values[values["field"].isin(of_parts) & (values["status"] != "not_applicable")]
    parents = rows["kode"].map(desa.set_index("kode")[f"kode_{level}"])
    keys = [rows["field"], parents.rename("kode"), rows["tahun"]]
    parts = rows[[*model.COVERAGE_COLUMNS[0]]].astype("Int64").groupby(keys).sum()
    parts = parts.set_axis(list(PART_COLUMNS), axis=1).reset_index()
    if computed.unplaced is not None:
        unplaced = computed.unplaced
        depth = len(str(desa[f"kode_{level}"].iloc[0])) if len(desa) else 0
        above = unplaced["kode"].str[:depth]
        missing = unplaced.groupby(["field", above, "tahun"])["total"].sum()
        of_rows = zip(parts["field"], parts["kode"], parts["tahun"], strict=True)
        parts[PART_COLUMNS[1]] += [int(missing.get(key, 0)) for key in of_rows]
    return parts


def _settle(
    summary: pd.DataFrame, summed: Collection[str], decimals: Mapping[str, int]
) -> pd.DataFrame:
    """Value, status and basis of each field, wilayah and year: columns of `Computed.values`."""
    is_sum = summary["field"].isin(list(summed))
    value = summary["jumlah"].where(is_sum, summary["median"]).astype("float64")
    places = summary["field"].map(decimals)
    places = places.where(is_sum, (places + 1).clip(upper=MOST_DECIMALS))
    for count in places.unique():
        value = value.mask(places == count, value.round(int(count)))
    is_secret = summary["disembunyikan"].isin([True]).where(is_sum, summary["rahasia"] > 0)
    absent = np.where(summary["dipecah"] > 0, "before_split", "no_data")
    absent = np.where(is_secret, hiding.SUPPRESSED, absent)
    absent = np.where(summary["tidak_berlaku"].notna(), "not_applicable", absent)
    settled = summary[["kode", "field", "tahun"]].copy()
    settled["status"] = np.where(value.notna(), "ok", absent).astype(object)
    settled["value"] = value
    names = (*model.COVERAGE_COLUMNS[0], *model.COVERAGE_COLUMNS[1])
    for name, basis in zip(names, ("desa_dengan_data", "desa", *PART_COLUMNS), strict=True):
        if basis in summary:
            settled[name] = summary[basis].astype("Int64")
    return settled


def _columns(
    rows: pd.DataFrame, entry: FieldEntry, kind: str, shown_years: pd.Series, kode: Sequence[str]
) -> dict[str, object]:
    """The summary of the year that the desa show, as columns of the level."""
    years = shown_years.dropna()
    year = int(years.iloc[0]) if len(years) else rows["tahun"].max()
    of_year = rows[rows["tahun"] == year]
    places = pd.Index(of_year["kode"]).get_indexer(pd.Index(kode))
    column = f"{entry.name}_{kind}"
    names = {"value": column, "status": f"{column}_status", "tahun": f"{column}_tahun"}
    pairs = (DESA_COLUMNS, PART_COLUMNS) if entry.coverage else (DESA_COLUMNS,)
    for suffixes, pair in zip(pairs, model.COVERAGE_COLUMNS, strict=False):
        for suffix, name in zip(suffixes, pair, strict=True):
            names[name] = f"{entry.name}_{suffix}"
    of_year = of_year.astype({"tahun": "Int64"})
    return {
        title: take(of_year[name].array, places, allow_fill=True) for name, title in names.items()
    }


def _entries(entry: FieldEntry, kind: str) -> list[FieldEntry]:
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
