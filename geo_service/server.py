"""Running the server: a supervisor, as many server processes as asked for, and their helpers.

supervisor -> server process (uvicorn, the entrance) -> processes that answer
"""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import resource
import signal
import socket
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from starlette.types import Message

from geo_service.errors import ServeError
from geo_service.http.access_log import configure_logs, resume_request
from geo_service.http.responses import accepts_gzip, pack
from geo_service.releases.store import ReleaseStore
from geo_service.settings import Settings
from geo_service.supervisor import Supervisor
from geo_service.work import children

if TYPE_CHECKING:
    import uvicorn

    from geo_service.entrance import Entrance
    from geo_service.pages import Pages
    from geo_service.work.pool import Pool

logger = logging.getLogger("geo_service")

GRACE_S = 10
BACKLOG = 2048
LOOK_S = 1.0
"""How often a server process looks whether those it needs are alive."""
SPARE_FILES = 256
"""File descriptors kept for released files, beside those for connections."""


def serve(settings: Settings, load_pages: Callable[[], Pages] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished (up to `GRACE_S` seconds).

    Parameters
    ----------
    load_pages
        Gives the pages to mount, called in each process that serves; None for the API alone.

    Raises
    ------
    ReleaseUnusableError
        Nothing is published, or the published release will not open.
    ServeError
        The address cannot be listened on.
    """
    configure_logs(settings.log)
    ReleaseStore(settings.releases).current()
    listener = _listen(settings.host, settings.port)
    # Loaded before the server processes are forked, so that a new one is there at once.
    from geo_service import app as app
    from geo_service.http.metrics import COUNTS
    from geo_service.pages import NO_PAGES

    COUNTS.share(settings.workers)
    pages = NO_PAGES if load_pages is None else load_pages()
    if settings.register_url is not None:
        app.make_house(settings, pages, ReleaseStore(settings.releases))
    # What is loaded now is garbage in no process: a look at it would copy what all share.
    gc.collect()
    gc.freeze()
    main = partial(_serve_connections, settings, pages, listener)
    Supervisor(main, settings.workers, GRACE_S + 2).run()


def _serve_connections(
    settings: Settings, pages: Pages, listener: socket.socket, number: int, attempt: int
) -> None:
    """What a server process does until it is told to end."""
    import uvicorn

    from geo_service.app import create_app
    from geo_service.http import metrics
    from geo_service.http.connections import IDLE_S, Connections, guarded
    from geo_service.releases.checker import RECHECK_MB_S, Checker

    metrics.COUNTS.take(number)
    nursery = _start_nursery(settings, pages, listener)
    pool = _start_pool(settings, nursery)
    # A release that breaks later must not end the process that could serve the next one.
    app = create_app(settings, pages, pool, must_serve=False)
    _allow_files(settings.limits.connections + SPARE_FILES)
    connections = Connections(settings.limits, settings.trusted_proxies)
    config = uvicorn.Config(
        app,
        http=guarded(connections),
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    server, supervisor = uvicorn.Server(config), os.getppid()

    def stop(ending: int, frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn raises the signal that ended it once more: without a handler this process would end
    # there, and not let go of the others.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, stop)

    async def end_with_others() -> None:
        while os.getppid() == supervisor and (nursery is None or not nursery.has_ended()):
            metrics.set_gauge("geo_connections", len(connections))
            if pool is not None:
                pool.tell_metrics()
            await asyncio.sleep(LOOK_S)
        if os.getppid() == supervisor:
            logger.error("the process that makes those for answers has ended; all start anew")
        server.should_exit = True

    async def run() -> None:
        Checker(app.store, RECHECK_MB_S / settings.workers).start()
        watch = asyncio.create_task(end_with_others())
        if number == attempt == 0:
            announced = asyncio.create_task(_announce(server, f"{settings.host}:{settings.port}"))
            announced.add_done_callback(lambda task: task.exception())
        try:
            await server.serve(sockets=[listener])
        finally:
            watch.cancel()
            if pool is not None:
                await pool.close()

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(run())


async def _announce(server: uvicorn.Server, address: str) -> None:
    """Say that connections are accepted: to who reads the output, and to a service manager."""
    while not server.started:
        await asyncio.sleep(0.02)
    print(f"ready: http://{address}/", flush=True)  # noqa: T201  # the one line for scripts
    manager = os.environ.get("NOTIFY_SOCKET", "")
    if manager:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.connect(manager.replace("@", "\0", 1) if manager[0] == "@" else manager)
            notify.sendall(b"READY=1")


def _start_nursery(
    settings: Settings, pages: Pages, listener: socket.socket
) -> children.Nursery | None:
    """What makes the processes that answer; None where a server process does all itself."""
    if not settings.answer_processes:
        return None
    return children.Nursery(partial(answer_socket, settings=settings, pages=pages), (listener,))


def _start_pool(settings: Settings, nursery: children.Nursery | None) -> Pool | None:
    """The processes that answer beside a server process."""
    from geo_service.work.pool import Pool

    if nursery is None:
        return None
    return Pool(partial(children.Child, nursery), settings.answer_processes)


def _allow_files(number: int) -> None:
    """Let this process open so many files, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = number if hard == resource.RLIM_INFINITY else min(number, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _listen(host: str, port: int) -> socket.socket:
    """The socket on which all server processes accept."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        hint = "Choose another port." if error.errno == errno.EADDRINUSE else "Check the address."
        raise ServeError(f"{host}:{port}: {error.strerror}. {hint}") from error
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener


def answer_socket(ours: socket.socket, settings: Settings, pages: Pages) -> None:
    """Answer the requests that come over a socket until it is closed: the main of a process."""
    from geo_service.app import create_app

    entrance = create_app(settings, pages, must_serve=False)
    entrance.store.is_logged_elsewhere = True
    with asyncio.Runner() as runner:
        children.serve_socket(
            ours,
            lambda request: runner.run(answer_request(entrance, request)),
            entrance.store.let_go,
        )


async def answer_request(entrance: Entrance, request: children.WorkRequest) -> children.WorkAnswer:
    """The answer of the application, packed where the client reads that."""
    is_read = False

    async def receive() -> Message:
        nonlocal is_read
        if is_read:
            # The client is watched elsewhere; who waits for it to go waits until cancelled.
            await asyncio.get_running_loop().create_future()
        is_read = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    entrance.store.take_withdrawn(request.withdrawn)
    entrance.store.let_go()
    scope = request.scope
    resume_request(scope)
    label, answer = await entrance.compute(scope, receive)
    headers = dict(scope["headers"])
    if accepts_gzip(headers.get(b"accept-encoding", b"")):
        answer = pack(answer)
    return children.WorkAnswer(label, str(scope.get("geo_release", "")), answer)
