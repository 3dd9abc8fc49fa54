"""A table as rows and named columns, whatever file it came in.

Answers what stands where; what a code or a number in it means is for the modules after it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from boundaries.bounds import input_limits, input_readers
from boundaries.findings.report import Finding
from boundaries.texts import row_widths, text_encoding
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files import grids, headers, sheet_body
from layers.workspace.section import TableFileSection

ROW_SHIFTED = declared_kind("table.row_shifted")
ROW_SHORT = declared_kind("table.row_short")
READING = declared_kind("table.reading")
LONGEST_NAME = 100
"""Letters of the name of a column in a message."""


@dataclass(frozen=True)
class Sheet:
    """Rows of one table; rows that are wholly empty are left out.

    Parameters
    ----------
    file
        Name of the file as declared.
    columns
        Cells by column name, all of one length; empty cells are None.
    rows
        Row of each record as a spreadsheet numbers it.
    broken
        Records (by position) whose cells do not fit the header, with the reason.
    merged
        Positions, by column, whose cell comes from a merged range over several records.
    torn
        The cells, column by column, that were taken from broken records (by position).
    titles
        Texts around the table: above its header, and those of rows that are no record.
    lowest
        Of each column its name in the lowest row of the header, where that has several.
    units
        Of columns the unit that a row right below the header states.
    """

    file: str
    columns: Mapping[str, list[object]]
    rows: list[int]
    sheet: str | None = None
    broken: Mapping[int, str] = field(default_factory=dict)
    merged: Mapping[str, frozenset[int]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    torn: Mapping[int, tuple[object, ...]] = field(default_factory=dict)
    titles: tuple[str, ...] = ()
    lowest: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the file."""
        return tuple(self.columns)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def _folded(self) -> dict[str, list[str]]:
        folded: dict[str, list[str]] = {}
        for name in self.columns:
            folded.setdefault(headers.fold(name), []).append(name)
        return folded

    def find(self, name: str) -> str | None:
        """The column meant by a name: itself, else the only one that differs in case or signs.

        Where the header has several rows, the name in the lowest is enough if only one has it.
        """
        if name in self.columns:
            return name if f"{name} (2)" not in self.columns else None
        matches = self._folded.get(headers.fold(name), []) or self._ending_in(name)
        return matches[0] if len(matches) == 1 else None

    def _ending_in(self, name: str) -> list[str]:
        """The columns of that name in the lowest row of a header of several."""
        folded = headers.fold(name)
        return [column for column, lowest in self.lowest.items() if headers.fold(lowest) == folded]

    def _beginning_with(self, name: str) -> list[str]:
        """The columns of a group of that name."""
        return [column for column in self.lowest if column.startswith(f"{name}{headers.JOINED_BY}")]

    def resolve(self, name: str) -> str:
        """The column meant by a declared name.

        Raises
        ------
        InputError
            There is none, or more than one.
        """
        column = self.find(name)
        if column is not None:
            return column
        if name in self.columns or len(self._folded.get(headers.fold(name), [])) > 1:
            raise InputError(
                f"{self.file}: column '{name}' stands there more than once; give 'header_row' and "
                "'header_rows', or name them apart."
            )
        several = self._ending_in(name) or self._beginning_with(name)
        if several:
            raise InputError(
                f"{self.file}: '{name}' is the name of several columns; declare the one that is "
                f"meant: {_listed(several)}."
            )
        listed = _listed(self.header)
        near = get_close_matches(name, self.header, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise InputError(f"{self.file}: no column '{name}'; it has {listed}.{hint}")

    def column(self, name: str) -> list[object]:
        """Cells of a declared column, see `resolve`."""
        return self.columns[self.resolve(name)]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name[:LONGEST_NAME]}'" for name in names[:30])


def read_section(
    section: TableFileSection, path: Path, expected: Iterable[str | None] = ()
) -> Sheet:
    """The rows of the table that a section of ``wilayah.toml`` declares.

    ``expected`` are the columns it names; None where it does not name one.  See `read_sheet`.
    """
    return read_sheet(
        path,
        label=section.path,
        sheet=section.sheet or section.layer,
        header_row=section.header_row,
        header_rows=section.header_rows,
        encoding=section.encoding,
        delimiter=section.delimiter,
        expected=[name for name in expected if name is not None],
    )


