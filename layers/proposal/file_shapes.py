"""What a file found in a new workspace most likely is: for a proposal, never for a build."""

import re
from dataclasses import replace
from pathlib import Path

from layers.errors import LayersError
from layers.proposal.drawn_shapes import tell_drawn, tell_layer
from layers.proposal.shape import FileShape
from layers.proposal.table_shapes import tell_names_of_bridge, tell_sheet
from layers.tables.files.sheets import Sheet, read_sheet

DRAWN_SUFFIXES = (".geojson", ".gpkg", ".zip", ".fgb", ".shp", ".kml", ".kmz", ".gdb")
LINE_SUFFIXES = (".sql", ".gpx")
RASTER_SUFFIXES = (".tif", ".tiff", ".asc")
TABLE_SUFFIXES = (
    ".xlsx",
    ".xlsm",
    ".xls",
    ".xlsb",
    ".ods",
    ".csv",
    ".tsv",
    ".gz",
    ".parquet",
    ".json",
    ".jsonl",
    ".ndjson",
)
SUFFIXES = (*DRAWN_SUFFIXES, *LINE_SUFFIXES, *RASTER_SUFFIXES, *TABLE_SUFFIXES)
NAMELESS = "kolom "
"""How columns without a name begin, see `layers.tables.files.headers`."""
_PEOPLE = re.compile(r"pend(?:uduk)?|pop(?:ulation|ulasi)?|jiwa|people|worldpop|ppp", re.IGNORECASE)
_COVER = re.compile(r"tutup|lahan|cover|landuse|lulc|worldcover", re.IGNORECASE)


def tell_shape(path: Path) -> FileShape:
    """What the file most likely is; ``unread`` where it cannot be read at all."""
    return tell_shapes(path)[0]


def tell_shapes(path: Path) -> list[FileShape]:
    """As `tell_shape`, for each layer of a file of layers and each use of a table."""
    suffix = path.suffix.lower()
    if suffix in LINE_SUFFIXES:
        keys = {"code_column": "kode" if suffix == ".sql" else "name"}
        return [FileShape("boundaries", f"a {suffix} file", keys=keys, todo=("its columns",))]
    if suffix in RASTER_SUFFIXES or path.name.lower().endswith(".asc.gz"):
        return [_tell_raster(path)]
    if suffix in DRAWN_SUFFIXES or (suffix == ".json" and _is_geojson(path)):
        return list(tell_drawn(path)) or [FileShape("unread", "it holds no layer")]
    geometry = _parquet_geometry(path) if suffix == ".parquet" else None
    try:
        sheet = read_sheet(path)
    except LayersError as error:
        return [FileShape("unread", str(error))]
    if geometry is not None:
        return [tell_layer(sheet, geometry, path.stem, path)]
    sheet, rows = _with_header_of_two(path, sheet)
    shape = tell_sheet(sheet, path.name.split(".", 1)[0])
    shape = replace(shape, keys={**rows, **shape.keys})
    names = tell_names_of_bridge(sheet, shape)
    return [shape] if names is None else [shape, names]


def _with_header_of_two(path: Path, sheet: Sheet) -> tuple[Sheet, dict[str, str]]:
    """The sheet by a header of two rows where one row leaves columns without a name."""
    if not any(name.startswith(NAMELESS) for name in sheet.header):
        return sheet, {}
    try:
        higher = read_sheet(path, header_rows=2)
    except LayersError:
        return sheet, {}
    if any(name.startswith(NAMELESS) for name in higher.header) or not len(higher):
        return sheet, {}
    return higher, {"header_row": str(higher.rows[0] - 2), "header_rows": "2"}


def _tell_raster(path: Path) -> FileShape:
    years = re.findall(r"(?<!\d)20[0-4]\d(?!\d)", path.name)
    if _PEOPLE.search(path.stem):
        keys = {"year": years[0]} if len(years) == 1 else {}
        return FileShape("population", "its name", keys=keys, todo=() if keys else ("year",))
    if _COVER.search(path.stem):
        return FileShape("land_cover", "its name", todo=("[land_cover.classes]",))
    return FileShape("left_out", "a raster; see [population], [land_cover], [friction] below")


def _is_geojson(path: Path) -> bool:
    with path.open("rb") as stream:
        return b'"FeatureCollection"' in stream.read(65_536)


def _parquet_geometry(path: Path) -> int | None:
    """2, 1 or 0 for a file of areas, lines or points; None for a table."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import shapely

    from boundaries.errors import BoundariesError
    from boundaries.polygons.parquet_files import read_parquet_file

    try:
        names = pq.read_schema(path).names
    except (pa.ArrowInvalid, OSError):
        return None
    if not {"geometry", "path", "wkb", "geom", "wkb_geometry"} & {name.lower() for name in names}:
        return None
    try:
        raw = read_parquet_file(path, path.name)
    except BoundariesError:
        return None
    kinds = shapely.get_dimensions(raw.geometry)
    return int(kinds.max()) if len(kinds) and kinds.max() >= 0 else 2
