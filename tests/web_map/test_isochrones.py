"""Travel time on the page: offered where it is known, drawn, told in words, the same everywhere."""

from __future__ import annotations

import gzip
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.web_map.chromium import open_map, until, wait_for_live
from tests.web_map.conftest import Pages
from tests.web_map.test_contrast import AA_GRAPHICS, RAMP_LIST, contrast
from web_map.drawing.choropleth import PAPER, Box, is_overlapping
from web_map.drawing.isochrone_lines import DASHES, LINE, UNREACHED, Isoline, draw_isochrones

KECAMATAN = "/kecamatan/99.01.01"
FIELD = "layer=gaps.jarak_puskesmas_m"
TIMED = f"{KECAMATAN}?{FIELD}&rings=waktu"


def drawing_of(text: str) -> str:
    return text.split('id="svgmap"')[1].split("</svg>")[0]


def test_travel_time_is_offered_for_a_kind_that_has_it(pages: Pages) -> None:
    assert '<option value="waktu">garis waktu tempuh' in pages.get(f"{KECAMATAN}?{FIELD}").text
    without = pages.get(f"{KECAMATAN}?layer=desa.stunting_pct").text
    assert 'value="waktu"' not in without
    assert 'value="waktu"' in pages.get(f"{KECAMATAN}?layer=desa.stunting_pct&facilities=sd").text


def test_lines_are_drawn_with_their_minutes(pages: Pages) -> None:
    assert 'class="iso"' not in pages.get(f"{KECAMATAN}?{FIELD}&rings=1").text
    drawn = drawing_of(pages.get(TIMED).text)
    assert re.findall(r'data-text="(\d+ mnt)"', drawn) == ["120 mnt", "60 mnt", "30 mnt", "15 mnt"]
    assert set(re.findall(r">(\d+ mnt)</text>", drawn)) == {"15 mnt", "30 mnt", "60 mnt", "120 mnt"}
    assert "cut-off" in drawn
    assert 'class="rings"' not in drawn
    english = drawing_of(pages.get(f"{TIMED}&lang=en").text)
    assert 'data-text="15 min"' in english


def test_the_legend_says_how_many_live_in_each_band(pages: Pages) -> None:
    key = pages.get(TIMED).text.split('class="iso-key"')[1].split("</div>")[0]
    assert "Waktu tempuh ke Puskesmas, sepeda motor" in key
    told = re.findall(r"<span class=\"count\">([\d.]+) jiwa", key)
    assert [int(one.replace(".", "")) for one in told][:2] == [1537, 10419]
    assert "(norma)" in key.split("</li>")[1]
    assert "Tanggal data:" in key
    assert "raster hambatan" in key
    english = pages.get(f"{TIMED}&lang=en").text.split('class="iso-key"')[1].split("</div>")[0]
    assert "motorbike" in english
    assert "1,537 people (4%)" in english


def test_a_kabupaten_has_lines_too_and_an_embedded_page(pages: Pages) -> None:
    assert 'class="iso"' in pages.get("/kabupaten/99.01?facilities=sd&rings=waktu").text
    assert 'class="iso"' in pages.get(f"/embed{TIMED}").text


def test_where_travel_time_is_not_known_the_page_says_so(pages: Pages) -> None:
    text = pages.get("/provinsi/99?facilities=sd&rings=waktu").text
    assert 'class="iso"' not in text
    assert "tidak memuat waktu tempuh ke SD/MI" in text


def test_another_word_for_rings_is_refused(pages: Pages) -> None:
    answer = pages.get(f"{KECAMATAN}?rings=2", accept="application/json")
    assert answer.status_code == 400
    assert "rings" in answer.text


def test_the_choice_stays_in_every_link_of_the_page(pages: Pages) -> None:
    text = pages.get(TIMED).text
    for ending in ("png", "csv", "xlsx"):
        assert re.search(rf'href="{KECAMATAN}\.{ending}\?[^"]*rings=waktu', text)


def test_the_picture_has_the_lines(pages: Pages) -> None:
    def ink(query: str) -> int:
        picture = Image.open(io.BytesIO(pages.get(f"{KECAMATAN}.png?{FIELD}{query}").content))
        wanted = np.array([int(LINE[at : at + 2], 16) for at in (1, 3, 5)])
        distance = np.abs(np.asarray(picture.convert("RGB")).astype(int) - wanted).sum(axis=2)
        return int((distance < 30).sum())

    assert ink("") == 0
    assert ink("&rings=waktu") > 1000


