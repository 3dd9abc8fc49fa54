"""Shapes, maps and rasters that cost more than anybody has to draw or compare."""

from __future__ import annotations

import sqlite3
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import rasterio
import shapely

from tests.chaos.bomb_files import BOUNDARY, KML, KODE, POPULATION, ROADS, write


def nested_boundary_json(path: Path) -> str:
    """The same where polygons are expected."""
    return write(path / "b.json", "[" * 1_000_000 + "]" * 1_000_000, BOUNDARY)


def nested_geojson(path: Path) -> str:
    """Collections of geometries in each other."""
    depth = 100_000
    inner = '{"type":"GeometryCollection","geometries":[' * depth + "]}" * depth
    feature = f'{{"type":"Feature","properties":{{"kode":"{KODE}"}},"geometry":{inner}}}'
    text = f'{{"type":"FeatureCollection","features":[{feature}]}}'
    return write(path / "b.geojson", text, BOUNDARY)


def nested_kml(path: Path) -> str:
    """Folders in folders, 200,000 deep."""
    body = "<Folder>" * 200_000 + "</Folder>" * 200_000
    return write(path / "b.kml", KML.format(body=body), BOUNDARY)


def long_kml(path: Path) -> str:
    """Coordinates of one ring of six million points, as one text in a KMZ of a megabyte."""
    ring = "123.1,-8.4 " * 6_000_000
    body = "<Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>"
    body += ring + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    with zipfile.ZipFile(path / "b.kmz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", KML.format(body=body))
    return BOUNDARY.format(name="b.kmz")


