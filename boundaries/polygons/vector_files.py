"""Files that GDAL reads: GPKG, GeoJSON, FlatGeobuf, shapefiles, FileGDB, KML, GPX, also zipped."""

import re
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError
from pyogrio.raw import read as read_raw

from boundaries import errors, geometry_arrays
from boundaries.findings import report
from boundaries.polygons import dbf_text, declaration

READER_WARNING = report.declared_kind("boundary.reader_warning")

FORMATS = {
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".geojsonl": "GeoJSON text sequence",
    ".geojsons": "GeoJSON text sequence",
    ".json": "GeoJSON",
    ".topojson": "TopoJSON",
    ".gml": "GML",
    ".tab": "MapInfo table",
    ".mif": "MapInfo exchange file",
    ".fgb": "FlatGeobuf",
    ".shp": "shapefile",
    ".gdb": "FileGDB",
    ".zip": "zipped shapefile",
    ".kml": "KML",
    ".kmz": "KMZ",
    ".gpx": "GPX",
}
MANY_LAYERS_ARE_ONE = {".kml", ".kmz", ".gpx"}
"""Here layers are folders or kinds of one drawing, so all of them are read."""

_GPX_LAYERS = ("tracks", "routes")
_INSIDE_ZIP = (".shp", ".gpkg", ".geojson", ".fgb", ".kml")
_GDB_INSIDE = re.compile(r"((?:.*/)?[^/]+\.gdb)/", re.IGNORECASE)
_GDAL_FAULTS = (
    DataSourceError,
    DataLayerError,
    FieldError,
    RuntimeError,
    ValueError,
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
)


def read_vector_file(
    path: Path, label: str, layer: str | None, encoding: str | None = None
) -> declaration.RawLayer:
    """Every feature of the declared layer, or of the only one.

    Parameters
    ----------
    encoding
        Of the texts of a shapefile, where it is declared; the other formats have one each.

    Findings
    --------
    boundary.reader_warning
        What the reading library remarked about the file (note).
    And those of `boundaries.polygons.dbf_text` and `read_descriptions`.

    Raises
    ------
    InputUnreadableError
        The file is not what its name claims, or it is cut off.
    InputUndeclaredError
        The file has several layers and the workspace does not say which, or its texts are not in
        the declared encoding.
    """
    suffix = path.suffix.lower()
    member, chosen = _member_of_zip(path, label, layer) if suffix == ".zip" else (None, layer)
    dataset: str | bytes = str(path) if member is None else f"/vsizip/{{{path}}}/{member}"
    inner = suffix if member is None else Path(member).suffix.lower()
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        try:
            if suffix == ".gml":
                # Beside a file of its own, GDAL writes what it learnt of it (.gfs).
                dataset = path.read_bytes()
            head = dbf_text.read_head(path, member) if inner == ".shp" else None
            names = _layers_to_read(dataset, inner, chosen, label)
            parts = [
                _read_layer(dataset, name, dbf_text.AS_BYTES if head else None) for name in names
            ]
        except _GDAL_FAULTS as error:
            raise errors.InputUnreadableError(
                f"{label}: cannot be read as {FORMATS.get(suffix, suffix)}: {first_line(error)} "
                "Is the file complete, and is the name's ending right?"
            ) from error
    findings = [
        READER_WARNING.finding(_without_path(text, path), file=label)
        for text in sorted({str(remark.message) for remark in remarks})
    ]
    raw = _stack(parts, findings)
    if head is not None:
        table, more = dbf_text.decode_table(raw.table, head, label, encoding)
    elif inner in (".kml", ".kmz"):
        table, more = read_descriptions(raw.table, label)
    else:
        return raw
    return replace(raw, table=table, findings=[*findings, *more])


