"""``features.index`` (format GFIX): where each line of ``features.geojsonl`` lies, and its columns.

Bounds and every property are columns of numbers, so that a filter is array arithmetic.
The layout is in ``layers/release/README.md``; the lines themselves are written here too.
"""

import json
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from layers.release import array_kinds, byte_source, errors

MAGIC = b"GFIX\x01\0\0\0"
NULL_CODE = np.uint32(0xFFFFFFFF)
Scalar: TypeAlias = str | int | float | None
Column: TypeAlias = NDArray[np.uint32] | array_kinds.Floats
Stored: TypeAlias = (
    NDArray[np.uint32] | NDArray[np.uint64] | array_kinds.Integers | array_kinds.Floats
)
_KINDS = {"offset": "<u8", "bbox": "<f8", "fid": "<i8"}
_KIND_OF_TYPE = {"string": "<u4", "integer": "<f8", "number": "<f8"}


KEPT_BYTES = 1 << 16
"""An array up to this size is kept once it was read; a larger one is read when it is asked for."""
FEW = 8
"""Of a larger one a span is read where that is at most one part in so many."""


@dataclass(frozen=True, slots=True)
class RowSpan:
    """Some rows, and where the stretch begins and how long it is that holds them all.

    Reckoned once for all the columns that are asked for these rows.
    """

    rows: array_kinds.Rows
    first: int
    count: int
    offsets: array_kinds.Rows

    @classmethod
    def of(cls, rows: array_kinds.Rows) -> "RowSpan":
        """The span of these rows, in any order."""
        if not len(rows):
            return cls(rows, 0, 0, rows)
        first, last = int(rows.min()), int(rows.max())
        return cls(rows, first, last - first + 1, rows - first)


class Cells:
    """The numbers of one column: in memory, or read from the index when they are asked for.

    A page of one desa asks for one cell of each column and a filter for one column whole, so at the
    size of a country neither needs all of the index in memory.
    """

    def __init__(self, read: Callable[[int, int], bytes], dtype: str, count: int) -> None:
        self._read, self._dtype, self._count = read, np.dtype(dtype), count
        self._kept: Column | None = None

    @classmethod
    def of(cls, numbers: Column) -> "Cells":
        """Cells that are in memory."""
        cells = cls(lambda offset, length: b"", numbers.dtype.str, len(numbers))
        cells._kept = numbers
        return cells

    def __len__(self) -> int:
        """Number of cells."""
        return self._count

    @property
    def _is_small(self) -> bool:
        """Whether all are in memory, or will be once one was asked for."""
        return self._kept is not None or self._dtype.itemsize * self._count <= KEPT_BYTES

    def _span(self, first: int, count: int) -> Column:
        size = self._dtype.itemsize
        numbers: Column = np.frombuffer(self._read(first * size, count * size), self._dtype)
        return numbers

    def whole(self) -> Column:
        """All cells."""
        if self._kept is not None:
            return self._kept
        numbers = self._span(0, self._count)
        if self._is_small:
            self._kept = numbers
        return numbers

    def some(self, span: RowSpan) -> Column:
        """The cells of some rows, in their order; of neighbours no others are read."""
        if self._is_small or span.first < 0 or span.count * FEW > self._count:
            return self.whole()[span.rows]
        return self._span(span.first, span.count)[span.offsets]

    def cell(self, row: int) -> float | int:
        """One cell."""
        cell = self.whole()[row] if self._is_small else self._span(range(self._count)[row], 1)[0]
        number: float | int = cell.item()
        return number


@dataclass(frozen=True, slots=True)
class PropertyColumn:
    """One property of all features.

    ``type`` is ``string``, ``integer`` or ``number``.  For strings ``data`` holds positions in the
    sorted ``values`` (`NULL_CODE` for null), else the numbers themselves (NaN for null).
    """

    type: str
    cells: Cells
    values: list[str]

    @property
    def data(self) -> Column:
        """The number of each feature, in the order of their lines."""
        return self.cells.whole()

    @classmethod
    def of_texts(cls, texts: Sequence[str | None]) -> "PropertyColumn":
        """A column of strings."""
        distinct = sorted({text for text in texts if text is not None})
        code_of = {text: code for code, text in enumerate(distinct)}
        codes = [int(NULL_CODE) if text is None else code_of[text] for text in texts]
        return cls("string", Cells.of(np.array(codes, dtype="<u4")), distinct)

    @classmethod
    def of_numbers(cls, kind: str, numbers: array_kinds.Floats) -> "PropertyColumn":
        """A column of type ``integer`` or ``number``; NaN for null."""
        return cls(kind, Cells.of(numbers.astype("<f8")), [])

    def is_null(self) -> array_kinds.Mask:
        """Which features have no value."""
        mask: array_kinds.Mask = (
            self.data == NULL_CODE if self.type == "string" else np.isnan(self.data)
        )
        return mask

    def texts(self) -> list[str | None]:
        """The values of all features, for a column of strings; None for null."""
        values = self.values
        return [None if code == NULL_CODE else values[code] for code in self.data.tolist()]

    def texts_of(self, span: RowSpan) -> list[str | None]:
        """The values of some features, for a column of strings; None for null."""
        values = self.values
        codes = self.cells.some(span).tolist()
        return [None if code == NULL_CODE else values[code] for code in codes]

    def equal_to(self, text: str) -> array_kinds.Mask:
        """Which features have the value that ``text`` writes; null equals nothing.

        Raises
        ------
        MalformedValueError
            The property is a number and ``text`` is not.
        """
        if self.type == "string":
            sought: float | np.uint32 = self.code_of(text)
        else:
            try:
                sought = float(text)
            except ValueError:
                raise errors.MalformedValueError(f"expected a number, got {text!r}.") from None
        mask: array_kinds.Mask = self.data == sought
        return mask

    def code_of(self, text: str) -> np.uint32:
        """The code of a string; one that no feature has where it does not occur."""
        position = bisect_left(self.values, text)
        is_there = position < len(self.values) and self.values[position] == text
        return np.uint32(position) if is_there else NULL_CODE - np.uint32(1)

    def value(self, row: int) -> str | float | int | None:
        """The value of one feature; None for null."""
        if self.type == "string":
            code = int(self.cells.cell(row))
            return None if code == NULL_CODE else self.values[code]
        number = float(self.cells.cell(row))
        if np.isnan(number):
            return None
        return int(number) if self.type == "integer" else number


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """What the index says of all features, in the order of their lines.

    Parameters
    ----------
    fid
        Shape (n,).
    offset
        Where each line begins, and where the last one ends, shape (n + 1,).
    bbox
        West, south, east, north in degrees, shape (n, 4); NaN without a geometry.
    columns
        By name of the property.
    """

    fid: array_kinds.Integers
    offset: NDArray[np.uint64]
    bbox: array_kinds.Floats
    columns: Mapping[str, PropertyColumn]


