"""What the server says of itself: landing page, conformance, API definition, health, metrics."""

from dataclasses import asdict
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response

from geo_service.errors import OperatorsOnlyError
from geo_service.http import accept, link_types
from geo_service.http import metrics as counts
from geo_service.ogc import openapi, params
from geo_service.releases.place_words import EVERYWHERE, terms_by_kode
from geo_service.releases.store import ReleaseStore

router = APIRouter(tags=["capabilities"])
operation = APIRouter(tags=["operation"])
"""For operators: whether the server is well, and what it has done; never cached."""

NO_STORE = {"Cache-Control": "no-store"}

FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
FILTERS = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf"
PROCESSES = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf"
SCHEMAS = "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf"
CONFORMS_TO = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    f"{FEATURES}/core",
    f"{FEATURES}/oas30",
    f"{FEATURES}/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    f"{FILTERS}/queryables",
    f"{FILTERS}/queryables-query-parameters",
    f"{FILTERS}/filter",
    f"{FILTERS}/features-filter",
    f"{CQL2}/cql2-text",
    f"{CQL2}/cql2-json",
    f"{CQL2}/basic-cql2",
    f"{CQL2}/advanced-comparison-operators",
    f"{CQL2}/case-insensitive-comparison",
    f"{CQL2}/accent-insensitive-comparison",
    f"{CQL2}/basic-spatial-functions",
    f"{CQL2}/basic-spatial-functions-plus",
    f"{CQL2}/spatial-functions",
    f"{CQL2}/temporal-functions",
    f"{CQL2}/property-property",
    f"{CQL2}/arithmetic",
    f"{SCHEMAS}/schemas",
    f"{SCHEMAS}/core-roles-features",
    f"{PROCESSES}/core",
    f"{PROCESSES}/ogc-process-description",
    f"{PROCESSES}/json",
    f"{PROCESSES}/oas30",
)


async def landing(view: params.View, f: params.JsonFormat = None) -> Response:
    """What is served here, and the links to it."""
    del f
    return link_types.document(describe(view))


async def landing_or_start_page(
    request: Request,
    view: params.View,
    f: Annotated[
        Literal["json", "html"] | None, Query(description="Format; else by the Accept header.")
    ] = None,
) -> Response:
    """What is served here, and the links to it; the start page for browsers."""
    if accept.wants_html(request.headers.get("accept", ""), f):
        response: Response = request.app.state.pages.start_page(request, view)
    else:
        response = link_types.document(describe(view, has_start_page=True))
    response.headers["Vary"] = "Accept"
    return response


def describe(view: params.ReleaseView, *, has_start_page: bool = False) -> dict[str, object]:
    """The landing page as a document; it links the start page where the server has one."""
    start = link_types.make_link(
        f"{view.root}/?f=html", "alternate", link_types.HTML, "Start page for people"
    )
    manifest, base = view.release.manifest, view.base
    village = terms_by_kode(view.release)[EVERYWHERE].village
    area = f"{manifest.title}, {view.release.data_years}"
    return {
        "title": manifest.title,
        "description": f"Peta dan layanan dasar per {village}: {area}.",
        "release_id": view.release.id,
        "year": manifest.year,
        "links": [
            link_types.make_link(view.landing, "self", link_types.JSON, "This document"),
            *([start] if has_start_page else []),
            link_types.make_link(
                f"{base}/api", "service-desc", link_types.OPENAPI_JSON, "API definition"
            ),
            link_types.make_link(
                f"{base}/conformance", "conformance", link_types.JSON, "Conformance"
            ),
            link_types.make_link(f"{base}/collections", "data", link_types.JSON, "Layers"),
            link_types.make_link(
                f"{base}/processes", f"{link_types.OGC_REL}/processes", link_types.JSON, "Processes"
            ),
            link_types.make_link(
                view.pinned_base,
                f"{link_types.OGC_REL}/permalink",
                link_types.JSON,
                "This release, unchanging",
            ),
            link_types.make_link(
                f"{view.pinned_base}/files/manifest.json",
                "describedby",
                link_types.JSON,
                "Manifest",
            ),
        ],
    }


@router.get("/conformance")
async def conformance(view: params.View, f: params.JsonFormat = None) -> Response:
    """The conformance classes of OGC API - Features and Processes that are implemented."""
    del f
    links = [link_types.make_link(f"{view.base}/conformance", "self", link_types.JSON)]
    return link_types.document({"conformsTo": list(CONFORMS_TO), "links": links})


@router.get("/api")
async def api(request: Request, view: params.View, f: params.JsonFormat = None) -> Response:
    """The API definition, OpenAPI 3.0, with the properties of each layer as parameters."""
    del f
    return link_types.document(openapi.describe_api(request.app, view), link_types.OPENAPI_JSON)


@operation.get("/healthz")
async def healthz(request: Request) -> Response:
    """200 while some release is served; ``degraded`` when it is not the published one.

    Which release, and what is wrong with another, is said to operators only.
    """
    status = params.store_of(request).status()
    code = 503 if status.status == "unavailable" else 200
    details = asdict(status) if params.is_operator(request) else {"status": status.status}
    body = orjson.dumps(details)
    return Response(body, code, headers=NO_STORE, media_type="application/json")


@operation.get("/readyz")
async def readyz(request: Request) -> Response:
    """200 where this process can answer from a release; a balancer asks it, a person `/healthz`."""
    is_ready = params.store_of(request).status().status != "unavailable"
    body = orjson.dumps({"ready": is_ready})
    code = 200 if is_ready else 503
    return Response(body, code, headers=NO_STORE, media_type="application/json")


def _release_facts(store: ReleaseStore) -> counts.ReleaseFacts:
    status = store.status()
    findings = {} if status.release_id is None else dict(store.current().manifest.findings)
    return counts.ReleaseFacts(
        release_id=status.release_id or "",
        age_s=store.age_s(),
        findings=findings,
        is_degraded=status.status != "ok",
        withdrawn=len(status.withdrawn),
    )


@operation.get("/metrics")
async def metrics(request: Request) -> Response:
    """Requests counted and timed, in the text format of Prometheus; for operators only."""
    if not params.is_operator(request):
        raise OperatorsOnlyError("Metrics are only for the addresses in GEO_OPERATORS.")
    body, media_type = counts.render_metrics(_release_facts(params.store_of(request)))
    return Response(body, headers={**NO_STORE, "Content-Type": media_type})
