"""The page that compares two maps, in a real Chromium: moved together, swiped, one selection."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.web_map.chromium import until

pytestmark = pytest.mark.browser

PATH = "/kecamatan/99.01.01/banding"
KODE = "99.01.01.2003"


def test_both_maps_show_the_same_part(page: Page, site: str) -> None:
    page.goto(site + PATH)
    page.get_by_role("button", name="Perbesar").click()
    boxes = [page.locator(f"#{name}").get_attribute("viewBox") for name in ("svgmap", "svgmap2")]
    assert boxes[0] == boxes[1]
    before = boxes[0]
    page.keyboard.press("ArrowRight")
    assert page.locator("#svgmap2").get_attribute("viewBox") != before
    assert page.locator("#svgmap").get_attribute("viewBox") == page.locator(
        "#svgmap2"
    ).get_attribute("viewBox")
    page.wait_for_url("**view=**")
    looked = page.locator("#svgmap").get_attribute("viewBox")
    page.reload()
    until(page, f"document.querySelector('#svgmap2').getAttribute('viewBox') !== {before!r}")
    again = page.locator("#svgmap").get_attribute("viewBox")
    numbers = [[float(part) for part in str(box).split()] for box in (looked, again)]
    assert all(abs(one - other) < 2 for one, other in zip(*numbers, strict=True))
    page.get_by_role("button", name="Tampilkan seluruh wilayah").click()
    assert "view=" not in page.url
    assert page.locator("#svgmap").get_attribute("viewBox") == page.locator(
        "#svgmap2"
    ).get_attribute("viewBox")


def test_one_selection_for_maps_scatter_table_and_panel(page: Page, site: str) -> None:
    page.goto(site + PATH)
    page.locator(f"#scatter circle[data-kode='{KODE}']").click()
    page.wait_for_url(f"**desa={KODE}**")
    for part in ("#svgmap path", "#svgmap2 path", "#scatter circle", "#tbl tr"):
        assert page.locator(f"{part}.on[data-kode='{KODE}']").count() == 1, part
    assert page.locator("#panel h3").inner_text() == "Pulau Layar"
    page.locator("#tbl a[data-select='99.01.01.2005']").click()
    assert page.locator("#svgmap path.on").get_attribute("data-kode") == "99.01.01.2005"
    page.go_back()
    until(page, f"document.querySelector('#svgmap path.on')?.dataset.kode === '{KODE}'")


def test_pointing_tells_the_place_on_every_map(page: Page, site: str) -> None:
    page.goto(site + PATH)
    page.locator("#svgmap2 path[data-kode='99.01.01.2005']").hover()
    assert "Bukit Damar" in page.locator(".tip").inner_text()
    assert page.locator("#svgmap path.over[data-kode='99.01.01.2005']").count() == 1


def test_the_slider_swipes_the_second_map_over_the_first(page: Page, site: str) -> None:
    page.goto(f"{site}{PATH}?mode=swipe")
    slider = page.locator("input.swipe")
    cut = page.locator(".over-map").evaluate("(box) => box.style.clipPath")
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert page.locator(".over-map").evaluate("(box) => box.style.clipPath") != cut


def test_the_line_between_two_maps_is_dragged_and_chooses_nothing(page: Page, site: str) -> None:
    page.goto(f"{site}{PATH}?mode=swipe")
    line, slider = page.locator(".swipe-line"), page.locator("input.swipe")
    box = line.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 60
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 120, y, steps=4)
    page.mouse.up()
    assert int(slider.input_value()) < 40
    page.mouse.move(x + 120, y)
    assert int(slider.input_value()) < 40
    assert "desa=" not in page.url


def test_another_way_of_comparing_keeps_the_page(page: Page, site: str) -> None:
    page.goto(f"{site}{PATH}?desa={KODE}")
    page.evaluate("window.stayed = true")
    page.locator("a[data-mode='both']").click()
    page.wait_for_url("**mode=both**")
    until(page, "!!document.querySelector('#svgboth')")
    page.select_option("#layer2", "desa.listrik_pct")
    page.wait_for_url("**layer2=desa.listrik_pct**")
    until(page, "document.querySelector('.axis-up').textContent.includes('listrik')")
    assert f"desa={KODE}" in page.url
    page.go_back()
    page.go_back()
    until(page, "!document.querySelector('#svgboth')")
    assert page.evaluate("window.stayed")
