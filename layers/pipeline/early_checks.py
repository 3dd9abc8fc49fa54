"""Errors of the declaration, reported before the polygons are read: columns, words, files, bands.

The same messages would come later, from whoever reads the file; here they come within the first
seconds.  Lists of names, crosswalks and histories are read before the polygons as it is.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from boundaries.errors import BoundariesError, InputBeyondLimitError
from boundaries.matching.matches_file import MATCHES_NAME, Decisions, read_polygon_decisions
from boundaries.polygons import declaration, intake, reading
from layers.access.people.population import choose_official
from layers.access.roads.roads import check_roads
from layers.access.terrain import rasters, surfaces
from layers.access.terrain.speeds import SpeedTable, read_own_speeds, read_speeds
from layers.columns.catalogue import read_layer_definition
from layers.errors import InputError, LayersError
from layers.facilities import importers, read, rows
from layers.synchronisation.service_list import choose_basic_services
from layers.tables.files.sheets import Sheet
from layers.tables.importers import adapt_section
from layers.tables.indicators.join import check_indicators, read_declared
from layers.tables.plans import plan_columns, plans
from layers.tables.rows.shipped_histories import choose_histories
from layers.tables.spending.spending import read_declared_lines
from layers.workspace import access_sections, sections

MOST_BYTES = 5_000_000
"""Larger files are not read twice."""
_COLUMNS = (
    "code_column",
    "name_column",
    "kecamatan_column",
    "jenis_column",
    "year_column",
    "indicator_column",
    "value_column",
    "part_column",
    "note_column",
    "step_column",
    "actor_column",
)
_RASTERS = ("population", "friction", "land_cover", "elevation")


def check_declarations(
    workspace: sections.Workspace, folder: Path, indicators: Mapping[str, sections.IndicatorSection]
) -> None:
    """Refuse what is declared of files that do not have it, and words that name nothing.

    Raises
    ------
    InputError, WorkspaceError, InputUndeclaredError
        As whoever reads the input would raise it; what is wrong with several is one message.
    """
    speeds = _check_settings(workspace, folder, indicators)
    refused: list[LayersError | BoundariesError] = []
    for check in _list_checks(workspace, folder, indicators, speeds):
        try:
            check()
        except (LayersError, BoundariesError) as error:
            refused.append(error)
    _refuse(refused)


def _refuse(refused: Sequence[LayersError | BoundariesError]) -> None:
    """One error as it is, several as one that lists them; what costs too much comes first."""
    costly = [error for error in refused if isinstance(error, InputBeyondLimitError)]
    if len(refused) > 1 and not costly:
        listed = "\n".join(f"  {error}" for error in refused)
        raise InputError(f"{len(refused)} inputs cannot be read as declared:\n{listed}")
    for error in costly or refused:
        raise error


def _list_checks(
    workspace: sections.Workspace,
    folder: Path,
    indicators: Mapping[str, sections.IndicatorSection],
    speeds: SpeedTable,
) -> Iterator[Callable[[], object]]:
    """What is asked of each input, in the order in which they are read."""
    for source in polygon_sources(workspace, folder):
        yield partial(reading.check_source, source)
    for section in workspace.tables:
        if section.importer is None:
            yield partial(check_indicators, section, indicators)
        if _is_small(folder / section.path):
            yield partial(_check_table, section, folder)
    for lines in workspace.spending:
        if _is_small(folder / lines.path):
            yield partial(read_declared_lines, lines, folder)
    for places in workspace.facilities:
        if _is_small(folder / places.path):
            yield partial(_check_places, places, folder)
    yield from _list_plan_checks(workspace, folder)
    for road in workspace.roads:
        yield partial(check_roads, road, folder, speeds)
    for name, path, band, key in _list_rasters(workspace):
        yield partial(rasters.check_raster, folder / path, f"{name}: {path}", band, key)


def _check_places(places: sections.FacilitySection, folder: Path) -> None:
    adapted = importers.adapt_facilities(places, folder)
    read.check_section(adapted)
    rows.read_facility_rows(adapted, folder)


def _is_small(path: Path) -> bool:
    return path.is_file() and path.stat().st_size <= MOST_BYTES


def _check_settings(
    workspace: sections.Workspace, folder: Path, indicators: Mapping[str, sections.IndicatorSection]
) -> SpeedTable:
    """What needs no file but that of speeds: services, histories, mode of travel, people."""
    choose_histories(workspace.history.use)
    choose_basic_services(workspace.services)
    _check_needs(workspace, indicators)
    choose_official(workspace.population, pd.DataFrame({"kode": []}), indicators)
    section = workspace.speeds
    speeds = (
        read_speeds() if section is None else read_own_speeds(folder / section.path, section.path)
    )
    surfaces.find_mode(workspace, speeds)
    return speeds


def _check_needs(
    workspace: sections.Workspace, indicators: Mapping[str, sections.IndicatorSection]
) -> None:
    for service in workspace.services:
        for need in service.needs or ():
            if need.indicator is not None and need.indicator not in indicators:
                raise InputError(
                    f"services.{service.id}: '{need.indicator}' is no indicator. Use one of "
                    "layers/definitions/indicators.toml or declare it under [[indicators]]."
                )


def _check_table(section: sections.TableSection, folder: Path) -> None:
    sheet = read_declared(section, folder)
    section = adapt_section(section, sheet)
    names = [getattr(section, key) for key in _COLUMNS]
    if section.shape == "wide":
        names += section.columns
    _resolve(sheet, names)


def _resolve(sheet: Sheet, names: Iterable[str | None]) -> None:
    for name in names:
        if name is not None:
            sheet.resolve(name)


def _list_plan_checks(
    workspace: sections.Workspace, folder: Path
) -> Iterator[Callable[[], object]]:
    kinds = {service.kind for service in read_layer_definition("gaps").services}
    kinds |= {*workspace.norms}
    kinds |= {kind for places in workspace.facilities for kind in places.kinds.values()}
    kinds |= {places.kind for places in workspace.facilities if places.kind}
    services = choose_basic_services(workspace.services, kinds)
    for section in (*workspace.programmes, *workspace.proposals):
        yield partial(plan_columns.check_services, section, services)
        if _is_small(folder / section.path):
            yield partial(plans.read_declared_plans, section, folder)


def _list_rasters(
    workspace: sections.Workspace,
) -> Iterator[tuple[str, str, access_sections.BandNumber | str | None, str]]:
    """Name, path, declared band and the key that declares it, of every raster."""
    for name in _RASTERS:
        section = getattr(workspace, name)
        if section is not None:
            yield name, section.path, section.band, "band"
    friction = workspace.friction
    if friction is not None and friction.height_path is not None:
        yield "friction", friction.height_path, friction.height_band, "height_band"


def polygon_sources(
    workspace: sections.Workspace, folder: Path
) -> tuple[declaration.PolygonSource, ...]:
    """One source per ``[[boundaries]]``, with paths resolved against the workspace folder."""
    decisions = read_polygon_decisions(folder / MATCHES_NAME)
    return tuple(
        _polygon_source(section, folder, decisions.get(intake.input_name(position), {}))
        for position, section in enumerate(workspace.boundaries)
    )


def _polygon_source(
    section: sections.BoundarySection, folder: Path, decisions: Decisions
) -> declaration.PolygonSource:
    return declaration.PolygonSource(
        path=folder / section.path,
        label=section.path,
        codes_from=_reference(section.codes_from, folder),
        decisions=decisions,
        **section.model_dump(include={*declaration.PolygonKeys.model_fields}),
    )


def _reference(
    section: sections.CodesFromSection | None, folder: Path
) -> declaration.CodesFrom | None:
    if section is None:
        return None
    keys = section.model_dump(include={*declaration.CodesFromKeys.model_fields})
    return declaration.CodesFrom(path=folder / section.path, label=section.path, **keys)
