"""Mail about events: to whom it concerns, once, whatever happens to server and program."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.errors import RegisterError
from geo_service.outbox import calendars, contacts, mail, messages, outbox_file, posting
from geo_service.register import database, event_log, event_store, records, reminders, way
from geo_service.register.records import Stepped
from layers.release.follow_up_file import Addressee
from tests.geo_service.register.receivers import (
    HERE,
    NOW,
    ROOT,
    SEND,
    Clock,
    add_contact,
    deliverer,
    mail_server,
    send_item,
)
from tests.geo_service.register.test_event_store import RAISED, REPOSITORY
from tests.geo_service.register.test_way import CAMAT, DINAS, KADES, OFFICE, PUPR, SYSTEM

DINKES = "dinkes@flotim.example.go.id"
CAMAT_AT = "camat@flotim.example.go.id"
NAMES = posting.Names(ROOT)


def posted(register: event_store.Register) -> list[tuple[str, str]]:
    """Kind and address of each message, after everything was posted."""
    posting.post_events(register, NAMES, NOW)
    lines = messages.Outbox(register).find_lines(messages.STATES, 1_000)
    return sorted((line.kind, line.address) for line in lines)


def states(register: event_store.Register) -> dict[str, int]:
    counts = messages.Outbox(register).counts()
    return {state: count for state, count in counts.items() if count}


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


def test_a_mail_says_what_happened_in_both_languages_and_names_no_person(
    register: event_store.Register,
) -> None:
    add_contact(register, DINKES)
    add_contact(register, CAMAT_AT, "kecamatan", HERE)
    item = send_item(register)
    refuse = Stepped(step="refuse", task=DINAS, reason="Dana\nhabis.", note="Kata Bapak Yosef")
    actor = OFFICE.model_copy(update={"name": "Maria Kepala"})
    register.add(item, (refuse,), actor, NOW)
    with mail_server() as (box, port):
        done = deliverer(register, port).run_round()
    assert (done.posted, done.tried["sent"]) == (2, 2)
    by_address = {str(letter["To"]): letter for letter in box.mails}
    letter = by_address[CAMAT_AT]
    text = letter.get_content().replace("\r\n", "\n")
    assert text.startswith("Tolak\n\nKebutuhan: poskesdes, 99.01.01.2003\n")
    assert text.index("Alasan: Dana habis.") < text.index("Reason: Dana habis.")
    assert f"{ROOT}/rumah/butir/{item.id}" in text
    assert f"{ROOT}/rumah/butir/{item.id}?lang=en" in text
    assert "Dicatat oleh: perangkat daerah Dinas Kesehatan 99.01" in text
    assert "Batas waktu: " + NOW.date().isoformat() in by_address[DINKES].get_content()
    for each in box.raw:
        assert b"Maria" not in each
        assert b"Yosef" not in each
        assert b"staf" not in each
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith("@peta.example.go.id>")
    assert letter.get_content_type() == "text/plain"
    assert max(map(len, box.raw[0].split(b"\r\n"))) <= 78
    assert states(register) == {"sent": 2}


def test_nothing_is_sent_twice(register: event_store.Register) -> None:
    add_contact(register, DINKES)
    send_item(register)
    with mail_server() as (box, port):
        for _ in range(3):
            deliverer(register, port).run_round()
    assert len(box.mails) == 1


def test_line_ends_in_texts_make_no_header_and_script_is_text(
    register: event_store.Register,
) -> None:
    add_contact(register, DINKES)
    evil = "Air\r\nBcc: all@x.example\r\n\r\n<script>alert(1)</script>\x00"
    raised = records.Raised(kode=RAISED.kode, title=evil.strip("\x00") + "\x07")
    send_item(register, raised)
    with mail_server() as (box, port):
        deliverer(register, port).run_round()
    (letter,) = box.mails
    assert letter["Bcc"] is None
    assert letter["Subject"] == (
        "[Rumah Bersama] Kirim: Air Bcc: all@x.example <script>alert(1)</script>, 99.01.01.2003"
    )
    assert letter.get_content_type() == "text/plain"


@pytest.mark.parametrize(
    "address",
    [
        "a@b\r\nBcc: c@d",
        "a b@c.example",
        "a@b,c@d",
        "<a@b.example>",
        "a@-b.example",
        "é@b.example",
        "a@" + "b" * 260,
        "ftp://x.example/",
        "https://user:word@x.example/",
        "https://x.example/ y",
        "https://x.example/#part",
        "http://x.example/",
        "https:///path",
        "https://x.example:99999/",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(RegisterError, match="expected"):
        contacts.read_address(address, ())


def test_a_server_that_is_down_is_tried_again_and_given_up_after_three_days(
    register: event_store.Register,
) -> None:
    add_contact(register, DINKES)
    send_item(register)
    with mail_server() as (_, port):
        pass
    clock = Clock()
    sender = deliverer(register, port, clock)
    waits = []
    while states(register).get("dead") is None:
        done = sender.run_round()
        assert sum(done.tried.values()) == 1
        assert not sender.run_round().tried, "not before its time"
        (line,) = messages.Outbox(register).find_lines(messages.STATES, 9)
        if line.state == "waiting":
            due = clock.now.fromisoformat(line.due)
            waits.append(due - clock.now)
            clock.now = due
    assert waits == list(messages.WAITS)
    assert clock.now - NOW < timedelta(days=3)
    assert "cannot be reached" in (line.reason or "")
    outbox = messages.Outbox(register)
    outbox.send_again(line.id, clock.now)
    with mail_server() as (box, port):
        deliverer(register, port, clock).run_round()
        assert len(box.mails) == 1
    with pytest.raises(RegisterError, match="dead or unclear"):
        outbox.send_again(line.id, clock.now)


def test_a_server_that_is_down_is_asked_once_a_round(register: event_store.Register) -> None:
    add_contact(register, DINKES)
    for number in range(5):
        send_item(register, RAISED.model_copy(update={"ukuran": f"x{number}"}))
    with mail_server() as (_, port):
        pass
    done = deliverer(register, port).run_round()
    assert (done.posted, done.tried) == (5, {"waiting": 1})


def test_one_recipient_that_is_refused_keeps_no_other_from_its_mail(
    register: event_store.Register,
) -> None:
    add_contact(register, "gone@x.example")
    add_contact(register, DINKES)
    send_item(register)
    with mail_server() as (box, port):
        box.refused.add("gone@x.example")
        done = deliverer(register, port).run_round()
    assert done.tried == {"sent": 1, "dead": 1}
    assert [str(letter["To"]) for letter in box.mails] == [DINKES]
    (line,) = messages.Outbox(register).find_lines(("dead",), 9)
    assert line.reason == "the mail server answered 550 5.1.1 no such mailbox"


def test_a_mail_that_is_put_off_comes_later_and_is_the_same(
    register: event_store.Register,
) -> None:
    add_contact(register, DINKES)
    send_item(register)
    clock = Clock()
    with mail_server() as (box, port):
        box.answers = ["451 4.7.1 try later", "drop", "250 OK"]
        assert deliverer(register, port, clock).run_round().tried == {"waiting": 1}
        clock.now += timedelta(minutes=2)
        assert deliverer(register, port, clock).run_round().tried == {"waiting": 1}
        (line,) = messages.Outbox(register).find_lines(("waiting",), 9)
        assert "answer of the mail server was lost" in (line.reason or "")
        clock.now += timedelta(minutes=6)
        assert deliverer(register, port, clock).run_round().tried == {"sent": 1}
    # Taken twice, since nobody could know that the first was: but it is the same mail.
    assert len(box.raw) == 2
    assert box.raw[0] == box.raw[1]


def test_two_deliverers_at_once_send_each_mail_once(register: event_store.Register) -> None:
    add_contact(register, DINKES)
    add_contact(register, "second@x.example")
    for number in range(15):
        send_item(register, RAISED.model_copy(update={"ukuran": f"x{number}"}))
    with mail_server() as (box, port), ThreadPoolExecutor(3) as pool:
        rounds = list(pool.map(lambda _: deliverer(register, port).run_round(), range(3)))
    assert sum(done.posted for done in rounds) == 30
    ids = [str(letter["Message-ID"]) for letter in box.mails]
    assert len(ids) == len(set(ids)) == 30
    assert states(register) == {"sent": 30}


DELIVERER = """
import sys
import time
from tests.geo_service.register.receivers import deliverer
from geo_service.register import event_store, way
register = event_store.Register(sys.argv[1], way.read_way())
print(deliverer(register, int(sys.argv[2])).run_round(), flush=True)
"""


def killed(url: str, port: int, taken: object) -> None:
    """A deliverer that is killed once the server took the text of its first mail."""
    command = [sys.executable, "-c", DELIVERER, url, str(port)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as process:
        assert taken.wait(60)  # type: ignore[attr-defined]  # an event of another thread
        os.kill(process.pid, signal.SIGKILL)


def test_a_mail_in_the_hands_of_a_program_that_was_killed_is_not_sent_again_by_itself(
    url: str, register: event_store.Register
) -> None:
    add_contact(register, DINKES)
    for number in range(3):
        send_item(register, RAISED.model_copy(update={"ukuran": f"x{number}"}))
    clock = Clock()
    with mail_server() as (box, port):
        box.answers = ["hang"]
        killed(url, port, box.taken)
        box.answers.clear()
        clock.now = datetime.now(UTC)
        deliverer(register, port, clock).run_round()
        assert states(register) == {"sending": 1, "sent": 2}
        clock.now += messages.LEASE
        assert not deliverer(register, port, clock).run_round().tried
        assert states(register) == {"unclear": 1, "sent": 2}
        ids = [str(letter["Message-ID"]) for letter in box.mails]
        assert len(ids) == len(set(ids)) == 3
        (line,) = messages.Outbox(register).find_lines(("unclear",), 9)
        messages.Outbox(register).send_again(line.id, clock.now)
        deliverer(register, port, clock).run_round()
    assert box.raw[0] == box.raw[-1]


def test_a_message_that_was_only_taken_goes_out_after_a_kill(
    register: event_store.Register,
) -> None:
    add_contact(register, DINKES)
    send_item(register)
    posting.post_events(register, NAMES, NOW)
    outbox, clock = messages.Outbox(register), Clock()
    assert outbox.take(NOW, {"mail"}, ()) is not None
    with mail_server() as (box, port):
        assert not deliverer(register, port, clock).run_round().tried
        clock.now += messages.LEASE
        assert deliverer(register, port, clock).run_round().tried == {"sent": 1}
    assert len(box.mails) == 1


def test_who_held_a_message_too_long_does_not_send_it(register: event_store.Register) -> None:
    add_contact(register, DINKES)
    send_item(register)
    posting.post_events(register, NAMES, NOW)
    outbox = messages.Outbox(register)
    slow = outbox.take(NOW, {"mail"}, ())
    later = NOW + messages.LEASE
    quick = outbox.take(later, {"mail"}, ())
    assert slow is not None
    assert quick is not None
    with pytest.raises(RegisterError, match="Another deliverer"):
        outbox.begin(slow, later)
    outbox.mark_sent(slow, later)
    assert states(register) == {"held": 1}
    outbox.begin(quick, later)
    outbox.mark_sent(quick, later)
    assert states(register) == {"sent": 1}


POSTER = """
import sys
import time
from datetime import UTC, datetime
from geo_service.outbox import posting
from geo_service.register import event_store, way
register = event_store.Register(sys.argv[1], way.read_way())
print("ready", flush=True)
while True:
    posting.post_events(register, posting.Names("x"), datetime.now(UTC))
