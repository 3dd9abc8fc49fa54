"""Tables in the formats offices send beside XLSX and CSV, and workbooks of several sheets."""

from __future__ import annotations

import datetime as dt
import re
import struct
import zipfile
from collections.abc import Callable
from html import escape
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from layers.errors import InputError
from layers.tables.files.sheets import read_sheet
from layers.tables.indicators.join import join_table
from layers.workspace.sections import IndicatorSection, TableSection
from tests.layers.tables.conftest import KODE
from tests.layers.tables.test_file_kinds import XML_SHEET
from tests.layers.tables.workbook_files import rewrite_part, write_xlsx
from tests.layers.tables.workbook_xlsb import write_xlsb

ROWS: list[list[object]] = [["Tabel 4", None], ["kode", "air"], *([kode, 40.5] for kode in KODE)]

ODS = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body>"
    "</office:document-content>"
)


def write_ods(path: Path) -> None:
    """An OpenDocument spreadsheet, as LibreOffice writes it but for its styles."""
    cells = [
        "".join(
            "<table:table-cell/>"
            if cell is None
            else f'<table:table-cell office:value-type="float" office:value="{cell}">'
            f"<text:p>{cell}</text:p></table:table-cell>"
            if isinstance(cell, float)
            else f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}'
            "</text:p></table:table-cell>"
            for cell in row
        )
        for row in ROWS
    ]
    rows = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    content = ODS.format(sheets=f'<table:table table:name="Data">{rows}</table:table>')
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest xmlns:manifest='
            '"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
            'manifest:full-path="/" manifest:media-type='
            '"application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )


def write_attributes(path: Path) -> None:
    """The attribute table of polygons, as a GIS office sends its numbers."""
    frame = gpd.GeoDataFrame(
        {"kode": KODE, "air": 40.5},
        geometry=[shapely.box(124 + at, -9, 124.5 + at, -8.5) for at in range(len(KODE))],
        crs="EPSG:4326",
    )
    frame.to_file(path, engine="pyogrio")


def write_dbf(path: Path) -> None:
    write_attributes(path.with_suffix(".shp"))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.ods", write_ods),
        ("a.gpkg", write_attributes),
        ("a.geojson", write_attributes),
        ("a.dbf", write_dbf),
    ],
)
def test_every_format_joins_alike(
    tmp_path: Path,
    desa: pd.DataFrame,
    indicators: dict[str, IndicatorSection],
    name: str,
    write: Callable[[Path], None],
) -> None:
    write(tmp_path / name)
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": name,
            "code_system": "kemendagri",
            "code_column": "kode",
            "year": 2024,
            "columns": {"air": "air"},
        }
    )
    result = join_table(section, tmp_path, desa, indicators)
    assert (result.load.rows_read, result.load.matched) == (6, 6)
    assert set(result.values["nilai"]) == {40.5}


def write_book(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_of_several_sheets_the_one_with_the_declared_columns_is_read_and_the_rest_named(
    tmp_path: Path,
) -> None:
    sheets: dict[str, list[list[object]]] = {
        "Petunjuk": [["Cara mengisi"]],
        "Data": [["kode", "air"], [KODE[0], 5]],
        "Kosong": [],
    }
    path = write_book(tmp_path / "a.xlsx", sheets)
    sheet = read_sheet(path, expected=["kode", "air"])
    assert (sheet.sheet, sheet.column("air")) == ("Data", [5])
    assert any("'Petunjuk'" in found.message for found in sheet.findings)
    twice = write_book(tmp_path / "b.xlsx", {"2023": sheets["Data"], "2024": sheets["Data"]})
    with pytest.raises(InputError, match="say which with 'sheet'"):
        read_sheet(twice, expected=["kode", "air"])
    assert read_sheet(twice, sheet="2024").sheet == "2024"


def test_codes_that_a_spreadsheet_took_for_times_and_dates_are_read_or_named(
    tmp_path: Path, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    rows: list[list[object]] = [
        ["kode", "air"],
        [dt.time(11, 1, 2), 1],
        [dt.datetime(2001, 6, 5), 2],
        [KODE[0], 3],
    ]
    write_book(tmp_path / "a.xlsx", {"Data": rows})
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": "a.xlsx",
            "code_system": "kemendagri",
            "code_column": "kode",
            "year": 2024,
            "columns": {"air": "air"},
        }
    )
    result = join_table(section, tmp_path, desa, indicators)
    assert result.values[["kode", "nilai"]].to_numpy().tolist() == [[KODE[0], 3]]
    assert [f.row for f in result.findings if f.code == "table.code_refused"] == [2, 3]


