"""The layers as collections of OGC API - Features."""

from fastapi import APIRouter, Response

from geo_service.http.files import media_type_of
from geo_service.http.links import (
    CRS84,
    GEOJSON,
    HTML,
    JSON,
    OGC_REL,
    SCHEMA_JSON,
    STYLE_JSON,
    Link,
    document,
    make_link,
)
from geo_service.ogc import json_schemas, params
from layers.release.manifest import LayerEntry

router = APIRouter(tags=["layers"])


@router.get("/collections")
async def collections(view: params.View, f: params.JsonFormat = None) -> Response:
    """All layers of the release."""
    del f
    layers = view.release.layers.values()
    links = [make_link(f"{view.base}/collections", "self", JSON)]
    return document({"collections": [describe(view, layer) for layer in layers], "links": links})


@router.get("/collections/{collectionId}")
async def collection(
    view: params.View, collection_id: params.CollectionId, f: params.JsonFormat = None
) -> Response:
    """One layer: its extent, and links to its features, tiles, style and files."""
    del f
    return document(describe(view, view.release.layer(collection_id)))


def describe(view: params.ReleaseView, layer: LayerEntry) -> dict[str, object]:
    """A layer as a collection."""
    licence = {} if layer.licence is None else {"license": layer.licence}
    attribution = {} if layer.attribution is None else {"attribution": layer.attribution}
    return {
        "id": layer.id,
        "title": layer.title.id,
        "description": layer.description.id,
        **licence,
        **attribution,
        "extent": {"spatial": {"bbox": [list(layer.bbox_lonlat)], "crs": CRS84}},
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": CRS84,
        "links": [*_api_links(view, layer), *_map_links(view, layer), *_files(view, layer)],
    }


def _api_links(view: params.ReleaseView, layer: LayerEntry) -> list[Link]:
    address = f"{view.base}/collections/{layer.id}"
    links = [
        make_link(address, "self", JSON, layer.title.id),
        make_link(f"{view.base}/collections", "parent", JSON),
        make_link(f"{address}/items", "items", GEOJSON, layer.title.id),
        # GDAL up to 3.6 reads field types only from this relation, of a whole feature.
        make_link(f"{address}/schema/feature", "describedBy", SCHEMA_JSON, "Schema of a feature"),
        make_link(
            f"{address}/schema", f"{OGC_REL}/schema", SCHEMA_JSON, "Schema of the properties"
        ),
        make_link(f"{address}/queryables", f"{OGC_REL}/queryables", SCHEMA_JSON, "Queryables"),
    ]
    if layer.licence is not None and layer.licence.startswith("http"):
        links.append(make_link(layer.licence, "license", HTML))
    return links


def _map_links(view: params.ReleaseView, layer: LayerEntry) -> list[Link]:
    return [
        make_link(
            f"{view.base}/tiles/{layer.id}.json", "tilejson", JSON, "Vector tiles (TileJSON)"
        ),
        make_link(f"{view.base}/styles/{layer.id}.json", "stylesheet", STYLE_JSON, "Style"),
    ]


def _files(view: params.ReleaseView, layer: LayerEntry) -> list[Link]:
    paths = [
        *(f"downloads/{name}" for name in layer.downloads),
        f"layers/{layer.id}/data.parquet",
        f"layers/{layer.id}/tiles.pmtiles",
    ]
    entries = [view.release.file(path) for path in paths]
    return [
        make_link(
            f"{view.pinned_base}/files/{entry.path}",
            "enclosure",
            media_type_of(entry.path),
            entry.path.rsplit("/", 1)[-1],
            length=entry.size,
        )
        for entry in entries
    ]


@router.get("/collections/{collectionId}/schema")
async def schema(
    view: params.View, collection_id: params.CollectionId, f: params.JsonFormat = None
) -> Response:
    """The properties of the features (OGC API - Features, Part 5)."""
    del f
    layer = view.release.layer(collection_id)
    url = f"{view.base}/collections/{layer.id}/schema"
    return document(
        json_schemas.properties_schema(layer, url, view.release.manifest.inputs), SCHEMA_JSON
    )


@router.get("/collections/{collectionId}/schema/feature")
async def feature(
    view: params.View, collection_id: params.CollectionId, f: params.JsonFormat = None
) -> Response:
    """A whole GeoJSON feature, as older GDAL versions read it."""
    del f
    layer = view.release.layer(collection_id)
    url = f"{view.base}/collections/{layer.id}/schema/feature"
    return document(json_schemas.feature_schema(layer, url), SCHEMA_JSON)


@router.get("/collections/{collectionId}/queryables")
async def queryables(
    view: params.View, collection_id: params.CollectionId, f: params.JsonFormat = None
) -> Response:
    """What features can be selected by (OGC API - Features, Part 3)."""
    del f
    layer = view.release.layer(collection_id)
    url = f"{view.base}/collections/{layer.id}/queryables"
    return document(json_schemas.queryables_schema(layer, url), SCHEMA_JSON)
