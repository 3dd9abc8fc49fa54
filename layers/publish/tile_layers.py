"""``tiles.pmtiles``: vector tiles of a layer, from geometry already cut and chosen properties.

Every tile of a layer names the same properties in the same order; a null property is left out of
the feature, so ``has`` distinguishes null from zero.  Codes are text, the feature id is ``fid``.
"""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.publish import feature_order, mvt
from layers.publish.mvt import EXTENT, PackedGeometry, pack_points, pack_polygons
from layers.publish.tiling.arcs import to_mercator
from layers.publish.tiling.cutting import cut_zooms
from layers.release import archive, array_kinds, manifest_file

BUFFER_UNITS = 64
"""How far a tile's geometry reaches beyond its edge, so that lines have no seams."""
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TileCut:
    """All pieces of one zoom, sorted by tile (x, y) and then by feature.

    Parameters
    ----------
    x, y
        Tile of each piece, shape (m,).
    row
        Index of the feature each piece belongs to, shape (m,).
    geometry
        The encoded geometry of each piece.
    """

    zoom: int
    x: Array
    y: Array
    row: Array
    geometry: PackedGeometry

    def tiles(self) -> Iterator[tuple[int, int, int, int]]:
        """Each tile as (x, y, first piece, piece after the last)."""
        changes = np.flatnonzero(np.diff(self.x) | np.diff(self.y)) + 1
        starts = [0, *changes.tolist(), len(self.x)]
        for first, last in pairwise(starts):
            if last > first:
                yield int(self.x[first]), int(self.y[first]), first, last


def cut_polygons(geometry: Array, min_zoom: int, max_zoom: int) -> list[TileCut]:
    """The pieces of polygons at each zoom, finest zoom first; null geometries have none.

    Parameters
    ----------
    geometry
        Shape (n,), lon/lat polygons or multipolygons, or None.
    """
    rows = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
    cuts = []
    for zoom, tile, rings in cut_zooms(geometry[rows], min_zoom, max_zoom, EXTENT, BUFFER_UNITS):
        x, y, feature = tile.T
        order = np.lexsort([feature, y, x])
        packed = pack_polygons(rings, EXTENT * x, EXTENT * y).reorder(order)
        cuts.append(TileCut(zoom, x[order], y[order], rows[feature[order]], packed))
    return cuts


def cut_points(geometry: Array, min_zoom: int, max_zoom: int) -> list[TileCut]:
    """The places at each zoom, finest first, in every tile whose buffer reaches them."""
    rows = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
    lonlat = shapely.get_coordinates(shapely.point_on_surface(geometry[rows]))
    cuts = []
    for zoom in range(max_zoom, min_zoom - 1, -1):
        xy = to_grid(lonlat, zoom)
        piece, x, y = _tiles_touched(np.column_stack([xy, xy]), zoom)
        local = xy[piece] - EXTENT * np.column_stack([x, y])
        order = np.lexsort([rows[piece], y, x])
        packed = pack_points(np.rint(local[order]).astype(np.int64))
        cuts.append(TileCut(zoom, x[order], y[order], rows[piece][order], packed))
    return cuts


def to_grid(lonlat: Array, zoom: int) -> Array:
    """Web Mercator in tile-grid units of a zoom: `EXTENT` units a tile, y southwards."""
    return to_mercator(lonlat) * (EXTENT * 2.0**zoom)


def _tiles_touched(bounds: Array, zoom: int) -> tuple[Array, Array, Array]:
    """Pairs of geometry and tile whose bounds meet: index of the geometry, tile x, tile y."""
    low = np.floor((bounds[:, :2] - BUFFER_UNITS) / EXTENT).astype(np.int64)
    high = np.floor((bounds[:, 2:] + BUFFER_UNITS) / EXTENT).astype(np.int64)
    low, high = np.clip(low, 0, 2**zoom - 1), np.clip(high, 0, 2**zoom - 1)
    wide, tall = (high - low + 1).T
    counts = wide * tall
    piece = np.repeat(np.arange(len(bounds)), counts)
    nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return piece, low[piece, 0] + nth // tall[piece], low[piece, 1] + nth % tall[piece]


MIN_ZOOM = 4
MAX_ZOOM = 12
_NULL = -1
_GZIP = 31
_TYPE_WORDS = {"integer": "Number", "number": "Number", "string": "String", "date": "String"}


def write_tiles(
    features: feature_order.LayerFeatures,
    layer: manifest_file.LayerEntry,
    cuts: list[TileCut],
    path: Path,
) -> None:
    """Write the archive of one layer.

    ``cuts`` were made of ``features.geometry``, or of another layer's equal geometry.
    """
    columns = [_PropertyColumn(features, name) for name in layer.tile_fields]
    ids = [b"\x08" + mvt.varint(fid) for fid in features.fids.tolist()]
    tiles = {}
    for cut in cuts:
        for x, y, first, last in cut.tiles():
            content = _encode_tile(layer, ids, columns, cut, first, last)
            tiles[cut.zoom, x, y] = _gzip(content)
    if not tiles:
        tiles[_first_tile(layer)] = _gzip(b"")
    archive.write_archive(path, tiles, _metadata(layer), layer.bbox_lonlat)


