"""Which fields and kinds of facilities a release has, and the field that a request means."""

from collections.abc import Mapping

import numpy as np

from geo_service.errors import MalformedParameterError, UnknownWilayahError
from geo_service.releases.release import Release, once_per_release
from layers.release.feature_index import RowSpan
from layers.release.manifest_file import FieldEntry, LayerEntry
from layers.release.term_words import KELURAHAN
from web_map.views.readers import Level
from web_map.words import Words

LayerField = tuple[LayerEntry, FieldEntry]
Themes = tuple[tuple[LayerEntry, tuple[FieldEntry, ...]], ...]
FACILITIES = "facilities"
"""The layer of facilities."""
NO_FACILITIES = "none"
_NUMERIC = ("integer", "number")


@once_per_release
def fields_by_name(release: Release, layer: str) -> Mapping[str, FieldEntry]:
    """The fields of a layer; none where the release has no such layer."""
    if layer not in release.layers:
        return {}
    return {entry.name: entry for entry in release.layer(layer).fields}


@once_per_release
def facility_kinds(release: Release) -> tuple[str, ...]:
    """The kinds of facilities in the release, in the order of the alphabet."""
    if FACILITIES not in release.layers:
        return ()
    return tuple(sorted(release.features(FACILITIES).property_column("kind").values))


def norm_of(release: Release, kind: str, unit: str = "m") -> float | None:
    """Metres or minutes within which a kind counts as reached; None where no norm is known."""
    if "gaps" not in release.layers:
        return None
    for entry in release.layer("gaps").fields:
        if entry.group == kind and entry.norm is not None and entry.unit == unit:
            return entry.norm
    return None


@once_per_release
def thematic_layers(release: Release, level: str) -> Themes:
    """Layers of a level with the fields a map can show, in the order of the manifest."""
    themes = []
    for layer in release.manifest.layers:
        fields = tuple(entry for entry in layer.fields if entry.thematic and entry.type in _NUMERIC)
        if layer.level == level and fields:
            themes.append((layer, fields))
    return tuple(themes)


