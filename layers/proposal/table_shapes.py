"""What a table found in a new workspace most likely is: for a proposal, never for a build."""

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import cache

import numpy as np

from boundaries.codes import CodeSystem, kode_types, read_digits
from boundaries.polygons.geometry_text import looks_like_geometry
from layers.columns.catalogue import read_indicators
from layers.facilities.importers import detect_facility_importer
from layers.proposal import drawn_shapes, file_columns, list_shapes
from layers.tables.files import headers, sheets
from layers.tables.importers import (
    detect_importer,
    detect_spending_importer,
    podes,
    satu_data,
    shapes,
)
from layers.tables.points import coordinate_pairs, coordinate_text, metres
from layers.tables.rows.shipped_histories import shipped_histories

_LIKE_LON = ("longitude", "bujur")
_LIKE_LAT = ("latitude", "lintang")
LEAST_LIKENESS = 0.8
_CRS = 'crs of these metres, such as "EPSG:32751" for UTM zone 51 S'
_AROUND_AXIS = re.compile(
    r"(?:koordinat|koord|coordinates?|coords?|titik|garis|gps|dd|desimal|decimal|wgs)"
)
"""What stands beside the name of an axis in a header and says nothing of which it is."""
_MOST_NORTHING = 10_000_000.0
_COUNTERS = ("no", "nomor", "nourut")
_MOST_WORDS = 40
LEAST_SHARE = 0.5
"""Least share of common words, of all words of the names of a column and of an indicator."""
_FAMILIES = frozenset({"kk", "keluarga"})


def tell_sheet(sheet: sheets.Sheet, stem: str = "") -> list[file_columns.FileShape]:
    """What a table most likely is, once for each use, with the histories whose old codes it bears.

    A bridge that has names is a list of names too, a list of several levels one list for each.
    """
    code = file_columns.code_column(sheet)
    cells = [] if code is None else read_digits(sheet.columns[code], CodeSystem.KEMENDAGRI)
    dotted = [kode_types.dot_kemendagri(digits) for digits in cells if digits is not None]
    former = tuple(
        name
        for name, history in shipped_histories().items()
        if any(history.today(kode) is not None for kode in dotted)
    )
    return [replace(proposal, histories=former) for proposal in _tell_uses(sheet, stem)]


def _tell_uses(sheet: sheets.Sheet, stem: str) -> list[file_columns.FileShape]:
    columns = tuple(name for name in sheet.header if name)
    proposal = _tell_known(sheet, columns, stem) or list_shapes.tell_budget(sheet, columns)
    if proposal is not None:
        return [proposal]
    return list_shapes.tell_lists(sheet, columns) or [_tell_plain(sheet, columns, stem)]


def _tell_known(
    sheet: sheets.Sheet, columns: tuple[str, ...], stem: str
) -> file_columns.FileShape | None:
    """Polygons in a column, the shape of an importer, or a list of points."""
    if shapes.find_column(sheet, ("path",)) and shapes.find_column(
        sheet, ("kode", "kode_desa", "desa_id")
    ):
        return drawn_shapes.tell_polygons(sheet, "its column 'path'")
    spending = detect_spending_importer(sheet)
    if spending is not None:
        return _spending(sheet, columns, spending)
    importer = detect_importer(sheet)
    if importer is not None:
        return _imported(sheet, columns, importer, stem)
    listed = detect_facility_importer(sheet)
    if listed is not None:
        return file_columns.FileShape("facilities", f"the shape of {listed}", columns, listed)
    return _tell_places(sheet, stem)


def _spending(
    sheet: sheets.Sheet, columns: tuple[str, ...], importer: str
) -> file_columns.FileShape:
    keys = file_columns.known_keys(
        {"year_column": file_columns.usual_column(sheet, "tables", "year_column")}
    )
    return file_columns.FileShape("spending", f"the shape of {importer}", columns, importer, keys)


