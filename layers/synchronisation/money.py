"""Who pays: budget lines of desa, programmes of the kabupaten and proposals, by service.

Amounts are whole rupiah.  A line of zero rupiah pays for nothing, and one below zero takes back
what another gave; a line whose amount is not readable is a line all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from layers.synchronisation.service_list import BasicService
from layers.tables.spending.activities import are_under, is_under

EVIDENCE_COLUMNS = (
    "kode",
    "layanan",
    "tahun",
    "jenis",
    "tingkat",
    "uraian",
    "opd",
    "anggaran_idr",
    "input",
    "file",
    "row",
)
"""``jenis`` is ``belanja`` (desa budget), ``program`` (kabupaten) or ``usulan`` (proposal);
``tingkat`` the level of the place it names: desa, kecamatan, kabupaten or text."""
NO_LOST_PLANS = pd.DataFrame(
    {name: pd.Series([], dtype=object) for name in ("kode", "tahun", "layanan")}
)
"""Where every row of the lists of programmes is used."""


@dataclass(frozen=True, slots=True)
class Funding:
    """What pays for services.

    Parameters
    ----------
    spending
        Lines of desa budgets with the amount that counts, under the codes of today
        (`layers.tables.spending.spending_layer.LINE_COLUMNS`), those that are lost (``is_lost``)
        among them; None where no spending is declared.
    programmes, proposals
        Lines of `layers.tables.plans.plans`.
    lost_programmes
        `layers.tables.plans.plans.PlansResult.lost` of the lists of programmes.
    """

    spending: pd.DataFrame | None
    programmes: pd.DataFrame
    proposals: pd.DataFrame
    lost_programmes: pd.DataFrame = field(default_factory=NO_LOST_PLANS.copy)

    @property
    def years(self) -> set[int]:
        """Years of which anything is known."""
        frames = [self.programmes, self.proposals]
        frames += [] if self.spending is None else [self.spending]
        return {int(year) for frame in frames for year in frame["tahun"].dropna()}


def list_money(
    services: Mapping[str, BasicService], supply: Funding, desa: pd.DataFrame
) -> pd.DataFrame:
    """Every line that pays for, plans or proposes a service at a place.

    Parameters
    ----------
    desa
        ``kode, kode_kecamatan``: a programme of a whole kecamatan counts for each of its desa and
        says so (``tingkat``); one of the whole kabupaten, or with words for a place, is evidence
        of that area and of no desa.

    Returns
    -------
    pandas.DataFrame
        `EVIDENCE_COLUMNS`, sorted; ``kode`` of a desa, or of the area for evidence of no desa.
    """
    parts = [_of_spending(services, supply.spending)]
    for kind, lines in (("program", supply.programmes), ("usulan", supply.proposals)):
        parts.append(_of_plans(kind, lines, desa))
    evidence = pd.concat(parts, ignore_index=True)
    evidence = evidence.astype({"tahun": "Int64", "anggaran_idr": "Int64", "row": "Int64"})
    return evidence.sort_values(
        ["kode", "layanan", "tahun", "jenis", "tingkat", "uraian", "file", "row"],
        ignore_index=True,
        na_position="last",
    )


def _of_spending(
    services: Mapping[str, BasicService], spending: pd.DataFrame | None
) -> pd.DataFrame:
    parts = [_empty()]
    if spending is None or spending.empty:
        return parts[0]
    spending = spending[~is_lost(spending)]
    codes = {code: code for code in spending["kegiatan"].dropna().unique()}
    for service in services.values():
        under = {code for code in codes if is_under(code, service.activities)}
        lines = spending[spending["kegiatan"].isin(under)]
        if lines.empty:
            continue
        named = lines["nama_kegiatan"].fillna("").astype(object)
        parts.append(
            pd.DataFrame(
                {
                    "kode": lines["kode"].to_numpy(),
                    "layanan": service.id,
                    "tahun": lines["tahun"].to_numpy(),
                    "jenis": "belanja",
                    "tingkat": "desa",
                    "uraian": (lines["kegiatan"].astype(object) + " " + named).str.strip(),
                    "opd": None,
                    "anggaran_idr": lines["anggaran"].to_numpy(),
                    "input": lines["input"].to_numpy(),
                    "file": lines["file"].to_numpy(),
                    "row": lines["row"].to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def is_lost(spending: pd.DataFrame) -> pd.Series[bool]:
    """Which lines are not used although they may be of their desa."""
    return spending.get("is_lost", pd.Series(False, spending.index)).astype(bool)


def list_undecided(
    services: Mapping[str, BasicService], spending: pd.DataFrame | None, year: int
) -> set[tuple[str, str]]:
    """The desa and services that a line of the budget may pay for, as far as it says.

    Its activity cannot be read, is a heading above those of the service, or the line is lost.
    """
    if spending is None:
        return set()
    of_year = spending[(spending["tahun"] == year) & (spending["anggaran"] != 0).fillna(True)]
    undecided: set[tuple[str, str]] = set()
    for service in services.values():
        under, may_be = are_under(of_year["kegiatan"], service.activities)
        lines = of_year[may_be | (under & is_lost(of_year).to_numpy(bool))]
        undecided |= {(str(kode), service.id) for kode in lines["kode"].dropna()}
    return undecided


def list_lost_programmes(supply: Funding, desa: pd.DataFrame, year: int) -> pd.DataFrame:
    """``kode, layanan`` of the desa for which a programme of the year is listed and not used.

    ``layanan`` is null where the row does not tell the service.
    """
    lost = supply.lost_programmes
    lost = lost[lost["tahun"].isin([0, year])]
    of_kecamatan = lost.merge(
        desa[["kode", "kode_kecamatan"]].rename(columns={"kode": "desa"}),
        left_on="kode",
        right_on="kode_kecamatan",
    )
    spread = of_kecamatan[["desa", "layanan"]].rename(columns={"desa": "kode"})
    own = lost.loc[lost["kode"].isin(desa["kode"]), ["kode", "layanan"]]
    return pd.concat([own, spread], ignore_index=True)


def _of_plans(kind: str, lines: pd.DataFrame, desa: pd.DataFrame) -> pd.DataFrame:
    serving = lines[lines["layanan"].notna()] if len(lines) else lines
    if serving.empty:
        return _empty()
    frame = pd.DataFrame(
        {
            "kode": serving["kode"].to_numpy(),
            "layanan": serving["layanan"].to_numpy(),
            "tahun": serving["tahun"].to_numpy(),
            "jenis": kind,
            "tingkat": serving["tingkat"].to_numpy(),
            "uraian": serving["kegiatan"].to_numpy(),
            "opd": serving["opd"].to_numpy(),
            "anggaran_idr": serving["anggaran_idr"].to_numpy(),
            "input": serving["input"].to_numpy(),
            "file": serving["file"].to_numpy(),
            "row": serving["row"].to_numpy(),
        }
    )
    whole = frame["tingkat"] == "kecamatan"
    spread = frame[whole].merge(
        desa[["kode", "kode_kecamatan"]].rename(columns={"kode": "desa"}),
        left_on="kode",
        right_on="kode_kecamatan",
    )
    spread = spread.assign(kode=spread["desa"])[list(EVIDENCE_COLUMNS)]
    return pd.concat([frame[~whole], spread], ignore_index=True)


def _empty() -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series([], dtype=object) for name in EVIDENCE_COLUMNS})
    return frame.astype({"tahun": "Int64", "anggaran_idr": "Int64", "row": "Int64"})
