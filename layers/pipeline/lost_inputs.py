"""Inputs of which nothing is used: a whole table that fell out must not look like a good one.

It blocks publication until it is mended, taken out of ``wilayah.toml``, or accepted there with a
reason (``[[allow]]``).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from boundaries.codes import KodeKemendagri
from boundaries.findings.report import Finding, LoadCount, Report, Severity
from boundaries.history.versions import History
from layers.finding_words.finding_kinds import declared_kind, finding_words
from layers.tables.rows import shipped_histories
from layers.workspace import inputs, sections

NO_ROW_USED = declared_kind("input.no_row_used")
SECTION_UNUSED = declared_kind("input.section_unused")
NO_ROW = declared_kind("input.no_row")
NO_VALUE = declared_kind("input.no_value")

_NO_RECORD = "table.not_a_record"
_NO_REASON = frozenset(
    {
        "table.reading",
        _NO_RECORD,
        "table.matched_by_name",
        "codes.repaired",
        "input.word_unused",
        "versions.history_proposed",
        # Of rows that are used where they stand, were it not for something else.
        "facility.outside",
        "facility.near_shore",
        "facility.on_sea",
        "facility.elsewhere",
    }
)

_OUT_OF_SCOPE = frozenset({"table.outside_scope", "boundary.out_of_scope"})
"""Of some rows there is nothing to do about these."""
_ALL_ELSEWHERE = (
    "Nothing of the file is of this area: it is of another kabupaten, its code_system is another "
    "than declared, or the scope lacks its kabupaten."
)
_REASON_OF_MANY = frozenset({"boundary.out_of_scope"})
"""Notes about many rows at once that say why these are not used."""


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
    skipped = [finding for finding in ours if finding.code == _NO_RECORD]
    if load.rows_read == 0 and skipped:
        message = f"all {len(skipped)} rows were taken for totals, headings or footnotes."
        return [lose_input(load, message, row=skipped[0].row, value=skipped[0].value)]
    if load.rows_read == 0:
        message = f"{load.input}: the file has a header and no row."
        return [NO_ROW.finding(message, load.file)]
    if load.matched and telling != 0:
        return []
    why = _commonest(ours)
    if load.matched and not why:
        message = f"{load.input}: {load.matched} rows are used, but no cell says anything."
        return [NO_VALUE.finding(message, load.file)]
    verb = "says anything that is used" if load.matched else "is used"
    proposed = [finding for finding in ours if finding.code == "versions.history_proposed"]
    explained = f" {_explain((proposed or why)[0])}" if why else ""
    message = f"None of {load.rows_read} rows {verb}.{explained}"
    if not why:
        return [lose_input(load, message)]
    return [lose_input(load, message, row=why[0].row, value=why[0].value)]


_RASTER_REFUSED = {"raster.no_crs", "raster.no_place", "raster.rotated", "raster.untrue_crs"}
_ELSEWHERE = {"raster.no_overlap", "raster.empty", "access.barrier_elsewhere", "road.elsewhere"}
_OF_WHOLE_FILE = frozenset({*_RASTER_REFUSED, *_ELSEWHERE, "raster.other_unit"})
"""Findings that say of a whole file that nothing of it lies in the loaded area, or can be read."""


def find_whole(findings: Sequence[Finding]) -> list[Finding]:
    """The error ``input.no_row_used`` of each raster or drawing of which nothing is used."""
    whole = {finding.file: finding for finding in findings if finding.code in _OF_WHOLE_FILE}
    return [
        NO_ROW_USED.finding(f"Nothing of this file is used. {_explain(finding)}", file)
        for file, finding in whole.items()
    ]


def lose_input(
    load: LoadCount, message: str, *, row: int | None = None, value: str | None = None
) -> Finding:
    """The error ``input.no_row_used`` of one input, with the row and the cell of an example."""
    return NO_ROW_USED.finding(
        f"{load.input}: {message}",
        load.file,
        row,
        value=value,
        measure=load.rows_read,
    )


def _commonest(findings: Sequence[Finding]) -> list[Finding]:
    """The findings of the code that explains most rows, in the order of the report."""
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        is_note = finding.severity is Severity.NOTE and finding.row is None
        is_reading = is_note and finding.code not in _REASON_OF_MANY
        if finding.code not in _NO_REASON and not is_reading:
            by_code.setdefault(finding.code, []).append(finding)
    counts = {code: sum(map(_rows_of, alike)) for code, alike in by_code.items()}
    most = max(counts, key=lambda code: (counts[code], code), default=None)
    return [] if most is None else sorted(by_code[most], key=Finding.sort_key)


def _rows_of(finding: Finding) -> int:
    return int(finding.measure or 1) if finding.unit == "rows" else 1


def _explain(example: Finding) -> str:
    """What is wrong with one of the rows, and what to do about its kind."""
    where = f"Row {example.row}: " if example.row is not None else ""
    is_elsewhere = example.code in _OUT_OF_SCOPE
    advice = _ALL_ELSEWHERE if is_elsewhere else finding_words().advice(example.code).en
    return f"{where}{example.message} {advice}".strip()


def find_lost_polygons(report: Report, desa: pd.DataFrame) -> list[Finding]:
    """The error ``input.no_row_used`` of each file of polygons of which no desa is drawn."""
    drawn = Counter(desa.loc[desa["geometry"].notna(), "source_file"])
    findings = []
    for load in report.loads:
        of_file = [finding for finding in report.findings if finding.file == load.file]
        findings += find_lost(of_file, load, drawn[load.file])
    return findings


def lose_elsewhere(load: LoadCount, codes: Collection[str], scope: Sequence[str]) -> list[Finding]:
    """The error ``input.no_row_used`` of a list of which no code (digits) lies in the scope."""
    starts = tuple(place.replace(".", "") for place in scope if place != "indonesia")
    if not starts or not codes or any(code.startswith(starts) for code in codes):
        return []
    example = min(codes)
    why = f"Its codes begin like {KodeKemendagri(example).dotted}, none lies in {', '.join(scope)}."
    former = shipped_histories.explain_former(
        (KodeKemendagri(code).dotted for code in codes), scope
    )
    why = f"{why} {former}".strip()
    return [lose_input(load, f"None of {load.rows_read} rows is used. {why}", value=example)]


def codes_about(history: History, scope: Sequence[str]) -> set[str]:
    """The codes (digits) of a history; of a provinsi that was recoded, its places of the scope."""
    codes = {code for change in history.changes for code in (change.old, change.new)}
    inside = {place for place in scope if any(place.startswith(f"{code}.") for code in codes)}
    return {code.replace(".", "") for code in codes | inside}


ACCESS_SECTIONS = (
    "population",
    "roads",
    "friction",
    "land_cover",
    "elevation",
    "barriers",
    "speeds",
    "travel",
)
"""Sections that serve nothing but distances and times to facilities."""


@dataclass(frozen=True, slots=True)
class Measurements:
    """What of a workspace was measured: what decides whether the other sections serve anything.

    Parameters
    ----------
    kinds
        Kinds of facilities to which distances are measured.
    indicators
        Indicators of which a table has rows.
    services
        Basic services of which a need is measured anywhere.
    """

    kinds: Collection[str]
    indicators: Collection[str]
    services: Collection[str]


def find_unused_sections(workspace: sections.Workspace, measured: Measurements) -> list[Finding]:
    """The sections that are read and make nothing in the release, each with the reason.

    Findings
    --------
    input.section_unused
        Nothing uses the section, because another one is missing (warning); a bridge, where no input
        has BPS codes, only helps to tell the two systems apart (note).
    """
    unused = (
        *_unused_for_access(workspace, measured),
        *_unused_measures(workspace, measured),
        *_unused_plans(workspace, measured),
    )
    findings = [
        SECTION_UNUSED.finding(f"{name}: {why}", file, value=name) for name, file, why in unused
    ]
    return findings + _find_idle_bridges(workspace)


def _find_idle_bridges(workspace: sections.Workspace) -> list[Finding]:
    """A note for each bridge of a workspace in which no input declares BPS codes."""
    sections: list[object] = [section for _, section in inputs.list_inputs(workspace)]
    sections += [section.codes_from for section in workspace.boundaries]
    if any(getattr(section, "code_system", None) == "bps" for section in sections):
        return []
    message = (
        "crosswalks.{number}: no input declares BPS codes, so none crosses this bridge; it only "
        "helps to tell BPS codes from Kemendagri codes."
    )
    return [
        SECTION_UNUSED.finding(
            message.format(number=number),
            section.path,
            value=f"crosswalks.{number}",
            severity=Severity.NOTE,
        )
        for number, section in enumerate(workspace.crosswalks, start=1)
        if section.kind == "bridge"
    ]


Unused = Iterator[tuple[str, str | None, str]]
"""Sections by name, each with its file and with why nothing uses it."""


def _unused_for_access(workspace: sections.Workspace, measured: Measurements) -> Unused:
    """Roads, rasters and settings of travel that lead to no measurement."""
    friction, elevation = workspace.friction, workspace.elevation
    if not measured.kinds:
        kinds = "none of the declared kinds has a norm in metres"
        why = kinds if workspace.facilities else "no [[facilities]] are declared"
        why = f"it serves distances to facilities, and {why}."
        yield from _declared(workspace, ACCESS_SECTIONS, why)
    elif friction is None and workspace.land_cover is None:
        why = (
            "it serves travel over a surface, and neither [friction] nor [land_cover] is declared."
        )
        yield from _declared(workspace, ("elevation", "barriers"), why)
        if not workspace.roads:
            why = "it serves travel times, and no roads, friction or land cover are declared."
            yield from _declared(workspace, ("speeds", "travel"), why)
    elif friction is not None and friction.height_path is not None and elevation is not None:
        yield "[elevation]", elevation.path, "height_path of [friction] is used instead."


def _declared(workspace: sections.Workspace, names: Sequence[str], why: str) -> Unused:
    for name in names:
        section = getattr(workspace, name) if name in workspace.model_fields_set else None
        if isinstance(section, tuple):
            yield from ((f"[[{name}]]", entry.path, why) for entry in section)
        elif section is not None:
            yield f"[{name}]", getattr(section, "path", None), why


def _unused_measures(workspace: sections.Workspace, measured: Measurements) -> Unused:
    """Indicators that no table fills, and basic services of which nothing is measured."""
    for indicator in workspace.indicators:
        if indicator.name not in measured.indicators:
            yield f"indicators.{indicator.name}", None, "no table of [[tables]] fills it."
    for service in workspace.services:
        if service.id not in measured.services:
            why = "none of its needs is measured: no table fills their indicators, no norm is held."
            yield f"services.{service.id}", None, why


def _unused_plans(workspace: sections.Workspace, measured: Measurements) -> Unused:
    """Programmes, proposals and priorities where there is no need to hold them against."""
    if measured.services:
        return
    why = "it is held against needs, and no need of a basic service is measured."
    for name in ("programmes", "proposals"):
        for section in getattr(workspace, name):
            yield f"{name}.{section.id}", section.path, why
    if workspace.priority is not None:
        yield "[priority]", None, why
