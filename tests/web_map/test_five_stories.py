"""Five people bring needs to their answers, in a browser: by mouse, without script, by keyboard.

A camat's staff sends twelve needs by one letter, the office refuses one and accepts eleven, a desa
proposes something from a phone and sees its answer, the meeting records a decision, and a citizen
finds out what became of a need.  It is one story: each goes on from what the one before did.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page

from geo_service.needs import sync
from geo_service.register import event_store, records
from layers.release.follow_up_file import Addressee
from tests.end_to_end.processes import serving
from tests.geo_service.register.guests import PASSWORD, add_person, open_register
from tests.web_map.chromium import strict_page
from tests.web_map.test_browser import AXE

pytestmark = pytest.mark.browser

HEALTH = "Dinas Kesehatan"
DESK, PHONE = (1280, 800), (360, 740)
LETTER, REASON = "440/12/KEC/2026", "Lahan belum bersertifikat atas nama desa."
PROPOSAL, AGREED = "Jembatan gantung Dusun III", "Camat dan sekdes mengurus sertifikat sampai Mei."
NEEDS, MOST_CLICKS = 12, 6


class Town(NamedTuple):
    """A kecamatan with exactly twelve unsent needs for one office; one of them is of the data."""

    url: str
    kecamatan: str
    desa: str
    need: str


class Hand:
    """A person at a page: presses and writes by mouse or by keyboard alone, and counts."""

    def __init__(self, page: Page, url: str, *, by_keyboard: bool, has_script: bool) -> None:
        self.page, self.url, self.presses = page, url, 0
        self.by_keyboard, self._has_script = by_keyboard, has_script

    def press(self, place: Locator, key: str = "Enter") -> None:
        self.presses += 1
        if self.by_keyboard:
            self.reach(place)
            self.page.keyboard.press(key)
        else:
            place.click()

    def write(self, label: str, text: str, within: Locator | None = None) -> None:
        field = (within or self.page.locator("main")).get_by_label(label)
        if self.by_keyboard:
            self.reach(field)
            self.page.keyboard.type(text)
        else:
            field.fill(text)

    def choose(self, field: Locator, text: str) -> None:
        if self.by_keyboard:
            self.reach(field)
            self.page.keyboard.type(text)
        else:
            field.select_option(label=text)

    def link(self, name: str) -> None:
        self.press(self.page.get_by_role("link", name=name).first)

    def arrive(self, text: str) -> None:
        """Wait for a page that says this; it fits the screen, and axe finds nothing on it."""
        self.page.get_by_text(text).first.wait_for()
        if self._has_script:
            over = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, (text, self.page.url)
            self.page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
            found = self.page.evaluate("axe.run().then((report) => report.violations)")
            assert [(fault["id"], self.page.url) for fault in found] == []

    def sign_in(self, login: str) -> None:
        self.page.goto(f"{self.url}/rumah/masuk")
        self.arrive("Nama masuk")
        self.write("Nama masuk", login)
        self.write("Kata sandi", PASSWORD)
        self.page.keyboard.press("Enter")
        self.arrive("Tugas saya")
        self.page.get_by_role("heading", name="Tugas saya").wait_for()

    def reach(self, place: Locator) -> None:
        """Tab to a place: nothing else moves the focus."""
        for _ in range(400):
            if place.evaluate("(node) => node === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {place}")


WAYS = {
    "mouse": {"by_keyboard": False, "has_script": True},
    "no_script": {"by_keyboard": False, "has_script": False},
    "keyboard": {"by_keyboard": True, "has_script": True},
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> dict[str, bool]:
    return WAYS[request.param]


@pytest.fixture
def town(sample_releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    url = f"sqlite:///{tmp_path / 'register.db'}"
    register = open_register(url)
    release = (sample_releases / "current").resolve()
    sync.sync_register(register, sync.read_needs(release), datetime.now(UTC))
    kecamatan = "99.01.01"
    need = fill_up(register, kecamatan)
    add_person(register, "camat", "kecamatan", kecamatan)
    add_person(register, "dinkes", "office", kecamatan[:5], HEALTH)
    add_person(register, "desa", "desa", need.kode)
    monkeypatch.setenv("GEO_REGISTER", url)
    with serving(sample_releases) as address:
        yield Town(address, kecamatan, need.kode, need.id)
    register.close()


def fill_up(register: event_store.Register, kecamatan: str) -> records.Item:
    """Raise needs until twelve are proposed for the office; one of those that the data show."""
    items = list(register.items(kecamatan))
    office = [item for item in items if item.evidence and item.evidence.addressee.nama == HEALTH]
    first = office[0]
    assert len(office) <= NEEDS
    assert first.evidence is not None
    for number in range(NEEDS - len(office)):
        raised = first.raised.model_copy(
            update={"kode": items[number].kode, "ukuran": f"tambahan_{number + 1}"}
        )
        evidence = first.evidence.model_copy(
            update={"addressee": Addressee(jenis="kabupaten", nama=HEALTH)}
        )
        actor = records.Actor(role="system", name="test")
        register.begin((raised, evidence), actor, datetime.now(UTC))
    return first


@contextmanager
def person(
    browser: Browser, town: Town, way: dict[str, bool], size: tuple[int, int], login: str = ""
) -> Iterator[Hand]:
    options: dict[str, Any] = {"viewport": {"width": size[0], "height": size[1]}}
    with strict_page(browser, java_script_enabled=way["has_script"], **options) as page:
        hand = Hand(page, town.url, **way)
        if login:
            hand.sign_in(login)
        yield hand


def step_form(hand: Hand, title: str) -> Locator:
    """Open the form of a step on the page of an item."""
    summary = hand.page.locator("summary", has_text=title).first
    form = hand.page.locator("details.step", has=hand.page.locator("summary", has_text=title))
    if form.first.get_attribute("open") is None:
        hand.press(summary)
    return form.first


def test_five_people_bring_needs_to_their_answers(
    drawing: Browser, town: Town, way: dict[str, bool]
) -> None:
    with person(drawing, town, way, DESK, "camat") as camat:
        send_twelve_needs(camat)
    with person(drawing, town, way, DESK, "dinkes") as office:
        refuse_one_and_accept_eleven(office, town)
    with person(drawing, town, way, PHONE, "desa") as desa:
        propose_from_a_phone(desa)
    with person(drawing, town, way, DESK, "camat") as camat:
        send_the_proposal(camat)
        record_a_decision(camat, town)
    with person(drawing, town, way, DESK, "dinkes") as office:
        accept_the_proposal(office)
    with person(drawing, town, way, PHONE, "desa") as desa:
        see_the_answer(desa)
    for language in ("id", "en"):
        with person(drawing, town, way, PHONE) as citizen:
            find_out_without_login(citizen, town, language)


def send_twelve_needs(camat: Hand) -> None:
    camat.presses = 0
    camat.link(f"Kirim kepada {HEALTH}")
    camat.arrive(f"{NEEDS} butir")
    camat.write("Nomor surat", LETTER)
    button = camat.page.get_by_role("button", name=f"Kirim semua di halaman ini ({NEEDS})")
    camat.press(button)
    camat.arrive(f"{NEEDS} butir dikirim.")
    assert camat.presses <= MOST_CLICKS


def refuse_one_and_accept_eleven(office: Hand, town: Town) -> None:
    office.press(office.page.locator(f'a[href="/rumah/butir/{town.need}"]').first)
    office.arrive("Yang dapat Anda lakukan")
    form = step_form(office, "Tolak")
    office.write("Alasan", REASON, form)
    office.press(form.get_by_role("button", name="Tolak"))
    office.arrive(REASON)
    office.link("Tugas saya")
    office.arrive(f"Menunggu jawaban kantor Anda ({NEEDS - 1})")
    office.link(f"Lihat semuanya di papan ({NEEDS - 1})")
    office.arrive("Dengan yang dipilih")
    office.press(office.page.get_by_label("pilih semua di halaman ini"), "Space")
    office.press(office.page.get_by_role("button", name="Sanggupi"))
    office.arrive(f"{NEEDS - 1} butir dicatat.")


def propose_from_a_phone(desa: Hand) -> None:
    desa.press(desa.page.locator(".rooms").get_by_role("link", name="Usulan"))
    desa.arrive("Usulan baru")
    desa.write("Apa yang diusulkan", PROPOSAL)
    if desa.by_keyboard:
        desa.write("Bujur", "122,9")
        desa.write("Lintang", "-8,4")
    else:
        desa.page.locator("input.tap").click(position={"x": 120, "y": 140})
        desa.arrive("Usulan baru")
        assert desa.page.get_by_label("Bujur").input_value()
    desa.press(desa.page.get_by_role("button", name="Usulkan").last)
    desa.arrive("Keadaan: Draf")
    assert desa.page.get_by_role("heading", name=PROPOSAL).count() == 1


def send_the_proposal(camat: Hand) -> None:
    camat.link("Buka draf di papan")
    camat.arrive(PROPOSAL)
    camat.link(PROPOSAL)
    camat.arrive("Yang dapat Anda lakukan")
    form = step_form(camat, "Kirim")
    camat.choose(form.get_by_label("Kepada", exact=True), HEALTH)
    due = form.locator('input[type="date"]')
    if camat.by_keyboard:
        camat.reach(due)
        camat.page.keyboard.type("01312027")
    else:
        due.fill("2027-01-31")
    camat.press(form.get_by_role("button", name="Kirim"))
    camat.arrive("Keadaan: Dikirim")


def record_a_decision(camat: Hand, town: Town) -> None:
    camat.press(camat.page.locator(".rooms").get_by_role("link", name="Rapat"))
    camat.arrive("Notulen")
    place = f'li:has(a[href="/rumah/butir/{town.need}"])'
    part = camat.page.locator(f".agenda {place}").first
    camat.press(part.locator("summary"))
    camat.write("Yang disepakati", AGREED, part)
    camat.press(part.get_by_role("button", name="Catat kesepakatan"))
    camat.arrive(AGREED)
    assert camat.page.locator(".minutes").get_by_text(AGREED).count() == 1


def accept_the_proposal(office: Hand) -> None:
    office.link(PROPOSAL)
    office.arrive("Yang dapat Anda lakukan")
    form = step_form(office, "Sanggupi")
    office.press(form.get_by_role("button", name="Sanggupi"))
    office.arrive("Keadaan: Disanggupi")


def see_the_answer(desa: Hand) -> None:
    desa.arrive("Usulan dari")
    desa.link(PROPOSAL)
    desa.arrive("Keadaan: Disanggupi")
    assert desa.page.locator(".history").get_by_text("Sanggupi").count() >= 1


def find_out_without_login(citizen: Hand, town: Town, language: str) -> None:
    query = "?lang=en" if language == "en" else ""
    refused, search = ("Refused", "Search") if query else ("Ditolak", "Cari")
    citizen.page.goto(f"{town.url}/{query}")
    citizen.arrive(search)
    citizen.press(citizen.page.locator('header input[type="search"]'))
    citizen.page.keyboard.type(town.desa)
    citizen.page.keyboard.press("Enter")
    result = citizen.page.locator(f'main a[href^="/desa/{town.desa}"]').first
    result.wait_for()
    citizen.press(result)
    citizen.press(citizen.page.get_by_role("link", name=refused).first)
    citizen.arrive(REASON)
    assert town.need in citizen.page.url
    assert citizen.page.locator("html").get_attribute("lang") == language
    assert citizen.page.get_by_text(LETTER).count() == 0
    assert citizen.page.get_by_text(AGREED).count() == 0
