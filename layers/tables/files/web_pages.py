"""Cells of the tables of a web page, which many applications export under the name ``.xls``.

Only the text of the cells is read: nothing is loaded, run or resolved that the page refers to.
"""

import re
from collections.abc import Collection, Iterator
from email import message_from_bytes
from html.parser import HTMLParser

from boundaries.file_kinds import FileKind, kind_of
from layers.errors import InputError
from layers.tables.files import grids, headers, page_looks, page_tables
from layers.tables.numbers.special_cells import Mark, marked_text

MOST_CELLS = 20_000_000
MOST_NESTED = 5000
_BREAKS = {"br", "p", "div", "li"}
_CELLS = ("td", "th")
_GROUPS = ("thead", "tbody", "tfoot")
_MOST_SPANS = (("col", 1000), ("row", 65534))
_CLOSES = {
    "td": _CELLS,
    "th": _CELLS,
    "tr": (*_CELLS, "tr"),
    **dict.fromkeys(_GROUPS, (*_CELLS, "tr", *_GROUPS)),
    "option": ("option",),
    "optgroup": ("option", "optgroup"),
    "p": ("p",),
    "li": ("li",),
}
_SCOPES = {"table": ("",), "tr": ("table",), "html": ("",), "body": ("",)}
"""Up to which element an end looks for its beginning; most do not look out of their cell."""
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w\-]+)", re.IGNORECASE)


def read_web_page(content: bytes, label: str, reading: grids.SheetReading) -> grids.CellGrid:
    """The cells of one table of a page: the one with what is expected, else the largest.

    Raises
    ------
    InputError
        The page holds no table, or several that all fit.
    """
    tables = []
    for page, charset in _pages(content):
        reader = _TableReader(label)
        reader.feed(_decode(page, label, reading.encoding or charset))
        reader.close()
        tables += [table for table in reader.tables if table.rows]
    if not tables:
        raise InputError(
            f"{label}: it is a web page (HTML) without a table; open it in a browser, and ask its "
            "sender for the table as XLSX or CSV."
        )
    number = _choose(tables, label, reading)
    note = f"it is {kind_of(content).value}, read as one"
    if len(tables) > 1:
        note += f"; table {number + 1} of {len(tables)}, the others are not read"
    chosen = tables[number]
    notes = [note]
    if chosen.is_hidden:
        notes.append("the page does not show this table, which is read all the same")
    notes += chosen.notes()
    return grids.CellGrid([*chosen.rows], None, tuple(chosen.merges), tuple(notes))


def _pages(content: bytes) -> Iterator[tuple[bytes, str | None]]:
    """The page, or those of a web archive, each with the encoding that the archive states."""
    if kind_of(content) is not FileKind.WEB_ARCHIVE:
        yield content, None
        return
    for part in message_from_bytes(content).walk():
        payload = part.get_payload(decode=True)
        if part.get_content_type() == "text/html" and isinstance(payload, bytes):
            yield payload, part.get_content_charset()


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


def _choose(tables: list[page_tables.PageTable], label: str, reading: grids.SheetReading) -> int:
    largest = max(
        range(len(tables)),
        key=lambda index: (not tables[index].is_hidden, sum(map(len, tables[index].rows))),
    )
    expected = {headers.fold(name) for name in reading.expected}
    fitting = [index for index, table in enumerate(tables) if expected and table.has_all(expected)]
    fitting = [index for index in fitting if not tables[index].is_hidden] or fitting
    if len(fitting) > 1:
        numbers = ", ".join(str(index + 1) for index in fitting)
        raise InputError(
            f"{label}: a web page whose tables {numbers} all have the declared columns; save the "
            "right one as XLSX or CSV."
        )
    return fitting[0] if fitting else largest


