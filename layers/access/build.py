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

from boundaries.findings import LoadCount
from boundaries.progress import Progress, silent
from layers.access.barriers import read_barriers
from layers.access.distance import KANTOR_DESA, origins
from layers.access.gap_people import (
    add_people_fields,
    add_straight_people,
    find_nearest_of_people,
)
from layers.access.gaps import GapsResult, build_gaps
from layers.access.isochrone_layers import build_isochrone_layers
from layers.access.land import Land, find_land
from layers.access.methods import (
    measure_network_gaps,
    measure_raster_gaps,
    merge_methods,
)
from layers.access.nearest import Nearest, find_nearest
from layers.access.people import PeopleCells
from layers.access.population import read_people
from layers.access.raster import Raster, write_cog
from layers.access.roads import RoadsResult, read_roads
from layers.access.speeds import SpeedTable, read_own_speeds, read_speeds
from layers.access.supply import Supply, measure_supply
from layers.access.surface import find_mode, read_surface
from layers.access.travel import Travel, measure_travel
from layers.access.whatif import Scenario, write_scenarios
from layers.catalogue import ServiceDefinition
from layers.model import LayerData
from layers.workspace import Workspace


@dataclass(frozen=True, slots=True)
class AccessResult:
    """Gaps by every method, and what the server and the map need beside them.

    ``gaps.long`` holds all methods; ``travel`` the travel-time raster of each kind (to be written
    as COG); ``scenarios`` the arrays for what-if, by kind, and ``supply`` the tables of
    catchments, where a population raster is given; ``layers`` the isochrones.
    """

    gaps: GapsResult
    travel: dict[str, Raster]
    scenarios: dict[str, Scenario]
    loads: tuple[LoadCount, ...]
    supply: Supply | None = None
    layers: tuple[LayerData, ...] = ()


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
    Those of `build_gaps`, `read_people`, `measure_supply`, `read_roads`, `read_surface`,
    `measure_travel` and `build_isochrone_layers`.
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
    speeds = _read_speeds(workspace, folder)
    results = [read_roads(section, folder, speeds) for section in workspace.roads]
    lines = _join_roads(results) if results else None
    for result in results:
        findings += result.findings
        loads.append(result.load)
    if lines is not None and services:
        progress("roads", 0, 1)
        find_mode(workspace, speeds)
        table, found = measure_network_gaps(
            starts, facilities, services, lines, speeds, workspace.travel.mode
        )
        tables.append(table)
        findings += found
        progress("roads", 1, 1)
    travel: dict[str, Travel] = {}
    layers: tuple[LayerData, ...] = ()
    stops = read_barriers(workspace.barriers, folder, _bbox(desa))
    findings += stops.findings
    loads += stops.loads
    surface, found = read_surface(workspace, folder, desa, lines, stops.barriers, speeds)
    findings += found
    if surface is not None and services:
        travel, found = measure_travel(surface, facilities, services, progress)
        findings += found
        tables.append(
            measure_raster_gaps(starts, facilities, services, travel, surface.mode, people)
        )
        layers, found = build_isochrone_layers(surface, travel, services, people)
        findings += found
    scenarios = {}
    if people is not None:
        scenarios = _make_scenarios(starts, facilities, services, people, nearest)
    done = replace(gaps, long=merge_methods(tables), findings=tuple(findings))
    return AccessResult(
        done,
        {kind: one.minutes for kind, one in travel.items()},
        scenarios,
        tuple(loads),
        supply,
        layers,
    )


def _bbox(desa: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    west, south, east, north = (float(edge) for edge in desa.total_bounds)
    return west, south, east, north


def _read_speeds(workspace: Workspace, folder: Path) -> SpeedTable:
    if workspace.speeds is None:
        return read_speeds()
    return read_own_speeds(folder / workspace.speeds.path, workspace.speeds.path)


def _join_roads(results: list[RoadsResult]) -> gpd.GeoDataFrame:
    joined = pd.concat([result.roads for result in results], ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs="EPSG:4326")


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