def entity_kml(path: Path) -> str:
    """Entities of entities (a billion laughs)."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    text = f'<?xml version="1.0"?><!DOCTYPE kml [{entities}]><kml><name>&a11;</name></kml>'
    return write(path / "b.kml", text, BOUNDARY)


def lying_shape(path: Path) -> str:
    """A shapefile whose index and records say they are gigabytes."""
    header = struct.pack(">i5ii", 9994, 0, 0, 0, 0, 0, 0x7FFFFFFF)
    header += struct.pack("<ii8d", 1000, 5, *([0.0] * 8))
    record = struct.pack(">ii", 1, 0x3FFFFFFF) + struct.pack("<i4dii", 5, 0, 0, 1, 1, 1, 2**30)
    (path / "b.shx").write_bytes(header + struct.pack(">ii", 50, 0x3FFFFFFF) * 100_000)
    field = b"kode".ljust(11, b"\0") + b"C" + bytes(4) + b"\x0d\0" + bytes(14)
    head = struct.pack("<BBBBIHH", 3, 24, 1, 1, 100_000, 65, 14) + bytes(20)
    (path / "b.dbf").write_bytes(head + field + b"\r" + b" " * 14)
    return write(path / "b.shp", header + record + bytes(1000), BOUNDARY)


def long_wkt(path: Path) -> str:
    """A polygon of two million points as WKT in one cell."""
    ring = ", ".join(["123.1 -8.4"] * 2_000_000)
    return write(path / "b.csv", f'kode,wkt\n{KODE},"POLYGON (({ring}))"\n', BOUNDARY)


def nested_wkt(path: Path) -> str:
    """Collections in collections as WKT in one cell."""
    text = "GEOMETRYCOLLECTION(" * 300_000 + "POINT(0 0)" + ")" * 300_000
    return write(path / "b.csv", f'kode,wkt\n{KODE},"{text}"\n', BOUNDARY)


def long_sql(path: Path) -> str:
    """A dump of one statement, on one line of 27 MB, whose last quote is open."""
    text = "INSERT INTO wilayah (kode, path) VALUES " + f"('{KODE}','[[[1,2]]]')," * 900_000
    return write(path / "b.sql", text + "('", BOUNDARY)


def star(path: Path) -> str:
    """An outline of 4,001 vertices of which each edge crosses all others."""
    angle = 2 * np.pi * (np.arange(4001) * 2000 % 4001) / 4001
    xy = np.c_[123.1 + 0.1 * np.cos(angle), -8.4 + 0.1 * np.sin(angle)]
    return _polygons(path, [shapely.Polygon(xy)])


def stack(path: Path) -> str:
    """2,000 polygons on one another."""
    shapes = [shapely.box(123, -8.4, 123.1 + n / 1e6, -8.3) for n in range(2_000)]
    return _polygons(path, shapes)


def comb(path: Path) -> str:
    """A valid outline of a million vertices."""
    x = 123 + np.arange(1_000_000) / 1e7
    y = np.where(np.arange(1_000_000) % 2, -8.4, -8.3)
    return _polygons(path, [shapely.Polygon([*zip(x, y, strict=True), (123.2, -8.5)])])


def endless_view(path: Path) -> str:
    """A layer that is a query without an end."""
    query = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n AS fid, "
    query += f"NULL AS geom, '{KODE}' AS kode FROM r"
    _polygons(path, [shapely.box(123, -8.4, 123.1, -8.3)])
    with sqlite3.connect(path / "b.gpkg") as database:
        database.executescript(
            f"CREATE VIEW tanpa_akhir AS {query};"
            "UPDATE gpkg_contents SET table_name = 'tanpa_akhir', identifier = 'x';"
            "UPDATE gpkg_geometry_columns SET table_name = 'tanpa_akhir';"
        )
    database.close()
    return BOUNDARY.format(name="b.gpkg")


def endless_column(path: Path) -> str:
    """A column that makes 900 MB for each row of a table of its own."""
    _polygons(path, [shapely.box(123, -8.4, 123.1, -8.3)] * 50)
    with sqlite3.connect(path / "b.gpkg") as database:
        database.execute("ALTER TABLE b ADD COLUMN x TEXT AS (hex(zeroblob(450000000))) VIRTUAL")
    database.close()
    return BOUNDARY.format(name="b.gpkg")


def virtual_layer(path: Path) -> str:
    """A drawing that only points at itself."""
    text = (
        '<OGRVRTDataSource><OGRVRTLayer name="b"><SrcDataSource relativeToVRT="1">b.kml'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    return write(path / "b.kml", text, BOUNDARY)


def sparse_raster(path: Path) -> str:
    """A raster of 10⁶ × 10⁶ cells, none of them written."""
    place = rasterio.Affine(3e-6, 0, 122.0, 0, -3e-6, -7.0)
    return _raster(path, 1_000_000, place, {"SPARSE_OK": True, "tiled": True, "BIGTIFF": "YES"})


def packed_raster(path: Path) -> str:
    """A raster of 30,000 × 30,000 cells in one deflated strip of a few kB."""
    side = 30_000
    packed = zlib.compressobj(9)
    strip = packed.compress(bytes(side * 1_000)) * 0
    parts = [packed.compress(bytes(side * 100)) for _ in range(side // 100)]
    strip += b"".join(parts) + packed.flush()
    entries = [
        (256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1),
        (273, 4, 1, 400), (277, 3, 1, 1), (278, 4, 1, side), (279, 4, 1, len(strip)),
        (33550, 12, 3, 264), (33922, 12, 6, 288), (34735, 3, 8, 340),
    ]  # fmt: skip
    tiff = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    tiff += b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    tiff = tiff.ljust(264, b"\0") + struct.pack("<3d", 1e-5, 1e-5, 0)
    tiff += struct.pack("<6d", 0, 0, 0, 122.95, -8.2, 0).ljust(52, b"\0")
    tiff += struct.pack("<8H", 1, 1, 0, 1, 1024, 0, 1, 2)
    return write(path / "b.tif", tiff.ljust(400, b"\0") + strip, POPULATION)


def lying_pbf(path: Path) -> str:
    """An extract of roads whose block says it unpacks to 2 GB."""
    packed = zlib.compress(bytes(500_000_000), 9)
    blob = b"\x10" + _varint(2_000_000_000) + b"\x1a" + _varint(len(packed)) + packed
    header = b"\x0a\x09OSMHeader\x18" + _varint(len(blob))
    return write(path / "b.osm.pbf", struct.pack(">I", len(header)) + header + blob, ROADS)


def _polygons(path: Path, shapes: list[shapely.Polygon]) -> str:
    import geopandas as gpd

    codes = [f"53.06.{1 + n // 900:02d}.{2001 + n % 900}" for n in range(len(shapes))]
    frame = gpd.GeoDataFrame({"kode": codes}, geometry=shapes, crs=4326)
    frame.to_file(path / "b.gpkg", layer="b")
    return BOUNDARY.format(name="b.gpkg")


def _raster(path: Path, side: int, place: rasterio.Affine, options: dict[str, object]) -> str:
    with rasterio.open(
        path / "b.tif",
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=1,
        dtype="float64",
        crs="EPSG:4326",
        transform=place,
        **options,
    ):
        pass
    return POPULATION.format(name="b.tif")


def _varint(number: int) -> bytes:
    text = b""
    while number > 127:
        text += bytes([number & 127 | 128])
        number >>= 7
    return text + bytes([number])
