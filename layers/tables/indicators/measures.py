"""The numbers of a table, read and held against the range of each indicator."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries.findings import locations, report
from boundaries.geometry_arrays import Floats
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files import headers
from layers.tables.numbers import expectations, numbers
from layers.tables.rows import cell_findings, row_places, row_records, stated_units
from layers.workspace.sections import IndicatorSection, TableSection

WORD_UNUSED = declared_kind("input.word_unused")
NUMBER_READING = declared_kind("table.number_reading")
OUTLIER = declared_kind("table.outlier")
OUT_OF_RANGE = declared_kind("table.out_of_range")
MERGED_VALUE = declared_kind("table.merged_value")

Ints = npt.NDArray[np.int64]

PRESENCE_UNIT = "ada"
FENCE = 3.0
BEYOND_REASON = 1e15
"""No indicator of a desa is larger; programs cannot distinguish whole numbers beyond."""
FEWEST_FOR_OUTLIERS = 20


@dataclass(frozen=True)
class Measures:
    """Numbers of all records as entries (record, indicator, value).

    Parameters
    ----------
    names
        Indicator ids; ``measure`` indexes them.
    record, measure, value
        One entry each, shape (n,); NaN where the cell gives no value.
    is_refused
        Entries whose cell is filled and gives no value all the same; an empty cell is not refused.
    reasons
        Records that no declared indicator uses (long shape), by position in the sheet.
    units, summable
        Unit of each indicator; which of them (by position in ``names``) can be added.
    columns
        The columns of the sheet that the numbers come from.
    """

    names: tuple[str, ...]
    record: Ints
    measure: Ints
    value: Floats
    is_refused: npt.NDArray[np.bool_]
    is_long: bool
    reasons: Mapping[int, row_places.Reason]
    findings: tuple[report.Finding, ...]
    units: tuple[str | None, ...] = ()
    summable: frozenset[int] = frozenset()
    columns: frozenset[str] = frozenset()

    def as_columns(self, count: int) -> pd.DataFrame:
        """A column for each indicator, one row for each record."""
        frame = {name: np.full(count, np.nan) for name in self.names}
        for number, name in enumerate(self.names):
            is_measure = self.measure == number
            frame[name][self.record[is_measure]] = self.value[is_measure]
        return pd.DataFrame(frame)


def read_measures(
    section: TableSection, records: row_records.Records, indicators: Mapping[str, IndicatorSection]
) -> Measures:
    """The numbers of the placed records, in the wide or the long shape."""
    is_long = section.shape == "long"
    groups, reasons = _long(section, records) if is_long else (_wide(section, records), {})
    names = tuple(dict.fromkeys(name for name, *_ in groups))
    findings: list[report.Finding] = []
    parts = []
    for name, column, cells, indices in groups:
        definition = indicators[name]
        value, refused = _read(section, definition, column, cells, indices, records, findings)
        parts.append(
            (indices, np.full(len(indices), names.index(name), dtype=np.int64), value, refused)
        )
        findings += _outliers(definition, value, indices, records)
    empty = np.zeros(0, dtype=np.int64)
    record = np.concatenate([part[0] for part in parts]) if parts else empty
    measure = np.concatenate([part[1] for part in parts]) if parts else empty
    value = np.concatenate([part[2] for part in parts]) if parts else np.zeros(0)
    units = tuple(indicators[name].unit for name in names)
    summable = frozenset(
        number for number, name in enumerate(names) if indicators[name].is_summable
    )
    is_refused = np.concatenate([part[3] for part in parts]) if parts else np.zeros(0, dtype=bool)
    return Measures(
        names,
        record,
        measure,
        value,
        is_refused,
        is_long,
        reasons,
        tuple(findings),
        units,
        summable,
        frozenset(column for _, column, *_ in groups),
    )


Group = tuple[str, str, Sequence[object], Ints]


def _wide(section: TableSection, records: row_records.Records) -> list[Group]:
    everything = np.arange(len(records.sheet), dtype=np.int64)
    return [
        (name, records.sheet.resolve(column), records.sheet.column(column), everything)
        for column, name in section.columns.items()
    ]


def _long(
    section: TableSection, records: row_records.Records
) -> tuple[list[Group], dict[int, row_places.Reason]]:
    words = records.sheet.column(section.indicator_column or "")
    column = records.sheet.resolve(section.value_column or "")
    cells = records.sheet.columns[column]
    names_by_word = {headers.fold(word): name for word, name in section.columns.items()}
    names: dict[object, str | None] = {}
    chosen: dict[str, list[int]] = {}
    reasons: dict[int, row_places.Reason] = {}
    for index, word in enumerate(words):
        if word not in names:
            names[word] = names_by_word.get(headers.fold(word))
        name = names[word]
        if name is None:
            text = "" if word is None else str(word)
            message = f"'{text}' is not declared under [tables.columns]."
            reasons[index] = row_places.Reason(
                "table.indicator_undeclared", message, text, report.Severity.NOTE
            )
        else:
            chosen.setdefault(name, []).append(index)
    groups: list[Group] = [
        (name, column, [cells[index] for index in indices], np.array(indices, dtype=np.int64))
        for name, indices in chosen.items()
    ]
    return groups, reasons


def _read(
    section: TableSection,
    definition: IndicatorSection,
    column: str,
    cells: Sequence[object],
    indices: Ints,
    records: row_records.Records,
    findings: list[report.Finding],
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The values of a column, and which of its cells were refused."""
    sheet = records.sheet
    factor = section.unit_factor.get(definition.name, 1.0)
    expectation = expectations.Expectation(
        section.decimal,
        definition.unit,
        None if definition.minimum is None else definition.minimum / factor,
        None if definition.maximum is None else definition.maximum / factor,
        section.unit_factor.get(definition.name),
        definition.counts_things,
    )
    read = numbers.read_numbers(cells, expectation)
    if definition.unit == PRESENCE_UNIT and section.presence_codes is not None:
        findings += _unused_codes(read, section.presence_codes, column, sheet.file)
        read = _read_presence(read, section.presence_codes)
    value = read.values * factor if factor != 1.0 else read.values
    is_filled = np.isfinite(value)
    is_filled[[problem.index for problem in read.problems]] = True
    other = stated_units.find_other_unit(section, definition, column, indices[is_filled], records)
    if other is not None:
        findings.append(other)
        return np.full(len(value), np.nan), is_filled
    used = records.position[indices] >= 0
    for note in read.notes:
        message = f"Column '{column}' ({definition.name}): {note}."
        findings.append(NUMBER_READING.finding(message, sheet.file, fields=(definition.name,)))
    findings += cell_findings.problem_findings(
        "table.number_unreadable",
        definition.name,
        read.problems,
        sheet.file,
        lambda index: sheet.rows[indices[index]],
        fields=(definition.name,),
    )
    _refuse_range(definition, value, indices, used, records, findings)
    _refuse_merged(definition, column, value, indices, records, findings)
    return value, is_filled & ~np.isfinite(value)


