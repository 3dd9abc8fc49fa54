"""Chromium for the tests of this folder: how it is started and what its pages must not do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

# SwiftShader draws WebGL on machines without a GPU, as CI has none.
DRAWING = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
NOT_DRAWING = ("--disable-3d-apis",)
# A service worker answers past the routes of a test; what it does has tests of its own.
PLAIN: dict[str, Any] = {"service_workers": "block"}
OURS = ("http://127.0.0.1", "data:", "blob:")


def launch(playwright: Playwright, flags: tuple[str, ...]) -> Browser:
    return playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=["--no-sandbox", *flags]
    )


@contextmanager
def strict_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page that fails its test when a script fails or another origin is asked."""
    context = browser.new_context(
        **{**PLAIN, "viewport": {"width": 1440, "height": 900}, **options}
    )
    page = context.new_page()
    faults: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert faults == []
    assert {url for url in asked if not url.startswith(OURS)} == set()


def open_map(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("html[data-map-ready='1']", timeout=40_000)


def wait_for_live(page: Page) -> None:
    page.wait_for_selector("#map.is-live", timeout=40_000)


def until(page: Page, expression: str) -> None:
    """Wait until an expression is true; asked again and again, as the policy forbids eval."""
    for _ in range(300):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def without_live_map(page: Page) -> None:
    """Keep the live map away: it changes no layout, and takes seconds where there is no GPU."""
    page.route("**/assets/map-*.js", lambda route: route.abort())


def lose_graphics(page: Page) -> None:
    """Take the WebGL context of the live map away, as a browser does when it needs the memory."""
    page.evaluate(
        """() => {
          const canvas = document.querySelector('canvas.maplibregl-canvas');
          window.graphics = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
          window.graphics.loseContext();
        }"""
    )


def restore_graphics(page: Page) -> None:
    """Give the context back that `lose_graphics` took."""
    page.evaluate("window.graphics.restoreContext()")
