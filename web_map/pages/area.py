"""The page of a wilayah with children: what its template and the browser's map are given."""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

import numpy as np
from markupsafe import Markup

from geo_service.http.basemap import Basemap
from geo_service.releases.memo import once_per_release
from geo_service.releases.release import Release
from layers.release.manifest import WilayahEntry
from web_map.drawing.choropleth import (
    Shape,
    draw_choropleth,
    draw_facilities,
    place_labels,
    shapes_by_kode,
)
from web_map.drawing.isochrone_lines import draw_isochrones
from web_map.pages.browser_data import browser_data
from web_map.pages.page_templates import environment
from web_map.views.display import RADIUS, TRAVEL_TIME
from web_map.views.facilities import facility_kinds
from web_map.views.field import thematic_layers
from web_map.views.isochrone_view import has_isochrones
from web_map.views.question import named
from web_map.views.spread import make_spread
from web_map.views.values import has_field, is_state, read_values, rows_of
from web_map.views.view import Middle, View
from web_map.words import Words


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure: what it is, its value, and what to know about it."""

    label: str
    value: str
    note: str = ""


FieldThemes = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Titles of themes, each with the fields of it: what an address says, and their title."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a chooser."""

    value: str
    title: str
    is_chosen: bool


def area_values(
    release: Release, view: View, base: str, basemap: Basemap | None = None, over: str = ""
) -> dict[str, Any]:
    """What ``area.html`` shows; ``over`` is drawn on top of its drawing."""
    return {
        "view": view,
        "figures": key_figures(release, view),
        "options": layer_options(release, view),
        "picture": draw_map(view, base, over=over),
        "island": browser_data(view, base, basemap),
        "scale": make_spread(view),
        "elsewhere": places_with_values(release, view),
        "places_title": places_title(view),
        "kinds": facility_kinds(release, view.words),
        "rings": ring_choices(release, view),
    }


def ring_choices(release: Release, view: View) -> tuple[Choice, ...]:
    """What can be drawn about the facilities shown; travel time only where it is known here."""
    chosen, kind = view.question.display.rings, view.facilities.kind if view.facilities else ""
    known = [("", "iso.none"), (RADIUS, "iso.radius")]
    if chosen == TRAVEL_TIME or has_isochrones(release, kind, view.wilayah.kode):
        known.append((TRAVEL_TIME, "iso.time"))
    return tuple(Choice(value, view.words.say(key), value == chosen) for value, key in known)


MOST_ELSEWHERE = 5


def places_with_values(release: Release, view: View) -> tuple[WilayahEntry, ...]:
    """Where the shown field has values, in the order of their codes, when it has none here."""
    if view.total:
        return ()
    values = read_values(release, view.layer.id, view.entry.name, view.question.tahun).values
    column = release.features(view.layer.id).property_column(f"kode_{view.wilayah.level}")
    codes = {str(column.value(int(row))) for row in np.flatnonzero(~np.isnan(values))}
    places = (named(entry) for entry in release.manifest.wilayah if entry.kode in codes)
    return tuple(islice(places, MOST_ELSEWHERE))


def draw_map(view: View, base: str, *, to_children: bool = False, over: str = "") -> str | None:
    """The inline SVG map; None where the release holds no outline.

    Its children lead to the page with them selected, or to their own pages.  ``over`` is SVG that
    is drawn on top.
    """
    if view.outline is None:
        return None
    words, wilayah = view.words, view.wilayah
    label = words.say("map.label", title=view.title, nama=wilayah.nama)
    path = f"{base}/{wilayah.level}/{wilayah.kode}?"
    language = "" if words.language == "id" else f"?lang={words.language}"
    shapes = [
        Shape(
            kode=row.kode,
            nama=row.nama,
            fill=row.fill,
            title=f"{row.nama}: {row.tip}",
            href=(
                f"{base}/{view.child_level}/{row.kode}{language}"
                if to_children
                else path + row.link
            ),
            is_selected=row.kode == view.question.selected,
            is_part=bool(row.coverage),
        )
        for row in view.rows
    ]
    display = view.question.display
    return draw_choropleth(
        view.outline,
        shapes_by_kode(shapes),
        label=label,
        labels=display.labels,
        opacity=display.opacity / 100,
        marks=_draw_marks(view) + over,
    )


def _draw_marks(view: View) -> str:
    """Lines of travel time, and facilities with their rings, for the drawing of a view."""
    assert view.outline is not None
    found = view.isochrones
    names = place_labels(view.outline) if found and view.question.display.labels else []
    boxes = [box for _, box in names]
    lines = draw_isochrones(found.lines, found.unreached, names=boxes) if found else ""
    return lines + draw_facilities(view.outline, view.places, view.ring_m)


def places_title(view: View) -> str:
    """What the dots on the map are, and what their rings say; empty without dots."""
    words, found = view.words, view.facilities
    if found is None:
        return ""
    title = words.say("map.places", kind=found.title)
    if not found.points:
        return words.say("map.places_many", kind=found.title, n=words.number(found.total))
    if view.ring_m is None:
        return title
    return f"{title}; {words.say('map.ring', norm=words.value(view.ring_m, 'm', 0))}"


