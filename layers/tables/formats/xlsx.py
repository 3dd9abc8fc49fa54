"""Number formats, unsolved formulas, errors, marked texts and hidden parts of XLSX and XLSM.

The sheet is read again only where its styles or its text leave something to find: most large tables
have neither percent nor formula.
"""

import io
import posixpath
import re
import xml.parsers.expat
from dataclasses import dataclass, field
from xml.etree import ElementTree
from zipfile import ZipFile

from layers.tables.formats.marks import CellMarks, Position
from layers.tables.formats.xml_tree import read_tree, refuse_doctype
from layers.tables.numbers import format_codes, special_cells

_CELL = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})", re.IGNORECASE)
_WORTH_READING = re.compile(
    rb"<(?:\w+:)?f[\s/>]|\bt=[\"']e[\"']|\bhidden=[\"'](?:1|true)|\b(?:ht|width)=[\"']0|\bzeroHeight|<(?:\w+:)?(?:strike|vertAlign)\b"
)
_MARKED = re.compile(rb"<(?:\w+:)?(?:strike|vertAlign)\b")
_MOST_COLUMNS = 16_384

Runs = list[tuple[str, special_cells.Mark | None]]
"""Parts of a text; None where a part has the look of its cell."""


def read_xlsx_marks(content: bytes, sheet: str) -> CellMarks:
    """What the workbook says of the cells of one sheet."""
    with ZipFile(io.BytesIO(content)) as archive:
        book = read_tree(archive.read("xl/workbook.xml"))
        part = sheet_part(archive, "xl/workbook.xml", _relation_of(book, sheet))
        if part is None:
            return CellMarks()
        formats, fonts = _styles(archive)
        texts = _marked_strings(archive, bool(fonts))
        text = archive.read(part)
    if not formats and not fonts and not texts and not _WORTH_READING.search(text):
        return CellMarks()
    reader = _SheetReader(formats, fonts, texts, _is_solved_on_load(book))
    reader.read(text)
    return reader.marks


def sheet_part(archive: ZipFile, book: str, relation: str | None) -> str | None:
    """The part of the archive that a relation of the workbook names."""
    folder, name = posixpath.split(book)
    root = read_tree(archive.read(f"{folder}/_rels/{name}.rels"))
    for element in root:
        if element.get("Id") == relation:
            return posixpath.normpath(
                posixpath.join("/", folder, element.get("Target", ""))
            ).lstrip("/")
    return None


def _relation_of(book: ElementTree.Element, sheet: str) -> str | None:
    for element in book.iter():
        if _local(element.tag) == "sheet" and element.get("name") == sheet:
            return next((value for key, value in element.items() if key.endswith("}id")), None)
    return None


def _is_solved_on_load(book: ElementTree.Element) -> bool:
    """Whether the results are only placeholders, as programs write them that do not calculate."""
    return any(
        _local(element.tag) == "calcPr"
        and element.get("fullCalcOnLoad", "0").lower() in ("1", "true")
        for element in book.iter()
    )


def _styles(archive: ZipFile) -> tuple[dict[str, str], dict[str, special_cells.Mark]]:
    """Codes and fonts that change what is seen, by number of the cell style."""
    if "xl/styles.xml" not in archive.namelist():
        return {}, {}
    root = read_tree(archive.read("xl/styles.xml"))
    codes = {
        element.get("numFmtId", ""): element.get("formatCode", "")
        for element in root.iter()
        if _local(element.tag) == "numFmt"
    }
    groups = {_local(group.tag): group for group in root}
    fonts = [_mark_of(font) for font in groups.get("fonts", ())]
    formats: dict[str, str] = {}
    marks: dict[str, special_cells.Mark] = {}
    for number, style in enumerate(groups.get("cellXfs", ())):
        key = style.get("numFmtId", "0")
        code = codes.get(key) or format_codes.built_in_format(int(key))
        if code is not None and not format_codes.is_plain(code):
            formats[str(number)] = code
        font = int(style.get("fontId", "0"))
        if font < len(fonts) and fonts[font] is not special_cells.Mark.PLAIN:
            marks[str(number)] = fonts[font]
    return formats, marks


def _mark_of(font: ElementTree.Element) -> special_cells.Mark:
    """How a font, or the properties of a run, write their text."""
    properties = {_local(element.tag): element.get("val") for element in font}
    if properties.get("strike", "0") not in ("0", "false"):
        return special_cells.Mark.STRUCK
    if properties.get("vertAlign") in ("superscript", "subscript"):
        return special_cells.Mark.RAISED
    return special_cells.Mark.PLAIN


def _marked_strings(archive: ZipFile, has_marked_fonts: bool) -> dict[str, Runs]:
    """Shared texts made of several runs, by number; none where no run of the workbook is marked."""
    name = next((part for part in archive.namelist() if _is_strings(part)), None)
    content = b"" if name is None else archive.read(name)
    if not (has_marked_fonts or _MARKED.search(content)) or not content:
        return {}
    strings = (text for text in read_tree(content) if _local(text.tag) == "si")
    runs = {str(number): _runs_of(text) for number, text in enumerate(strings)}
    return {number: parts for number, parts in runs.items() if parts}


