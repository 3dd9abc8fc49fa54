"""The compiled inner loops: least cost over a grid and over a graph.

Both are Dijkstra's algorithm with buckets instead of a heap (R. B. Dial, Algorithm 360, CACM
12(11), 1969): a place waits in the bucket ``floor(cost / width)``.  While no edge is cheaper than
``width`` every place leaves its bucket once, with its final cost; with wider buckets a place may
leave one again with a better cost, which is why the answer never depends on the width.  Buckets are
chains of small blocks from one pool, so that only the frontier takes memory.

Over a grid, memory decides the speed, not arithmetic: a bucket holds cells from all over the grid,
each a cache miss.  So buckets have two levels.  An outer one spans `FINE` inner ones, and is worked
off square by square (``1 << TILE_BITS`` cells a side): a square's cells pass through the inner
buckets, in order of cost, while the square is in the cache; what leads into another square waits
for its turn.  A cell reached later by a better way round is simply expanded again.  Per cell, 8,000
x 8,000 then cost about what 1,000 x 1,000 do (without squares 1.5 times as much).

All of it is one file on purpose: numba keeps a compiled function until its own file changes, and
would not see a change of what it calls in another.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

BLOCK = 126
"""Entries of one block of a bucket; two further numbers chain it and count its entries."""
FINE_BITS = 5
FINE = 1 << FINE_BITS
"""Inner buckets of an outer one."""
TILE_BITS = 8
"""A square of the grid is ``1 << TILE_BITS`` cells wide: what it is made of fits the caches."""
UNREACHED = -1
WAITING = -2
"""``WAITING - i`` is the owner of a cell reached from seed ``i`` and not yet expanded since."""

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The function in machine code, kept on disk between runs."""
    make = njit(cache=True, nogil=True, boundscheck=False, error_model="numpy")
    return cast(Function, make(function))


@compiled
def push(
    pool: NDArray[np.int32],
    head: NDArray[np.int32],
    free: NDArray[np.int32],
    bucket: int,
    item: int,
) -> None:
    """Put ``item`` into ``bucket``; without a block left, set ``free[2]`` instead.

    ``free[0]`` is the first block of the chain of free ones (-1: none), ``free[1]`` the number of
    blocks ever used.  A block is: next block, number of entries, entries.
    """
    block = head[bucket]
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
        head[bucket] = fresh
        block = fresh
    pool[block, 2 + pool[block, 1]] = item
    pool[block, 1] += 1


@compiled
def pop(
    pool: NDArray[np.int32], head: NDArray[np.int32], free: NDArray[np.int32], bucket: int
) -> int:
    """The last entry of ``bucket``, taken out; the bucket must not be empty."""
    block = head[bucket]
    pool[block, 1] -= 1
    item = pool[block, 2 + pool[block, 1]]
    if pool[block, 1] == 0:
        head[bucket] = pool[block, 0]
        pool[block, 0] = free[0]
        free[0] = block
    return int(item)


@compiled
def push_to_square(
    pool: NDArray[np.int32],
    head: NDArray[np.int32],
    free: NDArray[np.int32],
    turns: NDArray[np.int32],
    square: int,
    cell: int,
) -> None:
    """Put ``cell`` among those that wait for their square, which gets a turn if it has none.

    ``turns`` is a ring of squares after two numbers: where the next one stands, and how many wait.
    """
    if head[square] < 0:
        turns[2 + (turns[0] + turns[1]) % head.shape[0]] = square
        turns[1] += 1
    push(pool, head, free, square, cell)


@compiled
def take_turn(turns: NDArray[np.int32]) -> int:
    """The square whose turn it is, taken out of the ring; there must be one."""
    square = turns[2 + turns[0]]
    turns[0] = (turns[0] + 1) % (turns.shape[0] - 2)
    turns[1] -= 1
    return int(square)


@compiled
def find_square(row: int, column: int, squares_across: int) -> int:
    """The square of the grid that a cell lies in."""
    return (row >> TILE_BITS) * squares_across + (column >> TILE_BITS)


