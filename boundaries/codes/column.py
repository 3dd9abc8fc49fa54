"""A whole column of codes, read under its declared system: repaired where provable, else listed."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from boundaries.codes import kode_types, named_codes, wilayah_names
from boundaries.codes.reference import CodeReference
from boundaries.codes.spelling import spell_cell
from boundaries.findings import report

REPAIRED = report.declared_kind("codes.repaired")
REFUSED = report.declared_kind("codes.refused")
NOT_BRIDGED = report.declared_kind("codes.not_bridged")

BRIDGE_REASONS = frozenset({"no_bridge", "several_pairs"})
"""Reasons of `CodeProblem` for a BPS code that a bridge leads nowhere."""

_PLAIN_DIGITS = re.compile(r"[0-9]+|[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}").fullmatch
"""Texts without damage: a second look finds no other code in them."""

REPAIRS = {
    "number": "stored as a number",
    "separators": "written with other dots or separators",
    "zeros": "had lost a zero",
    "prefix": "written as a P-code with letters before it",
    "time": "turned into a time",
    "date": "turned into a date",
    "parts": "kept in separate columns",
    "siskeudes": "written without provinsi and kabupaten",
    "bridge": "crossed over from the other code system",
    "named": "written together with a name",
}


@dataclass(frozen=True, slots=True)
class CodeProblem:
    """What was not plain about one cell.

    Parameters
    ----------
    index
        Position in the column, from 0.
    value
        The cell as text.
    reason
        Slug; a repair (see ``REPAIRS``) when ``severity`` is ``note``.
    severity
        ``note``: repaired, the code is used.  ``warning``: refused, the code is None.
    """

    index: int
    value: str
    reason: str
    message: str
    severity: report.Severity


@dataclass(frozen=True, slots=True)
class CodeColumn:
    """The codes of a column, one per row, None where the cell is not provably one code.

    Every row without a code has exactly one problem of severity ``warning``.
    """

    system: kode_types.CodeSystem
    codes: list[kode_types.KodeKemendagri | kode_types.KodeBps | None]
    problems: list[CodeProblem] = field(default_factory=list)

    @property
    def digits(self) -> list[str | None]:
        """Digits of each row's code."""
        return [None if code is None else code.digits for code in self.codes]

    @property
    def written(self) -> list[str | None]:
        """Each row's code as officially written: dotted for Kemendagri."""
        if self.system is kode_types.CodeSystem.BPS:
            return self.digits
        return [
            None if code is None else kode_types.dot_kemendagri(code.digits) for code in self.codes
        ]


def read_code_column(
    values: Sequence[object],
    system: kode_types.CodeSystem,
    level: kode_types.Level = "desa",
    reference: CodeReference | None = None,
) -> CodeColumn:
    """The codes of a column, read under its declared system.

    Parameters
    ----------
    values
        Cells as any reader gives them: text, numbers, dates, times, None.
    level
        Which wilayah the column names; a code of another level is refused.
    reference
        Existing codes, which decide between several readings of a damaged cell where the list is
        complete for all of them.  Without it such cells are refused.

    Returns
    -------
    CodeColumn
        One entry per row, in the order of ``values``.

    Example
    -------
    >>> read_code_column(["53.06.13.2001", 5306132002.0], kode_types.CodeSystem.KEMENDAGRI).written
    ['53.06.13.2001', '53.06.13.2002']
    """
    kode = kode_types.kode_type(system)
    plain = _plain_reader(kode, level)
    codes: list[kode_types.KodeKemendagri | kode_types.KodeBps | None] = []
    problems: list[CodeProblem] = []
    for index, value in enumerate(values):
        digits = plain(value)
        if digits is not None:
            code: kode_types.KodeKemendagri | kode_types.KodeBps | None = kode.trusted(digits)
            problem = _stored_as_number(index, value, code) if type(value) is float else None
        else:
            code, problem = _read_damaged(index, value, kode, level, reference)
        codes.append(code)
        if problem is not None:
            problems.append(problem)
    return CodeColumn(system, codes, problems)


