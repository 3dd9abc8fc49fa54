"""FlatGeobuf without an index: a header and one small buffer a feature, so that it can be streamed.

GDAL writes the released files; for the rows of a question it would have to be loaded with pandas
and pyarrow (150 MB in each process), so these few tables are laid out here.

Source
------
FlatGeobuf 3.0 (header.fbs, feature.fbs); FlatBuffers internals: tables, vtables, vectors.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import TypeAlias

import numpy as np

from layers.release import manifest_file
from layers.release.feature_index import Scalar
from layers.release.features import Geometry

MAGIC = b"fgb\x03fgb\x01"
MEDIA_TYPE = "application/flatgeobuf"
POINT, POLYGON, MULTIPOLYGON = 1, 3, 6
LONG, DOUBLE, STRING = 7, 10, 11
_TYPES = {"integer": LONG, "number": DOUBLE}
_SIZES = {"B": 1, "H": 2, "i": 4, "Q": 8}

Part: TypeAlias = Callable[[bytearray], int]
"""Writes an object at the end of a buffer and says where it begins."""
Field: TypeAlias = tuple[str, int] | Part
"""A number with its format, or what is written elsewhere and pointed at."""


def encode_header(
    name: str,
    fields: Sequence[manifest_file.FieldEntry],
    epsg: int,
    *,
    is_point_layer: bool,
    count: int,
) -> bytes:
    """The beginning of a file of so many features."""
    columns = [
        _table({0: _text(field.name), 1: ("B", _TYPES.get(field.type, STRING))}) for field in fields
    ]
    header = _table(
        {
            0: _text(name),
            2: ("B", POINT if is_point_layer else MULTIPOLYGON),
            7: _tables(columns),
            8: ("Q", count),
            9: ("H", 0),
            10: _table({0: _text("EPSG"), 1: ("i", epsg)}),
        }
    )
    return MAGIC + _sized(header)


def encode_feature(
    geometry: Geometry | None,
    properties: Mapping[str, Scalar],
    fields: Sequence[manifest_file.FieldEntry],
) -> bytes:
    """One feature; its coordinates are x and y, whatever the order of the axes is."""
    content = b"".join(
        struct.pack("<H", number) + _cell(field, value)
        for number, field in enumerate(fields)
        if (value := properties[field.name]) is not None
    )
    parts: dict[int, Field] = {1: _vector(content, len(content), 1)}
    if geometry is not None:
        parts[0] = _geometry(geometry["type"], geometry["coordinates"])
    return _sized(_table(parts))


def _cell(field: manifest_file.FieldEntry, value: str | float) -> bytes:
    if field.type == "integer":
        return struct.pack("<q", int(value))
    if field.type == "number":
        return struct.pack("<d", value)
    text = str(value).encode()
    return struct.pack("<I", len(text)) + text


def _geometry(kind: str, coordinates: Sequence[object]) -> Part:
    if kind == "MultiPolygon":
        polygons = [_geometry("Polygon", part) for part in coordinates if isinstance(part, list)]
        return _table({6: ("B", MULTIPOLYGON), 7: _tables(polygons)})
    if kind == "Point":
        return _table({1: _points([coordinates]), 6: ("B", POINT)})
    rings = [ring for ring in coordinates if isinstance(ring, list)]
    ends = np.array(list(accumulate(map(len, rings))), "<u4")
    return _table(
        {
            0: _vector(ends.tobytes(), len(ends), 4),
            1: _points([point for ring in rings for point in ring]),
            6: ("B", POLYGON),
        }
    )


def _points(points: Sequence[object]) -> Part:
    numbers = np.array(points, "<f8")[:, :2].ravel()
    return _vector(numbers.tobytes(), len(numbers), 8)


def _sized(root: Part) -> bytes:
    """A buffer with its size before it, and where its root table is."""
    buffer = bytearray(4)
    struct.pack_into("<I", buffer, 0, root(buffer))
    buffer.extend(bytes(-len(buffer) % 8))
    return struct.pack("<I", len(buffer)) + bytes(buffer)


def _vector(content: bytes, count: int, size: int) -> Part:
    def write(buffer: bytearray) -> int:
        # The items lie at a multiple of their size, the count just before them.
        buffer.extend(bytes(-(len(buffer) + 4) % max(size, 4)))
        place = len(buffer)
        buffer.extend(struct.pack("<I", count) + content)
        return place

    return write


def _text(text: str) -> Part:
    content = text.encode()
    return _vector(content + b"\0", len(content), 1)


def _tables(parts: Sequence[Part]) -> Part:
    def write(buffer: bytearray) -> int:
        place = _vector(bytes(4 * len(parts)), len(parts), 4)(buffer)
        _point_at(buffer, [(place + 4 + 4 * number, part) for number, part in enumerate(parts)])
        return place

    return write


def _point_at(buffer: bytearray, parts: Sequence[tuple[int, Part]]) -> None:
    """Write parts, and at each place how far away its part is."""
    for place, part in parts:
        target = part(buffer)
        struct.pack_into("<I", buffer, place, target - place)


def _table(fields: Mapping[int, Field]) -> Part:
    """A table; the key of a field is its number in the schema."""
    sizes = {number: 4 if callable(field) else _SIZES[field[0]] for number, field in fields.items()}
    places, end = {}, 4
    for number in sorted(fields, key=lambda number: -sizes[number]):
        end += -end % sizes[number]
        places[number], end = end, end + sizes[number]
    slots = max(fields) + 1
    offsets = [places.get(number, 0) for number in range(slots)]
    index = struct.pack(f"<HH{slots}H", 4 + 2 * slots, end, *offsets)

    def write(buffer: bytearray) -> int:
        buffer.extend(bytes(-(len(buffer) + len(index)) % 8))
        buffer.extend(index)
        start = len(buffer)
        buffer.extend(struct.pack("<i", len(index)) + bytes(end - 4))
        parts = []
        for number, field in fields.items():
            if callable(field):
                parts.append((start + places[number], field))
            else:
                struct.pack_into(f"<{field[0]}", buffer, start + places[number], field[1])
        _point_at(buffer, parts)
        return start

    return write
