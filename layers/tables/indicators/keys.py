"""One value for each desa, indicator and year, whatever rows say the same desa again."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from boundaries.findings.report import Finding
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files import cell_texts
from layers.tables.indicators.measures import Measures
from layers.tables.indicators.summed_parts import Group, sum_parts
from layers.tables.numbers.numbers import write_value
from layers.tables.rows import counters
from layers.tables.rows.row_records import Records

BY_CHANCE = ", alike by chance: in other desa such rows differ"
DUPLICATE_SAME = declared_kind("table.duplicate_same")
DUPLICATE_DIFFERENT = declared_kind("table.duplicate_different")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Settled:
    """Entries that are left, one for each (position, year, measure); and what repeated them.

    Parameters
    ----------
    value
        NaN where rows contradict each other, or no cell of the key gave a value.
    record
        The first record, by row number, that has the value.
    is_duplicate
        For each record of the sheet: it repeats another (the same: all but the first; with a
        different value: all of them, because none can be believed).
    """

    position: Ints
    year: Ints
    measure: Ints
    value: npt.NDArray[np.float64]
    record: Ints
    is_duplicate: npt.NDArray[np.bool_]
    findings: tuple[Finding, ...]


def settle_keys(
    records: Records,
    measures: Measures,
    *,
    is_summed: bool = False,
    part_column: str | None = None,
) -> Settled:
    """The entries of placed records, with repeated keys settled independently of row order.

    Rows with equal values are one statement.  Rows with different values are none: the indicator
    concerned has no value, whichever row came first.  An empty cell contradicts nothing; a
    cell that was refused does, for nobody knows what it would have said.  Where most repeated desa
    contradict themselves in rows that another column distinguishes (sex, quarter), equal ones that
    it distinguishes too are no repeats: they are parts that are alike by chance.

    Parameters
    ----------
    is_summed
        Rows of one key are parts and are added; only rows equal in every cell are repeats.  A part
        without value leaves the sum without one.
    part_column
        The column that names the parts, see `layers.tables.indicators.summed_parts`.
    """
    twins, findings = _find_twins(records) if is_summed else (None, [])
    used = (records.position[measures.record] >= 0) & (records.year[measures.record] > 0)
    if twins is not None:
        used &= ~twins[measures.record]
    record, measure, value = measures.record[used], measures.measure[used], measures.value[used]
    position, year = records.position[record], records.year[record]
    rows = np.asarray(records.sheet.rows, dtype=np.int64)
    order = np.lexsort((rows[record] if len(rows) else record, measure, year, position))
    record, measure, value = record[order], measure[order], value[order]
    is_refused = measures.is_refused[used][order]
    position, year = position[order], year[order]
    starts = _starts(position, year, measure)
    sizes = np.diff(np.append(starts, len(record)))
    is_duplicate = np.zeros(len(records.sheet), dtype=bool) if twins is None else twins
    kept_value, kept_record = value[starts].copy(), record[starts].copy()
    repeats: dict[tuple[int, ...], _Repeat] = {}
    if is_summed:
        groups = [
            Group(
                int(group),
                int(measure[starts[group]]),
                tuple(record[starts[group] : starts[group] + sizes[group]].tolist()),
                tuple(value[starts[group] : starts[group] + sizes[group]].tolist()),
            )
            for group in np.flatnonzero(sizes > 1)
        ]
        sums = sum_parts(groups, records, measures, part_column)
        kept_value[list(sums.totals)] = list(sums.totals.values())
        findings += sums.findings
    entries = (record, measure, value)
    chance = set() if is_summed else _find_alike_by_chance(records, measures, entries, starts)
    for group in np.flatnonzero(sizes > 1) if not is_summed else ():
        start, size = starts[group], sizes[group]
        rows_of_group = slice(start, start + size)
        distinct = np.unique(value[rows_of_group][np.isfinite(value[rows_of_group])])
        key = _row_key(position[start], year[start], measure[start], measures.is_long)
        repeat = repeats.setdefault(key, _Repeat(record[rows_of_group].tolist(), {}))
        is_settled = len(distinct) == 1 and not is_refused[rows_of_group].any()
        kept_value[group] = distinct[0] if is_settled else np.nan
        if is_settled:
            first = np.flatnonzero(value[rows_of_group] == distinct[0])[0]
            kept_record[group] = record[rows_of_group][first]
        if len(distinct) > 1 or group in chance:
            kept_value[group] = np.nan
            number = int(measure[start])
            repeat.contradictions[measures.names[number]] = _contradiction(
                value[rows_of_group], number, measures
            )
    for repeat in repeats.values():
        _tell(repeat, records, is_duplicate, findings)
    return Settled(
        position[starts],
        year[starts],
        measure[starts],
        kept_value,
        kept_record,
        is_duplicate,
        tuple(findings),
    )


def _find_alike_by_chance(
    records: Records,
    measures: Measures,
    entries: tuple[Ints, Ints, npt.NDArray[np.float64]],
    starts: Ints,
) -> set[int]:
    """Groups of equal values in rows that are parts, as those of other desa show.

    An indicator that no desa contradicts is no part but repeated beside parts of another, as the
    people of a desa beside the beds of each facility; and parts of zero are zero together.
    """
    record, measure, value = entries
    sizes = np.diff(np.append(starts, len(record)))
    contradicting: list[list[int]] = []
    contradicted: set[int] = set()
    equal: dict[int, list[int]] = {}
    for group in np.flatnonzero(sizes > 1).tolist():
        rows = slice(starts[group], starts[group] + sizes[group])
        values = value[rows][np.isfinite(value[rows])]
        if len(values) > 1 and (values == values[0]).all():
            if values[0] != 0:
                equal[group] = record[rows].tolist()
        elif len(values) > 1:
            contradicting.append(record[rows].tolist())
            contradicted.add(int(measure[starts[group]]))
    equal = {group: rows for group, rows in equal.items() if measure[starts[group]] in contradicted}
    if not equal or len(contradicting) < len(equal):
        return set()
    sheet = records.sheet
    left_out = {*measures.columns, *counters.find_counters(sheet, measures.columns)}
    texts = {
        name: [cell_texts.cell_text(cell) for cell in cells]
        for name, cells in sheet.columns.items()
        if name not in left_out
    }
    parting = [
        cells
        for cells in texts.values()
        if 2 * sum(_differ(cells, rows) for rows in contradicting) >= len(contradicting)
    ]
    return {
        group for group, rows in equal.items() if any(_differ(cells, rows) for cells in parting)
    }


def _differ(cells: list[str], rows: list[int]) -> bool:
    return len({cells[row] for row in rows}) > 1


def _contradiction(values: npt.NDArray[np.float64], measure: int, measures: Measures) -> str:
    """What the rows say of one indicator; and what they would be together if they are parts."""
    unit = measures.units[measure]
    filled = values[np.isfinite(values)]
    listed = (
        f"{measures.names[measure]}: {', '.join(write_value(number, unit) for number in filled)}"
    )
    if (filled == filled[0]).all():
        listed += BY_CHANCE
    if measure not in measures.summable or len(filled) < len(values):
        return listed
    return f'{listed}; with repeats = "sum" {write_value(math.fsum(filled), unit)}'


def _find_twins(records: Records) -> tuple[npt.NDArray[np.bool_], list[Finding]]:
    """The placed records that equal an earlier one in every cell of the file."""
    columns = [list(map(repr, cells)) for cells in records.sheet.columns.values()]
    first: dict[tuple[str, ...], int] = {}
    twins = np.zeros(len(records.sheet), dtype=bool)
    findings = []
    for number, cells in enumerate(zip(*columns, strict=True)):
        earlier = first.setdefault(cells, number)
        if earlier != number and records.position[number] >= 0 and records.year[number] > 0:
            twins[number] = True
            message = f"Equal to row {records.sheet.rows[earlier]} in every cell; counted once."
            findings.append(
                DUPLICATE_SAME.finding(message, records.sheet.file, records.sheet.rows[number])
            )
    return twins, findings


@dataclass(frozen=True, slots=True)
class _Repeat:
    """Records with one key, and the indicators in which they contradict each other."""

    records: list[int]
    contradictions: dict[str, str]


def _starts(*keys: Ints) -> Ints:
    count = len(keys[0])
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    changed = np.zeros(count, dtype=bool)
    changed[0] = True
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(changed)


def _row_key(position: int, year: int, measure: int, is_long: bool) -> tuple[int, ...]:
    return (int(position), int(year), int(measure)) if is_long else (int(position), int(year))


def _tell(
    repeat: _Repeat,
    records: Records,
    is_duplicate: npt.NDArray[np.bool_],
    findings: list[Finding],
) -> None:
    rows = [records.sheet.rows[record] for record in repeat.records]
    listed = ", ".join(map(str, rows))
    if repeat.contradictions:
        is_duplicate[repeat.records] = True
        what = "; ".join(sorted(repeat.contradictions.values()))
        different = "parts" if BY_CHANCE in what else "values"
        findings += [
            DUPLICATE_DIFFERENT.finding(
                f"Rows {listed} are one desa with different {different}; none is used ({what}).",
                records.sheet.file,
                row,
                value=what,
                fields=sorted(repeat.contradictions),
                rows=rows,
            )
            for row in rows
        ]
        return
    is_duplicate[repeat.records[1:]] = True
    findings += [
        DUPLICATE_SAME.finding(
            f"The same desa with the same values as in row {rows[0]}; counted once.",
            records.sheet.file,
            row,
        )
        for row in rows[1:]
    ]
