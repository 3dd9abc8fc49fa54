"""``tiles.pmtiles``: vector tiles of a layer, from geometry already cut and chosen properties.

Every tile of a layer names the same properties in the same order; a null property is left out of
the feature, so ``has`` tells null from zero.  Codes are text, the feature id is ``fid``.
"""

import hashlib
import zlib
from pathlib import Path

import numpy as np
import shapely

from layers.publish import feature_order, mvt, tile_cut
from layers.release import archive, array_kinds, manifest

MIN_ZOOM = 4
MAX_ZOOM = 12
_NULL = -1
_GZIP = 31
_TYPE_WORDS = {"integer": "Number", "number": "Number", "string": "String", "date": "String"}


def write_tiles(
    features: feature_order.LayerFeatures,
    layer: manifest.LayerEntry,
    cuts: list[tile_cut.TileCut],
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


def _first_tile(layer: manifest.LayerEntry) -> tuple[int, int, int]:
    """The tile at the layer's south-west corner and least zoom: no archive is without a tile."""
    west, south, _, _ = layer.bbox_lonlat
    x, y = tile_cut.to_grid(np.array([[west, south]]), layer.min_zoom)[0] // mvt.EXTENT
    return layer.min_zoom, int(x), int(y)


class CutShelf:
    """Geometry already cut, so that layers of the same polygons are cut once."""

    def __init__(self) -> None:
        self._cuts: dict[bytes, list[tile_cut.TileCut]] = {}

    def cuts(
        self, features: feature_order.LayerFeatures, layer: manifest.LayerEntry
    ) -> list[tile_cut.TileCut]:
        """The pieces of the layer's geometry at its zooms."""
        cut = tile_cut.cut_points if features.is_point_layer else tile_cut.cut_polygons
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
    layer: manifest.LayerEntry,
    ids: list[bytes],
    columns: list[_PropertyColumn],
    cut: tile_cut.TileCut,
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


def _metadata(layer: manifest.LayerEntry) -> archive.TileMetadata:
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


def _type_word(entry: manifest.FieldEntry) -> str:
    return _TYPE_WORDS[entry.type]
