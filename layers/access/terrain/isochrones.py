"""Areas within so many minutes of a facility, as polygons: the bands of a travel-time raster.

Outlines follow the cells.  Neighbouring bands have every vertex of their shared border in common,
so all bands together are a coverage that can be simplified without tearing.
"""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes

from layers.access.straight.geodesy import Floats, measure_degree_lat, measure_degree_lon
from layers.access.terrain.grid import Grid
from layers.access.terrain.rasters import Raster

NOTHING, UNREACHED = 255, 254
"""Band numbers of cells nothing passes, and of passable cells from which nothing is reached."""

Bands = NDArray[np.uint8]


def number_bands(
    minutes: Raster, edges: Sequence[float], is_passable: NDArray[np.bool_] | None = None
) -> Bands:
    """The band of each cell: 0 up to the first edge and so on; an edge belongs to the lower band.

    Parameters
    ----------
    minutes
        Travel time; NaN where nothing is reached.
    is_passable
        Cells that count as `UNREACHED` where nothing is reached; by default none do.
    """
    is_reached = np.isfinite(minutes.values)
    band = np.full(minutes.values.shape, NOTHING, np.uint8)
    if is_passable is not None:
        band[is_passable] = UNREACHED
    band[is_reached] = np.searchsorted(
        np.asarray(edges, float), minutes.values[is_reached], side="left"
    )
    return band


def draw_bands(band: Bands, minutes: Raster) -> gpd.GeoDataFrame:
    """One MultiPolygon for each band that has cells, in the order of their numbers.

    Returns
    -------
    GeoDataFrame
        ``band`` (its number), ``area_ha`` (of its cells, geodesic in lon/lat), ``minutes_max``
        (the longest time in it, null for `UNREACHED`); geometry in EPSG:4326.
    """
    numbers = [int(band_number) for band_number in np.unique(band) if band_number != NOTHING]
    areas = _measure_areas(band, minutes.grid)
    outlines = _trace(band, numbers)
    frame = gpd.GeoDataFrame(
        {
            "band": numbers,
            "area_ha": [areas[number] for number in numbers],
            "minutes_max": [
                np.nan if number == UNREACHED else float(minutes.values[band == number].max())
                for number in numbers
            ],
        },
        geometry=_place(outlines, minutes.grid),
        crs=minutes.crs,
    )
    return frame.to_crs("EPSG:4326")


def _measure_areas(band: Bands, grid: Grid) -> Floats:
    """Hectares of each band number, shape (256,)."""
    cell = np.full(grid.rows, grid.cell_width * grid.cell_height)
    if grid.is_lonlat:
        lat = grid.north - (np.arange(grid.rows) + 0.5) * grid.cell_height
        cell = cell * measure_degree_lon(lat) * measure_degree_lat(lat)
    else:
        cell = cell * grid.stretch[0] * grid.stretch[1]
    weight = np.repeat(cell / 10_000, grid.columns)
    return np.bincount(band.ravel(), weight, 256).astype(float)


def _trace(band: Bands, numbers: list[int]) -> NDArray[np.object_]:
    """The outline of each band in cell coordinates (x, y), with every joint as a vertex."""
    rings: list[NDArray[np.float64]] = []
    polygon_of_ring: list[int] = []
    band_of_polygon: list[int] = []
    for geometry, number in shapes(band, mask=band != NOTHING):
        for ring in geometry["coordinates"]:
            rings.append(np.asarray(ring, float))
            polygon_of_ring.append(len(band_of_polygon))
        band_of_polygon.append(numbers.index(int(number)))
    if not rings:
        return np.empty(0, dtype=object)
    line = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    points, line = _split_at(np.concatenate(rings), line, _find_joints(band))
    closed = np.asarray(shapely.linearrings(points, indices=line), dtype=object)
    indices = np.array(polygon_of_ring)
    polygons = np.asarray(shapely.polygons(closed, indices=indices), dtype=object)
    order = np.argsort(band_of_polygon, kind="stable")
    bands = np.array(band_of_polygon)[order]
    return np.asarray(shapely.multipolygons(polygons[order], indices=bands), dtype=object)


def _find_joints(band: Bands) -> NDArray[np.bool_]:
    """Corners of cells at which the outline of any band turns or ends, shape (rows+1, columns+1).

    Where two cells differ a border runs.  A corner that is passed by borders straight, and by
    nothing else, needs no vertex; every other one does, in all outlines that pass it.
    """
    wide = np.full((band.shape[0] + 2, band.shape[1] + 2), NOTHING, np.uint8)
    wide[1:-1, 1:-1] = band
    north_west, north_east = wide[:-1, :-1], wide[:-1, 1:]
    south_west, south_east = wide[1:, :-1], wide[1:, 1:]
    up, down = north_west != north_east, south_west != south_east
    left, right = north_west != south_west, north_east != south_east
    straight_down = up & down & ~left & ~right
    straight_across = left & right & ~up & ~down
    joint: NDArray[np.bool_] = (up | down | left | right) & ~straight_down & ~straight_across
    return joint


def _split_at(
    points: Floats, line: NDArray[np.int64], joint: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.int64]]:
    """Lines of straight stretches along cell edges, with all joints on them as vertices.

    ``line`` is the number of the line each point belongs to, ascending.
    """
    point = points.astype(np.int64)
    step = np.diff(point, axis=0, append=point[-1:])
    step[np.r_[line[1:] != line[:-1], True]] = 0
    # The last point of a line stands for itself: a stretch of one.
    length = np.maximum(np.abs(step).sum(axis=1), 1)
    first = np.repeat(np.arange(len(length)), length)
    along = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    every = point[first] + np.sign(step)[first] * along[:, None]
    is_corner = (along == 0) | joint[every[:, 1], every[:, 0]]
    return every[is_corner].astype(float), line[first[is_corner]]


def _place(outlines: NDArray[np.object_], grid: Grid) -> NDArray[np.object_]:
    """From columns and rows to the coordinates of the grid."""
    scale, origin = (grid.cell_width, -grid.cell_height), (grid.west, grid.north)
    return shapely.transform(outlines, lambda xy: xy * scale + origin)
