"""Whole files for analysts and for QGIS: GeoParquet, GeoPackage, FlatGeobuf, CSV.

The same rows in the same order as the served features.  GDAL writes the time of day into a
GeoPackage unless it is given a date; it is given one.
"""

import csv
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from layers.publish import feature_order
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
    write_gpkg_metadata(folder / f"{features.id}.gpkg", features.id, features.fields, inputs)
    write_csv(features, folder / f"{features.id}.csv")
    about = f"{features.id}.csv{CSVW_SUFFIX}"
    write_csv_metadata(features, layer, inputs, folder / about)
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
    converted: dict[str, object] = {}
    for name, column in frame.items():
        if column.dtype == "Float64":
            converted[str(name)] = column.to_numpy(dtype=float, na_value=np.nan)
        elif isinstance(column.dtype, pd.StringDtype):
            converted[str(name)] = np.array(feature_order.plain_values(column), dtype=object)
        else:
            converted[str(name)] = column.array
    return gpd.GeoDataFrame(converted, geometry=frame.geometry.name, crs=frame.crs)


@contextmanager
def _fixed_date() -> Iterator[None]:
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN_AT})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


CSVW_SUFFIX = "-metadata.json"
"""What CSV on the Web adds to the name of a CSV file for the file that describes it."""
_EXTENSION = (
    "gpkg_metadata",
    "http://www.geopackage.org/spec131/#extension_metadata",
    "read-write",
)
_STANDARD = "https://www.w3.org/TR/json/"
WRITTEN_AT = "2000-01-01T00:00:00.000Z"
"""The time of day of every file: the same inputs give the same bytes."""
_TABLES = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
    scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_metadata (
    id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
    md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL,
    mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (
    reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
    timestamp DATETIME NOT NULL, md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
    CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
    CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
"""


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


def write_gpkg_metadata(
    path: Path,
    table: str,
    fields: Sequence[manifest_file.FieldEntry],
    inputs: Sequence[manifest_file.InputEntry],
) -> None:
    """Add the sources to a GeoPackage: of its table as a whole, and of each column.

    Columns with the same sources share a record; its JSON is `describe_field_sources`.
    """
    used = citation.find_inputs({input_id for entry in fields for input_id in entry.inputs}, inputs)
    whole = {"inputs": [citation.cite_input(entry) for entry in used]}
    records: dict[str, list[str]] = {}
    for entry in fields:
        sources = citation.describe_field_sources(entry, inputs)
        if sources:
            records.setdefault(_as_json(sources), []).append(entry.name)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("BEGIN")
        for statement in filter(str.strip, _TABLES.split(";")):
            database.execute(statement)
        for name in ("gpkg_metadata", "gpkg_metadata_reference"):
            database.execute(
                "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, ?)", (name, *_EXTENSION)
            )
        _add_record(database, 1, "dataset", _as_json(whole), [("table", table, None)])
        for number, (text, names) in enumerate(records.items(), start=2):
            references = [("column", table, name) for name in names]
            _add_record(database, number, "attribute", text, references)
        database.execute("COMMIT")


def _as_json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)


def _add_record(
    database: sqlite3.Connection,
    number: int,
    scope: str,
    text: str,
    references: Sequence[tuple[str, str, str | None]],
) -> None:
    database.execute(
        "INSERT INTO gpkg_metadata VALUES (?, ?, ?, 'application/json', ?)",
        (number, scope, _STANDARD, text),
    )
    database.executemany(
        "INSERT INTO gpkg_metadata_reference VALUES (?, ?, ?, NULL, ?, ?, NULL)",
        [(*reference, WRITTEN_AT, number) for reference in references],
    )
