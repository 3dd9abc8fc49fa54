"""Files are read by what they are: pages, XML sheets and text named .xls, records in JSON."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from layers.errors import InputError
from layers.proposal.file_shapes import tell_shapes
from layers.proposal.template import write_template
from layers.tables.files.sheets import Sheet, read_sheet
from layers.tables.numbers.special_cells import FormattedNumber, FormulaError, UnsolvedFormula
from tests.layers.tables.conftest import KODE
from tests.layers.tables.workbook_files import write_xlsx
from tests.layers.tables.workbook_ods import write_ods

PAGE = (
    '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><title>kode,air</title>'
    "<style>td{{mso-number-format:'\\@'}}</style></head><body>{body}</body></html>"
)
XML_SHEET = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    '<Styles><Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style></Styles>'
    '<Worksheet ss:Name="Data"><Table>{rows}</Table></Worksheet></Workbook>'
)


def read(folder: Path, name: str, content: str | bytes, sheet: str | None = None) -> Sheet:
    """The sheet of a file with that content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_sheet(path, expected=["kode", "air"], sheet=sheet)


@pytest.mark.parametrize(
    "body",
    [
        "<table><tr><th>kode<th>air<tr><td>53.06.01.2001<td>40,5</table>",
        "<TABLE><TR><TD>kode</TD><TD>air</TD></TR><TR><TD>53.06.01.2001</TD><TD>40,5</TD></TR></TABLE>",
        "<table><tr><td>menu</td></tr></table><table><thead><tr><th>kode</th><th>air</th></tr></thead>"
        "<tbody><tr><td><b>53.06.01.</b>2001</td><td>&nbsp;40,5&#32;</td></tr></tbody></table>",
        "<table><tr><td><table><tr><td>kode</td><td>air</td></tr><tr><td>53.06.01.2001</td>"
        "<td>40,5</td></tr></table></td></tr></table>",
        "<script>document.write('<table><tr><td>x')</script><table><tr><td>kode</td><td>air</td></tr>"
        "<tr><td>53.06.01.2001</td><td>40,5</td></tr>",
    ],
)
def test_a_web_page_is_read_whatever_its_markup(tmp_path: Path, body: str) -> None:
    sheet = read(tmp_path, "a.xls", PAGE.format(body=body))
    assert sheet.column("kode") == ["53.06.01.2001"]
    assert [str(cell).strip() for cell in sheet.column("air")] == ["40,5"]
    assert any("web page" in finding.message for finding in sheet.findings)


SAVED = """MIME-Version: 1.0
X-Document-Type: Workbook
Content-Type: multipart/related; boundary="X"

--X
Content-Location: file:///C:/a.htm
Content-Transfer-Encoding: quoted-printable
Content-Type: text/html; charset="us-ascii"

<html><frameset><frame src=3D"sheet001.htm"></frameset></html>
--X
Content-Location: file:///C:/sheet001.htm
Content-Transfer-Encoding: {encoding}
Content-Type: text/html; charset="utf-8"

{page}
--X--
"""
TABLE = "<html><table border=1><tr><td>kode<td>air<tr><td>53.06.01.2001<td>40,5</table></html>"
PARTS = {
    "quoted-printable": TABLE.replace("=", "=3D").replace("40,5", "40=\n,5"),
    "base64": base64.b64encode(TABLE.encode()).decode(),
    "8bit": TABLE,
}


