"""The cells of spending lines: activity, account, texts and exact amounts of each row."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from boundaries.findings import locations, report
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files import cell_texts, sheets
from layers.tables.rows import amount_cells, row_places
from layers.tables.spending import activities, sum_rows
from layers.workspace.sections import SpendingSection

SPENDING_AMOUNTS = declared_kind("spending.amounts")
AMOUNTS_EMPTY = declared_kind("spending.amounts_empty")
REALISED_BEYOND = declared_kind("spending.realised_beyond")
ACTIVITY_REPAIRED = declared_kind("spending.activity_repaired")
ACTIVITY_UNREADABLE = declared_kind("spending.activity_unreadable")

AMOUNTS = {
    "anggaran_idr": "anggaran_column",
    "anggaran_perubahan_idr": "anggaran_perubahan_column",
    "realisasi_idr": "realisasi_column",
}
TEXTS = ("kegiatan", "nama_kegiatan", "sumber")
LEAST_REALISED = 1_000
"""Rupiah that the largest realised amount reaches; smaller ones are per cent, or millions."""
FEWEST_SHARES = 3
"""Lines with both amounts from which their shares say whether the realised one is whole rupiah."""
_SCALES = {1_000: "thousands", 1_000_000: "millions"}
_SPENT = (0.4, 1.1)
"""Shares of budgets that are spent, where all lines of a year's end have theirs."""


def read_lines(
    section: SpendingSection,
    sheet: sheets.Sheet,
    findings: list[report.Finding],
    reasons: dict[int, row_places.Reason],
) -> pd.DataFrame:
    """``file, row``, the texts and amounts of each record; reasons of those that are no spending.

    Raises
    ------
    InputError
        No amount is declared.
    """
    columns: dict[str, object] = {
        "file": [sheet.file] * len(sheet),
        "row": np.asarray(sheet.rows, dtype=np.int64),
    }
    sum_rows.refuse_total_rows(section, sheet, reasons)
    codes = _read_activities(section, sheet, findings, reasons)
    columns |= {
        "kegiatan": codes,
        "nama_kegiatan": _texts(sheet, section.activity_name_column),
        "sumber": _texts(sheet, section.source_column),
    }
    sum_rows.refuse_accounts(section, sheet, codes, reasons)
    if not any(getattr(section, key) for key in AMOUNTS.values()):
        raise InputError(f"{section.path}: declare anggaran_column or realisasi_column.")
    amounts = {
        name: amount_cells.AmountColumn.of(
            "spending",
            getattr(section, key),
            sheet,
            section.decimal,
            LEAST_REALISED if name == "realisasi_idr" else amount_cells.LEAST_BUDGET,
        )
        for name, key in AMOUNTS.items()
    }
    realised = amounts["realisasi_idr"]
    amounts["realisasi_idr"] = realised.doubted(_scale_doubt(section, amounts))
    frame = pd.DataFrame(columns | {name: column.amounts for name, column in amounts.items()})
    read = {name: column.read for name, column in amounts.items()}
    sum_rows.refuse_headings(section, sheet, codes, read, reasons)
    sum_rows.refuse_sums(section, sheet, codes, read, reasons)
    for column in amounts.values():
        findings += column.tell(reasons)
    findings += _tell_amounts(section, frame, sheet.file)
    findings += _tell_beyond(section, frame, sheet.file, reasons)
    return frame


def _scale_doubt(
    section: SpendingSection, amounts: dict[str, amount_cells.AmountColumn]
) -> str | None:
    """Why realised amounts count thousands or millions of rupiah beside budgets that do not."""
    used = "anggaran_perubahan_idr" if section.amounts == "perubahan" else "anggaran_idr"
    budget, realised = amounts[used].read, amounts["realisasi_idr"].read
    both = budget.is_known & realised.is_known & (budget.rupiah > 0) & (realised.rupiah > 0)
    if both.sum() < FEWEST_SHARES:
        return None
    shares = realised.rupiah[both] / budget.rupiah[both]
    for scale, word in _SCALES.items():
        if ((shares * scale >= _SPENT[0]) & (shares * scale <= _SPENT[1])).all():
            return (
                f"every line is about 1/{scale:,} of its budget, so these are {word} of rupiah; "
                "not used. Write whole rupiah"
            )
    return None


