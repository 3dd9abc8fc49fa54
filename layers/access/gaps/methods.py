"""Gaps along roads and over friction, and the people behind every gap, as rows of one table."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.findings.report import Finding
from layers.access.gaps import gap_fields, gap_people, gaps
from layers.access.people.people_grid import PeopleCells
from layers.access.roads import reach, road_parts, roadside
from layers.access.roads.network import Network, build_network
from layers.access.straight import arrays, geodesy, nearest, unknown_places
from layers.access.terrain import joining, raster_cover, surfaces
from layers.access.terrain.speeds import SpeedTable
from layers.access.terrain.travel import Travel
from layers.columns.catalogue import ServiceDefinition

COLUMNS = (
    "kode",
    "service",
    "method",
    "mode",
    "origin",
    "origin_lon",
    "origin_lat",
    "status",
    "reason",
    "distance_m",
    "travel_time_min",
    "facility_id",
    "facility_name",
    "norm_m",
    "gap_m",
    "norm_min",
    "gap_min",
    "severity",
    "norm_source",
    "distance_m_in_kecamatan",
    "facility_id_in_kecamatan",
    "facility_name_in_kecamatan",
    "distance_m_in_kabupaten",
    "facility_id_in_kabupaten",
    "facility_name_in_kabupaten",
    "is_across_water",
    "is_edge_of_data",
    "people",
    "people_beyond_norm",
    "people_unreached",
    "people_off_grid",
    "people_mean",
    "people_median",
    "people_p90",
    "people_coverage",
    "time_coverage",
    *gap_people.BAND_COLUMNS,
)
"""Columns of ``gaps.parquet``; ``people_mean`` and so on are in the unit of the edges."""


NO_BOUNDS = unknown_places.Bounds()

STANDSTILL = 1e9
"""Minutes a metre at which nobody gets anywhere."""


def measure_network_gaps(
    starts: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    services: Collection[ServiceDefinition],
    roads: gpd.GeoDataFrame,
    speeds: SpeedTable,
    mode: str,
    people: PeopleCells | None = None,
    names: pd.Series[str] | None = None,
    registered: geodesy.Floats | None = None,
    bounds: unknown_places.Bounds = NO_BOUNDS,
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Distance and time along roads of every desa for every service, and of its people.

    The facility is the one reached in least time; ``distance_m`` is the least distance, which may
    lead to another.  ``reason`` of an unreachable one: ``beyond_snap_limit`` or ``not_connected``.
    People are counted by what decides the status: minutes, or metres for a service without a norm
    in minutes.

    Parameters
    ----------
    names, registered
        Of the desa of each row of ``starts``, for findings; people where no raster counts them.
    bounds
        Where places may stand that nobody can place; no road is faster than the fastest.

    Findings
    --------
    road.disconnected, road.loose_parts
        See `report_parts`.
    """
    started = np.flatnonzero(starts["origin"].notna().to_numpy())
    ordered = facilities.sort_values("facility_id", kind="stable")
    points = shapely.get_coordinates(np.asarray(ordered.geometry.array, dtype=object))
    places = np.concatenate([starts[["lon", "lat"]].to_numpy(float)[started], points])
    network = build_network(roads, speeds, mode, places)
    homes = None
    if people is not None:
        homes = roadside.join_roadside(network.stretches, people.lonlat, speeds.snap_limit_m)
    tables = []
    for service in services:
        rows = np.flatnonzero((ordered["kind"] == service.kind).to_numpy())
        chosen = ordered.iloc[rows]
        kmh = speeds.modes[mode].access_kmh
        targets = rows + len(started)
        costs = {
            by: reach.measure_nodes(network, targets, kmh, by=by) for by in ("minutes", "metres")
        }
        reached_by = {
            by: reach.take_places(network, cost, np.arange(len(started)), kmh, by=by)
            for by, cost in costs.items()
        }
        table = _start_table(starts, service, gaps.NETWORK, mode)
        _fill(table, started, "travel_time_min", reached_by["minutes"].cost)
        _fill(table, started, "distance_m", reached_by["metres"].cost)
        _name_facility(table, started, reached_by["minutes"].facility, chosen)
        fastest = _find_fastest(speeds, mode)
        tables.append(_judge(table, service, len(rows), _find_reasons(table, started, network)))
        _blank_unknown(tables[-1], service, bounds, fastest)
        if people is not None and homes is not None:
            by = "metres" if service.norm_min is None else "minutes"
            value = homes.measure(costs[by].cost, kmh, by) if len(rows) else None
            bound = bounds.people.get(service.kind)
            if bound is not None and by == "minutes":
                bound = bound / fastest
            unit: gap_people.Unit = "m" if by == "metres" else "min"
            gap_people.add_people(table, service, unit, people, value, bound=bound)
    total = registered if people is None else people.total
    return _order(tables), road_parts.report_parts(network, roads, starts, names, total)


