"""The steps that read tables and join them: indicators, spending, programmes, proposals.

A table is read by itself, so tables can be read in any order and in other processes; what they say
together is settled in the order of ``wilayah.toml``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import pandas as pd

from boundaries.findings.report import Finding, LoadCount
from boundaries.matching.matching import Proposal
from layers.access.straight.land import Land
from layers.columns.catalogue import FieldDefinition, read_layer_definition
from layers.pipeline import lost_inputs, step_records
from layers.provenance import money_sources, table_sources
from layers.provenance.lineage import Lineage, Strand
from layers.synchronisation import money, needs
from layers.tables.indicators import hidden_totals, hiding, join
from layers.tables.indicators.indicators import build_indicator_fields
from layers.tables.plans.plans import LINE_COLUMNS, PlansResult, join_plans
from layers.tables.rows import row_places, row_records
from layers.tables.rows.carried import CarriedLines, carry_lines
from layers.tables.spending import (
    earmarks,
    spending,
    spending_checks,
    spending_layer,
    spending_lines,
)
from layers.workspace import plan_sections, sections

Indicators = Mapping[str, sections.IndicatorSection]
RowTask = TypeVar("RowTask")
Section = TypeVar(
    "Section",
    bound=sections.TableSection | sections.SpendingSection | plan_sections.PlannedSection,
)


def report_load(
    findings: Sequence[Finding],
    load: LoadCount,
    telling: int | None = None,
    *,
    tables: Mapping[str, pd.DataFrame] | None = None,
    proposals: Mapping[str, tuple[Proposal, ...]] | None = None,
) -> step_records.Contribution:
    """What became of one input, and that nothing of it is used where that is so.

    ``telling`` is the number of its used rows that say something, where that can be none.
    """
    lost = lost_inputs.find_lost(findings, load, telling)
    return step_records.Contribution((*findings, *lost), (load,), (), tables or {}, proposals or {})


@dataclass(frozen=True, slots=True)
class RowsTask(Generic[Section]):
    """One declared file whose rows find their place by code or name, to be read."""

    section: Section
    files: step_records.Files
    places: row_places.Places
    aids: row_records.Aids


@dataclass(frozen=True, slots=True)
class TableTask(RowsTask[sections.TableSection]):
    """One table of indicators, to be read."""

    indicators: Indicators


@dataclass(frozen=True, slots=True)
class BudgetTask(RowsTask[sections.SpendingSection]):
    """One file of budgets, to be read."""


@dataclass(frozen=True, slots=True)
class PlansTask(RowsTask[plan_sections.PlannedSection]):
    """One list of programmes or proposals, to be read."""

    land: Land
    services: tuple[str, ...]


def list_tasks(
    make: Callable[[Section, step_records.Files, row_places.Places, row_records.Aids], RowTask],
    group: str,
    sections: Sequence[Section],
    files: step_records.Files,
    ground: step_records.Ground,
) -> list[RowTask]:
    """A task for each section of a group, such as ``[[tables]]``."""
    return [
        make(
            section,
            files.of(f"{group}.{section.id}"),
            ground.places,
            ground.aids_for(section.id),
        )
        for section in sections
    ]


def read_table(task: TableTask) -> step_records.Loaded[join.TableResult]:
    """The values of one table."""
    section, definitions = task.section, task.indicators
    result = join.join_table(section, task.files.folder, task.places, definitions, task.aids)
    findings = hiding.hide_findings(result.findings, definitions, set(result.values["indikator"]))
    telling = int((result.values["status"] == "ok").sum())
    proposals = {section.id: tuple(result.proposals)}
    return step_records.Loaded(
        result, report_load(findings, result.load, telling, proposals=proposals)
    )


def without_hidden(
    added: step_records.Contribution, indicators: step_records.SettledIndicators
) -> step_records.Contribution:
    """What a table adds, without the numbers that its findings quote beside hidden values.

    Only when all tables are settled it is known which values would tell a small count.
    """
    return replace(added, findings=tuple(indicators.hidden.clear(added.findings)))


@dataclass(frozen=True, slots=True)
class IndicatorTask:
    """The tables of a workspace, to be settled."""

    workspace: sections.Workspace
    ground: step_records.Ground
    indicators: Indicators
    tables: tuple[step_records.Loaded[join.TableResult], ...]


def settle_indicators(task: IndicatorTask) -> step_records.SettledIndicators:
    """The indicator columns of the desa, from all tables."""
    workspace, ground, definitions = task.workspace, task.ground, task.indicators
    results = [table.result for table in task.tables]
    year = workspace.wilayah.year
    joined = build_indicator_fields(results, ground.desa, definitions, year, ground.history)
    hidden = hiding.HiddenPlaces.of(joined.settled, joined.betraying)
    findings = hidden.clear(joined.findings)
    if joined.computed.hidden is not None:
        summed = joined.computed.summed or frozenset()
        findings += hidden_totals.tell_hidden_totals(joined.computed.hidden, ground.desa, summed)
    cleaned = {
        result.id: hiding.hide_cells(result.cleaned, joined.settled, definitions, joined.betraying)
        for result in results
    }
    added = step_records.Contribution(
        tuple(findings),
        strands=table_sources.trace_indicators(ground.sources, workspace, results, joined.settled),
        tables={"indicators": joined.settled} | cleaned,
    )
    return step_records.SettledIndicators(
        joined.computed, joined.settled, join.collect_words([*cleaned.values()]), hidden, added
    )


def read_budget(task: BudgetTask) -> step_records.Loaded[spending.SpendingResult]:
    """The lines of one file of budgets."""
    result = spending.join_spending(task.section, task.files.folder, task.places, task.aids)
    telling = int(result.lines[[*spending_lines.AMOUNTS]].notna().any(axis=1).sum())
    tables, proposals = {task.section.id: result.cleaned}, {task.section.id: result.proposals}
    return step_records.Loaded(
        result,
        report_load(result.findings, result.load, telling, tables=tables, proposals=proposals),
    )


@dataclass(frozen=True, slots=True)
class SpendingTask:
    """The budgets of a workspace, to be settled."""

    workspace: sections.Workspace
    ground: step_records.Ground
    indicators: step_records.SettledIndicators
    budgets: tuple[step_records.Loaded[spending.SpendingResult], ...]


def settle_spending(task: SpendingTask) -> step_records.SettledSpending:
    """The spending columns of the desa, where the workspace declares spending."""
    workspace, ground = task.workspace, task.ground
    if not task.budgets:
        return step_records.SettledSpending(None, None, step_records.Contribution())
    results = [budget.result for budget in task.budgets]
    counting = [
        (result, section.amounts)
        for result, section in zip(results, workspace.spending, strict=True)
    ]
    findings = list(spending_checks.check_counted_twice(results))
    definition = read_layer_definition("spending")
    carried = None
    if ground.history is not None:
        former = pd.concat([result.lines[["kode", "tahun"]] for result in results])
        carried = carry_lines(former, ground.history, frozenset(ground.desa["kode"]))
        findings += carried.findings
    lines = spending_layer.list_counted(counting, carried)
    with_lost = spending_layer.list_with_lost(counting, carried)
    findings += spending_checks.check_activities(workspace.services, lines)
    order = ["kode", "tahun", "kegiatan", "sumber", "file", "row"]
    years = sorted({int(year) for year in lines["tahun"]})
    people = {year: needs.count_registered(task.indicators.settled, year) for year in years}
    added = step_records.Contribution(
        tuple(findings),
        strands=_trace_spending(task, definition.fields, carried, lines),
        tables={
            "spending_lines": lines.sort_values(order, ignore_index=True, na_position="last"),
            "earmarks": earmarks.check_earmarks(with_lost, ground.desa, years),
        },
    )
    year = workspace.wilayah.year
    computed = spending_layer.build_spending_fields(
        counting, ground.desa, definition, year, carried, people
    )
    return step_records.SettledSpending(computed, with_lost, added)


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
    counted = {year: money_sources.trace_registered(lineage, settled, year) for year in years}
    moved = {} if carried is None else money_sources.trace_moved(task.workspace, carried)
    every = (*fields, *earmarks.earmark_fields(task.workspace.wilayah.year))
    return money_sources.trace_spending(lineage.sources, every, lines, moved, counted)


def read_plans(task: PlansTask) -> step_records.Loaded[PlansResult]:
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
    return step_records.Loaded(result, added)


def concat_lost_plans(lists: Sequence[step_records.Loaded[PlansResult]]) -> pd.DataFrame:
    """The rows of all lists of one group that are not used although their place is known."""
    lost = [plans.result.lost for plans in lists]
    return (
        pd.concat([money.NO_LOST_PLANS, *lost], ignore_index=True) if lost else money.NO_LOST_PLANS
    )


def concat_plans(lists: Sequence[step_records.Loaded[PlansResult]]) -> pd.DataFrame:
    """The lines of all lists of one group."""
    lines = [pd.DataFrame({name: pd.Series([], dtype=object) for name in LINE_COLUMNS})]
    lines += [plans.result.lines for plans in lists]
    return pd.concat(lines, ignore_index=True) if len(lines) > 1 else lines[0]
