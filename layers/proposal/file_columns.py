"""A proposal for one file, and the looks at cells that all proposals share."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Literal

from boundaries.codes import CodeSystem, read_digits, spelling
from layers.facilities.facility_kinds import kinds_in_name
from layers.tables.files import cell_texts, sheets
from layers.tables.importers.shapes import find_column
from layers.tables.numbers.number_text import Form, classify, clean

Role = Literal[
    "boundaries",
    "names",
    "crosswalks",
    "tables",
    "spending",
    "facilities",
    "roads",
    "programmes",
    "proposals",
    "population",
    "land_cover",
    "left_out",
    "unread",
]

LOOK_AT = 200
Names = Mapping[str, Sequence[str]]


@cache
def usual_names(group: str) -> Names:
    """The names that columns of a group usually have, by key (``column_names.toml``)."""
    text = files("layers.proposal").joinpath("column_names.toml").read_text(encoding="utf-8")
    names: Names = tomllib.loads(text)[group]
    return names


def usual_column(sheet: sheets.Sheet, group: str, key: str) -> str | None:
    """The column of the sheet that has one of the usual names for a key; None without one."""
    return find_column(sheet, usual_names(group)[key])


def usual_columns(sheet: sheets.Sheet, group: str) -> dict[str, str | None]:
    """As `usual_column`, for all keys of a group."""
    return {key: usual_column(sheet, group, key) for key in usual_names(group)}


def fitting_columns(
    sheet: sheets.Sheet, group: str, fits: Mapping[str, Callable[[object], bool]]
) -> dict[str, str | None]:
    """As `usual_columns`, of the columns whose cells fit: a column of names holds no numbers."""
    columns: dict[str, str | None] = {}
    for key, names in usual_names(group).items():
        is_so = fits.get(key, is_name if "name_column" in key else is_any)
        present = (column for name in names if (column := sheet.find(name)) is not None)
        columns[key] = next((name for name in present if mostly(sheet.columns[name], is_so)), None)
    return columns


def is_any(cell: object) -> bool:
    """Whether a cell says something."""
    return not is_blank(cell)


def is_name(cell: object) -> bool:
    """Whether a cell is words, and neither a number nor a code."""
    return isinstance(cell, str) and sum(sign.isalpha() for sign in cell) >= 2


def is_blank(cell: object) -> bool:
    """Whether a cell says nothing: empty, a dash, NULL, or the zero that databases put there."""
    return (
        cell is None
        or cell != cell
        or cell_texts.cell_text(cell).strip(" 0.").lower() in spelling.EMPTY_WORDS
    )


def filled_columns(sheet: sheets.Sheet) -> tuple[str, ...]:
    """The columns of which at least half of the cells say something."""
    return tuple(
        name
        for name in sheet.header
        if 2 * sum(map(is_blank, sheet.columns[name])) <= len(sheet.columns[name])
    )


@dataclass(frozen=True, slots=True)
class FileShape:
    """The section a file is proposed for, with its keys (TOML values) and how that was recognised.

    Parameters
    ----------
    mapping
        The table below the section: columns to indicators, words to kinds or road classes.
    numbers
        Columns of numbers for which no indicator is proposed.
    system
        The code system that the codes prove, None where they do not or there are none.
    todo
        What the file does not say and a person must; with any, the section is a comment.
    codes
        Codes of desa (digits) of a file of polygons, from which the scope is proposed.
    """

    role: Role
    recognised_by: str
    columns: tuple[str, ...] = ()
    importer: str | None = None
    keys: dict[str, str] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()
    histories: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    system: str | None = None
    todo: tuple[str, ...] = ()
    codes: tuple[str, ...] = field(default=(), repr=False)

    def with_layer(self, layer: str) -> "FileShape":
        """The same proposal for one layer of a file of layers."""
        return replace(self, keys={"layer": layer, **self.keys})


def known_keys(keys: Mapping[str, str | None]) -> dict[str, str]:
    """The keys that have a value."""
    return {key: value for key, value in keys.items() if value is not None}


def words_of(sheet: sheets.Sheet, column: str) -> tuple[str, ...]:
    """The different words of a column, in the order in which they first stand there."""
    texts = (cell_texts.cell_text(cell) for cell in sheet.columns[column])
    return tuple(dict.fromkeys(text for text in texts if text))


def mostly(cells: Sequence[object], is_so: Callable[[object], bool]) -> bool:
    """Whether it is so of more than half of the first filled cells."""
    filled = [cell for cell in cells[:LOOK_AT] if cell is not None and str(cell).strip()]
    return bool(filled) and 2 * sum(map(is_so, filled)) > len(filled)


def code_column(sheet: sheets.Sheet) -> str | None:
    """The first column whose cells are mostly codes of desa, in either system."""
    return next((name for name in sheet.header if mostly(sheet.columns[name], is_code)), None)


def code_system(sheet: sheets.Sheet, code: str | None) -> str | None:
    """The system that nine of ten codes prove by their seventh digit; None where they do not."""
    if code is None:
        return None
    cells = [cell for cell in sheet.columns[code][:LOOK_AT] if cell is not None]
    share = {
        system: sum(digits is not None for digits in read_digits(cells, system)) / len(cells)
        for system in CodeSystem
    }
    if share[CodeSystem.KEMENDAGRI] >= 0.9:
        return "kemendagri"
    is_bps = share[CodeSystem.KEMENDAGRI] < 0.5 and share[CodeSystem.BPS] >= 0.9
    return "bps" if is_bps else None


def is_code(cell: object) -> bool:
    """Whether a cell is a code of a desa in either system."""
    return any(read_digits([cell], system)[0] is not None for system in CodeSystem)


def is_number(cell: object) -> bool:
    """Whether a cell is a number, as number or as text."""
    if isinstance(cell, str):
        return classify(clean(cell)) is not Form.TEXT
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def tells_kind(cell: object) -> bool:
    """Whether a name speaks of one kind of facility."""
    return len(kinds_in_name(str(cell))) == 1
