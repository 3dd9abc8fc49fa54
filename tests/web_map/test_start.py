"""The start page of a large release: a short list, and a map of all kecamatan if possible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from playwright.sync_api import Browser, Playwright

from layers.columns.model import LayerData
from layers.publish.publication import build_into, publish
from layers.publish.write import write_release
from layers.release.manifest_file import InputEntry, Manifest
from tests.end_to_end.processes import serving
from tests.layers.publish import world
from tests.web_map.chromium import (
    NOT_DRAWING,
    launch,
    lose_graphics,
    restore_graphics,
    strict_page,
    until,
)
from tests.web_map.conftest import Pages
from web_map.pages.start.start import MOST_KABUPATEN

KABUPATEN = MOST_KABUPATEN + 2
SIDE = 0.4


def make_boundaries() -> gpd.GeoDataFrame:
    """A row of kabupaten, each a square of one kecamatan with one desa; all of one provinsi."""
    rows = []
    for number in range(KABUPATEN):
        square = shapely.box(100 + number * SIDE, -1, 100 + (number + 1) * SIDE, -1 + SIDE)
        kode = f"99.{number + 1:02d}.01.2001"
        for level, length in (("desa", 13), ("kecamatan", 8), ("kabupaten", 5)):
            rows.append(world._row(level, kode[:length], f"{level} {number + 1}".upper(), square))
    whole = shapely.box(100, -1, 100 + KABUPATEN * SIDE, -1 + SIDE)
    rows.append(world._row("provinsi", "99", "PAPAN", whole))
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")


def write_large_world(target: Path) -> Manifest:
    target.mkdir(parents=True, exist_ok=True)
    boundaries = make_boundaries()
    layers = []
    for level, fields in (
        ("kecamatan", world._kecamatan_fields()),
        ("kabupaten", world._kecamatan_fields()),
    ):
        frame = boundaries[boundaries["level"] == level].copy()
        frame["fid"] = [int(kode.replace(".", "")) for kode in frame["kode"]]
        frame["desa_count"] = list(range(1, KABUPATEN + 1))
        layers.append(LayerData(world.definition(level), fields, frame))
    folder = target.parent.parent / "workspace"
    return write_release(
        target,
        layers=layers,
        boundaries=boundaries,
        tables={"indicators": pd.DataFrame({"kode": ["99.01.01.2001"], "nilai": [0.4]})},
        report=world.make_report(),
        workspace=world.write_workspace(folder),
        workspace_folder=folder,
        inputs=(InputEntry(input="boundaries.1", path="x", sha256="0" * 64, size=1),),
    )


@pytest.fixture(scope="module")
def large_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("large") / "releases"
    publish(root, build_into(root, write_large_world))
    return root


@pytest.fixture(scope="module")
def large_site(large_releases: Path) -> Iterator[str]:
    with serving(large_releases) as url:
        yield url


def test_many_kabupaten_are_not_listed_at_once(large_releases: Path) -> None:
    client = Pages(large_releases)
    with client:
        start = client.get("/").text
        assert 'href="/provinsi/99"' in start
        assert "/kabupaten/99.01" not in start
        assert f"{KABUPATEN} kabupaten" in start
        provinsi = client.get("/provinsi/99")
        assert provinsi.status_code == 200
        assert "Provinsi Papan" in provinsi.text
        assert 'data-select="99.42"' in provinsi.text
        assert client.get("/provinsi/99?method=quantile&k=3").status_code == 200


@pytest.mark.browser
def test_a_press_on_the_map_of_all_kecamatan_opens_one(drawing: Browser, large_site: str) -> None:
    with strict_page(drawing) as page:
        page.goto(f"{large_site}/")
        page.wait_for_selector("html[data-map-ready='1']", timeout=40_000)
        until(page, "window.__map && __map.loaded()")
        shown = page.evaluate(
            "new Set(__map.queryRenderedFeatures({layers: ['fills']}).map((f) => f.id)).size"
        )
        assert shown == KABUPATEN
        spot = page.evaluate(
            """(() => { const at = __map.project([100.2, -0.8]);
               const box = document.querySelector('#country').getBoundingClientRect();
               return [at.x + box.left, at.y + box.top]; })()"""
        )
        page.mouse.move(*spot)
        page.wait_for_selector(".tip")
        assert "Kecamatan 1" in page.locator(".tip").inner_text().title()
        page.mouse.click(*spot)
        page.wait_for_url("**/kecamatan/99.01.01")


@pytest.mark.browser
def test_tiles_that_fail_are_said_on_the_start_page(drawing: Browser, large_site: str) -> None:
    with strict_page(drawing) as page:
        page.route("**/tiles.pmtiles", lambda route: route.abort())
        page.goto(f"{large_site}/")
        page.wait_for_selector("#say.bad button")
        assert "ubin peta" in page.locator("#say").inner_text()
        page.unroute("**/tiles.pmtiles")
        page.locator("#say button").click()
        page.wait_for_selector("#country .maplibregl-canvas")


@pytest.mark.browser
def test_the_map_of_all_kecamatan_comes_back_when_its_graphics_do(
    drawing: Browser, large_site: str
) -> None:
    with strict_page(drawing) as page:
        page.goto(f"{large_site}/")
        page.wait_for_selector("#country .map-tools", timeout=60_000)
        lose_graphics(page)
        page.wait_for_selector("#say.bad button")
        assert "Daftar di halaman ini tetap dapat dipakai" in page.locator("#say").inner_text()
        assert page.locator("#country").is_hidden()
        restore_graphics(page)
        page.wait_for_selector("#country .map-tools", timeout=60_000)
        assert page.locator("#country").is_visible()
        assert page.locator("#say").inner_text() == ""


@pytest.mark.browser
def test_a_phone_is_asked_before_so_many_tiles(drawing: Browser, large_site: str) -> None:
    with strict_page(drawing, viewport={"width": 360, "height": 740}) as page:
        page.goto(f"{large_site}/")
        page.locator("#say button").wait_for()
        assert page.locator("#country canvas").count() == 0


@pytest.mark.browser
def test_without_webgl_the_list_remains(playwright_here: Playwright, large_site: str) -> None:
    browser = launch(playwright_here, NOT_DRAWING)
    page = browser.new_page()
    page.goto(f"{large_site}/")
    page.wait_for_selector("html[data-map-ready='1']")
    assert not page.locator("#country").is_visible()
    assert page.locator(".places a").count() == 1
    browser.close()


def test_the_way_back_leads_over_the_provinsi_where_there_are_many_kabupaten(
    large_releases: Path, pages: Pages
) -> None:
    client = Pages(large_releases)
    with client:
        path = client.get("/kabupaten/99.02").text.split('class="path"')[1].split("</nav>")[0]
    assert 'href="/provinsi/99"' in path
    alone = pages.get("/kecamatan/99.01.01").text.split('class="path"')[1].split("</nav>")[0]
    assert "/provinsi/" not in alone


@pytest.mark.browser
@pytest.mark.parametrize("language", ["", "lang=en&"])
def test_an_error_with_a_long_word_fits_a_phone(drawing: Browser, site: str, language: str) -> None:
    with drawing.new_context(viewport={"width": 360, "height": 740}) as context:
        page = context.new_page()
        answer = page.goto(f"{site}/kecamatan/99.01.01?{language}{'berlanjut' * 9}=1")
        assert answer is not None
        assert answer.status == 400
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
