"""Which values a page shows: the fields there are for a level, and the one that a request means."""

from collections.abc import Mapping

import numpy as np

from geo_service.errors import MalformedParameterError, UnknownWilayahError
from geo_service.releases.memo import once_per_release
from geo_service.releases.release import Release
from layers.release.manifest import FieldEntry, LayerEntry

Themes = tuple[tuple[LayerEntry, tuple[FieldEntry, ...]], ...]
Pairs = list[tuple[LayerEntry, FieldEntry]]
_NUMERIC = ("integer", "number")
_PARENT = {"desa": "kecamatan", "kecamatan": "kabupaten", "kabupaten": "provinsi"}


@once_per_release
def thematic_layers(release: Release, level: str) -> Themes:
    """Layers of a level with the fields a map can show, in the order of the manifest."""
    found = []
    for layer in release.manifest.layers:
        fields = tuple(entry for entry in layer.fields if entry.thematic and entry.type in _NUMERIC)
        if layer.level == level and fields:
            found.append((layer, fields))
    return tuple(found)


def choose_field(
    release: Release, kode: str, level: str, query: Mapping[str, str]
) -> tuple[LayerEntry, FieldEntry]:
    """The field that a request names, else the first of those a planner looks for.

    A field that nobody named is one with values in the wilayah shown, where there is any: a map
    without a single value answers nothing.

    Parameters
    ----------
    kode
        The wilayah that is shown.
    level
        Level of its children.
    query
        ``layer`` is ``<layer>.<field>``, or ``<layer>`` with or without ``field``.

    Raises
    ------
    MalformedParameterError
        There is no such layer or field.
    UnknownWilayahError
        The release holds no values for the level.
    """
    layers = thematic_layers(release, level)
    if not layers:
        raise UnknownWilayahError(f"This release has no values for the level {level}.")
    wanted, _, field = query.get("layer", "").partition(".")
    field = field or query.get("field", "")
    if not wanted and field:
        wanted = next((layer.id for layer, fields in layers if _named(fields, field)), "")

    if not wanted:
        return _first_with_values(release, kode, _by_need(release, level))
    for layer, fields in layers:
        if layer.id != wanted:
            continue
        if not field:
            return _first_with_values(release, kode, _in_order(layer, fields))
        entry = _named(fields, field)
        if entry is None:
            raise MalformedParameterError(f"field: layer {wanted!r} has no values {field!r}.")
        return layer, entry
    known = ", ".join(layer.id for layer, _ in layers)
    raise MalformedParameterError(f"layer: expected one of {known}, got {wanted!r}.")


@once_per_release
def _by_need(release: Release, level: str) -> Pairs:
    """The fields of a level: gaps first, then fields with a worse end, headlines before others."""

    def place(pair: tuple[LayerEntry, FieldEntry]) -> tuple[bool, bool]:
        return pair[0].id != "gaps", pair[1].worse is None

    return sorted(
        (
            pair
            for layer, fields in thematic_layers(release, level)
            for pair in _in_order(layer, fields)
        ),
        key=place,
    )


def _in_order(layer: LayerEntry, fields: tuple[FieldEntry, ...]) -> Pairs:
    """The fields of a layer, its headline first."""
    headline = _named(fields, layer.headline or "")
    return [(layer, entry) for entry in sorted(fields, key=lambda entry: entry != headline)]


def _first_with_values(release: Release, kode: str, pairs: Pairs) -> tuple[LayerEntry, FieldEntry]:
    return next((pair for pair in pairs if _has_values(release, kode, *pair)), pairs[0])


def _has_values(release: Release, kode: str, layer: LayerEntry, entry: FieldEntry) -> bool:
    features = release.features(layer.id)
    rows = features.select(equals={f"kode_{_PARENT[layer.level]}": kode})
    return bool((~np.isnan(features.property_column(entry.name).data[rows])).any())


def _named(fields: tuple[FieldEntry, ...], name: str) -> FieldEntry | None:
    return next((entry for entry in fields if entry.name == name), None)
