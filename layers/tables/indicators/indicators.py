"""What the joined tables together say of each desa: the columns of the ``desa`` layer.

A value keeps its year and its origin; a desa that no table speaks of has ``no_data``, a kelurahan
``not_applicable`` where the indicator is of desa only.  Nothing is filled, averaged or carried over
from one year to another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from boundaries.findings.report import Finding, Severity
from boundaries.history.versions import History
from layers.columns.model import Computed
from layers.finding_words.finding_kinds import declared_kind
from layers.release.manifest_file import FieldEntry, Text
from layers.tables.indicators import betrayed, hiding, join
from layers.tables.numbers.numbers import write_value
from layers.tables.rows.carried import ORIGIN, carry_values
from layers.workspace.sections import IndicatorSection

IDENTICAL = declared_kind("table.identical")
VALUES_BETRAY = declared_kind("table.values_betray")
YEAR_AFTER_WORKSPACE = declared_kind("table.year_after_workspace")
CONFLICT_BETWEEN_TABLES = declared_kind("table.conflict_between_tables")


@dataclass(frozen=True, slots=True)
class IndicatorFields:
    """Columns for the ``desa`` layer and the settled long table behind them.

    Parameters
    ----------
    computed
        ``wide`` has, for each indicator, ``<name>``, ``<name>_status`` and ``<name>_tahun``;
        ``values`` is ``kode, field, tahun, value, status``.
    settled
        ``kode, indikator, tahun, nilai, status, file, row``: one row for each desa, indicator and
        year any table covers, those without data among them (file and row null).  Where a history
        carried the value: ``kode_asal`` the codes it was measured under, ``asal`` how (``recoded``,
        ``summed``, ``before_split``, ``part_missing``, ``not_summable``,
        ``contradicted``), ``nilai_asal`` what was measured for the wilayah before its split.
    betraying
        Indicators of which some values are hidden because they tell a small count of another.
    """

    computed: Computed
    settled: pd.DataFrame
    findings: tuple[Finding, ...]
    betraying: frozenset[str] = frozenset()


def build_indicator_fields(
    results: Sequence[join.TableResult],
    desa: pd.DataFrame,
    indicators: Mapping[str, IndicatorSection],
    year: int,
    history: History | None = None,
) -> IndicatorFields:
    """The indicator columns of each desa: the latest year not after ``year``.

    One year for all desa, so that a map never mixes years; a desa without a value in that year has
    ``no_data`` even if an older one is known (other years can be chosen on the map).

    Parameters
    ----------
    desa
        Columns ``kode, jenis``; one row for each desa of the coverage.
    history
        How codes changed: values of former codes are carried by it, see
        `layers.tables.rows.carried`.

    Findings
    --------
    table.conflict_between_tables
        Two tables give a desa different values of one indicator and year; none is used (warning).
    table.identical
        Two columns hold the same data: a table copied under another year or name, or one year of
        an indicator in two tables (warning).
    table.values_betray
        Values of an indicator that are hidden because a small count of another could be worked out
        from them (note).
    table.year_after_workspace
        An indicator has only years after the year of the workspace (warning), or some (note).
    """
    findings: list[Finding] = []
    findings += _identical_columns([result.values for result in results])
    reported = _settle([result.values for result in results], indicators, findings)
    if history is not None and len(reported):
        reported, notes = carry_values(reported, history, desa, indicators)
        findings += notes
    settled = _complete(
        reported, desa, [name for name, indicator in indicators.items() if indicator.desa_only]
    )
    published, hidden = hiding.hide_small_counts(settled, indicators)
    settled, hidden, betrayals = betrayed.hide_betraying(settled, published, hidden, indicators)
    betraying = {each.field: each.count for each in betrayals}
    names = [name for name in indicators if name in set(settled["indikator"])]
    fields: list[FieldEntry] = []
    wide = pd.DataFrame({"kode": desa["kode"].to_numpy()}).sort_values("kode", ignore_index=True)
    for name in names:
        of_field = settled[settled["indikator"] == name]
        years = sorted({int(indicator) for indicator in of_field["tahun"]})
        entries = _entries(indicators[name], years)
        if name in betraying:
            count = indicators[betraying[name]]
            meaning = hiding.describe_betraying(count, indicators[name].hide_below)
            entries[0] = entries[0].model_copy(update={"suppressed_meaning": meaning})
        fields += entries
        chosen = max((indicator for indicator in years if indicator <= year), default=None)
        findings += _tell_later(name, of_field, year, chosen)
        wide = pd.concat([wide, _columns(name, of_field, chosen, wide["kode"])], axis=1)
    values = settled.rename(columns={"indikator": "field", "nilai": "value"})
    values = values[["kode", "field", "tahun", "value", "status"]]
    summed = frozenset(name for name in names if indicators[name].is_summable)
    computed = Computed(tuple(fields), wide, values, summed, hidden)
    findings = hiding.hide_findings(findings, indicators, betraying=betraying)
    findings += [
        VALUES_BETRAY.finding(
            f"{each.field} {each.tahun}: hidden in desa where {each.count} is; the small count "
            "could be worked out from it.",
            value=each.field,
            fields=(each.field,),
            tahun=each.tahun,
        )
        for each in betrayals
    ]
    return IndicatorFields(computed, settled, tuple(findings), frozenset(betraying))


def _tell_later(name: str, of_field: pd.DataFrame, year: int, chosen: int | None) -> list[Finding]:
    """Values of years after the workspace's, by file; the map shows an earlier year, or none."""
    later = of_field[(of_field["tahun"] > year) & of_field["file"].notna()]
    shown = "nothing of it is shown" if chosen is None else f"the map shows {chosen}"
    findings = []
    for file, rows in later.groupby("file", sort=True):
        years = ", ".join(map(str, sorted(set(rows["tahun"].astype(int)))))
        message = (
            f"{name}: {len(rows)} values are of {years}, after the year of the workspace ({year}): "
            f"{shown}. Is the workspace of {max(rows['tahun'])}? Then year = {max(rows['tahun'])} "
            "under [wilayah]."
        )
        findings.append(
            YEAR_AFTER_WORKSPACE.finding(
                message,
                str(file),
                int(rows["row"].min()),
                value=years,
                measure=float(len(rows)),
                unit="rows",
                severity=Severity.WARNING if chosen is None else Severity.NOTE,
                fields=(name,),
            )
        )
    return findings


