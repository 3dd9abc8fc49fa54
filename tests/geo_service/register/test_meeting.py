"""The page of a meeting: an agenda of what is open, agreements noted, minutes of a day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from geo_service.house import accounts, meetings
from geo_service.register import event_store, records
from geo_service.register.item_lists import day_of
from tests.geo_service.register.guests import Guest, add_person, guest, open_register
from tests.geo_service.register.test_board import HEALTH, HERE, raise_need, send_to

PAGE = f"/rumah/rapat/{HERE}"
TEXT = "Dinas meninjau lahan <script>alert(1)</script> pekan depan."
NOW = datetime.now(UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'register.db'}"


@pytest.fixture
def opened(url: str) -> Iterator[event_store.Register]:
    made = open_register(url)
    add_person(made, "camat", "kecamatan", HERE)
    add_person(made, "tetangga", "kecamatan", "99.01.02")
    add_person(made, "dinas", "office", "99.01", HEALTH.nama)
    add_person(made, "pembaca", "viewer", HERE)
    yield made
    made.close()


@pytest.fixture
def window(releases: Path, url: str, opened: event_store.Register) -> Iterator[Guest]:
    with guest(releases, url) as made:
        yield made


def minutes(page: str) -> str:
    return page.partition('id="notulen"')[2]


def test_an_agenda_has_each_open_item_once_the_late_first(opened: event_store.Register) -> None:
    person = accounts.Accounts(opened).find("camat")
    late = send_to(opened, raise_need(opened, f"{HERE}.2001"), HEALTH, -9)
    refused = send_to(opened, raise_need(opened, f"{HERE}.2002"), HEALTH, 9)
    refuse = records.Stepped(step="refuse", task=HEALTH, reason="Tidak ada lahan.", on_behalf=True)
    opened.add(refused, (refuse,), person.actor, NOW)
    draft = raise_need(opened, f"{HERE}.2003")
    send_to(opened, raise_need(opened, f"{HERE}.2004"), HEALTH, 9)
    agenda = meetings.list_agenda(opened, person, HERE, day_of(NOW))
    assert [(part.name, [row.id for row in part.rows], part.total) for part in agenda] == [
        ("late", [late.id], 1),
        ("back", [refused.id], 1),
        ("draft", [draft.id], 1),
    ]


def test_what_is_agreed_stands_in_the_minutes_and_the_history(
    opened: event_store.Register, window: Guest
) -> None:
    item = raise_need(opened, f"{HERE}.2001")
    window.sign_in("camat")
    assert "Belum ada yang dicatat" in minutes(window.get(PAGE).text)
    answer = window.send(PAGE, {"butir": item.id, "keputusan": TEXT})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}#notulen")
    shown = minutes(window.get(PAGE).text)
    assert "Dinas meninjau lahan &lt;script&gt;" in shown
    assert "Name of camat" in shown
    assert "Dinas meninjau" in window.get(f"/rumah/butir/{item.id}").text
    yesterday = (day_of(NOW) - timedelta(days=1)).isoformat()
    assert "Dinas meninjau" not in window.get(f"{PAGE}?tanggal={yesterday}").text
    window.secret = ""
    public = window.get(f"/rumah/butir/{item.id}").text
    assert "Kesepakatan dicatat" in public
    assert "meninjau" not in public


def test_minutes_have_what_people_did_and_nothing_that_was_corrected(
    opened: event_store.Register, window: Guest
) -> None:
    item = raise_need(opened, f"{HERE}.2001")
    window.sign_in("camat")
    for text in ("Satu", "Dua"):
        window.send(PAGE, {"butir": item.id, "keputusan": text})
    item = opened.item(item.id)
    actor = accounts.Accounts(opened).find("camat").actor
    opened.correct(item, item.version, "Salah butir", actor, datetime.now(UTC))
    shown = minutes(window.get(PAGE).text)
    assert re.findall(r"<dd><bdi>(Satu|Dua)</bdi></dd>", shown) == ["Satu"]
    assert opened.check() == []


@pytest.mark.parametrize("text", ["", "   ", "p" * 2001])
def test_an_empty_or_endless_agreement_is_refused(
    text: str, opened: event_store.Register, window: Guest
) -> None:
    item = raise_need(opened, f"{HERE}.2001")
    window.sign_in("camat")
    answer = window.send(PAGE, {"butir": item.id, "keputusan": text})
    assert answer.status_code == 400
    assert "paling banyak 2000 huruf" in answer.text
    assert opened.item(item.id).version == item.version


@pytest.mark.parametrize("login", ["tetangga", "dinas", "pembaca"])
def test_who_does_not_work_on_an_item_notes_nothing(
    login: str, opened: event_store.Register, window: Guest
) -> None:
    item = raise_need(opened, f"{HERE}.2001")
    window.sign_in(login)
    answer = window.send(PAGE, {"butir": item.id, "keputusan": TEXT})
    assert answer.status_code == 404
    assert opened.item(item.id).version == item.version


@pytest.mark.parametrize("day", ["kemarin", "2026-13-01", "' OR 1=1"])
def test_a_day_that_is_none_is_refused(day: str, window: Guest) -> None:
    window.sign_in("camat")
    assert window.get(f"{PAGE}?tanggal={day}").status_code == 400
