"""What a file says of its numbers beside them: thousands, rates, other units, other years."""

from __future__ import annotations

from pathlib import Path

import pytest

from boundaries.findings.report import Report
from layers.tables.numbers.expectations import Expectation
from layers.tables.numbers.numbers import read_numbers
from layers.tables.numbers.rupiah import read_rupiah
from layers.tables.numbers.said_units import are_units, contradicting_unit, is_other, money_unit
from tests.layers import small_workspace

PEOPLE, SHARE = Expectation(unit="jiwa"), Expectation(unit="%")
TABLE = """[[tables]]
id = "t"
path = "t.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2024
{extra}[tables.columns]
"{column}" = "{field}"
"""


def check(
    folder: Path, head: str, column: str, field: str = "penduduk_jiwa", extra: str = ""
) -> Report:
    """The report of a table with this head and the numbers 2, 3, 4, 5 under its second column."""
    tails = {"tahun": ",2023", "satuan": ",RIBU ORANG"}
    tail = tails.get(head.rpartition(",")[2], "")
    rows = [f"{kode},{at + 2}{tail}" for at, kode in enumerate(small_workspace.DESA)]
    text = "\n".join([head, *rows]) + "\n"
    section = TABLE.format(column=column, field=field, extra=extra)
    return small_workspace.check_report(folder, section, {"t.csv": text})


@pytest.mark.parametrize(
    "header",
    [
        "Penduduk (ribu jiwa)",
        "Jumlah Penduduk (Ribu)",
        "penduduk_ribu",
        "Penduduk (000)",
        "Penduduk (x 1.000)",
        "Penduduk dalam 1.000",
        "Population (thousands)",
        "KK (rb)",
        "Penduduk per 1.000 KK",
        "Penduduk 2024 (ribu jiwa)",
        "penduduk_2023_ribu",
        "% Penduduk miskin",
        "penduduk_miskin_persen",
        "Penduduk miskin (%)",
        "Persentase penduduk",
    ],
)
def test_a_header_of_another_unit_is_noticed_in_counts(header: str) -> None:
    assert contradicting_unit(header, header, (), PEOPLE) == header


@pytest.mark.parametrize(
    "header",
    [
        "Penduduk (jiwa)",
        "Ibu hamil (1000 HPK)",
        "Penerima bantuan 2 juta",
        "KK berpenghasilan di bawah satu juta rupiah",
        "KK di bawah 1,5 juta",
        "Keluarga penerima (BLT 300 ribu)",
        "Persentil 1",
        "Kepulauan Seribu",
        "RB",
        "Tahun 2000",
        "Bayi 0-11 bulan",
        "kk_miskin",
    ],
)
def test_a_header_that_only_holds_such_a_word_is_not(header: str) -> None:
    assert contradicting_unit(header, header, (), PEOPLE) is None


@pytest.mark.parametrize(
    ("title", "is_of_it"),
    [
        ("Jumlah penduduk (dalam ribuan)", True),
        ("Satuan: ribu jiwa", True),
        ("ribu orang", True),
        ("Penduduk dan Dana Desa (dalam ribuan rupiah)", False),
        ("Kabupaten Kepulauan Seribu 2024", False),
        ("Tabel 1000", False),
        ("Penduduk (x 1.000 jiwa)", True),
        ("Dalam 1.000 jiwa", True),
        ("Keluarga sasaran dalam 1.000 Hari Pertama Kehidupan", False),
        ("Keluarga dalam 1000 HPK", False),
    ],
)
def test_titles_count_where_they_declare_a_unit(title: str, is_of_it: bool) -> None:
    assert (contradicting_unit("Jumlah", "Jumlah", [title], PEOPLE) is not None) is is_of_it


def test_per_cent_contradicts_rates_and_counts() -> None:
    for header in ("Cakupan per 1.000 penduduk", "layak (‰)", "layak (KK)", "per mil"):
        assert contradicting_unit(header, header, (), SHARE) == header
    shares = ("% KK layak (KK)", "Prevalensi stunting (balita)", "layak_persen")
    for header in (
        "layak",
        "KK layak (%)",
        "Persentase KK",
        "Penduduk dengan air (jiwa) %",
        *shares,
    ):
        assert contradicting_unit(header, header, (), SHARE) is None


