"""``tiles.pmtiles``: how the archive of a layer is written, and read by the place of a tile.

Writing: same tiles, same bytes.  The reference writer finds equal tiles by a hash that differs from
run to run and is not checked; here equal tiles are found by their bytes, and tiles lie in the order
of their ids (clustered).

Reading: it answers where a tile lies and hands out its stored bytes, and does not decompress.
The reference Python reader parses the directories again for every tile (25-100 ms on a large
archive); here all entries are three sorted arrays, and a tile is one bisection away.

Source
------
PMTiles specification, version 3.
"""

from __future__ import annotations

import gzip
import json
import struct
from array import array
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pmtiles.tile import Entry
from pmtiles.writer import optimize_directories
from pydantic import TypeAdapter

from layers.release import byte_source, errors, manifest_file

HEADER_LENGTH = 127
_HEADER = struct.Struct("<7sB11QBBBBBBiiiiBii")
_NONE, _GZIP = 1, 2
_MVT = 1
_ROOT_LIMIT = 16384 - HEADER_LENGTH
Numbers: TypeAlias = NDArray[np.uint64]
TileKey: TypeAlias = tuple[int, int, int]
"""Zoom, x, y."""


@dataclass(frozen=True, slots=True)
class TileLayer:
    """What an archive says of its vector layer: properties by name, ``Number`` or ``String``."""

    id: str
    description: str
    minzoom: int
    maxzoom: int
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class TileMetadata:
    """What an archive says of itself, in the words of PMTiles and TileJSON."""

    name: str
    description: str
    attribution: str
    type: str
    format: str
    vector_layers: tuple[TileLayer, ...]


_METADATA = TypeAdapter(TileMetadata)


