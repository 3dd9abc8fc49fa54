"""The browser takes the graphics of the live map away, and gives them back: the colours stay true.

WebGL contexts are lost when a phone wakes up, a driver restarts or another page needs the memory.
"""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.web_map.chromium import (
    lose_graphics,
    open_map,
    restore_graphics,
    until,
    wait_for_live,
)
from tests.web_map.pictures import read_png

pytestmark = pytest.mark.browser

KECAMATAN = "/kecamatan/99.01.01"
CHOSEN = "99.01.01.2003"
WHITE = (255, 255, 255)
LOST = "Peramban menghentikan gambar peta interaktif"


def painted(page: Page) -> None:
    page.wait_for_selector("#map.is-live", timeout=40_000)
    until(page, "window.__map?.loaded() === true")
    page.wait_for_timeout(1000)


def class_colours(page: Page) -> list[tuple[int, int, int]]:
    """The colours of the classes that the legend counts at least one place in."""
    data = page.evaluate("JSON.parse(document.querySelector('#data').textContent)")
    used = {row["k"] for row in data["rows"] if row["k"] >= 0}
    texts = [data["colours"][index] for index in sorted(used)]
    return [(int(t[1:3], 16), int(t[3:5], 16), int(t[5:7], 16)) for t in texts]


def pixel_counts(page: Page) -> dict[tuple[int, int, int], int]:
    """How many pixels of the map are of each class's colour, and how many are white."""
    pixels = read_png(page.locator("#map").screenshot()).reshape(-1, 3).astype(int)
    colours = [*class_colours(page), WHITE]
    return {colour: int((np.abs(pixels - colour).max(axis=1) <= 1).sum()) for colour in colours}


def check_same(before: dict[tuple[int, int, int], int], page: Page) -> None:
    """Every class covers what it did; of white, which names and lines have, there is no more."""
    after = pixel_counts(page)
    assert after.keys() == before.keys()
    for colour in before.keys() - {WHITE}:
        assert after[colour] == pytest.approx(before[colour], rel=0.03), colour
    assert after[WHITE] < 1.1 * before[WHITE]


@pytest.mark.parametrize(
    "query",
    [
        f"?desa={CHOSEN}",
        "?layer=desa.stunting_pct&opacity=60",
        f"?layer=gaps.jarak_puskesmas_m&rings=waktu&desa={CHOSEN}",
    ],
)
def test_the_map_comes_back_as_it_was(page: Page, site: str, query: str) -> None:
    open_map(page, site + KECAMATAN + query)
    painted(page)
    address = page.url
    before = pixel_counts_any(page)
    lose_graphics(page)
    page.wait_for_selector("#say.bad button")
    assert "Peramban menghentikan gambar peta" in page.locator("#say").inner_text()
    assert page.locator("#say button").inner_text() == "Coba lagi"
    assert page.locator("#map.is-live").count() == 0
    assert (
        page.locator("#svgmap").evaluate("(svg) => getComputedStyle(svg).visibility") == "visible"
    )
    assert page.locator(".map-tools").count() == 0
    restore_graphics(page)
    painted(page)
    assert np.abs(pixel_counts_any(page) - before).max() <= 400
    assert page.locator("#say").inner_text() == ""
    assert page.locator(".live").count() == page.locator(".map-tools").count() == 1
    assert page.url == address


def pixel_counts_any(page: Page) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """How many pixels of the map have each colour, in 4,096 steps: fills, lines, marks, names."""
    pixels = read_png(page.locator("#map").screenshot()).reshape(-1, 3).astype(np.int64) // 16
    return np.bincount(pixels @ np.array([256, 16, 1]), minlength=4096)


def test_no_place_turns_white_beside_a_legend_that_says_otherwise(page: Page, site: str) -> None:
    open_map(page, site + KECAMATAN)
    painted(page)
    before = pixel_counts(page)
    assert sum(before.values()) - before[WHITE] > 80_000
    for _ in range(2):
        lose_graphics(page)
        page.wait_for_selector("#say.bad button")
        page.wait_for_timeout(300)
        restore_graphics(page)
        painted(page)
        check_same(before, page)


