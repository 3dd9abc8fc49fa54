"""Rows of a budget that are the sum of other rows, or no spending: never added to lines."""

import re
from collections.abc import Mapping, Sequence

from boundaries.findings import report
from layers.tables.files import cell_texts, sheets
from layers.tables.numbers.rupiah import Amounts
from layers.tables.rows import row_places, row_records
from layers.tables.spending import activities
from layers.workspace.sections import SpendingSection

SPENDING_ACCOUNT = "5"
_ACCOUNTS = {"4": "income", "6": "financing"}
_ACCOUNT = re.compile(r"[1-9]\d*(?:[.\-]\d+)*")


def refuse_total_rows(
    section: SpendingSection, sheet: sheets.Sheet, reasons: dict[int, row_places.Reason]
) -> None:
    """Rows without activity that call themselves a total: their lines stand above them."""
    if section.activity_column is None:
        return
    code = sheet.resolve(section.code_column or section.activity_column)
    texts = [cells for name, cells in sheet.columns.items() if name != code]
    for number, cell in enumerate(sheet.column(section.activity_column)):
        if number in reasons or activities.read_activity(cell) is not None:
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


def refuse_headings(
    section: SpendingSection,
    sheet: sheets.Sheet,
    codes: Sequence[str | None],
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
    owner = _owners(section, sheet)
    groups: dict[tuple[str, ...], dict[str, list[int]]] = {}
    for row, activity in enumerate(codes):
        if activity is not None and row not in reasons:
            group = groups.setdefault(owner[row], {})
            group.setdefault(activity, []).append(row)
    for rows in groups.values():
        parents = {
            code: [upper for upper in activities.above(code) if upper in rows] for code in rows
        }
        uppers = {upper for above in parents.values() for upper in above}
        below: dict[str, list[int]] = {upper: [] for upper in uppers}
        for activity in rows.keys() - uppers:
            for upper in parents[activity]:
                below[upper] += rows[activity]
        for upper in uppers:
            why = _heading_reason(upper, rows[upper], below[upper], amounts)
            reasons.update(dict.fromkeys(rows[upper], why))


def refuse_sums(
    section: SpendingSection,
    sheet: sheets.Sheet,
    codes: Sequence[str | None],
    amounts: Mapping[str, Amounts],
    reasons: dict[int, row_places.Reason],
) -> None:
    """Rows without an activity that are the sum of all lines of their desa and year.

    That of a single line is one where the table has such sums of several.

    Findings
    --------
    spending.subtotal
        Such a sum (note).
    """
    if section.activity_column is None:
        return
    cells = sheet.column(section.activity_column)
    owner = _owners(section, sheet)
    lines: dict[tuple[str, ...], list[int]] = {}
    for row, code in enumerate(codes):
        if code is not None and row not in reasons:
            lines.setdefault(owner[row], []).append(row)
    sums = [
        row
        for row, cell in enumerate(cells)
        if not cell_texts.cell_text(cell)
        and row not in reasons
        and _is_sum(row, lines.get(owner[row], []), amounts)
    ]
    if not any(len(lines[owner[row]]) > 1 for row in sums):
        return
    for row in sums:
        message = "The sum of the lines of its desa; not counted."
        reasons[row] = row_places.Reason("spending.subtotal", message, "", report.Severity.NOTE)


def _is_sum(row: int, lines: list[int], amounts: Mapping[str, Amounts]) -> bool:
    """Whether a row says what lines say together, in one amount at least, and nothing else."""
    is_one = False
    for read in amounts.values():
        if read.is_known[row] and read.is_known[lines].any():
            amount = int(read.rupiah[row])
            if amount != int(read.rupiah[lines].sum(where=read.is_known[lines])):
                return False
            is_one = is_one or amount != 0
    return is_one


def _owners(section: SpendingSection, sheet: sheets.Sheet) -> list[tuple[str, ...]]:
    """Of each row what its cells say of desa and year."""
    keys = [key for key in (section.code_column, section.year_column) if key is not None]
    if not keys:
        return [()] * len(sheet)
    return list(zip(*(map(cell_texts.cell_text, sheet.column(key)) for key in keys), strict=True))


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


def refuse_accounts(
    section: SpendingSection,
    sheet: sheets.Sheet,
    codes: Sequence[str | None],
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
    groups = list(zip(*(sheet.column(key) for key in keys if key is not None), codes, strict=True))
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
