"""A map of a form, on which a place is marked by tapping it: a button, so no script is needed."""

from math import isfinite

from fastapi import Response

from layers.release.drawing_file import Outline
from web_map.drawing import choropleth
from web_map.house.base.visitors import Visitor

PICTURE_PX = 320
"""The map fits a phone; a tap tells where by the pixels of this width."""
CHOSEN, OTHER = "#bcd9de", "#eef2f3"


def tapped(visitor: Visitor, outline: Outline | None) -> tuple[float, float] | None:
    """Where on the map was tapped, in degrees; None where the form was sent otherwise."""
    pixels = [visitor.field(f"titik.{name}") for name in "xy"]
    if outline is None or not all(text.isascii() and text.isdigit() for text in pixels):
        return None
    frame = choropleth.frame_of(outline)
    across, down = (min(int(text[:5]), PICTURE_PX * 4) * frame[0] / PICTURE_PX for text in pixels)
    return choropleth.unproject(outline, across - choropleth.MARGIN, down - choropleth.MARGIN)


def answer_map(visitor: Visitor, outline: Outline) -> Response:
    """The map as a picture, with the desa and the mark of the place that the address names."""
    query, say = visitor.request.query_params, visitor.words.say
    lon, lat = read_degrees(query.get("bujur", "")), read_degrees(query.get("lintang", ""))
    chosen = query.get("desa", "")
    shapes = {
        child.kode: choropleth.Shape(
            child.kode, child.nama, CHOSEN if child.kode == chosen else OTHER, child.nama
        )
        for child in outline.children
    }
    places = [] if lon is None or lat is None else [(lon, lat, say("place.mark"))]
    drawing = choropleth.draw_choropleth(
        outline, shapes, label=say("place.map"), marks=choropleth.draw_pins(outline, places)
    )
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(str(drawing), 200, headers, "image/svg+xml")


def read_degrees(text: str) -> float | None:
    """A finite number of degrees, also with a decimal comma; None where it is none."""
    try:
        degrees = float(text.replace(",", ".")[:20])
    except ValueError:
        return None
    return degrees if isfinite(degrees) else None


def picture_size(outline: Outline | None) -> tuple[int, int] | None:
    """Width and height of the map in pixels; None where there is none."""
    if outline is None:
        return None
    width, height = choropleth.frame_of(outline)
    return PICTURE_PX, round(PICTURE_PX * height / width)
