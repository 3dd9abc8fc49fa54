"""Which desa each row of a table is about, by its declared code.

Rows that cannot be placed keep a reason.  Nothing is placed by a code of the other system.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np

from boundaries import codes
from boundaries.codes.column import BRIDGE_REASONS, NOT_BRIDGED
from boundaries.codes.crosswalk import CodeBridge
from boundaries.codes.evidence import refuse_contradiction, weigh_code_systems
from boundaries.findings.report import Finding, Severity
from layers.columns.catalogue import read_provinsi_names
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.rows.row_places import Ints, Placement, Places, Reason

KABUPATEN_CONTRADICTED = declared_kind("table.kabupaten_contradicted")
REPAIRED = declared_kind("codes.repaired")
NO_BRIDGE = declared_kind("table.no_bridge")

UNKNOWN_SHARE = 0.2
FEWEST_UNKNOWN = 3


@dataclass(frozen=True, slots=True)
class CodeSource:
    """How a table says which desa a row is about."""

    file: str
    rows: Sequence[int]
    system: codes.CodeSystem
    names: Sequence[object] | None = None
    kecamatan_names: Sequence[object] | None = None
    bridge: CodeBridge | None = None
    kabupaten: str | None = None


def place_by_code(
    cells: Sequence[object], source: CodeSource, places: Places, skip: Collection[int] = ()
) -> Placement:
    """The desa of each row by its code.

    Findings
    --------
    table.code_refused, table.no_code
        The cell is not provably one code, or empty.
    table.code_unknown
        A code in a covered kabupaten that no desa of the coverage has.
    table.outside_scope
        A code of another provinsi or kabupaten, of which the boundaries have no desa (note); a BPS
        code that is not in a bridge which has every desa of the boundaries.
    codes.not_bridged
        A BPS code that the bridge leads nowhere (warning).
    table.no_bridge
        Codes are declared BPS and no crosswalk leads to Kemendagri codes (error).
    codes.contradicted, codes.mixed
        The codes contradict the declared system: no row is used (error).
    table.kabupaten_contradicted
        Codes without a kabupaten that the declared one does not have: no row is used (error).
    And those of `boundaries.codes.column.split_names`; the caller holds the names against it.
    """
    is_short = source.kabupaten is not None
    split, findings = codes.split_names(cells, source.file, source.rows, is_short=is_short)
    if split.names is None:
        return _place(cells, source, places, skip)
    placed = _place(split.cells, replace(source, names=source.names or split.names), places, skip)
    return replace(placed, findings=(*findings, *placed.findings), cell_names=split.names)


def _place(
    cells: Sequence[object], source: CodeSource, places: Places, skip: Collection[int]
) -> Placement:
    if source.system is codes.CodeSystem.BPS:
        return _place_bps(cells, source, places)
    lookup: dict[object, int] = {} if source.kabupaten else places.by_code
    position = np.fromiter(map(lookup.get, cells, repeat(-1)), dtype=np.int64, count=len(cells))
    left = [int(index) for index in np.flatnonzero(position < 0) if index not in skip]
    numbers = sum(type(cell) is not str for cell in cells) and sum(
        type(cell) is not str for cell, place in zip(cells, position, strict=True) if place >= 0
    )
    rest = [cells[index] for index in left]
    if source.kabupaten:
        kabupaten = codes.KodeKemendagri.parse(source.kabupaten)
        column = codes.read_siskeudes_column(rest, kabupaten, places.reference)
    else:
        column = codes.read_code_column(rest, source.system, "desa", places.reference)
    reasons = _place_rest(column, left, position, places, source.names)
    findings = _repairs(column, left, source)
    if numbers:
        message = f"{numbers} codes stored as numbers were read as text."
        findings.append(REPAIRED.finding(message, source.file, measure=numbers))
    placement = Placement(position, reasons, tuple(findings))
    is_certain = not left and source.names is None
    return placement if is_certain else _refuse_if_contradicted(cells, source, places, placement)


def _place_rest(
    column: codes.CodeColumn,
    left: Sequence[int],
    position: Ints,
    places: Places,
    names: Sequence[object] | None,
) -> dict[int, Reason]:
    """Fills in the rows whose code needed a closer look; the reasons of the others."""
    reasons: dict[int, Reason] = {}
    refused = {p.index: p for p in column.problems if p.severity is not Severity.NOTE}
    nearest: dict[str, str] = {}
    for number, digits in enumerate(column.digits):
        index = left[number]
        if digits is None:
            problem = refused[number]
            reasons[index] = _say_unread(problem)
            continue
        place = places.by_code.get(digits, -1)
        position[index] = place
        if place >= 0:
            continue
        dotted = codes.KodeKemendagri.trusted(digits).dotted
        outside = _say_outside(digits, places)
        if outside is not None:
            reasons[index] = outside
            continue
        if digits not in nearest:
            nearest[digits] = _nearest(digits, None if names is None else names[index], places)
        hint = nearest[digits]
        _, why = places.reference.reason_unknown(digits)
        message = f"{dotted}: no desa of the boundaries has this code. {why}{hint}"
        reasons[index] = Reason("table.code_unknown", message, dotted)
    return reasons


def _say_unread(problem: codes.CodeProblem) -> Reason:
    """Why a cell gave no code of Kemendagri."""
    code = "table.no_code" if problem.reason == "empty" else "table.code_refused"
    if problem.reason in BRIDGE_REASONS:
        code = NOT_BRIDGED.code
    return Reason(code, problem.message, problem.value)


def _say_outside(digits: str, places: Places) -> Reason | None:
    """Why a code lies outside the boundaries; None where its kabupaten has desa in them.

    A code of no provinsi at all is no other place but a wrong code.
    """
    if digits[:4] in places.kabupaten:
        return None
    dotted, provinsi = codes.KodeKemendagri.trusted(digits).dotted, digits[:2]
    if any(kabupaten[:2] == provinsi for kabupaten in places.kabupaten):
        message = f"{dotted} is of kabupaten {dotted[:5]}, of which the boundaries have no desa."
        return Reason("table.outside_scope", message, dotted, Severity.NOTE)
    names = read_provinsi_names()
    name = names.get(provinsi)
    if name is None and all(kabupaten[:2] in names for kabupaten in places.kabupaten):
        message = f"{dotted}: there is no provinsi {provinsi}."
        return Reason("table.code_unknown", message, dotted)
    called = f"{provinsi} ({name})" if name else provinsi
    message = f"{dotted} is of provinsi {called}, of which the boundaries have no desa."
    return Reason("table.outside_scope", message, dotted, Severity.NOTE)


def _nearest(digits: str, name: object, places: Places) -> str:
    """What an unknown code may be: the desa of the row's name, else the code nearest in digits."""
    named = places.nearest_by_name(digits, name)
    if named is not None:
        return f" By its name: {named}."
    number = places.nearest(digits)
    return f" Nearest: {number} {places.names[places.by_code[number]]}." if number else ""


