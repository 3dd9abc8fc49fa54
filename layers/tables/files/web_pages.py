"""Cells of the tables of a web page, which many applications export under the name ``.xls``.

Only the text of the cells is read: nothing is loaded, run or resolved that the page refers to.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser

from layers.errors import InputError
from layers.tables.files import grids, headers

MOST_COLUMNS = 16_384
MOST_CELLS = 20_000_000
_SILENT = {"script", "style", "head", "template", "noscript"}
_BREAKS = {"br", "p", "div", "li"}
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w\-]+)", re.IGNORECASE)


def read_web_page(content: bytes, label: str, reading: grids.SheetReading) -> grids.CellGrid:
    """The cells of one table of a page: the one with what is expected, else the largest.

    Raises
    ------
    InputError
        The page holds no table, or several that all fit.
    """
    reader = _TableReader(label)
    reader.feed(_decode(content, label, reading.encoding))
    reader.close()
    tables = [table for table in reader.tables if table.rows]
    if not tables:
        raise InputError(
            f"{label}: it is a web page (HTML) without a table; open it in a browser, and ask its "
            "sender for the table as XLSX or CSV."
        )
    number = _choose(tables, label, reading)
    note = "it is a web page (HTML), read as one"
    if len(tables) > 1:
        note += f"; table {number + 1} of {len(tables)}, the others are not read"
    chosen = tables[number]
    return grids.CellGrid([*chosen.rows], None, tuple(chosen.merges), (note,))


def _decode(content: bytes, label: str, declared: str | None) -> str:
    """The text in the declared encoding, else in the one that the page names, else UTF-8."""
    named = _CHARSET.search(content[:4096])
    names = (
        [declared]
        if declared
        else [
            "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig",
            named.group(1).decode("ascii") if named else "cp1252",
            "cp1252",
        ]
    )
    for name in names:
        try:
            return content.decode(name)
        except (UnicodeError, LookupError):
            continue
    raise InputError(f"{label}: a web page in an encoding that cannot be read; declare 'encoding'.")


def _choose(tables: list[_Table], label: str, reading: grids.SheetReading) -> int:
    largest = max(range(len(tables)), key=lambda index: sum(map(len, tables[index].rows)))
    expected = {headers.fold(name) for name in reading.expected}
    fitting = [index for index, table in enumerate(tables) if expected and table.has_all(expected)]
    if len(fitting) > 1:
        numbers = ", ".join(str(index + 1) for index in fitting)
        raise InputError(
            f"{label}: a web page whose tables {numbers} all have the declared columns; save the "
            "right one as XLSX or CSV."
        )
    return fitting[0] if fitting else largest


@dataclass(slots=True)
class _Table:
    """A table while it is read; ``open_spans`` are rows that a cell above still covers."""

    rows: list[list[object]] = field(default_factory=list)
    merges: list[grids.Merge] = field(default_factory=list)
    open_spans: dict[int, int] = field(default_factory=dict)
    column: int = 0

    def has_all(self, expected: Collection[str]) -> bool:
        """Whether the expected names stand in its first rows."""
        words = {headers.fold(cell) for row in self.rows[:40] for cell in row}
        return all(name in words for name in expected)

    def start_row(self) -> None:
        self.open_spans = {column: rows - 1 for column, rows in self.open_spans.items() if rows > 1}
        self.rows.append([])
        self.column = 0

    def add(self, text: str, width: int, height: int) -> None:
        """A cell at the next place that no cell above covers."""
        row = self.rows[-1]
        while self.column in self.open_spans:
            self.column += 1
        left, top = self.column, len(self.rows) - 1
        right = min(left + width, MOST_COLUMNS)
        row.extend([None] * (right - len(row)))
        if left < right:
            row[left] = text or None
        if width > 1 or height > 1:
            self.merges.append((top, left, top + height - 1, right - 1))
        if height > 1:
            self.open_spans |= dict.fromkeys(range(left, right), height)
        self.column = right


class _TableReader(HTMLParser):
    """Collects the cells of all tables; a table in a cell is a table of its own."""

    def __init__(self, label: str) -> None:
        super().__init__(convert_charrefs=True)
        self.label = label
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._cell: list[str] | None = None
        self._outer: list[list[str] | None] = []
        self._span = (1, 1)
        self._silent = 0
        self._count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += tag != "head"
        elif tag == "table":
            self._outer.append(self._cell)
            self._cell = None
            self._open.append(_Table())
            self.tables.append(self._open[-1])
        elif tag == "tr" and self._open:
            self._end_cell()
            self._open[-1].start_row()
        elif tag in ("td", "th") and self._open:
            self._end_cell()
            self._start_cell(dict(attrs))
        elif tag in _BREAKS and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - (tag != "head"))
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._open:
            self._end_cell()
            self._open.pop()
            self._cell = self._outer.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._end_cell()

    def _start_cell(self, attributes: dict[str, str | None]) -> None:
        if not self._open[-1].rows:
            self._open[-1].start_row()
        self._cell = []
        self._span = (
            _span(attributes.get("colspan"), 1000),
            _span(attributes.get("rowspan"), 65534),
        )
        self._count += self._span[0]
        if self._count > MOST_CELLS:
            raise InputError(f"{self.label}: a web page of more than {MOST_CELLS} cells; not read.")

    def _end_cell(self) -> None:
        if self._cell is None or not self._open:
            return
        self._open[-1].add(" ".join("".join(self._cell).split()), *self._span)
        self._cell = None


def _span(text: str | None, most: int) -> int:
    digits = (text or "").strip()
    return min(max(int(digits), 1), most) if digits.isdecimal() else 1
