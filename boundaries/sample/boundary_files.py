"""Desa polygons as three offices sent them: GeoJSON, GeoPackage and zipped Shapefile.

The columns are those of the national mapping agency's desa boundaries (BIG): both code systems
stand in one file, ``KDEPUM`` (Kemendagri) beside ``KDEBPS`` (BPS).
"""

from __future__ import annotations

import geopandas as gpd

from boundaries.sample.office import write_geojson, write_gpkg, write_zipped_shp
from boundaries.sample.records import Load, OfficeFile
from boundaries.sample.units import KABUPATEN, PROVINSI, Unit, make_units

GEOJSON = "batas/batas_desa_tanjung_sagara.geojson"
GPKG = "batas/batas_desa_lembah_manuk.gpkg"
SHP = "batas/batas_desa_pesisir_gading.zip"


def make_boundary_files() -> tuple[OfficeFile, ...]:
    """One file for each kecamatan."""
    one, two, three = (
        [unit for unit in make_units() if unit.kode_kecamatan == f"99.01.0{number}"]
        for number in (1, 2, 3)
    )
    return (
        OfficeFile(
            GEOJSON,
            write_geojson([(unit.geometry, _attributes(unit, unit.kode)) for unit in one]),
            "Desa boundaries of Kecamatan Tanjung Sagara",
            load=Load(len(one), len(one)),
        ),
        OfficeFile(
            GPKG,
            write_gpkg(_frame(two, dotted=True), "batas_desa"),
            "Desa boundaries of Kecamatan Lembah Manuk",
            load=Load(len(two), len(two)),
        ),
        OfficeFile(
            SHP,
            write_zipped_shp(_frame(three, dotted=False), "batas_desa"),
            "Desa boundaries of Kecamatan Pesisir Gading",
            load=Load(len(three), len(three)),
        ),
    )


def _attributes(unit: Unit, kode: str) -> dict[str, str | None]:
    return {
        "KDPPUM": PROVINSI[0],
        "KDCPUM": unit.kode_kecamatan,
        "KDEPUM": kode,
        "KDCBPS": unit.kode_bps[:7],
        "KDEBPS": unit.kode_bps,
        "NAMOBJ": unit.nama,
        "WADMKC": unit.kecamatan,
        "WADMKK": KABUPATEN[1],
        "WADMPR": PROVINSI[1],
        "TIPADM": "Desa" if unit.is_desa else "Kelurahan",
        "UUPP": None,
    }


def _frame(units: list[Unit], *, dotted: bool) -> gpd.GeoDataFrame:
    rows = [_attributes(unit, unit.kode if dotted else unit.bare) for unit in units]
    geometry = [unit.geometry for unit in units]
    return gpd.GeoDataFrame(rows, geometry=geometry, crs="EPSG:4326")
