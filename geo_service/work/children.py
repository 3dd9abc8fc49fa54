"""A process that answers one request at a time, seen from the process that hands them on.

A request goes out as one pickled record, an answer comes back as a short record and its bytes,
both with their length before them.  Nothing else passes, so a child that is killed in the middle
of its work leaves nothing behind; that is how work is ended that nobody waits for.
"""

import asyncio
import contextlib
import logging
import os
import pickle
import select
import signal
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from geo_service.http.responses import Answer

logger = logging.getLogger("geo_service")

_LENGTHS = struct.Struct("<QQ")
_PID = struct.Struct("<q")
_READY = b"r"
READY_S = 10.0
"""How long a process may take to load what it answers from."""
NICENESS = 5
REST_S = 5.0


@dataclass(frozen=True, slots=True)
class WorkRequest:
    """A request as it is handed on: its scope, without what cannot leave a process, and body.

    ``withdrawn`` is what was found to be altered, see `ReleaseStore.take_withdrawn`.
    """

    scope: dict[str, Any]
    body: bytes = b""
    withdrawn: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkAnswer:
    """What came back.

    Parameters
    ----------
    label
        The pattern of the route, for the metrics.
    release_id
        The release that was answered from; empty where the answer is of none.
    """

    label: str
    release_id: str
    answer: Answer


class ChildLostError(Exception):
    """The process ended before its answer was there."""


ChildMain = Callable[[socket.socket], None]


class Nursery:
    """A process that does nothing but fork, and so makes others in milliseconds at any time.

    It is forked itself while this process has neither threads nor an event loop, with all modules
    loaded; what it forks shares their memory.

    Parameters
    ----------
    main
        What each child does: serves its end of a socket until that is closed.
    closed
        Sockets of this process that the others must not hold open.
    """

    def __init__(self, main: ChildMain, closed: Sequence[socket.socket] = ()) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if not self.pid:
            with _process_of_its_own():
                for ours in (self._control, *closed):
                    ours.close()
                _fork_when_asked(theirs, main)
        theirs.close()

    def fork(self, theirs: socket.socket) -> int:
        """The id of a new process that serves one end of a socket.

        Raises
        ------
        OSError
            The system allows no more processes, or this one has ended.
        """
        socket.send_fds(self._control, [b"f"], [theirs.fileno()])
        text = self._control.recv(_PID.size)
        pid = int(_PID.unpack(text)[0]) if len(text) == _PID.size else 0
        if pid <= 0:
            raise OSError("no process could be forked")
        return pid

    def has_ended(self) -> bool:
        """Whether the process is dead: no others can be made then, nor can it be made anew."""
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] != 0
        except ChildProcessError:
            return True

    def close(self) -> None:
        """End the process; what it forked ends when its socket is closed."""
        self._control.close()


@contextlib.contextmanager
def _process_of_its_own() -> Iterator[None]:
    """What is inside is all that a forked process does: nothing of its parent runs on in it."""
    code = 1
    try:
        # Ctrl-C, and the stop of a service manager, reach all processes at once; these finish what
        # was asked of them and go when their socket is closed.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        yield
        code = 0
    except ConnectionError:
        # Whom it worked for has died in the middle of it: that is said once, by who replaces it.
        code = 0
    except BaseException:
        logger.exception("a process for answers failed")
    finally:
        logging.shutdown()
        os._exit(code)


def _fork_when_asked(control: socket.socket, main: ChildMain) -> None:
    while True:
        is_asked, _, _ = select.select([control], [], [], 1.0)
        _bury_the_dead()
        if not is_asked:
            continue
        text, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not text:
            return
        theirs = socket.socket(fileno=descriptors[0])
        try:
            pid = os.fork()
        except OSError:
            pid = -1
        if not pid:
            with _process_of_its_own():
                control.close()
                main(theirs)
        theirs.close()
        control.send(_PID.pack(pid))


