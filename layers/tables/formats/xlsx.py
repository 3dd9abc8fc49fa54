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

from boundaries.texts import sheet_places
from layers.tables.formats import colours
from layers.tables.formats.marks import CellMarks, Position
from layers.tables.formats.xml_tree import read_tree, refuse_doctype
from layers.tables.numbers import format_codes, special_cells

_CELL = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})", re.IGNORECASE)
_WORTH_READING = re.compile(
    rb"<(?:\w+:)?f[\s/>]|\bt=[\"']e[\"']|\bhidden=[\"'](?:1|true)|\b(?:ht|width)=[\"']0|\bzeroHeight|<(?:\w+:)?(?:strike|vertAlign)\b"
)
_PAINTED = re.compile(rb"<(?:\w+:)?(?:conditionalFormatting|tablePart)\b")
"""Rules and styles of tables paint cells too; which of them they paint is not worked out."""
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
        styles = _Styles.of(archive)
        texts = _marked_strings(archive, bool(styles.fonts))
        text = archive.read(part)
    sheet_places.check_xlsx(text)
    if styles == _Styles() and not texts and not _WORTH_READING.search(text):
        return CellMarks()
    if _PAINTED.search(text):
        styles.unseen.clear()
    reader = _SheetReader(
        styles.formats, styles.fonts, texts, _is_solved_on_load(book), styles.unseen
    )
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


@dataclass(slots=True)
class _Styles:
    """What of the cell styles changes what is seen, by their number."""

    formats: dict[str, str] = field(default_factory=dict)
    fonts: dict[str, special_cells.Mark] = field(default_factory=dict)
    unseen: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, archive: ZipFile) -> "_Styles":
        """The styles of a workbook."""
        styles = cls()
        if "xl/styles.xml" not in archive.namelist():
            return styles
        root = read_tree(archive.read("xl/styles.xml"))
        codes = {
            element.get("numFmtId", ""): element.get("formatCode", "")
            for element in root.iter()
            if _local(element.tag) == "numFmt"
        }
        theme = read_archive_theme(archive)
        groups = {_local(group.tag): group for group in root}
        fonts = [(_mark_of(font), _text_colour(font, theme)) for font in groups.get("fonts", ())]
        fills = [_ground(fill, theme) for fill in groups.get("fills", ())]
        for number, style in enumerate(groups.get("cellXfs", ())):
            key = style.get("numFmtId", "0")
            code = codes.get(key) or format_codes.built_in_format(int(key))
            if code is not None and not format_codes.is_plain(code):
                styles.formats[str(number)] = code
            font, fill = int(style.get("fontId", "0")), int(style.get("fillId", "0"))
            mark, colour = fonts[font] if font < len(fonts) else _NO_FONT
            if mark is not special_cells.Mark.PLAIN:
                styles.fonts[str(number)] = mark
            ground = fills[fill] if fill < len(fills) else colours.WHITE
            if colours.is_unseen(colour, ground):
                styles.unseen.add(str(number))
        return styles


_NO_FONT: tuple[special_cells.Mark, colours.Colour | None] = (special_cells.Mark.PLAIN, None)


def read_archive_theme(archive: ZipFile) -> list[colours.Colour | None]:
    """The colours of the theme of a workbook."""
    name = "xl/theme/theme1.xml"
    has_theme = name in archive.namelist()
    return colours.read_theme(read_tree(archive.read(name)) if has_theme else None)


def _text_colour(
    font: ElementTree.Element, theme: list[colours.Colour | None]
) -> colours.Colour | None:
    return _colour_of(next((part for part in font if _local(part.tag) == "color"), None), theme)


def _ground(fill: ElementTree.Element, theme: list[colours.Colour | None]) -> colours.Colour | None:
    """What a fill paints under a text: white where it paints nothing, None for a pattern."""
    pattern = next((part for part in fill if _local(part.tag) == "patternFill"), None)
    kind = "gradient" if pattern is None else pattern.get("patternType", "none")
    if pattern is None or kind not in ("none", "solid"):
        return None
    if kind == "none":
        return colours.WHITE
    return _colour_of(
        next((part for part in pattern if _local(part.tag) == "fgColor"), None), theme
    )


def _colour_of(
    colour: ElementTree.Element | None, theme: list[colours.Colour | None]
) -> colours.Colour | None:
    if colour is None:
        return None
    if "theme" in colour.attrib:
        tint = float(colour.get("tint", "0"))
        return colours.themed_colour(theme, int(colour.get("theme", "0")), tint)
    if "indexed" in colour.attrib:
        return colours.numbered_colour(int(colour.get("indexed", "64")))
    return colours.read_colour(colour.get("rgb"))


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
    unseen: set[str]
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
        if self.style in self.unseen and (value or self.runs):
            self.marks.unseen.add(place)
        elif self.kind == "e" and value:
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
