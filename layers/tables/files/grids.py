"""The cells of a file as it stands: which reader, and no opinion yet on what is a header.

A grid is what a person sees when the file is opened in a spreadsheet; rows are numbered as there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from boundaries.bounds import declared_sizes, input_limits, input_readers
from boundaries.errors import BoundariesError, InputBeyondLimitError
from boundaries.findings.report import Finding
from boundaries.texts import delimited, text_encoding, workbooks
from layers.errors import InputError

PAGES = {".mht", ".mhtml", ".html", ".htm"}
WORKBOOKS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
DELIMITED = {".csv", ".tsv", ".txt"}
RECORDS = {".json", ".jsonl", ".ndjson"}
VECTORS = {".dbf", ".shp", ".gpkg", ".geojson", ".fgb"}
NAMED = {".parquet", *VECTORS}


@dataclass(frozen=True, slots=True)
class CellGrid:
    """All cells of one sheet.

    Parameters
    ----------
    cells
        Rows of cells, from the first row of the sheet; empty cells are None or empty text; rows
        may differ in length.
    sheet
        Name of the sheet, None where the format has none.
    merges
        Merged ranges as first row, first column, last row, last column, all from 0.
    notes
        How the file was read, one sentence each.
    findings
        What is wrong with the file as a whole, such as a part of it that is missing.
    delimiter
        Of a text whose rows are cut at each of them: a stray one moves the cells after it.
    """

    cells: Sequence[Sequence[object]]
    sheet: str | None = None
    merges: tuple[workbooks.Merge, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    delimiter: str | None = None


@dataclass(frozen=True, slots=True)
class SheetReading:
    """How a file is to be read, as far as the workspace says; None means find out."""

    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    expected: Collection[str] = ()


def read_grid(path: Path, label: str, reading: SheetReading) -> CellGrid:
    """The cells of a workbook, text file, Parquet table or attribute table.

    Parameters
    ----------
    label
        Name of the file as declared, for messages.

    Raises
    ------
    InputError
        The file is missing, empty, of a kind not known, or not what its name claims.
    """
    if not path.is_file():
        raise InputError(f"{label}: no such file. Paths are relative to the workspace folder.")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    kind = suffixes[-1] if suffixes else ""
    is_packed = kind == ".gz"
    if is_packed:
        kind = suffixes[-2] if len(suffixes) > 1 else ""
    try:
        if kind in WORKBOOKS | DELIMITED | RECORDS | PAGES:
            file = input_limits.InputFile(path, label)
            content = declared_sizes.read_content(
                file, input_readers.current_limits().allow(file.size)
            )
            return _read_content(content, label, reading, kind)
        if kind in NAMED and not is_packed:
            from layers.tables.files.named_columns import read_named_columns

            return read_named_columns(path, label, reading)
    except InputBeyondLimitError:
        raise
    except BoundariesError as error:
        raise InputError(str(error)) from error
    listed = ", ".join(sorted(WORKBOOKS | DELIMITED | RECORDS | PAGES | NAMED))
    raise InputError(f"{label}: not a kind of table known here ({listed}, also .csv.gz).")


def _read_content(content: bytes, label: str, reading: SheetReading, kind: str) -> CellGrid:
    """The cells by what the bytes are; the name only distinguishes text from records.

    Readers are imported here, each when a file needs it.
    """
    from boundaries.file_kinds import FileKind, kind_of

    content_kind = kind_of(content)
    if content_kind in (FileKind.PAGE, FileKind.WEB_ARCHIVE):
        from layers.tables.files.web_pages import read_web_page

        return read_web_page(content, label, reading)
    if content_kind is FileKind.XML_SHEET:
        from layers.tables.files.xml_sheets import read_xml_sheet

        return read_xml_sheet(content, label, reading)
    if kind in RECORDS or (content_kind is FileKind.JSON and kind in WORKBOOKS):
        from layers.tables.files.json_records import read_json_records

        return read_json_records(content, label, reading)
    if content_kind is FileKind.TEXT or (
        kind in DELIMITED and content_kind in (FileKind.JSON, FileKind.UNKNOWN)
    ):
        grid = _read_text(content, label, reading, kind)
        return _as_renamed(grid, label) if kind in WORKBOOKS | PAGES else grid
    from layers.tables.files.workbook_sheets import read_workbook

    return read_workbook(content, label, reading, content_kind)


def _read_text(content: bytes, label: str, reading: SheetReading, kind: str) -> CellGrid:
    """The cells of a CSV or TSV file."""
    text, findings = text_encoding.decode_text(content, label, reading.encoding)
    declared = reading.delimiter or ("\t" if kind == ".tsv" else None)
    table = delimited.cut_rows(text, label, declared, expected=reading.expected)
    notes = []
    if reading.delimiter is None and table.delimiter != ",":
        mark = "tab" if table.delimiter == "\t" else f"'{table.delimiter}'"
        notes.append(f"columns are separated by {mark}")
    return CellGrid(table.rows, None, (), tuple(notes), tuple(findings), delimiter=table.delimiter)


def _as_renamed(grid: CellGrid, label: str) -> CellGrid:
    """A text table that has the name of a workbook.

    Raises
    ------
    InputError
        It is no table either.
    """
    if len(grid.cells) < 2 or min(len(row) for row in grid.cells[:2]) < 2:
        raise InputError(f"{label}: not a readable workbook, and no text table either.")
    return replace(grid, notes=("it is a text table, read as one", *grid.notes))
