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
from tests.web_map.chromium import strict_page, until
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
