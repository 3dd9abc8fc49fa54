"""APBDes lines joined to desa: exact rupiah, each line with its activity, source and origin.

A line is one desa, year, activity and source of funds.  Nothing is summed here; that is
`layers.tables.spending.spending_layer`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries.codes import CodeSystem, split_siskeudes_activity
from boundaries.findings.report import Finding, LoadCount
from boundaries.matching.matching import Proposal
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files.sheets import Sheet, read_section, with_desa
from layers.tables.importers import adapt_spending
from layers.tables.rows import (
    by_code,
    carried,
    lost_rows,
    name_check,
    row_places,
    row_records,
    shipped_histories,
    stated_years,
)
from layers.tables.spending.spending_lines import AMOUNTS, TEXTS, read_lines
from layers.workspace.sections import SpendingSection

DUPLICATE = declared_kind("spending.duplicate")
KELURAHAN = declared_kind("spending.kelurahan")


@dataclass(frozen=True, slots=True)
class SpendingResult:
    """One spending table joined.

    Parameters
    ----------
    lines
        ``kode, tahun, kegiatan, nama_kegiatan, sumber, anggaran_idr, anggaran_perubahan_idr,
        realisasi_idr, file, row``, sorted by desa, year, activity, source and row; amounts Int64,
        null where the file has none.
    cleaned
        One row for each record of the file, in its order: ``file, row, kode, tahun, status,
        reason`` and the columns of ``lines``.
    lost
        Lines that are not used although they may be of a desa, as ``lines``: ``kode`` is that of
        the desa, else of the kecamatan or kabupaten; ``tahun`` 0 and texts null where they cannot
        be read; no amounts.  Sums without them are of a part.
    declared
        The amounts (of ``lines``) for which the table has a column.
    proposals
        Names beside codes that contradict them, to be decided.
    """

    id: str
    lines: pd.DataFrame
    findings: tuple[Finding, ...]
    load: LoadCount
    cleaned: pd.DataFrame
    lost: pd.DataFrame
    declared: frozenset[str]
    proposals: tuple[Proposal, ...] = ()


def join_spending(
    section: SpendingSection,
    folder: Path,
    desa: pd.DataFrame | row_places.Places,
    aids: row_records.Aids | None = None,
) -> SpendingResult:
    """The spending lines of the desa of the coverage.

    Siskeudes codes (``00.0000.``) are completed by ``section.kabupaten``.  Rows that are equal in
    everything are one line (counted as duplicates): an export pasted twice must not double money.

    Findings
    --------
    spending.duplicate
        A row equal to an earlier one in everything (warning); counted once.
    spending.amount_unreadable
        A filled cell that is no amount (warning); the line has none.
    spending.activity_unreadable
        An activity that is no ``bidang.sub.kegiatan`` (warning); it counts in the total only.
    spending.amounts
        Which of two amounts counts (note).
    spending.kelurahan
        A kelurahan has APBDes lines (warning): it has no APBDes of its own; not shown.
    spending.amount_reading
        How amounts were read (note).

    Raises
    ------
    InputError
        The file cannot be read as declared.
    """
    aids = aids or row_records.Aids()
    places = row_places.Places.of(desa, aids.history)
    section, sheet, notes = read_declared_lines(section, folder)
    placed = _place(section, sheet, places, aids)
    check = name_check.check_cell_names(
        name_check.NameCheck(placed.position),
        placed,
        name_check.NamedRows(None, None, placed.listed),
        places,
        sheet.file,
        sheet.rows,
        aids.decisions,
    )
    reasons = dict(placed.reasons) | check.reasons
    for number, why in sheet.broken.items():
        reasons[number] = row_places.Reason("table.row_shifted", f"Row not used: {why}.", why)
    years = _years(section, sheet, aids, reasons)
    amounts = [name for key in AMOUNTS.values() if (name := getattr(section, key))]
    titles = stated_years.report_other_years(sheet, section, aids.default_year, amounts)
    findings = [*sheet.findings, *notes, *titles, *placed.findings, *check.findings]
    findings = [finding for finding in findings if finding.code != "table.row_shifted"]
    table = read_lines(section, sheet, findings, reasons)
    position, former = carried.settle_former(
        check.position, years, places, reasons, sheet.file, sheet.rows
    )
    findings += former
    lost_rows.refuse_alike(
        sheet, section.declared_columns, position.tolist(), "spending.line_alike", reasons
    )
    table["tahun"] = pd.array(np.where(years > 0, years, 0), dtype="Int64")
    lost = _list_lost(section, sheet, table, _codes(places, position), reasons, places, aids)
    position[list(reasons)] = -1
    table["kode"] = _codes(places, position)
    is_duplicate = _repeats(table, position, sheet, findings)
    findings += _kelurahan(table, position, places, section)
    findings += row_places.unmatched_findings(reasons, sheet.file, sheet.rows)
    findings += shipped_histories.propose_histories(reasons, None, places, sheet.file, sheet.rows)
    cleaned = _clean(table, position, is_duplicate, reasons)
    lines = cleaned[cleaned["status"] == "matched"].drop(columns=["status", "reason"])
    lines = lines[["kode", "tahun", *TEXTS, *AMOUNTS, "file", "row"]]
    lines = lines.sort_values(
        ["kode", "tahun", "kegiatan", "sumber", "row"], ignore_index=True, na_position="last"
    )
    load = LoadCount(
        input=f"spending.{section.id}",
        file=section.path,
        rows_read=len(sheet),
        matched=len(lines),
        unmatched=len(reasons),
        duplicates=int(is_duplicate.sum()),
        desa_without_data=_without_data(places, lines),
    )
    declared = frozenset(name for name, key in AMOUNTS.items() if getattr(section, key))
    proposals = tuple(sorted(check.proposals))
    return SpendingResult(
        section.id, lines, tuple(findings), load, cleaned, lost, declared, proposals
    )


def _codes(places: row_places.Places, position: npt.NDArray[np.int64]) -> list[str | None]:
    return [str(places.kode[place]) if place >= 0 else None for place in position]


def _list_lost(
    section: SpendingSection,
    sheet: Sheet,
    table: pd.DataFrame,
    kode: list[str | None],
    reasons: dict[int, row_places.Reason],
    places: row_places.Places,
    aids: row_records.Aids,
) -> pd.DataFrame:
    """The lines that are not used although they may be of a desa; see `SpendingResult`."""

    def place(cells: list[object]) -> npt.NDArray[np.int64]:
        rows = list(range(len(cells)))
        return _place_cells(section, cells, sheet.file, rows, places, aids).position

    areas = lost_rows.find_lost_rows(sheet, reasons, kode, places, place)
    lost = table.iloc[list(areas)].assign(kode=np.array(list(areas.values()), dtype=object))
    lost[[*AMOUNTS]] = pd.array([pd.NA], dtype="Int64")[0]
    return lost[["kode", "tahun", *TEXTS, *AMOUNTS, "file", "row"]].reset_index(drop=True)


def read_declared_lines(
    section: SpendingSection, folder: Path
) -> tuple[SpendingSection, Sheet, list[Finding]]:
    """The section with what its importer knows, the records, and what was left out.

    Raises
    ------
    InputError
        The file cannot be read, or lacks a declared column or one that is needed.
    """
    declared = [
        section.code_column,
        section.year_column,
        section.activity_column,
        section.activity_name_column,
        section.account_column,
        section.source_column,
        *(getattr(section, column) for column in AMOUNTS.values()),
    ]
    sheet = read_section(section, folder / section.path, declared)
    section = adapt_spending(section, sheet)
    if section.desa is not None:
        sheet, column = with_desa(sheet, section.desa)
        section = section.model_copy(update={"code_column": column})
    if section.code_column is None:
        raise InputError(f"{section.path}: declare code_column, or the one desa of the file.")
    if section.activity_column is None and section.account_column is None:
        raise InputError(f"{section.path}: declare activity_column or account_column.")
    amounts = [getattr(section, column) for column in AMOUNTS.values()]
    if not any(amounts):
        raise InputError(f"{section.path}: declare anggaran_column or realisasi_column.")
    for name in (
        *amounts,
        section.code_column,
        section.activity_column,
        section.year_column,
        section.activity_name_column,
        section.account_column,
        section.source_column,
    ):
        if name is not None:
            sheet.resolve(name)
    key = section.account_column if section.desa else section.code_column
    return section, *row_records.without_strangers(sheet, sheet.resolve(key or section.code_column))


def _place(
    section: SpendingSection, sheet: Sheet, places: row_places.Places, aids: row_records.Aids
) -> row_places.Placement:
    cells = sheet.column(section.code_column or "")
    return _place_cells(section, cells, sheet.file, sheet.rows, places, aids, sheet.broken)


def _place_cells(
    section: SpendingSection,
    cells: list[object],
    file: str,
    rows: list[int],
    places: row_places.Places,
    aids: row_records.Aids,
    skip: Collection[int] = (),
) -> row_places.Placement:
    if section.kabupaten and section.code_system != "kemendagri":
        raise InputError(f"{section.path}: Siskeudes codes are Kemendagri codes; declare it so.")
    source = by_code.CodeSource(
        file,
        rows,
        CodeSystem(section.code_system),
        bridge=aids.bridge,
        kabupaten=section.kabupaten,
    )
    if section.kabupaten:
        # Kd_Keg may stand where Kd_Desa is expected: its first two parts are the desa.
        cells = [_desa_part(cell) for cell in cells]
    return by_code.place_by_code(cells, source, places, skip)


def _desa_part(cell: object) -> object:
    parts = split_siskeudes_activity(cell) if isinstance(cell, str) else None
    return cell if parts is None else parts[0]


def _years(
    section: SpendingSection,
    sheet: Sheet,
    aids: row_records.Aids,
    reasons: dict[int, row_places.Reason],
) -> npt.NDArray[np.int64]:
    if section.year_column is None:
        year = section.year or aids.default_year
        if year is None:
            raise InputError(f"{section.path}: declare year or year_column.")
        stated_years.refuse_other_years(sheet, year, reasons)
        return np.full(len(sheet), year, dtype=np.int64)
    years = np.zeros(len(sheet), dtype=np.int64)
    for number, cell in enumerate(sheet.column(section.year_column)):
        years[number] = stated_years.read_year(cell) or 0
        if not years[number] and number not in reasons:
            text = "" if cell is None else str(cell)
            reasons[number] = row_places.Reason(
                "table.year_unreadable", f"'{text}' is no year.", text
            )
    return years


def _repeats(
    table: pd.DataFrame,
    position: npt.NDArray[np.int64],
    sheet: Sheet,
    findings: list[Finding],
) -> npt.NDArray[np.bool_]:
    """Rows equal to an earlier one in every cell of the file, not only in those that are read."""
    whole = pd.Series(
        list(zip(*(map(repr, cells) for cells in sheet.columns.values()), strict=True)),
        dtype=object,
    )
    repeated = (whole.duplicated() if len(whole) else pd.Series([], dtype=bool)).to_numpy(bool)
    repeated = repeated & (position >= 0)
    findings += [
        DUPLICATE.finding(
            "Equal to an earlier row in everything; counted once.",
            sheet.file,
            sheet.rows[number],
            kode=str(table["kode"].iloc[number]),
        )
        for number in np.flatnonzero(repeated)
    ]
    return np.asarray(repeated, dtype=bool)


def _kelurahan(
    table: pd.DataFrame,
    position: npt.NDArray[np.int64],
    places: row_places.Places,
    section: SpendingSection,
) -> list[Finding]:
    jenis = places.frame["jenis"].to_numpy(dtype=object)
    placed = np.flatnonzero((position >= 0) & (position < len(places)))
    refused = [number for number in placed if jenis[position[number]] == "kelurahan"]
    return [
        KELURAHAN.finding(
            "A kelurahan has no APBDes of its own; the line is kept in the table, not shown.",
            section.path,
            int(table["row"].iloc[number]),
            kode=str(table["kode"].iloc[number]),
        )
        for number in refused
    ]


def _clean(
    table: pd.DataFrame,
    position: npt.NDArray[np.int64],
    is_duplicate: npt.NDArray[np.bool_],
    reasons: dict[int, row_places.Reason],
) -> pd.DataFrame:
    status = np.full(len(table), "matched", dtype=object)
    status[is_duplicate] = "duplicate"
    status[position < 0] = "unmatched"
    reason = np.full(len(table), None, dtype=object)
    for number, why in reasons.items():
        reason[number] = f"{why.code}: {why.message}"
    table = table.assign(status=status, reason=reason)
    return table[["file", "row", "kode", "tahun", "status", "reason", *TEXTS, *AMOUNTS]]


def _without_data(places: row_places.Places, lines: pd.DataFrame) -> int:
    """Desa (not kelurahan, which have no APBDes) without any line."""
    with_lines = set(lines["kode"])
    pairs = zip(places.frame["kode"], places.frame["jenis"], strict=True)
    return sum(jenis != "kelurahan" and kode not in with_lines for kode, jenis in pairs)
