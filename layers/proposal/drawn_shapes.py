"""What a map file found in a new workspace most likely is, one answer for each of its layers."""

import re
from collections.abc import Iterator
from pathlib import Path

from boundaries.codes import CodeSystem, big_code_columns, read_digits
from boundaries.errors import BoundariesError
from boundaries.polygons.vector_files import MANY_LAYERS_ARE_ONE, read_vector_file
from layers.facilities.facility_kinds import kinds_in_name
from layers.proposal.rbi_layers import tell_rbi
from layers.proposal.shape import (
    CLASSES,
    FACILITY_NAMES,
    FileShape,
    code_column,
    code_system,
    known_keys,
    mostly,
    tells_kind,
)
from layers.tables.files.cell_text import cell_text
from layers.tables.files.sheets import Sheet
from layers.tables.importers.shapes import find_column

ROAD_CLASSES = (
    ("tol", "motorway"),
    ("arteri", "primary"),
    ("nasional", "primary"),
    ("provinsi", "primary"),
    ("kolektor", "secondary"),
    ("kabupaten", "secondary"),
    ("lokal", "tertiary"),
    ("desa", "tertiary"),
    ("lingkungan", "residential"),
    ("kota", "secondary"),
    ("lain", "residential"),
    ("setapak", "path"),
    ("tambangan", "ferry"),
    ("penyeberangan", "ferry"),
    ("feri", "ferry"),
)
"""Road classes by words of Indonesian maps, as a first proposal."""
ONEWAY = ("oneway", "one_way", "satu_arah", "searah", "ARHRJL", "dir_travel")
ROAD_NAMES = ("nama", "NAMOBJ", "name", "NAMRJL", "nama_jalan", "nama ruas")
KINDS = ("jenis", "bentuk", "bentuk_pendidikan", "jenjang", "kategori", "REMARK", "tipe", "fungsi")
BOUNDARY_KEYS = {
    "name_column": (
        "NAMOBJ",
        "WADMKD",
        "nama_desa",
        "nama desa",
        "nama_kelurahan",
        "desa",
        "kelurahan",
        "KEL_NAME2",
        "nama",
        "Name",
        "nama_kel",
    ),
    "kecamatan_code_column": ("KDCPUM", "kode_kecamatan", "kd_kec"),
    "kecamatan_name_column": ("WADMKC", "kecamatan", "nama_kecamatan", "nama_kec", "KEC_NAME_2"),
    "kabupaten_name_column": ("WADMKK", "kabupaten", "nama_kabupaten", "nama_kab", "KAB_NAME_2"),
    "provinsi_name_column": ("WADMPR", "provinsi", "nama_provinsi", "nama_prov"),
    "sebutan_column": ("sebutan", "TIPADM"),
}
_WITH_LAYERS = (".gpkg", ".gdb")


def tell_drawn(path: Path) -> Iterator[FileShape]:
    """A proposal for each layer of a map file; ``unread`` where it cannot be read."""
    import pyogrio

    layers: list[str | None] = [None]
    if path.suffix.lower() in _WITH_LAYERS:
        try:
            layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind]
        except (pyogrio.errors.DataSourceError, RuntimeError) as error:
            yield FileShape("unread", str(error))
            return
    for layer in layers:
        try:
            raw = read_vector_file(path, path.name, layer)
        except BoundariesError as error:
            yield FileShape("unread", str(error))
            continue
        import shapely

        kinds = {int(kind) for kind in shapely.get_dimensions(raw.geometry)} - {-1}
        columns = {str(name): raw.table[name].tolist() for name in raw.table.columns}
        sheet = Sheet(path.name, columns, [int(row) for row in raw.rows])
        shape = tell_layer(sheet, max(kinds, default=-1), layer or path.stem, path)
        yield shape.with_layer(layer) if layer is not None else shape


def tell_layer(sheet: Sheet, dimension: int, name: str, path: Path) -> FileShape:
    """What features of a dimension (2 areas, 1 lines, 0 points) with these columns are."""
    rbi = tell_rbi(name, sheet.header)
    if rbi is not None and rbi[0] == "left_out":
        return FileShape("left_out", rbi[1], sheet.header)
    told = rbi[1] if rbi is not None else ""
    if dimension == 1 and path.suffix.lower() not in MANY_LAYERS_ARE_ONE:
        return tell_roads(sheet, told or "lines")
    if dimension == 0:
        return tell_points(sheet, told or "points", name)
    return tell_polygons(sheet, told or "areas")


