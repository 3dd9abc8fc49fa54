"""Tables and workbooks that unpack, repeat or nest into what no machine holds."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xlwt

from tests.chaos.bomb_files import KODE, NAMES, SHEET, TABLE, write
from tests.layers.tables import workbook_ods, workbook_xlsb


def stray_cell(path: Path) -> str:
    """A cell at the last row of the last column."""
    rows = f"{_row(1, 'kode', 'nilai')}{_row(2, KODE, 0.5)}"
    stray = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return _xlsx(path, rows + stray, '<dimension ref="A1:XFD1048576"/>')


def stray_cell_unstated(path: Path) -> str:
    """The same in a sheet that does not state how far it goes."""
    stray = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return _xlsx(path, _row(1, "kode", "nilai") + stray, "")


def packed_sheet(path: Path) -> str:
    """A sheet of 1 MB that unpacks to a gigabyte."""
    return _xlsx(path, _row(1, "kode", "nilai") + " " * 1_000_000_000, "")


def repeated_text(path: Path) -> str:
    """A text of 32,000 letters in each of 400,000 cells."""
    cells = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 400_001)
    )
    return _xlsx(path, cells, "", ["x" * 32_000])


def merged_sheet(path: Path) -> str:
    """One merged range over the whole sheet."""
    rows = f"{_row(1, 'kode', 'nilai')}{_row(2, KODE, 0.5)}"
    merges = '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    return _xlsx(path, rows, "", after=merges)


def stacked_merges(path: Path) -> str:
    """Twenty thousand times the same merged range over three thousand rows, in 30 kB."""
    return _merged(path, ["A2:B3000"] * 20_000)


def wide_merges(path: Path) -> str:
    """Two thousand merged ranges, each over nearly all rows that a sheet can have."""
    return _merged(path, [f"A{row}:XFD{1_048_576 - row}" for row in range(2, 2_000)])


def quoted_format(path: Path) -> str:
    """A number format of 100,000 quotation marks, in two thousand cells."""
    styles = (
        f'<styleSheet xmlns="{SHEET}"><numFmts><numFmt numFmtId="164" formatCode="'
        f'{"&quot;" * 100_001}"/></numFmts><cellXfs><xf numFmtId="164"/></cellXfs></styleSheet>'
    )
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>{KODE}</t></is></c>'
        f'<c r="B{row}" s="0"><v>0.5</v></c></row>'
        for row in range(2, 2_000)
    )
    return _xlsx(path, _row(1, "kode", "nilai") + rows, "", styles=styles)


def packed_csv(path: Path) -> str:
    """A text of 7.7 MB that unpacks to 8 GB."""
    part = gzip.compress((f"{KODE},0.5\n" * 4_000_000).encode(), 9, mtime=0)
    head = gzip.compress(b"kode,nilai\n", mtime=0)
    return write(path / "b.csv.gz", head + part * (7_700_000 // len(part)), TABLE)


def wide_csv(path: Path) -> str:
    """A table of 200,000 columns."""
    names = ",".join(f"k{number}" for number in range(200_000))
    return write(
        path / "b.csv",
        f"kode,nilai,{names}\n{KODE},1{',1' * 200_000}\n",
        TABLE,
    )


def wide_list(path: Path) -> str:
    """A list of names of 200,000 columns."""
    names = ",".join(f"k{number}" for number in range(200_000))
    return write(
        path / "b.csv",
        f"kode,nama,{names}\n{KODE},A{',1' * 200_000}\n",
        NAMES,
    )


def repeated_parquet(path: Path) -> str:
    """A table of constant columns and 150 million rows."""
    column = pa.array(np.zeros(1_000_000, np.int8))
    table = pa.table({f"k{number}": column for number in range(3)})
    with pq.ParquetWriter(path / "b.parquet", table.schema, compression="zstd") as writer:
        for _ in range(150):
            writer.write_table(table)
    return TABLE.format(name="b.parquet")


def lying_parquet(path: Path) -> str:
    """Few rows of many constant columns, which nothing packed but their encoding."""
    column = pa.array(np.zeros(1_900_000, np.float64))
    table = pa.table({f"k{number}": column for number in range(400)})
    pq.write_table(table, path / "b.parquet", compression="zstd")
    return TABLE.format(name="b.parquet")


def nested_json(path: Path) -> str:
    """Arrays in arrays, a million deep."""
    return write(path / "b.json", "[" * 1_000_000 + "]" * 1_000_000, TABLE)


def entity_sheet(path: Path) -> str:
    """The same in an XML Spreadsheet."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    text = (
        f'<?xml version="1.0"?><!DOCTYPE Workbook [{entities}]>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row>'
        "<Cell><Data>&a11;</Data></Cell></Row></Table></Worksheet></Workbook>"
    )
    return write(path / "b.xls", text, TABLE)


def sparse_sheet(path: Path) -> str:
    """An XML Spreadsheet whose cells say that they stand in row and column 10⁹."""
    text = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table>'
        '<Row ss:Index="1000000000"><Cell ss:Index="1000000000"><Data>1</Data></Cell></Row>'
        "</Table></Worksheet></Workbook>"
    )
    return write(path / "b.xls", text, TABLE)


