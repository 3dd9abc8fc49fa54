"""The inline SVG map of a wilayah: its children filled by class, readable without script.

Colours are attributes, never inline style, so the page's content policy can forbid both.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from layers.release.drawings import Outline, OutlineChild
from web_map.words import readable

MARGIN = 8
SCALE_PX = 44
LABEL_PX, CODE_PX = 20.0, 30.0
_LETTER = 0.5
_METRES_A_DEGREE = 110_574.0

Box = tuple[float, float, float, float]
"""West, north, east and south edge in pixels of a drawing."""

INK = "#22303c"
PAPER = "#ffffff"
PLACE = "#0b7fa0"
PART = "part"
"""The mark of a value that is counted from a part only."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One child as it is drawn: fill, what a pointer or screen reader is told, where it leads.

    ``is_part``: its value is counted from a part only, which a mark over the fill says.
    """

    kode: str
    nama: str
    fill: str
    title: str
    href: str | None = None
    is_selected: bool = False
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A round distance and its length in pixels of the drawing."""

    length_px: float
    metres: int


def pattern_definitions() -> str:
    """The marks of what has no value: each a texture, told apart without colour."""
    return "".join(
        f'<pattern id="p-{name}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">'
        f"{_paper(name, size)}{inside}</pattern>"
        for name, size, inside in _PATTERNS
    )


def _paper(name: str, size: int) -> str:
    """The ground of a mark; none for that of a part, which lies over the colour of its value."""
    return "" if name == PART else f'<rect width="{size}" height="{size}" fill="{PAPER}"/>'


def pattern_element() -> str:
    """The marks as an element of their own, so that hiding a drawing does not hide them."""
    return (
        '<svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false">'
        f"<defs>{pattern_definitions()}</defs></svg>"
    )


def _line(path: str, colour: str, width: float) -> str:
    return f'<path d="{path}" stroke="{colour}" stroke-width="{width}" fill="none"/>'


_PATTERNS = (
    ("no_data", 9, _line("M-2 11L11-2M-2 2L2-2M7 11l4-4", "#6b7680", 1.8)),
    ("unreachable", 9, _line("M-2 11L11-2M-2-2L11 11", "#8c2d3a", 1.6)),
    ("not_applicable", 10, '<circle cx="5" cy="5" r="1.7" fill="#6b7680"/>'),
    ("before_split", 9, _line("M0 4.5H9", "#6b7680", 1.8)),
    ("suppressed", 9, _line("M4.5 0V9", "#6b7680", 1.8)),
    (PART, 10, f'<circle cx="5" cy="5" r="1.9" stroke="{PAPER}" stroke-width=".9" fill="{INK}"/>'),
)


def draw_choropleth(
    outline: Outline,
    shapes: Mapping[str, Shape],
    *,
    label: str,
    labels: bool = True,
    opacity: float = 1.0,
    marks: str = "",
    element_id: str = "svgmap",
    texts: Mapping[str, str] | None = None,
) -> str:
    """The SVG element of a wilayah; the page holds the patterns (see `pattern_element`).

    Parameters
    ----------
    outline
        Frame in pixels, children with path and label point.
    shapes
        How each child is drawn, by kode; a child without one is left white.
    label
        What the picture is called by a screen reader.
    opacity
        Of the fills, from 0 to 1.
    marks
        Further SVG on top of the fills (see `draw_facilities`).
    texts
        What is written on a child instead of its name, by kode.
    """
    width, height = frame_of(outline)
    size = LABEL_PX if texts is None else CODE_PX
    names = draw_labels(outline, size, texts) if labels else ""
    return (
        f'<svg id="{element_id}" data-part="{element_id}" xmlns="http://www.w3.org/2000/svg" '
        f'role="group" aria-label="{escape(label)}" viewBox="{-MARGIN} {-MARGIN} {width} {height}" '
        f'width="{width}" height="{height}" '
        f'data-size="{outline.width} {outline.height}">'
        f"{draw_shapes(outline, shapes, opacity)}{marks}{names}"
        f"{_draw_scale(outline)}</svg>"
    )


def frame_of(outline: Outline) -> tuple[int, int]:
    """Width and height of the drawing with its margin and room for the scale, in pixels."""
    return outline.width + 2 * MARGIN, outline.height + 2 * MARGIN + SCALE_PX


def _draw_scale(outline: Outline) -> str:
    """A round distance below the drawing, named by its own text."""
    bar = make_scale_bar(outline, outline.width / 4)
    y = outline.height + SCALE_PX - MARGIN
    words = f"{bar.metres // 1000} km" if bar.metres >= 1000 else f"{bar.metres} m"
    return (
        f'<g class="scalebar"><path d="M2 {y - 9}v9h{bar.length_px:.0f}v-9" fill="none" '
        f'stroke="{INK}" stroke-width="1.5"/><text x="{bar.length_px + 14:.0f}" y="{y}" '
        f'font-size="22" fill="{INK}">{words}</text></g>'
    )


def draw_shapes(outline: Outline, shapes: Mapping[str, Shape], opacity: float = 1.0) -> str:
    """The children as paths, the selected one last so that its border lies on top.

    Borders are drawn twice, wide in white and narrow in ink: one of the two stands out from any
    fill, be it the lightest or the darkest class.
    """
    children = sorted(outline.children, key=lambda child: _is_selected(shapes.get(child.kode)))
    paths = "".join(_draw_child(child, shapes.get(child.kode)) for child in children)
    edges = "".join(child.d for child in children)
    parts = "".join(child.d for child in children if _is_part(shapes.get(child.kode)))
    if parts:
        paths += f'<path class="parts" d="{parts}" fill="url(#p-{PART})" pointer-events="none"/>'
    faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
    return (
        f'<g stroke="{PAPER}" stroke-width="3.4" stroke-linejoin="round"{faint}>{paths}</g>'
        f'<path class="edges" d="{edges}" fill="none" stroke="{INK}" stroke-width="1.1" '
        f'stroke-linejoin="round" pointer-events="none"/>'
    )


