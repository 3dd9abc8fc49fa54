"""The processes that answer, and who is handed to which: quick work never waits for slow work.

Of one kind of slow work at most all processes but one are busy, so that another kind finds a
place.  The same answer asked by several at once is made once.  Work that nobody waits for any more
is taken out of its queue, or ended with its process, and a new process takes its place.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from geo_service.errors import ServerBusyError
from geo_service.http import metrics
from geo_service.work import answer_cache, children, fair_queue, work_kinds

logger = logging.getLogger("geo_service")

PATIENCE_S = 30.0
"""How long a piece of work may take, its time in the queue apart."""
WAIT_S = 30.0
"""How long it may wait for its turn."""
SPARED_S = 0.2
"""Work younger than this is let finish: a new process costs more."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0


@dataclass(eq=False, slots=True)
class Job:
    """One piece of work, and all who wait for it."""

    kind: work_kinds.WorkKind
    client: str
    request: children.WorkRequest
    key: Hashable
    done: asyncio.Future[answer_cache.MadeAnswer]
    waiters: int = 0
    retried: bool = False
    started_s: float = 0.0
    runner: asyncio.Task[None] | None = None

    def refuse(self, error: Exception) -> None:
        """End it without having begun."""
        if not self.done.done():
            self.done.set_exception(error)


@dataclass(eq=False, slots=True)
class _Place:
    """A place for a process: which kinds it takes, and the process that fills it now."""

    kinds: frozenset[work_kinds.WorkKind]
    child: children.Child | None = None
    job: Job | None = None
    failures: int = 0
    refill: asyncio.Task[None] | None = None


QUICK = frozenset(kind for kind in work_kinds.WorkKind if kind.is_quick)
SLOW = frozenset(work_kinds.WorkKind) - QUICK


