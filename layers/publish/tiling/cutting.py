"""The pieces of polygons in the tiles of each zoom: arcs, thinned, snapped, made valid and cut.

A feature too small to have an inside at a zoom gets one unit square, taken from the feature that
lies there: none is missing, and no two overlap.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import shapely

from layers.publish.tiling import arcs as tile_arcs
from layers.publish.tiling import rings, snapping
from layers.publish.tiling import squares as squares_of
from layers.publish.tiling.arcs import Arcs, Grid
from layers.publish.tiling.clipping import clip_to_tiles
from layers.publish.tiling.rings import Rings
from layers.publish.tiling.thinning import Thinning
from layers.release import array_kinds

TOLERANCE = 2.0
"""A vertex goes whose triangle is smaller than half the square of so many pixels."""
ROUNDS = 16
CORNERS = np.array([(0, 0), (0, 1), (1, 0), (1, 1)])

Snapped = tuple[Grid, Grid, Grid]


class ZoomPieces(NamedTuple):
    """The pieces of a zoom.

    Parameters
    ----------
    tile
        Tile x, tile y and feature of each piece, shape (m, 3).
    rings
        The rings of each piece, in pixels of the world.
    """

    zoom: int
    tile: Grid
    rings: Rings


def cut_zooms(
    geometry: array_kinds.Geometries, min_zoom: int, max_zoom: int, extent: int, buffer: int
) -> Iterator[ZoomPieces]:
    """The pieces of polygons at each zoom, finest first.

    Parameters
    ----------
    geometry
        Shape (n,), polygons and multipolygons in longitude and latitude, none missing or empty.
    extent, buffer
        Pixels of a tile, a power of two, and how far its content reaches beyond its edge.
    """
    valid, invalid = geometry.copy(), ~shapely.is_valid(geometry)
    valid[invalid] = shapely.make_valid(geometry[invalid], method="structure")
    arcs = tile_arcs.make_arcs(valid)
    inside = shapely.get_coordinates(shapely.point_on_surface(geometry))
    middles = np.column_stack(tile_arcs.to_world(inside))
    thinning = Thinning(arcs)
    for zoom in range(max_zoom, min_zoom - 1, -1):
        shift = tile_arcs.BITS - zoom - (extent.bit_length() - 1)
        lines = thinning.thin(TOLERANCE * (1 << shift))
        drawn = _draw(arcs, lines, middles >> shift, shift, extent, buffer)
        pieces, tile = clip_to_tiles(drawn, zoom, extent, buffer)
        yield ZoomPieces(zoom, tile, rings.valid_rings(pieces))


def _draw(arcs: Arcs, lines: Snapped, middles: Grid, shift: int, extent: int, buffer: int) -> Rings:
    """The rings of all features in pixels, those that have no inside as a square."""
    none = np.empty((0, 4), np.int64)
    drawn = rings.rings_of(arcs, snapping.snap(*lines, shift, extent, buffer, none), none)
    near: dict[int, squares_of.Square] = {}
    refused: set[squares_of.Square] = set()
    for _ in range(ROUNDS):
        lost = np.flatnonzero(drawn.owner[1:] == drawn.owner[:-1]).tolist()
        if not lost:
            break
        near |= {feature: (int(middles[feature, 0]), int(middles[feature, 1])) for feature in lost}
        # The corners of a square are made hot, so that no line passes through it; where the lines
        # then lie shows who holds it, and whether another feature lost its inside.
        squares = squares_of.choose_squares(squares_of.Holders(drawn), near, refused)
        corners = (np.array(list(squares.values()))[:, None, :] + CORNERS).reshape(-1, 2)
        snapped = snapping.snap(*lines, shift, extent, buffer, corners)
        given, failed = squares_of.give_squares(
            squares_of.Holders(rings.rings_of(arcs, snapped, none)), squares
        )
        drawn = rings.rings_of(arcs, snapped, given)
        refused |= failed
    return drawn
