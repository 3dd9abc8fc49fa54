"""Links between resources, in the body and in the ``Link`` header alike."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import orjson
from fastapi import Response

Link: TypeAlias = dict[str, object]
Document: TypeAlias = dict[str, Any]
"""A JSON document whose shape a specification says, not our types."""

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
JSON = "application/json"
GEOJSON = "application/geo+json"
SCHEMA_JSON = "application/schema+json"
HTML = "text/html"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# QGIS 3.22 looks for exactly this spelling, without a space.
OPENAPI_JSON = "application/vnd.oai.openapi+json;version=3.0"
STYLE_JSON = "application/vnd.mapbox.style+json"
OGC_REL = "http://www.opengis.net/def/rel/ogc/1.0"


def make_link(
    href: str, rel: str, media_type: str, title: str | None = None, **more: object
) -> Link:
    """One link object."""
    titled = {} if title is None else {"title": title}
    return {"href": href, "rel": rel, "type": media_type, **titled, **more}


def link_header(links: Iterable[Link]) -> str:
    """The same links as a header value; titles are left to the body, they may not be ASCII.

    Source
    ------
    RFC 8288 (October 2017), section 3.
    """
    return ", ".join(
        f'<{link["href"]}>; rel="{link["rel"]}"; type="{link["type"]}"' for link in links
    )


def document(body: Mapping[str, object], media_type: str = JSON) -> Response:
    """A JSON document; its ``links`` are repeated in the ``Link`` header."""
    links = body.get("links")
    headers = {"Link": link_header(links)} if isinstance(links, list) and links else None
    return Response(orjson.dumps(body), media_type=media_type, headers=headers)