def test_a_page_with_lines_keeps_its_budget(pages: Pages) -> None:
    for kind in ("sd", "posyandu", "puskesmas"):
        for kode in ("99.01.01", "99.01.02", "99.01.03"):
            path = f"/kecamatan/{kode}?layer=gaps.jarak_{kind}_m"
            plain, timed = (
                len(gzip.compress(pages.get(path + more).content)) for more in ("", "&rings=waktu")
            )
            assert timed - plain < 4_000, (kind, kode)
            assert timed < 20_000


def test_a_line_or_its_casing_stands_out_from_every_class() -> None:
    for colour in (LINE, UNREACHED):
        assert contrast(colour, PAPER) >= AA_GRAPHICS
        for ramp in RAMP_LIST:
            for fill in ramp:
                assert max(contrast(colour, fill), contrast(PAPER, fill)) >= AA_GRAPHICS


def test_lines_are_told_apart_without_colour() -> None:
    assert len(set(DASHES)) == len(DASHES)
    gaps = [float(dash.split()[1]) if dash else 0.0 for dash in DASHES]
    filled = [
        float(dash.split()[0]) / sum(map(float, dash.split())) if dash else 1 for dash in DASHES
    ]
    assert gaps[0] == 0
    assert filled == sorted(filled, reverse=True), "the farther, the sparser"


def test_nothing_is_drawn_of_nothing_and_text_is_escaped() -> None:
    assert draw_isochrones((), "") == ""
    assert "<b>" not in draw_isochrones([Isoline(15, "M0 0l1 1", ((0, 0),), "<b>")], "")


@pytest.mark.parametrize(
    ("names", "x"),
    [
        ([], 100),
        ([(60.0, 40.0, 140.0, 60.0)], 300),
        ([(60.0, 40.0, 140.0, 60.0), (250.0, 40.0, 350.0, 60.0)], 100),
    ],
    ids=["free", "a name at the best place", "names at all places"],
)
def test_minutes_stand_beside_names_where_they_can(names: list[Box], x: int) -> None:
    line = Isoline(15, "M0 50l400 0", ((100, 50), (300, 50)), "15 mnt")
    assert f'<text x="{x}" ' in draw_isochrones([line], "", names=names)


def test_no_name_lies_on_minutes_in_a_drawing(pages: Pages) -> None:
    for kind in ("puskesmas", "posyandu", "sd"):
        drawing = drawing_of(pages.get(f"{KECAMATAN}?layer=gaps.jarak_{kind}_m&rings=waktu").text)
        minutes, names = drawing.split('<g class="names"')
        boxes = [
            [
                (
                    float(x) - len(text) * wide,
                    float(y) - tall,
                    float(x) + len(text) * wide,
                    float(y),
                )
                for x, y, text in re.findall(r'<text x="([-\d.]+)" y="([-\d.]+)">([^<]+)', part)
            ]
            for part, wide, tall in ((minutes, 5.0, 12), (names, 5.0, 14))
        ]
        assert boxes[0]
        assert boxes[1]
        assert not [one for one in boxes[0] if any(is_overlapping(one, two) for two in boxes[1])]


@pytest.mark.browser
def test_the_live_map_shows_the_lines_of_the_drawing(page: Page, site: str) -> None:
    open_map(page, f"{site}{KECAMATAN}?{FIELD}")
    wait_for_live(page)
    page.evaluate("window.stayed = true")
    page.locator("details[data-keep='display'] summary").click()
    page.get_by_label("Di sekitar fasilitas").select_option("waktu")
    page.wait_for_url("**rings=waktu**")
    until(page, "__map.querySourceFeatures('isolines').length > 0")
    told = page.evaluate(
        "(async () => (await __map.getSource('isolines').getData()).features.map("
        "(one) => [one.properties.text, one.geometry.type]))()"
    )
    assert {text for text, kind in told if kind == "MultiLineString" and text} == {
        "15 mnt",
        "30 mnt",
        "60 mnt",
        "120 mnt",
    }
    inside = page.evaluate(
        "(async () => (await __map.getSource('isolines').getData()).features.flatMap("
        "(one) => one.geometry.coordinates.flat(9)))()"
    )
    west, south, east, north = json.loads(page.locator("#data").text_content() or "{}")["bbox"]
    assert all(west - 0.01 <= lon <= east + 0.01 for lon in inside[0::2])
    assert all(south - 0.01 <= lat <= north + 0.01 for lat in inside[1::2])
    page.go_back()
    until(page, "__map.querySourceFeatures('isolines').length === 0")
    assert page.evaluate("window.stayed")
