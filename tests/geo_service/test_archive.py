"""The archive against the reference reader, and its refusals."""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import gzip
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pmtiles.reader import MmapSource, Reader, all_tiles
from pmtiles.tile import (
    Compression,
    Entry,
    TileType,
    deserialize_directory,
    serialize_directory,
    tileid_to_zxy,
    zxy_to_tileid,
)
from pmtiles.writer import Writer

from layers.release.archive import Archive, parse_directory, tile_id_of
from layers.release.byte_source import FileBytes, MemoryBytes
from layers.release.errors import ReleaseUnusableError

SEEDED = settings(derandomize=True, deadline=None)


@SEEDED
@given(
    st.integers(0, 24).flatmap(
        lambda z: st.tuples(st.just(z), st.integers(0, 2**z - 1), st.integers(0, 2**z - 1))
    )
)
def test_tile_ids_are_those_of_the_reference(address: tuple[int, int, int]) -> None:
    assert tile_id_of(*address) == zxy_to_tileid(*address)
    assert tileid_to_zxy(tile_id_of(*address)) == address


ENTRY = st.tuples(
    st.integers(1, 10**6),
    st.integers(0, 9),
    st.integers(1, 10**6),
    st.booleans(),
    st.integers(0, 2**40),
)


@SEEDED
@given(st.lists(ENTRY, min_size=1, max_size=50))
def test_directories_are_those_of_the_reference(
    rows: list[tuple[int, int, int, bool, int]],
) -> None:
    entries, tile_id, end = [], 0, 0
    for step, run, length, follows, elsewhere in rows:
        tile_id += step
        offset = end if follows else elsewhere
        entries.append(Entry(tile_id, offset, length, run))
        end = offset + length
    stored = serialize_directory(entries)
    expected = [
        [e.tile_id, e.run_length, e.length, e.offset] for e in deserialize_directory(stored)
    ]
    assert parse_directory(gzip.decompress(stored)).tolist() == expected


def make_archive(tiles: dict[int, bytes]) -> bytes:
    """An archive written by the reference writer; many tiles make leaf directories."""
    file = BytesIO()
    writer = Writer(file)
    for tile_id, content in sorted(tiles.items()):
        writer.write_tile(tile_id, content)
    header = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_zoom": 0,
        "max_zoom": 9,
        "min_lon_e7": 0,
        "min_lat_e7": 0,
        "max_lon_e7": 1,
        "max_lat_e7": 1,
        "center_zoom": 0,
        "center_lon_e7": 0,
        "center_lat_e7": 0,
    }
    writer.finalize(header, {})
    return file.getvalue()


def test_every_tile_of_an_archive_with_leaves_is_found() -> None:
    tiles = {n: b"%d" % (n * 7919 % 100_003) for n in range(0, 60_000, 3)}
    archive = Archive(MemoryBytes(make_archive(tiles)), "memory")
    for tile_id in range(0, 60_000, 7):
        place = archive.find(*tileid_to_zxy(tile_id))
        assert (None if place is None else archive.read(place)) == tiles.get(tile_id)


def test_a_run_of_equal_tiles_is_one_entry() -> None:
    archive = Archive(MemoryBytes(make_archive(dict.fromkeys(range(5, 15), b"sea"))), "memory")
    assert len(archive) == 1
    assert [archive.find(*tileid_to_zxy(n)) is not None for n in (4, 5, 14, 15)] == [
        False,
        True,
        True,
        False,
    ]


def test_the_released_archive_holds_the_same_tiles_for_the_reference(releases: Path) -> None:
    path = releases / "current" / "layers" / "desa" / "tiles.pmtiles"
    ours = Archive(FileBytes(path), "tiles")
    with path.open("rb") as file:
        source = MmapSource(file)
        tiles = list(all_tiles(source))
        assert ours.header.max_zoom == Reader(source).header()["max_zoom"]
    assert len(tiles) > 5
    for address, content in tiles:
        place = ours.find(*address)
        assert place is not None
        assert ours.read(place) == content


@pytest.mark.parametrize("cut", [0, 50, 127, 140, -1])
def test_a_damaged_archive_is_refused(cut: int) -> None:
    whole = make_archive({1: b"a", 2: b"b"})
    with pytest.raises(ReleaseUnusableError):
        Archive(MemoryBytes(whole[:cut]), "memory")


def test_another_format_is_refused() -> None:
    with pytest.raises(ReleaseUnusableError, match="not a PMTiles archive"):
        Archive(MemoryBytes(b"x" * 200), "memory")