class Pool:
    """Processes that answer requests, one each at a time.

    Parameters
    ----------
    start
        Makes a process that can be asked once it is ready.
    processes
        How many: a third of them, at least one, for quick work; a single one does all.
    """

    def __init__(self, start: Callable[[], children.Child], processes: int) -> None:
        self._start = start
        quick = max(1, processes // 3)
        lanes = [QUICK] * quick + [SLOW] * (processes - quick)
        self._places = [_Place(lane if processes > 1 else QUICK | SLOW) for lane in lanes]
        self._slow = max(1, processes - quick)
        self.queue: fair_queue.FairQueue[Job] = fair_queue.FairQueue()
        self._shared: dict[Hashable, Job] = {}
        self._running: Counter[work_kinds.WorkKind] = Counter()
        self.counts: Counter[str] = Counter()
        self._closing = asyncio.Event()
        # Starting a process takes milliseconds that no connection should wait for.
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="pool")
        # All begin, then each is waited for: together they take no longer than one.
        begun = [start() for _ in self._places]
        for place, child in zip(self._places, begun, strict=True):
            place.child = child
            try:
                child.wait_until_ready()
            except children.ChildLostError:
                # It is found dead, and replaced, when it is to be asked.
                child.kill()

    async def answer(
        self,
        kind: work_kinds.WorkKind,
        client: str,
        request: children.WorkRequest,
        key: Hashable = None,
    ) -> answer_cache.MadeAnswer:
        """The answer to a request; cancel it when the client has gone.

        Parameters
        ----------
        key
            Requests with an equal key have the same answer; None where that is not known.

        Raises
        ------
        ServerBusyError
            Too much waits, or it took too long, or its process was lost twice.
        """
        job = self._shared.get(key) if key is not None else None
        if job is None:
            job = Job(kind, client, request, key, asyncio.get_running_loop().create_future())
            self.queue.push(job)
            if key is not None:
                self._shared[key] = job
            self._dispatch()
        job.waiters += 1
        try:
            return await asyncio.wait_for(asyncio.shield(job.done), WAIT_S + PATIENCE_S)
        except TimeoutError:
            raise ServerBusyError("The answer was not ready in time; try again later.") from None
        finally:
            job.waiters -= 1
            if not job.waiters and not job.done.done():
                self._abandon(job)

    def tell_metrics(self) -> None:
        """Say how many wait, and how many are worked on."""
        for kind in work_kinds.WorkKind:
            metrics.set_gauge("geo_queue", self.queue.count(kind), kind)
            metrics.set_gauge("geo_under_way", self._running[kind], kind)

    async def close(self) -> None:
        """End all processes, and whatever they still do."""
        self._closing.set()
        refills = [place.refill for place in self._places if place.refill is not None]
        for place in self._places:
            if place.job is not None and place.job.runner is not None:
                place.job.runner.cancel()
                refills.append(place.job.runner)
        await asyncio.gather(*refills, return_exceptions=True)
        for place in self._places:
            if place.child is not None:
                place.child.kill()
        self._hand.shutdown()

    def _count(self, cause: str) -> None:
        self.counts[cause] += 1
        metrics.count("geo_processes_lost", cause)

    def _abandon(self, job: Job) -> None:
        """Nobody waits for it: it need not be done."""
        self._forget(job)
        if self.queue.remove(job):
            self.counts["left the queue"] += 1
            job.done.cancel()
            return
        left_s = SPARED_S - (time.monotonic() - job.started_s)
        loop = asyncio.get_running_loop()
        loop.call_later(max(0.0, left_s), self._end_if_running, job)

    def _end_if_running(self, job: Job) -> None:
        if job.runner is not None and not job.done.done():
            self._count("ended")
            job.runner.cancel()

    def _forget(self, job: Job) -> None:
        if job.key is not None and self._shared.get(job.key) is job:
            del self._shared[job.key]

    def _dispatch(self) -> None:
        for place in self._places:
            if place.child is None or place.job is not None:
                continue
            if place.child.has_ended():
                place.failures += 1
                self._count("lost")
                self._replace(place)
                continue
            job = self.queue.pop([kind for kind in place.kinds if self._has_room(kind)])
            if job is not None:
                self._begin(place, job)

    def _has_room(self, kind: work_kinds.WorkKind) -> bool:
        return kind.is_quick or self._running[kind] < max(1, self._slow - 1)

    def _begin(self, place: _Place, job: Job) -> None:
        place.job = job
        self._running[job.kind] += 1
        job.started_s = time.monotonic()
        job.runner = asyncio.get_running_loop().create_task(self._run(place, job))

    async def _run(self, place: _Place, job: Job) -> None:
        child = place.child
        assert child is not None
        is_over = False
        try:
            made = await asyncio.wait_for(child.ask(job.request), PATIENCE_S)
            if not job.done.done():
                times_s = (job.started_s, time.monotonic())
                job.done.set_result(
                    answer_cache.MadeAnswer(made.label, made.release_id, made.answer, *times_s)
                )
            is_over = True
            place.failures = 0
        except TimeoutError:
            self._count("too slow")
            job.refuse(ServerBusyError("The answer took too long; ask for less."))
        except children.ChildLostError:
            self._lose(place, job)
        except asyncio.CancelledError:
            job.done.cancel()
        except Exception as error:
            job.refuse(error)
        finally:
            place.job = None
            self._running[job.kind] -= 1
            self.queue.note(job.client, time.monotonic() - job.started_s)
            if job.done.done():
                self._forget(job)
            if not is_over:
                self._replace(place)
            if not self._closing.is_set():
                self._dispatch()

    def _lose(self, place: _Place, job: Job) -> None:
        """A process was lost: its request is asked once more, then refused."""
        place.failures += 1
        self._count("lost")
        if self._closing.is_set():
            job.done.cancel()
        elif job.retried:
            job.refuse(ServerBusyError("The answer could not be made; the server's log says why."))
        else:
            job.retried = True
            try:
                self.queue.push(job)
            except ServerBusyError as error:
                job.refuse(error)

    def _replace(self, place: _Place) -> None:
        """Put a new process in the place of one that was ended or lost, after a growing pause."""
        child, place.child = place.child, None
        if child is not None:
            child.kill()
            if place.failures:
                logger.error("process %s for answers was lost; a new one starts", child.pid)
        if not self._closing.is_set():
            place.refill = asyncio.get_running_loop().create_task(self._refill(place))

    async def _refill(self, place: _Place) -> None:
        loop = asyncio.get_running_loop()
        while place.child is None and not self._closing.is_set():
            await self._pause(place.failures)
            try:
                child = await loop.run_in_executor(self._hand, self._start)
            except OSError as error:
                place.failures += 1
                logger.error("no process for answers can be started: %s", error)
                continue
            try:
                # Work is handed to a process only when it begins at once: what is spared because
                # it is young would else be ended before it began.
                await asyncio.to_thread(child.wait_until_ready)
                place.child = child
            except children.ChildLostError as error:
                child.kill()
                place.failures += 1
                logger.error("a process for answers could not begin: %s", error)
        if not self._closing.is_set():
            self._dispatch()

    async def _pause(self, failures: int) -> None:
        """Wait before another process is started: not at all, then longer and longer."""
        if failures > 1:
            pause_s = children.growing_pause_s(failures - 1, FIRST_PAUSE_S, LONGEST_PAUSE_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), pause_s)
