"""What a process does that answers requests handed on by the server: the whole application, once.

The routes, pages and errors are those of the server itself (`geo_service.app`); the answer is
packed here too, so that neither making nor packing holds up a connection.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from starlette.types import Message

from geo_service.http.responses import accepts_gzip, pack
from geo_service.settings import Settings
from geo_service.work.children import WorkAnswer, WorkRequest, serve_socket

if TYPE_CHECKING:
    from geo_service.entrance import Entrance
    from geo_service.pages import Pages


def answer_socket(ours: socket.socket, settings: Settings, pages: Pages) -> None:
    """Answer the requests that come over a socket until it is closed: the main of a process."""
    from geo_service.app import create_app

    entrance = create_app(settings, pages)
    with asyncio.Runner() as runner:
        serve_socket(ours, lambda request: runner.run(answer_request(entrance, request)))


async def answer_request(entrance: Entrance, request: WorkRequest) -> WorkAnswer:
    """The answer of the application, packed where the client reads that."""
    is_read = False

    async def receive() -> Message:
        nonlocal is_read
        if is_read:
            # The client is watched elsewhere; who waits for it to go waits until cancelled.
            await asyncio.get_running_loop().create_future()
        is_read = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    scope = request.scope
    label, answer = await entrance.compute(scope, receive)
    headers = dict(scope["headers"])
    if accepts_gzip(headers.get(b"accept-encoding", b"")):
        answer = pack(answer)
    return WorkAnswer(label, str(scope.get("geo_release", "")), answer)
