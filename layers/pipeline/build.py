"""The whole line of a build: workspace → boundaries → tables, spending, gaps → release.

`prepare_layers` computes everything and publishes nothing; ``check`` stops there and shows the
report, ``build`` goes on unless a finding blocks it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from boundaries.errors import BoundariesError, InputBeyondLimitError, NothingInScopeError
from boundaries.findings.report import Finding, Report, Severity
from boundaries.matching.matches_file import MATCHES_NAME
from boundaries.progress import Progress, silent
from layers.errors import BlockedError, LayersError
from layers.pipeline import ground, step_records
from layers.pipeline.prepare import Prepared, prepare_layers, run_in_turn
from layers.publish.publication import build_into, publish
from layers.publish.report_files import write_findings, write_reports
from layers.publish.write import write_release
from layers.release.manifest_file import Manifest
from layers.workspace import inputs
from layers.workspace.sections import Workspace
from layers.workspace.workspace_file import WORKSPACE_NAME, read_workspace


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
        prepared, report = _prepare_within_limits(folder, progress, run)
    except NothingInScopeError as refused:
        # Its message may say "decide in matches.csv": then there must be one.
        ground.write_open_matches(folder, ground.read_decisions(folder, ())[0], refused.proposals)
        raise
    if prepared is None:
        _write_report(report_folder, report, folder.resolve().name)
        return Checked(report, 0, folder / MATCHES_NAME)
    _write_report(report_folder, report, prepared.workspace.wilayah.name)
    count = ground.write_open_matches(folder, prepared.matches, prepared.proposals)
    return Checked(report, count, folder / MATCHES_NAME)


_GROUND = ("boundaries", "names", "crosswalks", "speeds")
"""Without these the findings of all other files would be about what is not there."""
_OF_LEFT_OUT = frozenset({"input.section_unused", "boundary.allow_unused"})


def _prepare_within_limits(
    folder: Path, progress: Progress, run: step_records.Runner
) -> tuple[Prepared | None, Report]:
    """The layers, and the report with a finding for each file that goes beyond a limit.

    Such a file is left out and the others are read, so that all that is wrong is said at once.
    Where that leaves nothing to stand on there are no layers, and the report has these alone.
    """
    costly: dict[str, Finding] = {}
    workspace: Workspace | None = None
    while True:
        try:
            prepared = prepare_layers(folder, progress=progress, run=run, without=costly)
        except InputBeyondLimitError as beyond:
            workspace = workspace or read_workspace(folder)
            finding = _name_path(workspace, beyond.finding)
            path, is_new = finding.file or "", finding.file not in costly
            costly[path] = finding
            if not (is_new and _leaves_polygons(workspace, costly)):
                return None, Report([*costly.values()])
        except (LayersError, BoundariesError):
            if not costly:
                raise
            # What is left may lack what was left out: that comes first.
            return None, Report([*costly.values()])
        else:
            break
    if workspace is None:
        return prepared, prepared.report
    declared = inputs.list_inputs(workspace)
    if any(name.startswith(_GROUND) and {*section.paths} & {*costly} for name, section in declared):
        return None, Report([*costly.values()])
    others = [finding for finding in prepared.report.findings if finding.code not in _OF_LEFT_OUT]
    return prepared, Report([*costly.values(), *others], prepared.report.loads)


def _name_path(workspace: Workspace, finding: Finding) -> Finding:
    """The finding with the path of its file, which a reader may have called by its section too."""
    label = finding.file or ""
    for _, section in inputs.list_inputs(workspace):
        for path in section.paths:
            if label == path or label.endswith(f": {path}"):
                return replace(finding, file=path)
    return finding


def _leaves_polygons(workspace: Workspace, paths: Collection[str]) -> bool:
    """Whether all of these files are declared, and not all polygons are among them."""
    declared = {path for _, section in inputs.list_inputs(workspace) for path in section.paths}
    return {*paths} <= declared and bool(inputs.leave_out(workspace, paths).boundaries)


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
    prepared, report = _prepare_within_limits(folder, progress, run)
    _refuse_blocked(folder, report)
    if prepared is None:
        raise _blocked(folder, report.findings)

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