"""


def test_killed_again_and_again_while_posting_none_is_lost_and_none_doubled(
    url: str, register: event_store.Register
) -> None:
    add_contact(register, DINKES)
    sent = 0
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", POSTER, url], cwd=REPOSITORY, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            for _ in range(20):
                send_item(register, RAISED.model_copy(update={"ukuran": f"x{sent}"}))
                sent += 1
            os.kill(process.pid, signal.SIGKILL)
    # PostgreSQL lets go of what a killed program held once it has seen that it is gone.
    deadline = time.monotonic() + 20
    while len(posted(register)) < sent and time.monotonic() < deadline:
        time.sleep(0.2)
    assert posted(register) == [("send", DINKES)] * sent


def test_a_contact_that_was_removed_is_told_nothing_any_more(
    register: event_store.Register,
) -> None:
    contact = add_contact(register, DINKES)
    send_item(register)
    posting.post_events(register, NAMES, NOW)
    contacts.Contacts(register).end(contact, NOW)
    send_item(register, RAISED.model_copy(update={"ukuran": "x"}))
    with mail_server() as (box, port):
        deliverer(register, port).run_round()
    assert box.mails == []
    assert states(register) == {"dead": 1}


def test_contacts_fit_their_role_and_are_few(register: event_store.Register) -> None:
    for role, area, office in (
        ("office", "99.01", None),
        ("office", "99.01.01", "Dinas"),
        ("kecamatan", "99.01", None),
        ("desa", "99.01.01", None),
        ("sekda", "99.01.01", None),
        ("viewer", "99.01", None),
        ("office", "99.01", "Dinas\nX"),
        ("kecamatan", "99.01.1", None),
    ):
        with pytest.raises(RegisterError):
            contacts.Contacts(register).add_typed(role, area, office, DINKES, NOW)
    for number in range(contacts.MOST_OF_ONE):
        add_contact(register, f"a{number}@x.example")
    with pytest.raises(RegisterError, match="at most"):
        add_contact(register, "more@x.example")
    add_contact(register, "a0@x.example", office=PUPR.nama)
    with pytest.raises(RegisterError, match="already"):
        add_contact(register, "a0@x.example", office=PUPR.nama)


def make_certificate(folder: Path, name: str = "IP:127.0.0.1") -> tuple[Path, Path]:
    key, certificate = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=test", "-addext", f"subjectAltName={name}"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return key, certificate


def test_without_starttls_or_with_a_strange_certificate_nothing_is_sent(
    tmp_path: Path, register: event_store.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_contact(register, DINKES)
    send_item(register)
    key, certificate = make_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    clock = Clock()

    def try_once(port: int) -> str:
        server = mail.read_server(f"smtp://127.0.0.1:{port}", "a@b.example", None)
        replace(deliverer(register, None, clock), server=server).run_round()
        clock.now += timedelta(days=1)
        lines = messages.Outbox(register).find_lines(messages.STATES, 9)
        return f"{lines[0].state}: {lines[0].reason}"

    with mail_server() as (box, port):
        assert "starttls" in try_once(port).lower()
    with mail_server(tls_context=context) as (box, port):
        assert "certificate verify failed" in try_once(port)
        assert box.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert try_once(port) == "sent: None"
        assert len(box.mails) == 1


def test_the_password_comes_from_a_file_and_from_nowhere_else(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("kelapa\n")
    server = mail.read_server("smtp://rumah%40x@mail.example", "R <r@x.example>", secret)
    assert (server.user, server.password, server.port) == ("rumah@x", "kelapa", 587)
    assert mail.read_server("smtps://mail.example", "r@x.example", None).port == 465
    for url, sender, file in (
        ("smtp://u:word@mail.example", "r@x.example", None),
        ("http://mail.example", "r@x.example", None),
        ("smtp://", "r@x.example", None),
        ("smtp://mail.example:x", "r@x.example", None),
        ("smtp://mail.example", None, None),
        ("smtp://mail.example", "R\r\nBcc: a@b <r@x.example>", None),
        ("smtp://mail.example", "r@x.example", tmp_path / "none"),
    ):
        with pytest.raises(RegisterError):
            mail.read_server(url, sender, file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("smtp = ", "cannot be read"),
        ('smpt = "smtp://x"', "smpt: Extra"),
        ('smtp = "smtp://x"', "sender: expected"),
        ('webhook_networks = ["10.0.0.x"]', "webhook_networks"),
        ('smtp = "smtp://x"\nsender = "a@b.c"\npassword_file = "none"', "password_file"),
    ],
)
def test_a_file_that_says_something_else_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "outbox.toml"
    file.write_text(text)
    with pytest.raises(RegisterError, match=message):
        outbox_file.read_outbox_file(file)


def test_the_password_lies_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("kelapa\n")
    file = tmp_path / "outbox.toml"
    file.write_text('smtp = "smtp://u@x"\nsender = "a@b.c"\npassword_file = "word"\n')
    server = outbox_file.read_outbox_file(file).server
    assert server is not None
    assert server.password == "kelapa"
    assert outbox_file.read_outbox_file(None).server is None


def test_the_command_delivers_and_tells_what_was_given_up(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = CliRunner()
    file, table = tmp_path / "outbox.toml", tmp_path / "way.toml"
    # No digest by itself today.
    table.write_text(f"[digest]\nweekday = {(NOW.isoweekday() + 2) % 7 + 1}\n")
    monkeypatch.setenv("GEO_REGISTER_WAY", str(table))

    def ask(*words: str, code: int = 0) -> str:
        done = run.invoke(app, ["register", *words, "--register", url])
        assert done.exit_code == code, done.output
        return done.output

    ask("init")
    made = ask(
        *("contacts", "add", "--role", "office", "--area", "99.01"),
        *("--office", "Dinas Kesehatan", DINKES),
    )
    contact = made.split()[0]
    ask("contacts", "add", "--role", "office", "--area", "99.01", "--office", PUPR.nama, "a@x.y")
    assert f"{contact}  office  99.01  Dinas Kesehatan  mail  {DINKES}" in ask("contacts", "list")
    register = event_store.Register(url, way.read_way())
    item = send_item(register)
    again = SEND.model_copy(update={"to": Addressee(jenis="kabupaten", nama=PUPR.nama)})
    register.add(item, (again,), CAMAT, NOW)
    assert "2 messages written; none tried" in ask("deliver")
    with mail_server() as (box, port):
        file.write_text(f'smtp = "smtp+plain://127.0.0.1:{port}"\nsender = "rumah@x.example"\n')
        monkeypatch.setenv("GEO_OUTBOX", str(file))
        monkeypatch.setenv("GEO_PUBLIC_URL", ROOT)
        box.refused.add(DINKES)
        assert "1 dead, 1 sent" in ask("deliver")
        status = ask("deliver", "--status")
        assert "Messages: 0 waiting, 0 held, 0 sending, 1 sent, 1 dead, 0 unclear." in status
        assert "550 5.1.1 no such mailbox" in status
        box.refused.clear()
        dead = next(line for line in status.splitlines() if "  dead  " in line).split()[0]
        ask("deliver", "--again", dead)
        assert "0 messages written; 1 sent" in ask("deliver")
        assert len(box.mails) == 2
    assert message_from_bytes(box.raw[0])["From"] == "rumah@x.example"
    ask("contacts", "remove", contact)
    assert contact not in ask("contacts", "list")
    assert "ended: removed" in ask("contacts", "list", "--ended")
    register.close()


def test_the_tables_go_down_and_up_again_on_a_filled_register(
    register: event_store.Register,
) -> None:
    contact = add_contact(register, DINKES)
    item = send_item(register)
    posting.post_events(register, NAMES, NOW)
    calendars.CalendarKeys(register).renew(("contact", contact.id), NOW)
    accept = Stepped(step="accept", task=DINAS)
    register.add(item, (accept,), OFFICE, NOW)
    with register.transaction(writes=True) as connection:
        made = sa.inspect(connection)
        for table in contacts.TABLES.sorted_tables:
            columns = {column["name"] for column in made.get_columns(table.name)}
            assert columns == {column.name for column in table.columns}
            indexes = {index["name"] for index in made.get_indexes(table.name)}
            assert {str(index.name) for index in table.indexes} <= indexes
        config = Config()
        config.set_main_option("script_location", str(database.MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
        left = set(sa.inspect(connection).get_table_names())
        assert not left & {"unposted", "contact", "message", "calendar_key"}
        assert {"event", "item", "task", "account"} <= left
    register.migrate()
    assert register.item(item.id).version == 3
    assert register.check() == []
    assert states(register) == {}
    add_contact(register, CAMAT_AT, "kecamatan", HERE)
    assert posted(register) == [], "nobody is told of what happened before"
    register.add(register.item(item.id), (Stepped(step="start", task=DINAS),), OFFICE, NOW)
    assert posted(register) == [("start", CAMAT_AT)]
