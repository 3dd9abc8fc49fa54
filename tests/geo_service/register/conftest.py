"""An empty register in each kind of database."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from geo_service.register import event_store, way

DATABASES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgresql),
]
NAMES = count()


def as_postgres(*words: str | Path) -> None:
    """Run a program of PostgreSQL as its own user, since it refuses to run as root."""
    command = ["runuser", "-u", "postgres", "--", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a server of its own, without the name of a database."""
    yield from serve_postgresql()


def serve_postgresql() -> Iterator[str]:
    """The URL of a server of its own, which ends when the next is asked for."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    # The path of a socket has at most 107 letters.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    as_postgres(programs / "initdb", "-D", data, "--auth=trust", "--encoding=UTF8", "--no-sync")
    options = f"-k {folder} -c listen_addresses= -c fsync=off"
    start = ("start", "-w", "-l", folder / "log", "-o", options)
    as_postgres(programs / "pg_ctl", "-D", data, *start)
    yield f"postgresql+psycopg://postgres@/{{name}}?host={folder}"
    as_postgres(programs / "pg_ctl", "-D", data, "stop", "-m", "immediate")
    shutil.rmtree(folder)


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'register.db'}"
    template: str = request.getfixturevalue("postgresql")
    name = f"register_{next(NAMES)}"
    engine = sa.create_engine(template.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return template.format(name=name)


@pytest.fixture
def register(url: str) -> Iterator[event_store.Register]:
    """An empty register."""
    made = event_store.Register(url, way.read_way())
    made.migrate()
    yield made
    made.close()
