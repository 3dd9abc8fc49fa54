"""JSON Schemas of a layer's features, from its manifest entry.

Source
------
OGC API - Features - Part 3: Filtering 1.0.1 (queryables) and Part 5: Schemas 1.0.0.
"""

from collections.abc import Sequence
from typing import TypeAlias

from geo_service.http.link_types import Document
from layers.release import citation, manifest_file

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
}

Schema: TypeAlias = Document


EMPTY = "x-empty"
"""Whether no feature has a value: a client that infers types from features cannot know this one."""


def field_schema(field: manifest_file.FieldEntry, empty: frozenset[str] = frozenset()) -> Schema:
    """Schema of one property; ``empty`` names those that no feature has a value of.

    A plain ``type`` without null: GDAL 3.6 does not understand a list of types.
    """
    schema: Schema = {**_TYPES[field.type], "title": field.title.id}
    if field.unit is not None:
        schema["x-ogc-unit"] = field.unit
    if field.null_meaning is not None:
        schema["description"] = f"null: {field.null_meaning.id}"
    if field.suppressed_meaning is not None:
        meanings = [schema["description"]] if "description" in schema else []
        schema["description"] = "; ".join([*meanings, f"suppressed: {field.suppressed_meaning.id}"])
    return {**schema, EMPTY: True} if field.name in empty else schema


def properties_schema(
    layer: manifest_file.LayerEntry,
    url: str,
    inputs: Sequence[manifest_file.InputEntry] = (),
    empty: frozenset[str] = frozenset(),
) -> Schema:
    """Schema of the properties, flat (Part 5); ``empty`` is that of `field_schema`."""
    properties: Schema = {"id": {"type": "integer", "x-ogc-role": "id", "readOnly": True}}
    properties |= {
        field.name: _with_sources(field_schema(field, empty), field, inputs)
        for field in layer.fields
    }
    properties["geometry"] = {"x-ogc-role": "primary-geometry", "format": _geometry_format(layer)}
    return _root(layer, url, properties)


def _with_sources(
    schema: Schema, field: manifest_file.FieldEntry, inputs: Sequence[manifest_file.InputEntry]
) -> Schema:
    """Schema of a property with ``x-sources``: the inputs of its values, and its norm apart."""
    sources = citation.describe_field_sources(field, inputs)
    return {**schema, "x-sources": sources} if sources else schema


def queryables_schema(layer: manifest_file.LayerEntry, url: str) -> Schema:
    """Schema of what features can be selected by (Part 3); nothing else is accepted."""
    properties: Schema = {field.name: field_schema(field) for field in layer.fields}
    properties["geometry"] = {"format": _geometry_format(layer)}
    return {**_root(layer, url, properties), "additionalProperties": False}


def feature_schema(layer: manifest_file.LayerEntry, url: str) -> Schema:
    """Schema of a whole GeoJSON feature, as GDAL 3.6 reads it."""
    kind = "Point" if layer.level == "point" else "MultiPolygon"
    members: Schema = {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": {"type": "integer"},
        "geometry": {"$ref": f"https://geojson.org/schema/{kind}.json"},
        "properties": {
            "type": "object",
            "properties": {field.name: field_schema(field) for field in layer.fields},
        },
    }
    required = ["type", "geometry", "properties"]
    return {**_root(layer, url, members), "required": required}


def _root(layer: manifest_file.LayerEntry, url: str, properties: Schema) -> Schema:
    return {
        "$schema": DIALECT,
        "$id": url,
        "type": "object",
        "title": layer.title.id,
        "description": layer.description.id,
        "properties": properties,
    }


def _geometry_format(layer: manifest_file.LayerEntry) -> str:
    return "geometry-point" if layer.level == "point" else "geometry-multipolygon"
