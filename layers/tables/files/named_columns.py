"""Cells of formats whose columns have names of their own: Parquet and attribute tables of maps."""

import datetime
import decimal
import re
import struct
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from boundaries.errors import BoundariesError
from boundaries.polygons.dbf_text import AS_BYTES, decode_table, read_head
from layers.errors import InputError
from layers.tables.files import answer_pages, grids

DBF = (".dbf", ".shp")
_GEOMETRY = ("geometry", "geom", "bbox", "wkb_geometry")
_LAST_FIELD = 0x0D


def read_named_columns(path: Path, label: str, reading: grids.SheetReading) -> grids.CellGrid:
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
        columns = [[*map(_plain, table.column(name).to_pylist())] for name in names]
    except (InputError, BoundariesError):
        raise
    except Exception as error:
        # Readers of damaged files raise whatever they stumble over (IndexError was seen).
        raise InputError(f"{label}: not a readable {path.suffix} file: {error}.") from error
    if not names or not columns[0]:
        # Without features a GeoJSON does not say which columns it has ("features": []).
        names += [name for name in reading.expected if name not in names]
        columns = [[] for _ in names]
    nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
    nested = [name for name in nested if name.lower() not in _GEOMETRY]
    notes = [f"no cells but arrays, left out: {', '.join(map(repr, nested))}"] if nested else []
    findings = answer_pages.missing_features(path, label, len(columns[0])) if columns else []
    return grids.CellGrid(
        [names, *zip(*columns, strict=True)], reading.sheet, (), tuple(notes), tuple(findings)
    )


def _plain(cell: object) -> object:
    """A decimal of Parquet is a number like any other."""
    return float(cell) if isinstance(cell, decimal.Decimal) else cell


def _read_dbf(path: Path, label: str, reading: grids.SheetReading) -> grids.CellGrid:
    """The attribute table of a shapefile, whose texts are in some encoding.

    It is read here and not by GDAL, for which a number that overflowed its field (``****``) is
    null, ``12,5`` is 12 and a table with one impossible date is no table.  What is not what its
    field holds is its text, so that it is refused where a number or a date is expected.
    """
    beside = {file.name.lower(): file for file in path.parent.iterdir()}
    content = beside[f"{path.stem.lower()}.dbf"].read_bytes()
    fields = _dbf_fields(content)
    start, width = struct.unpack_from("<HH", content, 8)
    count = struct.unpack_from("<I", content, 4)[0]
    body = content[start : start + count * width]
    whole = len(body) // max(width, 1)
    if whole < count:
        raise InputError(f"{label}: cut off: {whole} of {count} records are there.")
    records = [body[number * width : (number + 1) * width] for number in range(count)]
    live_records = [record for record in records if record[:1] != b"*"]
    columns = {
        field.name: [field.read(record[field.start : field.end]) for record in live_records]
        for field in fields
    }
    table, findings = decode_table(
        pd.DataFrame(columns, dtype=object), read_head(path), label, reading.encoding
    )
    cells = table.where(table.notna(), None).itertuples(index=False, name=None)
    notes = [finding.message.rstrip(".") for finding in findings]
    if len(live_records) < count:
        notes.append(f"{count - len(live_records)} records are marked as deleted and not read")
    return grids.CellGrid([list(table.columns), *cells], reading.sheet, (), tuple(notes))


_DBF_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_DBF_TRUTHS = {**dict.fromkeys("TtYy", True), **dict.fromkeys("FfNn", False)}
_DBF_BINARY = {b"I": "<i", b"+": "<i", b"B": "<d", b"O": "<d", b"Y": "<q"}


@dataclass(frozen=True, slots=True)
class _DbfField:
    """A field of a DBF table: its place in a record and its kind."""

    name: str
    kind: bytes
    start: int
    end: int

    def read(self, raw: bytes) -> object:
        """The cell: a number, date, truth value or text; a text where it is none of these."""
        if self.kind in _DBF_BINARY and len(raw) == struct.calcsize(_DBF_BINARY[self.kind]):
            number = struct.unpack(_DBF_BINARY[self.kind], raw)[0]
            return number / 10_000 if self.kind == b"Y" else number
        text = raw.decode(AS_BYTES).rstrip(" \0")
        if not text.strip():
            return None
        bare = text.strip(" \0")
        if self.kind in b"NF":
            return _dbf_number(bare)
        if self.kind == b"D":
            return _dbf_date(bare)
        if self.kind == b"L":
            return _DBF_TRUTHS.get(bare, bare)
        return text


def _dbf_number(text: str) -> object:
    if text.lstrip("-").isdigit() and text.isascii():
        return int(text)
    return float(text) if _DBF_NUMBER.fullmatch(text) else text


def _dbf_date(text: str) -> object:
    try:
        return datetime.datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return text


def _dbf_fields(content: bytes) -> list[_DbfField]:
    fields: list[_DbfField] = []
    position, start = 32, 1
    while position + 32 <= len(content) and content[position] != _LAST_FIELD:
        name = content[position : position + 11].partition(b"\0")[0].decode(AS_BYTES).strip()
        kind = content[position + 11 : position + 12].upper()
        length, decimals = content[position + 16], content[position + 17]
        # A text of more than 255 letters has the rest of its length where numbers have decimals.
        end = start + length + (256 * decimals if kind == b"C" else 0)
        if kind != b"0":
            fields.append(_DbfField(name, kind, start, end))
        position, start = position + 32, end
    return fields


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
