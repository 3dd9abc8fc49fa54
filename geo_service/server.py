"""Running the server: granian in front of the application, as many processes as asked for."""

from __future__ import annotations

import errno
import logging
import os
import socket
import tempfile
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from starlette.types import ASGIApp

from geo_service.errors import ServeError
from geo_service.releases.store import ReleaseStore
from geo_service.settings import Settings

if TYPE_CHECKING:
    from geo_service.pages import Pages

GRACE_S = 10
# Read by prometheus_client when it is first imported, which therefore must not be before.
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"


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
    ReleaseStore(settings.releases).current()
    _check_address(settings.host, settings.port)
    server = Server(
        "geo_service",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGINL,
        workers=settings.workers,
        websockets=False,
        workers_kill_timeout=GRACE_S,
        respawn_failed_workers=True,
        log_level=LogLevels(settings.log_level),
    )
    with tempfile.TemporaryDirectory(prefix="geo-service-metrics-") as folder:
        if settings.workers > 1:
            os.environ[MULTIPROCESS] = folder
        server.serve(target_loader=partial(_load, settings, load_pages), wrap_loader=False)


def _load(settings: Settings, load_pages: Callable[[], Pages] | None) -> ASGIApp:
    """The application, made in the process that serves it."""
    from geo_service.app import create_app
    from geo_service.pages import NO_PAGES

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    return create_app(settings, NO_PAGES if load_pages is None else load_pages())


def _check_address(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            hint = (
                "Choose another port." if error.errno == errno.EADDRINUSE else "Check the address."
            )
            raise ServeError(f"{host}:{port}: {error.strerror}. {hint}") from error
