"""Rows that say something of a place and are not used: a total without them is of a part.

A row is not lost where nothing is missing without it: a total, a repetition, another kabupaten.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from boundaries.findings.report import Severity
from layers.tables.files import headers, sheets
from layers.tables.rows import row_places, stated_years
from layers.tables.rows.counters import find_counters, plain_rows

Place = Callable[[list[object]], npt.NDArray[np.int64]]
_STAGE = re.compile(r"tahap|termin|triwulan|tw|semester|bulan|minggu|stage|month|quarter")
"""Headers of columns that number parts of one line, as `fold` writes them."""
_CODE = re.compile(r"\d\d\.\d\d(?:\.\d\d)?(?:\.\d{4})?")


def find_lost_rows(
    sheet: sheets.Sheet,
    reasons: Mapping[int, row_places.Reason],
    kode: Sequence[str | None],
    places: row_places.Places,
    place: Place | None = None,
) -> dict[int, str | None]:
    """Where each lost row is: its desa, else the kecamatan or kabupaten that its code has.

    Parameters
    ----------
    reasons
        Why rows are not used, by position in the sheet; notes tell of nothing that is missing, nor
        do rows of another year.
    kode
        The code of each row's place, where it is known all the same.
    place
        Positions in ``places`` of some cells, for the cells of rows that do not fit the header.

    Returns
    -------
    dict
        By position in the sheet, in its order; None where nothing says the place.
    """
    lost = {
        row: kode[row]
        for row, why in sorted(reasons.items())
        if why.severity is not Severity.NOTE and why.code != stated_years.YEAR_CONTRADICTED
    }
    torn = [row for row in lost if lost[row] is None and row in sheet.torn]
    lost |= _places_of_torn([sheet.torn[row] for row in torn], torn, places, place)
    kabupaten = sorted(places.areas("kabupaten"))
    for row in [row for row, area in lost.items() if area is None]:
        area = _area_of_code(reasons[row].value, places)
        lost[row] = kabupaten[0] if area is None and len(kabupaten) == 1 else area
    return lost


def is_stage(name: str) -> bool:
    """Whether a header says that its numbers name parts, such as ``tahap``."""
    return _STAGE.match(headers.fold(name)) is not None


def _places_of_torn(
    records: Sequence[tuple[object, ...]],
    rows: Sequence[int],
    places: row_places.Places,
    place: Place | None,
) -> dict[int, str]:
    """The desa of rows that do not fit the header: the first cell of each that is its code."""
    desa: dict[int, str] = {}
    width = len(records[0]) if records else 0
    for column in range(width):
        cells = [record[column] for record in records]
        positions = [places.by_code.get(_plain(cell), -1) for cell in cells]
        if place is not None and max(positions) < 0:
            positions = place(cells).tolist()
        for row, position in zip(rows, positions, strict=True):
            if position >= 0:
                desa.setdefault(row, str(places.kode[position]))
    return desa


def _plain(cell: object) -> object:
    return cell.strip() if isinstance(cell, str) else cell if isinstance(cell, int) else None


def _area_of_code(code: str, places: row_places.Places) -> str | None:
    """The kecamatan, else the kabupaten, of a code that is no desa."""
    if not _CODE.fullmatch(code):
        return None
    if code[:8] in places.areas("kecamatan"):
        return code[:8]
    return code[:5] if code[:5] in places.areas("kabupaten") else None


def refuse_alike(
    sheet: sheets.Sheet,
    declared: Collection[str],
    kode: Sequence[object],
    code: str,
    reasons: dict[int, row_places.Reason],
) -> None:
    """Rows that differ from an earlier one in a running number or a time of entry only.

    Such a block was pasted twice, or its lines differ in nothing that a reader sees.

    Parameters
    ----------
    declared
        Columns that say something by declaration.
    kode
        The desa of each row.
    """
    counters = [name for name in find_counters(sheet, declared, kode) if not is_stage(name)]
    if not counters:
        return
    seen: dict[tuple[str, ...], int] = {}
    whole = list(zip(*(map(repr, cells) for cells in sheet.columns.values()), strict=True))
    listed = ", ".join(f"'{name}'" for name in counters)
    for row, texts in enumerate(plain_rows(sheet, counters)):
        if row in reasons:
            continue
        earlier = seen.setdefault(texts, row)
        if earlier != row and whole[earlier] != whole[row]:
            message = (
                f"Differs from row {sheet.rows[earlier]} only in {listed}: pasted twice? Not "
                "added; delete it, or say in the row what it is for."
            )
            reasons[row] = row_places.Reason(code, message, listed)
