"""Offline: the kecamatan that was opened stays usable, and the page says what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.end_to_end.processes import serving
from tests.web_map.chromium import open_map, until, wait_for_live

pytestmark = pytest.mark.browser

KECAMATAN = "/kecamatan/99.01.01"


@pytest.fixture
def visitor(drawing: Browser) -> Iterator[Page]:
    """A visitor of his own, whose caches are empty."""
    context = drawing.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def wait_for_worker(page: Page) -> None:
    until(page, "navigator.serviceWorker.controller !== null")
    page.wait_for_timeout(1500)


def test_a_server_that_is_gone_leaves_the_last_kecamatan_usable(
    visitor: Page, sample_releases: Path
) -> None:
    page = visitor
    with serving(sample_releases) as site:
        open_map(page, site + KECAMATAN)
        wait_for_worker(page)
        page.select_option("#layer", "desa.stunting_pct")
        page.wait_for_url("**stunting**")
        until(page, "document.querySelector('.theme').textContent.includes('stunting')")
        page.reload()
        wait_for_live(page)
        page.wait_for_timeout(500)
    page.reload()
    page.wait_for_selector("html[data-map-ready='1']", timeout=40_000)
    assert "Tidak ada sambungan" in page.locator("#line").inner_text()
    assert page.locator("#tbl tbody tr").count() == 14
    wait_for_live(page)
    page.locator("#tbl a[data-select='99.01.01.2003']").click()
    assert page.locator("#panel h3").inner_text() == "Pulau Layar"
    page.goto(site + KECAMATAN)
    assert page.locator("#tbl tbody tr").count() == 14
    page.goto(f"{site}/kabupaten/99.01?lang=en")
    assert "not opened before" in page.locator("body").inner_text()
    assert page.locator("a[href*='99.01.01']").count() >= 1


def test_a_page_is_kept_once_however_its_reader_came(visitor: Page, sample_releases: Path) -> None:
    page = visitor
    with serving(sample_releases) as site:
        open_map(page, f"{site}{KECAMATAN}?fbclid=IwAR1&utm_source=wa")
        assert page.url == site + KECAMATAN
        wait_for_worker(page)
        page.goto(f"{site}{KECAMATAN}?gclid=1")
        page.wait_for_timeout(1000)
        kept = page.evaluate(
            "caches.open('pages-1').then((cache) => cache.keys())"
            ".then((keys) => keys.map((one) => one.url))"
        )
        assert kept == [site + KECAMATAN]
    page.goto(f"{site}{KECAMATAN}?utm_medium=grup&v=3")
    page.wait_for_selector("#tbl")
    assert "Tidak ada sambungan" in page.locator("#line").inner_text()


def test_a_lost_line_is_said_and_taken_back(visitor: Page, site: str) -> None:
    open_map(visitor, site + KECAMATAN)
    assert visitor.locator("#line").inner_text() == ""
    visitor.context.set_offline(True)
    until(visitor, "document.querySelector('#line').textContent.includes('Tidak ada sambungan')")
    visitor.context.set_offline(False)
    until(visitor, "document.querySelector('#line').textContent === ''")
