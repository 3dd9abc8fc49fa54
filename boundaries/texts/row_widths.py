"""Rows of a delimited text that have other numbers of cells than its header.

A comma that is not quoted, in a name or in `1,234`, moves all cells after it one column on, where
they are read as other columns.  Nothing in such a row can be told to be in its place.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from boundaries.findings import kinds, report

_HEAD = re.compile(r"[-+]?(?:Rp\.?\s*)?\d{1,3}", re.IGNORECASE)
_GROUP = re.compile(r"\d{3}(?:\.\d+)?")

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
    widths = {len(record) for record in records if any(map(_is_filled, record))}
    if widths <= {named} or widths == {len(header)}:
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
        if any(map(_is_filled, record))
        and (_has_moved(record, fitting) or any(map(_is_filled, record[named:])))
    }


def shifted_findings(
    kind: kinds.Kind, shifted: Mapping[int, str], label: str, numbers: Sequence[int]
) -> list[report.Finding]:
    """A finding of that kind for each record that is not used, see `find_shifted`."""
    return [
        kind.finding(f"Row not used: {reason}.", label, numbers[position])
        for position, reason in shifted.items()
    ]


def _has_moved(record: Cells, fitting: Collection[int]) -> bool:
    if len(record) < min(fitting):
        return _cut_number(record) is not None
    return len(record) not in fitting


def _has_more(named: int, records: Sequence[Cells]) -> bool:
    """Whether cells stand beyond the header, or a number is cut in two in every row."""
    filled = [record for record in records if any(map(_is_filled, record))]
    is_beyond = any(any(map(_is_filled, record[named:])) for record in filled)
    return is_beyond or all(_cut_number(record) is not None for record in filled)


def _named_width(header: Cells) -> int:
    return max(
        (column for column, cell in enumerate(header, start=1) if _is_filled(cell)), default=0
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


def _is_filled(cell: object) -> bool:
    return cell is not None and bool(str(cell).strip())