def _layers_to_read(
    dataset: str | bytes, suffix: str, layer: str | None, label: str
) -> Sequence[str]:
    names = [str(name) for name, kind in pyogrio.list_layers(dataset) if kind or suffix != ".gdb"]
    if suffix == ".gpx" and layer is None:
        names = [name for name in names if name in _GPX_LAYERS]
    if layer is not None:
        if layer not in names:
            raise errors.InputUndeclaredError(
                f"{label}: there is no layer '{layer}'. The file has: {', '.join(names)}."
            )
        return [layer]
    if len(names) > 1 and suffix not in MANY_LAYERS_ARE_ONE:
        raise errors.InputUndeclaredError(
            f"{label}: several layers ({', '.join(names)}). Declare one, such as "
            f'layer = "{names[0]}".'
        )
    return names


def _read_layer(
    dataset: str | bytes, layer: str, encoding: str | None
) -> tuple[pd.DataFrame, geometry_arrays.Geometries, str | None]:
    meta, _, wkb, fields = read_raw(dataset, layer=layer, encoding=encoding)
    names = [str(name) for name in meta["fields"]]
    table = pd.DataFrame(dict(zip(names, fields, strict=True)))
    if wkb is None:
        count = len(fields[0]) if len(fields) else 0
        geometry = np.full(count, None, dtype=object)
    else:
        geometry = np.atleast_1d(shapely.from_wkb(wkb, on_invalid="fix"))
    if len(table) != len(geometry):
        table = pd.DataFrame(index=range(len(geometry)))
    return table, geometry, meta["crs"]


def _stack(
    parts: list[tuple[pd.DataFrame, geometry_arrays.Geometries, str | None]],
    findings: list[report.Finding],
) -> declaration.RawLayer:
    filled = [part for part in parts if len(part[1])]
    if not filled:
        empty = np.empty(0, dtype=object)
        table = parts[0][0] if parts else pd.DataFrame()
        return declaration.RawLayer(table, np.empty(0, dtype=np.int64), empty, None, findings)
    table = pd.concat([part[0] for part in filled], ignore_index=True)
    geometry = np.concatenate([part[1] for part in filled])
    rows = np.arange(1, len(geometry) + 1, dtype=np.int64)
    return declaration.RawLayer(table, rows, geometry, filled[0][2], findings)