def read_digits(
    values: Sequence[object], system: kode_types.CodeSystem, level: kode_types.Level = "desa"
) -> list[str | None]:
    """The digits `read_code_column` would read, without the log: for looking at a column only."""
    kode = kode_types.kode_type(system)
    plain = _plain_reader(kode, level)
    return [plain(value) or _digits_of_damaged(value, kode, level) for value in values]


def _digits_of_damaged(
    value: object,
    kode: type[kode_types.KodeKemendagri] | type[kode_types.KodeBps],
    level: kode_types.Level,
) -> str | None:
    if value is None or (type(value) is str and _PLAIN_DIGITS(value)):
        return None
    named = named_codes.split_name(value)
    code, _ = _read_damaged(0, value if named is None else named[0], kode, level, None)
    return None if code is None else code.digits


def _plain_reader(
    kode: type[kode_types.Kode], level: kode_types.Level
) -> Callable[[object], str | None]:
    """The quick way for cells that hold nothing but one code: its digits, else None."""
    length = kode.length_of(level)
    is_code = kode.pattern.fullmatch
    dots = kode_types.LEVELS.index(level) if kode.system is kode_types.CodeSystem.KEMENDAGRI else 0

    def digits_of(value: object) -> str | None:
        kind = type(value)
        if kind is str:
            text = value.strip().rstrip(". ")  # type: ignore[attr-defined]  # a str
            if dots and len(text) == length + dots:
                digits = text[:2] + text[3:5] + text[6:8] + text[9:]
                if kode_types.dot_kemendagri(digits) != text:
                    return None
            else:
                digits = text
        elif kind is int or (kind is float and value.is_integer()):  # type: ignore[attr-defined]  # a float
            digits = str(int(value))  # type: ignore[call-overload]  # no bool
        else:
            return None
        return digits if len(digits) == length and is_code(digits) else None

    return digits_of


def _stored_as_number(index: int, value: object, code: kode_types.Kode | None) -> CodeProblem:
    message = f"'{value}' was {REPAIRS['number']}; read as {code}."
    return CodeProblem(index, str(value), "number", message, report.Severity.NOTE)


def _read_damaged(
    index: int,
    value: object,
    kode: type[kode_types.KodeKemendagri] | type[kode_types.KodeBps],
    level: kode_types.Level,
    reference: CodeReference | None,
) -> tuple[kode_types.KodeKemendagri | kode_types.KodeBps | None, CodeProblem | None]:
    if isinstance(value, np.generic):
        value = value.item()
    try:
        spelling = spell_cell("" if value is None else value, kode, level)
        digits = choose_candidate(spelling.candidates, kode, reference, str(value))
    except kode_types.CodeError as error:
        text = "" if error.reason == "empty" else str(value)
        return None, CodeProblem(index, text, error.reason, str(error), report.Severity.WARNING)
    code = kode.trusted(digits)
    if spelling.repair is None:
        return code, None
    message = f"'{value}' was {REPAIRS[spelling.repair]}; read as {code}."
    return code, CodeProblem(index, str(value), spelling.repair, message, report.Severity.NOTE)


def choose_candidate(
    candidates: Sequence[str],
    kode: type[kode_types.Kode],
    reference: CodeReference | None,
    text: str,
) -> str:
    """The one candidate, or the only one that exists.

    Raises
    ------
    CodeError
        Reason ``ambiguous``: several remain.
    """
    if len(candidates) == 1:
        return candidates[0]
    existing = reference.only_existing(candidates) if reference else None
    if existing is not None:
        return existing
    ways = " or ".join(str(kode.trusted(digits)) for digits in candidates)
    raise kode_types.CodeError("ambiguous", f"'{text}' can be {ways}; write the code out as text.")


