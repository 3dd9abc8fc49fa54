"""APBDes of each desa as a Siskeudes export: one row a desa, activity and source of funds.

Codes are ``00.0000.`` (kecamatan and desa, no kabupaten), every number is text in one of three
notations, and there are two amounts, the original and the one after revision (PAK).
"""

from dataclasses import dataclass
from functools import cache

from layers.sample.office import Row, write_csv
from layers.sample.world import noise, sample_records
from layers.sample.world.noise import unit as chance

YEARS = (2024, 2025)
ABSENT_2025 = "99.01.02.2009"
# Code, name, source of funds, lowest and highest amount in thousands, how many desa have it.
ACTIVITIES = (
    ("01.01.01.", "Penyediaan Penghasilan Tetap Kepala Desa", "ADD", 38_000, 52_000, 1.0),
    ("01.01.04.", "Penyediaan Operasional Pemerintah Desa", "ADD", 21_000, 60_000, 1.0),
    ("01.05.92.", "Penegasan Batas Desa", "PBH", 5_000, 18_000, 0.2),
    ("02.01.01.", "Penyelenggaraan PAUD/TK Milik Desa", "DDS", 12_000, 48_000, 0.7),
    ("02.02.02.", "Penyelenggaraan Posyandu", "DDS", 15_000, 65_000, 0.85),
    ("02.02.08", "Pemeliharaan Sarana Posyandu/Polindes", "DDS", 9_000, 80_000, 0.35),
    ("02.03.10", "Pembangunan/Rehabilitasi Jalan Desa", "DDS", 60_000, 240_000, 0.75),
    ("02.04.11", "Pembangunan Sumber Air Bersih Milik Desa", "DDS", 40_000, 150_000, 0.4),
    ("02.04.14", "Pembangunan Jamban Umum/MCK", "DDS", 20_000, 90_000, 0.3),
    ("02.04.90.", "Jambanisasi Keluarga Miskin", "DDS", 15_000, 45_000, 0.25),
    ("04.02.03.", "Ketahanan Pangan Tingkat Desa", "DDS", 90_000, 190_000, 1.0),
    ("05.03.01.", "Penanganan Keadaan Mendesak", "DDS", 36_000, 108_000, 1.0),
)


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One true budget line; amounts in whole rupiah."""

    kode: str
    tahun: int
    kegiatan: str
    nama_kegiatan: str
    sumber: str
    anggaran_idr: int
    anggaran_perubahan_idr: int
    realisasi_idr: int


NEW_UNIT_LINE = BudgetLine(
    sample_records.NEW_UNIT.kode,
    2025,
    "02.02.02",
    "Penyelenggaraan Posyandu",
    "DDS",
    25_000_000,
    25_000_000,
    24_100_000,
)


def path_of(year: int) -> str:
    """Where the export of a year lies."""
    return f"belanja/siskeudes_kegiatan_{year}.csv"


@cache
def make_lines(year: int) -> tuple[BudgetLine, ...]:
    """The true lines of a year, by desa and activity; a kelurahan has none."""
    lines = []
    for unit in sample_records.make_units():
        if not unit.is_desa or (year == 2025 and unit.kode == ABSENT_2025):
            continue
        for code, name, source, low, high, share in ACTIVITIES:
            if chance("activity", unit.kode, code, year) < share:
                lines.append(_line(unit, year, (code, name, source), (low, high)))
    return (*lines, NEW_UNIT_LINE) if year == NEW_UNIT_LINE.tahun else tuple(lines)


def _line(
    unit: sample_records.Unit, year: int, what: tuple[str, str, str], amounts: tuple[int, int]
) -> BudgetLine:
    code, name, source = what
    key = (unit.kode, code, year)
    planned = 1000 * noise.whole(*amounts, "planned", *key) + noise.whole(0, 3, "odd", *key) * 250
    revised = planned
    if chance("is revised", *key) < 0.3:
        revised = planned + 1000 * noise.whole(-4000, 9000, "revised", *key)
    spent = revised * noise.whole(72, 100, "spent", *key) // 100
    plain = code.rstrip(".")
    return BudgetLine(unit.kode, year, plain, name, source, planned, revised, spent)


def _indonesian(amount: int) -> str:
    return f"Rp {amount:,}".replace(",", ".") + ",00"


def _english(amount: int) -> str:
    return f"{amount:,}.00"


NOTATIONS = {"99.01.01": _indonesian, "99.01.02": _english, "99.01.03": str}
_CODES_AS_WRITTEN = {code.rstrip("."): code for code, *_rest in ACTIVITIES}


def _kd_desa(kode: str) -> str:
    """``00.0000.`` form; one desa of each kecamatan has lost its last dot."""
    _provinsi, _kabupaten, kecamatan, desa = kode.split(".")
    return f"{kecamatan}.{desa}" + ("" if desa == "2008" else ".")


def make_spending_files() -> tuple[sample_records.OfficeFile, ...]:
    """The two exports."""
    return tuple(_export(year) for year in YEARS)


def _export(year: int) -> sample_records.OfficeFile:
    path = path_of(year)
    rows: list[Row] = [
        (
            "Tahun",
            "Kd_Desa",
            "Nama_Desa",
            "Kd_Keg",
            "ID_Keg",
            "Nama_Kegiatan",
            "Sumberdana",
            "Pagu",
            "Pagu_PAK",
            "Realisasi",
        ),
    ]
    names = {
        unit.kode: unit.nama for unit in (*sample_records.make_units(), sample_records.NEW_UNIT)
    }
    for line in make_lines(year):
        rows.append(_as_row(line, names[line.kode], NOTATIONS[line.kode[:8]]))
    dirt = [
        sample_records.Dirt(
            path, None, "no_kabupaten", "Kd_Desa is 00.0000., no kabupaten", "repaired"
        ),
        sample_records.Dirt(
            path, None, "three_notations", "Rp 1.250.000,00 / 1,250,000.00 / 1250000", "repaired"
        ),
        sample_records.Dirt(
            path, None, "missing_dot", "desa 2008 without last dot; some ID_Keg too", "repaired"
        ),
        sample_records.Dirt(
            path, None, "local_code", "01.05.92 and 02.04.90 are local codes", "warned"
        ),
    ]
    if year == NEW_UNIT_LINE.tahun:
        dirt += [
            sample_records.Dirt(
                path,
                len(rows),
                "no_polygon",
                f"{sample_records.NEW_UNIT.kode}, split from {sample_records.MOTHER_OF_NEW_UNIT}",
                "warned",
                sample_records.NEW_UNIT.kode,
            ),
            sample_records.Dirt(
                path,
                None,
                "absent_desa",
                f"{ABSENT_2025} is not in the file",
                "warned",
                ABSENT_2025,
            ),
        ]
    matched = len(make_lines(year))
    present = {line.kode for line in make_lines(year)}
    missing = sum(
        unit.is_desa and unit.kode not in present
        for unit in (*sample_records.make_units(), sample_records.NEW_UNIT)
    )
    load = sample_records.Load(matched, matched, desa_without_data=missing)
    about = f"Desa spending {year}, Siskeudes export"
    return sample_records.OfficeFile(path, write_csv(rows, delimiter=";"), about, tuple(dirt), load)


def _as_row(line: BudgetLine, name: str, notation: object) -> Row:
    write = notation if callable(notation) else str
    kd_desa, written = _kd_desa(line.kode), _CODES_AS_WRITTEN[line.kegiatan]
    return (
        line.tahun,
        kd_desa,
        name.replace("/", "\\/"),
        f"{kd_desa.rstrip('.')}.{written}",
        written,
        line.nama_kegiatan,
        line.sumber,
        write(line.anggaran_idr),
        write(line.anggaran_perubahan_idr),
        write(line.realisasi_idr),
    )
