"""The process above the server processes: one that dies is always replaced, one line says why.

A pause before each replacement grows while processes die young, so that a fault that kills every
process at once does not become a busy loop; the service itself never gives up.
"""

import logging
import multiprocessing
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType

from geo_service.work.children import describe_exit, growing_pause_s

logger = logging.getLogger("geo_service")

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 30.0
SETTLED_S = 60.0
"""A process that lived so long is replaced as if it were the first that died."""
LOOK_S = 1.0


@dataclass(slots=True)
class _Worker:
    """The place of one server process."""

    number: int
    process: BaseProcess | None = None
    started_s: float = 0.0
    starts: int = 0
    deaths: int = 0
    next_start_s: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """Runs server processes until told to stop.

    Parameters
    ----------
    main
        What each process does, given the number of its place and how often that was filled before;
        it ends by itself on SIGTERM.
    grace_s
        How long they may take to end.
    """

    main: Callable[[int, int], None]
    count: int
    grace_s: float
    clock: Callable[[], float] = time.monotonic
    _workers: list[_Worker] = field(default_factory=list)
    _is_stopping: bool = False

    def run(self) -> None:
        """Keep the processes alive until SIGINT or SIGTERM, then let them finish."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        self._workers = [_Worker(number + 1) for number in range(self.count)]
        try:
            while not self._is_stopping:
                self._start_missing()
                self._wait()
                self._look()
        finally:
            self._end_all()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._is_stopping = True

    def _start_missing(self) -> None:
        for worker in self._workers:
            if worker.process is None and self.clock() >= worker.next_start_s:
                # A fork of this process, which has no threads and nothing open but the listener.
                context = multiprocessing.get_context("fork")
                place = (worker.number - 1, worker.starts)
                worker.process = context.Process(
                    target=self._run_worker, args=place, name="geo-service"
                )
                worker.starts += 1
                worker.started_s = self.clock()
                worker.process.start()

    def _run_worker(self, number: int, attempt: int) -> None:
        for ending in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ending, signal.SIG_DFL)
        self.main(number, attempt)

    def _wait(self) -> None:
        sentinels = [worker.process.sentinel for worker in self._workers if worker.process]
        pauses = [
            worker.next_start_s - self.clock() for worker in self._workers if not worker.process
        ]
        wait(sentinels, max(0.01, min([LOOK_S, *pauses])))

    def _look(self) -> None:
        for worker in self._workers:
            if worker.process is None or worker.process.is_alive() or self._is_stopping:
                continue
            code, lived_s = worker.process.exitcode, self.clock() - worker.started_s
            worker.deaths = 1 if lived_s > SETTLED_S else worker.deaths + 1
            pause_s = growing_pause_s(worker.deaths, FIRST_PAUSE_S, LONGEST_PAUSE_S)
            worker.next_start_s = self.clock() + pause_s
            logger.error(
                "server process %s (pid %s) ended after %.1f s: %s; a new one starts in %.1f s",
                worker.number,
                worker.process.pid,
                lived_s,
                describe_exit(code),
                pause_s,
            )
            worker.process.close()
            worker.process = None

    def _end_all(self) -> None:
        processes = [worker.process for worker in self._workers if worker.process]
        for process in processes:
            process.terminate()
        end_s = self.clock() + self.grace_s
        for process in processes:
            process.join(max(0.0, end_s - self.clock()))
            if process.is_alive():
                process.kill()
                process.join()
