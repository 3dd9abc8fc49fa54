"""The page in a real Chromium: live map, one selection, failures said, nothing from elsewhere."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route

import web_map
from tests.web_map.chromium import NOT_DRAWING, launch, open_map, until, wait_for_live

pytestmark = pytest.mark.browser

KECAMATAN = "/kecamatan/99.01.01"
AXE = Path(web_map.__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desk": (1440, 900)}
PAGES = (
    "/",
    KECAMATAN,
    f"{KECAMATAN}?layer=spending.realisasi_idr&desa=99.01.01.2003",
    f"{KECAMATAN}?layer=gaps.gap_count&coba=99.01.01.2003",
    f"{KECAMATAN}?layer=gaps.jarak_puskesmas_m&rings=waktu",
    "/kabupaten/99.01",
    "/provinsi/99",
    "/desa/99.01.01.2003",
    f"{KECAMATAN}/tindak-lanjut",
    f"{KECAMATAN}/banding",
    f"{KECAMATAN}/banding?mode=both&desa=99.01.01.2003",
    f"{KECAMATAN}/banding?mode=swipe",
    "/cari?q=tan",
    "/reports/",
    "/reports/?temuan=table.code_unknown",
    "/embed/kecamatan/99.01.02",
)


# A box to tick is pressed on its whole label.
SMALL_TARGETS = """
[...document.querySelectorAll('a, button, select, summary, input:not([type=hidden])')]
  .filter((one) => !one.closest('svg') && one.checkVisibility() && !one.matches('.skip'))
  .map((one) => [one.outerHTML.slice(0, 90), one.closest('label.tick') ?? one])
  .map(([told, one]) => [told, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && box.height < 43.5)
  .map(([told, box]) => `${told} ${box.width}x${box.height}`)
"""


def fill_of(page: Page, kode: str) -> str:
    return str(page.locator(f"#svgmap path[data-kode='{kode}']").get_attribute("fill"))


def test_the_map_is_drawn_from_the_pinned_tiles(page: Page, site: str) -> None:
    open_map(page, site + KECAMATAN)
    wait_for_live(page)
    drawn = page.evaluate(
        "new Set(__map.queryRenderedFeatures({layers: ['fills']}).map((f) => f.id)).size"
    )
    assert drawn == 14
    assert page.evaluate("/releases\\/sampel-/.test(JSON.stringify(__map.getStyle().sources))")


def test_the_map_paints_what_the_table_says(page: Page, site: str) -> None:
    open_map(page, f"{site}{KECAMATAN}?layer=desa.stunting_pct")
    wait_for_live(page)
    states = page.evaluate(
        """JSON.parse(document.querySelector('#data').textContent).rows.map((row) =>
           [row.k, __map.getFeatureState({source: 'area', sourceLayer: 'desa', id: row.id}).k])"""
    )
    assert all(expected == shown for expected, shown in states)
    assert len({shown for _, shown in states}) > 2


def test_a_press_in_the_table_selects_everywhere(page: Page, site: str) -> None:
    open_map(page, site + KECAMATAN)
    wait_for_live(page)
    page.locator("#tbl a[data-select='99.01.01.2003']").click()
    assert "desa=99.01.01.2003" in page.url
    assert page.locator("#panel h3").inner_text() == "Pulau Layar"
    assert page.locator("#tbl tr.on").get_attribute("data-kode") == "99.01.01.2003"
    assert page.evaluate(
        "__map.getFeatureState({source: 'area', sourceLayer: 'desa', id: 9901012003}).on"
    )
    page.go_back()
    until(page, "!document.querySelector('#tbl tr.on')")
    assert "desa=" not in page.url


def test_a_press_on_the_map_selects_in_the_table(page: Page, site: str) -> None:
    open_map(page, f"{site}{KECAMATAN}?layer=desa.stunting_pct")
    wait_for_live(page)
    point = page.evaluate(
        """(() => { const row = JSON.parse(document.querySelector('#data').textContent)
             .rows.find((one) => one.kode === '99.01.01.2005');
           const at = __map.project(row.p);
           const box = document.querySelector('#map').getBoundingClientRect();
           return [at.x + box.left, at.y + box.top]; })()"""
    )
    page.mouse.move(point[0], point[1])
    page.wait_for_selector(".tip")
    tip = page.locator(".tip").inner_text()
    # Value with unit and year, class, rank.
    for told in ("Bukit Damar", "% (2025)", "Kelas: > ", "peringkat 7 dari 14"):
        assert told in tip
    page.mouse.click(point[0], point[1])
    page.wait_for_selector("#tbl tr.on[data-kode='99.01.01.2005']")


def test_another_layer_repaints_without_loading_the_page(page: Page, site: str) -> None:
    open_map(page, site + KECAMATAN)
    wait_for_live(page)
    page.evaluate("window.stayed = true")
    before = fill_of(page, "99.01.01.2003")
    page.select_option("#layer", "desa.air_minum_layak_pct")
    page.wait_for_url("**layer=desa.air_minum_layak_pct**")
    until(page, "document.querySelector('.theme').textContent.includes('air minum')")
    assert page.evaluate("window.stayed")
    assert fill_of(page, "99.01.01.2003") != before
    page.select_option("#tahun", "2023")
    page.wait_for_url("**tahun=2023**")
    page.go_back()
    page.go_back()
    until(page, "document.querySelector('#layer').value === 'gaps.gap_count'")
    assert page.evaluate("window.stayed")


def test_every_switch_is_measured_in_the_page_and_on_the_live_map(page: Page, site: str) -> None:
    """How long it takes is a benchmark (`tests/benchmarks/bench_page.py`), not a test."""
    open_map(page, site + KECAMATAN)
    wait_for_live(page)
    for turn, field in enumerate(("desa.stunting_pct", "desa.listrik_pct")):
        page.select_option("#layer", field)
        for name in ("repaint", "repaint-map"):
            until(page, f"performance.getEntriesByName('{name}').length === {turn + 1}")


def test_where_the_map_looks_is_kept_in_the_address(page: Page, site: str) -> None:
    open_map(page, f"{site}{KECAMATAN}?layer=desa.stunting_pct")
    wait_for_live(page)
    assert "view=" not in page.url
    page.locator(".map-tools button").nth(0).click()
    page.wait_for_url("**view=**")
    zoom = page.evaluate("__map.getZoom()")
    page.locator("#tbl a[data-select='99.01.01.2003']").click()
    page.select_option("#layer", "desa.listrik_pct")
    page.wait_for_url("**listrik**")
    assert "view=" in page.url
    assert "desa=99.01.01.2003" in page.url
    open_map(page, page.url)
    wait_for_live(page)
    assert abs(page.evaluate("__map.getZoom()") - zoom) < 0.02
    page.locator(".map-tools button").nth(2).click()
    page.wait_for_function("!location.search.includes('view=')")


def test_how_the_map_is_displayed_is_chosen_without_loading(page: Page, site: str) -> None:
    open_map(page, f"{site}{KECAMATAN}?layer=gaps.jarak_puskesmas_m")
    wait_for_live(page)
    page.evaluate("window.stayed = true")
    page.locator("details[data-keep='display'] summary").click()
    page.get_by_label("Di sekitar fasilitas").select_option("1")
    page.wait_for_url("**rings=1**")
    until(page, "__map.getLayoutProperty('rings', 'visibility') === 'visible'")
    page.get_by_label("Sembunyikan nama").check()
    until(page, "__map.getLayoutProperty('names', 'visibility') === 'none'")
    page.get_by_label("Kepekatan warna").fill("50")
    until(page, "__map.getPaintProperty('fills', 'fill-opacity') === 0.5")
    page.wait_for_url("**opacity=50**")
    assert page.locator("details[data-keep='display']").get_attribute("open") is not None
    page.go_back()
    until(page, "__map.getPaintProperty('fills', 'fill-opacity') === 1")
    assert page.evaluate("window.stayed")


def test_a_distance_is_measured_by_pointer_and_by_keyboard(page: Page, site: str) -> None:
    open_map(page, site + KECAMATAN)
    wait_for_live(page)
    page.get_by_role("button", name="Ukur jarak").click()
    canvas = page.locator("#map canvas").first
    canvas.press("Enter")
    canvas.click(position={"x": 200, "y": 300})
    until(page, "/Jarak [\\d,.]+ k?m/.test(document.querySelector('#say').textContent)")
    assert "Jarak 0 m" not in page.locator("#say").inner_text()
    assert "desa=" not in page.url
    canvas.press("Escape")
    until(page, "document.querySelector('#say').textContent === ''")
    assert page.evaluate("__map.getSource('measure') === undefined")


def test_the_table_sorts_by_every_column(page: Page, site: str) -> None:
    open_map(page, site + KECAMATAN)
    page.locator("#tbl thead th").nth(1).get_by_role("button").click()
    names = page.locator("#tbl tbody th a").all_inner_texts()
    assert names == sorted(names, key=str.casefold)


def test_without_webgl_the_drawing_stays_and_works(playwright_here: Playwright, site: str) -> None:
    browser = launch(playwright_here, NOT_DRAWING)
    page = browser.new_page()
    open_map(page, site + KECAMATAN)
    assert page.locator("#say").inner_text().startswith("Peta interaktif tidak didukung")
    page.locator("#svgmap path[data-kode='99.01.01.2005']").click()
    assert page.locator("#panel h3").inner_text() == "Bukit Damar"
    page.select_option("#layer", "desa.stunting_pct")
    page.wait_for_url("**stunting**")
    browser.close()


def test_without_script_every_link_and_the_chooser_work(drawing: Browser, site: str) -> None:
    context = drawing.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + KECAMATAN)
    page.select_option("#layer", "desa.stunting_pct")
    page.locator("button.show").click()
    assert "stunting" in page.url
    page.locator("#tbl tbody a").first.click()
    assert page.locator("#tbl tr.on").count() == 1
    assert page.locator("#panel .big").count() == 1
    context.close()


def test_failing_tiles_are_said_and_can_be_tried_again(page: Page, site: str) -> None:
    page.route("**/tiles.pmtiles", lambda route: route.abort())
    open_map(page, site + KECAMATAN)
    page.wait_for_selector("#say.bad button")
    assert "ubin peta" in page.locator("#say").inner_text()
    assert page.locator("#svgmap").is_visible()
    page.unroute("**/tiles.pmtiles")
    page.locator("#say button").click()
    wait_for_live(page)


def test_a_broken_line_is_said_and_the_page_stays(page: Page, site: str) -> None:
    open_map(page, site + KECAMATAN)
    page.route("**/kecamatan/**", lambda route: route.abort())
    page.select_option("#layer", "desa.stunting_pct")
    page.wait_for_selector("#say.bad button")
    assert page.locator("#tbl tbody tr").count() == 14
    page.unroute("**/kecamatan/**")
    page.locator("#say button").click()
    page.wait_for_url("**stunting**")


def test_a_release_published_under_an_open_page_is_opened_whole(page: Page, site: str) -> None:
    """Parts of two releases are never mixed on one page."""
    open_map(page, site + KECAMATAN)
    page.evaluate("window.stayed = true")
    release = page.evaluate("JSON.parse(document.querySelector('#data').textContent).release")

    def answer_as_another_release(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(release, f"{release[:-4]}ffff"))

    page.route("**/kecamatan/99.01.01?*stunting*", answer_as_another_release, times=1)
    with page.expect_event("load"):
        page.select_option("#layer", "desa.stunting_pct")
    assert "stunting" in page.url
    page.wait_for_selector("html[data-map-ready='1']", timeout=40_000)
    assert page.evaluate("window.stayed") is None


def test_a_worker_that_is_a_web_page_is_said(page: Page, site: str) -> None:
    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="text/html", body="<!doctype html>")

    page.route("**/maplibre-gl-worker*", answer)
    open_map(page, site + KECAMATAN)
    page.wait_for_selector("#say.bad button")
    assert page.locator("#svgmap").is_visible()


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(page: Page, site: str, path: str, language: str) -> None:
    if path != KECAMATAN:
        page.route("**/assets/map-*.js", lambda route: route.abort())
    page.goto(f"{site}{path}{'&' if '?' in path else '?'}lang={language}")
    if page.locator("#data").count():
        page.wait_for_selector("html[data-map-ready='1']", timeout=40_000)
    page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    found = page.evaluate("axe.run().then((report) => report.violations)")
    told = [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found]
    assert told == [], json.dumps(told, indent=1)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_every_screen_and_thumb(drawing: Browser, site: str, path: str) -> None:
    context = drawing.new_context(has_touch=True, service_workers="block")
    page = context.new_page()
    # Without the live map: it changes no layout, and takes seconds where there is no GPU.
    page.route("**/assets/map-*.js", lambda route: route.abort())
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(site + path)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, name
        if name == "phone":
            assert page.evaluate(SMALL_TARGETS) == []
    context.close()


@pytest.mark.parametrize("width", [1024, 1280, 1440])
def test_the_ranked_table_shows_all_its_columns(drawing: Browser, site: str, width: int) -> None:
    context = drawing.new_context(viewport={"width": width, "height": 900}, service_workers="block")
    page = context.new_page()
    page.route("**/assets/map-*.js", lambda route: route.abort())
    page.goto(f"{site}{KECAMATAN}?layer=spending")
    table = page.locator(".table")
    assert table.evaluate("(box) => box.scrollWidth - box.clientWidth") <= 0
    context.close()


def test_a_keyboard_leads_from_search_to_the_steps_of_a_desa(page: Page, site: str) -> None:
    page.goto(f"{site}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("pulau layar")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cari?**")
    page.locator(".found a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desa/99.01.01.2003**")
    assert page.locator("#steps li").count() >= 1
    assert "Dinas Kesehatan" in page.locator("#steps").inner_text()


def test_on_paper_the_drawing_shows_and_the_controls_do_not(page: Page, site: str) -> None:
    open_map(page, site + KECAMATAN)
    wait_for_live(page)
    page.emulate_media(media="print")
    assert page.locator("#svgmap").is_visible()
    assert not page.locator("#layer").is_visible()
    assert not page.locator(".live").is_visible()
    assert page.locator("#legend").is_visible()


SHEET = {"width": round(182 / 25.4 * 96), "height": round(269 / 25.4 * 96)}
"""What A4 leaves within margins of 14 mm, in CSS pixels."""


@pytest.mark.parametrize("query", ["", "?layer=gaps.waktu_puskesmas_min&rings=waktu"])
def test_one_sheet_of_paper_holds_the_map_and_what_must_be_known_of_it(
    drawing: Browser, site: str, query: str
) -> None:
    page = drawing.new_page(viewport={"width": SHEET["width"], "height": SHEET["height"]})
    page.goto(f"{site}{KECAMATAN}{query}")
    page.emulate_media(media="print")
    about = page.locator(".meta")
    assert "rujukan hukum" in about.inner_text()
    box = about.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= SHEET["height"]
    page.close()


class Portal(BaseHTTPRequestHandler):
    """Another site, which frames the URL after its ``?``."""

    def do_GET(self) -> None:
        body = f"<iframe src='{self.path.split('?', 1)[1]}' width=880 height=860></iframe>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
        """Nothing: the test's output stays readable."""


def test_the_embedded_page_draws_in_the_frame_of_another_site(drawing: Browser, site: str) -> None:
    portal = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    Thread(target=portal.serve_forever, daemon=True).start()
    page = drawing.new_page()
    page.goto(f"http://127.0.0.1:{portal.server_port}/?{site}/embed{KECAMATAN}")
    frame = page.frame_locator("iframe")
    frame.locator("#map.is-live").wait_for(timeout=40_000)
    assert frame.locator("#svgmap path[data-kode]").count() == 14
    page.close()
    portal.shutdown()
    portal.server_close()
