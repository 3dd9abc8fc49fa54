"""The pages of the sample kabupaten and of four desa, here and in a server for a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from geo_service.releases.release import Release
from tests.end_to_end.processes import serving
from tests.geo_service.client import Client
from tests.web_map.chromium import DRAWING, launch, strict_page

HTML = "text/html,application/xhtml+xml,*/*;q=0.8"


class Pages(Client):
    """A client that asks for HTML, as a browser does, unless told otherwise."""

    def get(self, url: str, **headers: str) -> httpx.Response:
        return super().get(url, **{"accept": HTML, **headers})


@pytest.fixture(scope="session")
def pages(sample_releases: Path) -> Iterator[Pages]:
    client = Pages(sample_releases)
    with client:
        yield client


@pytest.fixture(scope="module")
def small(small_releases: Path) -> Iterator[Client]:
    """Of the four desa of `small_releases`; unlike `pages` it asks for no HTML of itself."""
    with Client(small_releases) as client:
        yield client


@pytest.fixture(scope="module")
def release(small_releases: Path) -> Release:
    """What `small` answers from."""
    return Release((small_releases / "current").resolve())


@pytest.fixture(scope="session")
def site(sample_releases: Path) -> Iterator[str]:
    """URL of a server of its own process; its log must stay clean."""
    with serving(sample_releases) as url:
        yield url


@pytest.fixture(scope="module")
def playwright_here() -> Iterator[Playwright]:
    """Of one module: while it runs, no other event loop can (see `pages`)."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def drawing(playwright_here: Playwright) -> Iterator[Browser]:
    """A Chromium that draws WebGL."""
    browser = launch(playwright_here, DRAWING)
    yield browser
    browser.close()


@pytest.fixture
def page(drawing: Browser) -> Iterator[Page]:
    """A page on a desk, which fails its test when a script fails or another origin is asked."""
    with strict_page(drawing) as page:
        yield page
