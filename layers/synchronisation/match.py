"""The match: for each desa, service and year, whether need and money meet.

One rule decides, in this order: no known measure of need is ``unknown``; without need the state is
``no_need`` or ``funded_without_need``; with need, the desa's own budget comes first, then a
programme of the kabupaten, then a proposal, else nobody pays.  Where a desa's budget was not
handed in and no programme names it, nobody knows who pays: that is ``unknown``, never "unfunded".
The same holds where only an office may pay and no programme of the year was handed in, where a
line of the budget that cannot be read may pay, and where a programme for the desa is not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.synchronisation.money import Funding, list_lost_programmes, list_money, list_undecided
from layers.synchronisation.needs import Demand, measure_needs
from layers.synchronisation.service_list import BasicService

_KINDS = (("belanja", "belanja_idr"), ("program", "program_idr"), ("usulan", "usulan_idr"))
AMOUNTS = tuple(name for _, name in _KINDS)
_COUNTS = ("baris_diketahui", "baris_jumlah")
LINE_COUNTS = tuple(f"{name}_{count}" for name in AMOUNTS for count in _COUNTS)
"""Of each amount: how many of its lines say one, and how many lines there are."""
MATCH_COLUMNS = (
    "kode",
    "layanan",
    "tahun",
    "keadaan",
    "kebutuhan",
    "pendanaan",
    "keparahan",
    "penduduk",
    "penduduk_sebagian",
    "prioritas",
    "belanja_idr",
    "program_idr",
    "usulan_idr",
    *LINE_COUNTS,
    "ukuran_diketahui",
    "ukuran_jumlah",
    "opd",
)
KEY = ["kode", "layanan"]


@dataclass(frozen=True, slots=True)
class Matched:
    """The match of all years, with what led to it.

    Parameters
    ----------
    frame
        `MATCH_COLUMNS`, one row for each desa, service and year: ``kebutuhan`` is ``need``,
        ``met`` or ``unknown``; ``pendanaan`` is ``known``, ``unknown`` (no budget was handed in,
        or a line of it that cannot be read may pay for the service) or ``not_applicable`` (a
        kelurahan has no APBDes, and some services no desa may pay for); amounts are whole rupiah
        of that year, null where no line says one, with their `LINE_COUNTS`;
        ``penduduk_sebagian`` as in the measures.
    measures
        `layers.synchronisation.needs.MEASURE_COLUMNS` and ``tahun``.
    evidence
        `layers.synchronisation.money.EVIDENCE_COLUMNS`.
    """

    frame: pd.DataFrame
    measures: pd.DataFrame
    evidence: pd.DataFrame


def match_needs(services: Mapping[str, BasicService], demand: Demand, supply: Funding) -> Matched:
    """The state of every desa and service, for the year of the workspace and those with money.

    Services of which nothing is measured anywhere are left out: they would be ``unknown``
    everywhere.
    """
    evidence = list_money(services, supply, demand.desa)
    years = sorted({year for year in supply.years if year <= demand.year} | {demand.year})
    frames, measured = [], []
    for year in years:
        measures = measure_needs(services, demand, year)
        measured.append(measures.assign(tahun=year))
        measurable = {
            layanan: services[layanan]
            for layanan in services
            if layanan in set(measures["layanan"])
        }
        frames.append(_match_year(measurable, demand, supply, measures, evidence, year))
    frame = pd.concat(frames, ignore_index=True)
    frame = frame.sort_values(["tahun", "layanan", "kode"], ignore_index=True)
    return Matched(frame, pd.concat(measured, ignore_index=True), evidence)


def _match_year(
    services: Mapping[str, BasicService],
    demand: Demand,
    supply: Funding,
    measures: pd.DataFrame,
    evidence: pd.DataFrame,
    year: int,
) -> pd.DataFrame:
    places = demand.desa.sort_values("kode")
    desa = places[["kode", "jenis"]]
    opd = pd.DataFrame(
        [(service.id, service.opd) for service in services.values()], columns=["layanan", "opd"]
    )
    frame = desa.merge(opd.astype(object), how="cross")
    frame = frame.merge(_settle_needs(measures), on=KEY, how="left")
    frame["kebutuhan"] = frame["kebutuhan"].astype(object).fillna("unknown")
    of_year = evidence[evidence["tahun"] == year]
    is_paid = {}
    for kind, name in _KINDS:
        money = _money_of(of_year, kind).rename(columns={"rupiah": name, "pays": kind})
        counts = {count: f"{name}_{count}" for count in _COUNTS}
        frame = frame.merge(money.rename(columns=counts), on=KEY, how="left")
        is_paid[kind] = frame[kind].fillna(False).astype(bool)
    budgeted = _desa_with_budget(supply, year)
    may_pay = frame["layanan"].isin(
        [service.id for service in services.values() if service.activities]
    )
    keys = list(zip(frame["kode"], frame["layanan"], strict=True))
    undecided = list_undecided(services, supply.spending, year)
    is_decided = np.array([key not in undecided for key in keys], dtype=bool)
    frame["pendanaan"] = np.select(
        [~may_pay | (frame["jenis"] == "kelurahan"), frame["kode"].isin(budgeted) & is_decided],
        ["not_applicable", "known"],
        "unknown",
    ).astype(object)
    is_paid["lost"] = _has_lost_programme(frame, list_lost_programmes(supply, places, year))
    has_programmes = bool((supply.programmes["tahun"] == year).any())
    frame["keadaan"] = _states(frame, is_paid, has_programmes)
    frame["tahun"] = year
    counts = dict.fromkeys(("ukuran_diketahui", "ukuran_jumlah", *LINE_COUNTS), "int64")
    frame = frame.fillna(dict.fromkeys(counts, 0))
    frame["penduduk_sebagian"] = frame["penduduk_sebagian"].eq(True)
    whole = {
        **dict.fromkeys((*AMOUNTS, "penduduk"), "Int64"),
        **counts,
        **dict.fromkeys(("keparahan", "prioritas"), "float64"),
    }
    return frame[list(MATCH_COLUMNS)].astype(whole)


def _has_lost_programme(frame: pd.DataFrame, lost: pd.DataFrame) -> pd.Series[bool]:
    """Whether a programme for the desa is listed and not used: of the service, or of any."""
    of_any = frame["kode"].isin(lost.loc[lost["layanan"].isna(), "kode"])
    keys = set(lost[KEY].itertuples(index=False, name=None))
    pairs = zip(frame["kode"], frame["layanan"], strict=True)
    return of_any | pd.Series([pair in keys for pair in pairs], frame.index, dtype=bool)


def _settle_needs(measures: pd.DataFrame) -> pd.DataFrame:
    """One need for each desa and service: what is known decides; the greatest priority leads."""
    applicable = measures[measures["keadaan"] != "not_applicable"]
    measured = applicable[applicable["keadaan"] != "unknown"]
    wanting = measured[measured["keadaan"] == "need"].sort_values(
        [*KEY, "prioritas", "keparahan", "ukuran"],
        ascending=[True, True, False, False, True],
        na_position="last",
    )
    lead = wanting.drop_duplicates(KEY)[
        [*KEY, "keparahan", "penduduk", "penduduk_sebagian", "prioritas"]
    ]
    needs = applicable.groupby(KEY).size().rename("ukuran_jumlah").reset_index()
    counted = measured.groupby(KEY).size().rename("ukuran_diketahui").reset_index()
    needs = needs.merge(counted, on=KEY, how="left").merge(lead, on=KEY, how="left", indicator=True)
    is_known = needs["ukuran_diketahui"].notna()
    is_need = needs.pop("_merge") == "both"
    needs["kebutuhan"] = np.select([is_need, is_known], ["need", "met"], "unknown").astype(object)
    for name in ("keparahan", "penduduk", "prioritas"):
        needs[name] = needs[name].astype("float64").mask(is_known & ~is_need, 0.0)
    return needs


def _money_of(evidence: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Money by desa and service, of lines that name the desa.

    ``rupiah`` (null where no line says an amount, zero is the sum of a part, or more is taken back
    than given), whether it ``pays``, and ``baris_diketahui`` of ``baris_jumlah`` lines that say an
    amount.
    """
    lines = evidence[(evidence["jenis"] == kind) & evidence["tingkat"].isin(["desa", "kecamatan"])]
    if lines.empty:
        return pd.DataFrame(
            {
                "kode": pd.Series([], dtype=object),
                "layanan": pd.Series([], dtype=object),
                "rupiah": pd.Series([], dtype="Int64"),
                "pays": pd.Series([], dtype=bool),
                "baris_diketahui": pd.Series([], dtype="int64"),
                "baris_jumlah": pd.Series([], dtype="int64"),
            }
        )
    # A line whose amount is not readable is a line all the same; one of zero pays for nothing, and
    # what was taken back no longer pays: the sum decides.
    grouped = lines.groupby(KEY)
    money = grouped.agg(
        rupiah=("anggaran_idr", lambda amount: amount.sum(min_count=1)),
        baris_diketahui=("anggaran_idr", "count"),
        baris_jumlah=("anggaran_idr", "size"),
    ).reset_index()
    is_part = money["baris_diketahui"] < money["baris_jumlah"]
    pays = is_part | (money["rupiah"] > 0).fillna(False)
    nothing = (money["rupiah"] == 0).fillna(False)
    is_less = (money["rupiah"] < 0).fillna(False)
    rupiah = money["rupiah"].mask((is_part & nothing) | is_less)
    return money.assign(rupiah=rupiah, pays=pays.astype(bool))


def _desa_with_budget(supply: Funding, year: int) -> set[str]:
    if supply.spending is None:
        return set()
    return set(supply.spending.loc[supply.spending["tahun"] == year, "kode"].astype(str))


def _states(
    frame: pd.DataFrame, is_paid: Mapping[str, pd.Series[bool]], has_programmes: bool
) -> npt.NDArray[np.object_]:
    need, belanja = frame["kebutuhan"], is_paid["belanja"]
    rules = (
        (need == "unknown", "unknown"),
        ((need == "met") & belanja, "funded_without_need"),
        (need == "met", "no_need"),
        (belanja, "need_funded_by_desa"),
        (is_paid["program"], "need_in_programme"),
        (is_paid["lost"], "unknown"),
        (frame["pendanaan"] == "unknown", "unknown"),
        ((frame["pendanaan"] == "not_applicable") & (not has_programmes), "unknown"),
        (is_paid["usulan"], "need_proposed_only"),
    )
    conditions = [condition.to_numpy(bool) for condition, _ in rules]
    states = np.select(conditions, [state for _, state in rules], "need_unfunded")
    return np.asarray(states, dtype=object)