def _tell_amounts(section: SpendingSection, frame: pd.DataFrame, file: str) -> list[report.Finding]:
    """Which of two amounts counts; and whether it says anything at all."""
    pair = {"murni": section.anggaran_column, "perubahan": section.anggaran_perubahan_column}
    if not all(pair.values()):
        return []
    used = pair[section.amounts]
    message = f"Two amounts a line: '{used}' counts ({section.amounts})."
    findings = [SPENDING_AMOUNTS.finding(message, file)]
    sums = {
        "murni": frame["anggaran_idr"].sum(),
        "perubahan": frame["anggaran_perubahan_idr"].sum(),
    }
    if sums[section.amounts] == 0 and any(sums.values()):
        message = (
            f"'{used}' counts, but it is empty or zero in every line, and the other amount is not: "
            "is the revision not made yet? Check 'amounts'."
        )
        findings.append(AMOUNTS_EMPTY.finding(message, file))
    return findings


def _tell_beyond(
    section: SpendingSection, frame: pd.DataFrame, file: str, reasons: Collection[int]
) -> list[report.Finding]:
    """Lines on which more is spent than the amount that counts as their budget.

    Findings
    --------
    spending.realised_beyond
        Such lines, with their rows (warning); both amounts count.
    """
    is_used = np.ones(len(frame), dtype=bool)
    is_used[list(reasons)] = False
    used = "anggaran_perubahan_idr" if section.amounts == "perubahan" else "anggaran_idr"
    is_beyond = (frame["realisasi_idr"] > frame[used]).fillna(False).to_numpy(bool) & is_used
    lines = frame[is_beyond]
    if lines.empty:
        return []
    first = lines.iloc[0]
    message = (
        f"{len(lines)} lines spend more than their budget, such as {first['realisasi_idr']} of "
        f"{first[used]} rupiah. Rows {', '.join(locations.row_ranges(lines['row'].tolist()))}."
    )
    row = int(first["row"])
    return [
        REALISED_BEYOND.finding(
            message, file, row, measure=len(lines), rows=lines["row"].astype(int).tolist()
        )
    ]


def _texts(sheet: sheets.Sheet, column: str | None) -> list[str | None]:
    if column is None:
        return [None] * len(sheet)
    return [cell_texts.cell_text(cell).replace("\\/", "/") or None for cell in sheet.column(column)]


def _read_activities(
    section: SpendingSection,
    sheet: sheets.Sheet,
    findings: list[report.Finding],
    reasons: dict[int, row_places.Reason],
) -> list[str | None]:
    """The activity of each row; one that cannot be read is a finding."""
    if section.activity_column is None:
        return [None] * len(sheet)
    cells = sheet.column(section.activity_column)
    known = {cell: activities.read_activity(cell) for cell in dict.fromkeys(cells)}
    codes = [known[cell] for cell in cells]
    for number, (cell, code) in enumerate(zip(cells, codes, strict=True)):
        if code is None and number not in reasons:
            text = "" if cell is None else str(cell)
            message = f"'{text}' is no activity code; it counts in the total only."
            row = sheet.rows[number]
            findings.append(ACTIVITY_UNREADABLE.finding(message, sheet.file, row, value=text))
    clocks = [number for number, cell in enumerate(cells) if activities.is_clock(cell)]
    clocks = [number for number in clocks if codes[number]]
    if clocks:
        message = (
            f"{len(clocks)} activity codes turned into times were read back, such as "
            f"{cells[clocks[0]]} as {codes[clocks[0]]}."
        )
        row = sheet.rows[clocks[0]]
        findings.append(ACTIVITY_REPAIRED.finding(message, sheet.file, row, measure=len(clocks)))
    return codes
