"""Mail: what it says, and that it arrives once, whatever happens to server and program."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from geo_service.errors import RegisterError
from geo_service.outbox import contacts, mail, messages, outbox_file, posting
from geo_service.register import event_store, records
from geo_service.register.records import Stepped
from tests.geo_service.register.receivers import (
    CAMAT_AT,
    DINKES,
    HERE,
    NAMES,
    NOW,
    ROOT,
    Clock,
    add_contact,
    deliverer,
    mail_server,
    send_item,
    states,
)
from tests.geo_service.register.test_event_store import RAISED, REPOSITORY
from tests.geo_service.register.test_way import DINAS, OFFICE


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
