"""Mapbox Vector Tile encoding, whole zooms at a time.

Geometry is encoded for all pieces of a zoom in array operations; a tile is then put together from
slices of those bytes.  Written here because an encoder for one feature at a time takes most of the
time of a build, and because the same geometry bytes serve several layers.

Source: Mapbox Vector Tile Specification 2.1 (2016), sections 4.1 (layers), 4.3 (geometry) and
4.4 (attributes); Protocol Buffers encoding of varints.
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

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


def pack_polygons(geometry: Array) -> tuple[PackedGeometry, Array]:
    """Encoded polygons, and which of the geometries kept any area on the whole grid.

    Coordinates are rounded to whole units; rings left without area go, exterior rings run
    clockwise on the screen and holes the other way.  Lines and points that cutting leaves at an
    edge are dropped.

    Returns
    -------
    tuple
        The pieces, one for each index in the second array; that array, ascending.
    """
    points, ring_size, ring_owner, ring_is_hole = _rings(geometry)
    points, ring_size = _without_repeats(points, ring_size)
    area = _twice_area(points, ring_size)
    ring_has_area = _rings_with_area(area, ring_size, ring_is_hole)
    backwards = (area > 0) == ring_is_hole
    points = _take_rings(points, ring_size, ring_has_area, backwards)
    ring_size, ring_owner = ring_size[ring_has_area], ring_owner[ring_has_area]
    owners, first = np.unique(ring_owner, return_index=True)
    stream, ring_length = _command_stream(points, ring_size, ring_owner)
    lengths = np.add.reduceat(ring_length, first) if len(first) else ring_length
    return _pack(POLYGON, stream, lengths), owners


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


# --- rings as arrays ------------------------------------------------------------------------


def _rings(geometry: Array) -> tuple[Array, Array, Array, Array]:
    """Rounded points of all rings, and each ring's size, geometry and whether it is a hole."""
    parts, part_owner = shapely.get_parts(geometry, return_index=True)
    nested = shapely.get_type_id(parts) > 3
    if nested.any():
        flat, inner = shapely.get_parts(parts, return_index=True)
        parts, part_owner = flat, part_owner[inner]
    is_polygon = shapely.get_type_id(parts) == POLYGON
    parts, part_owner = parts[is_polygon], part_owner[is_polygon]
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    is_hole = np.zeros(len(rings), dtype=bool)
    is_hole[1:] = ring_part[1:] == ring_part[:-1]
    points = np.rint(shapely.get_coordinates(rings)).astype(np.int64)
    return points, shapely.get_num_coordinates(rings), part_owner[ring_part], is_hole


def _without_repeats(points: Array, sizes: Array) -> tuple[Array, Array]:
    """Rings without the closing point and without a point that repeats the one before."""
    ends = np.cumsum(sizes)
    keep = np.ones(len(points), dtype=bool)
    keep[:-1] = (points[1:] != points[:-1]).any(axis=1)
    keep[ends - 1] = False
    owner = np.repeat(np.arange(len(sizes)), sizes)
    return points[keep], np.bincount(owner[keep], minlength=len(sizes))


def _twice_area(points: Array, sizes: Array) -> Array:
    """Signed area of each ring, doubled; positive means clockwise on the screen (y down)."""
    following = _next_in_ring(sizes)
    cross = points[:, 0] * points[following, 1] - points[following, 0] * points[:, 1]
    owner = np.repeat(np.arange(len(sizes)), sizes)
    total = np.zeros(len(sizes), dtype=np.int64)
    np.add.at(total, owner, cross)
    return total


def _next_in_ring(sizes: Array) -> Array:
    following = np.arange(1, int(sizes.sum()) + 1)
    ends = np.cumsum(sizes)
    has = sizes > 0
    following[ends[has] - 1] = (ends - sizes)[has]
    return following


def _rings_with_area(area: Array, sizes: Array, is_hole: Array) -> Array:
    """Rings to keep: those with area, and holes only where their exterior stays."""
    has_area = (area != 0) & (sizes >= 3)
    exterior = np.maximum.accumulate(np.where(is_hole, 0, np.arange(len(area))))
    return np.asarray(has_area & has_area[exterior])


def _take_rings(points: Array, sizes: Array, is_taken: Array, backwards: Array) -> Array:
    """The points of the rings kept, those marked read from the end."""
    starts = (np.cumsum(sizes) - sizes)[is_taken]
    chosen, turned = sizes[is_taken], backwards[is_taken]
    owner = np.repeat(np.arange(len(chosen)), chosen)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(chosen) - chosen, chosen)
    place = np.where(turned[owner], chosen[owner] - 1 - place, place)
    return np.asarray(points[starts[owner] + place])


def _command_stream(points: Array, sizes: Array, owner: Array) -> tuple[Array, Array]:
    """Command integers of all rings and how many each ring has (2 a point and 3 more)."""
    lengths = 2 * sizes + 3
    steps = np.diff(points, axis=0, prepend=np.zeros((min(1, len(points)), 2), dtype=np.int64))
    ring_start = np.cumsum(sizes) - sizes
    first = np.ones(len(sizes), dtype=bool)
    first[1:] = owner[1:] != owner[:-1]
    steps[ring_start[first]] = points[ring_start[first]]
    stream = np.empty(int(lengths.sum()), dtype=np.uint64)
    begin = np.cumsum(lengths) - lengths
    stream[begin] = _MOVE_TO
    stream[begin + 3] = (sizes - 1) << 3 | 2
    stream[begin + lengths - 1] = _CLOSE_PATH
    ring = np.repeat(np.arange(len(sizes)), sizes)
    nth = np.arange(len(points)) - ring_start[ring]
    place = begin[ring] + 1 + 2 * nth + (nth > 0)
    stream[place], stream[place + 1] = _zigzag(steps).T
    return stream, lengths


def _zigzag(numbers: Array) -> Array:
    return np.asarray((numbers << 1) ^ (numbers >> 63)).astype(np.uint64)


def _pack(kind: int, stream: Array, lengths: Array) -> PackedGeometry:
    content, sizes = varints(stream)
    ends = np.concatenate([[0], np.cumsum(sizes)])[np.cumsum(lengths)] if len(lengths) else lengths
    starts = np.concatenate([[0], ends[:-1]]) if len(lengths) else lengths
    return PackedGeometry(kind, content, starts.astype(np.int64), ends.astype(np.int64))
