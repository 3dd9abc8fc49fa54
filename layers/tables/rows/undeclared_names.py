"""A column of names that a table has beside its codes and no section declares.

A column of codes that slipped by a row joins every number to the wrong desa, and only the names
beside it show that.  They are held against the codes as declared ones are.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from boundaries.codes.wilayah_names import name_similarity, names_agree, normalise_name
from boundaries.findings import locations, report
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files import headers, sheets
from layers.tables.rows.row_places import Places

NAME_UNDECLARED = declared_kind("table.name_undeclared")

FEWEST_NAMES = 3
"""With fewer names of desa in it a column is not taken for one of names."""
PLAIN_SHARE = 0.7
"""A column of which so many cells are names of desa of the boundaries is plainly one of names."""
MOST_CELLS = 1_000
"""So many cells, spread over the file, decide what a column is."""
_OF_DESA = re.compile(
    r"desa|kelurahan|gampong|nagari|kampung|kampong|pekon|lembang|village|namobj|wadmkd|"
    r"^(?:nama|name|nm|wilayah|lokasi)$"
)
_OF_KECAMATAN = re.compile(r"^(?:nama|nm)?(?:kec|kecamatan|distrik|district|wadmkc)(?:nama|name)?$")
_OF_ANOTHER = re.compile(
    r"dekat|tetangga|asal|tujuan|induk|lama|sebelum|kepala|kades|ibukota|pusat|kerja|rujukan|alamat|"
    r"batas|utara|selatan|timur|barat"
)
"""Headers of names of another desa than that of the row."""


@dataclass(frozen=True, slots=True)
class UndeclaredNames:
    """The column of names of desa and that of kecamatan, where the file has one; and a question.

    Parameters
    ----------
    desa, kecamatan
        Columns that name the desa and the kecamatan of each row; None without one.
    findings
        Of a column that holds names of desa, contradicts the codes, and may mean other ones.
    """

    desa: str | None = None
    kecamatan: str | None = None
    findings: tuple[report.Finding, ...] = ()


def find_names(
    sheet: sheets.Sheet,
    position: npt.NDArray[np.int64],
    places: Places,
    besides: Collection[str | None],
) -> UndeclaredNames:
    """The columns of names that no section declares.

    Of several columns of names of desa that is meant which agrees best with the codes; a nearest or
    a former desa may stand beside it.

    Parameters
    ----------
    position
        Row of `Places` for each record, -1 where there is none.
    besides
        Declared columns.

    Findings
    --------
    table.name_undeclared
        Names of desa that contradict the codes, in a column whose header does not say that they are
        the desa of the row (warning, with the rows); the codes decide.
    """
    if "nama" not in places.frame:
        return UndeclaredNames()
    declared = {sheet.find(name) for name in besides if name is not None}
    chosen = np.flatnonzero((position >= 0) & (position < len(places)))
    chosen = chosen[:: max(1, -(-len(chosen) // MOST_CELLS))]
    open_columns = {name: cells for name, cells in sheet.columns.items() if name not in declared}
    desa = {
        name: _agreement(cells, chosen, position, places.names)
        for name, cells in open_columns.items()
        if not _OF_KECAMATAN.search(headers.fold(name)) and _holds(cells, chosen, set(places.keys))
    }
    kecamatan = [
        name
        for name, cells in open_columns.items()
        if _OF_KECAMATAN.search(headers.fold(name))
        and _holds(cells, chosen, set(places.kecamatan_by_name))
    ]
    best = max(desa, key=lambda name: (desa[name], _is_of_row(name)), default=None)
    if best is None or _is_of_row(best):
        return UndeclaredNames(best, kecamatan[0] if kecamatan else None)
    finding = _ask(best, open_columns[best], sheet, position, places)
    return UndeclaredNames(None, kecamatan[0] if kecamatan else None, finding)


def _is_of_row(column: str) -> bool:
    """Whether a header says that the names are those of the row's own desa."""
    header = headers.fold(column)
    return _OF_DESA.search(header) is not None and _OF_ANOTHER.search(header) is None


def _holds(cells: Sequence[object], chosen: npt.NDArray[np.int64], keys: Collection[str]) -> bool:
    """Whether most filled cells of a column are names of these."""
    filled = [cell for index in chosen if isinstance(cell := cells[index], str) and cell.strip()]
    if len(filled) < FEWEST_NAMES or len(filled) < PLAIN_SHARE * len(chosen):
        return False
    names = [key for cell in filled if (key := normalise_name(cell)) in keys]
    return len(names) >= PLAIN_SHARE * len(filled) and len(set(names)) >= min(2, len(keys))


def _agreement(
    cells: Sequence[object],
    chosen: npt.NDArray[np.int64],
    position: npt.NDArray[np.int64],
    names: Sequence[str],
) -> float:
    """How alike the names of a column are to those of the codes, 0 to 100."""
    scores = [
        name_similarity(cell, names[position[index]])
        for index in chosen
        if isinstance(cell := cells[index], str)
    ]
    return float(np.mean(scores)) if scores else 0.0


def _ask(
    column: str,
    cells: Sequence[object],
    sheet: sheets.Sheet,
    position: npt.NDArray[np.int64],
    places: Places,
) -> tuple[report.Finding, ...]:
    """A question about names that contradict the codes, which may not be those of the rows."""
    rows = [
        sheet.rows[index]
        for index, place in enumerate(position.tolist())
        if 0 <= place < len(places)
        and isinstance(cell := cells[index], str)
        and normalise_name(cell)
        and not names_agree(cell, places.names[place])
    ]
    if not rows:
        return ()
    message = (
        f"Column '{column}' holds names of desa, and {len(rows)} of them are not those of the code "
        f'beside them: name_column = "{column}" holds them against the codes. Are the codes '
        f"shifted? The codes decide. Rows {', '.join(locations.row_ranges(rows))}."
    )
    return (_report(message, column, sheet, rows),)


def report_held(column: str, sheet: sheets.Sheet, rows: list[int]) -> report.Finding:
    """That a column which no section declares was held against the codes."""
    message = (
        f"Column '{column}' names the desa of the rows and is not declared; it was held against "
        f"the codes all the same, and {len(rows)} rows contradict it. Declare "
        f'name_column = "{column}". Rows {", ".join(locations.row_ranges(rows))}.'
    )
    return _report(message, column, sheet, rows)


def _report(message: str, column: str, sheet: sheets.Sheet, rows: list[int]) -> report.Finding:
    return NAME_UNDECLARED.finding(
        message,
        sheet.file,
        rows[0],
        value=column,
        measure=float(len(rows)),
        unit="rows",
        rows=rows,
    )
