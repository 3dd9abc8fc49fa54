"""What a person sees in a cell is published, or refused by a finding that names file and row."""

from __future__ import annotations

import datetime as dt
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlwt

from layers.release.manifest_file import Text
from layers.tables.files.sheets import read_sheet
from layers.tables.indicators.join import TableResult, join_table
from layers.tables.numbers.expectations import Expectation
from layers.tables.numbers.format_codes import is_plain, section_of
from layers.tables.numbers.numbers import read_numbers
from layers.tables.numbers.rupiah import read_rupiah
from layers.tables.numbers.special_cells import FormattedNumber, UnsolvedFormula
from layers.tables.points.coordinate_text import CoordinateProblem, read_coordinate
from layers.workspace.sections import IndicatorSection, TableSection
from tests.layers.tables.conftest import KODE
from tests.layers.tables.workbook_cells import Failed, Formula, Rich, Struck, Styled
from tests.layers.tables.workbook_files import WRITERS

Indicators = dict[str, IndicatorSection]


def join(
    folder: Path,
    desa: pd.DataFrame,
    indicators: Indicators,
    suffix: str,
    name: str,
    cells: Sequence[object],
    factor: float | None = None,
) -> TableResult:
    """A table of one column, in a workbook of that kind."""
    rows: list[list[object]] = [
        ["kode", name],
        *([kode, cell] for kode, cell in zip(KODE, cells, strict=False)),
    ]
    WRITERS[suffix](folder / f"t{suffix}", rows)
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": f"t{suffix}",
            "code_system": "kemendagri",
            "code_column": "kode",
            "year": 2024,
            "columns": {name: name},
            "unit_factor": {} if factor is None else {name: factor},
        }
    )
    return join_table(section, folder, desa, indicators)


def values(result: TableResult) -> list[float]:
    """The published values in the order of the desa of the table."""
    published = dict(zip(result.values["kode"], result.values["nilai"], strict=True))
    return [published.get(kode, math.nan) for kode in KODE]


@pytest.mark.parametrize("suffix", WRITERS)
def test_percent_cells_are_per_cent_in_every_workbook(
    tmp_path: Path, desa: pd.DataFrame, indicators: Indicators, suffix: str
) -> None:
    cells = [
        Styled(0.853, "0.0%"),
        Styled(0.57, "0.0%"),
        Styled(85.3, '0.0"%"'),
        42.5,
        Styled(1, "0.0%"),
        0.9,
    ]
    result = join(tmp_path, desa, indicators, suffix, "air", cells)
    assert values(result)[:5] == [85.3, 57, 85.3, 42.5, 100]
    assert math.isnan(values(result)[5])
    (finding,) = [f for f in result.findings if f.code == "table.percent_as_fraction"]
    assert (finding.file, finding.row) == (f"t{suffix}", 7)


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_format_that_scales_or_names_another_unit_is_refused(
    tmp_path: Path, desa: pd.DataFrame, indicators: Indicators, suffix: str
) -> None:
    cells = [
        Styled(2_345_000, '#,##0,"rb"'),
        Styled(3_456, '0" jiwa"'),
        Styled(4_567_000, "#,##0,"),
        Styled(5_678, '0"rb"'),
        Styled(6_789, ";;;"),
        Styled(0.12, "0.0%"),
    ]
    result = join(tmp_path, desa, indicators, suffix, "jiwa", cells)
    assert values(result)[:2] == [2_345_000, 3_456]
    assert all(map(math.isnan, values(result)[2:]))
    (finding,) = [f for f in result.findings if f.code == "table.number_format"]
    assert (finding.row, finding.measure) == (4, 4)
    assert "Rows 4-7" in finding.message


@pytest.mark.parametrize("suffix", WRITERS)
def test_formulas_without_result_and_errors_are_named(
    tmp_path: Path, desa: pd.DataFrame, indicators: Indicators, suffix: str
) -> None:
    result = join(tmp_path, desa, indicators, suffix, "jiwa", [Formula()] * 6)
    assert [f.row for f in result.findings if f.code == "table.formula_unsolved"] == [2]
    assert all(map(math.isnan, values(result)))
    result = join(tmp_path, desa, indicators, suffix, "jiwa", [1200, Failed("#REF!"), 1300])
    (finding,) = [f for f in result.findings if f.code == "table.formula_error"]
    assert (finding.row, "#REF!" in finding.message) == (3, True)
    assert values(result)[0] == 1200


@pytest.mark.parametrize("suffix", WRITERS)
def test_marked_numbers_are_one_finding_with_their_rows(
    tmp_path: Path, desa: pd.DataFrame, indicators: Indicators, suffix: str
) -> None:
    raised = Rich((("1234", ""), ("1", "sup")))
    result = join(tmp_path, desa, indicators, suffix, "jiwa", [raised, 1300, Struck(900), raised])
    (finding,) = [f for f in result.findings if f.code == "table.marked_number"]
    assert (finding.file, finding.row, finding.measure) == (f"t{suffix}", 2, 3)
    assert "Rows 2, 4-5" in finding.message
    assert values(result)[1] == 1300
    assert sum(map(math.isnan, values(result))) == 5


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".xlsb"])
def test_a_date_is_no_count_in_any_workbook(
    tmp_path: Path, desa: pd.DataFrame, indicators: Indicators, suffix: str
) -> None:
    day = dt.date(2024, 5, 1)
    result = join(tmp_path, desa, indicators, suffix, "jiwa", [day, Styled(45_413, "d-mmm"), 1300])
    assert [f.row for f in result.findings if f.code == "table.number_unreadable"] == [2, 3]
    assert values(result)[2] == 1300


