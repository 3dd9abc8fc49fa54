"""Hidden, struck-out and raised parts of cells, by one rule in every format."""

from __future__ import annotations

import math
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from layers.tables.files.sheets import Sheet, read_sheet
from layers.tables.numbers import expectations, rupiah, special_cells
from layers.tables.numbers.numbers import read_numbers
from layers.tables.points.coordinate_text import CoordinateProblem, read_coordinate
from tests.layers.tables import conftest, workbook_cells, workbook_files

FOOTNOTE = workbook_cells.Rich((("1234", ""), ("1", "sup")))
CORRECTED = workbook_cells.Rich((("1200", "s"), ("1250", "")))
LOWERED = workbook_cells.Rich((("12", ""), ("2", "sub")))
NAME = workbook_cells.Rich((("Lato", ""), ("2)", "sup")))


def notes(sheet: Sheet, word: str) -> list[str]:
    """The notes of how the file was read that have that word."""
    return [finding.message for finding in sheet.findings if word in finding.message]


@pytest.mark.parametrize("suffix", workbook_files.SHEET_WRITERS)
def test_a_marked_number_is_none_and_a_marked_name_is_a_name(tmp_path: Path, suffix: str) -> None:
    cells: list[object] = [FOOTNOTE, CORRECTED, LOWERED, workbook_cells.Struck(900), 77]
    rows: workbook_cells.Rows = [
        ["kode", "nama", "jiwa"],
        *([k, NAME, c] for k, c in zip(conftest.KODE, cells, strict=False)),
    ]
    workbook_files.SHEET_WRITERS[suffix](tmp_path / f"t{suffix}", rows)
    sheet = read_sheet(tmp_path / f"t{suffix}")
    assert sheet.column("nama") == ["Lato"] * 5
    numbers = read_numbers(sheet.column("jiwa"), expectations.Expectation(unit="jiwa"))
    assert [value for value in numbers.values.tolist() if not math.isnan(value)] == [77]
    assert [problem.reason for problem in numbers.problems] == ["marked"] * 4
    assert [problem.value for problem in numbers.problems][:3] == ["1234^1^", "~1200~1250", "12^2^"]
    amounts = rupiah.read_rupiah(sheet.column("jiwa"))
    assert amounts.is_known.tolist() == [False] * 4 + [True]
    assert "2-6" in notes(sheet, "struck out")[0]


@pytest.mark.parametrize("suffix", workbook_files.SHEET_WRITERS)
def test_a_raised_part_of_a_header_is_part_of_its_name(tmp_path: Path, suffix: str) -> None:
    area = workbook_cells.Rich((("luas (km", ""), ("2", "sup"), (")", "")))
    workbook_files.SHEET_WRITERS[suffix](
        tmp_path / f"t{suffix}", [["kode", area], [conftest.KODE[0], 4]]
    )
    sheet = read_sheet(tmp_path / f"t{suffix}", expected=["kode", "Luas (km2)"])
    assert [str(cell) for cell in sheet.column("Luas (km2)")] in (["4"], ["4.0"])


@pytest.mark.parametrize("suffix", workbook_files.SHEET_WRITERS)
def test_hidden_rows_and_columns_are_read_and_counted(tmp_path: Path, suffix: str) -> None:
    rows: workbook_cells.Rows = [
        ["kode", "air", "listrik"],
        *([kode, 40, 50] for kode in conftest.KODE),
    ]
    layout = workbook_cells.Layout(hidden_rows=(2, 3, 5), hidden_columns=(2, 7))
    workbook_files.SHEET_WRITERS[suffix](tmp_path / f"t{suffix}", rows, layout)
    sheet = read_sheet(tmp_path / f"t{suffix}")
    assert len(sheet) == len(conftest.KODE)
    assert str(sheet.column("listrik")[0]) in ("50", "50.0")
    assert notes(sheet, "rows are hidden") == [
        "3 rows are hidden in the sheet and read all the same: 3-4, 6."
    ]
    assert notes(sheet, "columns are hidden") == [
        "1 columns are hidden in the sheet and read all the same: C."
    ]


