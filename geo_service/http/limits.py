"""What one client address may take of the server, and what all may: the numbers and the counts.

Each server process counts for itself.  A proxy in ``GEO_TRUSTED_PROXIES`` is no client: requests it
passes on are counted for the address in X-Forwarded-For, and where it names none only the limits
for all hold, since one count for everybody would let one client stop the others.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields

from geo_service.errors import ServerBusyError, TooManyRequestsError
from geo_service.http.query_numbers import whole_number

REMEMBERED_CLIENTS = 20_000
BURST_S = 0.5
"""A client that was quiet may ask at once for what is allowed in so many seconds."""
LONGEST_DELAY_S = 3.0
"""Beyond that a request waits for its turn, and is refused where it would wait longer: a map whose
tiles come later is better than one with holes, and an office of many people is one address."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one server process; 0 stands for none.

    Parameters
    ----------
    connections
        Open at a time, of all clients.
    client_connections, client_requests
        Open connections, and requests under way, of one address.
    client_rate
        Requests a second of one address, with a burst of `BURST_S` seconds.
    answer_mb
        Megabytes of large answers that are being sent, of all clients; one may have a quarter.
    """

    connections: int = 4096
    client_connections: int = 256
    client_requests: int = 64
    client_rate: int = 100
    answer_mb: int = 256

    @classmethod
    def parse(cls, text: str) -> "Limits":
        """The limits that a text such as ``connections=8192 client_rate=0`` writes.

        Raises
        ------
        ValueError
            A name is unknown, or a value is no whole number.

        Example
        -------
        >>> Limits.parse("client_rate=0").client_rate, Limits.parse("").connections
        (0, 4096)
        """
        names = {entry.name for entry in fields(cls)}
        numbers: dict[str, int] = {}
        for part in text.replace(",", " ").split():
            name, _, number = part.partition("=")
            limit = whole_number(number)
            if name not in names or limit is None:
                raise ValueError(f"{part!r}: expected a name of {sorted(names)}, '=' and a number")
            numbers[name] = limit
        return cls(**numbers)

    def __str__(self) -> str:
        return " ".join(f"{entry.name}={getattr(self, entry.name)}" for entry in fields(self))


@dataclass(slots=True)
class _Client:
    """What is known of one client: the requests it may still make, and those under way."""

    tokens: float
    seen_s: float
    under_way: int = 0
    answer_bytes: int = 0


@dataclass(slots=True)
class ClientCounts:
    """Requests and answers under way, by client, held against the limits."""

    limits: Limits
    clock: Callable[[], float] = time.monotonic
    _clients: OrderedDict[str, _Client] = field(default_factory=OrderedDict)
    _answer_bytes: int = 0

    def delay_s(self, client: str) -> float:
        """After how many seconds a request may begin; until then it does not count as under way.

        Raises
        ------
        TooManyRequestsError
            The client asked too often.
        """
        return self._take_token(self._find(client)) if client else 0.0

    @contextmanager
    def request(self, client: str) -> Iterator[None]:
        """Count a request while it is under way.

        Raises
        ------
        TooManyRequestsError
            The client has too many under way.
        """
        if not client:
            yield
            return
        record = self._find(client)
        most = self.limits.client_requests
        if most and record.under_way >= most:
            raise TooManyRequestsError(
                f"{most} requests of your address are under way; wait for their answers."
            )
        record.under_way += 1
        try:
            yield
        finally:
            record.under_way -= 1

    @contextmanager
    def answer(self, client: str, size: int) -> Iterator[None]:
        """Count the bytes of a large answer while it is sent.

        Raises
        ------
        ServerBusyError
            Too much is being sent already.
        """
        most = self.limits.answer_mb * 1_000_000
        record = self._find(client)
        is_full = self._answer_bytes and self._answer_bytes + size > most
        is_share_full = client and record.answer_bytes and record.answer_bytes + size > most // 4
        if most and (is_full or is_share_full):
            raise ServerBusyError("Too many large answers are being sent; try again in a moment.")
        self._answer_bytes += size
        record.answer_bytes += size
        try:
            yield
        finally:
            self._answer_bytes -= size
            record.answer_bytes -= size

    def _find(self, client: str) -> _Client:
        record = self._clients.get(client)
        if record is None:
            burst = self.limits.client_rate * BURST_S
            record = self._clients[client] = _Client(burst, self.clock())
            self._forget()
        else:
            self._clients.move_to_end(client)
        return record

    def _take_token(self, record: _Client) -> float:
        """Seconds until the request is within the rate of its client."""
        rate, now = self.limits.client_rate, self.clock()
        if not rate:
            return 0.0
        record.tokens = min(rate * BURST_S, record.tokens + (now - record.seen_s) * rate)
        record.seen_s = now
        delay_s = max(0.0, (1 - record.tokens) / rate)
        if delay_s > LONGEST_DELAY_S:
            raise TooManyRequestsError(
                f"Your address asks more than {rate} times a second; ask more slowly."
            )
        record.tokens -= 1
        return delay_s

    def _forget(self) -> None:
        """Let go of the clients that were quiet longest, but for those with something under way."""
        while len(self._clients) > REMEMBERED_CLIENTS:
            name, record = self._clients.popitem(last=False)
            if record.under_way or record.answer_bytes:
                self._clients[name] = record
                return
