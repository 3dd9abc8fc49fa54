"""Rows that are parts of one number, added; and copies or totals of them, which are not.

A table joined with another carries the numbers of the desa on each of its rows.  Adding them makes
300 of 30 without a trace: what every row says alike is not added unless a column names the parts.
A row "Jumlah" among the parts would double them.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from boundaries.findings import locations, report
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files import cell_texts, headers
from layers.tables.indicators.measures import Measures
from layers.tables.numbers.numbers import write_value
from layers.tables.rows import lost_rows
from layers.tables.rows.counters import find_counters, plain_rows, says_counter
from layers.tables.rows.row_records import TOTAL_WORDS, Records
from layers.workspace.sections import TableSection

Ints = npt.NDArray[np.int64]
_SAME = 1e-9
_WHOLE_WORDS = re.compile(
    r"(?:se)?(?:keseluruhan|seluruh(?:nya)?|semua(?:nya)?|gabungan|akumulasi|kumulatif|rekap\w*|"
    r"sum|all|se[\s-]*desa|l\s*[+&/]\s*p|lp|laki[\s-]*laki\s*(?:\+|&|dan)\s*perempuan|[\u03a3\u2211])"
    r"(?:\s+(?:desa|bagian|tahap|pos|unit))?",
    re.IGNORECASE,
)
"""What a total among parts is called beside `TOTAL_WORDS`."""
MOST_ROWS = 10
"""So many desa of a refused sum are named with their rows."""


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one desa, year and indicator: their records and what each says."""

    number: int
    measure: int
    records: tuple[int, ...]
    values: tuple[float, ...]

    @property
    def total(self) -> float:
        """All rows together."""
        return math.fsum(self.values)

    @property
    def is_alike(self) -> bool:
        """Whether every row says the same, and not zero."""
        return len(set(self.values)) == 1 and self.values[0] not in (0.0,)

    @property
    def holds_its_total(self) -> bool:
        """Whether one of three or more rows is the sum of the others."""
        largest = max(self.values)
        rest = self.total - largest
        return len(self.values) > 2 and largest > 0 and math.isclose(rest, largest, rel_tol=_SAME)

    def split(self, is_chosen: Callable[[int], bool]) -> "tuple[Group, tuple[float, ...]]":
        """The group without the chosen records, and what those say."""
        pairs = list(zip(self.records, self.values, strict=True))
        rest = [pair for pair in pairs if not is_chosen(pair[0])]
        left = Group(
            self.number, self.measure, tuple(r for r, _ in rest), tuple(v for _, v in rest)
        )
        return left, tuple(value for record, value in pairs if is_chosen(record))


@dataclass(slots=True)
class Sums:
    """The sum of each group by its number, NaN where it must not be made; and why."""

    totals: dict[int, float] = field(default_factory=dict)
    findings: list[report.Finding] = field(default_factory=list)

    def refuse(self, groups: Sequence[Group]) -> None:
        """These groups have no sum."""
        self.totals.update({group.number: math.nan for group in groups})


def sum_parts(
    groups: Sequence[Group], records: Records, measures: Measures, part_column: str | None
) -> Sums:
    """The sum of the rows of each group of more than one.

    A part without value makes the whole unknown.  The sum is exact before it is rounded, so that
    the order of rows does not show in its last digit.

    Parameters
    ----------
    part_column
        The column that names the parts (stage, facility); with it equal numbers are added, unless
        two rows name the same part.

    Findings
    --------
    table.parts_total
        A row of the total stands among the parts: left out where it is their sum (note), else the
        desa has no value (warning).  Without ``part_column`` a desa has no value either where one
        row is the sum of the others; where some desa have such a row, neither has one of which
        two rows say the same, for these may be a part and its total (warning).
    table.part_repeated
        Two rows name the same part, or none and say what another row says, or differ in nothing
        but a running number or a time of entry; no sum (warning).
    table.parts_alike
        All rows of a desa say the same, in most desa that have several: one number on many rows;
        none of the table is added (warning).  Where most have parts that differ it is (note).
    """
    sums = Sums({group.number: group.total for group in groups})
    named = None if part_column is None else records.sheet.column(part_column)
    is_total = _total_rows(records, named)
    near = _list_near(records, measures, part_column)
    for number in sorted({group.measure for group in groups}):
        ours = [group for group in groups if group.measure == number]
        ours = _without_totals(ours, is_total, records, measures, sums)
        ours = _without_near_copies(ours, near, records, measures, sums)
        if named is not None:
            _refuse_repeated(ours, [headers.fold(cell) for cell in named], records, measures, sums)
        else:
            _refuse_copies(ours, records, measures, sums)
    return sums


