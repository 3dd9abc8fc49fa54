"""The steps that bring all together: the match of need and money, and the layers of a release."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from layers.columns.assemble import assemble_layer, count_desa
from layers.columns.model import Computed, LayerData
from layers.pipeline.lost_inputs import Measurements, find_unused_sections
from layers.pipeline.step_records import (
    Access,
    Contribution,
    Ground,
    Match,
    SettledIndicators,
    SettledSpending,
)
from layers.provenance.field_sources import describe_fields
from layers.provenance.lineage import Lineage
from layers.provenance.need_sources import trace_needs
from layers.synchronisation.follow_up_lists import list_follow_up_files
from layers.synchronisation.map_layers import assemble_match, compute_needs, summarise_needs
from layers.synchronisation.match import match_needs
from layers.synchronisation.money import Funding
from layers.synchronisation.needs import Demand
from layers.synchronisation.services import BasicService, choose_priority
from layers.tables.indicators.summary_fields import build_summary_fields
from layers.workspace.workspace import IndicatorSection, Workspace


@dataclass(frozen=True, slots=True)
class MatchTask:
    """Needs and money, to be matched."""

    workspace: Workspace
    ground: Ground
    definitions: Mapping[str, IndicatorSection]
    indicators: SettledIndicators
    spending: SettledSpending
    access: Access
    services: Mapping[str, BasicService]
    programmes: pd.DataFrame
    proposals: pd.DataFrame


def match_money(task: MatchTask) -> Match:
    """The match of need and money, its tables, its follow-up lists; and what nothing used."""
    workspace, ground, services = task.workspace, task.ground, task.services
    supply = Funding(task.spending.lines, task.programmes, task.proposals)
    demand = Demand(
        ground.desa,
        task.indicators.settled,
        task.indicators.words,
        task.access.gaps,
        task.definitions,
        workspace.wilayah.year,
        choose_priority(workspace.priority),
    )
    matched = match_needs(services, demand, supply)
    lineage = ground.trace(task.indicators.added, task.access.added)
    measurements = Measurements(
        {*task.access.gaps["service"]},
        {*task.indicators.settled["indikator"]},
        {*matched.measures["layanan"]},
    )
    added = Contribution(
        tuple(find_unused_sections(workspace, measurements)),
        strands=trace_needs(lineage, workspace, services, demand, matched, supply.spending),
        tables={
            "synchronisation": matched.frame,
            "synchronisation_needs": matched.measures,
            "synchronisation_evidence": matched.evidence,
        },
        extras=list_follow_up_files(matched, services, demand, ground.desa),
    )
    return Match(services, matched, added)


@dataclass(frozen=True, slots=True)
class LayersTask:
    """What the layers of a release are made of."""

    ground: Ground
    indicators: SettledIndicators
    spending: SettledSpending
    access: Access
    match: Match
    lineage: Lineage


def assemble_layers(task: LayersTask) -> tuple[LayerData, ...]:
    """All layers in the order of the manifest, each field with its inputs."""
    desa, year = task.ground.desa, task.ground.year
    spending = task.spending.computed
    layers = [
        assemble_layer("desa", desa, [task.indicators.computed]),
        _assemble_level("kecamatan", task),
        _assemble_level("kabupaten", task),
    ]
    if spending is not None:
        layers.append(assemble_layer("spending", desa, [spending]))
    layers += task.access.layers
    services, matched = task.match.services, task.match.matched
    if len(matched.frame):
        needs = compute_needs(matched, services, desa, year)
        layers.append(assemble_layer("needs", desa, [needs]))
        layers.append(assemble_match(matched, services, desa, year))
    return describe_fields(layers, task.lineage)


def _assemble_level(level: Literal["kecamatan", "kabupaten"], task: LayersTask) -> LayerData:
    """The layer of one level, with what its desa have together."""
    places, desa, matched = task.ground.level(level), task.ground.desa, task.match.matched
    computed = (task.indicators.computed, task.spending.computed)
    summed: list[Computed] = [part for part in computed if part is not None]
    summaries = [build_summary_fields(part, desa, level) for part in summed]
    if len(matched.frame):
        year = int(matched.frame["tahun"].max())
        summaries.append(summarise_needs(matched, desa, level, year))
    return assemble_layer(level, places, [count_desa(places, desa, level), *summaries])
