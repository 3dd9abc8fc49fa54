"""The cells of spending lines: activity, account, texts and exact amounts of each row."""

import datetime
import re
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from boundaries.codes import split_siskeudes_activity
from boundaries.findings import locations, report
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files import cell_texts, sheets
from layers.tables.numbers.rupiah import Amounts
from layers.tables.rows import amount_cells, row_places, row_records
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
SPENDING_ACCOUNT = "5"
_ACCOUNTS = {"4": "income", "6": "financing"}
_ACTIVITY = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,3}")
_ACCOUNT = re.compile(r"[1-9]\d*(?:[.\-]\d+)*")
MOST_SECONDS = 29
"""An activity read back from a time of day; later seconds may be 90 to 99 that rolled over."""


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
    _refuse_total_rows(section, sheet, reasons)
    activities = _activities(section, sheet, findings, reasons)
    columns |= {
        "kegiatan": activities,
        "nama_kegiatan": _texts(sheet, section.activity_name_column),
        "sumber": _texts(sheet, section.source_column),
    }
    _refuse_accounts(section, sheet, activities, reasons)
    if not any(getattr(section, key) for key in AMOUNTS.values()):
        raise InputError(f"{section.path}: declare anggaran_column or realisasi_column.")
    amounts = {
        name: amount_cells.AmountColumn.of(
            "spending", getattr(section, key), sheet, section.decimal
        )
        for name, key in AMOUNTS.items()
    }
    frame = pd.DataFrame(columns | {name: column.amounts for name, column in amounts.items()})
    read = {name: column.read for name, column in amounts.items()}
    _refuse_headings(section, sheet, activities, read, reasons)
    for column in amounts.values():
        findings += column.tell(reasons)
    findings += _tell_amounts(section, frame, sheet.file)
    findings += _tell_beyond(section, frame, sheet.file, reasons)
    return frame


def _refuse_total_rows(
    section: SpendingSection, sheet: sheets.Sheet, reasons: dict[int, row_places.Reason]
) -> None:
    """Rows without activity that call themselves a total: their lines stand above them."""
    if section.activity_column is None:
        return
    code = sheet.resolve(section.code_column or section.activity_column)
    texts = [cells for name, cells in sheet.columns.items() if name != code]
    for number, cell in enumerate(sheet.column(section.activity_column)):
        if number in reasons or read_activity(cell) is not None:
            continue
        words = (
            cell_texts.cell_text(cells[number]) for cells in texts if isinstance(cells[number], str)
        )
        total = next((word for word in words if row_records.TOTAL_WORDS.fullmatch(word)), None)
        if total is not None:
            message = "A total of other lines; not counted."
            reasons[number] = row_places.Reason(
                "spending.subtotal", message, total, report.Severity.NOTE
            )


def _refuse_headings(
    section: SpendingSection,
    sheet: sheets.Sheet,
    activities: Sequence[str | None],
    amounts: Mapping[str, Amounts],
    reasons: dict[int, row_places.Reason],
) -> None:
    """Rows of a field or sub-field (``02``, ``02.02``) with lines below them: never added to these.

    Its code alone makes a line a heading.  One that is not the sum of its lines would count them
    twice, too; whether a line is missing is for a person to see.

    Findings
    --------
    spending.subtotal
        A heading that is the sum of its lines, or has no amount (note).
    spending.subtotal_differs
        A heading of another amount than its lines (warning).
    """
    keys = [key for key in (section.code_column, section.year_column) if key is not None]
    owner = list(zip(*(map(cell_texts.cell_text, sheet.column(key)) for key in keys), strict=True))
    groups: dict[tuple[str, ...], dict[str, list[int]]] = {}
    for row, activity in enumerate(activities):
        if activity is not None and row not in reasons:
            group = groups.setdefault(owner[row] if keys else (), {})
            group.setdefault(activity, []).append(row)
    for rows in groups.values():
        parents = {
            activity: [upper for upper in _above(activity) if upper in rows] for activity in rows
        }
        uppers = {upper for above in parents.values() for upper in above}
        below: dict[str, list[int]] = {upper: [] for upper in uppers}
        for activity in rows.keys() - uppers:
            for upper in parents[activity]:
                below[upper] += rows[activity]
        for upper in uppers:
            why = _heading_reason(upper, rows[upper], below[upper], amounts)
            reasons.update(dict.fromkeys(rows[upper], why))


def _heading_reason(
    upper: str, headings: list[int], below: list[int], amounts: Mapping[str, Amounts]
) -> row_places.Reason:
    """Why the heading is not counted; an amount that either side does not tell contradicts none."""
    for name, read in amounts.items():
        is_known = read.is_known[headings]
        if is_known.any() and read.is_known[below].all():
            amount = int(read.rupiah[headings].sum(where=is_known))
            lines = int(read.rupiah[below].sum())
            if amount != lines:
                message = (
                    f"{upper} is a heading of {len(below)} lines and not counted, but says "
                    f"{amount} rupiah where its lines are {lines} ({name}). Give what is missing "
                    "as a line of its own activity, or correct the heading."
                )
                return row_places.Reason("spending.subtotal_differs", message, upper)
    message = f"{upper} is the heading of the lines below it; not counted."
    return row_places.Reason("spending.subtotal", message, upper, report.Severity.NOTE)


