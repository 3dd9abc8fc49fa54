"""The layers ``isochrones_<kind>``: areas by travel time to each service."""

from collections.abc import Collection, Mapping

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from boundaries.findings.report import Finding
from layers.access.gaps.gap_people import list_edges
from layers.access.people.people_grid import PeopleCells
from layers.access.terrain import isochrones, joining, raster_cover, rasters, surfaces
from layers.access.terrain.travel import Travel
from layers.columns import assemble, catalogue, model
from layers.facilities.read import make_fids
from layers.finding_words.finding_kinds import declared_kind
from layers.release.manifest_file import Coverage, FieldEntry, Text

NO_ISOCHRONE = declared_kind("access.no_isochrone")

HEADLINE, KNOWN_DESA = "minutes_max", "people_desa_known"
WITHOUT_REACH = Text(id="tidak terjangkau", en="not reached")


def build_isochrone_layers(
    surface: surfaces.Surface,
    travel: Mapping[str, Travel],
    services: Collection[catalogue.ServiceDefinition],
    people: PeopleCells | None = None,
    homes: joining.Joined | None = None,
) -> tuple[tuple[model.LayerData, ...], tuple[Finding, ...]]:
    """One layer for each service that is reached from anywhere.

    Parameters
    ----------
    homes
        Where each piece of ``people`` joins the surface: there it is counted.

    Findings
    --------
    access.no_isochrone
        From nowhere on the friction is a facility of the kind reached: no layer (warning).
    """
    layers, findings = [], []
    for service in services:
        if service.kind not in travel or not np.isfinite(travel[service.kind].time.minutes).any():
            message = f"No facility of kind {service.kind!r} is reached over the friction; no "
            message += f"layer isochrones_{service.kind}."
            findings.append(NO_ISOCHRONE.finding(message, value=service.kind))
            continue
        counted = None if people is None or homes is None else (people, homes)
        layers.append(_build_layer(surface, travel[service.kind].minutes, service, counted))
    return tuple(layers), tuple(findings)


def _build_layer(
    surface: surfaces.Surface,
    minutes: rasters.Raster,
    service: catalogue.ServiceDefinition,
    counted: tuple[PeopleCells, joining.Joined] | None,
) -> model.LayerData:
    definition = catalogue.read_layer_definition("isochrones")
    edges = list_edges(service, "min")
    band = isochrones.number_bands(minutes, edges, surface.is_passable)
    drawn = isochrones.draw_bands(band, minutes)
    upper = [*edges, np.nan]
    lower = [0.0, *edges]
    numbers = drawn["band"].to_numpy(int)
    reached = numbers != isochrones.UNREACHED
    start = np.array(
        [lower[number] if number != isochrones.UNREACHED else np.nan for number in numbers]
    )
    end = np.array(
        [upper[number] if number != isochrones.UNREACHED else np.nan for number in numbers]
    )
    keys = [_make_key(service.kind, *pair) for pair in zip(start, end, strict=True)]
    frame = gpd.GeoDataFrame(
        {
            "fid": make_fids(keys),
            "kode": keys,
            "nama": [_say(service, *pair) for pair in zip(start, end, strict=True)],
            "service": service.kind,
            "mode": surface.mode,
            "from_min": start,
            "to_min": end,
            # Upwards, so that rounding leaves it in its band.
            HEADLINE: np.ceil(drawn["minutes_max"].to_numpy(float) * 10) / 10,
            f"{HEADLINE}_status": np.where(reached, "ok", "unreachable"),
            "area_ha": drawn["area_ha"].round(1).to_numpy(),
            "people": _count_people(band, numbers, counted),
            KNOWN_DESA: 0 if counted is None else int(_list_whole(counted[0]).sum()),
        },
        geometry=drawn.geometry.to_numpy(),
        crs="EPSG:4326",
    )
    frame = frame.sort_values("fid", ignore_index=True)
    entries = (
        FieldEntry(name="kode", type="string", title=Text(id="Nomor", en="Id")),
        FieldEntry(name="nama", type="string", title=Text(id="Nama", en="Name")),
        *(_with_coverage(assemble.field_entry(field), counted) for field in definition.fields),
    )
    layer = _name_layer(definition, service, edges)
    return model.LayerData(layer, entries, frame, tile_extra=("from_min", "to_min"))


def _name_layer(
    definition: catalogue.LayerDefinition,
    service: catalogue.ServiceDefinition,
    edges: tuple[float, ...],
) -> catalogue.LayerDefinition:
    """The definition for one service: its name, and its edges as the breaks of the headline."""
    title = Text(
        id=f"{definition.title.id}: {service.title.id}",
        en=f"{definition.title.en}: {service.title.en}",
    )
    fields = tuple(
        field.model_copy(update={"breaks": edges}) if field.name == HEADLINE else field
        for field in definition.fields
    )
    update = {"id": f"{definition.id}_{service.kind}", "title": title, "fields": fields}
    return definition.model_copy(update=update)


def _make_key(kind: str, start: float, end: float) -> str:
    """Of a band: its service and edges, so that it stays when other bands come and go."""
    if np.isnan(start):
        return f"{kind}-unreached"
    return f"{kind}-{start:g}-" if np.isnan(end) else f"{kind}-{start:g}-{end:g}"


def _say(service: catalogue.ServiceDefinition, start: float, end: float) -> str:
    if np.isnan(start):
        return f"{service.title.id}: {WITHOUT_REACH.id}"
    if np.isnan(end):
        return f"{service.title.id}: lebih dari {start:g} menit"
    return f"{service.title.id}: {start:g}–{end:g} menit"


def _list_whole(people: PeopleCells) -> NDArray[np.bool_]:
    """Which desa have people, of all of their area."""
    coverage = np.ones(len(people.total)) if people.coverage is None else people.coverage
    return np.isfinite(people.total) & (coverage >= raster_cover.LEAST_WHOLE)


def _with_coverage(
    entry: FieldEntry, counted: tuple[PeopleCells, joining.Joined] | None
) -> FieldEntry:
    """The people of an area say of how many desa they are known."""
    if counted is None or entry.name != "people":
        return entry
    whole = Coverage(known=KNOWN_DESA, total=len(counted[0].total), unit="desa")
    return entry.model_copy(update={"coverage": (whole,)})


def _count_people(
    band: isochrones.Bands,
    numbers: NDArray[np.integer],
    counted: tuple[PeopleCells, joining.Joined] | None,
) -> NDArray[np.float64]:
    if counted is None:
        return np.full(len(numbers), np.nan)
    people, homes = counted
    under = band[homes.row[homes.is_joined], homes.column[homes.is_joined]]
    whole = np.bincount(under, people.people[homes.is_joined], 256)
    rounded: NDArray[np.float64] = whole[numbers].round(1)
    return rounded
