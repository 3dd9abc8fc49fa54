"""Which code system a column is really in, weighed against the lists of codes that exist.

The declaration stays what counts: evidence never replaces it, it only refuses a declaration that
the codes contradict, so that one kabupaten's numbers are not painted on another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from boundaries.codes import (
    CodeReference,
    CodeSystem,
    crosswalk,
    evidence_rows,
    kode_types,
    read_digits,
    wilayah_names,
)
from boundaries.findings import report

CONTRADICTED = report.declared_kind("codes.contradicted")
MIXED = report.declared_kind("codes.mixed")
AMBIGUOUS = report.declared_kind("codes.ambiguous")

Verdict = Literal["kemendagri", "bps", "mixed", "ambiguous", "silent"]

MIXED_SHARE = 0.34
"""Share of the telling rows above which Kemendagri codes among BPS codes are no chance."""
MIXED_SURE_SHARE = 0.05
"""Share of sure rows of the smaller side, of which there must be at least three, for a mixture."""


@dataclass(frozen=True, slots=True)
class CodeEvidence:
    """The evidence for both systems and what follows from it.

    Parameters
    ----------
    rows
        Rows that are a desa code of at least one system.
    seventh_digits
        Rows by seventh digit of the ten: 1, 2, 3 in Kemendagri codes, mostly 0 in BPS codes.
    disagreeing
        Positions of rows whose Kemendagri code exists under a name unlike the row's.
    verdict
        The system; ``mixed``; ``ambiguous`` (fits both); ``silent`` (touches nothing known).
    """

    rows: int
    seventh_digits: dict[str, int]
    kemendagri: evidence_rows.SystemEvidence
    bps: evidence_rows.SystemEvidence
    disagreeing: tuple[int, ...]
    verdict: Verdict


def weigh_code_systems(
    values: Sequence[object],
    names: Sequence[object] | None,
    reference: CodeReference,
    bridge: crosswalk.CodeBridge | None = None,
    kecamatan_names: Sequence[object] | None = None,
) -> CodeEvidence:
    """The evidence in a column of desa codes for each of the two systems.

    A row is *sure* for a system when its name agrees under that reading and not under the other,
    or when it is spelt as only that system spells (dots; a seventh digit that no Kemendagri code
    has).  It merely *distinguishes* when the code exists under one reading and not under the other.

    Parameters
    ----------
    values, names, kecamatan_names
        Columns of the table; names of desa and of kecamatan where there are such columns.
    reference
        Kemendagri codes that exist (the boundaries), saying for which wilayah they are complete.
    bridge
        Pairs of codes, of any levels; without it BPS codes can be recognised by their digits only.
    """
    lists, tally = evidence_rows.CodeLists(reference, bridge), evidence_rows.Tally()
    kemendagri = read_digits(values, CodeSystem.KEMENDAGRI)
    bps = read_digits(values, CodeSystem.BPS)
    blank = [None] * len(values)
    columns = zip(
        kemendagri,
        bps,
        blank if names is None else names,
        blank if kecamatan_names is None else kecamatan_names,
        strict=True,
    )
    for index, (own_code, other, name, place) in enumerate(columns):
        if own_code is not None or other is not None:
            by_kemendagri = lists.look_up_kemendagri(own_code, name, place)
            tally.add(index, own_code, other, by_kemendagri, lists.look_up_bps(other, name, place))
    own_side = tally.summary(CodeSystem.KEMENDAGRI, reference, bridge)
    other_side = tally.summary(CodeSystem.BPS, reference, bridge)
    return CodeEvidence(
        rows=sum(tally.groups.values()),
        seventh_digits=tally.seventh_digits(),
        kemendagri=own_side,
        bps=other_side,
        disagreeing=tuple(tally.disagreeing),
        verdict=_decide(own_side, other_side),
    )


def _decide(kemendagri: evidence_rows.SystemEvidence, bps: evidence_rows.SystemEvidence) -> Verdict:
    """What the two sides together say.

    Rows that no Kemendagri reading allows make the rest doubtful, so a few of them beside rows of
    the other side are a mixture.  The other way round chance weighs in: up to a third of the BPS
    codes of a town exist as Kemendagri codes too.
    """
    telling = kemendagri.telling + bps.telling
    if not telling:
        return "ambiguous" if kemendagri.existing and bps.existing else "silent"
    few = max(3, MIXED_SURE_SHARE * telling)
    if kemendagri.telling > bps.telling:
        is_mixed = bps.sure >= few
    else:
        is_mixed = kemendagri.sure >= few or kemendagri.telling > MIXED_SHARE * telling
    if is_mixed:
        return "mixed"
    if kemendagri.telling == bps.telling:
        return "ambiguous"
    return "kemendagri" if kemendagri.telling > bps.telling else "bps"


def refuse_contradiction(
    evidence: CodeEvidence, declared: CodeSystem, file: str, column: str | None = None
) -> report.Finding | None:
    """Why the column must not be read as declared; None when nothing speaks against it.

    Findings
    --------
    codes.contradicted
        The codes are of the other system; the message names both kabupaten (error).
    codes.mixed
        Codes of both systems in one column (error).
    codes.ambiguous
        The codes fit both systems equally; a column of names or a bridge would tell (error).
    """
    where = f"Column '{column}'" if column else "The code column"
    if evidence.verdict in ("silent", declared.value):
        return None
    if evidence.verdict == "mixed":
        message = (
            f"{where} mixes codes of both systems: {evidence.kemendagri.telling} rows speak for "
            f"Kemendagri and {evidence.bps.telling} for BPS. Split the file, one system each."
        )
        return MIXED.finding(message, file=file)
    if evidence.verdict == "ambiguous":
        message = (
            f"{where} fits Kemendagri and BPS codes equally well, so '{declared.value}' cannot be "
            f"checked. {_both_kabupaten(evidence)} Declare the column of names, or add a bridge of "
            "desa codes."
        )
        return AMBIGUOUS.finding(message, file=file)
    side = evidence.bps if evidence.verdict == "bps" else evidence.kemendagri
    message = (
        f"{where} is declared as {declared.value} codes, but {side.telling} of {evidence.rows} "
        f"rows are {_NAMES[evidence.verdict]} codes. {_both_kabupaten(evidence)} Nothing of it is "
        f'used; declare code_system = "{evidence.verdict}".'
    )
    value = side.kabupaten
    return CONTRADICTED.finding(message, file=file, value=value)


_NAMES: dict[str, str] = {"bps": "BPS", "kemendagri": "Kemendagri"}


def _both_kabupaten(evidence: CodeEvidence) -> str:
    """What the commonest four digits mean in either system, as one sentence."""
    digits = evidence.kemendagri.kabupaten
    if digits is None:
        return ""
    kemendagri_name, bps_name = evidence.kemendagri.kabupaten_name, evidence.bps.kabupaten_name
    dotted = kode_types.dot_kemendagri(digits)
    called = f"{kemendagri_name} ({dotted})" if kemendagri_name else f"kabupaten {dotted}"
    if bps_name is None:
        return (
            f"{digits} is {called} in Kemendagri codes and may be another kabupaten in BPS codes "
            "(a bridge of desa codes would name it)."
        )
    if kemendagri_name is not None and wilayah_names.names_agree(kemendagri_name, bps_name):
        return f"{digits} is {kemendagri_name} in both systems, and the codes of its desa differ."
    return f"{digits} is {bps_name} in BPS codes but {called} in Kemendagri codes."