def test_a_hidden_sheet_is_read_only_where_no_other_fits(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    old, new = book.active, book.create_sheet("2024")
    old.title, old.sheet_state = "2023", "hidden"
    for sheet, air in ((old, 40), (new, 50)):
        sheet.append(["kode", "air"])
        sheet.append([conftest.KODE[0], air])
    old.append([conftest.KODE[1], 41])
    book.save(tmp_path / "t.xlsx")
    assert read_sheet(tmp_path / "t.xlsx", expected=["kode", "air"]).column("air") == [50]
    assert read_sheet(tmp_path / "t.xlsx").column("air") == [50]
    hidden = read_sheet(tmp_path / "t.xlsx", sheet="2023")
    assert hidden.column("air") == [40, 41]
    assert notes(hidden, "sheet '2023' is hidden")


def test_a_hidden_sheet_of_xml_is_read_only_where_no_other_fits(tmp_path: Path) -> None:
    workbook_files.write_xml_sheet(tmp_path / "t.xls", [["kode", "air"], [conftest.KODE[0], 40]])
    text = (tmp_path / "t.xls").read_text()
    options = "<WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>"
    start, end = text.index("<Worksheet"), text.index("</Workbook>")
    sheet = text[start:end]
    other = sheet.replace('"Sheet"', '"Lama"').replace("</Worksheet>", options)
    (tmp_path / "t.xls").write_text(text[:start] + other.replace(">40<", ">99<") + text[start:])
    assert read_sheet(tmp_path / "t.xls", expected=["kode", "air"]).column("air") == [40.0]


def test_rows_and_columns_without_a_size_are_hidden(tmp_path: Path) -> None:
    rows: workbook_cells.Rows = [
        ["kode", "air", "x"],
        [conftest.KODE[0], 40, 1],
        [conftest.KODE[1], 41, 2],
    ]
    workbook_files.SHEET_WRITERS[".xlsx"](
        tmp_path / "hidden.xlsx", rows, workbook_cells.Layout((2,), (2,))
    )
    with zipfile.ZipFile(tmp_path / "hidden.xlsx") as book:
        parts = {name: book.read(name) for name in book.namelist()}
    part = "xl/worksheets/sheet1.xml"
    text = re.sub(
        rb"<col [^>]*/>", b'<col min="3" max="3" width="0" customWidth="1"/>', parts[part]
    )
    parts[part] = text.replace(b'hidden="1"', b'ht="0" customHeight="1"')
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    sheet = read_sheet(tmp_path / "t.xlsx")
    assert notes(sheet, "1 rows are hidden in the sheet and read all the same: 3.")
    assert notes(sheet, "1 columns are hidden in the sheet and read all the same: C.")


@pytest.mark.parametrize("suffix", workbook_files.SHEET_WRITERS)
def test_a_number_merged_over_several_desa_is_known_as_such(tmp_path: Path, suffix: str) -> None:
    rows: workbook_cells.Rows = [
        ["kode", "air"],
        [conftest.KODE[0], 40],
        [conftest.KODE[1], None],
        [conftest.KODE[2], 42],
    ]
    workbook_files.SHEET_WRITERS[suffix](
        tmp_path / f"t{suffix}", rows, workbook_cells.Layout(merges=((1, 1, 2, 1),))
    )
    assert read_sheet(tmp_path / f"t{suffix}").merged == {"air": frozenset({0, 1})}


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        ("12<sup>3</sup>", "12^3^"),
        ("<strike>12</strike>13", "~12~13"),
        ("<span style='text-decoration: line-through'>12</span>13", "~12~13"),
        ("12<span style='vertical-align:super;font-size:8pt'>3</span>", "12^3^"),
        ("12<span class=note>3</span>", "12^3^"),
        ("<b>12</b><font class=old><b>7</b></font>", "12~7~"),
        ("<span style='display:none'>0012</span>12", "12"),
        ("12<span hidden>3</span>", "12"),
        ("12<span style='visibility: hidden'>3</span>", "12"),
        ("12<i class=gone>3</i>", "12"),
        ("12<!-- 3 --><template>4</template><noscript>5</noscript>", "12"),
        ("12<span class=sr-only> of 30</span>", "12^ of 30^"),
        ("<select><option>1<option selected>12<option>3</select>", "12"),
        ("<select><option value=3>12</option><option>3</option></select>", "12"),
        ("<input value=12><input type=hidden value=3>", "12"),
        ("<input type=checkbox value=1>12", "12"),
        ("12<p style='display:none'>3<p>", "12"),
        ("<sup></sup>12<sup> </sup>", "12"),
        ("12<span class=paper>3</span>", "123"),
        ("12<span class=both>3</span>", "12"),
        ("12<q>3</q>", "12"),
        ("12<b class=deep>3</b>", "12^3^"),
        ("12<em>3</em>", "12^3^"),
        ("<table><tr><td>3</table>12", "12"),
        ("<del><ins>12</ins></del>", "~12~"),
    ],
)
def test_a_cell_of_a_page_is_what_a_person_sees(tmp_path: Path, cell: str, seen: str) -> None:
    styles = ".gone, td.x{display:none} font.old {text-decoration:line-through}"
    styles += " span.note{vertical-align:super} @media print {.paper{display:none} .x{color:red}}"
    styles += " @media screen{.both{display:none}} q{display:none} /* b{display:none} */"
    styles += " table td .deep {display:none} .report td {display:none} p > em{visibility:hidden}"
    (tmp_path / "t.xls").write_text(
        f"<html><style>{styles}</style><table><tr><td>kode<td>jiwa<tr><td>{conftest.KODE[0]}<td>{cell}"
        f"<tr><td>{conftest.KODE[1]}<td>5</table>"
    )
    first, second = read_sheet(tmp_path / "t.xls", expected=["kode", "jiwa"]).column("jiwa")
    assert (first.written if isinstance(first, special_cells.MarkedText) else first) == seen
    assert second == "5"


