"""The features of an answer in every form that can be asked for, each made from the same rows."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from geo_service.http.link_types import CRS84, GEOJSON, XLSX
from geo_service.ogc import flatgeobuf
from geo_service.ogc.filtering import crs
from geo_service.ogc.filtering.filter_work import Selection
from layers.release import array_kinds, citation, manifest_file, workbook_writer
from layers.release.feature_index import PropertyColumn, RowSpan, Scalar
from layers.release.features import Geometry

ROWS_AT_ONCE = 500
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "csv-excel": "text/csv; charset=utf-8",
    "geojson-file": GEOJSON,
    "geojsonl": "application/x-ndjson",
    "fgb": flatgeobuf.MEDIA_TYPE,
    "xlsx": XLSX,
}
"""Forms that hold all that matches, and the type of each."""
MEDIA_TYPES = {"json": GEOJSON, "geojson": GEOJSON, **FORMATS}
_ENDINGS = {"csv-excel": "excel.csv", "geojson-file": "geojson"}
STEPS_A_CELL = 300
"""What it costs to write one cell of a table."""


@dataclass(frozen=True, slots=True)
class Features:
    """What is written: rows of a layer, some of their properties, in a coordinate system.

    Parameters
    ----------
    properties
        Names in the order in which they are written; None for all, as they were published.
    manifest
        Of the release, for forms that say where values are from.
    """

    layer: manifest_file.LayerEntry
    selection: Selection
    rows: array_kinds.Rows
    properties: tuple[str, ...] | None = None
    uri: str = CRS84
    manifest: manifest_file.Manifest | None = None

    @property
    def fields(self) -> list[manifest_file.FieldEntry]:
        """The fields that are written."""
        by_name = {field.name: field for field in self.layer.fields}
        names = by_name if self.properties is None else self.properties
        return [by_name[name] for name in names if name in by_name]

    @property
    def is_as_published(self) -> bool:
        """Whether the lines are those of the file."""
        return self.uri == CRS84 and self.properties is None

    def pieces(self) -> Iterator[array_kinds.Rows]:
        """The rows, some at a time; the clock is looked at before each."""
        for start in range(0, len(self.rows), ROWS_AT_ONCE):
            self.selection.spend(0)
            yield self.rows[start : start + ROWS_AT_ONCE]


def geojson_lines(asked: Features) -> Iterator[bytes]:
    """The features as GeoJSON, those of a piece separated by commas."""
    features = asked.selection.features
    if not asked.is_as_published:
        asked.selection.spend_geometry(features.size_of(asked.rows))
    for rows in asked.pieces():
        if asked.is_as_published:
            yield features.lines(rows)
        else:
            yield b",".join(geojson_of(asked, row) for row in rows.tolist())


def geojson_of(asked: Features, row: int) -> bytes:
    """One feature as GeoJSON."""
    line = asked.selection.features.line(row)
    if asked.is_as_published:
        return line
    head, _, rest = line.partition(b'"geometry":')
    geometry, _, properties = rest.partition(b',"properties":')
    if asked.uri != CRS84:
        geometry = orjson.dumps(moved_geometry(orjson.loads(geometry), asked.uri))
    if asked.properties is not None:
        cells = orjson.loads(properties.removesuffix(b"}"))
        properties = orjson.dumps({name: cells[name] for name in asked.properties}) + b"}"
    return b"".join([head, b'"geometry":', geometry, b',"properties":', properties])


def moved_geometry(geometry: Geometry | None, uri: str) -> Geometry | None:
    """A geometry in another coordinate system."""
    if geometry is None:
        return None
    coordinates = crs.change_coordinates(geometry["coordinates"], uri)
    assert isinstance(coordinates, list)
    return {"type": geometry["type"], "coordinates": coordinates}


def encode(asked: Features, form: str) -> Iterator[bytes]:
    """All rows in one of `FORMATS`."""
    return _ENCODERS[form](asked)


def file_name(layer: str, form: str) -> str:
    """What a file of a layer in one of `FORMATS` is called.

    Example
    -------
    >>> file_name("desa", "fgb"), file_name("desa", "csv-excel")
    ('desa.fgb', 'desa.excel.csv')
    """
    return f"{layer}.{_ENDINGS.get(form, form)}"


def _geojson_file(asked: Features) -> Iterator[bytes]:
    """One document of RFC 7946 with all rows."""
    asked.selection.spend_geometry(asked.selection.features.size_of(asked.rows))
    yield b'{"type":"FeatureCollection","features":['
    for number, lines in enumerate(geojson_lines(asked)):
        yield b"," + lines if number else lines
    yield b"]}\n"


def _geojsonl(asked: Features) -> Iterator[bytes]:
    features = asked.selection.features
    asked.selection.spend_geometry(features.size_of(asked.rows))
    for rows in asked.pieces():
        yield b"".join(geojson_of(asked, row) + b"\n" for row in rows.tolist())


def _csv(asked: Features) -> Iterator[bytes]:
    """As the released CSV: UTF-8, comma, empty where null, inert in a spreadsheet."""
    yield _csv_lines([["fid", *(field.name for field in asked.fields)]])
    for table in _tables(asked):
        yield _csv_lines([map(citation.inert, row) for row in table])


def _csv_excel(asked: Features) -> Iterator[bytes]:
    """As Excel in Indonesian opens it in columns: byte order mark, semicolon, decimal comma."""
    yield b"\xef\xbb\xbf"
    yield _csv_lines([["fid", *(field.name for field in asked.fields)]], ";", "\r\n")
    for table in _tables(asked):
        yield _csv_lines([map(excel_cell, row) for row in table], ";", "\r\n")


def excel_cell(cell: Scalar) -> citation.Cell:
    """A cell as Excel in Indonesian reads it: codes stay text, numbers have a comma.

    Example
    -------
    >>> excel_cell(0.4907), excel_cell(12), excel_cell("53.06.13"), excel_cell("Sukamaju 2")
    ('0,4907', 12, '="53.06.13"', 'Sukamaju 2')
    """
    if isinstance(cell, float):
        return str(cell).replace(".", ",")
    if isinstance(cell, str) and _LIKE_A_NUMBER.fullmatch(cell):
        # In quotes alone it would become a number, or a date.
        return f'="{cell}"'
    return citation.inert(cell)


_LIKE_A_NUMBER = re.compile(r"[0-9][0-9.,/: -]*(?:[eE][0-9]+)?")


def _csv_lines(
    rows: Iterable[Iterable[citation.Cell]], delimiter: str = ",", line_end: str = "\n"
) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return text.getvalue().encode()


def _xlsx(asked: Features) -> Iterator[bytes]:
    names = ["fid", *(field.name for field in asked.fields)]
    rows: list[Sequence[object]] = [names, *(row for table in _tables(asked) for row in table)]
    sheets = [
        workbook_writer.WorkbookSheet(asked.layer.id[:31], rows, has_head=True, has_filter=True),
        workbook_writer.WorkbookSheet(
            "Kolom", _about_fields(asked), (30, 40, 15, 60, 40, 60), has_head=True
        ),
        workbook_writer.WorkbookSheet(
            "Sumber", _about_sources(asked), (25, 40, 30, 14, 20, 40), has_head=True
        ),
    ]
    yield workbook_writer.workbook_bytes(sheets, datetime(2000, 1, 1, tzinfo=UTC))


def _about_fields(asked: Features) -> list[Sequence[object]]:
    """What each column holds, in Indonesian and then in English."""
    head = ("kolom", "judul", "satuan", "keterangan", "title", "description")
    return [
        head,
        *(
            (
                *(field.name, field.title.id, field.unit, citation.describe_field(field)),
                *(field.title.en, citation.describe_field(field, "en")),
            )
            for field in asked.fields
        ),
    ]


def _about_sources(asked: Features) -> list[Sequence[object]]:
    """What the columns were made from, the release, and what holds for every file."""
    manifest = asked.manifest
    head = ("masukan / input", "sumber / source", "pemasok / supplier")
    names = {name for field in asked.fields for name in field.inputs}
    used = () if manifest is None else citation.find_inputs(names, manifest.inputs)
    cited = [
        (entry.input, entry.source, entry.supplier, entry.date, entry.licence, entry.path)
        for entry in used
    ]
    rows: list[Sequence[object]] = [
        (*head, "tanggal / date", "lisensi / licence", "berkas / file"),
        *cited,
        (),
        (asked.layer.title.id, asked.layer.title.en),
        ("atribusi / attribution", asked.layer.attribution),
        ("lisensi / licence", asked.layer.licence),
    ]
    if manifest is not None:
        rows.append(("rilis / release", manifest.release_id, manifest.title))
    return [*rows, ("", citation.FILE_NOTE.id), ("", citation.FILE_NOTE.en)]


def _tables(asked: Features) -> Iterator[list[list[Scalar]]]:
    """The cells of the rows, feature id first, some rows at a time."""
    features = asked.selection.features
    columns = [features.property_column(field.name) for field in asked.fields]
    asked.selection.spend(len(asked.rows) * (len(columns) + 1) * STEPS_A_CELL)
    for rows in asked.pieces():
        cells: list[list[Scalar]] = [[int(fid) for fid in features.fid[rows]]]
        span = RowSpan.of(rows)
        cells += [_cells(column, span) for column in columns]
        yield [list(row) for row in zip(*cells, strict=True)]


def _cells(column: PropertyColumn, span: RowSpan) -> list[Scalar]:
    if column.type == "string":
        return list(column.texts_of(span))
    numbers = column.cells.some(span).tolist()
    if column.type == "integer":
        return [None if number != number else int(number) for number in numbers]
    return [None if number != number else number for number in numbers]


def _fgb(asked: Features) -> Iterator[bytes]:
    features, fields = asked.selection.features, [citation.FID_COLUMN, *asked.fields]
    epsg = crs.WGS84 if asked.uri == CRS84 else int(asked.uri.rpartition("/")[2])
    yield flatgeobuf.encode_header(
        asked.layer.id,
        fields,
        epsg,
        is_point_layer=asked.layer.level == "point",
        count=len(asked.rows),
    )
    asked.selection.spend_geometry(features.size_of(asked.rows) * 2)
    for rows in asked.pieces():
        yield b"".join(_fgb_features(asked, rows.tolist(), fields))


def _fgb_features(
    asked: Features, rows: Iterable[int], fields: Sequence[manifest_file.FieldEntry]
) -> Iterator[bytes]:
    for row in rows:
        feature = orjson.loads(asked.selection.features.line(row))
        geometry = feature["geometry"]
        if geometry is not None and asked.uri != CRS84:
            moved = crs.change_coordinates(geometry["coordinates"], asked.uri, is_xy=True)
            geometry = {**geometry, "coordinates": moved}
        cells = {citation.FID_COLUMN.name: feature["id"], **feature["properties"]}
        yield flatgeobuf.encode_feature(geometry, cells, fields)


_ENCODERS = {
    "csv": _csv,
    "csv-excel": _csv_excel,
    "geojson-file": _geojson_file,
    "geojsonl": _geojsonl,
    "fgb": _fgb,
    "xlsx": _xlsx,
}