def test_the_zero_that_a_program_writes_for_a_result_is_none(
    tmp_path: Path, desa: pd.DataFrame, indicators: Indicators
) -> None:
    """XlsxWriter stores 0 for every formula and asks the reader to calculate on load."""
    join(tmp_path, desa, indicators, ".xlsx", "jiwa", [Formula()] * 6)
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"<v></v>", b"<v>0</v>").replace(b"<v />", b"<v>0</v>")
    parts[sheet] = parts[sheet].replace(b"<v/>", b"<v>0</v>")
    assert b"<v>0</v>" in parts[sheet]
    with zipfile.ZipFile(tmp_path / "z.xlsx", "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": "z.xlsx",
            "code_system": "kemendagri",
            "code_column": "kode",
            "year": 2024,
            "columns": {"jiwa": "jiwa"},
        }
    )
    result = join_table(section, tmp_path, desa, indicators)
    assert all(map(math.isnan, values(result)))
    assert [f.code for f in result.findings if f.row == 2] == ["table.formula_unsolved"]


@pytest.mark.parametrize(
    ("number", "code", "unit", "factor", "value"),
    [
        (0.853, "0%", "%", None, 85.3),
        (0.853, "0.00%;[Red]-0.00%", "%", None, 85.3),
        (0.853, "[<1]0.0%;0", "%", None, 85.3),
        (0.853, "0%", "%", 100.0, 0.853),
        (0.853, "0%", "jiwa", None, None),
        (0.853, "0%", "indeks", None, None),
        (0.853, "# ?/?", "indeks", None, 0.853),
        (12_345, "0.00E+00", "jiwa", None, 12_345),
        (1_234_567, '0.0,,"jt"', "jiwa", None, 1_234_567),
        (1_234_567, '0.0,,"rb"', "jiwa", None, None),
        (1_234_567, '0.0,," juta jiwa"', "jiwa", None, 1_234_567),
        (1_234, '0"rb"', "jiwa", 1000.0, 1_234),
        (1_234_000, '0,"rb"', "jiwa", 1000.0, None),
        (1_234, '"Rp"#,##0', "IDR", None, 1_234),
        (1_234, "[$$-409]#,##0", "IDR", None, None),
        (8_530, '0"."00', "jiwa", None, None),
        (0, '_-* #,##0_-;-* #,##0_-;_-* "-"_-;_-@_-', "jiwa", None, 0),
        (0, "0;-0;;@", "jiwa", None, None),
        (45_000, "yyyy-mm-dd", "jiwa", None, None),
        (1_234, '0" KK"', "keluarga", None, None),
    ],
)
def test_a_format_is_read_as_spreadsheets_do(
    number: float, code: str, unit: str, factor: float | None, value: float | None
) -> None:
    cell = number if is_plain(code) else FormattedNumber(number, code)
    column = read_numbers([cell], Expectation(unit=unit, factor=factor))
    if value is None:
        assert math.isnan(column.values[0])
        assert [problem.index for problem in column.problems] == [0]
    else:
        assert column.values[0] == pytest.approx(value)
        assert column.problems == ()


def test_a_condition_chooses_the_section() -> None:
    code = '[>=1000000]0.0,,"jt";[>=1000]0,"rb";0'
    assert [section_of(code, number).suffix for number in (2e6, 2e3, 2)] == ["jt", "rb", ""]


@pytest.mark.parametrize(
    ("cells", "used"),
    [
        ([1.234, 2.0, 45.0, 12_500], [12_500]),
        (["1.234", "2.0", "45.0"], []),
        (["1234.0", "2.0", "45.0"], [1234, 2, 45]),
        ([1.05, 0], [0]),
        ([1234, 45, 850], [1234, 45, 850]),
        ([12.34567, 45], [45]),
    ],
)
def test_a_lost_thousands_dot_makes_the_column_doubtful(
    cells: list[object], used: list[float]
) -> None:
    column = read_numbers(cells, Expectation(unit="jiwa"))
    assert [value for value in column.values.tolist() if not math.isnan(value)] == used
    assert len(column.problems) == len(cells) - len(used)


@pytest.mark.parametrize(
    ("cells", "used"),
    [
        ([850.125, 2.0, 45.0, 1_250_000], [1_250_000]),
        (["3.5", "2.0", "1.250.000"], [1_250_000]),
        (["1250000.5", "12"], [1_250_001, 12]),
        (["85%", 12], [12]),
        ([FormattedNumber(0.5, "0%"), FormattedNumber(5e6, '0,,"jt"'), 7], [5_000_000, 7]),
    ],
)
def test_a_lost_thousands_dot_makes_amounts_doubtful(cells: list[object], used: list[int]) -> None:
    read = read_rupiah(cells)
    assert read.rupiah[read.is_known].tolist() == used
    assert len(read.problems) == len(cells) - len(used)


