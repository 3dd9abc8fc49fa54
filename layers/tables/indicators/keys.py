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
    twins, findings = _find_twins(records) if is_summed else (None, list[Finding]())
    entries = _Entries.of(records, measures, twins)
    is_duplicate = np.zeros(len(records.sheet), dtype=bool) if twins is None else twins
    value, record = entries.value[entries.starts].copy(), entries.record[entries.starts].copy()
    if is_summed:
        sums = sum_parts(_parts(entries), records, measures, part_column)
        value[list(sums.totals)] = list(sums.totals.values())
        findings += sums.findings
    else:
        for repeat in _settle_repeats(entries, records, measures, value, record):
            findings += _report(repeat, records, is_duplicate)
    position, year, measure = (
        keys[entries.starts] for keys in (entries.position, entries.year, entries.measure)
    )
    return Settled(position, year, measure, value, record, is_duplicate, tuple(findings))


@dataclass(frozen=True, slots=True)
class _Entries:
    """The entries of placed records in the order of their keys, then of rows.

    Parameters
    ----------
    starts, sizes
        Of each key its first entry and how many it has.
    """

    record: Ints
    measure: Ints
    value: npt.NDArray[np.float64]
    is_refused: npt.NDArray[np.bool_]
    position: Ints
    year: Ints
    starts: Ints
    sizes: Ints

    @classmethod
    def of(
        cls, records: Records, measures: Measures, twins: npt.NDArray[np.bool_] | None
    ) -> "_Entries":
        """Those of records that have a place and a year, without ``twins``."""
        used = (records.position[measures.record] >= 0) & (records.year[measures.record] > 0)
        if twins is not None:
            used &= ~twins[measures.record]
        record, measure = measures.record[used], measures.measure[used]
        position, year = records.position[record], records.year[record]
        rows = np.asarray(records.sheet.rows, dtype=np.int64)
        order = np.lexsort((rows[record] if len(rows) else record, measure, year, position))
        position, year, measure = position[order], year[order], measure[order]
        starts = _starts(position, year, measure)
        sizes = np.diff(np.append(starts, len(order)))
        value, refused = measures.value[used][order], measures.is_refused[used][order]
        return cls(record[order], measure, value, refused, position, year, starts, sizes)

    @property
    def repeated(self) -> list[int]:
        """The keys that several entries have."""
        return np.flatnonzero(self.sizes > 1).tolist()

    def rows(self, group: int) -> slice:
        """The entries of one key."""
        return slice(self.starts[group], self.starts[group] + self.sizes[group])


def _parts(entries: _Entries) -> list[Group]:
    """The keys whose entries are parts of one number."""
    return [
        Group(
            group,
            int(entries.measure[entries.starts[group]]),
            tuple(entries.record[entries.rows(group)].tolist()),
            tuple(entries.value[entries.rows(group)].tolist()),
        )
        for group in entries.repeated
    ]


@dataclass(slots=True)
class _Repeat:
    """Records with one key, and the indicators in which they contradict each other.

    ``are_parts``: some of them are equal, and parts all the same, as other desa show.
    """

    records: list[int]
    contradictions: dict[str, str]
    are_parts: bool = False


def _settle_repeats(
    entries: _Entries,
    records: Records,
    measures: Measures,
    value: npt.NDArray[np.float64],
    record: Ints,
) -> list[_Repeat]:
    """Writes the one value of each repeated key and its record, or none; what repeats what."""
    repeats: dict[tuple[int, ...], _Repeat] = {}
    chance = _find_alike_by_chance(records, measures, entries)
    for group in entries.repeated:
        start, rows = entries.starts[group], entries.rows(group)
        values = entries.value[rows]
        distinct = np.unique(values[np.isfinite(values)])
        key = _row_key(
            entries.position[start], entries.year[start], entries.measure[start], measures.is_long
        )
        repeat = repeats.setdefault(key, _Repeat(entries.record[rows].tolist(), {}))
        is_settled = len(distinct) == 1 and not entries.is_refused[rows].any()
        value[group] = distinct[0] if is_settled and group not in chance else np.nan
        if is_settled:
            record[group] = entries.record[rows][np.flatnonzero(values == distinct[0])[0]]
        if len(distinct) > 1 or group in chance:
            number = int(entries.measure[start])
            repeat.are_parts |= group in chance
            repeat.contradictions[measures.names[number]] = _contradiction(
                values, number, measures, is_chance=group in chance
            )
    return list(repeats.values())


def _find_alike_by_chance(records: Records, measures: Measures, entries: _Entries) -> set[int]:
    """Groups of equal values in rows that are parts, as those of other desa show.

    An indicator that no desa contradicts is no part but repeated beside parts of another, as the
    people of a desa beside the beds of each facility; and parts of zero are zero together.
    """
    contradicting, equal = _part_repeated(entries)
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


def _part_repeated(entries: _Entries) -> tuple[list[list[int]], dict[int, list[int]]]:
    """Records that contradict each other; groups of equal ones in the measures that do."""
    contradicting: list[list[int]] = []
    contradicted: set[int] = set()
    equal: dict[int, list[int]] = {}
    for group in entries.repeated:
        values = entries.value[entries.rows(group)]
        values = values[np.isfinite(values)]
        rows = entries.record[entries.rows(group)].tolist()
        if len(values) > 1 and (values == values[0]).all():
            if values[0] != 0:
                equal[group] = rows
        elif len(values) > 1:
            contradicting.append(rows)
            contradicted.add(int(entries.measure[entries.starts[group]]))
    of_measure = entries.measure[entries.starts]
    equal = {group: rows for group, rows in equal.items() if of_measure[group] in contradicted}
    return contradicting, equal


def _differ(cells: list[str], rows: list[int]) -> bool:
    return len({cells[row] for row in rows}) > 1


def _contradiction(
    values: npt.NDArray[np.float64], measure: int, measures: Measures, *, is_chance: bool
) -> str:
    """What the rows say of one indicator; and what they would be together if they are parts."""
    unit = measures.units[measure]
    filled = values[np.isfinite(values)]
    listed = (
        f"{measures.names[measure]}: {', '.join(write_value(number, unit) for number in filled)}"
    )
    if is_chance:
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


def _report(
    repeat: _Repeat, records: Records, is_duplicate: npt.NDArray[np.bool_]
) -> list[Finding]:
    """What is said of records with one key, which are marked as duplicates."""
    file, rows = records.sheet.file, [records.sheet.rows[record] for record in repeat.records]
    if not repeat.contradictions:
        is_duplicate[repeat.records[1:]] = True
        message = f"The same desa with the same values as in row {rows[0]}; counted once."
        return [DUPLICATE_SAME.finding(message, file, row) for row in rows[1:]]
    is_duplicate[repeat.records] = True
    what = "; ".join(sorted(repeat.contradictions.values()))
    different = "parts" if repeat.are_parts else "values"
    listed = ", ".join(map(str, rows))
    message = f"Rows {listed} are one desa with different {different}; none is used ({what})."
    fields = sorted(repeat.contradictions)
    return [
        DUPLICATE_DIFFERENT.finding(message, file, row, value=what, fields=fields, rows=rows)
        for row in rows
    ]