def _imported(
    sheet: sheets.Sheet, columns: tuple[str, ...], importer: str, stem: str
) -> file_columns.FileShape:
    """A well-known source: its importer knows the columns, here the values are looked for."""
    keys = {"year_column": file_columns.usual_column(sheet, "tables", "year_column")}
    shape = file_columns.FileShape(
        "tables",
        f"the shape of {importer}",
        columns,
        importer,
        file_columns.known_keys(keys),
        system="kemendagri",
    )
    if importer == podes.NAME:
        has_kemendagri = shapes.find_column(sheet, podes.KEMENDAGRI_CODE) is not None
        numbers = [
            name
            for name in columns
            if name.upper().startswith("R")
            and file_columns.mostly(sheet.columns[name], file_columns.is_number)
            and name not in podes.KEMENDAGRI_CODE
        ]
        system = "kemendagri" if has_kemendagri else "bps"
        todo = ("which columns are which indicators",)
        return replace(shape, system=system, numbers=tuple(numbers), todo=todo)
    if importer != satu_data.NAME:
        return shape
    category = shapes.find_column(sheet, satu_data.CATEGORIES)
    value = shapes.find_column(sheet, satu_data.VALUES)
    if category is None or value is None:
        return _with_values(shape, sheet, columns, stem)
    words = file_columns.words_of(sheet, category)[:_MOST_WORDS]
    return _with_mapping(shape, words, stem)


def _with_mapping(
    shape: file_columns.FileShape, names: Sequence[str], stem: str
) -> file_columns.FileShape:
    """The shape with the indicators that names tell; the others stay to be filled in."""
    only_stem = stem if len(names) == 1 else ""
    proposed = {name: propose_indicator(name, only_stem) for name in names}
    counts = list(proposed.values())
    mapping = {
        name: indicator
        for name, indicator in proposed.items()
        if indicator is not None and counts.count(indicator) == 1
    }
    numbers = tuple(name for name in names if name not in mapping)
    todo = () if mapping or not names else ("which columns are which indicators",)
    return replace(shape, mapping=mapping, numbers=numbers, todo=(*shape.todo, *todo))


def _with_values(
    shape: file_columns.FileShape, sheet: sheets.Sheet, columns: tuple[str, ...], stem: str
) -> file_columns.FileShape:
    used = {*shape.keys.values()}
    numbers = [
        name
        for name in columns
        if name not in used
        and headers.fold(name) not in _COUNTERS
        and "kode" not in headers.fold(name)
        and file_columns.mostly(sheet.columns[name], file_columns.is_number)
    ]
    return _with_mapping(shape, numbers, stem)


def _tell_places(sheet: sheets.Sheet, stem: str) -> file_columns.FileShape | None:
    """A list of points: two columns, however misspelt, or one that holds both coordinates."""
    lon = _find_axis(sheet, "lon_column", _LIKE_LON)
    lat = _find_axis(sheet, "lat_column", _LIKE_LAT)
    if lon is not None and lat is not None and lon != lat:
        keys = {"lon_column": lon, "lat_column": lat}
        shape = _facility(sheet, f"its columns '{lon}' and '{lat}'", keys, stem)
        is_open = _are_metres(sheet.columns[lon], sheet.columns[lat])
        return replace(shape, todo=(*shape.todo, _CRS)) if is_open else shape
    areas = next(
        (
            name
            for name in sheet.header
            if file_columns.mostly(
                sheet.columns[name],
                lambda cell: looks_like_geometry(cell) and "POLYGON" in str(cell)[:60].upper(),
            )
        ),
        None,
    )
    if areas is not None:
        return drawn_shapes.tell_polygons(sheet, f"polygons written in '{areas}'")
    usual = [sheet.find(name) for name in file_columns.usual_names("points")["position_column"]]
    for name in dict.fromkeys((*(name for name in usual if name), *sheet.header)):
        if file_columns.mostly(
            sheet.columns[name], lambda cell: coordinate_pairs.read_pair(cell) is not None
        ):
            return _facility(sheet, f"positions in '{name}'", {"position_column": name}, stem)
    return None


def _find_axis(sheet: sheets.Sheet, key: str, like: tuple[str, ...]) -> str | None:
    """The column of one coordinate: by name, else by a name much like it that holds numbers."""
    column = file_columns.usual_column(sheet, "points", key)
    if column is not None:
        return column if file_columns.mostly(sheet.columns[column], _is_coordinate) else None
    usual = {_letters(word) for word in file_columns.usual_names("points")[key]}
    near = {
        name: 1.0
        if _AROUND_AXIS.sub("", _letters(name)) in usual
        else max(SequenceMatcher(None, word, _letters(name)).ratio() for word in like)
        for name in sheet.header
        if file_columns.mostly(sheet.columns[name], _is_coordinate)
    }
    best = max(near, key=near.__getitem__, default=None)
    return best if best is not None and near[best] >= LEAST_LIKENESS else None


def _letters(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalpha())


