"""Where a reader shows a token once: the browser asks for it, and shows it from then on by itself.

A browser that was asked at an address shows what it was told at all addresses below, so this one
lies at the top.  Nothing is kept here, neither a session nor a cookie.
"""

import re
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geo_service.errors import MalformedParameterError, TokenNeededError
from geo_service.ogc.params import View as RequestView
from web_map.views.readers import open_reader

router = APIRouter(tags=["pages"])

LONGEST_ADDRESS = 2000
_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""An address on this server: no scheme, no host, nothing that a browser reads as one."""


@router.get("/masuk")
def sign_in(request: Request, view: RequestView) -> Response:
    """Lead on who shows a token, or where nothing needs one; ask everybody else for theirs."""
    reader = open_reader(view, request.query_params, ("lanjut",))
    address = request.query_params.get("lanjut") or "/"
    if len(address) > LONGEST_ADDRESS or not _PATH.fullmatch(address):
        raise MalformedParameterError("lanjut: expected the path of a page, such as /reports/.")
    if request.scope.get("geo_guarded") and request.scope.get("geo_token") is None:
        raise TokenNeededError("Show a token: as the password, with any user.")
    headers = {
        "Location": view.carried(f"{reader.base}{address}"),
        "Cache-Control": "no-store",
    }
    return Response(status_code=HTTPStatus.SEE_OTHER, headers=headers)