@pytest.mark.parametrize("encoding", PARTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_page_saved_in_one_file_is_read_as_a_page(
    encoding: str, end: str, tmp_path: Path
) -> None:
    text = SAVED.format(encoding=encoding, page=PARTS[encoding]).replace("\n", end)
    sheet = read(tmp_path, "a.xls", text.encode())
    assert sheet.column("kode") == ["53.06.01.2001"]
    assert sheet.column("air") == ["40,5"]
    assert tell_shapes(tmp_path / "a.xls")[0].role == "tables"


def test_a_saved_page_without_a_table_is_one_clear_message(tmp_path: Path) -> None:
    text = SAVED.format(encoding="8bit", page="<html><p>Silakan masuk</html>")
    with pytest.raises(InputError, match="without a table"):
        read(tmp_path, "a.xls", text)


def test_cells_of_a_page_over_several_rows_and_columns_keep_their_places(tmp_path: Path) -> None:
    body = (
        "<table><tr><th rowspan=2>kode</th><th colspan=2>Sanitasi</th></tr><tr><th>air</th>"
        "<th>jamban</th></tr><tr><td>53.06.01.2001</td><td>4</td><td>5</td></tr></table>"
    )
    path = tmp_path / "a.xls"
    path.write_text(PAGE.format(body=body))
    sheet = read_sheet(path, header_row=1, header_rows=2)
    assert sheet.header == ("kode", "Sanitasi / air", "Sanitasi / jamban")
    assert sheet.column("Sanitasi / jamban") == ["5"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<p>Silakan masuk</p>", "without a table"),
        ("<table><tr><td>kode<td>air</table>" * 2, "tables 1, 2 all have"),
    ],
)
def test_a_page_without_one_table_is_one_clear_message(
    tmp_path: Path, body: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, "a.xls", PAGE.format(body=body))


def test_a_page_cannot_ask_for_endless_cells(tmp_path: Path) -> None:
    body = "<table>" + "<tr>" + "<td colspan=999999999 rowspan=999999999>x" * 20 + "</table>"
    sheet = read_sheet_or_none(tmp_path, PAGE.format(body=body))
    assert sheet is None or len(sheet.header) <= 16_384


def read_sheet_or_none(folder: Path, text: str) -> Sheet | None:
    """The sheet, None where it is refused with a message."""
    (folder / "a.xls").write_text(text)
    try:
        return read_sheet(folder / "a.xls")
    except InputError:
        return None


def test_an_xml_sheet_named_xls_is_read_with_its_formats(tmp_path: Path) -> None:
    rows = (
        '<Row><Cell><Data ss:Type="String">kode</Data></Cell><Cell ss:Index="3">'
        '<Data ss:Type="String">air</Data></Cell></Row><Row ss:Index="4"><Cell>'
        '<Data ss:Type="String">53.06.01.2001</Data></Cell><Cell ss:Index="3" ss:StyleID="p">'
        '<Data ss:Type="Number">0.853</Data></Cell></Row><Row><Cell><Data ss:Type="String">'
        '53.06.01.2002</Data></Cell><Cell ss:Index="3" ss:Formula="=1/0"><Data ss:Type="Error">'
        '#DIV/0!</Data></Cell></Row><Row><Cell><Data ss:Type="String">53.06.01.1003</Data></Cell>'
        '<Cell ss:Index="3" ss:Formula="=1+1"/></Row>'
    )
    sheet = read(tmp_path, "a.xls", XML_SHEET.format(rows=rows))
    assert sheet.rows == [4, 5, 6]
    share, error, formula = sheet.column("air")
    assert isinstance(share, FormattedNumber)
    assert (share.percent, error) == (85.3, FormulaError("#DIV/0!"))
    assert isinstance(formula, UnsolvedFormula)


