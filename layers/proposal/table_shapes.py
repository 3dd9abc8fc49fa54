"""What a table found in a new workspace most likely is: for a proposal, never for a build."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from boundaries.codes import CodeSystem, read_digits
from boundaries.codes.kode import dot_kemendagri
from boundaries.polygons.geometry_text import looks_like_geometry
from layers.facilities.importers import detect_facility_importer
from layers.proposal.drawn_shapes import KINDS, tell_points, tell_polygons
from layers.proposal.indicator_names import propose_indicator
from layers.proposal.list_shapes import tell_bridge, tell_history, tell_names, tell_plan
from layers.proposal.shape import (
    FileShape,
    code_column,
    code_system,
    is_number,
    known_keys,
    mostly,
)
from layers.tables.files.cell_text import cell_text
from layers.tables.files.headers import fold
from layers.tables.files.sheets import Sheet
from layers.tables.importers import detect_importer, detect_spending_importer, podes, satu_data
from layers.tables.importers.shapes import find_column
from layers.tables.points.coordinate_pairs import read_pair
from layers.tables.points.coordinate_text import Reading, read_cell
from layers.tables.rows.shipped_histories import shipped_histories

_LON = (
    "bujur",
    "longitude",
    "lon",
    "lng",
    "long",
    "x",
    "koordinat x",
    "titik bujur",
    "koord x",
    "bujur timur",
    "bt",
    "lon_dd",
    "point_x",
    "easting",
)
_LAT = (
    "lintang",
    "latitude",
    "lat",
    "y",
    "koordinat y",
    "titik lintang",
    "koord y",
    "lintang selatan",
    "ls",
    "lat_dd",
    "point_y",
    "northing",
)
_LIKE_LON = ("longitude", "bujur")
_LIKE_LAT = ("latitude", "lintang")
LEAST_LIKENESS = 0.8
_POSITIONS = (
    "koordinat",
    "titik koordinat",
    "lat long",
    "latlong",
    "lat,long",
    "lokasi",
    "posisi",
    "position",
    "wkt",
    "geom",
    "geometry",
    "link maps",
    "google maps",
)
_NAMES = (
    "nama_desa",
    "nama desa",
    "desa",
    "desa/kelurahan",
    "nama desa/kelurahan",
    "kelurahan",
    "NAMOBJ",
    "WADMKD",
    "nama",
    "name",
)
_KECAMATAN = ("kecamatan", "nama_kecamatan", "nama kecamatan", "WADMKC", "kec")
_YEARS = ("tahun", "year", "thn")
_CATEGORIES = ("kategori", "indikator", "uraian", "variabel")
_VALUES = ("nilai", "jumlah", "persentase", "value")
_COUNTERS = ("no", "nomor", "nourut")
_IDS = ("npsn", "kode faskes", "kode_faskes", "kode_instansi", "id")
_MOST_WORDS = 40


def tell_sheet(sheet: Sheet, stem: str = "") -> FileShape:
    """What a table most likely is, with the shipped histories whose old codes it bears."""
    shape = _tell_role(sheet, stem)
    code = code_column(sheet)
    cells = [] if code is None else read_digits(sheet.columns[code], CodeSystem.KEMENDAGRI)
    dotted = [dot_kemendagri(digits) for digits in cells if digits is not None]
    former = tuple(
        name
        for name, history in shipped_histories().items()
        if any(history.today(kode) is not None for kode in dotted)
    )
    return replace(shape, histories=former)


def tell_names_of_bridge(sheet: Sheet, shape: FileShape) -> FileShape | None:
    """A bridge that has names is a list of names too."""
    name = shape.keys.get("to_name_column")
    if shape.keys.get("kind") != "bridge" or name is None:
        return None
    keys = {"code_column": shape.keys["to_column"], "name_column": name}
    return FileShape(
        "names", "names beside the codes", sheet.header, keys=keys, system="kemendagri"
    )


def _tell_role(sheet: Sheet, stem: str) -> FileShape:
    columns = tuple(name for name in sheet.header if name)
    if find_column(sheet, ("path",)) and find_column(sheet, ("kode", "kode_desa", "desa_id")):
        return tell_polygons(sheet, "its column 'path'")
    spending = detect_spending_importer(sheet)
    if spending is not None:
        return _spending(sheet, columns, spending)
    importer = detect_importer(sheet)
    if importer is not None:
        return _imported(sheet, columns, importer, stem)
    listed = detect_facility_importer(sheet)
    if listed is not None:
        return FileShape("facilities", f"the shape of {listed}", columns, listed)
    places = _tell_places(sheet, stem)
    return places or _tell_list(sheet, columns) or _tell_plain(sheet, columns, stem)


def _spending(sheet: Sheet, columns: tuple[str, ...], importer: str) -> FileShape:
    keys = known_keys({"year_column": find_column(sheet, _YEARS)})
    return FileShape("spending", f"the shape of {importer}", columns, importer, keys)


def _imported(sheet: Sheet, columns: tuple[str, ...], importer: str, stem: str) -> FileShape:
    """A well-known source: its importer knows the columns, here the values are looked for."""
    keys = {"year_column": find_column(sheet, _YEARS)}
    shape = FileShape(
        "tables",
        f"the shape of {importer}",
        columns,
        importer,
        known_keys(keys),
        system="kemendagri",
    )
    if importer == podes.NAME:
        has_kemendagri = find_column(sheet, podes.KEMENDAGRI_CODE) is not None
        numbers = [
            name
            for name in columns
            if name.upper().startswith("R")
            and mostly(sheet.columns[name], is_number)
            and name not in podes.KEMENDAGRI_CODE
        ]
        system = "kemendagri" if has_kemendagri else "bps"
        todo = ("which columns are which indicators",)
        return replace(shape, system=system, numbers=tuple(numbers), todo=todo)
    if importer != satu_data.NAME:
        return shape
    category = find_column(sheet, satu_data.CATEGORIES)
    value = find_column(sheet, satu_data.VALUES)
    if category is None or value is None:
        return _with_values(shape, sheet, columns, stem)
    words = _words(sheet, category)
    return _with_mapping(shape, words, stem)


def _words(sheet: Sheet, column: str) -> tuple[str, ...]:
    words = dict.fromkeys(text for cell in sheet.columns[column] if (text := cell_text(cell)))
    return tuple(words)[:_MOST_WORDS]


def _with_mapping(shape: FileShape, names: Sequence[str], stem: str) -> FileShape:
    """The shape with the indicators that names tell; the others stay to be filled in."""
    told = {name: propose_indicator(name, stem if len(names) == 1 else "") for name in names}
    counts = list(told.values())
    mapping = {
        name: indicator
        for name, indicator in told.items()
        if indicator is not None and counts.count(indicator) == 1
    }
    numbers = tuple(name for name in names if name not in mapping)
    todo = () if mapping or not names else ("which columns are which indicators",)
    return replace(shape, mapping=mapping, numbers=numbers, todo=(*shape.todo, *todo))


def _with_values(shape: FileShape, sheet: Sheet, columns: tuple[str, ...], stem: str) -> FileShape:
    used = {*shape.keys.values()}
    numbers = [
        name
        for name in columns
        if name not in used
        and fold(name) not in _COUNTERS
        and "kode" not in fold(name)
        and mostly(sheet.columns[name], is_number)
    ]
    return _with_mapping(shape, numbers, stem)


def _tell_places(sheet: Sheet, stem: str) -> FileShape | None:
    """A list of points: two columns, however misspelt, or one that holds both coordinates."""
    lon, lat = _find_axis(sheet, _LON, _LIKE_LON), _find_axis(sheet, _LAT, _LIKE_LAT)
    if lon is not None and lat is not None and lon != lat:
        keys = {"lon_column": lon, "lat_column": lat}
        return _facility(sheet, f"its columns '{lon}' and '{lat}'", keys, stem)
    areas = next(
        (
            name
            for name in sheet.header
            if mostly(
                sheet.columns[name],
                lambda cell: looks_like_geometry(cell) and "POLYGON" in str(cell)[:60].upper(),
            )
        ),
        None,
    )
    if areas is not None:
        return tell_polygons(sheet, f"polygons written in '{areas}'")
    named = [name for name in _POSITIONS if sheet.find(name)]
    for name in dict.fromkeys((*(str(sheet.find(name)) for name in named), *sheet.header)):
        if mostly(sheet.columns[name], lambda cell: read_pair(cell) is not None):
            return _facility(sheet, f"positions in '{name}'", {"position_column": name}, stem)
    return None


def _find_axis(sheet: Sheet, names: tuple[str, ...], like: tuple[str, ...]) -> str | None:
    """The column of one coordinate: by name, else by a name much like it that holds numbers."""
    found = find_column(sheet, names)
    if found is not None:
        return found if mostly(sheet.columns[found], _is_coordinate) else None
    near = {
        name: max(SequenceMatcher(None, word, _letters(name)).ratio() for word in like)
        for name in sheet.header
        if mostly(sheet.columns[name], _is_coordinate)
    }
    best = max(near, key=near.__getitem__, default=None)
    return best if best is not None and near[best] >= LEAST_LIKENESS else None


def _letters(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalpha())


def _is_coordinate(cell: object) -> bool:
    return is_number(cell) or isinstance(read_cell(cell), Reading)


def _facility(sheet: Sheet, told: str, keys: dict[str, str], stem: str) -> FileShape:
    shape = tell_points(sheet, told, stem)
    kind = find_column(sheet, KINDS) if shape.todo else None
    more = {"id_column": find_column(sheet, _IDS), "kind_column": kind}
    return replace(shape, keys={**keys, **shape.keys, **known_keys(more)})


def _tell_list(sheet: Sheet, columns: tuple[str, ...]) -> FileShape | None:
    """A history, a bridge, a code list, programmes or proposals."""
    history, bridge = tell_history(sheet), tell_bridge(sheet)
    if history is not None:
        return FileShape("crosswalks", "old and new codes", columns, keys=history)
    if bridge is not None:
        return FileShape("crosswalks", "codes of both systems side by side", columns, keys=bridge)
    plan = tell_plan(sheet)
    if plan is not None:
        role, keys = plan
        code = keys.get("code_column")
        shape = FileShape(
            "proposals" if role == "proposals" else "programmes",
            "activities with amounts",
            columns,
            keys=keys,
        )
        return shape if code is None else replace(shape, system="kemendagri")
    names = tell_names(sheet)
    if names is None:
        return None
    return FileShape("names", "codes and names", columns, keys=names, system="kemendagri")


def _tell_plain(sheet: Sheet, columns: tuple[str, ...], stem: str) -> FileShape:
    code = code_column(sheet)
    system = code_system(sheet, code)
    keys = {
        "code_column": code,
        "kecamatan_column": None if code else find_column(sheet, _KECAMATAN),
        "name_column": find_column(sheet, _NAMES),
        "year_column": find_column(sheet, _YEARS),
    }
    category, value = find_column(sheet, _CATEGORIES), find_column(sheet, _VALUES)
    hint = {"kemendagri": "seventh digit 1, 2 or 3", "bps": "seventh digit 0: BPS?"}
    proof = hint.get(system or "", "CHANGE")
    told = f"codes in '{code}' ({proof})" if code else "no column of codes"
    has_place = code or (keys["kecamatan_column"] and keys["name_column"])
    todo = () if has_place else ("where each row is: code_column, or kecamatan and name",)
    if code is not None and system is None:
        todo = ('code_system: "kemendagri" or "bps"',)
    shape = FileShape("tables", told, columns, keys=known_keys(keys), system=system, todo=todo)
    if category is not None and value is not None:
        shape.keys.update(shape="long", indicator_column=category, value_column=value)
        return _with_mapping(shape, _words(sheet, category), "")
    return _with_values(shape, sheet, columns, stem)
