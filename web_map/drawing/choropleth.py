"""The inline SVG map of a wilayah: its children filled by class, readable without script.

Colours are attributes, never inline style, so the page's content policy can forbid both.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup

from layers.release.drawing_file import Outline
from web_map.drawing.svg import NOTHING, svg
from web_map.sentences import readable

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
    """One child as it is drawn: fill, what a pointer or screen reader gets, where it leads.

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


@dataclass(frozen=True, slots=True)
class Texture:
    """A mark of what has no value: lines along ``path``, or dots of radius ``width`` without one.

    ``edge`` is the colour around a dot; without ``has_ground`` it lies over the colour of a value.
    """

    name: str
    size: int
    colour: str
    width: float
    path: str = ""
    edge: str = ""
    has_ground: bool = True


TEXTURES = (
    Texture("no_data", 9, "#6b7680", 1.8, "M-2 11L11-2M-2 2L2-2M7 11l4-4"),
    Texture("unreachable", 9, "#8c2d3a", 1.6, "M-2 11L11-2M-2-2L11 11"),
    Texture("not_applicable", 10, "#6b7680", 1.7),
    Texture("before_split", 9, "#6b7680", 1.8, "M0 4.5H9"),
    Texture("suppressed", 9, "#6b7680", 1.8, "M4.5 0V9"),
    Texture(PART, 10, INK, 1.9, edge=PAPER, has_ground=False),
)


@cache
def pattern_definitions() -> Markup:
    """The marks of what has no value: each a texture, distinct without colour."""
    return svg().pattern_definitions(TEXTURES, PAPER)


@cache
def pattern_element() -> Markup:
    """The marks as an element of their own, so that hiding a drawing does not hide them."""
    return svg().pattern_element(pattern_definitions())


def draw_choropleth(
    outline: Outline,
    shapes: Mapping[str, Shape],
    *,
    label: str,
    labels: bool = True,
    opacity: float = 1.0,
    marks: Markup = NOTHING,
    element_id: str = "svgmap",
    texts: Mapping[str, str] | None = None,
) -> Markup:
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
    size = LABEL_PX if texts is None else CODE_PX
    frame, size_px = frame_of(outline), (outline.width, outline.height)
    # All is reckoned before anything is written.
    of_shapes, of_scale = _shape_values(outline, shapes, opacity), _scale_values(outline)
    of_names = _label_values(outline, size, texts) if labels else None
    macros = svg()
    names = NOTHING if of_names is None else macros.labels(*of_names)
    parts = (macros.shapes(*of_shapes), marks, names, macros.scale_bar(*of_scale))
    return macros.choropleth(element_id, label, MARGIN, frame, size_px, parts)


def frame_of(outline: Outline) -> tuple[int, int]:
    """Width and height of the drawing with its margin and room for the scale, in pixels."""
    return outline.width + 2 * MARGIN, outline.height + 2 * MARGIN + SCALE_PX


def _scale_values(outline: Outline) -> tuple[object, ...]:
    """A round distance below the drawing, named by its own text."""
    bar = make_scale_bar(outline, outline.width / 4)
    y = outline.height + SCALE_PX - MARGIN
    words = f"{bar.metres // 1000} km" if bar.metres >= 1000 else f"{bar.metres} m"
    return y, f"{bar.length_px:.0f}", f"{bar.length_px + 14:.0f}", words, INK


def draw_shapes(outline: Outline, shapes: Mapping[str, Shape], opacity: float = 1.0) -> Markup:
    """The children as paths, the selected one last so that its border lies on top.

    Borders are drawn twice, wide in white and narrow in ink: one of the two stands out from any
    fill, be it the lightest or the darkest class.
    """
    return svg().shapes(*_shape_values(outline, shapes, opacity))


def _shape_values(
    outline: Outline, shapes: Mapping[str, Shape], opacity: float
) -> tuple[object, ...]:
    pairs = [(child, shapes.get(child.kode)) for child in outline.children]
    pairs.sort(key=lambda pair: pair[1] is not None and pair[1].is_selected)
    edges = "".join(child.d for child, _ in pairs)
    parts = "".join(child.d for child, shape in pairs if shape is not None and shape.is_part)
    faint = f"{opacity:g}" if opacity < 1 else ""
    return pairs, faint, parts, edges, INK, PAPER, PART


def draw_facilities(
    outline: Outline,
    points: Sequence[tuple[float, float, str]],
    ring_m: float | None = None,
    size: float = 5.0,
) -> Markup:
    """Facilities as dots, each with its ring where a radius in metres is given.

    Parameters
    ----------
    points
        (lon, lat, name) in degrees.
    size
        Radius of a dot in pixels of the drawing.
    """
    if not points:
        return NOTHING
    places = [(*project(outline, lon, lat), nama) for lon, lat, nama in points]
    radius = "" if ring_m is None else f"{ring_m / metres_a_px(outline):.1f}"
    return svg().facilities(places, radius, f"{size:g}", f"{size * 0.36:.2g}", PLACE, PAPER)


def project(outline: Outline, lon: float, lat: float) -> tuple[float, float]:
    """A position in pixels of the drawing."""
    west, south, east, north = outline.bbox_lonlat
    x = (lon - west) / max(east - west, 1e-9) * outline.width
    y = (north - lat) / max(north - south, 1e-9) * outline.height
    return round(x, 1), round(y, 1)


def unproject(outline: Outline, x: float, y: float) -> tuple[float, float]:
    """Lon and lat of a place in pixels of the drawing; the reverse of `project`."""
    west, south, east, north = outline.bbox_lonlat
    lon = west + x / max(outline.width, 1) * (east - west)
    lat = north - y / max(outline.height, 1) * (north - south)
    return min(max(lon, west), east), min(max(lat, south), north)


def metres_a_px(outline: Outline) -> float:
    """Metres that one pixel of the drawing is long, at its middle."""
    south, north = outline.bbox_lonlat[1], outline.bbox_lonlat[3]
    metres = (north - south) * _METRES_A_DEGREE / max(outline.height, 1)
    return max(metres, 1e-6)


def draw_labels(
    outline: Outline, size: float = LABEL_PX, texts: Mapping[str, str] | None = None
) -> Markup:
    """Names of the children, left out where they would cover another or leave the frame.

    ``texts`` are written instead of the names, by kode.
    """
    return svg().labels(*_label_values(outline, size, texts))


def _label_values(
    outline: Outline, size: float, texts: Mapping[str, str] | None
) -> tuple[object, ...]:
    placed = [
        (f"{(box[0] + box[2]) / 2:.0f}", f"{(box[1] + box[3]) / 2 + size * 0.35:.0f}", text)
        for text, box in place_labels(outline, size, texts)
    ]
    kind = "names" if texts is None else "codes"
    return kind, f"{size:g}", f"{size / 4:.1f}", placed, INK, PAPER


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


def is_overlapping(box: Box, other: Box) -> bool:
    """Whether two boxes share more than an edge."""
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


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


PIN = "#b3261e"
_SHAPE = "M0 0C-5 -12 -18 -18 -18 -32A18 18 0 0 1 18 -32C18 -18 5 -12 0 0Z"


def draw_pins(outline: Outline | None, places: Sequence[tuple[float, float, str]]) -> Markup:
    """One pin for each place (lon, lat, title), its tip at the place; empty without an outline."""
    if outline is None or not places:
        return NOTHING
    pins = [(*project(outline, lon, lat), title) for lon, lat, title in places]
    return svg().pins(pins, _SHAPE, PIN, PAPER)
