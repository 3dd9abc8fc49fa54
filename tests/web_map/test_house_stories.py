"""People at work in the house, in a browser: with and without script, on a desk and on a phone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from geo_service.house import citizen_reports
from geo_service.needs import sync
from geo_service.outbox import contacts
from geo_service.register import event_store
from tests.end_to_end.processes import serving
from tests.geo_service.register.guests import PASSWORD, add_person, open_register
from tests.web_map.chromium import strict_page
from tests.web_map.test_browser import AXE

pytestmark = pytest.mark.browser
KECAMATAN = "99.01.03"
HEALTH = "Dinas Kesehatan"
REPORT = citizen_reports.ReportedNeed(
    kode=f"{KECAMATAN}.2001", complaint="broken", text="Pompa rusak", lon=123.1, lat=-8.4
)


class Work(NamedTuple):
    """A server whose register has the needs of the sample, and that register."""

    url: str
    register: event_store.Register


@pytest.fixture(scope="module")
def work(sample_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    url = f"sqlite:///{tmp_path_factory.mktemp('house') / 'register.db'}"
    register = open_register(url)
    needs = sync.read_needs((sample_releases / "current").resolve())
    sync.sync_register(register, needs, datetime.now(UTC))
    add_person(register, "camat", "kecamatan", KECAMATAN)
    add_person(register, "dinkes", "office", "99.01", HEALTH)
    add_person(register, "admin", "kabupaten", "99.01")
    address = f"perencanaan.{'kesehatan' * 5}@dinas-kesehatan.kabupaten.example"
    contacts.Contacts(register).add_typed("office", "99.01", HEALTH, address, datetime.now(UTC))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEO_REGISTER", url)
        patch.setenv("GEO_REGISTER_REPORTS", "true")
        citizen_reports.CitizenReports(register).add(REPORT, "203.0.113.9", datetime.now(UTC))
        with serving(sample_releases) as address:
            yield Work(address, register)
    register.close()


def sign_in(page: Page, url: str, login: str) -> None:
    page.goto(f"{url}/rumah/masuk")
    page.get_by_label("Nama masuk").fill(login)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Tugas saya").wait_for()


@pytest.mark.parametrize("has_script", [True, False])
def test_a_page_of_needs_is_sent_in_six_clicks_and_answered(
    drawing: Browser, work: Work, has_script: bool
) -> None:
    service = Counter(
        item.raised.layanan
        for item in work.register.items(KECAMATAN)
        if not item.tasks and item.evidence and item.evidence.addressee.nama == HEALTH
    ).most_common(1)[0][0]
    assert service is not None
    with strict_page(drawing, java_script_enabled=has_script) as page:
        sign_in(page, work.url, "camat")
        page.get_by_role("link", name="Buka draf di papan").click()
        page.get_by_label("Layanan").select_option(service)
        page.get_by_role("button", name="Saring").click()
        count = page.locator(".pick-item").count()
        assert count > 0
        page.get_by_label("Nomor surat").fill("440/12/KEC")
        page.get_by_role("button", name="Kirim semua di halaman ini").click()
        page.get_by_text(f"{count} butir dikirim.").wait_for()
        page.get_by_role("button", name="Keluar").click()
        sign_in(page, work.url, "dinkes")
        page.locator(".items th a").first.click()
        page.locator("summary", has_text="Tolak").click()
        form = page.locator("form", has=page.locator('[name="langkah"][value="refuse"]'))
        form.get_by_label("Jawaban siap pakai").select_option(index=1)
        reason = "Anggaran tahun ini tidak tersedia"
        if has_script:
            text = form.get_by_label("Alasan")
            assert text.input_value().startswith(reason)
            text.press("End")
            text.press_sequentially(" Lihat lampiran.")
            reason = "Lihat lampiran."
        form.get_by_role("button", name="Tolak").click()
        page.locator(".history").get_by_text(reason).wait_for()
        assert page.locator(".history").get_by_text("440/12/KEC").count() == 1


@pytest.mark.parametrize("login", ["camat", "dinkes", "admin"])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    drawing: Browser, work: Work, login: str
) -> None:
    item = work.register.items(KECAMATAN)[0]
    paths = (
        "",
        f"/papan/{KECAMATAN}",
        f"/butir/{item.id}",
        "/akun",
        "/masuk",
        "/undangan/x",
        "/kabar",
        "/surat",
        f"/apbdes/{KECAMATAN}",
        f"/apbdes/{item.kode}",
    )
    reports = ("/laporkan", f"/laporkan/{KECAMATAN}", "/laporan?nomor=x", "/laporan-masuk")
    with strict_page(drawing) as page:
        sign_in(page, work.url, login)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            for path in (*paths, *reports):
                page.goto(f"{work.url}/rumah{path}{'&' if '?' in path else '?'}lang=en")
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert over <= 0, (path, width)
                page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
                found = page.evaluate("axe.run().then((report) => report.violations)")
                assert [(fault["id"], path, width) for fault in found] == [], json.dumps(found)


def test_a_form_is_filled_in_and_sent_with_the_keyboard_alone(drawing: Browser, work: Work) -> None:
    item = next(item for item in work.register.items(KECAMATAN) if not item.tasks)
    with strict_page(drawing) as page:
        sign_in(page, work.url, "camat")
        page.goto(f"{work.url}/rumah/butir/{item.id}")
        page.locator("select[name=to]").focus()
        for key in ("Tab", "Tab"):
            page.keyboard.press(key)
        page.keyboard.type("01312027")
        while page.evaluate("document.activeElement.tagName") != "BUTTON":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.locator(".history").get_by_text("Kirim").wait_for()
    assert work.register.item(item.id).state(work.register.way) == "sent"


def test_what_is_shown_once_fits_a_phone(drawing: Browser, work: Work) -> None:
    with strict_page(drawing) as page:
        page.set_viewport_size({"width": 360, "height": 800})
        sign_in(page, work.url, "dinkes")
        page.goto(f"{work.url}/rumah/kabar")
        page.get_by_role("button", name="Buat tautan kalender").click()
        link = page.locator("code").inner_text()
        assert "/rumah/kalender/" in link
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.get_by_label("Alamat surel").fill(f"https://hook.example/{'masuk' * 20}")
        page.get_by_role("button", name="Tambah alamat").click()
        assert page.locator("code").inner_text().startswith("whsec_")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        answer = page.request.get(link)
        assert (answer.status, answer.headers["content-type"][:13]) == (200, "text/calendar")
