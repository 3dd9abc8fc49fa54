"""The start page: choose a place from the list, by name, or on a map of all kecamatan."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from geo_service.releases.release import Release
from layers.release.manifest import FieldEntry, WilayahEntry
from web_map.drawing.classes import published_scheme
from web_map.drawing.legend import LegendEntry, make_legend
from web_map.pages.area import draw_map
from web_map.views.question import named, read_question
from web_map.views.terms import with_terms
from web_map.views.values import coverage_text, read_values
from web_map.views.view import make_view
from web_map.words import Words

# More than these in one list is no list any more: the page then lists provinsi.
MOST_KABUPATEN = 40


@dataclass(frozen=True, slots=True)
class Group:
    """One wilayah with those below it."""

    entry: WilayahEntry
    children: tuple[WilayahEntry, ...]


def start_values(release: Release, words: Words, base: str) -> dict[str, Any]:
    """What ``start.html`` shows."""
    entries = [named(entry) for entry in release.manifest.wilayah]
    kabupatens = _groups(entries, "kabupaten")
    is_large = len(kabupatens) > MOST_KABUPATEN
    picture, shown = None, None
    if len(kabupatens) == 1:
        kode = kabupatens[0].entry.kode
        question = read_question(release, kode, "kecamatan", {"lang": words.language})
        shown = make_view(release, question, "kabupaten")
        picture = draw_map(shown, base, to_children=True)
    country = None if picture else country_map(release, words, base)
    return {
        "words_of": partial(with_terms, words, release),
        "provinsi": _groups(entries, "provinsi") if is_large else (),
        "kabupatens": () if is_large else kabupatens,
        "picture": picture,
        "shown": shown,
        "country": country,
        "country_legend": _legend(release, words) if country else (),
    }


def _groups(entries: list[WilayahEntry], level: str) -> tuple[Group, ...]:
    """The wilayah of a level, each with its children, in the order of the manifest."""
    children: dict[str, list[WilayahEntry]] = {}
    for entry in entries:
        children.setdefault(entry.parent or "", []).append(entry)
    return tuple(
        Group(entry, tuple(children.get(entry.kode, ())))
        for entry in entries
        if entry.level == level
    )


def _headline(release: Release) -> FieldEntry | None:
    """The field that the tiles of kecamatan carry, where it has published classes."""
    if "kecamatan" not in release.layers:
        return None
    layer = release.layer("kecamatan")
    entry = next((field for field in layer.fields if field.name == layer.headline), None)
    return entry if entry is not None and entry.classes is not None else None


def country_map(release: Release, words: Words, base: str) -> dict[str, Any] | None:
    """What the browser's map of all kecamatan needs; None where there is no such layer."""
    entry = _headline(release)
    if entry is None or entry.classes is None:
        return None
    files = f"{base}/releases/{release.id}/files/layers/kecamatan"
    return {
        "tiles": f"{files}/tiles.pmtiles",
        "field": entry.name,
        "breaks": entry.classes.breaks,
        "closed": entry.classes.closed,
        "colours": entry.classes.colours,
        "bbox": release.layer("kecamatan").bbox_lonlat,
        "pages": f"{base}/kecamatan/",
        "query": "?lang=en" if words.language == "en" else "",
        "title": words.text(entry.title),
        "unit": words.unit(entry.unit),
        "decimals": entry.decimals,
        "words": {key: words.template(f"map.{key}") for key in _WORDS},
    }


_WORDS = (
    "load",
    "loading",
    "fallback",
    "failed",
    "lost",
    "graphics",
    "timeout",
    "tiles",
    "script",
    "retry",
    "home",
    "zoomin",
    "zoomout",
    "canvas",
    "wheel",
    "fingers",
)


def _legend(release: Release, words: Words) -> tuple[LegendEntry, ...]:
    """The classes of the map of all kecamatan, with how many are in each."""
    entry = _headline(release)
    if entry is None or entry.classes is None:
        return ()
    labels = entry.classes.labels
    names = tuple(words.text(label) for label in labels) if labels else None
    scheme = published_scheme(entry.classes, names)
    found = read_values(release, "kecamatan", entry.name, None)
    classes = scheme.classify(np.asarray(found.values)).tolist()
    parts = sum(bool(coverage_text(found, row, words)) for row in range(len(found.values)))
    return make_legend(entry, scheme, classes, found.statuses, words, parts=parts)
