"""The steps of a build in their order: all that a workspace says, in memory, with the report.

Nothing here computes.  Each step is a function of one frozen record, and what it found is part of
its result; all of it is joined at the end in the order below, so the report does not depend on
where or in which order the steps ran.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd

from boundaries.findings.accepted import accept_findings, is_about_boundaries
from boundaries.findings.report import Report
from boundaries.matching.matching import Proposal
from boundaries.progress import Progress, silent
from layers.columns.model import LayerData
from layers.pipeline import assembling, ground, joins, measuring, step_records
from layers.provenance.lineage import Lineage
from layers.release.manifest import InputEntry
from layers.release.provenance_file import FILE_NAME as PROVENANCE_NAME
from layers.synchronisation.services import choose_basic_services
from layers.workspace.input_bytes import InputBytes
from layers.workspace.workspace import Workspace


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

    workspace: Workspace
    inputs: tuple[InputEntry, ...]
    files: InputBytes
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


def prepare_layers(
    folder: Path, *, progress: Progress = silent, run: step_records.Runner = run_in_turn
) -> Prepared:
    """The layers of a workspace, and the report.

    Parameters
    ----------
    run
        Where the steps run.

    Raises
    ------
    WorkspaceError, InputError, BoundariesError
        What is declared cannot be read at all, or changed while it was read.
    """
    declared = ground.declare(folder)
    workspace, files, definitions = declared.workspace, declared.files, declared.indicators

    def each(
        step: Callable[[step_records.Task], step_records.Result],
        tasks: Sequence[step_records.Task],
        name: str = "",
    ) -> list[step_records.Result]:
        return _count(run(step, tasks), len(tasks), name, progress)

    def once(
        step: Callable[[step_records.Task], step_records.Result], task: step_records.Task
    ) -> step_records.Result:
        return each(step, [task])[0]

    lists = once(
        ground.read_code_lists, ground.ListsTask(workspace, files.of("names", "crosswalks"))
    )
    polygons = files.of("boundaries", "matches")
    lay_ground = partial(ground.lay_ground, progress=progress)
    places = once(lay_ground, ground.GroundTask(workspace, polygons, lists))

    make_table = partial(joins.TableTask, indicators=definitions)
    tables = each(
        joins.read_table,
        joins.list_tasks(make_table, "tables", workspace.tables, files, places),
        "tables",
    )
    indicators = once(
        joins.settle_indicators, joins.IndicatorTask(workspace, places, definitions, tuple(tables))
    )
    budgets = each(
        joins.read_budget,
        joins.list_tasks(joins.BudgetTask, "spending", workspace.spending, files, places),
    )
    spending = once(
        joins.settle_spending, joins.SpendingTask(workspace, places, indicators, tuple(budgets))
    )

    people = once(
        measuring.choose_people,
        measuring.PeopleTask(workspace.population, indicators.computed.wide, definitions),
    )
    facilities = each(
        measuring.read_facility_list,
        measuring.list_facilities(workspace, files, places),
        "facilities",
    )
    access = once(
        partial(measuring.measure_gaps, progress=progress),
        measuring.AccessTask(
            workspace,
            files.of(*measuring.INPUTS),
            places,
            indicators,
            people,
            tuple(facilities),
        ),
    )

    services = choose_basic_services(workspace.services, access.gaps["service"].unique())
    make_plans = partial(joins.PlansTask, land=places.land, services=tuple(services))
    programmes, proposals = (
        each(joins.read_plans, joins.list_tasks(make_plans, group, sections, files, places))
        for group, sections in (
            ("programmes", workspace.programmes),
            ("proposals", workspace.proposals),
        )
    )
    match = once(
        assembling.match_money,
        assembling.MatchTask(
            workspace,
            places,
            definitions,
            indicators,
            spending,
            access,
            services,
            joins.concat_plans(programmes),
            joins.concat_plans(proposals),
            joins.concat_lost_plans(programmes),
        ),
    )
    added = step_records.join_contributions(
        [
            declared.added,
            lists.added,
            places.added,
            *(table.added for table in tables),
            indicators.added,
            *(budget.added for budget in budgets),
            spending.added,
            people.added,
            *(part.added for part in facilities),
            access.added,
            *(plans.added for plans in (*programmes, *proposals)),
            match.added,
        ]
    )
    lineage = Lineage(places.sources, added.strands)
    layers = once(
        assembling.assemble_layers,
        assembling.LayersTask(places, indicators, spending, access, match, lineage),
    )
    declared.hashed.verify()
    return Prepared(
        workspace,
        ground.list_used(declared.inputs, files, places.matches),
        declared.hashed,
        places.boundaries,
        layers,
        added.tables,
        _report(added, workspace),
        places.matches,
        added.proposals,
        {**added.extras, PROVENANCE_NAME: lineage.write},
    )


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


def _report(added: step_records.Contribution, workspace: Workspace) -> Report:
    """All findings, with those accepted that are not about polygons (these are already)."""
    entries = [entry for entry in workspace.allow if not is_about_boundaries(entry.check)]
    return Report(accept_findings(added.findings, entries), list(added.loads))
