"""A history of codes from a table: who was split, merged, recoded or renamed, and when."""

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

from boundaries.codes import CodeSystem, column_findings, read_code_column
from boundaries.codes.lists import count_rows, level_of, read_list
from boundaries.findings.kinds import declared_kind
from boundaries.findings.report import Finding, LoadCount
from boundaries.history.versions import Change, ChangeKind, History

SEVERAL_SUCCESSORS = declared_kind("versions.several_successors")
UNDATED = declared_kind("versions.undated")
KIND_UNKNOWN = declared_kind("versions.kind_unknown")

_KIND_WORDS: dict[str, ChangeKind] = {
    "split": "split",
    "pemekaran": "split",
    "merge": "merge",
    "penggabungan": "merge",
    "recode": "recode",
    "perubahan kode": "recode",
    "rename": "rename",
    "perubahan nama": "rename",
}
_YEAR = re.compile(r"(?<![0-9])(19[0-9]{2}|20[0-9]{2})(?![0-9])")


def read_history(
    path: Path,
    label: str,
    *,
    old_column: str,
    new_column: str,
    kind_column: str,
    date_column: str | None = None,
    input_name: str = "crosswalks",
    encoding: str | None = None,
) -> tuple[History, list[Finding], LoadCount]:
    """A history table: old and new code (Kemendagri, one level a row), kind of change, date.

    Findings
    --------
    codes.refused, codes.repaired
        As `boundaries.codes.column_findings`.
    versions.kind_unknown
        The kind is none of split, merge, recode, rename (pemekaran, penggabungan, perubahan kode,
        perubahan nama); the row is not used (warning).
    versions.several_successors
        A recode or rename of one code to several codes at once: used as the split that it is, so
        that no value is copied (warning).
    versions.undated
        Rows without a year: they count as later than every value (warning).
    """
    columns = [old_column, new_column, kind_column, date_column]
    listed = read_list(path, label, columns, encoding)
    findings: list[Finding] = [*listed.findings]
    stated: list[Change | None] = []
    undated = 0
    for row, number in zip(listed.rows, listed.numbers, strict=True):
        codes = []
        for text in row[:2]:
            level = level_of(text, CodeSystem.KEMENDAGRI)
            column = read_code_column([text], CodeSystem.KEMENDAGRI, level)
            findings += column_findings(column, label, [number])
            codes.append(column.written[0])
        kind = _KIND_WORDS.get(row[2].lower())
        if kind is None:
            message = (
                f"'{row[2]}' is not a kind of change; one of {', '.join(get_args(ChangeKind))}."
            )
            findings.append(
                KIND_UNKNOWN.finding(
                    message,
                    file=label,
                    row=number,
                    value=row[2],
                )
            )
        elif codes[0] and codes[1]:
            year = _YEAR.search(row[3])
            undated += year is None
            stated.append(Change(codes[0], codes[1], kind, int(year[1]) if year else None))
            continue
        stated.append(None)
    load, repeats = count_rows(input_name, label, listed, stated)
    findings += repeats
    changes, several = _without_copies([change for change in stated if change is not None], label)
    findings += several
    if undated:
        message = f"{undated} changes have no year; they count as later than every value."
        findings.append(UNDATED.finding(message, file=label, measure=undated))
    return History.of(changes), findings, load


def _without_copies(changes: list[Change], label: str) -> tuple[list[Change], list[Finding]]:
    """The changes, with a code that became several at once written as a split."""
    news: dict[tuple[str, int | None], set[str]] = {}
    for change in changes:
        if change.kind in ("recode", "rename"):
            news.setdefault((change.old, change.year), set()).add(change.new)
    several = {key: codes for key, codes in news.items() if len(codes) > 1}
    findings = [
        SEVERAL_SUCCESSORS.finding(
            f"{old} became {', '.join(sorted(codes))} at once; used as a split.",
            file=label,
            kode=old,
        )
        for (old, _), codes in sorted(several.items(), key=str)
    ]
    return [
        replace(change, kind="split")
        if change.kind in ("recode", "rename") and (change.old, change.year) in several
        else change
        for change in changes
    ], findings
