"""The rows of a table that are not used, as findings: each is named, many alike are gathered."""

from collections.abc import Mapping

from boundaries.findings import locations, report
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.rows.places import Reason

INDICATOR_UNDECLARED = declared_kind("table.indicator_undeclared")
OUTSIDE_SCOPE = declared_kind("table.outside_scope")

MANY_OUTSIDE = 20_000
MANY_UNDECLARED = 50
# One finding (error) already says that no row of the table is used.
OF_WHOLE_TABLE = frozenset(
    {"table.no_bridge", "table.system_contradicted", "table.kecamatan_nameless"}
)


def unmatched_findings(
    reasons: Mapping[int, Reason], file: str, rows: list[int]
) -> list[report.Finding]:
    """One finding for each row that is not used, unless one refuses the whole table.

    Rows outside the scope are gathered by kabupaten when there are more than ``MANY_OUTSIDE``
    (a table of the whole country on one kabupaten): each is still named, as a range of rows.
    """
    outside = [number for number, why in reasons.items() if why.code == "table.outside_scope"]
    undeclared = [
        number for number, why in reasons.items() if why.code == "table.indicator_undeclared"
    ]
    gathered = set(outside) if len(outside) > MANY_OUTSIDE else set()
    others = set(undeclared) if len(undeclared) > MANY_UNDECLARED else set()
    findings = [
        declared_kind(why.code).finding(
            why.message,
            file,
            rows[number],
            value=why.value,
            severity=why.severity,
        )
        for number, why in sorted(reasons.items())
        if number not in gathered and number not in others and why.code not in OF_WHOLE_TABLE
    ]
    findings += _gathered_words(reasons, others, file, rows)
    by_kabupaten: dict[str, list[int]] = {}
    for number in gathered:
        kode = reasons[number].value
        kabupaten = kode[:4] if kode.isdigit() else kode[:5]
        by_kabupaten.setdefault(kabupaten, []).append(rows[number])
    for kabupaten, rows_there in sorted(by_kabupaten.items()):
        listed = ", ".join(locations.row_ranges(rows_there))
        message = f"{len(rows_there)} rows of {kabupaten} are outside the scope: rows {listed}."
        findings.append(
            OUTSIDE_SCOPE.finding(
                message,
                file,
                min(rows_there),
                value=kabupaten,
                measure=len(rows_there),
            )
        )
    return findings


def _gathered_words(
    reasons: Mapping[int, Reason], others: set[int], file: str, rows: list[int]
) -> list[report.Finding]:
    """One note for each undeclared indicator of a long table, with the rows that speak of it."""
    by_word: dict[str, list[int]] = {}
    for number in others:
        by_word.setdefault(reasons[number].value, []).append(rows[number])
    return [
        INDICATOR_UNDECLARED.finding(
            f"{len(rows_there)} rows of '{word}', not declared under [tables.columns]: rows "
            f"{', '.join(locations.row_ranges(rows_there))}.",
            file,
            min(rows_there),
            value=word,
            measure=len(rows_there),
        )
        for word, rows_there in sorted(by_word.items())
    ]
