"""Whether the server is well, and what it has done: for operators, never cached."""

from dataclasses import asdict

import orjson
from fastapi import APIRouter, Request, Response

from geo_service.http.metrics import render_metrics
from geo_service.ogc.params import store_of

router = APIRouter(tags=["operation"])

NO_STORE = {"Cache-Control": "no-store"}


@router.get("/healthz")
async def healthz(request: Request) -> Response:
    """200 while some release is served; ``degraded`` when it is not the published one."""
    status = store_of(request).status()
    code = 503 if status.status == "unavailable" else 200
    body = orjson.dumps(asdict(status))
    return Response(body, code, headers=NO_STORE, media_type="application/json")


@router.get("/metrics")
async def metrics() -> Response:
    """Requests counted and timed, in the text format of Prometheus."""
    body, media_type = render_metrics()
    return Response(body, headers={**NO_STORE, "Content-Type": media_type})
