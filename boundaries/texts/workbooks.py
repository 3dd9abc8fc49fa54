"""Cells of a workbook, for every reader of one: code lists, bridges, tables."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import python_calamine

from boundaries import file_kinds
from boundaries.errors import InputUnreadableError
from boundaries.texts import sheet_places

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column, all from 0."""


class Workbook:
    """An XLSX, XLSB, XLS or ODS workbook; whatever breaks while it is read is one clear message.

    Parameters
    ----------
    label
        Name of the file, for messages.

    Raises
    ------
    InputUnreadableError
        Not a workbook, or protected by a password; here and by every method.
    """

    def __init__(self, content: bytes, label: str) -> None:
        self.label = label
        self._content = content
        with self._reading():
            self._book = python_calamine.load_workbook(io.BytesIO(content))
            self.sheets = tuple(self._book.sheet_names)
            self.hidden_sheets = frozenset(
                sheet.name
                for sheet in self._book.sheets_metadata
                if sheet.visible is not python_calamine.SheetVisibleEnum.Visible
            )

    def is_filled(self, sheet: str) -> bool:
        """Whether a sheet has a cell."""
        with self._reading():
            return self._book.get_sheet_by_name(sheet).height > 0

    def first_rows(self, sheet: str, count: int = 40) -> list[list[object]]:
        """The cells of its first rows that are not empty."""
        with self._reading():
            rows = self._book.get_sheet_by_name(sheet).to_python(nrows=count)
        return [[*row] for row in rows]

    def read(self, sheet: str) -> tuple[list[list[object]], tuple[Merge, ...]]:
        """All cells from the first row on, None where empty, and the merged ranges.

        The reader does not tell the merged ranges of ODS and XLSB.
        """
        with self._reading():
            table = self._book.get_sheet_by_name(sheet)
            cells: list[list[object]] = [
                [None if cell == "" else cell for cell in row]
                for row in table.to_python(skip_empty_area=False)
            ]
            ranges = table.merged_cell_ranges or []
        merges = tuple((top, left, bottom, right) for (top, left), (bottom, right) in ranges)
        return cells, merges

    def check_places(self) -> None:
        """Refuse a workbook in which cells stand twice in one place, or rows in none.

        Raises
        ------
        InputUnreadableError
            With the place.
        """
        try:
            sheet_places.check_places(self._content, file_kinds.kind_of(self._content))
        except sheet_places.BrokenSheetError as error:
            raise InputUnreadableError(
                f"{self.label}: a sheet of it is broken: {error}, and rows would be lost. Let the "
                "program that wrote it write it anew, or type the sheet into a new workbook."
            ) from error
        except Exception as error:
            # Readers of damaged files raise whatever they stumble over.
            raise InputUnreadableError(
                f"{self.label}: not a readable workbook: {error}."
            ) from error

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except python_calamine.PasswordError as error:
            raise InputUnreadableError(
                f"{self.label}: protected by a password; save it without one."
            ) from error
        except BaseException as error:
            # A panic of the Rust reader on a broken file is no Exception; it ends as a message too.
            if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError | GeneratorExit):
                raise
            raise InputUnreadableError(
                f"{self.label}: not a readable workbook: {error}."
            ) from error
