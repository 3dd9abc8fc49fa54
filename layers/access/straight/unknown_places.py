"""Places of service that stand nobody knows where, and how near they may be.

A row of a list without a usable position is a place all the same, and where a list is of a part of
the area there may be places in the rest that it does not name.  Such a place can only make a way
shorter: what is within a norm stays so, what is beyond it is no longer known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.findings import locations, report
from layers.access.straight import geodesy
from layers.finding_words.finding_kinds import declared_kind

PLACE_UNKNOWN = declared_kind("access.place_unknown")
LEAST_DEGREE_M = 110_500.0
"""A degree is nowhere shorter (of longitude: at the equator)."""
MANY_DESA = 5
"""Desa named one by one in a sentence."""


@dataclass(frozen=True, slots=True)
class UnknownPlace:
    """A place of a kind that lies in one of ``desa`` (codes; null: anywhere).

    ``file`` and ``row`` say where it is listed; a row of 0 stands for those no list names.
    """

    kind: str
    desa: frozenset[str] | None
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class Bounds:
    """Metres by kind within which no unknown place can lie, of desa and of the people's cells.

    A kind without unknown places is in neither.
    """

    desa: Mapping[str, geodesy.Floats] = field(default_factory=dict)
    people: Mapping[str, geodesy.Floats] = field(default_factory=dict)


def bound_kinds(
    starts: pd.DataFrame,
    cells: geodesy.Floats,
    desa: gpd.GeoDataFrame,
    places: Collection[UnknownPlace],
) -> Bounds:
    """The bounds of all kinds that have such places.

    Parameters
    ----------
    starts
        What `origins` returns.
    cells
        Lon, lat of the people's cells, shape (n, 2).
    """
    of_desa, of_people = {}, {}
    for kind in sorted({place.kind for place in places}):
        of_kind = [place for place in places if place.kind == kind]
        of_desa[kind] = bound_distance(starts[["lon", "lat"]].to_numpy(float), desa, of_kind)
        of_people[kind] = bound_distance(cells, desa, of_kind)
    return Bounds(of_desa, of_people)


def bound_distance(
    lonlat: geodesy.Floats, desa: gpd.GeoDataFrame, places: Collection[UnknownPlace]
) -> geodesy.Floats:
    """Metres from each point within which none of the places can lie; infinite without places.

    Zero inside the desa of a place, and everywhere where its desa is not known or has no polygon.
    The bound is at most 1 % short.

    Parameters
    ----------
    lonlat
        Shape (n, 2); a row of nulls gives null.
    """
    if not places:
        return np.full(len(lonlat), np.inf)
    named = {kode for place in places for kode in place.desa or ()}
    polygons = np.asarray(desa.geometry[desa["kode"].isin(named).to_numpy()].array, dtype=object)
    is_drawn = ~(shapely.is_missing(polygons) | shapely.is_empty(polygons))
    anywhere = any(place.desa is None for place in places) or len(polygons) < len(named)
    bound = np.where(np.isnan(lonlat[:, 0]), np.nan, 0.0)
    if anywhere or not is_drawn.all() or not len(polygons):
        return bound
    scale = float(np.cos(np.radians(np.abs(desa.total_bounds[[1, 3]]).max())))
    shrunk = shapely.transform(polygons, lambda each: each * [scale, 1.0])
    located = np.flatnonzero(~np.isnan(lonlat[:, 0]))
    points = np.asarray(shapely.points(lonlat[located] * [scale, 1.0]), dtype=object)
    (row, _), degrees = shapely.STRtree(shrunk).query_nearest(
        points, return_distance=True, all_matches=False
    )
    bound[located[row]] = degrees * LEAST_DEGREE_M
    return bound


def report_unknown(
    kind: str, places: Iterable[UnknownPlace], kode: pd.Series[str], is_lost: np.ndarray
) -> list[report.Finding]:
    """What one does not know of a kind because of places that stand nobody knows where.

    Parameters
    ----------
    is_lost
        Whether such a place may be nearer to a desa than the nearest known one.

    Findings
    --------
    access.place_unknown
        One for each file (warning, with the rows and the count of desa).
    """
    count = int(is_lost.sum())
    if not count:
        return []
    rows_by_file: dict[str, list[int]] = {}
    for place in places:
        rows_by_file.setdefault(place.file, []).extend([place.row] if place.row else [])
    first = ", ".join(sorted(kode[is_lost])[:MANY_DESA])
    more = f" and {count - MANY_DESA} more" if count > MANY_DESA else ""
    findings = []
    for file, rows in sorted(rows_by_file.items()):
        where = (
            f"{len(rows)} places of kind {kind!r} are listed without a usable position (rows "
            f"{', '.join(locations.row_ranges(sorted(rows)))})"
            if rows
            else f"The lists of kind {kind!r} do not cover all desa"
        )
        message = (
            f"{where}: a nearer place may be there for {count} desa, so their distance is no data; "
            f"what lies within the norm all the same counts as met. {first}{more}."
        )
        findings.append(
            PLACE_UNKNOWN.finding(
                message,
                file or None,
                min(rows) if rows else None,
                value=kind,
                measure=float(count),
                unit="desa",
                rows=rows,
            )
        )
    return findings
