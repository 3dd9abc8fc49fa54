"""Numbered pins on the drawing: the places of new facilities that are tried."""

from collections.abc import Sequence
from html import escape

from layers.release.drawings import Outline
from web_map.drawing.choropleth import PAPER, project

PIN = "#b3261e"
_SHAPE = "M0 0C-5 -12 -18 -18 -18 -32A18 18 0 0 1 18 -32C18 -18 5 -12 0 0Z"


def draw_pins(outline: Outline | None, places: Sequence[tuple[float, float, str]]) -> str:
    """One pin for each place (lon, lat, title), its tip at the place; empty without an outline."""
    if outline is None or not places:
        return ""
    pins = "".join(
        _draw_pin(number, *project(outline, lon, lat), title)
        for number, (lon, lat, title) in enumerate(places, 1)
    )
    return f'<g class="tried" fill="{PIN}" stroke="{PAPER}" stroke-width="3">{pins}</g>'


def _draw_pin(number: int, x: float, y: float, title: str) -> str:
    return (
        f'<g transform="translate({x} {y})"><title>{escape(title)}</title><path d="{_SHAPE}"/>'
        f'<text y="-25" text-anchor="middle" font-size="20" font-weight="700" fill="{PAPER}" '
        f'stroke="none">{number}</text></g>'
    )
