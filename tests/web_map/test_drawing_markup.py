"""Whatever a place is called, a drawing is well-formed and says exactly that."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from markupsafe import Markup

from layers.release.drawing_file import Outline, OutlineChild
from web_map.drawing import choropleth as ch
from web_map.drawing.isochrone_lines import Isoline, draw_isochrones
from web_map.drawing.legend import LegendEntry
from web_map.drawing.picture_sheet import PictureDisplay, PictureWords, compose_sheet
from web_map.drawing.plot import Axis, Dot, draw_scatter

NAMES = ("<script>alert(1)</script>", 'a" onload="x', "Ba'u & Mesjid", "]]>", "{{ 7 * 7 }}", "é<b>")
PATH = "M0 0L10 0L10 10Z"


def outline_of(nama: str) -> Outline:
    child = OutlineChild(kode="99.01.01.2001", nama=nama, fid=1, d=PATH, x=50, y=50)
    return Outline(
        kode="99.01.01",
        level="kecamatan",
        bbox_lonlat=(122.0, -8.5, 122.5, -8.0),
        width=400,
        height=300,
        children=(child,),
    )


def shapes_of(nama: str) -> dict[str, ch.Shape]:
    shape = ch.Shape("99.01.01.2001", nama, "#aabbcc", nama, f"/x?a={nama}", is_part=True)
    return {shape.kode: shape}


def texts(markup: str) -> set[str]:
    """All texts and attributes of a drawing, which must be XML."""
    root = ET.fromstring(markup)
    found = {(element.text or "") for element in root.iter()}
    return found | {value for element in root.iter() for value in element.attrib.values()}


@pytest.mark.parametrize("nama", NAMES)
def test_map_labels_facilities_pins_and_lines(nama: str) -> None:
    outline = outline_of(nama)
    line = Isoline(30, PATH, ((10, 10),), nama)
    marks = (
        draw_isochrones((line,), PATH)
        + ch.draw_facilities(outline, [(122.1, -8.1, nama)], 500.0)
        + ch.draw_pins(outline, [(122.1, -8.1, nama)])
    )
    drawn = ch.draw_choropleth(
        outline, shapes_of(nama), label=nama, marks=marks, texts={"99.01.01.2001": nama}
    )
    assert isinstance(drawn, Markup)
    said = texts(drawn)
    assert {nama, f"/x?a={nama}"} <= said
    root = ET.fromstring(drawn)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags == {"svg", "g", "a", "path", "title", "circle", "text"}
    titles = [element.text for element in root.iter() if element.tag.endswith("title")]
    assert titles == [nama] * 3


@pytest.mark.parametrize("nama", NAMES)
def test_a_scatter(nama: str) -> None:
    dots = [Dot("99", 1.0, 2.0, "#aabbcc", nama, nama), Dot("98", 3.0, 1.0, "", nama, nama, True)]
    axis = Axis(nama, 1.5, ((1.0, nama), (2.0, "2")))
    assert nama in texts(draw_scatter(dots, axis, axis, nama))


@pytest.mark.parametrize("nama", NAMES)
def test_a_picture(nama: str) -> None:
    words = PictureWords(
        title=nama,
        place=nama,
        legend_title="x",
        lines=(LegendEntry(fill="#aabbcc", label=nama, name=None, count=1, share=1.0),),
        notes=(nama,),
        none=nama,
        north=nama,
        display=PictureDisplay(places=((122.1, -8.1, nama),), places_title=nama),
    )
    assert nama in texts(compose_sheet(words, outline_of(nama), shapes_of(nama)))
    assert nama in texts(compose_sheet(words, None, {}))


def test_what_is_not_drawn_yet_is_no_markup() -> None:
    """Text that no macro made is escaped, wherever it is handed in."""
    drawn = ch.draw_choropleth(
        outline_of("A"),
        {},
        label="A",
        marks="<b>",  # type: ignore[arg-type]  # what a caller would do wrong
    )
    assert "&lt;b&gt;" in drawn


@pytest.mark.parametrize("mark", ch.TEXTURES, ids=lambda mark: str(mark.name))
def test_each_status_has_a_texture_of_its_own(mark: ch.Texture) -> None:
    root = ET.fromstring(ch.pattern_element())
    patterns = {element.get("id"): ET.tostring(element) for element in root.iter("pattern")}
    assert len(patterns) == len(set(patterns.values())) == len(ch.TEXTURES)
    assert f"p-{mark.name}" in patterns
