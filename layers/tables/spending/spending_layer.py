"""What each desa budgets and spends: the columns of the ``spending`` layer, by year.

A desa without a line has ``no_data``, a kelurahan ``not_applicable``; neither is ever zero.  A desa
with a budget but none under an activity has zero for it: it was asked and plans nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from layers.columns import assemble, catalogue, model
from layers.release.manifest_file import Coverage, FieldEntry, Text
from layers.tables.rows.carried import CarriedLines
from layers.tables.spending import earmarks, line_sums, spending

LINE_COLUMNS = (
    "kode",
    "tahun",
    "kegiatan",
    "nama_kegiatan",
    "sumber",
    "anggaran",
    "realisasi_idr",
    "input",
    "file",
    "row",
)
"""A budget line as it counts."""


def build_spending_fields(
    results: Sequence[tuple[spending.SpendingResult, str]],
    desa: pd.DataFrame,
    definition: catalogue.LayerDefinition,
    year: int,
    carried: CarriedLines | None = None,
    people: Mapping[int, pd.Series[float]] | None = None,
) -> model.Computed:
    """The spending columns of each desa: the latest year not after ``year``, and all years.

    Parameters
    ----------
    results
        Joined tables, each with the amount that counts in it: ``murni`` or ``perubahan``.
    desa
        Columns ``kode, jenis``.
    definition
        The layer ``spending``: ``anggaran_idr``, ``realisasi_idr``, ``serapan_pct`` (realisasi in
        percent of anggaran) and sums of anggaran over the ``activities`` or ``sources`` of a
        field, or per person; shares that rules of ``year`` ask for are added to it.
    carried
        To which desa of today lines of former codes belong, see `layers.tables.rows.carried`.
    people
        People of each desa (by ``kode``), by year.

    Returns
    -------
    Computed
        ``wide``: ``kode`` and for each field ``<name>, <name>_status, <name>_tahun``; amounts
        Int64.  ``values``: ``kode, field, tahun, value, status`` for every desa, field and year.
        Both say of a sum how many of its lines have an amount, and of how many
        (``<name>_baris_diketahui, <name>_baris_jumlah``).
    """
    lines = list_with_lost(results, carried)
    split = frozenset() if carried is None else carried.before_split
    years = sorted({int(budget_year) for budget_year in lines.loc[~lines[line_sums.LOST], "tahun"]})
    definition = _with_rules(definition, results, year)
    places = desa[["kode", "jenis"]].sort_values("kode", ignore_index=True)
    by_year = {
        budget_year: _columns(
            lines[lines["tahun"] == budget_year],
            places,
            definition,
            frozenset(kode for kode, of in split if of == budget_year),
            (people or {}).get(budget_year),
            budget_year,
        )
        for budget_year in years
    }
    chosen = max((budget_year for budget_year in years if budget_year <= year), default=None)
    columns = by_year.get(chosen) if chosen is not None else None
    if columns is None:
        columns = _columns(lines.iloc[:0], places, definition)
    wide = {"kode": places["kode"]}
    fields: list[FieldEntry] = []
    for field in definition.fields:
        column = columns[field.name]
        wide |= {field.name: column.value, f"{field.name}_status": column.status}
        wide[f"{field.name}_tahun"] = pd.Series([chosen] * len(places), dtype="Int64")
        if _rests_on_lines(field):
            part = _coverage(field.name)
            wide |= {part.known: column.counted, str(part.total): column.total}
        fields += _entries(field, years)
    summed = [field for field in definition.fields if _rests_on_lines(field)]
    return model.Computed(
        tuple(fields),
        pd.DataFrame(wide),
        _long(by_year, places, definition),
        unplaced=line_sums.count_unplaced(lines, summed, places["kode"]),
    )


def list_counted(
    results: Sequence[tuple[spending.SpendingResult, str]], carried: CarriedLines | None = None
) -> pd.DataFrame:
    """The lines with the amount that counts (``anggaran``), under the codes of today.

    Columns `LINE_COLUMNS`.
    """
    lines = list_with_lost(results, carried)
    return lines.loc[~lines[line_sums.LOST], list(LINE_COLUMNS)].reset_index(drop=True)


def list_with_lost(
    results: Sequence[tuple[spending.SpendingResult, str]], carried: CarriedLines | None = None
) -> pd.DataFrame:
    """The same, and the lines that are lost (``is_lost``); of all which amounts their table has.

    A lost line of an unknown year may be of any year of its table.
    """
    parts = [pd.DataFrame({name: pd.Series([], dtype=object) for name in LINE_COLUMNS})]
    for result, amounts in results:
        column = "anggaran_perubahan_idr" if amounts == "perubahan" else "anggaran_idr"
        years = pd.DataFrame({"tahun": sorted(set(result.lines["tahun"]))}, dtype="Int64")
        undated = result.lost[result.lost["tahun"] == 0].drop(columns="tahun")
        lost = [result.lost[result.lost["tahun"] != 0], undated.merge(years, how="cross")]
        for is_lost, lines in ((False, result.lines), *((True, part) for part in lost)):
            part = lines.assign(anggaran=lines[column], input=result.load.input)
            has = {
                "has_anggaran": column in result.declared,
                "has_realisasi_idr": "realisasi_idr" in result.declared,
            }
            parts.append(part[list(LINE_COLUMNS)].assign(**has, **{line_sums.LOST: is_lost}))
    lines = pd.concat([part for part in parts[1:] if len(part)] or parts[:1], ignore_index=True)
    lines = lines.reindex(
        columns=[*LINE_COLUMNS, "has_anggaran", "has_realisasi_idr", line_sums.LOST]
    )
    lines = lines.astype(
        dict.fromkeys(("tahun", "anggaran", "realisasi_idr"), "Int64")
        | dict.fromkeys(("has_anggaran", "has_realisasi_idr", line_sums.LOST), bool)
    )
    return lines if carried is None else carried.apply(lines)


def _columns(
    lines: pd.DataFrame,
    places: pd.DataFrame,
    definition: catalogue.LayerDefinition,
    before_split: frozenset[str] = frozenset(),
    people: pd.Series[float] | None = None,
    year: int = 0,
) -> dict[str, line_sums.LineColumn]:
    kode = places["kode"]
    anggaran = line_sums.add_lines(lines, "anggaran", kode)
    shares = _shares(lines, places, year)
    columns: dict[str, line_sums.LineColumn] = {}
    for field in definition.fields:
        if field.name in earmarks.RULE_FIELDS and field.name not in shares:
            columns[field.name] = _without_rule(places)
            continue
        if field.name in shares:
            absent = pd.Series(pd.NA, index=places.index, dtype="Int64")
            total = line_sums.LineSum(shares[field.name], absent, absent)
        elif field.activities or field.sources:
            total = line_sums.add_lines(lines, "anggaran", kode, line_sums.choose(lines, field))
            total = replace(total, value=total.value.where(anggaran.value.notna()))
        elif field.per_person:
            total = replace(anggaran, value=_per_person(anggaran.value, kode, people))
        elif field.name == "serapan_pct":
            total = line_sums.share_lines(lines, "realisasi_idr", "anggaran", kode)
        else:
            amount = {"anggaran_idr": "anggaran", "realisasi_idr": "realisasi_idr"}[field.name]
            total = line_sums.add_lines(lines, amount, kode)
        columns[field.name] = _with_status(total, places, before_split)
    return columns


def _rests_on_lines(field: catalogue.FieldDefinition) -> bool:
    """Whether a part of the lines makes a value; a rule is held against all of them or none."""
    return field.name not in earmarks.RULE_FIELDS


def _coverage(field: str) -> Coverage:
    return Coverage(known=f"{field}_baris_diketahui", total=f"{field}_baris_jumlah", unit="baris")


def _per_person(anggaran: pd.Series, kode: pd.Series, people: pd.Series[float] | None) -> pd.Series:
    if people is None:
        return pd.Series(np.nan, index=anggaran.index)
    people_there = pd.Series(kode.map(people).to_numpy(dtype="float64"), index=anggaran.index)
    return (line_sums.percent_of(anggaran, people_there) / 100).round()


def _without_rule(places: pd.DataFrame) -> line_sums.LineColumn:
    """No value, because the year has no such rule: that is no lack of data."""
    status = pd.Series(["not_applicable"] * len(places), index=places.index, dtype=object)
    absent = pd.Series(pd.NA, index=places.index, dtype="Int64")
    return line_sums.LineColumn(pd.Series(np.nan, index=places.index), status, absent, absent)


def _shares(lines: pd.DataFrame, places: pd.DataFrame, year: int) -> dict[str, pd.Series]:
    """The shares of Dana Desa that rules of the year ask for, by field."""
    checked = earmarks.check_earmarks(lines, places, [year])
    return {
        rule.field: places["kode"]
        .map(checked[checked["aturan"] == rule.id].set_index("kode")["persen"])
        .astype("float64")
        for rule in earmarks.read_earmarks(year)
    }


def _with_rules(
    definition: catalogue.LayerDefinition,
    results: Sequence[tuple[spending.SpendingResult, str]],
    year: int,
) -> catalogue.LayerDefinition:
    """The definition with the year's rules, and with what the amounts are said in each field."""
    method = _say_amounts(results)
    fields = [
        field if field.name == "realisasi_idr" else field.model_copy(update={"method": method})
        for field in (*definition.fields, *earmarks.earmark_fields(year))
    ]
    return definition.model_copy(update={"fields": tuple(fields)})


