"""From a declared file to one frame of desa polygons, whatever its format."""

import json
from collections import Counter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from boundaries import codes
from boundaries.bounds import declared_sizes, input_limits, input_readers
from boundaries.codes import lists
from boundaries.errors import InputMissingError, InputUndeclaredError, InputUnreadableError
from boundaries.findings import locations, report
from boundaries.polygons import (
    declaration,
    legal_status,
    local_terms,
    parquet_files,
    path_text,
    reference_system,
    sql_dump,
    tracks,
    vector_files,
)
from boundaries.texts.text_encoding import check_texts, decode_text

_PARQUET = (".parquet", ".geoparquet")
_TEXT_TABLES = (".csv", ".tsv")


def read_polygons(
    source: declaration.PolygonSource,
) -> tuple[gpd.GeoDataFrame, list[report.Finding]]:
    """The rows of a declared file as desa polygons, in lon, lat (EPSG:4326).

    Returns
    -------
    GeoDataFrame
        One row per row of the file (that ``where`` lets pass), in file order: ``source_row``
        (1-based feature number), ``kode`` (as written in the declared system; None where the cell
        is no code, or the overlap decides), ``nama``, ``nama_kecamatan``, ``nama_kabupaten``,
        ``nama_provinsi``, ``kode_kecamatan_declared``, ``legal_status``, ``sebutan``,
        ``sebutan_kecamatan``, ``geometry`` (as drawn: not repaired; None where there is none).
        ``attrs["crs"]`` is the CRS (WKT) as which the coordinates of the file were read.
    list of Finding
        What was observed; see also the readers and `place_on_earth`.

    Raises
    ------
    InputMissingError, InputUnreadableError, InputUndeclaredError
        One message each; it names the file and what to do.
    """
    file = input_limits.InputFile(source.path, source.label, source.layer)
    return input_readers.read_within(file, _read_polygons, source, file)


def _read_polygons(
    source: declaration.PolygonSource, file: input_limits.InputFile
) -> tuple[gpd.GeoDataFrame, list[report.Finding]]:
    whole = _read(source)
    input_readers.check_shapes(file, whole.geometry, len(whole.table.columns))
    raw = _select(tracks.polygons_only(whole, source.label), source)
    geometry, findings, crs = reference_system.place_on_earth(raw, source)
    rows = [int(row) for row in raw.rows]
    frame = read_names(raw.table, source)
    desa_codes = read_codes(raw.table, source, frame)
    parents, parent_column = read_parent_codes(raw.table, source)
    statuses, status_findings = legal_status.read_legal_status(raw.table, source, rows)
    terms, term_findings = local_terms.read_sebutan(raw.table, source, rows)
    findings = [*raw.findings, *findings, *status_findings, *term_findings]
    for column in (desa_codes, parent_column):
        if column is not None:
            findings += codes.column_findings(column, source.label, rows)
    findings += check_texts([frame[name].tolist() for name in frame], rows, source.label)
    frame["source_row"] = raw.rows
    frame["kode"] = pd.Series(
        desa_codes.written if desa_codes else [None] * len(rows), dtype=object
    )
    frame["kode_kecamatan_declared"] = pd.Series(parents, dtype=object)
    frame["legal_status"] = statuses
    frame[list(terms.columns)] = terms
    polygons = gpd.GeoDataFrame(frame, geometry=geometry, crs=4326)
    polygons.attrs["crs"] = crs.to_wkt()
    return polygons, findings


MOST_BYTES = 50_000_000
"""A GeoJSON that is larger takes seconds to be looked through."""
_QUICK = (".gpkg", ".geojson", ".fgb", ".shp", ".gdb")


def check_source(source: declaration.PolygonSource) -> None:
    """Refuse columns and conditions that a file does not have, without reading its polygons.

    Files that tell their columns only when read whole (drawings, text) or not at all are left to
    `read_polygons`.

    Raises
    ------
    InputUndeclaredError
        As `read_polygons`.
    """
    input_readers.read_within(
        input_limits.InputFile(source.path, source.label), _check_source, source
    )


def _check_source(source: declaration.PolygonSource) -> None:
    if (table := _read_header(source)) is None:
        return
    check_columns(table, source)
    if source.where and len(table):
        select_rows(table, source)