@compiled
def spread_over_grid(  # noqa: C901, PLR0912, PLR0915  (one loop, compiled as one)
    friction: NDArray[np.float32],
    height: NDArray[np.float32],
    uphill: float,
    moves: NDArray[np.int64],
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
    moves, sides
        Rows down and columns right of each direction, shape (k, 2); how far in memory the two cells
        beside the way lie, shape (k, 2).  k is 8 or 16: rook moves, diagonals, knight's moves.
    length
        Metres of each direction by row of cells, shape (rows, k).
    row_cells
        Cells in a row, margin included.
    ferries
        ``from, to`` sorted by ``from``, shape (n, 2).
    width, buckets
        Width of an inner bucket; number of outer ones, a power of two above the dearest edge /
        (width x `FINE`).
    pool
        Blocks for the frontier, untouched memory; with too few of them -1 is returned.
    cost, owner
        Flat, filled with infinity and `UNREACHED`.
    """
    inverse = 1.0 / width
    mask = buckets - 1
    directions = moves.shape[0]
    sloped = height.size > 0
    across = ((row_cells - 1) >> TILE_BITS) + 1
    squares = find_square(cost.size // row_cells - 1, row_cells - 1, across) + 1
    outer = np.full(buckets, -1, np.int32)
    inner = np.full(FINE, -1, np.int32)
    square_head = np.full(squares, -1, np.int32)
    turns = np.zeros(squares + 2, np.int32)
    free = np.array([-1, 0, 0], np.int32)
    waiting = 0
    for i in range(seeds.shape[0]):
        if seed_cost[i] < cost[seeds[i]]:
            cost[seeds[i]] = seed_cost[i]
            owner[seeds[i]] = WAITING - i
            push(pool, outer, free, (int(seed_cost[i] * inverse) >> FINE_BITS) & mask, seeds[i])
            waiting += 1
    now = 0
    while waiting > 0 and not free[2]:
        while outer[now & mask] >= 0:
            cell = pop(pool, outer, free, now & mask)
            waiting -= 1
            square = find_square(cell // row_cells, cell % row_cells, across)
            push_to_square(pool, square_head, free, turns, square, cell)
        while turns[1] > 0 and not free[2]:
            square = take_turn(turns)
            while square_head[square] >= 0:
                cell = pop(pool, square_head, free, square)
                place = int(cost[cell] * inverse)
                if place >> FINE_BITS == now:
                    push(pool, inner, free, place & (FINE - 1), cell)
            for fine in range(FINE):
                while inner[fine] >= 0:
                    cell = pop(pool, inner, free, fine)
                    seed = WAITING - owner[cell]
                    if seed < 0:
                        continue
                    owner[cell] = seed
                    cost_of_cell = cost[cell]
                    own_friction = abs(friction[cell])
                    row = cell // row_cells
                    column = cell - row * row_cells
                    for k in range(directions):
                        down, right = moves[k, 0], moves[k, 1]
                        other = cell + down * row_cells + right
                        drag = own_friction + abs(friction[other])
                        if k >= 4:
                            first_side = abs(friction[cell + sides[k, 0]])
                            second_side = abs(friction[cell + sides[k, 1]])
                            if k >= 8:
                                drag = 0.5 * (drag + first_side + second_side)
                            elif (
                                not cuts_corners and first_side == np.inf and second_side == np.inf
                            ):
                                continue
                        minutes = 0.5 * drag * length[row, k]
                        if sloped and minutes < np.inf:
                            slope = uphill * (height[other] - height[cell]) / length[row, k]
                            minutes *= np.exp(3.5 * (abs(slope + 0.05) - 0.05))
                        reached = np.float32(cost_of_cell + minutes)
                        before = cost[other]
                        if not reached < before:
                            continue
                        is_waiting = owner[other] <= WAITING
                        cost[other] = reached
                        owner[other] = WAITING - seed
                        place = int(reached * inverse)
                        earlier = int(before * inverse) if is_waiting else -1
                        if earlier == place:
                            continue
                        if place >> FINE_BITS == now:
                            its = find_square(row + down, column + right, across)
                            if its == square:
                                push(pool, inner, free, place & (FINE - 1), other)
                            else:
                                push_to_square(pool, square_head, free, turns, its, other)
                        elif earlier >> FINE_BITS != place >> FINE_BITS:
                            push(pool, outer, free, (place >> FINE_BITS) & mask, other)
                            waiting += 1
                    if friction[cell] < 0:
                        ferry = np.searchsorted(ferries[:, 0], cell)
                        while ferry < ferries.shape[0] and ferries[ferry, 0] == cell:
                            other = ferries[ferry, 1]
                            reached = np.float32(cost_of_cell + ferry_cost[ferry])
                            ferry += 1
                            if not reached < cost[other]:
                                continue
                            cost[other] = reached
                            owner[other] = WAITING - seed
                            place = int(reached * inverse) >> FINE_BITS
                            if place == now:
                                its = find_square(other // row_cells, other % row_cells, across)
                                push_to_square(pool, square_head, free, turns, its, other)
                            else:
                                push(pool, outer, free, place & mask, other)
                                waiting += 1
        now += 1
    return -1 if free[2] else int(free[1])


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
            cost_of_node = state[node, 0]
            if int(cost_of_node * inverse) < current:
                continue
            for edge in range(start[node], start[node + 1]):
                other = target[edge]
                reached = cost_of_node + weight[edge]
                before = state[other, 0]
                if reached < before:
                    state[other, 0] = reached
                    state[other, 1] = state[node, 1]
                    place = int(reached * inverse)
                    if before < np.inf and place != current and int(before * inverse) == place:
                        continue
                    push(pool, head, free, place & mask, other)
                    waiting += 1
        current += 1
    return int(free[1])
