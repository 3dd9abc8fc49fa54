"""Snapped lines meet the edges of tiles in vertices only, however long they are."""

import numpy as np
import pytest

from layers.publish.mvt import EXTENT
from layers.publish.tile_layers import BUFFER_UNITS
from layers.publish.tiling.snapping import snap

NONE = np.empty((0, 4), np.int64)
EDGES = (-BUFFER_UNITS, BUFFER_UNITS, EXTENT - BUFFER_UNITS, EXTENT + BUFFER_UNITS)


@pytest.mark.parametrize("shift", [0, 1, 2, 6, 14])
def test_no_line_passes_the_edge_of_a_tile_between_its_vertices(shift: int) -> None:
    random = np.random.default_rng(shift)
    count = 20_000
    corner = EXTENT * random.integers(1000, 1020, (count, 2))
    first = corner + random.integers(-100, EXTENT + 100, (count, 2))
    last = first + random.integers(-EXTENT, EXTENT, (count, 2))
    units = np.stack([first, last], axis=1).reshape(-1, 2) << shift
    units += random.integers(0, 1 << shift, units.shape)
    start = 2 * np.arange(count + 1)
    for arc in range(0, count, 500):
        part = slice(2 * arc, 2 * arc + 1000)
        x, y = np.ascontiguousarray(units[part].T)
        snapped_x, snapped_y, starts = snap(x, y, start[:501], shift, EXTENT, BUFFER_UNITS, NONE)
        is_step = np.ones(len(snapped_x), bool)
        is_step[starts[:-1]] = False
        for places in (snapped_x, snapped_y):
            low = np.minimum(places[:-1], places[1:])[is_step[1:]]
            high = np.maximum(places[:-1], places[1:])[is_step[1:]]
            for edge in EDGES:
                # The greatest such edge below the end of a line lies not within it.
                below = (high - 1 - edge) // EXTENT * EXTENT + edge
                assert not (low < below).any()
