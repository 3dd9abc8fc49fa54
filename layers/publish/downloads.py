"""Whole files for analysts and for QGIS: GeoParquet, GeoPackage, FlatGeobuf, CSV.

The same rows in the same order as the served features.  What is written into a GeoPackage beside
its rows is in `layers.publish.geopackage`.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely

from layers.publish import feature_order, geopackage
from layers.publish.feature_order import LayerFeatures
from layers.release import citation, manifest_file

FORMATS = ("gpkg", "fgb", "csv")
_BOX = "bbox"
"""The column of bounding boxes that GeoPandas adds."""


def write_geoparquet(
    frame: gpd.GeoDataFrame,
    path: Path,
    fields: Sequence[manifest_file.FieldEntry] = (),
    about: Mapping[str, object] | None = None,
) -> None:
    """Write GeoParquet 1.1 with a covering bounding box, zstd.

    A feature without geometry has no box; GeoPandas gives it one of nulls, which is none of the
    standard.  A file without any geometry has no covering at all.

    Parameters
    ----------
    fields
        Columns of which title, unit and description are said in the schema.
    about
        What is said of the file, as JSON under the key ``dataset`` of its metadata.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = pa.BufferOutputStream()
    frame.reset_index(drop=True).to_parquet(
        buffer,
        index=False,
        schema_version="1.1.0",
        write_covering_bbox=bool(frame.geometry.notna().any()),
    )
    table = pq.read_table(buffer.getvalue())
    if _BOX in table.column_names:
        box = table.column(_BOX).combine_chunks()
        is_missing = table.column(frame.geometry.name).combine_chunks().is_null()
        parts = [box.field(number) for number in range(box.type.num_fields)]
        held = pa.StructArray.from_arrays(parts, fields=list(box.type), mask=is_missing)
        table = table.set_column(table.column_names.index(_BOX), _BOX, held)
    told = {} if about is None else {b"dataset": json.dumps(about, ensure_ascii=False).encode()}
    described = {entry.name: _column_metadata(entry) for entry in fields}
    schema = pa.schema(
        [
            field.with_metadata(described[field.name]) if field.name in described else field
            for field in table.schema
        ],
        {**table.schema.metadata, **told},
    )
    pq.write_table(table.cast(schema), path, compression="zstd")


def _column_metadata(entry: manifest_file.FieldEntry) -> dict[str, str]:
    words = {"title": entry.title.id, "title_en": entry.title.en, "unit": entry.unit}
    description = citation.describe_field(entry)
    return {name: word for name, word in {**words, "description": description}.items() if word}


def write_downloads(
    features: feature_order.LayerFeatures,
    layer: manifest_file.LayerEntry,
    inputs: Sequence[manifest_file.InputEntry],
    folder: Path,
    about: Mapping[str, object],
) -> tuple[str, ...]:
    """Write ``<layer>.gpkg``, ``.fgb`` and ``.csv``, two with a description; the names written.

    The GeoPackage, and the descriptions beside the others, say of each column which inputs it is
    from; ``about`` is what is said of a file as a whole.
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
    columns = [
        {
            "name": entry.name,
            "type": entry.type,
            **_column_metadata(entry),
            **citation.describe_field_sources(entry, inputs),
        }
        for entry in (citation.FID_COLUMN, *layer.fields)
    ]
    described = f"{features.id}.fgb.json"
    document = json.dumps({**about, "columns": columns}, ensure_ascii=False, indent=1)
    (folder / described).write_text(f"{document}\n", encoding="utf-8")
    return (*(f"{features.id}.{extension}" for extension in FORMATS), beside, described)


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
