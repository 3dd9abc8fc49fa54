"""Number formats, unsolved formulas, errors, marked texts, merges and hidden parts of ODS.

A style of OpenDocument is written as the format code that shows the same, so that one set of rules
holds for all workbooks.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from zipfile import ZipFile

from boundaries.texts.sheet_places import LARGEST_ROW
from layers.tables.formats import colours
from layers.tables.formats.marks import CellMarks, Position
from layers.tables.formats.xml_tree import read_tree
from layers.tables.numbers import format_codes, special_cells

_PERCENT = "0.00%"
_MOST_COLUMNS = 16_384
_MOST_REPEATED = 100_000
_DATES = {"day", "month", "year", "hours", "minutes", "seconds", "am-pm", "day-of-week", "era"}
_VALUES = ("", "date-", "time-", "boolean-", "string-")
_BREAKS = {"line-break": "\n", "tab": "\t"}
_DIGITS = {"number", "scientific-number", "fraction"}


def read_ods_marks(content: bytes, sheet: str) -> CellMarks:
    """What the workbook says of the cells of one sheet."""
    with ZipFile(io.BytesIO(content)) as archive:
        styles = _Styles()
        if "styles.xml" in archive.namelist():
            styles.add(read_tree(archive.read("styles.xml")))
        root = read_tree(archive.read("content.xml"))
    styles.add(root)
    for table in root.iter():
        if _local(table) == "table" and _get(table, "name") == sheet:
            return _read_table(table, styles)
    return CellMarks()


@dataclass(slots=True)
class _Styles:
    """Format codes by name of the cell style; styles without one have their parent's."""

    codes: dict[str, str] = field(default_factory=dict)
    data_styles: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    looks: dict[str, special_cells.Mark | None] = field(default_factory=dict)
    """Of styles that say so themselves; None hides the text."""
    texts: dict[str, str] = field(default_factory=dict)
    grounds: dict[str, str] = field(default_factory=dict)
    painted: set[str] = field(default_factory=set)
    """Styles with conditions, which may paint otherwise."""

    def add(self, root: ElementTree.Element) -> None:
        maps: dict[str, list[tuple[str, str]]] = {}
        for element in root.iter():
            kind = _local(element)
            name = _get(element, "name")
            if name is None:
                continue
            if kind == "style":
                data = _get(element, "data-style-name")
                if data is not None:
                    self.data_styles[name] = data
                self.parents[name] = _get(element, "parent-style-name") or "Default"
                for properties in element:
                    if _local(properties) == "text-properties" and _has_look(properties):
                        self.looks[name] = _look_of(properties)
                    self._add_colours(name, properties)
            elif kind.endswith("-style") and kind.partition("-")[0] in (
                "number",
                "percentage",
                "currency",
                "date",
                "time",
                "boolean",
                "text",
            ):
                self.codes[name] = _code_of(element)
                maps[name] = [
                    (_get(part, "condition") or "", _get(part, "apply-style-name") or "")
                    for part in element
                    if _local(part) == "map"
                ]
        for name, cases in maps.items():
            self.codes[name] = self._with_cases(name, cases)

    def _add_colours(self, name: str, properties: ElementTree.Element) -> None:
        """The colours of text and ground that a style names itself."""
        kind = _local(properties)
        if kind == "map":
            self.painted.add(name)
        elif kind == "text-properties":
            colour = _get(properties, "color")
            if _get(properties, "use-window-font-color") == "true":
                colour = "automatic"
            self.texts |= {} if colour is None else {name: colour}
        elif kind == "table-cell-properties":
            colour = _get(properties, "background-color")
            self.grounds |= {} if colour is None else {name: colour}

    def is_unseen(self, style: str | None) -> bool:
        """Whether a style writes in the colour of its ground."""
        text = colours.read_colour(self._of(self.texts, style))
        ground = self._of(self.grounds, style) or "transparent"
        is_bare = ground in ("transparent", "none")
        painted = colours.WHITE if is_bare else colours.read_colour(ground)
        return style not in self.painted and colours.is_unseen(text, painted)

    def _of(self, properties: dict[str, str], style: str | None) -> str | None:
        for _ in range(20):
            if style is None or style in properties:
                break
            style = self.parents.get(style) if style != "Default" else None
        return None if style is None else properties.get(style)

    def _with_cases(self, name: str, cases: list[tuple[str, str]]) -> str:
        sections = [
            f"[{condition.replace('value()', '').replace('!=', '<>')}]{self.codes[style]}"
            for condition, style in cases
            if style in self.codes
        ]
        return ";".join([*sections, self.codes[name]])

    def code(self, style: str | None) -> str | None:
        """The code of a cell style if it changes what is seen."""
        for _ in range(20):
            if style is None:
                return None
            if style in self.data_styles:
                code = self.codes.get(self.data_styles[style])
                return None if code is None or format_codes.is_plain(code) else code
            style = self.parents.get(style) if style != "Default" else None
        return None

    def look(self, style: str | None) -> special_cells.Mark | None:
        """How a style writes its text, or an ancestor of it does; None hides it."""
        for _ in range(20):
            if style is None or style in self.looks:
                break
            style = self.parents.get(style) if style != "Default" else None
        return (
            special_cells.Mark.PLAIN
            if style is None
            else self.looks.get(style, special_cells.Mark.PLAIN)
        )


