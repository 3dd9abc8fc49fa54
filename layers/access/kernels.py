"""The compiled inner loops: least cost over a grid and over a graph.

Both are Dijkstra's algorithm with buckets instead of a heap (R. B. Dial, Algorithm 360, CACM
12(11), 1969): a place waits in the bucket ``floor(cost / width)``.  While no edge is cheaper than
``width`` every place leaves its bucket once, with its final cost; with wider buckets a place may
leave one again with a better cost, which is why the answer never depends on the width.  Buckets are
chains of small blocks from one pool, so that only the frontier takes memory.

The width decides the speed on large grids, not the order of cells in memory: buckets as narrow as
the cheapest step hold few cells far apart, each a cache miss (8,000 x 8,000 cells cost 2.4 times as
much a cell as 1,000 x 1,000; tiles of 8 x 8 cells did not help).  Buckets about as wide as a mean
step let a place's neighbours follow it while they are still in the cache (1.1 times).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

BLOCK = 126
"""Entries of one block of a bucket; two further numbers chain it and count its entries."""

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The function in machine code, kept on disk between runs."""
    make = njit(cache=True, nogil=True, boundscheck=False, error_model="numpy")
    return cast(Function, make(function))


@compiled
def push(
    pool: NDArray[np.int32], head: NDArray[np.int32], free: NDArray[np.int32], at: int, item: int
) -> None:
    """Put ``item`` into bucket ``at``; without a block left, set ``free[2]`` instead.

    ``free[0]`` is the first block of the chain of free ones (-1: none), ``free[1]`` the number of
    blocks ever used.  A block is: next block, number of entries, entries.
    """
    block = head[at]
    if block < 0 or pool[block, 1] == BLOCK:
        fresh = free[0]
        if fresh >= 0:
            free[0] = pool[fresh, 0]
        elif free[1] < pool.shape[0]:
            fresh = free[1]
            free[1] += 1
        else:
            free[2] = 1
            return
        pool[fresh, 0] = block
        pool[fresh, 1] = 0
        head[at] = fresh
        block = fresh
    pool[block, 2 + pool[block, 1]] = item
    pool[block, 1] += 1


@compiled
def pop(pool: NDArray[np.int32], head: NDArray[np.int32], free: NDArray[np.int32], at: int) -> int:
    """The last entry of bucket ``at``, taken out; the bucket must not be empty."""
    block = head[at]
    pool[block, 1] -= 1
    item = pool[block, 2 + pool[block, 1]]
    if pool[block, 1] == 0:
        head[at] = pool[block, 0]
        pool[block, 0] = free[0]
        free[0] = block
    return int(item)