def test_cells_hidden_in_some_rows_of_a_page_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "t.xls").write_text(
        f"<html><table><tr><td>kode<td>jiwa<tr><td>{conftest.KODE[0]}<td style='display:none'>7"
        f"<tr style='text-decoration:line-through'><td>{conftest.KODE[1]}<td>5</table>"
    )
    sheet = read_sheet(tmp_path / "t.xls")
    assert sheet.column("jiwa")[0] is None
    assert read_numbers(sheet.column("jiwa")).problems[0].reason == "marked"
    assert notes(sheet, "1 cells that the page does not show are not read")


@pytest.mark.parametrize("outer", ["<div hidden>{}</div>", "{}", "<div style='display:none'>{}"])
def test_a_table_that_the_page_hides_gives_way_to_one_that_it_shows(
    tmp_path: Path, outer: str
) -> None:
    table = "<table {}><tr><td>kode<td>jiwa<tr><td>{}<td>{}</table>"
    old = outer.format(table.format("" if "div" in outer else "hidden", conftest.KODE[0], 7))
    closed = old if old.endswith("div>") or "div" not in old else f"{old}</div>"
    (tmp_path / "t.xls").write_text(f"<html>{closed}{table.format('', conftest.KODE[0], 9)}")
    assert read_sheet(tmp_path / "t.xls", expected=["kode", "jiwa"]).column("jiwa") == ["9"]
    (tmp_path / "t.xls").write_text(f"<html>{closed}")
    sheet = read_sheet(tmp_path / "t.xls", expected=["kode", "jiwa"])
    assert sheet.column("jiwa") == ["7"]
    assert notes(sheet, "does not show this table")


XML_STYLES = (
    '<Style ss:ID="p"><NumberFormat ss:Format="0%"/></Style><Style ss:ID="c" ss:Parent="p"/>'
    '<Style ss:ID="x" ss:Parent="y"/><Style ss:ID="y"><Font ss:StrikeThrough="1"/></Style>'
)


@pytest.mark.parametrize(
    ("columns", "row", "cell", "value"),
    [
        ("", "", ' ss:StyleID="c"', 85),
        ("", ' ss:StyleID="p"', "", 85),
        ('<Column ss:Index="2" ss:StyleID="c"/>', "", "", 85),
        ('<Column ss:Index="2" ss:StyleID="c"/>', ' ss:StyleID="z"', "", 0.85),
        ("", "", ' ss:StyleID="x"', None),
        ("", "", "", 0.85),
    ],
)
def test_a_cell_of_xml_has_the_style_of_its_row_or_column_or_of_their_parents(
    tmp_path: Path, columns: str, row: str, cell: str, value: float | None
) -> None:
    workbook_files.write_xml_sheet(tmp_path / "t.xls", [["kode", "air"], [conftest.KODE[0], 0.85]])
    text = (tmp_path / "t.xls").read_text().replace("<Styles>", f"<Styles>{XML_STYLES}")
    text = text.replace("<Table>", f"<Table>{columns}")
    text = text.replace('<Row ss:Index="2"', f'<Row{row} ss:Index="2"', 1)
    number = '><ss:Data ss:Type="N'
    text = text.replace(f'<Cell ss:Index="2"{number}', f'<Cell ss:Index="2"{cell}{number}')
    (tmp_path / "t.xls").write_text(text)
    cells = read_sheet(tmp_path / "t.xls").column("air")
    (number_read,) = read_numbers(
        cells, expectations.Expectation(unit="%", factor=1)
    ).values.tolist()
    assert math.isnan(number_read) if value is None else number_read == value