def check_part_column(section: TableSection, records: Records) -> None:
    """Refuse a column of parts that only numbers its rows: with it a pasted block would count.

    What begins again in each desa (``tahap`` 1, 2) numbers parts, unless its header says that it is
    a running number or a time of entry.

    Raises
    ------
    InputError
        The column is such a one.
    """
    if section.part_column is None:
        return
    name = records.sheet.resolve(section.part_column)
    _, counts = np.unique(records.position[records.position >= 0], return_counts=True)
    runs_on = np.count_nonzero(counts > 1) > 1
    if name in find_counters(records.sheet) and (runs_on or says_counter(name)):
        raise InputError(
            f"{section.path}: part_column = {section.part_column!r} is a running number or a time "
            "of entry, which a row that was pasted twice has too. Declare a column that names the "
            "parts (stage, facility), or add one."
        )


def _total_rows(records: Records, named: Sequence[object] | None) -> frozenset[int]:
    """Records that call themselves a total, in the column of parts or else in any."""
    columns = records.sheet.columns.values() if named is None else (named,)
    return frozenset(
        record
        for cells in columns
        for record, cell in enumerate(cells)
        if isinstance(cell, str) and _is_total_word(cell_texts.cell_text(cell))
    )


def _is_total_word(text: str) -> bool:
    return bool(TOTAL_WORDS.fullmatch(text) or _WHOLE_WORDS.fullmatch(text))


def _without_totals(
    groups: Sequence[Group],
    is_total: frozenset[int],
    records: Records,
    measures: Measures,
    sums: Sums,
) -> list[Group]:
    """The groups without rows of totals; a total that contradicts its parts refuses them."""
    parts: list[Group] = []
    groups_by_agreement: dict[bool, list[Group]] = {True: [], False: []}
    for group in groups:
        left, totals = group.split(is_total.__contains__)
        if not totals or not left.records:
            parts.append(group)
            continue
        agrees = all(math.isclose(total, left.total, rel_tol=_SAME) for total in totals)
        groups_by_agreement[agrees].append(group)
        sums.totals[group.number] = left.total if agrees else math.nan
        parts += [left] if agrees else []
    for agrees, ours in groups_by_agreement.items():
        if ours:
            words = "their total; left out" if agrees else "a total that is not their sum; no value"
            example = _example(ours[0], records, measures)
            message = f"among the parts of {len(ours)} desa stands {words}: {example}."
            severity = report.Severity.NOTE if agrees else report.Severity.WARNING
            sums.findings.append(
                _tell("table.parts_total", severity, message, ours, records, measures)
            )
    return parts


@dataclass(frozen=True, slots=True)
class _NearRows:
    """Each record as text without the columns that only tell rows apart, and these columns."""

    texts: Sequence[tuple[str, ...]]
    counters: tuple[str, ...]

    def has_copies(self, group: Group) -> bool:
        """Whether two records of the group differ in those columns only."""
        return len({self.texts[record] for record in group.records}) < len(group.records)


def _list_near(records: Records, measures: Measures, part_column: str | None) -> _NearRows:
    places = records.position.tolist()
    counters = find_counters(records.sheet, (*measures.columns, part_column), places)
    if part_column is not None and not lost_rows.is_stage(part_column):
        # Numbers under a header that says nothing name parts only where the parts differ.
        name = records.sheet.resolve(part_column)
        numbered = find_counters(records.sheet, measures.columns, places)
        counters += (name,) if name in numbered else ()
    return _NearRows(plain_rows(records.sheet, counters), counters)


def _without_near_copies(
    groups: Sequence[Group], near: _NearRows, records: Records, measures: Measures, sums: Sums
) -> list[Group]:
    """The groups in which no row is another one under a new number; the others have no sum."""
    copied = [group for group in groups if near.has_copies(group)]
    if copied:
        sums.refuse(copied)
        listed = ", ".join(f"'{name}'" for name in near.counters)
        only = f"only in {listed}" if listed else "in case or spaces only"
        message = (
            f"rows of {len(copied)} desa differ {only}: {_example(copied[0], records, measures)}. "
            f"Were they pasted twice? Not added; give each part a name of its own. "
            f"{_rows(copied, records)}"
        )
        sums.findings.append(
            _tell(
                "table.part_repeated", report.Severity.WARNING, message, copied, records, measures
            )
        )
    return [group for group in groups if not near.has_copies(group)]