def _has_look(properties: ElementTree.Element) -> bool:
    names = {key.rpartition("}")[2] for key in properties.attrib}
    return not names.isdisjoint(
        ("text-line-through-style", "text-line-through-type", "text-position", "display")
    )


def _look_of(properties: ElementTree.Element) -> special_cells.Mark | None:
    """How text with these properties is written, None where it is hidden."""
    if _get(properties, "display") == "none":
        return None
    lines = (_get(properties, f"text-line-through-{name}") for name in ("style", "type"))
    if any(line not in (None, "none") for line in lines):
        return special_cells.Mark.STRUCK
    position = (_get(properties, "text-position") or "0%").split()[0]
    is_raised = position in ("super", "sub") or position.strip("-+0%") != ""
    return special_cells.Mark.RAISED if is_raised else special_cells.Mark.PLAIN


def _code_of(style: ElementTree.Element) -> str:
    """One section of a format code."""
    code = ""
    for part in style:
        kind = _local(part)
        text = "".join(part.itertext())
        if kind in _DIGITS:
            code += _digits(part)
        elif kind in _DATES:
            code += "yy"
        elif kind == "text" and _local(style) == "percentage-style" and text.strip() == "%":
            code += "%"
        elif kind in ("text", "currency-symbol") and text:
            code += f'"{text}"'
        elif kind == "text-content":
            code += "@"
    return code or '""'


def _digits(number: ElementTree.Element) -> str:
    factor = float(_get(number, "display-factor") or 1)
    scale = 0
    while factor >= 1000:
        factor, scale = factor / 1000, scale + 1
    is_broken_up = any(_local(part) == "embedded-text" for part in number)
    return ('0"."0' if is_broken_up else "0") + "," * scale


def _read_table(table: ElementTree.Element, styles: _Styles) -> CellMarks:
    marks = CellMarks()
    columns = list(_columns(table))
    marks.hidden_columns += [number for number, (_, is_shown) in enumerate(columns) if not is_shown]
    defaults = [style for style, _ in columns]
    row = 0
    for line, line_repeats, is_shown in _rows(table):
        column = 0
        is_hidden = not is_shown or _get(line, "visibility") in ("collapse", "filter")
        if is_hidden and any(map(_is_filled, line)):
            marks.hidden_rows += range(row, row + min(line_repeats, _MOST_REPEATED))
        for cell in line:
            if _local(cell) not in ("table-cell", "covered-table-cell"):
                continue
            repeats = int(_get(cell, "number-columns-repeated") or 1)
            _take_merge(marks, (row, column), cell)
            if _is_filled(cell) and repeats * line_repeats <= _MOST_REPEATED:
                default = defaults[column] if column < len(defaults) else None
                style = _get(cell, "style-name") or _get(line, "default-cell-style-name") or default
                is_unseen = styles.is_unseen(style)
                for right in range(column, column + repeats):
                    for down in range(row, row + line_repeats):
                        if is_unseen:
                            marks.unseen.add((down, right))
                            continue
                        _mark(marks, (down, right), cell, styles.code(style))
                        _mark_parts(marks, (down, right), cell, styles, styles.look(style))
            column += repeats
            if column > _MOST_COLUMNS:
                break
        row += line_repeats
        if row > LARGEST_ROW:
            break
    if any(_local(element) == "conditional-format" for element in table.iter()):
        marks.unseen.clear()
    return marks


