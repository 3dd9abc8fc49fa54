"""Inputs of which nothing is used: a whole table that fell out must not look like a good one.

It blocks publication until it is mended, taken out of ``wilayah.toml``, or accepted there with a
reason (``[[allow]]``).
"""

from collections.abc import Sequence

from boundaries.findings.report import Finding, LoadCount, Severity
from layers.words.finding_kinds import finding_words

_NO_REASON = frozenset(
    {
        "table.reading",
        "table.not_a_record",
        "table.matched_by_name",
        "codes.repaired",
        "input.word_unused",
        "versions.history_proposed",
    }
)


def find_lost(
    findings: Sequence[Finding], load: LoadCount, telling: int | None = None
) -> list[Finding]:
    """The finding of an input of which nothing is used; none where a row is, or it is refused.

    Parameters
    ----------
    findings
        What reading the input found; the commonest of them says why.
    telling
        How many of the used rows say something (a value, an amount, a service); None where each
        used row does.

    Findings
    --------
    input.no_row_used
        Rows were read and none is used, or none that is says anything (error), with an example and
        what to do about it.
    input.no_row
        The file has a header and no row (warning).
    input.no_value
        Rows are used, and the cells that should say something are all empty (warning).
    """
    ours = [finding for finding in findings if finding.file in (load.file, None)]
    if any(finding.severity is Severity.ERROR for finding in ours):
        return []
    if load.rows_read == 0:
        message = f"{load.input}: the file has a header and no row."
        return [Finding("input.no_row", Severity.WARNING, message, load.file)]
    if load.matched and telling != 0:
        return []
    why = _commonest(ours)
    if load.matched and not why:
        message = f"{load.input}: {load.matched} rows are used, but no cell says anything."
        return [Finding("input.no_value", Severity.WARNING, message, load.file)]
    verb = "says anything that is used" if load.matched else "is used"
    proposed = [finding for finding in ours if finding.code == "versions.history_proposed"]
    said = f" {_explain((proposed or why)[0])}" if why else ""
    message = f"None of {load.rows_read} rows {verb}.{said}"
    if not why:
        return [lose_input(load, message)]
    return [lose_input(load, message, row=why[0].row, value=why[0].value)]


def lose_input(
    load: LoadCount, message: str, *, row: int | None = None, value: str | None = None
) -> Finding:
    """The error ``input.no_row_used`` of one input, with the row and the cell of an example."""
    return Finding(
        "input.no_row_used",
        Severity.ERROR,
        f"{load.input}: {message}",
        load.file,
        row,
        value=value,
        measure=load.rows_read,
        unit="rows",
    )


def _commonest(findings: Sequence[Finding]) -> list[Finding]:
    """The findings of the code that explains most rows, in the order of the report."""
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        is_reading = finding.severity is Severity.NOTE and finding.row is None
        if finding.code not in _NO_REASON and not is_reading:
            by_code.setdefault(finding.code, []).append(finding)
    counts = {code: sum(map(_rows_of, found)) for code, found in by_code.items()}
    most = max(counts, key=lambda code: (counts[code], code), default=None)
    return [] if most is None else sorted(by_code[most], key=Finding.sort_key)


def _rows_of(finding: Finding) -> int:
    return int(finding.measure or 1) if finding.unit == "rows" else 1


def _explain(example: Finding) -> str:
    """What is wrong with one of the rows, and what to do about its kind."""
    where = f"Row {example.row}: " if example.row is not None else ""
    advice = finding_words().advice(example.code).en
    return f"{where}{example.message} {advice}".strip()