def read_sheet(
    path: Path,
    *,
    label: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    header_rows: int = 1,
    encoding: str | None = None,
    delimiter: str | None = None,
    expected: Collection[str] = (),
) -> Sheet:
    """The rows of a workbook, text file, Parquet table or attribute table.

    Parameters
    ----------
    label
        Name of the file as declared, for messages and findings.
    header_row
        Row of the header as a spreadsheet numbers it; found by ``expected`` when None.
    expected
        Names of columns that the header must have.

    Findings
    --------
    table.reading
        How the file was read where it was not declared (note).
    table.row_shifted
        A row has more cells than the header, or cells that do not fit their columns (warning): a
        comma inside a name or number moved its values, or a cell is missing.
    table.row_short
        Rows of a text file that end early (note).
    text.mojibake
        Texts that a wrong encoding spoilt before (warning).

    Raises
    ------
    InputError
        The file is missing, unreadable or has no rows.
    InputBeyondLimitError
        It is too large, see `boundaries.bounds`.
    """
    file = input_limits.InputFile(path, label or path.name)
    reading = grids.SheetReading(sheet, encoding, delimiter, (*expected,))
    return input_readers.read_within(file, _read_sheet, file, reading, header_row, header_rows)


def _read_sheet(
    file: input_limits.InputFile,
    reading: grids.SheetReading,
    header_row: int | None,
    header_rows: int,
) -> Sheet:
    label = file.label
    grid = grids.read_grid(file.path, label, reading)
    input_readers.check_table(file, len(grid.cells), max(map(len, grid.cells), default=0))
    if not any(cell is not None for row in grid.cells for cell in row):
        raise InputError(f"{label}: it is empty.")
    sheet_body.check_merges(grid, label)
    header = headers.find_header(grid, header_row, header_rows, reading.expected)
    return _build(
        grid, header, label, is_declared=header_row is not None, declared_rows=header_rows
    )


def empty_broken(sheet: Sheet) -> Sheet:
    """The sheet without the cells of rows that do not fit the header: they are of other columns."""
    if not sheet.broken:
        return sheet
    columns = {
        name: [None if row in sheet.broken else cell for row, cell in enumerate(cells)]
        for name, cells in sheet.columns.items()
    }
    torn = {row: tuple(cells[row] for cells in sheet.columns.values()) for row in sheet.broken}
    return replace(sheet, columns=columns, torn=torn)


DECLARED_DESA = "desa (dinyatakan)"


def with_desa(sheet: Sheet, kode: str) -> tuple[Sheet, str]:
    """The sheet with a column that says for each row the one desa it is declared to be about."""
    columns: dict[str, list[object]] = {**sheet.columns, DECLARED_DESA: [kode] * len(sheet)}
    return replace(sheet, columns=columns), DECLARED_DESA


def _build(
    grid: grids.CellGrid,
    header: headers.SheetHeader,
    label: str,
    *,
    is_declared: bool,
    declared_rows: int,
) -> Sheet:
    start = header.first + header.rows
    notes = list(grid.notes)
    if not is_declared and (header.first > 0 or header.rows != declared_rows):
        notes.append(f"header read from row {_span(header.first + 1, start)}")
    if start < len(grid.cells) and sheet_body.numbers_columns(grid.cells[start]):
        notes.append(f"row {start + 1} only numbers the columns; left out")
        start += 1
    body = sheet_body.read_body(grid, header, start)
    rows = [index + 1 for index in body.rows]
    merged = sheet_body.fill_merges(grid, body.columns, body.rows)
    findings = [*grid.findings, *(READING.finding(f"{note}.", file=label) for note in notes)]
    findings += row_widths.shifted_findings(ROW_SHIFTED, body.broken, label, rows)
    if grid.delimiter is not None:
        usable = {position: row for position, row in enumerate(rows) if position not in body.broken}
        width = len(body.columns)
        findings += row_widths.short_findings(ROW_SHORT, body.records, width, label, usable)
    findings += text_encoding.check_texts(body.columns.values(), rows, label)
    broken = body.broken
    sheet = Sheet(label, body.columns, rows, grid.sheet, broken, merged, tuple(findings))
    several = zip(header.names, header.lowest, strict=True) if header.rows > 1 else ()
    lowest = {name: ending for name, ending in several if name in body.columns and ending}
    return replace(sheet, titles=_titles(grid, header.first), lowest=lowest)


def _titles(grid: grids.CellGrid, end: int) -> tuple[str, ...]:
    """The texts of the rows above the header."""
    above = (cell for index in range(end) for cell in grid.cells[index])
    return tuple(cell for cell in above if isinstance(cell, str) and cell.strip())


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"