@pytest.mark.parametrize(
    ("word", "same", "others"),
    [
        ("ORANG", "jiwa anak siswa", "keluarga unit ha % IDR"),
        ("Kepala Keluarga (KK)", "keluarga kk", "jiwa ruta rumah unit ha"),
        ("RUMAH TANGGA", "ruta", "jiwa keluarga rumah"),
        ("BUAH", "unit rumah ekor", "jiwa kk km"),
        ("Hektar", "ha", "km2 m2 km jiwa"),
        ("km\u00b2", "km2", "ha km"),
        ("meter", "m", "km ha menit"),
        ("JAM", "jam", "menit hari km"),
        ("Jiwa/Km2", "orang/km2", "jiwa km2"),
        ("RIBU HA", "", "ha km"),
        ("Kuintal/Ha", "kw/ha", "ton ha"),
    ],
)
def test_a_unit_of_other_things_is_noticed(word: str, same: str, others: str) -> None:
    assert not [unit for unit in same.split() if is_other(word, Expectation(unit=unit))]
    known = [unit for unit in others.split() if unit != "hari"]
    assert [unit for unit in known if is_other(word, Expectation(unit=unit))] == known


@pytest.mark.parametrize(
    "word", ["Kasus", "Poin", "orang/unit", "unit/desa", "orang per desa", "-"]
)
def test_a_word_that_may_be_of_the_unit_contradicts_nothing(word: str) -> None:
    for unit in ("jiwa", "kk", "unit", "ha", "skor", "%"):
        assert not is_other(word, Expectation(unit=unit))


@pytest.mark.parametrize("word", ["Jiwa, KK", "KK dan jiwa", "Orang & Keluarga", "jiwa + KK"])
def test_of_several_units_the_expected_one_may_be_meant(word: str) -> None:
    assert not is_other(word, Expectation(unit="jiwa"))
    assert not is_other(word, Expectation(unit="kk"))
    assert is_other(word, Expectation(unit="ha"))


@pytest.mark.parametrize(("beside", "count"), [("volume", 0), ("target", 0), ("kegiatan", 1)])
def test_a_unit_beside_a_volume_is_that_of_the_volume(
    beside: str, count: int, tmp_path: Path
) -> None:
    section = TABLE.format(column="jumlah", field="penduduk_jiwa", extra="")
    text = f"kode,{beside},satuan,jumlah\n{next(iter(small_workspace.DESA))},3,Paket,25\n"
    report = small_workspace.check_report(tmp_path, section, {"t.csv": text})
    assert len(small_workspace.of_code(report, "table.other_unit")) == count


@pytest.mark.parametrize(
    ("header", "unit", "is_of_it"),
    [
        ("Penduduk (KK)", "jiwa", True),
        ("KK", "jiwa", True),
        ("Luas (km2)", "ha", True),
        ("Kepadatan (jiwa/km2)", "jiwa", True),
        ("Luas panen (ribu ha)", "ha", True),
        ("Waktu tempuh (jam)", "menit", True),
        ("Luas (Ha)", "ha", False),
        ("Penduduk (L)", "jiwa", False),
        ("Balita (anak)", "jiwa", False),
        ("Posyandu (Lansia)", "unit", False),
        ("Tenaga pendidik (Sekolah)", "jiwa", False),
        ("Posyandu (orang)", "unit", True),
        ("Tenaga pendidik (unit)", "jiwa", True),
        ("RTLH (unit)", "rumah", False),
        ("Jumlah KK", "jiwa", True),
        ("Jml. Kepala Keluarga", "jiwa", True),
        ("Jumlah Rumah Tangga", "jiwa", True),
        ("Jumlah Penduduk", "kk", True),
        ("Jumlah KK", "keluarga", False),
        ("Jumlah KK", "rumah", False),
        ("Jumlah KK miskin", "jiwa", False),
        ("Jumlah penduduk", "jiwa", False),
        ("Jumlah siswa", "jiwa", False),
        ("Jumlah", "jiwa", False),
        ("Skor jarak (km)", "skor", False),
    ],
)
def test_a_header_ends_with_its_unit(header: str, unit: str, is_of_it: bool) -> None:
    text = contradicting_unit(header, header, (), Expectation(unit=unit))
    assert text == (header if is_of_it else None)


