"""Which desa are farther from a service than the norm allows, and by how much.

A **gap** is access beyond the norm: distance (or time) minus norm where that is positive, else 0.
Null is not zero: without an origin or without any loaded facility there is no gap but ``no_data``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries.findings import locations, report
from boundaries.progress import Progress, silent
from layers.access.gaps import gap_fields
from layers.access.straight import distance, geodesy, unknown_places
from layers.access.straight.arrays import keep_where
from layers.access.straight.land import Land, find_land
from layers.access.terrain.raster_cover import floor_percent
from layers.columns.catalogue import ServiceDefinition, read_layer_definition
from layers.finding_words.finding_kinds import declared_kind
from layers.release.manifest_file import FieldEntry, Text
from layers.workspace.access_sections import NormSection

ACROSS_WATER = declared_kind("access.across_water")
NO_FACILITY = declared_kind("access.no_facility")
NO_KANTOR_DESA = declared_kind("access.no_kantor_desa")
NORM_WITHOUT_KIND = declared_kind("access.norm_without_kind")
NO_NORM = declared_kind("access.no_norm")

STRAIGHT_LINE, NETWORK, RASTER = "straight_line", "network", "raster"
SEVERITIES = ("within", "moderate", "high", "severe")
SEVERITY_FACTORS = (1.0, 1.5, 2.0)
"""Upper edges of the severity classes as multiples of the norm; edges belong to the lower class."""
FIRST_FREE_NUMBER = 90
_OTHER_ORIGINS = {
    distance.SETTLEMENT: "the most populated cell of the desa",
    distance.POINT_ON_SURFACE: "a point on its surface",
}


@dataclass(frozen=True, slots=True)
class GapsResult:
    """Gaps in a straight line of all desa and services.

    Parameters
    ----------
    fields
        Entries for the columns of ``wide``, in order.
    wide
        One row per desa in the order given: ``kode``, ``origin``, and per service
        ``jarak_<kind>_m``, ``gap_<kind>_m``, each with ``_status``, and ``fasilitas_<kind>``; then
        ``gap_count``, ``gap_count_status`` and ``gap_known_count``: of how many services.
    long
        One row per desa, service and method, sorted by these; see ``layers/access/gaps/README.md``.
    """

    fields: tuple[FieldEntry, ...]
    wide: pd.DataFrame
    long: pd.DataFrame
    findings: tuple[report.Finding, ...]


def choose_services(
    kinds: Collection[str], norms: Mapping[str, NormSection] | None = None
) -> tuple[ServiceDefinition, ...]:
    """The services to compute: of the kinds a workspace declares, with its own norms.

    Parameters
    ----------
    kinds
        Kinds the facility lists declare, whether or not a row has them.
    norms
        Norms by kind, from ``[norms]``; what they say replaces the presets, and those with metres
        admit further kinds.
    """
    norms = norms or {}
    presets = {service.kind: service for service in read_layer_definition("gaps").services}
    chosen = [
        service.model_copy(update=_own_norm(norms[kind]) if kind in norms else {})
        for kind, service in presets.items()
        if kind in kinds
    ]
    declared = sorted(set(norms) & (set(kinds) - set(presets) - {distance.KANTOR_DESA}))
    declared = [kind for kind in declared if norms[kind].norm_m is not None]
    for number, kind in enumerate(declared, FIRST_FREE_NUMBER):
        name = kind.replace("_", " ").capitalize()
        words = {"title": Text(id=name, en=name), **_own_norm(norms[kind])}
        chosen.append(ServiceDefinition.model_validate({"kind": kind, "number": number, **words}))
    return tuple(sorted(chosen, key=lambda service: service.number))


def check_norms(
    kinds: Collection[str],
    norms: Mapping[str, NormSection],
    services: Collection[ServiceDefinition],
) -> tuple[report.Finding, ...]:
    """What `choose_services` leaves out, and why.

    Findings
    --------
    access.norm_without_kind
        ``[norms]`` names a kind that no facility list declares: it does nothing (warning).
    access.no_norm
        A declared kind has no norm in metres: no gap is computed for it (warning).
    """
    presets = {service.kind for service in read_layer_definition("gaps").services}
    unused = sorted(set(norms) - set(kinds))
    without = sorted(set(kinds) - {service.kind for service in services} - {distance.KANTOR_DESA})
    return tuple(
        NORM_WITHOUT_KIND.finding(
            f"[norms] names {kind!r}, but no list of facilities declares that kind; not used."
            f"{locations.hint_word(kind, sorted(kinds))}",
            value=kind,
        )
        for kind in unused
    ) + tuple(
        NO_NORM.finding(
            f"No norm in metres is known for {kind!r}, so no gap is computed."
            f"{locations.hint_word(kind, sorted({*presets, distance.KANTOR_DESA}))} Known are "
            f"{', '.join(sorted(presets))}; declare the norm of another kind under [norms].",
            value=kind,
        )
        for kind in without
    )


def _own_norm(norm: NormSection) -> dict[str, object]:
    return {name: value for name, value in dict(norm).items() if value is not None}


def build_gaps(
    desa: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    services: Collection[ServiceDefinition],
    *,
    starts: pd.DataFrame | None = None,
    land: Land | None = None,
    unknown: Collection[unknown_places.UnknownPlace] = (),
    progress: Progress = silent,
) -> GapsResult:
    """Distance, gap and flags of every desa for every service, in a straight line.

    Parameters
    ----------
    desa
        Level desa of the boundaries: ``kode, kode_kecamatan, kode_kabupaten, geometry``.
    facilities
        All facilities of the workspace, kantor desa included.
    services
        What `choose_services` returns.
    starts
        What `origins` returns; by default the kantor desa among ``facilities``.
    unknown
        Places that stand nobody knows where.  Where one may be nearer than the nearest known
        place, the distance is ``no_data``, and so is a gap that it may close.

    Findings
    --------
    access.place_unknown
        See `report_unknown`.
    access.across_water
        Desa whose only place within the norm stands on another land part: whether it can be
        reached is not known, so their gap is ``no_data`` (warning, with their count).
    access.no_facility
        No usable facility of a declared kind: its distances are ``no_data`` (warning).
    access.no_kantor_desa
        Desa whose distance starts elsewhere (note, with the count by kind of origin).
    """
    land = find_land(desa) if land is None else land
    if starts is None:
        starts = distance.origins(
            desa, facilities[(facilities["kind"] == distance.KANTOR_DESA).to_numpy()]
        )
    tables, doubts = [], []
    origin = starts[["lon", "lat"]].to_numpy(float)
    for done, service in enumerate(services):
        progress("access", done, len(services))
        table = distance.measure_distance_to_facility(
            desa, starts, facilities, (service.kind,), land
        )
        unseen = [place for place in unknown if place.kind == service.kind]
        bound = unknown_places.bound_distance(origin, desa, unseen)
        doubts += unknown_places.report_unknown(
            service.kind, unseen, desa["kode"], bound < table["distance_m"].to_numpy(float)
        )
        tables.append(_hold_against_norm(table, service, bound))
        doubts += _report_water(service, tables[-1])
    progress("access", len(services), len(services))
    wide = _widen(desa, starts, services, tables)
    long = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame({"kode": []})
    if tables:
        long = long.sort_values(["kode", "number", "method"], kind="stable", ignore_index=True)
        long = long.drop(columns="number")
    findings = (*_report(starts, services, facilities), *doubts)
    return GapsResult(gap_fields.build_gap_fields(tuple(services)), wide, long, findings)


def classify_severity(value: geodesy.Floats, norm: float) -> np.ndarray:
    """``within``, ``moderate`` (to 1.5 norms), ``high`` (to 2), ``severe``; null for null."""
    edges = np.array(SEVERITY_FACTORS) * norm
    names = np.array(SEVERITIES, dtype=object)
    has_value = ~np.isnan(value)
    out = np.full(value.shape, None, dtype=object)
    out[has_value] = names[np.searchsorted(edges, value[has_value], side="left")]
    return out


def _hold_against_norm(
    table: pd.DataFrame, service: ServiceDefinition, bound_m: geodesy.Floats
) -> pd.DataFrame:
    metres = table["distance_m"].to_numpy(float)
    held = table.rename(columns={"kind": "service"})
    held.insert(2, "method", STRAIGHT_LINE)
    held["norm_m"] = float(service.norm_m)
    held["norm_source"] = f"{service.source} ({service.date})" if service.date else service.source
    is_within, is_lost = metres <= service.norm_m, bound_m < metres
    is_dry = table["dry_distance_m"].to_numpy(float) <= service.norm_m
    is_wet = is_within & ~is_dry & (table["is_across_water"] == True).to_numpy()  # noqa: E712
    is_told = ~np.isnan(metres) & ~is_wet & (is_within | ~is_lost)
    held["gap_m"] = np.where(is_told, np.maximum(metres - service.norm_m, 0), np.nan)
    held["severity"] = classify_severity(np.where(is_told, metres, np.nan), service.norm_m)
    held["status"] = np.select([~is_told, held["gap_m"] > 0], ["no_data", "gap"], "ok")
    words = np.where(is_wet, gap_fields.ACROSS_WATER, gap_fields.PLACE_UNKNOWN)
    held["reason"] = keep_where(is_wet | is_lost, words)
    _blank_lost(held, bound_m)
    held["number"] = service.number
    return held


def _blank_lost(held: pd.DataFrame, bound_m: geodesy.Floats) -> None:
    """No distance and no nearest place where one that nobody can place may be nearer."""
    for suffix in distance.SCOPES:
        is_lost = bound_m < held[f"distance_m{suffix}"].to_numpy(float)
        held.loc[is_lost, f"distance_m{suffix}"] = np.nan
        held.loc[is_lost, [f"facility_id{suffix}", f"facility_name{suffix}"]] = None
        if not suffix:
            held.loc[is_lost, ["is_across_water", "is_edge_of_data"]] = None


def _widen(
    desa: gpd.GeoDataFrame,
    starts: pd.DataFrame,
    services: Collection[ServiceDefinition],
    tables: list[pd.DataFrame],
) -> pd.DataFrame:
    columns: dict[str, object] = {
        "kode": desa["kode"].to_numpy(),
        "origin": starts["origin"].to_numpy(),
    }
    beyond, measured = np.zeros(len(desa), int), np.zeros(len(desa), int)
    for service, table in zip(services, tables, strict=True):
        is_near = table["distance_m"].notna().to_numpy()
        status = np.where(table["status"] == "no_data", "no_data", "ok")
        columns[f"jarak_{service.kind}_m"] = table["distance_m"].round(1).to_numpy()
        columns[f"jarak_{service.kind}_m_status"] = np.where(is_near, "ok", "no_data")
        columns[f"gap_{service.kind}_m"] = table["gap_m"].round(1).to_numpy()
        columns[f"gap_{service.kind}_m_status"] = status
        columns[f"fasilitas_{service.kind}"] = table["facility_name"].to_numpy()
        beyond += (table["status"] == "gap").to_numpy()
        measured += (status == "ok").astype(int)
    columns["gap_count"] = pd.array(np.where(measured > 0, beyond, 0), dtype="Int64")
    columns["gap_count_status"] = np.where(measured > 0, "ok", "no_data")
    wide = pd.DataFrame(columns)
    wide.loc[measured == 0, "gap_count"] = pd.NA
    wide["gap_known_count"] = measured
    return wide


def _report(
    starts: pd.DataFrame, services: Collection[ServiceDefinition], facilities: gpd.GeoDataFrame
) -> tuple[report.Finding, ...]:
    findings = [
        NO_FACILITY.finding(
            f"No usable facility of kind {service.kind!r} is loaded; its distances are no data.",
            value=service.kind,
        )
        for service in services
        if not (facilities["kind"] == service.kind).any()
    ]
    for origin, place in _OTHER_ORIGINS.items():
        count = int((starts["origin"] == origin).sum())
        if count and services:
            message = f"Desa without a usable kantor desa: distances start from {place}."
            finding = NO_KANTOR_DESA.finding(message, value=origin)
            findings.append(replace(finding, measure=float(count), unit="desa"))
    return tuple(findings)


def _report_water(service: ServiceDefinition, table: pd.DataFrame) -> list[report.Finding]:
    is_wet = (table["reason"] == gap_fields.ACROSS_WATER).to_numpy()
    if not is_wet.any():
        return []
    count, first = int(is_wet.sum()), str(table.loc[is_wet, "kode"].min())
    message = (
        f"The only {service.kind!r} within {service.norm_m:,.0f} m of {count} desa, such as "
        f"{first}, stands on another land part: a straight line over water is no way, so it is not "
        "known whether the norm is kept."
    )
    return [
        ACROSS_WATER.finding(
            message, kode=first, value=service.kind, measure=float(count), unit="desa"
        )
    ]


def add_time_fields(
    gaps: GapsResult,
    services: Collection[ServiceDefinition],
    rows: pd.DataFrame,
    mode: Text | None,
) -> GapsResult:
    """The gaps with ``waktu_<kind>_min`` and its status in ``wide``, before ``fasilitas_<kind>``.

    Parameters
    ----------
    rows
        Rows of one method of the long table.
    mode
        What the mode is called; null for a friction raster that was given.
    """
    wide = gaps.wide.copy()
    entries: dict[str, tuple[FieldEntry, ...]] = {}
    method = str(rows["method"].iloc[0])
    by_service = dict(iter(rows.groupby("service")))
    has_cover = bool(rows["time_coverage"].notna().any())
    for service in services:
        entry = gap_fields.time_field(service, method, mode, has_cover=has_cover)
        service_rows = by_service[service.kind].set_index("kode").reindex(wide["kode"])
        minutes = service_rows["travel_time_min"].to_numpy(float)
        reason = service_rows["reason"]
        is_cut_off = (reason.notna() & ~reason.isin(gap_fields.UNTOLD)).to_numpy()
        wide[entry.name] = minutes.round(1)
        wide[f"{entry.name}_status"] = np.select(
            [np.isfinite(minutes), is_cut_off], ["ok", "unreachable"], "no_data"
        )
        entries[f"fasilitas_{service.kind}"] = (entry, _status_entry(entry))
    fields = [each for field in gaps.fields for each in (*entries.get(field.name, ()), field)]
    if not has_cover:
        return replace(gaps, fields=tuple(fields), wide=wide)
    cover = rows.drop_duplicates("kode").set_index("kode")["time_coverage"].reindex(wide["kode"])
    percent = floor_percent(cover.to_numpy(float))
    wide[gap_fields.TIME_COVER.name] = pd.Series(percent, wide.index).astype("Int64")
    return replace(gaps, fields=(*fields, gap_fields.TIME_COVER), wide=wide)


def _status_entry(entry: FieldEntry) -> FieldEntry:
    title = Text(id=f"Status: {entry.title.id}", en=f"Status: {entry.title.en}")
    return FieldEntry(name=f"{entry.name}_status", type="string", title=title)
