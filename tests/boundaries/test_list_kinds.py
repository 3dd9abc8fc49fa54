"""Code lists and crosswalks are read by what the file is, not by its name."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from boundaries.codes.lists import read_list
from boundaries.errors import InputUnreadableError

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
        (
            b'<?xml version="1.0"?><Workbook '
            b'xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "XML Spreadsheet 2003",
        ),
        (b"no workbook", "not a spreadsheet"),
        (b"PK\x03\x04", "not a spreadsheet"),
    ],
)
def test_what_is_no_list_is_one_clear_message(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.xls").write_bytes(content)
    with pytest.raises(InputUnreadableError, match=message):
        read_list(tmp_path / "a.xls", "a.xls", COLUMNS)