def write_archive(
    path: Path,
    tiles: Mapping[TileKey, bytes],
    metadata: TileMetadata,
    bbox_lonlat: manifest_file.Bbox,
) -> None:
    """Write gzip-compressed vector tiles by (zoom, x, y) to one archive.

    ``bbox_lonlat`` is west, south, east, north.  There must be at least one tile.
    """
    by_id = sorted((tile_id_of(*key), content) for key, content in tiles.items())
    entries, contents = _place_tiles(by_id)
    root, leaves, _ = optimize_directories(entries, _ROOT_LIMIT)  # type: ignore[no-untyped-call]  # pmtiles has no types
    described = gzip.compress(
        json.dumps(asdict(metadata), ensure_ascii=False, separators=(",", ":")).encode(), mtime=0
    )
    zooms = [zoom for zoom, _, _ in tiles]
    lengths = (len(root), len(described), len(leaves), sum(map(len, contents)))
    header = _pack_header(
        lengths, (len(tiles), len(entries), len(contents)), (min(zooms), max(zooms)), bbox_lonlat
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines([header, root, described, leaves, *contents])


def _place_tiles(by_id: list[tuple[int, bytes]]) -> tuple[list[Entry], list[bytes]]:
    """Directory entries and the distinct contents; equal neighbours share a run."""
    places: dict[bytes, int] = {}
    entries: list[Entry] = []
    contents: list[bytes] = []
    end = 0
    for tile_id, content in by_id:
        if content not in places:
            places[content] = end
            contents.append(content)
            end += len(content)
        offset = places[content]
        last = entries[-1] if entries else None
        if last and last.offset == offset and last.tile_id + last.run_length == tile_id:
            last.run_length += 1
        else:
            entries.append(Entry(tile_id, offset, len(content), 1))
    return entries, contents


def _pack_header(
    lengths: tuple[int, int, int, int],
    counts: tuple[int, int, int],
    zooms: tuple[int, int],
    bbox_lonlat: manifest_file.Bbox,
) -> bytes:
    """The header: root, metadata, leaves and tiles lie one after the other."""
    places, offset = [], HEADER_LENGTH
    for length in lengths:
        places += [offset, length]
        offset += length
    west, south, east, north = (round(edge * 1e7) for edge in bbox_lonlat)
    middle = ((west + east) // 2, (south + north) // 2)
    kinds = (True, _GZIP, _GZIP, _MVT, *zooms)
    box = (west, south, east, north)
    return _HEADER.pack(b"PMTiles", 3, *places, *counts, *kinds, *box, zooms[0], *middle)


@dataclass(frozen=True, slots=True)
class ArchiveHeader:
    """What the first 127 bytes say, as far as serving needs it."""

    root: tuple[int, int]
    metadata: tuple[int, int]
    leaves_offset: int
    data_offset: int
    internal_gzip: bool
    tile_gzip: bool
    min_zoom: int
    max_zoom: int


class TilePlace(NamedTuple):
    """Where a tile lies in the archive; equal tiles share one place."""

    offset: int
    length: int


class Archive:
    """An open archive of vector tiles.

    Raises
    ------
    ReleaseUnusableError
        The bytes are no PMTiles 3 archive of vector tiles, or its directories are damaged.
    """

    def __init__(self, source: byte_source.ByteSource, name: str) -> None:
        self._source, self._name = source, name
        self.header = parse_header(source.read(0, HEADER_LENGTH), name)
        with errors.explained(f"{name}: its tile directories"):
            self._first, self._run, self._offset, self._length = _read_entries(source, self.header)
        if len(self._offset) and self._end > source.size:
            raise errors.ReleaseUnusableError(f"{name}: shorter than its directories say.")

    @property
    def _end(self) -> int:
        # As floats, since the sum of two damaged numbers may be too large for an integer.
        starts, lengths = (
            np.frombuffer(column, np.uint64).astype(float)
            for column in (self._offset, self._length)
        )
        return self.header.data_offset + int((starts + lengths).max())

    def __len__(self) -> int:
        """Number of entries; an entry is one tile, or a run of equal ones."""
        return len(self._first)

    def read_metadata(self) -> TileMetadata:
        """What the archive says of itself.

        Raises
        ------
        ReleaseUnusableError
            It is damaged.
        """
        stored = self._source.read(*self.header.metadata)
        with errors.explained(f"{self._name}: its metadata"):
            content = gzip.decompress(stored) if self.header.internal_gzip else stored
            return _METADATA.validate_json(content, strict=True)

    def find(self, z: int, x: int, y: int) -> TilePlace | None:
        """Where a tile lies; None where the archive has no such tile (it is empty there)."""
        tile_id = tile_id_of(z, x, y)
        entry = bisect_right(self._first, tile_id) - 1
        if entry < 0 or tile_id - self._first[entry] >= self._run[entry]:
            return None
        return TilePlace(self._offset[entry], self._length[entry])

    def read(self, place: TilePlace) -> bytes:
        """The stored bytes of a tile, gzip-compressed where the header says so."""
        return self._source.read(self.header.data_offset + place.offset, place.length)


def tile_id_of(z: int, x: int, y: int) -> int:
    """Position of a tile on the Hilbert curves of all zooms, one after the other.

    Parameters
    ----------
    z, x, y
        A tile of zoom ``z``: ``0 <= x, y < 2**z``.

    Example
    -------
    >>> tile_id_of(0, 0, 0), tile_id_of(1, 1, 0), tile_id_of(12, 3423, 1763)
    (0, 4, 19078479)
    """
    tile_id = ((1 << (2 * z)) - 1) // 3
    side = 1 << z >> 1
    while side:
        right, low = x & side, y & side
        tile_id += side * (((3 if right else 0) ^ (1 if low else 0)) * side)
        if not low:
            if right:
                x, y = side - 1 - (x & (side - 1)), side - 1 - (y & (side - 1))
            x, y = y, x
        side >>= 1
    return tile_id


def parse_header(content: bytes, name: str) -> ArchiveHeader:
    """The header of an archive.

    Raises
    ------
    ReleaseUnusableError
        Not PMTiles 3, not vector tiles, or compressed in a way no release has.
    """
    if len(content) < HEADER_LENGTH or content[:7] != b"PMTiles" or content[7] != 3:
        raise errors.ReleaseUnusableError(f"{name}: not a PMTiles archive of version 3.")
    fields = _HEADER.unpack(content)
    internal, compression, kind, min_zoom, max_zoom = fields[14:19]
    if internal not in {_NONE, _GZIP} or compression not in {_NONE, _GZIP} or kind != _MVT:
        raise errors.ReleaseUnusableError(
            f"{name}: expected vector tiles, plain or gzip-compressed."
        )
    return ArchiveHeader(
        root=(fields[2], fields[3]),
        metadata=(fields[4], fields[5]),
        leaves_offset=fields[6],
        data_offset=fields[8],
        internal_gzip=internal == _GZIP,
        tile_gzip=compression == _GZIP,
        min_zoom=min_zoom,
        max_zoom=max_zoom,
    )


def parse_directory(content: bytes) -> Numbers:
    """The entries of one decompressed directory: rows of tile id, run length, length, offset.

    A run length of 0 marks a leaf directory instead of a tile.
    """
    numbers = parse_varints(content)
    count = int(numbers[0])
    columns = numbers[1 : 1 + 4 * count].reshape(4, count)
    entries = np.empty((count, 4), np.uint64)
    entries[:, 0] = np.cumsum(columns[0], dtype=np.uint64)
    entries[:, 1:3] = columns[1:3].T
    entries[:, 3] = _resolve_offsets(columns[3], columns[2])
    return entries


def _resolve_offsets(
    stored: Numbers,
    lengths: Numbers,
) -> Numbers:
    """Absolute offsets; a stored 0 means "right behind the entry before"."""
    if not len(stored):
        return stored
    is_given = stored > 0
    before = np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.uint64)
    # Each run of zeros continues from the last given offset: add what lies between.
    last_given = np.maximum.accumulate(np.where(is_given, np.arange(len(stored)), 0))
    resolved: Numbers = stored[last_given] - np.uint64(1) + before - before[last_given]
    return resolved


def parse_varints(content: bytes) -> Numbers:
    """All LEB128 numbers of a byte string, decoded together.

    Example
    -------
    >>> parse_varints(bytes([1, 0x80, 1, 0x7F])).tolist()
    [1, 128, 127]
    """
    octets = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(octets < 0x80)
    if not len(ends) or ends[-1] != len(octets) - 1:
        raise ValueError("a number is cut off")
    starts = np.concatenate(([0], ends[:-1] + 1))
    position = np.arange(len(octets)) - np.repeat(starts, ends - starts + 1)
    parts = (octets & 0x7F).astype(np.uint64) << (position * 7).astype(np.uint64)
    return np.add.reduceat(parts, starts)


def _read_entries(
    source: byte_source.ByteSource, header: ArchiveHeader
) -> tuple[array[int], array[int], array[int], array[int]]:
    """All tile entries of root and leaves: first tile id, run length, offset, length."""
    pending, visited = [header.root], set[tuple[int, int]]()
    directories: list[Numbers] = []
    while pending:
        place = pending.pop()
        if place in visited:
            raise ValueError("a directory is named twice")
        visited.add(place)
        stored = source.read(*place)
        entries = parse_directory(gzip.decompress(stored) if header.internal_gzip else stored)
        is_leaf = entries[:, 1] == 0
        directories.append(entries[~is_leaf])
        pending += [
            (header.leaves_offset + int(offset), int(length))
            for length, offset in entries[is_leaf][:, 2:].tolist()
        ]
    table = np.concatenate(directories)
    table = table[np.argsort(table[:, 0], kind="stable")]
    first, run, length, offset = (array("Q", column.tobytes()) for column in table.T.copy())
    return first, run, offset, length
