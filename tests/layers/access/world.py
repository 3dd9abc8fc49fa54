"""Worlds small enough to draw: square desa in a row, each 0.1 degree wide."""

from __future__ import annotations

import geopandas as gpd
import shapely

SIDE = 0.1


def square(column: float, row: float = 0.0, side: float = SIDE) -> shapely.Polygon:
    west, south = 120 + column * SIDE, -8 + row * SIDE
    return shapely.box(west, south, west + side, south + side)


def make_desa(
    *polygons: shapely.Geometry | None, kecamatan: tuple[int, ...] = ()
) -> gpd.GeoDataFrame:
    """Desa of one kabupaten; by default every desa in kecamatan 1."""
    numbers = kecamatan or (1,) * len(polygons)
    rows = [
        {
            "kode": f"99.01.{number:02d}.2{index:03d}",
            "nama": f"Desa {index}",
            "kode_kecamatan": f"99.01.{number:02d}",
            "nama_kecamatan": f"Kecamatan {number}",
            "kode_kabupaten": "99.01",
            "nama_kabupaten": "Kabupaten",
            "kode_provinsi": "99",
            "nama_provinsi": "Provinsi",
        }
        for index, number in enumerate(numbers, start=1)
    ]
    return gpd.GeoDataFrame(rows, geometry=list(polygons), crs="EPSG:4326")


def make_facilities(
    *points: tuple[float, float], kind: str = "sd", letak: tuple[str | None, ...] = ()
) -> gpd.GeoDataFrame:
    rows = [
        {
            "facility_id": f"f{index}",
            "kind": kind,
            "nama": f"Fasilitas {index}",
            "kode_desa_letak": letak[index] if letak else None,
            "kode_desa_declared": None,
            "supply": float("nan"),
            "supply_unit": None,
            "file": "f.csv",
            "row": index + 2,
        }
        for index in range(len(points))
    ]
    geometry = [shapely.Point(point) for point in points]
    return gpd.GeoDataFrame(rows, geometry=geometry, crs="EPSG:4326")