def _mark(
    marks: CellMarks, position: Position, cell: ElementTree.Element, code: str | None
) -> None:
    kind = _get(cell, "value-type")
    text = " ".join("".join(part.itertext()) for part in cell if _local(part) == "p").strip()
    has_value = any(_get(cell, f"{name}value") is not None for name in _VALUES)
    if _get(cell, "formula") is not None:
        if text.startswith(("#", "Err:")):
            marks.errors[position] = text
            return
        if not has_value and not text and kind != "string":
            marks.unsolved.add(position)
            return
    if kind == "percentage":
        marks.formats[position] = code if code is not None and "%" in code else _PERCENT
    elif kind in ("float", "currency") and code is not None:
        marks.formats[position] = code


def _take_merge(marks: CellMarks, position: Position, cell: ElementTree.Element) -> None:
    """The range that a cell is merged over."""
    row, column = position
    rows = int(_get(cell, "number-rows-spanned") or 1)
    columns = int(_get(cell, "number-columns-spanned") or 1)
    if rows > 1 or columns > 1:
        marks.merges.append((row, column, row + rows - 1, column + columns - 1))


def _mark_parts(
    marks: CellMarks,
    position: Position,
    cell: ElementTree.Element,
    styles: _Styles,
    look: special_cells.Mark | None,
) -> None:
    """What of the text of a cell is marked or hidden; a number can only be so as a whole."""
    if _get(cell, "value-type") != "string":
        if look in (special_cells.Mark.STRUCK, special_cells.Mark.RAISED):
            marks.cell_marks[position] = look
        return
    paragraphs = [list(_parts(part, styles, look)) for part in cell if _local(part) == "p"]
    parts = [
        part for paragraph in paragraphs for part in [*paragraph, ("\n", special_cells.Mark.PLAIN)]
    ][:-1]
    # The reader of values leaves out the breaks, so that 8 above 00 would be 800.
    if any(
        mark is not special_cells.Mark.PLAIN or text in _BREAKS.values() for text, mark in parts
    ):
        marks.parts[position] = [(text, mark) for text, mark in parts if mark is not None]


def _parts(
    element: ElementTree.Element, styles: _Styles, look: special_cells.Mark | None
) -> Iterator[tuple[str, special_cells.Mark | None]]:
    """The texts of an element in order, each with its look; comments and hidden texts have none."""
    kind = _local(element)
    if kind == "s":
        yield " " * int(_get(element, "c") or 1), look
    elif kind in _BREAKS:
        yield _BREAKS[kind], look
    yield element.text or "", look
    for part in element:
        kind = _local(part)
        style = _get(part, "style-name")
        inner = styles.look(style) if kind == "span" and style is not None else look
        is_plain_inside = inner is special_cells.Mark.PLAIN and look is not None
        if kind not in ("annotation", "note"):
            yield from _parts(part, styles, look if is_plain_inside else inner)
        yield part.tail or "", look


def _is_filled(cell: ElementTree.Element) -> bool:
    return _get(cell, "value-type") is not None or _get(cell, "formula") is not None


def _rows(
    table: ElementTree.Element, is_shown: bool = True
) -> Iterator[tuple[ElementTree.Element, int, bool]]:
    """Rows in order, how often each is repeated, and whether its group is shown.

    Those of groups and repeated headings too; a sheet inside a cell is not its own.
    """
    for element in table:
        kind = _local(element)
        if kind == "table-row":
            yield element, int(_get(element, "number-rows-repeated") or 1), is_shown
        elif kind in ("table-row-group", "table-header-rows", "table-rows"):
            yield from _rows(element, is_shown and _get(element, "display") != "false")


def _columns(table: ElementTree.Element) -> Iterator[tuple[str | None, bool]]:
    """Default style of each column, and whether it is shown."""
    for element in table:
        kind = _local(element)
        if kind == "table-column":
            repeats = int(_get(element, "number-columns-repeated") or 1)
            is_shown = _get(element, "visibility") not in ("collapse", "filter")
            for _ in range(min(repeats, _MOST_COLUMNS)):
                yield _get(element, "default-cell-style-name"), is_shown
        elif kind in ("table-column-group", "table-header-columns", "table-columns"):
            yield from _columns(element)


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _get(element: ElementTree.Element, name: str) -> str | None:
    """The attribute of that name in whatever namespace of the format."""
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), None)