def key_figures(release: Release, view: View) -> tuple[Figure, ...]:
    """How many children, which is worst, the middle value, people, and how many have no value."""
    words, rows = view.words, view.rows
    figures = [
        Figure(
            words.say("figure.children") + " " + words.say(f"level.{view.child_level}"),
            words.number(len(rows)),
            _kinds(view),
        )
    ]
    worst = _worst(view)
    if worst is not None:
        figures.append(worst)
    if view.median is not None:
        figures.append(_median(view, view.median))
    elif view.hidden and not is_state(view.entry):
        figures.append(_not_computed(view, "figure.median"))
    people = _people(release, view)
    if people is not None:
        figures.append(people)
    missing = Counter(row.status for row in rows if row.value is None)
    # A hidden value is known: it is told beside, and is not counted as missing.
    total = sum(missing.values()) - view.hidden
    kinds = ", ".join(
        f"{count} {words.say(f'status.{status}')}" for status, count in missing.items()
    )
    figures.append(
        Figure(
            words.say("figure.missing"),
            words.number(total),
            kinds or words.say("figure.missing_none"),
        )
    )
    return tuple(figures)


def _worst(view: View) -> Figure | None:
    """Who is worst (or highest), where there is an order; that all are equal, where there is none.

    Of a single value nobody can say that it is the worst.
    """
    words, known = view.words, [row for row in view.rows if row.value is not None]
    first = [row for row in known if row.rank == 1]
    key = "figure.worst" if view.entry.worse else "figure.highest"
    if view.hidden and not first:
        return _not_computed(view, key)
    if view.total < 2:
        return None
    label = words.say(key)
    if len(first) == view.total:
        return Figure(label, words.say("figure.all_same"), first[0].text)
    note = first[0].text
    if len(first) > 1:
        note += " " + words.say("figure.tied", n=len(first) - 1)
    return Figure(label, first[0].nama, note)


def _not_computed(view: View, key: str) -> Figure:
    """A figure that hidden values decide, and that is therefore not told."""
    words = view.words
    note = words.say("figure.hidden", n=words.number(view.hidden))
    return Figure(words.say(key), "\N{EN DASH}", note)


def _median(view: View, median: Middle) -> Figure:
    """The middle value, of how many where not of all, and that of the kabupaten beside it."""
    words = view.words
    value = words.median(median.value, view.entry.unit, view.entry.decimals)
    notes = [view.median_part(median)]
    if view.kabupaten_median is not None:
        told = view.say_median(view.kabupaten_median)
        notes.append(words.say("figure.median_kabupaten", value=told))
    return Figure(words.say("figure.median"), value, "; ".join(filter(None, notes)))


def _kinds(view: View) -> str:
    """How many of the desa are called what, where they are not all called the same."""
    if view.child_level != "desa":
        return ""
    known = Counter(row.jenis for row in view.rows if row.jenis)
    kinds = view.wilayah.sebutan_desa or dict(known.most_common())
    if len(kinds) < 2:
        return ""
    return ", ".join(f"{view.words.number(count)} {term}" for term, count in kinds.items())


def _people(release: Release, view: View) -> Figure | None:
    """People of the wilayah: a sum, which says of how many desa it is."""
    if view.entry.name == "penduduk_jiwa" or not has_field(release, "desa", "penduduk_jiwa"):
        return None
    rows = rows_of(release, "desa", f"kode_{view.wilayah.level}", view.wilayah.kode)
    values = read_values(release, "desa", "penduduk_jiwa", None, rows).values
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    words = view.words
    note = words.say("figure.registered")
    if len(known) < len(values):
        note += ", " + words.say("figure.people_part", n=len(known), total=len(values))
    return Figure(words.say("figure.people"), words.value(float(known.sum()), "jiwa", 0), note)


def layer_options(release: Release, view: View) -> Markup:
    """The options of the chooser of fields; that of the view is selected."""
    options = _options(release, view.layer.level, view.words)
    chosen = f'value="{view.layer.id}.{view.entry.name}"'
    return Markup(options.replace(chosen, f"{chosen} selected", 1))  # noqa: S704  rendered


@once_per_release
def _options(release: Release, level: str, words: Words) -> str:
    """The options with none selected."""
    template = environment().get_template("field_options.html")
    return template.render(themes=layer_themes(release, level, words)).removesuffix("\n")


def layer_choices(release: Release, view: View) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """Every field that can be shown, under the titles of their layer and theme."""
    chosen = f"{view.layer.id}.{view.entry.name}"
    return tuple(
        (theme, tuple(Choice(value, title, value == chosen) for value, title in choices))
        for theme, choices in layer_themes(release, view.layer.level, view.words)
    )


@once_per_release
def layer_themes(release: Release, level: str, words: Words) -> FieldThemes:
    """Every field of a level under the titles of their layer and theme."""
    options = []
    for layer, fields in thematic_layers(release, level):
        for entry in fields:
            theme = words.text(layer.title)
            if entry.group:
                key = f"theme.{entry.group}"
                theme = words.say(key) if words.knows(key) else entry.group.capitalize()
            options.append((theme, (f"{layer.id}.{entry.name}", words.text(entry.title))))
    order = {theme: at for at, (theme, _) in reversed(list(enumerate(options)))}
    options.sort(key=lambda option: order[option[0]])
    return tuple(
        (theme, tuple(choice for _, choice in group))
        for theme, group in groupby(options, key=lambda option: option[0])
    )
