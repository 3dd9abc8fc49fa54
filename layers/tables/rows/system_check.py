"""Whether the codes of a table contradict the code system declared for it."""

from collections.abc import Sequence
from dataclasses import replace

from boundaries.codes import CodeReference, CodeSystem, KodeKemendagri, crosswalk, evidence_rows
from boundaries.codes.evidence import refuse_contradiction, weigh_code_systems
from boundaries.findings.report import Finding

MOST_CODES = 5_000


def check_system(
    cells: Sequence[object],
    names: Sequence[object] | None,
    kecamatan_names: Sequence[object] | None,
    system: CodeSystem,
    reference: CodeReference,
    bridge: crosswalk.CodeBridge | None,
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
    finding = refuse_contradiction(evidence, system, file)
    return None if finding is None else _name_own(finding, reference, bridge)


def _name_own(
    finding: Finding, reference: CodeReference, bridge: crosswalk.CodeBridge | None
) -> Finding:
    """The finding with the name of the kabupaten whose desa would have got the numbers.

    BPS codes whose seventh digit is 0 are no Kemendagri codes, so the evidence has no kabupaten for
    that reading; the reader must still see which one is meant.
    """
    digits = finding.value
    if digits is None:
        return finding
    name = evidence_rows.kabupaten_name(digits, CodeSystem.KEMENDAGRI, reference, bridge)
    if name is None or name in finding.message:
        return finding
    dotted = KodeKemendagri(digits).dotted
    return replace(finding, message=f"{finding.message} Here {dotted} is {name}.")
