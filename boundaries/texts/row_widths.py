"""Rows of a delimited text that have other numbers of cells than its header.

A comma that is not quoted, in a name or in `1,234`, moves all cells after it one column on, where
they are read as other columns.  Nothing in such a row is certain to be in its place.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from boundaries.findings import locations, report

_HEAD = re.compile(r"[-+]?(?:Rp\.?\s*)?\d{1,3}", re.IGNORECASE)
_GROUP = re.compile(r"\d{3}(?:\.\d+)?")

_SHORT = re.compile(r"[-+]?\d{1,3}")
_DECIMALS = re.compile(r"\d{1,2}")
FEWEST_ROWS = 3
MOST_RANGES = 20

Cells = Sequence[object]


def find_shifted(header: Cells, records: Sequence[Cells]) -> dict[int, str]:
    """The records whose cells do not fit the header, by position, and what to mend.

    A delimiter at the end of every line, or of the header alone, moves nothing.  Nor does a row
    that ends early: Excel leaves out the delimiters of empty last cells (but where a number may
    be cut in two, cells have moved and the row only happens to be short).

    Parameters
    ----------
    header
        The cells of the header; nameless ones at its end may be there or not.
    records
        The rows after it; rows without any cell are no records.

    Examples
    --------
    >>> find_shifted(["kode", "jiwa", "kk"], [["a", "1", "234", "56"], ["b", "900", "41"]])
    {0: "4 cells, but the header has 3; '1,234' may be one number: put it in quotation marks"}
    """
    named = _named_width(header)
    widths = {len(record) for record in records if any(map(is_filled, record))}
    filled = [record for record in records if any(map(is_filled, record))]
    if len(widths) == 1 and max(widths) > named and _has_cut_decimals(filled, len(header) > named):
        fitting = {named}
    elif widths <= {named} or widths == {len(header)}:
        fitting = widths
    elif len(header) in widths:
        fitting = {len(header)}
    elif len(widths) == 1 and max(widths) > named and not _has_more(named, records):
        fitting = widths
    else:
        fitting = {named}
    return {
        position: _say(record, len(header) if len(header) in fitting else named)
        for position, record in enumerate(records)
        if any(map(is_filled, record))
        and (_has_moved(record, fitting) or any(map(is_filled, record[named:])))
    }


def shifted_findings(
    kind: report.Kind, shifted: Mapping[int, str], label: str, numbers: Sequence[int]
) -> list[report.Finding]:
    """A finding of that kind for each record that is not used, see `find_shifted`."""
    return [
        kind.finding(f"Row not used: {reason}.", label, numbers[position])
        for position, reason in sorted(shifted.items())
    ]


def short_findings(
    kind: report.Kind, records: Sequence[Cells], width: int, label: str, numbers: Mapping[int, int]
) -> list[report.Finding]:
    """One finding of that kind about all rows that end before the header does, if there are any.

    Parameters
    ----------
    numbers
        Row in the file of the records that are used, by position.
    """
    rows = [
        numbers[position]
        for position, record in enumerate(records)
        if position in numbers and len(record) < width and sum(map(is_filled, record)) > 1
    ]
    if not rows:
        return []
    listed = locations.row_ranges(rows)
    spans = ", ".join(listed[:MOST_RANGES]) + (", …" if len(listed) > MOST_RANGES else "")
    message = (
        f"{len(rows)} rows have fewer cells than the header has columns ({width}). Read as if the "
        f"last ones were empty; where one in the middle is missing, its row is wrong. Rows {spans}."
    )
    return [kind.finding(message, label, rows[0], measure=len(rows), rows=rows)]


def _has_moved(record: Cells, fitting: Collection[int]) -> bool:
    if len(record) < min(fitting):
        return _cut_number(record) is not None
    return len(record) not in fitting


def _has_more(named: int, records: Sequence[Cells]) -> bool:
    """Whether cells stand beyond the header, or a number is cut in two in every row."""
    filled = [record for record in records if any(map(is_filled, record))]
    is_beyond = any(any(map(is_filled, record[named:])) for record in filled)
    return is_beyond or all(_cut_number(record) is not None for record in filled)


def _has_cut_decimals(records: Sequence[Cells], is_padded: bool) -> bool:
    """Whether rows that are all wider than the names have a number cut at its decimal comma.

    Then a column of at most three digits stands before one of one or two digits, as many in every
    row, and an empty cell is left over at the end.  Small numbers may look so too, unless one of
    them begins with a zero; where the header has the empty cell as well (``is_padded``), only that
    tells.
    """
    width = min(map(len, records), default=0)
    for column in range(width - 1):
        tails = [str(record[column + 1]).strip() for record in records]
        heads = [str(record[column]).strip() for record in records]
        if not (all(map(_SHORT.fullmatch, heads)) and all(map(_DECIMALS.fullmatch, tails))):
            continue
        has_zero = any(len(tail) > 1 and tail.startswith("0") for tail in tails)
        is_even = len(set(map(len, tails))) == 1
        if is_even and (has_zero or (not is_padded and len(records) >= FEWEST_ROWS)):
            return True
    return False


def _named_width(header: Cells) -> int:
    return max(
        (column for column, cell in enumerate(header, start=1) if is_filled(cell)), default=0
    )


def _say(record: Cells, width: int) -> str:
    cells = f"{len(record)} cells, but the header has {width}"
    number = _cut_number(record)
    if number is not None:
        return f"{cells}; '{number}' may be one number: put it in quotation marks"
    return f"{cells}; a cell with a comma or other delimiter in it needs quotation marks"


def _cut_number(record: Cells) -> str | None:
    """The first number that its own thousands comma may have cut in two."""
    for first, second in pairwise(map(str, record)):
        if _HEAD.fullmatch(first.strip()) and _GROUP.fullmatch(second.strip()):
            return f"{first.strip()},{second.strip()}"
    return None


def is_filled(cell: object) -> bool:
    """Whether a cell holds anything; blanks alone are nothing."""
    return cell is not None and not (isinstance(cell, str) and not cell.strip())
