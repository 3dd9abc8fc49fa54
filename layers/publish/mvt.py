"""Mapbox Vector Tile encoding, whole zooms at a time.

Geometry is encoded for all pieces of a zoom at once (polygons: `layers.publish.tiling`); a tile is
then put together from slices of those bytes.  Written here because an encoder for one feature at a
time takes most of the time of a build, and because the same geometry bytes serve several layers.

Source: Mapbox Vector Tile Specification 2.1 (2016), sections 4.1 (layers), 4.3 (geometry) and
4.4 (attributes); Protocol Buffers encoding of varints.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.publish.tiling.arcs import Grid, compiled
from layers.publish.tiling.rings import Rings

EXTENT = 4096
POINT, POLYGON = 1, 3
_MOVE_TO, _CLOSE_PATH = 9, 15

Array = NDArray[Any]
Scalar = str | int | float | None


@dataclass(frozen=True, slots=True)
class PackedGeometry:
    """Encoded geometries in one buffer: piece ``i`` is ``buffer[start[i]:stop[i]]``."""

    kind: int
    buffer: bytes
    start: Array
    stop: Array

    def reorder(self, order: Array) -> "PackedGeometry":
        """The same pieces in another order; the buffer stays as it is."""
        return PackedGeometry(self.kind, self.buffer, self.start[order], self.stop[order])


@dataclass(frozen=True, slots=True)
class TileProperty:
    """A property of all features, each distinct value encoded once.

    Parameters
    ----------
    name
        The key.
    codes
        Which of ``values`` each feature has, shape (n,); -1 where it has none.
    values
        The distinct values.
    """

    name: str
    codes: Grid
    values: Sequence[Scalar]


class FeatureMessages:
    """The ids and properties of all features of a layer, to be put into its tiles.

    Parameters
    ----------
    layer_id
        Name of the one vector layer.
    fids
        Id of each feature, shape (n,).
    columns
        The properties, in the order in which a tile names them.
    """

    def __init__(self, layer_id: str, fids: Sequence[int], columns: Sequence[TileProperty]) -> None:
        self._ids = _join([b"\x08" + varint(fid) for fid in fids])
        first, messages, codes = 0, [], []
        for column in columns:
            messages += [message(4, encode_value(value)) for value in column.values]
            codes.append(np.where(column.codes < 0, -1, column.codes + first))
            first = len(messages)
        self._values = _join(messages)
        self._codes = np.array(codes, np.int64).reshape(len(columns), len(fids))
        keys = b"".join(message(3, column.name.encode()) for column in columns)
        self._head = _bytes(b"\x78\x02" + message(1, layer_id.encode()))
        self._keys, self._tail = _bytes(keys), _bytes(b"\x28" + varint(EXTENT))

    def tiles(self, rows: Grid, first: Grid, geometry: PackedGeometry) -> list[bytes]:
        """The tiles of a zoom: one vector layer each, with features, keys, values and extent.

        Parameters
        ----------
        rows
            Feature of each piece, shape (m,), those of one tile together.
        first
            First piece of each tile and the end of the last, shape (t + 1,).
        geometry
            The encoded geometry of each piece.
        """
        content, ends = _put_tiles(
            rows,
            first,
            _bytes(geometry.buffer),
            geometry.start,
            geometry.stop,
            geometry.kind,
            *self._ids,
            self._codes,
            *self._values,
            self._head,
            self._keys,
            self._tail,
        )
        return [content[ends[n] : ends[n + 1]].tobytes() for n in range(len(first) - 1)]


Bytes = NDArray[np.uint8]


def _bytes(content: bytes) -> Bytes:
    return np.frombuffer(content, np.uint8)


def _join(pieces: Sequence[bytes]) -> tuple[Bytes, Grid]:
    """Pieces one after another, and where each begins and the last ends."""
    ends = np.cumsum([0, *(len(piece) for piece in pieces)], dtype=np.int64)
    return _bytes(b"".join(pieces)), ends


@compiled
def _size(number: int) -> int:
    """Bytes of a number in base 128."""
    size = 1
    while number >= 128:
        number >>= 7
        size += 1
    return size


@compiled
def _copy(out: Bytes, place: int, source: Bytes, first: int, last: int) -> int:
    """Put some bytes into others; the place after them."""
    for number in range(first, last):
        out[place] = source[number]
        place += 1
    return place


@compiled
def _put_length(out: Bytes, place: int, tag: int, length: int) -> int:
    """The beginning of a length-delimited field; the place after it."""
    out[place] = tag
    return _put(out, place + 1, length)


@compiled
def _put_tiles(
    rows: Grid,
    first: Grid,
    geometry: Bytes,
    start: Grid,
    stop: Grid,
    kind: int,
    ids: Bytes,
    id_start: Grid,
    codes: Grid,
    values: Bytes,
    value_start: Grid,
    head: Bytes,
    keys: Bytes,
    tail: Bytes,
) -> tuple[Bytes, Grid]:
    """All tiles of a zoom one after another, and where each begins and the last ends."""
    out, place = np.empty(1 << 16, np.uint8), 0
    ends = np.zeros(len(first), np.int64)
    # The tile that used a value last, and the value's place in the table of that tile.
    seen, index = np.full(len(value_start), -1, np.int64), np.zeros(len(value_start), np.int64)
    table = np.empty(len(value_start), np.int64)
    tag_size = np.zeros(len(rows), np.int64)
    for tile in range(len(first) - 1):
        used, size = 0, len(head) + len(keys) + len(tail)
        for key in range(len(codes)):
            for piece in range(first[tile], first[tile + 1]):
                code = codes[key, rows[piece]]
                if code < 0:
                    continue
                if seen[code] != tile:
                    seen[code], index[code], table[used] = tile, used, code
                    used += 1
                    size += value_start[code + 1] - value_start[code]
                tag_size[piece] += _size(key) + _size(index[code])
        for piece in range(first[tile], first[tile + 1]):
            length = _feature_size(piece, rows[piece], tag_size, id_start, start, stop)
            size += 1 + _size(length) + length
        if place + size + 16 > len(out):
            more = np.empty(2 * (place + size + 16), np.uint8)
            _copy(more, 0, out, 0, place)
            out = more
        place = _copy(out, _put_length(out, place, 0x1A, size), head, 0, len(head))
        for piece in range(first[tile], first[tile + 1]):
            row = rows[piece]
            length = _feature_size(piece, row, tag_size, id_start, start, stop)
            place = _put_length(out, place, 0x12, length)
            place = _copy(out, place, ids, id_start[row], id_start[row + 1])
            place = _put_length(out, place, 0x12, tag_size[piece])
            for key in range(len(codes)):
                if codes[key, row] >= 0:
                    place = _put(out, _put(out, place, key), index[codes[key, row]])
            out[place], out[place + 1] = 0x18, kind
            place = _put_length(out, place + 2, 0x22, stop[piece] - start[piece])
            place = _copy(out, place, geometry, start[piece], stop[piece])
        place = _copy(out, place, keys, 0, len(keys))
        for number in range(used):
            code = table[number]
            place = _copy(out, place, values, value_start[code], value_start[code + 1])
        place = _copy(out, place, tail, 0, len(tail))
        ends[tile + 1] = place
    return out[:place], ends


@compiled
def _feature_size(
    piece: int, row: int, tag_size: Grid, id_start: Grid, start: Grid, stop: Grid
) -> int:
    """Bytes of a feature's message: its id, tags, type and geometry."""
    content = stop[piece] - start[piece]
    tags = 1 + _size(tag_size[piece]) + tag_size[piece]
    return int(id_start[row + 1] - id_start[row] + tags + 2 + 1 + _size(content) + content)


