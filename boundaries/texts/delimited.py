"""Rows of a delimited text, for every reader of one: lists, bridges, polygons as text, tables.

The delimiter is the declared one, else that of Excel's own first line ``sep=;``, else found.
"""

import csv
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import overload

from boundaries.errors import InputUnreadableError

DELIMITERS = (",", ";", "\t", "|")
FIELD_LIMIT = 1 << 28
_SAMPLE_ROWS = 60
_SEPARATOR_LINE = re.compile(r"\s*sep=([^\s]|\t)\s*", re.IGNORECASE)
"""The first line of Excel's own; a tab is a delimiter there and no space to take off."""
_AS_TEXT = re.compile(r'^="(.*)"$', re.DOTALL)
_NOT_WORD = re.compile(r"[\W_]+")


class EvenRows(Sequence[Sequence[str]]):
    """Rows of one width kept as one flat list, from which a column is a single slice.

    A text table of the whole country has no rows as objects, which is most of its cost.
    """

    def __init__(self, flat: list[str], width: int) -> None:
        self.flat = flat
        self.width = width

    def __len__(self) -> int:
        return len(self.flat) // self.width

    @overload
    def __getitem__(self, index: int) -> Sequence[str]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sequence[str]]: ...
    def __getitem__(self, index: int | slice) -> Sequence[str] | Sequence[Sequence[str]]:
        if isinstance(index, slice):
            return [self[row] for row in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        start = (index % len(self)) * self.width
        return self.flat[start : start + self.width]

    def after(self, start: int) -> "EvenRows":
        """The rows from that one on."""
        return EvenRows(self.flat[start * self.width :], self.width)

    def columns(self, start: int) -> list[list[str]]:
        """The columns from that row on."""
        return [
            self.flat[start * self.width + column :: self.width] for column in range(self.width)
        ]


@dataclass(frozen=True, slots=True)
class DelimitedText:
    """The rows of a text, as a spreadsheet numbers them, and the delimiter they were cut at."""

    rows: Sequence[Sequence[str]]
    delimiter: str


def cut_rows(
    text: str,
    label: str,
    delimiter: str | None = None,
    *,
    expected: Collection[str] = (),
    starts_with_header: bool = False,
) -> DelimitedText:
    r"""The rows of a text.

    Parameters
    ----------
    label
        Name of the file, for messages.
    delimiter
        As declared; None where nobody says it.
    expected
        Names of columns that tell the delimiter.
    starts_with_header
        The first line is the header, and shows the delimiter where the names do not; else the one
        that gives the widest table is taken.

    Raises
    ------
    InputUnreadableError
        No text, or broken quoting.

    Examples
    --------
    >>> cut_rows("sep=;\nkode;nama\n1;a, b", "a.csv").rows
    [[], ['kode', 'nama'], ['1', 'a, b']]
    """
    if "\0" in text:
        raise InputUnreadableError(f"{label}: not a text table; save it as CSV in UTF-8.")
    first, _, rest = text.partition("\n")
    separator = _SEPARATOR_LINE.fullmatch(first)
    if delimiter is None and separator is not None:
        # The line stays a row (empty), so that row numbers are those of Excel.
        delimiter = separator[1]
        text = "\n" + rest
    try:
        if delimiter is None:
            delimiter = _find_delimiter(text, expected, starts_with_header)
        even = _split_evenly(text, delimiter)
        if even is not None:
            return DelimitedText(even, delimiter)
        rows = _read_quoted(text, label, delimiter)
    except (csv.Error, TypeError, ValueError) as error:
        raise InputUnreadableError(f"{label}: not a readable text table: {error}.") from error
    return DelimitedText(rows, delimiter)


def _split_evenly(text: str, delimiter: str) -> EvenRows | None:
    """The rows of a text without quotes in which each line has as many delimiters; else None."""
    body = text.replace("\r\n", "\n").rstrip("\n")
    if '"' in body or "\r" in body or len(delimiter) != 1:
        return None
    lines = body.split("\n")
    count = lines[0].count(delimiter)
    if count == 0 or any(line.count(delimiter) != count for line in lines):
        return None
    return EvenRows(delimiter.join(lines).split(delimiter), count + 1)


def _read_quoted(text: str, label: str, delimiter: str) -> list[list[str]]:
    """The rows of a text with quotation marks, odd ones in a name too (``"SD "Harapan" 1"``).

    Raises
    ------
    InputUnreadableError
        A mark that nothing closes takes rows into its cell.
    """
    csv.field_size_limit(FIELD_LIMIT)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        _refuse_swallowed_rows(rows, label, delimiter)
    if '="' in text:
        # ="0012": how programs keep Excel from taking a code for a number.
        rows = [[_AS_TEXT.sub(r"\1", cell) for cell in row] for row in rows]
    return rows


def _refuse_swallowed_rows(rows: Sequence[Sequence[str]], label: str, delimiter: str) -> None:
    """Refuses a text with a cell over several lines that are cut by the delimiter like rows."""
    for number, row in enumerate(rows, start=1):
        for cell in row:
            if "\n" in cell and delimiter in cell.partition("\n")[2]:
                raise InputUnreadableError(
                    f"{label}: row {number} has a quotation mark that is not closed, and the rows "
                    f"after it are in its cell: '{cell.splitlines()[0][:40]}…'. Close it, or leave "
                    "it out."
                )


def _find_delimiter(text: str, expected: Collection[str], starts_with_header: bool) -> str:
    """The delimiter under which most expected names appear, then which gives the widest table."""
    lines = text.splitlines()[:_SAMPLE_ROWS]
    if starts_with_header and not expected:
        head = next((line for line in lines if line.strip()), "")
        return max(DELIMITERS, key=head.count)
    names = {_bare(name) for name in expected}
    return max(DELIMITERS, key=lambda mark: (*_score(lines, mark, names), mark == ","))


def _score(lines: list[str], delimiter: str, names: set[str]) -> tuple[int, int]:
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return -1, -1
    named = max((len(names & {_bare(cell) for cell in row}) for row in rows), default=0)
    widths = [len(row) for row in rows if row]
    agreed = max((widths.count(width) * (width - 1) for width in set(widths)), default=0)
    return named, agreed


def _bare(name: str) -> str:
    return _NOT_WORD.sub("", name).casefold()
