"""Cells of XML Spreadsheet 2003, which applications write under the name ``.xls`` or ``.xml``.

No entity and no reference is resolved: a document that declares a type is refused.
"""

import datetime
import xml.parsers.expat
from dataclasses import dataclass, field
from typing import TypeVar

from boundaries.texts.sheet_places import LARGEST_ROW, BrokenSheetError
from boundaries.texts.workbooks import Merge
from layers.errors import InputError
from layers.tables.files import grids, unseen, workbook_sheets
from layers.tables.formats import colours
from layers.tables.formats.marks import CellMarks
from layers.tables.numbers import format_codes, special_cells

_NAMED = {
    "Percent": "0.00%",
    "Yes/No": '"Yes";"Yes";"No"',
    "True/False": '"True";"True";"False"',
    "On/Off": '"On";"On";"Off"',
    "General Date": "yyyy-mm-dd",
    "Short Date": "yyyy-mm-dd",
    "Long Date": "yyyy-mm-dd",
    "Medium Date": "yyyy-mm-dd",
    "Long Time": "hh:mm",
    "Medium Time": "hh:mm",
    "Short Time": "hh:mm",
}
_PLAIN = {
    "General",
    "General Number",
    "Standard",
    "Fixed",
    "Currency",
    "Euro Currency",
    "Scientific",
}
_MOST_COLUMNS = 16_384
_SIGNS = {
    "S": special_cells.Mark.STRUCK,
    "Sup": special_cells.Mark.RAISED,
    "Sub": special_cells.Mark.RAISED,
}
"""Elements of a text that mark their part of it."""


def read_xml_sheet(content: bytes, label: str, reading: grids.SheetReading) -> grids.CellGrid:
    """The cells of one sheet: the declared one, else the only one with what is expected.

    Raises
    ------
    InputError
        Not well formed, or it is not clear which sheet.
    """
    reader = _BookReader(label)
    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    try:
        parser.Parse(content, True)
    except (xml.parsers.expat.ExpatError, ValueError) as error:
        raise InputError(f"{label}: an XML Spreadsheet 2003 that is broken: {error}.") from error
    sheets = workbook_sheets.SheetNames(
        [*reader.sheets],
        lambda name: bool(reader.sheets[name].cells),
        lambda name: reader.sheets[name].cells[:40],
        reader.hidden,
    )
    name = sheets.choose(label, reading)
    sheet = reader.sheets[name]
    notes = ["it is an XML Spreadsheet 2003, read as one", *sheets.notes(name)]
    if sheet.is_painted:
        sheet.marks.unseen.clear()
    sheet.marks.apply(sheet.cells)
    marked = {*sheet.marked_rows, *(row for row, _ in sheet.marks.cell_marks)}
    notes += unseen.unseen_notes(
        sheet.cells,
        sheet.marks.hidden_rows,
        sheet.marks.hidden_columns,
        marked,
        sheet.marks.unseen,
    )
    return grids.CellGrid(sheet.cells, name, tuple(sheet.merges), tuple(notes))


_Property = TypeVar("_Property")


