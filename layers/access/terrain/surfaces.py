"""The surface one travels over: friction given or built, elevation, ferries, of a workspace."""

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from boundaries.findings.report import Finding
from layers.access.terrain import (
    raster_band,
    raster_cover,
    raster_kinds,
    rasters,
    surface_checks,
    travel_time,
)
from layers.access.terrain.friction import build_friction, find_ferries, find_mapped, read_legend
from layers.access.terrain.speeds import Mode, SpeedTable
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.workspace import access_sections, sections

TIME_NOT_COVERED = declared_kind("access.time_not_covered")
FERRY_NOT_USED = declared_kind("access.ferry_not_used")
NO_OVERLAP = declared_kind("raster.no_overlap")
PARTLY_COVERED = declared_kind("raster.partly_covered")
BARRIERS_NOT_USED = declared_kind("access.barriers_not_used")
ELEVATION_NOT_USED = declared_kind("access.elevation_not_used")

MARGIN_DEGREES = 0.25
"""How far beyond the loaded area (28 km) ways and facilities on the other side still count."""
GIVEN = "friction"
Height = tuple[rasters.Raster | None, NDArray[np.bool_] | None, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class Surface:
    """What travel time is measured over.

    Parameters
    ----------
    friction
        Minutes per metre; NaN is impassable.
    height
        Metres above sea on the cells of ``friction`` where slopes count, else null.
    ferries
        Crossings in the CRS of ``friction``.
    mode
        How one travels; ``friction`` where the raster was given.
    snap_limit_m, access_kmh
        How far from a passable cell a place may be that joins it, and how fast it gets there.
    applied
        What was applied on reading the rasters it is made from.
    is_known
        Cells of which the rasters say how fast one gets on, if only that nothing passes; null: the
        passable ones.
    """

    friction: rasters.Raster
    height: NDArray[np.float32] | None
    ferries: travel_time.Ferries | None
    mode: str
    directions: int = 16
    snap_limit_m: float = 2000.0
    access_kmh: float = 4.0
    applied: tuple[raster_band.Applied, ...] = ()
    is_known: NDArray[np.bool_] | None = None

    @property
    def is_passable(self) -> NDArray[np.bool_]:
        """Where anything passes, shape of the grid."""
        return np.isfinite(self.friction.values) & (self.friction.values > 0)


def measure_cover(surface: Surface, desa: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Share of each desa over which one knows how fast one gets on, 0 to 1; NaN without polygon."""
    friction = surface.friction
    is_known = surface.is_passable if surface.is_known is None else surface.is_known
    pieces = raster_cover.cut_cells(is_known.astype(np.float32), friction.grid, friction.crs, desa)
    return pieces.measure_known(pieces.value > 0)


def report_cover(
    share: NDArray[np.float64], desa: gpd.GeoDataFrame, path: str
) -> tuple[Finding, ...]:
    """Desa of which too little is known for a time, and those known in part.

    Findings
    --------
    access.time_not_covered
        Less than half of desa has friction (and elevation, where slopes count): no times over it
        (warning, with the count and one of them).
    raster.part_of_desa
        See `report_parts`.
    """
    parts = raster_cover.report_parts(share, desa, path, "travel times")
    lost = share < raster_cover.LEAST_KNOWN
    if not lost.any():
        return parts
    message = (
        f"Less than {raster_cover.LEAST_KNOWN:.0%} of desa has friction, and elevation where "
        "slopes count: their travel times over it are no data."
    )
    finding = TIME_NOT_COVERED.finding(message, path)
    kode = str(desa["kode"].to_numpy()[lost].min())
    return (replace(finding, measure=float(lost.sum()), unit="desa", value=kode), *parts)


def read_surface(
    workspace: sections.Workspace,
    folder: Path,
    desa: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame | None,
    barriers: gpd.GeoDataFrame,
    speeds: SpeedTable,
) -> tuple[Surface | None, tuple[Finding, ...]]:
    """The surface a workspace declares, or None: neither ``[friction]`` nor ``[land_cover]``.

    Parameters
    ----------
    roads
        Usable roads of the workspace; ferries among them cross what nothing else crosses.
    barriers
        Lines and polygons that only roads bridge; they change a built friction, not a given one.

    Findings
    --------
    raster.other_unit
        The median friction is that of no way of travelling: it is in another unit, and not used
        (warning).
    raster.implausible
        The median friction is slower than anybody walks (warning).
    raster.coarse
        A cell is wider than half of the desa (warning).
    access.barriers_not_used
        Friction is given, not built, so barriers change nothing (warning).
    Those of `read_raster`, `align_raster`, `build_friction` and of the steps below.

    Raises
    ------
    InputError
        Both ``[friction]`` and ``[land_cover]`` are declared, or the mode is not in the table.
    """
    if workspace.friction is not None and workspace.land_cover is not None:
        raise InputError("wilayah.toml: declare either [friction] or [land_cover], not both.")
    mode = find_mode(workspace, speeds)
    section = workspace.friction or workspace.land_cover
    if section is None:
        return None, ()
    if workspace.friction is not None:
        friction, findings = _read_given(workspace, folder, desa)
        is_known = None if friction is None else np.isfinite(friction.values)
        if workspace.barriers:
            message = "Barriers change friction built from [land_cover], not a given one."
            unused = BARRIERS_NOT_USED.finding(message)
            findings = (*findings, unused)
    else:
        friction, is_known, findings = _build(workspace, folder, desa, roads, barriers, mode)
    if friction is None:
        return None, findings
    findings = (*findings, *surface_checks.report_coarse(friction, desa, section.path))
    height, has_height, height_findings = _read_height(workspace, folder, friction, mode)
    ferries, lost = _find_ferries(friction, roads, mode, speeds)
    name = GIVEN if workspace.friction is not None else workspace.travel.mode
    values = None if height is None else np.asarray(height.values, np.float32)
    surface = Surface(
        friction,
        values,
        ferries,
        name,
        workspace.travel.directions,
        speeds.snap_limit_m,
        mode.access_kmh,
        (*friction.applied, *(() if height is None else height.applied)),
        is_known if has_height is None or is_known is None else is_known & has_height,
    )
    return surface, (*findings, *height_findings, *lost)


def find_mode(workspace: sections.Workspace, speeds: SpeedTable) -> Mode:
    """The declared mode of the table of speeds.

    Raises
    ------
    InputError
        The table does not have it.
    """
    name = workspace.travel.mode
    if name not in speeds.modes:
        listed = ", ".join(speeds.modes)
        raise InputError(f"travel.mode: {name!r} is in no table of speeds. Known: {listed}.")
    return speeds.modes[name]


def _bbox(desa: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    west, south, east, north = (float(edge) for edge in desa.total_bounds)
    return west, south, east, north


def _read_near(
    section: access_sections.FrictionSection | access_sections.LandCoverSection,
    kind: raster_kinds.RasterKind,
    folder: Path,
    desa: gpd.GeoDataFrame,
) -> tuple[rasters.Raster | None, tuple[Finding, ...]]:
    """The declared raster, read only near the desa."""
    return rasters.read_raster(
        folder / section.path,
        section.path,
        kind,
        crs=section.crs,
        nodata=section.nodata,
        band=section.band,
        band_key=f"[{kind.section}] band",
        bbox_lonlat=_bbox(desa),
        margin_degrees=MARGIN_DEGREES,
        legend=read_legend(section.classes)
        if isinstance(section, access_sections.LandCoverSection)
        else (),
    )


def _read_given(
    workspace: sections.Workspace, folder: Path, desa: gpd.GeoDataFrame
) -> tuple[rasters.Raster | None, tuple[Finding, ...]]:
    section = workspace.friction
    assert section is not None
    friction, findings = _read_near(section, raster_kinds.FRICTION, folder, desa)
    if friction is None:
        return None, findings
    is_usable, doubts = surface_checks.judge_unit(friction, section.path)
    return friction if is_usable else None, (*findings, *doubts)


def _build(
    workspace: sections.Workspace,
    folder: Path,
    desa: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame | None,
    barriers: gpd.GeoDataFrame,
    mode: Mode,
) -> tuple[rasters.Raster | None, NDArray[np.bool_] | None, tuple[Finding, ...]]:
    section = workspace.land_cover
    assert section is not None
    cover, findings = _read_near(section, raster_kinds.LAND_COVER, folder, desa)
    if cover is None:
        return None, None, findings
    classes = section.classes
    friction, unmapped = build_friction(cover, classes, mode, roads, barriers, section.path)
    return friction, find_mapped(cover, classes, mode), (*findings, *unmapped)


def _read_height(
    workspace: sections.Workspace, folder: Path, friction: rasters.Raster, mode: Mode
) -> Height:
    """Elevation on the cells of friction, where slopes count, and which cells had one.

    Findings
    --------
    access.elevation_not_used
        The mode does not feel slopes (note).
    Those of `read_raster` and `_lay_height`.
    """
    given, section = workspace.friction, workspace.elevation
    if given is not None and given.height_path is not None:
        section = access_sections.ElevationSection(path=given.height_path, band=given.height_band)
        key = "[friction] height_band"
    elif section is None:
        return None, None, ()
    else:
        key = "[elevation] band"
        declares_slopes = workspace.travel.is_anisotropic
        if not (mode.is_anisotropic if declares_slopes is None else declares_slopes):
            message = f"Slopes do not count for {workspace.travel.mode!r}; elevation is not used."
            note = ELEVATION_NOT_USED.finding(message, section.path)
            return None, None, (note,)
    raster, findings = rasters.read_raster(
        folder / section.path,
        section.path,
        raster_kinds.ELEVATION,
        crs=section.crs,
        nodata=section.nodata,
        band=section.band,
        band_key=key,
        bbox_lonlat=friction.find_bbox(),
    )
    if raster is None or not np.isfinite(raster.values).any():
        return None, None, findings
    height, has_height, laying_findings = _lay_height(raster, friction, section.path)
    return height, has_height, (*findings, *laying_findings)


def _lay_height(raster: rasters.Raster, friction: rasters.Raster, path: str) -> Height:
    """Elevation on the cells of friction, and which cells had one.

    Findings
    --------
    raster.partly_covered
        Passable cells without elevation take that of the nearest cell with one (warning).
    raster.no_overlap, raster.other_resolution
        It lies under no cell of the friction, or on other cells.
    """
    aligned, findings = rasters.align_raster(raster, friction.grid, path, friction.crs)
    height = np.asarray(aligned.values, np.float32)
    unknown = ~np.isfinite(height)
    findings = (*findings, *surface_checks.report_cliffs(height, aligned, path))
    if unknown.all():
        message = "Elevation lies under no cell of the friction; not used."
        lost = NO_OVERLAP.finding(message, path)
        return None, None, (*findings, lost)
    missing = int((unknown & np.isfinite(friction.values)).sum())
    if missing:
        message = "Passable cells without elevation take that of the nearest cell with one."
        finding = PARTLY_COVERED.finding(message, path)
        findings = (*findings, replace(finding, measure=float(missing), unit="cells"))
    if unknown.any():
        height = _fill_nearest(height, unknown)
    return replace(aligned, values=height), ~unknown, findings


def _fill_nearest(height: NDArray[np.float32], unknown: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Unknown heights from the nearest known one: zero would be a cliff along the edge."""
    row, column = distance_transform_edt(unknown, return_distances=False, return_indices=True)
    filled: NDArray[np.float32] = height[row, column]
    return filled


def _find_ferries(
    friction: rasters.Raster, roads: gpd.GeoDataFrame | None, mode: Mode, speeds: SpeedTable
) -> tuple[travel_time.Ferries | None, tuple[Finding, ...]]:
    """Ferries among the roads.

    Findings
    --------
    access.ferry_not_used
        The mode takes no ferry, or a pier has no passable cell near (warning, with the count).
    """
    if roads is None:
        return None, ()
    ferries = find_ferries(roads, mode, speeds.ferry_boarding_min, friction.crs)
    if not len(ferries.minutes):
        return None, ()
    passable = np.isfinite(friction.values) & (friction.values > 0)
    usable = np.isfinite(ferries.minutes)
    for ends in (ferries.first, ferries.second):
        (row, _), _ = travel_time.snap_to_passable(
            passable, friction.grid, ends, speeds.snap_limit_m
        )
        usable &= row >= 0
    if usable.all():
        return ferries, ()
    message = "Ferries whose mode or piers do not fit the friction; not used over it."
    finding = FERRY_NOT_USED.finding(message)
    crossings = travel_time.Ferries(
        ferries.first[usable], ferries.second[usable], ferries.minutes[usable]
    )
    return crossings, (replace(finding, measure=float((~usable).sum()), unit="ferries"),)
