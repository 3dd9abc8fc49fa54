"""A new facility tried on the page of a kecamatan: by the server alone, and in a real Chromium."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, sync_playwright

from geo_service.errors import ServerBusyError
from tests.web_map.chromium import DRAWING, NOT_DRAWING, launch, until
from tests.web_map.conftest import Pages

KECAMATAN = "/kecamatan/99.01.02?layer=gaps.gap_count"
TRIED = f"{KECAMATAN}&coba=99.01.02.2002&coba_jenis=posyandu"
NEW = "/processes/new-facility/execution"


def section(text: str) -> str:
    """The part of a page that holds the trial, without its markup."""
    found = re.search(r'<details id="trial".*?</details>', text, re.DOTALL)
    assert found is not None
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", found[0])).split())


def test_the_server_alone_answers_what_the_process_says(pages: Pages) -> None:
    shown = section(pages.get(TRIED).text)
    kantor = [125.704431, -5.661768]
    answer = pages.post(NEW, {"inputs": {"kind": "posyandu", "points": [kantor]}}).json()
    gained = round(answer["people"]["newly_covered"])
    assert gained > 0
    assert f"+{gained} " in shown
    assert "Yang dicoba: Posyandu" in shown
    gaps = answer["gaps"]
    assert f"(1,0 km garis lurus): {gaps['before']} menjadi {gaps['after']}" in shown
    assert "Rai Manuk" in shown
    assert "tertutup" in shown
    assert "newly covered" in section(pages.get(f"{TRIED}&lang=en").text)


def test_the_drawing_shows_where_they_stand(pages: Pages) -> None:
    drawing = re.search(r'<svg id="svgmap".*?</svg>', pages.get(TRIED).text, re.DOTALL)
    assert drawing is not None
    assert drawing[0].count("<title>Rai Manuk</title>") == 1
    assert 'class="tried"' not in pages.get(KECAMATAN).text


def test_what_the_form_adds_joins_what_was_tried(pages: Pages) -> None:
    url = f"{TRIED}&coba_desa=99.01.02.2004&coba_titik=125.70, -5.70"
    text = pages.get(url).text
    assert text.count("data-lon=") == 3
    assert 'value="99.01.02.2002;99.01.02.2004;125.70, -5.70"' in text


def test_latitude_first_is_understood_where_the_area_proves_it(pages: Pages) -> None:
    text = pages.get(f"{KECAMATAN}&coba=-5.70,125.70&coba_jenis=sd").text
    assert 'data-lon="125.7" data-lat="-5.7"' in text


@pytest.mark.parametrize(
    ("places", "word"),
    [
        ("somewhere", "bukan tempat"),
        ("1,2", "di luar wilayah data"),
        ("nan,nan", "bukan tempat"),
        ("1e400,1", "bukan tempat"),
        (";".join(["125.7,-5.7"] * 9), "Paling banyak 5"),
        ("<script>alert(1)</script>", "bukan tempat"),
    ],
)
def test_a_place_that_cannot_be_tried_is_told_on_the_page(
    pages: Pages, places: str, word: str
) -> None:
    answer = pages.get(f"{KECAMATAN}&coba={places}")
    assert answer.status_code == 200
    assert word in section(answer.text)
    assert "<script>alert" not in answer.text
    assert "hapus" in section(answer.text)


def test_a_busy_server_is_told_and_that_page_is_not_kept(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ServerBusyError("busy")

    rid = pages.json("/?f=json")["release_id"]
    good = pages.get(f"/releases/{rid}{TRIED}")
    assert "no-store" not in good.headers["cache-control"]
    monkeypatch.setattr("geo_service.ogc.what_if.execute", refuse)
    busy = pages.get(f"/releases/{rid}{TRIED}")
    assert "sibuk" in section(busy.text)
    assert busy.headers["cache-control"] == "no-store"


def test_it_is_offered_only_where_a_service_gap_of_a_kecamatan_is_shown(pages: Pages) -> None:
    assert 'id="trial"' in pages.get(KECAMATAN).text
    for url in (
        "/kecamatan/99.01.02?layer=desa.penduduk_jiwa",
        "/kabupaten/99.01",
        "/embed/kecamatan/99.01.02",
    ):
        assert 'id="trial"' not in pages.get(url).text


def test_choosing_another_layer_keeps_what_was_tried(pages: Pages) -> None:
    bar = re.search(r'<form class="bar".*?</form>', pages.get(TRIED).text, re.DOTALL)
    assert bar is not None
    assert '<input type="hidden" name="coba" value="99.01.02.2002">' in bar[0]


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright, DRAWING)
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on a desk, which fails its test when a script fails."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, service_workers="block")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


def places_of(page: Page) -> list[str]:
    query = parse_qs(urlsplit(page.url).query)
    return [text for text in query.get("coba", [""])[0].split(";") if text]


def open_trial(page: Page, url: str, ready: str) -> None:
    page.goto(url)
    page.wait_for_selector(ready, timeout=40_000)
    page.locator("#trial > summary").click()
    page.wait_for_selector(".trial-form button[aria-pressed]")
    page.select_option("[name=coba_jenis]", "posyandu")


def put(page: Page, x: float, y: float) -> None:
    """Place a facility at shares of the width and height of the map."""
    page.locator(".trial-form button[aria-pressed]").click()
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.wait_for_selector("#trial .figures")


@pytest.mark.browser
def test_a_facility_is_placed_dragged_moved_by_key_and_taken_away(page: Page, site: str) -> None:
    scripts: list[str] = []
    page.on("request", lambda request: scripts.append(request.url))
    page.goto(site + KECAMATAN)
    page.wait_for_selector("#map.is-live", timeout=40_000)
    assert not any("/trial-" in url for url in scripts)
    open_trial(page, site + KECAMATAN, "#map.is-live")
    put(page, 0.45, 0.4)
    first = places_of(page)
    assert len(first) == 1
    assert "desa=" not in page.url.replace("coba_desa=", "")
    lon, lat = map(float, first[0].split(","))
    pin = page.locator(".pin").bounding_box()
    assert pin is not None
    spot = page.evaluate(f"(({{x, y}}) => [x, y])(__map.project([{lon}, {lat}]))")
    box = page.locator("#map").bounding_box()
    assert box is not None
    assert pin["x"] + 22 - box["x"] == pytest.approx(spot[0], abs=3)
    assert pin["y"] + 44 - box["y"] == pytest.approx(spot[1], abs=3)
    page.mouse.move(pin["x"] + 22, pin["y"] + 20)
    page.mouse.down()
    page.mouse.move(pin["x"] + 60, pin["y"] + 50, steps=4)
    until(page, "/penduduk/.test(document.querySelector('.trial-say').textContent)")
    page.mouse.up()
    until(page, f"!location.search.includes('{first[0]}')")
    until(page, "document.querySelectorAll('.pin').length === 1")
    dragged = places_of(page)
    page.locator(".pin").focus()
    page.keyboard.press("ArrowLeft")
    until(page, f"!location.search.includes('{dragged[0]}')")
    until(page, "document.activeElement.classList.contains('pin')")
    page.go_back()
    until(page, f"location.search.includes('{dragged[0]}')")
    until(page, f"document.querySelector('.trial-places').textContent.includes('{dragged[0]}')")
    page.locator("#trial .links a").click()
    until(page, "!location.search.includes('coba=') && !document.querySelector('.pin')")
    page.select_option("[name=coba_desa]", "99.01.02.2002")
    page.locator(".trial-form button:not([type])").click()
    page.wait_for_selector("#trial .closed")
    assert places_of(page) == ["99.01.02.2002"]


@pytest.mark.browser
def test_a_place_is_suggested_in_this_kecamatan(page: Page, site: str) -> None:
    open_trial(page, site + KECAMATAN, "#map.is-live")
    suggest = page.get_by_role("button", name="Sarankan tempat")
    suggest.click()
    page.wait_for_selector("#trial .figures")
    first = places_of(page)
    assert len(first) == 1
    gained = page.locator("#trial .figures b").first.inner_text()
    assert int(gained.replace(".", "").removeprefix("+")) > 100
    page.get_by_role("button", name="Sarankan tempat").click()
    until(page, "document.querySelectorAll('.trial-places li').length === 2")
    assert places_of(page)[0] == first[0] != places_of(page)[1]


@pytest.mark.browser
def test_a_failed_calculation_is_said(page: Page, site: str) -> None:
    open_trial(page, site + KECAMATAN, "#map.is-live")
    put(page, 0.45, 0.4)

    def refuse(route: Route) -> None:
        route.fulfill(status=503, body="{}")

    page.route("**/execution", refuse)
    page.locator(".pin").focus()
    page.keyboard.press("ArrowLeft")
    until(page, "/sibuk/.test(document.querySelector('.trial-say.bad')?.textContent ?? '')")


@pytest.mark.browser
def test_without_webgl_a_facility_is_placed_on_the_drawing(
    playwright: Playwright, site: str
) -> None:
    browser = launch(playwright, NOT_DRAWING)
    page = browser.new_page(viewport={"width": 800, "height": 900}, service_workers="block")
    open_trial(page, site + KECAMATAN, "html[data-map-ready='1']")
    shape = page.locator("#svgmap path[data-kode='99.01.02.2004']").first.bounding_box()
    box = page.locator("#map").bounding_box()
    assert shape is not None
    assert box is not None
    x = (shape["x"] + shape["width"] / 2 - box["x"]) / box["width"]
    put(page, x, (shape["y"] + shape["height"] / 2 - box["y"]) / box["height"])
    assert page.locator(".trial-places").inner_text().find("Ile Lamo") > 0
    assert page.locator(".pin").count() == 1
    browser.close()


@pytest.mark.browser
def test_without_script_the_form_answers(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + KECAMATAN)
    page.locator("#trial > summary").click()
    page.select_option("[name=coba_jenis]", "posyandu")
    page.select_option("[name=coba_desa]", "99.01.02.2002")
    page.locator(".trial-form button").click()
    assert "Rai Manuk" in page.locator("#trial .table").inner_text()
    page.locator(".trial-places a").click()
    assert page.locator("#trial .table").count() == 0
    context.close()
