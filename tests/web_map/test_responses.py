"""What became of the needs, in a browser: found without sign-in, repainted while it is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from geo_service.register import event_store, records
from geo_service.register.records import Stepped
from tests.end_to_end.processes import serving
from tests.geo_service.register.test_public_pages import (
    CAMAT,
    DINAS,
    KECAMATAN,
    REFUSE,
    SEND,
    need,
    refused,
    register,
)
from tests.web_map.chromium import open_map, strict_page, until, wait_for_live
from tests.web_map.test_browser import AXE

__all__ = ["need", "refused", "register"]
pytestmark = pytest.mark.browser


@pytest.fixture
def house(
    sample_releases: Path, register: event_store.Register, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The address of a server with the register."""
    monkeypatch.setenv("GEO_REGISTER", register.name)
    with serving(sample_releases) as address:
        yield address


def test_a_citizen_finds_out_what_became_of_a_need(
    drawing: Browser, house: str, refused: records.Item
) -> None:
    with strict_page(drawing, viewport={"width": 360, "height": 740}) as page:
        page.goto(f"{house}/kecamatan/{KECAMATAN}/tindak-lanjut")
        page.get_by_role("link", name="Ditolak").first.click()
        page.wait_for_url(f"**/rumah/butir/{refused.id}")
        assert page.get_by_text("Tidak ada").count()
        page.get_by_role("link", name="Kecamatan Tanjung Sagara").first.click()
        page.wait_for_url(f"**/rumah/tanggapan/{KECAMATAN}")
        assert page.get_by_text("Kebutuhan yang dikirim: 2").count()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["", "?lang=en"])
