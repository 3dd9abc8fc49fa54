"""The API definition of this release."""

from fastapi import APIRouter, Request, Response

from geo_service.http.links import OPENAPI_JSON, document
from geo_service.ogc.openapi import describe_api
from geo_service.ogc.params import JsonFormat, View

router = APIRouter(tags=["capabilities"])


@router.get("/api")
async def api(request: Request, view: View, f: JsonFormat = None) -> Response:
    """The API definition, OpenAPI 3.0, with the properties of each layer as parameters."""
    del f
    return document(describe_api(request.app, view), OPENAPI_JSON)