def measure_raster_gaps(
    starts: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    services: Collection[ServiceDefinition],
    travel: Mapping[str, Travel],
    surface: surfaces.Surface,
    people: PeopleCells | None = None,
    homes: joining.Joined | None = None,
    cover: geodesy.Floats | None = None,
    bounds: unknown_places.Bounds = NO_BOUNDS,
) -> pd.DataFrame:
    """Travel time over friction at the origin of every desa, and of its people cell by cell.

    ``reason`` of an unreachable one: ``off_grid``, ``beyond_snap_limit`` or ``not_connected``; of
    a time that no norm in minutes is held against: ``no_norm``; of one that too little of the desa
    is known for: ``not_covered``.

    Parameters
    ----------
    homes
        Where each piece of ``people`` joins the surface.
    cover
        Share of each desa that the surface knows (`measure_cover`); null: all.
    bounds
        Where places may stand that nobody can place; nothing is faster than the fastest cell.
    """
    started = np.flatnonzero(starts["origin"].notna().to_numpy())
    joined = joining.join_places(surface, starts[["lon", "lat"]].to_numpy(float)[started])
    words = np.where(joined.is_joined, "not_connected", "beyond_snap_limit")
    words = np.where(joined.is_off, "off_grid", words)
    tables = []
    for service in services:
        chosen, _ = arrays.select_kind(facilities, service.kind)
        table = _start_table(starts, service, gaps.RASTER, surface.mode)
        if service.kind not in travel:
            tables.append(_judge(table, service, 0, _spread_objects(table, started, None)))
            if people is not None:
                gap_people.add_people(table, service, "min", people, None)
            continue
        result = travel[service.kind]
        _fill(table, started, "travel_time_min", joined.take_minutes(result.minutes))
        owner = np.where(joined.is_joined, result.time.facility[joined.row, joined.column], -1)
        _name_facility(table, started, owner, chosen)
        tables.append(_judge(table, service, len(chosen), _spread_objects(table, started, words)))
        # Where no cell is passable nothing is reached, by a lost place no more than by another.
        least = surface.friction.values[surface.is_passable].min(initial=STANDSTILL)
        fastest = 1 / float(least)
        _blank_unknown(table, service, bounds, fastest)
        if people is not None and homes is not None:
            value = homes.take_minutes(result.minutes)
            metres = bounds.people.get(service.kind)
            bound = None if metres is None else metres / fastest
            gap_people.add_people(
                table, service, "min", people, value, off_grid=homes.is_off, bound=bound
            )
        if cover is not None:
            _blank_uncovered(table, cover)
    for table in tables if cover is not None else ():
        table["time_coverage"] = cover
    return _order(tables)


def _find_fastest(speeds: SpeedTable, mode: str) -> float:
    """Metres a minute on the fastest road of a mode, or on the way to it."""
    known = speeds.modes[mode]
    return max([known.access_kmh, *known.roads.values()]) * 1000 / 60


def _blank_unknown(
    table: pd.DataFrame,
    service: ServiceDefinition,
    bounds: unknown_places.Bounds,
    fastest: float,
) -> None:
    """No way is told where one to a place that nobody can place may be shorter.

    What is within the norm stays so.  Parameter ``fastest`` is metres a minute.
    """
    bound_m = bounds.desa.get(service.kind)
    if bound_m is None:
        return
    metres, minutes = table["distance_m"].to_numpy(float), table["travel_time_min"].to_numpy(float)
    is_cut_off = (table["status"] == "unreachable").to_numpy() & np.isfinite(bound_m)
    is_far, is_slow = bound_m < metres, bound_m / fastest < minutes
    is_lost = is_cut_off | is_far | is_slow
    decides = "min" if service.norm_min is not None else "m"
    is_told = (table[f"gap_{decides}"] == 0).to_numpy()
    table.loc[is_cut_off | is_far, "distance_m"] = np.nan
    table.loc[is_lost, "travel_time_min"] = np.nan
    table.loc[is_lost, ["facility_id", "facility_name"]] = None
    for name, lost in (("gap_m", is_far), ("gap_min", is_slow)):
        table.loc[(lost | is_cut_off) & ~(table[name] == 0).to_numpy(), name] = np.nan
    table.loc[is_lost & ~is_told, "severity"] = None
    table.loc[is_lost & ~is_told, "status"] = "no_data"
    table.loc[is_lost, "reason"] = gap_fields.PLACE_UNKNOWN


