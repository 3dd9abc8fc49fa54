"""The features of a layer: pages of them, all that match as a file, and one by its id."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

import numpy as np
import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from geo_service import errors
from geo_service.http import link_types, query_numbers
from geo_service.ogc import encodings, item_params, params, row_order
from geo_service.ogc.filtering import crs, filter_work, filters
from layers.release import array_kinds
from layers.release.errors import MalformedValueError
from layers.release.features import FeatureIndex, touches_box

router = APIRouter(tags=["features"])

FeatureFormat = Annotated[
    Literal["json", "geojson"] | None, Query(description="GeoJSON either way.")
]
Uri = Annotated[str, Depends(item_params.asked_crs)]


@router.get("/collections/{collectionId}/items", dependencies=[Depends(params.check_datetime)])
async def items(
    request: Request,
    view: params.View,
    collection_id: params.CollectionId,
    area: Annotated[item_params.Area | None, Depends(item_params.asked_area)],
    uri: Uri,
    condition: Annotated[item_params.Condition | None, Depends(item_params.asked_condition)],
    choice: Annotated[item_params.ItemChoice, Depends(item_params.asked_choice)],
    limit: params.Limit = params.DEFAULT_LIMIT,
    offset: params.Offset = 0,
    result_type: Annotated[
        Literal["results", "hits"],
        Query(alias="resultType", description="hits: only count what matches."),
    ] = "results",
    f: item_params.ItemsFormat = None,
) -> Response:
    """A page of features; any property of the layer is a parameter that selects by equality."""
    features, layer = view.release.features(collection_id), view.release.layer(collection_id)
    equals = _equalities(request, features)
    properties = choice.properties
    item_params.check_properties(properties or (), features.properties)
    dates = frozenset(field.name for field in layer.fields if field.type == "date")
    of_condition = link_types.CRS84 if condition is None else condition.uri
    selection = filter_work.Selection(features, dates=dates, crs=of_condition)
    rows = _select(view, collection_id, selection, (area, condition, choice.ids, equals))
    if choice.sort:
        rows = item_params.sort_rows(features, rows, choice.sort)
    else:
        rows = row_order.order_rows(rows, row_order.leading_rows_of(view.release, collection_id))
    form = f or "json"
    most = item_params.read_limit(request, limit, form)
    if form in encodings.FORMATS and result_type == "results":
        some = rows[offset:] if most is None else rows[offset : offset + most]
        asked = encodings.Features(layer, selection, some, properties, uri, view.release.manifest)
        return _file(asked, form)
    size = most or params.MAXIMUM_LIMIT
    page = rows[offset : offset + size] if result_type == "results" else rows[:0]
    links = _page_links(request, view, collection_id, (offset, size, len(rows)))
    if result_type == "hits":
        links = [link for link in links if link["rel"] in {"self", "collection"}]
    asked = encodings.Features(layer, selection, page, properties, uri)
    body = _collection_body(asked, len(rows), links)
    return Response(body, media_type=link_types.GEOJSON, headers=_headers(links, uri))


@router.get("/collections/{collectionId}/items/{featureId}")
async def item(
    request: Request,
    view: params.View,
    collection_id: params.CollectionId,
    feature_id: params.FeatureId,
    uri: Uri,
    f: FeatureFormat = None,
) -> Response:
    """One feature by its id, or by its code with dots."""
    del f
    params.check_known(request)
    features = view.release.features(collection_id)
    row = item_params.find_row(features, feature_id)
    open_rows = view.release.open_rows(collection_id)
    if row is None or not (open_rows is None or open_rows[row]):
        raise errors.UnknownFeatureError(f"Layer {collection_id} has no feature {feature_id!r}.")
    collection = f"{view.base}/collections/{collection_id}"
    query = urlencode(request.query_params.multi_items(), safe=",:/", quote_via=quote)
    own = f"{collection}/items/{quote(feature_id)}{f'?{query}' if query else ''}"
    links = [
        link_types.make_link(own, "self", link_types.GEOJSON),
        link_types.make_link(collection, "collection", link_types.JSON),
    ]
    selection = filter_work.Selection(features)
    layer = view.release.layer(collection_id)
    asked = encodings.Features(layer, selection, np.array([row], np.intp), None, uri)
    line = encodings.geojson_of(asked, row)
    body = line.removesuffix(b"}") + b',"links":' + orjson.dumps(links) + b"}"
    return Response(body, media_type=link_types.GEOJSON, headers=_headers(links, uri))


_Question = tuple[
    item_params.Area | None,
    item_params.Condition | None,
    Iterable[str] | None,
    Mapping[str, str],
]


def _select(
    view: params.ReleaseView,
    collection_id: str,
    selection: filter_work.Selection,
    question: _Question,
) -> array_kinds.Rows:
    """The rows that meet all of a question, in the order of the file."""
    area, condition, ids, equals = question
    features = selection.features
    among = np.ones(features.count, np.bool_)
    if condition is not None:
        node = filters.parse_filter(condition.text, condition.language)
        among &= filters.select_rows(selection, node)
    if ids is not None:
        among &= item_params.rows_of_ids(features, ids)
    open_rows = view.release.open_rows(collection_id)
    if open_rows is not None:
        among &= open_rows
    box = None
    if area is not None and crs.is_box_in_lonlat(area.uri):
        box = crs.lonlat_box(area.box, area.uri)
    try:
        rows = features.select(box, equals, among, selection.spend_geometry)
    except MalformedValueError as error:
        raise errors.MalformedParameterError(str(error)) from None
    return rows if area is None or box is not None else _in_bent_box(selection, area, rows)


def _in_bent_box(
    selection: filter_work.Selection, area: item_params.Area, rows: array_kinds.Rows
) -> array_kinds.Rows:
    """The rows that meet a box whose edges are no lines of longitude and latitude."""
    features = selection.features
    near = features.near(crs.lonlat_box(area.box, area.uri))
    candidates = rows[near[rows]]
    selection.spend_geometry(features.size_of(candidates))
    meets = []
    for row in candidates.tolist():
        selection.spend(0)
        geometry = encodings.moved_geometry(features.geometry(row), area.uri)
        meets.append(touches_box(geometry, area.box))
    return candidates[np.array(meets, np.bool_)]


def _file(asked: encodings.Features, form: str) -> Response:
    name = encodings.file_name(asked.layer.id, form)
    body = b"".join(encodings.encode(asked, form))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if form in {"geojson-file", "geojsonl", "fgb"}:
        headers["Content-Crs"] = f"<{asked.uri}>"
    return Response(body, media_type=encodings.FORMATS[form], headers=headers)


def _headers(links: list[link_types.Link], uri: str) -> dict[str, str]:
    return {"Link": link_types.link_header(links), "Content-Crs": f"<{uri}>"}


def _equalities(request: Request, features: FeatureIndex) -> dict[str, str]:
    """The property parameters; everything else must be declared."""
    params.check_known(request, dict.fromkeys(features.properties))
    declared = request.app.state.declared[request.scope["route"].path_format]
    equals = {name: text for name, text in request.query_params.items() if name not in declared}
    for name, text in equals.items():
        is_text = features.property_column(name).type == "string"
        if not is_text and query_numbers.decimal_number(text) is None:
            raise errors.MalformedParameterError(f"{name}: expected a number, got {text[:60]!r}.")
    return equals


def _collection_body(
    asked: encodings.Features, matched: int, links: list[link_types.Link]
) -> bytes:
    about: dict[str, object] = {
        "numberMatched": matched,
        "numberReturned": len(asked.rows),
        "links": links,
    }
    lines = b",".join(encodings.geojson_lines(asked))
    return b'{"type":"FeatureCollection","features":[' + lines + b"]," + orjson.dumps(about)[1:]


def _page_links(
    request: Request, view: params.ReleaseView, collection_id: str, window: tuple[int, int, int]
) -> list[link_types.Link]:
    """Links to this page, its neighbours and other forms; they keep every parameter.

    ``window`` is offset, limit and the number of matching features.
    """
    offset, limit, matched = window
    collection = f"{view.base}/collections/{collection_id}"
    given = [pair for pair in request.query_params.multi_items() if pair[0] != "offset"]

    def page_url(start: int, *more: tuple[str, str]) -> str:
        others = [pair for pair in given if not more or pair[0] != more[0][0]]
        pairs = [*others, *((("offset", str(start)),) if start else ()), *more]
        query = urlencode(pairs, safe=",:/", quote_via=quote)
        return f"{collection}/items?{query}" if query else f"{collection}/items"

    links = [
        link_types.make_link(page_url(offset), "self", link_types.GEOJSON),
        link_types.make_link(collection, "collection", link_types.JSON),
        *(
            link_types.make_link(page_url(offset, ("f", form)), "alternate", kind)
            for form, kind in encodings.FORMATS.items()
        ),
    ]
    if offset + limit < matched:
        following = view.carried(page_url(offset + limit))
        links.append(link_types.make_link(following, "next", link_types.GEOJSON))
    if offset > 0:
        before = view.carried(page_url(max(0, offset - limit)))
        links.append(link_types.make_link(before, "prev", link_types.GEOJSON))
    return links
