"""Files that are made to do harm to whoever reads them, each as an input of a small workspace.

A writer fills a folder and gives back the sections of ``wilayah.toml`` that declare its file.
Most are small files that unpack, repeat or nest into what no machine holds.
"""

from __future__ import annotations

import gzip
import io
import os
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
import shapely
import xlwt

from tests.layers.tables import workbook_ods, workbook_xlsb

TABLE = """[[tables]]
id = "bom"
path = "{name}"
code_system = "kemendagri"
code_column = "kode"
year = 2024
columns = {{ "nilai" = "idm_skor" }}
"""
BOUNDARY = """[[boundaries]]
path = "{name}"
code_system = "kemendagri"
code_column = "kode"
"""
POPULATION = '[population]\npath = "{name}"\nyear = 2024\n'
ROADS = '[[roads]]\npath = "{name}"\nclass_column = "kelas"\n'
NAMES = """[[names]]
path = "{name}"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
"""
KML = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
KODE = "53.06.01.2001"


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


def packed_csv(path: Path) -> str:
    """A text of 7.7 MB that unpacks to 8 GB."""
    part = gzip.compress((f"{KODE},0.5\n" * 4_000_000).encode(), 9, mtime=0)
    head = gzip.compress(b"kode,nilai\n", mtime=0)
    return _write(path / "b.csv.gz", head + part * (7_700_000 // len(part)), TABLE)


def wide_csv(path: Path) -> str:
    """A table of 200,000 columns."""
    names = ",".join(f"k{number}" for number in range(200_000))
    return _write(path / "b.csv", f"kode,nilai,{names}\n{KODE},1{',1' * 200_000}\n", TABLE)


def wide_list(path: Path) -> str:
    """A list of names of 200,000 columns."""
    names = ",".join(f"k{number}" for number in range(200_000))
    return _write(path / "b.csv", f"kode,nama,{names}\n{KODE},A{',1' * 200_000}\n", NAMES)


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
    return _write(path / "b.json", "[" * 1_000_000 + "]" * 1_000_000, TABLE)


def nested_boundary_json(path: Path) -> str:
    """The same where polygons are expected."""
    return _write(path / "b.json", "[" * 1_000_000 + "]" * 1_000_000, BOUNDARY)


def nested_geojson(path: Path) -> str:
    """Collections of geometries in each other."""
    depth = 100_000
    inner = '{"type":"GeometryCollection","geometries":[' * depth + "]}" * depth
    feature = f'{{"type":"Feature","properties":{{"kode":"{KODE}"}},"geometry":{inner}}}'
    text = f'{{"type":"FeatureCollection","features":[{feature}]}}'
    return _write(path / "b.geojson", text, BOUNDARY)


def nested_kml(path: Path) -> str:
    """Folders in folders, 200,000 deep."""
    body = "<Folder>" * 200_000 + "</Folder>" * 200_000
    return _write(path / "b.kml", KML.format(body=body), BOUNDARY)


def long_kml(path: Path) -> str:
    """Coordinates of one ring of six million points, as one text in a KMZ of a megabyte."""
    ring = "123.1,-8.4 " * 6_000_000
    body = "<Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>"
    body += ring + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    with zipfile.ZipFile(path / "b.kmz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", KML.format(body=body))
    return BOUNDARY.format(name="b.kmz")


def entity_kml(path: Path) -> str:
    """Entities of entities (a billion laughs)."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    text = f'<?xml version="1.0"?><!DOCTYPE kml [{entities}]><kml><name>&a11;</name></kml>'
    return _write(path / "b.kml", text, BOUNDARY)


def entity_sheet(path: Path) -> str:
    """The same in an XML Spreadsheet."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    text = (
        f'<?xml version="1.0"?><!DOCTYPE Workbook [{entities}]>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row>'
        "<Cell><Data>&a11;</Data></Cell></Row></Table></Worksheet></Workbook>"
    )
    return _write(path / "b.xls", text, TABLE)


def sparse_sheet(path: Path) -> str:
    """An XML Spreadsheet whose cells say that they stand in row and column 10⁹."""
    text = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table>'
        '<Row ss:Index="1000000000"><Cell ss:Index="1000000000"><Data>1</Data></Cell></Row>'
        "</Table></Worksheet></Workbook>"
    )
    return _write(path / "b.xls", text, TABLE)


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
    return _write(path / "b.xls", text, TABLE)


