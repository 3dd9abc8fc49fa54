"""A client that asks the application in this process, without a network.

Its event loop has a thread of its own, so that a browser's loop may run in the main one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar

import httpx

from geo_service.app import create_app
from geo_service.pages import Pages
from geo_service.settings import Settings
from web_map.all_pages import PAGES

Answer = TypeVar("Answer")
HOST = "http://peta.example"


class Client:
    """Synchronous requests to one application; answers are decoded as a browser decodes them.

    The pages are mounted, as the command line does; a class may mount others, or none.  It answers
    inside ``with`` only, so that none leaves its loop open for the garbage of a later test.
    """

    pages: ClassVar[Pages] = PAGES

    def __init__(self, releases: Path, peer: str = "203.0.113.9", **settings: Any) -> None:
        # A test may look at what only operators see, unless it says who they are.
        chosen = {"operators": ("*",)} | settings
        self.app = create_app(Settings(releases=releases, **chosen), self.pages)
        transport = httpx.ASGITransport(app=self.app, client=(peer, 4711))
        self._runner: asyncio.Runner | None = None
        self._thread = ThreadPoolExecutor(1)
        self._inner = httpx.AsyncClient(transport=transport, base_url=HOST)

    def _run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        assert self._runner is not None, "ask the client inside `with`"
        return self._thread.submit(self._runner.run, work).result()

    def request(self, method: str, url: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._run(self._inner.request(method, url, headers=named))

    def post(
        self, url: str, body: object, media_type: str = "application/json", **headers: str
    ) -> httpx.Response:
        """POST of a document, or of bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if media_type:
            named["content-type"] = media_type
        asked = self._inner.post(url, content=content, headers=named)
        return self._run(asked)

    def get(self, url: str, **headers: str) -> httpx.Response:
        return self.request("GET", url, **headers)

    def head(self, url: str, **headers: str) -> httpx.Response:
        return self.request("HEAD", url, **headers)

    def json(self, url: str) -> Any:
        answer = self.get(url)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._runner is not None
        self._run(self._inner.aclose())
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()
