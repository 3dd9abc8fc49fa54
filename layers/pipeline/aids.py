"""What a workspace offers to find the place of a row: name lists, code bridges, decided matches."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from boundaries.codes import CodeReference, CodeSystem, KodeKemendagri
from boundaries.codes.crosswalk import CodeBridge, join_bridges, read_bridge
from boundaries.codes.lists import read_name_list
from boundaries.findings.report import Finding, LoadCount, Report
from boundaries.history.history_file import read_history
from boundaries.history.versions import History
from boundaries.matching.matches_file import (
    MATCHES_NAME,
    Decisions,
    MatchLine,
    read_matches,
    write_matches,
)
from boundaries.matching.matching import Proposal
from layers.columns.catalogue import read_provinsi_names
from layers.errors import WorkspaceError
from layers.pipeline.lost_inputs import find_lost, lose_input
from layers.release.manifest import InputEntry
from layers.tables.rows.records import Aids
from layers.tables.rows.shipped_histories import choose_histories
from layers.workspace.workspace import NamesSection, Workspace


@dataclass(frozen=True, slots=True)
class Matches:
    """The lines of ``matches.csv`` and what a person decided in them, by input."""

    lines: tuple[MatchLine, ...] = ()
    decisions: Mapping[str, Decisions] = field(default_factory=dict)


def read_names(workspace: Workspace, folder: Path, report: Report) -> dict[str, str]:
    """Official names by dotted code, of every level, from all ``[[names]]``.

    Each provinsi has at least its shipped name, the one kabupaten of a workspace the workspace's.
    """
    scope = workspace.wilayah.scope
    names = dict(read_provinsi_names())
    if len(scope) == 1 and "." in scope[0]:
        names[scope[0]] = workspace.wilayah.name
    for number, section in enumerate(workspace.names, start=1):
        reference, findings, load = read_name_list(
            folder / section.path,
            section.path,
            code_column=section.code_column,
            name_column=section.name_column,
            system=CodeSystem(section.code_system),
            scope=workspace.wilayah.scope,
            input_name=f"names.{number}",
            encoding=section.encoding,
        )
        report.extend([*findings, *_check_names_used(section, reference, scope, load)], [load])
        if section.code_system == "kemendagri":
            # A list of kecamatan knows its kabupaten by code only; that is no name.
            names |= {
                KodeKemendagri(kode).dotted: name for kode, name in reference.names.items() if name
            }
    return names


def _check_names_used(
    section: NamesSection, reference: CodeReference, scope: Sequence[str], load: LoadCount
) -> list[Finding]:
    """The error ``input.no_row_used`` of a list of names that names nothing of the scope."""
    lost = find_lost((), load)
    if lost:
        return lost
    if section.code_system != "kemendagri":
        why = "Names are taken from lists in Kemendagri codes only; this one is declared BPS."
        return [lose_input(load, f"None of {load.rows_read} rows is used. {why}")]
    starts = tuple(place.replace(".", "") for place in scope if place != "indonesia")
    if not starts or any(kode.startswith(starts) for kode in reference.names):
        return []
    example = min(reference.names)
    why = f"Its codes begin like {KodeKemendagri(example).dotted}, none lies in {', '.join(scope)}."
    return [lose_input(load, f"None of {load.rows_read} rows is used. {why}", value=example)]


def read_bridges(workspace: Workspace, folder: Path, report: Report) -> CodeBridge | None:
    """The one bridge from BPS to Kemendagri codes, of all ``[[crosswalks]]`` of that kind."""
    bridges = []
    for number, section in enumerate(workspace.crosswalks, start=1):
        if section.kind != "bridge":
            continue
        bridge, findings, load = read_bridge(
            folder / section.path,
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
        report.extend([*findings, *find_lost(findings, load)], [load])
    return join_bridges(bridges) if bridges else None


def read_histories(workspace: Workspace, folder: Path, report: Report) -> History | None:
    """How codes changed: shipped histories in use, and ``[[crosswalks]]`` of kind ``history``.

    None where there is none.

    Raises
    ------
    WorkspaceError
        A history does not say which column holds the kind of change, or is not shipped.
    """
    changes, notes = choose_histories(workspace.history.use)
    report.extend(notes)
    for number, section in enumerate(workspace.crosswalks, start=1):
        if section.kind != "history":
            continue
        if section.kind_column is None:
            raise WorkspaceError(
                f"{section.path}: a history needs kind_column (split, merge, recode, rename)."
            )
        history, findings, load = read_history(
            folder / section.path,
            section.path,
            old_column=section.from_column,
            new_column=section.to_column,
            kind_column=section.kind_column,
            date_column=section.date_column,
            input_name=f"crosswalks.{number}",
            encoding=section.encoding,
        )
        changes += history.changes
        report.extend([*findings, *find_lost(findings, load)], [load])
    return History.of(changes) if changes else None


def read_decisions(folder: Path, known: Collection[str], report: Report) -> Matches:
    """What was decided in the workspace's ``matches.csv``, if there is one."""
    lines, decisions, findings = read_matches(folder / MATCHES_NAME, known)
    report.extend(findings)
    return Matches(tuple(lines), decisions)


def hash_decisions(folder: Path, matches: Matches) -> tuple[InputEntry, ...]:
    """``matches.csv`` as an input: only when something is decided in it, for only that counts."""
    if not any(line.keputusan for line in matches.lines):
        return ()
    path = folder / MATCHES_NAME
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return (
        InputEntry(input="matches", path=MATCHES_NAME, sha256=digest, size=path.stat().st_size),
    )


def write_open_matches(
    folder: Path, matches: Matches, proposals: Mapping[str, Sequence[Proposal]]
) -> int:
    """Write the undecided matches into the workspace's ``matches.csv``; how many there are.

    Decided lines stay.  Where nothing is open and there is no file yet, none is written.
    """
    count = sum(len(one) for one in proposals.values())
    if count or matches.lines:
        write_matches(folder / MATCHES_NAME, proposals, matches.lines)
    return count


def aids_for(
    table_id: str, workspace: Workspace, bridge: CodeBridge | None, matches: Matches
) -> Aids:
    """What one table may use to place its rows."""
    return Aids(bridge, matches.decisions.get(table_id), workspace.wilayah.year)
