"""TileJSON and style of a layer: where its vector tiles are and how they are painted."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from geo_service.http.link_types import STYLE_JSON, document
from geo_service.ogc.params import JsonFormat, ReleaseView, View
from layers.release import citation, class_styles, document_files, manifest_file

router = APIRouter(tags=["tiles"])

LayerPath = Annotated[str, Path(alias="layerId", description="Id of a layer.", examples=["desa"])]


@router.get("/tiles/{layerId}.json")
async def tilejson(view: View, layer_id: LayerPath, f: JsonFormat = None) -> Response:
    """TileJSON 3.0 of a layer; its tile URLs are pinned to the release."""
    del f
    return document(describe(view, view.release.layer(layer_id)))


@router.get("/styles/{layerId}.json")
async def style(view: View, layer_id: LayerPath, f: JsonFormat = None) -> Response:
    """MapLibre style (version 8) of a layer, with the tiles of exactly this release."""
    del f
    layer = view.release.layer(layer_id)
    path = view.release.path_of(class_styles.style_file(layer.id))
    published = class_styles.read_style_file(path)
    tiles = describe(view, layer)
    members = ("tiles", "minzoom", "maxzoom", "bounds", "attribution")
    source = {"type": "vector", **{name: tiles[name] for name in members if name in tiles}}
    sources = dict.fromkeys(published.sources, source)
    return document({**document_files.given_content(published), "sources": sources}, STYLE_JSON)


def describe(view: ReleaseView, layer: manifest_file.LayerEntry) -> dict[str, object]:
    """The TileJSON document.

    Source
    ------
    TileJSON 3.0.0.
    """
    tiled = set(layer.tile_fields)
    fields = {
        field.name: f"{field.title.id}{f' ({field.unit})' if field.unit else ''}"
        for field in layer.fields
        if field.name in tiled
    }
    zooms = {"minzoom": layer.min_zoom, "maxzoom": layer.max_zoom}
    west, south, east, north = layer.bbox_lonlat
    cited = layer.tile_attribution or layer.attribution
    attribution = {} if cited is None else {"attribution": cited}
    return {
        "tilejson": "3.0.0",
        "name": layer.title.id,
        "description": layer.description.id,
        "version": f"{view.release.manifest.schema_version}.0",
        **attribution,
        "scheme": "xyz",
        "tiles": [view.carried(f"{view.pinned_base}/tiles/{layer.id}/{{z}}/{{x}}/{{y}}.mvt")],
        **zooms,
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, layer.min_zoom],
        "vector_layers": [
            {"id": layer.id, "description": layer.title.id, **zooms, "fields": fields}
        ],
        "sources": {
            field.name: citation.describe_field_sources(field, view.release.manifest.inputs)
            for field in layer.fields
            if field.name in tiled
        },
    }
