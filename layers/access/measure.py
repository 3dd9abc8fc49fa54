"""All that a workspace lets us say about access: every method its inputs allow, in one table."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.findings.report import Finding, LoadCount
from boundaries.progress import Progress, silent
from layers.access.gaps import gap_people, isochrone_layers, methods
from layers.access.gaps.gaps import STRAIGHT_LINE, GapsResult, add_time_fields, build_gaps
from layers.access.people import people_grid, population
from layers.access.people.supply import Supply, measure_supply
from layers.access.roads import roads
from layers.access.straight import unknown_places
from layers.access.straight.distance import KANTOR_DESA, origins
from layers.access.straight.land import Land, find_land
from layers.access.straight.nearest import Nearest, find_nearest
from layers.access.terrain import joining, surfaces
from layers.access.terrain.speeds import SpeedTable, read_own_speeds, read_speeds
from layers.access.terrain.travel import Travel, measure_travel
from layers.columns import catalogue, model
from layers.release.scenario_file import Scenario
from layers.workspace.sections import Workspace


@dataclass(frozen=True, slots=True)
class AccessResult:
    """Gaps by every method, and what the server and the map need beside them.

    ``gaps.long`` holds all methods; ``travel`` the travel time and allocation of each kind (to be
    written as COG); ``scenarios`` the arrays for what-if, by kind, and ``supply`` the tables of
    catchments, where a population raster is given; ``layers`` the isochrones; ``served`` by kind
    the facilities (``kode, facility_id``) nearest to anybody in a desa; ``time_method`` the one
    whose minutes are on the map.
    """

    gaps: GapsResult
    travel: dict[str, Travel]
    scenarios: dict[str, Scenario]
    loads: tuple[LoadCount, ...]
    supply: Supply | None = None
    layers: tuple[model.LayerData, ...] = ()
    served: dict[str, pd.DataFrame] = field(default_factory=dict)
    time_method: str | None = None


def measure_access(
    workspace: Workspace,
    folder: Path,
    desa: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    services: tuple[catalogue.ServiceDefinition, ...],
    *,
    official: pd.Series[float] | None = None,
    registered: pd.Series[float] | None = None,
    land: Land | None = None,
    unknown: Collection[unknown_places.UnknownPlace] = (),
    progress: Progress = silent,
) -> AccessResult:
    """Straight line always; people with a population raster; roads and friction where declared.

    Parameters
    ----------
    official
        Numbers by kode to which the population raster is rescaled; null: as it is.
    registered
        Registered people by kode.
    unknown
        Places of service that stand nobody knows where; see `build_gaps`.

    Findings
    --------
    Those of `build_gaps`, `read_people`, `measure_supply`, `read_roads`, `read_surface`,
    `report_cover`, `measure_travel` and `build_isochrone_layers`.
    """
    land = find_land(desa) if land is None else land
    speeds = _read_speeds(workspace, folder)
    surfaces.find_mode(workspace, speeds)
    run = _Run(workspace, folder, desa, facilities, services, speeds, land, progress, registered)
    run.read_people(official)
    run.find_origins(unknown)
    gaps = build_gaps(
        desa,
        facilities,
        services,
        starts=run.starts,
        land=land,
        unknown=unknown,
        progress=progress,
    )
    run.findings[:0] = gaps.findings
    gaps = run.add_people(gaps)
    run.measure_roads()
    run.measure_surface()
    gaps = run.add_times(gaps)
    done = replace(gaps, long=methods.merge_methods(run.tables), findings=tuple(run.findings))
    return AccessResult(
        done,
        run.travel,
        run.make_scenarios(),
        tuple(run.loads),
        run.supply,
        run.layers,
        run.list_served(),
        run.time_method,
    )


@dataclass(slots=True)
class _Run:
    """What the steps share and add to; each step does nothing where its inputs are not declared."""

    workspace: Workspace
    folder: Path
    desa: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    services: tuple[catalogue.ServiceDefinition, ...]
    speeds: SpeedTable
    land: Land
    progress: Progress
    registered: pd.Series[float] | None = None
    people: people_grid.PeopleCells | None = None
    rescaled_to: str | None = None
    starts: pd.DataFrame = field(default_factory=pd.DataFrame)
    bounds: unknown_places.Bounds = methods.NO_BOUNDS
    lines: gpd.GeoDataFrame | None = None
    nearest: dict[str, Nearest] = field(default_factory=dict)
    straight: pd.DataFrame = field(default_factory=pd.DataFrame)
    tables: list[pd.DataFrame] = field(default_factory=list)
    travel: dict[str, Travel] = field(default_factory=dict)
    supply: Supply | None = None
    layers: tuple[model.LayerData, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    loads: list[LoadCount] = field(default_factory=list)

    def read_people(self, official: pd.Series[float] | None) -> None:
        section = self.workspace.population
        if section is None:
            return
        self.people, findings = population.read_people(
            section, self.folder, self.desa, official, self.registered
        )
        self.findings += findings
        self.rescaled_to = section.rescale_to if official is not None else None

    def find_origins(self, unknown: Collection[unknown_places.UnknownPlace]) -> None:
        kantor = self.facilities[(self.facilities["kind"] == KANTOR_DESA).to_numpy()]
        places = (
            None if self.people is None else people_grid.find_settlements(self.people, self.desa)
        )
        self.starts = origins(self.desa, kantor, places)
        cells = np.empty((0, 2)) if self.people is None else self.people.lonlat
        self.bounds = unknown_places.bound_kinds(self.starts, cells, self.desa, unknown)

    def add_people(self, gaps: GapsResult) -> GapsResult:
        """The gaps with the people behind them, the straight line's rows among the tables."""
        self.straight, self.tables = gaps.long, [gaps.long]
        if self.people is None or not self.services:
            return gaps
        kode, people = self.desa["kode"], self.people
        self.nearest = gap_people.find_nearest_of_people(people, self.facilities, self.services)
        self.tables = gap_people.add_straight_people(
            gaps.long, kode, self.services, people, self.nearest, self.bounds.people
        )
        self.supply = measure_supply(
            kode,
            self.facilities,
            self.services,
            people,
            self.nearest,
            self.land,
            self.bounds.people,
        )
        self.findings += self.supply.findings
        return gap_people.add_people_fields(gaps, self.services, self.tables, self.rescaled_to)

    def list_served(self) -> dict[str, pd.DataFrame]:
        """By kind, the facilities nearest to the people of each desa; empty without a raster."""
        if self.people is None:
            return {}
        return gap_people.list_served(self.desa["kode"], self.facilities, self.people, self.nearest)

    @property
    def time_method(self) -> str | None:
        """The method whose minutes are on the map: that of the last table, if it has any."""
        rows = self.tables[-1]
        if not len(rows) or rows["method"].iloc[0] == STRAIGHT_LINE:
            return None
        return str(rows["method"].iloc[0])

    def measure_roads(self) -> None:
        sections = self.workspace.roads
        results = [roads.read_roads(section, self.folder, self.speeds) for section in sections]
        for result in results:
            self.findings += result.findings
            self.findings += roads.find_elsewhere(result, _bbox(self.desa))
            self.loads.append(result.load)
        if not results:
            return
        self.lines = _join_roads(results)
        if not self.services:
            return
        self.progress("roads", 0, 1)
        registered = None
        if self.registered is not None:
            registered = self.desa["kode"].map(self.registered).to_numpy(float)
        table, findings = methods.measure_network_gaps(
            self.starts,
            self.facilities,
            self.services,
            self.lines,
            self.speeds,
            self.workspace.travel.mode,
            self.people,
            self.desa["nama"],
            registered,
            self.bounds,
        )
        self.tables.append(table)
        self.findings += findings
        self.progress("roads", 1, 1)

    def measure_surface(self) -> None:
        stops = roads.read_barriers(self.workspace.barriers, self.folder, _bbox(self.desa))
        surface, findings = surfaces.read_surface(
            self.workspace, self.folder, self.desa, self.lines, stops.barriers, self.speeds
        )
        self.findings += [*stops.findings, *findings]
        self.loads += stops.loads
        if surface is None or not self.services:
            return
        services, facilities, people = self.services, self.facilities, self.people
        cover = surfaces.measure_cover(surface, self.desa)
        self.findings += surfaces.report_cover(cover, self.desa, surface.applied[0].label)
        self.travel, findings = measure_travel(surface, facilities, services, self.progress)
        homes = None if people is None else joining.join_places(surface, people.lonlat)
        self.layers, empty = isochrone_layers.build_isochrone_layers(
            surface, self.travel, services, people, homes
        )
        self.findings += [*findings, *empty]
        self.tables.append(
            methods.measure_raster_gaps(
                self.starts,
                facilities,
                services,
                self.travel,
                surface,
                people,
                homes,
                cover,
                self.bounds,
            )
        )

    def add_times(self, gaps: GapsResult) -> GapsResult:
        """The gaps with travel times, of the last table of a method that has them."""
        if self.time_method is None:
            return gaps
        rows = self.tables[-1]
        title = self.speeds.modes[self.workspace.travel.mode].title
        is_given = rows["mode"].iloc[0] == surfaces.GIVEN
        return add_time_fields(gaps, self.services, rows, None if is_given else title)

    def make_scenarios(self) -> dict[str, Scenario]:
        """What-if arrays by kind; without a population raster they hold no cells."""
        return {service.kind: self._make_scenario(service) for service in self.services}

    def _make_scenario(self, service: catalogue.ServiceDefinition) -> Scenario:
        starts, people, kind = self.starts, self.people, service.kind
        chosen = self.facilities[(self.facilities["kind"] == kind).to_numpy()]
        points = shapely.get_coordinates(np.asarray(chosen.geometry.array, dtype=object))
        # What the published gaps do not tell of a desa is no start of a plan.
        rows = self.straight[self.straight["service"] == kind].set_index("kode")
        is_lost = (rows["status"] == "no_data") & rows["reason"].notna()
        is_untold = is_lost.reindex(starts["kode"], fill_value=False).to_numpy(bool)
        scenario = Scenario(
            lonlat=np.empty((0, 2)),
            people=np.empty(0),
            distance_m=np.empty(0),
            desa_lonlat=starts[["lon", "lat"]].to_numpy(float),
            desa_distance_m=_measure_known(starts, points),
            kode=starts["kode"].to_numpy(dtype=str),
            norm_m=np.array(float(service.norm_m)),
            untold_origins=np.flatnonzero(is_untold).astype(np.int32),
        )
        if people is None:
            return scenario
        metres = self.nearest[kind].distance_m
        untold = gap_people.find_untold(people, metres, self.bounds.people.get(kind), service)
        return replace(
            scenario,
            lonlat=people.lonlat,
            people=people.people,
            distance_m=metres,
            people_desa=np.array(np.isfinite(people.total).sum(), float),
            untold_cells=np.flatnonzero(np.isin(people.desa, untold)).astype(np.int32),
            untold_people_desa=np.array(len(untold), np.int32),
        )


def _bbox(desa: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    west, south, east, north = (float(edge) for edge in desa.total_bounds)
    return west, south, east, north


def _read_speeds(workspace: Workspace, folder: Path) -> SpeedTable:
    if workspace.speeds is None:
        return read_speeds()
    return read_own_speeds(folder / workspace.speeds.path, workspace.speeds.path)


def _join_roads(results: list[roads.RoadsResult]) -> gpd.GeoDataFrame:
    joined = pd.concat([result.roads for result in results], ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs="EPSG:4326")


def _measure_known(starts: pd.DataFrame, points: np.ndarray) -> np.ndarray:
    has_origin = starts["origin"].notna().to_numpy()
    metres = np.full(len(starts), np.nan)
    origin = starts[["lon", "lat"]].to_numpy(float)[has_origin]
    metres[has_origin] = find_nearest(origin, points).distance_m
    return metres
