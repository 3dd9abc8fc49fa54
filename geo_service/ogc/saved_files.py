"""Files of a layer under addresses that stay: of all of it, or of one wilayah.

``/unduh/desa.gpkg`` leads to the file of the release that is current now; a link in a letter or a
script goes on working, and what it leads to never changes.
"""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

import numpy as np
from fastapi import APIRouter, Path, Response

from geo_service import errors
from geo_service.http import files
from geo_service.ogc import encodings, geopackage_part, params
from layers.release import array_kinds, manifest_file
from layers.release.features import Box, FeatureIndex

router = APIRouter(tags=["files"])

_OF_ITEMS: Mapping[str, str] = {
    encodings.file_name("", form).removeprefix("."): form for form in encodings.FORMATS
}
"""Endings of what is written when it is asked for, and the form of each."""
_GPKG = "gpkg"
FileName = Annotated[
    str, Path(alias="fileName", description="Layer and ending.", examples=["desa.gpkg"])
]
Kode = Annotated[
    str,
    Path(description="Code of a kecamatan, kabupaten or provinsi.", examples=["53.06.13"]),
]


@router.get("/unduh/{fileName}")
async def whole_file(view: params.View, file_name: FileName) -> Response:
    """Lead to a file with all features of a layer, as the release has it now."""
    layer, ending = _split(view, file_name)
    for path in _released_paths(layer, ending):
        if path in view.release.integrity.entries:
            return _lead_to(view, f"files/{path}")
    if ending in _OF_ITEMS:
        return _lead_to(view, _items(layer, ending))
    raise _no_file(layer, file_name)


@router.get("/unduh/{kode}/{fileName}")
async def part_file(view: params.View, kode: Kode, file_name: FileName) -> Response:
    """A file with the features of one wilayah; the address of a release has a GeoPackage itself."""
    layer, ending = _split(view, file_name)
    column = _column_of(view, layer, kode)
    if ending in _OF_ITEMS:
        return _lead_to(view, _items(layer, ending, {column: kode}))
    if ending != _GPKG:
        raise _no_file(layer, file_name)
    if not view.is_pinned:
        return _lead_to(view, f"unduh/{kode}/{file_name}")
    features = view.release.features(layer.id)
    rows = features.select(equals={column: kode})
    body = geopackage_part.cut_geopackage(
        view.release.path_of(f"downloads/{layer.id}.{_GPKG}"),
        layer.id,
        features.fid[rows].tolist(),
        _bounds(features, rows),
        {"release_id": view.release.id, "part": kode},
    )
    headers = {"Content-Disposition": f'attachment; filename="{layer.id}-{kode}.{_GPKG}"'}
    return Response(body, media_type=files.media_type_of(file_name), headers=headers)


def _split(view: params.ReleaseView, file_name: str) -> tuple[manifest_file.LayerEntry, str]:
    name, _, ending = file_name.partition(".")
    return view.release.layer(name), ending


def _released_paths(layer: manifest_file.LayerEntry, ending: str) -> tuple[str, ...]:
    folder = f"layers/{layer.id}"
    own = {
        "parquet": f"{folder}/data.parquet",
        "pmtiles": f"{folder}/tiles.pmtiles",
        "geojsonl": f"{folder}/features.geojsonl",
    }
    return (own.get(ending, f"downloads/{layer.id}.{ending}"),)


def _items(
    layer: manifest_file.LayerEntry, ending: str, chosen: Mapping[str, str] | None = None
) -> str:
    return f"collections/{layer.id}/items?{urlencode({'f': _OF_ITEMS[ending], **(chosen or {})})}"


def _lead_to(view: params.ReleaseView, path: str) -> Response:
    return Response(
        status_code=307, headers={"Location": view.carried(f"{view.pinned_base}/{path}")}
    )


def _column_of(view: params.ReleaseView, layer: manifest_file.LayerEntry, kode: str) -> str:
    """The property by which the features of a wilayah are chosen."""
    wilayah = next((entry for entry in view.release.manifest.wilayah if entry.kode == kode), None)
    if wilayah is None:
        raise errors.UnknownWilayahError(f"This release has no kecamatan or kabupaten {kode!r}.")
    column = "kode" if wilayah.level == layer.level else f"kode_{wilayah.level}"
    if column not in {field.name for field in layer.fields}:
        raise errors.UnknownFileError(
            f"Features of layer {layer.id!r} do not say in which {wilayah.level} they lie."
        )
    return column


def _bounds(features: FeatureIndex, rows: array_kinds.Rows) -> Box | None:
    boxes = [box for row in rows.tolist() if (box := features.bbox(row)) is not None]
    if not boxes:
        return None
    array = np.array(boxes)
    (west, south), (east, north) = array[:, :2].min(0).tolist(), array[:, 2:].max(0).tolist()
    return west, south, east, north


def endings_of(layer: manifest_file.LayerEntry) -> list[str]:
    """The endings of all files that there are of a whole layer, sorted."""
    released = [name.partition(".")[2] for name in layer.downloads]
    return sorted({*released, "parquet", "pmtiles", *_OF_ITEMS})


def _no_file(layer: manifest_file.LayerEntry, file_name: str) -> errors.UnknownFileError:
    endings = ", ".join(endings_of(layer))
    return errors.UnknownFileError(f"No file {file_name!r}. Layer {layer.id!r} has {endings}.")