def repeated_ods_cells(path: Path) -> str:
    """A cell that is repeated 10⁹ times."""
    return _ods(path, 'table:number-columns-repeated="1000000000"', "<table:table-cell")


def repeated_ods_rows(path: Path) -> str:
    """A row that is repeated 10⁹ times."""
    return _ods(path, 'table:number-rows-repeated="1000000000"', "<table:table-row")


def wide_page(path: Path) -> str:
    """A page whose cell spans 10⁹ columns and rows."""
    cell = '<td colspan="1000000000" rowspan="1000000000">1</td>'
    text = f"<html><table><tr><th>kode</th><th>nilai</th></tr><tr>{cell}</tr></table></html>"
    return write(path / "b.xls", text, TABLE)


def nested_page(path: Path) -> str:
    """Tables in tables, 100,000 deep."""
    text = "<html>" + "<table><tr><td>" * 100_000 + "1"
    return write(path / "b.html", text, TABLE)


def nested_mht(path: Path) -> str:
    """A web archive of archives, 5,000 deep."""
    text = "MIME-Version: 1.0\n"
    for depth in range(5_000):
        text += f'Content-Type: multipart/related; boundary="b{depth}"\n\n--b{depth}\n'
    return write(path / "b.mht", text, TABLE)


def lying_xls(path: Path) -> str:
    """Cells in the last row and column, in a stream that says its strings are 4·10⁹."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    for row, column, text in ((0, 0, "kode"), (0, 1, "nilai"), (65_535, 255, "x")):
        sheet.write(row, column, text)
    book.save(str(path / "b.xls"))
    content = (path / "b.xls").read_bytes()
    place = content.find(struct.pack("<H", 0x00FC))
    content = content[: place + 4] + b"\xff\xff\xff\x7f" * 2 + content[place + 12 :]
    return write(path / "b.xls", content, TABLE)


def lying_xlsb(path: Path) -> str:
    """A row and column number of 10⁹ in a binary workbook."""
    plain, forged = path / "p.xlsb", io.BytesIO()
    workbook_xlsb.write_xlsb(plain, [["kode", "nilai"], [KODE, 0.5]])
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(forged, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.bin"):
                row = struct.pack("<IIHBBBI", 1, 0, 300, 0, 0, 0, 0)
                content = content.replace(row, struct.pack("<I", 900_000_000) + row[4:])
            target.writestr(name, content)
    plain.unlink()
    return write(path / "b.xlsb", forged.getvalue(), TABLE)


def lying_dbf(path: Path) -> str:
    """A header that says 4·10⁹ records of no width, and one that says one byte each."""
    field = b"KODE".ljust(11, b"\0") + b"C" + bytes(4) + b"\0\0" + bytes(14)
    head = struct.pack("<BBBBIHH", 3, 24, 1, 1, 0xFFFFFFFF, 65, 0) + bytes(20)
    return write(path / "b.dbf", head + field + b"\r" + b" " * 1000, TABLE)


def _row(number: int, *cells: object) -> str:
    texts = "".join(
        f'<c r="{"AB"[place]}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for place, cell in enumerate(cells)
    )
    return f'<row r="{number}">{texts}</row>'


def _merged(path: Path, ranges: list[str]) -> str:
    rows = "".join(_row(number, KODE, number) for number in range(2, 3_000))
    cells = "".join(f'<mergeCell ref="{place}"/>' for place in ranges)
    after = f"<mergeCells>{cells}</mergeCells>"
    return _xlsx(path, _row(1, "kode", "nilai") + rows, "", after=after)


def _xlsx(
    path: Path,
    rows: str,
    before: str,
    texts: list[str] | None = None,
    after: str = "",
    styles: str = "",
) -> str:
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    kinds = "http://schemas.openxmlformats.org/package/2006/content-types"
    strings = "".join(f"<si><t>{text}</t></si>" for text in texts or [])
    with zipfile.ZipFile(path / "b.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="rId1" '
            f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{kinds}"/>')
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{SHEET}" xmlns:r="{relations}"><sheets>'
            '<sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="rId1" '
            f'Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{relations}/styles" Target="styles.xml"/>'
            "</Relationships>",
        )
        if styles:
            archive.writestr("xl/styles.xml", styles)
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{SHEET}">{strings}</sst>')
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{SHEET}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>',
        )
    return TABLE.format(name="b.xlsx")


def _ods(path: Path, repeated: str, element: str) -> str:
    plain, forged = path / "p.ods", io.BytesIO()
    workbook_ods.write_ods(plain, [["kode", "nilai"], [KODE, 0.5]])
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(forged, "w") as target:
        for name in source.namelist():
            text = source.read(name).decode()
            before, mark, rest = text.rpartition(element)
            target.writestr(name, f"{before}{mark} {repeated}{rest}" if mark else text)
    plain.unlink()
    return write(path / "b.ods", forged.getvalue(), TABLE)
