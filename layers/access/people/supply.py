"""Tables of the supply side: who would use each facility, and how much service a person finds.

People and distances are those of the straight line.  A person counts for every facility within the
norm of its kind (the reach), and for the nearest one whatever the distance.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from boundaries.findings.report import Finding
from layers.access.people.people_grid import PeopleCells
from layers.access.straight import arrays, geodesy
from layers.access.straight.land import Land
from layers.access.straight.nearest import Nearest
from layers.columns.catalogue import ServiceDefinition
from layers.finding_words.finding_kinds import declared_kind

MIXED_SUPPLY = declared_kind("access.mixed_supply")

CHUNK = 64
"""Facilities whose catchments are held at a time: what a person finds adds up over facilities."""
PER_PEOPLE = 1000.0


@dataclass(frozen=True, slots=True)
class Supply:
    """Tables ``catchments`` (one row a facility) and ``supply`` (one row a desa and service).

    Columns and formulas are in ``layers/access/people/README.md``.
    """

    catchments: pd.DataFrame
    supply: pd.DataFrame
    findings: tuple[Finding, ...]


def measure_supply(
    kode: pd.Series[str],
    facilities: gpd.GeoDataFrame,
    services: Collection[ServiceDefinition],
    people: PeopleCells,
    nearest: Mapping[str, Nearest],
    land: Land,
    bounds: Mapping[str, geodesy.Floats] | None = None,
) -> Supply:
    """Catchments of all facilities; 2SFCA and E2SFCA where lists say what facilities offer.

    Parameters
    ----------
    facilities
        With ``supply`` (null: not known) and ``supply_unit``, where a list declares them.
    nearest
        What `find_nearest_of_people` returns.
    bounds
        Metres by kind within which no unknown place lies, for each piece of ``people``.

    Findings
    --------
    access.mixed_supply
        Lists give the supply of one kind in different units: none is used (warning).
    """
    facilities = facilities.assign(edge_m=_measure_to_edge(land, facilities))
    tree = cKDTree(geodesy.measure_ecef(people.lonlat[:, 0], people.lonlat[:, 1]))
    catchments, supply, findings = [], [], []
    for service in services:
        chosen, points = arrays.select_kind(facilities, service.kind)
        if chosen.empty:
            continue
        offered, unit = _read_supply(chosen)
        if unit == "":
            message = f"Lists give the supply of {service.kind!r} in different units; not used."
            findings.append(MIXED_SUPPLY.finding(message, value=service.kind))
            offered, unit = np.full(len(chosen), np.nan), None
        sums = _measure_kind(people, tree, points, offered, service)
        reached = nearest[service.kind]
        load = count_nearest(reached.index, people.people, len(chosen))
        table = _list_catchments(chosen, service, offered, unit, sums, load)
        bound = (bounds or {}).get(service.kind, np.full(len(people.people), np.inf))
        sums.near_unknown[bound <= service.norm_m] = True
        is_doubtful = (bound < reached.distance_m) & (people.people > 0)
        doubtful = count_nearest(
            reached.index[is_doubtful], people.people[is_doubtful], len(chosen)
        )
        table["is_overstated"] = doubtful > 0
        table["is_edge_of_data"] = chosen["edge_m"].to_numpy() < service.norm_m
        catchments.append(table)
        if unit is not None:
            supply.append(_list_supply(kode, service, unit, people, sums, offered))
    return Supply(_join(catchments, CATCHMENT_COLUMNS), _join(supply, SUPPLY_COLUMNS), (*findings,))


CATCHMENT_COLUMNS = (
    "facility_id",
    "facility_name",
    "service",
    "kode_desa_letak",
    "reach_m",
    "people_nearest",
    "people_in_reach",
    "people_in_reach_weighted",
    "supply",
    "supply_unit",
    "supply_per_1000_people",
    "supply_per_1000_people_weighted",
    "is_edge_of_data",
    "is_overstated",
)
SUPPLY_COLUMNS = (
    "kode",
    "service",
    "reach_m",
    "supply_unit",
    "people",
    "supply_2sfca_per_1000_people",
    "supply_e2sfca_per_1000_people",
    "is_understated",
    "status",
)


@dataclass(frozen=True, slots=True)
class _KindSums:
    """Of facilities: people in reach, plain and weighted.  Of pieces of cells: supply a person."""

    in_reach: geodesy.Floats
    weighted: geodesy.Floats
    two_step: geodesy.Floats
    enhanced: geodesy.Floats
    near_unknown: np.ndarray


def _read_supply(chosen: gpd.GeoDataFrame) -> tuple[geodesy.Floats, str | None]:
    """Supply of each facility and its unit; unit null where none is declared, empty if mixed."""
    if "supply" not in chosen:
        return np.full(len(chosen), np.nan), None
    units = sorted(set(chosen["supply_unit"].dropna()))
    unit = None if not units else units[0] if len(units) == 1 else ""
    return chosen["supply"].to_numpy(float), unit


def _measure_kind(
    people: PeopleCells,
    tree: cKDTree,
    points: geodesy.Floats,
    offered: geodesy.Floats,
    service: ServiceDefinition,
) -> _KindSums:
    reach = float(service.norm_m)
    bands = [reach * part / len(GAUSSIAN_WEIGHTS) for part in range(1, len(GAUSSIAN_WEIGHTS) + 1)]
    count, pieces = len(points), len(people.people)
    sums = _KindSums(
        np.zeros(count), np.zeros(count), np.zeros(pieces), np.zeros(pieces), np.zeros(pieces, bool)
    )
    for first in range(0, count, CHUNK):
        rows = slice(first, first + CHUNK)
        pairs = find_pairs(people.lonlat, points[rows], reach, tree)
        offers = np.nan_to_num(offered[rows])
        sums.in_reach[rows] = measure_load(pairs, people.people, bands)
        sums.weighted[rows] = measure_load(pairs, people.people, bands, GAUSSIAN_WEIGHTS)
        sums.two_step[:] += measure_two_step(pairs, people.people, offers, bands)
        sums.enhanced[:] += measure_two_step(pairs, people.people, offers, bands, GAUSSIAN_WEIGHTS)
        sums.near_unknown[pairs.place[np.isnan(offered[rows])[pairs.facility]]] = True
    return sums


def _list_catchments(
    chosen: gpd.GeoDataFrame,
    service: ServiceDefinition,
    offered: geodesy.Floats,
    unit: str | None,
    sums: _KindSums,
    load: geodesy.Floats,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "facility_id": chosen["facility_id"].to_numpy(object),
            "facility_name": chosen["nama"].to_numpy(object),
            "service": service.kind,
            "kode_desa_letak": chosen["kode_desa_letak"].to_numpy(object),
            "reach_m": float(service.norm_m),
            "people_nearest": load,
            "people_in_reach": sums.in_reach,
            "people_in_reach_weighted": sums.weighted,
            "supply": offered,
            "supply_unit": _unit_where_known(offered, unit),
            "supply_per_1000_people": _divide(PER_PEOPLE * offered, sums.in_reach),
            "supply_per_1000_people_weighted": _divide(PER_PEOPLE * offered, sums.weighted),
        }
    )


def _measure_to_edge(land: Land, facilities: gpd.GeoDataFrame) -> geodesy.Floats:
    """Metres from each facility to where nobody knows who lives; negative outside every desa."""
    points = shapely.get_coordinates(np.asarray(facilities.geometry.array, dtype=object))
    return np.where(land.find_desa(points) < 0, -1.0, land.measure_to_edge(points))


def _list_supply(
    kode: pd.Series[str],
    service: ServiceDefinition,
    unit: str,
    people: PeopleCells,
    sums: _KindSums,
    offered: geodesy.Floats,
) -> pd.DataFrame:
    """What a person of each desa finds in reach, on average over its people."""
    count = len(kode)

    def average(access: geodesy.Floats) -> geodesy.Floats:
        whole = np.bincount(people.desa, people.people * access, count).astype(float)
        return _divide(PER_PEOPLE * whole, people.total)

    is_known = bool(np.isfinite(offered).any())
    near = people.desa[sums.near_unknown]
    status = np.select(
        [np.isnan(people.total) | (not is_known), people.total == 0],
        ["no_data", "no_population"],
        "ok",
    )
    table = pd.DataFrame(
        {
            "kode": kode.to_numpy(object),
            "service": service.kind,
            "reach_m": float(service.norm_m),
            "supply_unit": unit,
            "people": people.total,
            "supply_2sfca_per_1000_people": average(sums.two_step),
            "supply_e2sfca_per_1000_people": average(sums.enhanced),
            "is_understated": np.bincount(near, minlength=count) > 0,
            "status": status,
        }
    )
    values = ["supply_2sfca_per_1000_people", "supply_e2sfca_per_1000_people"]
    table.loc[status != "ok", values] = np.nan
    return table


def _unit_where_known(offered: geodesy.Floats, unit: str | None) -> arrays.Objects:
    units = np.full(len(offered), None, dtype=object)
    units[np.isfinite(offered)] = unit
    return units


def _divide(above: geodesy.Floats, below: geodesy.Floats) -> geodesy.Floats:
    """Null where nobody is."""
    quotient: geodesy.Floats = np.divide(
        above, below, out=np.full(len(above), np.nan), where=np.nan_to_num(below) > 0
    )
    return quotient


def _join(tables: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame(columns=list(columns))
    filled = [table.dropna(axis=1, how="all") for table in tables]
    joined = pd.concat(filled, ignore_index=True).reindex(columns=list(columns))
    keys = list(columns[:2]) if columns[0] == "kode" else ["service", "facility_id"]
    return joined.sort_values(keys, kind="stable", ignore_index=True)


Ints = NDArray[np.int64]
GAUSSIAN_WEIGHTS = (1.0, 0.68, 0.22)
"""Weights of three bands of equal width, as Luo and Qi (2009) use them."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Places and facilities within reach of each other, with what lies between them."""

    place: Ints
    facility: Ints
    cost: geodesy.Floats
    places: int
    facilities: int


