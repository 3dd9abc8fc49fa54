"""The features of a layer: pages of them, and one by its id, sliced as they were published."""

from typing import Annotated, Literal
from urllib.parse import quote, urlencode

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from geo_service.errors import MalformedParameterError, UnknownFeatureError
from geo_service.http import query_numbers
from geo_service.http.link_types import CRS84, GEOJSON, JSON, Link, link_header, make_link
from geo_service.ogc import filter_work, filters, params, row_order
from layers.release import array_kinds
from layers.release.errors import MalformedValueError
from layers.release.features import Box, FeatureIndex

router = APIRouter(tags=["features"])

FeatureFormat = Annotated[
    Literal["json", "geojson"] | None, Query(description="GeoJSON either way.")
]


@router.get(
    "/collections/{collectionId}/items",
    dependencies=[Depends(params.check_datetime), Depends(params.check_crs)],
)
async def items(
    request: Request,
    view: params.View,
    collection_id: params.CollectionId,
    bbox: Annotated[Box | None, Depends(params.asked_bbox)],
    limit: params.Limit = params.DEFAULT_LIMIT,
    offset: params.Offset = 0,
    condition: Annotated[str | None, Query(alias="filter", description="A CQL2 condition.")] = None,
    language: Annotated[
        filters.Language, Query(alias="filter-lang", description="How the condition is written.")
    ] = "cql2-text",
    result_type: Annotated[
        Literal["results", "hits"],
        Query(alias="resultType", description="hits: only count what matches."),
    ] = "results",
    f: FeatureFormat = None,
) -> Response:
    """A page of features; any property of the layer is a parameter that selects by equality."""
    del f
    features = view.release.features(collection_id)
    equals = _equalities(request, features)
    selection, among = filter_work.Selection(features), None
    if condition is not None:
        among = filters.select_rows(selection, filters.parse_filter(condition, language))
    open_rows = view.release.open_rows(collection_id)
    if open_rows is not None:
        among = open_rows if among is None else among & open_rows
    try:
        chosen = features.select(bbox, equals, among, selection.spend_geometry)
    except MalformedValueError as error:
        raise MalformedParameterError(str(error)) from None
    rows = row_order.order_rows(chosen, row_order.leading_rows_of(view.release, collection_id))
    page = (
        rows[offset : offset + min(limit, params.MAXIMUM_LIMIT)]
        if result_type == "results"
        else rows[:0]
    )
    links = _page_links(
        request, view, collection_id, (offset, min(limit, params.MAXIMUM_LIMIT), len(rows))
    )
    if result_type == "hits":
        links = [link for link in links if link["rel"] in {"self", "collection"}]
    body = _collection_body(features, page, len(rows), links)
    return Response(body, media_type=GEOJSON, headers=_headers(links))


@router.get("/collections/{collectionId}/items/{featureId}")
async def item(
    request: Request,
    view: params.View,
    collection_id: params.CollectionId,
    feature_id: params.FeatureId,
    f: FeatureFormat = None,
) -> Response:
    """One feature by its id."""
    del f
    params.check_known(request)
    features = view.release.features(collection_id)
    number = query_numbers.whole_number(feature_id)
    row = features.row_of(number) if number is not None and str(number) == feature_id else None
    open_rows = view.release.open_rows(collection_id)
    if row is None or not (open_rows is None or open_rows[row]):
        raise UnknownFeatureError(f"Layer {collection_id} has no feature {feature_id!r}.")
    collection = f"{view.base}/collections/{collection_id}"
    links = [
        make_link(f"{collection}/items/{feature_id}", "self", GEOJSON),
        make_link(collection, "collection", JSON),
    ]
    body = features.line(row).removesuffix(b"}") + b',"links":' + orjson.dumps(links) + b"}"
    return Response(body, media_type=GEOJSON, headers=_headers(links))


def _headers(links: list[Link]) -> dict[str, str]:
    return {"Link": link_header(links), "Content-Crs": f"<{CRS84}>"}


def _equalities(request: Request, features: FeatureIndex) -> dict[str, str]:
    """The property parameters; everything else must be declared."""
    params.check_known(request, dict.fromkeys(features.properties))
    declared = request.app.state.declared[request.scope["route"].path_format]
    equals = {name: text for name, text in request.query_params.items() if name not in declared}
    for name, text in equals.items():
        is_text = features.property_column(name).type == "string"
        if not is_text and query_numbers.decimal_number(text) is None:
            raise MalformedParameterError(f"{name}: expected a number, got {text[:60]!r}.")
    return equals


def _collection_body(
    features: FeatureIndex, page: array_kinds.Rows, matched: int, links: list[Link]
) -> bytes:
    about: dict[str, object] = {
        "numberMatched": matched,
        "numberReturned": len(page),
        "links": links,
    }
    lines = features.lines(page)
    return b'{"type":"FeatureCollection","features":[' + lines + b"]," + orjson.dumps(about)[1:]


def _page_links(
    request: Request, view: params.ReleaseView, collection_id: str, window: tuple[int, int, int]
) -> list[Link]:
    """Links to this page and its neighbours; they keep every parameter of the request.

    ``window`` is offset, limit and the number of matching features.
    """
    offset, limit, matched = window
    collection = f"{view.base}/collections/{collection_id}"
    given = [pair for pair in request.query_params.multi_items() if pair[0] != "offset"]

    def page_url(start: int | None) -> str:
        pairs = given if not start else [*given, ("offset", str(start))]
        query = urlencode(pairs, safe=",:/", quote_via=quote)
        return f"{collection}/items?{query}" if query else f"{collection}/items"

    links = [
        make_link(page_url(offset), "self", GEOJSON),
        make_link(collection, "collection", JSON),
    ]
    if offset + limit < matched:
        links.append(make_link(view.carried(page_url(offset + limit)), "next", GEOJSON))
    if offset > 0:
        before = page_url(max(0, offset - limit))
        links.append(make_link(view.carried(before), "prev", GEOJSON))
    return links
