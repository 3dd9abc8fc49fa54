"""The steps of a build in their order: all that a workspace says, in memory, with the report.

Nothing here computes.  Each step is a function of one frozen record, and what it found is part of
its result; all of it is joined at the end in the order below, so the report does not depend on
where or in which order the steps ran.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd

from boundaries.bounds import input_limits, input_readers
from boundaries.findings.accepted import accept_findings, is_about_boundaries
from boundaries.findings.report import Report
from boundaries.matching.matching import Proposal
from boundaries.progress import Progress, silent
from layers.columns.model import LayerData
from layers.pipeline import assembling, ground, joins, measuring, step_records
from layers.provenance.lineage import Lineage
from layers.release.manifest_file import InputEntry
from layers.release.provenance_file import FILE_NAME as PROVENANCE_NAME
from layers.synchronisation.service_list import choose_basic_services
from layers.workspace import input_bytes, sections


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a release is written from.

    Parameters
    ----------
    boundaries
        All levels in one frame.
    tables
        Long tables by name, in a stable order, each row with its file and row.
    files
        The bytes of the inputs as they were read.
    matches, proposals
        What was decided about names in tables without codes, and what is still open, by input.
    extras
        Writers of further files by their path in the release (rasters, arrays for what-if).
    """

    workspace: sections.Workspace
    inputs: tuple[InputEntry, ...]
    files: input_bytes.InputBytes
    boundaries: gpd.GeoDataFrame
    layers: tuple[LayerData, ...]
    tables: Mapping[str, pd.DataFrame]
    report: Report
    matches: step_records.Matches
    proposals: Mapping[str, tuple[Proposal, ...]]
    extras: Mapping[str, Callable[[Path], None]]


