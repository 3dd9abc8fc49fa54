"""Work that waits: a queue for each kind, and in each a fair share for every client.

The next piece is taken from the kind that was served longest ago and has a place free, and of it
from the client that had the least work done lately.  Where a queue is full, whoever has the most
waiting in it gives way to whoever has less: one client cannot keep the others out.
"""

import time
from collections import deque
from collections.abc import Callable, Collection
from typing import Generic, Protocol, TypeVar

from geo_service.errors import ServerBusyError
from geo_service.work.work_kinds import WorkKind

MOST_WAITING = 64
"""Of one kind."""
CLIENT_WAITING = 48
"""Of one kind and one client: a GIS program asks for all its layers at once.  Below `MOST_WAITING`:
the others find a place at once, and where there is none, whoever has the most gives way."""
HALF_LIFE_S = 10.0
"""Seconds after which work done for a client counts half."""
REMEMBERED = 10_000


class Work(Protocol):
    """A piece of work that waits."""

    kind: WorkKind
    client: str

    def refuse(self, error: Exception) -> None:
        """End it without having begun."""


Piece = TypeVar("Piece", bound=Work)


class FairQueue(Generic[Piece]):
    """The work that waits, by kind and client."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[WorkKind, dict[str, deque[Piece]]] = {kind: {} for kind in WorkKind}
        self._served: dict[WorkKind, int] = dict.fromkeys(WorkKind, 0)
        self._turn = 0
        self._spent: dict[str, tuple[float, float]] = {}

    def count(self, kind: WorkKind) -> int:
        """How many pieces of a kind wait."""
        return sum(map(len, self._waiting[kind].values()))

    def push(self, piece: Piece) -> None:
        """Let a piece wait for its turn.

        Raises
        ------
        ServerBusyError
            Its client has too much waiting, or all have and it is none of those with less.
        """
        queues = self._waiting[piece.kind]
        own = len(queues.get(piece.client, ()))
        if own >= CLIENT_WAITING:
            raise ServerBusyError("Too many requests of your address wait for such an answer.")
        if self.count(piece.kind) >= MOST_WAITING:
            largest = max(queues, key=lambda client: len(queues[client]))
            if len(queues[largest]) <= own + 1:
                raise ServerBusyError("Too many wait for such an answer; try again in a moment.")
            self._take(piece.kind, largest, newest=True).refuse(
                ServerBusyError("Others waited for such an answer too; try again in a moment.")
            )
        queues.setdefault(piece.client, deque()).append(piece)

    def pop(self, kinds: Collection[WorkKind]) -> Piece | None:
        """The piece whose turn it is among some kinds; None where none of them waits."""
        waiting = [kind for kind in kinds if self._waiting[kind]]
        if not waiting:
            return None
        kind = min(waiting, key=self._served.__getitem__)
        self._turn += 1
        self._served[kind] = self._turn
        return self._take(kind, min(self._waiting[kind], key=self.spent))

    def remove(self, piece: Piece) -> bool:
        """Take a piece out that is wanted no more; False where it does not wait."""
        queue = self._waiting[piece.kind].get(piece.client)
        if queue is None or piece not in queue:
            return False
        queue.remove(piece)
        if not queue:
            del self._waiting[piece.kind][piece.client]
        return True

    def note(self, client: str, seconds: float) -> None:
        """Remember the work done for a client."""
        if len(self._spent) >= REMEMBERED:
            self._spent = {name: entry for name, entry in self._spent.items() if entry[0] > 0.1}
        self._spent[client] = (self.spent(client) + seconds, self._clock())

    def spent(self, client: str) -> float:
        """Seconds of work done for a client lately; older ones count less."""
        seconds, when = self._spent.get(client, (0.0, 0.0))
        return float(seconds * 0.5 ** ((self._clock() - when) / HALF_LIFE_S)) if seconds else 0.0

    def _take(self, kind: WorkKind, client: str, *, newest: bool = False) -> Piece:
        queue = self._waiting[kind][client]
        piece = queue.pop() if newest else queue.popleft()
        if not queue:
            del self._waiting[kind][client]
        return piece