def nested_page(path: Path) -> str:
    """Tables in tables, 100,000 deep."""
    text = "<html>" + "<table><tr><td>" * 100_000 + "1"
    return _write(path / "b.html", text, TABLE)


def nested_mht(path: Path) -> str:
    """A web archive of archives, 5,000 deep."""
    text = "MIME-Version: 1.0\n"
    for depth in range(5_000):
        text += f'Content-Type: multipart/related; boundary="b{depth}"\n\n--b{depth}\n'
    return _write(path / "b.mht", text, TABLE)


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
    return _write(path / "b.xls", content, TABLE)


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
    return _write(path / "b.xlsb", forged.getvalue(), TABLE)


def lying_dbf(path: Path) -> str:
    """A header that says 4·10⁹ records of no width, and one that says one byte each."""
    field = b"KODE".ljust(11, b"\0") + b"C" + bytes(4) + b"\0\0" + bytes(14)
    head = struct.pack("<BBBBIHH", 3, 24, 1, 1, 0xFFFFFFFF, 65, 0) + bytes(20)
    return _write(path / "b.dbf", head + field + b"\r" + b" " * 1000, TABLE)


def lying_shape(path: Path) -> str:
    """A shapefile whose index and records say they are gigabytes."""
    header = struct.pack(">i5ii", 9994, 0, 0, 0, 0, 0, 0x7FFFFFFF)
    header += struct.pack("<ii8d", 1000, 5, *([0.0] * 8))
    record = struct.pack(">ii", 1, 0x3FFFFFFF) + struct.pack("<i4dii", 5, 0, 0, 1, 1, 1, 2**30)
    (path / "b.shx").write_bytes(header + struct.pack(">ii", 50, 0x3FFFFFFF) * 100_000)
    field = b"kode".ljust(11, b"\0") + b"C" + bytes(4) + b"\x0d\0" + bytes(14)
    head = struct.pack("<BBBBIHH", 3, 24, 1, 1, 100_000, 65, 14) + bytes(20)
    (path / "b.dbf").write_bytes(head + field + b"\r" + b" " * 14)
    return _write(path / "b.shp", header + record + bytes(1000), BOUNDARY)


def long_wkt(path: Path) -> str:
    """A polygon of two million points as WKT in one cell."""
    ring = ", ".join(["123.1 -8.4"] * 2_000_000)
    return _write(path / "b.csv", f'kode,wkt\n{KODE},"POLYGON (({ring}))"\n', BOUNDARY)


def nested_wkt(path: Path) -> str:
    """Collections in collections as WKT in one cell."""
    text = "GEOMETRYCOLLECTION(" * 300_000 + "POINT(0 0)" + ")" * 300_000
    return _write(path / "b.csv", f'kode,wkt\n{KODE},"{text}"\n', BOUNDARY)


def long_sql(path: Path) -> str:
    """A dump of one statement, on one line of 27 MB, whose last quote is open."""
    text = "INSERT INTO wilayah (kode, path) VALUES " + f"('{KODE}','[[[1,2]]]')," * 900_000
    return _write(path / "b.sql", text + "('", BOUNDARY)


def star(path: Path) -> str:
    """An outline of 4,001 vertices of which each edge crosses all others."""
    angle = 2 * np.pi * (np.arange(4001) * 2000 % 4001) / 4001
    xy = np.c_[123.1 + 0.1 * np.cos(angle), -8.4 + 0.1 * np.sin(angle)]
    return _polygons(path, [shapely.Polygon(xy)])


