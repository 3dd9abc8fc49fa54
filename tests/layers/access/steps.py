"""Two steps of the build in one call, as tests ask for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from layers.access.planning.siting import Siting, choose_saving
from layers.access.roads.network import Network
from layers.access.roads.reach import Reached, measure_nodes, take_places

Rows = NDArray[np.int64]


def measure_reach(
    network: Network, origins: Rows, facilities: Rows, access_kmh: float, *, by: str = "minutes"
) -> Reached:
    """Least minutes (or metres) from each origin to a facility."""
    nodes = measure_nodes(network, facilities, access_kmh, by=by)
    return take_places(network, nodes, origins, access_kmh, by=by)


def choose_covering(cover: csr_array, people: NDArray[np.float64], k: int) -> Siting:
    """K candidates that cover many people, by greedy choice and swaps."""
    return choose_saving(csr_array(cover.multiply(people[:, None])), k)
