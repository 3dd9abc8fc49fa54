"""Cells of text files: encoding and delimiter found where the workspace does not say."""

import codecs
import csv
import io

from layers.errors import InputError
from layers.tables.files.grids import CellGrid, EvenRows, SheetReading

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 60


def read_delimited(content: bytes, label: str, reading: SheetReading, kind: str) -> CellGrid:
    """The cells of a CSV or TSV file.

    Raises
    ------
    InputError
        Not text, in another encoding than declared, or broken quoting.
    """
    text, encoding_notes = _decode(content, label, reading.encoding)
    first, _, rest = text.partition("\n")
    declared = reading.delimiter
    if declared is None and first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        # Excel's own hint; the line stays a row (empty), so that row numbers are those of Excel.
        declared = first.strip()[4]
        text = "\n" + rest
    delimiter = declared or _find_delimiter(text, kind, reading)
    even = _split_evenly(text, delimiter)
    try:
        rows = even or list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except (csv.Error, TypeError, ValueError) as error:
        raise InputError(f"{label}: not a readable text table: {error}.") from error
    notes = list(encoding_notes)
    if declared is None and delimiter != ",":
        mark = "tab" if delimiter == "\t" else f"'{delimiter}'"
        notes.append(f"columns are separated by {mark}")
    return CellGrid(rows, None, (), tuple(notes), is_delimited=True)


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


def _decode(content: bytes, label: str, declared: str | None) -> tuple[str, tuple[str, ...]]:
    if declared is not None:
        try:
            return content.decode(declared), ()
        except (UnicodeError, LookupError) as error:
            raise InputError(f"{label}: not in the declared encoding: {error}.") from error
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), None)
    if marked == "utf-16" or b"\0" not in content[:4096]:
        try:
            return content.decode(marked or "utf-8"), ()
        except UnicodeDecodeError:
            pass
        try:
            return content.decode("cp1252"), ("text is not UTF-8; read as cp1252 (Windows)",)
        except UnicodeDecodeError:
            pass
    raise InputError(f"{label}: not a text file; save it as CSV in UTF-8.")


def _find_delimiter(text: str, kind: str, reading: SheetReading) -> str:
    """The delimiter under which most expected names appear, then which gives the widest table."""
    from layers.tables.files.headers import fold

    if kind == ".tsv":
        return "\t"
    lines = text.splitlines()[:_SAMPLE_ROWS]
    expected = {fold(name) for name in reading.expected}
    return max(_DELIMITERS, key=lambda mark: (*_score(lines, mark, expected), mark == ","))


def _score(lines: list[str], delimiter: str, expected: set[str]) -> tuple[int, int]:
    from layers.tables.files.headers import fold

    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return -1, -1
    named = max((len(expected & {fold(cell) for cell in row}) for row in rows), default=0)
    widths = [len(row) for row in rows if row]
    agreed = max((widths.count(width) * (width - 1) for width in set(widths)), default=0)
    return named, agreed
