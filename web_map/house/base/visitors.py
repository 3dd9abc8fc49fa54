"""Who visits a page of the house, and how such a page is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from geo_service.http import urls
from geo_service.register.event_store import Register
from geo_service.register.house import register_of
from web_map.pages.base.answers import policy, render_page
from web_map.views.readers import read_language
from web_map.words import Words


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a page of the house knows of its request.

    Parameters
    ----------
    words
        In the language that the address names; Indonesian where it names none.
    base
        Path under which the server is reached, without a slash at its end.
    """

    register: Register
    words: Words
    base: str
    moment: datetime


def read_visitor(request: Request) -> Visitor:
    """The visitor of a request."""
    root = urls.root_url(request.scope, request.app.state.settings)
    words = Words(read_language(request.query_params))
    return Visitor(register_of(request), words, urlsplit(root).path.rstrip("/"), datetime.now(UTC))


AnyVisitor: TypeAlias = Annotated[Visitor, Depends(read_visitor)]


def answer_house(
    visitor: Visitor, template: str, values: dict[str, object], status: int = 200
) -> HTMLResponse:
    """A page of the house; it is framed by nobody, and kept by no cache that others share."""
    text = render_page(f"house/{template}", visitor.words, visitor.base, visitor=visitor, **values)
    headers = {"Content-Security-Policy": policy("'none'"), "Vary": "Cookie"}
    return HTMLResponse(text, status, headers)
