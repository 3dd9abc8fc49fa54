"""Where most people of a desa live: the origin of a desa whose kantor desa is not known."""

import geopandas as gpd
import numpy as np
import shapely

from layers.access.people.people import PeopleCells
from layers.access.straight.geodesy import Floats

MOST_TRIES = 20
"""Cells tried for a desa; beyond, it is too small for the raster to say where its people live."""


def find_settlements(people: PeopleCells, desa: gpd.GeoDataFrame) -> Floats:
    """Lon, lat of the middle of the most populated cell of each desa, shape (n, 2).

    A cell on the border counts with the people of its part inside, and only if its middle lies in
    the desa.  Ties go to the cell nearest to the middle of all people of the desa, then to the one
    farther north, then west.  Null where no cell is such.
    """
    places = np.full((len(desa), 2), np.nan)
    lon, lat = people.lonlat.T
    crowd = np.round(people.people, 6)
    order = np.lexsort((lon, -lat, _measure_to_middle(people), -crowd, people.desa))
    order = order[people.people[order] > 0]
    owner = people.desa[order]
    shapes = np.asarray(desa.geometry.array, dtype=object)
    first = np.searchsorted(owner, np.arange(len(desa)), side="left")
    last = np.searchsorted(owner, np.arange(len(desa)), side="right")
    open_rows = np.flatnonzero(last > first)
    for _ in range(MOST_TRIES):
        tried = people.lonlat[order[first[open_rows]]]
        inside = shapely.intersects_xy(shapes[open_rows], tried)
        places[open_rows[inside]] = tried[inside]
        open_rows = open_rows[~inside]
        first[open_rows] += 1
        open_rows = open_rows[first[open_rows] < last[open_rows]]
        if not open_rows.size:
            break
    return places


def _measure_to_middle(people: PeopleCells) -> Floats:
    """How far each piece lies from the middle of the people of its desa, degrees, rounded."""
    owner, weight = people.desa, people.people
    whole = np.maximum(np.bincount(owner, weight), 1e-12)
    away = np.empty_like(people.lonlat)
    for axis in (0, 1):
        middle = np.bincount(owner, weight * people.lonlat[:, axis]) / whole
        away[:, axis] = people.lonlat[:, axis] - middle[owner]
    return np.hypot(away[:, 0], away[:, 1]).astype(float).round(6)
