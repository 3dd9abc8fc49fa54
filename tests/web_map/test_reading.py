"""Pages for all readers: twice the size, by keyboard alone, in one language only."""

from __future__ import annotations

import re
from html import unescape

import pytest
from playwright.sync_api import Browser, Page

from tests.web_map.chromium import strict_page, without_live_map
from tests.web_map.conftest import Pages
from tests.web_map.test_pages import PAGES
from web_map.sentences import read_messages

KECAMATAN = "/kecamatan/99.01.01"
LONG_ENOUGH = 14


def text_of(page: str) -> str:
    """What a reader is shown or told: text and labels, without code."""
    page = re.sub(r"<script.*?</script>", " ", page, flags=re.DOTALL)
    # Messages of findings are in English, and say so.
    page = re.sub(r'<(td|p|h3)\b[^>]* lang="en"[^>]*>.*?</\1>', " ", page, flags=re.DOTALL)
    told = re.findall(r'(?:aria-label|title|placeholder|data-[a-z-]+)="([^"]*)"', page)
    return unescape(" ".join([re.sub(r"<[^>]+>", " ", page), *told]))


def messages_of(language: str, other: str) -> set[str]:
    """Sentences without gaps that are written in one language only."""
    messages = read_messages().values()
    both = {message[other] for message in messages}
    return {
        message[language]
        for message in messages
        if len(message[language]) >= LONG_ENOUGH
        and "{" not in message[language]
        and message[language] not in both
    }


@pytest.mark.parametrize(("language", "other"), [("en", "id"), ("id", "en")])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_speaks_one_language(pages: Pages, path: str, language: str, other: str) -> None:
    text = text_of(pages.get(f"{path}{'&' if '?' in path else '?'}lang={language}").text)
    foreign = {sentence for sentence in messages_of(other, language) if sentence in text}
    # A sentence may stand inside a longer one of the right language.
    own = messages_of(language, other)
    assert {one for one in foreign if not any(one in sentence for sentence in own)} == set()


LOST = """
[...document.querySelectorAll('h1, h2, h3, p, dt, dd, b, a, button, label, caption, td, th, li')]
  .filter((one) => one.checkVisibility() && !one.closest('svg, .table, .skip, .patterns'))
  .filter((one) => {
    const style = getComputedStyle(one);
    const isCut = one.scrollWidth > one.clientWidth + 1 && style.overflowX === 'hidden';
    const box = one.getBoundingClientRect();
    return isCut || (box.width > 0 && (box.left < -1 || box.right > innerWidth + 1));
  })
  .map((one) => one.outerHTML.slice(0, 120))
"""


@pytest.mark.browser
@pytest.mark.parametrize(
    "path",
    [
        "/",
        KECAMATAN,
        f"{KECAMATAN}/banding",
        "/desa/99.01.01.2003",
        f"{KECAMATAN}/tindak-lanjut",
        "/reports/",
        "/embed/kecamatan/99.01.02",
    ],
)
def test_twice_the_size_loses_nothing(drawing: Browser, site: str, path: str) -> None:
    """200 % on a screen of 1280 is a window of 640 CSS pixels (WCAG 1.4.4, 1.4.10)."""
    window = {"width": 640, "height": 512}
    with strict_page(drawing, viewport=window, device_scale_factor=2) as page:
        without_live_map(page)
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.evaluate(LOST) == []


def tab_to(page: Page, selector: str, most: int = 300) -> None:
    """Press Tab until an element has the focus, and see that the focus shows."""
    for _ in range(most):
        page.keyboard.press("Tab")
        # Asked in one go: a switch of the page may exchange what has the focus in between.
        shown = page.evaluate(
            f"""document.activeElement?.matches({selector!r})
                ? getComputedStyle(document.activeElement).outlineStyle : null"""
        )
        if shown is not None:
            assert shown != "none"
            return
    raise AssertionError(f"no way to {selector} by keyboard")


@pytest.mark.browser
def test_keys_lead_from_search_over_the_map_to_the_follow_up_list(
    drawing: Browser, site: str
) -> None:
    with strict_page(drawing) as page:
        without_live_map(page)
        page.goto(f"{site}/")
        tab_to(page, ".find input[type=search]")
        page.keyboard.type("tanjung sagara")
        page.keyboard.press("Enter")
        page.wait_for_url("**/cari?**")
        tab_to(page, ".found a")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{KECAMATAN}")
        tab_to(page, "#layer")
        page.keyboard.type("Jarak ke Puskesmas terdekat")
        tab_to(page, "#tbl tbody a")
        page.keyboard.press("Enter")
        page.wait_for_url("**desa=**")
        page.keyboard.press("Control+Home")
        page.evaluate("document.activeElement.blur()")
        tab_to(page, ".links a[href*='tindak-lanjut']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/tindak-lanjut**")
        assert page.locator("h1").count() == 1
        tab_to(page, "a[href*='/desa/']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desa/**")
        assert page.locator("#steps li").count() >= 1


@pytest.mark.browser
def test_keys_move_and_zoom_the_drawings_of_a_comparison(drawing: Browser, site: str) -> None:
    with strict_page(drawing) as page:
        page.goto(f"{site}{KECAMATAN}/banding")
        whole = page.locator("#svgmap").get_attribute("viewBox")
        tab_to(page, ".map-tools button")
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowDown")
        assert page.locator("#svgmap").get_attribute("viewBox") != whole