KEY = ["kode", "indikator", "tahun"]


def _settle(
    frames: Sequence[pd.DataFrame],
    indicators: Mapping[str, IndicatorSection],
    findings: list[Finding],
) -> pd.DataFrame:
    """One row for each key; where tables disagree, no value."""
    columns = [*KEY, "nilai", "status", "file", "row"]
    if not frames:
        return pd.DataFrame(columns=columns)
    reported = pd.concat(frames, ignore_index=True)[columns]
    reported = reported.sort_values([*KEY, "status", "file", "row"], ignore_index=True)
    repeated = reported.duplicated(KEY, keep=False)
    if not repeated.any():
        return reported
    ok = reported[repeated & (reported["status"] == "ok")]
    for key, group in ok.groupby(KEY, sort=True):
        if group["nilai"].nunique() > 1:
            kode, name, when = key
            unit = indicators[str(name)].unit
            listed = "; ".join(
                f"{write_value(float(value), unit)} in {file} row {row}"
                for value, file, row in group[["nilai", "file", "row"]].to_numpy().tolist()
            )
            message = f"{name} {when}: tables disagree ({listed}); none is used."
            findings.append(
                CONFLICT_BETWEEN_TABLES.finding(
                    message, kode=str(kode), value=listed, fields=(str(name),), tahun=int(str(when))
                )
            )
            reported.loc[group.index, "nilai"] = np.nan
            reported.loc[group.index, "status"] = "no_data"
    # "ok" sorts after "no_data": the last row of a key is the one that says most.
    return reported.drop_duplicates(KEY, keep="last", ignore_index=True)


FEWEST_ALIKE = 10
FEWEST_VALUES = 5
FEWEST_OF_ONE = 3
"""Equal columns are reported from so many desa on: fewer may be equal by chance, less so in one
year of one indicator."""