def test_axe_finds_nothing_and_nothing_overflows(
    drawing: Browser, house: str, refused: records.Item, width: int, language: str
) -> None:
    paths = ("tanggapan", f"tanggapan/{KECAMATAN}", f"butir/{refused.id}")
    with strict_page(drawing, viewport={"width": width, "height": 900}, bypass_csp=True) as page:
        for path in paths:
            page.goto(f"{house}/rumah/{path}{language}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.evaluate(AXE.read_text(encoding="utf-8"))
            faults = page.evaluate("axe.run().then((report) => report.violations)")
            assert [fault["id"] for fault in faults] == []


def test_the_map_repaints_within_a_minute_of_an_event(
    drawing: Browser, house: str, register: event_store.Register, refused: records.Item
) -> None:
    fill = f"document.querySelector('path[data-kode=\"{refused.kode}\"]').getAttribute('fill')"
    with strict_page(drawing) as page:
        page.clock.install()
        page.goto(f"{house}/rumah/tanggapan/{KECAMATAN}")
        late = page.evaluate(fill)
        waits = next(item for item in register.items() if item.raised.title and item.tasks)
        answer = REFUSE.model_copy(update={"on_behalf": True})
        register.add(waits, (answer,), CAMAT, datetime.now(UTC))
        with page.expect_response(f"**/rumah/tanggapan/{KECAMATAN}"):
            page.clock.fast_forward(40_000)
        until(page, f"{fill} !== '{late}'")
        colour = page.evaluate(fill)
        reopen = Stepped(step="reopen", task=DINAS, reason="Tetap perlu.")
        again = register.add(refused, (reopen,), CAMAT, datetime.now(UTC))
        late_send = SEND.model_copy(update={"due": datetime(2020, 1, 1, tzinfo=UTC).date()})
        register.add(again, (late_send,), CAMAT, datetime.now(UTC))
        page.clock.fast_forward(40_000)
        until(page, f"{fill} === '{late}'")
        assert colour != late


COLOURS_OF = """(kode) => {
  const {rows} = JSON.parse(document.getElementById('data').textContent);
  const {source, sourceLayer} = window.__map.getLayer('fills');
  const {id} = rows.find((row) => row.kode === kode);
  const state = window.__map.getFeatureState({source, sourceLayer, id});
  const drawn = document.querySelector(`#svgmap path[data-kode="${kode}"]`);
  return [state.c, state.s, drawn.getAttribute('fill')];
}"""
"""What the live map and the drawing below it paint a desa with."""


@pytest.mark.parametrize("language", ["", "?lang=en"])
def test_the_live_map_shows_the_responses_and_repaints_after_an_event(
    drawing: Browser,
    house: str,
    register: event_store.Register,
    refused: records.Item,
    language: str,
) -> None:
    fetched: list[str] = []
    with strict_page(drawing) as page:
        page.on("request", lambda request: fetched.append(request.url))
        open_map(page, f"{house}/kecamatan/{KECAMATAN}{language}")
        wait_for_live(page)
        before = page.evaluate(COLOURS_OF, refused.kode)
        assert not [url for url in fetched if "responses-" in url or "/rumah/" in url]
        page.locator("#tanggapan input").check()
        until(page, "!!document.querySelector('.of-layer li[data-state=overdue]')")
        assert page.evaluate(COLOURS_OF, refused.kode) == ["#d55e00", "overdue", "url(#p-overdue)"]
        legend = page.locator(".of-layer li[data-state=overdue]").inner_text()
        assert legend == (
            "Ada yang lewat tenggat: 1" if not language else "An answer is overdue: 1"
        )
        assert not page.locator("#legend").is_visible()
        page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
        faults = page.evaluate("axe.run().then((report) => report.violations)")
        assert [fault["id"] for fault in faults if not language] == []
        page.locator(f'#tbl a[data-select="{refused.kode}"]').click()
        told = page.locator(".of-layer [role=status]").inner_text()
        assert ("Dikirim 2, belum dijawab 1" if not language else "Sent 2, not answered 1") in told
        waits = next(item for item in register.items() if item.raised.title and item.tasks)
        answer = REFUSE.model_copy(update={"on_behalf": True})
        register.add(waits, (answer,), CAMAT, datetime.now(UTC))
        page.wait_for_timeout(25_000)
        assert page.evaluate(COLOURS_OF, refused.kode) == ["#5c1a66", "ok", "#5c1a66"]
        told = page.locator(".of-layer [role=status]").inner_text()
        assert ("ditolak 2" if not language else "refused 2") in told
        page.locator("#tanggapan input").uncheck()
        assert page.evaluate(COLOURS_OF, refused.kode) == before
        assert page.locator("#legend").is_visible()
        page.locator("#tanggapan input").check()
        page.locator(".of-layer [role=status] a").click()
        page.wait_for_url(f"**/rumah/tanggapan/{refused.kode}{language}")


def test_a_chosen_service_colours_the_map_and_another_layer_ends_the_responses(
    drawing: Browser, house: str, refused: records.Item
) -> None:
    assert refused.raised.layanan
    with strict_page(drawing) as page:
        open_map(page, f"{house}/kecamatan/{KECAMATAN}#tanggapan")
        wait_for_live(page)
        page.locator(".of-layer select").select_option(refused.raised.layanan)
        assert page.evaluate(COLOURS_OF, refused.kode)[0] == "#5c1a66"
        page.locator(".of-layer select").select_option("usulan")
        assert page.evaluate(COLOURS_OF, refused.kode)[0] == "#d55e00"
        page.locator("#layer").select_option(index=3)
        page.wait_for_selector(".of-layer", state="detached")
        assert not page.locator("#tanggapan input").is_checked()


def test_a_reader_is_told_when_the_newest_responses_cannot_be_read(
    drawing: Browser, house: str, refused: records.Item
) -> None:
    del refused
    with strict_page(drawing) as page:
        open_map(page, f"{house}/kecamatan/{KECAMATAN}")
        page.evaluate("document.getElementById('tanggapan').dataset.everyMs = '300'")
        page.locator("#tanggapan input").check()
        page.wait_for_selector(".of-layer li")
        page.route("**/rumah/tanggapan/*.json", lambda route: route.abort())
        page.get_by_role("alert").get_by_text("dicoba lagi").wait_for()
        page.unroute("**/rumah/tanggapan/*.json")
        page.get_by_role("alert").wait_for(state="detached")


def test_page_and_map_of_responses_lead_to_each_other_without_script(
    drawing: Browser, house: str, refused: records.Item
) -> None:
    del refused
    with strict_page(drawing, java_script_enabled=False) as page:
        for level, kode in (("kecamatan", KECAMATAN), ("kabupaten", KECAMATAN[:5])):
            page.goto(f"{house}/{level}/{kode}")
            assert not page.locator("#tanggapan input").is_visible()
            page.get_by_role("link", name="Tanggapan atas kebutuhan").first.click()
            page.get_by_role("link", name="Lihat di peta").click()
            page.wait_for_url(f"**/{level}/{kode}#tanggapan")


@pytest.mark.parametrize("path", ["/kecamatan/99.01.01", "/kabupaten/99.01"])
def test_a_server_without_a_register_has_no_layer_of_responses(
    drawing: Browser, site: str, path: str
) -> None:
    fetched: list[str] = []
    with strict_page(drawing) as page:
        page.on("request", lambda request: fetched.append(request.url))
        open_map(page, f"{site}{path}#tanggapan")
        assert page.locator("#tanggapan").count() == 0
        assert "p-overdue" not in page.content()
        assert not [url for url in fetched if "responses-" in url or "/rumah" in url]