def _is_part(shape: Shape | None) -> bool:
    return shape is not None and shape.is_part


def _is_selected(shape: Shape | None) -> bool:
    return shape is not None and shape.is_selected


def _draw_child(child: OutlineChild, shape: Shape | None) -> str:
    if shape is None:
        return f'<path d="{child.d}" fill="{PAPER}"/>'
    chosen = f' class="on" stroke="{INK}" stroke-width="5"' if shape.is_selected else ""
    path = (
        f'<path d="{child.d}" fill="{shape.fill}" data-kode="{shape.kode}"{chosen}>'
        f"<title>{escape(shape.title)}</title></path>"
    )
    if shape.href is None:
        return path
    return f'<a href="{escape(shape.href)}" tabindex="-1">{path}</a>'


def draw_facilities(
    outline: Outline,
    points: Sequence[tuple[float, float, str]],
    ring_m: float | None = None,
    size: float = 5.0,
) -> str:
    """Facilities as dots, each with its ring where a radius in metres is given.

    Parameters
    ----------
    points
        (lon, lat, name) in degrees.
    size
        Radius of a dot in pixels of the drawing.
    """
    if not points:
        return ""
    places = [(*project(outline, lon, lat), nama) for lon, lat, nama in points]
    rings = ""
    if ring_m is not None:
        radius = ring_m / metres_a_px(outline)
        drawn = "".join(f'<circle cx="{x}" cy="{y}" r="{radius:.1f}"/>' for x, y, _ in places)
        rings = (
            f'<g class="rings" fill="none" stroke="{PLACE}" '
            f'stroke-width="1.8" stroke-dasharray="6 4" pointer-events="none">{drawn}</g>'
        )
    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="{size:g}"><title>{escape(nama)}</title></circle>'
        for x, y, nama in places
    )
    return (
        f'{rings}<g class="places" fill="{PLACE}" stroke="{PAPER}" '
        f'stroke-width="{size * 0.36:.2g}">{dots}</g>'
    )


def project(outline: Outline, lon: float, lat: float) -> tuple[float, float]:
    """A position in pixels of the drawing."""
    west, south, east, north = outline.bbox_lonlat
    x = (lon - west) / max(east - west, 1e-9) * outline.width
    y = (north - lat) / max(north - south, 1e-9) * outline.height
    return round(x, 1), round(y, 1)


def metres_a_px(outline: Outline) -> float:
    """Metres that one pixel of the drawing is long, at its middle."""
    south, north = outline.bbox_lonlat[1], outline.bbox_lonlat[3]
    metres = (north - south) * _METRES_A_DEGREE / max(outline.height, 1)
    return max(metres, 1e-6)


def draw_labels(
    outline: Outline, size: float = LABEL_PX, texts: Mapping[str, str] | None = None
) -> str:
    """Names of the children, left out where they would cover another or leave the frame.

    ``texts`` are written instead of the names, by kode.
    """
    drawn = [
        f'<text x="{(box[0] + box[2]) / 2:.0f}" y="{(box[1] + box[3]) / 2 + size * 0.35:.0f}">'
        f"{escape(text)}</text>"
        for text, box in place_labels(outline, size, texts)
    ]
    kind = "names" if texts is None else "codes"
    return (
        f'<g class="{kind}" font-size="{size:g}" text-anchor="middle" fill="{INK}" '
        f'stroke="{PAPER}" stroke-width="{size / 4:.1f}" paint-order="stroke" '
        f'stroke-linejoin="round" pointer-events="none" aria-hidden="true">{"".join(drawn)}</g>'
    )


def place_labels(
    outline: Outline, size: float = LABEL_PX, texts: Mapping[str, str] | None = None
) -> list[tuple[str, Box]]:
    """What `draw_labels` writes, with the box that each text takes, in pixels of the drawing."""
    placed: list[tuple[str, Box]] = []
    for child in sorted(outline.children, key=lambda child: -len(child.d)):
        text = readable(child.nama) if texts is None else texts.get(child.kode, "")
        half = len(text) * size * _LETTER / 2
        x = min(max(child.x, half), max(half, outline.width - half))
        box = (x - half, child.y - size / 2, x + half, child.y + size / 2)
        if not any(is_overlapping(box, other) for _, other in placed):
            placed.append((text, box))
    return placed


def is_overlapping(one: Box, other: Box) -> bool:
    """Whether two boxes share more than an edge."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def make_scale_bar(outline: Outline, longest_px: float) -> ScaleBar:
    """The longest round distance (1, 2 or 5 times a power of ten) that fits.

    The drawing is equirectangular about its middle, so a pixel is as long north-south as east-west
    there; over one kabupaten the error is far below the width of a line.
    """
    length = metres_a_px(outline)
    longest = length * longest_px
    power = 10 ** math.floor(math.log10(longest))
    metres = next(step * power for step in (5, 2, 1) if step * power <= longest)
    return ScaleBar(metres / length, round(metres))


def shapes_by_kode(shapes: Sequence[Shape]) -> dict[str, Shape]:
    """Shapes by the kode of the child they are for."""
    return {shape.kode: shape for shape in shapes}
