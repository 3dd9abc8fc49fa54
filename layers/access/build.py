"""All that a workspace lets us say about access: every method its inputs allow, in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from boundaries.findings import Finding, LoadCount
from boundaries.progress import Progress, silent
from layers.access.distance import KANTOR_DESA, origins
from layers.access.gap_people import (
    add_people_fields,
    add_straight_people,
    find_nearest_of_people,
)
from layers.access.gaps import GapsResult, build_gaps
from layers.access.land import Land, find_land
from layers.access.methods import (
    Travel,
    measure_network_gaps,
    measure_raster_gaps,
    merge_methods,
)
from layers.access.nearest import Nearest, find_nearest
from layers.access.people import PeopleCells
from layers.access.population import read_people
from layers.access.raster import Raster, align_raster, read_raster, write_cog
from layers.access.roads import RoadsResult, read_roads
from layers.access.speeds import read_speeds
from layers.access.supply import Supply, measure_supply
from layers.access.travel_time import measure_travel_time
from layers.access.whatif import Scenario, write_scenarios
from layers.catalogue import ServiceDefinition
from layers.workspace import Workspace

DEFAULT_MODE = "motorbike"


@dataclass(frozen=True, slots=True)
class AccessResult:
    """Gaps by every method, and what the server and the map need beside them.

    ``gaps.long`` holds all methods; ``travel`` the travel-time raster of each kind (to be written
    as COG); ``scenarios`` the arrays for what-if, by kind, and ``supply`` the tables of
    catchments, where a population raster is given.
    """

    gaps: GapsResult
    travel: dict[str, Raster]
    scenarios: dict[str, Scenario]
    loads: tuple[LoadCount, ...]
    supply: Supply | None = None


def measure_access(
    workspace: Workspace,
    folder: Path,
    desa: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    services: tuple[ServiceDefinition, ...],
    *,
    official: pd.Series[float] | None = None,
    land: Land | None = None,
    progress: Progress = silent,
) -> AccessResult:
    """Straight line always; people with a population raster; roads and friction where declared.

    Parameters
    ----------
    official
        Registered people by kode, to which the population raster is rescaled; null: as it is.

    Findings
    --------
    Those of `build_gaps`, `read_people`, `read_raster`, `align_raster` and `read_roads`.
    """
    land = find_land(desa) if land is None else land
    gaps = build_gaps(desa, facilities, services, land=land, progress=progress)
    starts = origins(desa, facilities[(facilities["kind"] == KANTOR_DESA).to_numpy()])
    findings, loads = list(gaps.findings), []
    people, rescaled_to = None, None
    if workspace.population is not None:
        people, found = read_people(workspace.population, folder, desa, official)
        findings += found
        rescaled_to = workspace.population.rescale_to if official is not None else None
    tables = [gaps.long]
    nearest: dict[str, Nearest] = {}
    supply: Supply | None = None
    if people is not None and services:
        nearest = find_nearest_of_people(people, facilities, services)
        tables = add_straight_people(gaps.long, desa["kode"], services, people, nearest)
        gaps = add_people_fields(gaps, services, tables, rescaled_to)
        supply = measure_supply(desa["kode"], facilities, services, people, nearest)
        findings += supply.findings
    speeds = read_speeds()
    roads = [read_roads(section, folder, speeds) for section in workspace.roads]
    if roads and services:
        progress("roads", 0, 1)
        lines = _join_roads(roads)
        table, found = measure_network_gaps(
            starts, facilities, services, lines, speeds, DEFAULT_MODE
        )
        tables.append(table)
        findings += found
        progress("roads", 1, 1)
    for result in roads:
        findings += result.findings
        loads.append(result.load)
    travel = _measure_travel(workspace, folder, desa, facilities, services, findings, progress)
    if travel:
        tables.append(measure_raster_gaps(starts, facilities, services, travel, "friction", people))
    scenarios = {}
    if people is not None:
        scenarios = _make_scenarios(starts, facilities, services, people, nearest)
    done = replace(gaps, long=merge_methods(tables), findings=tuple(findings))
    return AccessResult(
        done, {kind: one.minutes for kind, one in travel.items()}, scenarios, tuple(loads), supply
    )


def _bbox(desa: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    west, south, east, north = (float(edge) for edge in desa.total_bounds)
    return west, south, east, north


def _join_roads(results: list[RoadsResult]) -> gpd.GeoDataFrame:
    joined = pd.concat([result.roads for result in results], ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs="EPSG:4326")


def _measure_travel(
    workspace: Workspace,
    folder: Path,
    desa: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    services: tuple[ServiceDefinition, ...],
    findings: list[Finding],
    progress: Progress,
) -> dict[str, Travel]:
    """Travel time to each kind over the declared friction; empty without one."""
    section = workspace.friction
    if section is None:
        return {}
    friction, found = read_raster(
        folder / section.path,
        section.path,
        crs=section.crs,
        nodata=section.nodata,
        bbox_lonlat=_bbox(desa),
    )
    findings += found
    if friction is None:
        return {}
    height = _read_height(folder, section.height_path, friction, findings)
    ordered = facilities.sort_values("facility_id", kind="stable")
    travel: dict[str, Travel] = {}
    for done, service in enumerate(services):
        progress("travel time", done, len(services))
        chosen = ordered[(ordered["kind"] == service.kind).to_numpy()]
        if chosen.empty:
            continue
        points = shapely.get_coordinates(np.asarray(chosen.geometry.array, dtype=object))
        if not friction.grid.is_lonlat:
            transformer = Transformer.from_crs("EPSG:4326", friction.crs, always_xy=True)
            points = np.stack(transformer.transform(points[:, 0], points[:, 1]), axis=-1)
        time = measure_travel_time(
            friction.values.astype(np.float32), friction.grid, points, height=height
        )
        travel[service.kind] = Travel(Raster(time.minutes, friction.grid, friction.crs), time)
    progress("travel time", len(services), len(services))
    return travel


def _read_height(
    folder: Path, path: str | None, friction: Raster, findings: list[Finding]
) -> np.ndarray | None:
    if path is None:
        return None
    raster, found = read_raster(folder / path, path, may_be_negative=True)
    findings += found
    if raster is None:
        return None
    aligned, found = align_raster(raster, friction.grid, path)
    findings += found
    return np.asarray(aligned.values, np.float32)


def _make_scenarios(
    starts: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    services: tuple[ServiceDefinition, ...],
    people: PeopleCells,
    nearest: dict[str, Nearest],
) -> dict[str, Scenario]:
    scenarios = {}
    for service in services:
        chosen = facilities[(facilities["kind"] == service.kind).to_numpy()]
        points = shapely.get_coordinates(np.asarray(chosen.geometry.array, dtype=object))
        scenarios[service.kind] = Scenario(
            lonlat=people.lonlat,
            people=people.people,
            distance_m=nearest[service.kind].distance_m,
            desa_lonlat=starts[["lon", "lat"]].to_numpy(float),
            desa_distance_m=_measure_known(starts, points),
            kode=starts["kode"].to_numpy(dtype=str),
            norm_m=np.array(float(service.norm_m)),
        )
    return scenarios


def _measure_known(starts: pd.DataFrame, points: np.ndarray) -> np.ndarray:
    known = starts["origin"].notna().to_numpy()
    metres = np.full(len(starts), np.nan)
    metres[known] = find_nearest(starts[["lon", "lat"]].to_numpy(float)[known], points).distance_m
    return metres


def list_access_files(result: AccessResult) -> dict[str, Callable[[Path], None]]:
    """Writers of the files a release carries beside its tables, by path.

    ``access/travel_time_<kind>.tif`` (Cloud Optimized GeoTIFF, minutes) and ``access/what_if.npz``.
    """
    files: dict[str, Callable[[Path], None]] = {}
    for kind, raster in result.travel.items():
        files[f"access/travel_time_{kind}.tif"] = partial(write_cog, raster=raster)
    if result.scenarios:
        files["access/what_if.npz"] = partial(write_scenarios, scenarios=result.scenarios)
    return files
