"""What a workbook says of its cells beside their values, and the cells with it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from layers.tables.numbers.special_cells import FormattedNumber, FormulaError, UnsolvedFormula

Position = tuple[int, int]
LARGEST_ROW = 1_048_576


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
    hidden_rows
        Rows that the sheet does not show, numbered as a spreadsheet does; they are read all the
        same, for a filter hides rows too.
    """

    formats: dict[Position, str] = field(default_factory=dict)
    unsolved: set[Position] = field(default_factory=set)
    errors: dict[Position, str] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)

    def apply(self, cells: list[list[object]]) -> None:
        """Put what is marked in place of the bare values."""
        for (row, column), code in self.formats.items():
            if row < len(cells) and column < len(cells[row]):
                cell = cells[row][column]
                if type(cell) is float or type(cell) is int:
                    cells[row][column] = FormattedNumber(cell, code)
        for position in self.unsolved:
            _put(cells, position, UnsolvedFormula())
        for position, name in self.errors.items():
            _put(cells, position, FormulaError(name))


ReadMarks = Callable[[bytes, str], CellMarks]


def _put(cells: list[list[object]], position: Position, cell: object) -> None:
    """The cell at its place, also beyond the last cell with a value."""
    row, column = position
    if row >= LARGEST_ROW:
        return
    while len(cells) <= row:
        cells.append([])
    cells[row].extend([None] * (column + 1 - len(cells[row])))
    cells[row][column] = cell