@compiled
def spread_over_grid(  # noqa: C901, PLR0912, PLR0915  (one loop, compiled as one)
    friction: NDArray[np.float32],
    height: NDArray[np.float32],
    uphill: float,
    offsets: NDArray[np.int64],
    sides: NDArray[np.int64],
    length: NDArray[np.float32],
    row_cells: int,
    cuts_corners: bool,
    seeds: NDArray[np.int32],
    seed_cost: NDArray[np.float32],
    ferries: NDArray[np.int32],
    ferry_cost: NDArray[np.float32],
    width: float,
    buckets: int,
    pool: NDArray[np.int32],
    cost: NDArray[np.float32],
    owner: NDArray[np.int32],
) -> int:
    """Fill ``cost`` and ``owner`` with the least cost from the seeds; return the blocks used.

    Parameters
    ----------
    friction
        Minutes per metre of each cell, flat; infinite where nothing passes and in the margin around
        the grid; negative marks a cell where a ferry leaves (its friction is the absolute value).
    height
        Metres above sea, flat, or of size 0 for an isotropic cost.  Walking time is multiplied by
        Tobler's factor of the slope, 1 on the flat.
    uphill
        1 when travel goes away from the seeds, -1 when it goes to them.
    offsets, sides
        How far the neighbour of each direction lies, shape (k,), and the two cells beside the way,
        shape (k, 2).  k is 8 or 16: rook moves, diagonals, knight's moves.
    length
        Metres of each direction by row of cells, shape (rows, k).
    row_cells
        Cells in a row, margin included.
    ferries
        ``from, to`` sorted by ``from``, shape (n, 2).
    width, buckets
        Width of a bucket, and their number, a power of two above the dearest edge / width.
    pool
        Blocks for the frontier, untouched memory; with too few of them -1 is returned.
    """
    inverse = 1.0 / width
    mask = buckets - 1
    directions = offsets.shape[0]
    sloped = height.size > 0
    head = np.full(buckets, -1, np.int32)
    free = np.array([-1, 0, 0], np.int32)
    waiting = 0
    for i in range(seeds.shape[0]):
        if seed_cost[i] < cost[seeds[i]]:
            cost[seeds[i]] = seed_cost[i]
            owner[seeds[i]] = i
            push(pool, head, free, int(seed_cost[i] * inverse) & mask, seeds[i])
            waiting += 1
    current = 0
    while waiting > 0:
        if free[2]:
            return -1
        bucket = current & mask
        while head[bucket] >= 0:
            cell = pop(pool, head, free, bucket)
            waiting -= 1
            here = cost[cell]
            if int(here * inverse) < current:
                continue
            own = abs(friction[cell])
            row = cell // row_cells
            for k in range(directions):
                other = cell + offsets[k]
                drag = own + abs(friction[other])
                if k >= 4:
                    one = abs(friction[cell + sides[k, 0]])
                    two = abs(friction[cell + sides[k, 1]])
                    if k >= 8:
                        drag = 0.5 * (drag + one + two)
                    elif not cuts_corners and one == np.inf and two == np.inf:
                        continue
                minutes = 0.5 * drag * length[row, k]
                if sloped and minutes < np.inf:
                    slope = uphill * (height[other] - height[cell]) / length[row, k]
                    minutes *= np.exp(3.5 * (abs(slope + 0.05) - 0.05))
                there = np.float32(here + minutes)
                before = cost[other]
                if there < before:
                    cost[other] = there
                    owner[other] = owner[cell]
                    place = int(there * inverse)
                    if before < np.inf and place != current and int(before * inverse) == place:
                        continue
                    push(pool, head, free, place & mask, other)
                    waiting += 1
            if friction[cell] < 0:
                at = np.searchsorted(ferries[:, 0], cell)
                while at < ferries.shape[0] and ferries[at, 0] == cell:
                    other = ferries[at, 1]
                    there = np.float32(here + ferry_cost[at])
                    if there < cost[other]:
                        cost[other] = there
                        owner[other] = owner[cell]
                        push(pool, head, free, int(there * inverse) & mask, other)
                        waiting += 1
                    at += 1
        current += 1
    return int(free[1])


@compiled
def spread_over_graph(
    start: NDArray[np.int32],
    target: NDArray[np.int32],
    weight: NDArray[np.float64],
    seeds: NDArray[np.int32],
    seed_cost: NDArray[np.float64],
    width: float,
    buckets: int,
    pool: NDArray[np.int32],
    state: NDArray[np.float64],
) -> int:
    """Fill ``state`` with least cost and seed of every node; return the blocks used, or -1.

    The graph is in compressed rows: the edges of node ``i`` are ``start[i]:start[i + 1]``.  Cost
    and seed of a node stand side by side (shape (n, 2)), so that reaching it costs one cache miss.
    """
    inverse = 1.0 / width
    mask = buckets - 1
    head = np.full(buckets, -1, np.int32)
    free = np.array([-1, 0, 0], np.int32)
    waiting = 0
    for i in range(seeds.shape[0]):
        if seed_cost[i] < state[seeds[i], 0]:
            state[seeds[i], 0] = seed_cost[i]
            state[seeds[i], 1] = i
    for i in range(seeds.shape[0]):
        if state[seeds[i], 1] == i:
            push(pool, head, free, int(seed_cost[i] * inverse) & mask, seeds[i])
            waiting += 1
    current = 0
    while waiting > 0:
        if free[2]:
            return -1
        bucket = current & mask
        while head[bucket] >= 0:
            node = pop(pool, head, free, bucket)
            waiting -= 1
            here = state[node, 0]
            if int(here * inverse) < current:
                continue
            for edge in range(start[node], start[node + 1]):
                other = target[edge]
                there = here + weight[edge]
                before = state[other, 0]
                if there < before:
                    state[other, 0] = there
                    state[other, 1] = state[node, 1]
                    place = int(there * inverse)
                    if before < np.inf and place != current and int(before * inverse) == place:
                        continue
                    push(pool, head, free, place & mask, other)
                    waiting += 1
        current += 1
    return int(free[1])