def pack_points(xy: Array) -> PackedGeometry:
    """One point a piece; ``xy`` shape (n, 2), whole units."""
    stream = np.column_stack([np.full(len(xy), _MOVE_TO), _zigzag(xy)]).astype(np.uint64)
    return _pack(POINT, stream.ravel(), np.full(len(xy), 3))


def pack_polygons(rings: Rings, corner_x: Grid, corner_y: Grid) -> PackedGeometry:
    """Polygons, each in pixels from the corner of its tile.

    Parameters
    ----------
    corner_x, corner_y
        North-west corner of the tile of each polygon, shape (n,).
    """
    content, ends = _commands(rings.x, rings.y, rings.start, rings.owner, corner_x, corner_y)
    return PackedGeometry(POLYGON, content.tobytes(), ends[:-1], ends[1:])


@compiled
def _put(out: NDArray[np.uint8], place: int, number: int) -> int:
    """A number in base 128, least group first; the place after it."""
    while number >= 128:
        out[place] = (number & 127) | 128
        number >>= 7
        place += 1
    out[place] = number
    return place + 1


@compiled
def _commands(
    x: Grid, y: Grid, start: Grid, owner: Grid, corner_x: Grid, corner_y: Grid
) -> tuple[NDArray[np.uint8], Grid]:
    """The commands of all polygons, and where those of each begin and the last end."""
    # Two steps of a vertex inside a tile take at most three bytes each.
    out = np.empty(6 * len(x) + 8 * len(start) + 8, np.uint8)
    ends, place = np.zeros(len(owner), np.int64), 0
    for number in range(len(owner) - 1):
        last_x, last_y = corner_x[number], corner_y[number]
        for ring in range(owner[number], owner[number + 1]):
            for vertex in range(start[ring], start[ring + 1]):
                if vertex == start[ring]:
                    place = _put(out, place, _MOVE_TO)
                elif vertex == start[ring] + 1:
                    place = _put(out, place, ((start[ring + 1] - start[ring] - 1) << 3) | 2)
                step_x, step_y = x[vertex] - last_x, y[vertex] - last_y
                place = _put(out, place, (step_x << 1) ^ (step_x >> 63))
                place = _put(out, place, (step_y << 1) ^ (step_y >> 63))
                last_x, last_y = x[vertex], y[vertex]
            place = _put(out, place, _CLOSE_PATH)
        ends[number + 1] = place
    return out[:place], ends


