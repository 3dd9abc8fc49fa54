"""Between a connection and the processes that answer: what is kept is given, the rest handed on."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeAlias

from starlette.types import Receive, Scope

from geo_service.errors import GeoServiceError
from geo_service.http import accept, metrics, responses, urls
from geo_service.releases.store import ReleaseStore
from geo_service.settings import Settings
from geo_service.work import answer_cache, children, work_kinds
from geo_service.work.pool import Pool
from layers.release.errors import ReleaseUnusableError

LARGEST_BODY = 100_000
_HANDED_ON = (
    "type",
    "asgi",
    "http_version",
    "method",
    "scheme",
    "path",
    "raw_path",
    "query_string",
    "root_path",
    "headers",
    "client",
    "server",
    "geo_token",
    "geo_query_token",
    "geo_request",
)
Labelled: TypeAlias = tuple[str, responses.Answer]
"""The pattern of a route, and its answer."""


class ClientGoneError(Exception):
    """The client left before its answer was ready."""


class Desk:
    """Gives the answers that are kept, and has the others made by the processes of a pool."""

    def __init__(self, pool: Pool, store: ReleaseStore, settings: Settings) -> None:
        self.pool = pool
        self.cache = answer_cache.AnswerCache(is_pruned=store.is_pruned)
        self._store = store
        self._settings = settings

    async def answer(
        self,
        scope: Scope,
        receive: Receive,
        client: str,
        compute: Callable[[Scope, Receive], Awaitable[Labelled]],
    ) -> Labelled:
        """The label and answer of one request.

        Parameters
        ----------
        compute
            Answers in this process what is not handed on.

        Raises
        ------
        ClientGoneError
            The client left; what was done for it alone is ended.
        ServerBusyError
            Too much waits, or it took too long.
        """
        kind = work_kinds.kind_of(scope)
        if kind is None:
            return await compute(scope, receive)
        await self._store.open_for(scope["path"])
        key = self._key(scope)
        made = None if key is None else self._find_sound(key)
        metrics.count("geo_answers_kept", "miss" if made is None else "hit")
        if made is None:
            body = await _read_body(scope, receive)
            handed_on = {name: scope[name] for name in _HANDED_ON if name in scope}
            request = children.WorkRequest(handed_on, body, self._store.withdrawn)
            made = await self._ask(kind, client, request, key, receive)
            if key is not None and made.release_id == key.release_id:
                self.cache.keep(key, made)
        return made.label, self._with_lifetime(made)

    def _find_sound(self, key: answer_cache.AnswerKey) -> answer_cache.MadeAnswer | None:
        """An answer that is kept, if its release is still served and no file of it has changed."""
        made = self.cache.find(key)
        if made is None:
            return None
        integrity = self._store.integrity_of(key.release_id)
        is_sound = integrity is None or integrity.may_become_sound(made.began_s)
        if is_sound and self._store.may_be_served(key.release_id):
            return made
        self.cache.forget(key)
        return None

    def _with_lifetime(self, made: answer_cache.MadeAnswer) -> responses.Answer:
        """The answer, to be stored for long only where it is known to be made of sound files."""
        if made.answer.cache_control != responses.IMMUTABLE:
            return made.answer
        integrity = self._store.integrity_of(made.release_id)
        if not self._store.is_checked:
            return made.answer
        if integrity is not None and integrity.was_sound(made.began_s, made.made_s):
            return made.answer
        return replace(made.answer, cache_control=responses.REVALIDATE)

    async def _ask(
        self,
        kind: work_kinds.WorkKind,
        client: str,
        request: children.WorkRequest,
        key: answer_cache.AnswerKey | None,
        receive: Receive,
    ) -> answer_cache.MadeAnswer:
        work = asyncio.create_task(self.pool.answer(kind, client, request, key))
        gone = asyncio.create_task(responses.wait_until_gone(receive))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ClientGoneError
            made = work.result()
        finally:
            for task in (work, gone):
                task.cancel()
        return made

    def _key(self, scope: Scope) -> answer_cache.AnswerKey | None:
        """What the answer depends on; None where that cannot be known, or it is never kept."""
        if scope["method"] not in {"GET", "HEAD"} or scope.get("geo_token") is not None:
            return None
        headers: dict[bytes, bytes] = dict(scope["headers"])
        path: str = scope["path"]
        with suppress(GeoServiceError, ReleaseUnusableError):
            parts = path.split("/", 3)
            is_pinned = path.startswith("/releases/") and len(parts) > 2
            return answer_cache.AnswerKey(
                parts[2] if is_pinned else self._store.current().id,
                urls.root_url(scope, self._settings),
                path,
                scope["query_string"],
                accept.wants_html(_text(headers, b"accept")),
                accept.preferred_language(_text(headers, b"accept-language")),
                responses.accepts_gzip(headers.get(b"accept-encoding", b"")),
            )
        return None


def _text(headers: dict[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


async def _read_body(scope: Scope, receive: Receive) -> bytes:
    """The body, or as much of it as shows that it is too large; it is refused where it is read."""
    if scope["method"] in {"GET", "HEAD"}:
        return b""
    parts: list[bytes] = []
    while sum(map(len, parts)) <= LARGEST_BODY:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return b"".join(parts)
