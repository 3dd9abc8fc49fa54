"""The rows of tables behind each indicator value, and behind each value that is missing."""

from collections.abc import Sequence

import pandas as pd

from layers.provenance import lineage, place_sources
from layers.tables.indicators.join import TableResult
from layers.workspace.sections import Workspace

_KEY = ["kode", "indikator", "tahun"]


def trace_indicators(
    sources: lineage.Sources,
    workspace: Workspace,
    results: Sequence[TableResult],
    settled: pd.DataFrame,
) -> tuple[lineage.Strand, ...]:
    """The uses of every indicator and year of the layer ``desa``.

    A value that tables agree on is of the one whose row is used; where they disagree, all rows that
    do are named, because they are why there is no value.  After a merge or a recode the rows are
    those of the former codes, with the history that leads from them.

    Parameters
    ----------
    results
        What `layers.tables.indicators.join.join_table` returned, in the order of the workspace.
    settled
        ``kode, indikator, tahun, kode_asal``, one row each for the first three.
    """
    if settled.empty:
        return ()
    rows = pd.concat([_rows_of(result, workspace) for result in results], ignore_index=True)
    placed = settled[[*_KEY, "kode_asal"]].copy()
    is_carried = placed["kode_asal"].notna()
    placed["kode_berkas"] = placed["kode_asal"].where(is_carried, placed["kode"]).str.split(", ")
    placed = placed.explode("kode_berkas").merge(
        rows.rename(columns={"kode": "kode_berkas"}), on=["kode_berkas", "indikator", "tahun"]
    )
    placed = _choose_rows(placed)
    placed["place"] = place_sources.to_places(placed["kode"])
    strands = []
    columns = settled[["indikator", "tahun"]].drop_duplicates().sort_values(["indikator", "tahun"])
    for name, tahun in columns.itertuples(index=False):
        used = placed[(placed["indikator"] == name) & (placed["tahun"] == tahun)]
        carried = used.loc[used["kode_asal"].notna(), "place"].unique()
        ways = [
            lineage.make_uses(carried, "history", other)
            for other in place_sources.histories(workspace)
        ]
        uses = [_as_uses(used), *ways]
        strands.append(sources.trace("desa", [name], int(tahun), uses))
    return tuple(strands)


def _as_uses(used: pd.DataFrame) -> pd.DataFrame:
    if used.empty:
        return lineage.NO_USES
    return lineage.make_uses(
        used["place"], "value", used["input"].to_numpy(), used["row"].to_numpy()
    )


def _rows_of(result: TableResult, workspace: Workspace) -> pd.DataFrame:
    """The rows a table has for each key: one, or all parts where it says that parts are added."""
    section = next(section for section in workspace.tables if section.id == result.id)
    values = result.values.assign(input=f"tables.{result.id}", is_part=False)
    if section.repeats != "sum":
        return values
    names = list(values["indikator"].unique())
    parts = result.cleaned[result.cleaned["status"] == "matched"].melt(
        id_vars=["kode", "tahun", "file", "row"],
        value_vars=names,
        var_name="indikator",
        value_name="nilai",
    )
    parts = parts.dropna(subset=["kode", "tahun", "nilai"]).astype({"tahun": "int64"})
    return parts.assign(status="ok", input=f"tables.{result.id}", is_part=True)


def _choose_rows(placed: pd.DataFrame) -> pd.DataFrame:
    """Of rows that say the same of one code, the one that is used; all where they disagree."""
    key = [*_KEY, "kode_berkas"]
    ordered = placed.sort_values([*key, "status", "file", "row"], ignore_index=True)
    reported = ordered["nilai"].where(ordered["status"] == "ok")
    disagree = reported.groupby([ordered[name] for name in key]).transform("nunique") > 1
    is_last = ~ordered.duplicated(key, keep="last")
    return ordered[is_last | (disagree & reported.notna()) | ordered["is_part"]].copy()
