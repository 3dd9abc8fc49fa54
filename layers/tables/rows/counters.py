"""Columns that only tell rows apart: a running number, the time of entry, an id of the record.

A block of rows that was pasted twice differs in them and in nothing else, so they prove no part.
"""

import re
from collections.abc import Collection, Sequence

from layers.tables.files import cell_texts, headers, sheets

_NUMBER_HEADER = re.compile(
    r"no|no(?:m[oe]r)?urut|nomor|nr|num(?:ber)?|urut(?:an)?|inde(?:x|ks)|(?:ogc|object|row)?id|fid|"
    r"gid|oid|row(?:num(?:ber)?)?|baris(?:ke)?"
)
"""Headers of running numbers, as `fold` writes them."""
_ENTRY_HEADER = re.compile(
    r"(?:cap|stempel)waktu|timestamp|(?:waktu|tanggal|tgl)(?:input|entri|isi|kirim)|start|end|key|"
    r"(?:created|updated|submitted)(?:at|on)?|submission(?:time|date)|di(?:buat|ubah|perbarui)(?:pada)?|"
    r"uuid|guid|globalid|(?:meta)?instanceid"
)
"""Headers of what a form or a data base writes to each record."""
_FEWEST_RUNNING = 4
"""Rows of one desa from which its numbers run on by no chance, under whatever header."""
_NUMBER = re.compile(r"(\d{1,7})[.)]?")


def find_counters(
    sheet: sheets.Sheet,
    besides: Collection[str | None] = (),
    places: Sequence[object] | None = None,
) -> tuple[str, ...]:
    """The columns that only tell rows apart, in the order of the file.

    A running number is a column of different whole numbers from 0, 1 or 2 on that are hardly more
    than there are rows, in any order (a sheet may be sorted); under a header that says so
    (``No``) it may begin again in each desa.  Under another header it may too, where it runs on
    in every desa.

    Parameters
    ----------
    besides
        Columns that say something by declaration: values, codes, the part.
    places
        Of each row its desa, where that is known.
    """
    declared = {sheet.find(name) for name in besides if name is not None}
    return tuple(
        name
        for name, cells in sheet.columns.items()
        if name not in declared and _is_counter(headers.fold(name), cells, places)
    )


def _is_counter(
    header: str, cells: Sequence[object], places: Sequence[object] | None = None
) -> bool:
    if _ENTRY_HEADER.fullmatch(header):
        return True
    texts = [text for text in map(cell_texts.cell_text, cells) if text]
    matches = [_NUMBER.fullmatch(text) for text in texts]
    numbers = [int(match[1]) for match in matches if match is not None]
    if not numbers or len(numbers) < len(texts) or max(numbers) > 2 * len(cells) + 10:
        return False
    if _runs(numbers) or _NUMBER_HEADER.fullmatch(header) is not None:
        return True
    if places is None or len(numbers) < len(cells):
        return False
    of_place: dict[object, list[int]] = {}
    for place, number in zip(places, numbers, strict=True):
        of_place.setdefault(place, []).append(number)
    longest = max(map(len, of_place.values()))
    return longest >= _FEWEST_RUNNING and all(
        _runs(group) and max(group) <= len(group) + 2 for group in of_place.values()
    )


def _runs(numbers: Sequence[int]) -> bool:
    return len(set(numbers)) == len(numbers) and min(numbers) <= 2


def says_counter(name: str) -> bool:
    """Whether a header itself says that the column only numbers its rows."""
    header = headers.fold(name)
    return bool(_NUMBER_HEADER.fullmatch(header) or _ENTRY_HEADER.fullmatch(header))


def plain_rows(sheet: sheets.Sheet, without: Collection[str] = ()) -> list[tuple[str, ...]]:
    """The cells of each record as text that case, spaces and a last full stop do not change."""
    columns = [
        [cell_texts.cell_text(cell).casefold().rstrip(".;: ") for cell in cells]
        for name, cells in sheet.columns.items()
        if name not in without
    ]
    return list(zip(*columns, strict=True)) if columns else [() for _ in sheet.rows]
