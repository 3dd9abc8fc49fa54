"""Whether the codes of a table contradict the code system declared for it."""

from __future__ import annotations

from collections.abc import Sequence

from boundaries.codes import CodeReference, CodeSystem
from boundaries.crosswalk import CodeBridge
from boundaries.evidence import CodeEvidence, weigh_code_systems
from boundaries.findings import Finding, Severity

MOST_CODES = 5_000


def check_system(
    cells: Sequence[object],
    names: Sequence[object] | None,
    kecamatan_names: Sequence[object] | None,
    system: CodeSystem,
    reference: CodeReference,
    bridge: CodeBridge | None,
    file: str,
) -> Finding | None:
    """The finding (error) that forbids using the table, or None.

    Each code is weighed once however many rows bear it, and at most ``MOST_CODES`` of them, spread
    evenly over the file: a column in the other system shows in any part of it.
    """
    first: dict[object, int] = {}
    for index, cell in enumerate(cells):
        if cell is not None:
            first.setdefault(cell, index)
    chosen = list(first.values())
    chosen = chosen[:: max(1, -(-len(chosen) // MOST_CODES))]
    evidence = weigh_code_systems(
        [cells[index] for index in chosen],
        None if names is None else [names[index] for index in chosen],
        reference,
        bridge,
        None if kecamatan_names is None else [kecamatan_names[index] for index in chosen],
    )
    return _refuse(evidence, system, file)


def _refuse(evidence: CodeEvidence, system: CodeSystem, file: str) -> Finding | None:
    if evidence.verdict == "mixed":
        message = "Codes of both systems are mixed in one column; no row is used. Separate them."
        return Finding("table.system_mixed", Severity.ERROR, message, file)
    other = CodeSystem.BPS if system is CodeSystem.KEMENDAGRI else CodeSystem.KEMENDAGRI
    if evidence.verdict != other.value:
        return None
    sides = {CodeSystem.KEMENDAGRI: evidence.kemendagri, CodeSystem.BPS: evidence.bps}
    declared, found = sides[system], sides[other]
    message = (
        f"Declared {system.value}, but {found.telling} of {evidence.rows} codes speak for "
        f"{other.value}: {_name(found.kabupaten, found.kabupaten_name)} in {other.value}, not "
        f"{_name(declared.kabupaten, declared.kabupaten_name)} in {system.value}. No row is used."
    )
    return Finding("table.system_contradicted", Severity.ERROR, message, file)


def _name(digits: str | None, name: str | None) -> str:
    return f"{digits or '?'} ({name or 'kabupaten not known'})"
