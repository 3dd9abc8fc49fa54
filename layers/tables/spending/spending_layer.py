"""What each desa budgets and spends: the columns of the ``spending`` layer, by year.

A desa without a line has ``no_data``, a kelurahan ``not_applicable``; neither is ever zero.  A desa
with a budget but none under an activity has zero for it: it was asked and plans nothing.  A line
whose amount is not known is no line of zero: a sum says of how many of how many lines it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.columns import assemble, catalogue, model
from layers.release.manifest import Coverage, FieldEntry, Text
from layers.tables.rows.carried import CarriedLines
from layers.tables.spending import activities, earmarks, spending

Amounts = Mapping[str, str]
AMOUNT_COLUMNS = {"anggaran": "anggaran", "realisasi": "realisasi_idr"}
KNOWN_LINES, ALL_LINES = "baris_terbaca", "baris"
LINE_TITLES = {
    "anggaran_baris_terbaca": Text(
        id="Baris anggaran yang jumlahnya diketahui", en="Budget lines whose amount is known"
    ),
    "anggaran_baris": Text(id="Baris anggaran", en="Budget lines"),
    "realisasi_baris_terbaca": Text(
        id="Baris anggaran yang realisasinya diketahui",
        en="Budget lines whose actual spending is known",
    ),
    "realisasi_baris": Text(id="Baris anggaran (realisasi)", en="Budget lines (actual spending)"),
}
LINE_COLUMNS = tuple(LINE_TITLES)
"""What the sums of a desa rest on: the lines whose amount is known, and all."""


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
        Int64; `LINE_COLUMNS`.  ``values``: ``kode, field, tahun, value, status`` for every desa,
        field and year, and as `COVERAGE_COLUMNS` the lines whose amount is known, and all.
    """
    lines = list_counted(results, carried)
    split = frozenset() if carried is None else carried.before_split
    years = sorted({int(budget_year) for budget_year in lines["tahun"]})
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
    counts = {of: _count_lines(lines[lines["tahun"] == of], places["kode"]) for of in years}
    wide = {"kode": places["kode"]}
    fields: list[FieldEntry] = []
    for field in definition.fields:
        value, status = columns[field.name]
        wide |= {field.name: value, f"{field.name}_status": status}
        wide[f"{field.name}_tahun"] = pd.Series([chosen] * len(places), dtype="Int64")
        fields += _entries(field, years)
    shown = counts[chosen] if chosen is not None else _count_lines(lines.iloc[:0], places["kode"])
    wide |= {name: shown[name] for name in LINE_COLUMNS}
    fields += [
        FieldEntry(name=name, type="integer", title=LINE_TITLES[name], unit="baris")
        for name in LINE_COLUMNS
    ]
    values = _long(by_year, counts, places, definition)
    return model.Computed(tuple(fields), pd.DataFrame(wide), values)


def list_counted(
    results: Sequence[tuple[spending.SpendingResult, str]], carried: CarriedLines | None = None
) -> pd.DataFrame:
    """The lines with the amount that counts (``anggaran``), under the codes of today.

    Columns ``kode, tahun, kegiatan, nama_kegiatan, sumber, anggaran, realisasi_idr, input, file,
    row``.
    """
    lines = _with_amount(results)
    return lines if carried is None else carried.apply(lines)


def _with_amount(results: Sequence[tuple[spending.SpendingResult, str]]) -> pd.DataFrame:
    parts = []
    for result, amounts in results:
        column = "anggaran_perubahan_idr" if amounts == "perubahan" else "anggaran_idr"
        parts.append(result.lines.assign(anggaran=result.lines[column], input=result.load.input))
    columns = [
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
    ]
    if not parts:
        return pd.DataFrame(columns=columns).astype({"tahun": "Int64"})
    return pd.concat([part[columns] for part in parts], ignore_index=True)


def _count_lines(lines: pd.DataFrame, kode: pd.Series[str]) -> pd.DataFrame:
    """`LINE_COLUMNS` of one year, in the order of ``kode``: lines with an amount, and all."""
    of_desa = lines.groupby("kode")
    sizes = kode.map(of_desa.size())
    counts = {}
    for name, column in AMOUNT_COLUMNS.items():
        counts[f"{name}_{KNOWN_LINES}"] = kode.map(of_desa[column].count())
        counts[f"{name}_{ALL_LINES}"] = sizes
    return pd.DataFrame(counts).fillna(0).astype("Int64")


def rests_on(field: str) -> tuple[str, str]:
    """The columns that say of how many of how many lines a field is."""
    name = "realisasi" if field in ("realisasi_idr", "serapan_pct") else "anggaran"
    return f"{name}_{KNOWN_LINES}", f"{name}_{ALL_LINES}"


Column = tuple[pd.Series, pd.Series]


