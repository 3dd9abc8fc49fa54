"""How the bytes of a release are read: as "give me offset, length", or as rows of SQLite.

Archives and indexes are parsed from a `ByteSource`, so tests use memory where the server reads a
file.  No file is mapped into memory: released files never change, but where one is cut short, a
process that looks beyond its end through a map is killed, while one that reads gets an error.

A SQLite file is written once, in the order of its keys, byte for byte the same; it is read without
locks or journal, by a connection for each thread.
"""

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from layers.release.errors import AlteredFileError, ReleaseUnusableError, explained

SqlValue: TypeAlias = str | int | float | None
PAGE_SIZE = 4096
BATCH = 100_000
"""Rows that are made into Python objects at a time."""
MOST_VALUES = 999
"""Values in one statement: the least limit that any SQLite has."""
KEPT_KIB = 2_000
"""Pages of a database that each connection keeps, besides those that the system keeps for all."""


class ByteSource(Protocol):
    """Bytes that can be read at any offset."""

    @property
    def size(self) -> int:
        """Number of bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from ``offset``, as a copy; fewer than ``length`` only at the end."""
        ...

    def view(self, offset: int, length: int) -> memoryview:
        """The same bytes, without a copy where the source is memory."""
        ...


class MemoryBytes:
    """Bytes in memory."""

    def __init__(self, content: bytes) -> None:
        self._view = memoryview(content)

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self._view)

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from ``offset``, as a copy."""
        return bytes(self._view[offset : offset + length])

    def view(self, offset: int, length: int) -> memoryview:
        """The same bytes without a copy."""
        return self._view[offset : offset + length]


class FileState(NamedTuple):
    """What the system says of a file; a change of its content changes one of these."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, answer: os.stat_result) -> "FileState":
        """The state in an answer of the system."""
        return cls(
            device=answer.st_dev,
            inode=answer.st_ino,
            size=answer.st_size,
            modified_ns=answer.st_mtime_ns,
            changed_ns=answer.st_ctime_ns,
        )

    def has_content_of(self, other: "FileState") -> bool:
        """Whether only links, owner or rights can differ, not what is in the file."""
        return self[:4] == other[:4]


class FileBytes:
    """A file that is read where it is asked for, and held open until the last reference goes.

    It stays readable after the file was unlinked: a pruned release serves the requests under way
    and then frees its disk space.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._descriptor)
        self._size = os.fstat(self._descriptor).st_size

    @property
    def size(self) -> int:
        """Number of bytes when the file was opened."""
        return self._size

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from ``offset``, as a copy.

        Raises
        ------
        AlteredFileError
            The file is shorter now than when it was opened.
        """
        length = max(0, min(length, self._size - offset))
        content = os.pread(self._descriptor, length, offset) if length else b""
        while len(content) < length:
            # The system gives at most 2 GB at a time.
            more = os.pread(self._descriptor, length - len(content), offset + len(content))
            if not more:
                end = offset + len(content)
                raise AlteredFileError(self._name, f"ends at {end} of {self._size} bytes")
            content += more
        return content

    def state(self) -> FileState:
        """What the system says of the file now."""
        return FileState.of(os.fstat(self._descriptor))

    def view(self, offset: int, length: int) -> memoryview:
        """The same bytes; a copy too, since what lies in the file may be cut off."""
        return memoryview(self.read(offset, length))


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


def insert_rows(
    database: sqlite3.Connection, table: str, columns: Sequence[Sequence[SqlValue]]
) -> None:
    """Insert rows, given as columns of one length.

    A statement inserts many rows: that takes a third of the time of one statement for each.
    """
    width = len(columns)
    values: list[SqlValue] = [None] * (width * len(columns[0]))
    for number, column in enumerate(columns):
        values[number::width] = column
    step = MOST_VALUES // width * width
    for length, statements in groupby(
        (values[start : start + step] for start in range(0, len(values), step)), key=len
    ):
        rows = ", ".join([f"({', '.join('?' * width)})"] * (length // width))
        database.executemany(f"INSERT INTO {table} VALUES {rows}", statements)  # noqa: S608  # a name of a layout


def batches(count: int) -> Iterator[slice]:
    """The rows from 0 to ``count`` in parts that are small in memory."""
    return (slice(start, start + BATCH) for start in range(0, count, BATCH))


class Database:
    """A database of a release, open for reading; any thread may ask.

    Raises
    ------
    FileNotFoundError
        The file is not there.
    ReleaseUnusableError
        It is no database of this version.
    """

    def __init__(self, path: Path, version: int) -> None:
        if not path.is_file():
            raise FileNotFoundError(path)
        self.name = str(path)
        self._address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._threads = threading.local()
        ((written,),) = self.rows("PRAGMA user_version")
        ((pages,),) = self.rows("PRAGMA page_count")
        if written != version:
            raise ReleaseUnusableError(f"{path}: has version {written}, expected {version}.")
        if not isinstance(pages, int) or path.stat().st_size != pages * PAGE_SIZE:
            raise ReleaseUnusableError(f"{path}: has another size than it says.")

    def rows(self, question: str, values: Sequence[SqlValue] = ()) -> list[tuple[object, ...]]:
        """The answer to a question, asked by the connection of this thread.

        Raises
        ------
        ReleaseUnusableError
            The file is no database, is damaged, or lacks what is asked for.
        """
        opened: _Opened | None = getattr(self._threads, "opened", None)
        with explained(self.name):
            if opened is None:
                opened = self._threads.opened = _Opened(self._address)
            return opened.connection.execute(question, values).fetchall()


class _Opened:
    """The connection of one thread; closed when the thread, or the database, goes."""

    def __init__(self, address: str) -> None:
        self.connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        weakref.finalize(self, self.connection.close)
        # Some builds of SQLite map files unless told not to.
        self.connection.execute("PRAGMA mmap_size = 0")
        self.connection.execute(f"PRAGMA cache_size = -{KEPT_KIB}")
