"""Which desa needs which service: every measure of need, with its severity and whom it concerns.

A measure is an indicator worse than its norm, or a nearest facility beyond its norm.  What is not
known stays unknown: a desa without any known measure of a service is neither in need nor not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.synchronisation.service_list import BasicService, Need, Priority
from layers.workspace.sections import IndicatorSection

METHOD = "straight_line"
"""The method by which norms of distance are stated: from the kantor desa, as the IDM asks."""
MEASURE_COLUMNS = (
    "kode",
    "layanan",
    "ukuran",
    "nilai",
    "satuan",
    "norma",
    "keadaan",
    "status",
    "keparahan",
    "penduduk",
    "penduduk_sebagian",
    "prioritas",
    "keterangan",
    "anjuran",
    "pelaku",
    "file",
    "row",
)

LEAST_WHOLE = 0.99
"""Share of the area of a desa from which on a raster knows all of it, as in `layers.access`."""
MOST_PEOPLE = 1e10
"""More than there are: such a count is no count of people."""
NO_GAPS = pd.DataFrame(
    {name: pd.Series([], dtype=object) for name in ("kode", "service", "method", "people")}
)
"""Access where nothing was measured."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What measures of need are computed from.

    Parameters
    ----------
    desa
        ``kode, jenis``; one row for each desa.
    settled
        Long table of indicators: ``kode, indikator, tahun, nilai, status, file, row``.
    words
        Words beside values: ``keterangan, anjuran, pelaku`` by ``file, row``.
    gaps
        Long table of access: ``kode, service, method, status, distance_m, norm_m, gap_m, people,
        people_beyond_norm``; empty where nothing was measured.
    indicators
        Definitions by name.
    year
        Year of the workspace: the only one for which access is measured.
    priority
        How severity and people make a priority.
    """

    desa: pd.DataFrame
    settled: pd.DataFrame
    words: pd.DataFrame
    gaps: pd.DataFrame
    indicators: Mapping[str, IndicatorSection]
    year: int
    priority: Priority


def measure_needs(services: Mapping[str, BasicService], demand: Demand, year: int) -> pd.DataFrame:
    """Every measure of every service for every desa.

    An indicator counts with its latest year not after ``year``, one year for all desa; access
    counts for the year of the workspace only, since facilities of earlier years are not known.

    Returns
    -------
    pandas.DataFrame
        `MEASURE_COLUMNS`, sorted by ``kode, layanan, ukuran``: ``keadaan`` is ``need``, ``met``,
        ``unknown`` or ``not_applicable``; ``status`` that of the value (``suppressed``: hidden, so
        the need is unknown); ``keparahan`` 0 to 1 (how far beyond the norm, in units
        of the norm); ``penduduk`` people concerned, null where not known; ``penduduk_sebagian``
        whether they are not known as those of other desa are: the raster that says where they live
        knows only a part of the desa, or they are of the raster where others are registered;
        ``prioritas`` weight x keparahan x penduduk.
    """
    people = count_people(demand, year)
    uncounted = _list_uncounted(demand, year)
    parts = []
    for service in services.values():
        for need in service.needs:
            measured = (
                _by_indicator(need, demand, year, people)
                if need.indicator is not None
                else _by_facility(need, demand, year, people)
            )
            if measured is not None:
                measured["penduduk_sebagian"] |= measured["kode"].isin(uncounted)
                measured["layanan"] = service.id
                measured["prioritas"] = (
                    service.weight
                    * measured["keparahan"] ** demand.priority.severity_power
                    * measured["penduduk"] ** demand.priority.people_power
                )
                parts.append(measured)
    if not parts:
        return pd.DataFrame({name: pd.Series([], dtype=object) for name in MEASURE_COLUMNS})
    measures = pd.concat(parts, ignore_index=True).reindex(columns=list(MEASURE_COLUMNS))
    return measures.sort_values(["kode", "layanan", "ukuran"], ignore_index=True)


def count_people(demand: Demand, year: int) -> pd.Series[float]:
    """People of each desa by ``kode``: registered if known, else of the raster; else null."""
    kode = demand.desa["kode"]
    registered = kode.map(count_registered(demand.settled, year)).astype("float64")
    counted = demand.gaps.dropna(subset=["people"]) if len(demand.gaps) else demand.gaps
    by_raster = counted.groupby("kode")["people"].max() if len(counted) else pd.Series(dtype=float)
    filled = registered.fillna(kode.map(by_raster)).astype("float64")
    filled = filled.where(filled.abs() <= MOST_PEOPLE)
    return pd.Series(filled.to_numpy(), index=kode.to_numpy(), name="penduduk")


def _list_uncounted(demand: Demand, year: int) -> frozenset[str]:
    """Desa without registered people, where others have them."""
    registered = count_registered(demand.settled, year)
    return (
        frozenset(demand.desa["kode"]) - set(registered.index) if len(registered) else frozenset()
    )


def count_registered(settled: pd.DataFrame, year: int) -> pd.Series[float]:
    """Registered people by ``kode``: of the latest year not after ``year`` that any desa has."""
    rows = _year_of(settled, "penduduk_jiwa", year)
    if rows is None:
        return pd.Series({}, dtype="float64")
    ok = rows[rows["status"] == "ok"]
    return pd.Series(ok["nilai"].to_numpy(dtype="float64"), index=ok["kode"].to_numpy())


def latest_year(settled: pd.DataFrame, indicator: str, year: int) -> int | None:
    """The latest year of an indicator that is not after ``year``; None where there is none."""
    of_indicator = settled["indikator"] == indicator
    years = settled.loc[of_indicator & (settled["tahun"] <= year), "tahun"]
    return None if years.empty else int(years.max())


def _year_of(settled: pd.DataFrame, indicator: str, year: int) -> pd.DataFrame | None:
    """The rows of the latest year not after ``year``; None where there is none."""
    latest = latest_year(settled, indicator, year)
    if latest is None:
        return None
    return settled[(settled["indikator"] == indicator) & (settled["tahun"] == latest)]


def _by_indicator(
    need: Need, demand: Demand, year: int, people: pd.Series[float]
) -> pd.DataFrame | None:
    rows = _year_of(demand.settled, str(need.indicator), year)
    definition = demand.indicators.get(str(need.indicator))
    if rows is None or definition is None or need.norm is None:
        return None
    frame = rows[["kode", "nilai", "status", "file", "row"]].merge(
        demand.words, on=["file", "row"], how="left"
    )
    excess = frame["nilai"] - need.norm
    if definition.worse == "low":
        excess = -excess
    frame["ukuran"], frame["satuan"], frame["norma"] = need.indicator, definition.unit, need.norm
    is_measured = frame["status"] == "ok"
    is_need = is_measured & (excess > 0)
    elsewise = np.where(frame["status"] == "not_applicable", "not_applicable", "unknown")
    frame["keadaan"] = np.where(is_measured, np.where(is_need, "need", "met"), elsewise).astype(
        object
    )
    frame["keparahan"] = _severity(excess, need.norm).where(is_measured)
    concerned = frame["kode"].map(people)
    if need.people != "all":
        share = frame["nilai"] if need.people == "value" else 100 - frame["nilai"]
        concerned = concerned * share.clip(0, 100) / 100
    frame["penduduk"] = concerned.where(is_need).round()
    frame["penduduk_sebagian"] = False
    return frame


def _by_facility(
    need: Need, demand: Demand, year: int, people: pd.Series[float]
) -> pd.DataFrame | None:
    gaps = demand.gaps
    if year != demand.year or gaps.empty:
        return None
    rows = gaps[(gaps["service"] == need.facility) & (gaps["method"] == METHOD)]
    if rows.empty:
        return None
    state = {"gap": "need", "unreachable": "need", "ok": "met", "no_population": "met"}
    frame = pd.DataFrame(
        {
            "kode": rows["kode"],
            "ukuran": need.facility,
            "nilai": rows["distance_m"].astype("float64").round(1),
            "satuan": "m",
            "norma": rows["norm_m"].astype("float64"),
            "keadaan": rows["status"].map(state).fillna("unknown").astype(object),
            "status": rows["status"],
            "penduduk": _beyond_norm(rows, people).round(),
            "penduduk_sebagian": _is_part(rows),
            "keterangan": rows["facility_name"],
        }
    )
    is_need = frame["keadaan"] == "need"
    excess = _severity(frame["nilai"] - frame["norma"], frame["norma"])
    excess = excess.mask((rows["status"] == "unreachable").to_numpy(), 1.0)
    frame["keparahan"] = excess.where(frame["keadaan"] != "unknown")
    frame["penduduk"] = frame["penduduk"].where(is_need)
    return frame


def _beyond_norm(gaps: pd.DataFrame, people: pd.Series[float]) -> pd.Series[float]:
    """People beyond the norm: the share that the raster puts there, of the people of the desa.

    The raster counts otherwise than the register: its 7,717 people of a desa of 7,687 would be more
    than all.  Where the raster has nobody, there is no share to tell.
    """
    of_raster = gaps["people"].astype("float64")
    share = (gaps["people_beyond_norm"].astype("float64") / of_raster).where(of_raster > 0)
    counted: pd.Series[float] = share.clip(0, 1) * gaps["kode"].map(people).astype("float64")
    return counted.mask((of_raster == 0).fillna(False), 0.0)


def _is_part(gaps: pd.DataFrame) -> pd.Series[bool]:
    """Whether people live in cells of which the raster knows nothing: their share is of a part."""
    if "people_coverage" not in gaps:
        return pd.Series(data=False, index=gaps.index)
    return gaps["people_coverage"].astype("float64").fillna(1.0) < LEAST_WHOLE


def _severity(excess: pd.Series[float], norm: float | pd.Series[float]) -> pd.Series[float]:
    """Excess in units of the norm, 0 to 1; any excess over a norm of zero is 1."""
    base = np.abs(norm) if isinstance(norm, pd.Series) else abs(norm)
    if isinstance(base, float | int) and base == 0:
        return (excess > 0).astype("float64")
    return (excess / base).clip(0.0, 1.0)