def _identical_columns(frames: Sequence[pd.DataFrame]) -> list[Finding]:
    seen: dict[tuple[object, ...], tuple[str, int, str]] = {}
    findings: list[Finding] = []
    if not frames:
        return findings
    reported = pd.concat(frames, ignore_index=True)
    ok = reported[reported["status"] == "ok"].sort_values([*KEY, "file"], ignore_index=True)
    for (name, when, file), group in ok.groupby(["indikator", "tahun", "file"], sort=True):
        signature = (tuple(group["kode"]), tuple(group["nilai"]))
        year = int(str(when))
        if signature not in seen:
            seen[signature] = (str(name), year, str(file))
            continue
        other, other_year, where = seen[signature]
        is_one = (other, other_year) == (name, year)
        is_telling = len(group) >= FEWEST_ALIKE and group["nilai"].nunique() >= FEWEST_VALUES
        if not is_telling and not (is_one and len(group) >= FEWEST_OF_ONE):
            continue
        message = (
            f"{name} {year} has the same values as {other} {other_year} of {where} for all "
            f"{len(group)} desa; was a table copied?"
        )
        findings.append(IDENTICAL.finding(message, str(file), fields=(str(name),), tahun=year))
    return findings


def _complete(reported: pd.DataFrame, desa: pd.DataFrame, desa_only: list[str]) -> pd.DataFrame:
    """Every desa under every indicator and year that any table covers."""
    pairs = reported[["indikator", "tahun"]].drop_duplicates()
    grid = pairs.merge(desa[["kode", "jenis"]], how="cross")
    reported = reported.reindex(columns=[*KEY, "nilai", "status", "file", "row", *ORIGIN])
    full = grid.merge(reported, on=KEY, how="left", validate="1:1")
    missing = full["status"].isna()
    is_not_assessed = full["indikator"].isin(desa_only) & (full["jenis"] == "kelurahan")
    full.loc[missing, "status"] = "no_data"
    full.loc[is_not_assessed & (full["status"] != "ok"), "status"] = "not_applicable"
    full["row"] = full["row"].astype("Int64")
    full["tahun"] = full["tahun"].astype("int64")
    full["nilai"] = full["nilai"].astype("float64")
    full["nilai_asal"] = full["nilai_asal"].astype("float64")
    for name in ("kode_asal", "asal"):
        full[name] = full[name].astype(object).where(full[name].notna(), None)
    order = [*KEY, "nilai", "status", "file", "row", *ORIGIN]
    return full[order].sort_values(["indikator", "tahun", "kode"], ignore_index=True)


def _columns(name: str, of_field: pd.DataFrame, year: int | None, kode: pd.Series) -> pd.DataFrame:
    of_year = of_field[of_field["tahun"] == year].set_index("kode")
    status = kode.map(of_year["status"]) if year is not None else pd.Series("no_data", kode.index)
    tahun = pd.array([year if year is not None else pd.NA] * len(kode), dtype="Int64")
    return pd.DataFrame(
        {
            name: kode.map(of_year["nilai"]).astype("float64"),
            f"{name}_status": status.astype(object),
            f"{name}_tahun": tahun,
        },
        index=kode.index,
    )


def _entries(indicator: IndicatorSection, years: Sequence[int]) -> list[FieldEntry]:
    name, title = indicator.name, indicator.title
    return [
        FieldEntry(
            name=name,
            type="number",
            title=title,
            unit=indicator.unit,
            thematic=True,
            group=indicator.group,
            worse=indicator.worse,
            decimals=indicator.decimals,
            years=tuple(years),
            null_meaning=indicator.null_meaning,
            hide_below=indicator.hide_below,
            suppressed_meaning=hiding.describe_hidden_count(indicator.hide_below),
            source=indicator.source,
        ),
        FieldEntry(
            name=f"{name}_status",
            type="string",
            title=Text(id=f"{title.id}: status", en=f"{title.en}: status"),
        ),
        FieldEntry(
            name=f"{name}_tahun",
            type="integer",
            title=Text(id=f"{title.id}: tahun", en=f"{title.en}: year"),
        ),
    ]
