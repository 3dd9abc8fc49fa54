"""Health, water and sanitation of three years: one XLSX a year, as a dinas fills its form.

Title rows, a header of two rows with merged group names, one row a unit, a totals row.  2023 is
clean, 2024 has codes as numbers and numbers as text, 2025 has the dirt.
"""

from collections.abc import Sequence

from layers.sample.office import Cell, Row, write_xlsx
from layers.sample.world import sample_records, sample_values

INDICATORS = (
    "air_minum_layak_pct",
    "sanitasi_layak_pct",
    "imunisasi_dasar_pct",
    "stunting_pct",
)
FIRST_ROW = 6
ABSENT_2025 = "99.01.02.2009"
NEW_UNIT_2025 = (51.3, 44.0, 70.2, 22.4)
CONTRADICTING_2025 = "99.01.03.2009"
# Cells of 2025 that hold no usable value: unit, indicator, what stands there instead.
UNUSABLE_2025: dict[tuple[str, str], tuple[str, Cell]] = {
    ("99.01.02.2003", "stunting_pct"): ("missing_marker", "-"),
    ("99.01.02.2004", "imunisasi_dasar_pct"): ("missing_marker", "n/a"),
    ("99.01.02.2006", "air_minum_layak_pct"): ("out_of_range", 665),
    ("99.01.03.1001", "stunting_pct"): ("empty_cell", None),
}
# Cells of 2025 that can be read as they are meant.
READABLE_2025 = {
    ("99.01.01.2008", "air_minum_layak_pct"): ("decimal_comma", "{:.1f}"),
    ("99.01.01.2009", "sanitasi_layak_pct"): ("percent_sign", "{:.1f} %"),
    ("99.01.01.2010", "stunting_pct"): ("text_number", " {:.1f}"),
}
CODES_2025 = {
    "99.01.01.2005": ("code_trailing_space", "{bare} "),
    "99.01.01.2007": ("code_as_float", "{bare}.0"),
    "99.01.02.2002": ("code_without_dots", "{bare}"),
    "99.01.03.2004": ("code_trailing_dot", "{kode}."),
}


def path_of(year: int) -> str:
    """Where the table of a year lies."""
    return f"tabel/kesehatan_lingkungan_{year}.xlsx"


def make_health_files() -> tuple[sample_records.OfficeFile, ...]:
    """The three tables."""
    return _clean_2023(), _numbers_as_text_2024(), _dirty_2025()


def _row(number: int, unit: sample_records.Unit, kode: Cell, cells: list[Cell]) -> list[Cell]:
    return [number, kode, unit.kecamatan.upper(), unit.nama, *cells]


def _sheet(year: int, rows: Sequence[Row]) -> bytes:
    head: list[Row] = [
        [f"CAKUPAN KESEHATAN DAN LINGKUNGAN TAHUN {year}"],
        [f"KABUPATEN {sample_records.KABUPATEN[1].upper()}"],
        [],
        [
            "NO",
            "KODE WILAYAH",
            "KECAMATAN",
            "DESA/KELURAHAN",
            "AIR DAN SANITASI (% KK)",
            None,
            "KESEHATAN ANAK (%)",
            None,
        ],
        [
            None,
            None,
            None,
            None,
            "Air minum layak",
            "Sanitasi layak",
            "Imunisasi dasar lengkap",
            "Stunting",
        ],
    ]
    foot: list[Row] = [[None, None, "JUMLAH", None, None, None, None, None]]
    merged = ["A1:H1", "A4:A5", "B4:B5", "C4:C5", "D4:D5", "E4:F4", "G4:H4"]
    return write_xlsx({"Data": [*head, *rows, *foot]}, {"Data": merged})


def _clean_2023() -> sample_records.OfficeFile:
    units = sample_records.make_units()
    rows = [
        _row(
            i + 1,
            unit,
            unit.kode,
            [sample_values.true_value(unit, name, 2023) for name in INDICATORS],
        )
        for i, unit in enumerate(units)
    ]
    return sample_records.OfficeFile(
        path_of(2023),
        _sheet(2023, rows),
        "Health and sanitation 2023, clean",
        load=sample_records.Load(len(units), len(units), desa_without_data=1),
    )


