"""The house on the web: one application for all that lies below ``/rumah``.

It is made only where GEO_REGISTER names a register; nothing else of a server imports this module.
Endpoints are plain functions, which run in threads: the event loop never waits for the database.
"""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from geo_service import errors
from geo_service.house import evidence_files
from geo_service.house.forms import UPLOADS, check_form
from geo_service.http import urls
from geo_service.http.live_states import StatesByNeed
from geo_service.register import event_store, follow_up_collection, item_lists, need_states, way
from geo_service.releases.store import ReleaseStore
from geo_service.settings import Settings

if TYPE_CHECKING:
    from geo_service.house import oidc_provider

logger = logging.getLogger("geo_service")

LARGEST_BODY = 100_000
"""Bytes that a form may send."""
LARGEST_UPLOAD = evidence_files.LARGEST_FILE + LARGEST_BODY
"""Bytes of a form with a file."""


class House:
    """The application below ``/rumah``; it holds the register of its process.

    Parameters
    ----------
    routers
        Pages of the house, whose paths begin with ``/rumah``.

    Raises
    ------
    RegisterError
        The setting names no database, or the table of the way cannot be read.
    """

    def __init__(
        self, settings: Settings, store: ReleaseStore, routers: Iterable[APIRouter]
    ) -> None:
        table = way.read_way(settings.register_way or way.SHIPPED)
        self.register = event_store.Register(settings.register_url or "", table)
        self.states = need_states.StateBook(self.register)
        self.collection = follow_up_collection.router
        self.describe_live = follow_up_collection.describe_if_open
        self.app = FastAPI(
            openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, title="house"
        )
        self.app.state.settings = settings
        self.app.state.store = store
        self.app.state.register = self.register
        self.app.state.files = _open_files(settings, self.register)
        self.app.state.provider = _read_provider(settings)
        for router in routers:
            self.app.include_router(router, dependencies=[Depends(check_form)])
        self.app.add_exception_handler(RequestValidationError, _refuse_parameters)
        self.app.add_exception_handler(HTTPException, _refuse_url)
        self.app.add_exception_handler(errors.SignInNeededError, _lead_to_door)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; of its body no more is read than a form, or one with a file, has."""
        largest = LARGEST_UPLOAD if scope["path"].endswith(UPLOADS) else LARGEST_BODY
        await self.app(scope, limited(receive, largest), send)

    def read_states(self, area: str) -> StatesByNeed:
        """How far the needs of a wilayah have come; nothing where the register cannot be read."""
        try:
            return self.states.find(area, item_lists.day_of(datetime.now(UTC)))
        except errors.RegisterError as error:
            # The page is of the release, and is answered without what the register says.
            logger.error("%s", error)
            return {}

    def close(self) -> None:
        """Let go of the database."""
        self.register.close()


def limited(receive: Receive, largest: int) -> Receive:
    """The same body, which raises `BodyTooLargeError` once more than ``largest`` bytes came."""
    size = 0

    async def receive_limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > largest:
            raise errors.BodyTooLargeError(f"At most {largest} bytes are read here.")
        return message

    return receive_limited


def _open_files(
    settings: Settings, register: event_store.Register
) -> evidence_files.EvidenceFiles | None:
    """The folder of files; None where nothing says where it is."""
    folder = settings.register_files or register.files_folder
    return None if folder is None else evidence_files.EvidenceFiles(folder)


def _read_provider(settings: Settings) -> "oidc_provider.Provider | None":
    """The provider by which people may sign in; without one its libraries are not loaded."""
    if settings.oidc is None:
        return None
    from geo_service.house import oidc_provider

    return oidc_provider.read_provider(settings.oidc)


def provider_of(request: Request) -> "oidc_provider.Provider | None":
    """The provider by which people may sign in; None where there is none."""
    provider: oidc_provider.Provider | None = request.app.state.provider
    return provider


def known_provider(request: Request) -> "oidc_provider.Provider":
    """The same, on a page that is there only with a provider.

    Raises
    ------
    UnknownUrlError
        Nobody signs in by one here.
    """
    provider = provider_of(request)
    if provider is None:
        raise errors.UnknownUrlError("Nobody signs in by a provider here.")
    return provider


def files_of(request: Request) -> evidence_files.EvidenceFiles | None:
    """The photographs and documents of the register; None where none can be kept."""
    files: evidence_files.EvidenceFiles | None = request.app.state.files
    return files


def register_of(request: Request) -> event_store.Register:
    """The register of this process."""
    register: event_store.Register = request.app.state.register
    return register


async def _lead_to_door(request: Request, error: Exception) -> Response:
    """Lead who is not signed in to where that is done, and from there back to the page."""
    del error
    address, query = request.scope["path"], request.url.query
    wanted = quote(f"{address}?{query}" if query else address, safe="/")
    language = "lang=en&" if request.query_params.get("lang") == "en" else ""
    base = urlsplit(urls.root_url(request.scope, request.app.state.settings)).path.rstrip("/")
    where = f"{base}{urls.HOUSE}/masuk?{language}lanjut={wanted}"
    headers = {"Location": where, "Cache-Control": "no-store"}
    return Response(status_code=HTTPStatus.SEE_OTHER, headers=headers)


async def _refuse_parameters(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    raise errors.MalformedParameterError(f"{first['loc'][-1]}: {first['msg']}.") from None


async def _refuse_url(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.scope["path"]
    if error.status_code == 405:
        allow = (error.headers or {}).get("Allow", "GET")
        raise errors.MethodNotAllowedError(f"{path} answers {allow} only.", allow) from None
    raise errors.UnknownUrlError(f"Nothing is served under {path}.") from None