@pytest.mark.parametrize(
    ("header", "is_of_it"),
    [
        ("BLT 300 ribu", False),
        ("BLT Rp300 ribu per bulan", False),
        ("Bantuan (2,5 juta/KK)", False),
        ("Satu Miliar Satu Desa", False),
        ("Jalan 500 m", False),
        ("Bantuan Rp 1.000.000 per KK", False),
        ("Pagu 2024 ribu", True),
        ("Pagu dalam 1 juta rupiah", True),
        ("Pagu (x 1 juta)", True),
        ("Pagu (Rp 1.000)", True),
        ("Pagu ribu per bulan", True),
        ("BLT 300 ribu (Rp juta)", True),
    ],
)
def test_an_amount_in_the_name_of_a_programme_is_no_unit(header: str, is_of_it: bool) -> None:
    assert (money_unit(header, ()) is not None) is is_of_it


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("kode,jumlah,satuan\n{0},2,ORANG\n{1},3,\n{2},4,KK\n{3},5,KK\n", 4),
        ("Satuan: KK,,\nkode,jumlah\n{0},2\n{1},3\n{2},4\n{3},5\n", 3),
    ],
)
def test_the_row_that_states_the_unit_is_named(text: str, row: int, tmp_path: Path) -> None:
    section = TABLE.format(column="jumlah", field="penduduk_jiwa", extra="")
    filled = text.format(*small_workspace.DESA)
    report = small_workspace.check_report(tmp_path, section, {"t.csv": filled})
    (finding,) = small_workspace.of_code(report, "table.other_unit")
    assert (finding.row, finding.value, finding.measure) == (row, "KK", 4)
    assert ("in rows 4-5" in finding.message) is (row == 4)


def test_rows_and_lines_of_units() -> None:
    assert is_other("PERSEN", PEOPLE)
    assert is_other("Persentase", PEOPLE)
    assert is_other("ORANG", SHARE)
    assert not is_other("ORANG", PEOPLE)
    assert not is_other("PERSEN", SHARE)
    assert are_units(["(ribu jiwa)", "%"])
    assert not are_units(["(dalam ribuan rupiah)"])
    assert not are_units(["Waibao"])


@pytest.mark.parametrize(
    ("head", "column", "written"),
    [
        ("kode,Penduduk (ribu)", "Penduduk (ribu)", "Penduduk (ribu)"),
        ("Penduduk (dalam ribuan),\nkode,jiwa", "jiwa", "Penduduk (dalam ribuan)"),
        ("kode,Penduduk\n,(ribu jiwa)", "Penduduk", "Penduduk (ribu jiwa)"),
        ("kode,Penduduk\n-,(ribu jiwa)", "Penduduk", "Penduduk (ribu jiwa)"),
        ("kode,jumlah,satuan", "jumlah", "RIBU ORANG"),
    ],
)
def test_no_number_of_the_column_is_used_and_the_text_is_named(
    head: str, column: str, written: str, tmp_path: Path
) -> None:
    report = check(tmp_path, head, column)
    (finding,) = small_workspace.of_code(report, "table.other_unit")
    assert (finding.value, finding.measure, finding.fields) == (written, 4, ("penduduk_jiwa",))
    assert finding.row is not None
    assert small_workspace.of_code(report, "input.no_row_used")


def test_a_declared_factor_decides(tmp_path: Path) -> None:
    extra = "unit_factor = { penduduk_jiwa = 1000 }\n"
    report = check(tmp_path, "kode,Penduduk (ribu)", "Penduduk (ribu)", extra=extra)
    assert not small_workspace.of_code(report, "table.other_unit")
    assert not report.blocks_publication


def test_rows_of_another_year_than_the_declared_one_are_not_used(tmp_path: Path) -> None:
    report = check(tmp_path, "kode,jiwa,tahun", "jiwa")
    findings = small_workspace.of_code(report, "table.year_contradicted")
    assert {finding.value for finding in findings} == {"2023"}
    assert len(findings) == 4
    assert report.blocks_publication


@pytest.mark.parametrize(
    ("title", "count"),
    [
        ("Jumlah penduduk tahun 2019", 1),
        ("APBDes Tahun Anggaran 2019", 1),
        ("T.A. 2019", 1),
        ("Jumlah penduduk tahun 2024", 0),
        ("Persentase keluarga per desa tahun 2019", 1),
        ("Data kependudukan tahun : 2019", 1),
        ("Menurut Perda Nomor 5 Tahun 2019", 0),
        ("Kepmendagri tahun 2019", 0),
        ("Tahun 2019/2020", 0),
        ("Tahun 2019 s.d. 2023", 0),
    ],
)
def test_a_title_of_another_year_is_a_warning(title: str, count: int, tmp_path: Path) -> None:
    report = check(tmp_path, f"{title},\nkode,jiwa", "jiwa")
    assert len(small_workspace.of_code(report, "table.year_contradicted")) == count
    assert not report.blocks_publication


