"""Bytes of the formats an office uses, the same on every run: no clock reaches any of them.

Spreadsheet and archive members carry a fixed time; GeoPackage and DBF their fixed date.
"""

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely

from layers.release.workbook_writer import WorkbookSheet, workbook_bytes, zip_bytes

FIXED_TIME = datetime(2025, 9, 1, 8, tzinfo=UTC)
FIXED_ISO = "2025-09-01T08:00:00Z"

Cell = str | int | float | None
Row = Sequence[Cell]


def write_csv(rows: Iterable[Row], *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Delimited text with the line ends that spreadsheet programs write."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def write_xlsx(
    sheets: Mapping[str, Sequence[Row]], merged: Mapping[str, Sequence[str]] | None = None
) -> bytes:
    """A workbook; ``merged`` names the merged ranges of a sheet."""
    areas = merged or {}
    pages = [WorkbookSheet(name, rows, merged=areas.get(name, ())) for name, rows in sheets.items()]
    return workbook_bytes(pages, FIXED_TIME)


def write_zip(members: Mapping[str, bytes]) -> bytes:
    """An archive whose members all carry the same fixed time."""
    return zip_bytes(members, FIXED_TIME)


def write_geojson(
    features: Iterable[tuple[shapely.Geometry | None, Mapping[str, object]]], **members: object
) -> bytes:
    """A feature collection, one feature a line."""
    lines = [
        json.dumps(
            {"type": "Feature", "properties": dict(properties), "geometry": _as_json(geometry)},
            ensure_ascii=False,
        )
        for geometry, properties in features
    ]
    head = json.dumps({"type": "FeatureCollection", **members}, ensure_ascii=False)[:-1]
    return (head + ', "features": [\n' + ",\n".join(lines) + "\n]}\n").encode()


def _as_json(geometry: shapely.Geometry | None) -> object:
    return None if geometry is None else json.loads(shapely.to_geojson(geometry))


def write_gpkg(frame: gpd.GeoDataFrame, layer: str) -> bytes:
    """A GeoPackage of one layer."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_ISO})
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "layer.gpkg"
            pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG")
            return path.read_bytes()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_zipped_shp(frame: gpd.GeoDataFrame, name: str, *, encoding: str = "UTF-8") -> bytes:
    """A Shapefile with all its parts in one archive, as offices mail them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.shp"
        pyogrio.write_dataframe(
            frame,
            path,
            driver="ESRI Shapefile",
            encoding=encoding,
            layer_options={"DBF_DATE_LAST_UPDATE": FIXED_ISO[:10]},
        )
        parts = sorted(Path(folder).iterdir())
        return write_zip({part.name: part.read_bytes() for part in parts})
