"""Whole files for analysts and for QGIS: GeoParquet, GeoPackage, FlatGeobuf, CSV.

The same rows in the same order as the served features.  GDAL writes the time of day into a
GeoPackage unless told a date; it is told one.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from layers.publish import feature_order, source_metadata
from layers.release import citation, manifest

FORMATS = ("gpkg", "fgb", "csv")


def write_geoparquet(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write GeoParquet 1.1 with a covering bounding box, zstd."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.reset_index(drop=True).to_parquet(
        path,
        index=False,
        compression="zstd",
        schema_version="1.1.0",
        write_covering_bbox=True,
    )


def write_downloads(
    features: feature_order.LayerFeatures,
    layer: manifest.LayerEntry,
    inputs: Sequence[manifest.InputEntry],
    folder: Path,
) -> tuple[str, ...]:
    """Write ``<layer>.gpkg``, ``.fgb`` and ``.csv`` with its description; the file names written.

    The GeoPackage, and the description of the CSV, say of each column which inputs it is from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    frame = _for_gdal(features.frame)
    kind = "Point" if features.is_point_layer else "MultiPolygon"
    for extension, options in _gdal_formats(features.id, frame).items():
        with _fixed_date():
            pyogrio.write_dataframe(
                frame,
                folder / f"{features.id}.{extension}",
                layer=features.id,
                geometry_type=kind,
                **options,
            )
    source_metadata.write_gpkg_metadata(
        folder / f"{features.id}.gpkg", features.id, features.fields, inputs
    )
    write_csv(features, folder / f"{features.id}.csv")
    about = f"{features.id}.csv{source_metadata.CSVW_SUFFIX}"
    source_metadata.write_csv_metadata(features, layer, inputs, folder / about)
    return (*(f"{features.id}.{extension}" for extension in FORMATS), about)


def write_csv(features: feature_order.LayerFeatures, path: Path) -> None:
    """Write the properties without geometry: UTF-8, comma, empty where null.

    Text that a spreadsheet would run as a formula has an apostrophe before it; numbers are as
    they are, negative ones too.
    """
    names = ["fid", *(entry.name for entry in features.fields)]
    columns = [map(citation.inert, features.column(name)) for name in names]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(zip(*columns, strict=True))


def _gdal_formats(layer: str, frame: gpd.GeoDataFrame) -> dict[str, dict[str, Any]]:
    has_null = bool(shapely.is_missing(np.asarray(frame.geometry.values, dtype=object)).any())
    # A FlatGeobuf with a spatial index has no place for a feature without geometry.
    spatial_index = "NO" if has_null else "YES"
    return {
        "gpkg": {"driver": "GPKG", "layer_options": {"IDENTIFIER": layer}},
        "fgb": {"driver": "FlatGeobuf", "layer_options": {"SPATIAL_INDEX": spatial_index}},
    }


def _for_gdal(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Column types that GDAL keeps apart: 64-bit integers, floats, text, each with nulls."""
    converted = frame.copy()
    for name in converted.columns:
        if converted[name].dtype == "Float64":
            converted[name] = converted[name].to_numpy(dtype=float, na_value=np.nan)
        elif isinstance(converted[name].dtype, pd.StringDtype):
            converted[name] = converted[name].astype(object).where(converted[name].notna(), None)
    return converted


@contextmanager
def _fixed_date() -> Iterator[None]:
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": source_metadata.WRITTEN_AT})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
