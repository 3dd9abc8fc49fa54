"""What a workbook says of its cells beside their values, and the cells with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from boundaries.texts.sheet_places import LARGEST_ROW
from boundaries.texts.workbooks import Merge
from layers.tables.numbers import numbers, special_cells

Position = tuple[int, int]
Parts = Sequence[tuple[str, special_cells.Mark]]


@dataclass(slots=True)
class CellMarks:
    """Remarkable cells of one sheet by row and column, from 0.

    Parameters
    ----------
    formats
        Codes of number formats that do not show the number as it is stored.
    unsolved
        Formulas without a stored result.
    errors
        Formulas that ended in an error, with its name.
    hidden_rows, hidden_columns
        What the sheet does not show, counted from 0; it is read all the same, for a filter hides
        rows too.
    parts
        Texts of which a part is struck out, raised or lowered.
    cell_marks
        Cells that are so as a whole, numbers too.
    unseen
        Cells whose text has the colour of its ground; nobody sees them, so they are not read.
    merges
        Merged ranges, where the reader of values does not tell them.
    """

    formats: dict[Position, str] = field(default_factory=dict)
    unsolved: set[Position] = field(default_factory=set)
    errors: dict[Position, str] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    parts: dict[Position, Parts] = field(default_factory=dict)
    cell_marks: dict[Position, special_cells.Mark] = field(default_factory=dict)
    unseen: set[Position] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)

    def apply(self, cells: list[list[object]]) -> None:
        """Put what is marked in place of the bare values."""
        for (row, column), code in self.formats.items():
            if row < len(cells) and column < len(cells[row]):
                cell = cells[row][column]
                if type(cell) is float or type(cell) is int:
                    cells[row][column] = special_cells.FormattedNumber(cell, code)
        for position, parts in self.parts.items():
            _put(cells, position, special_cells.marked_text(parts) or None)
        for (row, column), mark in self.cell_marks.items():
            if row < len(cells) and column < len(cells[row]):
                cells[row][column] = _marked_whole(cells[row][column], mark)
        for position in self.unsolved:
            _put(cells, position, special_cells.UnsolvedFormula())
        for position, name in self.errors.items():
            _put(cells, position, special_cells.FormulaError(name))
        for row, column in self.unseen:
            if row < len(cells) and column < len(cells[row]):
                cells[row][column] = None


ReadMarks = Callable[[bytes, str], CellMarks]


def _marked_whole(cell: object, mark: special_cells.Mark) -> object:
    """A cell that is struck out or raised as a whole; empty ones stay as they are."""
    if cell is None or isinstance(cell, special_cells.FormulaError | special_cells.UnsolvedFormula):
        return cell
    if isinstance(cell, special_cells.MarkedText):
        return special_cells.MarkedText([(text, mark) for text, _ in cell.parts])
    text = numbers.write_cell(cell)
    return special_cells.marked_text([(text, mark)]) if text.strip() else cell


def _put(cells: list[list[object]], position: Position, cell: object) -> None:
    """The cell at its place, also beyond the last cell with a value."""
    row, column = position
    if row >= LARGEST_ROW:
        return
    while len(cells) <= row:
        cells.append([])
    cells[row].extend([None] * (column + 1 - len(cells[row])))
    cells[row][column] = cell
