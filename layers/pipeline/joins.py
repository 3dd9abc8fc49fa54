"""The tables of a workspace, read and joined: indicators, spending, programmes, proposals."""

from collections.abc import Collection, Sequence

import pandas as pd

from layers.access.straight.land import Land
from layers.columns.catalogue import FieldDefinition, read_layer_definition
from layers.columns.model import Computed
from layers.pipeline.aids import aids_for
from layers.pipeline.run import Run
from layers.provenance.money_sources import trace_moved, trace_registered, trace_spending
from layers.provenance.table_sources import trace_indicators
from layers.synchronisation.needs import count_registered
from layers.tables.indicators.hidden_totals import tell_hidden_totals
from layers.tables.indicators.hiding import hide_cells, hide_findings
from layers.tables.indicators.indicators import build_indicator_fields
from layers.tables.indicators.join import collect_words, join_table
from layers.tables.plans.plans import LINE_COLUMNS, join_plans
from layers.tables.rows.carried import CarriedLines, carry_lines
from layers.tables.spending.earmarks import check_earmarks, earmark_fields
from layers.tables.spending.spending import join_spending
from layers.tables.spending.spending_checks import check_activities, check_counted_twice
from layers.tables.spending.spending_layer import build_spending_fields, list_counted
from layers.tables.spending.spending_lines import AMOUNTS
from layers.workspace.plan_sections import PlannedSection


def join_all_tables(run: Run) -> Computed:
    """The indicator columns of the desa, from all ``[[tables]]``."""
    known = run.known_indicators
    sections, results = run.workspace.tables, []
    for done, section in enumerate(sections):
        run.progress("tables", done, len(sections))
        aids = aids_for(section.id, run.workspace, run.bridge, run.matches)
        result = join_table(section, run.folder, run.places, known, aids)
        results.append(result)
        names = set(result.values["indikator"])
        telling = int((result.values["status"] == "ok").sum())
        run.take_in(hide_findings(result.findings, known, names), result.load, telling)
        run.proposals[section.id] = tuple(result.proposals)
    if sections:
        run.progress("tables", len(sections), len(sections))
    joined = build_indicator_fields(
        results, run.desa, known, run.workspace.wilayah.year, run.history
    )
    run.report.extend(joined.findings)
    if joined.computed.hidden is not None:
        summed = joined.computed.summed or frozenset()
        run.report.extend(tell_hidden_totals(joined.computed.hidden, run.desa, summed))
    run.tables["indicators"] = joined.settled
    cleaned = [hide_cells(result.cleaned, joined.settled, known) for result in results]
    run.tables.update({section.id: one for section, one in zip(sections, cleaned, strict=True)})
    run.words = collect_words(cleaned)
    run.strands += trace_indicators(run.sources, run.workspace, results, joined.settled)
    return joined.computed


def join_all_spending(run: Run) -> Computed | None:
    """The spending columns of the desa, where the workspace declares spending."""
    if not run.workspace.spending:
        return None
    results = []
    for section in run.workspace.spending:
        aids = aids_for(section.id, run.workspace, run.bridge, run.matches)
        result = join_spending(section, run.folder, run.places, aids)
        results.append((result, section.amounts))
        telling = int(result.lines[[*AMOUNTS]].notna().any(axis=1).sum())
        run.take_in(result.findings, result.load, telling)
        run.tables[section.id] = result.cleaned
    run.report.extend(check_counted_twice([result for result, _ in results]))
    definition = read_layer_definition("spending")
    carried = None
    if run.history is not None:
        lines = pd.concat([result.lines[["kode", "tahun"]] for result, _ in results])
        carried = carry_lines(lines, run.history, frozenset(run.desa["kode"]))
        run.report.extend(carried.findings)
    year = run.workspace.wilayah.year
    lines = list_counted(results, carried)
    run.spending_lines = lines
    run.report.extend(check_activities(run.workspace.services, lines))
    order = ["kode", "tahun", "kegiatan", "sumber", "file", "row"]
    run.tables["spending_lines"] = lines.sort_values(order, ignore_index=True, na_position="last")
    years = sorted({int(one) for one in lines["tahun"]})
    run.tables["earmarks"] = check_earmarks(lines, run.desa, years)
    people = {one: count_registered(run.tables["indicators"], one) for one in years}
    _trace_spending(run, definition.fields, carried, years)
    return build_spending_fields(results, run.desa, definition, year, carried, people)


def _trace_spending(
    run: Run, fields: Sequence[FieldDefinition], carried: CarriedLines | None, years: Sequence[int]
) -> None:
    """Say which lines, history and people every spending value comes from."""
    settled = run.tables["indicators"]
    counted = {one: trace_registered(run.lineage, settled, one) for one in years}
    moved = {} if carried is None else trace_moved(run.workspace, carried)
    every = (*fields, *earmark_fields(run.workspace.wilayah.year))
    assert run.spending_lines is not None
    run.strands += trace_spending(run.sources, every, run.spending_lines, moved, counted)


def join_all_plans(
    run: Run, sections: Sequence[PlannedSection], services: Collection[str], land: Land
) -> pd.DataFrame:
    """Programmes or proposals, each row with its place and service."""
    lines = [pd.DataFrame({name: pd.Series([], dtype=object) for name in LINE_COLUMNS})]
    for section in sections:
        aids = aids_for(section.id, run.workspace, run.bridge, run.matches)
        result = join_plans(section, run.folder, run.places, services, aids, land)
        telling = int(result.lines["layanan"].notna().sum())
        run.take_in(result.findings, result.load, telling)
        run.tables[section.id] = result.cleaned
        run.proposals[section.id] = result.proposals
        lines.append(result.lines)
    return pd.concat(lines, ignore_index=True) if len(lines) > 1 else lines[0]
