"""Clients over plain sockets, each with an address of its own (any of 127.0.0.0/8 is this machine).

An attack runs in a process of its own: in the one that measures, it would hold up the clock.
"""

from __future__ import annotations

import contextlib
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

ATTACKERS = ("127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4")
READER = "127.0.2.1"
GZIP = "Accept-Encoding: gzip\r\n"


def connect(port: int, source: str, *, receive_buffer: int = 0) -> socket.socket:
    """A connection of one address to the server."""
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.bind((source, 0))
    connection.settimeout(60)
    try:
        connection.connect(("127.0.0.1", port))
    except OSError:
        connection.close()
        raise
    return connection


def head(path: str, headers: str = "", method: str = "GET") -> bytes:
    """The head of a request."""
    return f"{method} {path} HTTP/1.1\r\nHost: peta.example\r\n{headers}\r\n".encode()


@dataclass(slots=True)
class Connection:
    """Requests one after the other over one connection, made anew when it was ended."""

    port: int
    source: str
    socket: socket.socket | None = None

    def ask(self, request: bytes) -> int:
        """The status of the answer, which is read to its end; 0 where the connection was ended."""
        try:
            if self.socket is None:
                self.socket = connect(self.port, self.source)
            self.socket.sendall(request)
            return self._read()
        except OSError:
            self.close()
            return 0

    def close(self) -> None:
        """End the connection."""
        if self.socket is not None:
            self.socket.close()
        self.socket = None

    def _read(self) -> int:
        assert self.socket is not None
        buffer = b""
        while b"\r\n\r\n" not in buffer:
            part = self.socket.recv(1 << 18)
            if not part:
                raise ConnectionError("ended")
            buffer += part
        text, _, body = buffer.partition(b"\r\n\r\n")
        lines = text.lower().split(b"\r\n")
        lengths = [int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")]
        left = (lengths[0] if lengths else 0) - len(body)
        while left > 0:
            part = self.socket.recv(min(left, 1 << 18))
            if not part:
                raise ConnectionError("ended")
            left -= len(part)
        if b"connection: close" in lines:
            self.close()
        return int(text.split(b" ")[1])


@dataclass(slots=True)
class Latencies:
    """What one reader of tiles waited, in milliseconds, and what it was answered."""

    waits_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def p50(self) -> float:
        """The median."""
        return statistics.median(self.waits_ms)

    @property
    def p99(self) -> float:
        """The wait that one of a hundred exceeds."""
        return statistics.quantiles(self.waits_ms, n=100)[98] if len(self.waits_ms) > 1 else 0.0

    @property
    def failures(self) -> int:
        """Tiles that were not answered with a tile."""
        return sum(count for status, count in self.statuses.items() if status not in {200, 204})


def read_tiles(port: int, paths: list[str], seconds: float, pause_s: float = 0.006) -> Latencies:
    """How long a reader waits for tiles that it asks one after the other, with a short pause."""
    latencies, connection = Latencies(), Connection(port, READER)
    requests = [head(path, GZIP) for path in paths]
    end, number = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        started = time.perf_counter()
        latencies.statuses[connection.ask(requests[number % len(requests)])] += 1
        latencies.waits_ms.append((time.perf_counter() - started) * 1000)
        number += 1
        time.sleep(pause_s)
    connection.close()
    return latencies


Requests = Callable[[int], bytes]
"""The n-th request of a client."""


def ask_on_and_on(port: int, requests: Requests, seconds: float, each: int = 1) -> Counter[int]:
    """Each attacker asks over so many connections at a time; the statuses of all answers."""
    statuses: Counter[int] = Counter()
    lock, end = threading.Lock(), time.monotonic() + seconds

    def run(source: str, number: int) -> None:
        connection = Connection(port, source)
        while time.monotonic() < end:
            status = connection.ask(requests(number))
            number += 4 * each
            with lock:
                statuses[status] += 1
            if status in {0, 429}:
                time.sleep(0.01)
        connection.close()

    threads = [
        threading.Thread(target=run, args=(source, index + 4 * place), daemon=True)
        for index, source in enumerate(ATTACKERS)
        for place in range(each)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.1, end + 2 - time.monotonic()))
    return statuses


def ask_and_leave(
    port: int, requests: Requests, seconds: float, pause_s: float = 0.02
) -> Counter[int]:
    """Each attacker asks, reads the first bytes of the answer and leaves, on and on."""
    statuses: Counter[int] = Counter()
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for source in ATTACKERS:
            status = 0
            with contextlib.suppress(OSError), connect(port, source) as connection:
                # Closed with what was sent still unread: a reset, as when a tab is closed.
                connection.sendall(requests(number))
                status = int([*connection.recv(100).split(b" "), b"0", b"0"][1])
            statuses[status] += 1
            number += 1
        time.sleep(pause_s)
    return statuses


def hold(
    port: int, seconds: float, each: int, begin: bytes = b"", trickle: bytes = b""
) -> Counter[int]:
    """Each attacker holds so many connections, sends a beginning and then a byte now and then.

    A connection that the server ended is made anew; ``0`` counts those.
    """
    ended: Counter[int] = Counter()
    held: list[tuple[str, socket.socket]] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for source in ATTACKERS:
            for _ in range(each - sum(name == source for name, _ in held)):
                with contextlib.suppress(OSError):
                    connection = connect(port, source, receive_buffer=4096)
                    held.append((source, connection))
                    connection.sendall(begin)
        time.sleep(0.25)
        alive = [(name, connection) for name, connection in held if _is_open(connection, trickle)]
        ended[0] += len(held) - len(alive)
        held = alive
    for _, connection in held:
        connection.close()
    ended[1] = len(held)
    return ended


def _is_open(connection: socket.socket, trickle: bytes) -> bool:
    try:
        if trickle:
            connection.send(trickle)
        else:
            connection.setblocking(False)
            if connection.recv(1, socket.MSG_PEEK) == b"":
                raise ConnectionError("ended")
    except BlockingIOError:
        return True
    except OSError:
        connection.close()
        return False
    return True
