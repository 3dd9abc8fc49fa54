"""What the manifest says about a layer and about the wilayah covered."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.columns import catalogue, model
from layers.publish import class_breaks, feature_order, tile_layers
from layers.release import citation, manifest_file
from layers.tables.spending.earmarks import earmark_fields
from layers.workspace.sections import LayerSection, WilayahSection, Workspace

NOWHERE: manifest_file.Bbox = (0.0, 0.0, 0.0, 0.0)
"""The extent of what has no geometry."""
PARENT_CODES = ("kode", "nama", "kode_kecamatan", "kode_kabupaten", "kode_provinsi")
_INPUTS_OF_LAYER = {
    "desa": ("boundaries", "tables"),
    "spending": ("boundaries", "spending"),
    "needs": (
        "boundaries",
        "tables",
        "facilities",
        "population",
        "spending",
        "programmes",
        "proposals",
    ),
    "synchronisation": (
        "boundaries",
        "tables",
        "facilities",
        "population",
        "spending",
        "programmes",
        "proposals",
    ),
}
MADE_FROM = {
    "gaps": ("facilities",),
    "isochrones": ("facilities",),
    "needs": ("desa", "spending", "gaps", "synchronisation"),
    "synchronisation": ("desa", "spending", "gaps", "needs"),
}
"""Layers that are made from others, beside those that sum them up (`FieldEntry.summary_of`)."""
PER_PERSON, PEOPLE_LAYER = "/jiwa", "desa"
"""The end of a unit of what is divided by people, and the layer that has these."""
_LEVELS = ("kecamatan", "kabupaten", "provinsi")
_PARENT = {"kecamatan": "kabupaten", "kabupaten": "provinsi"}


def describe_layer(
    data: model.LayerData,
    features: feature_order.LayerFeatures,
    inputs: tuple[manifest_file.InputEntry, ...],
    area: manifest_file.Bbox = NOWHERE,
) -> manifest_file.LayerEntry:
    """The layer's entry: headline, tile fields, extent, zooms, licence and attribution.

    The headline is the first of the definition's that has values in this release, else the first
    thematic field that has, else the first named.  A layer without a geometry has the extent of the
    ``area``, never of a point in the Atlantic.
    """
    definition = data.definition
    headline = choose_headline(definition.headline, features)
    extent = bbox_of(features.frame)
    tiled = choose_tile_fields(headline, data.tile_extra, features.fields)
    used = inputs_of_fields(features.fields, inputs) or inputs_of_layer(definition, inputs)
    in_tiles = [_of_year(entry, features) for entry in features.fields if entry.name in tiled]
    tile_inputs = inputs_of_fields(in_tiles, inputs) or used
    return manifest_file.LayerEntry(
        id=definition.id,
        level=definition.level,
        title=definition.title,
        description=definition.description,
        headline=headline,
        fields=features.fields,
        tile_fields=tiled,
        count=len(features.frame),
        bbox_lonlat=area if extent == NOWHERE else extent,
        min_zoom=tile_layers.MIN_ZOOM,
        max_zoom=tile_layers.MAX_ZOOM,
        licence=_joined(entry.licence for entry in used),
        attribution="; ".join(citation.cite(used)) or None,
        tile_attribution="; ".join(citation.cite(tile_inputs)) or None,
        suppliers=tuple(sorted({entry.supplier for entry in used if entry.supplier})),
        dated=tuple(sorted({entry.date for entry in used if entry.date})),
    )


def describe_content(path: Path, release: Path, wilayah: WilayahSection) -> dict[str, object]:
    """What a download says of the release that it belongs to.

    The id of a release is a hash over its files, so no file can hold it; it holds the hash of the
    features instead, which the manifest of exactly that release lists.
    """
    return {
        "wilayah": {"id": wilayah.id, "name": wilayah.name, "year": wilayah.year},
        "release": {
            "file": path.relative_to(release).as_posix(),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        },
    }


def guard_layers(
    layers: list[manifest_file.LayerEntry], declared: Mapping[str, LayerSection]
) -> list[manifest_file.LayerEntry]:
    """The layers, those marked that need a token: the declared ones and all made from them.

    A sum, a list of needs or a distance tells what it was made from: of a kecamatan with one desa
    the sum is the value of the desa, and the nearest facility has its name in every gap.  An amount
    and the same amount for each person tell how many people live in a desa.
    """
    guarded = {name for name, layer in declared.items() if layer.access == "token"}
    while True:
        more = {layer.id for layer in layers if _made_from(layer) & guarded} - guarded
        if not more:
            break
        guarded |= more
    marked = {"access": "token"}
    return [layer.model_copy(update=marked) if layer.id in guarded else layer for layer in layers]


def _made_from(layer: manifest_file.LayerEntry) -> set[str]:
    """The layers whose values a layer is made from."""
    summed = {entry.summary_of.partition(".")[0] for entry in layer.fields if entry.summary_of}
    listed = MADE_FROM.get(layer.id.partition("_")[0], ())
    divided = any(
        (entry.unit or "").endswith(PER_PERSON) and entry.status_counts.get("ok", 1)
        for entry in layer.fields
    )
    return summed | set(listed) | ({PEOPLE_LAYER} if divided else set())


def choose_headline(wished: tuple[str, ...], features: feature_order.LayerFeatures) -> str | None:
    """The field a layer is painted by at first."""
    by_name = {entry.name: entry for entry in features.fields}
    named = [name for name in wished if name in by_name]
    thematic = [entry.name for entry in features.fields if entry.thematic]
    with_values = [name for name in [*named, *thematic] if features.frame[name].notna().any()]
    candidates = with_values + named + thematic
    return candidates[0] if candidates else None


def choose_tile_fields(
    headline: str | None, extra: tuple[str, ...], fields: tuple[manifest_file.FieldEntry, ...]
) -> tuple[str, ...]:
    """Properties in the tiles: code, name, parents' codes, headline with status, and extras."""
    wished = [*PARENT_CODES]
    if headline is not None:
        wished += [headline, f"{headline}_status"]
    names = {entry.name for entry in fields}
    return tuple(name for name in dict.fromkeys([*wished, *extra]) if name in names)