def _bury_the_dead() -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            code = os.waitstatus_to_exitcode(ended[1])
            if code not in {0, -signal.SIGKILL}:
                logger.error("process %s for answers ended: %s", ended[0], describe_exit(code))


class Child:
    """One process that answers, forked by a nursery."""

    def __init__(self, nursery: Nursery) -> None:
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        try:
            self.pid = nursery.fork(theirs)
        except OSError:
            self._socket.close()
            raise
        finally:
            theirs.close()

    def wait_until_ready(self, seconds: float = READY_S) -> None:
        """Wait until the process has loaded what it needs; not to be called in an event loop.

        Raises
        ------
        ChildLostError
            It ended before, or took too long.
        """
        is_said, _, _ = select.select([self._socket], [], [], seconds)
        try:
            is_ready = bool(is_said) and self._socket.recv(1) == _READY
        except OSError as error:
            raise ChildLostError(str(error)) from error
        if not is_ready:
            raise ChildLostError("the process was not ready in time" if not is_said else "it ended")

    def has_ended(self) -> bool:
        """Whether the process is dead, seen while it is asked nothing."""
        try:
            return not self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    async def ask(self, request: WorkRequest) -> WorkAnswer:
        """The answer to a request.

        Raises
        ------
        ChildLostError
            The process ended.
        """
        loop = asyncio.get_running_loop()
        text = pickle.dumps(request, pickle.HIGHEST_PROTOCOL)
        try:
            await loop.sock_sendall(self._socket, _LENGTHS.pack(len(text), 0) + text)
            head, body = _LENGTHS.unpack(await self._read(_LENGTHS.size))
            record: WorkAnswer = pickle.loads(await self._read(head))  # noqa: S301  # our own child
            content = await self._read(body)
        except OSError as error:
            raise ChildLostError(str(error)) from error
        return replace(record, answer=replace(record.answer, body=content))

    async def _read(self, size: int) -> bytes:
        loop = asyncio.get_running_loop()
        parts: list[bytes] = []
        while size:
            part = await loop.sock_recv(self._socket, min(size, 1 << 18))
            if not part:
                raise ChildLostError("the process ended")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def kill(self) -> None:
        """End the process at once, whatever it does."""
        self._socket.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def growing_pause_s(failures: int, first_s: float, longest_s: float) -> float:
    """How long to wait before a process is started again: twice as long after each failure.

    Example
    -------
    >>> [growing_pause_s(failures, 0.5, 10.0) for failures in (1, 2, 3, 9, 5000)]
    [0.5, 1.0, 2.0, 10.0, 10.0]
    """
    # Beyond some doublings the number would grow until it is no float.
    return min(longest_s, first_s * 2.0 ** min(failures - 1, 60))


def describe_exit(code: int | None) -> str:
    """How a process ended, in words.

    Example
    -------
    >>> describe_exit(-9), describe_exit(1)
    ('killed by SIGKILL', 'exit code 1')
    """
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def serve_socket(
    ours: socket.socket,
    answer: Callable[[WorkRequest], WorkAnswer],
    rest: Callable[[], None] = lambda: None,
) -> None:
    """Say that all is ready, then answer what comes over a socket until it is closed.

    Parameters
    ----------
    rest
        Done every `REST_S` seconds in which nothing is asked.
    """
    os.nice(NICENESS)
    with ours, ours.makefile("rb") as stream:
        ours.sendall(_READY)
        while True:
            # One request at a time: none waits in the stream.
            while not select.select([ours], [], [], REST_S)[0]:
                rest()
            head = stream.read(_LENGTHS.size)
            if not head:
                return
            length, _ = _LENGTHS.unpack(head)
            request: WorkRequest = pickle.loads(stream.read(length))  # noqa: S301  # our parent
            made = answer(request)
            text = pickle.dumps(
                replace(made, answer=replace(made.answer, body=b"")), pickle.HIGHEST_PROTOCOL
            )
            ours.sendall(_LENGTHS.pack(len(text), len(made.answer.body)) + text)
            ours.sendall(made.answer.body)
