"""How far each desa is from the nearest facility of each kind, in a straight line.

This module decides where a desa's distance starts, which facilities count, and what must be said
about the answer (across water, edge of data).  It does not know roads or norms.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.access.straight import arrays, geodesy
from layers.access.straight.land import Land, find_land
from layers.access.straight.nearest import Ints, Nearest, find_nearest

KANTOR_DESA = "kantor_desa"
SETTLEMENT = "settlement"
POINT_ON_SURFACE = "point_on_surface"
SCOPES = {"": None, "_in_kecamatan": "kode_kecamatan", "_in_kabupaten": "kode_kabupaten"}


def origins(
    desa: gpd.GeoDataFrame,
    kantor: gpd.GeoDataFrame | None = None,
    settlements: geodesy.Floats | None = None,
) -> pd.DataFrame:
    """Where the distance of each desa is measured from.

    The kantor desa, as the official questionnaires measure; else where most of its people live;
    else a point on the surface of the largest polygon of the desa (a centroid of a desa of islands
    can lie in the sea); else nowhere.

    Parameters
    ----------
    desa
        One row per desa, EPSG:4326, with ``kode``.
    kantor
        Desa offices, EPSG:4326, with the code of the desa in ``kode_desa_declared``.
    settlements
        What `find_settlements` returns for these desa, with a population raster.

    Returns
    -------
    DataFrame
        One row per desa in the order of ``desa``: ``kode, lon, lat, origin``; ``origin`` is
        ``kantor_desa``, ``settlement``, ``point_on_surface`` or null, then lon and lat are null.
    """
    points = _find_surface_points(np.asarray(desa.geometry.array, dtype=object))
    is_located = ~(shapely.is_missing(points) | shapely.is_empty(points))
    frame = pd.DataFrame({"kode": desa["kode"].to_numpy()})
    frame["lon"], frame["lat"] = shapely.get_x(points), shapely.get_y(points)
    frame["origin"] = arrays.keep_where(is_located, POINT_ON_SURFACE)
    if settlements is not None:
        lived = ~np.isnan(settlements[:, 0])
        frame.loc[lived, ["lon", "lat"]] = settlements[lived]
        frame.loc[lived, "origin"] = SETTLEMENT
    if kantor is None or kantor.empty:
        return frame
    offices = kantor.drop_duplicates("kode_desa_declared", keep=False)
    offices = offices.set_index("kode_desa_declared")["geometry"].reindex(frame["kode"])
    office = np.asarray(offices.array, dtype=object)
    given = ~(shapely.is_missing(office) | shapely.is_empty(office))
    frame.loc[given, "lon"] = shapely.get_x(office[given])
    frame.loc[given, "lat"] = shapely.get_y(office[given])
    frame.loc[given, "origin"] = KANTOR_DESA
    return frame


def _find_surface_points(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """A point on the largest polygon of each geometry, of equal ones the first."""
    points = np.full(len(geometries), None, dtype=object)
    parts, owner = shapely.get_parts(geometries, return_index=True)
    order = np.lexsort((np.arange(len(parts)), -shapely.area(parts), owner))
    if order.size:
        first = order[np.r_[True, np.diff(owner[order]) > 0]]
        points[owner[first]] = shapely.point_on_surface(parts[first])
    return points


def measure_distance_to_facility(
    desa: gpd.GeoDataFrame,
    starts: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    kinds: tuple[str, ...],
    land: Land | None = None,
) -> pd.DataFrame:
    """Distance from each desa to the nearest facility of each kind.

    A straight line on the ellipsoid, metres, from the place `origins` says; null when that is not
    known; ties are broken by facility id.  A straight line is shorter than any real way.

    Parameters
    ----------
    desa
        ``kode, kode_kecamatan, kode_kabupaten`` and polygons in EPSG:4326.
    starts
        What `origins` returns for these desa, in the same order.
    facilities
        ``facility_id, kind, nama, kode_desa_letak`` and points in EPSG:4326.
    kinds
        The kinds wanted; one without any facility gives rows with status ``no_data``.
    land
        The land parts of ``desa`` where they are known already.

    Returns
    -------
    DataFrame
        One row per kind and desa, in the order given: ``kode, kind, origin, origin_lon,
        origin_lat, distance_m, facility_id, facility_name``, the last three also with
        ``_in_kecamatan`` and ``_in_kabupaten`` for the nearest that lies in the desa's own,
        ``is_across_water`` (the facility stands on another land part; null when either stands on
        none), ``is_edge_of_data`` (the outline of the loaded area is nearer than the facility, so a
        nearer one may be unknown), ``dry_distance_m`` (to the nearest on the same land part, or on
        none) and ``status``: ``ok`` or ``no_data`` (no origin, or no facility of that kind is
        loaded).
    """
    land = find_land(desa) if land is None else land
    places = _Places.of(desa, starts, land)
    ordered = facilities.sort_values("facility_id", kind="stable")
    columns = [_measure_kind(desa, places, ordered, kind, land) for kind in kinds]
    if not columns:
        return pd.DataFrame({"kode": [], "kind": []})
    return pd.concat(columns, ignore_index=True)


@dataclass(frozen=True, slots=True)
class _Places:
    """The origins as arrays: all rows, and which of them are located."""

    starts: pd.DataFrame
    located: Ints
    lonlat: geodesy.Floats
    part: Ints
    edge_m: geodesy.Floats

    @classmethod
    def of(cls, desa: gpd.GeoDataFrame, starts: pd.DataFrame, land: Land) -> _Places:
        if len(desa) != len(starts) or (desa["kode"].to_numpy() != starts["kode"].to_numpy()).any():
            raise ValueError("origins must be given for the same desa in the same order")
        located = np.flatnonzero(starts["origin"].notna().to_numpy())
        lonlat = starts[["lon", "lat"]].to_numpy(float)[located]
        return cls(starts, located, lonlat, land.find_part(lonlat), land.measure_to_edge(lonlat))


def _measure_kind(
    desa: gpd.GeoDataFrame, places: _Places, facilities: gpd.GeoDataFrame, kind: str, land: Land
) -> pd.DataFrame:
    chosen = facilities[(facilities["kind"] == kind).to_numpy()]
    points = shapely.get_coordinates(np.asarray(chosen.geometry.array, dtype=object))
    frame = pd.DataFrame({"kode": desa["kode"].to_numpy(), "kind": kind})
    frame["origin"] = places.starts["origin"].to_numpy()
    frame["origin_lon"], frame["origin_lat"] = places.starts[["lon", "lat"]].to_numpy(float).T
    nearest = find_nearest(places.lonlat, points)
    for suffix, column in SCOPES.items():
        closest = nearest
        if column is not None:
            group_of_desa, theirs = _number_groups(desa, chosen["kode_desa_letak"], column)
            closest = find_nearest(places.lonlat, points, group_of_desa[places.located], theirs)
        _fill(frame, suffix, places.located, closest, chosen)
    frame["is_across_water"], frame["is_edge_of_data"] = _flag(places, nearest, points, land)
    frame["dry_distance_m"] = _measure_dry(places, points, land)
    frame["status"] = np.where(frame["distance_m"].notna(), "ok", "no_data")
    return frame


def _fill(
    frame: pd.DataFrame, suffix: str, located: Ints, closest: Nearest, facilities: gpd.GeoDataFrame
) -> None:
    reached = closest.index >= 0
    rows, index = located[reached], closest.index[reached]
    for name, source in (("facility_id", "facility_id"), ("facility_name", "nama")):
        values = np.full(len(frame), None, dtype=object)
        values[rows] = facilities[source].to_numpy(dtype=object)[index]
        frame[f"{name}{suffix}"] = values
    metres = np.full(len(frame), np.nan)
    metres[rows] = closest.distance_m[reached]
    frame[f"distance_m{suffix}"] = metres


def _number_groups(
    desa: gpd.GeoDataFrame, lies_in: pd.Series[str], column: str
) -> tuple[Ints, Ints]:
    """The desa's kecamatan (or kabupaten) as numbers, and those of facilities; -1 unknown.

    The parent is read from the boundaries, never from the prefix of a code: after a split the two
    differ.
    """
    number, _ = pd.factorize(desa[column], sort=True)
    row = pd.Index(desa["kode"]).get_indexer(pd.Index(lies_in))
    return number.astype(np.int64), np.where(row < 0, -1, number[row]).astype(np.int64)


def _measure_dry(places: _Places, points: geodesy.Floats, land: Land) -> geodesy.Floats:
    """To the nearest facility that is not known to stand on another land part."""
    metres = np.full(len(places.starts), np.nan)
    theirs = land.find_part(points)
    dry = find_nearest(places.lonlat, points, places.part, theirs).distance_m
    at_sea = find_nearest(places.lonlat, points[theirs < 0]).distance_m
    afloat = find_nearest(places.lonlat, points).distance_m
    metres[places.located] = np.where(places.part < 0, afloat, np.fmin(dry, at_sea))
    return metres


def _flag(
    places: _Places, nearest: Nearest, points: geodesy.Floats, land: Land
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    across = np.full(len(places.starts), None, dtype=object)
    edge = across.copy()
    reached = nearest.index >= 0
    rows = places.located[reached]
    if rows.size:
        part_of_desa, part_of_facility = (
            places.part[reached],
            land.find_part(points)[nearest.index[reached]],
        )
        on_land = (part_of_desa >= 0) & (part_of_facility >= 0)
        across[rows[on_land]] = (part_of_desa != part_of_facility)[on_land]
        edge[rows] = places.edge_m[reached] < nearest.distance_m[reached]
    return across, edge
