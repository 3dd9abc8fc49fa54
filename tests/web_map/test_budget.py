"""What comes over the wire: the first visit, the second, and the parts that a page links to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import web_map
from tests.web_map.chromium import DRAWING, open_map, wait_for_live

pytestmark = pytest.mark.browser

DIST = Path(web_map.__file__).parent / "dist"
KECAMATAN = "/kecamatan/99.01.01"
KB = 1000


def received(browser: Browser, url: str, *, visits: int) -> list[int]:
    """Bytes over the wire of each visit of one visitor, headers included."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, service_workers="block")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Target.setAutoAttach",
        {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True},
    )
    totals = []
    total = 0

    def count(event: dict[str, float]) -> None:
        nonlocal total
        total += int(event["encodedDataLength"])

    session.on("Network.loadingFinished", count)
    for _ in range(visits):
        total = 0
        open_map(page, url)
        wait_for_live(page)
        page.wait_for_timeout(500)
        totals.append(total)
    context.close()
    return totals


def live_parts() -> tuple[str, ...]:
    """Beginnings of the names of what the live map fetches, the worker included."""
    manifest = json.loads((DIST / "manifest.json").read_bytes())
    entry = next(value for key, value in manifest.items() if key.endswith("live/map.ts"))
    chunks = [entry, *(manifest[name] for name in entry.get("imports", ()))]
    files = {chunk["file"] for chunk in chunks}
    styles = {style for chunk in chunks for style in chunk.get("css", ())}
    return tuple(sorted({Path(name).name for name in files | styles}))


def test_all_that_a_first_visit_may_fetch_fits_the_budget() -> None:
    if not (DIST / "manifest.json").is_file():
        pytest.skip("the page is not built")
    parts = [DIST / "assets" / f"{name}.br" for name in live_parts()]
    worker = next((DIST / "assets").glob("maplibre-gl-worker-*.js.br"))
    script = next((DIST / "assets").glob("page-*.js.br"))
    style = next((DIST / "assets").glob("page-*.css.br"))
    total = sum({part: part.stat().st_size for part in [*parts, worker, script, style]}.values())
    assert 300 * KB < total <= 425 * KB, total


def test_a_first_visit_stays_below_450_kilobytes_and_a_second_below_30(
    drawing: Browser, site: str
) -> None:
    assert DRAWING
    first, second = received(drawing, site + KECAMATAN, visits=2)
    assert first <= 450 * KB, first
    assert second <= 30 * KB, second
