"""The ground a build stands on: what is declared, what codes mean, and the places.

Each function is a step: it takes one frozen record and returns another.  `declare` alone reads
what no record names, ``wilayah.toml`` and ``matches.csv``.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from boundaries.bounds import input_readers
from boundaries.build import BoundarySet, build_boundaries
from boundaries.codes import CodeReference, CodeSystem, KodeKemendagri, crosswalk
from boundaries.codes.lists import read_name_list
from boundaries.errors import NothingInScopeError
from boundaries.findings.report import Finding, LoadCount
from boundaries.history import history_file, versions
from boundaries.matching import matches_file, matching
from boundaries.progress import Progress, silent
from layers.access.straight.land import find_land
from layers.columns.catalogue import read_indicators, read_provinsi_names
from layers.errors import WorkspaceError
from layers.finding_words.finding_kinds import declared_kind
from layers.pipeline import early_checks, lost_inputs, step_records
from layers.provenance.place_sources import list_sources, trace_boundaries
from layers.release.manifest_file import InputEntry
from layers.tables.rows import row_places, shipped_histories
from layers.words.place_terms import name_terms
from layers.workspace import input_bytes, sections, workspace_file
from layers.workspace.inputs import check_identical_files, hash_inputs, leave_out

CODE_LATE = declared_kind("table.code_late")


@dataclass(frozen=True, slots=True)
class DeclaredInputs:
    """A workspace as declared, and the bytes of its files.

    Parameters
    ----------
    files
        All inputs, and ``matches.csv`` where it is there.
    hashed
        To verify, after the last step, that none of them changed meanwhile.
    indicators
        Those of the catalogue and of the workspace, by name.
    """

    workspace: sections.Workspace
    inputs: tuple[InputEntry, ...]
    files: step_records.Files
    hashed: input_bytes.InputBytes
    indicators: Mapping[str, sections.IndicatorSection]
    added: step_records.Contribution


def declare(folder: Path, without: Collection[str] = ()) -> DeclaredInputs:
    """What a workspace folder declares, refused where its files do not have it.

    Parameters
    ----------
    without
        Paths of files whose sections are left out.

    Raises
    ------
    WorkspaceError, InputError
        What is declared cannot be read, or changed while it was read.
    """
    hashed = input_bytes.InputBytes()
    hashed.note(folder / workspace_file.WORKSPACE_NAME)
    hashed.note(folder / matches_file.MATCHES_NAME)
    workspace = leave_out(workspace_file.read_workspace(folder), without)
    input_readers.set_limits(workspace.limits)
    inputs = hash_inputs(workspace, folder, hashed)
    indicators = read_indicators() | {section.name: section for section in workspace.indicators}
    early_checks.check_declarations(workspace, folder, indicators)
    files = step_records.Files(folder, (*inputs, *_hash_matches(folder)))
    added = step_records.Contribution(tuple(check_identical_files(inputs)))
    return DeclaredInputs(workspace, inputs, files, hashed, indicators, added)


def _hash_matches(folder: Path) -> tuple[InputEntry, ...]:
    path = folder / matches_file.MATCHES_NAME
    if not path.is_file():
        return ()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return (
        InputEntry(
            input="matches", path=matches_file.MATCHES_NAME, sha256=digest, size=path.stat().st_size
        ),
    )


def list_used(
    inputs: tuple[InputEntry, ...], files: step_records.Files, matches: step_records.Matches
) -> tuple[InputEntry, ...]:
    """The inputs of a release: ``matches.csv`` only when something is decided in it."""
    is_decided = any(line.keputusan for line in matches.lines)
    return (*inputs, *(files.of("matches").entries if is_decided else ()))


@dataclass(frozen=True, slots=True)
class ListsTask:
    """The lists of codes and names of a workspace, to be read."""

    workspace: sections.Workspace
    files: step_records.Files


def read_code_lists(task: ListsTask) -> step_records.CodeAids:
    """What is known of codes before the polygons are read.

    Raises
    ------
    WorkspaceError
        A history does not say which column holds the kind of change, or is not shipped.
    """
    history, of_histories = _read_histories(task)
    bridge, of_bridges = _read_bridges(task, history)
    names, of_names = _read_names(task, history)
    added = step_records.join_contributions([of_bridges, of_histories, of_names])
    return step_records.CodeAids(bridge, history, names, added)


@dataclass(frozen=True, slots=True)
class GroundTask:
    """The polygons of a workspace, to become places."""

    workspace: sections.Workspace
    files: step_records.Files
    lists: step_records.CodeAids


def lay_ground(task: GroundTask, progress: Progress = silent) -> step_records.Ground:
    """The coverage of a workspace, and what rows of tables find their place by."""
    workspace, folder, lists = task.workspace, task.files.folder, task.lists
    coverage = _build_coverage(task, progress)
    frame, of_terms = name_terms(coverage.frame, workspace.sebutan)
    desa = frame[frame["level"] == "desa"].reset_index(drop=True)
    codes = [*desa["kode"], *desa["kode_kecamatan"].dropna()]
    matches, of_matches = read_decisions(folder, codes, lists.history)
    history, of_history = lists.history, list[Finding]()
    if history is not None:
        history, of_history = history_file.expand_history(history, frozenset(desa["kode"]))
    rows = pd.DataFrame(frame[["level", "kode", "source_file", "source_row"]])
    sources = list_sources(workspace)
    strand = trace_boundaries(sources, workspace, rows)
    outside = {
        finding.kode: finding.file
        for finding in coverage.report.findings
        if finding.code == "boundary.out_of_scope" and finding.kode
    }
    of_files = lost_inputs.find_lost_polygons(coverage.report, desa)
    of_files += shipped_histories.propose_for_polygons(outside, workspace.wilayah.scope)
    added = step_records.Contribution(
        (*coverage.report.findings, *of_files, *of_terms, *of_matches, *of_history),
        tuple(coverage.report.loads),
        (strand,),
        {"boundaries": rows, **_list_changes(history)},
        dict(coverage.proposals),
    )
    return step_records.Ground(
        boundaries=frame,
        desa=desa,
        land=find_land(desa),
        places=row_places.Places.of(desa, history),
        bridge=lists.bridge,
        history=history,
        matches=matches,
        year=workspace.wilayah.year,
        sources=sources,
        polygons=sources.expand(strand),
        added=added,
    )


def _list_changes(history: versions.History | None) -> dict[str, pd.DataFrame]:
    """The changes of codes as a table of the release, down to the desa; none without a history."""
    if history is None:
        return {}
    lines = [(change.old, change.new, change.kind, change.year) for change in history.changes]
    frame = pd.DataFrame(lines, columns=["kode_lama", "kode_baru", "perubahan", "tahun"])
    return {"code_history": frame.astype({"tahun": "Int64"})}


def _build_coverage(task: GroundTask, progress: Progress) -> BoundarySet:
    """The coverage of the declared polygons; where a shipped history fits, the error says so."""
    workspace, lists = task.workspace, task.lists
    try:
        return build_boundaries(
            early_checks.polygon_sources(workspace, task.files.folder),
            scope=workspace.wilayah.scope,
            year=workspace.wilayah.year,
            names=lists.names,
            allow=workspace.allow,
            bridge=lists.bridge,
            history=lists.history,
            progress=progress,
        )
    except NothingInScopeError as refused:
        elsewhere = dict.fromkeys(refused.elsewhere)
        hint = shipped_histories.explain_former(elsewhere, workspace.wilayah.scope)
        message = f"{refused} {hint}".strip()
        raise NothingInScopeError(message, refused.proposals, refused.elsewhere) from refused


def _read_names(
    task: ListsTask, history: versions.History | None
) -> tuple[dict[str, str], step_records.Contribution]:
    """Official names by dotted code, of every level, from all ``[[names]]``.

    Each provinsi has at least its shipped name, the one kabupaten of a workspace the workspace's.
    """
    wilayah = task.workspace.wilayah
    names, parts = dict(read_provinsi_names()), []
    if len(wilayah.scope) == 1 and "." in wilayah.scope[0]:
        names[wilayah.scope[0]] = wilayah.name
    for number, section in enumerate(task.workspace.names, start=1):
        reference, findings, load = read_name_list(
            task.files.folder / section.path,
            section.path,
            code_column=section.code_column,
            name_column=section.name_column,
            system=CodeSystem(section.code_system),
            scope=wilayah.scope,
            input_name=f"names.{number}",
            encoding=section.encoding,
        )
        listed, of_former = _names_of_today(section, reference, history)
        unused = _check_names_used(section, listed, wilayah.scope, load)
        parts.append(step_records.Contribution((*findings, *of_former, *unused), (load,)))
        if section.code_system == "kemendagri":
            # A list of kecamatan knows its kabupaten by code only; that is no name.
            names |= {kode: name for kode, name in listed.items() if name}
    return names, step_records.join_contributions(parts)


def _names_of_today(
    section: sections.NamesSection, reference: CodeReference, history: versions.History | None
) -> tuple[dict[str, str], list[Finding]]:
    """The names by dotted code, those of former codes as of what became of them.

    A name that the list has by the code of today counts before one by its former code.

    Findings
    --------
    table.code_late
        How many names stand under former codes (note).
    """
    if section.code_system != "kemendagri":
        return dict(reference.names), []
    names = {KodeKemendagri(digits).dotted: name for digits, name in reference.names.items()}
    former = {kode: new for kode in names if history and (new := history.today(kode))}
    if not former:
        return names, []
    message = f"{len(former)} codes of the list are former ones and are read as those of today."
    finding = CODE_LATE.finding(message, section.path, measure=len(former))
    return {new: names[kode] for kode, new in former.items()} | names, [finding]


def _check_names_used(
    section: sections.NamesSection,
    names: Mapping[str, str],
    scope: Sequence[str],
    load: LoadCount,
) -> list[Finding]:
    """The error ``input.no_row_used`` of a list of names that names nothing of the scope."""
    lost = lost_inputs.find_lost((), load)
    if lost:
        return lost
    if section.code_system != "kemendagri":
        why = "Names are taken from lists in Kemendagri codes only; this one is declared BPS."
        return [lost_inputs.lose_input(load, f"None of {load.rows_read} rows is used. {why}")]
    digits = [kode.replace(".", "") for kode in names]
    return lost_inputs.lose_elsewhere(load, digits, scope)


def _read_bridges(
    task: ListsTask, history: versions.History | None
) -> tuple[crosswalk.CodeBridge | None, step_records.Contribution]:
    """The one bridge from BPS to Kemendagri codes, of all ``[[crosswalks]]`` of that kind."""
    bridges, parts = [], []
    for number, section in enumerate(task.workspace.crosswalks, start=1):
        if section.kind != "bridge":
            continue
        bridge, findings, load = crosswalk.read_bridge(
            task.files.folder / section.path,
            section.path,
            bps_column=section.from_column,
            kemendagri_column=section.to_column,
            bps_name_column=section.from_name_column,
            kemendagri_name_column=section.to_name_column,
            date=section.date,
            input_name=f"crosswalks.{number}",
            encoding=section.encoding,
        )
        bridges.append(bridge)
        lost = lost_inputs.find_lost(findings, load)
        targets = {KodeKemendagri(digits).dotted for digits in bridge.targets.values()}
        targets |= {new for kode in targets if history and (new := history.today(kode))}
        lost = lost or lost_inputs.lose_elsewhere(
            load, {kode.replace(".", "") for kode in targets}, task.workspace.wilayah.scope
        )
        parts.append(step_records.Contribution((*findings, *lost), (load,)))
    return crosswalk.join_bridges(bridges) if bridges else None, step_records.join_contributions(
        parts
    )


def _read_histories(task: ListsTask) -> tuple[versions.History | None, step_records.Contribution]:
    """How codes changed: shipped histories in use, and ``[[crosswalks]]`` of kind ``history``."""
    changes, notes = shipped_histories.choose_histories(task.workspace.history.use)
    parts = [step_records.Contribution(tuple(notes))]
    for number, section in enumerate(task.workspace.crosswalks, start=1):
        if section.kind != "history":
            continue
        if section.kind_column is None:
            raise WorkspaceError(
                f"{section.path}: a history needs kind_column (split, merge, recode, rename)."
            )
        history, findings, load = history_file.read_history(
            task.files.folder / section.path,
            section.path,
            old_column=section.from_column,
            new_column=section.to_column,
            kind_column=section.kind_column,
            date_column=section.date_column,
            input_name=f"crosswalks.{number}",
            encoding=section.encoding,
        )
        changes += history.changes
        codes = lost_inputs.codes_about(history, task.workspace.wilayah.scope)
        lost = lost_inputs.find_lost(findings, load)
        lost = lost or lost_inputs.lose_elsewhere(load, codes, task.workspace.wilayah.scope)
        parts.append(step_records.Contribution((*findings, *lost), (load,)))
    return versions.History.of(changes) if changes else None, step_records.join_contributions(parts)


def read_decisions(
    folder: Path, kode: Iterable[str], history: versions.History | None = None
) -> tuple[step_records.Matches, Sequence[Finding]]:
    """What was decided in the workspace's ``matches.csv``, if there is one, for desa of today."""
    lines, decisions, findings = matches_file.read_matches(
        folder / matches_file.MATCHES_NAME, set(kode), today=history.today if history else None
    )
    return step_records.Matches(tuple(lines), decisions), findings


def write_open_matches(
    folder: Path,
    matches: step_records.Matches,
    proposals: Mapping[str, Sequence[matching.Proposal]],
) -> int:
    """Write the undecided matches into the workspace's ``matches.csv``; how many there are.

    Decided lines stay.  Where nothing is open and there is no file yet, none is written.
    """
    count = sum(len(matched) for matched in proposals.values())
    if count or matches.lines:
        matches_file.write_matches(folder / matches_file.MATCHES_NAME, proposals, matches.lines)
    return count