def tell_polygons(sheet: Sheet, told: str) -> FileShape:
    """Desa polygons by their codes or names; areas that have neither are left out."""
    keys = {key: find_column(sheet, names) for key, names in BOUNDARY_KEYS.items()}
    big = big_code_columns(sheet.header)
    code = find_column(sheet, ("KDEPUM",)) or code_column(sheet)
    system = "kemendagri" if code == "KDEPUM" else code_system(sheet, code)
    if code is None and not big and keys["name_column"] is None:
        return FileShape("left_out", f"{told} without codes or names of desa", sheet.header)
    given = known_keys({"code_column": code, **keys})
    todo = () if code or big else ("code_column, or [boundaries.codes_from]",)
    if code is not None and not mostly(sheet.columns[code], _is_desa_code):
        # Parts of BIG's schema (KDEPUM = 2001) are put together by the reader.
        given.pop("code_column")
        todo = () if big else ("code_column with whole codes of desa",)
    return FileShape(
        "boundaries",
        told,
        sheet.header,
        keys=given,
        system=system,
        todo=todo,
        codes=_desa_codes(sheet, code),
    )


def _is_desa_code(cell: object) -> bool:
    return any(read_digits([cell], system)[0] is not None for system in CodeSystem)


def _desa_codes(sheet: Sheet, code: str | None) -> tuple[str, ...]:
    if code is None:
        return ()
    read = read_digits(sheet.columns[code], CodeSystem.KEMENDAGRI)
    return tuple(digits for digits in read if digits is not None)


def tell_roads(sheet: Sheet, told: str) -> FileShape:
    """Roads by their column of classes; other lines are left out."""
    column = find_column(sheet, CLASSES)
    if column is None:
        return FileShape("left_out", f"{told} without a column of road classes", sheet.header)
    words = dict.fromkeys(text for cell in sheet.columns[column] if (text := cell_text(cell)))
    mapping = {word: road for word in words if (road := _road_class(word)) is not None}
    keys = {
        "class_column": column,
        "oneway_column": find_column(sheet, ONEWAY),
        "name_column": find_column(sheet, ROAD_NAMES),
    }
    has_classes = bool(mapping) or bool({"primary", "secondary", "tertiary", "path"} & {*words})
    todo = () if has_classes else ("classes: which word of class_column is which road",)
    return FileShape("roads", told, sheet.header, keys=known_keys(keys), mapping=mapping, todo=todo)


def _road_class(word: str) -> str | None:
    parts = re.findall(r"[a-z]+", word.lower())
    return next((road for key, road in ROAD_CLASSES if key in parts), None)


def tell_points(sheet: Sheet, told: str, name: str) -> FileShape:
    """Places of service by what names or words of kind say, or by the name of the file."""
    keys: dict[str, str | None] = {"name_column": find_column(sheet, FACILITY_NAMES)}
    kinds = kinds_in_name(" ".join(re.findall(r"[A-Za-z]+", name)))
    column = find_column(sheet, KINDS)
    mapping: dict[str, str] = {}
    todo: tuple[str, ...] = ()
    named = keys["name_column"]
    if len(kinds) == 1:
        keys["kind"] = next(iter(kinds))
    elif named is not None and mostly(sheet.columns[named], tells_kind):
        keys["kind_in_name"] = "true"
    elif column is not None and mostly(sheet.columns[column], tells_kind):
        words = dict.fromkeys(text for cell in sheet.columns[column] if (text := cell_text(cell)))
        mapping = {word: min(kind) for word in words if len(kind := kinds_in_name(word)) == 1}
        keys["kind_column"] = column
    else:
        todo = ('kind, such as "puskesmas"',)
    system = None
    if keys.get("kind") == "kantor_desa":
        keys["code_column"] = code_column(sheet)
        system = code_system(sheet, keys["code_column"])
        todo = () if system else ("code_column and code_system of the offices",)
    return FileShape(
        "facilities",
        told,
        sheet.header,
        keys=known_keys(keys),
        mapping=mapping,
        todo=todo,
        system=system,
    )