def find_pairs(
    places: geodesy.Floats, facilities: geodesy.Floats, reach_m: float, tree: cKDTree | None = None
) -> Pairs:
    """All pairs at most ``reach_m`` apart in a straight line; lon, lat, shapes (n, 2), (m, 2).

    Up to `NEAR_M` the length is the arc over the chord at the ellipsoid's smallest radius of
    curvature, which is at most 2 mm too long (`bound_geodesic`); beyond, the geodesic.

    Parameters
    ----------
    tree
        Of the places' `measure_ecef`, where it is known already.
    """
    if tree is None:
        tree = cKDTree(geodesy.measure_ecef(places[:, 0], places[:, 1]))
    points = cKDTree(geodesy.measure_ecef(facilities[:, 0], facilities[:, 1]))
    within = tree.sparse_distance_matrix(points, reach_m, output_type="ndarray")
    place, facility = within["i"].astype(np.int64), within["j"].astype(np.int64)
    metres = geodesy.bound_geodesic(within["v"])
    if reach_m > geodesy.NEAR_M:
        metres = geodesy.measure_geodesic(*places[place].T, *facilities[facility].T)
    near = metres <= reach_m
    return Pairs(place[near], facility[near], metres[near], len(places), len(facilities))


def measure_two_step(
    pairs: Pairs,
    people: geodesy.Floats,
    supply: geodesy.Floats,
    bands: Sequence[float],
    weights: Sequence[float] | None = None,
) -> geodesy.Floats:
    """Supply in reach per person of each place; 0 where nothing is, NaN where nobody could share.

    Parameters
    ----------
    people, supply
        Of each place and facility.
    bands
        Upper edges in the unit of ``pairs.cost``, ascending; one edge is plain 2SFCA.
    weights
        One per band (E2SFCA); 1 for all by default.

    Notes
    -----
    Step 1: ``R_j = S_j / sum_k P_k w(d_kj)``.  Step 2: ``A_i = sum_j R_j w(d_ij)``.  Supply is
    conserved: ``sum_i P_i A_i = sum_j S_j`` over facilities with anyone in reach.
    """
    ratio, matrix = _share_supply(pairs, people, supply, bands, weights)
    access: geodesy.Floats = matrix @ ratio
    return access