def varint(number: int) -> bytes:
    """One unsigned number in base 128, least significant group first.

    >>> varint(300).hex()
    'ac02'
    """
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)


def varints(numbers: Array) -> tuple[bytes, Array]:
    """Many unsigned numbers encoded one after another, and the length in bytes of each."""
    sizes = np.ones(len(numbers), dtype=np.int64)
    for bits in range(7, 64, 7):
        more = numbers >= np.uint64(1 << bits)
        if not more.any():
            break
        sizes += more
    starts = np.cumsum(sizes) - sizes
    content = np.zeros(int(sizes.sum()), dtype=np.uint8)
    for group in range(int(sizes.max(initial=0))):
        has = sizes > group
        value = (numbers[has] >> np.uint64(7 * group)) & np.uint64(0x7F)
        carry = (sizes[has] > group + 1).astype(np.uint64) << np.uint64(7)
        content[starts[has] + group] = (value | carry).astype(np.uint8)
    return content.tobytes(), sizes


def encode_value(value: Scalar) -> bytes:
    """The Value message of one attribute; text, a whole number or a double."""
    if isinstance(value, str):
        text = value.encode()
        return b"\x0a" + varint(len(text)) + text
    if isinstance(value, int):
        return b"\x30" + varint(value << 1 ^ value >> 63)
    return b"\x19" + struct.pack("<d", value)


def message(field: int, content: bytes) -> bytes:
    """A length-delimited field of a protocol buffer message."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def _zigzag(numbers: Array) -> Array:
    return np.asarray((numbers << 1) ^ (numbers >> 63)).astype(np.uint64)


def _pack(kind: int, stream: Array, lengths: Array) -> PackedGeometry:
    content, sizes = varints(stream)
    ends = np.concatenate([[0], np.cumsum(sizes)])[np.cumsum(lengths)] if len(lengths) else lengths
    starts = np.concatenate([[0], ends[:-1]]) if len(lengths) else lengths
    return PackedGeometry(kind, content, starts.astype(np.int64), ends.astype(np.int64))