def _numbers_as_text_2024() -> sample_records.OfficeFile:
    units = sample_records.make_units()
    rows = []
    for i, unit in enumerate(units):
        cells = [
            f"{sample_values.true_value(unit, name, 2024):.1f}".replace(".", ",")
            for name in INDICATORS
        ]
        rows.append(_row(i + 1, unit, int(unit.bare), list(cells)))
    path = path_of(2024)
    dirt = (
        sample_records.Dirt(
            path, None, "code_as_number", "codes as numbers without dots", "repaired"
        ),
        sample_records.Dirt(
            path, None, "decimal_comma", "all values are text with a decimal comma", "repaired"
        ),
    )
    load = sample_records.Load(len(units), len(units), desa_without_data=1)
    return sample_records.OfficeFile(
        path, _sheet(2024, rows), "Health and sanitation 2024", dirt, load
    )


def _dirty_2025() -> sample_records.OfficeFile:
    path = path_of(2025)
    rows: list[list[Cell]] = []
    dirt: list[sample_records.Dirt] = []

    def add(unit: sample_records.Unit, cells: list[Cell], kode: Cell = None) -> int:
        rows.append(_row(len(rows) + 1, unit, kode or unit.kode, cells))
        return FIRST_ROW + len(rows) - 1

    for unit in sample_records.make_units():
        if unit.kode == ABSENT_2025:
            continue
        cells, kinds = _cells_2025(unit)
        code_kind, pattern = CODES_2025.get(unit.kode, ("", "{kode}"))
        row = add(unit, cells, pattern.format(kode=unit.kode, bare=unit.bare))
        if code_kind:
            dirt.append(
                sample_records.Dirt(path, row, code_kind, str(rows[-1][1]), "repaired", unit.kode)
            )
        for kind, detail, treatment in kinds:
            dirt.append(sample_records.Dirt(path, row, kind, detail, treatment, unit.kode))
        if unit.kode == "99.01.02.2010":
            row = add(unit, list(cells))
            dirt.append(
                sample_records.Dirt(
                    path, row, "duplicate_same", "the same row twice", "left_out", unit.kode
                )
            )
        if unit.kode == CONTRADICTING_2025:
            dirt += [
                sample_records.Dirt(
                    path,
                    number,
                    "duplicate_different",
                    "two rows, different stunting",
                    "left_out",
                    unit.kode,
                )
                for number in (row, add(unit, [*cells[:3], 9.9]))
            ]
    stranger = sample_records.Unit("99.01.04.2001", "Antah Berantah", "desa", "9902040001", (0, 0))
    row = add(stranger, [50.0, 50.0, 50.0, 20.0])
    dirt.append(sample_records.Dirt(path, row, "unknown_code", stranger.kode, "left_out"))
    row = add(sample_records.NEW_UNIT, list(NEW_UNIT_2025))
    dirt.append(
        sample_records.Dirt(
            path,
            row,
            "no_polygon",
            sample_records.NEW_UNIT.nama,
            "warned",
            sample_records.NEW_UNIT.kode,
        )
    )
    read = len(rows)
    load = sample_records.Load(read, read - 1 - 3, 1, 3, desa_without_data=1)
    about = "Health and sanitation 2025, with labelled dirt"
    return sample_records.OfficeFile(path, _sheet(2025, rows), about, tuple(dirt), load)


def _cells_2025(
    unit: sample_records.Unit,
) -> tuple[list[Cell], list[tuple[str, str, sample_records.Treatment]]]:
    cells: list[Cell] = []
    kinds: list[tuple[str, str, sample_records.Treatment]] = []
    for name in INDICATORS:
        cell: Cell = sample_values.true_value(unit, name, 2025)
        if (unit.kode, name) in UNUSABLE_2025:
            kind, cell = UNUSABLE_2025[unit.kode, name]
            kinds.append((kind, f"{name} = {cell}", "left_out"))
        if (unit.kode, name) in READABLE_2025:
            kind, pattern = READABLE_2025[unit.kode, name]
            cell = pattern.format(cell).replace(".", ",")
            kinds.append((kind, f"{name} = {cell}", "repaired"))
        cells.append(cell)
    return cells, kinds


def values_of(year: int) -> dict[tuple[str, str], float]:
    """The values that must be read, by unit and indicator; what is not there has no data."""
    values = {
        (unit.kode, name): sample_values.true_value(unit, name, year)
        for unit in sample_records.make_units()
        for name in INDICATORS
    }
    if year != 2025:
        return values
    lost = (
        set(UNUSABLE_2025)
        | {key for key in values if key[0] == ABSENT_2025}
        | {(CONTRADICTING_2025, "stunting_pct")}
    )
    values_left = {key: value for key, value in values.items() if key not in lost}
    new = zip(INDICATORS, NEW_UNIT_2025, strict=True)
    return values_left | {(sample_records.NEW_UNIT.kode, name): value for name, value in new}