def _unused_codes(
    read: numbers.NumberColumn, codes: tuple[float, float], column: str, file: str
) -> list[report.Finding]:
    """The presence codes that never occur, where other numbers do.

    A column of one code alone is no fault: no desa may have a hospital, or all a road.

    Findings
    --------
    input.word_unused
        The code never occurs in the column (warning), with the numbers that do.
    """
    counts = Counter(f"{value:g}" for value in read.values[np.isfinite(read.values)])
    declared = [f"{code:g}" for code in codes]
    if counts.keys() <= set(declared):
        return []
    return [
        WORD_UNUSED.finding(
            f"presence_codes: {code} never occurs in column '{column}', which has "
            f"{locations.list_words(counts)}.",
            file,
            value=code,
        )
        for code in declared
        if code not in counts
    ]


def _read_presence(read: numbers.NumberColumn, codes: tuple[float, float]) -> numbers.NumberColumn:
    """1 where the code says that there is one, 0 where it says that there is none."""
    present, absent = codes
    value = np.select([read.values == present, read.values == absent], [1.0, 0.0], np.nan)
    problems = [
        numbers.NumberProblem(
            int(number),
            f"{read.values[number]:g}",
            "presence",
            f"{read.values[number]:g} is neither {present:g} (there is) nor {absent:g} "
            "(there is none).",
        )
        for number in np.flatnonzero(np.isfinite(read.values) & np.isnan(value))
    ]
    note = f"{present:g} read as present (1), {absent:g} as absent (0)"
    return numbers.NumberColumn(value, (*read.problems, *problems), (*read.notes, note))


