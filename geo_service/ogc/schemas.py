"""Schemas and queryables of a layer."""

from fastapi import APIRouter, Response

from geo_service.http.links import SCHEMA_JSON, document
from geo_service.ogc.json_schemas import feature_schema, properties_schema, queryables_schema
from geo_service.ogc.params import CollectionId, JsonFormat, View

router = APIRouter(tags=["layers"])


@router.get("/collections/{collectionId}/schema")
async def schema(view: View, collection_id: CollectionId, f: JsonFormat = None) -> Response:
    """The properties of the features (OGC API - Features, Part 5)."""
    del f
    layer = view.release.layer(collection_id)
    url = f"{view.base}/collections/{layer.id}/schema"
    return document(properties_schema(layer, url, view.release.manifest.inputs), SCHEMA_JSON)


@router.get("/collections/{collectionId}/schema/feature")
async def feature(view: View, collection_id: CollectionId, f: JsonFormat = None) -> Response:
    """A whole GeoJSON feature, as older GDAL versions read it."""
    del f
    layer = view.release.layer(collection_id)
    url = f"{view.base}/collections/{layer.id}/schema/feature"
    return document(feature_schema(layer, url), SCHEMA_JSON)


@router.get("/collections/{collectionId}/queryables")
async def queryables(view: View, collection_id: CollectionId, f: JsonFormat = None) -> Response:
    """What features can be selected by (OGC API - Features, Part 3)."""
    del f
    layer = view.release.layer(collection_id)
    url = f"{view.base}/collections/{layer.id}/queryables"
    return document(queryables_schema(layer, url), SCHEMA_JSON)