def _read_header(source: declaration.PolygonSource) -> pd.DataFrame | None:
    """The columns of a file, with the cells of those that conditions name; None where not cheap."""
    path, suffix = source.path, source.path.suffix.lower()
    try:
        if suffix in _PARQUET:
            names = pq.read_schema(path).names
            cells = pq.read_table(path, columns=[n for n in names if n in source.where]).to_pandas()
        elif suffix in _QUICK and (suffix != ".geojson" or path.stat().st_size <= MOST_BYTES):
            if source.layer is None and len(pyogrio.list_layers(path)) != 1:
                return None
            given = {"layer": source.layer, "encoding": source.encoding}
            names = list(pyogrio.read_info(path, **given)["fields"])
            columns = [name for name in names if name in source.where]
            if not columns:
                return pd.DataFrame(columns=names)
            cells = pyogrio.read_dataframe(path, columns=columns, read_geometry=False, **given)
        else:
            return None
    except (ValueError, OSError, RuntimeError, pa.ArrowException):
        return None  # the reader says what is wrong with the file
    return pd.DataFrame(cells).reindex(columns=names)


def _read(source: declaration.PolygonSource) -> declaration.RawLayer:
    path, label = source.path, source.label
    suffix = path.suffix.lower()
    is_folder = suffix in declared_sizes.FOLDERS and path.is_dir()
    if not path.is_file() and not is_folder:
        raise InputMissingError(f"{label}: the file does not exist (looked for {path.name}).")
    if not is_folder and path.stat().st_size == 0:
        raise InputUnreadableError(f"{label}: the file is empty (0 bytes).")
    if suffix in _PARQUET:
        raw = parquet_files.read_parquet_file(path, label)
    elif suffix in _TEXT_TABLES:
        raw = path_text.read_path_csv(path, label, source.encoding)
    elif suffix in lists.SPREADSHEETS:
        raw = path_text.read_path_book(path, label, source.layer, _declared_columns(source))
    elif suffix == ".sql":
        raw = sql_dump.read_sql_dump(path, label, source.encoding)
    elif suffix == ".json" and (document := _path_document(source)) is not None:
        raw = path_text.read_path_json(document, label)
    elif suffix in vector_files.FORMATS:
        raw = vector_files.read_vector_file(path, label, source.layer, source.encoding)
    else:
        known = {*vector_files.FORMATS, *_PARQUET, *_TEXT_TABLES, *lists.SPREADSHEETS, ".sql"}
        endings = ", ".join(sorted(known))
        raise InputUndeclaredError(f"{label}: no reader for '{suffix}'. Known: {endings}.")
    if len(raw.rows) == 0:
        raise InputUnreadableError(f"{label}: the layer is empty (no features).")
    return raw


def _path_document(source: declaration.PolygonSource) -> Any | None:
    """The document of a JSON export with path texts; None for GeoJSON, which GDAL reads."""
    text, _ = decode_text(source.path.read_bytes(), source.label, source.encoding)
    try:
        document = json.loads(text)
    except (ValueError, OSError, RecursionError) as error:
        raise InputUnreadableError(
            f"{source.label}: not JSON, or cut off ({str(error)[:100]})."
        ) from error
    is_geojson = isinstance(document, dict) and document.get("type") in (
        "FeatureCollection",
        "Feature",
        "Topology",
    )
    return None if is_geojson else document


def select_rows(table: pd.DataFrame, source: declaration.PolygonSource) -> np.ndarray:
    """Which rows meet all conditions of ``where``; whole numbers are compared without ``.0``.

    Raises
    ------
    InputUndeclaredError
        No row does; the message lists what occurs in the column of a condition.
    """
    passes = np.full(len(table), True)
    for column, text in source.where.items():
        words = table[column].map(_word)
        meets = (words == text).to_numpy()
        if not meets.any():
            counts = Counter(word for word in words if word)
            raise InputUndeclaredError(
                f"{source.label}: where: '{text}' never occurs in column '{column}', which has "
                f"{locations.list_words(counts)}.{locations.hint_word(text, counts)}"
            )
        passes &= meets
    if not passes.any():
        conditions = " and ".join(f"{name} = '{text}'" for name, text in source.where.items())
        raise InputUndeclaredError(f"{source.label}: no row has {conditions} together.")
    return passes


