"""Land parts and the edge of what is loaded: what a straight line may cross unseen.

A **land part** is a largest set of desa polygons that hang together: an island, or the part of one
that is loaded.  The **edge of data** is the outline of everything loaded; beyond it there may be
facilities that no list names.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import STRtree

from layers.access.straight import geodesy, nearest

TOUCHING_DEGREES = 0.0003
"""Polygons closer than this (33 m) hang together: coasts are simplified, straits are wider."""
SHORE_DEGREES = 0.01
"""A point up to this far (1.1 km) off the land still belongs to it: piers, simplified coasts."""


@dataclass(frozen=True, slots=True)
class Land:
    """The loaded polygons taken apart, each with the number of its land part and of its desa.

    Land parts are numbered in the order of their first desa, so the numbers are stable.
    """

    polygons: NDArray[np.object_]
    part: nearest.Ints
    desa: nearest.Ints
    tree: STRtree
    outline: shapely.Geometry
    scale: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of everything loaded; NaN where there is nothing."""
        west, south, east, north = shapely.total_bounds(self.polygons)
        return float(west), float(south), float(east), float(north)

    def find_part(self, lonlat: geodesy.Floats) -> nearest.Ints:
        """The land part under each point, or nearest within `SHORE_DEGREES`; -1 at sea."""
        row = self._find_row(lonlat)
        return np.where(row < 0, -1, self.part[row]) if self.part.size else row

    def find_desa(self, lonlat: geodesy.Floats) -> nearest.Ints:
        """Row of the desa that covers each point, the first where several do; -1 for none."""
        point, polygon = self.tree.query(shapely.points(lonlat), predicate="intersects")
        desa = np.full(len(lonlat), np.iinfo(np.int64).max)
        np.minimum.at(desa, point, self.desa[polygon])
        return np.where(desa == np.iinfo(np.int64).max, -1, desa)

    def measure_to_edge(self, lonlat: geodesy.Floats) -> geodesy.Floats:
        """Geodesic metres from each point to the nearest point of the outline; NaN without one."""
        distance = np.full(len(lonlat), np.nan)
        if shapely.is_empty(self.outline):
            return distance
        segments = _split_segments(self.outline, self.scale)
        points = shapely.points(lonlat * [self.scale, 1.0])
        index = STRtree(segments).nearest(points)
        way = shapely.shortest_line(points, segments[np.asarray(index)])
        ends = shapely.get_coordinates(way)[1::2] / [self.scale, 1.0]
        return nearest.measure_pairs(lonlat, ends)

    def _find_row(self, lonlat: geodesy.Floats) -> nearest.Ints:
        """Row of the polygon each point lies in or is near to; of several the first."""
        points = np.asarray(shapely.points(lonlat), dtype=object)
        rows = np.full(len(lonlat), np.iinfo(np.int64).max)
        point, polygon = self.tree.query(points, predicate="intersects")
        np.minimum.at(rows, point, polygon)
        dry = np.flatnonzero(rows == np.iinfo(np.int64).max)
        rows[dry] = -1
        if dry.size and self.polygons.size:
            dry_index, near = self.tree.query_nearest(
                points[dry], max_distance=SHORE_DEGREES, all_matches=False
            )
            rows[dry[dry_index]] = near
        return rows


def find_land(desa: gpd.GeoDataFrame) -> Land:
    """The land parts of the loaded desa, in the order of the frame."""
    geometries = np.asarray(desa.geometry.array, dtype=object)
    polygons, owner = shapely.get_parts(geometries, return_index=True)
    tree = STRtree(polygons)
    first, second = tree.query(polygons, predicate="dwithin", distance=TOUCHING_DEGREES)
    links = coo_array((np.ones(first.size, bool), (first, second)), shape=(len(polygons),) * 2)
    _, label = connected_components(links, directed=False)
    middle = float(np.mean(desa.total_bounds[[1, 3]])) if polygons.size else 0.0
    return Land(
        polygons=polygons,
        part=np.asarray(label, np.int64),
        desa=np.asarray(owner, np.int64),
        tree=tree,
        outline=_find_outline(polygons),
        scale=float(np.cos(np.radians(middle))),
    )


def _find_outline(polygons: NDArray[np.object_]) -> shapely.Geometry:
    if not polygons.size:
        return shapely.MultiLineString()
    valid = bool(shapely.coverage_is_valid(polygons))
    union = shapely.coverage_union_all(polygons) if valid else shapely.union_all(polygons)
    return shapely.boundary(union)


def _split_segments(outline: shapely.Geometry, scale: float) -> NDArray[np.object_]:
    """The outline as two-point lines, longitudes shrunk to the length of latitudes."""
    coordinates, line = shapely.get_coordinates(shapely.get_parts(outline), return_index=True)
    coordinates = coordinates * [scale, 1.0]
    inside = line[1:] == line[:-1]
    pairs = np.stack([coordinates[:-1][inside], coordinates[1:][inside]], axis=1)
    return np.asarray(shapely.linestrings(pairs), dtype=object)
