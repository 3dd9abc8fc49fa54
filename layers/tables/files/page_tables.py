"""A table of a web page: its cells at their places, and what of it the page does not show."""

from collections.abc import Collection
from dataclasses import dataclass, field

from boundaries.texts.workbooks import Merge
from layers.tables.files import headers, page_looks, unseen
from layers.tables.numbers.special_cells import Mark, MarkedText

MOST_COLUMNS = 16_384


@dataclass(slots=True)
class PageCell:
    """A cell while it is read."""

    depth: int
    span: tuple[int, int]
    is_hidden: bool
    is_unseen: bool = False
    parts: list[tuple[str, Mark]] = field(default_factory=list)


@dataclass(slots=True)
class PageTable:
    """A table while it is read; ``open_spans`` are rows that a cell above still covers."""

    is_hidden: bool = False
    rows: list[list[object]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    open_spans: dict[int, int] = field(default_factory=dict)
    column: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    hidden_cells: set[tuple[int, int]] = field(default_factory=set)
    unseen: set[tuple[int, int]] = field(default_factory=set)
    emptied: int = 0
    columns: int = 0

    def has_all(self, expected: Collection[str]) -> bool:
        """Whether the expected names stand in its first rows."""
        words = {headers.fold(cell) for row in self.rows[:40] for cell in row}
        return all(name in words for name in expected)

    def add_column(self, attributes: page_looks.Attributes, look: page_looks.Look) -> None:
        """What a ``<col>`` says of its columns."""
        last = min(self.columns + read_span(attributes.get("span"), 1000), MOST_COLUMNS)
        if look.is_hidden:
            self.hidden_columns += range(self.columns, last)
        self.columns = last

    def start_row(self, is_hidden: bool) -> None:
        """A row begins."""
        self.open_spans = {column: rows - 1 for column, rows in self.open_spans.items() if rows > 1}
        if is_hidden:
            self.hidden_rows.append(len(self.rows))
        self.rows.append([])
        self.column = 0

    def add(self, text: str, cell: PageCell) -> None:
        """A cell at the next place that no cell above covers."""
        width, height = cell.span
        row = self.rows[-1]
        while self.column in self.open_spans:
            self.column += 1
        left, top = self.column, len(self.rows) - 1
        right = min(left + width, MOST_COLUMNS)
        row.extend([None] * (right - len(row)))
        if left < right:
            row[left] = text or None
        if cell.is_unseen:
            self.unseen.add((top, left))
        if cell.is_hidden:
            self.hidden_cells.add((top, left))
        if width > 1 or height > 1:
            self.merges.append((top, left, top + height - 1, right - 1))
        if height > 1:
            self.open_spans |= dict.fromkeys(range(left, right), height)
        self.column = right

    def end(self) -> None:
        """Hidden cells are a hidden column where all of it are, else text that nobody sees."""
        for column in {column for _, column in self.hidden_cells}:
            cells = [row for row, cells in enumerate(self.rows) if column < len(cells)]
            if all((row, column) in self.hidden_cells for row in cells):
                self.hidden_columns.append(column)
                continue
            for row in cells:
                if (row, column) in self.hidden_cells and self.rows[row][column] is not None:
                    self.rows[row][column] = None
                    self.emptied += 1

    def notes(self) -> list[str]:
        """What of it is not shown, and which of its rows have marked cells."""
        marked = [
            number
            for number, row in enumerate(self.rows)
            if any(isinstance(cell, MarkedText) for cell in row)
        ]
        notes = unseen.unseen_notes(
            self.rows, self.hidden_rows, self.hidden_columns, marked, self.unseen
        )
        if self.emptied:
            notes += (f"{self.emptied} cells that the page does not show are not read",)
        return [*notes]


def read_span(text: str | None, most: int) -> int:
    """Over how many rows or columns a cell goes; what is no number is one."""
    digits = (text or "").strip()
    return min(max(int(digits), 1), most) if digits.isdecimal() else 1
