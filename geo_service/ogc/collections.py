"""The layers as collections of OGC API - Features."""

from fastapi import APIRouter, Request, Response

from geo_service.http import files, link_types
from geo_service.ogc import json_schemas, params, row_order, saved_files
from geo_service.ogc.filtering import crs
from layers.release.manifest_file import FileEntry, LayerEntry

router = APIRouter(tags=["layers"])


@router.get("/collections")
async def collections(request: Request, view: params.View, f: params.JsonFormat = None) -> Response:
    """All layers of the release."""
    del f
    layers = view.release.layers.values()
    links = [link_types.make_link(f"{view.base}/collections", "self", link_types.JSON)]
    return link_types.document(
        {
            "collections": [
                *(describe(view, layer) for layer in layers),
                *request.app.state.describe_live(view),
            ],
            "links": links,
        }
    )


@router.get("/collections/{collectionId}")
async def collection(
    view: params.View, collection_id: params.CollectionId, f: params.JsonFormat = None
) -> Response:
    """One layer: its extent, and links to its features, tiles, style and files."""
    del f
    return link_types.document(describe(view, view.release.layer(collection_id)))


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
        "extent": {"spatial": {"bbox": [list(layer.bbox_lonlat)], "crs": link_types.CRS84}},
        "itemType": "feature",
        "crs": list(crs.SERVED),
        "storageCrs": link_types.CRS84,
        "links": [*_api_links(view, layer), *_map_links(view, layer), *_files(view, layer)],
    }


def _api_links(view: params.ReleaseView, layer: LayerEntry) -> list[link_types.Link]:
    address = f"{view.base}/collections/{layer.id}"
    links = [
        link_types.make_link(address, "self", link_types.JSON, layer.title.id),
        link_types.make_link(f"{view.base}/collections", "parent", link_types.JSON),
        link_types.make_link(f"{address}/items", "items", link_types.GEOJSON, layer.title.id),
        # GDAL up to 3.6 reads field types only from this relation, of a whole feature.
        link_types.make_link(
            f"{address}/schema/feature",
            "describedBy",
            link_types.SCHEMA_JSON,
            "Schema of a feature",
        ),
        link_types.make_link(
            f"{address}/schema",
            f"{link_types.OGC_REL}/schema",
            link_types.SCHEMA_JSON,
            "Schema of the properties",
        ),
        link_types.make_link(
            f"{address}/queryables",
            f"{link_types.OGC_REL}/queryables",
            link_types.SCHEMA_JSON,
            "Queryables",
        ),
    ]
    if layer.licence is not None and layer.licence.startswith("http"):
        links.append(link_types.make_link(layer.licence, "license", link_types.HTML))
    return links


def _map_links(view: params.ReleaseView, layer: LayerEntry) -> list[link_types.Link]:
    return [
        link_types.make_link(
            f"{view.base}/tiles/{layer.id}.json",
            "tilejson",
            link_types.JSON,
            "Vector tiles (TileJSON)",
        ),
        link_types.make_link(
            f"{view.base}/styles/{layer.id}.json", "stylesheet", link_types.STYLE_JSON, "Style"
        ),
    ]


def _files(view: params.ReleaseView, layer: LayerEntry) -> list[link_types.Link]:
    paths = [
        *(f"downloads/{name}" for name in layer.downloads),
        f"layers/{layer.id}/data.parquet",
        f"layers/{layer.id}/tiles.pmtiles",
    ]
    entries = [view.release.file(path) for path in paths]
    return [
        *_lasting(view, layer),
        *_enclosures(view, entries),
    ]


def _lasting(view: params.ReleaseView, layer: LayerEntry) -> list[link_types.Link]:
    """Addresses that stay; they lead to the files of the release that is current then."""
    names = [f"{layer.id}.{ending}" for ending in saved_files.endings_of(layer)]
    return [
        link_types.make_link(
            f"{view.root}/unduh/{name}", "latest-version", files.media_type_of(name), name
        )
        for name in names
    ]


def _enclosures(view: params.ReleaseView, entries: list[FileEntry]) -> list[link_types.Link]:
    return [
        link_types.make_link(
            f"{view.pinned_base}/files/{entry.path}",
            "enclosure",
            files.media_type_of(entry.path),
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
    return link_types.document(
        json_schemas.properties_schema(
            layer,
            url,
            view.release.manifest.inputs,
            row_order.empty_columns_of(view.release, layer.id),
        ),
        link_types.SCHEMA_JSON,
    )


@router.get("/collections/{collectionId}/schema/feature")
async def feature(
    view: params.View, collection_id: params.CollectionId, f: params.JsonFormat = None
) -> Response:
    """A whole GeoJSON feature, as older GDAL versions read it."""
    del f
    layer = view.release.layer(collection_id)
    url = f"{view.base}/collections/{layer.id}/schema/feature"
    return link_types.document(json_schemas.feature_schema(layer, url), link_types.SCHEMA_JSON)


@router.get("/collections/{collectionId}/queryables")
async def queryables(
    view: params.View, collection_id: params.CollectionId, f: params.JsonFormat = None
) -> Response:
    """What features can be selected by (OGC API - Features, Part 3)."""
    del f
    layer = view.release.layer(collection_id)
    url = f"{view.base}/collections/{layer.id}/queryables"
    return link_types.document(json_schemas.queryables_schema(layer, url), link_types.SCHEMA_JSON)
