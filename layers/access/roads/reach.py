"""Which facility is reached first along roads, and at what cost: a search from all at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.access.roads.network import Network
from layers.access.straight import geodesy, nearest
from layers.access.terrain.kernels import BLOCK, spread_over_graph

MOST_BUCKETS = 1 << 16


@dataclass(frozen=True, slots=True)
class Reached:
    """For each origin the facility reached first: row (-1: none) and cost (NaN)."""

    facility: NDArray[np.int32]
    cost: geodesy.Floats


@dataclass(frozen=True, slots=True)
class NodeCosts:
    """For each node of a network the facility reached first: row (-1: none) and cost (infinite)."""

    facility: NDArray[np.int32]
    cost: geodesy.Floats


def measure_nodes(
    network: Network,
    facilities: nearest.Ints,
    access_kmh: float,
    *,
    by: str = "minutes",
    goes_to_facility: bool = True,
) -> NodeCosts:
    """Least minutes (or metres) from each node to a facility, the leg to its door included.

    Parameters
    ----------
    facilities
        Rows of the places given to `build_network`; ties go to the first facility.
    by
        ``minutes`` or ``metres``.
    goes_to_facility
        Ways lead to the facility, so one-way roads are followed backwards from it.
    """
    weight = network.minutes if by == "minutes" else network.metres
    start, target = network.start, network.target
    if goes_to_facility:
        start, target, weight = _reverse(start, target, weight)
    joined = np.flatnonzero(network.snap_node[facilities] >= 0)
    seeds = network.snap_node[facilities[joined]]
    leg = _measure_legs(network, access_kmh, by)
    cost, owner = spread(start, target, weight, seeds, leg[facilities[joined]])
    facility = np.full(len(owner), -1, np.int32)
    facility[owner >= 0] = joined[owner[owner >= 0]]
    return NodeCosts(facility, cost)


def take_places(
    network: Network,
    nodes: NodeCosts,
    places: nearest.Ints,
    access_kmh: float,
    *,
    by: str = "minutes",
) -> Reached:
    """The cost from places (rows of those given to `build_network`), their legs included."""
    snapped = network.snap_node[places]
    reached = snapped >= 0
    reached[reached] = nodes.facility[snapped[reached]] >= 0
    facility = np.full(len(places), -1, np.int32)
    facility[reached] = nodes.facility[snapped[reached]]
    total = np.full(len(places), np.nan)
    leg = _measure_legs(network, access_kmh, by)
    total[reached] = nodes.cost[snapped[reached]] + leg[places[reached]]
    return Reached(facility, total)


def _measure_legs(network: Network, access_kmh: float, by: str) -> geodesy.Floats:
    """Between each place and its road, on foot."""
    return network.snap_m / (access_kmh * 1000 / 60) if by == "minutes" else network.snap_m


def spread(
    start: NDArray[np.int32],
    target: NDArray[np.int32],
    weight: geodesy.Floats,
    seeds: NDArray[np.int32],
    seed_cost: geodesy.Floats | None = None,
) -> tuple[geodesy.Floats, NDArray[np.int32]]:
    """Least cost of every node from the seeds (infinite: none) and which seed (-1)."""
    nodes = len(start) - 1
    state = np.tile([np.inf, -1.0], (nodes, 1))
    first = np.zeros(len(seeds)) if seed_cost is None else np.ascontiguousarray(seed_cost, float)
    if not len(seeds):
        return state[:, 0].copy(), state[:, 1].astype(np.int32)
    dearest = max(float(weight.max(initial=0)), float(first.max(initial=0)))
    width = max(float(weight.mean()) if weight.size else 1.0, dearest / (MOST_BUCKETS - 8), 1e-9)
    buckets = 1 << int(np.ceil(np.log2(dearest / width + 4)))
    blocks, room = -1, buckets + nodes // (4 * BLOCK)
    while blocks < 0:
        state[:] = [np.inf, -1.0]
        blocks = spread_over_graph(
            start,
            target,
            weight,
            seeds.astype(np.int32),
            first,
            width,
            buckets,
            np.empty((room, BLOCK + 2), np.int32),
            state,
        )
        room *= 4
    return state[:, 0].copy(), state[:, 1].astype(np.int32)


def _reverse(
    start: NDArray[np.int32], target: NDArray[np.int32], weight: geodesy.Floats
) -> tuple[NDArray[np.int32], NDArray[np.int32], geodesy.Floats]:
    source = np.repeat(np.arange(len(start) - 1, dtype=np.int32), np.diff(start))
    order = np.argsort(target, kind="stable")
    back = np.zeros(len(start), np.int32)
    np.cumsum(np.bincount(target, minlength=len(start) - 1), out=back[1:])
    return back, source[order], np.ascontiguousarray(weight[order])