def _blank_uncovered(table: pd.DataFrame, cover: geodesy.Floats) -> None:
    """Where too little of a desa is known, no time and none of its people's are."""
    lost = cover < raster_cover.LEAST_KNOWN
    if not lost.any():
        return
    stems = ("people_", "facility_", "gap_", "travel_time_", "severity")
    for name in {name for name in map(str, table) if name.startswith(stems)} - {"people_coverage"}:
        table.loc[lost, name] = None if table[name].dtype == object else np.nan
    table.loc[lost, "status"] = "no_data"
    table.loc[lost, "reason"] = gap_fields.NOT_COVERED


def _order(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """All rows with all columns of the contract, by desa, service and method."""
    filled = [table.dropna(axis=1, how="all") for table in tables if len(table)]
    joined = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()
    joined = joined.reindex(columns=list(COLUMNS))
    return joined.sort_values(["kode", "service", "method"], kind="stable", ignore_index=True)


def merge_methods(tables: Collection[pd.DataFrame]) -> pd.DataFrame:
    """The long table ``gaps`` of all methods."""
    return _order(list(tables))


def _start_table(
    starts: pd.DataFrame, service: ServiceDefinition, method: str, mode: str
) -> pd.DataFrame:
    table = pd.DataFrame({"kode": starts["kode"].to_numpy(), "service": service.kind})
    table["method"], table["mode"] = method, mode
    table["origin"] = starts["origin"].to_numpy()
    table["origin_lon"], table["origin_lat"] = starts[["lon", "lat"]].to_numpy(float).T
    table["norm_m"] = float(service.norm_m) if method == gaps.NETWORK else np.nan
    table["norm_min"] = np.nan if service.norm_min is None else float(service.norm_min)
    is_held = table[["norm_m", "norm_min"]].notna().any(axis=1).to_numpy()
    source = f"{service.source} ({service.date})" if service.date else service.source
    table["norm_source"] = arrays.keep_where(is_held, source)
    return table


def _fill(table: pd.DataFrame, rows: nearest.Ints, name: str, values: geodesy.Floats) -> None:
    column = np.full(len(table), np.nan)
    column[rows] = values
    table[name] = column


def _name_facility(
    table: pd.DataFrame,
    rows: nearest.Ints,
    index: NDArray[np.integer],
    facilities: gpd.GeoDataFrame,
) -> None:
    for name, source in (("facility_id", "facility_id"), ("facility_name", "nama")):
        column = np.full(len(table), None, dtype=object)
        column[rows] = arrays.take_or_none(facilities[source].to_numpy(dtype=object), index)
        table[name] = column


def _spread_objects(table: pd.DataFrame, rows: nearest.Ints, values: object) -> arrays.Objects:
    column = np.full(len(table), None, dtype=object)
    column[rows] = values
    return column


def _find_reasons(table: pd.DataFrame, started: nearest.Ints, network: Network) -> arrays.Objects:
    snapped = network.snap_node[: len(started)] >= 0
    words = np.where(snapped, "not_connected", "beyond_snap_limit")
    return _spread_objects(table, started, words)


def _judge(
    table: pd.DataFrame, service: ServiceDefinition, facilities: int, reason: arrays.Objects
) -> pd.DataFrame:
    """Gap, severity and status; time decides where the service has a norm in minutes.

    A time that no norm in minutes is held against says nothing of a gap: ``no_data``, ``no_norm``.
    """
    for name in ("distance_m", "travel_time_min"):
        if name not in table:
            table[name] = np.nan
    metres, minutes = table["distance_m"].to_numpy(), table["travel_time_min"].to_numpy()
    table["gap_m"] = np.maximum(metres - table["norm_m"].to_numpy(), 0)
    table["gap_min"] = np.maximum(minutes - table["norm_min"].to_numpy(), 0)
    timed = service.norm_min is not None
    value, norm = (minutes, service.norm_min) if timed else (metres, service.norm_m)
    table["severity"] = gaps.classify_severity(value, float(norm or 0))
    gap = table["gap_min" if timed else "gap_m"].to_numpy()
    reached = np.isfinite(minutes)
    is_measured = table["origin"].notna().to_numpy() & (facilities > 0)
    unheld = reached & np.isnan(gap)
    cases = [~is_measured, ~reached, unheld, gap > 0]
    table["status"] = np.select(cases, ["no_data", "unreachable", "no_data", "gap"], "ok")
    reason[is_measured & unheld] = gap_fields.NO_NORM
    table["reason"] = arrays.keep_where(is_measured & (~reached | unheld), reason)
    return table
