"""The cells below the header of a grid, by column, and the rows whose cells have moved."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from boundaries.texts import delimited, moved_cells, row_widths
from layers.errors import InputError
from layers.tables.files import cell_texts, grids, headers

MOST_COVERED = 4
"""How often merged ranges may cover the cells of a sheet; once, where they are in order."""
_COLUMN_NUMBER = re.compile(r"[(\[]?(\d{1,2})[)\].]?")


@dataclass(frozen=True, slots=True)
class SheetBody:
    """The records of a grid.

    Parameters
    ----------
    columns
        Cells by column.
    rows
        Rows of the grid that they come from, from 0.
    records
        As they stand in the grid, where some end before the last column; else empty.
    broken
        Those that do not fit the header, with the reason.
    """

    columns: dict[str, list[object]]
    rows: Sequence[int]
    records: Sequence[Sequence[object]] = ()
    broken: Mapping[int, str] = field(default_factory=dict)


def read_body(grid: grids.CellGrid, header: headers.SheetHeader, start: int) -> SheetBody:
    """The cells below the header, by column."""
    used = _used_width(grid, header, len(header.names))
    names = header.names[:used]
    if isinstance(grid.cells, delimited.EvenRows) and grid.cells.width == used:
        texts = grid.cells.columns(start)
        if all(map(str.strip, texts[0])):
            columns = dict(zip(names, map(_emptied, texts), strict=True))
            moved = _find_moved(grid, columns, grid.cells.after(start), {})
            return SheetBody(columns, range(start, len(grid.cells)), broken=moved)
    filled_rows = [
        index for index in range(start, len(grid.cells)) if _has_content(grid.cells[index])
    ]
    records = [grid.cells[index] for index in filled_rows]
    shifted = (
        row_widths.find_shifted(_header_cells(grid, header), records)
        if grid.delimiter is not None
        else {}
    )
    fitted, broken = _fit(records, used, shifted)
    cells = map(_emptied, zip(*fitted, strict=True))
    columns = dict(zip(names, cells, strict=True)) if records else {name: [] for name in names}
    return SheetBody(columns, filled_rows, records, _find_moved(grid, columns, records, broken))


def _find_moved(
    grid: grids.CellGrid,
    columns: Mapping[str, list[object]],
    records: Sequence[Sequence[object]],
    broken: Mapping[int, str],
) -> dict[int, str]:
    """The broken records with those whose cells are not in their columns."""
    if grid.delimiter is None:
        return {**broken}
    pairs = moved_cells.find_pairs([*columns.values()]) if grid.delimiter == "," else {}
    if isinstance(records, delimited.EvenRows) and not pairs:
        return {**broken}
    return {**moved_cells.find_moved(records, len(columns), pairs, broken), **broken}


def _header_cells(grid: grids.CellGrid, header: headers.SheetHeader) -> list[object]:
    """One cell of the header for each column, from whichever of its rows has one."""
    levels = grid.cells[header.first : header.first + header.rows]
    cells: list[object] = [None] * max((len(level) for level in levels), default=0)
    for level in levels:
        for column, cell in enumerate(level):
            cells[column] = cell if row_widths.is_filled(cell) else cells[column]
    return cells


def _fit(
    records: Sequence[Sequence[object]], width: int, shifted: Mapping[int, str]
) -> tuple[list[Sequence[object]], dict[int, str]]:
    """The records at the width of the header; those with cells beyond it, by position.

    Empty cells beyond it are strays, but not where they make one row longer than most: then a comma
    in a name moved the values, and the last of them is empty.  ``shifted`` are known as such.
    """
    broken = dict(shifted)
    records = [*records]
    others = [index for index, record in enumerate(records) if len(record) != width]
    usual = Counter(map(len, records)).most_common(1)[0][0] if others else width
    for position in others:
        record = records[position]
        is_longer = len(record) > max(usual, width)
        if position not in broken and (is_longer or any(map(row_widths.is_filled, record[width:]))):
            broken[position] = f"{len(record)} cells, but the header has {width}"
        records[position] = [*record[:width], *[None] * (width - len(record))]
    return records, broken


def _has_content(row: Sequence[object]) -> bool:
    if not row:
        return False
    first = row[0]
    # Most rows tell by their first cell; the longer look is for the others.
    return (type(first) is str and first[:1].isalnum()) or any(map(row_widths.is_filled, row))


def _emptied(column: Sequence[object]) -> list[object]:
    """The cells with None for empty text."""
    return [None if cell == "" else cell for cell in column] if "" in column else [*column]


def _used_width(grid: grids.CellGrid, header: headers.SheetHeader, width: int) -> int:
    """Columns up to the last that has a name; beyond it are strays, unless merely nameless.

    A last column without name that is filled in most rows belongs to the table.
    """
    named = [
        column
        for column in range(width)
        if any(
            column < len(grid.cells[row]) and row_widths.is_filled(grid.cells[row][column])
            for row in range(header.first, min(header.first + header.rows, len(grid.cells)))
        )
    ]
    return named[-1] + 1 if named else width


def numbers_columns(row: Sequence[object]) -> bool:
    """Whether the row holds nothing but 1, 2, 3, … under the names, as official forms have."""
    filled = [cell for cell in row if row_widths.is_filled(cell)]
    if len(filled) < 3:
        return False
    numbers = []
    for cell in filled:
        match = _COLUMN_NUMBER.fullmatch(cell_texts.cell_text(cell))
        if match is None:
            return False
        numbers.append(int(match.group(1)))
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] <= 2


def check_merges(grid: grids.CellGrid, label: str) -> None:
    """Refuse merged ranges that lie over each other again and again.

    No spreadsheet writes such, and a few kilobytes of them would take minutes to fill.

    Raises
    ------
    InputError
        With how often they cover the cells of the sheet.
    """
    height, width = len(grid.cells), max(map(len, grid.cells), default=0)
    covered = sum(
        max(0, min(bottom + 1, height) - top) * max(0, min(right + 1, width) - left)
        for top, left, bottom, right in grid.merges
    )
    if covered > MOST_COVERED * height * width:
        raise InputError(
            f"{label}: {len(grid.merges):,} merged ranges of the sheet lie over each other: they "
            f"cover {covered:,} cells of {height * width:,}, and {MOST_COVERED} times as many is "
            "the limit. Open it in Excel or LibreOffice, unmerge the cells and save it anew."
        )


def fill_merges(
    grid: grids.CellGrid, columns: Mapping[str, list[object]], rows: Sequence[int]
) -> dict[str, frozenset[int]]:
    """Writes the value of each merged range into all its records; which cells those are.

    Parameters
    ----------
    rows
        Row of each record in the grid, ascending.
    """
    merged: dict[str, set[int]] = {}
    names = tuple(columns)
    for top, left, bottom, right in grid.merges:
        inside = range(bisect_left(rows, top), bisect_right(rows, bottom))
        if len(inside) < 2:
            continue
        for name in names[left : right + 1]:
            merged.setdefault(name, set()).update(inside)
            cells = columns[name]
            cells[inside.start : inside.stop] = [cells[inside.start]] * len(inside)
    return {name: frozenset(records) for name, records in merged.items()}
