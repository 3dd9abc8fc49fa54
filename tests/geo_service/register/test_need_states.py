"""Pages of needs say how far each has come, at once and only where there is a register."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geo_service.register import event_store, need_states, records
from geo_service.register.records import Stepped
from geo_service.work import answer_cache
from tests.geo_service.client import Client
from tests.geo_service.register.test_public_pages import (
    CAMAT,
    DINAS,
    HTML,
    KECAMATAN,
    need,
    refused,
    register,
)

__all__ = ["need", "refused", "register"]


@pytest.fixture(autouse=True)
def _read_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(need_states.StateBook.__init__, "__defaults__", (0.0,))


def pages_of(item: records.Item) -> tuple[str, str]:
    return f"/kecamatan/{KECAMATAN}/tindak-lanjut", f"/desa/{item.kode}"


def test_the_state_of_a_need_is_on_the_list_and_the_profile_and_leads_to_its_item(
    sample_releases: Path, register: event_store.Register, refused: records.Item
) -> None:
    link = f'<a href="/rumah/butir/{refused.id}">'
    with Client(sample_releases, register_url=register.name) as client:
        for path in pages_of(refused):
            first = client.get(path, accept=HTML)
            assert f"{link}Ditolak</a>" in first.text
            etag = first.headers["etag"]
            assert client.get(path, accept=HTML, if_none_match=etag).status_code == 304
            english = client.get(f"{path}?lang=en", accept=HTML).text
            assert f'Response: <a href="/rumah/butir/{refused.id}?lang=en">Refused</a>' in english
        reopen = Stepped(step="reopen", task=DINAS, reason="Tetap perlu.")
        register.add(refused, (reopen,), CAMAT, datetime.now(UTC))
        for path in pages_of(refused):
            assert f"{link}Dibuka kembali</a>" in client.get(path, accept=HTML).text


def test_below_a_release_nothing_changes(
    sample_releases: Path, register: event_store.Register, refused: records.Item
) -> None:
    with (
        Client(sample_releases) as plain,
        Client(sample_releases, register_url=register.name) as client,
    ):
        rid = client.json("/")["release_id"]
        for path in pages_of(refused):
            pinned = f"/releases/{rid}{path}"
            assert client.get(pinned, accept=HTML).text == plain.get(pinned, accept=HTML).text


LINK = re.compile(r'\s?<a[^>]* href="/rumah">[^<]*</a>(?:\n    )?|\s?<a href="/rumah">[^<]*</a>')
"""What leads from every page to the register."""


@pytest.mark.parametrize("path", [f"/kecamatan/{KECAMATAN}/tindak-lanjut", "/desa/99.01.01.2003"])
def test_without_items_a_page_is_what_it_is_without_a_register(
    sample_releases: Path, register: event_store.Register, path: str
) -> None:
    with (
        Client(sample_releases) as plain,
        Client(sample_releases, register_url=register.name) as client,
    ):
        text = client.get(path, accept=HTML).text
        assert LINK.sub("", text) == plain.get(path, accept=HTML).text != text


def test_a_register_that_cannot_be_read_takes_no_page_with_it(
    sample_releases: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Client(sample_releases, register_url=f"sqlite:///{tmp_path / 'none.db'}") as client:
        answer = client.get(f"/kecamatan/{KECAMATAN}/tindak-lanjut", accept=HTML)
    assert answer.status_code == 200
    assert "geo-service register init" in caplog.text


def test_states_are_read_once_in_some_seconds_for_all_pages_of_a_kabupaten(
    register: event_store.Register, refused: records.Item
) -> None:
    today = datetime.now(UTC).date()
    key = (refused.kode, refused.raised.layanan or "")
    kept, fresh = (need_states.StateBook(register, seconds) for seconds in (60.0, 0.0))
    states = kept.find(KECAMATAN, today)
    assert [state.state for state in states[key]] == ["refused"]
    reopen = Stepped(step="reopen", task=DINAS, reason="Tetap perlu.")
    register.add(refused, (reopen,), CAMAT, datetime.now(UTC))
    assert kept.find(refused.kode, today) is states
    assert fresh.find(KECAMATAN, today)[key][0].state == "reopened"
    assert need_states.LONGEST_KEPT_S + answer_cache.LONGEST_LIVE_S < 60
