"""The steps that read facilities and measure access to them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from boundaries.findings.accepted import Acceptance
from boundaries.findings.report import Finding
from boundaries.progress import Progress, silent
from layers.access import measure, release_files
from layers.access.gaps.gaps import check_norms, choose_services
from layers.access.people.population import choose_official
from layers.access.straight.land import Land
from layers.access.straight.unknown_places import UnknownPlace
from layers.columns import assemble, catalogue, model
from layers.facilities import doubtful_places, lost_places, read
from layers.pipeline import joins, lost_inputs, step_records
from layers.provenance.access_sources import Measured, trace_access, trace_facilities
from layers.provenance.lineage import NO_USES, Strand
from layers.synchronisation.needs import NO_GAPS, count_registered
from layers.tables.rows.row_records import Aids
from layers.workspace import access_sections, sections

INPUTS = ("population", "friction", "roads", "barriers", "land_cover", "elevation", "speeds")
"""The inputs, beside facilities, that access is measured with."""


@dataclass(frozen=True, slots=True)
class PeopleTask:
    """The indicator that the raster of people is rescaled to, to be chosen."""

    section: access_sections.PopulationSection | None
    wide: pd.DataFrame
    indicators: Mapping[str, sections.IndicatorSection]


def choose_people(task: PeopleTask) -> step_records.OfficialPeople:
    """Registered people by kode, where ``[population] rescale_to`` asks for them."""
    official, findings = choose_official(task.section, task.wide, task.indicators)
    return step_records.OfficialPeople(official, step_records.Contribution(tuple(findings)))


@dataclass(frozen=True, slots=True)
class FacilityTask:
    """One list of facilities, to be read."""

    section: sections.FacilitySection
    files: step_records.Files
    desa: gpd.GeoDataFrame
    land: Land
    aids: Aids
    accepted: tuple[Acceptance, ...]


def list_facilities(
    workspace: sections.Workspace, files: step_records.Files, ground: step_records.Ground
) -> list[FacilityTask]:
    """A task for each ``[[facilities]]``."""
    decided = ground.matches.decisions
    return [
        FacilityTask(
            section,
            files.of(f"facilities.{section.id}"),
            ground.desa,
            ground.land,
            Aids(ground.bridge, decided.get(f"facilities.{section.id}"), history=ground.history),
            workspace.allow,
        )
        for section in workspace.facilities
    ]


def read_facility_list(task: FacilityTask) -> step_records.Loaded[read.FacilitiesResult]:
    """The facilities of one list."""
    result = read.read_facilities(
        task.section, task.files.folder, task.desa, task.land, task.aids, task.accepted
    )
    proposals = {result.load.input: result.proposals}
    return step_records.Loaded(
        result, joins.report_load(result.findings, result.load, proposals=proposals)
    )


@dataclass(frozen=True, slots=True)
class AccessTask:
    """The facilities of a workspace, to be measured to."""

    workspace: sections.Workspace
    files: step_records.Files
    ground: step_records.Ground
    indicators: step_records.SettledIndicators
    people: step_records.OfficialPeople
    lists: tuple[step_records.Loaded[read.FacilitiesResult], ...]


def measure_gaps(task: AccessTask, progress: Progress = silent) -> step_records.Access:
    """The layers ``facilities``, ``gaps`` and isochrones, where facilities are declared.

    What else serves access is read all the same: a road that is broken is found.
    """
    if not task.lists and not task.workspace.model_fields_set & {
        *lost_inputs.ACCESS_SECTIONS,
        "norms",
    }:
        return step_records.Access((), NO_GAPS, step_records.Contribution())
    workspace, desa = task.workspace, task.ground.desa
    facilities = read.concat_facilities([part.result for part in task.lists])
    kinds = _list_kinds(workspace.facilities, facilities)
    services = choose_services(kinds, workspace.norms)
    access = measure.measure_access(
        workspace,
        task.files.folder,
        desa,
        facilities,
        services,
        official=task.people.official,
        registered=count_registered(task.indicators.settled, workspace.wilayah.year),
        land=task.ground.land,
        unknown=_list_unknown(task),
        progress=progress,
    )
    checked = step_records.Contribution(
        (
            *doubtful_places.find_twins(facilities),
            *check_norms(kinds, workspace.norms, services),
            *access.gaps.findings,
            *_find_lost(access),
        ),
        access.loads,
    )
    if not task.lists:
        return step_records.Access((), NO_GAPS, checked)
    return _add_layers(task, services, facilities, access, checked)


def _list_unknown(task: AccessTask) -> list[UnknownPlace]:
    """The places that stand nobody knows where: without a position, or in desa of no list."""
    kinds_of, uncovered = {}, {}
    for section, part in zip(task.workspace.facilities, task.lists, strict=True):
        kinds_of[section.id] = _list_kinds([section], part.result.facilities)
        uncovered[section.id] = part.result.uncovered
    lost = [place for part in task.lists for place in part.result.lost]
    return [*lost, *lost_places.list_unlisted(uncovered, kinds_of)]


def _find_lost(access: measure.AccessResult) -> Iterator[Finding]:
    for load in access.loads:
        of_file = [finding for finding in access.gaps.findings if finding.file == load.file]
        yield from lost_inputs.find_lost(of_file, load)
    yield from lost_inputs.find_whole(access.gaps.findings)


def _add_layers(
    task: AccessTask,
    services: tuple[catalogue.ServiceDefinition, ...],
    facilities: gpd.GeoDataFrame,
    access: measure.AccessResult,
    checked: step_records.Contribution,
) -> step_records.Access:
    desa, gaps = task.ground.desa, access.gaps
    fids = read.make_fids(facilities["facility_id"].tolist())
    layers = (
        assemble.assemble_facilities(facilities, desa, fids),
        assemble.assemble_layer("gaps", desa, [model.Computed(gaps.fields, gaps.wide)]),
        *access.layers,
    )
    tables = {"gaps": gaps.long}
    if access.supply is not None:
        tables |= {"catchments": access.supply.catchments, "supply": access.supply.supply}
    added = replace(
        checked,
        strands=(
            trace_facilities(task.ground.sources, fids, facilities),
            *_trace_access(task, services, facilities, access),
        ),
        tables=tables,
        extras=release_files.list_access_files(access, facilities),
    )
    return step_records.Access(layers, gaps.long, added)


def _list_kinds(
    sections: Sequence[sections.FacilitySection], facilities: gpd.GeoDataFrame
) -> set[str]:
    kinds = {section.kind for section in sections if section.kind}
    kinds |= {kind for section in sections for kind in section.kinds.values()}
    # Kinds that are read and not declared: from names, or the words of a column as they are.
    if any(section.kind_in_name or not (section.kind or section.kinds) for section in sections):
        kinds |= set(facilities["kind"])
    return kinds


def _trace_access(
    task: AccessTask,
    services: tuple[catalogue.ServiceDefinition, ...],
    facilities: pd.DataFrame,
    access: measure.AccessResult,
) -> tuple[Strand, ...]:
    """Where every distance, time and number of people beyond a norm comes from."""
    measured = Measured(
        facilities,
        access.gaps.long,
        access.served,
        task.ground.polygons,
        _trace_people(task),
        access.time_method,
    )
    return trace_access(task.ground.sources, task.workspace, services, measured)


def _trace_people(task: AccessTask) -> pd.DataFrame:
    """Uses of the registered people that the raster is rescaled to."""
    section = task.workspace.population
    if section is None or section.rescale_to is None:
        return NO_USES
    years = task.indicators.computed.wide.get(f"{section.rescale_to}_tahun")
    year = None if years is None or years.dropna().empty else int(years.dropna().iloc[0])
    lineage = task.ground.trace(task.indicators.added)
    uses = lineage.uses_of("desa", section.rescale_to, year)
    return uses.assign(role=uses["role"].mask(uses["role"] == "value", "people"))
