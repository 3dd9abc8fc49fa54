"""Birth certificates: two years under BPS codes, and one year without any code, by name."""

from layers.sample.office import Row, write_csv, write_xlsx
from layers.sample.world import sample_records, sample_values

INDICATOR = "akta_kelahiran_pct"
BPS = "tabel/akta_kelahiran_bps_2023_2024.csv"
BY_NAME = "tabel/akta_kelahiran_2025.xlsx"
BPS_YEARS = (2023, 2024)
MISSPELT = "99.01.02.2010"
# How the table of 2025 writes names; every other name stands as it is.
SPELLINGS = {
    "99.01.01.2006": ("typographic_apostrophe", "BA’U MESJID"),
    "99.01.01.2008": ("roman_number", "Karang Jati 1"),
    "99.01.01.2009": ("roman_number", "Karang Jati 2"),
    "99.01.01.2010": ("slash_spacing", "Tapian Laut/Saurnauli"),
    "99.01.02.2002": ("prefix_and_case", "DS. RAI MANUK"),
    "99.01.03.1001": ("same_name_told_apart", "Kel. Watulewo"),
    "99.01.03.2002": ("same_name_told_apart", "Desa Watulewo"),
    MISSPELT: ("misspelt_name", "Pante Rindoe"),
}


def make_certificate_files() -> tuple[sample_records.OfficeFile, ...]:
    """Both tables."""
    return _by_bps_code(), _by_name()


def _by_bps_code() -> sample_records.OfficeFile:
    rows: list[Row] = [("tahun", "iddesa", "nama_desa", "cakupan_akta")]
    for year in BPS_YEARS:
        rows += [
            (
                year,
                unit.kode_bps,
                unit.nama.upper(),
                sample_values.true_value(unit, INDICATOR, year),
            )
            for unit in sample_records.make_units()
        ]
    dirt = (
        sample_records.Dirt(
            BPS, None, "bps_codes", "read through the dated bridge only", "repaired"
        ),
    )
    read = len(rows) - 1
    about = "Birth certificates 2023 and 2024, under BPS codes"
    return sample_records.OfficeFile(
        BPS, write_csv(rows), about, dirt, sample_records.Load(read, read, desa_without_data=1)
    )


def _by_name() -> sample_records.OfficeFile:
    rows: list[Row] = [["Cakupan akta kelahiran 2025"], ["Kecamatan", "Nama", "Cakupan (%)"]]
    dirt = []
    for unit in sample_records.make_units():
        kind, name = SPELLINGS.get(unit.kode, ("", unit.nama))
        rows.append([unit.kecamatan, name, sample_values.true_value(unit, INDICATOR, 2025)])
        if kind:
            treatment: sample_records.Treatment = (
                "left_out" if unit.kode == MISSPELT else "repaired"
            )
            dirt.append(sample_records.Dirt(BY_NAME, len(rows), kind, name, treatment, unit.kode))
    read = len(rows) - 2
    load = sample_records.Load(read, read - 1, 1, 0, desa_without_data=2)
    about = "Birth certificates 2025, no codes: kecamatan and name"
    return sample_records.OfficeFile(BY_NAME, write_xlsx({"Akta": rows}), about, tuple(dirt), load)


def has_value(unit: sample_records.Unit, year: int) -> bool:
    """Whether the value of that unit and year must be read."""
    return year in BPS_YEARS or unit.kode != MISSPELT