def wishes_for(data: model.LayerData, workspace: Workspace) -> dict[str, class_breaks.ClassWish]:
    """Breaks and colours wished for each field: by the layer, the workspace, the catalogue."""
    wishes = {
        name: class_breaks.ClassWish(kind.breaks, kind.colours, kind.closed)
        for name, kind in catalogue.read_indicators().items()
    }
    for indicator in workspace.indicators:
        wishes[indicator.name] = class_breaks.ClassWish(
            indicator.breaks, indicator.colours, indicator.closed
        )
    for field in (*data.definition.fields, *earmark_fields(workspace.wilayah.year)):
        wishes[field.name] = class_breaks.ClassWish(field.breaks, field.colours, field.closed)
    return wishes


def inputs_of_fields(
    fields: Iterable[manifest_file.FieldEntry], inputs: tuple[manifest_file.InputEntry, ...]
) -> tuple[manifest_file.InputEntry, ...]:
    """The inputs from which any value of some fields was made; none where that is not known."""
    return citation.find_inputs({name for entry in fields for name in entry.inputs}, inputs)


def _of_year(
    entry: manifest_file.FieldEntry, features: feature_order.LayerFeatures
) -> manifest_file.FieldEntry:
    """A field with the inputs of the year that features and tiles hold, if it has years."""
    name = f"{entry.name.removesuffix('_status')}_tahun"
    if not entry.year_inputs or name not in features.frame:
        return entry
    years = features.frame[name].dropna()
    names = entry.year_inputs.get(int(years.max()), ()) if len(years) else ()
    return entry.model_copy(update={"inputs": names})


def inputs_of_layer(
    definition: catalogue.LayerDefinition, inputs: tuple[manifest_file.InputEntry, ...]
) -> tuple[manifest_file.InputEntry, ...]:
    """The inputs that a layer may rest on, where nothing says which made its values."""
    groups = definition.inputs or _INPUTS_OF_LAYER.get(definition.id, ("boundaries",))
    return tuple(entry for entry in inputs if entry.input.split(".")[0] in groups)


def bbox_of(frame: gpd.GeoDataFrame) -> manifest_file.Bbox:
    """West, south, east, north, widened to 7 decimals; all zero where nothing has a geometry."""
    shapes = np.asarray(frame.geometry.values, dtype=object)
    if shapely.is_missing(shapes).all() or shapely.is_empty(shapes).all():
        return NOWHERE
    bounds = shapely.total_bounds(shapes)
    west, south, east, north = (float(edge) for edge in bounds)
    return (_down(west), _down(south), -_down(-east), -_down(-north))


def list_wilayah(boundaries: gpd.GeoDataFrame) -> tuple[manifest_file.WilayahEntry, ...]:
    """Every kecamatan, kabupaten and provinsi, with extent and number of desa."""
    if "sebutan" not in boundaries:
        boundaries = boundaries.assign(sebutan=None)
    desa = boundaries[boundaries["level"] == "desa"]
    entries = []
    for level in _LEVELS:
        terms = count_terms(desa, level)
        rows = boundaries[boundaries["level"] == level].sort_values("kode")
        entries += [
            _wilayah_entry(level, rows.iloc[[number]], terms) for number in range(len(rows))
        ]
    return tuple(entries)


def count_terms(desa: pd.DataFrame, level: str) -> dict[str, dict[str, int]]:
    """How many desa of each wilayah are called what, by its kode; the most frequent first."""
    counted: dict[str, Counter[str]] = {}
    for kode, term in zip(desa[f"kode_{level}"], desa["sebutan"], strict=True):
        counted.setdefault(str(kode), Counter())["" if pd.isna(term) else str(term)] += 1
    return {
        kode: dict(sorted(terms.items(), key=lambda pair: (-pair[1], pair[0])))
        for kode, terms in counted.items()
    }


def _wilayah_entry(
    level: Any, row: gpd.GeoDataFrame, terms: Mapping[str, Mapping[str, int]]
) -> manifest_file.WilayahEntry:
    kode = str(row["kode"].iloc[0])
    parent, term, counts = _PARENT.get(level), row["sebutan"].iloc[0], terms.get(kode, {})
    return manifest_file.WilayahEntry(
        level=level,
        kode=kode,
        nama=str(row["nama"].iloc[0]),
        parent=None if parent is None else str(row[f"kode_{parent}"].iloc[0]),
        bbox_lonlat=bbox_of(row),
        desa=sum(counts.values()),
        sebutan=None if pd.isna(term) else str(term),
        sebutan_desa={term: count for term, count in counts.items() if term},
    )


def _down(degrees: float) -> float:
    return math.floor(round(degrees * 1e7, 4)) / 1e7


def _joined(texts: Any) -> str | None:
    distinct = sorted({text for text in texts if text})
    return "; ".join(distinct) or None
