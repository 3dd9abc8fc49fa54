"""What five people come for, each within five presses: planner, camat's staff, GIS staff, portal.

A press is a click, a choice in a list, or Enter after typing; scrolling and reading are free.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.web_map.chromium import strict_page, until, without_live_map

pytestmark = pytest.mark.browser

MOST_PRESSES = 5


class Visitor:
    """A page whose presses are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0

    def press(self, what: Locator) -> None:
        self.presses += 1
        what.click()

    def choose(self, selector: str, value: str) -> None:
        self.presses += 1
        self.page.select_option(selector, value)

    def search(self, text: str) -> None:
        self.presses += 1
        self.page.locator(".find input[type=search]").fill(text)
        self.page.keyboard.press("Enter")


@pytest.fixture
def visitor(drawing: Browser, site: str) -> Iterator[Visitor]:
    """Someone on a phone at the start page."""
    with strict_page(drawing, viewport={"width": 360, "height": 740}, has_touch=True) as page:
        without_live_map(page)
        page.goto(f"{site}/")
        visitor = Visitor(page)
        yield visitor
        assert visitor.presses <= MOST_PRESSES


def test_the_camats_staff_finds_the_desa_worst_off_for_a_service(visitor: Visitor) -> None:
    """Which desa is farthest from a puskesmas, how many people, is money spent, who acts?"""
    page = visitor.page
    visitor.press(page.locator(".places a", has_text="Tanjung Sagara"))
    visitor.choose("#layer", "gaps.jarak_puskesmas_m")
    page.wait_for_url("**jarak_puskesmas**")
    until(page, "document.querySelector('.theme').textContent.includes('Puskesmas')")
    visitor.press(page.locator("#tbl tbody a").first)
    panel = page.locator("#panel").inner_text()
    assert "Pulau Layar" in panel
    assert "12,3 km" in panel
    assert "1.017" in panel
    assert "Anggaran kesehatan" in panel
    visitor.press(page.locator("#panel a").first)
    page.wait_for_url("**/desa/**")
    assert "Dinas Kesehatan" in page.locator("#steps").inner_text()


def test_a_planner_sees_where_much_need_meets_little_money(visitor: Visitor) -> None:
    page = visitor.page
    visitor.press(page.locator(".places a", has_text="Tanjung Sagara"))
    visitor.press(page.locator(".links a", has_text="Bandingkan"))
    visitor.press(page.locator("a[data-mode='both']"))
    page.wait_for_url("**mode=both**")
    until(page, "!!document.querySelector('#svgboth')")
    worst = page.locator("#tbl tbody tr", has=page.locator("td", has_text="C1"))
    assert worst.count() >= 1
    visitor.press(worst.first.locator("th a"))
    until(page, "!!document.querySelector('#svgboth path.on')")
    assert "C1" in page.locator("#panel").inner_text()


def test_a_planner_compares_two_years(visitor: Visitor) -> None:
    page = visitor.page
    visitor.search("tanjung sagara")
    visitor.press(page.locator(".found a").first)
    visitor.choose("#layer", "desa.stunting_pct")
    page.wait_for_url("**stunting**")
    until(page, "document.querySelector('.theme').textContent.includes('stunting')")
    visitor.choose("#tahun", "2023")
    page.wait_for_url("**tahun=2023**")
    until(page, "document.querySelector('.theme .year').textContent === '2023'")
    assert "2023" in page.locator(".theme").inner_text()


def test_gis_staff_get_the_layer_they_look_at_into_qgis(visitor: Visitor) -> None:
    """The address that QGIS takes, and the file: both answer."""
    page = visitor.page
    visitor.press(page.locator(".links a", has_text="Data dan sumber"))
    page.wait_for_url("**/reports/**")
    row = page.locator("tr", has=page.locator("th", has_text="Belanja desa")).last
    links: dict[str, Any] = {
        link.inner_text(): link.get_attribute("href") for link in row.locator("a").all()
    }
    root = page.url.split("/reports")[0]
    tiles = httpx.get(root + str(links["TileJSON"])).json()
    assert tiles["vector_layers"][0]["id"] == "spending"
    package = httpx.get(root + str(links["GPKG"]))
    assert package.content.startswith(b"SQLite format 3")
    collection = httpx.get(root + str(links["OGC API"])).json()
    assert collection["id"] == "spending"


def test_a_portal_owner_gets_a_frame_of_the_view_that_is_open(visitor: Visitor) -> None:
    page = visitor.page
    visitor.press(page.locator(".places a", has_text="Lembah Manuk"))
    visitor.choose("#layer", "desa.listrik_pct")
    page.wait_for_url("**listrik**")
    until(page, "document.querySelector('.theme').textContent.includes('listrik')")
    visitor.press(page.locator(".take summary"))
    code = page.locator(".take textarea").nth(1).input_value()
    address = code.split('src="')[1].split('"')[0].replace("&amp;", "&")
    answer = httpx.get(address)
    assert answer.status_code == 200
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "listrik" in answer.text
    assert answer.text.count("<tr data-kode=") == 13


def test_a_table_of_the_view_is_taken_along(visitor: Visitor) -> None:
    page = visitor.page
    visitor.press(page.locator(".places a", has_text="Tanjung Sagara"))
    visitor.choose("#layer", "spending.realisasi_idr")
    page.wait_for_url("**realisasi**")
    until(page, "document.querySelector('.theme').textContent.includes('Realisasi')")
    with page.expect_download() as found:
        visitor.press(page.locator(".take a", has_text="CSV"))
    text = found.value.path().read_text(encoding="utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(text)))) == 14
