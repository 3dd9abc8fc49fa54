"""The whole line of a build: workspace → boundaries → tables, spending, gaps → release.

`prepare_layers` computes everything and publishes nothing; ``check`` stops there and shows the
report, ``build`` goes on unless a finding blocks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from boundaries.errors import InputBeyondLimitError, NothingInScopeError
from boundaries.findings.report import Finding, Report, Severity
from boundaries.matching.matches_file import MATCHES_NAME
from boundaries.progress import Progress, silent
from layers.errors import BlockedError
from layers.pipeline import ground, step_records
from layers.pipeline.prepare import Prepared, prepare_layers, run_in_turn
from layers.publish.publication import build_into, publish
from layers.publish.report_files import write_findings, write_reports
from layers.publish.write import write_release
from layers.release.manifest_file import Manifest
from layers.workspace.workspace_file import WORKSPACE_NAME


@dataclass(frozen=True, slots=True)
class Built:
    """A release on disk and the report that it carries."""

    release_id: str
    path: Path
    report: Report


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, and the matches of names that wait for a decision."""

    report: Report
    open_matches: int
    matches_path: Path


def check_workspace(
    folder: Path,
    *,
    report_folder: Path | None = None,
    progress: Progress = silent,
    run: step_records.Runner = run_in_turn,
) -> Checked:
    """Everything that is wrong with a workspace's files; nothing is built.

    Names in tables without codes that need a decision are written into the workspace's
    ``matches.csv``, beside what was decided there; nothing else in the workspace is written.

    Parameters
    ----------
    report_folder
        Where the whole report is written too, as JSON, page, workbook and map.
    run
        Where the steps run.

    Raises
    ------
    WorkspaceError, InputError, BoundariesError
        What is declared cannot be read at all; the message says what to do.
    """
    try:
        prepared = prepare_layers(folder, progress=progress, run=run)
    except NothingInScopeError as refused:
        # Its message may say "decide in matches.csv": then there must be one.
        ground.write_open_matches(folder, ground.read_decisions(folder, ())[0], refused.proposals)
        raise
    except InputBeyondLimitError as beyond:
        # Nothing is known of the other files yet: this one comes first.
        _write_report(report_folder, Report([beyond.finding]), folder.resolve().name)
        return Checked(Report([beyond.finding]), 0, folder / MATCHES_NAME)
    _write_report(report_folder, prepared.report, prepared.workspace.wilayah.name)
    count = ground.write_open_matches(folder, prepared.matches, prepared.proposals)
    return Checked(prepared.report, count, folder / MATCHES_NAME)


def _write_report(report_folder: Path | None, report: Report, name: str) -> None:
    if report_folder is not None:
        report_folder.mkdir(parents=True, exist_ok=True)
        write_findings(report, report_folder / "findings.json")
        write_reports(report, report_folder, name)


def build_release(
    folder: Path,
    releases: Path,
    *,
    publish: bool = False,
    progress: Progress = silent,
    run: step_records.Runner = run_in_turn,
) -> Built:
    """The release of a workspace, complete and checked, under ``releases``.

    Parameters
    ----------
    publish
        Make it the current release when it is done.
    run
        Where the steps up to the layers run.

    Raises
    ------
    BlockedError
        Findings of severity ``error``; nothing was written.
    WorkspaceError, InputError, BoundariesError, ReleaseError
        What is declared cannot be read, or what was written is not sound.
    """
    try:
        prepared = prepare_layers(folder, progress=progress, run=run)
    except InputBeyondLimitError as beyond:
        raise _blocked(folder, [beyond.finding]) from beyond
    _refuse_blocked(folder, prepared.report)

    def write(target: Path) -> Manifest:
        manifest = write_release(
            target,
            layers=prepared.layers,
            boundaries=prepared.boundaries,
            tables=prepared.tables,
            report=prepared.report,
            workspace=prepared.workspace,
            workspace_folder=folder,
            inputs=prepared.inputs,
            extras=prepared.extras,
            progress=progress,
        )
        prepared.files.verify(folder / WORKSPACE_NAME)  # it is copied into the release
        return manifest

    release_id = build_into(releases, write)
    if publish:
        _publish(releases, release_id)
    return Built(release_id, releases / release_id, prepared.report)


_publish = publish


def _refuse_blocked(folder: Path, report: Report) -> None:
    blocking = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    if blocking:
        raise _blocked(folder, blocking)


def _blocked(folder: Path, blocking: Sequence[Finding]) -> BlockedError:
    first = sorted(blocking, key=lambda finding: finding.sort_key())[:10]
    lines = [f"  {finding.file or ''} {finding.message}" for finding in first]
    more = f"\n  … and {len(blocking) - len(first)} more" if len(blocking) > len(first) else ""
    return BlockedError(
        f"{folder}: {len(blocking)} findings block publication; nothing was built.\n"
        + "\n".join(lines)
        + more
        + f"\nSee all of them: geo-service check {folder}"
    )


__all__ = ["Built", "Checked", "Prepared", "build_release", "check_workspace"]
