"""What distances, times and people beyond a norm rest on: where each starts, and where it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from layers.access.gaps.gaps import NETWORK, RASTER, STRAIGHT_LINE
from layers.access.straight.distance import KANTOR_DESA, SETTLEMENT
from layers.columns.catalogue import ServiceDefinition
from layers.provenance import lineage, place_sources
from layers.release.provenance_file import REST
from layers.workspace.sections import FacilitySection, Workspace

_NETWORK_INPUTS = ("roads", "speeds")
_GIVEN_INPUTS = ("friction", "roads", "elevation", "speeds")
_BUILT_INPUTS = ("land_cover", "elevation", "roads", "barriers", "speeds")


@dataclass(frozen=True, slots=True)
class Measured:
    """What access was measured from.

    Parameters
    ----------
    facilities
        ``facility_id, kind, kode_desa_declared, input, row``.
    gaps
        The long table of all methods.
    served
        By kind, ``kode, facility_id``: the facilities nearest to anybody who lives in a desa.
    polygons
        Uses of the polygon of each desa.
    registered
        Uses of the number of people that the population raster was rescaled to.
    time_method
        The method whose minutes are shown on the map; None without any.
    """

    facilities: pd.DataFrame
    gaps: pd.DataFrame
    served: Mapping[str, pd.DataFrame]
    polygons: pd.DataFrame
    registered: pd.DataFrame
    time_method: str | None


def trace_access(
    sources: lineage.Sources,
    workspace: Workspace,
    services: Sequence[ServiceDefinition],
    measured: Measured,
) -> tuple[lineage.Strand, ...]:
    """The uses of the layers ``gaps`` and ``isochrones_<kind>``."""
    strands, counted = [], []
    for service in services:
        kind = service.kind
        straight = _distance_uses(workspace, kind, measured, STRAIGHT_LINE)
        counted += straight
        names = [f"jarak_{kind}_m", f"gap_{kind}_m", f"fasilitas_{kind}"]
        strands.append(sources.trace("gaps", names, None, straight))
        if workspace.population is not None:
            people = _people_uses(workspace, kind, measured)
            strands.append(sources.trace("gaps", [f"penduduk_di_luar_norma_{kind}"], None, people))
        if measured.time_method is not None:
            timed = _distance_uses(workspace, kind, measured, measured.time_method)
            ways = lineage.use_everywhere("way", way_inputs(workspace, measured.time_method))
            strands.append(sources.trace("gaps", [f"waktu_{kind}_min"], None, [*timed, ways]))
            lists = lineage.use_everywhere("facility", facility_inputs(workspace, kind, measured))
            strands.append(sources.trace(f"isochrones_{kind}", [REST], None, [lists, ways]))
            crowd = lineage.use_everywhere(
                "people", place_sources.groups_of(workspace, ["population"])
            )
            strands.append(
                sources.trace(f"isochrones_{kind}", ["people"], None, [lists, ways, crowd])
            )
    strands.append(sources.trace("gaps", ["gap_count", "gap_known_count"], None, counted))
    return tuple(strands)


def way_inputs(workspace: Workspace, method: str) -> list[str]:
    """The inputs that say how fast one travels where."""
    if method == NETWORK:
        return place_sources.groups_of(workspace, _NETWORK_INPUTS)
    assert method == RASTER, method
    given = workspace.friction is not None
    return place_sources.groups_of(workspace, _GIVEN_INPUTS if given else _BUILT_INPUTS)


def facility_inputs(workspace: Workspace, kind: str, measured: Measured) -> list[str]:
    """The lists that have facilities of a kind; those that might have had, where none has."""
    of_kind = measured.facilities[measured.facilities["kind"] == kind]
    if len(of_kind):
        return sorted(of_kind["input"].unique())
    return [
        f"facilities.{section.id}" for section in workspace.facilities if _may_have(section, kind)
    ]


def _may_have(section: FacilitySection, kind: str) -> bool:
    is_open = section.kind_in_name or not (section.kind or section.kinds)
    return section.kind == kind or kind in section.kinds.values() or is_open


def _distance_uses(
    workspace: Workspace, kind: str, measured: Measured, method: str
) -> list[pd.DataFrame]:
    """Where the distance of each desa starts, and the facility where it ends."""
    gaps = measured.gaps
    rows = gaps[(gaps["service"] == kind) & (gaps["method"] == method)]
    reached = rows[rows["facility_id"].notna()]
    ends = _facility_uses(reached, kind, measured)
    lost = place_sources.to_places(rows.loc[rows["facility_id"].isna(), "kode"])
    looked_in = facility_inputs(workspace, kind, measured)
    return [
        *_origin_uses(rows, workspace, measured),
        ends,
        *(lineage.make_uses(lost, "facility", name) for name in looked_in),
    ]


def _origin_uses(
    rows: pd.DataFrame, workspace: Workspace, measured: Measured
) -> list[pd.DataFrame]:
    places = place_sources.to_places(rows["kode"])
    offices = measured.facilities[measured.facilities["kind"] == KANTOR_DESA]
    offices = offices.drop_duplicates("kode_desa_declared", keep=False)
    by_office = rows.loc[rows["origin"] == KANTOR_DESA, ["kode"]].merge(
        offices, left_on="kode", right_on="kode_desa_declared"
    )
    elsewhere = places[(rows["origin"] != KANTOR_DESA).to_numpy()]
    polygons = measured.polygons[measured.polygons["place"].isin(elsewhere)]
    settled = places[(rows["origin"] == SETTLEMENT).to_numpy()]
    lived_in = [
        lineage.make_uses(settled, "origin", name)
        for name in place_sources.groups_of(workspace, ["population"])
    ]
    started = lineage.make_uses(
        place_sources.to_places(by_office["kode"]),
        "origin",
        by_office["input"].to_numpy(),
        by_office["row"].to_numpy(),
    )
    return [started, polygons.assign(role="origin"), *lived_in]


def _facility_uses(reached: pd.DataFrame, kind: str, measured: Measured) -> pd.DataFrame:
    """The row of each facility that ``kode, facility_id`` name."""
    offered = measured.facilities[measured.facilities["kind"] == kind]
    offered = offered.drop_duplicates("facility_id")[["facility_id", "input", "row"]]
    # Where no facility is reached the column has no ids and with them no type.
    named = reached[["kode", "facility_id"]].astype({"facility_id": object})
    ends = named.merge(offered.astype({"facility_id": object}), on="facility_id")
    if ends.empty:
        return lineage.NO_USES
    places = place_sources.to_places(ends["kode"])
    return lineage.make_uses(places, "facility", ends["input"].to_numpy(), ends["row"].to_numpy())


def _people_uses(workspace: Workspace, kind: str, measured: Measured) -> list[pd.DataFrame]:
    """The raster, the polygon it is cut by, and the facilities nearest to those who live there."""
    uses = [
        lineage.use_everywhere("people", place_sources.groups_of(workspace, ["population"])),
        measured.registered,
        measured.polygons,
    ]
    if kind in measured.served and len(measured.served[kind]):
        return [*uses, _facility_uses(measured.served[kind], kind, measured)]
    return [*uses, lineage.use_everywhere("facility", facility_inputs(workspace, kind, measured))]


def trace_facilities(
    sources: lineage.Sources, places: lineage.Places, facilities: pd.DataFrame
) -> lineage.Strand:
    """The row of each facility.

    Parameters
    ----------
    places
        Feature ids, in the order of ``facilities``.
    """
    uses = lineage.make_uses(
        places, "facility", facilities["input"].to_numpy(), facilities["row"].to_numpy()
    )
    return sources.trace("facilities", [REST], None, [uses])