def _say_amounts(results: Sequence[tuple[spending.SpendingResult, str]]) -> Text:
    """Which of two amounts counts, by file where files differ."""
    kinds = {amounts for _, amounts in results}
    if kinds == {"perubahan"}:
        return Text(id="Anggaran setelah perubahan (PAK).", en="Budget after revision (PAK).")
    if kinds <= {"murni"}:
        return Text(id="Anggaran murni (sebelum perubahan).", en="Original budget.")
    listed = ", ".join(sorted(f"{result.load.file}: {amounts}" for result, amounts in results))
    return Text(id=f"Anggaran menurut berkas ({listed}).", en=f"Budget by file ({listed}).")


def _with_status(
    total: line_sums.LineSum, places: pd.DataFrame, before_split: frozenset[str]
) -> line_sums.LineColumn:
    is_kelurahan = pd.Series((places["jenis"] == "kelurahan").to_numpy(), total.value.index)
    visible = total.value.mask(is_kelurahan)
    absent = np.where(places["kode"].isin(before_split), "before_split", "no_data")
    status = np.where(visible.notna(), "ok", np.where(is_kelurahan, "not_applicable", absent))
    says_nothing = is_kelurahan | ((total.total == 0).fillna(True) & visible.isna())
    return line_sums.LineColumn(
        visible,
        pd.Series(status.astype(object), index=total.value.index),
        total.counted.mask(says_nothing, 0),
        total.total.mask(says_nothing, 0),
    )


