"""Mapbox Vector Tile encoding, whole zooms at a time.

Geometry is encoded for all pieces of a zoom at once (polygons: `layers.publish.tiling`); a tile is
then put together from slices of those bytes.  Written here because an encoder for one feature at a
time takes most of the time of a build, and because the same geometry bytes serve several layers.

Source: Mapbox Vector Tile Specification 2.1 (2016), sections 4.1 (layers), 4.3 (geometry) and
4.4 (attributes); Protocol Buffers encoding of varints.
"""

import struct
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

    def piece(self, number: int) -> bytes:
        """The geometry and type fields of one feature message."""
        content = self.buffer[self.start[number] : self.stop[number]]
        return bytes((0x18, self.kind, 0x22)) + varint(len(content)) + content


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
