"""The unit that a table states for its numbers, held against that of the indicator."""

import numpy as np
import numpy.typing as npt

from boundaries.findings import locations
from boundaries.findings.report import Finding
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files import headers
from layers.tables.files.sheets import Sheet
from layers.tables.numbers import expectations, said_units
from layers.tables.rows.row_records import Records
from layers.workspace.sections import IndicatorSection, TableSection

OTHER_UNIT = declared_kind("table.other_unit")
UNIT_HEADERS = ("satuan", "satuandata", "satuanukuran")
VOLUME_HEADERS = ("volume", "vol", "volumekegiatan", "target", "kuantitas", "qty")
"""Columns of which a column `satuan` beside them speaks: "Volume, Satuan, Pagu"."""

Ints = npt.NDArray[np.int64]


def find_other_unit(
    section: TableSection,
    definition: IndicatorSection,
    column: str,
    filled: Ints,
    records: Records,
) -> Finding | None:
    """That the file says of a column that it counts something else; then no number is used.

    Findings
    --------
    table.other_unit
        Header, title, unit row or the row's own word say thousands, a rate, or another unit
        (warning); ``unit_factor`` decides.
    """
    expectation = expectations.Expectation(unit=definition.unit, is_whole=definition.counts_things)
    if definition.name in section.unit_factor or not len(filled):
        return None
    sheet = records.sheet
    unit = sheet.units.get(column, "")
    text = said_units.contradicting_unit(
        f"{column} {unit}".strip(),
        unit or sheet.lowest.get(column, column),
        sheet.titles,
        expectation,
    )
    stating = filled
    if text is None:
        stated = {
            word: records_of_word
            for word, records_of_word in _stated_units(section, sheet, filled).items()
            if said_units.is_other(word, expectation)
        }
        text, stating = next(iter(stated.items()), (None, filled))
    if text is None:
        return None
    rows = sorted(sheet.rows[record] for record in filled.tolist())
    rows_stating = sorted(sheet.rows[record] for record in stating.tolist())
    where = "" if len(stating) == len(filled) else f" in {_list_rows(rows_stating)}"
    return OTHER_UNIT.finding(
        f"{definition.name}: the file says '{text}'{where}, which is not the unit "
        f"{definition.unit}; none of {len(rows)} numbers is used. {_list_rows(rows).capitalize()}.",
        sheet.file,
        rows_stating[0],
        value=text,
        measure=len(rows),
        fields=(definition.name,),
        rows=rows,
    )


def _list_rows(rows: list[int]) -> str:
    return f"rows {', '.join(locations.row_ranges(rows))}"


def _stated_units(section: TableSection, sheet: Sheet, records: Ints) -> dict[str, Ints]:
    """The words of a title or a column ``satuan``, and the records of which they speak.

    Only where a table has numbers in one column: of several nobody knows which one is meant.
    """
    if section.shape == "wide" and len(section.columns) != 1:
        return {}
    stated = dict.fromkeys(said_units.title_units(sheet.titles), records)
    columns = list(unit_columns(sheet).values())
    is_of_volume = section.shape == "wide" and any(
        headers.fold(name) in VOLUME_HEADERS and name not in section.columns
        for name in sheet.columns
    )
    if len(columns) != 1 or is_of_volume:
        return stated
    by_word: dict[str, list[int]] = {}
    for record in records.tolist():
        cell = columns[0][record]
        if isinstance(cell, str):
            by_word.setdefault(cell, []).append(record)
    return stated | {word: np.array(numbers_of) for word, numbers_of in by_word.items()}


def unit_columns(sheet: Sheet) -> dict[str, list[object]]:
    """The columns of units, such as ``satuan``."""
    columns = sheet.columns.items()
    return {name: cells for name, cells in columns if headers.fold(name) in UNIT_HEADERS}
