"""The ``path`` texts of OpenSID and OpenDK: JSON rings in lat, lon order, with their known dirt."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.errors import InputUndeclaredError, InputUnreadableError
from boundaries.findings.report import declared_kind
from boundaries.polygons import declaration, geometry_text
from boundaries.texts import delimited, row_widths, text_encoding, workbooks

ROW_SHIFTED = declared_kind("text.row_shifted")
ROW_SHORT = declared_kind("text.row_short")
PATH_DAMAGED = declared_kind("boundary.path_damaged")

_EMPTY = ("", "[]", "[[]]", "[[[]]]", "[[[[]]]]", "null", "NULL")


class PathError(ValueError):
    """A path text that is no polygon; the message says why."""


def polygon_of_path(text: object) -> shapely.Polygon | shapely.MultiPolygon | None:
    """The polygon a path text draws, coordinates in the order they are written.

    Depth 3 is one polygon (rings of pairs), depth 4 several, depth 2 a single ring.  Unclosed rings
    are closed, as the map that draws them does.

    Returns
    -------
    shapely.Polygon, shapely.MultiPolygon or None
        None for the empty forms (``[]``, ``[[[[]]]]``, null).

    Raises
    ------
    PathError
        Cut off, not JSON, or not rings of pairs.

    Example
    -------
    >>> polygon_of_path("[[[-8.0, 123.0], [-8.1, 123.0], [-8.1, 123.1]]]").wkt
    'POLYGON ((-8 123, -8.1 123, -8.1 123.1, -8 123))'
    """
    if text is None or (isinstance(text, float) and np.isnan(text)):
        return None
    cleaned = str(text).strip()
    if "".join(cleaned.split()) in _EMPTY:
        return None
    try:
        document = json.loads(cleaned)
    except (ValueError, RecursionError) as error:
        cut = not cleaned.endswith("]")
        reason = "the text is cut off" if cut else "the text is not JSON"
        raise PathError(f"{reason} ({len(cleaned)} characters)") from error
    polygons = [_polygon(rings) for rings in _as_polygons(document)]
    filled = [polygon for polygon in polygons if polygon is not None]
    if not filled:
        return None
    return filled[0] if len(filled) == 1 else shapely.MultiPolygon(filled)


def _depth(document: object) -> int:
    depth = 0
    while isinstance(document, list):
        depth += 1
        document = next((part for part in document if part != []), None)
    return depth


def _as_polygons(document: object) -> list[object]:
    """The document as a list of polygons, each a list of rings."""
    depth = _depth(document)
    if isinstance(document, list):
        if depth == 2:
            return [[document]]
        if depth == 3:
            return [document]
        if depth == 4:
            return document
    raise PathError(f"nested {depth} deep, where rings of a polygon are nested 3 or 4 deep")


def _polygon(rings: object) -> shapely.Polygon | None:
    if not isinstance(rings, list):
        raise PathError("not rings of pairs of numbers")
    lines = []
    for ring in rings:
        if ring == []:
            continue
        try:
            points = np.asarray(ring, dtype=float)
        except (TypeError, ValueError) as error:
            raise PathError("not rings of pairs of numbers") from error
        if points.ndim != 2 or points.shape[1] < 2 or not np.isfinite(points).all():
            raise PathError("not rings of pairs of numbers")
        if len(points) < 3:
            raise PathError("a ring of fewer than three points")
        lines.append(points[:, :2])
    return (
        shapely.Polygon(_closed(lines[0]), [_closed(line) for line in lines[1:]]) if lines else None
    )


def _closed(points: NDArray[np.float64]) -> NDArray[np.float64]:
    line = points if np.array_equal(points[0], points[-1]) else np.vstack([points, points[:1]])
    return line if len(line) >= 4 else np.vstack([line, line[:1]])


def read_path_column(
    table: pd.DataFrame,
    texts: Sequence[object],
    rows: NDArray[np.int64],
    label: str,
) -> declaration.RawLayer:
    """Rows whose geometry is a path text.

    Findings
    --------
    boundary.path_damaged
        A text that is no polygon, such as one cut off by the column's length (warning); its row
        has no geometry.
    """
    geometry = np.full(len(texts), None, dtype=object)
    findings = []
    for index, text in enumerate(texts):
        try:
            geometry[index] = polygon_of_path(text)
        except PathError as problem:
            findings.append(
                PATH_DAMAGED.finding(
                    f"The path of this row is no polygon: {problem}. Draw it again in OpenSID.",
                    file=label,
                    row=int(rows[index]),
                    value=str(text)[:60],
                )
            )
    return declaration.RawLayer(table, rows, geometry, "EPSG:4326", findings, axis_order="lat_lon")


def read_path_csv(path: Path, label: str, encoding: str | None = None) -> declaration.RawLayer:
    """A text table with its polygons in a column ``path``, or as WKT, EWKT, WKB or GeoJSON.

    Findings
    --------
    text.encoding_deduced
        See `boundaries.texts.text_encoding.decode_text`.
    text.row_shifted
        A row has other numbers of cells than the header (warning): nothing in it is used.
    text.row_short
        Rows that end early (note).
    And those of `read_path_column` and `boundaries.polygons.geometry_text.read_geometry_column`.

    Raises
    ------
    InputUnreadableError, InputUndeclaredError
        Not a text table; no column of polygons.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputUnreadableError(f"{label}: cannot be read ({error.strerror}).") from error
    text, findings = text_encoding.decode_text(content, label, encoding)
    table = delimited.cut_rows(text, label, starts_with_header=True).rows
    first = next((row for row, cells in enumerate(table) if any(map(str.strip, cells))), None)
    if first is None:
        return _from_records([], [], label)
    header = _named_apart(table[first])
    rows: list[Sequence[object]] = [record for record in table[first + 1 :] if record]
    shifted = row_widths.find_shifted(header, rows)
    findings += row_widths.shifted_findings(ROW_SHIFTED, shifted, label, range(1, len(rows) + 1))
    usable = {index: index + 1 for index in range(len(rows)) if index not in shifted}
    findings += row_widths.short_findings(ROW_SHORT, rows, len(header), label, usable)
    sound = [[] if index in shifted else record for index, record in enumerate(rows)]
    raw = _from_records(header, sound, label)
    return replace(raw, findings=[*findings, *raw.findings])


