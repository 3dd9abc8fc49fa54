"""What people wait for with 84,000 desa x 12 items and three million events.

Lists of who is signed in, public figures, and what a register costs the pages beside it.

CPU of this process with SQLite; with PostgreSQL, whose work is done in another process, seconds by
the clock.  ``BENCH_DESA`` makes the register smaller.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from geo_service.house import accounts, boards, sample_story
from geo_service.register import event_log, event_store, figures, reminders, way
from layers.pipeline.demo import prepare_demo
from layers.release.manifest_file import CURRENT_LINK
from tests.benchmarks import harness, large_register
from tests.geo_service.client import Client
from tests.geo_service.register import conftest

LIMIT_MS, PUBLIC_LIMIT_MS = 50.0, 200.0
MOST_OF_PLAIN = 1.05
"""CPU of a page of a server with a register, by that without one."""
UNLIMITED = "client_rate=0"
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

    def say(figure: str, ask: Callable[[], Any], limit: float = LIMIT_MS) -> None:
        ask()
        milliseconds = [1000 * measure(ask) for _ in range(REPEAT)]
        middle = sorted(milliseconds)[REPEAT // 2]
        harness.absolute(f"register_{name}_{figure}", middle, limit=limit, unit="ms")

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
    for where, area in (("country", None), ("provinsi", kecamatan[:2]), ("kecamatan", kecamatan)):
        ask = partial(_total, register, area)
        say(f"public_figures_of_{where}", ask, PUBLIC_LIMIT_MS)
    register.close()


def bench_pages_beside_a_register() -> None:
    """Pages and tiles of the sample with and without a register, answered by this process."""
    with tempfile.TemporaryDirectory() as folder:
        demo = prepare_demo(Path(folder))
        url = f"sqlite:///{Path(folder) / 'register.db'}"
        register = event_store.Register(url, way.read_way())
        register.migrate()
        sample_story.tell_half_year(register, (demo.releases / CURRENT_LINK).resolve(), TODAY)
        kecamatan = f"/kecamatan/{demo.kode_kecamatan}"
        paths = {
            "kecamatan": (kecamatan, 40),
            "follow_up": (f"{kecamatan}/tindak-lanjut", 40),
            "desa": (f"/desa/{demo.kode_kecamatan}.2005", 40),
            "tile": ("/tiles/desa/8/217/131.mvt", 1000),
        }
        plain = partial(Client, demo.releases, limits=UNLIMITED)
        with plain(register_url=url) as ours, plain() as peer:
            for name, (path, count) in paths.items():
                harness.compare(
                    f"page_beside_register_{name}",
                    partial(_ask, ours, path, count),
                    partial(_ask, peer, path, count),
                    limit=MOST_OF_PLAIN,
                    repeat=15,
                )
        register.close()


def _total(register: event_store.Register, area: str | None) -> figures.Figures | None:
    return figures.total(list(figures.of_parts(register, area, TODAY).values()))


def _ask(client: Client, path: str, count: int) -> None:
    """Ask many times within one turn of the loop: threads that wake each other cost more."""

    async def ask() -> None:
        for _ in range(count):
            assert (await client._inner.get(path)).status_code == 200, path

    client._run(ask())


def _person(role: accounts.PersonRole, area: str, office: str | None = None) -> accounts.Person:
    return accounts.Person("0", "bench", "bench", role, area, office)
