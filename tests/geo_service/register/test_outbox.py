"""The outbox: messages that are held and given up, contacts, the command that delivers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from email import message_from_bytes
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.errors import RegisterError
from geo_service.outbox import calendars, contacts, messages, posting
from geo_service.register import database, event_store, way
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
    add_contact,
    deliverer,
    mail_server,
    posted,
    send_item,
    states,
)
from tests.geo_service.register.test_event_store import RAISED, REPOSITORY
from tests.geo_service.register.test_way import CAMAT, DINAS, OFFICE, PUPR


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
