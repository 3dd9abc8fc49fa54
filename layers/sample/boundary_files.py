"""Desa polygons as three offices sent them: GeoJSON, GeoPackage and zipped Shapefile.

The columns are those of the national mapping agency's desa boundaries (BIG): both code systems
stand in one file, ``KDEPUM`` (Kemendagri) beside ``KDEBPS`` (BPS).
"""

import geopandas as gpd
import shapely
from shapely import MultiPolygon

from layers.sample import office, spoil
from layers.sample.office import Row, write_csv
from layers.sample.world import sample_records

GEOJSON = "batas/batas_desa_tanjung_sagara.geojson"
GPKG = "batas/batas_desa_lembah_manuk.gpkg"
SHP = "batas/batas_desa_pesisir_gading.zip"
CROSSED = "99.01.01.2007"
REPEATED = "99.01.01.2010"
CLOCKWISE = "99.01.01.2006"
REDRAWN = "99.01.02.2002"
LOCAL_TERM = {"99.01.03": "Negeri"}
"""What the desa of a kecamatan are called there."""


def make_boundary_files() -> tuple[sample_records.OfficeFile, ...]:
    """One file for each kecamatan."""
    first_units, two, three = (
        [unit for unit in sample_records.make_units() if unit.kode_kecamatan == f"99.01.0{number}"]
        for number in (1, 2, 3)
    )
    return (
        sample_records.OfficeFile(
            GEOJSON,
            office.write_geojson(
                [(_drawn(unit), _attributes(unit, unit.kode)) for unit in first_units]
            ),
            "Desa boundaries of Kecamatan Tanjung Sagara",
            _dirt(GEOJSON, first_units),
            sample_records.Load(len(first_units), len(first_units), desa_without_data=1),
        ),
        sample_records.OfficeFile(
            GPKG,
            office.write_gpkg(_frame(two, dotted=True), "batas_desa"),
            "Desa boundaries of Kecamatan Lembah Manuk",
            _dirt(GPKG, two),
            sample_records.Load(len(two), len(two), desa_without_data=1),
        ),
        sample_records.OfficeFile(
            SHP,
            office.write_zipped_shp(_raised(_frame(three, dotted=False)), "batas_desa"),
            "Desa boundaries of Kecamatan Pesisir Gading",
            _dirt(SHP, three),
            sample_records.Load(len(three), len(three), desa_without_data=1),
        ),
    )


def _attributes(unit: sample_records.Unit, kode: str) -> dict[str, str | None]:
    return {
        "KDPPUM": sample_records.PROVINSI[0],
        "KDCPUM": unit.kode_kecamatan,
        "KDEPUM": kode,
        "KDCBPS": unit.kode_bps[:7],
        "KDEBPS": unit.kode_bps,
        "NAMOBJ": unit.nama,
        "WADMKC": unit.kecamatan,
        "WADMKK": sample_records.KABUPATEN[1],
        "WADMPR": sample_records.PROVINSI[1],
        "TIPADM": LOCAL_TERM.get(unit.kode_kecamatan, "Desa") if unit.is_desa else "Kelurahan",
        "UUPP": None,
    }


def _frame(units: list[sample_records.Unit], *, dotted: bool) -> gpd.GeoDataFrame:
    rows = [_attributes(unit, unit.kode if dotted else unit.bare) for unit in units]
    geometry = [_drawn(unit) for unit in units]
    return gpd.GeoDataFrame(rows, geometry=geometry, crs="EPSG:4326")


def _raised(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(shapely.force_3d(frame.geometry, 0.0), crs=frame.crs)


def _drawn(unit: sample_records.Unit) -> MultiPolygon:
    """The polygon as the office drew it, with the damage labelled in `_dirt`."""
    if unit.kode == CROSSED:
        return spoil.cross_outline(unit.geometry)
    if unit.kode == REPEATED:
        return spoil.repeat_corners(unit.geometry)
    if unit.kode == CLOCKWISE:
        return shapely.reverse(shapely.normalize(unit.geometry))
    if unit.kode == REDRAWN:
        others = [
            other.geometry
            for other in sample_records.make_units()
            if other.kode_kecamatan == "99.01.01"
        ]
        return spoil.redraw_border(unit.geometry, others)
    return unit.geometry


_DAMAGE = {
    CROSSED: ("outline_crosses", "four vertices stand in reverse order"),
    REPEATED: ("repeated_vertices", "every tenth vertex stands twice"),
    CLOCKWISE: ("orientation", "rings run the other way round"),
    REDRAWN: ("border_drawn_twice", "its border with Tanjung Sagara is off by metres"),
}


def _dirt(path: str, units: list[sample_records.Unit]) -> tuple[sample_records.Dirt, ...]:
    dirt = [
        sample_records.Dirt(path, row, *_DAMAGE[unit.kode], "repaired", unit.kode)
        for row, unit in enumerate(units, start=1)
        if unit.kode in _DAMAGE
    ]
    dirt.append(sample_records.Dirt(path, None, "both_systems", "KDEPUM beside KDEBPS", "repaired"))
    if path == SHP:
        dirt.append(
            sample_records.Dirt(path, None, "three_dimensional", "heights of zero", "repaired")
        )
        dirt.append(sample_records.Dirt(path, None, "code_without_dots", "9901032002", "repaired"))
    return tuple(dirt)


NAMES = "kode/kode_wilayah_2025.csv"
BRIDGE = "kode/bridging_bps_2025_1.csv"
HISTORY = "kode/riwayat_kode.csv"


def make_code_files() -> tuple[sample_records.OfficeFile, ...]:
    """The three lists; that of names holds a desa which has no polygon yet."""
    units = sorted([*sample_records.make_units(), sample_records.NEW_UNIT])
    names: list[Row] = [
        ("kode", "nama"),
        sample_records.PROVINSI,
        sample_records.KABUPATEN,
        *sample_records.KECAMATAN.items(),
    ]
    names += [(unit.kode, unit.nama) for unit in units]
    bridge: list[Row] = [("kode_bps", "nama_bps", "kode_dagri", "nama_dagri", "periode")]
    bridge += [(unit.kode_bps, unit.nama.upper(), unit.kode, unit.nama, "2025_1") for unit in units]
    history: list[Row] = [
        ("kode_lama", "kode_baru", "perubahan", "tanggal"),
        (
            sample_records.MOTHER_OF_NEW_UNIT,
            sample_records.MOTHER_OF_NEW_UNIT,
            "split",
            f"{sample_records.SPLIT_YEAR}-01-02",
        ),
        (
            sample_records.MOTHER_OF_NEW_UNIT,
            sample_records.NEW_UNIT.kode,
            "split",
            f"{sample_records.SPLIT_YEAR}-01-02",
        ),
    ]
    return (
        sample_records.OfficeFile(
            NAMES, write_csv(names), "Codes and names of 2025", (), _all_of(names)
        ),
        sample_records.OfficeFile(
            BRIDGE,
            write_csv(bridge),
            "Bridge from BPS to Kemendagri codes, 2025",
            (),
            _all_of(bridge),
        ),
        sample_records.OfficeFile(
            HISTORY, write_csv(history), "How codes changed", (), _all_of(history)
        ),
    )


def _all_of(rows: list[Row]) -> sample_records.Load:
    """Every row but the header is used."""
    return sample_records.Load(len(rows) - 1, len(rows) - 1)
