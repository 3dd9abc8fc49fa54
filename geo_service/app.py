"""The only wiring: settings and routes become one ASGI application."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from geo_service import entrance, errors
from geo_service.http import accept, basemap, files, gate, urls
from geo_service.ogc import (
    collections,
    items,
    landing,
    openapi,
    params,
    processes,
    saved_files,
    tilesets,
)
from geo_service.pages import NO_PAGES, Pages
from geo_service.releases.store import ReleaseStore
from geo_service.settings import Settings
from geo_service.work.desk import Desk
from geo_service.work.pool import Pool

if TYPE_CHECKING:
    from geo_service.house.house import House

PINNED = "/releases/{rid}"
# Routes that know their parameters from their signature alone; items add those of the layer.
CHECKED = (
    collections.router,
    landing.router,
    processes.router,
    saved_files.router,
    tilesets.router,
)


def create_app(
    settings: Settings,
    pages: Pages = NO_PAGES,
    pool: Pool | None = None,
    *,
    must_serve: bool = True,
) -> entrance.Entrance:
    """The server over one directory of releases.

    Parameters
    ----------
    pages
        Pages for people that are mounted beside the API; by default none, and then browsers get
        the same JSON and problem documents as programs.
    pool
        Processes that make the answers that take work; None: they are made in this one.
    must_serve
        Whether to fail where no release can be served; else errors are served until one can be.

    Raises
    ------
    ReleaseUnusableError
        No release is published there, or it will not open: better to fail now than to serve
        errors.
    """
    logging.getLogger("geo_service").setLevel(settings.log.level.upper())
    store = ReleaseStore(settings.releases)
    if must_serve:
        store.current()
    app = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, title="geo-service"
    )
    app.openapi_version = openapi.VERSION
    app.state.settings = settings
    app.state.store = store
    app.state.gates = gate.Gates()
    app.state.pages = pages
    house = make_house(settings, pages, store)
    app.state.register = None if house is None else house.register
    app.state.read_states = None if house is None else house.read_states
    app.state.describe_live = _describe_nothing if house is None else house.describe_live
    if house is not None:
        # Before the layers of releases, whose paths would take its own.
        common, checked = Depends(params.common_parameters), Depends(params.refuse_unknown)
        app.include_router(house.collection, dependencies=[common, checked])
    _add_routes(app, pages)
    app.state.routes = _routes(pages)
    app.state.declared = openapi.declared_parameters(app)
    app.add_exception_handler(RequestValidationError, _refuse_parameters)
    app.add_exception_handler(HTTPException, _refuse_url)
    assets = files.read_assets(pages.assets) if pages.assets is not None else {}
    served = assets | basemap.served_basemap(settings.basemap)
    desk = None if pool is None else Desk(pool, store, settings)
    return entrance.Entrance(app, store, served, settings, pages.error_answer, desk, house)


def make_house(settings: Settings, pages: Pages, store: ReleaseStore) -> "House | None":
    """The application below ``/rumah``; None where no register is set, and then none is loaded.

    Raises
    ------
    ServeError
        A register is set, and what it needs is not installed.
    """
    if settings.register_url is None or pages.load_house is None:
        return None
    try:
        from geo_service.house.house import House
    except ImportError as error:
        raise errors.ServeError(
            f"GEO_REGISTER needs {error.name}: pip install 'geo-service[register]'."
        ) from error
    return House(settings, store, pages.load_house())


def _describe_nothing(view: params.ReleaseView) -> list[dict[str, object]]:
    del view
    return []


def _add_routes(app: FastAPI, pages: Pages) -> None:
    common, checked = Depends(params.common_parameters), Depends(params.refuse_unknown)
    app.include_router(landing.operation)
    start = APIRouter(dependencies=[common, checked], tags=["capabilities"])
    endpoint = landing.landing if pages.start_page is None else landing.landing_or_start_page
    start.add_api_route("/", endpoint)
    start.add_api_route(PINNED, endpoint, include_in_schema=False)
    app.include_router(start)
    for prefix, is_documented in (("", True), (PINNED, False)):
        for router in CHECKED:
            app.include_router(
                router,
                prefix=prefix,
                dependencies=[common, checked],
                include_in_schema=is_documented,
            )
        app.include_router(
            items.router, prefix=prefix, dependencies=[common], include_in_schema=is_documented
        )
        for router in pages.routers:
            app.include_router(router, prefix=prefix, include_in_schema=False)


def _routes(pages: Pages) -> tuple[APIRoute, ...]:
    """Every route that exists in the short form and below a release, as declared."""
    routers = (*CHECKED, items.router, *pages.routers)
    routes = (route for router in routers for route in router.routes)
    return tuple(route for route in routes if isinstance(route, APIRoute))


async def _refuse_parameters(request: Request, error: Exception) -> Response:
    """Raise what FastAPI found wrong with a parameter as our error: 400, not 422."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = first["loc"][-1]
    said = first["msg"].removeprefix("Value error, ")
    raise errors.MalformedParameterError(f"{name}: {said}.") from None


async def _refuse_url(request: Request, error: Exception) -> Response:
    """Lead a reader to the one spelling of a URL; raise what is not found as one of our errors."""
    assert isinstance(error, HTTPException)
    path = request.scope["path"]
    elsewhere = other_spelling(request) if error.status_code == 404 else None
    if elsewhere is not None and elsewhere.is_redirect:
        # The address is of the request: nobody keeps it without asking again.
        headers = {"Location": elsewhere.url, "Vary": "Accept", "Cache-Control": "no-cache"}
        return Response(status_code=HTTPStatus.PERMANENT_REDIRECT, headers=headers)
    hint = "" if elsewhere is None else f" {elsewhere.path} is served."
    refusal: errors.RequestError = errors.UnknownUrlError(f"Nothing is served under {path}.{hint}")
    if error.status_code == 405:
        is_execution = (error.headers or {}).get("Allow") == "POST"
        refusal = (
            errors.MethodNotAllowedError(f"{path} answers POST only.", errors.EXECUTING)
            if is_execution
            else errors.MethodNotAllowedError(f"{path} answers GET and HEAD only.")
        )
    raise refusal from None


_PINNED = re.compile(r"^/releases/[^/]+")
# What a path may hold without an escape (RFC 3986, section 3.3).
_PLAIN = "/:@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class OneSpelling:
    """The right spelling of a URL.

    Parameters
    ----------
    url
        The whole URL with the query of the request.
    is_redirect
        Whether the client is to be led there: a reader, or any client that asks for a page. A
        program gets an error instead: a data URL that is wrong in a script is mended there.
    """

    path: str
    url: str
    is_redirect: bool


def other_spelling(request: Request) -> OneSpelling | None:
    """The URL that differs from the one asked only in slashes at its end; None where there is none.

    Raises
    ------
    MalformedHostError
        The URL cannot be written, because the Host header is none.
    """
    path = request.scope["path"]
    other = path.rstrip("/") or "/" if path.endswith("/") else f"{path}/"
    below = _PINNED.sub("", other) or "/"
    routes: Sequence[APIRoute] = request.app.state.routes
    route = next((route for route in routes if route.path_regex.fullmatch(below)), None)
    if route is None and below != "/":
        return None
    query = request.scope["query_string"].decode("latin-1")
    root = urls.root_url(request.scope, params.settings_of(request))
    url = f"{root}{quote(other, safe=_PLAIN)}{f'?{query}' if query else ''}"
    is_page = route is not None and "pages" in route.tags
    is_reader = is_page or accept.wants_html(request.headers.get("accept", ""))
    return OneSpelling(other, url, is_reader and request.method in {"GET", "HEAD"})
