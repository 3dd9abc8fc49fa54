"""What a person does not see of a sheet and what stands there crossed out, in one sentence each.

The rule is the same for every format.  Hidden rows and columns are read all the same, for a filter
hides rows too, and are counted here.  Hidden text inside a cell is not read, nor is text of the
colour of its ground.  What is struck out,
raised or lowered is left out of texts and never part of a number.
"""

from collections.abc import Collection, Iterable, Sequence

from boundaries.findings.locations import row_ranges
from layers.tables.files.headers import column_letter
from layers.tables.numbers.special_cells import MarkedText

MOST_RANGES = 20


def unseen_notes(
    cells: Sequence[Sequence[object]],
    hidden_rows: Iterable[int] = (),
    hidden_columns: Iterable[int] = (),
    marked_rows: Iterable[int] = (),
    unseen: Collection[tuple[int, int]] = (),
) -> tuple[str, ...]:
    """Notes about rows and columns of a grid, counted from 0; those without a cell do not matter.

    ``marked_rows`` are those in which a cell may have a marked part; ``unseen`` the cells that are
    not read because nobody sees their text.
    """
    rows = [row for row in set(hidden_rows) if row < len(cells) and _is_filled(cells[row])]
    columns = [
        column
        for column in sorted(set(hidden_columns))
        if any(column < len(row) and row[column] is not None for row in cells)
    ]
    marked = [
        row
        for row in set(marked_rows)
        if row < len(cells) and any(isinstance(cell, MarkedText) for cell in cells[row])
    ]
    notes = []
    if rows:
        notes.append(f"{len(rows)} rows are hidden in the sheet and read all the same: {_in(rows)}")
    if columns:
        letters = ", ".join(map(column_letter, columns[:MOST_RANGES]))
        more = ", …" if len(columns) > MOST_RANGES else ""
        notes.append(
            f"{len(columns)} columns are hidden in the sheet and read all the same: {letters}{more}"
        )
    if marked:
        notes.append(
            f"{len(marked)} rows have cells with a part that is struck out, raised or lowered; it "
            f"is left out of texts, and such a number is not used: {_in(marked)}"
        )
    if unseen:
        notes.append(
            f"{len(unseen)} cells have text of the colour of their ground, which nobody sees, and "
            "are not read; give the text another colour if it counts: "
            f"{_in(sorted({row for row, _ in unseen}))}"
        )
    return tuple(notes)


def _is_filled(row: Sequence[object]) -> bool:
    return any(cell is not None for cell in row)


def _in(rows: Sequence[int]) -> str:
    """The rows as a spreadsheet numbers them."""
    ranges = row_ranges([row + 1 for row in rows])
    return ", ".join(ranges[:MOST_RANGES]) + (", …" if len(ranges) > MOST_RANGES else "")
