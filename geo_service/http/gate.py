"""Heavy work, one piece at a time: a short queue in front of one thread, and an end to waiting.

There are two gates, so that an answer of milliseconds does not wait for one of seconds.
Computing does not block the event loop, so tiles are served meanwhile.  A client that goes away
does not free its place before the thread has finished, because a thread cannot be stopped.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from geo_service.errors import ServerBusyError

T = TypeVar("T")

MOST_WAITING = 4
PATIENCE_S = 25.0


class Gate:
    """Runs one piece of work at a time; ``most_waiting`` more may wait.

    Parameters
    ----------
    patience_s
        How long a caller waits for its answer, the queue included.
    """

    def __init__(self, most_waiting: int = MOST_WAITING, patience_s: float = PATIENCE_S) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gate")
        self._most = most_waiting + 1
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._inside = 0

    async def run(self, work: Callable[[], T]) -> T:
        """What the work returns or raises.

        Raises
        ------
        ServerBusyError
            Too many wait already, or the answer did not come in time.
        """
        future = self._submit(work)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._patience_s)
        except TimeoutError:
            raise self._too_late(future) from None

    def run_here(self, work: Callable[[], T]) -> T:
        """The same for a caller that is a thread itself."""
        future = self._submit(work)
        try:
            return future.result(self._patience_s)
        except TimeoutError:
            raise self._too_late(future) from None

    def _submit(self, work: Callable[[], T]) -> Future[T]:
        with self._lock:
            if self._inside >= self._most:
                raise ServerBusyError("Too many computations are waiting; try again in a moment.")
            self._inside += 1
        future = self._pool.submit(work)
        future.add_done_callback(self._leave)
        return future

    def _leave(self, _: Future[T]) -> None:
        with self._lock:
            self._inside -= 1

    def _too_late(self, future: Future[T]) -> ServerBusyError:
        future.cancel()
        return ServerBusyError("The computation did not finish in time; try again in a moment.")


class Gates:
    """The gates of one process: ``quick`` for what takes milliseconds, ``slow`` for seconds."""

    def __init__(self) -> None:
        self.quick = Gate()
        self.slow = Gate()