@dataclass(slots=True)
class _Sheet:
    """Cells of a sheet and its merged ranges."""

    cells: list[list[object]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    marks: CellMarks = field(default_factory=CellMarks)
    marked_rows: set[int] = field(default_factory=set)
    is_painted: bool = False

    def put(self, row: int, column: int, cell: object) -> None:
        while len(self.cells) <= row:
            self.cells.append([])
        line = self.cells[row]
        line.extend([None] * (column + 1 - len(line)))
        if line[column] is not None:
            raise BrokenSheetError(f"two cells stand in row {row + 1}, column {column + 1}")
        line[column] = cell


_PAINTING = ("Font", "Interior", "ConditionalFormatting")


def _ground_of(values: dict[str, str]) -> str:
    """The colour of a fill; white where it paints nothing, no colour where it has a pattern."""
    kind = values.get("Pattern", "None")
    return "white" if kind == "None" else values.get("Color", "") if kind == "Solid" else kind


class _BookReader:
    """Reads all sheets in one pass."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.sheets: dict[str, _Sheet] = {}
        self.hidden: set[str] = set()
        self._name = ""
        self._visible: list[str] | None = None
        self._codes: dict[str, str] = {}
        self._style = ""
        self._sheet = _Sheet()
        self._row = self._column = self._last_column = -1
        self._looks: dict[str, special_cells.Mark] = {}
        self._texts: dict[str, str] = {}
        self._grounds: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        self._row_style: str | None = None
        self._column_styles: dict[int, str] = {}
        self._signs: list[special_cells.Mark] = []
        self._parts: list[tuple[str, special_cells.Mark]] = []
        self._kind: str | None = None
        self._attributes: dict[str, str] = {}
        self._has_data = False
        self._is_in_comment = False

    def refuse_doctype(self, *_: object) -> None:
        """No spreadsheet declares a document type; those who do hide something in it."""
        raise InputError(f"{self.label}: it declares a document type, which is not read.")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        local = name.rpartition(" ")[2]
        values = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if local == "Style":
            self._style = values.get("ID", "")
            self._parents[self._style] = values.get("Parent", "Default")
        elif local == "NumberFormat":
            self._codes[self._style] = values.get("Format", "General")
        elif local in _PAINTING and self._kind is None:
            self._take_look(local, values)
        elif local == "Worksheet":
            self._name = values.get("Name", f"{len(self.sheets) + 1}")
            self._sheet = self.sheets.setdefault(self._name, _Sheet())
            self._row = self._last_column = -1
            self._column_styles = {}
        elif local == "Visible":
            self._visible = []
        elif local == "Column":
            self._take_column(values)
        elif local == "Row":
            self._take_row(values)
        elif local == "Cell":
            self._column = self._place(values, self._column, _MOST_COLUMNS)
            self._attributes, self._has_data = values, False
        elif local == "Comment":
            self._is_in_comment = True
        elif local == "Data" and not self._is_in_comment:
            self._kind, self._parts, self._has_data = values.get("Type", "String"), [], True
        elif self._kind is not None:
            self._signs.append(_SIGNS.get(local, special_cells.Mark.PLAIN))

    def _take_look(self, local: str, values: dict[str, str]) -> None:
        """How the font of a style writes its cells, and on what."""
        if local == "Interior":
            self._grounds[self._style] = _ground_of(values)
            return
        if local == "ConditionalFormatting":
            self._sheet.is_painted = True
            return
        if "Color" in values:
            self._texts[self._style] = values["Color"]
        if values.get("StrikeThrough", "0") != "0":
            self._looks[self._style] = special_cells.Mark.STRUCK
        elif values.get("VerticalAlign") in ("Superscript", "Subscript"):
            self._looks[self._style] = special_cells.Mark.RAISED

    def _take_column(self, values: dict[str, str]) -> None:
        first = self._place(values, self._last_column, _MOST_COLUMNS)
        self._last_column = min(first + int(values.get("Span", 0)), _MOST_COLUMNS)
        columns = range(first, self._last_column + 1)
        if "StyleID" in values:
            self._column_styles |= dict.fromkeys(columns, values["StyleID"])
        if values.get("Hidden") == "1" or values.get("Width", "1").strip("0.") == "":
            self._sheet.marks.hidden_columns += columns

    def _take_row(self, values: dict[str, str]) -> None:
        self._row = self._place(values, self._row, LARGEST_ROW)
        self._column = -1
        self._row_style = values.get("StyleID")
        if values.get("Hidden") == "1" or values.get("Height", "1").strip("0.") == "":
            self._sheet.marks.hidden_rows.append(self._row)

    def text(self, data: str) -> None:
        """Text of an element."""
        if self._visible is not None:
            self._visible.append(data)
        if self._kind is not None:
            mark = next(
                (sign for sign in self._signs if sign is not special_cells.Mark.PLAIN),
                special_cells.Mark.PLAIN,
            )
            self._parts.append((data, mark))

    def end(self, name: str) -> None:
        """An element ends."""
        local = name.rpartition(" ")[2]
        if local == "Data" and self._kind is not None:
            self._sheet.put(self._row, self._column, self._value())
            if self._is_unseen():
                self._sheet.marks.unseen.add((self._row, self._column))
            look = self._of_style(self._looks)
            if look is not None:
                self._sheet.marks.cell_marks[self._row, self._column] = look
            self._kind = None
        elif self._kind is not None and self._signs:
            self._signs.pop()
        elif local == "Visible" and self._visible is not None:
            if "".join(self._visible).strip() in ("SheetHidden", "SheetVeryHidden"):
                self.hidden.add(self._name)
            self._visible = None
        elif local == "Comment":
            self._is_in_comment = False
        elif local == "Cell":
            self._end_cell()

    def _is_unseen(self) -> bool:
        """Whether the cell is written in the colour of its ground."""
        ground = self._of_style(self._grounds) or "white"
        text = colours.read_colour(self._of_style(self._texts))
        return colours.is_unseen(text, colours.read_colour(ground))

    def _end_cell(self) -> None:
        if "Formula" in self._attributes and not self._has_data:
            self._sheet.put(self._row, self._column, special_cells.UnsolvedFormula())
        across = int(self._attributes.get("MergeAcross", 0))
        down = int(self._attributes.get("MergeDown", 0))
        if across or down:
            right = min(self._column + across, _MOST_COLUMNS)
            self._sheet.merges.append((self._row, self._column, self._row + down, right))
            self._column = right

    def _value(self) -> object:
        text = "".join(text for text, _ in self._parts)
        if self._kind == "Error":
            return special_cells.FormulaError(text)
        if self._kind == "Boolean":
            return text.strip() in ("1", "true")
        if self._kind == "DateTime":
            return datetime.datetime.fromisoformat(text.strip())
        if self._kind != "Number":
            if any(mark is not special_cells.Mark.PLAIN for _, mark in self._parts):
                self._sheet.marked_rows.add(self._row)
            return special_cells.marked_text(self._parts) or None
        if not text.strip():
            return special_cells.UnsolvedFormula() if "Formula" in self._attributes else None
        number = float(text)
        code = self._of_style(self._codes) or "General"
        code = "General" if code in _PLAIN else _NAMED.get(code, code)
        return (
            number if format_codes.is_plain(code) else special_cells.FormattedNumber(number, code)
        )

    def _of_style(self, properties: dict[str, _Property]) -> _Property | None:
        """A property of the cell by its style, that of its row or column, or their parents."""
        row_or_column = self._row_style or self._column_styles.get(self._column, "Default")
        style = self._attributes.get("StyleID", row_or_column)
        for _ in range(20):
            if style in properties:
                return properties[style]
            if style == "Default":
                break
            style = self._parents.get(style, "Default")
        return None

    def _place(self, values: dict[str, str], last: int, most: int) -> int:
        place = int(values["Index"]) - 1 if "Index" in values else last + 1
        if not 0 <= place < most:
            raise InputError(f"{self.label}: a cell beyond the limits of a sheet; not read.")
        return place