def stack(path: Path) -> str:
    """2,000 polygons on one another."""
    shapes = [shapely.box(123, -8.4, 123.1 + n / 1e6, -8.3) for n in range(2_000)]
    return _polygons(path, shapes)


def comb(path: Path) -> str:
    """A valid outline of a million vertices."""
    x = 123 + np.arange(1_000_000) / 1e7
    y = np.where(np.arange(1_000_000) % 2, -8.4, -8.3)
    return _polygons(path, [shapely.Polygon([*zip(x, y, strict=True), (123.2, -8.5)])])


def endless_view(path: Path) -> str:
    """A layer that is a query without an end."""
    query = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n AS fid, "
    query += f"NULL AS geom, '{KODE}' AS kode FROM r"
    _polygons(path, [shapely.box(123, -8.4, 123.1, -8.3)])
    with sqlite3.connect(path / "b.gpkg") as database:
        database.executescript(
            f"CREATE VIEW tanpa_akhir AS {query};"
            "UPDATE gpkg_contents SET table_name = 'tanpa_akhir', identifier = 'x';"
            "UPDATE gpkg_geometry_columns SET table_name = 'tanpa_akhir';"
        )
    database.close()
    return BOUNDARY.format(name="b.gpkg")


def endless_column(path: Path) -> str:
    """A column that makes 900 MB for each row of a table of its own."""
    _polygons(path, [shapely.box(123, -8.4, 123.1, -8.3)] * 50)
    with sqlite3.connect(path / "b.gpkg") as database:
        database.execute("ALTER TABLE b ADD COLUMN x TEXT AS (hex(zeroblob(450000000))) VIRTUAL")
    database.close()
    return BOUNDARY.format(name="b.gpkg")


