"""Many writers, a killed one, a full disk, a backup meanwhile: nothing acknowledged is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.errors import RegisterError
from geo_service.register import database, event_store, records, way
from geo_service.register.records import Stepped
from tests.geo_service.register.test_event_store import NOW, RAISED, REPOSITORY, SEND, WRITER
from tests.geo_service.register.test_way import CAMAT, SYSTEM

WAY = way.read_way()
PROCESSES, ITEMS = 5, 20
# `make chaos` lets them write for a minute.
SECONDS = os.environ.get("REGISTER_SECONDS", "3")


def test_of_fifty_writers_no_event_is_lost_or_doubled(
    url: str, register: event_store.Register
) -> None:
    items = [register.begin((RAISED,), SYSTEM, NOW).id for _ in range(ITEMS)]
    words = [sys.executable, "-m", "tests.geo_service.register.writers", url, SECONDS]
    writers = [
        subprocess.Popen(
            [*words, str(number), *items], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
        )
        for number in range(PROCESSES)
    ]
    told: list[str] = []
    for writer in writers:
        output, _ = writer.communicate()
        assert writer.returncode == 0
        told += [line for line in output.splitlines() if line]
    assert len(told) > 50
    kept = Counter(_line(event) for event in register.all_events())
    assert {line: kept[line] for line in told} == dict.fromkeys(told, 1)
    assert kept.total() == len(told) + ITEMS
    assert register.check() == []


def _line(event: records.Event) -> str:
    content = event.content
    office = content.to.nama if isinstance(content, Stepped) and content.to else "-"
    return f"{event.item} {event.number} {office}"


def test_a_killed_writer_leaves_whole_items_and_the_register_goes_on(
    url: str, register: event_store.Register
) -> None:
    told: set[str] = set()
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, url], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            told |= {writer.stdout.readline().strip() for _ in range(5)}
            os.kill(writer.pid, signal.SIGKILL)
            told |= {line for line in writer.stdout.read().split() if len(line) == 16}
    assert told <= {item.id for item in register.items()}
    item = register.add(register.items()[0], (SEND,), CAMAT, NOW)
    assert register.item(item.id) == item
    assert register.check() == []


def test_a_full_disk_is_said_and_reading_goes_on(tmp_path: Path) -> None:
    register = event_store.Register(f"sqlite:///{tmp_path / 'register.db'}", WAY)
    register.migrate()
    kept = register.begin((RAISED,), SYSTEM, NOW)
    register.close()
    # SQLite answers as on a full disk where a file may have no more pages.
    sa.event.listen(register._engine, "connect", _take_no_more_pages)
    written = [kept]

    def fill() -> None:
        for _ in range(10_000):
            written.append(register.begin((RAISED,), SYSTEM, NOW))

    with pytest.raises(RegisterError, match=r"its disk is full .* Nothing was written: make room"):
        fill()
    assert {item.id for item in register.items()} == {item.id for item in written}
    assert register.check() == []
    sa.event.remove(register._engine, "connect", _take_no_more_pages)
    register.close()
    assert register.begin((RAISED,), SYSTEM, NOW).version == 1
    register.close()


def _take_no_more_pages(connection: sqlite3.Connection, _: object) -> None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages + 1}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('could not extend file "base/1": No space left on device', "its disk is full"),
        ('relation "event" does not exist', "geo-service register init"),
        ("no such column: item.title", "geo-service register init"),
        ("database is locked", "too many at once. Nothing was written"),
        ("connection refused", r"connection refused\.$"),
    ],
)
def test_what_helps_is_said_in_the_words_of_either_database(
    tmp_path: Path, text: str, said: str
) -> None:
    register = event_store.Register(f"sqlite:///{tmp_path / 'register.db'}", WAY)
    with pytest.raises(RegisterError, match=said), register.transaction():
        raise sa.exc.OperationalError("SELECT 1", None, Exception(text))
    register.close()


def test_who_waits_too_long_for_a_connection_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(database, "CONNECTIONS", 1)
    register = event_store.Register(f"sqlite:///{tmp_path / 'register.db'}", WAY)
    register.migrate()
    with register.transaction(), pytest.raises(RegisterError, match="too many at once"):
        register.items()
    assert register.items() == []
    register.close()


def test_a_backup_taken_while_somebody_writes_is_whole(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'register.db'}"
    register = event_store.Register(url, WAY)
    register.migrate()
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, url], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        told = {writer.stdout.readline().strip() for _ in range(20)}
        target = tmp_path / "copy.db"
        words = ["register", "backup", str(target), "--register", url]
        found = CliRunner().invoke(app, words, catch_exceptions=False)
        assert found.exit_code == 0, found.output
        more = {writer.stdout.readline().strip() for _ in range(5)}
        writer.kill()
        writer.stdout.read()
    copy = event_store.Register(f"sqlite:///{target}", WAY)
    kept = {item.id for item in copy.items()}
    assert told <= kept
    assert copy.check() == []
    assert more <= {item.id for item in register.items()}
    copy.close()
    register.close()