class _TableReader(HTMLParser):
    """Collects the cells of all tables; a table in a cell is a table of its own.

    Elements that are open lie on a stack; `_CLOSES` says which of them an element ends that has no
    end of its own.
    """

    def __init__(self, label: str) -> None:
        super().__init__(convert_charrefs=True)
        self.label = label
        self.tables: list[page_tables.PageTable] = []
        self._open_tables: list[page_tables.PageTable] = []
        self._elements: list[tuple[str, page_looks.Look]] = []
        self._cells: list[page_tables.PageCell | None] = []
        self._styles = page_looks.PageStyles()
        self._choices: list[page_looks.SelectField] = []
        self._count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._close_open(tag)
        if tag == "br" or tag in _BREAKS:
            self._write(" ")
        if tag == "input":
            self._write(page_looks.shown_value(attributes), self._styles.look(tag, attributes))
        if tag == "link" and "stylesheet" in (attributes.get("rel") or "").lower():
            self._styles.is_painted = True
        if tag == "col" and self._open_tables:
            self._open_tables[-1].add_column(attributes, self._styles.look(tag, attributes))
        if not page_looks.ends(tag):
            return
        look = self._styles.look(tag, attributes)
        if tag == "select":
            self._choices.append(page_looks.SelectField(is_list="multiple" in attributes))
        self._elements.append((tag, look))
        if len(self._elements) > MOST_NESTED:
            raise InputError(f"{self.label}: a web page nested {MOST_NESTED} deep; not read.")
        if tag == "option" and self._choices:
            self._choices[-1].start("selected" in attributes)
        elif tag == "table":
            self._open_tables.append(page_tables.PageTable(is_hidden=self._is_hidden()))
            self.tables.append(self._open_tables[-1])
            self._cells.append(None)
        elif tag == "tr" and self._open_tables:
            self._open_tables[-1].start_row(look.is_hidden or self._is_hidden_group())
        elif tag in _CELLS and self._open_tables:
            self._start_cell(attributes, look)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if page_looks.ends(tag):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        inside = self._inside(_SCOPES.get(tag, ("table",)))
        position = next((number for number in inside if self._elements[number][0] == tag), None)
        if position is not None:
            self._close_to(position)

    def handle_data(self, data: str) -> None:
        if self._elements and self._elements[-1][0] == "style":
            self._styles.add(data)
        elif self._choices and any(tag == "select" for tag, _ in self._elements):
            self._choices[-1].write(data)
        else:
            self._write(data)

    def close(self) -> None:
        super().close()
        self._close_to(0)

    def _inside(self, scope: Collection[str]) -> Iterator[int]:
        """Positions of the open elements from the innermost to the nearest of ``scope``."""
        for position in range(len(self._elements) - 1, -1, -1):
            yield position
            if self._elements[position][0] in scope:
                return

    def _close_open(self, tag: str) -> None:
        """Ends what an element ends by beginning, such as the cell before a cell."""
        closed = _CLOSES.get(tag, ())
        inside = self._inside(("table",)) if closed else ()
        positions = [number for number in inside if self._elements[number][0] in closed]
        if positions:
            self._close_to(positions[-1])

    def _close_to(self, position: int) -> None:
        while len(self._elements) > position:
            tag = self._elements[-1][0]
            if tag == "select" and self._choices:
                _, look = self._elements.pop()
                self._write(self._choices.pop().shown, look)
                continue
            if tag in _CELLS:
                self._end_cell()
            elif tag == "table" and self._open_tables:
                self._end_cell()
                self._open_tables.pop().end()
                self._cells.pop()
            self._elements.pop()

    def _is_hidden(self) -> bool:
        return any(look.is_hidden for _, look in self._elements)

    def _is_hidden_group(self) -> bool:
        """Whether the group of rows is hidden that the row which begins stands in."""
        inside = (self._elements[number] for number in self._inside(("table",)))
        return any(look.is_hidden for tag, look in inside if tag in _GROUPS)

    def _write(self, text: str, look: page_looks.Look | None = None) -> None:
        cell = self._cells[-1] if self._cells else None
        if cell is None:
            return
        looks = [inner for _, inner in self._elements[cell.depth :]]
        looks += [] if look is None else [look]
        if any(inner.is_hidden for inner in looks):
            return
        stack = [inner for _, inner in self._elements]
        if text.strip() and page_looks.is_unseen(stack + ([] if look is None else [look])):
            cell.is_unseen = True
            return
        # The cell, its row and their group may be struck out as a whole.
        looks = [self._elements[number][1] for number in self._inside(("table",))] + looks
        marks = [inner.mark for inner in looks if inner.mark is not Mark.PLAIN]
        cell.parts.append((text, marks[-1] if marks else Mark.PLAIN))

    def _start_cell(self, attributes: page_looks.Attributes, look: page_looks.Look) -> None:
        if not self._open_tables[-1].rows:
            self._open_tables[-1].start_row(False)
        width, height = (
            page_tables.read_span(attributes.get(f"{axis}span"), most) for axis, most in _MOST_SPANS
        )
        self._cells[-1] = page_tables.PageCell(len(self._elements), (width, height), look.is_hidden)
        self._count += width
        if self._count > MOST_CELLS:
            raise InputError(f"{self.label}: a web page of more than {MOST_CELLS} cells; not read.")

    def _end_cell(self) -> None:
        cell = self._cells[-1]
        if cell is None or not self._open_tables:
            return
        self._open_tables[-1].add(marked_text(_tidied(cell.parts)), cell)
        self._cells[-1] = None


def _tidied(parts: list[tuple[str, Mark]]) -> list[tuple[str, Mark]]:
    """The parts without surplus space, alike neighbours joined."""
    joined: list[tuple[str, Mark]] = []
    for text, mark in parts:
        if joined and (joined[-1][1] is mark or not text.strip()):
            joined[-1] = (joined[-1][0] + text, joined[-1][1])
        else:
            joined.append((text, mark))
    tidied = [(re.sub(r"\s+", " ", text), mark) for text, mark in joined]
    if len(tidied) == 1:
        return [(tidied[0][0].strip(), tidied[0][1])]
    return tidied