def encode_feature(fid: int, geometry: str | None, properties: Mapping[str, Scalar]) -> bytes:
    """One line of ``features.geojsonl``, line end included; ``geometry`` is GeoJSON."""
    feature = {
        "type": "Feature",
        "id": fid,
        "geometry": None if geometry is None else orjson.Fragment(geometry),
        "properties": properties,
    }
    return orjson.dumps(feature, option=orjson.OPT_APPEND_NEWLINE)


def encode_index(table: FeatureTable) -> bytes:
    """The index: magic, header length, JSON header, then 8-aligned little-endian arrays."""
    arrays: dict[str, Stored] = {
        "offset": table.offset.astype("<u8"),
        "bbox": table.bbox.astype("<f8").reshape(-1, 4),
        "fid": table.fid.astype("<i8"),
    }
    columns: dict[str, dict[str, str | list[str]]] = {}
    for name, column in table.columns.items():
        arrays[f"p:{name}"] = column.data
        columns[name] = {"type": column.type}
        if column.type == "string":
            columns[name]["values"] = column.values
    places, parts, offset = {}, [], 0
    for name, array in arrays.items():
        content = array.tobytes()
        places[name] = {"dtype": array.dtype.str, "shape": list(array.shape), "offset": offset}
        parts.append(content + b"\0" * (-len(content) % 8))
        offset += len(parts[-1])
    document = {"count": len(table.fid), "arrays": places, "columns": columns}
    header = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    start = MAGIC + len(header).to_bytes(8, "little") + header
    return start + b"\0" * (-len(start) % 8) + b"".join(parts)


def read_index(source: byte_source.ByteSource, name: str) -> FeatureTable:
    """The index; the cells of its properties are read when they are asked for.

    Raises
    ------
    ReleaseUnusableError
        The index is damaged.
    """
    with errors.explained(f"{name}: the index"):
        return _parse(source)


def _open_cells(source: byte_source.ByteSource, start: int, dtype: str, count: int) -> Cells:
    """The cells of one array; ValueError where it does not lie in the file."""
    size = np.dtype(dtype).itemsize * count
    if count < 0 or start < 0 or start + size > source.size:
        raise ValueError(f"{size} bytes at {start} are not in its {source.size}")
    return Cells(lambda offset, length: source.read(start + offset, length), dtype, count)


def _parse(source: byte_source.ByteSource) -> FeatureTable:
    if source.read(0, 8) != MAGIC:
        raise ValueError("not a GFIX index of version 1")
    length = int.from_bytes(source.read(8, 8), "little")
    header = json.loads(source.read(16, length))
    start = -(-(16 + length) // 8) * 8
    cells: dict[str, Cells] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for name, place in header["arrays"].items():
        expected = _KINDS.get(name) or _KIND_OF_TYPE[header["columns"][name[2:]]["type"]]
        if place["dtype"] != expected:
            raise ValueError(f"{name}: {place['dtype']!r}, expected {expected}")
        shapes[name] = tuple(map(int, place["shape"]))
        cells[name] = _open_cells(source, start + place["offset"], expected, prod(shapes[name]))
    columns = {
        name: PropertyColumn(column["type"], cells[f"p:{name}"], column.get("values", []))
        for name, column in header["columns"].items()
    }
    table = FeatureTable(
        cells["fid"].whole().astype(np.int64).reshape(shapes["fid"]),
        cells["offset"].whole().astype(np.uint64).reshape(shapes["offset"]),
        cells["bbox"].whole().astype(np.float64).reshape(shapes["bbox"]),
        columns,
    )
    sizes = {len(table.bbox), header["count"], *(len(column.cells) for column in columns.values())}
    if sizes - {len(table.fid)}:
        raise ValueError("its columns are not of one length")
    if (table.offset[1:] < table.offset[:-1]).any():
        raise ValueError("its lines overlap")
    for name, column in columns.items():
        # The code of null is the last that there is, so that one more of it is zero.
        if set(map(type, column.values)) - {str}:
            raise TypeError(f"{name}: its values are no texts")
        if column.type == "string" and (column.data + np.uint32(1) > len(column.values)).any():
            raise ValueError(f"{name}: codes beyond its values")
    return table
