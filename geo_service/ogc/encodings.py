"""The features of an answer in every form that can be asked for, each made from the same rows."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from geo_service.http.link_types import CRS84, GEOJSON
from geo_service.ogc import flatgeobuf
from geo_service.ogc.filtering import crs
from geo_service.ogc.filtering.filter_work import Selection
from layers.release import array_kinds, citation, manifest_file, workbook_writer
from layers.release.feature_index import PropertyColumn, RowSpan, Scalar
from layers.release.features import Geometry

ROWS_AT_ONCE = 500
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "geojsonl": "application/x-ndjson",
    "fgb": flatgeobuf.MEDIA_TYPE,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Forms that hold all that matches, and the type of each."""
MEDIA_TYPES = {"json": GEOJSON, "geojson": GEOJSON, **FORMATS}
STEPS_A_CELL = 300
"""What it costs to write one cell of a table."""


@dataclass(frozen=True, slots=True)
class Features:
    """What is written: rows of a layer, some of their properties, in a coordinate system.

    Parameters
    ----------
    properties
        Names in the order in which they are written; None for all, as they were published.
    """

    layer: manifest_file.LayerEntry
    selection: Selection
    rows: array_kinds.Rows
    properties: tuple[str, ...] | None = None
    uri: str = CRS84

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


def _csv_lines(rows: Iterable[Iterable[Scalar]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _xlsx(asked: Features) -> Iterator[bytes]:
    names = ["fid", *(field.name for field in asked.fields)]
    rows: list[Sequence[object]] = [names, *(row for table in _tables(asked) for row in table)]
    about: list[Sequence[object]] = [
        ("kolom", "judul", "satuan", "arti kosong"),
        *(
            (field.name, field.title.id, field.unit, field.null_meaning and field.null_meaning.id)
            for field in asked.fields
        ),
    ]
    sheets = [
        workbook_writer.WorkbookSheet(asked.layer.id[:31], rows, has_head=True, has_filter=True),
        workbook_writer.WorkbookSheet("kolom", about, (30, 50, 15, 50), has_head=True),
    ]
    yield workbook_writer.workbook_bytes(sheets, datetime(2000, 1, 1, tzinfo=UTC))


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
    features, fields = asked.selection.features, asked.fields
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
        yield flatgeobuf.encode_feature(geometry, feature["properties"], fields)


_ENCODERS = {"csv": _csv, "geojsonl": _geojsonl, "fgb": _fgb, "xlsx": _xlsx}
