"""A history of codes from a table: who was split, merged, recoded or renamed, and when.

A recode of a kecamatan, kabupaten or provinsi gives all its desa the new beginning and leaves their
last part.  A split or merge of kecamatan does not say which desa went where: that needs lines of
desa.
"""

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import get_args

from boundaries.codes import CodeSystem, column_findings, lists, read_code_column
from boundaries.findings import report
from boundaries.history.versions import Change, ChangeKind, History

SEVERAL_SUCCESSORS = report.declared_kind("versions.several_successors")
UNDATED = report.declared_kind("versions.undated")
KIND_UNKNOWN = report.declared_kind("versions.kind_unknown")

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
) -> tuple[History, list[report.Finding], report.LoadCount]:
    """A history table: old and new code (Kemendagri, one level a row), kind of change, date.

    Findings
    --------
    codes.refused, codes.repaired
        As `boundaries.codes.column.column_findings`.
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
    listed = lists.read_list(path, label, columns, encoding)
    findings: list[report.Finding] = [*listed.findings]
    stated: list[Change | None] = []
    undated = 0
    for row, number in zip(listed.rows, listed.numbers, strict=True):
        codes = []
        for text in row[:2]:
            level = lists.level_of(text, CodeSystem.KEMENDAGRI)
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
    load, repeats = lists.count_rows(input_name, label, listed, stated)
    findings += repeats
    changes, several = _without_copies([change for change in stated if change is not None], label)
    findings += several
    if undated:
        message = f"{undated} changes have no year; they count as later than every value."
        findings.append(UNDATED.finding(message, file=label, measure=undated))
    return History.of(changes), findings, load


def _without_copies(changes: list[Change], label: str) -> tuple[list[Change], list[report.Finding]]:
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


ABOVE_DESA = report.declared_kind("versions.above_desa")

_DESA = len("00.00.00.0000")


def expand_history(
    history: History, current: Collection[str]
) -> tuple[History, list[report.Finding]]:
    """The history with a line of each desa of today for every recode above it.

    Lines of desa count before what is derived: a desa that any of them names is left out.

    Parameters
    ----------
    current
        Dotted codes of the desa of today.

    Findings
    --------
    versions.above_desa
        How many desa follow the recodes of higher levels; and which changes say nothing of desa
        (note).
    """
    named = {code for change in history.changes for code in (change.old, change.new)}
    derived: list[Change] = []
    silent: list[Change] = []
    upper = [change for change in history.changes if len(change.new) < _DESA]
    for change in upper:
        if change.kind == "rename" or change.old == change.new:
            continue
        if change.kind != "recode" or len(change.old) != len(change.new):
            silent.append(change)
            continue
        derived += _desa_of(change, current, named)
    findings = []
    if derived:
        message = (
            f"{len(derived)} desa took new codes with their kecamatan, kabupaten or provinsi, such "
            f"as {derived[0].old} to {derived[0].new}; their last parts are taken to have stayed."
        )
        findings.append(ABOVE_DESA.finding(message, measure=len(derived)))
    findings += [
        ABOVE_DESA.finding(
            f"{change.kind} of {change.old} into {change.new}: it does not say which desa went "
            "where; values of desa follow only lines of desa.",
            kode=change.new,
        )
        for change in silent
    ]
    return History.of([*history.changes, *derived]), findings


def _desa_of(change: Change, current: Collection[str], named: Collection[str]) -> list[Change]:
    """The recode of each desa of today under the new code."""
    desa_changes = []
    for kode in sorted(current):
        old = change.old + kode[len(change.new) :]
        is_below = kode.startswith(f"{change.new}.")
        if is_below and kode not in named and old not in named and old not in current:
            desa_changes.append(Change(old, kode, "recode", change.year))
    return desa_changes