def run_in_turn(
    step: Callable[[step_records.Task], step_records.Result], tasks: Iterable[step_records.Task], /
) -> Iterable[step_records.Result]:
    """Call a step on one task after the other, in this process."""
    return map(step, tasks)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Where the steps run, and who hears of their progress."""

    run: step_records.Runner
    progress: Progress
    limits: input_limits.InputLimits = field(default_factory=input_limits.InputLimits)

    def each(
        self,
        step: Callable[[step_records.Task], step_records.Result],
        tasks: Sequence[step_records.Task],
        name: str = "",
    ) -> list[step_records.Result]:
        """The results of a step for each task; progress is reported where the step has a name."""
        within = step_records.StepWithin(step, self.limits)
        return _count(self.run(within, tasks), len(tasks), name, self.progress)

    def once(
        self, step: Callable[[step_records.Task], step_records.Result], task: step_records.Task
    ) -> step_records.Result:
        """The result of a step for its only task."""
        return self.each(step, [task])[0]


@dataclass(frozen=True, slots=True)
class _Joined:
    """What the tables and budgets say, and what reading them adds to the release."""

    indicators: step_records.SettledIndicators
    spending: step_records.SettledSpending
    added: tuple[step_records.Contribution, ...]


@dataclass(frozen=True, slots=True)
class _Measured:
    """Access to the facilities, and what measuring it adds to the release."""

    access: step_records.Access
    added: tuple[step_records.Contribution, ...]


@dataclass(frozen=True, slots=True)
class _Matched:
    """Money held against gaps, and what reading the plans and matching adds to the release."""

    match: step_records.Match
    added: tuple[step_records.Contribution, ...]


def prepare_layers(
    folder: Path,
    *,
    progress: Progress = silent,
    run: step_records.Runner = run_in_turn,
    without: Collection[str] = (),
) -> Prepared:
    """The layers of a workspace, and the report.

    Parameters
    ----------
    without
        Paths of declared files that are not read.
    run
        Where the steps run.

    Raises
    ------
    WorkspaceError, InputError, BoundariesError
        What is declared cannot be read at all, or changed while it was read.
    """
    with input_readers.open_readers():
        return _prepare(_Steps(run, progress), folder, without)


def _prepare(steps: _Steps, folder: Path, without: Collection[str]) -> Prepared:
    """As `prepare_layers`, files read in a process of their own."""
    declared = ground.declare(folder, without)
    steps = replace(steps, limits=declared.workspace.limits)
    lists = _read_lists(steps, declared)
    places = _lay_ground(steps, declared, lists)
    joined = _join_numbers(steps, declared, places)
    measured = _measure(steps, declared, places, joined.indicators)
    matched = _match(steps, declared, places, joined, measured.access)
    parts = [declared.added, lists.added, places.added]
    added = step_records.join_contributions(
        [*parts, *joined.added, *measured.added, *matched.added]
    )
    lineage = Lineage(places.sources, added.strands)
    task = assembling.LayersTask(
        places, joined.indicators, joined.spending, measured.access, matched.match, lineage
    )
    layers = steps.once(assembling.assemble_layers, task)
    declared.hashed.verify()
    return Prepared(
        declared.workspace,
        ground.list_used(declared.inputs, declared.files, places.matches),
        declared.hashed,
        places.boundaries,
        layers,
        added.tables,
        _report(added, declared.workspace),
        places.matches,
        added.proposals,
        {**added.extras, PROVENANCE_NAME: lineage.write},
    )


def _read_lists(steps: _Steps, declared: ground.DeclaredInputs) -> step_records.CodeAids:
    files = declared.files.of("names", "crosswalks")
    return steps.once(ground.read_code_lists, ground.ListsTask(declared.workspace, files))


def _lay_ground(
    steps: _Steps, declared: ground.DeclaredInputs, lists: step_records.CodeAids
) -> step_records.Ground:
    polygons = declared.files.of("boundaries", "matches")
    return steps.once(
        partial(ground.lay_ground, progress=steps.progress),
        ground.GroundTask(declared.workspace, polygons, lists),
    )


def _join_numbers(
    steps: _Steps, declared: ground.DeclaredInputs, places: step_records.Ground
) -> _Joined:
    """Tables, then budgets, each settled when all of them are read."""
    workspace, files, definitions = declared.workspace, declared.files, declared.indicators
    make_table = partial(joins.TableTask, indicators=definitions)
    tables = steps.each(
        joins.read_table,
        joins.list_tasks(make_table, "tables", workspace.tables, files, places),
        "tables",
    )
    indicators = steps.once(
        joins.settle_indicators, joins.IndicatorTask(workspace, places, definitions, tuple(tables))
    )
    budgets = steps.each(
        joins.read_budget,
        joins.list_tasks(joins.BudgetTask, "spending", workspace.spending, files, places),
    )
    spending = steps.once(
        joins.settle_spending, joins.SpendingTask(workspace, places, indicators, tuple(budgets))
    )
    added = (
        *(joins.without_hidden(table.added, indicators) for table in tables),
        indicators.added,
        *(budget.added for budget in budgets),
        spending.added,
    )
    return _Joined(indicators, spending, added)


def _measure(
    steps: _Steps,
    declared: ground.DeclaredInputs,
    places: step_records.Ground,
    indicators: step_records.SettledIndicators,
) -> _Measured:
    """The people, the facilities, and how far the ones are from the others."""
    workspace, files = declared.workspace, declared.files
    people = steps.once(
        measuring.choose_people,
        measuring.PeopleTask(workspace.population, indicators.computed.wide, declared.indicators),
    )
    facilities = steps.each(
        measuring.read_facility_list,
        measuring.list_facilities(workspace, files, places),
        "facilities",
    )
    access = steps.once(
        partial(measuring.measure_gaps, progress=steps.progress),
        measuring.AccessTask(
            workspace,
            files.of(*measuring.INPUTS),
            places,
            indicators,
            people,
            tuple(facilities),
        ),
    )
    return _Measured(
        access, (people.added, *(facility_list.added for facility_list in facilities), access.added)
    )


def _match(
    steps: _Steps,
    declared: ground.DeclaredInputs,
    places: step_records.Ground,
    joined: _Joined,
    access: step_records.Access,
) -> _Matched:
    """Programmes and proposals, held with the budgets against the gaps."""
    workspace = declared.workspace
    services = choose_basic_services(workspace.services, access.gaps["service"].unique())
    make_plans = partial(joins.PlansTask, land=places.land, services=tuple(services))
    programmes, proposals = (
        steps.each(
            joins.read_plans,
            joins.list_tasks(make_plans, group, sections, declared.files, places),
        )
        for group, sections in (
            ("programmes", workspace.programmes),
            ("proposals", workspace.proposals),
        )
    )
    match = steps.once(
        assembling.match_money,
        assembling.MatchTask(
            workspace,
            places,
            declared.indicators,
            joined.indicators,
            joined.spending,
            access,
            services,
            joins.concat_plans(programmes),
            joins.concat_plans(proposals),
            joins.concat_lost_plans(programmes),
        ),
    )
    return _Matched(match, (*(plans.added for plans in (*programmes, *proposals)), match.added))


def _count(
    results: Iterable[step_records.Result], total: int, name: str, progress: Progress
) -> list[step_records.Result]:
    """The results, telling progress after each where the step has a name."""
    listed = []
    if name and total:
        progress(name, 0, total)
    for done, result in enumerate(results, start=1):
        listed.append(result)
        if name:
            progress(name, done, total)
    return listed


def _report(added: step_records.Contribution, workspace: sections.Workspace) -> Report:
    """All findings, with those accepted that are not about polygons (these are already)."""
    entries = [entry for entry in workspace.allow if not is_about_boundaries(entry.check)]
    return Report(accept_findings(added.findings, entries), list(added.loads))
