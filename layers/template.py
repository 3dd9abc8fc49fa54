"""What ``geo-service init`` writes: a commented ``wilayah.toml`` that proposes the files at hand.

Column names are read from each file and set beside the proposal, so that filling in is choosing.
Nothing is decided for the user: the code system of every input is left to be declared.
"""

from __future__ import annotations

import json
from pathlib import Path

from layers.errors import LayersError, WorkspaceError
from layers.workspace import WORKSPACE_NAME

POLYGON_SUFFIXES = (".geojson", ".gpkg", ".zip", ".parquet", ".fgb", ".kml", ".kmz", ".sql")
TABLE_SUFFIXES = (".xlsx", ".xls", ".ods", ".csv", ".tsv")

HEAD = """\
# What this workspace brings, and where each file comes from. Paths are relative to this folder.
# Check it with:  geo-service check {folder}
schema = 1

[wilayah]
id = "{slug}"                  # short name, becomes part of the release id
name = "{folder}"              # as shown to readers
scope = ["00.00"]              # CHANGE: kabupaten ("53.06"), provinsi ("32"), or "indonesia"
year = 2025                    # the year the map shows by default

# ---- Desa polygons ------------------------------------------------------------------------------
# code_system says which codes the file has: "kemendagri" (53.06 = Flores Timur) or
# "bps" (5306 = Belu). It is declared, never guessed; a file that contradicts it is refused.
"""

BOUNDARY = """
[[boundaries]]
path = "{path}"
# columns in the file: {columns}
code_system = "kemendagri"     # CHANGE if the codes are BPS codes
code_column = "{code}"
name_column = "{name}"
# kecamatan_name_column = ""
# kabupaten_name_column = ""
# crs = "EPSG:4326"            # only if the file does not say
# legal_status = "indicative"  # fixed | indicative | not_agreed
# source = ""
# licence = ""
# date = ""
# supplier = ""
"""

TABLES = """
# ---- Indicator tables ---------------------------------------------------------------------------
# [tables.columns] maps the file's columns to indicators. Known ones are listed in
# layers/definitions/indicators.toml; own ones are declared under [[indicators]].
"""

TABLE = """
# [[tables]]
# id = "{id}"
# path = "{path}"
# # columns in the file: {columns}
# code_system = "kemendagri"
# code_column = "{code}"
# year = 2024
# [tables.columns]
# "column in the file" = "air_minum_layak_pct"
"""

TAIL = """
# ---- Spending (APBDes) --------------------------------------------------------------------------
# [[spending]]
# id = "apbdes"
# path = "apbdes.csv"
# code_system = "kemendagri"
# code_column = "kode_desa"
# year = 2025
# activity_column = "kode_kegiatan"   # bidang.sub.kegiatan, such as 02.02.02
# anggaran_column = "pagu"
# realisasi_column = "realisasi"

# ---- Facilities ---------------------------------------------------------------------------------
# [[facilities]]
# id = "puskesmas"
# path = "puskesmas.xlsx"
# kind = "puskesmas"                  # or kind_column and a table [facilities.kinds]
# name_column = "nama"
# lon_column = "bujur"
# lat_column = "lintang"

# ---- Known and accepted findings ----------------------------------------------------------------
# [[allow]]
# check = "boundary.multipart_far"
# kode = "00.00.00.2001"
# reason = "why this is right although it looks wrong"
"""


def write_template(folder: Path) -> tuple[Path, int]:
    """The path of the written ``wilayah.toml`` and how many files it proposes as inputs.

    Raises
    ------
    WorkspaceError
        There is a ``wilayah.toml`` already: it is never overwritten.
    """
    path = folder / WORKSPACE_NAME
    if path.exists():
        raise WorkspaceError(f"{path} exists already and is left as it is.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = sorted(entry for entry in folder.rglob("*") if entry.is_file())
    except OSError as error:
        raise WorkspaceError(f"{folder}: cannot be made or read: {error.strerror}") from error
    polygons = [file for file in files if file.suffix.lower() in POLYGON_SUFFIXES]
    tables = [file for file in files if file.suffix.lower() in TABLE_SUFFIXES]
    slug = "".join(sign if sign.isalnum() else "-" for sign in folder.name.lower()).strip("-")
    text = HEAD.format(folder=folder.name, slug=slug[:38] or "wilayah")
    text += "".join(_boundary(file, folder) for file in polygons) or _boundary(
        folder / "batas_desa.geojson", folder
    )
    text += TABLES + "".join(_table(file, folder) for file in tables) + TAIL
    path.write_text(text, encoding="utf-8", newline="\n")
    return path, len(polygons) + len(tables)


def _boundary(path: Path, folder: Path) -> str:
    columns = _polygon_columns(path) if path.exists() else []
    return BOUNDARY.format(
        path=path.relative_to(folder).as_posix(),
        columns=", ".join(columns) or "(not read)",
        code=_likely(columns, ("KDEPUM", "kode_desa", "kode", "code")),
        name=_likely(columns, ("NAMOBJ", "WADMKD", "nama_desa", "nama", "name")),
    )


def _table(path: Path, folder: Path) -> str:
    columns = _table_columns(path)
    return TABLE.format(
        id="".join(sign if sign.isalnum() else "_" for sign in path.stem.lower()).strip("_"),
        path=path.relative_to(folder).as_posix(),
        columns=", ".join(columns) or "(not read)",
        code=_likely(columns, ("kode_desa", "kode desa", "kode", "code")),
    )


def _likely(columns: list[str], wanted: tuple[str, ...]) -> str:
    lowered = {column.lower(): column for column in columns}
    found = next((lowered[name.lower()] for name in wanted if name.lower() in lowered), wanted[0])
    return json.dumps(found, ensure_ascii=False)[1:-1]


def _polygon_columns(path: Path) -> list[str]:
    # pyogrio is heavy; init on a folder without polygons need not load it.
    import pyogrio

    try:
        return [str(name) for name in pyogrio.read_info(path)["fields"]]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
        return []


def _table_columns(path: Path) -> list[str]:
    from layers.tables import read_sheet

    try:
        return [name for name in read_sheet(path).header if name]
    except LayersError:
        return []
