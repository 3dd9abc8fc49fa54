"""The pictures of the guides, from the running demo: ``python -m tests.web_map.guide_pictures``.

A server with the register of the demo is started, people sign in, and what they see is kept: in
both languages, as WebP in so few bytes that a guide stays quick on a slow line.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from geo_service.cli import demo_command
from geo_service.house import accounts, sessions
from geo_service.register import event_store, way
from tests.end_to_end.processes import serving
from tests.geo_service.register.guests import PASSWORD
from tests.sample_cache import cached_releases
from tests.web_map.chromium import DRAWING, launch, without_live_map
from web_map.pages.guide.guide import PICTURES

LANGUAGES = ("id", "en")
MOST_BYTES, MOST_BYTES_ALL = 40_000, 600_000
DESK, PHONE = (900, 600), (360, 560)
QUALITY = 45


class Scene(NamedTuple):
    """What a picture shows: the path, who is signed in, the screen, where it is scrolled to."""

    path: str
    login: str = ""
    size: tuple[int, int] = DESK
    place: str = "h1"


SCENES = {
    "data": Scene("/reports/"),
    "map": Scene("/kecamatan/99.01.01", place="#map"),
    "desa": Scene("/desa/99.01.01.2005"),
    "follow_up": Scene("/kecamatan/99.01.01/tindak-lanjut"),
    "responses": Scene("/rumah/tanggapan/99.01.01"),
    "tasks": Scene("/rumah", "camat"),
    "board": Scene("/rumah/papan/99.01.01?keadaan=draft", "camat", place="#surat"),
    "meeting": Scene("/rumah/rapat/99.01.01", "camat"),
    "proposal": Scene("/rumah/usulan", "desa", PHONE, "input.tap"),
    "answer": Scene("/rumah/butir/{waiting}", "dinkes"),
    "accounts": Scene("/rumah/akun", "admin"),
}


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """The address of a server with the register of the demo, and an item that an office owes."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("GEO_REGISTER", None)
        made = demo_command.prepare_register(Path(folder), cached_releases())
        assert made.url is not None
        register = event_store.Register(made.url, way.read_way())
        now = datetime.now(UTC)
        for token in made.invitations.values():
            sessions.Sessions(register).accept(token, PASSWORD, "203.0.113.1", now)
        office = accounts.Accounts(register).find("dinkes")
        waiting = next(
            item.id
            for item in register.items("99.01")
            for task in item.tasks
            if task.addressee.nama == office.office and task.state in register.way.waiting
        )
        register.close()
        os.environ["GEO_REGISTER"] = made.url
        with serving(cached_releases()) as site:
            yield site, waiting
        del os.environ["GEO_REGISTER"]


def draw() -> dict[str, bytes]:
    """Each picture by the name of its file."""
    pictures = {}
    with demo() as (site, waiting), sync_playwright() as playwright:
        browser = launch(playwright, DRAWING)
        for name, scene in SCENES.items():
            with visit(browser, site, scene) as page:
                for language in LANGUAGES:
                    path = scene.path.format(waiting=waiting)
                    sign = "&" if "?" in path else "?"
                    page.goto(f"{site}{path}{f'{sign}lang=en' if language == 'en' else ''}")
                    pictures[f"{name}.{language}.webp"] = take(page, scene)
        browser.close()
    return pictures


@contextmanager
def visit(browser: Browser, site: str, scene: Scene) -> Iterator[Page]:
    width, height = scene.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, service_workers="block", locale="id-ID"
    )
    page = context.new_page()
    # The live map is drawn by another program on each machine; the drawing is the same everywhere.
    without_live_map(page)
    if scene.login:
        page.goto(f"{site}/rumah/masuk")
        page.get_by_label("Nama masuk").fill(scene.login)
        page.get_by_label("Kata sandi").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Tugas saya").wait_for()
    yield page
    context.close()


def take(page: Page, scene: Scene) -> bytes:
    """What is seen of a page, as a small WebP."""
    page.locator(scene.place).first.evaluate(
        "(node) => scrollTo(0, node.getBoundingClientRect().top + scrollY - innerHeight / 4)"
    )
    page.wait_for_timeout(300)
    # That the live map was kept away is nothing to show.
    page.evaluate("document.getElementById('say')?.replaceChildren()")
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = io.BytesIO()
    image.save(small, "WEBP", quality=QUALITY, method=6)
    return small.getvalue()


if __name__ == "__main__":
    for name, content in draw().items():
        assert len(content) <= MOST_BYTES, (name, len(content))
        (PICTURES / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")
