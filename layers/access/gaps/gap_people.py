"""The people behind every gap: by band, beyond the norm, unreached, off the grid.

A band runs from the edge below it to its own edge, which belongs to it; the last one is open.  The
norm is always an edge, so the bands beyond it are exactly the people beyond the norm.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.access.gaps.gap_fields import PEOPLE_COVER, UNTIMED_EDGES_MIN, people_field
from layers.access.gaps.gaps import STRAIGHT_LINE, GapsResult
from layers.access.people.people_grid import PeopleCells, summarise_people
from layers.access.straight import arrays, geodesy
from layers.access.straight.nearest import Nearest, find_nearest
from layers.access.terrain.raster_cover import floor_percent
from layers.columns.catalogue import ServiceDefinition
from layers.workspace.access_sections import MOST_EDGES

Unit = Literal["m", "min"]
BAND_COLUMNS = (
    *(f"edge_{number}_{unit}" for unit in ("m", "min") for number in range(1, MOST_EDGES + 2)),
    *(f"people_band_{number}" for number in range(1, MOST_EDGES + 3)),
    *(f"people_share_band_{number}" for number in range(1, MOST_EDGES + 3)),
)
"""Upper edges of bands 1 to n in the unit of the method, people in each, and share of ``people``;
band n + 1 is open.  Columns that a service does not need are null."""
_SUMMARY = ("mean", "median", "p90")


def list_edges(service: ServiceDefinition, unit: Unit) -> tuple[float, ...]:
    """The upper edges of a service's bands, ascending, the norm among them.

    A service without bands and norm in minutes has those of `UNTIMED_EDGES_MIN`.

    >>> from layers.columns.catalogue import read_layer_definition
    >>> list_edges(read_layer_definition("gaps").services[2], "min")
    (15.0, 30.0, 60.0)
    """
    bands, norm = (
        (service.bands_m, service.norm_m) if unit == "m" else (service.bands_min, service.norm_min)
    )
    edges = tuple(sorted({*map(float, bands), *([] if norm is None else [float(norm)])}))
    return edges or (UNTIMED_EDGES_MIN if unit == "min" else ())


def find_nearest_of_people(
    people: PeopleCells, facilities: gpd.GeoDataFrame, services: Collection[ServiceDefinition]
) -> dict[str, Nearest]:
    """By kind, the nearest facility of every piece of a cell, in a straight line.

    Rows of facilities count within their kind, sorted by ``facility_id``.  Distances are good to
    2 mm, far better than the cells.
    """
    return {
        service.kind: find_nearest(
            people.lonlat, arrays.select_kind(facilities, service.kind)[1], is_quick=True
        )
        for service in services
    }


def list_served(
    kode: pd.Series[str],
    facilities: gpd.GeoDataFrame,
    people: PeopleCells,
    nearest: Mapping[str, Nearest],
) -> dict[str, pd.DataFrame]:
    """By kind, ``kode, facility_id``: the facilities nearest to anybody who lives in a desa."""
    served = {}
    for kind, nearest_of_kind in nearest.items():
        reached = nearest_of_kind.index >= 0
        pairs = pd.DataFrame({"desa": people.desa[reached], "row": nearest_of_kind.index[reached]})
        pairs = pairs.drop_duplicates(ignore_index=True)
        ids = arrays.select_kind(facilities, kind)[0]["facility_id"].to_numpy(dtype=object)
        served[kind] = pd.DataFrame(
            {"kode": kode.to_numpy()[pairs["desa"]], "facility_id": ids[pairs["row"]]}
        )
    return served


def find_untold(
    people: PeopleCells,
    metres: geodesy.Floats,
    bound: geodesy.Floats | None,
    service: ServiceDefinition,
) -> np.ndarray:
    """The desa (positions) in which nobody knows who is within the norm; of known people.

    Parameters
    ----------
    metres, bound
        Of each piece of ``people``: to the nearest known place, and within which no unknown one
        lies (null: there is none).
    """
    if bound is None:
        return np.empty(0, dtype=np.int64)
    is_untold = ~(metres <= service.norm_m) & (bound <= service.norm_m) & (people.people > 0)
    untold = np.unique(people.desa[is_untold])
    return untold[np.isfinite(people.total[untold])]


def add_straight_people(
    long: pd.DataFrame,
    kode: pd.Series[str],
    services: Collection[ServiceDefinition],
    people: PeopleCells,
    nearest: Mapping[str, Nearest],
    bounds: Mapping[str, geodesy.Floats] | None = None,
) -> list[pd.DataFrame]:
    """The straight-line rows of each service with the people behind them, from where they live.

    Parameters
    ----------
    bounds
        Metres by kind within which no unknown place lies, for each piece of ``people``.
    """
    tables = []
    for service in services:
        nearest_of_kind = nearest[service.kind]
        rows = long[(long["service"] == service.kind) & (long["method"] == STRAIGHT_LINE)]
        rows = rows.set_index("kode").reindex(kode).reset_index()
        is_served = bool((nearest_of_kind.index >= 0).any())
        value = nearest_of_kind.distance_m if is_served else None
        bound = (bounds or {}).get(service.kind)
        add_people(rows, service, "m", people, value, bound=bound)
        tables.append(rows)
    return tables


def add_people_fields(
    gaps: GapsResult,
    services: Collection[ServiceDefinition],
    tables: Collection[pd.DataFrame],
    rescaled_to: str | None,
) -> GapsResult:
    """The gaps with ``penduduk_di_luar_norma_<kind>`` in ``wide``, after each ``gap_<kind>_m``.

    People beyond the norm and people who reach no facility (none in a straight line where there is
    any facility); null where the raster or the facilities are unknown.  ``penduduk_cakupan_pct`` is
    the share of the desa that the raster knows.

    Parameters
    ----------
    tables
        What `add_straight_people` returns: one for each service, rows in the order of ``wide``.
    """
    wide, entries = gaps.wide.copy(), {}
    cover = floor_percent(next(iter(tables))["people_coverage"].to_numpy(float))
    wide[PEOPLE_COVER.name] = pd.Series(cover, wide.index).astype("Int64")
    for service, table in zip(services, tables, strict=True):
        entry = people_field(service, rescaled_to)
        entries[f"gap_{service.kind}_m"] = entry
        counted = "people_beyond_norm" in table
        far = table["people_beyond_norm"] + table["people_unreached"] if counted else np.nan
        wide[entry.name] = far
        wide[entry.name] = wide[entry.name].round(1)
    fields = [
        each
        for field in gaps.fields
        for each in ([field, entries[field.name]] if field.name in entries else [field])
    ]
    return replace(gaps, fields=(*fields, PEOPLE_COVER), wide=wide)


def add_people(
    table: pd.DataFrame,
    service: ServiceDefinition,
    unit: Unit,
    people: PeopleCells,
    value: geodesy.Floats | None,
    *,
    off_grid: np.ndarray | None = None,
    bound: geodesy.Floats | None = None,
) -> None:
    """Add the columns of people to one service's rows, which are in the order of the desa.

    A desa where nobody lives gets status ``no_population``.  Without any facility nobody knows who
    lives beyond the norm: only ``people`` is known, and the rest stays null, not zero.

    Parameters
    ----------
    value
        Metres or minutes of each piece of a cell, NaN where no facility is reached; null without
        any facility of the kind.
    bound
        Metres or minutes of each piece to the nearest that a place may stand which nobody can
        place; null: there is none.  Numbers that such a place may change are null.
    """
    table["people"] = people.total
    table["people_coverage"] = 1.0 if people.coverage is None else people.coverage
    if value is None:
        return
    edges = list_edges(service, unit)
    norm = service.norm_m if unit == "m" else service.norm_min
    summary = summarise_people(people, value, edges, off_grid=off_grid)
    total = summary["people"].to_numpy(float)
    bands = [summary[f"band_{number}"].to_numpy(float) for number in range(1, len(edges) + 2)]
    for number, edge in enumerate(edges, 1):
        table[f"edge_{number}_{unit}"] = edge
    for number, band in enumerate(bands, 1):
        table[f"people_band_{number}"] = band
        table[f"people_share_band_{number}"] = np.divide(
            band, total, out=np.full(len(total), np.nan), where=total > 0
        )
    if norm is not None:
        table["people_beyond_norm"] = np.sum(bands[edges.index(float(norm)) + 1 :], axis=0)
    table["people_unreached"] = summary["unreached"].to_numpy()
    table["people_off_grid"] = summary["off_grid"].to_numpy()
    for name in _SUMMARY:
        table[f"people_{name}"] = summary[name].to_numpy()
    if bound is not None:
        _blank_unknown(table, people, value, bound, norm)
    nobody = (total == 0) & (table["status"] != "no_data").to_numpy()
    table.loc[nobody, "status"] = "no_population"


def _blank_unknown(
    table: pd.DataFrame,
    people: PeopleCells,
    value: geodesy.Floats,
    bound: geodesy.Floats,
    norm: float | None,
) -> None:
    """No numbers of people where a place that nobody can place may be nearer to some of them."""

    def mark(pieces: np.ndarray) -> np.ndarray:
        return np.bincount(people.desa[pieces], minlength=len(table)) > 0

    nearer = (bound < value) | (np.isnan(value) & np.isfinite(bound))
    stems = ("people_band_", "people_share_band_", *(f"people_{name}" for name in _SUMMARY))
    names = [name for name in map(str, table) if name.startswith(stems)]
    table.loc[mark(nearer), names] = np.nan
    table.loc[mark(nearer & np.isnan(value)), "people_unreached"] = np.nan
    if norm is not None:
        table.loc[mark(nearer & ~(value <= norm) & (bound <= norm)), "people_beyond_norm"] = np.nan
