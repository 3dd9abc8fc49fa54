"""Friction of a landscape: minutes per metre of each cell, from land cover, roads and barriers.

Later inputs lie on top of earlier ones: land cover, then barriers such as rivers, then roads, which
bridge them; of several roads in a cell the fastest counts.  What no input covers is impassable.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.features import rasterize

from boundaries.findings import locations, report
from layers.access.straight.nearest import measure_pairs
from layers.access.terrain import rasters, speeds, travel_time
from layers.finding_words.finding_kinds import declared_kind

UNKNOWN_CLASS = declared_kind("raster.unknown_class")
WORD_UNUSED = declared_kind("input.word_unused")

MINUTES_KM = 60 / 1000
MOST_CODES = 20
"""Unknown codes named one by one; a raster of another kind has thousands."""


def build_friction(
    land_cover: rasters.Raster,
    classes: Mapping[str, str],
    mode: speeds.Mode,
    roads: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    label: str = "land cover",
) -> tuple[rasters.Raster, tuple[report.Finding, ...]]:
    """Minutes per metre on the grid of the land cover; NaN is impassable.

    Parameters
    ----------
    land_cover
        Codes of land cover.
    classes
        Class of the speed table by code as text (``"1"``), as TOML has its keys.
    roads
        Lines with ``road_class``; ferries are edges, not cells.
    barriers
        Lines and polygons nothing crosses but a road.

    Findings
    --------
    raster.unknown_class
        A code of the raster is in no class, or in one without speed: impassable (warning, one a
        code, the first `MOST_CODES` of them, with the number of cells).
    input.word_unused
        Declared codes that no cell has, where other codes are in no class (warning).  A list of
        classes may well be longer than the landscape: where every cell has its class, nothing is
        said.
    """
    kmh, findings = _read_speeds(land_cover, classes, mode, label)
    if barriers is not None and len(barriers):
        kmh[_burn(land_cover, barriers, np.ones(len(barriers))) > 0] = 0
    if roads is not None and len(roads):
        speed = roads["road_class"].map(mode.roads).fillna(0).to_numpy(float, copy=True)
        speed[(roads["road_class"] == speeds.FERRY).to_numpy()] = 0
        order = np.argsort(speed, kind="stable")
        order = order[speed[order] > 0]
        kmh = np.maximum(kmh, _burn(land_cover, roads.iloc[order], speed[order]))
    friction = np.full(kmh.shape, np.nan, np.float32)
    friction[kmh > 0] = MINUTES_KM / kmh[kmh > 0]
    return rasters.Raster(friction, land_cover.grid, land_cover.crs, land_cover.applied), findings


def read_legend(classes: Mapping[str, str]) -> tuple[float, ...]:
    """The codes of ``[land_cover.classes]`` as numbers, but for words no code is written as."""
    codes = []
    for word in classes:
        try:
            code = float(word)
        except ValueError:
            continue
        if _write_code(code) == word:
            codes.append(code)
    return tuple(codes)


def _write_code(code: float) -> str:
    """A code of land cover as TOML has its keys."""
    return np.format_float_positional(round(float(code), 6), trim="-")


def find_mapped(
    land_cover: rasters.Raster, classes: Mapping[str, str], mode: speeds.Mode
) -> NDArray[np.bool_]:
    """Cells of which one knows how fast one gets on: their code has a class with a speed, or 0."""
    codes = read_legend({code: name for code, name in classes.items() if name in mode.land})
    return np.asarray(np.isin(land_cover.values, codes), bool)


def find_ferries(
    roads: gpd.GeoDataFrame, mode: speeds.Mode, boarding_min: float, crs: str
) -> travel_time.Ferries:
    """The ferry lines as crossings between their ends, in the CRS of the raster."""
    lines = roads[(roads["road_class"] == speeds.FERRY).to_numpy()]
    ends = [
        shapely.get_coordinates(shapely.get_point(lines.geometry.to_crs(c).array, end))
        for c in (crs, "EPSG:4326")
        for end in (0, -1)
    ]
    metres = np.array(
        [
            measure_pairs(points[:-1], points[1:]).sum()
            for points in map(shapely.get_coordinates, lines.geometry.array)
        ]
    )
    kmh = mode.roads.get(speeds.FERRY, 0.0)
    minutes = metres / 1000 / kmh * 60 + boarding_min if kmh else np.full(len(lines), np.nan)
    return travel_time.Ferries(ends[0].reshape(-1, 2), ends[1].reshape(-1, 2), minutes)


def _read_speeds(
    land_cover: rasters.Raster, classes: Mapping[str, str], mode: speeds.Mode, label: str
) -> tuple[NDArray[np.float64], tuple[report.Finding, ...]]:
    codes, place, cells = np.unique(land_cover.values, return_inverse=True, return_counts=True)
    speed = np.zeros(len(codes))
    findings: list[report.Finding] = []
    counts: Counter[str] = Counter()
    for index, code in enumerate(codes):
        if not np.isfinite(code):
            continue
        word = _write_code(code)
        counts[word] = int(cells[index])
        name = classes.get(word)
        if name in mode.land:
            speed[index] = mode.land[name]
            continue
        what = f"Land-cover code {word} ({100 * cells[index] / cells.sum():.1f} % of the cells)"
        message = (
            f"{what} is in no class of [land_cover.classes]; unknown and impassable. Give it a "
            f"class, or declare nodata = {word} under [land_cover] if it stands for nothing."
        )
        if name is not None:
            message = f"{what} is {name!r}, a class without speed; unknown and impassable."
        finding = UNKNOWN_CLASS.finding(message, label, value=word)
        findings.append(replace(finding, measure=float(cells[index]), unit="cells"))
    if len(findings) > MOST_CODES:
        more = len(findings) - MOST_CODES
        message = "Further codes of the raster are in no class; is this a land-cover raster?"
        last = UNKNOWN_CLASS.finding(message, label)
        findings = [*findings[:MOST_CODES], replace(last, measure=float(more), unit="codes")]
    findings += _unused_codes(counts, classes, label)
    return speed[place].reshape(land_cover.values.shape), tuple(findings)


def _unused_codes(
    counts: Counter[str], classes: Mapping[str, str], label: str
) -> list[report.Finding]:
    """The declared codes that never occur, where there are codes that were not declared."""
    unused = [code for code in classes if code not in counts]
    if not unused or counts.keys() <= classes.keys():
        return []
    message = (
        f"[land_cover.classes]: {', '.join(map(repr, unused))} never occur in the part of the "
        f"raster that is used, which has {locations.list_words(counts, 'cells')}."
    )
    return [WORD_UNUSED.finding(message, label, value=unused[0])]


def _burn(
    raster: rasters.Raster, lines: gpd.GeoDataFrame, values: NDArray[np.float64]
) -> NDArray[np.float64]:
    grid = raster.grid
    if not len(lines):
        return np.zeros((grid.rows, grid.columns))
    geometries = lines.geometry.to_crs(raster.crs)
    burnt = rasterize(
        list(zip(geometries, values, strict=True)),
        out_shape=(grid.rows, grid.columns),
        transform=Affine(grid.cell_width, 0, grid.west, 0, -grid.cell_height, grid.north),
        all_touched=True,
        dtype="float64",
    )
    return np.asarray(burnt, float)
