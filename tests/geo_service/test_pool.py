"""Processes that answer: real ones that wait, fail and die as they are told."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import socket
import time
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from geo_service.errors import ServerBusyError
from geo_service.http.responses import Answer
from geo_service.work import children
from geo_service.work import pool as pools
from geo_service.work.answer_cache import MadeAnswer
from geo_service.work.children import (
    Child,
    ChildMain,
    Nursery,
    WorkAnswer,
    WorkRequest,
    serve_socket,
)
from geo_service.work.pool import Pool
from geo_service.work.work_kinds import WorkKind

KIND = WorkKind.PICTURE


def obey(request: WorkRequest) -> WorkAnswer:
    """Wait as long as asked, die if asked, and say who did it."""
    scope = request.scope
    faulthandler.disable()
    time.sleep(scope.get("seconds", 0))
    if "count" in scope:
        with Path(scope["count"]).open("a") as stream:
            stream.write("x")
    if "die" in scope and not Path(scope["die"]).exists():
        if not scope.get("always"):
            Path(scope["die"]).touch()
        os.kill(os.getpid(), signal.SIGBUS)
    body = b"x" * scope["size"] if "size" in scope else str(os.getpid()).encode()
    return WorkAnswer("route", "r-1", Answer(status=200, body=body))


def serve(theirs: socket.socket) -> None:
    serve_socket(theirs, obey)


def load_and_serve(theirs: socket.socket) -> None:
    time.sleep(1.0)
    serve_socket(theirs, obey)


def run(work: Any, processes: int = 3, serve: ChildMain = serve) -> Any:
    """What a coroutine function says of a pool."""

    nursery = Nursery(serve)

    async def inside() -> Any:
        pool = Pool(partial(Child, nursery), processes)
        try:
            # A process that has just begun imports what it needs.
            await asyncio.gather(
                *(ask(pool, kind) for kind in (WorkKind.PAGE, WorkKind.TABLE, KIND))
            )
            return await work(pool)
        finally:
            await pool.close()

    try:
        return asyncio.run(inside())
    finally:
        nursery.close()


def ask(
    pool: Pool, kind: WorkKind = KIND, client: str = "a", key: object = None, **scope: Any
) -> Coroutine[Any, Any, MadeAnswer]:
    return pool.answer(kind, client, WorkRequest(scope), key)


def test_a_large_answer_comes_back_whole() -> None:
    async def work(pool: Pool) -> int:
        return len((await ask(pool, size=30_000_000)).answer.body)

    assert run(work) == 30_000_000


def test_quick_work_does_not_wait_for_slow_work_nor_one_kind_for_another() -> None:
    async def work(pool: Pool) -> list[bool]:
        slow = [asyncio.create_task(ask(pool, seconds=20)) for _ in range(6)]
        await asyncio.sleep(0.1)
        await ask(pool, WorkKind.PAGE)
        await ask(pool, WorkKind.TABLE)
        done = [task.done() for task in slow]
        for task in slow:
            task.cancel()
        return done

    assert run(work) == [False] * 6


def test_the_same_answer_is_made_once_for_all_who_ask(tmp_path: Path) -> None:
    made = tmp_path / "made"

    async def work(pool: Pool) -> int:
        asked = [
            ask(pool, key="k", seconds=0.2, client=str(number), count=str(made))
            for number in range(20)
        ]
        return len(await asyncio.gather(*asked))

    assert run(work, 1) == 20
    assert made.read_text() == "x"


def test_work_that_nobody_waits_for_is_ended_and_its_place_filled() -> None:
    async def work(pool: Pool) -> tuple[bytes, bytes, float]:
        first = (await ask(pool)).answer.body
        left = asyncio.create_task(ask(pool, seconds=30))
        queued = asyncio.create_task(ask(pool, seconds=30))
        await asyncio.sleep(0.4)
        started = time.monotonic()
        left.cancel()
        queued.cancel()
        second = (await ask(pool)).answer.body
        assert pool.counts == {"ended": 1, "left the queue": 1}
        return first, second, time.monotonic() - started

    first, second, seconds = run(work, 1)
    assert first != second
    # The work would have taken 30 s.
    assert seconds < 20


def test_a_process_is_asked_only_when_it_has_loaded_what_it_needs() -> None:
    async def work(pool: Pool) -> dict[str, int]:
        ended = asyncio.create_task(ask(pool, seconds=30))
        await asyncio.sleep(0.4)
        ended.cancel()
        await asyncio.sleep(0.1)
        # A new process begins, which takes a second; who leaves now does not end that one too.
        left = asyncio.create_task(ask(pool))
        await asyncio.sleep(0.4)
        left.cancel()
        await ask(pool)
        return dict(pool.counts)

    assert run(work, 1, load_and_serve) == {"ended": 1, "left the queue": 1}


def test_one_who_leaves_takes_nothing_from_who_stays() -> None:
    async def work(pool: Pool) -> bytes:
        asked = [asyncio.create_task(ask(pool, key="k", seconds=0.6)) for _ in range(2)]
        await asyncio.sleep(0.4)
        asked[0].cancel()
        return (await asked[1]).answer.body

    assert run(work, 1)


def test_a_process_that_dies_is_replaced_and_its_request_asked_again(tmp_path: Path) -> None:
    async def work(pool: Pool) -> bytes:
        return (await ask(pool, die=str(tmp_path / "died"))).answer.body

    assert run(work, 1)


def test_a_request_that_kills_its_process_twice_is_refused_and_others_go_on(
    tmp_path: Path,
) -> None:
    async def work(pool: Pool) -> bytes:
        with pytest.raises(ServerBusyError):
            await ask(pool, die=str(tmp_path / "none"), always=True)
        return (await ask(pool)).answer.body

    assert run(work, 1)


def test_work_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(pool: Pool) -> bytes:
        monkeypatch.setattr(pools, "PATIENCE_S", 0.5)
        with pytest.raises(ServerBusyError, match="too long"):
            await ask(pool, seconds=30)
        monkeypatch.undo()
        return (await ask(pool)).answer.body

    assert run(work, 1)


def test_a_client_that_asks_for_everything_leaves_room_for_another() -> None:
    async def work(pool: Pool) -> float:
        asked = [asyncio.create_task(ask(pool, seconds=0.2)) for _ in range(200)]
        await asyncio.sleep(0.1)
        started = time.monotonic()
        await ask(pool, client="b")
        seconds = time.monotonic() - started
        refused = sum(task.done() for task in asked)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        assert refused > 150
        return seconds

    # One after the other, what the first asked for would take 10 s.
    assert run(work, 1) < 5


@pytest.mark.parametrize(
    ("error", "code"),
    [(BrokenPipeError(), 0), (ConnectionResetError(), 0), (ValueError("no socket"), 1)],
)
def test_a_process_whose_asker_died_ends_without_a_fault(error: Exception, code: int) -> None:
    pid = os.fork()
    if not pid:
        with children._process_of_its_own():
            raise error
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == code