@pytest.mark.parametrize(
    ("number", "code", "degrees"),
    [
        (8.35, '0.00"° LS"', -8.35),
        (122.98, '0.00"°"', 122.98),
        (122_980, "#,##0,", CoordinateProblem.UNREADABLE),
        (83_015, '00"°"00"\'"00', CoordinateProblem.UNREADABLE),
        (0.0835, "0.00%", CoordinateProblem.UNREADABLE),
    ],
)
def test_a_coordinate_is_what_its_format_shows(
    number: float, code: str, degrees: float | CoordinateProblem
) -> None:
    assert read_coordinate(FormattedNumber(number, code)) == degrees
    assert read_coordinate(UnsolvedFormula()) == CoordinateProblem.UNREADABLE


@pytest.mark.parametrize(
    ("cells", "factor", "used"),
    [
        ([0.853, 0.5, 0, 1], None, [0]),
        (["0,853", "0,5"], None, []),
        ([0.853, 0.5], 100.0, [0.853, 0.5]),
        ([0.3, 0.5], 1.0, [0.3, 0.5]),
        (["0,3 %", "0,5%"], None, [0.3, 0.5]),
        (["85,3%", "0,9"], None, [85.3]),
        ([0.85, 0.92, 1.05, 0.7], None, []),
        ([0.85, 0.92, 1.05, 85], None, [85]),
        ([0.85, 0.92, 2.1], None, []),
        ([0.9, 1.2], 1.0, [0.9, 1.2]),
        ([0.4, 1.9, 2.5, 1.2], None, [0.4, 1.9, 2.5, 1.2]),
        ([0, 0], None, [0, 0]),
        ([1, 2], None, [1, 2]),
        ([1, 1], None, []),
        ([40, 1], None, [40, 1]),
        ([40, 85.3, 0.853, 1], None, [40, 85.3]),
        ([0.4, 1.9, 3, 40], None, [0.4, 1.9, 3, 40]),
        (["85%", "1"], None, [85]),
    ],
)
def test_shares_of_one_are_no_per_cent(
    cells: list[object], factor: float | None, used: list[float]
) -> None:
    for unit in ("%", "persen", "Percent"):
        column = read_numbers(cells, Expectation(unit=unit, minimum=0, maximum=100, factor=factor))
        assert [value for value in column.values.tolist() if not math.isnan(value)] == used


@pytest.mark.parametrize("unit", ["%", "persen"])
@pytest.mark.parametrize(
    "cell",
    [
        "85,3 %",
        "85,3persen",
        "85,3 Persen",
        FormattedNumber(0.853, "0.0%"),
        FormattedNumber(85.3, '0.0" persen"'),
        FormattedNumber(85.3, '0.0"%"'),
    ],
)
def test_per_cent_has_several_words(cell: object, unit: str) -> None:
    assert read_numbers([cell], Expectation(unit=unit)).values.tolist() == [85.3]
    assert read_numbers([cell], Expectation(unit="jiwa")).problems


@pytest.mark.parametrize(
    ("unit", "summable", "decimals", "is_count"),
    [
        ("siswa", True, 0, True),
        ("ekor", True, 0, True),
        ("bayi", None, 0, True),
        ("Kasus", None, 0, True),
        ("siswa", None, 1, False),
        ("ha", True, 0, False),
        ("indeks", None, 0, False),
        ("IDR", None, 0, False),
    ],
)
def test_a_definition_says_that_things_are_counted(
    unit: str, summable: bool | None, decimals: int, is_count: bool
) -> None:
    indicator = IndicatorSection(
        name="x", title=Text(id="x", en="x"), unit=unit, summable=summable, decimals=decimals
    )
    assert indicator.counts_things is is_count
    column = read_numbers(
        [1.234, 2.0, 45.0], Expectation(unit=unit, is_whole=indicator.counts_things)
    )
    assert bool(column.problems) is (is_count or unit == "IDR")


def test_hidden_rows_are_read_and_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    old = xlwt.Workbook()
    sheet = old.add_sheet("Sheet")
    lines: list[list[object]] = [["kode", "air"], [KODE[0], 1], [KODE[1], 2], [KODE[2], 3]]
    for at, line in enumerate(lines):
        book.active.append(line)
        for column, cell in enumerate(line):
            sheet.write(at, column, cell)
    for row in (2, 3):
        book.active.row_dimensions[row].hidden = True
        sheet.row(row - 1).hidden = True
    book.save(tmp_path / "a.xlsx")
    old.save(str(tmp_path / "a.xls"))
    for name in ("a.xlsx", "a.xls"):
        table = read_sheet(tmp_path / name)
        assert table.rows == [2, 3, 4]
        assert any("2 rows are hidden" in f.message and "2-3" in f.message for f in table.findings)