def test_an_xml_sheet_that_declares_entities_is_refused(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">]>' + XML_SHEET.format(rows="")[21:]
    with pytest.raises(InputError, match="document type"):
        read(tmp_path, "a.xls", bomb)
    with pytest.raises(InputError, match="broken"):
        read(tmp_path, "b.xls", XML_SHEET.format(rows="<Row>"))


@pytest.mark.parametrize(
    "text", ["kode;air\n53.06.01.2001;40,5\n", "kode\tair\n53.06.01.2001\t40,5\n"]
)
def test_text_named_xls_is_read_as_text(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, "a.xls", text).column("air") == ["40,5"]
    assert read(tmp_path, "b.xlsx", text.encode("utf-16")).column("air") == ["40,5"]


@pytest.mark.parametrize("name", ["a.xls", "a.csv", "a.ods"])
def test_a_workbook_under_another_name_is_read_as_what_it_is(tmp_path: Path, name: str) -> None:
    for write in (write_xlsx, write_ods):
        write(tmp_path / name, [["kode", "air"], [KODE[0], 40.5]])
        sheet = read_sheet(tmp_path / name, expected=["kode", "air"])
        assert sheet.column("air") == [40.5]


RECORDS = [{"kode": code, "air": 40 + at} for at, code in enumerate(KODE)]


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("a.json", json.dumps(RECORDS)),
        ("a.json", json.dumps({"status": "ok", "data": RECORDS})),
        ("a.json", json.dumps({"result": {"fields": [{"id": "kode"}], "records": RECORDS}})),
        ("a.json", "\ufeff" + json.dumps(RECORDS)),
        ("a.jsonl", "\n".join(map(json.dumps, RECORDS))),
        ("a.json", "\n".join(map(json.dumps, RECORDS)) + "\n"),
        ("a.json", json.dumps([["kode", "air"], *(list(one.values()) for one in RECORDS)])),
        (
            "a.json",
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "features": [
                        {"type": "Feature", "geometry": None, "properties": one} for one in RECORDS
                    ],
                }
            ),
        ),
        ("a.xls", json.dumps(RECORDS)),
    ],
)
def test_records_in_json_are_rows(tmp_path: Path, name: str, document: str) -> None:
    sheet = read(tmp_path, name, document)
    assert sheet.column("kode") == KODE
    assert sheet.column("air") == [40, 41, 42, 43, 44, 45]
    assert sheet.rows == [2, 3, 4, 5, 6, 7]


def test_records_need_not_have_the_same_keys(tmp_path: Path) -> None:
    records = [
        {"kode": KODE[0], "air": None},
        {"kode": KODE[1], "lokasi": {"lat": -8.5}, "air": 3},
        {"kode": KODE[2], "foto": ["a.jpg"]},
    ]
    sheet = read(tmp_path, "a.json", json.dumps(records))
    assert sheet.column("air") == [None, 3, None]
    assert sheet.column("lokasi.lat") == [None, -8.5, None]
    assert any("'foto'" in finding.message for finding in sheet.findings)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ('{"a": 1}', "without records"),
        ("[1, 2]", "without records"),
        ("[]", "without records"),
        ('[{"kode": 1', "not readable JSON"),
        ('[{"kode": "1", "kode": "2"}]', "'kode' twice"),
        ('{"a": [{"kode": 1, "air": 2}], "b": [{"kode": 1, "air": 3}]}', "say which with 'sheet'"),
        ("[" * 100_000, "not readable JSON"),
        (b"[\xff]", "encoding"),
    ],
)
def test_json_without_one_table_is_one_clear_message(
    tmp_path: Path, document: str | bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, "a.json", document)


def test_the_declared_key_says_which_records(tmp_path: Path) -> None:
    document = json.dumps({"a": [{"kode": 1, "air": 2}], "b": [{"kode": 1, "air": 3}]})
    assert read(tmp_path, "a.json", document, sheet="b").column("air") == [3]


def test_init_proposes_records_in_json_as_a_table(tmp_path: Path) -> None:
    (tmp_path / "posyandu.json").write_text(json.dumps({"data": RECORDS}))
    (tmp_path / "pengaturan.json").write_text('{"versi": 1}')
    (tmp_path / "halaman.xls").write_text(
        PAGE.format(body="<table><tr><td>kode<td>air<tr><td>53.06.01.2001<td>4</table>")
    )
    shape = tell_shapes(tmp_path / "posyandu.json")[0]
    assert (shape.role, shape.keys["code_column"], shape.numbers) == ("tables", "kode", ("air",))
    text = write_template(tmp_path)[0].read_text()
    assert '# path = "posyandu.json"' in text
    assert '# path = "halaman.xls"' in text
    assert "# pengaturan.json: not read" in text
