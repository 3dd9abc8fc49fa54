"""GeoParquet, and plain Parquet with WKB in a column (as older exports and databases write it)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from boundaries.errors import InputUndeclaredError, InputUnreadableError
from boundaries.findings import report
from boundaries.polygons import declaration, geometry_text, path_text

FORMAT_ASSUMED = report.declared_kind("boundary.format_assumed")

_USUAL_NAMES = ("geometry", "geom", "wkb_geometry", "the_geom", "wkb", "geometri")


def read_parquet_file(path: Path, label: str) -> declaration.RawLayer:
    """Every row of a Parquet file, its primary geometry decoded.

    A file without GeoParquet metadata is read when one column holds WKB, or ``path`` texts as
    OpenSID writes them; such a file says no CRS.

    Raises
    ------
    InputUnreadableError
        No Parquet file, cut off, or its geometry is not WKB.
    InputUndeclaredError
        There is no geometry column.
    """
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputUnreadableError(
            f"{label}: cannot be read as Parquet; it is damaged or cut off. Is the file complete?"
        ) from error
    column, crs, declared = _geometry_column(table, label)
    attributes = table.drop_columns([column]).to_pandas(ignore_metadata=True)
    rows = np.arange(1, table.num_rows + 1, dtype=np.int64)
    if column == "path":
        return path_text.read_path_column(attributes, table.column(column).to_pylist(), rows, label)
    if pa.types.is_string(table.schema.field(column).type) or pa.types.is_large_string(
        table.schema.field(column).type
    ):
        whole = attributes.assign(**{column: table.column(column).to_pylist()})
        return geometry_text.read_geometry_column(whole, column, rows, label)
    geometry = _decode(table.column(column), label)
    findings = [] if declared else [_no_metadata(label, column)]
    return declaration.RawLayer(attributes, rows, geometry, crs, findings)


def _geometry_column(table: pa.Table, label: str) -> tuple[str, str | None, bool]:
    metadata = (table.schema.metadata or {}).get(b"geo")
    names = table.column_names
    if metadata is not None:
        try:
            document: dict[str, Any] = json.loads(metadata)
            column = str(document["primary_column"])
            entry = document["columns"][column]
            crs = _crs_text(entry.get("crs", "OGC:CRS84"))
        except (ValueError, KeyError, TypeError, CRSError) as error:
            raise InputUnreadableError(f"{label}: its GeoParquet metadata is damaged.") from error
        if column in names:
            return column, crs, True
    binary = [
        field.name
        for field in table.schema
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type)
    ]
    for name in (*(n for n in names if n.lower() in _USUAL_NAMES and n in binary), *binary):
        return name, None, False
    if "path" in names:
        return "path", None, False
    written = geometry_text.find_geometry_column(
        table.slice(0, 200).to_pandas(ignore_metadata=True)
    )
    if written is not None:
        return written, None, False
    raise InputUndeclaredError(f"{label}: no geometry column. The file has: {', '.join(names)}.")


def _crs_text(value: object) -> str | None:
    return None if value is None else str(pyproj.CRS.from_user_input(value).to_wkt())


def _decode(column: pa.ChunkedArray, label: str) -> NDArray[np.object_]:
    values = np.asarray(column.to_pylist(), dtype=object)
    try:
        return np.atleast_1d(shapely.from_wkb(values, on_invalid="fix"))
    except (shapely.errors.GEOSException, TypeError, ValueError) as error:
        raise InputUnreadableError(f"{label}: the geometry column is not WKB.") from error


def _no_metadata(label: str, column: str) -> report.Finding:
    message = f"No GeoParquet metadata; column '{column}' was read as WKB."
    return FORMAT_ASSUMED.finding(message, file=label)