def _repairs(column: codes.CodeColumn, left: Sequence[int], source: CodeSource) -> list[Finding]:
    notes = [problem for problem in column.problems if problem.severity is Severity.NOTE]
    rows = [source.rows[index] for index in left]
    return codes.column_findings(replace(column, problems=notes), source.file, rows)


def _place_bps(cells: Sequence[object], source: CodeSource, places: Places) -> Placement:
    column = codes.read_code_column(cells, codes.CodeSystem.BPS, "desa")
    everything = list(range(len(cells)))
    position = np.full(len(cells), -1, dtype=np.int64)
    if source.bridge is None or 10 not in source.bridge.lengths:
        message = (
            "Codes are declared BPS, but no crosswalk of desa leads to Kemendagri codes; no row is "
            'used. Declare one under [[crosswalks]] with kind = "bridge".'
        )
        reason = "declared BPS and no crosswalk of desa is declared"
        reasons = {
            index: Reason("table.no_bridge", f"{reason}.", str(cell), Severity.NOTE)
            for index, cell in enumerate(cells)
        }
        return Placement(position, reasons, (NO_BRIDGE.finding(message, source.file),))
    crossed = source.bridge.cross(column)
    reasons = _place_rest(crossed, everything, position, places, source.names)
    desa = {str(kode).replace(".", "") for kode in places.frame["kode"]}
    if desa <= {*source.bridge.targets.values()}:
        reasons = {index: _say_elsewhere(reason) for index, reason in reasons.items()}
    listed = [source.bridge.bps_names.get(digits or "") for digits in column.digits]
    repairs = tuple(_repairs(column, everything, source))
    placement = Placement(position, reasons, repairs, listed)
    return _refuse_if_contradicted(cells, source, places, placement)