@pytest.mark.parametrize("broken", ["8<text:line-break/>00", "8<text:tab/>00", "8<text:s/>0"])
def test_a_number_of_ods_on_two_lines_is_not_one(tmp_path: Path, broken: str) -> None:
    workbook_files.SHEET_WRITERS[".ods"](
        tmp_path / "a.ods", [["kode", "jiwa"], [conftest.KODE[0], "PLACE"]]
    )
    rewrite(tmp_path / "a.ods", "content.xml", "PLACE", broken)
    column = read_numbers(read_sheet(tmp_path / "a.ods").column("jiwa"))
    assert [problem.reason for problem in column.problems] == ["text"]


def test_rows_of_a_folded_group_of_ods_are_hidden(tmp_path: Path) -> None:
    workbook_files.SHEET_WRITERS[".ods"](
        tmp_path / "a.ods", [["kode", "jiwa"], [conftest.KODE[0], 5], [conftest.KODE[1], 6]]
    )
    group = '<table:table-row-group table:display="false"><table:table-row>'
    end = "</table:table>"
    rewrite(tmp_path / "a.ods", "content.xml", end, f"</table:table-row-group>{end}")
    rewrite(tmp_path / "a.ods", "content.xml", "<table:table-row>", group)
    sheet = read_sheet(tmp_path / "a.ods")
    assert notes(sheet, "3 rows are hidden")


def rewrite(path: Path, part: str, old: str, new: str) -> None:
    """Puts ``new`` in place of the first ``old`` of a part of a workbook."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts[part] = parts[part].replace(old.encode(), new.encode(), 1)
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)


def test_a_mark_beside_no_value_is_no_number_either() -> None:
    cell = special_cells.MarkedText(
        [("-", special_cells.Mark.PLAIN), ("1", special_cells.Mark.RAISED)]
    )
    column = read_numbers([cell, 4.0])
    assert column.problems == ()
    assert math.isnan(column.values[0])


def test_a_degree_sign_may_be_raised_and_a_footnote_may_not() -> None:
    degree = special_cells.MarkedText(
        [
            ("8", special_cells.Mark.PLAIN),
            ("o", special_cells.Mark.RAISED),
            (" 30' LS", special_cells.Mark.PLAIN),
        ]
    )
    footnote = special_cells.MarkedText(
        [("-8.5", special_cells.Mark.PLAIN), ("1", special_cells.Mark.RAISED)]
    )
    assert read_coordinate(degree) == -8.5
    assert read_coordinate(footnote) is CoordinateProblem.UNREADABLE


ARCHIVE = """From: <Saved by Microsoft Excel>
Subject: data
MIME-Version: 1.0
Content-Type: multipart/related; boundary="x"; type="text/html"

--x
Content-Location: file:///C:/data.htm
Content-Transfer-Encoding: quoted-printable
Content-Type: text/html; charset="us-ascii"

<html><frameset><frame src=3D"data_files/sheet001.htm"></frameset></html>
--x
Content-Location: file:///C:/data_files/sheet001.htm
Content-Transfer-Encoding: quoted-printable
Content-Type: text/html; charset="windows-1252"

<html><table><tr><td>kode</td><td>nama</td><td>jiwa</td></tr><tr><td>53.06.=
01.2001</td><td>Wa=EB</td><td>1.2=
34</td></tr></table></html>
--x--
"""


@pytest.mark.parametrize("name", ["t.xls", "t.mht", "t.mhtml"])
def test_a_web_archive_is_read_as_its_pages(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(ARCHIVE.replace("\n", "\r\n").encode())
    sheet = read_sheet(tmp_path / name, expected=["kode", "jiwa"])
    assert [sheet.column(column)[0] for column in ("kode", "nama", "jiwa")] == [
        "53.06.01.2001",
        "Waë",
        "1.234",
    ]
    assert notes(sheet, "a web archive (MHT)")
