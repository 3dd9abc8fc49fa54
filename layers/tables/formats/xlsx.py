"""Number formats, unsolved formulas and errors of XLSX and XLSM.

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
from layers.tables.numbers.format_codes import built_in_format, is_plain

_CELL = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})", re.IGNORECASE)
_WORTH_READING = re.compile(rb"<(?:\w+:)?f[\s/>]|\bt=[\"']e[\"']|\bhidden=[\"'](?:1|true)")


def read_xlsx_marks(content: bytes, sheet: str) -> CellMarks:
    """What the workbook says of the cells of one sheet."""
    with ZipFile(io.BytesIO(content)) as archive:
        book = read_tree(archive.read("xl/workbook.xml"))
        part = sheet_part(archive, "xl/workbook.xml", _relation_of(book, sheet))
        if part is None:
            return CellMarks()
        formats = _style_formats(archive)
        text = archive.read(part)
    if not formats and not _WORTH_READING.search(text):
        return CellMarks()
    reader = _SheetReader(formats, _is_solved_on_load(book))
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


def _style_formats(archive: ZipFile) -> dict[str, str]:
    """The codes that change what is seen, by number of the cell style."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    root = read_tree(archive.read("xl/styles.xml"))
    codes = {
        element.get("numFmtId", ""): element.get("formatCode", "")
        for element in root.iter()
        if _local(element.tag) == "numFmt"
    }
    formats: dict[str, str] = {}
    for styles in root:
        if _local(styles.tag) != "cellXfs":
            continue
        for number, style in enumerate(styles):
            key = style.get("numFmtId", "0")
            code = codes.get(key) or built_in_format(int(key))
            if code is not None and not is_plain(code):
                formats[str(number)] = code
    return formats


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


@dataclass(slots=True)
class _SheetReader:
    """Reads the cells of a sheet in one pass, without a tree."""

    formats: dict[str, str]
    is_solved_on_load: bool
    marks: CellMarks = field(default_factory=CellMarks)
    row: int = -1
    column: int = -1
    style: str = "0"
    kind: str = "n"
    has_formula: bool = False
    value: list[str] | None = None
    is_value: bool = False

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
            if attributes.get("hidden") in ("1", "true"):
                self.marks.hidden_rows.append(self.row + 1)
        elif local == "c":
            self._begin_cell(attributes)
        elif local == "f":
            self.has_formula = True
        elif local == "v":
            self.value, self.is_value = [], True

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = position_of(attributes.get("r", ""))
        self.row, self.column = place or (self.row, self.column + 1)
        self.style = attributes.get("s", "0")
        self.kind = attributes.get("t", "n")
        self.has_formula, self.value = False, None

    def _text(self, data: str) -> None:
        if self.is_value and self.value is not None:
            self.value.append(data)

    def _end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local == "v":
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
        elif self.kind == "n" and value and self.style in self.formats:
            self.marks.formats[place] = self.formats[self.style]

    def _is_unsolved(self, value: str) -> bool:
        """No value, or the zero that stands for one; an empty text is a result."""
        return (not value and self.kind != "str") or (self.is_solved_on_load and value == "0")


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
