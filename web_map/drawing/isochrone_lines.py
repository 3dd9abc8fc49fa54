"""Lines of travel time over a drawing: in one colour, with dashes and minutes of their own.

Lines, and no wash: a tint would shift the colours of the classes below.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from web_map.drawing.choropleth import PAPER, Box, is_overlapping
from web_map.drawing.svg import NOTHING, svg

LINE = "#6a1b7a"
UNREACHED = "#8c2d3a"
DASHES = ("", "16 5", "9 6", "3 5", "1 7", "1 11")
"""Of the lines from the nearest outwards: the farther, the sparser; in pixels."""
CUT_OFF = "1 5"
WIDTH_PX, NORM_PX, CASING_PX = 2.2, 3.6, 2.6
TEXT_PX = 17


@dataclass(frozen=True, slots=True)
class Isoline:
    """All points from which a facility is so many minutes away.

    Parameters
    ----------
    path
        SVG path data in the frame of the wilayah's outline.
    labels
        Places where the minutes can stand, the best first.
    is_norm
        Whether this is how long it may take.
    """

    minutes: float
    path: str
    labels: tuple[tuple[int, int], ...]
    text: str
    is_norm: bool = False

    @property
    def width(self) -> float:
        """Of the line, in pixels."""
        return NORM_PX if self.is_norm else WIDTH_PX


def draw_isochrones(
    lines: Sequence[Isoline], unreached: str, size: float = 1.0, names: Sequence[Box] = ()
) -> Markup:
    """The lines as SVG, the nearest on top; empty where there is nothing to draw.

    Parameters
    ----------
    unreached
        Path data of the area that reaches no facility.
    size
        Pixels of the drawing that one pixel of the lines is.
    names
        What other labels cover; minutes stand elsewhere on their line where they can.
    """
    if not lines and not unreached:
        return NOTHING
    strokes = []
    if unreached:
        strokes.append(_stroke(unreached, UNREACHED, CUT_OFF, WIDTH_PX, size, "cut-off"))
    for number, line in reversed(list(enumerate(lines))):
        data = (number, line.text)
        strokes.append(_stroke(line.path, LINE, dash_of(number), line.width, size, data))
    taken = list(names)
    labels = [_label(line, size, taken) for line in lines if line.labels]
    width, text_size = f"{4 * size:.3g}", f"{TEXT_PX * size:.3g}"
    return svg().isochrones(strokes, labels, width, text_size, LINE, PAPER)


def dash_of(number: int) -> str:
    """Dashes of the line of this number; beyond the last they stay as they are."""
    return DASHES[min(number, len(DASHES) - 1)]


def _stroke(
    path: str,
    colour: str,
    dashes: str,
    width: float,
    size: float,
    data: str | tuple[int, str] | None = None,
) -> Markup:
    """A line on its white casing: one of the two stands out from any fill.

    ``data`` is its class, or its number and text.
    """
    scaled = " ".join(f"{float(dash) * size:.3g}" for dash in dashes.split())
    casing = f"{(width + CASING_PX) * size:.3g}"
    return svg().stroke(path, colour, casing, f"{width * size:.3g}", scaled, PAPER, data)


def _label(line: Isoline, size: float, taken: list[Box]) -> tuple[int, str, str]:
    """The minutes at the first place that is free, else at the best; ``taken`` grows by it."""
    boxes = [_box(place, line.text, size) for place in line.labels]
    free = (
        number
        for number, box in enumerate(boxes)
        if not any(is_overlapping(box, other) for other in taken)
    )
    number = next(free, 0)
    taken.append(boxes[number])
    x, y = line.labels[number]
    return x, f"{y + 6 * size:.0f}", line.text


def _box(place: tuple[int, int], text: str, size: float) -> Box:
    half, tall = len(text) * TEXT_PX * size * 0.3, TEXT_PX * size / 2
    return place[0] - half, place[1] - tall, place[0] + half, place[1] + tall


def draw_sample(number: int | None, line: Isoline | None) -> Markup:
    """A line of this number as it stands in a legend, 28 by 18; without one, of what is cut off."""
    return svg().sample(sample_path(number, line, 2, 9, 24))


def sample_path(
    number: int | None, line: Isoline | None, x: float, y: float, length: float
) -> Markup:
    """A straight piece of a line, from ``x, y`` to the right, in pixels."""
    path = f"M{x:g} {y:g}h{length:g}"
    if number is None or line is None:
        return _stroke(path, UNREACHED, CUT_OFF, WIDTH_PX, 1.0)
    return _stroke(path, LINE, dash_of(number), line.width, 1.0)
