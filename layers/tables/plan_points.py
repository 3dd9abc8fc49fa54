"""Where the features of a geometry file are, as lon and lat: one point for each feature."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from layers.errors import InputError

Point = tuple[float | None, float | None]


def read_points(path: Path, label: str, layer: str | None = None) -> list[Point]:
    """Lon and lat of each feature, in the order of the file; a point on the surface of areas.

    Raises
    ------
    InputError
        The file cannot be read, or does not say its CRS.
    """
    try:
        if path.suffix.lower() in {".parquet", ".geoparquet"}:
            frame = gpd.read_parquet(path)
        else:
            frame = gpd.read_file(path, layer=layer)
    except (ValueError, OSError, pyogrio.errors.DataSourceError) as error:
        raise InputError(f"{label} cannot be read: {error}") from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(f"{label} holds no geometry; declare lon_column and lat_column.")
    if frame.crs is None:
        raise InputError(f"{label} does not say its CRS; save it as GeoPackage or GeoJSON.")
    geometries = np.asarray(frame.geometry.to_crs("EPSG:4326").array, dtype=object)
    points = shapely.point_on_surface(geometries)
    gone = shapely.is_missing(points) | shapely.is_empty(points)
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return [
        (None, None) if missing else (float(x), float(y))
        for (x, y), missing in zip(xy, gone, strict=True)
    ]
