"""The steps that read tables and join them: indicators, spending, programmes, proposals.

A table is read by itself, so tables can be read in any order and in other processes; what they say
together is settled in the order of ``wilayah.toml``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from boundaries.findings.report import Finding, LoadCount
from boundaries.matching.matching import Proposal
from layers.access.straight.land import Land
from layers.columns.catalogue import FieldDefinition, read_layer_definition
from layers.pipeline.lost_inputs import find_lost
from layers.pipeline.step_records import (
    Contribution,
    Files,
    Ground,
    Loaded,
    SettledIndicators,
    SettledSpending,
)
from layers.provenance.lineage import Lineage, Strand
from layers.provenance.money_sources import trace_moved, trace_registered, trace_spending
from layers.provenance.table_sources import trace_indicators
from layers.synchronisation.needs import count_registered
from layers.tables.indicators.hidden_totals import tell_hidden_totals
from layers.tables.indicators.hiding import hide_cells, hide_findings
from layers.tables.indicators.indicators import build_indicator_fields
from layers.tables.indicators.join import TableResult, collect_words, join_table
from layers.tables.plans.plans import LINE_COLUMNS, PlansResult, join_plans
from layers.tables.rows.carried import CarriedLines, carry_lines
from layers.tables.rows.places import Places
from layers.tables.rows.records import Aids
from layers.tables.spending.earmarks import check_earmarks, earmark_fields
from layers.tables.spending.spending import SpendingResult, join_spending
from layers.tables.spending.spending_checks import check_activities, check_counted_twice
from layers.tables.spending.spending_layer import build_spending_fields, list_counted
from layers.tables.spending.spending_lines import AMOUNTS
from layers.workspace.plan_sections import PlannedSection
from layers.workspace.workspace import IndicatorSection, SpendingSection, TableSection, Workspace

Known = Mapping[str, IndicatorSection]


def report_load(
    findings: Sequence[Finding],
    load: LoadCount,
    telling: int | None = None,
    *,
    tables: Mapping[str, pd.DataFrame] | None = None,
    proposals: Mapping[str, tuple[Proposal, ...]] | None = None,
) -> Contribution:
    """What became of one input, and that nothing of it is used where that is so.

    ``telling`` is the number of its used rows that say something, where that can be none.
    """
    lost = find_lost(findings, load, telling)
    return Contribution((*findings, *lost), (load,), (), tables or {}, proposals or {})


@dataclass(frozen=True, slots=True)
class TableTask:
    """One table of indicators, to be read."""

    section: TableSection
    files: Files
    places: Places
    aids: Aids
    indicators: Known


def list_tables(
    workspace: Workspace, files: Files, ground: Ground, indicators: Known
) -> list[TableTask]:
    """A task for each ``[[tables]]``."""
    return [
        TableTask(
            section,
            files.of(f"tables.{section.id}"),
            ground.places,
            ground.aids_for(section.id),
            indicators,
        )
        for section in workspace.tables
    ]


def read_table(task: TableTask) -> Loaded[TableResult]:
    """The values of one table."""
    section, definitions = task.section, task.indicators
    result = join_table(section, task.files.folder, task.places, definitions, task.aids)
    findings = hide_findings(result.findings, definitions, set(result.values["indikator"]))
    telling = int((result.values["status"] == "ok").sum())
    proposals = {section.id: tuple(result.proposals)}
    return Loaded(result, report_load(findings, result.load, telling, proposals=proposals))


@dataclass(frozen=True, slots=True)
class IndicatorTask:
    """The tables of a workspace, to be settled."""

    workspace: Workspace
    ground: Ground
    indicators: Known
    tables: tuple[Loaded[TableResult], ...]


def settle_indicators(task: IndicatorTask) -> SettledIndicators:
    """The indicator columns of the desa, from all tables."""
    workspace, ground, definitions = task.workspace, task.ground, task.indicators
    results = [table.result for table in task.tables]
    year = workspace.wilayah.year
    joined = build_indicator_fields(results, ground.desa, definitions, year, ground.history)
    findings = list(joined.findings)
    if joined.computed.hidden is not None:
        summed = joined.computed.summed or frozenset()
        findings += tell_hidden_totals(joined.computed.hidden, ground.desa, summed)
    cleaned = {
        result.id: hide_cells(result.cleaned, joined.settled, definitions) for result in results
    }
    added = Contribution(
        tuple(findings),
        strands=trace_indicators(ground.sources, workspace, results, joined.settled),
        tables={"indicators": joined.settled} | cleaned,
    )
    return SettledIndicators(
        joined.computed, joined.settled, collect_words([*cleaned.values()]), added
    )


@dataclass(frozen=True, slots=True)
class BudgetTask:
    """One file of budgets, to be read."""

    section: SpendingSection
    files: Files
    places: Places
    aids: Aids


def list_budgets(workspace: Workspace, files: Files, ground: Ground) -> list[BudgetTask]:
    """A task for each ``[[spending]]``."""
    return [
        BudgetTask(
            section,
            files.of(f"spending.{section.id}"),
            ground.places,
            ground.aids_for(section.id),
        )
        for section in workspace.spending
    ]


def read_budget(task: BudgetTask) -> Loaded[SpendingResult]:
    """The lines of one file of budgets."""
    result = join_spending(task.section, task.files.folder, task.places, task.aids)
    telling = int(result.lines[[*AMOUNTS]].notna().any(axis=1).sum())
    tables = {task.section.id: result.cleaned}
    return Loaded(result, report_load(result.findings, result.load, telling, tables=tables))


@dataclass(frozen=True, slots=True)
class SpendingTask:
    """The budgets of a workspace, to be settled."""

    workspace: Workspace
    ground: Ground
    indicators: SettledIndicators
    budgets: tuple[Loaded[SpendingResult], ...]


def settle_spending(task: SpendingTask) -> SettledSpending:
    """The spending columns of the desa, where the workspace declares spending."""
    workspace, ground = task.workspace, task.ground
    if not task.budgets:
        return SettledSpending(None, None, Contribution())
    results = [budget.result for budget in task.budgets]
    counting = [
        (result, section.amounts)
        for result, section in zip(results, workspace.spending, strict=True)
    ]
    findings = list(check_counted_twice(results))
    definition = read_layer_definition("spending")
    carried = None
    if ground.history is not None:
        former = pd.concat([result.lines[["kode", "tahun"]] for result in results])
        carried = carry_lines(former, ground.history, frozenset(ground.desa["kode"]))
        findings += carried.findings
    lines = list_counted(counting, carried)
    findings += check_activities(workspace.services, lines)
    order = ["kode", "tahun", "kegiatan", "sumber", "file", "row"]
    years = sorted({int(year) for year in lines["tahun"]})
    people = {year: count_registered(task.indicators.settled, year) for year in years}
    added = Contribution(
        tuple(findings),
        strands=_trace_spending(task, definition.fields, carried, lines),
        tables={
            "spending_lines": lines.sort_values(order, ignore_index=True, na_position="last"),
            "earmarks": check_earmarks(lines, ground.desa, years),
        },
    )
    year = workspace.wilayah.year
    computed = build_spending_fields(counting, ground.desa, definition, year, carried, people)
    return SettledSpending(computed, lines, added)


def _trace_spending(
    task: SpendingTask,
    fields: Sequence[FieldDefinition],
    carried: CarriedLines | None,
    lines: pd.DataFrame,
) -> tuple[Strand, ...]:
    """Which lines, history and people every spending value comes from."""
    lineage: Lineage = task.ground.trace(task.indicators.added)
    settled = task.indicators.settled
    years = sorted({int(year) for year in lines["tahun"]})
    counted = {year: trace_registered(lineage, settled, year) for year in years}
    moved = {} if carried is None else trace_moved(task.workspace, carried)
    every = (*fields, *earmark_fields(task.workspace.wilayah.year))
    return trace_spending(lineage.sources, every, lines, moved, counted)


@dataclass(frozen=True, slots=True)
class PlansTask:
    """One list of programmes or proposals, to be read."""

    section: PlannedSection
    files: Files
    places: Places
    aids: Aids
    land: Land
    services: tuple[str, ...]


def list_plans(
    group: str,
    sections: Sequence[PlannedSection],
    files: Files,
    ground: Ground,
    services: Mapping[str, object],
) -> list[PlansTask]:
    """A task for each ``[[programmes]]`` or ``[[proposals]]``."""
    return [
        PlansTask(
            section,
            files.of(f"{group}.{section.id}"),
            ground.places,
            ground.aids_for(section.id),
            ground.land,
            tuple(services),
        )
        for section in sections
    ]


def read_plans(task: PlansTask) -> Loaded[PlansResult]:
    """The activities of one list, each with its place and service."""
    section, folder = task.section, task.files.folder
    result = join_plans(section, folder, task.places, task.services, task.aids, task.land)
    added = report_load(
        result.findings,
        result.load,
        int(result.lines["layanan"].notna().sum()),
        tables={section.id: result.cleaned},
        proposals={section.id: result.proposals},
    )
    return Loaded(result, added)


def concat_plans(lists: Sequence[Loaded[PlansResult]]) -> pd.DataFrame:
    """The lines of all lists of one group."""
    lines = [pd.DataFrame({name: pd.Series([], dtype=object) for name in LINE_COLUMNS})]
    lines += [plans.result.lines for plans in lists]
    return pd.concat(lines, ignore_index=True) if len(lines) > 1 else lines[0]
