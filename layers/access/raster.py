"""Rasters as arrays with their place: read, checked, and what is wrong with them said."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.errors import CRSError, RasterioIOError
from rasterio.windows import Window, intersect

from boundaries.findings import Finding, Severity
from layers.access.geodesy import Floats
from layers.access.grid import Grid
from layers.errors import InputError

HUGE = 1e30
"""Floats beyond this stand for nothing, such as -3.4e38."""
STAND_INS = (9999.0, 32767.0, 65535.0, 99999.0, 999999.0, 2147483647.0, 1e20)
"""Numbers that often stand for nothing: one that is `FAR_ABOVE` times all others does."""
FAR_ABOVE = 10.0
Limits = tuple[float, float]
NOT_NEGATIVE: Limits = (0.0, math.inf)
HEIGHTS: Limits = (-500.0, 9000.0)
"""Metres above sea, on land and at its shores."""


@dataclass(frozen=True, slots=True)
class Raster:
    """Values (NaN: none), the grid they lie on, and its CRS as text."""

    values: NDArray[np.float32] | NDArray[np.float64]
    grid: Grid
    crs: str

    def find_lonlat(self, row: NDArray[np.int64], column: NDArray[np.int64]) -> Floats:
        """Lon, lat of the middle of cells, shape (n, 2)."""
        centres = self.grid.find_centres(row, column)
        if self.grid.is_lonlat:
            return centres
        transformer = Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)
        return np.stack(transformer.transform(centres[:, 0], centres[:, 1]), axis=-1)

    def find_bbox(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the cells' corners in lon, lat."""
        grid = self.grid
        west, north = grid.west, grid.north
        east, south = west + grid.columns * grid.cell_width, north - grid.rows * grid.cell_height
        if not grid.is_lonlat:
            transformer = Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)
            west, south, east, north = transformer.transform_bounds(west, south, east, north)
        return west, south, east, north

    def sample(self, lonlat: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """The value under each point, and whether the point lies off the grid."""
        x, y = lonlat[:, 0], lonlat[:, 1]
        if not self.grid.is_lonlat:
            transformer = Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)
            x, y = transformer.transform(x, y)
        row, column = self.grid.find_cells(np.asarray(x), np.asarray(y))
        off = row < 0
        value = np.where(off, np.nan, self.values[row, column])
        return value, off


def read_raster(
    path: Path,
    label: str,
    *,
    crs: str | None = None,
    nodata: float | None = None,
    bbox_lonlat: tuple[float, float, float, float] | None = None,
    margin_degrees: float = 0.0,
    limits: Limits = NOT_NEGATIVE,
) -> tuple[Raster | None, tuple[Finding, ...]]:
    """The first band of a raster file, or None with the reason.

    Parameters
    ----------
    bbox_lonlat
        Of the loaded area: only the cells that touch it, or lie within ``margin_degrees``, are
        read, so that the raster of a country does for a kabupaten.
    limits
        Lowest and highest value that there can be.

    Findings
    --------
    raster.no_crs
        Neither the file nor the workspace says the CRS: not used (warning).
    raster.rotated
        Rows do not run from west to east: not used (warning).
    raster.no_overlap
        It covers nothing of the loaded area: not used (warning).
    raster.negative
        Negative values, which mean neither people nor friction, are taken as none (warning).
    raster.out_of_range
        Values beyond other ``limits`` are taken as none (warning).
    raster.undeclared_nodata
        Cells hold the largest number the file can hold, or one of `STAND_INS` far above all others:
        taken as none (warning).
    raster.empty
        No cell has a value (warning).

    Raises
    ------
    InputError
        The file is missing or is no raster.
    """
    if not path.is_file():
        raise InputError(f"{label} does not exist.")
    name = f"/vsigzip/{path}" if path.suffix == ".gz" else str(path)
    try:
        with rasterio.open(name) as source:
            declared = rasterio.crs.CRS.from_user_input(crs) if crs else source.crs
            transform = source.transform
            if declared is None:
                return None, (_find("raster.no_crs", label, "The raster does not say its CRS."),)
            if transform.b != 0 or transform.d != 0 or transform.e >= 0:
                return None, (_find("raster.rotated", label, "The raster is rotated."),)
            window = Window(0, 0, source.width, source.height)
            if bbox_lonlat is not None:
                touched = _find_window(transform, declared, bbox_lonlat, margin_degrees)
                if not intersect([window, touched]):
                    message = "The raster covers nothing of the loaded area."
                    return None, (_find("raster.no_overlap", label, message),)
                window = window.intersection(touched)
            band = source.read(1, window=window)
            empty = source.nodata if nodata is None else nodata
    except CRSError as error:
        raise InputError(f"{label}: {crs!r} is no coordinate reference system.") from error
    except RasterioIOError as error:
        raise InputError(f"{label} cannot be read as a raster: {error}") from error
    grid = Grid(
        transform.c + window.col_off * transform.a,
        transform.f + window.row_off * transform.e,
        transform.a,
        -transform.e,
        band.shape[0],
        band.shape[1],
        bool(declared.is_geographic),
    )
    values, findings = _clean(band, empty, label, limits)
    return Raster(values, grid, declared.to_wkt()), findings


