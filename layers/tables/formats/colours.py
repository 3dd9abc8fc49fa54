"""Colours of texts and of what they stand on, and whether a person sees the one on the other.

A colour is its red, green and blue from 0 to 255.  None stands for one that is not known (a
pattern, a gradient, a rule of another file): then the text counts as seen.
"""

import colorsys
import re
from collections.abc import Sequence
from typing import Final, TypeAlias
from xml.etree import ElementTree

Colour: TypeAlias = tuple[int, int, int]
WHITE: Final[Colour] = (255, 255, 255)
BLACK: Final[Colour] = (0, 0, 0)
LEAST_CONTRAST = 1.1
"""Below it a text is not seen: light grey (#F2F2F2) on white has 1.12, by the measure of WCAG 2."""

_NAMED = {"white": WHITE, "black": BLACK, "snow": (255, 250, 250), "ivory": (255, 255, 240)}
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)")
# The palette of numbered colours: eight plain ones, the same again, then those of Excel 97.
_PLAIN = "000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF"
_PALETTE = (
    f"{_PLAIN} {_PLAIN} 800000 008000 000080 808000 800080 008080 C0C0C0 808080 9999FF 993366 "
    "FFFFCC CCFFFF 660066 FF8080 0066CC CCCCFF 000080 FF00FF FFFF00 00FFFF 800080 800000 008080 "
    "0000FF 00CCFF CCFFFF CCFFCC FFFF99 99CCFF FF99CC CC99FF FFCC99 3366FF 33CCCC 99CC00 FFCC00 "
    "FF9900 FF6600 666699 969696 003366 339966 003300 333300 993300 993366 333399 333333"
).split()
_SYSTEM = {64: BLACK, 65: WHITE, 0x7FFF: BLACK}


def is_unseen(text: Colour | None, ground: Colour | None) -> bool:
    """Whether a text has the colour of its ground, or nearly.

    >>> is_unseen(WHITE, WHITE), is_unseen((254, 254, 254), WHITE), is_unseen(WHITE, (0, 0, 128))
    (True, True, False)
    """
    if text is None or ground is None:
        return False
    light, dark = sorted((_luminance(text), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05) < LEAST_CONTRAST


def _luminance(colour: Colour) -> float:
    parts = [value / 255 for value in colour]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def read_colour(text: str | None) -> Colour | None:
    """A colour as spreadsheets and pages write it; None for any other text.

    >>> read_colour("FFFFFFFF"), read_colour("#fff"), read_colour("rgb(1, 2, 3)"), read_colour("x")
    ((255, 255, 255), (255, 255, 255), (1, 2, 3), None)
    """
    text = (text or "").strip().lower()
    match = _RGB.fullmatch(text)
    if match:
        red, green, blue = (min(int(part), 255) for part in match.groups())
        return red, green, blue
    digits = text.removeprefix("#")
    if len(digits) == 3 and text.startswith("#"):
        digits = "".join(2 * digit for digit in digits)
    if re.fullmatch(r"(?:[0-9a-f]{2})?[0-9a-f]{6}", digits):
        red, green, blue = bytes.fromhex(digits[-6:])
        return red, green, blue
    return _NAMED.get(text)


def numbered_colour(number: int) -> Colour | None:
    """A colour of the palette that workbooks number."""
    if number in _SYSTEM:
        return _SYSTEM[number]
    return read_colour(_PALETTE[number]) if number < len(_PALETTE) else None


def themed_colour(theme: Sequence[Colour | None], number: int, tint: float) -> Colour | None:
    """A colour of a theme, lighter for a ``tint`` above zero and darker below."""
    colour = theme[number] if number < len(theme) else None
    if colour is None or tint == 0:
        return colour
    hue, light, strength = colorsys.rgb_to_hls(*(value / 255 for value in colour))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, light, strength))
    return red, green, blue


def read_theme(root: ElementTree.Element | None) -> list[Colour | None]:
    """The colours of a theme in the order in which workbooks number them.

    Without a theme that of Office: white and black come first, which is what matters here.
    """
    scheme = None if root is None else next((e for e in root.iter() if _is(e, "clrScheme")), None)
    if scheme is None:
        return [WHITE, BLACK]
    colours = [
        next((read_colour(e.get("lastClr") or e.get("val")) for e in group), None)
        for group in scheme
    ]
    if len(colours) >= 4:
        # A theme lists dark before light, and cells number light before dark.
        colours[:4] = [colours[1], colours[0], colours[3], colours[2]]
    return colours


def _is(element: ElementTree.Element, name: str) -> bool:
    return element.tag.rpartition("}")[2] == name
