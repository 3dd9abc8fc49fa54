"""Registered people, a long open-data table, birth certificates by name, IDM and Indeks Desa."""

from layers.sample.office import Row, write_csv, write_xlsx
from layers.sample.world import sample_records, sample_values

LONG = "tabel/satu_data_prasarana_2023_2025.csv"
INDEKS_DESA = "tabel/indeks_desa_2025.xlsx"
LONG_NAMES = {
    "Rumah tangga berlistrik": "listrik_pct",
    "Jalan desa kondisi baik": "jalan_baik_pct",
}


def people_path(year: int) -> str:
    """Where the table of registered people of a year lies."""
    return f"tabel/kependudukan_{year}.csv"


def idm_path(year: int) -> str:
    """Where the IDM of a year lies."""
    return f"tabel/idm_{year}.xlsx"


def make_register_files() -> tuple[sample_records.OfficeFile, ...]:
    """All tables of this module."""
    return (
        *(_people(year) for year in sample_values.YEARS),
        _long(),
        *(_idm(year) for year in (2023, 2024)),
        _indeks_desa(),
    )


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _people(year: int) -> sample_records.OfficeFile:
    """Semicolons, Windows code page, thousands with dots: 1.017 is a thousand and seventeen."""
    units = sample_records.make_units()
    rows: list[Row] = [("KODE", "KECAMATAN", "DESA", "JUMLAH PENDUDUK", "JUMLAH KK")]
    for unit in units:
        count, family = (
            sample_values.official_population(unit, year),
            sample_values.families(unit, year),
        )
        rows.append((unit.kode, unit.kecamatan, unit.nama, _grouped(count), _grouped(family)))
    path = people_path(year)
    dirt = (
        sample_records.Dirt(path, None, "windows_1252", "semicolons, cp1252 (Lamaté)", "repaired"),
        sample_records.Dirt(
            path, None, "thousands_dot", "1.017 is a thousand and seventeen", "repaired"
        ),
    )
    content = write_csv(rows, delimiter=";", encoding="cp1252")
    about = f"Registered people and families {year}"
    load = sample_records.Load(len(units), len(units), desa_without_data=1)
    return sample_records.OfficeFile(path, content, about, dirt, load)


def _long() -> sample_records.OfficeFile:
    """Long shape, one row a unit, year and category, both code systems in each row."""
    rows: list[Row] = [
        (
            "kode_provinsi",
            "nama_provinsi",
            "bps_kode_kabupaten_kota",
            "bps_nama_kabupaten_kota",
            "bps_kode_kecamatan",
            "bps_kode_desa_kelurahan",
            "bps_desa_kelurahan",
            "kemendagri_kode_kecamatan",
            "kemendagri_kode_desa_kelurahan",
            "kemendagri_nama_desa_kelurahan",
            "kategori",
            "nilai",
            "satuan",
            "tahun",
        ),
    ]
    for year in sample_values.YEARS:
        for category, indicator in LONG_NAMES.items():
            for unit in sample_records.make_units():
                rows.append(
                    (
                        sample_records.PROVINSI[0],
                        sample_records.PROVINSI[1].upper(),
                        sample_records.KABUPATEN_BPS,
                        sample_records.KABUPATEN[1].upper(),
                        unit.kode_bps[:7],
                        unit.kode_bps,
                        _bps_name(unit),
                        unit.kode_kecamatan,
                        unit.kode,
                        unit.nama.upper(),
                        category,
                        sample_values.true_value(unit, indicator, year),
                        "PERSEN",
                        year,
                    )
                )
    dirt = (
        sample_records.Dirt(
            LONG, None, "both_systems", "BPS and Kemendagri code in each row", "repaired"
        ),
    )
    read = len(rows) - 1
    about = "Infrastructure 2023 to 2025, long shape"
    return sample_records.OfficeFile(
        LONG, write_csv(rows), about, dirt, sample_records.Load(read, read, desa_without_data=1)
    )


def _bps_name(unit: sample_records.Unit) -> str:
    return unit.nama.upper().replace("RAI MANUK", "RAIMANUK").replace("ILE LAMO", "ILELAMO")


def _idm(year: int) -> sample_records.OfficeFile:
    """IDM as kabupaten pass it on: decimal commas, codes as numbers, no kelurahan."""
    desa = [unit for unit in sample_records.make_units() if unit.is_desa]
    rows: list[Row] = [
        [f"STATUS INDEKS DESA MEMBANGUN TAHUN {year}"],
        [],
        ["NO", "KECAMATAN", "KODE DESA", "DESA", "IKS", "IKE", "IKL", "NILAI IDM", "STATUS"],
    ]
    for number, unit in enumerate(desa, start=1):
        scores = sample_values.true_idm(unit, year)
        cells = (scores.iks, scores.ike, scores.ikl, scores.idm)
        written = [f"{cell / 10_000:.4f}".replace(".", ",") for cell in cells]
        rows.append(
            [
                number,
                unit.kecamatan.upper(),
                int(unit.bare),
                unit.nama.upper(),
                *written,
                scores.status,
            ]
        )
    path = idm_path(year)
    dirt = (
        sample_records.Dirt(
            path, None, "decimal_comma", "scores are text with a decimal comma", "repaired"
        ),
        sample_records.Dirt(path, None, "code_as_number", "codes as numbers", "repaired"),
        sample_records.Dirt(path, None, "no_kelurahan", "a kelurahan has no IDM", "warned"),
    )
    # The desa without a polygon; a kelurahan has no index to lack.
    load = sample_records.Load(len(desa), len(desa), desa_without_data=1)
    return sample_records.OfficeFile(path, write_xlsx({"IDM": rows}), f"IDM {year}", dirt, load)


def _indeks_desa() -> sample_records.OfficeFile:
    """Indeks Desa 2025: the same status words as IDM on another scale."""
    desa = [unit for unit in sample_records.make_units() if unit.is_desa]
    rows: list[Row] = [["kecamatan", "kode", "desa", *sample_values.DIMENSIONS, "skor", "status"]]
    for unit in desa:
        dimensions, score, status = sample_values.true_indeks_desa(unit)
        rows.append([unit.kecamatan, unit.kode, unit.nama, *dimensions.values(), score, status])
    # The desa without a polygon; a kelurahan has no index to lack.
    load = sample_records.Load(len(desa), len(desa), desa_without_data=1)
    content = write_xlsx({"Indeks Desa": rows})
    return sample_records.OfficeFile(INDEKS_DESA, content, "Indeks Desa 2025", (), load)