def read_path_book(
    path: Path, label: str, layer: str | None, declared: Collection[str]
) -> declaration.RawLayer:
    """A workbook of which a sheet has such a column of polygons; the others are no polygons.

    Parameters
    ----------
    layer
        The sheet that is meant, where several have polygons.
    declared
        Columns that its header has: titles may stand above it.

    Findings
    --------
    As `read_path_csv`; a spreadsheet cuts the text of a large polygon.

    Raises
    ------
    InputUnreadableError, InputUndeclaredError
        No workbook; no sheet, several, or not the declared one, have polygons.
    """
    book = workbooks.Workbook(path.read_bytes(), label)
    book.check_places()
    if layer is not None and layer not in book.sheets:
        raise InputUndeclaredError(
            f"{label}: there is no sheet '{layer}'. The file has: {', '.join(book.sheets)}."
        )
    tables = {
        name: _cut_sheet(book, name, declared) for name in ([layer] if layer else book.sheets)
    }
    drawn = [name for name, (header, rows) in tables.items() if _draws(header, rows)]
    if len(drawn) > 1:
        raise InputUndeclaredError(
            f"{label}: several sheets have polygons ({', '.join(drawn)}). Declare one, such as "
            f'layer = "{drawn[0]}".'
        )
    return _from_records(*tables[drawn[0] if drawn else next(iter(tables))], label)


def _cut_sheet(
    book: workbooks.Workbook, sheet: str, declared: Collection[str]
) -> tuple[list[str], list[list[object]]]:
    """The header of a sheet (the first row with all declared columns) and the rows below it."""
    cells, _ = book.read(sheet)
    texts = [["" if cell is None else str(cell).strip() for cell in row] for row in cells]
    filled = [index for index, row in enumerate(texts) if any(row)]
    first = next((index for index in filled if {*declared} <= {*texts[index]}), None)
    first = next(iter(filled), 0) if first is None else first
    header = _named_apart(texts[first]) if texts else []
    return header, [row for row in cells[first + 1 :] if any(cell is not None for cell in row)]


def _named_apart(header: Sequence[str]) -> list[str]:
    """The names of columns, those without one and those that repeat one with their number.

    >>> _named_apart(["kode", "", "kode"])
    ['kode', '(2)', 'kode (3)']
    """
    return [
        name if name and name not in header[:index] else f"{name} ({index + 1})".strip()
        for index, name in enumerate(header)
    ]


def _draws(header: list[str], rows: Sequence[Sequence[object]]) -> bool:
    """Whether a sheet has a column of polygons."""
    is_drawn = geometry_text.find_geometry_column(pd.DataFrame(rows, columns=header)) is not None
    return bool(rows) and ("path" in header or is_drawn)


def _from_records(
    header: list[str], records: Sequence[Sequence[object]], label: str
) -> declaration.RawLayer:
    width = len(header)
    padded = [(list(record) + [None] * width)[:width] for record in records]
    table = pd.DataFrame(padded, columns=header)
    rows = np.arange(1, len(records) + 1, dtype=np.int64)
    if records and "path" not in table.columns:
        column = geometry_text.find_geometry_column(table)
        if column is not None:
            return geometry_text.read_geometry_column(table, column, rows, label)
        listed = ", ".join(header)
        raise InputUndeclaredError(
            f"{label}: there is no column 'path' and no column of WKT, WKB or GeoJSON. "
            f"The file has: {listed}."
        )
    texts = list(table["path"]) if records else []
    return read_path_column(table.drop(columns=["path"], errors="ignore"), texts, rows, label)


def read_path_json(document: object, label: str) -> declaration.RawLayer:
    """Records of a JSON export (a list, or a list under ``data``) with ``path`` texts."""
    records = list(_json_records(document))
    header = list(dict.fromkeys(key for record in records for key in record))
    values = [[_as_text(record.get(key)) for key in header] for record in records]
    return _from_records(header, values, label)


def _as_text(value: object) -> object:
    return json.dumps(value) if isinstance(value, list | dict) else value


def _json_records(document: object) -> Iterator[dict[str, object]]:
    rows = document.get("data", [document]) if isinstance(document, dict) else document
    for record in rows if isinstance(rows, list) else []:
        if isinstance(record, dict):
            nested = record.get("attributes")
            yield nested if isinstance(nested, dict) else record