def choose_field(release: Release, kode: str, level: str, query: Mapping[str, str]) -> LayerField:
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
    TokenNeededError, TokenScopeError
        There is, but not for this reader.
    """
    themes = thematic_layers(release, level)
    if not themes:
        refuse_closed(release, level)
        raise UnknownWilayahError(f"This release has no values for the level {level}.")
    name, _, field = query.get("layer", "").partition(".")
    field = field or query.get("field", "")
    if not name and field:
        name = next((layer.id for layer, fields in themes if _find(fields, field)), "")
    if not name or not field:
        return _first_field(release, kode, level, _check_layer(release, themes, name))
    for layer, fields in themes:
        if layer.id == name:
            entry = _find(fields, field)
            if entry is None:
                raise MalformedParameterError(f"field: layer {name!r} has no values {field!r}.")
            return layer, entry
    raise _no_layer(release, themes, name)


def refuse_closed(release: Release, layer: str) -> None:
    """Refuse a layer that somebody names, where it is there but not for this reader.

    Raises
    ------
    TokenNeededError, TokenScopeError
        The message says how to show a token.
    """
    if release.is_closed(layer):
        release.layer(layer)


def find_published(release: Release, level: str, name: str) -> LayerField:
    """The field ``<layer>.<field>`` of a level, whether a map can show it or not.

    Raises
    ------
    MalformedParameterError
        There is no such layer or field.
    TokenNeededError, TokenScopeError
        There is, but not for this reader.
    """
    layer_id, _, field = name.partition(".")
    layers = [layer for layer in release.manifest.layers if layer.level == level]
    layer = next((layer for layer in layers if layer.id == layer_id), None)
    if layer is None:
        refuse_closed(release, layer_id)
        expected = ", ".join(layer.id for layer in layers)
        raise MalformedParameterError(f"layer: expected one of {expected}, got {layer_id!r}.")
    entry = _find(layer.fields, field)
    if entry is None:
        raise MalformedParameterError(f"field: layer {layer_id!r} has no values {field!r}.")
    return layer, entry


def field_behind(release: Release, layer: LayerEntry, entry: FieldEntry) -> LayerField:
    """The field with which a field shares where it comes from; most often itself.

    Status and year of a value, and the counts of what it rests on, come from where the value does;
    name, code and area that are repeated beside other values come from the layer of the level.
    """
    if entry.thematic:
        return layer, entry
    entries = fields_by_name(release, layer.id)
    for ending in ("_status", "_tahun"):
        measured = entries.get(entry.name.removesuffix(ending))
        if entry.name.endswith(ending) and measured is not None:
            return layer, measured
    for aggregate in layer.fields:
        if any(entry.name in (part.known, part.total) for part in aggregate.coverage):
            return layer, aggregate
    of_level = fields_by_name(release, layer.level).get(entry.name)
    if not entry.inputs and of_level is not None:
        return release.layer(layer.level), of_level
    return layer, entry


@once_per_release
def words_of_field(release: Release, words: Words, layer: str, field: str) -> Words:
    """The words in which to say of how many desa a value is: without "kelurahan" where none is.

    A field that applies to all desa and to no kelurahan, as an index of desa does, is of none.
    """
    entry = fields_by_name(release, layer).get(field)
    of_layer, _, name = ((entry and entry.summary_of) or f"{layer}.{field}").partition(".")
    measured = fields_by_name(release, of_layer).get(name)
    without = 0 if measured is None else measured.status_counts.get("not_applicable", 0)
    is_of_villages = without > 0 and without == _count_kelurahan(release)
    return words.of_villages if is_of_villages else words


@once_per_release
def _count_kelurahan(release: Release) -> int:
    if Level.DESA not in release.layers or not release.features(Level.DESA).has_property("jenis"):
        return 0
    return release.features(Level.DESA).property_column("jenis").texts().count(KELURAHAN)


def _check_layer(release: Release, themes: Themes, name: str) -> str:
    if name and all(layer.id != name for layer, _ in themes):
        raise _no_layer(release, themes, name)
    return name


def _no_layer(release: Release, themes: Themes, name: str) -> MalformedParameterError:
    refuse_closed(release, name)
    expected = ", ".join(layer.id for layer, _ in themes)
    return MalformedParameterError(f"layer: expected one of {expected}, got {name!r}.")


@once_per_release
def _first_field(release: Release, kode: str, level: str, layer: str) -> LayerField:
    """The first field of a layer, or of all, that has values in a wilayah, else the first.

    Of all layers gaps come first, then fields with a worse end, headlines before others.
    """

    def place(pair: LayerField) -> tuple[bool, bool]:
        return pair[0].id != "gaps", pair[1].worse is None

    themes = thematic_layers(release, level)
    pairs = [pair for theme in themes for pair in _in_order(*theme) if layer in ("", theme[0].id)]
    if not layer:
        pairs.sort(key=place)
    return next((pair for pair in pairs if _has_values(release, kode, *pair)), pairs[0])


def _in_order(layer: LayerEntry, fields: tuple[FieldEntry, ...]) -> list[LayerField]:
    """The fields of a layer, its headline first."""
    headline = _find(fields, layer.headline or "")
    return [(layer, entry) for entry in sorted(fields, key=lambda entry: entry != headline)]


def _has_values(release: Release, kode: str, layer: LayerEntry, entry: FieldEntry) -> bool:
    features = release.features(layer.id)
    parent = Level(layer.level).parent
    rows = features.select(equals={f"kode_{parent}": kode})
    cells = features.property_column(entry.name).cells
    return bool((~np.isnan(cells.some(RowSpan.of(rows)))).any())


def _find(fields: tuple[FieldEntry, ...], name: str) -> FieldEntry | None:
    return next((entry for entry in fields if entry.name == name), None)
