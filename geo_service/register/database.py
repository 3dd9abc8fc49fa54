"""One database: its connections and transactions, and what to do where it cannot be used."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext

from geo_service.errors import RegisterConflictError, RegisterError

MIGRATIONS = Path(__file__).with_name("migrations")
WAIT_SECONDS = 30.0
CONNECTIONS = 10
"""Of one process; who needs one more waits."""
CONFLICT = "Somebody else acted on the item meanwhile. Look at it again, then repeat."
_NEVER_MADE = ("no such table", "no such column", "does not exist")
_BUSY = "it is asked by too many at once. Nothing was written: try again later."
_FULL = ("disk is full", "No space left", "could not extend file")


def files_beside(database: Path) -> Path:
    """Where the photographs and documents of a file of SQLite lie, unless a setting says it."""
    return database.with_name(f"{database.stem}-files")


class RegisterDatabase:
    """SQLite in one file, or PostgreSQL.

    Parameters
    ----------
    url
        ``sqlite:///register.db`` or ``postgresql+psycopg://…``.

    Raises
    ------
    RegisterError
        The address is none of these.
    """

    def __init__(self, url: str) -> None:
        try:
            self._engine = sa.create_engine(
                url, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=WAIT_SECONDS
            )
        except (sa.exc.ArgumentError, ImportError) as error:
            raise RegisterError(f"GEO_REGISTER: {error}") from error
        # SQLite lets any of those who wait go on: threads queue here, so that nobody starves.
        self._turn = Lock() if self._engine.dialect.name == "sqlite" else None
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
            sa.event.listen(self._engine, "begin", _begin)

    @property
    def name(self) -> str:
        """Where it is, without a password."""
        return self._engine.url.render_as_string(hide_password=True)

    @property
    def database(self) -> Path | None:
        """The file of SQLite; None for another database."""
        name = self._engine.url.database
        return Path(name) if self._engine.dialect.name == "sqlite" and name else None

    @property
    def files_folder(self) -> Path | None:
        """Where photographs and documents lie unless a setting says it; None without a file."""
        return self.database and files_beside(self.database)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextmanager
    def transaction(self, *, writes: bool = False) -> Iterator[sa.Connection]:
        """A connection whose changes count together, at the end, or not at all.

        Raises
        ------
        RegisterConflictError
            Somebody else wrote the same first.
        RegisterError
            The database cannot be used; the message says what to do.
        """
        try:
            with self._take_turn(writes), self._engine.connect() as connection:
                connection = connection.execution_options(writes=writes)
                with connection.begin():
                    yield connection
        except sa.exc.IntegrityError as error:
            raise RegisterConflictError(CONFLICT) from error
        except (sa.exc.TimeoutError, TimeoutError) as error:
            raise RegisterError(f"The register {self.name} cannot be used: {_BUSY}") from error
        except sa.exc.DBAPIError as error:
            message = f"The register {self.name} cannot be used: {_explain(error)}"
            raise RegisterError(message) from error

    @contextmanager
    def _take_turn(self, writes: bool) -> Iterator[None]:
        if self._turn is None or not writes:
            yield
            return
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise TimeoutError
        try:
            yield
        finally:
            self._turn.release()


def upgrade_tables(connection: sa.Connection) -> bool:
    """Bring the tables to the newest form; whether there were tables of an older one."""
    before = MigrationContext.configure(connection).get_current_revision()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return before not in (None, MigrationContext.configure(connection).get_current_revision())


def _explain(error: sa.exc.DBAPIError) -> str:
    text = " ".join(str(error.orig).split())
    if any(words in text for words in _NEVER_MADE):
        return f"{text}. Make it, or bring it to the newest form: geo-service register init"
    if any(words in text for words in _FULL):
        return f"its disk is full ({text}). Nothing was written: make room, then repeat."
    return _BUSY if "database is locked" in text else f"{text}."


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver begins no transaction of its own: `_begin` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={WAIT_SECONDS * 1000:.0f}",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    # Who will write takes its turn at once; else two who both read first could never go on.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
