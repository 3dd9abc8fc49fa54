"""Text of the colour of its ground, by one rule in every format."""

from __future__ import annotations

import math
from pathlib import Path

import openpyxl
import pytest
from openpyxl.formatting.rule import CellIsRule, Rule
from openpyxl.styles import Color, Font, PatternFill

from layers.tables.files.sheets import Sheet, read_sheet
from layers.tables.numbers import expectations
from layers.tables.numbers.numbers import read_numbers
from tests.layers.tables import conftest, workbook_cells, workbook_files


def notes(sheet: Sheet, word: str) -> list[str]:
    """The notes of how the file was read that have that word."""
    return [finding.message for finding in sheet.findings if word in finding.message]


@pytest.mark.parametrize("suffix", workbook_files.SHEET_WRITERS)
def test_text_of_the_colour_of_its_ground_is_not_read(tmp_path: Path, suffix: str) -> None:
    seen = [
        workbook_cells.Painted(11, workbook_cells.NAVY),
        workbook_cells.Painted(12, workbook_cells.WHITE, workbook_cells.NAVY),
        workbook_cells.Painted(13, workbook_cells.NAVY, workbook_cells.WHITE),
        14,
    ]
    unseen = [
        workbook_cells.Painted(91),
        workbook_cells.Painted(92, workbook_cells.WHITE, workbook_cells.WHITE),
        workbook_cells.Painted(93, workbook_cells.NAVY, workbook_cells.NAVY),
    ]
    rows: workbook_cells.Rows = [
        [
            workbook_cells.Painted(name, workbook_cells.WHITE, workbook_cells.NAVY)
            for name in ("kode", "jiwa", "ket")
        ],
        *([kode, cell, "a"] for kode, cell in zip(conftest.KODE, seen, strict=False)),
        *(
            [kode, cell, workbook_cells.Painted("rahasia")]
            for kode, cell in zip(conftest.KODE, unseen, strict=False)
        ),
    ]
    workbook_files.SHEET_WRITERS[suffix](tmp_path / f"t{suffix}", rows)
    sheet = read_sheet(tmp_path / f"t{suffix}")
    numbers = read_numbers(sheet.column("jiwa"), expectations.Expectation(unit="jiwa"))
    assert numbers.values.tolist()[:4] == [11, 12, 13, 14]
    assert all(map(math.isnan, numbers.values.tolist()[4:]))
    assert [cell or None for cell in sheet.column("ket")] == ["a"] * 4 + [None] * 3
    (note,) = notes(sheet, "colour of their ground")
    assert note.startswith("6 cells")
    assert note.endswith("6-8.")


@pytest.mark.parametrize(
    "colour",
    [
        Color(theme=0),
        Color(theme=0, tint=-0.01),
        Color(indexed=9),
        Color(indexed=65),
        Color(rgb="00FFFFFF"),
        Color(rgb="FFFEFEFE"),
    ],
)
def test_white_of_a_theme_or_palette_is_white(tmp_path: Path, colour: Color) -> None:
    assert _read_painted(tmp_path, Font(color=colour)) == [None, 2]
    ground = PatternFill("solid", fgColor=Color(theme=1))
    assert _read_painted(tmp_path, Font(color=colour), ground) == [1, 2]
    stripes = PatternFill("lightGrid", fgColor=Color(theme=1))
    assert _read_painted(tmp_path, Font(color=colour), stripes) == [1, 2]


def test_what_rules_and_tables_paint_is_not_judged(tmp_path: Path) -> None:
    white, red = Font(color="FFFFFF"), PatternFill("solid", bgColor="FF0000")
    rule = CellIsRule(operator="greaterThan", formula=["0"], fill=red)
    assert _read_painted(tmp_path, white, rule=rule) == [1, 2]


def _read_painted(
    tmp_path: Path, font: Font, fill: PatternFill | None = None, rule: Rule | None = None
) -> list[object]:
    book = openpyxl.Workbook()
    for row in (["kode", "jiwa"], [conftest.KODE[0], 1], [conftest.KODE[1], 2]):
        book.active.append(row)
    book.active["B2"].font = font
    if fill is not None:
        book.active["B2"].fill = fill
    if rule is not None:
        book.active.conditional_formatting.add("B2:B3", rule)
    book.save(tmp_path / "t.xlsx")
    return read_sheet(tmp_path / "t.xlsx").column("jiwa")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('<td><font color="white">7</font></td>', None),
        ('<td bgcolor="#000080"><font color=white>7</font></td>', "7"),
        ('<td style="background:black">7</td>', None),
        ('<td class="rahasia">7</td>', None),
        ('<td class="bg-primary" style="color:#fff">7</td>', "7"),
        ('<td style="color:#fff;background:url(a.png)">7</td>', "7"),
        ('<td style="color:#fff">7<span style="color:black">8</span></td>', "8"),
    ],
)
def test_colours_of_a_page_are_those_of_all_its_elements(
    tmp_path: Path, page: str, expected: str | None
) -> None:
    style = "<style>.rahasia {color: rgb(255, 255, 255)}</style>"
    row = f"<tr><td>kode</td><td>jiwa</td></tr><tr><td>{conftest.KODE[0]}</td>{page}</tr>"
    (tmp_path / "t.xls").write_text(f"<html>{style}<body><table>{row}</table></body></html>")
    (cell,) = read_sheet(tmp_path / "t.xls").column("jiwa")
    assert (cell and str(cell)) == expected