def _find_window(
    transform: rasterio.Affine,
    crs: rasterio.crs.CRS,
    bbox_lonlat: tuple[float, float, float, float],
    margin: float,
) -> Window:
    """The whole cells that touch the box, whether or not the raster has them."""
    west, south, east, north = bbox_lonlat
    west, south, east, north = west - margin, south - margin, east + margin, north + margin
    if not crs.is_geographic:
        transformer = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        west, south, east, north = transformer.transform_bounds(west, south, east, north)
    left, right = (math.floor((edge - transform.c) / transform.a) for edge in (west, east))
    top, bottom = (math.floor((edge - transform.f) / transform.e) for edge in (north, south))
    return Window(left, top, right - left + 1, bottom - top + 1)


def _clean(
    band: NDArray[Any], nodata: float | None, label: str, limits: Limits
) -> tuple[NDArray[np.float32] | NDArray[np.float64], tuple[Finding, ...]]:
    values: NDArray[Any] = band.astype(np.float64 if band.dtype == np.float64 else np.float32)
    if nodata is not None and not np.isnan(nodata):
        values[values == values.dtype.type(nodata)] = np.nan
    findings: list[Finding] = []
    largest = _find_largest(band, values)
    if largest.any():
        message = (
            "Cells hold a number that only stands for nothing; declare nodata. Taken as empty."
        )
        finding = _find("raster.undeclared_nodata", label, message)
        findings.append(replace(finding, measure=float(largest.sum()), unit="cells"))
        values[largest] = np.nan
    beyond = (values < limits[0]) | (values > limits[1])
    if beyond.any():
        code, what = "raster.negative", "Negative cells"
        if limits != NOT_NEGATIVE:
            code, what = "raster.out_of_range", "Cells below {:g} or above {:g}".format(*limits)
        finding = _find(code, label, f"{what} are taken as empty; is nodata declared rightly?")
        findings.append(replace(finding, measure=float(beyond.sum()), unit="cells"))
        values[beyond] = np.nan
    if not np.isfinite(values).any():
        findings.append(_find("raster.empty", label, "No cell of the raster has a value."))
    return values, tuple(findings)


def _find(code: str, label: str, message: str) -> Finding:
    return Finding(code, Severity.WARNING, message, file=label)


def _find_largest(band: NDArray[Any], values: NDArray[Any]) -> NDArray[np.bool_]:
    """Cells with a number that only stands for nothing, and is not declared as nodata.

    It is the end of the type, or one of `STAND_INS` far above all other numbers.
    """
    return _find_ends(band, values) | _find_stand_in(values)


def _find_stand_in(values: NDArray[Any]) -> NDArray[np.bool_]:
    known = np.isfinite(values)
    top = values.max(where=known, initial=-np.inf)
    found: NDArray[np.bool_] = known & (values == top)
    next_lower = values.max(where=known & ~found, initial=0.0)
    return found & (float(top) in STAND_INS) & (float(top) > FAR_ABOVE * float(next_lower))


def _find_ends(band: NDArray[Any], values: NDArray[Any]) -> NDArray[np.bool_]:
    known = np.isfinite(values)
    if np.issubdtype(band.dtype, np.integer):
        if band.dtype.itemsize == 1:
            return np.zeros(band.shape, bool)
        limits = np.iinfo(band.dtype)
        found: NDArray[np.bool_] = known & (
            (band == limits.max) | (band == limits.min) & (band < 0)
        )
        return found
    huge: NDArray[np.bool_] = known & (np.abs(values) > HUGE)
    return huge


def align_raster(
    raster: Raster, grid: Grid, label: str, crs: str | None = None
) -> tuple[Raster, tuple[Finding, ...]]:
    """The raster on another grid, each cell the value under its middle.

    Parameters
    ----------
    crs
        Of ``grid``; null: the raster's own.

    Findings
    --------
    raster.other_resolution
        The grids differ, so values were taken at the middles of cells (note).
    """
    crs = raster.crs if crs is None else crs
    if raster.grid == grid and raster.crs == crs:
        return raster, ()
    row, column = np.divmod(np.arange(grid.rows * grid.columns), grid.columns)
    frame = Raster(np.empty(0, np.float32), grid, crs)
    value, _ = raster.sample(frame.find_lonlat(row, column))
    message = "The raster lies on other cells; values are taken at the middles of cells."
    finding = Finding("raster.other_resolution", Severity.NOTE, message, file=label)
    values: NDArray[Any] = value.reshape(grid.rows, grid.columns).astype(raster.values.dtype)
    return Raster(values, grid, crs), (finding,)


def write_cog(path: Path, raster: Raster, title: str = "", unit: str = "") -> None:
    """Write a Cloud Optimized GeoTIFF: tiled, deflated, with overviews; NaN is no data.

    Parameters
    ----------
    title, unit
        What the band is called, and in what its values are.
    """
    grid = raster.grid
    profile = {
        "driver": "COG", "dtype": raster.values.dtype.name, "count": 1, "nodata": np.nan,
        "height": grid.rows, "width": grid.columns, "crs": raster.crs, "compress": "DEFLATE",
        "transform": rasterio.Affine(
            grid.cell_width, 0, grid.west, 0, -grid.cell_height, grid.north
        ),
        "blocksize": 256, "overview_resampling": "nearest", "num_threads": 1,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(raster.values, 1)
        target.set_band_description(1, title)
        target.set_band_unit(1, unit)
