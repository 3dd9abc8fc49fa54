"""What stands where in a file, whatever its format, encoding and decoration."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from layers.errors import InputError
from layers.tables.files.sheets import read_sheet
from tests.layers.tables.conftest import WriteCsv, WriteXlsx


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path: Path, write_csv: WriteCsv) -> None:
    sheet = read_sheet(tmp_path / write_csv("kode,nilai\na,1\n\nb,2\n"))
    assert sheet.header == ("kode", "nilai")
    assert sheet.rows == [2, 4]
    assert sheet.column("nilai") == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("kode;nama\n1;Lamaté\n", "cp1252"),
        ("kode;nama\n1;Lamaté\n", "utf-8-sig"),
        ("kode\tnama\n1\tLamaté\n", "utf-16"),
        ("sep=;\nkode;nama\n1;Lamaté\n", "utf-8"),
        ("sep=\t\nkode\tnama\n1\tLamaté\n", "utf-8"),
        ("sep=\t\r\nkode\tnama\r\n1\tLamaté\r\n", "utf-16"),
        ("sep=|\nkode|nama\n1|Lamaté\n", "utf-8-sig"),
        ("kode|nama\n1|Lamaté\n", "utf-8"),
    ],
)
def test_encoding_and_delimiter_are_found(
    tmp_path: Path, write_csv: WriteCsv, text: str, encoding: str
) -> None:
    sheet = read_sheet(tmp_path / write_csv(text, encoding=encoding))
    assert sheet.column("nama") == ["Lamaté"]


def test_a_gzipped_table_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"kode,nilai\na,1\n"))
    assert read_sheet(tmp_path / "a.csv.gz").column("kode") == ["a"]


def test_a_parquet_table_starts_at_row_two(tmp_path: Path) -> None:
    pd.DataFrame({"kode": ["a"], "nilai": [1.5]}).to_parquet(tmp_path / "a.parquet")
    sheet = read_sheet(tmp_path / "a.parquet")
    assert (sheet.rows, sheet.column("nilai")) == ([2], [1.5])


def test_the_header_is_found_below_titles_and_over_two_merged_rows(
    tmp_path: Path, write_xlsx: WriteXlsx
) -> None:
    rows = [
        ["CAKUPAN AIR MINUM"],
        [],
        ["NO", "KODE", "Air minum", None],
        [None, None, 2023, 2024],
        [1, 2, 3, 4],
        [1, "53.06.01.2001", 40.5, 41],
    ]
    path = write_xlsx(rows, ["A1:D1", "A3:A4", "B3:B4", "C3:D3"])
    sheet = read_sheet(tmp_path / path, expected=["KODE", "Air minum / 2024"])
    assert sheet.header == ("NO", "KODE", "Air minum / 2023", "Air minum / 2024")
    assert sheet.rows == [6]
    assert [finding.message for finding in sheet.findings] == [
        "header read from row 3 to 4.",
        "row 5 only numbers the columns; left out.",
    ]


def test_a_row_with_a_comma_in_a_name_is_told_and_not_shifted(
    tmp_path: Path, write_csv: WriteCsv
) -> None:
    sheet = read_sheet(tmp_path / write_csv("kode,nama,nilai\na,Gading Lama, Hulu,5\nb,Konga,6\n"))
    assert set(sheet.broken) == {0}
    assert [finding.row for finding in sheet.findings] == [2]


def test_a_merged_kecamatan_is_repeated_and_remembered(
    tmp_path: Path, write_xlsx: WriteXlsx
) -> None:
    path = write_xlsx([["kec", "desa"], ["Titehena", "a"], [None, "b"]], ["A2:A3"])
    sheet = read_sheet(tmp_path / path)
    assert sheet.column("kec") == ["Titehena", "Titehena"]
    assert sheet.merged["kec"] == {0, 1}


def test_a_header_without_an_end_is_not_repeated_whole(tmp_path: Path, write_csv: WriteCsv) -> None:
    sheet = read_sheet(tmp_path / write_csv(f"{'x' * 30_000},nilai\na,1\n"))
    with pytest.raises(InputError, match=r"no column 'kode'; it has 'x{100}', 'nilai'") as raised:
        sheet.column("kode")
    assert len(str(raised.value)) < 300


def test_a_declared_name_matches_whatever_its_case_and_signs(
    tmp_path: Path, write_csv: WriteCsv
) -> None:
    sheet = read_sheet(tmp_path / write_csv("KODE_DESA,Nilai (%)\na,1\n"))
    assert sheet.column("kode desa") == ["a"]
    with pytest.raises(InputError, match=r"no column 'KODE_DES'.*Did you mean 'KODE_DESA'"):
        sheet.column("KODE_DES")


def test_a_column_that_stands_there_twice_is_refused(tmp_path: Path, write_csv: WriteCsv) -> None:
    sheet = read_sheet(tmp_path / write_csv("kode,2023,2023\na,1,2\n"))
    with pytest.raises(InputError, match="more than once"):
        sheet.column("2023")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", b"no workbook", "not a readable workbook"),
        ("a.ods", b"PK\x03\x04", "not a readable workbook"),
        ("a.csv", b"", "empty"),
        ("a.csv", b"\x00\x01\x02\xff", "not a text file"),
        ("a.csv.gz", b"\x1f\x8b\x08", "not a whole gzip file"),
        ("a.parquet", b"PAR1", "not a readable .parquet"),
        ("a.doc", b"x", "not a kind of table"),
    ],
)
def test_what_is_no_table_is_one_clear_message(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_sheet(tmp_path / name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"tabel/a\.csv: no such file"):
        read_sheet(tmp_path / "a.csv", label="tabel/a.csv")


YEARS = [["Kode", "Desa", "Penduduk", None], [None, None, 2023, 2024], ["a", "b", 1, 2]]
PARTS = [["Kode", "Desa", "Penduduk", None], [None, None, "L", "L+P"], ["a", "b", 1, 2]]


@pytest.mark.parametrize("rows", [YEARS, PARTS])
@pytest.mark.parametrize("is_text", [True, False])
def test_a_group_above_several_columns_is_no_column_and_they_are_named(
    rows: list[list[object]],
    is_text: bool,
    tmp_path: Path,
    write_csv: WriteCsv,
    write_xlsx: WriteXlsx,
) -> None:
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    name = write_csv("\n".join(map(",".join, cells))) if is_text else write_xlsx(rows)
    sheet = read_sheet(tmp_path / name, expected=["kode", "Penduduk"])
    with pytest.raises(
        InputError, match=f"several columns.*'Penduduk / {rows[1][3]}'".replace("+", ".")
    ):
        sheet.column("Penduduk")
    assert [float(str(cell)) for cell in sheet.column(f"Penduduk / {rows[1][3]}")] == [2]


def test_the_name_in_the_lowest_row_of_a_header_is_enough(
    tmp_path: Path, write_xlsx: WriteXlsx
) -> None:
    sheet = read_sheet(tmp_path / write_xlsx(PARTS), expected=["kode", "L+P"])
    assert sheet.column("L+P") == [2]
    assert sheet.rows == [3]


def test_a_row_of_words_that_is_full_is_no_header(tmp_path: Path, write_csv: WriteCsv) -> None:
    sheet = read_sheet(tmp_path / write_csv("nama,\nOesao,baik\nKonga,buruk\n"), expected=["nama"])
    assert sheet.column("nama") == ["Oesao", "Konga"]


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("nama,alamat,,lat\nPustu Konga,Jalan Besar,dekat pasar,\nPustu Oesao,,,-8.3\n", 2),
        ("nama,Penduduk,,luas\n,L,P,(ha)\nKonga,1,2,3\n", 1),
    ],
)
def test_a_first_record_of_words_beside_a_nameless_column_is_no_header(
    lines: str, count: int, tmp_path: Path, write_csv: WriteCsv
) -> None:
    names = [name for name in ("nama", "lat", "luas") if name in lines]
    sheet = read_sheet(tmp_path / write_csv(lines), expected=names)
    assert len(sheet.column("nama")) == count