def _is_strings(part: str) -> bool:
    return part.lower() == "xl/sharedstrings.xml"


def _runs_of(text: ElementTree.Element) -> Runs:
    runs: Runs = []
    for run in text:
        if _local(run.tag) == "r":
            look = next((part for part in run if _local(part.tag) == "rPr"), None)
            words = "".join(part.text or "" for part in run if _local(part.tag) == "t")
            runs.append((words, None if look is None else _mark_of(look)))
    return runs


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


@dataclass(slots=True)
class _SheetReader:
    """Reads the cells of a sheet in one pass, without a tree."""

    formats: dict[str, str]
    fonts: dict[str, special_cells.Mark]
    texts: dict[str, Runs]
    is_solved_on_load: bool
    marks: CellMarks = field(default_factory=CellMarks)
    row: int = -1
    column: int = -1
    style: str = "0"
    kind: str = "n"
    has_formula: bool = False
    value: list[str] | None = None
    is_value: bool = False
    runs: Runs = field(default_factory=list)
    run_mark: special_cells.Mark | None = None
    is_inline: bool = False
    is_zero_height: bool = False

    def read(self, text: bytes) -> None:
        parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = refuse_doctype
        parser.Parse(text, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
            if _is_hidden(attributes, "ht", self.is_zero_height):
                self.marks.hidden_rows.append(self.row)
        elif local == "sheetFormatPr":
            self.is_zero_height = attributes.get("zeroHeight") in ("1", "true")
        elif local == "col" and _is_hidden(attributes, "width"):
            last = min(int(attributes.get("max", "0")), _MOST_COLUMNS)
            self.marks.hidden_columns += range(int(attributes.get("min", "1")) - 1, last)
        elif local == "c":
            self._begin_cell(attributes)
        elif local == "f":
            self.has_formula = True
        elif local == "v":
            self.value, self.is_value = [], True
        elif self.is_inline:
            self._start_inline(local, attributes)

    def _start_inline(self, local: str, attributes: dict[str, str]) -> None:
        """An element of a text that stands in its cell and not among the shared ones."""
        if local == "r":
            self.run_mark = None
        elif local == "rPr":
            self.run_mark = special_cells.Mark.PLAIN
        elif local == "strike" and attributes.get("val", "1") not in ("0", "false"):
            self.run_mark = special_cells.Mark.STRUCK
        elif local == "vertAlign" and attributes.get("val") in ("superscript", "subscript"):
            self.run_mark = (
                self.run_mark
                if self.run_mark is special_cells.Mark.STRUCK
                else special_cells.Mark.RAISED
            )
        elif local == "t":
            self.value, self.is_value = [], True

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = position_of(attributes.get("r", ""))
        self.row, self.column = place or (self.row, self.column + 1)
        self.style = attributes.get("s", "0")
        self.kind = attributes.get("t", "n")
        self.has_formula, self.value = False, None
        self.runs, self.run_mark, self.is_inline = [], None, self.kind == "inlineStr"

    def _text(self, data: str) -> None:
        if self.is_value and self.value is not None:
            self.value.append(data)

    def _end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local == "v":
            self.is_value = False
        elif local == "t" and self.is_inline:
            self.runs.append(("".join(self.value or ()), self.run_mark))
            self.is_value = False
        elif local == "c":
            self._end_cell()

    def _end_cell(self) -> None:
        place = (self.row, self.column)
        value = "".join(self.value or ()).strip()
        if self.kind == "e" and value:
            self.marks.errors[place] = value
        elif self.has_formula and self._is_unsolved(value):
            self.marks.unsolved.add(place)
        else:
            if self.kind == "n" and value and self.style in self.formats:
                self.marks.formats[place] = self.formats[self.style]
            self._mark_cell(place, value)

    def _mark_cell(self, place: Position, value: str) -> None:
        """Runs have their own look, or where they say none that of their cell."""
        cell_mark = self.fonts.get(self.style, special_cells.Mark.PLAIN)
        runs = self.texts.get(value, []) if self.kind == "s" else self.runs
        parts = [(text, cell_mark if mark is None else mark) for text, mark in runs]
        if any(mark is not special_cells.Mark.PLAIN for _, mark in parts):
            self.marks.parts[place] = parts
        elif cell_mark is not special_cells.Mark.PLAIN and value and not runs:
            self.marks.cell_marks[place] = cell_mark

    def _is_unsolved(self, value: str) -> bool:
        """No value, or the zero that stands for one; an empty text is a result."""
        return (not value and self.kind != "str") or (self.is_solved_on_load and value == "0")


def _is_hidden(attributes: dict[str, str], size: str, is_default: bool = False) -> bool:
    """Whether a row or column says that it is not shown, or has no size."""
    hidden = attributes.get("hidden")
    if hidden is None and size not in attributes:
        return is_default
    length = attributes.get(size, "1")
    return hidden in ("1", "true") or not length.strip("0.")


def position_of(reference: str) -> Position | None:
    """Row and column, from 0, of a cell reference.

    >>> position_of("AB12"), position_of("")
    ((11, 27), None)
    """
    match = _CELL.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match.group(1).upper():
        column = 26 * column + ord(letter) - 64
    return int(match.group(2)) - 1, column - 1
