"""The API definition: what FastAPI knows of the routes, made into what clients need.

QGIS takes its page size from ``components.parameters.limit``, GDAL its server-side filters from the
parameters of each layer's own items path; FastAPI writes neither, and writes OpenAPI 3.1 where both
read 3.0.

Source
------
OpenAPI Specification 3.0.3; OGC API - Features - Part 1 (17-069r4), section 7.2.
"""

import copy
from typing import Any

from fastapi import FastAPI

from geo_service.errors import PROBLEM_TYPE
from geo_service.http import files, link_types
from geo_service.ogc import encodings, executions, json_schemas, params, what_if
from layers.release.manifest_file import LayerEntry

VERSION = "3.0.3"
ITEMS = "/collections/{collectionId}/items"
LIVE = "/collections/tindak-lanjut"
"""The collection of a register, which is below no release."""
LIMIT = {"$ref": "#/components/parameters/limit"}
MEDIA_TYPES: dict[str, tuple[str, ...]] = {
    "/api": (link_types.OPENAPI_JSON,),
    ITEMS: (link_types.GEOJSON, *encodings.FORMATS.values()),
    f"{ITEMS}/{{featureId}}": (link_types.GEOJSON,),
    "/collections/{collectionId}/schema": (link_types.SCHEMA_JSON,),
    "/collections/{collectionId}/schema/feature": (link_types.SCHEMA_JSON,),
    "/collections/{collectionId}/queryables": (link_types.SCHEMA_JSON,),
    "/styles/{layerId}.json": (link_types.STYLE_JSON,),
    "/metrics": ("text/plain",),
    f"{LIVE}/items": (link_types.GEOJSON, encodings.FORMATS["csv"]),
    f"{LIVE}/items/{{featureId}}": (link_types.GEOJSON,),
    f"{LIVE}/schema": (link_types.SCHEMA_JSON,),
    f"{LIVE}/schema/feature": (link_types.SCHEMA_JSON,),
}
LEADING = ("/unduh/{fileName}", "/unduh/{kode}/{fileName}")
"""Paths that lead to files."""
MEDIA_TYPES |= dict.fromkeys(LEADING, (files.media_type_of("a.gpkg"),))
MEDIA_TYPES_OF_PAGES = MEDIA_TYPES | {"/": (link_types.JSON, link_types.HTML)}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
    },
}


