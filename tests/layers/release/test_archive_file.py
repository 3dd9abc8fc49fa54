"""An archive of tiles comes back as it was written, and equal tiles lie in it once."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from layers.release.archive import Archive, TileKey, TileLayer, TileMetadata, write_archive
from layers.release.byte_source import FileBytes
from tests.layers.release.records import MAY_REUSE_FOLDERS

LAYER = TileLayer("desa", "Desa", 0, 5, {"nama": "String"})
METADATA = TileMetadata("Desa", "é", "", "overlay", "pbf", (LAYER,))
KEYS = st.integers(0, 5).flatmap(
    lambda z: st.tuples(st.just(z), st.integers(0, 2**z - 1), st.integers(0, 2**z - 1))
)
TILES = st.dictionaries(KEYS, st.binary(min_size=1, max_size=4), min_size=1, max_size=60)


@given(TILES)
@MAY_REUSE_FOLDERS
def test_every_tile_comes_back(tmp_path: Path, tiles: dict[TileKey, bytes]) -> None:
    path = tmp_path / "tiles.pmtiles"
    write_archive(path, tiles, METADATA, (95.0, -11.0, 141.0, 6.0))
    archive = Archive(FileBytes(path), "desa")
    places = {key: archive.find(*key) for key in tiles}
    read = {key: archive.read(place) for key, place in places.items() if place is not None}
    assert read == tiles
    assert len(set(places.values())) == len(set(tiles.values()))
    zooms = [zoom for zoom, _, _ in tiles]
    assert (archive.header.min_zoom, archive.header.max_zoom) == (min(zooms), max(zooms))
    others = {(z, x, y) for z in range(3) for x in range(2**z) for y in range(2**z)} - set(tiles)
    assert [archive.find(*key) for key in others] == [None] * len(others)
