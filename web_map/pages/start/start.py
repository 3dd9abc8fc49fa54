"""The start page: choose a place from the list, by name, or on a map of all kecamatan."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from fastapi import Request
from fastapi.responses import Response

from geo_service.errors import TokenNeededError, TokenScopeError
from geo_service.ogc.params import ReleaseView
from geo_service.releases.release import Release
from layers.release.manifest_file import FieldEntry, WilayahEntry
from web_map.drawing.classes import published_scheme
from web_map.drawing.legend import LegendEntry, make_legend
from web_map.pages.area import area_map
from web_map.pages.base import answers
from web_map.views import area_views, field_values, questions, readers, readings
from web_map.words import parts_text

# More than these in one list is no list any more: the page then lists provinsi.
MOST_KABUPATEN = 40


@dataclass(frozen=True, slots=True)
class ListedWilayah:
    """One wilayah of the list with those below it."""

    entry: WilayahEntry
    children: tuple[WilayahEntry, ...]


def start_page(request: Request, view: ReleaseView) -> Response:
    """The start page: choose a kecamatan on the map or from the list (see `landing`)."""
    query = request.query_params
    reader = readers.open_reader(view, query, ("f",)).about_all()
    return answers.answer_page(
        reader, "start/start.html", {"forced": "f" in query, **start_values(reader)}
    )


def start_values(reader: readers.Reader) -> dict[str, object]:
    """What ``start.html`` shows."""
    entries = list(readers.wilayah_by_kode(reader.release).values())
    kabupatens = _list_level(entries, readers.Level.KABUPATEN)
    is_large = len(kabupatens) > MOST_KABUPATEN
    picture, view = None, None
    if len(kabupatens) == 1:
        # Where the values of kecamatan are not for everybody, the list is.
        with suppress(TokenNeededError, TokenScopeError):
            view = _view_of(reader, kabupatens[0].entry.kode)
            picture = area_map.draw_map(view, to_children=True)
    country = None if picture else country_map(reader)
    return {
        "words_of": reader.words_of,
        "provinsi": _list_level(entries, readers.Level.PROVINSI) if is_large else (),
        "kabupatens": () if is_large else kabupatens,
        "picture": picture,
        "shown": view,
        "country": country,
        "country_legend": _legend(reader) if country else (),
    }


def _view_of(reader: readers.Reader, kode: str) -> area_views.View:
    """The map of a kabupaten as its page opens."""
    kabupaten = reader.about(readers.Level.KABUPATEN, kode)
    question = questions.read_question(kabupaten, {"lang": kabupaten.words.language})
    return area_views.make_view(kabupaten, question, readings.read_readings(kabupaten, question))


def _list_level(entries: list[WilayahEntry], level: readers.Level) -> tuple[ListedWilayah, ...]:
    """The wilayah of a level, each with its children, in the order of the manifest."""
    children: dict[str, list[WilayahEntry]] = {}
    for entry in entries:
        children.setdefault(entry.parent or "", []).append(entry)
    return tuple(
        ListedWilayah(entry, tuple(children.get(entry.kode, ())))
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


def country_map(reader: readers.Reader) -> dict[str, object] | None:
    """What the browser's map of all kecamatan needs; None where this reader has no such layer."""
    release, words, base = reader.release, reader.words, reader.base
    entry = _headline(release)
    tiles = area_map.tiles_address(reader, "kecamatan")
    if entry is None or entry.classes is None or not tiles:
        return None
    return {
        "tiles": tiles,
        "field": entry.name,
        "breaks": entry.classes.breaks,
        "closed": entry.classes.closed,
        "colours": entry.classes.colours,
        "bbox": release.layer("kecamatan").bbox_lonlat,
        "pages": f"{base}/kecamatan/",
        "query": "?lang=en" if words.language == "en" else "",
        "title": words.text(entry.title),
        "unit": words.unit(entry.unit),
        "unit_of_one": words.unit(entry.unit, "1"),
        "decimals": entry.decimals,
        "words": {
            key.partition(".")[2]: words.template(key) for key in (*_WORDS_OF_MAP, *_WORDS_HERE)
        },
    }


_WORDS_OF_MAP = tuple(
    f"map.{word}"
    for word in (
        *("load", "loading", "timeout", "tiles", "script"),
        *("retry", "home", "zoomin", "zoomout", "canvas", "wheel", "fingers"),
    )
)
# No drawing stands in for this map: a list does.
_WORDS_HERE = ("country.fallback", "country.failed", "country.lost")


def _legend(reader: readers.Reader) -> tuple[LegendEntry, ...]:
    """The classes of the map of all kecamatan, with how many are in each."""
    release, words = reader.release, reader.words
    entry = _headline(release)
    if entry is None or entry.classes is None:
        return ()
    labels = entry.classes.labels
    names = tuple(words.text(label) for label in labels) if labels else None
    scheme = published_scheme(entry.classes, names)
    values = field_values.read_values(release, "kecamatan", entry.name, None)
    classes = scheme.classify(np.asarray(values.values)).tolist()
    parts = sum(bool(parts_text(values.shown_coverage(row), words)) for row in range(len(classes)))
    return make_legend(entry, scheme, classes, values.statuses, words, parts=parts)
