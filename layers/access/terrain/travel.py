"""Travel time to each kind of service over the surface of a workspace."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from boundaries.findings.report import Finding
from boundaries.progress import Progress, silent
from layers.access.straight.arrays import select_kind
from layers.access.terrain import rasters, surfaces, travel_time
from layers.columns.catalogue import ServiceDefinition
from layers.finding_words.finding_kinds import declared_kind

FACILITY_MOVED = declared_kind("access.facility_moved")
FACILITY_OFF_SURFACE = declared_kind("access.facility_off_surface")


@dataclass(frozen=True, slots=True)
class Travel:
    """What a travel-time raster was made of, and its result for one kind."""

    minutes: rasters.Raster
    time: travel_time.TravelTime


def measure_travel(
    surface: surfaces.Surface,
    facilities: gpd.GeoDataFrame,
    services: Collection[ServiceDefinition],
    progress: Progress = silent,
) -> tuple[dict[str, Travel], tuple[Finding, ...]]:
    """Travel time by kind; kinds without facilities are left out.

    Findings
    --------
    access.facility_moved
        Facilities on an impassable cell count from the nearest passable one (note, with the
        longest move).
    access.facility_off_surface
        Facilities off the friction, or beyond the snapping limit from any passable cell: nobody
        reaches them over it (warning, with their count).
    """
    friction = surface.friction
    travel: dict[str, Travel] = {}
    findings: list[Finding] = []
    for done, service in enumerate(services):
        progress("travel time", done, len(services))
        chosen, points = select_kind(facilities, service.kind)
        if chosen.empty:
            continue
        if not friction.grid.is_lonlat:
            transformer = Transformer.from_crs("EPSG:4326", friction.crs, always_xy=True)
            points = np.stack(transformer.transform(points[:, 0], points[:, 1]), axis=-1)
        time = travel_time.measure_travel_time(
            friction.values.astype(np.float32),
            friction.grid,
            points,
            directions=surface.directions,
            height=surface.height,
            ferries=surface.ferries,
            snap_limit_m=surface.snap_limit_m,
        )
        minutes = rasters.Raster(time.minutes, friction.grid, friction.crs, surface.applied)
        travel[service.kind] = Travel(minutes, time)
        findings += _report_moves(service.kind, time)
    progress("travel time", len(services), len(services))
    return travel, tuple(findings)


def draw_allocation(travel: Travel, fids: NDArray[np.int64]) -> rasters.Raster:
    """Which facility each cell reaches first, by its integer id; NaN where none.

    Parameters
    ----------
    fids
        Ids of the facilities of the kind, below 2^48 and so exact as floats, by ``facility_id``.
    """
    owner = travel.time.facility
    ids = np.where(owner >= 0, fids[owner].astype(np.float64), np.nan)
    minutes = travel.minutes
    return rasters.Raster(ids, minutes.grid, minutes.crs, minutes.applied)


def _report_moves(kind: str, time: travel_time.TravelTime) -> list[Finding]:
    findings = []
    moved = time.snap_m[time.snap_m > 0]
    if moved.size:
        message = f"{moved.size} of {time.snap_m.size} facilities stand on an impassable cell; "
        message += "their ways start at the nearest passable one, at most this far."
        finding = FACILITY_MOVED.finding(message, value=kind)
        findings.append(replace(finding, measure=round(float(moved.max()), 1), unit="m"))
    lost = int(np.isnan(time.snap_m).sum())
    if lost:
        message = "Facilities off the friction, or far from any passable cell, are reached by "
        message += "nobody over it."
        finding = FACILITY_OFF_SURFACE.finding(message, value=kind)
        findings.append(replace(finding, measure=float(lost), unit="facilities"))
    return findings