def split_names(
    values: Sequence[object], file: str, rows: Sequence[int], *, is_short: bool = False
) -> tuple[named_codes.NamedCodes, list[report.Finding]]:
    """The cells of a column without the names in them, which the caller holds against the codes.

    Parameters
    ----------
    is_short
        See `boundaries.codes.named_codes.split_name`.

    Findings
    --------
    codes.repaired
        How many codes stood beside a name in one cell, with the first as example (note).
    """
    split = named_codes.split_names(values, is_short=is_short)
    if split.names is None:
        return split, []
    changed = [
        i for i, (old, new) in enumerate(zip(values, split.cells, strict=True)) if old != new
    ]
    example, code = values[changed[0]], split.cells[changed[0]]
    message = (
        f"{len(changed)} codes repaired (named), such as: '{example}' was {REPAIRS['named']}; read "
        f"as {code}."
    )
    row, count = rows[changed[0]], len(changed)
    return split, [REPAIRED.finding(message, file=file, row=row, value=str(example), measure=count)]


def read_named_column(
    values: Sequence[object],
    names: Sequence[str | None],
    system: kode_types.CodeSystem,
    level: kode_types.Level = "desa",
) -> tuple[CodeColumn, list[str | None]]:
    """As `read_code_column`, where a name may stand beside a code in its cell; and the names.

    A name that is not that of the row makes the code doubtful (reason ``named``); it is the name of
    a row that has no other, or whose name is declared to stand in the same column.
    """
    split = named_codes.split_names(values)
    column = read_code_column(split.cells, system, level)
    if split.names is None:
        return column, list(names)
    of_rows = list(names)
    for index, name in enumerate(split.names):
        if split.cells[index] == values[index]:
            continue
        cell, of_row, code = str(values[index]), of_rows[index] or "", column.codes[index]
        if not of_row or of_row == cell.strip():
            of_rows[index] = name
        elif name and code is not None and not wilayah_names.names_agree(name, of_row):
            column.codes[index] = None
            message = f"'{cell}' stands beside the name {of_row}; which is right?"
            problem = CodeProblem(index, cell, "named", message, report.Severity.WARNING)
            column.problems[:] = [old for old in column.problems if old.index != index]
            column.problems.append(problem)
            continue
        if code is not None:
            message = f"'{cell}' was {REPAIRS['named']}; read as {code}."
            column.problems.append(CodeProblem(index, cell, "named", message, report.Severity.NOTE))
    column.problems.sort(key=lambda problem: problem.index)
    return column, of_rows


def column_findings(
    column: CodeColumn, file: str, rows: Sequence[int] | None = None
) -> list[report.Finding]:
    """The problems of a column as findings: each refused cell, one note for each kind of repair.

    Parameters
    ----------
    rows
        Row number of each entry as the reader of the file sees it; 1-based positions if None.

    Findings
    --------
    codes.refused
        A cell that is not provably one code (warning); ``value`` holds it.
    codes.repaired
        How many cells were repaired in one way, with the first as example (note).
    codes.not_bridged
        A BPS code that the bridge leads nowhere (warning).
    """
    findings = []
    repaired = Counter(p.reason for p in column.problems if p.severity is report.Severity.NOTE)
    seen: set[str] = set()
    for problem in column.problems:
        row = rows[problem.index] if rows is not None else problem.index + 1
        if problem.severity is report.Severity.NOTE:
            if problem.reason in seen:
                continue
            seen.add(problem.reason)
            count = repaired[problem.reason]
            message = f"{count} codes repaired ({problem.reason}), such as: {problem.message}"
            findings.append(
                REPAIRED.finding(
                    message,
                    file=file,
                    row=row,
                    value=problem.value,
                    measure=count,
                )
            )
        else:
            kind = NOT_BRIDGED if problem.reason in BRIDGE_REASONS else REFUSED
            findings.append(
                kind.finding(
                    problem.message,
                    file=file,
                    row=row,
                    value=problem.value,
                )
            )
    return findings
