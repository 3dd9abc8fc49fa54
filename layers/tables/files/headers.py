"""Where the header of a sheet is, over how many rows, and what the columns are called."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from boundaries.texts.delimited import EvenRows
from boundaries.texts.row_widths import is_filled
from layers.tables.files import cell_texts, grids
from layers.tables.numbers import said_units, special_cells

LOOK_AT_ROWS = 40
MOST_HEADER_ROWS = 4
JOINED_BY = " / "

_NOT_WORD = re.compile(r"[\W_]+")
_YEAR = re.compile(r"(?:19|20)\d\d\*{0,3}")


def fold(cell: object) -> str:
    r"""A header cell as it is compared: letters and digits only, lower case.

    >>> fold(" Air  minum\n(%) "), fold(2023.0)
    ('airminum', '2023')
    """
    return _NOT_WORD.sub("", _header_text(cell)).casefold()


def _header_text(cell: object) -> str:
    """A cell as the name of a column, for which ``km`` with a raised ``2`` is ``km2``."""
    return cell_texts.cell_text(
        cell.with_raised if isinstance(cell, special_cells.MarkedText) else cell
    )


@dataclass(frozen=True, slots=True)
class SheetHeader:
    """The header found: ``first`` row from 0, ``rows`` it spans, one name per column.

    ``lowest`` is of each name the part in the lowest row that has one: ``2024`` of
    ``Penduduk / 2024``.
    """

    first: int
    rows: int
    names: tuple[str, ...]
    lowest: tuple[str, ...]


def find_header(
    grid: grids.CellGrid, header_row: int | None, header_rows: int, expected: Collection[str]
) -> SheetHeader:
    """The header of a grid.

    With ``header_row`` it is there.  Else it is the first row in which the most of the expected
    names stand; where names stand over several rows (a group above its years), rows are joined
    as ``group / name``.  A row below it that names what a group above leaves without name belongs
    to it.  With nothing expected it is the first row that is nearly as wide as the table and made
    of words.
    """
    width = (
        grid.cells.width
        if isinstance(grid.cells, EvenRows)
        else max((len(row) for row in grid.cells), default=0)
    )
    if header_row is not None:
        return _header(grid, header_row - 1, header_rows, width)
    if expected:
        return _find_expected(grid, header_rows, {fold(name) for name in expected}, width)
    return _header(grid, _first_wide_row(grid.cells), header_rows, width)


def _find_expected(
    grid: grids.CellGrid, header_rows: int, folded: set[str], width: int
) -> SheetHeader:
    best: tuple[int, SheetHeader] | None = None
    for rows in range(header_rows, max(header_rows, MOST_HEADER_ROWS) + 1):
        for first in range(min(LOOK_AT_ROWS, len(grid.cells))):
            header = _header(grid, first, rows, width)
            score = len(folded & {fold(name) for name in (*header.names, *header.lowest)})
            if best is None or score > best[0]:
                best = (score, header)
        if best is not None and best[0] == len(folded):
            break
    if best is None or 2 * best[0] < len(folded):
        best = (0, _header(grid, _first_wide_row(grid.cells), header_rows, width))
    header = best[1]
    while header.rows < MOST_HEADER_ROWS and _goes_on(grid, header, folded, width):
        header = _header(grid, header.first, header.rows + 1, width)
    return header


def _goes_on(grid: grids.CellGrid, header: SheetHeader, folded: set[str], width: int) -> bool:
    """Whether the row below a header is one more of it: it names columns of a group above.

    Columns of the group stand without name in the rows before, the row has nothing but words and
    years, and it is empty under one of the expected names.  Under others that stand above no group
    it has units at most: a first record of words, beside a column without name, is no header.
    """
    below = header.first + header.rows
    cells = grid.cells[below] if below < len(grid.cells) else []
    filled = {column for column in range(min(width, len(cells))) if is_filled(cells[column])}
    awaited = {column for column, name in enumerate(header.lowest) if fold(name) in folded}
    of_groups = {column for column in filled if not header.lowest[column] and column - 1 in filled}
    heads = {column - 1 for column in of_groups}
    named = [str(cells[column]) for column in awaited & filled]
    return (
        bool(of_groups)
        and all(_is_heading(cells[column]) for column in filled)
        and not awaited <= filled
        and (bool(awaited & heads) or said_units.are_units(named))
    )


def _is_heading(cell: object) -> bool:
    """Whether a cell names a column: a word, or a year."""
    text = _header_text(cell).strip()
    return bool(_YEAR.fullmatch(text)) or not any(letter.isdigit() for letter in text)


def _first_wide_row(cells: Sequence[Sequence[object]]) -> int:
    words = [
        sum(isinstance(cell, str) and not cell.strip().isdigit() for cell in row)
        for row in cells[:LOOK_AT_ROWS]
    ]
    widest = max(words, default=0)
    return next((i for i, count in enumerate(words) if count and count >= 0.6 * widest), 0)


def _header(grid: grids.CellGrid, first: int, rows: int, width: int) -> SheetHeader:
    levels = [_level(grid, first + depth, width) for depth in range(rows)]
    for depth in range(rows - 1):
        levels[depth] = _spread(grid, first + depth, levels[depth], levels[depth + 1 :])
    names = [_join([level[column] for level in levels]) for column in range(width)]
    lowest = [_lowest([level[column] for level in levels]) for column in range(width)]
    return SheetHeader(first, rows, tuple(_make_unique(names)), tuple(lowest))


def _lowest(parts: Sequence[str]) -> str:
    return next((part for part in reversed(parts) if part), "")


def _level(grid: grids.CellGrid, row: int, width: int) -> list[str]:
    cells = grid.cells[row] if 0 <= row < len(grid.cells) else []
    return [_header_text(cells[column]) if column < len(cells) else "" for column in range(width)]


def _spread(grid: grids.CellGrid, row: int, level: list[str], below: list[list[str]]) -> list[str]:
    """A group name repeated over the columns it covers.

    Merged ranges say how far, where the format has them; else as far as empty cells with a name
    below them go.
    """
    spread = list(level)
    if grid.merges:
        for top, left, bottom, right in grid.merges:
            if top <= row <= bottom:
                for column in range(left, min(right + 1, len(spread))):
                    spread[column] = spread[column] or level[left]
        return spread
    for column in range(1, len(spread)):
        if not spread[column] and any(other[column] for other in below):
            spread[column] = spread[column - 1]
    return spread


def _join(parts: Sequence[str]) -> str:
    distinct: list[str] = []
    for part in parts:
        if part and (not distinct or distinct[-1] != part):
            distinct.append(part)
    return JOINED_BY.join(distinct)


def _make_unique(names: Sequence[str]) -> list[str]:
    """Nameless columns get their letter, repeated names their number."""
    seen: dict[str, int] = {}
    unique = []
    for column, name in enumerate(names):
        named = name or f"kolom {column_letter(column)}"
        seen[named] = seen.get(named, 0) + 1
        unique.append(named if seen[named] == 1 else f"{named} ({seen[named]})")
    return unique


def column_letter(column: int) -> str:
    """The letter a spreadsheet gives to a column counted from 0.

    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