def _say_elsewhere(reason: Reason) -> Reason:
    """The same for a code that a bridge lacks though it has every desa: it is none of them."""
    if reason.code != NOT_BRIDGED.code:
        return reason
    message = f"{reason.message} It has every desa of the boundaries, so this one lies elsewhere."
    return Reason("table.outside_scope", message, reason.value, Severity.NOTE)


def _refuse_if_contradicted(
    cells: Sequence[object], source: CodeSource, places: Places, placement: Placement
) -> Placement:
    if source.kabupaten:
        return _refuse_other_kabupaten(cells, source, placement)
    finding = check_system(
        cells,
        source.names,
        source.kecamatan_names,
        source.system,
        places.reference,
        source.bridge,
        source.file,
    )
    if finding is None:
        return placement
    return _refuse_whole(
        cells, placement, finding, "the table's codes contradict its declared system."
    )


def _refuse_other_kabupaten(
    cells: Sequence[object], source: CodeSource, placement: Placement
) -> Placement:
    """Codes without a kabupaten fit many; a table of another one shows by codes that do not exist.

    Of all pairs of kabupaten, 89 % share fewer than four fifths of their codes.
    """
    texts = {str(cell) for cell in cells if cell is not None}
    unknown = {
        reason.value for reason in placement.reasons.values() if reason.code == "table.code_unknown"
    }
    if len(unknown) < FEWEST_UNKNOWN or len(unknown) < UNKNOWN_SHARE * len(texts):
        return placement
    message = (
        f"{len(unknown)} of {len(texts)} codes do not exist in {source.kabupaten}, such as "
        f"{min(unknown)}: the table is of another kabupaten, or the list of desa lacks many (add "
        "[[names]]). Nothing of it is used."
    )
    finding = KABUPATEN_CONTRADICTED.finding(
        message,
        source.file,
        value=source.kabupaten,
        measure=len(unknown),
    )
    return _refuse_whole(cells, placement, finding, "the table is not of the declared kabupaten.")


def _refuse_whole(
    cells: Sequence[object], placement: Placement, finding: Finding, why: str
) -> Placement:
    reasons = {
        index: Reason(
            "table.system_contradicted", why, "" if cell is None else str(cell), Severity.NOTE
        )
        for index, cell in enumerate(cells)
    }
    nowhere = np.full(len(cells), -1, dtype=np.int64)
    return Placement(nowhere, reasons, (*placement.findings, finding))


MOST_CODES = 5_000


def check_system(
    cells: Sequence[object],
    names: Sequence[object] | None,
    kecamatan_names: Sequence[object] | None,
    system: codes.CodeSystem,
    reference: codes.CodeReference,
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
    finding = refuse_contradiction(evidence, system, file)
    return None if finding is None else _name_own(finding, reference, bridge)


def _name_own(
    finding: Finding, reference: codes.CodeReference, bridge: CodeBridge | None
) -> Finding:
    """The finding with the name of the kabupaten whose desa would have got the numbers.

    BPS codes whose seventh digit is 0 are no Kemendagri codes, so the evidence has no kabupaten for
    that reading; the reader must still see which one is meant.
    """
    digits = finding.value
    if digits is None:
        return finding
    name = codes.evidence_rows.kabupaten_name(
        digits, codes.CodeSystem.KEMENDAGRI, reference, bridge
    )
    if name is None or name in finding.message:
        return finding
    dotted = codes.KodeKemendagri(digits).dotted
    return replace(finding, message=f"{finding.message} Here {dotted} is {name}.")