def test_trying_again_does_not_wait_for_the_graphics(page: Page, site: str) -> None:
    open_map(page, site + KECAMATAN)
    painted(page)
    before = pixel_counts(page)
    lose_graphics(page)
    page.locator("#say.bad button").click()
    painted(page)
    check_same(before, page)


def test_what_is_chosen_while_the_drawing_shows_is_on_the_map_that_returns(
    page: Page, site: str
) -> None:
    open_map(page, site + KECAMATAN)
    painted(page)
    lose_graphics(page)
    page.wait_for_selector("#say.bad button")
    page.select_option("#layer", "desa.stunting_pct")
    page.wait_for_url("**stunting**")
    page.locator(f"#tbl a[data-select='{CHOSEN}']").click()
    assert page.locator("#svgmap").is_visible()
    restore_graphics(page)
    painted(page)
    counts = pixel_counts(page)
    assert sum(counts.values()) - counts[WHITE] > 5 * counts[WHITE]
    assert all(counts[colour] > 500 for colour in class_colours(page))
    state = page.evaluate(
        "(kode) => { const row = JSON.parse(document.querySelector('#data').textContent).rows"
        ".find((one) => one.kode === kode);"
        " return __map.getFeatureState({source: 'area', sourceLayer: 'desa', id: row.id}).on; }",
        CHOSEN,
    )
    assert state is True


def wait_for_canvas(page: Page) -> None:
    until(page, "document.querySelector('canvas.maplibregl-canvas') !== null")


def test_graphics_that_go_before_the_map_is_drawn_leave_the_drawing_until_they_return(
    page: Page, site: str
) -> None:
    page.route("**/tiles.pmtiles", lambda _: None)
    page.goto(site + KECAMATAN)
    wait_for_canvas(page)
    lose_graphics(page)
    page.wait_for_selector("#say.bad button")
    assert LOST in page.locator("#say").inner_text()
    assert page.locator("#svgmap").is_visible()
    assert page.locator("#map.is-live").count() == 0
    page.unroute("**/tiles.pmtiles")
    restore_graphics(page)
    painted(page)
    assert page.locator("#say").inner_text() == ""
    assert all(count > 0 for count in pixel_counts(page).values())


@pytest.mark.parametrize("times", [1, 2])
def test_graphics_that_go_again_while_the_map_restarts_are_painted_when_they_return(
    page: Page, site: str, times: int
) -> None:
    open_map(page, site + KECAMATAN)
    painted(page)
    before = pixel_counts(page)
    lose_graphics(page)
    page.wait_for_selector("#say.bad button")
    for _ in range(times):
        page.route("**/tiles.pmtiles", lambda _: None)
        page.evaluate("document.querySelector('canvas.maplibregl-canvas').dataset.old = '1'")
        restore_graphics(page)
        until(page, "!!document.querySelector('canvas.maplibregl-canvas:not([data-old])')")
        lose_graphics(page)
        page.wait_for_selector("#say.bad button")
        assert LOST in page.locator("#say").inner_text()
        assert page.locator(".live").count() == 1
        page.unroute("**/tiles.pmtiles")
    restore_graphics(page)
    painted(page)
    check_same(before, page)
    assert page.locator("#say").inner_text() == ""


def test_another_theme_does_not_silence_what_is_said_of_the_map(page: Page, site: str) -> None:
    open_map(page, site + KECAMATAN)
    painted(page)
    lose_graphics(page)
    page.wait_for_selector("#say.bad button")
    for theme in ("desa.stunting_pct", "gaps.jarak_puskesmas_m"):
        page.select_option("#layer", theme)
        page.wait_for_url(f"**{theme}**")
        assert LOST in page.locator("#say").inner_text()
    page.route("**/kecamatan/**", lambda route: route.abort())
    page.select_option("#layer", "desa.idm_skor")
    until(page, "document.querySelector('#say').textContent.includes('Sambungan terputus')")
    page.unroute("**/kecamatan/**")
    page.locator("#say button").click()
    page.wait_for_url("**idm_skor**")
    assert LOST in page.locator("#say").inner_text()
    page.locator("#say button").click()
    painted(page)
    assert page.locator("#say").inner_text() == ""


