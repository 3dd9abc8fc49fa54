"""Whole files for analysts and for QGIS: GeoParquet, GeoPackage, FlatGeobuf, CSV.

The same rows in the same order as the served features.  What is written into a GeoPackage beside
its rows is in `layers.publish.geopackage`.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from layers.publish import feature_order, geopackage
from layers.publish.feature_order import LayerFeatures
from layers.release import citation, manifest_file

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
    layer: manifest_file.LayerEntry,
    inputs: Sequence[manifest_file.InputEntry],
    folder: Path,
    about: Mapping[str, object],
) -> tuple[str, ...]:
    """Write ``<layer>.gpkg``, ``.fgb`` and ``.csv`` with its description; the file names written.

    The GeoPackage, and the description of the CSV, say of each column which inputs it is from;
    ``about`` is what the GeoPackage says of itself beside.
    """
    folder.mkdir(parents=True, exist_ok=True)
    frame = _for_gdal(features.frame)
    kind = "Point" if features.is_point_layer else "MultiPolygon"
    for extension, options in _gdal_formats(features.id, frame).items():
        with geopackage.fixed_date():
            pyogrio.write_dataframe(
                frame,
                folder / f"{features.id}.{extension}",
                layer=features.id,
                geometry_type=kind,
                **options,
            )
    geopackage.explain_geopackage(folder / f"{features.id}.gpkg", layer, inputs, about)
    write_csv(features, folder / f"{features.id}.csv")
    beside = f"{features.id}.csv{CSVW_SUFFIX}"
    write_csv_metadata(features, layer, inputs, folder / beside)
    return (*(f"{features.id}.{extension}" for extension in FORMATS), beside)


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
        "gpkg": {
            "driver": "GPKG",
            "dataset_options": {"VERSION": geopackage.VERSION},
            "layer_options": {"IDENTIFIER": layer},
        },
        "fgb": {"driver": "FlatGeobuf", "layer_options": {"SPATIAL_INDEX": spatial_index}},
    }


def _for_gdal(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Column types that GDAL keeps apart: 64-bit integers, floats, text, each with nulls."""
    converted: dict[str, object] = {}
    for name, column in frame.items():
        if column.dtype == "Float64":
            converted[str(name)] = column.to_numpy(dtype=float, na_value=np.nan)
        elif isinstance(column.dtype, pd.StringDtype):
            converted[str(name)] = np.array(feature_order.plain_values(column), dtype=object)
        else:
            converted[str(name)] = column.array
    return gpd.GeoDataFrame(converted, geometry=frame.geometry.name, crs=frame.crs)


CSVW_SUFFIX = "-metadata.json"
"""What CSV on the Web adds to the name of a CSV file for the file that describes it."""


def write_csv_metadata(
    features: LayerFeatures,
    layer: manifest_file.LayerEntry,
    inputs: Sequence[manifest_file.InputEntry],
    path: Path,
) -> None:
    """Describe ``<layer>.csv`` in ``path``: each column with its title, type and sources."""
    columns = [citation.FID_COLUMN, *features.fields]
    description = citation.describe_table(f"{layer.id}.csv", layer.title.id, columns, inputs)
    citation.write_table_description(path, description)
