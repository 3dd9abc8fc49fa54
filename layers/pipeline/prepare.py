"""Everything a workspace's files say, computed and in memory, with the report of what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd

from boundaries.build import BoundarySet, build_boundaries
from boundaries.codes.crosswalk import CodeBridge
from boundaries.findings.accepted import accept_findings, is_about_boundaries
from boundaries.findings.report import Finding, Report
from boundaries.history.history_levels import expand_history
from boundaries.history.versions import History
from boundaries.matching.matches_file import MATCHES_NAME
from boundaries.matching.matching import Proposal
from boundaries.progress import Progress, silent
from layers.access.gaps.gaps import check_norms, choose_services
from layers.access.measure import AccessResult, measure_access
from layers.access.people.population import choose_official
from layers.access.release_files import list_access_files
from layers.access.straight.land import Land, find_land
from layers.columns.assemble import assemble_facilities, assemble_layer, count_desa
from layers.columns.catalogue import ServiceDefinition, read_indicators
from layers.columns.model import Computed, LayerData
from layers.facilities.read import concat_facilities, make_fids, read_facilities
from layers.facilities.twins import find_twins
from layers.pipeline.aids import (
    Matches,
    hash_decisions,
    read_bridges,
    read_decisions,
    read_histories,
    read_names,
)
from layers.pipeline.early_checks import check_declarations
from layers.pipeline.joins import join_all_plans, join_all_spending, join_all_tables
from layers.pipeline.lost_inputs import (
    ACCESS_SECTIONS,
    Measurements,
    find_lost,
    find_unused_sections,
)
from layers.pipeline.run import Run
from layers.provenance.access_sources import Measured, trace_access, trace_facilities
from layers.provenance.field_sources import describe_fields
from layers.provenance.lineage import NO_USES, expand_uses
from layers.provenance.need_sources import trace_needs
from layers.provenance.place_sources import list_sources, trace_boundaries
from layers.release.manifest import InputEntry
from layers.release.provenance_file import FILE_NAME as PROVENANCE_NAME
from layers.synchronisation.follow_up_lists import list_follow_up_files
from layers.synchronisation.map_layers import assemble_match, compute_needs, summarise_needs
from layers.synchronisation.match import Matched, match_needs
from layers.synchronisation.money import Supply
from layers.synchronisation.needs import NO_GAPS, Demand
from layers.synchronisation.services import BasicService, choose_basic_services, choose_priority
from layers.tables.indicators.summary_fields import build_summary_fields
from layers.tables.rows.places import Places
from layers.tables.rows.records import Aids
from layers.words.place_terms import name_terms
from layers.workspace.declared import polygon_sources
from layers.workspace.input_bytes import InputBytes
from layers.workspace.inputs import check_identical_files, hash_inputs
from layers.workspace.workspace import Workspace
from layers.workspace.workspace_file import WORKSPACE_NAME, read_workspace


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
    tables: dict[str, pd.DataFrame]
    report: Report
    matches: Matches
    proposals: Mapping[str, tuple[Proposal, ...]]
    extras: Mapping[str, Callable[[Path], None]]


def prepare_layers(folder: Path, *, progress: Progress = silent) -> Prepared:
    """The layers of a workspace, and the report.

    Raises
    ------
    WorkspaceError, InputError, BoundariesError
        What is declared cannot be read at all, or changed while it was read.
    """
    files = InputBytes()
    files.note(folder / WORKSPACE_NAME)
    files.note(folder / MATCHES_NAME)
    workspace = read_workspace(folder)
    inputs = hash_inputs(workspace, folder, files)
    own = {section.name: section for section in workspace.indicators}
    check_declarations(workspace, folder, read_indicators() | own)
    report = Report()
    report.extend(check_identical_files(inputs))
    bridge = read_bridges(workspace, folder, report)
    history = read_histories(workspace, folder, report)
    coverage = _build_coverage(workspace, folder, bridge, history, report, progress)
    desa = coverage.level("desa")
    matches = read_decisions(folder, set(desa["kode"]), report)
    inputs = (*inputs, *hash_decisions(folder, matches))
    if history is not None:
        history, notes = expand_history(history, frozenset(desa["kode"]))
        report.extend(notes)
    places = Places.of(desa, history)
    sources = list_sources(workspace)
    run = Run(workspace, folder, progress, desa, places, history, bridge, matches, report, sources)
    run.proposals.update(coverage.proposals)
    run.tables["boundaries"] = pd.DataFrame(
        coverage.frame[["level", "kode", "source_file", "source_row"]]
    )
    run.strands.append(trace_boundaries(sources, workspace, run.tables["boundaries"]))
    polygons = expand_uses(run.strands[0])
    indicators = join_all_tables(run)
    layers = [assemble_layer("desa", desa, [indicators])]
    spending = join_all_spending(run)
    land = find_land(desa)
    access = _add_access(run, land, indicators, polygons)
    services, matched = _synchronise(run, land)
    summed = [part for part in (indicators, spending) if part is not None]
    layers.append(_assemble_level("kecamatan", coverage, summed, matched))
    layers.append(_assemble_level("kabupaten", coverage, summed, matched))
    if spending is not None:
        layers.append(assemble_layer("spending", desa, [spending]))
    layers += access
    if len(matched.frame):
        year = workspace.wilayah.year
        needs = compute_needs(matched, services, desa, year)
        layers.append(assemble_layer("needs", desa, [needs]))
        layers.append(assemble_match(matched, services, desa, year))
    report.extend(_find_unused(run, matched))
    report.findings = _accept_rest(report.findings, workspace)
    files.verify()
    run.extras[PROVENANCE_NAME] = run.lineage.write
    return Prepared(
        workspace,
        inputs,
        files,
        coverage.frame,
        describe_fields(layers, run.lineage),
        run.tables,
        report,
        matches,
        run.proposals,
        run.extras,
    )


def _find_unused(run: Run, matched: Matched) -> list[Finding]:
    """The sections of the workspace that make nothing in the release."""
    kinds = run.tables.get("gaps", NO_GAPS)["service"]
    indicators, services = run.tables["indicators"]["indikator"], matched.measures["layanan"]
    measurements = Measurements({*kinds}, {*indicators}, {*services})
    return find_unused_sections(run.workspace, measurements)


def _accept_rest(findings: list[Finding], workspace: Workspace) -> list[Finding]:
    """The findings with those accepted that are not about polygons (these are already)."""
    entries = [entry for entry in workspace.allow if not is_about_boundaries(entry.check)]
    return accept_findings(findings, entries)


def _build_coverage(
    workspace: Workspace,
    folder: Path,
    bridge: CodeBridge | None,
    history: History | None,
    report: Report,
    progress: Progress,
) -> BoundarySet:
    coverage = build_boundaries(
        polygon_sources(workspace, folder),
        scope=workspace.wilayah.scope,
        year=workspace.wilayah.year,
        names=read_names(workspace, folder, report),
        allow=workspace.allow,
        bridge=bridge,
        history=history,
        progress=progress,
    )
    report.extend(coverage.report.findings, coverage.report.loads)
    frame, findings = name_terms(coverage.frame, workspace.sebutan)
    report.extend(findings)
    return BoundarySet(frame, coverage.report, coverage.proposals)


def _assemble_level(
    level: Literal["kecamatan", "kabupaten"],
    coverage: BoundarySet,
    summed: list[Computed],
    matched: Matched,
) -> LayerData:
    """The layer ``kecamatan`` or ``kabupaten``, with what its desa have together."""
    places, desa = coverage.level(level), coverage.level("desa")
    summaries = [build_summary_fields(part, desa, level) for part in summed]
    if len(matched.frame):
        year = int(matched.frame["tahun"].max())
        summaries.append(summarise_needs(matched, desa, level, year))
    return assemble_layer(level, places, [count_desa(places, desa, level), *summaries])


def _choose_official(run: Run, indicators: Computed) -> pd.Series[float] | None:
    """Registered people by kode, where ``[population] rescale_to`` asks for them."""
    section = run.workspace.population
    official, findings = choose_official(section, indicators.wide, run.known_indicators)
    run.report.extend(findings)
    return official


def _synchronise(run: Run, land: Land) -> tuple[Mapping[str, BasicService], Matched]:
    """The match of need and money, and its tables."""
    gaps = run.tables.get("gaps", NO_GAPS)
    services = choose_basic_services(run.workspace.services, gaps["service"].unique())
    supply = Supply(
        run.spending_lines,
        join_all_plans(run, run.workspace.programmes, services, land),
        join_all_plans(run, run.workspace.proposals, services, land),
    )
    demand = Demand(
        run.desa,
        run.tables["indicators"],
        run.words,
        gaps,
        run.known_indicators,
        run.workspace.wilayah.year,
        choose_priority(run.workspace.priority),
    )
    matched = match_needs(services, demand, supply)
    run.tables["synchronisation"] = matched.frame
    run.tables["synchronisation_needs"] = matched.measures
    run.tables["synchronisation_evidence"] = matched.evidence
    run.extras.update(list_follow_up_files(matched, services, demand, run.desa))
    run.strands += trace_needs(
        run.lineage, run.workspace, services, demand, matched, run.spending_lines
    )
    return services, matched


def _trace_access(
    run: Run,
    services: tuple[ServiceDefinition, ...],
    facilities: pd.DataFrame,
    access: AccessResult,
    polygons: pd.DataFrame,
    indicators: Computed,
) -> None:
    """Say where every distance, time and number of people beyond a norm comes from."""
    section = run.workspace.population
    registered = NO_USES
    if section is not None and section.rescale_to is not None:
        years = indicators.wide.get(f"{section.rescale_to}_tahun")
        year = None if years is None or years.dropna().empty else int(years.dropna().iloc[0])
        uses = run.lineage.uses_of("desa", section.rescale_to, year)
        registered = uses.assign(role=uses["role"].mask(uses["role"] == "value", "people"))
    measured = Measured(
        facilities, access.gaps.long, access.served, polygons, registered, access.time_method
    )
    run.strands += trace_access(run.sources, run.workspace, services, measured)


def _add_access(
    run: Run, land: Land, indicators: Computed, polygons: pd.DataFrame
) -> list[LayerData]:
    """The layers ``facilities`` and ``gaps``, where the workspace declares facilities.

    What else serves access is read all the same: a road that is broken is found.
    """
    sections = run.workspace.facilities
    official = _choose_official(run, indicators)
    if not sections and not run.workspace.model_fields_set & {*ACCESS_SECTIONS, "norms"}:
        return []
    results = []
    aids = Aids(run.bridge, history=run.history)
    for done, section in enumerate(sections):
        run.progress("facilities", done, len(sections))
        result = read_facilities(section, run.folder, run.desa, land, aids, run.workspace.allow)
        results.append(result)
        run.take_in(result.findings, result.load)
    if sections:
        run.progress("facilities", len(sections), len(sections))
    facilities = concat_facilities(results)
    run.report.extend(find_twins(facilities))
    kinds = {section.kind for section in sections if section.kind}
    kinds |= {kind for section in sections for kind in section.kinds.values()}
    # Kinds that are read and not declared: from names, or the words of a column as they are.
    if any(section.kind_in_name or not (section.kind or section.kinds) for section in sections):
        kinds |= set(facilities["kind"])
    services = choose_services(kinds, run.workspace.norms)
    run.report.extend(check_norms(kinds, run.workspace.norms, services))
    access = measure_access(
        run.workspace,
        run.folder,
        run.desa,
        facilities,
        services,
        official=official,
        land=land,
        progress=run.progress,
    )
    gaps = access.gaps
    run.report.extend(gaps.findings)
    for load in access.loads:
        ours = [finding for finding in gaps.findings if finding.file == load.file]
        run.report.extend(find_lost(ours, load), [load])
    if not sections:
        return []
    run.tables["gaps"] = gaps.long
    if access.supply is not None:
        run.tables["catchments"] = access.supply.catchments
        run.tables["supply"] = access.supply.supply
    run.extras.update(list_access_files(access, facilities))
    fids = make_fids(facilities["facility_id"].tolist())
    run.strands.append(trace_facilities(run.sources, fids, facilities))
    _trace_access(run, services, facilities, access, polygons, indicators)
    return [
        assemble_facilities(facilities, run.desa, fids),
        assemble_layer("gaps", run.desa, [Computed(gaps.fields, gaps.wide)]),
        *access.layers,
    ]