def test_a_desa_adat_is_a_place_of_its_own_jenis(
    tmp_path: Path, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    adat = desa.assign(
        kode=desa["kode"].replace(KODE[4], "53.06.02.3002"),
        jenis=desa["jenis"].mask(desa["kode"] == KODE[4], "desa adat"),
        nama=desa["nama"].mask(desa["kode"] == KODE[4], "Waibao"),
    )
    text = "kec,nama,jenis,air\nTanjung Bunga,Waibao,Desa Adat,1\nTanjung Bunga,Waibao,Desa,2\n"
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "b.csv").write_text("kode,air\n5306023002,3\n")
    by_name = TableSection.model_validate(
        {
            "id": "t",
            "path": "a.csv",
            "year": 2024,
            "columns": {"air": "air"},
            "kecamatan_column": "kec",
            "name_column": "nama",
            "jenis_column": "jenis",
        }
    )
    values = join_table(by_name, tmp_path, adat, indicators).values
    assert values[["kode", "nilai"]].to_numpy().tolist() == [[KODE[3], 2], ["53.06.02.3002", 1]]
    by_code = TableSection.model_validate(
        {
            "id": "t",
            "path": "b.csv",
            "year": 2024,
            "columns": {"air": "air"},
            "code_system": "kemendagri",
            "code_column": "kode",
        }
    )
    assert join_table(by_code, tmp_path, adat, indicators).values["nilai"].tolist() == [3]


PLACED: list[list[object]] = [["kode", "air"], *([kode, 40.5] for kode in KODE[:4])]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (900_000_000, "row 900000001 is beyond the last one"),
        (1_048_576, "row 1048577 is beyond the last one"),
        (1, "row 2 comes after row 3"),
        (2, "row 3 comes after row 3"),
    ],
)
def test_rows_of_an_xlsb_that_stand_nowhere_or_go_back_lose_no_others(
    tmp_path: Path, row: int, why: str
) -> None:
    """The reader of values ends at the first, or keeps one of two, without a word."""
    path = tmp_path / "a.xlsb"
    write_xlsb(path, PLACED)

    def move(sheet: bytes) -> bytes:
        fourth, rest = struct.pack("<I", 3), struct.pack("<IHBBBI", 0, 300, 0, 0, 0, 0)
        return sheet.replace(fourth + rest, struct.pack("<I", row) + rest)

    rewrite_part(path, "xl/worksheets/sheet1.bin", move)
    with pytest.raises(InputError, match=f"a.xlsb: the sheet 'Sheet' is broken: {why}"):
        read_sheet(path, expected=["kode", "air"])


def test_two_cells_of_one_column_in_a_row_of_an_xlsb_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsb"
    write_xlsb(path, PLACED)
    second, first = (struct.pack("<IId", column, 0, 40.5) for column in (1, 0))
    rewrite_part(path, "xl/worksheets/sheet1.bin", lambda sheet: sheet.replace(second, first))
    with pytest.raises(InputError, match="two cells stand in row 2, column 1"):
        read_sheet(path, expected=["kode", "air"])


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'r="A4"', b'r="A3"', "two cells are called A3"),
        (b'r="B3"', b'r="A3"', "two cells are called A3"),
        (b'r="B3"', b'r="A2"', "row 2 stands there twice"),
    ],
)
def test_two_cells_of_one_reference_in_an_xlsx_are_refused(
    tmp_path: Path, old: bytes, new: bytes, why: str
) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(path, PLACED)
    assert len(read_sheet(path, expected=["kode", "air"]).rows) == 4
    rewrite_part(path, "xl/worksheets/sheet1.xml", lambda sheet: sheet.replace(old, new))
    with pytest.raises(InputError, match=f"is broken: {why}"):
        read_sheet(path, expected=["kode", "air"])


def test_rows_of_an_xlsx_in_another_order_are_all_there(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(path, PLACED)

    def turn(sheet: bytes) -> bytes:
        rows = re.findall(rb"<row .*?</row>", sheet, re.DOTALL)
        return sheet.replace(b"".join(rows), b"".join(reversed(rows)))

    rewrite_part(path, "xl/worksheets/sheet1.xml", turn)
    assert read_sheet(path, expected=["kode", "air"]).column("kode") == KODE[:4]


@pytest.mark.parametrize("place", ['<Row ss:Index="2">', '<Row ss:Index="1">'])
def test_two_cells_in_one_place_of_an_xml_sheet_are_refused(tmp_path: Path, place: str) -> None:
    row = "<Cell><Data ss:Type='String'>{}</Data></Cell>" * 2 + "</Row>"
    rows = [f"<Row>{row.format('kode', 'air')}", f"<Row>{row.format(KODE[0], 'x')}"]
    path = tmp_path / "a.xls"
    path.write_text(XML_SHEET.format(rows="".join([*rows, place + row.format(KODE[1], "y")])))
    with pytest.raises(InputError, match=r"a\.xls: .* two cells stand in row [12], column 1"):
        read_sheet(path, expected=["kode", "air"])
