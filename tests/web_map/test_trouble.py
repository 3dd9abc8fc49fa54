"""When something is slow, missing or replaced: the page works, and says what it is doing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from layers.publish.publication import build_into, publish
from tests.end_to_end.processes import serving
from tests.geo_service.conftest import write_smaller_world
from tests.layers.publish.world import write_world
from tests.web_map.chromium import open_map, strict_page, until, wait_for_live, without_live_map

pytestmark = pytest.mark.browser

KECAMATAN = "/kecamatan/99.01.01"


def test_a_map_that_is_not_drawn_in_time_is_said_and_can_be_tried_again(
    drawing: Browser, site: str
) -> None:
    with strict_page(drawing) as page:
        page.clock.install()
        waiting = []
        page.route("**/tiles.pmtiles", lambda route: waiting.append(route))
        page.goto(site + KECAMATAN)
        until(page, "document.querySelector('.live canvas') !== null")
        page.clock.fast_forward(15_500)
        page.wait_for_selector("#say.bad button")
        assert "tidak siap dalam 15 detik" in page.locator("#say").inner_text()
        assert page.locator("#svgmap").is_visible()
        assert page.locator("html").get_attribute("data-map-ready") == "1"
        assert waiting


def test_a_server_that_does_not_answer_is_said_and_asked_again(drawing: Browser, site: str) -> None:
    with strict_page(drawing) as page:
        without_live_map(page)
        page.clock.install()
        page.goto(site + KECAMATAN)
        page.wait_for_selector("html[data-map-ready='1']")
        waiting = []
        page.route("**/kecamatan/**", lambda route: waiting.append(route))
        page.select_option("#layer", "desa.stunting_pct")
        for _ in range(100):
            if waiting:
                break
            page.wait_for_timeout(50)
        page.clock.fast_forward(15_500)
        until(page, "document.querySelector('#say').textContent.includes('15 detik')")
        assert page.locator("#tbl tbody tr").count() == 14
        page.unroute("**/kecamatan/**")
        page.locator("#say button").click()
        page.wait_for_url("**stunting**")


def test_a_release_published_under_an_open_page(drawing: Browser, tmp_path: Path) -> None:
    """A real one: the open map goes on from its own release, the next view is of the new one."""
    root = tmp_path / "releases"
    first = build_into(root, write_world)
    second = build_into(root, write_smaller_world)
    publish(root, first)
    with serving(root) as site, strict_page(drawing) as page:
        open_map(page, site + KECAMATAN)
        wait_for_live(page)
        publish(root, second)
        assert (root / "current").readlink() == Path(second)
        page.locator(".map-tools button").first.click()
        until(page, "__map.areTilesLoaded() && !__map.isMoving()")
        assert page.locator("#say").inner_text() == ""
        page.evaluate("window.stayed = true")
        with page.expect_event("load"):
            page.select_option("#layer", "desa.penduduk_jiwa")
        assert "penduduk_jiwa" in page.url
        assert page.evaluate("window.stayed") is None
        assert str(second) in page.locator("#data").inner_text()
        wait_for_live(page)
        assert page.evaluate(f"JSON.stringify(__map.getStyle()).includes('{second}')")


def test_a_link_and_the_code_of_a_frame_are_copied(drawing: Browser, site: str) -> None:
    with strict_page(drawing, permissions=["clipboard-read", "clipboard-write"]) as page:
        without_live_map(page)
        page.goto(f"{site}{KECAMATAN}?layer=desa.stunting_pct")
        page.wait_for_selector("html[data-map-ready='1']")
        page.locator("#tbl tbody a").first.click()
        page.locator("details[data-keep='share'] summary").click()
        assert copied(page, 0) == page.url
        assert "/embed/kecamatan/99.01.01?layer=desa.stunting_pct" in copied(page, 1)


def copied(page: Page, which: int) -> str:
    button = page.locator("button.copy").nth(which)
    button.click()
    until(page, f"document.querySelectorAll('button.copy')[{which}].textContent === 'Tersalin'")
    return str(page.evaluate("navigator.clipboard.readText()"))