def _long(
    by_year: Mapping[int, dict[str, line_sums.LineColumn]],
    places: pd.DataFrame,
    definition: catalogue.LayerDefinition,
) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "kode": places["kode"],
                "field": field.name,
                "tahun": year,
                "value": columns[field.name].value.astype("Float64"),
                "status": columns[field.name].status,
                model.COVERAGE_COLUMNS[0][0]: columns[field.name].counted,
                model.COVERAGE_COLUMNS[0][1]: columns[field.name].total,
            }
        )
        for field in definition.fields
        for year, columns in sorted(by_year.items())
    ]
    names = ["kode", "field", "tahun", "value", "status", *model.COVERAGE_COLUMNS[0]]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)


def _entries(field: catalogue.FieldDefinition, years: Sequence[int]) -> list[FieldEntry]:
    title = field.title
    coverage = (_coverage(field.name),) if _rests_on_lines(field) else ()
    update = {"years": tuple(years), "coverage": coverage}
    return [
        assemble.field_entry(field).model_copy(update=update),
        FieldEntry(
            name=f"{field.name}_status",
            type="string",
            title=Text(id=f"{title.id}: status", en=f"{title.en}: status"),
        ),
        FieldEntry(
            name=f"{field.name}_tahun",
            type="integer",
            title=Text(id=f"{title.id}: tahun", en=f"{title.en}: year"),
        ),
        *(entry for part in coverage for entry in assemble.count_entries(part, title)),
    ]
