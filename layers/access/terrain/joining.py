"""Where places join a surface: their own cell, or the nearest one that anything passes.

A kantor desa on a river's cell, or people on a coast that the raster drowns, are not cut off: they
walk to the nearest passable cell, as they walk to the nearest road, up to the same limit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.ndimage import binary_dilation
from scipy.spatial import cKDTree

from layers.access.straight import geodesy, nearest
from layers.access.terrain import rasters, surfaces


@dataclass(frozen=True, slots=True)
class Joined:
    """Where each place joins, shape (n,) each.

    Parameters
    ----------
    row, column
        Of the cell; -1 where a place joins nowhere.
    leg_min
        Minutes on foot to the middle of a cell that is not the place's own; 0 on a passable one.
    is_off
        The place lies off the raster.
    """

    row: nearest.Ints
    column: nearest.Ints
    leg_min: geodesy.Floats
    is_off: NDArray[np.bool_]

    @property
    def is_joined(self) -> NDArray[np.bool_]:
        """Whether the place joins anywhere."""
        return self.row >= 0

    def take_minutes(self, minutes: rasters.Raster) -> geodesy.Floats:
        """Travel time with the leg; null where a place joins nowhere or nothing is reached."""
        return self.take(minutes.values) + self.leg_min

    def take(self, values: NDArray[np.floating]) -> geodesy.Floats:
        """The value of the cell each place joins; null where it joins nowhere."""
        taken: geodesy.Floats = np.where(self.is_joined, values[self.row, self.column], np.nan)
        return taken


def join_places(surface: surfaces.Surface, lonlat: geodesy.Floats) -> Joined:
    """The cells the places join, at most ``surface.snap_limit_m`` away."""
    friction, passable = surface.friction, surface.is_passable
    x, y = lonlat[:, 0], lonlat[:, 1]
    if not friction.grid.is_lonlat:
        x, y = Transformer.from_crs("EPSG:4326", friction.crs, always_xy=True).transform(x, y)
    row, column = friction.grid.find_cells(np.asarray(x), np.asarray(y))
    is_off = row < 0
    leg_min = np.zeros(len(lonlat))
    blocked = np.flatnonzero(~is_off & ~passable[row, column])
    if blocked.size:
        near, cell_row, cell_column = _find_passable(surface, passable, lonlat[blocked])
        metres = np.full(blocked.size, np.inf)
        has_cell = near >= 0
        centres = friction.find_lonlat(cell_row[near[has_cell]], cell_column[near[has_cell]])
        metres[has_cell] = nearest.measure_pairs(lonlat[blocked[has_cell]], centres)
        has_cell &= metres <= surface.snap_limit_m
        row[blocked], column[blocked] = -1, -1
        row[blocked[has_cell]] = cell_row[near[has_cell]]
        column[blocked[has_cell]] = cell_column[near[has_cell]]
        leg_min[blocked[has_cell]] = metres[has_cell] / (surface.access_kmh * 1000 / 60)
    return Joined(row, column, leg_min, is_off)


def _find_passable(
    surface: surfaces.Surface, passable: NDArray[np.bool_], lonlat: geodesy.Floats
) -> tuple[nearest.Ints, nearest.Ints, nearest.Ints]:
    """Of each place the number of the nearest passable cell (-1: none near), and those cells.

    Only passable cells beside an impassable one are asked: no other can be nearest to a place that
    lies in an impassable cell.
    """
    beside = passable & binary_dilation(~passable, np.ones((3, 3), bool))
    row, column = np.nonzero(beside)
    if not row.size:
        return np.full(len(lonlat), -1, np.int64), row, column
    centres = surface.friction.find_lonlat(row, column)
    tree = cKDTree(geodesy.measure_ecef(centres[:, 0], centres[:, 1]))
    places = geodesy.measure_ecef(lonlat[:, 0], lonlat[:, 1])
    _, near = tree.query(places, distance_upper_bound=surface.snap_limit_m)
    return np.where(near == len(row), -1, near).astype(np.int64), row, column
