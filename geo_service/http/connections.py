"""The connections of a server process: how many, of whom, and how long each may wait for what.

A client that sends nothing, sends slowly or reads slowly holds a place that others need.  The
protocol of uvicorn (httptools) reads and writes; here a connection is admitted, and ended when it
is over time.  No timer is set for a request: one look a second at all connections is enough.
"""

import asyncio
from enum import Enum
from typing import ClassVar

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from geo_service.errors import PROBLEM_TYPE
from geo_service.http.limits import Limits
from geo_service.http.proxies import client_name, is_trusted_peer

HEAD_S = 10.0
BODY_S = 20.0
IDLE_S = 30
"""Between two requests; a proxy in front closes its own connections earlier."""
SEND_S = 30.0
LEAST_SENT = 10_000
"""Bytes that a client reads in `SEND_S`, or takes what is left: 0.3 kB/s."""
LARGEST_HEAD = 32_768
LONGEST_URL = 16_384
"""The longest filter with every letter escaped takes 12,000."""
MOST_HEADERS = 100
_TOO_LARGE = {
    414: "The address is too long.",
    431: "The head of the request is too large.",
}
LOOK_S = 1.0
_ENDED_AT_ONCE = 64


class Phase(Enum):
    """What a connection waits for."""

    HEAD = "head"
    BODY = "body"
    ANSWER = "answer"


_MOST_S = {Phase.HEAD: HEAD_S, Phase.BODY: BODY_S}


class Connections:
    """All connections of one server process.

    Parameters
    ----------
    trusted
        Addresses of proxies: they pass on the requests of many, so only the limit for all holds.
    """

    def __init__(self, limits: Limits, trusted: tuple[str, ...]) -> None:
        self._limits = limits
        self._trusted = trusted
        self._open: dict[GuardedProtocol, None] = {}
        self._of_client: dict[str, dict[GuardedProtocol, None]] = {}
        self._is_looking = False

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, connection: "GuardedProtocol", address: str) -> bool:
        """Take a new connection in; False where its client has too many under way.

        Of a client that holds as many as it may, the one that waits for a request longest gives
        way: browsers keep connections that they do not need.  Where all places are taken, those
        that wait longest do, first of the client that holds the most.
        """
        is_proxy = is_trusted_peer(address, self._trusted)
        connection.client_name = "" if is_proxy else client_name(address)
        most = self._limits.client_connections
        of_client = self._of_client.get(connection.client_name, {})
        if connection.client_name and most and len(of_client) >= most:
            idle = min(filter(_is_idle, of_client), key=_waits_since, default=None)
            if idle is None:
                return False
            self._end(idle)
        if self._limits.connections and len(self._open) >= self._limits.connections:
            self._end_some()
        if self._limits.connections and len(self._open) >= self._limits.connections:
            return False
        self._open[connection] = None
        self._of_client.setdefault(connection.client_name, {})[connection] = None
        if not self._is_looking:
            self._is_looking = True
            connection.loop.call_later(LOOK_S, self._look, connection.loop)
        return True

    def leave(self, connection: "GuardedProtocol") -> None:
        """Let go of a connection that has ended; one that was not admitted is ignored."""
        if connection in self._open:
            del self._open[connection]
            of_client = self._of_client[connection.client_name]
            del of_client[connection]
            if not of_client:
                del self._of_client[connection.client_name]

    def _end_some(self) -> None:
        waiting = list(filter(_is_idle, self._open))
        waiting.sort(key=lambda entry: (-len(self._of_client[entry.client_name]), entry.since_s))
        for connection in waiting[:_ENDED_AT_ONCE]:
            self._end(connection)

    def _end(self, connection: "GuardedProtocol") -> None:
        connection.transport.abort()
        self.leave(connection)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in list(self._open):
            if connection.is_over_time(now):
                connection.transport.abort()
        self._is_looking = bool(self._open)
        if self._is_looking:
            loop.call_later(LOOK_S, self._look, loop)


def _is_idle(connection: "GuardedProtocol") -> bool:
    return connection.is_waiting


def _waits_since(connection: "GuardedProtocol") -> float:
    return connection.since_s


class GuardedProtocol(HttpToolsProtocol):
    """One connection; `guarded` makes the class that uvicorn is given."""

    guard: ClassVar[Connections]
    client_name: str = ""
    phase: Phase = Phase.HEAD
    since_s: float = 0.0
    _head_size: int = 0
    _refusal: int = 400
    _unsent: int = 0
    _unsent_since_s: float = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether no request is under way on this connection."""
        return self.phase is Phase.HEAD or (self.cycle is not None and self.cycle.response_complete)

    def is_over_time(self, now: float) -> bool:
        """Whether the client took too long to send what is awaited, or to read."""
        most = _MOST_S.get(self.phase)
        return (most is not None and now - self.since_s > most) or self._reads_too_slowly(now)

    def _reads_too_slowly(self, now: float) -> bool:
        unsent = self.transport.get_write_buffer_size()
        # More than before: a new piece was written, which only happens when the last was read.
        if not unsent or unsent > self._unsent or unsent <= self._unsent - LEAST_SENT:
            self._unsent, self._unsent_since_s = unsent, now
        return unsent > 0 and now - self._unsent_since_s > SEND_S

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Admit the connection, or end it with 429."""
        super().connection_made(transport)
        self.since_s = self.loop.time()
        if not self.guard.admit(self, self.client[0] if self.client else ""):
            self._refuse(429, "Your address has too many connections open.")

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self.guard.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came; a head that does not end is refused."""
        if self.transport.is_closing():
            return
        if self.phase is not Phase.BODY and self.is_waiting:
            if self.phase is not Phase.HEAD:
                self.phase, self.since_s, self._head_size = Phase.HEAD, self.loop.time(), 0
            self._head_size += len(data)
        super().data_received(data)
        if self.phase is Phase.HEAD and self._head_size > LARGEST_HEAD:
            self._refuse(431, _TOO_LARGE[431])

    def on_headers_complete(self) -> None:
        """Begin to answer, unless the head is too large."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if len(self.url) > LONGEST_URL:
            self._refusal = 414
        elif size > LARGEST_HEAD or len(self.headers) > MOST_HEADERS:
            self._refusal = 431
        if self._refusal != 400:
            raise ValueError("head too large")
        self.phase, self.since_s, self._head_size = Phase.BODY, self.loop.time(), 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for the answer."""
        self.phase = Phase.ANSWER
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request of HTTP, as a problem document."""
        self._refuse(self._refusal, _TOO_LARGE.get(self._refusal, msg))

    def _refuse(self, status: int, detail: str) -> None:
        if self.transport.is_closing():
            return
        phrase = STATUS_LINE[status].split(b" ", 2)[2].strip().decode()
        problem = {"type": "about:blank", "title": phrase, "status": status, "detail": detail}
        body = orjson.dumps(problem)
        head = (
            f"content-type: {PROBLEM_TYPE}\r\ncontent-length: {len(body)}\r\n"
            "cache-control: no-store\r\nretry-after: 10\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(STATUS_LINE[status] + head.encode() + body)
        self.transport.close()


def guarded(connections: Connections) -> type[GuardedProtocol]:
    """The protocol whose connections are all counted in one place."""

    class Guarded(GuardedProtocol):
        guard = connections

    return Guarded
