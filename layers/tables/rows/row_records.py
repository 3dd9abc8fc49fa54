"""A table as records: for each row its place, its year, and the cells of each indicator."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from boundaries.codes import CodeSystem, crosswalk
from boundaries.findings.report import Finding
from boundaries.history.versions import History
from boundaries.matching.matching import Proposal
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files import headers, sheets
from layers.tables.numbers import said_units
from layers.tables.rows import (
    by_code,
    by_name,
    carried,
    name_check,
    row_places,
    stated_years,
    undeclared_names,
)
from layers.workspace.sections import TableSection

NOT_A_RECORD = declared_kind("table.not_a_record")

Ints = npt.NDArray[np.int64]
Decisions = Mapping[tuple[str, str], str | None]

_VALUE = re.compile(r"(?:rp\.?\s*)?[-+]?\d[\d.,]*\s*%?", re.IGNORECASE)
"""A cell that is a value and no words, of a row whose key is missing."""
_SAYS = re.compile(r"[^\W_]|%")
TOTAL_WORDS = re.compile(
    r"(?:sub\s*|grand\s*)?(?:jumlah|total|jml|rata[\s-]*rata|rerata|rataan)\b.*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Aids:
    """What placing rows may use beside the table itself.

    Parameters
    ----------
    bridge
        Crosswalk from BPS to Kemendagri codes.
    decisions
        Matches of names that a person decided.
    default_year
        Year where the section gives none.
    history
        How codes changed, where the places are given as a frame: rows of former codes are used.
    """

    bridge: crosswalk.CodeBridge | None = None
    decisions: Decisions | None = None
    default_year: int | None = None
    history: History | None = None


@dataclass(frozen=True)
class Records:
    """The rows of a table that are records, placed.

    Parameters
    ----------
    sheet
        The table, without totals, headings and footnotes.
    position
        Row of `Places` for each record, -1 where there is none.
    year
        Year of each record, 0 where it cannot be read.
    reasons
        Why a record is not used, by position in the sheet.
    proposals
        Undecided matches of names.
    """

    sheet: sheets.Sheet
    position: Ints
    year: Ints
    reasons: Mapping[int, row_places.Reason]
    findings: tuple[Finding, ...]
    proposals: tuple[Proposal, ...] = ()


def place_records(
    section: TableSection, sheet: sheets.Sheet, places: row_places.Places, aids: Aids
) -> Records:
    """The records of a sheet with the desa and the year of each.

    Findings
    --------
    table.not_a_record
        A row of totals, a heading or a footnote (note).
    table.year_unreadable
        A record without a year.
    table.name_unmatched
        A record without code whose name is no desa, or not provably one.

    Raises
    ------
    InputError
        A declared column is missing, or nothing says which desa a row is about or which year.
    """
    keys = [name for name in (section.code_column, section.name_column) if name is not None]
    if not keys:
        raise InputError(
            f"{section.path}: declare code_column, or kecamatan_column and name_column."
        )
    sheet, notes = without_strangers(sheet, sheet.resolve(keys[0]))
    placed, proposals = (
        _by_code(section, sheet, places, aids)
        if section.code_column is not None
        else by_name.place_by_name(section, sheet, places, aids.decisions)
    )
    reasons = dict(placed.reasons)
    for number, reason in sheet.broken.items():
        reasons[number] = row_places.Reason("table.row_shifted", f"Row not used: {reason}.", reason)
    year = _years(section, sheet, aids, reasons)
    notes += stated_years.report_other_years(sheet, section, aids.default_year, section.columns)
    position, former = carried.settle_former(
        placed.position, year, places, reasons, sheet.file, sheet.rows
    )
    position[list(reasons)] = -1
    if section.code_column is not None:
        check = _check_names(section, sheet, placed, position, places, aids)
        position, proposals = check.position, tuple(sorted(check.proposals))
        reasons |= check.reasons
        notes += check.findings
    # The finding of a shifted row is the one of its reason.
    read = tuple(finding for finding in sheet.findings if finding.code != "table.row_shifted")
    findings = (*read, *notes, *placed.findings, *former)
    return Records(sheet, position, year, reasons, findings, proposals)


def _check_names(
    section: TableSection,
    sheet: sheets.Sheet,
    placed: row_places.Placement,
    position: Ints,
    places: row_places.Places,
    aids: Aids,
) -> name_check.NameCheck:
    """The codes held against the names beside them, declared or not.

    Findings
    --------
    table.name_undeclared
        See `layers.tables.rows.undeclared_names` (warning).
    """
    names, parents = section.name_column, section.kecamatan_column
    if placed.cell_names is not None and names == section.code_column:
        names = None  # What the cells name beside their codes is held against these below.
    undeclared = undeclared_names.UndeclaredNames()
    if names is None:
        besides = (*_declared_columns(section), parents)
        undeclared = undeclared_names.find_names(sheet, position, places, besides)
    named = name_check.NamedRows(
        _optional(sheet, names or undeclared.desa),
        _optional(sheet, parents or undeclared.kecamatan),
        placed.listed,
    )
    check = name_check.check_names(named, position, places, sheet.file, sheet.rows, aids.decisions)
    check = name_check.check_cell_names(
        check, placed, named, places, sheet.file, sheet.rows, aids.decisions
    )
    held = undeclared.desa or undeclared.kecamatan
    if held is not None and check.reasons:
        rows = sorted(sheet.rows[index] for index in check.reasons)
        check.findings.append(undeclared_names.report_held(held, sheet, rows))
    check.findings += undeclared.findings
    return check


def _declared_columns(section: TableSection) -> tuple[str | None, ...]:
    values = section.columns if section.shape == "wide" else ()
    return (section.code_column, section.part_column, section.indicator_column, *values)


def without_strangers(sheet: sheets.Sheet, key: str) -> tuple[sheets.Sheet, list[Finding]]:
    """The sheet without rows that have no key and are totals, a single text, or the header again.

    Rows that do not fit the header keep their place and lose their cells.
    """
    strangers: dict[int, str] = {}
    units = dict(sheet.units)
    keys = sheet.columns[key]
    for index, cell in enumerate(keys):
        if type(cell) is str and cell[:1].isdigit():
            continue
        if cell is not None and not (isinstance(cell, str) and _is_stranger_key(cell)):
            continue
        row = {
            name: cells[index]
            for name, cells in sheet.columns.items()
            if cells[index] not in (None, "")
        }
        words = {name: value.strip() for name, value in row.items() if isinstance(value, str)}
        is_total = any(TOTAL_WORDS.fullmatch(word) for word in words.values())
        stated = _stated(row)
        if index == 0 and said_units.are_units(stated.values()):
            units |= stated
        is_alone = len(row) == 1 and not any(map(_VALUE.fullmatch, words.values()))
        is_heading = is_alone or is_total or _repeats_header(sheet, row)
        is_units = bool(stated) and units.items() >= stated.items()
        if words and (is_heading or is_units):
            strangers[index] = next(iter(words.values()))
    if not strangers:
        return sheets.empty_broken(sheet), []
    remaining = _drop(sheet, strangers, {} if units.keys() == sheet.units.keys() else {0})
    return sheets.empty_broken(replace(remaining, units=units)), [
        NOT_A_RECORD.finding(
            "A total, heading or footnote; not read.",
            sheet.file,
            sheet.rows[index],
            value=text,
        )
        for index, text in strangers.items()
    ]


def _stated(row: Mapping[str, object]) -> dict[str, str]:
    """The words of a row of nothing but words, without marks for nothing such as ``-``."""
    if not all(isinstance(cell, str) for cell in row.values()):
        return {}
    return {name: str(cell).strip() for name, cell in row.items() if _SAYS.search(str(cell))}


def _repeats_header(sheet: sheets.Sheet, row: Mapping[str, object]) -> bool:
    """Whether a row only holds the names of its columns, as on each page of a printed list."""
    return len(row) > 1 and all(
        headers.fold(cell) in (headers.fold(name), headers.fold(sheet.lowest.get(name, "")))
        for name, cell in row.items()
    )


def _is_stranger_key(cell: str) -> bool:
    return (
        not cell.strip()
        or TOTAL_WORDS.fullmatch(cell.strip()) is not None
        or not any(letter.isdigit() for letter in cell)
    )


def _drop(
    sheet: sheets.Sheet, strangers: Mapping[int, str], units: Collection[int]
) -> sheets.Sheet:
    """The sheet without the strangers; their texts are titles, but for rows of units."""
    remaining = [index for index in range(len(sheet)) if index not in strangers]
    moved = {index: indices for indices, index in enumerate(remaining)}
    return sheets.Sheet(
        sheet.file,
        {name: [cells[index] for index in remaining] for name, cells in sheet.columns.items()},
        [sheet.rows[index] for index in remaining],
        sheet.sheet,
        {moved[index]: why for index, why in sheet.broken.items() if index in moved},
        {
            name: frozenset(moved[index] for index in indices if index in moved)
            for name, indices in sheet.merged.items()
        },
        sheet.findings,
        titles=(*sheet.titles, *(text for index, text in strangers.items() if index not in units)),
        lowest=sheet.lowest,
    )


def _optional(sheet: sheets.Sheet, name: str | None) -> list[object] | None:
    return None if name is None else sheet.column(name)


def _by_code(
    section: TableSection, sheet: sheets.Sheet, places: row_places.Places, aids: Aids
) -> tuple[row_places.Placement, tuple[Proposal, ...]]:
    if section.code_system is None:
        raise InputError(
            f'{section.path}: code_system is not declared. Say "kemendagri" or "bps": codes of '
            "both have ten digits and mean different places."
        )
    source = by_code.CodeSource(
        sheet.file,
        sheet.rows,
        CodeSystem(section.code_system),
        _optional(sheet, section.name_column),
        _optional(sheet, section.kecamatan_column),
        aids.bridge,
    )
    cells = sheet.column(section.code_column or "")
    return by_code.place_by_code(cells, source, places, sheet.broken), ()


def _years(
    section: TableSection, sheet: sheets.Sheet, aids: Aids, reasons: dict[int, row_places.Reason]
) -> Ints:
    if section.year_column is None:
        year = section.year or aids.default_year
        if year is None:
            raise InputError(f"{section.path}: declare year or year_column.")
        if section.year is not None:
            stated_years.refuse_other_years(sheet, section.year, reasons)
        return np.full(len(sheet), year, dtype=np.int64)
    cells = sheet.column(section.year_column)
    years_by_cell: dict[object, int] = {}
    years = np.zeros(len(cells), dtype=np.int64)
    for index, cell in enumerate(cells):
        if cell not in years_by_cell:
            years_by_cell[cell] = stated_years.read_year(cell) or 0
        years[index] = years_by_cell[cell]
        if not years[index] and index not in reasons:
            text = "" if cell is None else str(cell)
            reasons[index] = row_places.Reason(
                "table.year_unreadable", f"'{text}' is no year.", text
            )
    return years