def describe_api(app: FastAPI, view: params.ReleaseView) -> link_types.Document:
    """The OpenAPI 3.0 document of the API as it serves one release."""
    media_types = MEDIA_TYPES if app.state.pages.start_page is None else MEDIA_TYPES_OF_PAGES
    paths = {
        path: _operation(item, media_types.get(path, (link_types.JSON,)))
        for path, item in _routes(app).items()
        if "get" in item and not (view.is_pinned and path.startswith(LIVE))
    }
    for path in LEADING:
        paths[path]["get"]["responses"]["307"] = {
            "description": "Where the file of the current release is."
        }
    general = paths[ITEMS]
    for layer in view.release.layers.values():
        paths[f"/collections/{layer.id}/items"] = _layer_items(general, layer)
    paths |= _hot_paths() | execution_paths(what_if.list_descriptions(view.release))
    return {
        "openapi": VERSION,
        "info": {
            "title": view.release.manifest.title,
            "version": view.release.manifest.schema_version,
            "description": "Every path also exists below /releases/{releaseId}, where its answer "
            "never changes; the short forms answer for the release that is current.",
        },
        "servers": [{"url": view.base}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "parameters": {"limit": _limit()},
            "schemas": {"Problem": PROBLEM},
            "responses": {
                "Problem": {
                    "description": "What went wrong (RFC 9457).",
                    "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
        },
    }


def declared_parameters(app: FastAPI) -> dict[str, frozenset[str]]:
    """Names of the query parameters of each route, by path; pinned forms take the same."""
    declared: dict[str, frozenset[str]] = {}
    for path, item in _routes(app).items():
        (operation,) = item.values()
        parameters = operation.get("parameters", [])
        names = frozenset(entry["name"] for entry in parameters if entry["in"] == "query")
        pinned = "/releases/{rid}" if path == "/" else f"/releases/{{rid}}{path}"
        declared |= {path: names, pinned: names}
    return declared


def _routes(app: FastAPI) -> link_types.Document:
    paths: link_types.Document = copy.deepcopy(app.openapi()["paths"])
    return paths


def _operation(item: link_types.Document, media_types: tuple[str, ...]) -> link_types.Document:
    """One path: schemas in the 3.0 dialect, media types, and problems for errors."""
    get = item["get"]
    parameters = [_in_form(_as_30(entry)) for entry in get.get("parameters", [])]
    get["parameters"] = [LIMIT if entry["name"] == "limit" else entry for entry in parameters]
    content = {media_type: {"schema": _schema_of(media_type)} for media_type in media_types}
    get["responses"] = {
        "200": {"description": "The resource.", "content": content},
        "304": {"description": "The client has it already."},
        "default": {"$ref": "#/components/responses/Problem"},
    }
    return {"get": get}


_ITEMS_AS_ARRAYS: link_types.Document = {
    "bbox": {
        "type": "array",
        "minItems": 4,
        "maxItems": 6,
        "items": {"type": "number"},
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
    },
    **{
        name: {"type": "array", "minItems": 1, "items": {"type": "string"}}
        for name in ("ids", "properties", "sortby")
    },
    **{name: {"type": "string", "format": "uri"} for name in ("crs", "bbox-crs", "filter-crs")},
}
"""Schemas as the standard wants them of parameters that are read as texts."""
FORM = {"style": "form", "explode": False}
"""How queries are written: lists with commas, each parameter once."""


def _in_form(entry: link_types.Document) -> link_types.Document:
    """A parameter, with how it is written where it is one of the query."""
    if entry["in"] != "query":
        return entry
    schema: link_types.Document = _ITEMS_AS_ARRAYS.get(entry["name"]) or entry["schema"]
    entry = {**entry, "schema": schema, **FORM}
    if schema.get("type") == "array" and isinstance(entry.get("example"), str):
        parts = entry["example"].split(",")
        is_number = schema["items"]["type"] == "number"
        entry["example"] = [float(part) for part in parts] if is_number else parts
    return entry


def _schema_of(media_type: str) -> link_types.Document:
    if media_type.startswith("text/"):
        return {"type": "string"}
    return {"type": "object"} if media_type.partition(";")[0].endswith("json") else _BINARY


def _layer_items(general: link_types.Document, layer: LayerEntry) -> link_types.Document:
    """The items path of one layer: a parameter for each property."""
    get = copy.deepcopy(general["get"])
    inherited = [entry for entry in get["parameters"] if entry.get("name") != "collectionId"]
    taken = {entry.get("name") for entry in inherited}
    get["operationId"] = f"items_of_{layer.id}"
    get["summary"] = f"Features of {layer.title.id}"
    get["parameters"] = inherited + [
        {
            "name": field.name,
            "in": "query",
            "required": False,
            "description": f"Only features of which this equals: {field.title.id}",
            "schema": {"type": json_schemas.field_schema(field)["type"]},
            **FORM,
        }
        for field in layer.fields
        if field.name not in taken
    ]
    return {"get": get}


def _limit() -> link_types.Document:
    return {
        "name": "limit",
        "in": "query",
        "required": False,
        "description": "Features in one answer; more than the maximum is taken as the maximum.",
        "schema": {
            "type": "integer",
            "minimum": 1,
            "maximum": params.MAXIMUM_LIMIT,
            "default": params.DEFAULT_LIMIT,
        },
        **FORM,
    }


def _hot_paths() -> link_types.Document:
    """The paths that are answered in front of FastAPI."""
    tile = {
        "summary": "A vector tile",
        "tags": ["tiles"],
        "operationId": "tile",
        "parameters": [_path("layerId", "string"), *(_path(name, "integer") for name in "zxy")],
        "responses": {
            "200": {
                "description": "The tile.",
                "content": {"application/vnd.mapbox-vector-tile": {"schema": _BINARY}},
            },
            "204": {"description": "Nothing is there."},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    file = {
        "summary": "A released file, whole or by byte ranges",
        "tags": ["files"],
        "operationId": "file",
        "parameters": [_path("releaseId", "string"), _path("path", "string")],
        "responses": {
            "200": {"description": "The file.", "content": {"*/*": {"schema": _BINARY}}},
            "206": {"description": "A part of it.", "content": {"*/*": {"schema": _BINARY}}},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    return {
        "/tiles/{layerId}/{z}/{x}/{y}.mvt": {"get": tile},
        "/releases/{releaseId}/files/{path}": {"get": file},
    }


_BINARY = {"type": "string", "format": "binary"}


def _path(name: str, kind: str) -> link_types.Document:
    return {"name": name, "in": "path", "required": True, "schema": {"type": kind}}


def _as_30(node: Any) -> Any:
    """A schema of JSON Schema 2020-12 in the dialect of OpenAPI 3.0."""
    if isinstance(node, list):
        return [_as_30(part) for part in node]
    if not isinstance(node, dict):
        return node
    node = {key: _as_30(value) for key, value in node.items()}
    choices = [part for part in node.get("anyOf", []) if part != {"type": "null"}]
    if len(choices) == 1:
        del node["anyOf"]
        node = {**choices[0], **node}
    if "const" in node:
        node["enum"] = [node.pop("const")]
    if isinstance(node.get("examples"), list):
        node["example"] = node.pop("examples")[0]
    return node


_PROBLEM = {"$ref": "#/components/responses/Problem"}


def execution_paths(descriptions: tuple[link_types.Document, ...]) -> link_types.Document:
    """Path to path item, for each process that the release allows."""
    return {
        f"/processes/{description['id']}/execution": {"post": _execution_operation(description)}
        for description in descriptions
    }


def _execution_operation(description: link_types.Document) -> link_types.Document:
    result = description["outputs"]["result"]["schema"]
    named = {"type": "object", "required": ["result"], "properties": {"result": result}}
    return {
        "summary": description["title"],
        "description": description["description"],
        "operationId": f"execute_{description['id'].replace('-', '_')}",
        "tags": ["processes"],
        "requestBody": {
            "required": True,
            "description": f"At most {executions.LARGEST_BODY} bytes.",
            "content": {"application/json": {"schema": _execution_body(description)}},
        },
        "responses": {
            "200": {
                "description": "The answer; by the name of the output with response=document.",
                "content": {"application/json": {"schema": {"anyOf": [result, named]}}},
            },
            "default": _PROBLEM,
        },
    }


def _execution_body(description: link_types.Document) -> link_types.Document:
    inputs = description["inputs"]
    needed = [name for name, entry in inputs.items() if entry.get("minOccurs", 1)]
    return {
        "type": "object",
        "required": ["inputs"],
        "additionalProperties": False,
        "properties": {
            "inputs": {
                "type": "object",
                "required": needed,
                "additionalProperties": False,
                "properties": {
                    name: entry["schema"] | {"description": entry["title"]}
                    for name, entry in inputs.items()
                },
            },
            "outputs": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"result": {"type": "object", "additionalProperties": False}},
            },
            "response": {"type": "string", "enum": ["raw", "document"], "default": "raw"},
        },
    }