def _first_tile(layer: manifest_file.LayerEntry) -> tuple[int, int, int]:
    """The tile at the layer's south-west corner and least zoom: no archive is without a tile."""
    west, south, _, _ = layer.bbox_lonlat
    x, y = to_grid(np.array([[west, south]]), layer.min_zoom)[0] // mvt.EXTENT
    return layer.min_zoom, int(x), int(y)


class CutShelf:
    """Geometry already cut, so that layers of the same polygons are cut once."""

    def __init__(self) -> None:
        self._cuts: dict[bytes, list[TileCut]] = {}

    def cuts(
        self, features: feature_order.LayerFeatures, layer: manifest_file.LayerEntry
    ) -> list[TileCut]:
        """The pieces of the layer's geometry at its zooms."""
        cut = cut_points if features.is_point_layer else cut_polygons
        content = [geometry or b"" for geometry in shapely.to_wkb(features.geometry)]
        digest = hashlib.sha256(f"{layer.min_zoom} {layer.max_zoom}".encode())
        for geometry in content:
            digest.update(len(geometry).to_bytes(8, "little") + geometry)
        key = digest.digest()
        if key not in self._cuts:
            self._cuts[key] = cut(features.geometry, layer.min_zoom, layer.max_zoom)
        return self._cuts[key]


class _PropertyColumn:
    """A property of all features, each distinct value encoded once."""

    def __init__(self, features: feature_order.LayerFeatures, name: str) -> None:
        values = features.column(name)
        numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
        numbers.pop(None, None)
        self.name = name
        self.messages = {
            numbers[value]: mvt.message(4, mvt.encode_value(value)) for value in numbers
        }
        self.codes = np.array(
            [_NULL if value is None else numbers[value] for value in values], dtype=np.int64
        )


def _encode_tile(
    layer: manifest_file.LayerEntry,
    ids: list[bytes],
    columns: list[_PropertyColumn],
    cut: TileCut,
    first: int,
    last: int,
) -> bytes:
    """One tile with one vector layer: name, features, keys, values, extent, version."""
    rows = cut.row[first:last]
    tags, values = _encode_tags(columns, rows)
    encoded = [
        mvt.message(2, ids[row] + mvt.message(2, tag) + cut.geometry.piece(number))
        for number, row, tag in zip(range(first, last), rows.tolist(), tags, strict=True)
    ]
    keys = [mvt.message(3, column.name.encode()) for column in columns]
    head = b"\x78\x02" + mvt.message(1, layer.id.encode())
    tail = b"\x28" + mvt.varint(mvt.EXTENT)
    return mvt.message(3, b"".join([head, *encoded, *keys, *values, tail]))


def _encode_tags(
    columns: list[_PropertyColumn], rows: array_kinds.Rows
) -> tuple[list[bytes], list[bytes]]:
    """The tags of each feature of a tile, and the tile's table of values."""
    tags = [bytearray() for _ in range(len(rows))]
    values: list[bytes] = []
    for key, column in enumerate(columns):
        codes = column.codes[rows]
        used, place = np.unique(codes, return_inverse=True)
        has_null = len(used) > 0 and used[0] == _NULL
        first = len(values) - int(has_null)
        values += [column.messages[code] for code in used.tolist() if code != _NULL]
        for tag, code, number in zip(tags, codes.tolist(), place.tolist(), strict=True):
            if code != _NULL:
                tag += mvt.varint(key) + mvt.varint(first + number)
    return [bytes(tag) for tag in tags], values


def _gzip(content: bytes) -> bytes:
    """Gzip without the time of day."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    return compressor.compress(content) + compressor.flush()


def _metadata(layer: manifest_file.LayerEntry) -> archive.TileMetadata:
    entries = {entry.name: entry for entry in layer.fields}
    tiled = archive.TileLayer(
        id=layer.id,
        description=layer.title.id,
        minzoom=layer.min_zoom,
        maxzoom=layer.max_zoom,
        fields={name: _type_word(entries[name]) for name in layer.tile_fields},
    )
    return archive.TileMetadata(
        name=layer.title.id,
        description=layer.description.id,
        attribution=layer.tile_attribution or layer.attribution or "",
        type="overlay",
        format="pbf",
        vector_layers=(tiled,),
    )


def _type_word(entry: manifest_file.FieldEntry) -> str:
    return _TYPE_WORDS[entry.type]