def _refuse_range(
    definition: IndicatorSection,
    value: Floats,
    indices: Ints,
    used: npt.NDArray[np.bool_],
    records: row_records.Records,
    findings: list[report.Finding],
) -> None:
    low = -BEYOND_REASON if definition.minimum is None else definition.minimum
    high = BEYOND_REASON if definition.maximum is None else definition.maximum
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero(np.isfinite(value) & ((value < low) | (value > high)))
    unit = definition.unit
    for index in wrong:
        if used[index]:
            message = (
                f"{definition.name}: {numbers.write_value(value[index], unit)} is outside "
                f"{numbers.write_value(low, unit)} to {numbers.write_value(high, unit)}; "
                "not used."
            )
            findings.append(
                OUT_OF_RANGE.finding(
                    message,
                    records.sheet.file,
                    records.sheet.rows[indices[index]],
                    value=numbers.write_value(value[index], unit),
                    measure=float(value[index]),
                    unit=definition.unit,
                    fields=(definition.name,),
                    tahun=int(records.year[indices[index]]) or None,
                )
            )
    value[wrong] = np.nan


def _refuse_merged(
    definition: IndicatorSection,
    column: str,
    value: Floats,
    indices: Ints,
    records: row_records.Records,
    findings: list[report.Finding],
) -> None:
    """A number merged over several desa belongs to none of them alone."""
    merged = records.sheet.merged.get(column)
    if not merged:
        return
    for index, record in enumerate(indices):
        if int(record) in merged and np.isfinite(value[index]):
            value[index] = np.nan
            message = f"{definition.name}: one cell is merged over several rows; not used."
            findings.append(
                MERGED_VALUE.finding(
                    message,
                    records.sheet.file,
                    records.sheet.rows[record],
                    fields=(definition.name,),
                )
            )


def _outliers(
    definition: IndicatorSection, value: Floats, indices: Ints, records: row_records.Records
) -> list[report.Finding]:
    """Values beyond Tukey's far fence: three times the middle half's width outside it."""
    used = np.isfinite(value) & (records.position[indices] >= 0)
    unit = definition.unit
    findings = []
    for year in np.unique(records.year[indices][used]):
        of_year = np.flatnonzero(used & (records.year[indices] == year))
        if len(of_year) < FEWEST_FOR_OUTLIERS:
            continue
        low, high = np.quantile(value[of_year], (0.25, 0.75))
        reach = FENCE * (high - low)
        if reach == 0:
            continue
        far = of_year[(value[of_year] < low - reach) | (value[of_year] > high + reach)]
        findings += [
            OUTLIER.finding(
                f"{definition.name} {year}: {numbers.write_value(value[index], unit)} lies far "
                f"outside the middle half of the desa ({numbers.write_value(low, unit)} to "
                f"{numbers.write_value(high, unit)}).",
                records.sheet.file,
                records.sheet.rows[indices[index]],
                value=numbers.write_value(value[index], unit),
                measure=float(value[index]),
                unit=unit,
                fields=(definition.name,),
                tahun=int(year) or None,
            )
            for index in far
        ]
    return findings
