"""Cells of formats whose columns have names of their own: Parquet and attribute tables of maps."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from layers.errors import InputError
from layers.tables.files.grids import Grid, Reading


def read_named_columns(path: Path, label: str, reading: Reading) -> Grid:
    """The cells with the names as first row, so that the first record is row 2 as in a sheet.

    Geometry and other binary columns are left out.

    Raises
    ------
    InputError
        Not readable as the format its name claims.
    """
    try:
        table = pq.read_table(path) if path.suffix.lower() == ".parquet" else _read_vector(path)
        names = [name for name in table.column_names if not _is_binary(table.schema.field(name))]
        columns = [table.column(name).to_pylist() for name in names]
    except Exception as error:
        # Readers of damaged files raise whatever they stumble over (IndexError was seen).
        raise InputError(f"{label}: not a readable {path.suffix} file: {error}.") from error
    return Grid([names, *zip(*columns, strict=True)], reading.sheet)


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