def _are_metres(*columns: Sequence[object]) -> bool:
    """Whether two columns are eastings and northings of UTM, in either order."""
    decimal = metres.find_decimal(*columns)
    middles = []
    for cells in columns:
        values = np.abs(metres.read_metres(cells, decimal))
        known = values[np.isfinite(values)]
        middles.append(float(np.median(known)) if len(known) else 0.0)
    easting, northing = sorted(middles)
    return metres.EASTINGS[0] <= easting <= metres.EASTINGS[1] and northing <= _MOST_NORTHING


def _is_coordinate(cell: object) -> bool:
    return file_columns.is_number(cell) or isinstance(
        coordinate_text.read_cell(cell), coordinate_text.Reading
    )


def _facility(
    sheet: sheets.Sheet, clue: str, keys: dict[str, str], stem: str
) -> file_columns.FileShape:
    shape = drawn_shapes.tell_points(sheet, clue, stem)
    kind = file_columns.usual_column(sheet, "points", "kind_column") if shape.todo else None
    more = {
        "id_column": file_columns.usual_column(sheet, "points", "id_column"),
        "kind_column": kind,
    }
    return replace(shape, keys={**keys, **shape.keys, **file_columns.known_keys(more)})


def _tell_plain(sheet: sheets.Sheet, columns: tuple[str, ...], stem: str) -> file_columns.FileShape:
    code = file_columns.code_column(sheet)
    system = file_columns.code_system(sheet, code)
    kecamatan = file_columns.fitting_columns(
        sheet, "tables", {"kecamatan_column": file_columns.is_name}
    )["kecamatan_column"]
    keys = {
        "code_column": code,
        "kecamatan_column": kecamatan,
        "name_column": file_columns.usual_column(sheet, "tables", "name_column"),
        "year_column": file_columns.usual_column(sheet, "tables", "year_column"),
    }
    category = file_columns.usual_column(sheet, "tables", "indicator_column")
    value = file_columns.usual_column(sheet, "tables", "value_column")
    hint = {"kemendagri": "seventh digit 1, 2 or 3", "bps": "seventh digit 0: BPS?"}
    proof = hint.get(system or "", "CHANGE")
    clue = f"codes in '{code}' ({proof})" if code else "no column of codes"
    has_place = code or (keys["kecamatan_column"] and keys["name_column"])
    todo = () if has_place else ("where each row is: code_column, or kecamatan and name",)
    if code is not None and system is None:
        todo = ('code_system: "kemendagri" or "bps"',)
    shape = file_columns.FileShape(
        "tables", clue, columns, keys=file_columns.known_keys(keys), system=system, todo=todo
    )
    if category is not None and value is not None:
        shape.keys.update(shape="long", indicator_column=category, value_column=value)
        return _with_mapping(shape, file_columns.words_of(sheet, category)[:_MOST_WORDS], "")
    return _with_values(shape, sheet, columns, stem)


def propose_indicator(column: str, file_stem: str = "") -> str | None:
    """The indicator whose words the column has; None where none or several fit.

    A column without a word of its own ("Cakupan (%)") is what its file is about.

    >>> propose_indicator("AIR DAN SANITASI (% KK) / Air minum layak")
    'air_minum_layak_pct'
    >>> propose_indicator("Cakupan (%)", "akta_kelahiran_2025"), propose_indicator("Luas (ha)")
    ('akta_kelahiran_pct', None)
    """
    last = column.rsplit(" / ", 1)[-1]
    names = {key for key in read_indicators() if key == column.strip().lower()}
    if names:
        return names.pop()
    if _FAMILIES & set(_split(last)) and not _words(last):
        return "keluarga_jumlah"
    words = _words(last) or _words(file_stem)
    if not words:
        return None
    scores = {
        name: len(words & other) / len(words | other) for name, other in _indicator_words().items()
    }
    best = max(scores.values())
    fitting = [name for name, score in scores.items() if score == best]
    return fitting[0] if best >= LEAST_SHARE and len(fitting) == 1 else None


def _split(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def _words(text: str) -> frozenset[str]:
    idle, same = (
        file_columns.usual_names("indicators")["idle"],
        file_columns.usual_names("indicator_synonyms"),
    )
    return frozenset(str(same.get(word, word)) for word in _split(text) if word not in idle)


@cache
def _indicator_words() -> dict[str, frozenset[str]]:
    """The words of each indicator's name; items of an index are named by their importer only."""
    named = {name: _words(name) for name in read_indicators() if not name.startswith("idm_")}
    return {name: words for name, words in named.items() if words}
