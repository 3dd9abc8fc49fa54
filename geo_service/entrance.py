"""The door of the server: every request enters here, and every answer leaves by the same rules.

Tiles, released files and assets are answered at once; everything else goes to FastAPI, whose answer
is collected whole so that ETag, encodings, HEAD and problem documents are right everywhere.
"""

import asyncio
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from geo_service import errors, pages
from geo_service.access import token_file
from geo_service.http import files, limits, metrics, parameter_names, proxies, responses, urls
from geo_service.http.access_log import Sending, begin_request, log_access
from geo_service.releases.store import ReleaseStore
from geo_service.releases.tiles import find_asset, find_tile_or_file
from geo_service.settings import Settings
from geo_service.work.desk import ClientGoneError, Desk
from layers.release.errors import AlteredFileError, ReleaseUnusableError

logger = logging.getLogger("geo_service")

CLIENT_GONE = 499
"""The status that is counted where nobody is left to be answered."""
RELEASED = ("/releases/", "/tiles/")
LARGE_ANSWER = 1_000_000
"""Bytes from which an answer counts against the share of its client while it is sent."""
REFUSAL_PAUSE_S = 0.5
Resource = TypeVar("Resource", bound=responses.Answer | files.ServedFile)


class Entrance:
    """The ASGI application: the hot path in front of FastAPI.

    Parameters
    ----------
    assets
        Files served by their URL path, besides those of a release.
    settings
        Requests may come with or without the path of the public URL.
    error_answer
        What every error is answered with.
    desk
        Hands on what takes work to other processes; None where all is done in this one.
    house
        Answers what lies below ``/rumah``; None without a register.
    """

    def __init__(
        self,
        inner: ASGIApp,
        store: ReleaseStore,
        assets: dict[str, files.ServedFile],
        settings: Settings,
        error_answer: pages.ErrorAnswer,
        desk: Desk | None = None,
        house: ASGIApp | None = None,
    ) -> None:
        self._inner = inner
        self.store = store
        self._assets = assets
        self._settings = settings
        self._prefix = urls.public_prefix(settings)
        self._error_answer = error_answer
        self._desk = desk
        self._house = house
        self._counts = limits.ClientCounts(settings.limits)
        self._tokens = token_file.TokenBook(settings.releases)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        started = time.perf_counter()
        trusted = self._settings.trusted_proxies
        sent = Sending(send, begin_request(scope, trusted))
        client = ""
        try:
            if text := parameter_names.tidy(scope, self._prefix, self._properties_of):
                scope["geo_token"] = self._tokens.find(text, datetime.now(UTC).date())
            client = proxies.client_of(scope, trusted)
            sent.is_secure = proxies.is_secure(scope, self._settings.public_url, trusted)
            if delay_s := self._counts.delay_s(client):
                await asyncio.sleep(delay_s)
            with self._counts.request(client):
                label, status = await self._answer(scope, receive, sent, client)
        except (ClientGoneError, ClientDisconnect):
            label, status = "gone", CLIENT_GONE
        except BaseException as error:
            if not errors.is_failure(error):
                raise
            if sent.has_started:
                _log_failure(scope, error)
                raise
            if isinstance(error, errors.TooManyRequestsError):
                # Who asks too often asks again at once; the answer to that can wait.
                await asyncio.sleep(REFUSAL_PAUSE_S)
            label = "error"
            status = await responses.send_answer(scope, sent, self._refuse(scope, error))
        seconds = time.perf_counter() - started
        log_access(scope, client, label, status, sent.size, seconds)
        metrics.observe(label, scope["method"], status, seconds, sent.size)

    def _properties_of(self, layer_id: str) -> frozenset[str]:
        """The properties of a layer of the current release, in small letters; none without it."""
        try:
            layers = self.store.current().manifest.layers
        except ReleaseUnusableError:
            return frozenset()
        fields = (field for layer in layers if layer.id == layer_id for field in layer.fields)
        return frozenset(field.name.lower() for field in fields)

    async def compute(self, scope: Scope, receive: Receive) -> tuple[str, responses.Answer]:
        """The label and answer of a request that is not of the hot path, errors included."""
        house = self._house if self._house and urls.is_of_house(scope["path"]) else None
        try:
            answer = await collect(house or self._inner, scope, receive)
        except ClientDisconnect:
            raise
        except BaseException as error:
            if not errors.is_failure(error):
                raise
            return "error", self._refuse(scope, error)
        route = scope.get("route")
        return getattr(route, "path_format", None) or "none", answer

    def _refuse(self, scope: Scope, error: BaseException) -> responses.Answer:
        _log_failure(scope, error)
        try:
            return self._error_answer(scope, self._settings, self.store, error)
        except Exception as second:
            # A page of an error that fails itself: the client gets the plain problem.
            _log_failure(scope, second)
            return responses.problem_answer(error, scope["path"])

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, client: str
    ) -> tuple[str, int]:
        method, path = scope["method"], scope["path"]
        if method == "OPTIONS":
            return "options", await responses.send_answer(
                scope, send, responses.preflight_answer(_methods_of(path))
            )
        if path.startswith(RELEASED):
            await self.store.open_for(path)
        resource = self._find(path, scope)
        if resource is not None:
            if method not in {"GET", "HEAD"}:
                raise errors.MethodNotAllowedError(f"{path} answers GET and HEAD only.")
            if scope.get("geo_query_token"):
                resource = _not_to_be_kept(resource)
            if isinstance(resource, files.ServedFile):
                return "file", await files.send_file(scope, receive, send, resource)
            return "tile", await responses.send_answer(scope, send, resource)
        if self._desk is None or (self._house and urls.is_of_house(path)):
            label, answer = await self.compute(scope, receive)
        else:
            label, answer = await self._desk.answer(scope, receive, client, self.compute)
        if scope.get("geo_query_token"):
            answer = _not_to_be_kept(answer)
        if len(answer.body) < LARGE_ANSWER:
            return label, await responses.send_answer(scope, send, answer)
        with self._counts.answer(client, len(answer.body)):
            return label, await responses.send_answer(scope, send, answer)

    def _find(self, path: str, scope: Scope) -> responses.Answer | files.ServedFile | None:
        if path.startswith("/assets/") or path in self._assets:
            return find_asset(self._assets, path)
        if path.startswith(RELEASED):
            query, token = scope["query_string"], scope.get("geo_token")
            return find_tile_or_file(self.store, path, query, token)
        return None


def _not_to_be_kept(resource: Resource) -> Resource:
    """The same for one reader: a token stands in the address, so no cache is to keep that."""
    return replace(resource, cache_control=responses.PRIVATE)


async def collect(app: ASGIApp, scope: Scope, receive: Receive) -> responses.Answer:
    """The whole answer of an application; HEAD is asked as GET.

    Raises
    ------
    Exception
        Whatever the application raised, even if it had begun to answer.
    """
    collected = responses.Collected()
    method = scope["method"]
    scope["method"] = "GET" if method == "HEAD" else method
    try:
        await app(scope, receive, collected)
    finally:
        scope["method"] = method
    return collected.answer(scope)


def _log_failure(scope: Scope, error: BaseException) -> None:
    if isinstance(error, errors.ServerBusyError | AlteredFileError):
        # The one is no fault, the other is logged once, by who finds it.
        return
    if isinstance(error, ReleaseUnusableError):
        logger.error("%s %s failed: %s", scope["method"], scope["path"], error)
    elif errors.status_of(error) >= 500:
        logger.error("%s %s failed", scope["method"], scope["path"], exc_info=error)


def _methods_of(path: str) -> str:
    return errors.EXECUTING if path.endswith("/execution") else errors.READING
