"""What a file found in a new workspace most likely is: for a proposal, never for a build."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from boundaries.codes import CodeSystem, read_digits
from boundaries.codes.kode import dot_kemendagri
from layers.errors import LayersError
from layers.facilities.facility_kinds import kinds_in_name
from layers.facilities.importers import detect_facility_importer
from layers.tables.files.headers import fold
from layers.tables.files.sheets import Sheet, read_sheet
from layers.tables.importers import detect_importer, detect_spending_importer
from layers.tables.importers.shapes import find_column
from layers.tables.numbers.number_text import Form, classify, clean
from layers.tables.rows.shipped_histories import shipped_histories

Role = Literal["boundaries", "tables", "spending", "facilities", "roads", "unread"]

VECTOR_SUFFIXES = (".geojson", ".gpkg", ".zip", ".fgb", ".shp")
LINE_SUFFIXES = (".sql", ".kml", ".kmz", ".gpx")
TABLE_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".gz", ".parquet",
                  ".json", ".jsonl", ".ndjson")  # fmt: skip
SUFFIXES = (*VECTOR_SUFFIXES, *LINE_SUFFIXES, *TABLE_SUFFIXES)
LOOK_AT = 200

_LON = ("bujur", "longitude", "lon", "lng", "long", "x", "koordinat x", "titik bujur")
_LAT = ("lintang", "latitude", "lat", "y", "koordinat y", "titik lintang")
_NAMES = ("nama_desa", "nama desa", "desa", "desa/kelurahan", "nama desa/kelurahan", "kelurahan",
          "NAMOBJ", "WADMKD", "nama", "name")  # fmt: skip
_KECAMATAN = ("kecamatan", "nama_kecamatan", "nama kecamatan", "WADMKC", "kec")
_YEARS = ("tahun", "year", "thn")
_CATEGORIES = ("kategori", "indikator", "uraian", "variabel")
_VALUES = ("nilai", "jumlah", "persentase", "value")
_CLASSES = ("kelas", "fungsi", "highway", "REMARK", "jenis", "fclass", "class")
_ONEWAY = ("oneway", "one_way", "satu_arah", "searah", "ARHRJL", "dir_travel")
_KINDS = ("jenis", "bentuk", "bentuk_pendidikan", "jenjang", "kategori", "REMARK", "tipe")
_COUNTERS = ("no", "nomor", "nourut")
_IDS = ("npsn", "kode faskes", "kode_faskes", "kode_instansi", "id")
_FACILITY_NAMES = ("nama", "nama faskes", "nama sekolah", "NAMOBJ", "nama_sekolah", "name")


@dataclass(frozen=True, slots=True)
class FileShape:
    """The section a file is proposed for, with its keys (TOML values) and how that was told."""

    role: Role
    told_by: str
    columns: tuple[str, ...] = ()
    importer: str | None = None
    keys: dict[str, str] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()
    histories: tuple[str, ...] = ()


def tell_shape(path: Path) -> FileShape:
    """What the file most likely is; ``unread`` where it cannot be read at all."""
    suffix = path.suffix.lower()
    if suffix in LINE_SUFFIXES:
        return FileShape("boundaries", f"a {suffix} file")
    if suffix in VECTOR_SUFFIXES:
        return _tell_vector(path)
    if suffix == ".json" and _is_geojson(path):
        return _tell_vector(path)
    if suffix == ".parquet":
        columns = _parquet_columns(path)
        if {"geometry", "path", "wkb"} & {name.lower() for name in columns}:
            return FileShape("boundaries", "its column of geometries", columns)
    try:
        sheet = read_sheet(path)
    except LayersError as error:
        return FileShape("unread", str(error))
    return tell_sheet(sheet)


def tell_sheet(sheet: Sheet) -> FileShape:
    """What a table most likely is, with the shipped histories whose old codes it bears."""
    shape = _tell_role(sheet)
    code = _code_column(sheet)
    cells = [] if code is None else read_digits(sheet.columns[code], CodeSystem.KEMENDAGRI)
    dotted = [dot_kemendagri(digits) for digits in cells if digits is not None]
    former = tuple(
        name
        for name, history in shipped_histories().items()
        if any(history.today(kode) is not None for kode in dotted)
    )
    return replace(shape, histories=former)


def _tell_role(sheet: Sheet) -> FileShape:
    columns = tuple(name for name in sheet.header if name)
    if find_column(sheet, ("path",)) and find_column(sheet, ("kode", "kode_desa", "desa_id")):
        return FileShape("boundaries", "its column 'path'", columns)
    spending = detect_spending_importer(sheet)
    if spending is not None:
        return FileShape("spending", f"the shape of {spending}", columns, spending)
    importer = detect_importer(sheet)
    if importer is not None:
        keys = _known({"year_column": find_column(sheet, _YEARS)})
        return FileShape("tables", f"the shape of {importer}", columns, importer, keys)
    listed = detect_facility_importer(sheet)
    if listed is not None:
        return FileShape("facilities", f"the shape of {listed}", columns, listed)
    lon, lat = find_column(sheet, _LON), find_column(sheet, _LAT)
    if lon is not None and lat is not None:
        return FileShape(
            "facilities", f"its columns '{lon}' and '{lat}'", columns,
            keys=_known({"lon_column": lon, "lat_column": lat}) | _facility_keys(sheet),
        )  # fmt: skip
    return _tell_plain(sheet, columns)


def _tell_plain(sheet: Sheet, columns: tuple[str, ...]) -> FileShape:
    code = _code_column(sheet)
    keys = {
        "code_column": code,
        "kecamatan_column": find_column(sheet, _KECAMATAN),
        "name_column": find_column(sheet, _NAMES),
        "year_column": find_column(sheet, _YEARS),
    }
    category, value = find_column(sheet, _CATEGORIES), find_column(sheet, _VALUES)
    used = {*keys.values(), category}
    if category is not None and value is not None:
        keys |= {"shape": "long", "indicator_column": category, "value_column": value}
        words = dict.fromkeys(str(cell) for cell in sheet.columns[category] if cell is not None)
        numbers = tuple(words)[:20]
    else:
        mostly = [name for name in columns if _mostly(sheet.columns[name], _is_number)]
        numbers = tuple(name for name in mostly if name not in used and fold(name) not in _COUNTERS)
    told = f"codes in '{code}' ({_tell_system(sheet, code)})" if code else "no column of codes"
    return FileShape("tables", told, columns, keys=_known(keys), numbers=numbers)


def _facility_keys(sheet: Sheet) -> dict[str, str]:
    name = find_column(sheet, _FACILITY_NAMES)
    kind = find_column(sheet, _KINDS)
    keys = _known({"name_column": name, "id_column": find_column(sheet, _IDS), "kind_column": kind})
    if kind is None and name is not None and _mostly(sheet.columns[name], _tells_kind):
        keys["kind_in_name"] = "true"
    return keys


def _known(keys: dict[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in keys.items() if value is not None}


def _code_column(sheet: Sheet) -> str | None:
    """The first column whose cells are mostly codes of desa, in either system."""
    return next((name for name in sheet.header if _mostly(sheet.columns[name], _is_code)), None)


def _mostly(cells: Sequence[object], is_so: Callable[[object], bool]) -> bool:
    filled = [cell for cell in cells[:LOOK_AT] if cell is not None and str(cell).strip()]
    return bool(filled) and 2 * sum(map(is_so, filled)) > len(filled)


def _is_code(cell: object) -> bool:
    return any(read_digits([cell], system)[0] is not None for system in CodeSystem)


def _is_number(cell: object) -> bool:
    if isinstance(cell, str):
        return classify(clean(cell)) is not Form.TEXT
    return isinstance(cell, int | float)


def _tells_kind(cell: object) -> bool:
    return len(kinds_in_name(str(cell))) == 1


def _tell_system(sheet: Sheet, code: str) -> str:
    """What the seventh digits suggest; a hint, for the system is declared."""
    cells = sheet.columns[code][:LOOK_AT]
    kemendagri = sum(one is not None for one in read_digits(cells, CodeSystem.KEMENDAGRI))
    return "seventh digit 1, 2 or 3" if 2 * kemendagri > len(cells) else "seventh digit 0: BPS?"


def _tell_vector(path: Path) -> FileShape:
    # pyogrio is heavy; init on a folder without such files need not load it.
    import pyogrio

    try:
        info = pyogrio.read_info(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        return FileShape("unread", str(error))
    columns = tuple(str(name) for name in info["fields"])
    kind = str(info["geometry_type"] or "")
    lowered = {name.lower(): name for name in columns}

    def first(names: Sequence[str]) -> str | None:
        return next((lowered[name.lower()] for name in names if name.lower() in lowered), None)

    if "Line" in kind:
        keys = {"class_column": first(_CLASSES) or "", "oneway_column": first(_ONEWAY)}
        return FileShape("roads", "lines", columns, keys=_known(keys))
    if "Point" not in kind:
        return FileShape("boundaries", f"{kind or 'unknown'} geometries", columns)
    keys = {"name_column": first(_FACILITY_NAMES), "kind_column": first(_KINDS)}
    return FileShape("facilities", "points", columns, keys=_known(keys))


def _is_geojson(path: Path) -> bool:
    with path.open("rb") as stream:
        return b'"FeatureCollection"' in stream.read(65_536)


def _parquet_columns(path: Path) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return tuple(pq.read_schema(path).names)
    except (pa.ArrowInvalid, OSError):
        return ()
