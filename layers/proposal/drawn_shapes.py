"""What a map file found in a new workspace most likely is, one answer for each of its layers.

Layers of the Rupabumi Indonesia map (BIG) are known by the names of their files.  BIG hands out a
folder of some fifty files, named THEME_GEOMETRY_SCALE: ``JALAN_LN_25K``.  The names are those of
the catalogue of features (KUGI) as found in public projects that use such folders.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import pyogrio
import shapely

from boundaries.codes import CodeSystem, big_code_columns, read_digits
from boundaries.errors import BoundariesError
from boundaries.polygons import declaration, sql_dump, vector_files
from layers.facilities.facility_kinds import kinds_in_name
from layers.proposal import file_columns
from layers.tables.files.sheets import Sheet

RbiUse = Literal["boundaries", "roads", "facilities", "left_out"]

_NAME = re.compile(
    r"(?:RBI\d*K?_)?(?P<theme>[A-Z]+(?:_[A-Z]+)*?)_(?P<kind>AR|LN|PT)(?:_(?P<rest>[A-Z]+))?"
    r"(?:_(?P<scale>\d+)K)?(?:_\d{4,8})?",
    re.IGNORECASE,
)
_USED: dict[str, RbiUse] = {
    "ADMINISTRASIDESA_AR": "boundaries",
    "BATASDESA_AR": "boundaries",
    "JALAN_LN": "roads",
    **dict.fromkeys(
        ("PENDIDIKAN_PT", "KESEHATAN_PT", "RUMAHSAKIT_PT", "SARANAKESEHATAN_PT", "PUSKESMAS_PT"),
        "facilities",
    ),
}
_REASONS = (
    (
        "SUNGAI|DANAU|WADUK|RAWA|AIR|TERJUN|GARISPANTAI|EMPANG|TAMBAK",
        "water; where it stops travel, declare it under [[barriers]]",
    ),
    ("AGRI|NONAGRI|KEBUN|SAWAH|LADANG|HUTAN|VEGETASI", "land use, not a desa"),
    ("ADMINISTRASI|BATAS|PILAR", "border lines, points, or areas larger than a desa"),
    ("KONTUR|TITIKKONTROL|SPOTHEIGHT|TITIKTINGGI|GEODESI", "heights and control points"),
    ("PEMERINTAHAN", "offices without codes of desa; a kantor_desa needs code_column"),
    (
        "JALAN|REL|TAMBANGAN|JEMBATAN|TOLL?|STASIUN|TERMINAL|DERMAGA|BANDARA",
        "transport that is no road to travel on",
    ),
)


_CODE_HEADER = re.compile(r"kode|kd|code|kec|kab", re.IGNORECASE)
_WITH_LAYERS = (".gpkg", ".gdb")
_AREAS, _LINES, _POINTS = 2, 1, 0


def tell_drawn(path: Path) -> Iterator[file_columns.FileShape]:
    """A proposal for each layer of a map file; ``unread`` where it cannot be read."""
    layers: list[str | None] = [None]
    if path.suffix.lower() in _WITH_LAYERS:
        try:
            layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind]
        except (pyogrio.errors.DataSourceError, RuntimeError) as error:
            yield file_columns.FileShape("unread", str(error))
            return
    for layer in layers:
        try:
            raw = _read_raw(path, layer)
        except BoundariesError as error:
            yield file_columns.FileShape("unread", str(error))
            continue
        columns = {str(name): raw.table[name].tolist() for name in raw.table.columns}
        sheet = Sheet(path.name, columns, [int(row) for row in raw.rows])
        proposal = tell_layer(sheet, _dimension(raw, sheet, path), layer or path.stem, path)
        yield proposal.with_layer(layer) if layer is not None else proposal


def _read_raw(path: Path, layer: str | None) -> declaration.RawLayer:
    if path.suffix.lower() == ".sql":
        return sql_dump.read_sql_dump(path, path.name)
    return vector_files.read_vector_file(path, path.name, layer)


def _dimension(raw: declaration.RawLayer, sheet: Sheet, path: Path) -> int:
    """What most features are: areas (2), lines (1) or points (0); -1 where nothing is drawn.

    Desa with codes, or drawn by hand (KML), are areas even where more labels or tracks lie there.
    """
    counts = Counter(shapely.get_dimensions(raw.geometry).tolist())
    counts.pop(-1, None)
    if counts[_AREAS] and (
        path.suffix.lower() in vector_files.MANY_LAYERS_ARE_ONE or file_columns.code_column(sheet)
    ):
        return _AREAS
    return max(counts, key=lambda dimension: (counts[dimension], dimension), default=-1)


def tell_layer(sheet: Sheet, dimension: int, name: str, path: Path) -> file_columns.FileShape:
    """What features of a dimension (2 areas, 1 lines, 0 points) with these columns are."""
    rbi = tell_rbi(name, file_columns.filled_columns(sheet))
    if rbi is not None and rbi[0] == "left_out":
        return file_columns.FileShape("left_out", rbi[1], sheet.header)
    clue = rbi[1] if rbi is not None else ""
    if dimension == _LINES and path.suffix.lower() not in vector_files.MANY_LAYERS_ARE_ONE:
        return tell_roads(sheet, clue or "lines")
    if dimension == _POINTS or (rbi is None and _are_buildings(sheet)):
        return tell_points(sheet, clue or ("points" if dimension == _POINTS else "names"), name)
    return tell_polygons(sheet, clue or "areas", name if rbi is None else "")


def _are_buildings(sheet: Sheet) -> bool:
    """Whether areas are drawn round places of service: their names say so, and no code a desa."""
    name = file_columns.usual_column(sheet, "points", "name_column")
    is_coded = file_columns.code_column(sheet) is not None or bool(big_code_columns(sheet.header))
    return (
        name is not None
        and not is_coded
        and file_columns.mostly(sheet.columns[name], file_columns.tells_kind)
    )


def tell_polygons(sheet: Sheet, clue: str, name: str = "") -> file_columns.FileShape:
    """Desa polygons by their codes or names; areas that have neither are left out."""
    filled = file_columns.filled_columns(sheet)
    big = big_code_columns(filled)
    code = next(
        (name for name in filled if name.upper() == "KDEPUM"), file_columns.code_column(sheet)
    )
    system = "kemendagri" if code == "KDEPUM" else file_columns.code_system(sheet, code)
    if code is None and big:
        system = "kemendagri" if CodeSystem.KEMENDAGRI in big else "bps"
    fits = {"sebutan_column": file_columns.is_name, "kecamatan_code_column": _is_kecamatan_code}
    keys = file_columns.fitting_columns(sheet, "boundaries", fits)
    if code is None and not big and keys["name_column"] is None:
        return file_columns.FileShape(
            "left_out", f"{clue} without codes or names of desa", sheet.header
        )
    if code is None and not big and (larger := _larger_areas(sheet, name)) is not None:
        return file_columns.FileShape(
            "left_out", f"{clue} of {larger}, larger than a desa", sheet.header
        )
    given = file_columns.known_keys({"code_column": code, **keys})
    todo = () if code or big else ("code_column, or [boundaries.codes_from]",)
    if code is not None and not file_columns.mostly(sheet.columns[code], _is_desa_code):
        # Parts of BIG's schema (KDEPUM = 2001) are put together by the reader.
        given.pop("code_column")
        todo = () if big else ("code_column with whole codes of desa",)
    codes = _desa_codes(sheet, code)
    return file_columns.FileShape(
        "boundaries", clue, sheet.header, keys=given, system=system, todo=todo, codes=codes
    )


def _larger_areas(sheet: Sheet, name: str) -> str | None:
    """What areas without codes of desa are by their name or a code for each; None for desa."""
    words = {*re.findall(r"[a-z]+", name.lower())}
    for level in ("kecamatan", "kabupaten"):
        if level in words and not words & {"desa", "kelurahan", "kel"}:
            return level
        for column in file_columns.filled_columns(sheet):
            if _CODE_HEADER.search(column) and _are_codes(sheet.columns[column], level):
                return level
    return None


def _are_codes(cells: Sequence[object], level: Literal["kecamatan", "kabupaten"]) -> bool:
    """Whether each of several areas has a code of the level, and none the code of another."""
    filled = [cell for cell in cells if not file_columns.is_blank(cell)]
    columns = (read_digits(filled, system, level) for system in CodeSystem)
    return any(None not in digits and len({*digits}) == len(digits) > 1 for digits in columns)


def _is_kecamatan_code(cell: object) -> bool:
    return any(read_digits([cell], system, "kecamatan")[0] is not None for system in CodeSystem)


def _is_desa_code(cell: object) -> bool:
    return any(read_digits([cell], system)[0] is not None for system in CodeSystem)


def _desa_codes(sheet: Sheet, code: str | None) -> tuple[str, ...]:
    if code is None:
        return ()
    cells = read_digits(sheet.columns[code], CodeSystem.KEMENDAGRI)
    return tuple(digits for digits in cells if digits is not None)


def tell_roads(sheet: Sheet, clue: str) -> file_columns.FileShape:
    """Roads by their column of classes; other lines are left out."""
    keys = file_columns.usual_columns(sheet, "roads")
    column = keys["class_column"]
    if column is None:
        return file_columns.FileShape(
            "left_out", f"{clue} without a column of road classes", sheet.header
        )
    words = file_columns.words_of(sheet, column)
    mapping = {word: road for word in words if (road := _road_class(word)) is not None}
    has_classes = bool(mapping) or bool({"primary", "secondary", "tertiary", "path"} & {*words})
    todo = () if has_classes else ("classes: which word of class_column is which road",)
    return file_columns.FileShape(
        "roads", clue, sheet.header, keys=file_columns.known_keys(keys), mapping=mapping, todo=todo
    )


def _road_class(word: str) -> str | None:
    parts = re.findall(r"[a-z]+", word.lower())
    classes = file_columns.usual_names("road_classes").items()
    return next((str(road) for part, road in classes if part in parts), None)


def tell_points(sheet: Sheet, clue: str, name: str) -> file_columns.FileShape:
    """Places of service by what names or words of kind say, or by the name of the file."""
    named = _name_of_places(sheet)
    column = file_columns.usual_column(sheet, "points", "kind_column")
    keys: dict[str, str | None] = {"name_column": named}
    kinds = kinds_in_name(" ".join(re.findall(r"[A-Za-z]+", name)))
    mapping: dict[str, str] = {}
    todo: tuple[str, ...] = ()
    if len(kinds) != 1 and named is not None and _kinds_in_header(named):
        kinds = _kinds_in_header(named)
    if len(kinds) == 1:
        keys["kind"] = next(iter(kinds))
    elif named is not None and file_columns.mostly(sheet.columns[named], file_columns.tells_kind):
        keys["kind_in_name"] = "true"
    elif column is not None and file_columns.mostly(sheet.columns[column], file_columns.tells_kind):
        kinds_by_word = {word: kinds_in_name(word) for word in file_columns.words_of(sheet, column)}
        mapping = {word: min(kinds) for word, kinds in kinds_by_word.items() if len(kinds) == 1}
        keys["kind_column"] = column
    else:
        todo = ('kind, such as "puskesmas"',)
    system = None
    if keys.get("kind") == "kantor_desa":
        keys["code_column"] = file_columns.code_column(sheet)
        system = file_columns.code_system(sheet, keys["code_column"])
        todo = () if system else ("code_column and code_system of the offices",)
    given = file_columns.known_keys(keys)
    return file_columns.FileShape(
        "facilities", clue, sheet.header, keys=given, mapping=mapping, todo=todo, system=system
    )


def _name_of_places(sheet: Sheet) -> str | None:
    """The column of names: by a usual name, else ``Nama Puskesmas``, else the only other one."""
    usual = file_columns.usual_column(sheet, "points", "name_column")
    if usual is not None:
        return usual
    named = {
        name: _words_of_header(name)[1:]
        for name in sheet.header
        if _words_of_header(name)[:1] in (["nama"], ["nm"])
        and file_columns.mostly(sheet.columns[name], file_columns.is_name)
    }
    of_kind = [name for name in named if _kinds_in_header(name)]
    others = {*file_columns.usual_names("points")["not_named"]}
    rest = [name for name, words in named.items() if not others & {*words}]
    return next(iter(of_kind), rest[0] if len(rest) == 1 else None)


def _words_of_header(name: str) -> list[str]:
    return re.findall(r"[a-z]+", name.lower())


def _kinds_in_header(name: str) -> frozenset[str]:
    """The one kind that the header of a column of names speaks of."""
    kinds = kinds_in_name(" ".join(_words_of_header(name)[1:]))
    return kinds if len(kinds) == 1 else frozenset()


def tell_rbi(stem: str, columns: tuple[str, ...]) -> tuple[RbiUse, str] | None:
    """What a layer of RBI is used for and why not, None where the name is of no such layer.

    ``columns`` are those that are filled: layers of kecamatan have columns of desa too, empty.

    >>> tell_rbi("JALAN_LN_25K", ())[0], tell_rbi("SUNGAI_LN_25K", ())[0], tell_rbi("jalan", ())
    ('roads', 'left_out', None)
    """
    match = _NAME.fullmatch(stem)
    if match is None or not (match["scale"] or match["rest"] or stem.isupper()):
        return None
    theme, kind = match["theme"].upper().replace("_", ""), match["kind"].upper()
    rest = (match["rest"] or "").upper()
    if theme == "ADMINISTRASI" and kind == "AR" and rest in ("DESAKEL", "DESA", "KELDESA"):
        return "boundaries", "the desa polygons of RBI"
    use = _USED.get(f"{theme}_{kind}")
    if use is not None:
        return use, f"layer {theme} of RBI"
    if theme.startswith("ADMINISTRASI") and kind == "AR" and _has_desa(columns) and not rest:
        return "boundaries", "polygons of RBI with codes of desa"
    reasons = (text for words, text in _REASONS if re.match(words, theme))
    return "left_out", next(reasons, "a layer of RBI that is of no use here")


def _has_desa(columns: tuple[str, ...]) -> bool:
    return bool({"KDEPUM", "KDEBPS", "WADMKD"} & {name.upper() for name in columns})
