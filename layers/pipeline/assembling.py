"""The steps that bring all together: the match of need and money, and the layers of a release."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from layers.columns import assemble, model
from layers.pipeline import lost_inputs, step_records
from layers.provenance import field_sources, need_sources
from layers.provenance.lineage import Lineage
from layers.synchronisation import follow_up_lists, map_layers, money, service_list
from layers.synchronisation.match import match_needs
from layers.synchronisation.needs import Demand
from layers.tables.indicators.summary_fields import build_summary_fields
from layers.workspace.sections import IndicatorSection, Workspace


@dataclass(frozen=True, slots=True)
class MatchTask:
    """Needs and money, to be matched."""

    workspace: Workspace
    ground: step_records.Ground
    definitions: Mapping[str, IndicatorSection]
    indicators: step_records.SettledIndicators
    spending: step_records.SettledSpending
    access: step_records.Access
    services: Mapping[str, service_list.BasicService]
    programmes: pd.DataFrame
    proposals: pd.DataFrame
    lost_programmes: pd.DataFrame


def match_money(task: MatchTask) -> step_records.Match:
    """The match of need and money, its tables, its follow-up lists; and what nothing used."""
    workspace, ground, services = task.workspace, task.ground, task.services
    supply = money.Funding(
        task.spending.lines, task.programmes, task.proposals, task.lost_programmes
    )
    demand = Demand(
        ground.desa,
        task.indicators.settled,
        task.indicators.words,
        task.access.gaps,
        task.definitions,
        workspace.wilayah.year,
        service_list.choose_priority(workspace.priority),
    )
    matched = match_needs(services, demand, supply)
    lineage = ground.trace(task.indicators.added, task.access.added)
    measurements = lost_inputs.Measurements(
        {*task.access.gaps["service"]},
        {*task.indicators.settled["indikator"]},
        {*matched.measures["layanan"]},
    )
    added = step_records.Contribution(
        tuple(lost_inputs.find_unused_sections(workspace, measurements)),
        strands=need_sources.trace_needs(
            lineage, workspace, services, demand, matched, supply.spending
        ),
        tables={
            "synchronisation": matched.frame,
            "synchronisation_needs": matched.measures,
            "synchronisation_evidence": matched.evidence,
        },
        extras=follow_up_lists.list_follow_up_files(matched, services, demand, ground.desa),
    )
    return step_records.Match(services, matched, added)


@dataclass(frozen=True, slots=True)
class LayersTask:
    """What the layers of a release are made of."""

    ground: step_records.Ground
    indicators: step_records.SettledIndicators
    spending: step_records.SettledSpending
    access: step_records.Access
    match: step_records.Match
    lineage: Lineage


def assemble_layers(task: LayersTask) -> tuple[model.LayerData, ...]:
    """All layers in the order of the manifest, each field with its inputs."""
    desa, year = task.ground.desa, task.ground.year
    spending = task.spending.computed
    layers = [
        assemble.assemble_layer("desa", desa, [task.indicators.computed]),
        _assemble_level("kecamatan", task),
        _assemble_level("kabupaten", task),
    ]
    if spending is not None:
        layers.append(assemble.assemble_layer("spending", desa, [spending]))
    layers += task.access.layers
    services, matched = task.match.services, task.match.matched
    if len(matched.frame):
        needs = map_layers.compute_needs(matched, services, desa, year)
        layers.append(assemble.assemble_layer("needs", desa, [needs]))
        layers.append(map_layers.assemble_match(matched, services, desa, year))
    return field_sources.describe_fields(layers, task.lineage)


def _assemble_level(level: Literal["kecamatan", "kabupaten"], task: LayersTask) -> model.LayerData:
    """The layer of one level, with what its desa have together."""
    places, desa, matched = task.ground.level(level), task.ground.desa, task.match.matched
    computed = (task.indicators.computed, task.spending.computed)
    summed: list[model.Computed] = [part for part in computed if part is not None]
    summaries = [build_summary_fields(part, desa, level) for part in summed]
    if len(matched.frame):
        year = int(matched.frame["tahun"].max())
        summaries.append(map_layers.summarise_needs(matched, desa, level, year))
    return assemble.assemble_layer(
        level, places, [assemble.count_desa(places, desa, level), *summaries]
    )
