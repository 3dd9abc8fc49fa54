"""One URL, one spelling: where a path would lead with one slash less or more at its end."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from fastapi.routing import APIRoute

from geo_service.http.accept import wants_html
from geo_service.http.urls import root_url
from geo_service.ogc.params import settings_of

_PINNED = re.compile(r"^/releases/[^/]+")
# What a path may hold without an escape (RFC 3986, section 3.3).
_PLAIN = "/:@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class Spelling:
    """The right spelling of a URL.

    Parameters
    ----------
    url
        The whole URL with the query of the request.
    is_redirect
        Whether the client is to be led there: a reader, or any client that asks for a page. A
        program is told instead, since a data URL that is wrong in a script is to be mended there.
    """

    path: str
    url: str
    is_redirect: bool


def other_spelling(request: Request) -> Spelling | None:
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
    route = next((known for known in routes if known.path_regex.fullmatch(below)), None)
    if route is None and below != "/":
        return None
    query = request.scope["query_string"].decode("latin-1")
    root = root_url(request.scope, settings_of(request))
    url = f"{root}{quote(other, safe=_PLAIN)}{f'?{query}' if query else ''}"
    is_page = route is not None and "pages" in route.tags
    is_reader = is_page or wants_html(request.headers.get("accept", ""))
    return Spelling(other, url, is_reader and request.method in {"GET", "HEAD"})
