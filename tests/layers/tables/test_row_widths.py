"""A comma that is not quoted gives no number to another column, in any reader of delimited text."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from boundaries.codes import CodeSystem
from boundaries.codes.crosswalk import read_bridge
from boundaries.codes.lists import read_list, read_name_list
from boundaries.findings.report import Finding
from boundaries.polygons import read_polygons
from boundaries.texts.row_widths import find_shifted
from layers.access.straight.land import find_land
from layers.errors import InputError
from layers.facilities.read import read_facilities
from layers.facilities.rows import read_candidates
from layers.tables.files.sheets import read_sheet
from layers.tables.indicators.join import join_table
from layers.tables.plans.plans import join_plans
from layers.tables.rows.row_places import Places
from layers.tables.rows.row_records import Aids
from layers.tables.spending.spending import join_spending
from layers.workspace.plan_sections import ProgrammeSection
from layers.workspace.sections import FacilitySection, SpendingSection
from tests.boundaries.drawing import source
from tests.layers.access.world import make_desa, square
from tests.layers.tables.conftest import KODE, WriteCsv
from tests.layers.tables.test_join import Indicators, values, wide

THREE = "kode,jiwa,kk"


def rows_of(findings: list[Finding] | tuple[Finding, ...], code: str) -> list[int | None]:
    return [finding.row for finding in findings if finding.code == code]


@pytest.mark.parametrize(
    ("header", "rows", "shifted"),
    [
        (THREE, "a,1,234,56 b,900,41", [0]),
        (THREE, "a,1,234, b,900,41", [0]),
        (THREE, "a,1,234, b,1,300, c,1,400,", [0, 1, 2]),
        (THREE, "a,900 b,900,41", []),
        (THREE, "a,900 b,800", []),
        (THREE + ",luas", "a,1,234 b,900,41,2.5", [0]),
        (THREE + ",luas,catatan", "a,900,41 b,900,41,2.5,x", []),
        (THREE, "a,900,41 b,800,40", []),
        (THREE, "a,900,41, b,800,40,", []),
        (THREE, "a,900,41, b,800,40", [0]),
        (THREE + ",", "a,900,41, b,800,40,", []),
        (THREE + ",", "a,900,41 b,800,40", []),
        (THREE + ",", "a,1,234 b,800,40,", [0]),
        (THREE + ",", "a,1,234,56 b,800,40,", [0]),
        (THREE, ", ,, a,900,41", []),
    ],
)
def test_cells_that_do_not_fit_the_header(header: str, rows: str, shifted: list[int]) -> None:
    records = [row.split(",") for row in rows.split(" ")]
    assert sorted(find_shifted(header.split(","), records)) == shifted


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("empty_last", [False, True])
def test_a_number_cut_in_two_is_no_value(
    tmp_path: Path,
    write_csv: WriteCsv,
    desa: pd.DataFrame,
    indicators: Indicators,
    delimiter: str,
    empty_last: bool,
) -> None:
    lines = ["kode,nama,jiwa,air"]
    lines += [f"{kode},x,{900 + at},{50 + at}" for at, kode in enumerate(KODE[1:])]
    lines.append(f"{KODE[0]},x,1,234," + ("" if empty_last else "85"))
    text = "\n".join(line.replace(",", delimiter) for line in lines)
    section = wide(write_csv(text), columns={"jiwa": "jiwa", "air": "air"}, delimiter=delimiter)
    result = join_table(section, tmp_path, desa, indicators)
    assert rows_of(result.findings, "table.row_shifted") == [7]
    assert not any(kode == KODE[0] for kode, _ in values(result))
    assert values(result)[KODE[1], "jiwa"] == 900
    assert (result.load.rows_read, result.load.unmatched) == (6, 1)


def test_a_shifted_row_says_nothing_of_the_hand_of_its_column(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    text = f"kode,nama,air\n{KODE[0]},Lato, Hulu,1.234\n{KODE[1]},x,50.5\n{KODE[3]},x\n"
    result = join_table(wide(write_csv(text), columns={"air": "air"}), tmp_path, desa, indicators)
    assert values(result) == {(KODE[1], "air"): 50.5}
    assert rows_of(result.findings, "table.row_shifted") == [2]


def test_a_footnote_is_no_shifted_row(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    text = f"kode,nama,air\n{KODE[0]},x,50\nSumber: Dinas\n"
    result = join_table(wide(write_csv(text), columns={"air": "air"}), tmp_path, desa, indicators)
    assert rows_of(result.findings, "table.row_shifted") == []
    assert rows_of(result.findings, "table.not_a_record") == [3]


def test_the_finding_says_what_to_quote(tmp_path: Path, write_csv: WriteCsv) -> None:
    sheet = read_sheet(tmp_path / write_csv(f"{THREE}\na,1,234,56\nb,Lama, Hulu,5\nc,1\n"))
    assert [finding.message for finding in sheet.findings] == [
        "Row not used: 4 cells, but the header has 3; '1,234' may be one number: put it in "
        "quotation marks.",
        "Row not used: 4 cells, but the header has 3; a cell with a comma or other delimiter in it "
        "needs quotation marks.",
        "1 rows have fewer cells than the header has columns (3). Read as if the last ones were "
        "empty; where one in the middle is missing, its row is wrong. Rows 4.",
    ]


@pytest.mark.parametrize(
    ("header", "rows", "shifted"),
    [
        (THREE + ",catatan", "a,x,85,3, b,x,40,5, c,x,50,7,", 3),
        (THREE + ",catatan", "a,x,85,03, b,x,40,50,", 2),
        (THREE + ",catatan", "a,x,185,3, b,x,40,52, c,x,50,7,", 0),
        (THREE + ",catatan", "a,1200,85,x, b,1300,40,y, c,1400,50,z,", 0),
        (THREE + ",catatan,", "a,x,85,03, b,x,40,50,", 2),
        (THREE + ",catatan,", "a,x,85,3, b,x,40,5, c,x,50,7,", 0),
        (THREE, "a,85,3 b,40,5 c,50,7", 0),
    ],
)
def test_decimals_cut_in_every_row_are_no_trailing_delimiters(
    header: str, rows: str, shifted: int
) -> None:
    records = [row.split(",") for row in rows.split(" ")]
    assert len(find_shifted(header.split(","), records)) == shifted


FULL = [
    f"{kode},Lama {number},{900 + number},{40 + number},2.{number}"
    for number, kode in enumerate(KODE)
]
FIVE = "kode,nama,jiwa,kk,luas"


@pytest.mark.parametrize(
    ("row", "delimiter", "is_used"),
    [
        ("{kode},Lato,41,2.5", ",", False),
        ("{kode},900,41,2.5", ",", False),
        ("{kode},Lato,2.5", ",", False),
        ("{kode},Lato,41,2.5", ";", False),
        ("{kode},Lato,1,234,41", ",", False),
        ("{kode},Lato,1,034,2.5", ",", False),
        ("{kode},Lato,1,34,2.5", ",", True),
        ("{kode},Lato,905,41", ",", True),
        ("{kode},Lato,905", ",", True),
        ("{kode},Lato,-,41", ",", True),
        ("{kode},Lato,95,41,2.5", ",", True),
        ("{kode},Lato,905,41,2.5", ",", True),
        ("{kode},Lato,0,0", ",", True),
    ],
)
def test_a_row_whose_cells_only_fit_other_columns_is_not_used(
    tmp_path: Path, write_csv: WriteCsv, row: str, delimiter: str, is_used: bool
) -> None:
    text = "\n".join([FIVE, *FULL, row.format(kode="53.06.99.2001")])
    sheet = read_sheet(tmp_path / write_csv(text.replace(",", delimiter)), delimiter=delimiter)
    assert (len(FULL) not in sheet.broken) is is_used
    assert sorted(sheet.broken) == ([] if is_used else [len(FULL)])
    is_short = row.count(",") < FIVE.count(",")
    found = rows_of(sheet.findings, "table.row_short")
    assert found == ([len(FULL) + 2] if is_used and is_short else [])


ALIKE = [f"{kode},Lama,{80 + at},{85 + at},{90 + at}" for at, kode in enumerate(KODE)]


@pytest.mark.parametrize(
    ("rows", "broken"),
    [
        # Which of three shares is missing?
        ([*ALIKE, "k,Lato,85,90"], [len(ALIKE)]),
        ([*ALIKE, "k,Lato,85"], [len(ALIKE)]),
        # The file writes its empty last cells, so these two have lost one that was filled.
        ([*ALIKE, "k,Lama,81,86,", "k,Lato,85,90", "k,Lato,84,88"], [7, 8]),
        # It leaves them out: five rows are its habit.
        ([*ALIKE, *["k,Lato,85,90"] * 5], []),
        ([*ALIKE, "k,Lama,81,86,", *["k,Lato,85,90"] * 16], []),
        # Of no number it is in doubt which it is.
        ([*ALIKE, "k,Lato"], []),
        ([*ALIKE, "k,Lato,,"], []),
        ([*(f"{row},catatan {at}" for at, row in enumerate(ALIKE)), "k,Lato,85,90,95"], []),
    ],
)
def test_a_short_row_that_fits_in_two_ways_is_not_used(
    tmp_path: Path, write_csv: WriteCsv, rows: list[str], broken: list[int]
) -> None:
    header = ["kode", "nama", "air", "listrik", "jamban"]
    header += ["catatan"] * (rows[0].count(",") - 4)
    rows = [row.replace("k,", f"53.06.99.2{at:03},", 1) for at, row in enumerate(rows)]
    assert len(ALIKE) == 6
    sheet = read_sheet(tmp_path / write_csv("\n".join([",".join(header), *rows])))
    assert sorted(sheet.broken) == broken
    assert all("cannot be told" in reason for reason in sheet.broken.values())


@pytest.mark.parametrize(
    "line",
    ['{kode},"Lato,900,41', '{kode},"Lato,900,41\n{kode},"Hulu",901,42', '{kode},"La",to","9'],
)
def test_a_quotation_mark_that_is_not_closed_loses_no_row(
    tmp_path: Path, write_csv: WriteCsv, line: str
) -> None:
    rows = [f"{kode},Lama,{number},{number}" for number, kode in enumerate(KODE)]
    text = "\n".join(["kode,nama,jiwa,kk", line.format(kode=KODE[0]), *rows])
    with pytest.raises(InputError, match="row 2 has a quotation mark that is not closed"):
        read_sheet(tmp_path / write_csv(text))


def test_odd_quotation_marks_and_lines_in_a_cell_are_read(
    tmp_path: Path, write_csv: WriteCsv
) -> None:
    text = f'kode,nama,jiwa\n{KODE[0]},"SD "Harapan" 1",900\n="{KODE[1]}","a\nb",="80"\n'
    sheet = read_sheet(tmp_path / write_csv(text))
    assert sheet.column("kode") == KODE[:2]
    assert sheet.column("jiwa") == ["900", "80"]


def test_small_numbers_beside_hundreds_are_no_number_cut_in_two(
    tmp_path: Path, write_csv: WriteCsv
) -> None:
    """Posyandu beside households: 1 and 234 are both what they are."""
    rows = [f"{kode},{1 + number % 4},{230 + number}" for number, kode in enumerate(KODE * 3)]
    sheet = read_sheet(tmp_path / write_csv("\n".join(["kode,posyandu,kk", *rows])))
    assert sheet.broken == {}


def test_a_shifted_spending_line_is_no_rupiah(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    text = (
        "kode,kegiatan,pagu,realisasi\n"
        f"{KODE[0]},02.02.02,1,250,000\n{KODE[1]},02.02.02,5000000,4000000\n"
    )
    section = SpendingSection(
        id="apbdes",
        path=write_csv(text),
        code_system="kemendagri",
        code_column="kode",
        activity_column="kegiatan",
        anggaran_column="pagu",
        realisasi_column="realisasi",
        amounts="murni",
        year=2024,
    )
    result = join_spending(section, tmp_path, desa)
    assert result.lines["kode"].tolist() == [KODE[1]]
    assert rows_of(result.findings, "table.row_shifted") == [2]
    assert {finding.row for finding in result.findings if finding.row} == {2}


def land_of_three() -> gpd.GeoDataFrame:
    return make_desa(square(0), square(1), square(5))


def test_a_shifted_facility_is_nowhere(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(
        "nama,jenis,lon,lat,catatan\n"
        "SD Satu,SD,120.05,-7.95,\n"
        "SD Dua, Hulu,SD,120.05,-7.95\n"
        "SD Tiga,SD,120,05,-7,95\n"
    )
    section = FacilitySection(
        id="sekolah",
        path="f.csv",
        name_column="nama",
        lon_column="lon",
        lat_column="lat",
        kind="sd",
    )
    result = read_facilities(section, tmp_path, land_of_three())
    assert result.facilities["nama"].tolist() == ["SD Satu"]
    assert rows_of(result.findings, "table.row_shifted") == [4]
    assert (result.load.rows_read, result.load.matched, result.load.unmatched) == (3, 1, 2)


def test_a_shifted_candidate_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("nama,lon,lat\nA,120.05,-7.95\nB, C,120.05,-7.95\nD,120.05\n")
    listed = read_candidates(tmp_path / "c.csv", (119.0, -9.0, 121.0, -7.0))
    assert (listed.names, listed.rows) == (("A",), (2,))
    assert rows_of(listed.findings, "table.row_shifted") == [3]
    assert 4 in {finding.row for finding in listed.findings}


def test_a_shifted_programme_is_nowhere_and_proposes_nothing(tmp_path: Path) -> None:
    land = land_of_three().assign(jenis="desa")
    kode = land["kode"].tolist()
    (tmp_path / "p.csv").write_text(
        "kode,kegiatan,layanan,pagu\n"
        f"{kode[0]},Sumur,air_minum,5000000\n"
        f"{kode[1]},Sumur, dalam,air_minum,5000000\n"
        f"{kode[2]},Sumur,air_minum\n"
    )
    section = ProgrammeSection(
        id="rkpd",
        path="p.csv",
        code_system="kemendagri",
        code_column="kode",
        activity_column="kegiatan",
        service_column="layanan",
        amount_column="pagu",
        year=2025,
        opd="Dinas",
    )
    result = join_plans(section, tmp_path, Places.of(land), ("air_minum",), Aids(), find_land(land))
    assert result.lines["kode"].tolist() == [kode[0], kode[2]]
    assert result.lines["anggaran_idr"].isna().tolist() == [False, True]
    assert rows_of(result.findings, "table.row_shifted") == [3]
    assert (result.load.rows_read, result.load.unmatched) == (3, 1)


def test_shifted_rows_of_code_lists_and_bridges_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("kode,nama\n53.06.01.2001,Lato\n53.06.01.2002,Lato, Hulu\n53.06.01.2003\n")
    listed = read_list(path, "names.csv", ["kode", "nama"])
    assert listed.rows == [("53.06.01.2001", "Lato"), ("53.06.01.2003", "")]
    _, findings, load = read_name_list(
        path,
        "names.csv",
        code_column="kode",
        name_column="nama",
        system=CodeSystem.KEMENDAGRI,
    )
    assert rows_of(findings, "text.row_shifted") == [3]
    assert (load.rows_read, load.matched, load.unmatched) == (3, 1, 2)
    bridge = tmp_path / "bridge.csv"
    bridge.write_text(
        "nama,bps,kemendagri\nLato,5309010001,53.06.01.2001\nLato, Hulu,5309010002,5306012002\n"
    )
    read, findings, load = read_bridge(
        bridge, "bridge.csv", bps_column="bps", kemendagri_column="kemendagri", date="2024"
    )
    assert list(read.targets) == ["5309010001"]
    assert rows_of(findings, "text.row_shifted") == [3]
    assert (load.rows_read, load.unmatched) == (2, 1)


def test_a_shifted_row_of_polygons_has_no_code_and_no_polygon(tmp_path: Path) -> None:
    path = tmp_path / "desa.csv"
    ring = '"POLYGON((124 -8,124 -7,125 -7,124 -8))"'
    sound = "".join(f"A,{ring},53.06.01.200{at}\n" for at in (3, 4, 5))
    path.write_text(f"nama,wkt,kode\nB, C,{ring},53.06.01.2002\n{sound}")
    polygons, findings = read_polygons(source(path))
    assert rows_of(findings, "text.row_shifted") == [1]
    assert polygons.geometry.notna().sum() == 3
    assert "53.06.01.2002" not in polygons.astype(str).to_numpy()
