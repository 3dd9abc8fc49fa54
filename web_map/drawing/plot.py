"""A scatter of two values as inline SVG: one dot a place, round ticks, the middle of both."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from web_map.drawing.choropleth import INK, PAPER
from web_map.drawing.svg import NOTHING, svg

WIDTH, HEIGHT = 460, 340
LEFT, RIGHT, TOP, BOTTOM = 76, 12, 12, 58
_LETTER = 0.56
SOFT = "#51606b"


@dataclass(frozen=True, slots=True)
class Dot:
    """One place: its two values, its colour, what a pointer says of it and where it leads."""

    kode: str
    x: float
    y: float
    fill: str
    title: str
    href: str
    is_selected: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its title, the middle of the comparison set, and (value, text) of its ticks."""

    title: str
    middle: float | None
    ticks: tuple[tuple[float, str], ...]


def round_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round values over a range, at most ``most`` and one more.

    Example
    -------
    >>> round_ticks(2.3, 19.8), round_ticks(0.0, 0.0)
    ([5.0, 10.0, 15.0], [0.0])
    """
    if high <= low:
        return [low]
    raw = (high - low) / most
    power = 10 ** math.floor(math.log10(raw))
    step = next(part * power for part in (1, 2, 5, 10) if part * power >= raw)
    first = math.ceil(low / step)
    return [round(float(count * step), 10) for count in range(first, math.floor(high / step) + 1)]


def draw_scatter(dots: Sequence[Dot], across: Axis, up: Axis, label: str) -> Markup:
    """The SVG element; empty for no dots.  A range without width is drawn in its middle."""
    if not dots:
        return NOTHING
    x = _scale([dot.x for dot in dots], across.middle, LEFT, WIDTH - RIGHT)
    y = _scale([dot.y for dot in dots], up.middle, HEIGHT - BOTTOM, TOP)
    marks = [(dot, x(dot.x), y(dot.y)) for dot in sorted(dots, key=_last)]
    axes = _draw_axes(across, up, x, y)
    return svg().scatter(label, (WIDTH, HEIGHT), axes, marks, INK, PAPER)


def _last(dot: Dot) -> bool:
    return dot.is_selected


class _Scale:
    """From values to pixels, with a little room at both ends."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        room = (high - low) * 0.06
        self.low, self.high = low - room, high + room
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        if self.high <= self.low:
            return round((self.start + self.end) / 2, 1)
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def _scale(values: Sequence[float], middle: float | None, start: float, end: float) -> _Scale:
    numbers = [*values, *([] if middle is None else [middle])]
    return _Scale(min(numbers), max(numbers), start, end)


@dataclass(frozen=True, slots=True)
class _DrawnAxis:
    """An axis in pixels; ``base`` is where its title stands."""

    title: str
    size: str
    middle: float | None
    ticks: tuple[tuple[float, str], ...]
    base: int = HEIGHT - 8


def _place(axis: Axis, scale: _Scale, room: float) -> _DrawnAxis:
    middle = None if axis.middle is None else scale(axis.middle)
    ticks = tuple((scale(value), text) for value, text in axis.ticks)
    return _DrawnAxis(axis.title, f"{_size(axis.title, room):.3g}", middle, ticks)


def _draw_axes(across: Axis, up: Axis, x: _Scale, y: _Scale) -> Markup:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    placed = _place(across, x, right - LEFT), _place(up, y, bottom - TOP)
    return svg().axes(LEFT, TOP, right, bottom, *placed, SOFT)


def _size(title: str, room: float) -> float:
    """Size of a title that fits along its axis."""
    return min(14.0, room / max(len(title) * _LETTER, 1))