def _member_of_zip(path: Path, label: str, layer: str | None) -> tuple[str, str | None]:
    """The one member that is meant, and the layer inside it where that is still to be chosen."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise errors.InputUnreadableError(
            f"{label}: not a zip archive, or cut off ({first_line(error)})."
        ) from error
    names = sorted(
        {
            name if folder is None else folder[1]
            for name in members
            if not name.startswith("__MACOSX/")
            for folder in [_GDB_INSIDE.match(name)]
            if folder is not None or name.lower().endswith(_INSIDE_ZIP)
        }
    )
    fitting = [name for name in names if layer in (name, Path(name).stem)]
    if layer is not None and fitting:
        names, layer = fitting, None
    elif layer is not None and not _has_layers(names):
        names = []
    if not names:
        what = f"'{layer}'" if layer else "a .shp"
        raise errors.InputUnreadableError(f"{label}: the archive does not hold {what}.")
    if len(names) > 1:
        raise errors.InputUndeclaredError(
            f"{label}: several layers ({', '.join(names)}). Declare one, such as "
            f'layer = "{Path(names[0]).stem}".'
        )
    return names[0], layer


def _has_layers(names: Sequence[str]) -> bool:
    """Whether the only member is a file that has layers of its own."""
    return len(names) == 1 and Path(names[0]).suffix.lower() in (".gpkg", ".gdb")


def first_line(error: Exception) -> str:
    """What a reading library says of a file, without its folders and its advice to programmers."""
    text = str(error).strip().splitlines()
    first = text[0] if text else type(error).__name__
    first = first.partition("; It might help to specify the correct driver")[0]
    return re.sub(r"(/vsizip/)?\{?/[^\s'\"]*/", "", first).rstrip(".") + "."


def _without_path(text: str, path: Path) -> str:
    return text.replace(str(path), path.name)


DESCRIPTION_READ = report.declared_kind("boundary.description_read")

DESCRIPTION = "description"
MOST_COLUMNS = 300
_LINE = re.compile(r"\s*([^:=]{1,64}?)\s*(?::|=)\s*(.*?)\s*", re.DOTALL)
_BREAKS = {"br", "p", "li", "div", "hr", "tr", "dt", "ul", "ol"}
_CELLS = {"td", "th"}
_SILENT = {"script", "style", "head", "title"}
_NULLS = {"<null>", "null", ""}


class _Words(HTMLParser):
    """Cells of the innermost rows, and the text line by line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.lines: list[str] = [""]
        self._open: list[list[str]] = []
        self._cell = False
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        del attrs
        self._silent += tag in _SILENT
        if tag in _BREAKS:
            self.lines.append("")
        if tag == "table":
            self._cell = False
        elif tag == "tr":
            self._close_row()
            self._open.append([])
        elif tag in _CELLS and self._open:
            self._open[-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        if tag in _BREAKS:
            self.lines.append("")
        if tag in _CELLS:
            self._cell = False
        elif tag in ("tr", "table"):
            self._close_row()

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.lines[-1] += data
        if self._cell and self._open:
            self._open[-1][-1] += data

    def close(self) -> None:
        super().close()
        self._close_row()

    def _close_row(self) -> None:
        if self._open:
            self.rows.append([" ".join(cell.split()) for cell in self._open.pop()])
        self._cell = False


def attributes_of(html: str) -> dict[str, str | None]:
    """Names and values of a description: rows of two cells, one head above one row, or lines.

    >>> attributes_of("<table><tr><td>Desa</td></tr><tr><td>KODE</td><td>53.06</td></tr></table>")
    {'KODE': '53.06'}
    >>> attributes_of("<b>KODE:</b> <i>53.06</i><br/>NAMA = Boru<br>")
    {'KODE': '53.06', 'NAMA': 'Boru'}
    """
    words = _Words()
    words.feed(html)
    words.close()
    wide = [row for row in words.rows if len(row) >= 2]
    if len(wide) == 2 and len(wide[0]) == len(wide[1]) > 2:
        pairs = list(zip(*wide, strict=True))
    else:
        pairs = [(row[0].rstrip(" :="), row[1]) for row in wide if len(row) == 2]
    if not pairs:
        lines = (_LINE.fullmatch(" ".join(line.split())) for line in words.lines)
        pairs = [(match[1], match[2]) for match in lines if match is not None]
    values: dict[str, str | None] = {}
    for name, value in pairs:
        if name:
            values.setdefault(name, None if value.casefold() in _NULLS else value)
    return values


def read_descriptions(table: pd.DataFrame, label: str) -> tuple[pd.DataFrame, list[report.Finding]]:
    """The table with a column for each attribute that most of its descriptions give.

    A column that the file has itself stays as it is.

    Findings
    --------
    boundary.description_read
        Columns were read from descriptions (note, with their names).
    """
    column = next((name for name in table.columns if name.lower() == DESCRIPTION), None)
    if column is None:
        return table, []
    texts = [text if isinstance(text, str) else "" for text in table[column].tolist()]
    rows = [attributes_of(text) if text else {} for text in texts]
    filled = sum(bool(row) for row in rows)
    counts: dict[str, int] = {}
    for row in rows:
        for name in row:
            counts[name] = counts.get(name, 0) + 1
    taken = {
        str(name) for name in table.columns if table[name].astype(str).str.strip().ne("").any()
    }
    names = [name for name, count in counts.items() if 2 * count > filled and name not in taken]
    names = names[:MOST_COLUMNS]
    if not names:
        return table, []
    read = pd.DataFrame({name: [row.get(name) for row in rows] for name in names}, dtype=object)
    read.index = table.index
    other_columns = table.drop(columns=[name for name in names if name in table.columns])
    listed = ", ".join(names[:30])
    message = f"Attributes were read from the descriptions of the placemarks: {listed}."
    finding = DESCRIPTION_READ.finding(message, file=label)
    return pd.concat([other_columns, read], axis=1), [finding]
