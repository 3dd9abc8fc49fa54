"""Which requests are answered by a process of their own, and in which queue they wait.

Tiles, files and what the server says of itself are answered where the connection is.  Everything
else is handed on: ``quick`` answers take milliseconds, the others may take seconds.
"""

import re
from enum import StrEnum
from urllib.parse import parse_qs

from starlette.types import Scope

from geo_service.http.query_numbers import whole_number

MOST_QUICK_FEATURES = 500


class WorkKind(StrEnum):
    """A kind of work; each has a queue of its own."""

    PAGE = "page"
    FEATURES = "features"
    PICTURE = "picture"
    TABLE = "table"
    PROCESS = "process"

    @property
    def is_quick(self) -> bool:
        """Whether its answers take milliseconds."""
        return self is WorkKind.PAGE


_PINNED = re.compile(r"/releases/[^/]+(?=/|$)")
_ITEMS = re.compile(r"/collections/[^/]+/items")
_PART = re.compile(r"/unduh/[^/]+/[^/]+\.gpkg")
_HERE = {"/healthz", "/metrics", "/readyz"}
_COSTLY = frozenset({"bbox", "filter", "crs", "ids", "sortby", "properties"})
"""Parameters for which features are looked at, or written anew."""
_FILES = frozenset({"csv", "csv-excel", "geojson-file", "geojsonl", "fgb", "xlsx"})
"""Forms that hold all features that match."""
_BY_ENDING = {"png": WorkKind.PICTURE, "csv": WorkKind.TABLE, "xlsx": WorkKind.TABLE}


def kind_of(scope: Scope) -> WorkKind | None:
    """The kind of work that a request asks for; None where it is answered at once.

    Example
    -------
    >>> kind_of({"path": "/kecamatan/1.png", "query_string": b"width=3508"})
    <WorkKind.PICTURE: 'picture'>
    >>> kind_of({"path": "/collections/desa/items", "query_string": b"limit=10000"})
    <WorkKind.FEATURES: 'features'>
    >>> kind_of({"path": "/collections/desa/items", "query_string": b""})
    <WorkKind.PAGE: 'page'>
    """
    path = _PINNED.sub("", scope["path"], count=1)
    if path in _HERE:
        return None
    if _ITEMS.fullmatch(path):
        return WorkKind.FEATURES if _is_large(scope["query_string"]) else WorkKind.PAGE
    if path.startswith("/unduh/"):
        is_made = _PART.fullmatch(path) and path != scope["path"]
        return WorkKind.FEATURES if is_made else WorkKind.PAGE
    if path.endswith("/execution"):
        return WorkKind.PROCESS
    return _BY_ENDING.get(path.rpartition(".")[2], WorkKind.PAGE)


def _is_large(query: bytes) -> bool:
    if not query:
        return False
    given = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    limit = given.get("limit", ["1"])[-1]
    number = whole_number(limit)
    is_many = number is None or number > MOST_QUICK_FEATURES
    return is_many or not _COSTLY.isdisjoint(given) or given.get("f", ["json"])[-1] in _FILES
