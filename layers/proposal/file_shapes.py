"""What a file found in a new workspace most likely is: for a proposal, never for a build."""

import re
from dataclasses import replace
from glob import escape
from pathlib import Path
from warnings import catch_warnings, simplefilter

import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
import shapely
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from boundaries.errors import BoundariesError
from boundaries.polygons.parquet_files import read_parquet_file
from layers.errors import LayersError
from layers.proposal import drawn_shapes, file_columns, table_shapes
from layers.tables.files.sheets import Sheet, read_sheet

NAMELESS = "kolom "
"""How columns without a name begin, see `layers.tables.files.headers`."""
LEAST_COLUMNS = 2
"""A text of fewer columns is one to be read by people."""
_PEOPLE = re.compile(r"pend(?:uduk)?|pop(?:ulation|ulasi)?|jiwa|people|worldpop|ppp", re.IGNORECASE)
_COVER = re.compile(r"tutup|lahan|cover|landuse|lulc|worldcover", re.IGNORECASE)


def may_be_input(path: Path) -> bool:
    """Whether files of this ending are looked into; a DBF beside its shapefile is no table."""
    suffix = path.suffix.lower()
    if suffix == ".dbf" and any(
        other.suffix.lower() == ".shp" for other in path.parent.glob(f"{escape(path.stem)}.*")
    ):
        return False
    return any(suffix in suffixes for suffixes in file_columns.usual_names("suffixes").values())


def tell_shapes(path: Path) -> list[file_columns.FileShape]:
    """What the file is, most likely first: each layer of a file of layers, each use of a table.

    ``unread`` where it cannot be read at all.
    """
    suffix = path.suffix.lower()
    if suffix in file_columns.usual_names("suffixes")["raster"] or path.name.lower().endswith(
        ".asc.gz"
    ):
        return [_tell_raster(path)]
    if suffix in file_columns.usual_names("suffixes")["drawn"] or (
        suffix == ".json" and _is_geojson(path)
    ):
        return list(drawn_shapes.tell_drawn(path)) or [
            file_columns.FileShape("unread", "it holds no layer")
        ]
    geometry = _parquet_geometry(path) if suffix == ".parquet" else None
    try:
        sheet = read_sheet(path)
    except LayersError as error:
        return [file_columns.FileShape("unread", str(error))]
    if geometry is not None:
        return [drawn_shapes.tell_layer(sheet, geometry, path.stem, path)]
    if suffix == ".txt" and len(sheet.header) < LEAST_COLUMNS:
        return [file_columns.FileShape("left_out", "a text without columns")]
    sheet, rows = _with_header_of_two(path, sheet)
    proposals = table_shapes.tell_sheet(sheet, path.name.split(".", 1)[0])
    return [replace(proposal, keys={**rows, **proposal.keys}) for proposal in proposals]


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


def _tell_raster(path: Path) -> file_columns.FileShape:
    """A raster by its name; what its file does not say of itself stays open."""
    name = f"/vsigzip/{path}" if path.suffix.lower() == ".gz" else str(path)
    try:
        with catch_warnings():
            simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(name) as raster:
                lacks = ["band"] if raster.count > 1 else []
                lacks += [] if raster.crs else ["crs"]
    except RasterioError as error:
        return file_columns.FileShape("unread", str(error))
    if _PEOPLE.search(path.stem):
        years = re.findall(r"(?<!\d)20[0-4]\d(?!\d)", path.name)
        keys = {"year": years[0]} if len(years) == 1 else {}
        todo = (*lacks, *(() if keys else ("year",)))
        return file_columns.FileShape("population", "its name", keys=keys, todo=todo)
    if _COVER.search(path.stem):
        return file_columns.FileShape(
            "land_cover", "its name", todo=(*lacks, "[land_cover.classes]")
        )
    return file_columns.FileShape(
        "left_out", "a raster; see [population], [land_cover], [friction] below"
    )


def _is_geojson(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(65_536)
    return b'"FeatureCollection"' in head or b'"Topology"' in head


def _parquet_geometry(path: Path) -> int | None:
    """2, 1 or 0 for a file of areas, lines or points; None for a table."""
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
