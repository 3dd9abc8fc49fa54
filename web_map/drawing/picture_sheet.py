"""The map of a wilayah as one picture: title, map, legend, scale, source and disclaimer.

It is the page's own drawing, set on a sheet and rasterised by resvg, so a picture in a report shows
what the page shows.  Text is set in the font that comes with the built page, or in the machine's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import resvg_py
from markupsafe import Markup

from layers.release.drawing_file import Outline
from web_map.drawing import choropleth, isochrone_lines, legend
from web_map.drawing.svg import NOTHING, svg

WIDTH, HEIGHT = 1200, 848
EDGE = 40
SIDE = 330
SOFT = "#51606b"
FONTS = Path(__file__).parents[1] / "dist" / "fonts"
FAMILY = "Source Sans 3, Noto Sans, DejaVu Sans, Liberation Sans, Arial, sans-serif"
_LETTER = 0.5
MOST_LARGE_NOTES = 4


@dataclass(frozen=True, slots=True)
class IsolineKey:
    """Lines of travel time and their legend: (number and line, or None for no line; words)."""

    title: str
    lines: tuple[isochrone_lines.Isoline, ...]
    unreached: str
    rows: tuple[tuple[tuple[int, isochrone_lines.Isoline] | None, str], ...]
    unreached_row: str


@dataclass(frozen=True, slots=True)
class PictureDisplay:
    """How the map of a picture is drawn; ``places`` are (lon, lat, name), ``ring_m`` a radius."""

    labels: bool = True
    opacity: float = 1.0
    places: tuple[tuple[float, float, str], ...] = ()
    ring_m: float | None = None
    places_title: str = ""
    isolines: IsolineKey | None = None


@dataclass(frozen=True, slots=True)
class PictureWords:
    """The words of a picture."""

    title: str
    place: str
    legend_title: str
    lines: tuple[legend.LegendEntry, ...]
    notes: tuple[str, ...]
    none: str
    north: str
    display: PictureDisplay = field(default_factory=PictureDisplay)


def draw_picture(
    sheet: PictureWords, outline: Outline | None, shapes: Mapping[str, choropleth.Shape], width: int
) -> bytes:
    """The picture as PNG, ``width`` pixels wide, in the proportions of A4 on its side."""
    svg_text = compose_sheet(sheet, outline, shapes)
    fonts = sorted(str(path) for path in FONTS.glob("*.ttf"))
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=str(svg_text),
            width=width,
            background="#ffffff",
            font_files=fonts or None,
            skip_system_fonts=bool(fonts),
            font_family="Source Sans 3" if fonts else None,
            sans_serif_family="Source Sans 3" if fonts else None,
        )
    )


def compose_sheet(
    sheet: PictureWords, outline: Outline | None, shapes: Mapping[str, choropleth.Shape]
) -> Markup:
    """The picture as SVG."""
    notes = _set_notes(sheet)
    top, bottom = 128, max(112, 40 + len(notes.lines) * notes.pitch)
    frame = (EDGE, top, WIDTH - 3 * EDGE - SIDE, HEIGHT - top - bottom)
    longest = WIDTH - 2 * EDGE
    parts = (
        _text(EDGE, 64, sheet.title, 34, bold=True, longest=longest),
        _text(EDGE, 98, sheet.place, 20, colour=SOFT, longest=longest),
        *_draw_legend(sheet, WIDTH - EDGE - SIDE, top),
        *_draw_notes(notes, HEIGHT - bottom + 34),
    )
    area = _draw_frame(sheet, outline, shapes, frame)
    patterns = choropleth.pattern_definitions()
    return svg().picture(frame, WIDTH, HEIGHT, FAMILY, choropleth.INK, patterns, parts, area)


def _draw_frame(
    sheet: PictureWords,
    outline: Outline | None,
    shapes: Mapping[str, choropleth.Shape],
    frame: tuple[int, int, int, int],
) -> Markup:
    left, top, width, height = frame
    if outline is None:
        return _text(left + 24, top + 48, sheet.none, 18, colour=SOFT, longest=width - 48)
    scale = min((width - 32) / outline.width, (height - 32) / outline.height)
    x = left + (width - outline.width * scale) / 2
    y = top + (height - outline.height * scale) / 2
    display = sheet.display
    size = 15 / scale
    names = choropleth.draw_labels(outline, size) if display.labels else NOTHING
    marks = choropleth.draw_facilities(outline, display.places, display.ring_m, 5 / scale)
    if display.isolines is not None:
        lines, rest = display.isolines.lines, display.isolines.unreached
        boxes = [box for _, box in choropleth.place_labels(outline, size)] if display.labels else []
        marks = isochrone_lines.draw_isochrones(lines, rest, 0.8 / scale, boxes) + marks
    layers = (choropleth.draw_shapes(outline, shapes, display.opacity), marks, names)
    bar = choropleth.make_scale_bar(outline, 150 / scale)
    return svg().picture_map(
        frame,
        f"{x:.2f}",
        f"{y:.2f}",
        f"{scale:.5f}",
        layers,
        _draw_scale(bar.length_px * scale, bar.metres, left + 16, top + height - 18),
        svg().north(left + width - 30, top + 20, sheet.north, choropleth.INK),
    )


def _draw_scale(length: float, metres: int, x: float, y: float) -> Markup:
    words = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    label = _text(x + length + 10, y, words, 16)
    return svg().picture_scale(x, y, f"{length:.1f}", choropleth.INK, label)


def _draw_legend(sheet: PictureWords, x: float, top: float) -> Iterator[Markup]:
    y = top + 18.0
    for line in _wrap(sheet.legend_title, 19, SIDE):
        yield _text(x, y, line, 19, bold=True)
        y += 25
    y += 8
    for entry in sheet.lines:
        yield svg().legend_chip(x, y, SIDE, entry.fill, entry.count, choropleth.INK)
        label = f"{entry.name} ({entry.label})" if entry.name else entry.label
        for line in _wrap(label, 17, SIDE - 90):
            yield _text(x + 46, y + 1, line, 17)
            y += 21
        y += 11
    if sheet.display.places:
        yield svg().legend_place(x, y, choropleth.PLACE)
        for line in _wrap(sheet.display.places_title, 17, SIDE - 50):
            yield _text(x + 46, y + 1, line, 17)
            y += 21
    if sheet.display.isolines is not None:
        yield _draw_isoline_key(sheet.display.isolines, x, y + 14)


def _draw_isoline_key(key: IsolineKey, x: float, y: float) -> Markup:
    parts = []
    for line in _wrap(key.title, 17, SIDE):
        parts.append(_text(x, y, line, 17, bold=True))
        y += 22
    for sample, words in key.rows:
        if sample is not None:
            parts.append(isochrone_lines.sample_path(*sample, x, y - 5, 34))
        parts.append(_text(x + 46, y + 1, words, 16, longest=SIDE - 46))
        y += 24
    if key.unreached_row:
        parts.append(isochrone_lines.sample_path(None, None, x, y - 5, 34))
        parts.append(_text(x + 46, y + 1, key.unreached_row, 16, longest=SIDE - 46))
    return svg().unfilled(parts)


class _Notes(NamedTuple):
    lines: list[str]
    size: int
    pitch: int


def _set_notes(sheet: PictureWords) -> _Notes:
    """All notes in lines; where they are many, in smaller letters. No source is left out."""
    large = _wrap_all(sheet.notes, 15)
    if len(large) <= MOST_LARGE_NOTES:
        return _Notes(large, size=15, pitch=20)
    return _Notes(_wrap_all(sheet.notes, 12), size=12, pitch=16)


def _wrap_all(notes: Sequence[str], size: int) -> list[str]:
    return [line for note in notes for line in _wrap(note, size, WIDTH - 2 * EDGE)]


def _draw_notes(notes: _Notes, y: float) -> Iterator[Markup]:
    for number, line in enumerate(notes.lines):
        yield _text(EDGE, y + notes.pitch * number, line, notes.size, colour=SOFT)


def _wrap(text: str, size: float, width: float) -> Sequence[str]:
    """Words in lines of about a width; the font's mean letter is half its size."""
    longest = max(8, int(width / (size * _LETTER)))
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > longest:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _text(
    x: float,
    y: float,
    words: str,
    size: float,
    *,
    bold: bool = False,
    colour: str = choropleth.INK,
    longest: float | None = None,
) -> Markup:
    if longest is not None:
        size = min(size, longest / max(len(words) * _LETTER, 1))
    return svg().text(f"{x:g}", f"{y:g}", words, f"{size:.4g}", colour, bold)
