"""Whether a surface to travel over can be one: its unit, its cells, and steps in its heights."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from boundaries.findings.report import Finding
from layers.access.straight import nearest
from layers.access.terrain import rasters
from layers.finding_words.finding_kinds import declared_kind

IMPLAUSIBLE = declared_kind("raster.implausible")
OTHER_UNIT = declared_kind("raster.other_unit")
COARSE = declared_kind("raster.coarse")
CLIFFS = declared_kind("raster.cliffs")

SLOWEST_MIN_M, FASTEST_MIN_M = 1.0, 0.0003
"""60 m and 200 km an hour: a median friction outside is in another unit."""
DOUBTFUL_MIN_M = 0.12
"""500 m an hour: nobody is so slow over most of a landscape."""
STEEPEST, LEAST_CLIFF_M = 2.0, 100.0
"""Rise over run, and metres, between neighbouring cells beyond which elevation is in doubt."""


def judge_unit(friction: rasters.Raster, path: str) -> tuple[bool, tuple[Finding, ...]]:
    """Whether a given friction can be minutes per metre, by its median.

    Findings
    --------
    raster.other_unit
        It is that of no way of travelling: in another unit, and not used (warning).
    raster.implausible
        It is slower than anybody walks (warning).
    """
    passable = friction.values[friction.values > 0]
    middle = float(np.median(passable)) if passable.size else FASTEST_MIN_M
    if not FASTEST_MIN_M <= middle <= SLOWEST_MIN_M:
        message = (
            f"The median cell is {middle:.3g}, which as minutes per metre is "
            f"{60 / middle:,.0f} m an hour: it is in another unit. Not used; if that is s/m or "
            "min/km, write it into the file (gdal_edit.py -units min/km)."
        )
        return False, (OTHER_UNIT.finding(message, path),)
    if middle <= DOUBTFUL_MIN_M:
        return True, ()
    message = (
        f"Half of the cells are crossed at {60 / middle:.0f} m an hour or less; is the "
        "friction in seconds per metre, or in minutes per cell?"
    )
    finding = IMPLAUSIBLE.finding(message, path)
    return True, (replace(finding, measure=middle, unit="min/m"),)


def report_coarse(raster: rasters.Raster, desa: gpd.GeoDataFrame, path: str) -> tuple[Finding, ...]:
    """The finding of cells so wide that a way within one desa is seldom seen.

    Findings
    --------
    raster.coarse
        Most desa are narrower than one cell (warning, with their count).
    """
    cell_m = max(_measure_steps(raster))
    bounds = desa.geometry.bounds.dropna()
    corners = bounds.to_numpy(float)
    wide = nearest.measure_pairs(corners[:, [0, 1]], corners[:, [2, 1]])
    high = nearest.measure_pairs(corners[:, [0, 1]], corners[:, [0, 3]])
    width_m = np.minimum(wide, high)
    count = int((width_m < cell_m).sum())
    if 2 * count <= len(width_m):
        return ()
    message = (
        f"A cell is {cell_m / 1000:.1f} km wide, wider than {count} of {len(width_m)} desa: ways "
        "within one cell count as 0 minutes. Use a raster of smaller cells."
    )
    return (replace(COARSE.finding(message, path), measure=float(count), unit="desa"),)


def _measure_steps(raster: rasters.Raster) -> tuple[float, float]:
    """Metres from a cell in the middle to the next one east and to the next one south."""
    row, column = raster.grid.rows // 2, raster.grid.columns // 2
    rows, columns = np.array([row, row, row + 1]), np.array([column, column + 1, column])
    places = raster.find_lonlat(rows, columns)
    east, south = nearest.measure_pairs(places[[0, 0]], places[1:])
    return float(east), float(south)


def report_cliffs(
    height: NDArray[np.float32], raster: rasters.Raster, path: str
) -> tuple[Finding, ...]:
    """The finding of steps between neighbouring cells that no landscape has.

    Findings
    --------
    raster.cliffs
        Neighbouring cells differ by more than twice their distance and over 100 m, as they do where
        0 stands for cells without data (warning, with the count and the number at most of them).
    """
    east_m, south_m = _measure_steps(raster)
    low: list[NDArray[np.float32]] = []
    for axis, step_m in ((1, east_m), (0, south_m)):
        rise = np.abs(np.diff(height, axis=axis))
        is_cliff = rise > max(STEEPEST * step_m, LEAST_CLIFF_M)
        before, after = (height[:, :-1], height[:, 1:]) if axis else (height[:-1], height[1:])
        low.append(np.minimum(before, after)[is_cliff])
    lows = np.concatenate(low)
    if not lows.size:
        return ()
    numbers, counts = np.unique(lows, return_counts=True)
    common = float(numbers[counts.argmax()])
    message = (
        f"{lows.size} steps between neighbouring cells are steeper than a wall of rock. Is "
        f"{common:g} a cell without data? Then declare it as nodata."
    )
    finding = CLIFFS.finding(message, path, value=f"{common:g}")
    return (replace(finding, measure=float(lows.size), unit="cells"),)
