"""The digest of a week: what waits, the late first; one for each contact and week."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from geo_service.outbox import digests, messages
from geo_service.register import event_store, records
from geo_service.register.records import Stepped
from layers.release.follow_up_file import Addressee
from tests.geo_service.register.receivers import (
    CAMAT_AT,
    DINKES,
    HERE,
    NAMES,
    NOW,
    ROOT,
    SEND,
    Clock,
    add_contact,
    deliverer,
    hook_server,
    mail_server,
)
from tests.geo_service.register.test_event_store import RAISED
from tests.geo_service.register.test_way import CAMAT, DINAS, OFFICE, PUPR, SYSTEM

LONG_AGO = NOW - timedelta(days=20)
MONDAY = datetime(2026, 11, 30, 5, tzinfo=UTC)


def sent(
    register: event_store.Register, title: str, days: int, to: Addressee = DINAS
) -> records.Item:
    raised = records.Raised(kode=RAISED.kode, title=title)
    item = register.begin((raised,), SYSTEM, LONG_AGO)
    step = SEND.model_copy(update={"to": to, "due": (NOW + timedelta(days=days)).date()})
    return register.add(item, (step,), CAMAT, LONG_AGO)


def texts(register: event_store.Register) -> dict[str, str]:
    """The body of each digest by address, as it would go out."""
    with mail_server() as (box, port):
        deliverer(register, port).run_round(has_digests=True)
    return {
        str(letter["To"]): letter.get_content().replace("\r\n", "\n")
        for letter in box.mails
        if "Ringkasan" in str(letter["Subject"])
    }


def test_a_digest_says_what_waits_the_late_first_and_what_was_answered(
    register: event_store.Register,
) -> None:
    add_contact(register, DINKES)
    add_contact(register, CAMAT_AT, "kecamatan", HERE)
    add_contact(register, "sekda@x.example", "sekda")
    add_contact(register, "there@x.example", area="99.02")
    sent(register, "Belum lewat", 5)
    sent(register, "Sudah lewat", -5)
    sent(register, "Milik lain", 5, PUPR)
    refused = sent(register, "Ditolak Dinas", 5)
    reason = Stepped(step="refuse", task=DINAS, reason="Kata Bu Maria", note="NOTE")
    register.add(refused, (reason,), OFFICE, NOW - timedelta(days=10))
    accepted = sent(register, "Disanggupi Dinas", 5)
    register.add(accepted, (Stepped(step="accept", task=DINAS),), OFFICE, NOW - timedelta(days=2))
    by_address = texts(register)
    assert set(by_address) == {DINKES, CAMAT_AT, "sekda@x.example"}
    office = by_address[DINKES]
    order = ("Menunggu Anda: 3", "- LEWAT WAKTU; Sudah lewat", "- Belum lewat", "Disanggupi Dinas")
    places = [office.index(text) for text in order]
    assert places == sorted(places)
    assert "Waits for you: 3" in office
    assert "Milik lain" not in office
    assert office.count("Ditanggapi dalam seminggu terakhir: 1") == 1
    assert f"Lihat semua: {ROOT}/rumah\n" in office
    camat = by_address[CAMAT_AT]
    assert "Menunggu Anda: 1\n- Ditolak Dinas" in camat
    assert "Belum ditanggapi dan lewat waktu: 1\n- LEWAT WAKTU; Sudah lewat" in camat
    sekda = by_address["sekda@x.example"]
    assert "Menunggu" not in sekda
    assert "Sudah lewat" in sekda
    for text in by_address.values():
        assert "Maria" not in text
        assert "NOTE" not in text


def test_one_for_each_week_whoever_asks_and_how_often(register: event_store.Register) -> None:
    add_contact(register, DINKES)
    sent(register, "Sumur", 5)

    def ask(moment: datetime) -> int:
        return digests.post_digests(register, NAMES, moment)

    with ThreadPoolExecutor(3) as pool:
        counts = list(pool.map(ask, [MONDAY] * 6))
    assert sum(counts) == 1
    assert ask(MONDAY + timedelta(days=6)) == 0
    assert ask(MONDAY + timedelta(days=7)) == 1


def test_who_has_nothing_in_it_gets_none(register: event_store.Register) -> None:
    add_contact(register, DINKES)
    assert digests.post_digests(register, NAMES, NOW) == 0


@pytest.mark.parametrize(("days", "count"), [(0, 1), (1, 0), (6, 0), (7, 1)])
def test_it_goes_out_by_itself_on_its_day(
    register: event_store.Register, days: int, count: int
) -> None:
    add_contact(register, DINKES)
    sent(register, "Sumur", 5)
    clock = Clock()
    clock.now = MONDAY + timedelta(days=days)
    sender = deliverer(register, clock=clock, has_digests=True)
    assert [sender.run_round().posted for _ in range(2)] == [count, 0]


def test_a_long_list_is_cut_and_counted(register: event_store.Register) -> None:
    add_contact(register, DINKES)
    for number in range(digests.LONGEST_LIST + 3):
        sent(register, f"Sumur {number:02}\r\nBcc: a@b", 5)
    text = texts(register)[DINKES]
    assert "… dan 3 lagi" in text
    assert "… and 3 more" in text
    assert "\nBcc" not in text


def test_a_webhook_has_its_digest_as_a_document(register: event_store.Register) -> None:
    with hook_server() as (hook, url):
        add_contact(register, url)
        item = sent(register, "Sumur", -5)
        deliverer(register).run_round(has_digests=True)
    ((_, body),) = hook.calls
    document = json.loads(body)
    assert document["type"] == "digest"
    waiting = document["data"]["waiting"]
    assert (waiting["total"], waiting["items"][0]["item"]) == (1, item.id)
    assert waiting["items"][0]["late"] is True
    assert messages.Outbox(register).counts()["sent"] == 1
