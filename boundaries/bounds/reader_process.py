"""One process that reads one file after the other within what each may cost.

It is forked from the process that needs the files, so it starts in milliseconds with all modules
loaded, and stays for many files.  A task goes in and its result comes out as one pickle.  What
takes too much of anything ends this process and no other: the system ends it (memory that is not
given, seconds of the processor), or its parent does (memory in use, time on the clock).
"""

import contextlib
import ctypes
import faulthandler
import gc
import os
import resource
import signal
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import NoReturn

from boundaries.bounds.input_limits import Allowance

POLL_S = 0.05
WALL_FACTOR = 4
"""Seconds on the clock for a second of work: a busy machine is no fault of the file."""
SLACK = 256_000_000
"""Address space beside the memory in use: stacks of threads, libraries loaded late."""
GROWN = 150_000_000
"""A process that has grown by this is replaced: what it freed would count as nobody's."""
QUIET = {
    # One thread each: stacks and arenas of many would count as memory of the file.
    "OMP_NUM_THREADS": "1",
    "GDAL_NUM_THREADS": "1",
    "OGR_GPKG_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    # A GeoPackage may hold queries of its own; none of them is trusted.
    "OGR_SQLITE_PRAGMA": "trusted_schema=0",
}
_DIE_WITH_PARENT = 1
_PAGE = os.sysconf("SC_PAGE_SIZE")


class ReaderGoneError(Exception):
    """The process ended before it had an answer; ``setting`` is the limit that ended it, if any."""

    def __init__(self, setting: str | None, number: int = 0) -> None:
        super().__init__(setting, number)
        self.setting = setting
        self.number = number


@dataclass(slots=True)
class ReaderProcess:
    """The parent's side of a forked process."""

    pid: int
    connection: Connection
    first_size: int

    @classmethod
    def fork(cls, serve: Callable[[bytes], bytes]) -> "ReaderProcess":
        """A process that answers each task by ``serve``."""
        _give_back_freed_memory()
        ours, theirs = Pipe()
        with warnings.catch_warnings():
            # The child uses no lock that another thread of this process may hold.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            ours.close()
            _answer(theirs, serve)
        theirs.close()
        return cls(pid, ours, _memory_of(pid))

    def run(self, task: bytes, allowance: Allowance) -> bytes:
        """The answer to a task.

        Raises
        ------
        ReaderGoneError
            The process ended, or was ended at a limit; it cannot be used again.
        """
        before = _memory_of(self.pid)
        deadline = time.monotonic() + WALL_FACTOR * allowance.seconds
        try:
            self.connection.send_bytes(task)
            while not self.connection.poll(POLL_S):
                if _memory_of(self.pid) - before > allowance.memory:
                    raise ReaderGoneError("memory_mb")
                if time.monotonic() > deadline:
                    raise ReaderGoneError("seconds")
            return self.connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise self._gone() from error

    @property
    def has_grown(self) -> bool:
        """Whether it holds much more memory than at first."""
        return _memory_of(self.pid) - self.first_size > GROWN

    def close(self) -> None:
        """End the process, whatever it does."""
        self.connection.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    def _gone(self) -> ReaderGoneError:
        """Why it ended by itself: the system's signals for each limit."""
        try:
            _, status = os.waitpid(self.pid, 0)
        except ChildProcessError:
            return ReaderGoneError(None)
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if number == signal.SIGXCPU:
            return ReaderGoneError("seconds", number)
        # Libraries that are refused memory abort; the system kills who takes the last of it.
        setting = "memory_mb" if number in (signal.SIGABRT, signal.SIGKILL) else None
        return ReaderGoneError(setting, number)


def limit_this_process(allowance: Allowance) -> None:
    """Let this process have so much more memory and processor time than it has had."""
    taken = _pages_of("self", 0)
    if taken:
        _set_limit(resource.RLIMIT_AS, taken + 2 * allowance.memory + SLACK)
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _set_limit(resource.RLIMIT_CPU, int(used + allowance.seconds) + 1)


def _set_limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _answer(connection: Connection, serve: Callable[[bytes], bytes]) -> NoReturn:
    """The child: one answer for each task until the parent is gone."""
    try:
        _settle_in()
        while True:
            connection.send_bytes(serve(connection.recv_bytes()))
    except (EOFError, OSError):
        os._exit(0)
    finally:
        os._exit(1)


def _settle_in() -> None:
    """Be alone: nothing is printed, nothing of the parent is written to or waited for."""
    faulthandler.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    silence = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(silence, number)
    os.environ.update(QUIET)
    gc.freeze()


def _give_back_freed_memory() -> None:
    """Return to the system what this process has freed: a child would take it unnoticed."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _memory_of(pid: int) -> int:
    """Bytes of memory in use; 0 where the system does not say."""
    return _pages_of(str(pid), 1)


def _pages_of(pid: str, place: int) -> int:
    try:
        with Path(f"/proc/{pid}/statm").open(encoding="ascii") as numbers:
            return int(numbers.read().split()[place]) * _PAGE
    except (OSError, IndexError, ValueError):
        return 0
