"""A switch of the page leaves readers where they were: focus, selection, one request a choice."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.web_map.chromium import strict_page, until, without_live_map

pytestmark = pytest.mark.browser

KECAMATAN = "/kecamatan/99.01.01"
PAGES = (KECAMATAN, "/kabupaten/99.01", f"{KECAMATAN}/banding")
LAYER = re.compile(r"\?.*layer=")
CHOOSE_WITHOUT_FOCUS = """() => {
  const field = document.querySelector('.bar select');
  field.value = [...field.options].at(-1).value;
  field.dispatchEvent(new Event('change', { bubbles: true }));
}"""
TYPE_OVER_THREE = """() => {
  const field = document.querySelector('#layer');
  for (const option of [...field.options].slice(-3)) {
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));
    field.value = option.value;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
  return field.value;
}"""


def open_at(page: Page, url: str) -> None:
    without_live_map(page)
    page.goto(url)
    page.wait_for_selector("html[data-map-ready='1']")


def choose_last(page: Page) -> None:
    """Choose the last entry of the first field of the bar, as a pointer would."""
    field = page.locator(".bar select").first
    field.select_option(str(field.locator("option").last.get_attribute("value")))


@pytest.mark.parametrize("path", PAGES)
def test_the_field_that_was_changed_keeps_the_focus(drawing: Browser, site: str, path: str) -> None:
    with strict_page(drawing) as page:
        open_at(page, site + path)
        page.locator(".bar select").first.focus()
        before = page.evaluate("document.activeElement.name")
        choose_last(page)
        until(page, "location.search !== ''")
        assert page.evaluate("document.activeElement.name") == before


@pytest.mark.parametrize("path", PAGES)
def test_a_row_that_has_the_focus_keeps_it_in_another_order(
    drawing: Browser, site: str, path: str
) -> None:
    with strict_page(drawing) as page:
        open_at(page, site + path)
        page.locator("#tbl tbody a").nth(3).focus()
        row = "document.activeElement.closest('[data-kode]')?.dataset.kode"
        kode = page.evaluate(row)
        page.evaluate(CHOOSE_WITHOUT_FOCUS)
        until(page, "location.search !== ''")
        assert page.evaluate(row) == kode


@pytest.mark.parametrize("path", [KECAMATAN, f"{KECAMATAN}/banding"])
def test_what_is_selected_during_a_switch_stays_selected(
    drawing: Browser, site: str, path: str
) -> None:
    waiting: list[Route] = []
    with strict_page(drawing) as page:
        open_at(page, site + path)
        page.route(LAYER, lambda route: waiting.append(route))
        choose_last(page)
        chosen = page.locator("#tbl tbody a[data-select]").nth(2)
        name = chosen.inner_text()
        chosen.click()
        until(page, "location.search.includes('desa=')")
        assert len(waiting) == 1
        waiting[0].continue_()
        until(page, "location.search.includes('layer=') || location.search.includes('a=')")
        assert "desa=" in page.url
        assert name in page.locator("#panel").inner_text()
        assert page.locator("#tbl tr[aria-current] a[data-select]").inner_text() == name


def test_a_theme_typed_letter_by_letter_is_asked_for_once(drawing: Browser, site: str) -> None:
    asked: list[str] = []
    with strict_page(drawing) as page:
        open_at(page, site + KECAMATAN)
        page.on("request", lambda request: asked.append(request.url))
        page.locator("#layer").focus()
        # At once, as the browser itself forgets letters that come a second apart.
        last = page.evaluate(TYPE_OVER_THREE)
        until(page, "location.search.includes('layer=')")
        assert page.locator("#layer").input_value() == last
        assert page.evaluate("document.activeElement.id") == "layer"
        assert len([url for url in asked if "layer=" in url]) == 1


def test_who_leaves_the_field_waits_no_longer(drawing: Browser, site: str) -> None:
    with strict_page(drawing) as page:
        open_at(page, site + KECAMATAN)
        page.locator("#layer").focus()
        with page.expect_request(LAYER, timeout=900):
            page.evaluate(f"({TYPE_OVER_THREE})(); document.activeElement.blur()")
