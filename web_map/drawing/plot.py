"""A scatter of two values as inline SVG: one dot a place, round ticks, the middle of both."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from web_map.drawing.choropleth import INK, PAPER

WIDTH, HEIGHT = 460, 340
LEFT, RIGHT, TOP, BOTTOM = 76, 12, 12, 58
_LETTER = 0.56
SOFT = "#51606b"


@dataclass(frozen=True, slots=True)
class Dot:
    """One place: its two values, its colour, what is told of it and where it leads."""

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
    return [round(float(at * step), 10) for at in range(first, math.floor(high / step) + 1)]


def draw_scatter(dots: Sequence[Dot], across: Axis, up: Axis, label: str) -> str:
    """The SVG element; empty for no dots.  A range without width is drawn in its middle."""
    if not dots:
        return ""
    x = _scale([dot.x for dot in dots], across.middle, LEFT, WIDTH - RIGHT)
    y = _scale([dot.y for dot in dots], up.middle, HEIGHT - BOTTOM, TOP)
    marks = "".join(_draw_dot(dot, x(dot.x), y(dot.y)) for dot in sorted(dots, key=_last))
    return (
        f'<svg id="scatter" class="scatter" role="group" aria-label="{escape(label)}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" font-size="14" '
        f'fill="{INK}">{_draw_axes(across, up, x, y)}'
        f'<g stroke="{INK}" stroke-width="1.2">{marks}</g></svg>'
    )


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
    known = [*values, *([] if middle is None else [middle])]
    return _Scale(min(known), max(known), start, end)


def _draw_axes(across: Axis, up: Axis, x: _Scale, y: _Scale) -> str:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = [f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="{SOFT}"/>']
    for value, text in across.ticks:
        parts.append(
            f'<path d="M{x(value)} {bottom}v6" stroke="{SOFT}"/><text x="{x(value)}" '
            f'y="{bottom + 24}" text-anchor="middle">{escape(text)}</text>'
        )
    for value, text in up.ticks:
        parts.append(
            f'<path d="M{LEFT} {y(value)}h-6" stroke="{SOFT}"/><text x="{LEFT - 11}" '
            f'y="{y(value) + 5}" text-anchor="end">{escape(text)}</text>'
        )
    dashed = f'stroke="{SOFT}" stroke-dasharray="5 4"'
    if across.middle is not None:
        parts.append(f'<path d="M{x(across.middle)} {TOP}V{bottom}" {dashed}/>')
    if up.middle is not None:
        parts.append(f'<path d="M{LEFT} {y(up.middle)}H{right}" {dashed}/>')
    middle = (LEFT + right) / 2
    sizes = [_size(across.title, right - LEFT), _size(up.title, bottom - TOP)]
    parts.append(
        f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle" font-weight="600" '
        f'font-size="{sizes[0]:.3g}">{escape(across.title)}</text>'
        f'<text transform="translate(15 {(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle" '
        f'font-weight="600" font-size="{sizes[1]:.3g}">{escape(up.title)}</text>'
    )
    return "".join(parts)


def _size(title: str, room: float) -> float:
    """Size of a title that fits along its axis."""
    return min(14.0, room / max(len(title) * _LETTER, 1))


def _draw_dot(dot: Dot, x: float, y: float) -> str:
    chosen = ' class="on"' if dot.is_selected else ""
    return (
        f'<a href="{escape(dot.href)}" tabindex="-1"><circle cx="{x}" cy="{y}" r="7" '
        f'fill="{dot.fill or PAPER}" data-kode="{dot.kode}"{chosen}>'
        f"<title>{escape(dot.title)}</title></circle></a>"
    )
