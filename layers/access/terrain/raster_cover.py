"""How much of each desa the cells of a raster know, whatever the raster holds.

Where a raster ends short of a desa, or has no value in most of it, nothing is said about the desa;
where a part is missing, what is said carries the share that it rests on.
"""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray

from boundaries.findings.report import Finding
from layers.access.straight import geodesy, nearest
from layers.access.terrain.grid import Grid
from layers.finding_words.finding_kinds import declared_kind

PART_OF_DESA = declared_kind("raster.part_of_desa")

LEAST_PART = 1e-9
"""Of a cell; less is rounding of an edge that runs along the cells."""
LEAST_WITHIN = 0.95
"""Of a desa's area; where the raster ends short of it, nobody knows what lies beyond."""
LEAST_KNOWN = 0.5
"""Of a desa's area; where the cells have a value for less, the desa has none."""
LEAST_WHOLE = 0.99
"""Of a desa's area; a desa known in part is reported below it."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of cells that lie in each desa, shape (n,) each, and how far the raster goes.

    Parameters
    ----------
    desa
        Row of the desa, ascending.
    cell
        Number of the cell, row by row.
    part
        Share of the cell that lies in the desa.
    value
        What the cell holds.
    within
        Share of the area of each desa that the raster covers, with or without values; NaN without
        a polygon.
    """

    desa: nearest.Ints
    cell: nearest.Ints
    part: geodesy.Floats
    value: geodesy.Floats
    within: geodesy.Floats

    def measure_known(self, is_known: NDArray[np.bool_]) -> geodesy.Floats:
        """Share of each desa for which pieces are known, 0 to 1; NaN without a polygon.

        Cells of which most lies in the desa count; where there are none, all that touch it: what a
        coarse coast leaves out of the cells on it is no hole.
        """
        count = len(self.within)
        is_inner = self.part > 0.5
        has_inner = np.bincount(self.desa[is_inner], minlength=count) > 0
        weight = np.where(is_inner | ~has_inner[self.desa], self.part, 0.0)
        whole = np.bincount(self.desa, weight, count)
        covered = np.bincount(self.desa, weight * is_known, count)
        share = np.divide(covered, whole, out=np.zeros(count), where=whole > 0)
        return np.asarray(share * self.within, float)


def cut_cells(values: NDArray[np.floating], grid: Grid, crs: str, desa: gpd.GeoDataFrame) -> Pieces:
    """The cells shared between desa by area (`exactextract`); ``values`` without NaN."""
    west, north = grid.west, grid.north
    east, south = west + grid.columns * grid.cell_width, north - grid.rows * grid.cell_height
    source = NumPyRasterSource(values, xmin=west, ymax=north, xmax=east, ymin=south, srs_wkt=crs)
    polygons = desa[["geometry"]].to_crs(crs)
    present = np.flatnonzero(~(polygons.geometry.isna() | polygons.geometry.is_empty))
    rows = exact_extract(
        source, polygons.iloc[present], ["cell_id", "coverage", "values"], output="pandas"
    )
    within = np.full(len(desa), np.nan)
    shapes = np.asarray(polygons.geometry.array, dtype=object)[present]
    within[present] = _measure_within(shapes, shapely.box(west, south, east, north))
    return Pieces(*_flatten(rows, present), within)


def _measure_within(shapes: NDArray[np.object_], box: shapely.Polygon) -> geodesy.Floats:
    """The share of each area, in the CRS of the grid, that lies in the box."""
    share = np.ones(len(shapes))
    beyond = np.flatnonzero(~shapely.covers(box, shapes))
    inside = shapely.area(shapely.intersection(shapes[beyond], box))
    share[beyond] = inside / shapely.area(shapes[beyond])
    return share


def _flatten(
    rows: pd.DataFrame, present: nearest.Ints
) -> tuple[nearest.Ints, nearest.Ints, geodesy.Floats, geodesy.Floats]:
    """Desa, cell, part and value of every piece."""
    sizes = rows["cell_id"].map(len).to_numpy(int) if len(rows) else np.empty(0, int)
    owner = np.repeat(present, sizes)
    if not owner.size:
        return owner, np.empty(0, np.int64), np.empty(0), np.empty(0)
    cell = np.concatenate(rows["cell_id"].to_numpy()).astype(np.int64)
    part = np.concatenate(rows["coverage"].to_numpy()).astype(float)
    value = np.concatenate(rows["values"].to_numpy()).astype(float)
    is_real = part > LEAST_PART
    return owner[is_real], cell[is_real], part[is_real], value[is_real]


def report_parts(
    share: geodesy.Floats, desa: gpd.GeoDataFrame, path: str, what: str
) -> tuple[Finding, ...]:
    """Desa of which the raster knows a part, enough to say something.

    Findings
    --------
    raster.part_of_desa
        Cells without data cover part of desa: what is said of these rests on the other cells
        (warning, with the count of desa and the one of which least is known).
    """
    is_part = (share >= LEAST_KNOWN) & (share < LEAST_WHOLE)
    if not is_part.any():
        return ()
    least = int(np.flatnonzero(is_part)[np.argmin(share[is_part])])
    message = (
        f"Cells without data cover part of desa: {what} of these rest on the other cells, at least "
        f"{floor_percent(share[least : least + 1])[0]:g} % of a desa."
    )
    finding = PART_OF_DESA.finding(message, path)
    kode = str(desa["kode"].iloc[least])
    return (replace(finding, measure=float(is_part.sum()), unit="desa", value=kode),)


def floor_percent(share: geodesy.Floats) -> geodesy.Floats:
    """Whole percent, never 100 for a part; NaN stays.

    >>> floor_percent(np.array([0.7, 0.999, 1.0]))
    array([ 70.,  99., 100.])
    """
    return np.asarray(np.floor(share * 100 + 1e-6), float)