def _columns(
    lines: pd.DataFrame,
    places: pd.DataFrame,
    definition: catalogue.LayerDefinition,
    before_split: frozenset[str] = frozenset(),
    people: pd.Series[float] | None = None,
    year: int = 0,
) -> dict[str, Column]:
    anggaran = _sums(lines, "anggaran", places["kode"])
    realisasi = _sums(lines, "realisasi_idr", places["kode"])
    shares = _shares(lines, places, year)
    columns: dict[str, Column] = {}
    for field in definition.fields:
        if field.name in earmarks.RULE_FIELDS and field.name not in shares:
            columns[field.name] = _without_rule(places)
            continue
        if field.name in shares:
            value = shares[field.name]
        elif field.activities or field.sources:
            value = _part(lines[is_chosen(lines, field)], places["kode"]).where(anggaran.notna())
        elif field.per_person:
            value = _per_person(anggaran, places["kode"], people)
        elif field.name == "serapan_pct":
            value = _percent(realisasi, anggaran).mask(_has_gap(lines, places["kode"]))
        else:
            value = {"anggaran_idr": anggaran, "realisasi_idr": realisasi}[field.name]
        columns[field.name] = _with_status(value, places, before_split)
    return columns


def _sums(lines: pd.DataFrame, column: str, kode: pd.Series) -> pd.Series:
    """Exact sums by desa; null for a desa none of whose lines has the amount."""
    amounts = lines[["kode", column]].dropna()
    sums = amounts.groupby("kode")[column].sum().astype("Int64")
    return kode.map(sums).astype("Int64")


def _part(chosen: pd.DataFrame, kode: pd.Series) -> pd.Series:
    """Sums of some lines: 0 for a desa without any of them, null where none has an amount."""
    return _sums(chosen, "anggaran", kode).mask(~kode.isin(chosen["kode"]), 0)


def _has_gap(lines: pd.DataFrame, kode: pd.Series) -> pd.Series:
    """Whether a desa has spent on a line whose budget is unknown: no share of a budget then."""
    gaps = lines["anggaran"].isna() & lines["realisasi_idr"].notna()
    return kode.isin(lines.loc[gaps, "kode"])


def is_chosen(lines: pd.DataFrame, field: catalogue.FieldDefinition) -> npt.NDArray[np.bool_]:
    """The lines of the field's activities or sources of funds."""
    if field.activities:
        chosen = [activities.is_under(code, field.activities) for code in lines["kegiatan"]]
    else:
        sources = lines["sumber"].fillna("").astype(str).str.strip().str.upper()
        chosen = sources.isin(field.sources).tolist()
    return np.array(chosen, dtype=bool)


def _percent(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Part in percent of a whole above zero; else null."""
    numerator = part.to_numpy(dtype="float64", na_value=np.nan)
    denominator = whole.to_numpy(dtype="float64", na_value=np.nan)
    share: npt.NDArray[np.float64] = np.full(len(numerator), np.nan)
    np.divide(100 * numerator, denominator, out=share, where=denominator > 0)
    return pd.Series(share, index=part.index)


def _per_person(anggaran: pd.Series, kode: pd.Series, people: pd.Series[float] | None) -> pd.Series:
    if people is None:
        return pd.Series(np.nan, index=anggaran.index)
    people_there = pd.Series(kode.map(people).to_numpy(dtype="float64"), index=anggaran.index)
    return (_percent(anggaran, people_there) / 100).round()


def _without_rule(places: pd.DataFrame) -> Column:
    """No value, because the year has no such rule: that is no lack of data."""
    status = pd.Series(["not_applicable"] * len(places), index=places.index, dtype=object)
    return pd.Series(np.nan, index=places.index), status


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


def _with_status(value: pd.Series, places: pd.DataFrame, before_split: frozenset[str]) -> Column:
    is_kelurahan = (places["jenis"] == "kelurahan").to_numpy()
    visible = value.mask(pd.Series(is_kelurahan, value.index))
    absent = np.where(places["kode"].isin(before_split), "before_split", "no_data")
    status = np.where(visible.notna(), "ok", np.where(is_kelurahan, "not_applicable", absent))
    return visible, pd.Series(status.astype(object), index=value.index)


def _long(
    by_year: Mapping[int, dict[str, Column]],
    counts: Mapping[int, pd.DataFrame],
    places: pd.DataFrame,
    definition: catalogue.LayerDefinition,
) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "kode": places["kode"],
                "field": field.name,
                "tahun": year,
                "value": columns[field.name][0].astype("Float64"),
                "status": columns[field.name][1],
                model.COVERAGE_COLUMNS[0]: counts[year][rests_on(field.name)[0]],
                model.COVERAGE_COLUMNS[1]: counts[year][rests_on(field.name)[1]],
            }
        )
        for field in definition.fields
        for year, columns in sorted(by_year.items())
    ]
    names = ["kode", "field", "tahun", "value", "status", *model.COVERAGE_COLUMNS]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)


def _entries(field: catalogue.FieldDefinition, years: Sequence[int]) -> list[FieldEntry]:
    title = field.title
    lines, every = rests_on(field.name)
    coverage = (Coverage(known=lines, total=every, unit="baris"),)
    return [
        assemble.field_entry(field).model_copy(
            update={"years": tuple(years), "coverage": coverage}
        ),
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
    ]