def test_another_theme_leaves_the_offer_of_the_live_map(page: Page, site: str) -> None:
    page.add_init_script(
        "Object.defineProperty(navigator, 'connection', {value: {effectiveType: '2g'}})"
    )
    open_map(page, site + KECAMATAN)
    assert page.locator("#say button").inner_text() == "Buka peta interaktif"
    page.select_option("#layer", "desa.stunting_pct")
    page.wait_for_url("**stunting**")
    page.locator("#say button").click()
    painted(page)
    assert page.locator("#say").inner_text() == ""


TRIAL = "/kecamatan/99.01.02?layer=gaps.gap_count&coba=99.01.02.2002&coba_jenis=posyandu"


def open_trial(page: Page, site: str) -> None:
    open_map(page, site + TRIAL)
    wait_for_live(page)
    page.wait_for_selector("#map > .pins .pin")
    painted(page)


def test_a_trial_stands_on_the_drawing_meanwhile(page: Page, site: str) -> None:
    def place_of_pin() -> str:
        page.wait_for_timeout(500)
        return str(page.locator(".pins .pin").first.evaluate("(pin) => pin.style.transform"))

    open_trial(page, site)
    live, before = place_of_pin(), pixel_counts(page)
    lose_graphics(page)
    page.wait_for_selector("#say.bad button")
    assert "Peramban menghentikan gambar peta" in page.locator("#say").inner_text()
    assert page.locator("#map.is-live").count() == 0
    assert page.locator("#svgmap").is_visible()
    drawn = place_of_pin()
    assert drawn != live
    assert page.locator("#trial").evaluate("(box) => box.open")
    restore_graphics(page)
    painted(page)
    assert place_of_pin() == live
    assert page.locator("#say").inner_text() == ""
    check_same(before, page)


def test_a_place_tried_on_the_drawing_is_on_the_map_that_returns(page: Page, site: str) -> None:
    open_trial(page, site)
    before = pixel_counts(page)
    lose_graphics(page)
    page.wait_for_selector("#say.bad button")
    page.select_option("[name='coba_desa']", index=1)
    page.locator("#trial form button:not([type='button'])").click()
    page.wait_for_selector(".pins .pin >> nth=1")
    assert page.locator("#svgmap").is_visible()
    assert page.locator("#map.is-live").count() == 0
    restore_graphics(page)
    painted(page)
    assert page.locator("#map > .pins .pin").count() == 2
    counts = pixel_counts(page)
    assert all(counts[colour] > 0.8 * before[colour] for colour in before.keys() - {WHITE})
    assert counts[WHITE] < 1.1 * before[WHITE]


@pytest.mark.parametrize("mode", ["side", "swipe", "both"])
def test_two_maps_compared_are_drawings_and_lose_nothing(page: Page, site: str, mode: str) -> None:
    page.add_init_script(
        """window.surfaces = [];
        const make = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
          window.surfaces.push(kind);
          return make.call(this, kind, ...rest);
        };"""
    )
    open_map(page, f"{site}{KECAMATAN}/banding?mode={mode}")
    page.locator("#compare .tools button, #compare button").first.click()
    assert page.evaluate("window.surfaces") == []
    assert page.locator("canvas").count() == 0
    assert page.locator("#compare svg").count() >= 1
    fills = page.locator("#compare svg [data-kode]").evaluate_all(
        "(places) => places.map((place) => getComputedStyle(place).fill)"
    )
    assert len({fill for fill in fills if fill.startswith("rgb")}) > 2