@pytest.mark.parametrize(
    ("file", "declared", "year"),
    [
        ("penduduk_2021.csv", "year = 2024", 2021),
        ("Penduduk2021 (1).csv", "year = 2024", 2021),
        ("penduduk_5306_2021.csv", "year = 2024", 2021),
        ("penduduk_2021.csv", "", 2021),
        ("penduduk_2024.csv", "year = 2024", None),
        ("penduduk_20210115.csv", "year = 2024", None),
        ("penduduk_2021_2022.csv", "year = 2024", None),
        ("penduduk 15-01-2021.csv", "year = 2024", None),
        ("unduhan 2021.csv", "year = 2024", None),
        ("Permendagri 58 Tahun 2021.csv", "year = 2024", None),
        ("penduduk_2021.csv", 'year_column = "tahun"', None),
    ],
)
def test_a_file_named_by_another_year_is_a_warning(
    file: str, declared: str, year: int | None, tmp_path: Path
) -> None:
    rows = "".join(f"{kode},{index},2024\n" for index, kode in enumerate(small_workspace.DESA))
    section = TABLE.format(column="jiwa", field="penduduk_jiwa", extra="")
    section = section.replace("t.csv", file).replace("year = 2024", declared)
    files = {file: f"kode,jiwa,tahun\n{rows}"}
    report = small_workspace.check_report(tmp_path, section, files)
    findings = small_workspace.of_code(report, "table.year_contradicted")
    assert [finding.value for finding in findings] == ([] if year is None else [str(year)])
    assert all(file in finding.message and "2024" in finding.message for finding in findings)
    assert not report.blocks_publication


@pytest.mark.parametrize(
    ("written", "people", "rupiah"),
    [
        ("1,23457E+09", None, None),
        ("1.50E+07", None, None),
        ("1E+09", None, None),
        ("1.5e+05", 150_000, 150_000),
        ("1.2345E+04", 12_345, 12_345),
    ],
)
def test_numbers_that_a_spreadsheet_shortened_are_not_used(
    written: str, people: float | None, rupiah: int | None
) -> None:
    column = read_numbers([written], PEOPLE)
    assert [p.reason for p in column.problems] == ([] if people else ["shortened"])
    assert column.values.tolist() == [people] or people is None
    amounts = read_rupiah([written])
    assert amounts.is_known.tolist() == [rupiah is not None]
    assert rupiah is None or amounts.rupiah.tolist() == [rupiah]


@pytest.mark.parametrize(
    ("header", "is_asked"),
    [
        ("penduduk 2022", True),
        ("Penduduk_2022", True),
        ("penduduk 2024", False),
        ("penduduk (Perda 5 tahun 2022)", False),
        ("penduduk 2020-2024", False),
        ("penduduk", False),
    ],
)
def test_a_header_of_values_that_states_another_year_is_asked(
    header: str, is_asked: bool, tmp_path: Path
) -> None:
    table = TABLE.format(column=header, field="penduduk_jiwa", extra="")
    rows = "".join(f"{kode};{number}\n" for number, kode in enumerate(small_workspace.DESA, 900))
    report = small_workspace.check_report(
        tmp_path / "w", table, {"t.csv": f"kode;{header}\n{rows}"}
    )
    findings = small_workspace.of_code(report, "table.year_contradicted")
    assert [finding.value for finding in findings] == (["2022"] if is_asked else [])


def test_nines_for_no_answer_are_a_finding_with_their_rows_until_they_are_declared(
    tmp_path: Path,
) -> None:
    text = "kode,jumlah\n{},2\n{},9999\n{},9999\n{},5\n".format(*small_workspace.DESA)
    section = TABLE.format(column="jumlah", field="penduduk_jiwa", extra="")
    report = small_workspace.check_report(tmp_path, section, {"t.csv": text})
    (finding,) = small_workspace.of_code(report, "table.filler_number")
    assert (finding.file, finding.rows, finding.value) == ("t.csv", ((3, 4),), "penduduk_jiwa")
    declared = section + "[tables.unit_factor]\npenduduk_jiwa = 1\n"
    report = small_workspace.check_report(tmp_path, declared, {"t.csv": text})
    assert not small_workspace.of_code(report, "table.filler_number")
