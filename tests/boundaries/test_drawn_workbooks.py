"""Polygons written in a sheet of a workbook, as they are in a text table."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import shapely

from boundaries.errors import InputUndeclaredError
from boundaries.polygons.reading import read_polygons
from tests.boundaries.drawing import kode, source, square

Rows = list[list[object]]


def write(path: Path, **sheets: Rows) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def drawn(form: str = "wkt") -> Rows:
    shapes = [square(0, 0), square(1, 0)]
    texts = [shapely.to_geojson(shape) if form == "geojson" else shape.wkt for shape in shapes]
    codes = [kode(1), float(kode(2).replace(".", ""))]
    return [
        ["kode", "nama", "batas"],
        *([code, f"Desa {code}", text] for code, text in zip(codes, texts, strict=True)),
    ]


@pytest.mark.parametrize("form", ["wkt", "geojson"])
def test_a_sheet_with_polygons_is_read(tmp_path: Path, form: str) -> None:
    notes: Rows = [["Keterangan"], ["batas indikatif"]]
    rows: Rows = [["Batas desa"], [None], *drawn(form)]
    path = write(tmp_path / "desa.xlsx", Catatan=notes, Batas=rows)
    polygons, findings = read_polygons(source(path))
    assert polygons["kode"].tolist() == [kode(1), kode(2)]
    assert polygons.geometry.iloc[0].equals(square(0, 0))
    assert {str(finding.severity) for finding in findings} <= {"note"}


def test_which_of_several_sheets_is_declared(tmp_path: Path) -> None:
    path = write(tmp_path / "desa.xlsx", Lama=drawn(), Baru=drawn()[:2])
    with pytest.raises(InputUndeclaredError, match=r'several sheets .* layer = "Lama"'):
        read_polygons(source(path))
    assert len(read_polygons(source(path, layer="Baru"))[0]) == 1
    with pytest.raises(InputUndeclaredError, match="no sheet 'Tua'"):
        read_polygons(source(path, layer="Tua"))


def test_a_text_that_the_spreadsheet_cut_is_named(tmp_path: Path) -> None:
    rows = drawn()
    rows[2][2] = str(rows[2][2])[:-20]
    polygons, findings = read_polygons(source(write(tmp_path / "desa.xlsx", Batas=rows)))
    assert polygons.geometry.isna().tolist() == [False, True]
    assert [f.row for f in findings if f.code == "boundary.geometry_text_damaged"] == [2]


def test_a_workbook_without_polygons_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "desa.xlsx", Data=[["kode", "nama"], [kode(1), "Satu"]])
    with pytest.raises(InputUndeclaredError, match="no column of WKT, WKB or GeoJSON"):
        read_polygons(source(path))


@pytest.mark.parametrize("name", ["desa.csv", "desa.xlsx"])
def test_columns_of_one_name_are_told_apart(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "desa.csv":
        path.write_text(f'kode,nama,nama,batas\n{kode(1)},Satu,x,"{square(0, 0).wkt}"\n')
    else:
        rows: Rows = [["kode", "nama", "nama", "batas"], [kode(1), "Satu", "x", square(0, 0).wkt]]
        write(path, Batas=rows)
    assert read_polygons(source(path))[0]["nama"].tolist() == ["Satu"]
