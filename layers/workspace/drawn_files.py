"""Files of points, lines or areas, as whatever drew them saved them; nothing is judged here."""

from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError
from pyproj.exceptions import CRSError

from boundaries.bounds import declared_sizes, input_limits, input_readers
from boundaries.errors import BoundariesError, InputBeyondLimitError
from boundaries.findings import locations, report
from boundaries.polygons import vector_files
from layers.errors import InputError

MARKS = ".gpx"
"""What a GPS receiver saves: its places are the layer ``waypoints``."""
WITH_SIDES = (".shp", ".zip", ".gdb", ".kml", ".kmz", ".gml", ".tab", ".mif", ".topojson", MARKS)
"""Formats that do not tell all by themselves: encodings, folders, layers, descriptions."""
DRAWN_SUFFIXES = (
    ".geojson",
    ".json",
    ".gpkg",
    ".parquet",
    ".geoparquet",
    ".fgb",
    *WITH_SIDES,
)


def is_drawn_input(path: Path) -> bool:
    """Whether there is such a file, or a folder that is one input (``.gdb``)."""
    return path.is_file() or (path.suffix.lower() in declared_sizes.FOLDERS and path.is_dir())


def read_drawn(
    path: Path,
    label: str,
    *,
    layer: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    file: str | None = None,
    columns: Iterable[str | None] = (),
) -> tuple[gpd.GeoDataFrame, list[report.Finding]]:
    """Every feature of the file in its order, column ``geometry`` in EPSG:4326.

    Parameters
    ----------
    label
        The file as messages name it, such as ``roads: jalan.gpkg``.
    layer
        Layer of a file with several; not for GeoParquet.
    crs
        The CRS declared for the file; it wins over what the file says.
    encoding
        Of the texts of a shapefile, where it is declared.
    file
        The file as findings name it; ``label`` where it is not given.
    columns
        Declared columns: a file without features may not say that it has them (``"features": []``),
        so they are there, empty.

    Findings
    --------
    Those of `boundaries.polygons.vector_files.read_vector_file`.

    Raises
    ------
    InputError
        The file or its layer cannot be read, holds no geometry, or nobody says its CRS.
    InputBeyondLimitError
        It is too large, see `boundaries.bounds`.
    """
    source = input_limits.InputFile(path, file or label, layer)
    return input_readers.read_within(source, _read_drawn, source, label, crs, encoding, (*columns,))


def _read_drawn(
    source: input_limits.InputFile,
    label: str,
    crs: str | None,
    encoding: str | None,
    columns: Iterable[str | None],
) -> tuple[gpd.GeoDataFrame, list[report.Finding]]:
    file, layer = source.label, source.layer
    try:
        # Coordinates that are no numbers are dealt with below; no word about them on the way.
        with np.errstate(invalid="ignore"):
            frame, findings = _read_format(source, layer, encoding)
        if not isinstance(frame, gpd.GeoDataFrame):
            raise InputError(f"{label} holds no geometry.")
        if crs is not None:
            frame = frame.set_crs(crs, allow_override=True)
    except InputBeyondLimitError:
        raise
    except BoundariesError as error:
        reason = str(error).removeprefix(f"{file}: ")
        raise InputError(f"{label} cannot be read: {reason}") from error
    except (ValueError, OSError, CRSError, DataSourceError, DataLayerError, FieldError) as error:
        reason = vector_files.first_line(error)
        raise InputError(f"{label} cannot be read: {reason}") from error
    shapes = np.asarray(frame.geometry.array, dtype=object)
    input_readers.check_shapes(source, shapes, len(frame.columns))
    if frame.crs is None:
        raise InputError(f"{label} does not say its CRS; {_propose_crs(frame)}")
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    frame = _drop_shapeless(frame.to_crs("EPSG:4326"))
    missing = {name for name in columns if name is not None} - {*frame.columns}
    if missing and frame.empty:
        frame = frame.assign(**dict.fromkeys(missing))
    return frame, findings


def _read_format(
    source: input_limits.InputFile, layer: str | None, encoding: str | None
) -> tuple[gpd.GeoDataFrame, list[report.Finding]]:
    path = source.path
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return gpd.read_parquet(path), []
    if path.suffix.lower() in WITH_SIDES:
        return _read_with_sides(path, source.label, layer, encoding)
    _check_layer(path, source.label, layer)
    return _read_file(path, layer), []


def _drop_shapeless(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Shapes with a coordinate that is no number, or lies nowhere on earth, are none."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    lost = np.unique(owner[~np.isfinite(coordinates).all(axis=1)])
    if not lost.size:
        return frame
    shapes = shapes.copy()
    shapes[lost] = None
    return frame.set_geometry(gpd.GeoSeries(shapes, frame.index, crs=frame.crs))


def _propose_crs(frame: gpd.GeoDataFrame) -> str:
    """What to declare for a file without CRS, by the size of its numbers."""
    west, south, east, north = frame.total_bounds
    if max(abs(edge) for edge in (west, south, east, north)) <= 180:
        return (
            "its numbers are degrees: save it as GeoPackage or GeoJSON, or, where the section "
            'takes it, declare crs = "EPSG:4326" in wilayah.toml.'
        )
    return (
        f"its numbers are metres ({(west + east) / 2:.0f}, {(south + north) / 2:.0f}): declare the "
        'CRS they are of, where the section takes it, such as crs = "EPSG:32751" for UTM zone 51 '
        "south, in wilayah.toml."
    )


def _check_layer(path: Path, label: str, layer: str | None) -> None:
    """Refuse a file of several layers of which none is declared, or one that is not there.

    Raises
    ------
    InputError
        With the layers that hold something drawn.
    """
    if not path.exists():
        return
    layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    if layer is None and len(layers) > 1:
        listed = ", ".join(f"'{name}'" for name in layers)
        raise InputError(
            f"{label} has {len(layers)} layers: {listed}. Declare which is meant, such as layer = "
            f'"{layers[0]}", in wilayah.toml; for several, one section each.'
        )
    if layer is not None and layer not in layers:
        listed = ", ".join(f"'{name}'" for name in layers)
        raise InputError(
            f"{label} has no layer '{layer}': {listed}.{locations.hint_word(layer, layers)}"
        )


def _read_with_sides(
    path: Path, file: str, layer: str | None, encoding: str | None
) -> tuple[gpd.GeoDataFrame, list[report.Finding]]:
    if not is_drawn_input(path):
        raise InputError(f"{file} cannot be read: no such file.")
    raw = vector_files.read_vector_file(path, file, layer, encoding)
    return gpd.GeoDataFrame(raw.table, geometry=list(raw.geometry), crs=raw.crs), raw.findings


def _read_file(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    """The features; lists of true and false (osmnx as GeoJSON) only come through Arrow."""
    try:
        return gpd.read_file(path, layer=layer)
    except ValueError as error:
        if "sequence" not in str(error):
            raise
        return gpd.read_file(path, layer=layer, use_arrow=True)