def _word(cell: object) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _select(raw: declaration.RawLayer, source: declaration.PolygonSource) -> declaration.RawLayer:
    """Only the rows that ``where`` lets pass; they keep their numbers."""
    table = raw.table.reset_index(drop=True)
    check_columns(table, source)
    if not source.where:
        return declaration.RawLayer(
            table, raw.rows, raw.geometry, raw.crs, raw.findings, raw.axis_order
        )
    passes = select_rows(table, source)
    passing_rows = set(raw.rows[passes].tolist())
    findings = [item for item in raw.findings if item.row is None or item.row in passing_rows]
    return declaration.RawLayer(
        table[passes].reset_index(drop=True),
        raw.rows[passes],
        raw.geometry[passes],
        raw.crs,
        findings,
        raw.axis_order,
    )


_BIG_NAMES = {
    "nama": ("NAMOBJ", "WADMKD"),
    "nama_kecamatan": ("WADMKC",),
    "nama_kabupaten": ("WADMKK",),
    "nama_provinsi": ("WADMPR",),
}


def check_columns(table: pd.DataFrame, source: declaration.PolygonSource) -> None:
    """Every declared column is there.

    Raises
    ------
    InputUndeclaredError
        One message with all missing columns and those that the file has.
    """
    missing = [name for name in _declared_columns(source) if name not in table.columns]
    if missing and not len(table.columns):
        raise InputUndeclaredError(
            f"{source.label}: the file has no features and so no columns; export it again from "
            "the layer that holds the polygons."
        )
    if missing:
        listed = ", ".join(str(name) for name in table.columns)
        lacking = "', '".join(missing)
        hint = locations.hint_word(missing[0], map(str, table.columns))
        raise InputUndeclaredError(
            f"{source.label}: there is no column '{lacking}'. The file has: {listed}.{hint}"
        )


_COLUMN_KEYS = (
    "code_column",
    "name_column",
    "kecamatan_code_column",
    "kecamatan_name_column",
    "kabupaten_name_column",
    "provinsi_name_column",
    "sebutan_column",
    "kecamatan_sebutan_column",
    "legal_status_column",
)


def _declared_columns(source: declaration.PolygonSource) -> list[str]:
    names = (getattr(source, key) for key in _COLUMN_KEYS)
    return [*(name for name in names if name is not None), *source.where]


def read_codes(
    table: pd.DataFrame, source: declaration.PolygonSource, names: pd.DataFrame
) -> codes.CodeColumn | None:
    """The desa codes under the declared system; None where they are assigned by overlap.

    Where a name stands beside the code in its cell, ``names`` gains it, or shows that it is wrong.

    A file of BIG's schema without ``code_column`` is read from the parts of the declared system,
    though it carries both.

    Raises
    ------
    InputUndeclaredError
        Nothing says where the codes are.
    """
    if source.code_column is not None:
        cells = table[source.code_column].tolist()
        column, of_rows = codes.read_named_column(cells, names["nama"].tolist(), source.code_system)
        names["nama"] = pd.Series(of_rows, index=names.index, dtype=object)
        return column
    parts = codes.big_code_columns(map(str, table.columns)).get(source.code_system)
    if parts is not None:
        return codes.join_code_parts([table[name].tolist() for name in parts], source.code_system)
    if source.codes_from is not None:
        return None
    listed = ", ".join(map(str, table.columns))
    raise InputUndeclaredError(
        f"{source.label}: declare code_column, or codes_from where the polygons have no codes. "
        f"The file has: {listed}."
    )


def read_names(table: pd.DataFrame, source: declaration.PolygonSource) -> pd.DataFrame:
    """Columns ``nama, nama_kecamatan, nama_kabupaten, nama_provinsi``; None where not given."""
    declared = {
        "nama": source.name_column,
        "nama_kecamatan": source.kecamatan_name_column,
        "nama_kabupaten": source.kabupaten_name_column,
        "nama_provinsi": source.provinsi_name_column,
    }
    is_big = bool(codes.big_code_columns(map(str, table.columns)))
    names = {}
    for target, column in declared.items():
        if column is None and is_big:
            column = next((name for name in _BIG_NAMES[target] if name in table.columns), None)
        names[target] = (
            declaration.clean_texts(table[column].tolist()) if column else [None] * len(table)
        )
    return pd.DataFrame(names, index=table.index, dtype=object)


def read_parent_codes(
    table: pd.DataFrame, source: declaration.PolygonSource
) -> tuple[list[str | None], codes.CodeColumn | None]:
    """Declared kecamatan codes as written, and the column they were read from."""
    if source.kecamatan_code_column is None:
        return [None] * len(table), None
    values = table[source.kecamatan_code_column].tolist()
    column = codes.read_code_column(values, source.code_system, level="kecamatan")
    return column.written, column
