"""Write a PMTiles archive: same tiles, same bytes.

The reference writer finds equal tiles by a hash that differs from run to run and is not checked;
here equal tiles are found by their bytes, and tiles lie in the order of their ids (clustered).

Source: PMTiles Version 3 Specification (Protomaps, 2022), sections 3 to 5.
"""

import gzip
import json
from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, Entry, TileType, serialize_header, zxy_to_tileid
from pmtiles.writer import optimize_directories

HEADER_LENGTH = 127
ROOT_LIMIT = 16384 - HEADER_LENGTH

TileKey = tuple[int, int, int]
Bbox = tuple[float, float, float, float]


def write_archive(
    path: Path, tiles: dict[TileKey, bytes], metadata: dict[str, Any], bbox_lonlat: Bbox
) -> None:
    """Write gzip-compressed vector tiles by (zoom, x, y) to one archive.

    ``bbox_lonlat`` is west, south, east, north.  There must be at least one tile.
    """
    by_id = sorted((zxy_to_tileid(*key), content) for key, content in tiles.items())
    entries, contents = _place_tiles(by_id)
    root, leaves, _ = optimize_directories(entries, ROOT_LIMIT)  # type: ignore[no-untyped-call]
    described = gzip.compress(
        json.dumps(metadata, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0
    )
    zooms = [zoom for zoom, _, _ in tiles]
    header: Any = {
        "root_offset": HEADER_LENGTH,
        "root_length": len(root),
        "metadata_offset": HEADER_LENGTH + len(root),
        "metadata_length": len(described),
        "leaf_directory_offset": HEADER_LENGTH + len(root) + len(described),
        "leaf_directory_length": len(leaves),
        "tile_data_offset": HEADER_LENGTH + len(root) + len(described) + len(leaves),
        "tile_data_length": sum(map(len, contents)),
        "addressed_tiles_count": len(tiles),
        "tile_entries_count": len(entries),
        "tile_contents_count": len(contents),
        "clustered": True,
        "internal_compression": Compression.GZIP,
        "tile_compression": Compression.GZIP,
        "tile_type": TileType.MVT,
        "min_zoom": min(zooms),
        "max_zoom": max(zooms),
        **_header_bounds(bbox_lonlat, min(zooms)),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines([serialize_header(header), root, described, leaves, *contents])


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


def _header_bounds(bbox_lonlat: Bbox, zoom: int) -> dict[str, int]:
    west, south, east, north = (round(edge * 1e7) for edge in bbox_lonlat)
    return {
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": zoom,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }
