"""Cells of formats whose columns have names of their own: Parquet and attribute tables of maps."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
from pyogrio.raw import read as read_raw

from boundaries.errors import BoundariesError
from boundaries.polygons.dbf_text import AS_BYTES, decode_table, read_head
from layers.errors import InputError
from layers.tables.files.grids import CellGrid, SheetReading

DBF = (".dbf", ".shp")


def read_named_columns(path: Path, label: str, reading: SheetReading) -> CellGrid:
    """The cells with the names as first row, so that the first record is row 2 as in a sheet.

    Geometry and other binary columns are left out.  A file without records has the columns that are
    expected of it, and no row.

    Raises
    ------
    InputError
        Not readable as the format its name claims.
    """
    try:
        if path.suffix.lower() in DBF:
            return _read_dbf(path, label, reading)
        table = pq.read_table(path) if path.suffix.lower() == ".parquet" else _read_vector(path)
        names = [name for name in table.column_names if not _is_binary(table.schema.field(name))]
        columns = [table.column(name).to_pylist() for name in names]
    except BoundariesError as error:
        raise InputError(str(error)) from error
    except Exception as error:
        # Readers of damaged files raise whatever they stumble over (IndexError was seen).
        raise InputError(f"{label}: not a readable {path.suffix} file: {error}.") from error
    if not names or not columns[0]:
        # Without features a GeoJSON does not say which columns it has ("features": []).
        names += [name for name in reading.expected if name not in names]
        columns = [[] for _ in names]
    return CellGrid([names, *zip(*columns, strict=True)], reading.sheet)


def _read_dbf(path: Path, label: str, reading: SheetReading) -> CellGrid:
    """The attribute table of a shapefile, whose texts are in some encoding."""
    meta, _, _, fields = read_raw(path, read_geometry=False, encoding=AS_BYTES)
    names = [str(name) for name in meta["fields"]]
    table, findings = decode_table(
        pd.DataFrame(dict(zip(names, fields, strict=True)), dtype=object),
        read_head(path),
        label,
        reading.encoding,
    )
    cells = table.where(table.notna(), None).itertuples(index=False, name=None)
    notes = tuple(finding.message.rstrip(".") for finding in findings)
    return CellGrid([list(table.columns), *cells], reading.sheet, (), notes)


def _read_vector(path: Path) -> pa.Table:
    _, table = pyogrio.read_arrow(path, read_geometry=False)
    return table


def _is_binary(field: pa.Field) -> bool:
    kind = field.type
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_nested(kind)
        or pa.types.is_fixed_size_binary(kind)
    )
