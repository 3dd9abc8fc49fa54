"""How the shown values spread: a histogram of one block a child over the bands of the classes."""

from collections import Counter
from dataclasses import dataclass

from web_map.views.view import View
from web_map.words import is_state

BINS = 24
BLOCK_PX, STACK_PX = 12.0, 84.0


@dataclass(frozen=True, slots=True)
class Block:
    """One child in the histogram: ``x`` in parts of 1000, ``y`` in pixels above the bands."""

    kode: str
    title: str
    fill: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Spread:
    """The spread of values on one line, in parts of 1000.

    Bands are (left, width, colour) of the classes; ``block_px`` is the height of a block and
    ``stack_px`` that of the highest stack.
    """

    bands: tuple[tuple[float, float, str], ...]
    blocks: tuple[Block, ...]
    block_px: float
    stack_px: float
    median: float | None
    low: str
    high: str


def make_spread(view: View) -> Spread | None:
    """The spread of the shown values; None for fewer than two different ones, or for states."""
    values = [row.value for row in view.rows if row.value is not None]
    if view.kabupaten_median is not None and values:
        values.append(view.kabupaten_median.value)
    if not values or min(values) == max(values) or is_state(view.entry):
        return None
    low, high = min(values), max(values)

    def place(value: float) -> float:
        return round(1000 * (min(max(value, low), high) - low) / (high - low), 1)

    edges = [0.0, *map(place, view.scheme.breaks), 1000.0]
    bands = tuple(
        (left, round(right - left, 1), colour)
        for left, right, colour in zip(edges, edges[1:], view.scheme.colours, strict=False)
        if right > left
    )
    blocks, block_px, stack_px = _stack(view, low, high)
    return Spread(
        bands=bands,
        blocks=blocks,
        block_px=block_px,
        stack_px=stack_px,
        median=None if view.kabupaten_median is None else place(view.kabupaten_median.value),
        low=_text(view, low),
        high=_text(view, high),
    )


def _stack(view: View, low: float, high: float) -> tuple[tuple[Block, ...], float, float]:
    """Blocks by bin, the lowest value below; their height, and that of the highest stack."""
    rows = sorted(
        (row for row in view.rows if row.value is not None),
        key=lambda row: (row.value or 0.0, row.kode),
    )
    bins = [min(int(BINS * ((row.value or 0.0) - low) / (high - low)), BINS - 1) for row in rows]
    highest = max(Counter(bins).values())
    block_px = min(BLOCK_PX, STACK_PX / highest)
    filled: Counter[int] = Counter()
    blocks = []
    for row, number in zip(rows, bins, strict=True):
        filled[number] += 1
        y = round((highest - filled[number]) * block_px, 2)
        title = f"{row.nama}: {row.tip}"
        blocks.append(Block(row.kode, title, row.fill, number * 1000 / BINS, y))
    return tuple(blocks), block_px, highest * block_px


def _text(view: View, value: float) -> str:
    return view.words.value(value, view.entry.unit, view.entry.decimals, short=True)
