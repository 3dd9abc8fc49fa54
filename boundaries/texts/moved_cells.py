"""Rows of a delimited text that have a cell for each column, or fewer, and still have moved.

A row that ends early has lost its empty last cells, as Excel writes them, or one in the middle;
``1,234`` that is cut in two fills the place of a cell that is missing.  Other rows of the table
tell: a row is refused where it does not fit its columns as it stands and fits them otherwise, and
where it fits both ways: of 85 and 90 under three columns of per cent nobody knows which is missing.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from boundaries.texts.row_widths import is_filled

Cells = Sequence[object]

_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*")
_HEAD = re.compile(r"[1-9]\d{0,2}")
_TAIL = re.compile(r"\d{3}")
FEWEST = 5
"""Rows without doubt from which a column is known."""
MOST_MISSING = 3
HABIT = 16
"""So many short rows are how a file is written: Excel leaves empty last cells out of blocks."""
FAR, NEAR = 10.0, 3.0
"""How far beyond the other rows a number is not believed, and how near to them one is."""


@dataclass(frozen=True, slots=True)
class _Column:
    """What the rows without doubt hold: numbers from ``least`` to ``most``, texts, or both."""

    is_number: bool
    is_text: bool
    least: float = 0.0
    most: float = 0.0

    def fits(self, cell: object, slack: float) -> bool:
        """Whether a cell may be of this column; an empty one, or a mark without digits, may."""
        text = "" if cell is None else str(cell).strip()
        if not any(character.isdigit() for character in text):
            return not text or not self.is_number or not text.isalpha()
        number = _number_of(text)
        if number is None:
            return not self.is_number
        if not self.is_number:
            return not self.is_text
        return number == 0 or self.least / slack <= number <= self.most * slack


def find_moved(
    records: Sequence[Cells],
    width: int,
    pairs: Mapping[int, int] | None = None,
    shifted: Collection[int] = (),
) -> dict[int, str]:
    """The records, by position, whose cells are not in their columns, and why.

    Parameters
    ----------
    width
        Number of columns.
    pairs
        Which cell of a record may be one number with the next, see `find_pairs`.
    shifted
        Positions of records that are known not to fit (`boundaries.texts.row_widths`).

    Examples
    --------
    >>> rows = [[f"d{n}", str(900 + n), str(40 + n)] for n in range(6)]
    >>> find_moved([*rows, ["d7", "41"]], 3)
    {6: '2 of 3 cells, which do not fit their columns: one before the last is missing'}
    >>> find_moved([*rows, ["d7", "1", "234"]], 3, {6: 1})
    {6: "'1,234' may be one number, cut in two where a cell is missing: put it in quotation marks"}
    >>> find_moved([*([f"d{n}", f"{80 + n}", f"{85 + n}"] for n in range(6)), ["d7", "85"]], 3)
    {6: '2 of 3 cells, and which of the numbers is missing cannot be told'}
    """
    short = [row for row, record in enumerate(records) if _filled(record) and len(record) < width]
    cut = pairs or {}
    doubtful = {*short, *cut} - {*shifted}
    passed = doubtful.union(shifted)
    sound = [record for row, record in enumerate(records) if row not in passed]
    sound = [record for record in sound if len(record) >= width]
    if not doubtful or len(sound) < FEWEST:
        return {}
    columns = [_describe([record[column] for record in sound]) for column in range(width)]
    leaves_out = all(is_filled(record[width - 1]) for record in sound)
    is_habit = len(short) >= (FEWEST if leaves_out else HABIT)
    moved = {}
    for row in sorted(doubtful):
        record = list(records[row])
        if _fits(record, columns, FAR):
            if len(record) < width and not is_habit and _is_ambiguous(record, columns):
                moved[row] = (
                    f"{len(record)} of {width} cells, and which of the numbers is missing cannot "
                    "be told"
                )
            continue
        pair = cut.get(row)
        if pair is not None and _fits_somehow(_joined(record, pair), columns):
            number = f"{record[pair]},{record[pair + 1]}"
            moved[row] = (
                f"'{number}' may be one number, cut in two where a cell is missing: put it in "
                "quotation marks"
            )
        elif pair is None and _fits_somehow(record, columns):
            moved[row] = (
                f"{len(record)} of {width} cells, which do not fit their columns: one before the "
                "last is missing"
            )
    return moved


def find_pairs(columns: Sequence[Cells]) -> dict[int, int]:
    """Rows in which a cell and the next may be one number, cut at its comma: row, column.

    A column in which such cells are frequent holds small numbers of its own.
    """
    pairs: dict[int, int] = {}
    for column, (cells, others) in enumerate(pairwise(columns)):
        rows = [
            row
            for row, (first, second) in enumerate(zip(cells, others, strict=True))
            if isinstance(first, str)
            and isinstance(second, str)
            and len(first) < 4
            and len(second) == 3
            and _HEAD.fullmatch(first)
            and _TAIL.fullmatch(second)
        ]
        if FEWEST * len(rows) <= len(cells):
            pairs |= dict.fromkeys(rows, column)
    return pairs


def _joined(record: list[object], pair: int) -> list[object]:
    return [*record[:pair], f"{record[pair]}{record[pair + 1]}", *record[pair + 2 :]]


def _fits_somehow(record: list[object], columns: Sequence[_Column]) -> bool:
    """Whether the cells fit their columns with what is missing at some place."""
    return any(_fits(gap, columns, NEAR) for gap in _gaps(record, len(columns)))


def _is_ambiguous(record: list[object], columns: Sequence[_Column]) -> bool:
    """Whether a missing cell before the last would give a number to another column of numbers."""
    for place, gap in enumerate(reversed([*_gaps(record, len(columns))])):
        moved = [
            (column, cell)
            for column, cell in list(zip(columns, gap, strict=False))[place:]
            if cell is not None and _number_of(str(cell).strip())
        ]
        is_other = place < len(record) and bool(moved)
        if is_other and all(column.is_number for column, _ in moved) and _fits(gap, columns, NEAR):
            return True
    return False


def _gaps(record: list[object], width: int) -> Iterator[list[object]]:
    """The record with what is missing at its end, and before each of its cells in turn."""
    missing = width - len(record)
    if missing <= MOST_MISSING:
        for place in range(len(record), -1, -1):
            yield [*record[:place], *[None] * missing, *record[place:]]


def _fits(record: Sequence[object], columns: Sequence[_Column], slack: float) -> bool:
    pairs = zip(columns, record, strict=False)
    return all(column.fits(cell, slack) for column, cell in pairs)


def _describe(cells: Sequence[object]) -> _Column:
    filled = [str(cell).strip() for cell in cells if is_filled(cell)]
    numbers = [number for number in map(_number_of, filled) if number is not None]
    if len(numbers) < FEWEST or 10 * len(numbers) < 9 * len(filled):
        return _Column(False, len(filled) >= FEWEST and 10 * len(numbers) <= len(filled))
    sizes = [abs(number) for number in numbers if number] or [0.0]
    return _Column(True, False, min(sizes), max(sizes))


def _number_of(text: str) -> float | None:
    """The size of a number, roughly: a separator before three digits groups thousands."""
    if _NUMBER.fullmatch(text) is None:
        return None
    parts = re.split(r"[.,]", text.lstrip("-+"))
    decimals = parts.pop() if len(parts) > 1 and len(parts[-1]) != 3 else ""
    return float(f"{''.join(parts)}.{decimals or 0}")


def _filled(record: Cells) -> bool:
    return any(map(is_filled, record))