def _above(activity: str) -> list[str]:
    """The field and sub-field of an activity.

    >>> _above("02.02.01")
    ['02', '02.02']
    """
    parts = activity.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


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


def _activities(
    section: SpendingSection,
    sheet: sheets.Sheet,
    findings: list[report.Finding],
    reasons: dict[int, row_places.Reason],
) -> list[str | None]:
    if section.activity_column is None:
        return [None] * len(sheet)
    codes: dict[object, str | None] = {}
    activities = []
    cells = sheet.column(section.activity_column)
    for number, cell in enumerate(cells):
        if cell not in codes:
            codes[cell] = read_activity(cell)
        activities.append(codes[cell])
        if codes[cell] is None and number not in reasons:
            text = "" if cell is None else str(cell)
            message = f"'{text}' is no activity code; it counts in the total only."
            findings.append(
                ACTIVITY_UNREADABLE.finding(
                    message,
                    sheet.file,
                    sheet.rows[number],
                    value=text,
                )
            )
    clocks = [number for number, cell in enumerate(cells) if _is_clock(cell) and activities[number]]
    if clocks:
        message = (
            f"{len(clocks)} activity codes turned into times were read back, such as "
            f"{cells[clocks[0]]} as {activities[clocks[0]]}."
        )
        findings.append(
            ACTIVITY_REPAIRED.finding(
                message,
                sheet.file,
                sheet.rows[clocks[0]],
                measure=len(clocks),
            )
        )
    return activities


def _is_clock(cell: object) -> bool:
    return isinstance(cell, datetime.time | datetime.timedelta)


def read_activity(cell: object) -> str | None:
    """The activity as ``bidang.sub.kegiatan``, each of two digits, without trailing dot.

    The desa part that ``Kd_Keg`` puts in front is left out.  ``02.02.02`` without its last dot is a
    time to an Indonesian spreadsheet, and read back; a date has an order of its own and is not.

    >>> read_activity("02.02.02."), read_activity("05.2003.02.02.02."), read_activity("2.2.2")
    ('02.02.02', '02.02.02', '02.02.02')
    >>> read_activity(datetime.time(2, 4, 11)), read_activity(datetime.time(2, 5, 30))
    ('02.04.11', None)
    """
    if isinstance(cell, datetime.timedelta):
        cell = (datetime.datetime.min + cell).time() if cell.days == 0 else None
    if isinstance(cell, datetime.time):
        return f"{cell:%H.%M.%S}" if cell.second <= MOST_SECONDS else None
    if not isinstance(cell, str):
        return None
    text = cell.strip().rstrip(".")
    parts = split_siskeudes_activity(text)
    text = text if parts is None else parts[1]
    if not _ACTIVITY.fullmatch(text):
        return None
    return ".".join(part.zfill(2) for part in text.split("."))


def _refuse_accounts(
    section: SpendingSection,
    sheet: sheets.Sheet,
    activities: Sequence[str | None],
    reasons: dict[int, row_places.Reason],
) -> None:
    """Lines of income and financing, and sums of other lines, are no spending.

    A line is a sum when the same desa, year and activity has lines of accounts below its own.
    """
    if section.account_column is None:
        return
    cells = sheet.column(section.account_column)
    accounts = [_read_account(cell) for cell in cells]
    keys = [section.code_column, section.year_column]
    groups = list(
        zip(*(sheet.column(key) for key in keys if key is not None), activities, strict=True)
    )
    below: dict[object, set[str]] = {}
    for group, account in zip(groups, accounts, strict=True):
        if account is not None:
            below.setdefault(repr(group), set()).add(account)
    for number, account in enumerate(accounts):
        if number in reasons:
            continue
        text = "" if cells[number] is None else str(cells[number])
        if account is None:
            why = f"'{text}' is no account, so it is not known to be spending."
            reasons[number] = row_places.Reason("spending.account_unreadable", why, text)
        elif account[0] != SPENDING_ACCOUNT:
            why = f"Account {text} is {_ACCOUNTS.get(account[0], 'no spending')}; not counted."
            reasons[number] = row_places.Reason(
                "spending.not_spending", why, text, report.Severity.NOTE
            )
        elif any(_is_below(other, account) for other in below[repr(groups[number])]):
            why = f"Account {text} is the sum of the accounts below it; not counted."
            reasons[number] = row_places.Reason(
                "spending.subtotal", why, text, report.Severity.NOTE
            )


def _read_account(cell: object) -> str | None:
    text = re.sub(r"\s", "", cell_texts.cell_text(cell)).rstrip(".-")
    return text.replace("-", ".") if _ACCOUNT.fullmatch(text) else None


def _is_below(account: str, upper: str) -> bool:
    """Whether an account is part of another: ``5.1.1`` of ``5.1``, ``511.01`` of ``51``."""
    if account == upper or not account.startswith(upper):
        return False
    return "." not in upper or account[len(upper)] == "."
