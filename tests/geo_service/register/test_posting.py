"""Who is told of an event, and of which: each once, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from geo_service.errors import RegisterError
from geo_service.outbox import mail, messages, posting
from geo_service.register import event_log, event_store, records, reminders, way
from geo_service.register.records import Stepped
from tests.geo_service.register.receivers import (
    CAMAT_AT,
    DINKES,
    HERE,
    NAMES,
    NOW,
    SEND,
    add_contact,
    deliverer,
    mail_server,
    posted,
    send_item,
)
from tests.geo_service.register.test_event_store import RAISED
from tests.geo_service.register.test_way import CAMAT, DINAS, KADES, OFFICE, PUPR, SYSTEM


def add_everybody(register: event_store.Register) -> None:
    add_contact(register, DINKES)
    add_contact(register, "pupr@x.example", office=PUPR.nama)
    add_contact(register, CAMAT_AT, "kecamatan", HERE)
    add_contact(register, "desa@x.example", "desa", RAISED.kode)
    add_contact(register, "sekda@x.example", "sekda")


def test_each_step_is_told_to_whom_the_table_says_and_to_nobody_else(
    register: event_store.Register,
) -> None:
    add_everybody(register)
    add_contact(register, "there@x.example", area="99.02")
    add_contact(register, "desa-there@x.example", "desa", "99.01.01.2004")
    item = send_item(register)
    assert posted(register) == [("send", DINKES)]
    item = register.add(item, (Stepped(step="accept", task=DINAS),), OFFICE, NOW)
    assert posted(register)[:2] == [("accept", CAMAT_AT), ("accept", "desa@x.example")]
    forward = Stepped(step="forward", task=DINAS, to=PUPR, reason="Jalan.", due=NOW.date())
    other = send_item(register, RAISED.model_copy(update={"ukuran": "x"}))
    register.add(other, (forward,), OFFICE, NOW)
    said = [line for line in posted(register) if line[0] == "forward"]
    assert said == [("forward", CAMAT_AT), ("forward", "pupr@x.example")]


def test_a_proposal_of_a_desa_is_told_to_the_kecamatan_and_what_the_data_say_to_nobody(
    register: event_store.Register,
) -> None:
    add_everybody(register)
    register.begin((RAISED,), SYSTEM, NOW)
    raised = records.Raised(kode=RAISED.kode, title="Sumur bor")
    register.raise_item(raised, KADES, NOW)
    assert posted(register) == [("raise", CAMAT_AT)]


def test_reminders_go_to_the_addressee_and_then_to_the_sekda(
    register: event_store.Register,
) -> None:
    add_everybody(register)
    send_item(register)
    moment = NOW
    for days in (1, 15):
        moment = NOW + timedelta(days=days)
        reminders.remind(register, moment)
        posting.post_events(register, NAMES, moment)
    lines = messages.Outbox(register).find_lines(messages.STATES, 100)
    kinds = {(line.kind, line.address) for line in lines if line.kind != "send"}
    assert kinds == {
        *(("camat", address) for address in (DINKES, CAMAT_AT)),
        *(("sekda", address) for address in (DINKES, CAMAT_AT, "sekda@x.example")),
    }


def test_a_correction_is_told_to_whom_the_mistake_was_told(register: event_store.Register) -> None:
    add_everybody(register)
    item = send_item(register)
    assert posted(register) == [("send", DINKES)]
    register.correct(item, 2, "Keliru.", CAMAT, NOW)
    assert posted(register) == [("correct", DINKES), ("send", DINKES)]


def test_what_was_corrected_before_anybody_was_told_is_not_told(
    register: event_store.Register,
) -> None:
    add_everybody(register)
    register.correct(send_item(register), 2, "Keliru.", CAMAT, NOW)
    assert [kind for kind, _ in posted(register)] == ["correct"]


def test_who_is_spoken_for_learns_what_was_entered_in_their_name(
    register: event_store.Register,
) -> None:
    add_everybody(register)
    item = send_item(register)
    accept = Stepped(step="accept", task=DINAS, on_behalf=True)
    register.add(item, (accept,), CAMAT, NOW)
    told = [address for kind, address in posted(register) if kind == "accept"]
    assert told == ["desa@x.example", DINKES]


def test_a_mail_that_cannot_be_written_holds_up_no_other(
    register: event_store.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_contact(register, "broken@x.example")
    add_contact(register, DINKES)
    for number in range(2):
        send_item(register, RAISED.model_copy(update={"ukuran": f"x{number}"}))
    write = mail.write_mail

    def break_some(letter: mail.OutgoingMail, sender: Any) -> bytes:
        if letter.to == "broken@x.example":
            raise ValueError("PRIVATE")
        return write(letter, sender)

    monkeypatch.setattr(mail, "write_mail", break_some)
    with mail_server() as (_, port):
        done = deliverer(register, port).run_round()
    assert done.tried == {"waiting": 2, "sent": 2}
    lines = messages.Outbox(register).find_lines(("waiting",), 9)
    assert {line.reason for line in lines} == {"it cannot be written (ValueError)"}


def test_an_item_that_the_way_cannot_follow_holds_up_no_other(
    url: str, register: event_store.Register
) -> None:
    add_contact(register, DINKES)
    item = send_item(register)
    register.add(item, (Stepped(step="accept", task=DINAS),), OFFICE, NOW)
    send_item(register, RAISED.model_copy(update={"ukuran": "x"}))
    steps = tuple(step for step in register.way.steps if step.id != "accept")
    short = event_store.Register(url, register.way.model_copy(update={"steps": steps}))
    assert posted(short) == [("send", DINKES)] * 2
    short.close()


def test_old_events_are_not_told_one_by_one_when_delivery_begins(
    register: event_store.Register,
) -> None:
    add_everybody(register)
    item = register.begin((RAISED,), SYSTEM, NOW)
    register.add(item, (SEND,), CAMAT, NOW - timedelta(days=8))
    assert posted(register) == []
    assert register.rows(sa.select(event_log.UNPOSTED)) == []


def test_a_kabupaten_tells_others(tmp_path: Path) -> None:
    own = tmp_path / "way.toml"
    own.write_text('[notices]\nsend = ["desa"]\naccept = []\n[digest]\nweekday = 5\n')
    table = way.read_way(own)
    assert (table.notices["send"], table.notices["accept"]) == (("desa",), ())
    assert table.notices["refuse"] == way.read_way().notices["refuse"]
    assert (table.digest.weekday, table.digest.fresh_days) == (5, 7)
    own.write_text('[notices]\nsned = ["desa"]\n')
    with pytest.raises(RegisterError, match="no step or reminder is called sned"):
        way.read_way(own)


def test_an_import_and_a_replay_tell_nobody(register: event_store.Register, tmp_path: Path) -> None:
    send_item(register)
    other = event_store.Register(f"sqlite:///{tmp_path / 'other.db'}", register.way)
    other.migrate()
    other.load(list(register.all_events()))
    assert other.rows(sa.select(event_log.UNPOSTED)) == []
    other.close()
