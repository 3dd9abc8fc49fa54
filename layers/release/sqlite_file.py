"""SQLite files of a release: how one is made, byte for byte the same, and how it is read.

A file is written once, in the order of its keys, and never changed; it is read without locks or
journal, by a connection for each thread.
"""

import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

PAGE_SIZE = 4096
MAPPED_BYTES = 1 << 30
"""As much of a file is mapped: all threads and processes share the pages in memory."""


@contextmanager
def creating(path: Path, layout: str, version: int) -> Iterator[sqlite3.Connection]:
    """A new database with the tables of a layout; what is written is one transaction.

    The same rows in the same order give the same bytes (of one version of SQLite).

    Parameters
    ----------
    path
        Must not exist.
    layout
        Statements that create the tables, each with a semicolon at its end.
    version
        Of the layout, for `Database`.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        settings = (f"page_size = {PAGE_SIZE}", "journal_mode = OFF", "synchronous = OFF")
        for setting in (*settings, "encoding = 'UTF-8'", f"user_version = {version}"):
            database.execute(f"PRAGMA {setting}")
        database.execute("BEGIN")
        for statement in filter(str.strip, layout.split(";")):
            database.execute(statement)
        yield database
        database.execute("COMMIT")


class Database:
    """A database of a release, open for reading; any thread may ask.

    Raises
    ------
    OSError
        The file is not there, or is no database of this version.
    """

    def __init__(self, path: Path, version: int) -> None:
        if not path.is_file():
            raise FileNotFoundError(path)
        self._address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._threads = threading.local()
        try:
            ((written,),) = self.rows("PRAGMA user_version")
        except sqlite3.DatabaseError as error:
            raise OSError(f"{path}: {error}") from error
        if written != version:
            raise OSError(f"{path}: has version {written}, expected {version}.")

    def rows(
        self, question: str, values: Sequence[str | int | float | None] = ()
    ) -> list[tuple[object, ...]]:
        """The answer to a question, asked by the connection of this thread."""
        opened: _Opened | None = getattr(self._threads, "opened", None)
        if opened is None:
            opened = self._threads.opened = _Opened(self._address)
        return opened.connection.execute(question, values).fetchall()


class _Opened:
    """The connection of one thread; closed when the thread, or the database, goes."""

    def __init__(self, address: str) -> None:
        self.connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        weakref.finalize(self, self.connection.close)
        self.connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
