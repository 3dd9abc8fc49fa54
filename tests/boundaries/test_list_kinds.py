"""Code lists and crosswalks are read by what the file is, not by its name."""

from __future__ import annotations

import struct
from pathlib import Path

import openpyxl
import pytest

from boundaries.codes.lists import read_list
from boundaries.errors import InputUnreadableError
from layers.errors import InputError
from layers.tables.files.sheets import read_sheet
from tests.layers.tables.workbook_files import rewrite_part, write_xls, write_xlsx
from tests.layers.tables.workbook_xlsb import write_xlsb

COLUMNS = ["kode", "nama"]


def test_a_list_under_another_name_is_read_as_what_it_is(tmp_path: Path) -> None:
    text, book = tmp_path / "a.xls", tmp_path / "b.csv"
    text.write_text("kode;nama\n53.06;Flores Timur\n")
    workbook = openpyxl.Workbook()
    workbook.active.append(COLUMNS)
    workbook.active.append(["53.06", "Flores Timur"])
    workbook.save(book)
    for path in (text, book):
        assert read_list(path, path.name, COLUMNS).rows == [("53.06", "Flores Timur")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html><table><tr><td>kode</td></tr></table></html>", "a web page"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n<html>", "a web archive"),
        (
            b'<?xml version="1.0"?><Workbook '
            b'xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "XML Spreadsheet 2003",
        ),
        (b"no workbook", "not a spreadsheet"),
        (b"PK\x03\x04", "not a readable workbook"),
    ],
)
def test_what_is_no_list_is_one_clear_message(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.xls").write_bytes(content)
    with pytest.raises(InputUnreadableError, match=message):
        read_list(tmp_path / "a.xls", "a.xls", COLUMNS)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", b"<table><tr><td>kode</td><td>nama</td></tr></table>"),
        ("a.mht", b"From: Excel\nMIME-Version: 1.0\n\n<table>"),
        ("a.json", b'[{"kode": "53.06", "nama": "Lato"}]'),
        ("a.jsonl", b'{"kode": "53.06", "nama": "Lato"}\n{"kode": "53.07", "nama": "x"}\n'),
        ("a.csv", b'{"data": [{"kode": "53.06", "nama": "Lato"}]}'),
        ("a.parquet", b"PAR1\x15\x04\x15\0\0"),
        ("a.dbf", b"\x03\x7c\x01\x01\x01\0\0\0\x41\0\x0b\0"),
        ("a.docx", b"PK\x03\x04"),
        ("a.pdf", b"%PDF-1.4\n1 0 obj"),
    ],
)
def test_a_kind_that_no_list_has_is_refused_with_what_to_do(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputUnreadableError, match="save it as XLSX, ODS or CSV"):
        read_list(tmp_path / name, name, COLUMNS)


def test_a_header_in_brackets_is_a_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("[kode],nama\n53.06,Lato\n")
    assert read_list(tmp_path / "a.csv", "a.csv", ["[kode]", "nama"]).rows == [("53.06", "Lato")]


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nkode;nama\n53.06;Flores, Timur\n",
        "sep=\t\nkode\tnama\n53.06\tFlores, Timur\n",
        "SEP=\t\r\nkode\tnama\r\n53.06\tFlores, Timur\r\n",
        "kode|nama\n53.06|Flores, Timur\n",
        '"kode";"nama"\r\n"53.06";"Flores, Timur"\r\n',
        "catatan, a, b, c;kode;nama\nx;53.06;Flores, Timur\n",
        "\nkode;nama\n53.06;Flores, Timur\n",
    ],
)
def test_a_list_is_cut_as_tables_are(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text, newline="")
    assert read_list(tmp_path / "a.csv", "a.csv", COLUMNS).rows == [("53.06", "Flores, Timur")]


def test_a_list_in_a_workbook_is_the_sheet_that_has_its_columns(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["Petunjuk"])
    sheet = workbook.create_sheet("Data")
    sheet.append([*COLUMNS, "luas"])
    sheet.append([5306012001, "Lato", 2.5])
    workbook.save(tmp_path / "a.xlsx")
    assert read_list(tmp_path / "a.xlsx", "a.xlsx", COLUMNS).rows == [("5306012001", "Lato")]


def test_short_rows_of_a_list_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("kode,nama,kecamatan\n53.06,Timur\n53.07,Barat,x\n53.08\n")
    (finding,) = read_list(tmp_path / "a.csv", "a.csv", COLUMNS).findings
    assert (finding.code, finding.row, finding.measure) == ("text.row_short", 2, 1)


LISTED: list[list[object]] = [["kode", "nama"]]
LISTED += [[f"53.06.01.200{number}", "Lato"] for number in range(4)]


@pytest.mark.parametrize(
    ("name", "part", "old", "new", "why"),
    [
        ("a.xlsx", "xl/worksheets/sheet1.xml", b'r="A4"', b'r="A3"', "two cells are called A3"),
        (
            "a.xlsb",
            "xl/worksheets/sheet1.bin",
            struct.pack("<I", 3) + struct.pack("<IH", 0, 300),
            struct.pack("<I", 1) + struct.pack("<IH", 0, 300),
            "row 2 comes after row 3",
        ),
    ],
)
def test_a_workbook_that_would_lose_rows_is_no_list(
    tmp_path: Path, name: str, part: str, old: bytes, new: bytes, why: str
) -> None:
    path = tmp_path / name
    (write_xlsx if name == "a.xlsx" else write_xlsb)(path, LISTED)
    assert len(read_list(path, name, COLUMNS).rows) == 4
    rewrite_part(path, part, lambda sheet: sheet.replace(old, new))
    with pytest.raises(InputUnreadableError, match=f"{name}: a sheet of it is broken: {why}"):
        read_list(path, name, COLUMNS)


def test_two_cells_in_one_place_of_an_xls_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    write_xls(path, LISTED)
    assert len(read_list(path, "a.xls", COLUMNS).rows) == 4
    content = path.read_bytes()
    # The text of the fourth row moves into the place of that of the third.
    fourth, third = (struct.pack("<HHHH", 0xFD, 10, row, 0) for row in (3, 2))
    assert content.count(fourth) == 1
    path.write_bytes(content.replace(fourth, third))
    with pytest.raises(InputUnreadableError, match="two cells stand in row 3, column 1"):
        read_list(path, "a.xls", COLUMNS)
    with pytest.raises(InputError, match="two cells stand in row 3, column 1"):
        read_sheet(path, expected=COLUMNS)
