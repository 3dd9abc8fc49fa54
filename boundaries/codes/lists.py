"""Small lists that come as files: official names, crosswalks, decided matches.

CSV (also gzipped, with comma, semicolon or tab, with or without BOM, UTF-8 or Windows-1252) and the
workbooks of tables: XLSX, XLSB, XLS, ODS.  All cells come back as text; what they mean is for the
caller.  Anything else is refused with what to do.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from boundaries import errors, file_kinds
from boundaries.bounds import declared_sizes, input_limits, input_readers
from boundaries.codes import (
    CodeReference,
    CodeSystem,
    column_findings,
    kode_types,
    named_codes,
    read_named_column,
)
from boundaries.findings import report
from boundaries.texts import delimited, row_widths, text_encoding, workbooks

NAME_DIFFERS = report.declared_kind("codes.name_differs")
NAME_MISSING = report.declared_kind("codes.name_missing")
ROW_SHIFTED = report.declared_kind("text.row_shifted")
ROW_SHORT = report.declared_kind("text.row_short")
LISTED_TWICE = report.declared_kind("codes.listed_twice")

SPREADSHEETS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
SAVE_AS = "open it in the program that wrote it and save it as XLSX, ODS or CSV."
_NO_LISTS = frozenset(
    {
        file_kinds.FileKind.PAGE,
        file_kinds.FileKind.WEB_ARCHIVE,
        file_kinds.FileKind.XML_SHEET,
        file_kinds.FileKind.LOCKED,
    }
)


@dataclass(frozen=True, slots=True)
class ListRows:
    """The rows of a list: wanted columns only, blank rows left out.

    Parameters
    ----------
    rows
        One tuple of texts per row, in the order of the columns asked for; ``""`` where there is no
        such column or no value.
    numbers
        Row number of each in the file; the header is row 1.
    findings
        How the file was read, where it does not say so itself.
    shifted
        How many rows are left out because their cells do not fit the header.
    """

    rows: list[tuple[str, ...]]
    numbers: list[int]
    findings: tuple[report.Finding, ...] = field(default=(), compare=False)
    shifted: int = 0

    def column(self, position: int) -> list[str]:
        """All cells of one of the wanted columns."""
        return [row[position] for row in self.rows]


def read_list(
    path: Path, label: str, columns: Sequence[str | None], encoding: str | None = None
) -> ListRows:
    """The wanted columns of a list file; None stands for a column that is not declared.

    Parameters
    ----------
    label
        The path as the workspace declares it, for messages.
    encoding
        Of a text file, where it is declared.

    Findings
    --------
    text.encoding_deduced, text.mojibake
        See `boundaries.texts.text_encoding`.
    text.row_shifted
        A row of a text file has other numbers of cells than the header (warning); left out.
    text.row_short
        Rows of a text file that end early (note).

    Raises
    ------
    InputMissingError, InputUnreadableError
        There is no such file, or it is not what its name says.
    InputUndeclaredError
        A declared column is not in the file; the message lists those that are.
    InputBeyondLimitError
        It is too large, see `boundaries.bounds`.
    """
    file = input_limits.InputFile(path, label)
    return input_readers.read_within(file, _read_list, file, (*columns,), encoding)


def _read_list(
    file: input_limits.InputFile, columns: Sequence[str | None], encoding: str | None
) -> ListRows:
    label = file.label
    if not file.path.is_file():
        raise errors.InputMissingError(f"{label}: no such file.")
    table, findings, is_text = _read_table(file, encoding, columns)
    input_readers.check_table(file, len(table), max(map(len, table), default=0))
    first = next((row for row, cells in enumerate(table) if any(map(str.strip, cells))), None)
    if first is None:
        raise errors.InputUnreadableError(f"{label}: the file is empty.")
    header = [cell.strip() for cell in table[first]]
    positions = [None if name is None else _position(name, header, label) for name in columns]
    records = table[first + 1 :]
    row_numbers = range(first + 2, len(table) + 1)
    shifted = row_widths.find_shifted(header, records) if is_text else {}
    usable = {
        index: number
        for index, number in enumerate(row_numbers)
        if index not in shifted and any(map(str.strip, records[index]))
    }
    rows = [tuple(_cell(records[index], place) for place in positions) for index in usable]
    numbers = [*usable.values()]
    findings += row_widths.shifted_findings(ROW_SHIFTED, shifted, label, row_numbers)
    if is_text:
        width = max((place for place, cell in enumerate(header, start=1) if cell), default=0)
        findings += row_widths.short_findings(ROW_SHORT, records, width, label, usable)
    findings += text_encoding.check_texts(list(zip(*rows, strict=True)), numbers, label)
    return ListRows(rows, numbers, tuple(findings), len(shifted))


def _cell(cells: Sequence[str], position: int | None) -> str:
    return "" if position is None or position >= len(cells) else cells[position].strip()


def _position(name: str, header: list[str], label: str) -> int:
    if name not in header:
        raise errors.InputUndeclaredError(
            f"{label}: there is no column '{name}'. The file has: {', '.join(header)}."
        )
    return header.index(name)


def _read_table(
    file: input_limits.InputFile, encoding: str | None, columns: Sequence[str | None]
) -> tuple[Sequence[Sequence[str]], list[report.Finding], bool]:
    """The cells by what the file is, whatever its name says; whether it is a delimited text."""
    path, label = file.path, file.label
    raw = declared_sizes.read_content(file, input_readers.current_limits().allow(file.size))
    suffix = path.suffix.lower()
    kind = file_kinds.kind_of(raw)
    is_text = kind is file_kinds.FileKind.TEXT or (
        kind is file_kinds.FileKind.JSON and not _holds_records(raw)
    )
    is_book = kind in file_kinds.WORKBOOKS or suffix in SPREADSHEETS
    if kind in _NO_LISTS or not (is_text or is_book):
        raise errors.InputUnreadableError(f"{label}: it is {kind.value}; {SAVE_AS}")
    names = [name for name in columns if name is not None]
    if is_book and not is_text:
        return _read_spreadsheet(raw, label, names), [], False
    if suffix in SPREADSHEETS and raw.count(b"\n") < 1:
        raise errors.InputUnreadableError(
            f"{label}: not a spreadsheet, and no text table either; {SAVE_AS}"
        )
    text, findings = text_encoding.decode_text(raw, label, encoding)
    return (
        delimited.cut_rows(text, label, expected=names, starts_with_header=True).rows,
        findings,
        True,
    )


def _holds_records(raw: bytes) -> bool:
    """Whether a text is JSON, or its first line is: a header in brackets is none."""
    for text in (raw, raw.lstrip().partition(b"\n")[0]):
        try:
            json.loads(text)
        except ValueError:
            continue
        return True
    return False


def _read_spreadsheet(raw: bytes, label: str, names: Sequence[str]) -> list[list[str]]:
    """The texts of the first sheet whose first rows have all the names; else of the first one."""
    book = workbooks.Workbook(raw, label)
    book.check_places()
    if not book.sheets:
        raise errors.InputUnreadableError(f"{label}: a workbook without a sheet.")
    sheet = book.sheets[0]
    if len(book.sheets) > 1:
        fitting = (name for name in book.sheets if _has_names(book.first_rows(name), names))
        sheet = next(fitting, sheet)
    cells, _ = book.read(sheet)
    return [[*map(_spreadsheet_text, row)] for row in cells]


def _has_names(rows: Sequence[Sequence[object]], names: Sequence[str]) -> bool:
    return any({*names} <= {str(cell).strip() for cell in row} for row in rows)


def _spreadsheet_text(cell: object) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def read_name_list(
    path: Path,
    label: str,
    *,
    code_column: str,
    name_column: str,
    system: CodeSystem,
    scope: Sequence[str] = (),
    input_name: str = "names",
    encoding: str | None = None,
) -> tuple[CodeReference, list[report.Finding], report.LoadCount]:
    """An official code list: names of wilayah of every level that occurs in the file.

    The npm package ``idn-area-data`` has one file for each level, all readable here: ``code`` and
    ``name`` in ``provinces.csv``, ``regencies.csv``, ``districts.csv`` and ``villages.csv``.

    Parameters
    ----------
    scope
        Codes of wilayah for which the list is complete, or ``indonesia``.

    Findings
    --------
    codes.refused, codes.repaired
        As `boundaries.codes.column.column_findings`.
    codes.name_differs
        A code occurs twice with different names (warning); neither is used.
    codes.name_missing
        A row has a code and no name (warning).
    codes.listed_twice
        How many rows repeat an earlier one (note).
    And those of `read_list`.
    """
    listed = read_list(path, label, [code_column, name_column], encoding)
    texts, names = listed.column(0), listed.column(1)
    digits: list[str | None] = [None] * len(texts)
    findings: list[report.Finding] = [*listed.findings]
    by_level: dict[kode_types.Level, list[int]] = {level: [] for level in kode_types.LEVELS}
    for index, text in enumerate(texts):
        by_level[level_of(text, system)].append(index)
    for level, indexes in by_level.items():
        column, of_rows = read_named_column(
            [texts[i] for i in indexes], [names[i] for i in indexes], system, level
        )
        findings += column_findings(column, label, [listed.numbers[i] for i in indexes])
        for index, code, name in zip(indexes, column.digits, of_rows, strict=True):
            digits[index], names[index] = code, name or ""
    unique, clashes = _unique_names(digits, names)
    findings += [
        NAME_DIFFERS.finding(
            f"Two names for one code: {' and '.join(sorted(both))}; neither is used.",
            file=label,
            kode=code,
        )
        for code, both in sorted(clashes.items())
    ]
    nameless = {
        number for number, code in enumerate(digits) if code is not None and not names[number]
    }
    findings += [
        NAME_MISSING.finding(
            "A code without a name.",
            file=label,
            row=listed.numbers[number],
            value=texts[number],
        )
        for number in sorted(nameless)
    ]
    used = [None if number in nameless else code for number, code in enumerate(digits)]
    load, repeats = count_rows(input_name, label, listed, used, set(clashes))
    return CodeReference.of(system, unique, scope), [*findings, *repeats], load


def count_rows(
    input_name: str,
    label: str,
    listed: ListRows,
    keys: Sequence[object | None],
    contradicted: Collection[object] = (),
) -> tuple[report.LoadCount, list[report.Finding]]:
    """What became of the rows of a list; and a note about those that repeat another.

    Parameters
    ----------
    keys
        What each row states, None where it states nothing usable (unmatched).
    contradicted
        Keys of which rows say different things: all these rows are duplicates.
    """
    seen: set[object] = set()
    repeated = []
    clashing = 0
    for number, key in enumerate(keys):
        if key is None:
            continue
        if key in contradicted:
            clashing += 1
        elif key in seen:
            repeated.append(listed.numbers[number])
        seen.add(key)
    unmatched = sum(key is None for key in keys) + listed.shifted
    duplicates = clashing + len(repeated)
    rows_read = len(keys) + listed.shifted
    matched = rows_read - unmatched - duplicates
    load = report.LoadCount(input_name, label, rows_read, matched, unmatched, duplicates)
    if not repeated:
        return load, []
    message = f"{len(repeated)} rows repeat an earlier one: rows {_shown(repeated)}."
    return load, [
        LISTED_TWICE.finding(
            message,
            file=label,
            row=repeated[0],
            measure=len(repeated),
            rows=repeated,
        )
    ]


def _shown(rows: list[int]) -> str:
    more = f" and {len(rows) - 50} more" if len(rows) > 50 else ""
    return ", ".join(map(str, rows[:50])) + more


def level_of(text: str, system: CodeSystem) -> kode_types.Level:
    """The level whose length the digits of the text have; desa where none has."""
    named = named_codes.split_name(text)
    count = sum(character.isdigit() for character in (text if named is None else named[0]))
    ends = kode_types.kode_type(system).ends
    return kode_types.LEVELS[ends.index(count)] if count in ends else "desa"


def _unique_names(
    digits: Sequence[str | None], names: Sequence[str]
) -> tuple[dict[str, str], dict[str, set[str]]]:
    spellings: dict[str, set[str]] = {}
    for code, name in zip(digits, names, strict=True):
        if code is not None:
            spellings.setdefault(code, set()).add(name)
    unique = {
        code: next(iter(given)) if len(given) == 1 else "" for code, given in spellings.items()
    }
    return unique, {code: given for code, given in spellings.items() if len(given) > 1}
