"""Code lists: official names, the bridge between the two systems, and how codes moved."""

from layers.sample.office import Row, write_csv
from layers.sample.world.sample_records import Load, OfficeFile
from layers.sample.world.units import (
    KABUPATEN,
    KECAMATAN,
    MOTHER_OF_NEW_UNIT,
    NEW_UNIT,
    PROVINSI,
    SPLIT_YEAR,
    make_units,
)

NAMES = "kode/kode_wilayah_2025.csv"
BRIDGE = "kode/bridging_bps_2025_1.csv"
HISTORY = "kode/riwayat_kode.csv"


def make_code_files() -> tuple[OfficeFile, ...]:
    """The three lists; that of names holds a desa which has no polygon yet."""
    units = sorted([*make_units(), NEW_UNIT])
    names: list[Row] = [("kode", "nama"), PROVINSI, KABUPATEN, *KECAMATAN.items()]
    names += [(unit.kode, unit.nama) for unit in units]
    bridge: list[Row] = [("kode_bps", "nama_bps", "kode_dagri", "nama_dagri", "periode")]
    bridge += [(unit.kode_bps, unit.nama.upper(), unit.kode, unit.nama, "2025_1") for unit in units]
    history: list[Row] = [
        ("kode_lama", "kode_baru", "perubahan", "tanggal"),
        (MOTHER_OF_NEW_UNIT, MOTHER_OF_NEW_UNIT, "split", f"{SPLIT_YEAR}-01-02"),
        (MOTHER_OF_NEW_UNIT, NEW_UNIT.kode, "split", f"{SPLIT_YEAR}-01-02"),
    ]
    return (
        OfficeFile(NAMES, write_csv(names), "Codes and names of 2025", (), _all_of(names)),
        OfficeFile(
            BRIDGE,
            write_csv(bridge),
            "Bridge from BPS to Kemendagri codes, 2025",
            (),
            _all_of(bridge),
        ),
        OfficeFile(HISTORY, write_csv(history), "How codes changed", (), _all_of(history)),
    )


def _all_of(rows: list[Row]) -> Load:
    """Every row but the header is used."""
    return Load(len(rows) - 1, len(rows) - 1)