def _refuse_repeated(
    groups: Sequence[Group],
    names: Sequence[str],
    records: Records,
    measures: Measures,
    sums: Sums,
) -> None:
    """No sum where a part is named twice, or one without name says what another says."""
    repeated = [group for group in groups if _repeats_a_part(group, names)]
    if not repeated:
        return
    sums.refuse(repeated)
    example = _example(repeated[0], records, measures)
    message = f"rows of {len(repeated)} desa name the same part, or none: {example}; not added."
    sums.findings.append(
        _tell("table.part_repeated", report.Severity.WARNING, message, repeated, records, measures)
    )


def _repeats_a_part(group: Group, names: Sequence[str]) -> bool:
    ours = [names[record] for record in group.records]
    filled = [name for name in ours if name]
    if len(set(filled)) < len(filled):
        return True
    bare = [value for name, value in zip(ours, group.values, strict=True) if not name]
    others = [value for name, value in zip(ours, group.values, strict=True) if name]
    return any(
        value != 0 and (value in others or bare.count(value) > 1 or value == math.fsum(others))
        for value in bare
    )


def _refuse_copies(
    groups: Sequence[Group], records: Records, measures: Measures, sums: Sums
) -> None:
    """No sum where the rows of most desa say the same, or one row of each is the sum of the rest.

    Where most desa show copies, the few that differ are copies with a slip: nothing is added.
    """
    alike = [group for group in groups if group.is_alike]
    if alike:
        is_refused = 2 * len(alike) > len(groups)
        example = _example(alike[0], records, measures)
        if is_refused:
            sums.refuse(groups)
            message = (
                f"all rows of a desa say the same in {len(alike)} of {len(groups)} desa with "
                f"several rows ({example}). That is one number on many rows, as a joined table has "
                "it; nothing is added."
            )
        else:
            message = f"equal rows of one desa were added in {len(alike)} desa: {example}."
        severity = report.Severity.WARNING if is_refused else report.Severity.NOTE
        sums.findings.append(
            _tell("table.parts_alike", severity, message, alike, records, measures)
        )
    _refuse_unnamed_totals(groups, records, measures, sums)


def _refuse_unnamed_totals(
    groups: Sequence[Group], records: Records, measures: Measures, sums: Sums
) -> None:
    """No sum where one row is the sum of the others, in however few desa that is so.

    Where some desa have such a row, two equal rows of another may be its one part and its total.
    """
    summed = [group for group in groups if group.holds_its_total]
    if not summed:
        return
    summed += [group for group in groups if len(group.values) == 2 and group.is_alike]
    sums.refuse(summed)
    message = (
        f"in {len(summed)} of {len(groups)} desa with several rows one row is the sum of the "
        f"others ({_example(summed[0], records, measures)}): a total among its parts? Not added; "
        f"declare part_column if all are parts. {_rows(summed, records)}"
    )
    sums.findings.append(
        _tell("table.parts_total", report.Severity.WARNING, message, summed, records, measures)
    )


def _rows(groups: Sequence[Group], records: Records) -> str:
    """The rows of the first groups, as a sentence."""
    numbers = _row_numbers(groups[:MOST_ROWS], records)
    more = f" and those of {len(groups) - MOST_ROWS} more desa" if len(groups) > MOST_ROWS else ""
    return f"Rows {', '.join(locations.row_ranges(numbers))}{more}."


def _row_numbers(groups: Sequence[Group], records: Records) -> list[int]:
    return [records.sheet.rows[record] for group in groups for record in group.records]


def _example(group: Group, records: Records, measures: Measures) -> str:
    """What the rows of a group say, and what that would be together."""
    unit = measures.units[group.measure]
    rows = ", ".join(locations.row_ranges([records.sheet.rows[record] for record in group.records]))
    together = f"together {write_value(group.total, unit)}"
    if group.is_alike:
        return f"rows {rows} each say {write_value(group.values[0], unit)}, {together}"
    values = [write_value(value, unit) for value in group.values[:5]]
    more = ", …" if len(group.values) > len(values) else ""
    return f"rows {rows} say {', '.join(values)}{more}, {together}"


def _tell(
    code: str,
    severity: report.Severity,
    message: str,
    groups: Sequence[Group],
    records: Records,
    measures: Measures,
) -> report.Finding:
    first = min(group.records for group in groups)[0]
    name = measures.names[groups[0].measure]
    return declared_kind(code).finding(
        f"{name}: {message}",
        records.sheet.file,
        records.sheet.rows[first],
        measure=len(groups),
        unit="desa",
        severity=severity,
        fields=(name,),
        rows=_row_numbers(groups, records),
    )
