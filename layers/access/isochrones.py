"""Areas within so many minutes of a facility, as polygons: the bands of a travel-time raster."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.features import shapes
from shapely.geometry import shape

from layers.access.raster import Raster


def draw_isochrones(minutes: Raster, bands: Sequence[float]) -> gpd.GeoDataFrame:
    """One MultiPolygon per band, nearest first; the bands do not overlap.

    Parameters
    ----------
    minutes
        Travel time; NaN is drawn in no band.
    bands
        Upper edges, ascending; an edge belongs to the lower band, the last band is open.

    Returns
    -------
    GeoDataFrame
        ``from_min, to_min`` (null: open) and geometry in EPSG:4326; bands without cells are left
        out.  Outlines follow the cells.
    """
    known = np.isfinite(minutes.values)
    band = np.full(minutes.values.shape, 255, np.uint8)
    band[known] = np.searchsorted(np.asarray(bands, float), minutes.values[known], side="left")
    grid = minutes.grid
    transform = rasterio.Affine(grid.cell_width, 0, grid.west, 0, -grid.cell_height, grid.north)
    parts: dict[int, list[shapely.Geometry]] = {}
    for geometry, number in shapes(band, mask=known, transform=transform):
        parts.setdefault(int(number), []).append(shape(geometry))
    numbers = sorted(parts)
    edges = [0.0, *map(float, bands)]
    frame = gpd.GeoDataFrame(
        {
            "from_min": [edges[number] for number in numbers],
            "to_min": [edges[n + 1] if n + 1 < len(edges) else np.nan for n in numbers],
        },
        geometry=[_join(parts[number]) for number in numbers],
        crs=minutes.crs,
    )
    return frame.to_crs("EPSG:4326")


def _join(polygons: list[shapely.Geometry]) -> shapely.MultiPolygon:
    union = shapely.union_all(polygons)
    parts = [part for part in shapely.get_parts(union) if isinstance(part, shapely.Polygon)]
    return shapely.MultiPolygon(parts)
