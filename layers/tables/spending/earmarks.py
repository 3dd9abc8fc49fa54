"""Shares of Dana Desa that a year's rules ask for or limit, and whether each desa keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from layers.columns.catalogue import Definition, FieldDefinition, load_definition
from layers.release.manifest_file import Text
from layers.tables.spending.activities import are_under
from layers.workspace.section import FieldName

DANA_DESA = ("DDS", "DD", "DANA DESA")
"""How budgets write the source of funds Dana Desa (Siskeudes: DDS)."""


class Earmark(Definition):
    """A rule of one year: a share of Dana Desa that activities must reach or may not exceed."""

    id: FieldName
    year: int
    limit: Literal["at_least", "at_most"]
    percent: float = Field(gt=0, lt=100)
    activities: tuple[str, ...] = Field(min_length=1)
    title: Text
    source: str

    @property
    def field(self) -> str:
        """Name of the column that holds the share."""
        return f"{self.id}_dds_pct"


class _Earmarks(Definition):
    earmarks: tuple[Earmark, ...]


@cache
def read_earmarks(year: int) -> tuple[Earmark, ...]:
    """The rules that hold in a year; empty where none is known."""
    earmarks = load_definition(_Earmarks, "earmarks.toml").earmarks
    return tuple(earmark for earmark in earmarks if earmark.year == year)


RULE_FIELDS = frozenset(
    earmark.field for earmark in load_definition(_Earmarks, "earmarks.toml").earmarks
)
"""Columns that hold a share asked for in any year."""


def earmark_fields(year: int) -> tuple[FieldDefinition, ...]:
    """The columns of the ``spending`` layer that hold a year's shares, classed at the limit."""
    return tuple(
        FieldDefinition(
            name=earmark.field,
            type="number",
            title=Text(
                id=f"{earmark.title.id} ({_limit(earmark, 'id')})",
                en=f"{earmark.title.en} ({_limit(earmark, 'en')})",
            ),
            unit="%",
            thematic=True,
            worse="low" if earmark.limit == "at_least" else "high",
            decimals=1,
            breaks=_breaks(earmark),
            # Who reaches what is asked for is not painted with those below it.
            closed="left" if earmark.limit == "at_least" else "right",
            colours="YlGnBu" if earmark.limit == "at_least" else "OrRd",
            source=earmark.source,
            null_meaning=Text(
                id="Tidak ada Dana Desa dalam APBDes yang diserahkan.",
                en="No Dana Desa in a budget that was handed in.",
            ),
        )
        for earmark in read_earmarks(year)
    )


def _limit(earmark: Earmark, language: str) -> str:
    words = {
        ("at_least", "id"): "paling sedikit",
        ("at_most", "id"): "paling banyak",
        ("at_least", "en"): "at least",
        ("at_most", "en"): "at most",
    }
    return f"{words[earmark.limit, language]} {earmark.percent:g}%"


def _breaks(earmark: Earmark) -> tuple[float, ...]:
    return (earmark.percent / 2, earmark.percent, min(earmark.percent * 2, 99.0))


def is_dana_desa(sources: pd.Series[str]) -> pd.Series[bool]:
    """Whether each source of funds is Dana Desa."""
    return sources.fillna("").astype(str).str.strip().str.upper().isin(DANA_DESA)


def _has_budget(lines: pd.DataFrame) -> pd.Series[bool]:
    """Lines that can be of a budget: not those of tables without a column for it, nor of zero."""
    has_budget = lines.get("has_anggaran", pd.Series(True, lines.index)).astype(bool)
    return has_budget & (lines["anggaran"] != 0).fillna(True)


def _undecided(budgeted: pd.DataFrame) -> set[str]:
    """Desa with a line that may be on either side of a rule: of an unknown amount or source."""
    sources = budgeted["sumber"]
    is_sourceless = sources.fillna("").astype(str).str.strip() == ""
    is_unknown = budgeted["anggaran"].isna() & is_dana_desa(sources)
    return set(budgeted.loc[is_unknown | is_sourceless, "kode"])


def check_earmarks(lines: pd.DataFrame, desa: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Whether each desa keeps each rule.

    Parameters
    ----------
    lines
        ``kode, tahun, kegiatan, sumber, anggaran`` (Int64); those that are lost among them.
    desa
        ``kode, jenis``.

    Returns
    -------
    pandas.DataFrame
        ``kode, tahun, aturan, batas, persen_batas, dana_desa_idr, anggaran_idr, persen, keadaan``,
        sorted; ``keadaan`` is ``kept``, ``broken``, ``no_data`` (no Dana Desa in a budget) or
        ``not_applicable`` (a kelurahan).  A share is compared exactly, before it is rounded.
    """
    columns = [
        "kode",
        "tahun",
        "aturan",
        "batas",
        "persen_batas",
        "dana_desa_idr",
        "anggaran_idr",
        "persen",
        "keadaan",
    ]
    parts = [pd.DataFrame({name: pd.Series([], dtype=object) for name in columns})]
    for year in years:
        budgeted = lines[(lines["tahun"] == year) & _has_budget(lines)]
        earmarked = budgeted[is_dana_desa(budgeted["sumber"])]
        whole = earmarked.groupby("kode")["anggaran"].sum(min_count=1)
        for rule in read_earmarks(year):
            under, may_be = are_under(earmarked["kegiatan"], rule.activities)
            unknown = _undecided(budgeted) | set(earmarked.loc[may_be, "kode"])
            chosen = earmarked[under]
            part = chosen.groupby("kode")["anggaran"].sum(min_count=1)
            frame = desa[["kode", "jenis"]].sort_values("kode", ignore_index=True)
            frame["dana_desa_idr"] = frame["kode"].map(whole).astype("Int64")
            has_money = (frame["dana_desa_idr"] > 0).fillna(False).to_numpy(bool)
            has_money &= ~frame["kode"].isin(unknown).to_numpy(bool)
            spent = frame["kode"].map(part).astype("Int64").fillna(0).where(has_money)
            # Whole numbers on both sides: 20 % is not broken by a rounding.
            limit = frame["dana_desa_idr"] * int(rule.percent * 100)
            share = spent * 10_000
            meets_limit = share >= limit if rule.limit == "at_least" else share <= limit
            is_kelurahan = frame["jenis"] == "kelurahan"
            frame["anggaran_idr"] = spent
            frame["persen"] = (
                100 * spent.astype("float64") / frame["dana_desa_idr"].astype("float64")
            ).round(4)
            frame["keadaan"] = np.select(
                [is_kelurahan, ~has_money, meets_limit.fillna(False).to_numpy(bool)],
                ["not_applicable", "no_data", "kept"],
                "broken",
            ).astype(object)
            frame = frame.assign(
                tahun=year, aturan=rule.id, batas=rule.limit, persen_batas=rule.percent
            )
            parts.append(frame[columns])
    return pd.concat(parts[1:] or parts, ignore_index=True)
