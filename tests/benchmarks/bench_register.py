"""What signed-in people wait for with 84,000 desa x 12 items and three million events.

CPU of this process with SQLite; with PostgreSQL, whose work is done in another process, seconds by
the clock.  ``BENCH_DESA`` makes the register smaller.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from geo_service.house import accounts, boards
from geo_service.register import event_log, event_store, reminders, way
from tests.benchmarks import harness, large_register
from tests.geo_service.register import conftest

LIMIT_MS = 50.0
TODAY = date(2026, 11, 30)
REPEAT = 7


def bench_register_of_sqlite() -> None:
    """Lists of a kecamatan and an office in a file."""
    with tempfile.TemporaryDirectory() as folder:
        _measure(f"sqlite:///{Path(folder) / 'register.db'}", "sqlite", harness.measure_cpu)


def bench_register_of_postgresql() -> None:
    """The same with PostgreSQL, where it is installed."""
    if not list(Path("/usr/lib/postgresql").glob("*/bin")):
        return
    with contextmanager(conftest.serve_postgresql)() as template:
        engine = sa.create_engine(template.format(name="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text("CREATE DATABASE bench"))
        engine.dispose()
        _measure(template.format(name="bench"), "postgresql", harness.measure_wall)


def _measure(url: str, name: str, measure: Callable[[Callable[[], object]], float]) -> None:
    register = event_store.Register(url, way.read_way())
    register.migrate()
    desa = int(os.environ.get("BENCH_DESA", large_register.DESA))
    harness.absolute(f"register_{name}_fill", lambda: large_register.fill_register(register, desa))
    with register.transaction(writes=True) as connection:
        connection.execute(sa.text("ANALYZE"))
    counts = sa.select(sa.func.count()).select_from(event_log.EVENT)
    harness.absolute(f"register_{name}_events", register.rows(counts)[0][0], unit="")

    def say(figure: str, ask: Callable[[], Any]) -> None:
        ask()
        milliseconds = [1000 * measure(ask) for _ in range(REPEAT)]
        middle = sorted(milliseconds)[REPEAT // 2]
        harness.absolute(f"register_{name}_{figure}", middle, limit=LIMIT_MS, unit="ms")

    kecamatan = [*large_register.desa_codes(desa)][desa // 2][: len("00.00.00")]
    camat = _person("kecamatan", kecamatan)
    office = _person("office", kecamatan[: len("00.00")], large_register.OFFICES[0])
    everything, waiting = boards.BoardFilter(area=kecamatan), boards.BoardFilter(waits=True)
    say("board", lambda: boards.find_rows(register, camat, everything, TODAY, 100))
    say("tasks_of_kecamatan", lambda: boards.find_rows(register, camat, waiting, TODAY, 100))
    say("tasks_of_office", lambda: boards.find_rows(register, office, waiting, TODAY, 100))
    say("choices", lambda: boards.choices(register, camat, kecamatan))
    say("items_of_kecamatan", lambda: register.items(kecamatan))
    say("late_of_kecamatan", lambda: reminders.find_late(register, TODAY, kecamatan))
    register.close()


def _person(role: accounts.PersonRole, area: str, office: str | None = None) -> accounts.Person:
    return accounts.Person("0", "bench", "bench", role, area, office)
