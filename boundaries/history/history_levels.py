"""Changes of kecamatan, kabupaten and provinsi, carried down to their desa where they tell it.

A recode of a wilayah gives all its desa the new beginning and leaves their last part.  A split or
merge of kecamatan does not say which desa went where: that needs lines of desa.
"""

from collections.abc import Collection

from boundaries.findings.kinds import declared_kind
from boundaries.findings.report import Finding
from boundaries.history.versions import Change, History

ABOVE_DESA = declared_kind("versions.above_desa")

_DESA = len("00.00.00.0000")


def expand_history(history: History, current: Collection[str]) -> tuple[History, list[Finding]]:
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
