"""Files of points, lines or areas, as whatever drew them saved them; nothing is judged here."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
from pyogrio.errors import DataLayerError, DataSourceError, FieldError
from pyproj.exceptions import CRSError

from layers.errors import InputError

DRAWN_SUFFIXES = (
    ".geojson", ".json", ".gpkg", ".parquet", ".geoparquet", ".shp", ".zip", ".fgb", ".kml",
)  # fmt: skip


def read_drawn(
    path: Path, label: str, *, layer: str | None = None, crs: str | None = None
) -> gpd.GeoDataFrame:
    """Every feature of the file in its order, column ``geometry`` in EPSG:4326.

    Parameters
    ----------
    label
        The file as messages name it, such as ``roads: jalan.gpkg``.
    layer
        Layer of a file with several; not for GeoParquet.
    crs
        The CRS declared for the file; it wins over what the file says.

    Raises
    ------
    InputError
        The file or its layer cannot be read, holds no geometry, or nobody says its CRS.
    """
    try:
        if path.suffix.lower() in {".parquet", ".geoparquet"}:
            frame = gpd.read_parquet(path)
        else:
            frame = _read_file(path, layer)
        if not isinstance(frame, gpd.GeoDataFrame):
            raise InputError(f"{label} holds no geometry.")
        if crs is not None:
            frame = frame.set_crs(crs, allow_override=True)
    except (ValueError, OSError, CRSError, DataSourceError, DataLayerError, FieldError) as error:
        raise InputError(f"{label} cannot be read: {error}") from error
    if frame.crs is None:
        raise InputError(
            f"{label} does not say its CRS; save it as GeoPackage or GeoJSON, or, where the "
            'section takes it, declare crs = "EPSG:4326" in wilayah.toml.'
        )
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    return frame.to_crs("EPSG:4326")


def _read_file(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    """The features; lists of true and false (osmnx as GeoJSON) only come through Arrow."""
    try:
        return gpd.read_file(path, layer=layer)
    except ValueError as error:
        if "sequence" not in str(error):
            raise
        return gpd.read_file(path, layer=layer, use_arrow=True)