def virtual_layer(path: Path) -> str:
    """A drawing that only points at itself."""
    text = (
        '<OGRVRTDataSource><OGRVRTLayer name="b"><SrcDataSource relativeToVRT="1">b.kml'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    return _write(path / "b.kml", text, BOUNDARY)


def sparse_raster(path: Path) -> str:
    """A raster of 10⁶ × 10⁶ cells, none of them written."""
    place = rasterio.Affine(3e-6, 0, 122.0, 0, -3e-6, -7.0)
    return _raster(path, 1_000_000, place, {"SPARSE_OK": True, "tiled": True, "BIGTIFF": "YES"})


def packed_raster(path: Path) -> str:
    """A raster of 30,000 × 30,000 cells in one deflated strip of a few kB."""
    side = 30_000
    packed = zlib.compressobj(9)
    strip = packed.compress(bytes(side * 1_000)) * 0
    parts = [packed.compress(bytes(side * 100)) for _ in range(side // 100)]
    strip += b"".join(parts) + packed.flush()
    entries = [
        (256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1),
        (273, 4, 1, 400), (277, 3, 1, 1), (278, 4, 1, side), (279, 4, 1, len(strip)),
        (33550, 12, 3, 264), (33922, 12, 6, 288), (34735, 3, 8, 340),
    ]  # fmt: skip
    tiff = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    tiff += b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    tiff = tiff.ljust(264, b"\0") + struct.pack("<3d", 1e-5, 1e-5, 0)
    tiff += struct.pack("<6d", 0, 0, 0, 122.95, -8.2, 0).ljust(52, b"\0")
    tiff += struct.pack("<8H", 1, 1, 0, 1, 1024, 0, 1, 2)
    return _write(path / "b.tif", tiff.ljust(400, b"\0") + strip, POPULATION)


def lying_pbf(path: Path) -> str:
    """An extract of roads whose block says it unpacks to 2 GB."""
    packed = zlib.compress(bytes(500_000_000), 9)
    blob = b"\x10" + _varint(2_000_000_000) + b"\x1a" + _varint(len(packed)) + packed
    header = b"\x0a\x09OSMHeader\x18" + _varint(len(blob))
    return _write(path / "b.osm.pbf", struct.pack(">I", len(header)) + header + blob, ROADS)


def many_members(path: Path) -> str:
    """An archive of 21,000 empty files."""
    with zipfile.ZipFile(path / "b.zip", "w") as archive:
        for number in range(21_000):
            archive.writestr(f"{number}.shp", b"")
    return BOUNDARY.format(name="b.zip")


def path_in_archive(path: Path) -> str:
    """An archive whose member climbs out of it."""
    with zipfile.ZipFile(path / "b.zip", "w") as archive:
        archive.writestr("../../../../etc/passwd.shp", b"x")
    return BOUNDARY.format(name="b.zip")


def nested_archive(path: Path) -> str:
    """An archive of a gigabyte of zeros under the name of a shapefile."""
    with zipfile.ZipFile(path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.shp", bytes(1_000_000_000))
    return BOUNDARY.format(name="b.zip")


def pipe(path: Path) -> str:
    """A pipe into which nobody writes."""
    os.mkfifo(path / "b.csv")
    return TABLE.format(name="b.csv")


def device(path: Path) -> str:
    """A link to a device without an end."""
    (path / "b.csv").symlink_to("/dev/zero")
    return TABLE.format(name="b.csv")


def circle(path: Path) -> str:
    """Links that point at each other."""
    (path / "b.csv").symlink_to("c.csv")
    (path / "c.csv").symlink_to("b.csv")
    return TABLE.format(name="b.csv")


def folder(path: Path) -> str:
    """The whole disk as one input."""
    (path / "b.csv").symlink_to("/")
    return TABLE.format(name="b.csv")


def hole(path: Path) -> str:
    """A file of 3 GB of which nothing is written."""
    with (path / "b.csv").open("wb") as stream:
        stream.truncate(3_000_000_000)
    return TABLE.format(name="b.csv")


def huge_hole(path: Path) -> str:
    """A file of a terabyte of which nothing is written."""
    with (path / "b.csv").open("wb") as stream:
        stream.truncate(1_000_000_000_000)
    return TABLE.format(name="b.csv")


def nested_declaration(path: Path) -> str:
    """A declaration nested 50,000 deep."""
    del path
    return "x = " + "[" * 50_000 + "]" * 50_000 + "\n"


Writer = Callable[[Path], str]
KNOWN: tuple[Writer, ...] = (
    stray_cell,
    packed_csv,
    repeated_parquet,
    packed_sheet,
    star,
    stack,
    endless_view,
    wide_csv,
)
"""Those of issue 13."""
OTHERS: tuple[Writer, ...] = tuple(
    writer
    for name, writer in list(globals().items())
    if callable(writer)
    and getattr(writer, "__module__", "") == __name__
    and not name.startswith("_")
    and writer not in KNOWN
)


def _write(path: Path, content: str | bytes, section: str) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return section.format(name=path.name)


def _row(number: int, *cells: object) -> str:
    texts = "".join(
        f'<c r="{"AB"[place]}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for place, cell in enumerate(cells)
    )
    return f'<row r="{number}">{texts}</row>'


def _xlsx(
    path: Path, rows: str, before: str, texts: list[str] | None = None, after: str = ""
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
            f'Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
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
    return _write(path / "b.ods", forged.getvalue(), TABLE)


def _polygons(path: Path, shapes: list[shapely.Polygon]) -> str:
    import geopandas as gpd

    codes = [f"53.06.{1 + n // 900:02d}.{2001 + n % 900}" for n in range(len(shapes))]
    frame = gpd.GeoDataFrame({"kode": codes}, geometry=shapes, crs=4326)
    frame.to_file(path / "b.gpkg", layer="b")
    return BOUNDARY.format(name="b.gpkg")


def _raster(path: Path, side: int, place: rasterio.Affine, options: dict[str, object]) -> str:
    with rasterio.open(
        path / "b.tif",
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=1,
        dtype="float64",
        crs="EPSG:4326",
        transform=place,
        **options,
    ):
        pass
    return POPULATION.format(name="b.tif")


def _varint(number: int) -> bytes:
    text = b""
    while number > 127:
        text += bytes([number & 127 | 128])
        number >>= 7
    return text + bytes([number])
