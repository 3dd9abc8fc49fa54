"""``tiles.pmtiles`` and MBTiles of a layer, from geometry already cut and chosen properties.

Every tile of a layer names the same properties in the same order; a null property is left out of
the feature, so ``has`` distinguishes null from zero.  Codes are text, the feature id is ``fid``.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import deflate
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.publish import feature_order, mvt
from layers.publish.mvt import EXTENT, PackedGeometry, pack_points, pack_polygons
from layers.publish.tiling.arcs import to_mercator
from layers.publish.tiling.cutting import cut_zooms
from layers.release import archive, manifest_file

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

    def tile_starts(self) -> Array:
        """First piece of each tile, and the end of the last: shape (t + 1,); (1,) without tiles."""
        if not len(self.x):
            return np.zeros(1, np.int64)
        changes = np.flatnonzero(np.diff(self.x) | np.diff(self.y)) + 1
        return np.concatenate([[0], changes, [len(self.x)]]).astype(np.int64)


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
_LEVEL = 10
_TYPE_WORDS = {"integer": "Number", "number": "Number", "string": "String", "date": "String"}


def write_tiles(
    features: feature_order.LayerFeatures,
    layer: manifest_file.LayerEntry,
    cuts: list[TileCut],
    path: Path,
    mbtiles: Path | None = None,
) -> None:
    """Write the archive of one layer, and the same tiles as MBTiles where that is asked for.

    ``cuts`` were made of ``features.geometry``, or of another layer's equal geometry.
    """
    columns = [_tile_property(features, name) for name in layer.tile_fields]
    messages = mvt.FeatureMessages(layer.id, features.fids.tolist(), columns)
    tiles = {}
    for cut in cuts:
        first = cut.tile_starts()
        contents = messages.tiles(cut.row, first, cut.geometry)
        places = zip(cut.x[first[:-1]].tolist(), cut.y[first[:-1]].tolist(), strict=True)
        for (x, y), content in zip(places, contents, strict=True):
            tiles[cut.zoom, x, y] = _gzip(content)
    if not tiles:
        tiles[_first_tile(layer)] = _gzip(b"")
    archive.write_archive(path, tiles, _metadata(layer), layer.bbox_lonlat)
    if mbtiles is not None:
        write_mbtiles(mbtiles, tiles, layer)


def write_mbtiles(
    path: Path, tiles: Mapping[archive.TileKey, bytes], layer: manifest_file.LayerEntry
) -> None:
    """Write gzip-compressed tiles by (zoom, x, y) as MBTiles, for programs that read no PMTiles.

    Source: MBTiles 1.3 (2018); rows are counted from the south.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(_MBTILES)
        database.execute("BEGIN")
        database.executemany("INSERT INTO metadata VALUES (?, ?)", _mbtiles_metadata(layer).items())
        database.executemany(
            "INSERT INTO tiles VALUES (?, ?, ?, ?)",
            [(zoom, x, 2**zoom - 1 - y, tiles[zoom, x, y]) for zoom, x, y in sorted(tiles)],
        )
        database.execute("COMMIT")


_MBTILES = """
PRAGMA application_id = 0x4d504258;
PRAGMA journal_mode = OFF;
CREATE TABLE metadata (name TEXT, value TEXT);
CREATE TABLE tiles (
    zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);
CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row);
"""


def _mbtiles_metadata(layer: manifest_file.LayerEntry) -> dict[str, str]:
    about = asdict(_metadata(layer))
    layers = json.dumps({"vector_layers": about.pop("vector_layers")}, ensure_ascii=False)
    west, south, east, north = layer.bbox_lonlat
    middle = f"{(west + east) / 2:.7f},{(south + north) / 2:.7f},{layer.min_zoom}"
    return {
        **about,
        "minzoom": str(layer.min_zoom),
        "maxzoom": str(layer.max_zoom),
        "bounds": ",".join(map(str, layer.bbox_lonlat)),
        "center": middle,
        "version": "1",
        "json": layers,
    }


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


def _tile_property(features: feature_order.LayerFeatures, name: str) -> mvt.TileProperty:
    values = features.column(name)
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    numbers.pop(None, None)
    order = {value: number for number, value in enumerate(numbers)}
    codes = [_NULL if value is None else order[value] for value in values]
    return mvt.TileProperty(name, np.array(codes, dtype=np.int64), tuple(order))


def _gzip(content: bytes) -> bytes:
    """Gzip without the time of day."""
    return bytes(deflate.gzip_compress(content, _LEVEL))


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