def measure_load(
    pairs: Pairs,
    people: geodesy.Floats,
    bands: Sequence[float],
    weights: Sequence[float] | None = None,
) -> geodesy.Floats:
    """People in reach of each facility, weighted by band: its catchment population."""
    matrix = _weigh(pairs, bands, weights)
    load: geodesy.Floats = matrix.T @ people
    return load


def count_nearest(
    facility: NDArray[np.integer], people: geodesy.Floats, facilities: int
) -> geodesy.Floats:
    """People whose nearest facility each is (its load); places that reach none have -1."""
    reached = facility >= 0
    return np.bincount(facility[reached], people[reached], facilities).astype(float)


def _share_supply(
    pairs: Pairs,
    people: geodesy.Floats,
    supply: geodesy.Floats,
    bands: Sequence[float],
    weights: Sequence[float] | None,
) -> tuple[geodesy.Floats, csr_array]:
    matrix = _weigh(pairs, bands, weights)
    demand: geodesy.Floats = matrix.T @ people
    ratio = np.divide(supply, demand, out=np.zeros(len(supply)), where=demand > 0)
    return ratio, matrix


def _weigh(pairs: Pairs, bands: Sequence[float], weights: Sequence[float] | None) -> csr_array:
    chosen = np.ones(len(bands)) if weights is None else np.asarray(weights, float)
    if len(chosen) != len(bands):
        raise ValueError(f"{len(bands)} bands but {len(chosen)} weights")
    band = np.searchsorted(np.asarray(bands, float), pairs.cost, side="left")
    inside = band < len(bands)
    value = chosen[band[inside]]
    index = (pairs.place[inside], pairs.facility[inside])
    matrix = csr_array((value, index), shape=(pairs.places, pairs.facilities))
    # Sums in the order of rows and columns, not in that of the search.
    matrix.sort_indices()
    return matrix
