"""The page of a wilayah with children, as HTML and for the frame of another site.

It is complete without script: heading, figures, map, legend and table come from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby, islice

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from geo_service.http.basemap import read_basemap
from geo_service.ogc.params import View as RequestView
from geo_service.ogc.params import settings_of
from geo_service.releases.memo import once_per_release
from geo_service.releases.release import Release
from layers.release.manifest import WilayahEntry
from web_map.pages.answers import environment, html, query_of, render_page
from web_map.pages.area_map import browser_data, draw_map, places_title
from web_map.pages.key_figures import key_figures
from web_map.pages.trial import draw_trial, make_trial
from web_map.views.facilities import titled_kinds
from web_map.views.field import thematic_layers
from web_map.views.isochrone_view import has_isochrones
from web_map.views.question import RADIUS, TRAVEL_TIME, read_question
from web_map.views.reader import Level, open_reader, wilayah_by_kode
from web_map.views.readings import places_with_values, read_readings
from web_map.views.spread import make_spread
from web_map.views.view import View, make_view, median_text
from web_map.words import Words

router = APIRouter(tags=["pages"])

MOST_ELSEWHERE = 5
FieldThemes = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Titles of themes, each with the fields of it: what an address says, and their title."""


@router.get("/{level:area}/{kode:kode}")
def area(request: Request, view: RequestView, level: Level, kode: str) -> HTMLResponse:
    """One kecamatan, kabupaten or provinsi: its children by one indicator, as map and table."""
    return _show(request, view, level, kode, query_of(request))


@router.get("/embed/kecamatan/{kode}")
def embedded_kecamatan(request: Request, view: RequestView, kode: str) -> HTMLResponse:
    """One kecamatan for the frame of another site: no chrome, a link back."""
    return _show(request, view, Level.KECAMATAN, kode, {**query_of(request), "embed": "1"})


def _show(
    request: Request, view: RequestView, level: Level, kode: str, query: Mapping[str, str]
) -> HTMLResponse:
    reader = open_reader(view, query).about(level, kode)
    question = read_question(reader, query)
    shown = make_view(reader, question, read_readings(reader, question))
    trial = make_trial(shown, request)
    settings = settings_of(request)
    basemap = read_basemap(settings.basemap) if settings.basemap else None
    text = render_page(
        "area.html",
        reader.words,
        reader.base,
        root=reader.root,
        manifest=reader.release.manifest,
        trial=trial,
        island=browser_data(shown, basemap),
        **area_values(shown, draw_trial(shown, trial)),
    )
    ancestors = settings.frame_ancestors if question.embed else "'self'"
    answer = html(text, ancestors, origin=basemap.origin if basemap else None)
    if trial is not None and trial.problem:
        # A busy server is no lasting answer, not even of a release that never changes.
        answer.headers["Cache-Control"] = "no-store"
    return answer


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a chooser."""

    value: str
    title: str
    is_chosen: bool


def area_values(view: View, over: str = "") -> dict[str, object]:
    """What ``area.html`` shows of a view; ``over`` is drawn on top of its drawing."""
    above = view.kabupaten_median
    return {
        "view": view,
        "figures": key_figures(view),
        "options": layer_options(view),
        "picture": draw_map(view, over=over),
        "scale": make_spread(view),
        "scale_median": "" if above is None else median_text(above, view),
        "elsewhere": elsewhere(view),
        "places_title": places_title(view),
        "kinds": titled_kinds(view.reader.release, view.words),
        "rings": ring_choices(view),
    }


def ring_choices(view: View) -> tuple[Choice, ...]:
    """What can be drawn about the facilities shown; travel time only where it is known here."""
    release, chosen = view.reader.release, view.question.display.rings
    choices = [("", "iso.none"), (RADIUS, "iso.radius")]
    kind = view.facilities.kind if view.facilities else ""
    if chosen == TRAVEL_TIME or (kind and has_isochrones(release, kind, view.wilayah.kode)):
        choices.append((TRAVEL_TIME, "iso.time"))
    return tuple([Choice(value, view.words.say(key), value == chosen) for value, key in choices])


def elsewhere(view: View) -> tuple[WilayahEntry, ...]:
    """Where the shown field has values, in the order of their codes, when it has none here."""
    if view.total:
        return ()
    release = view.reader.release
    codes = places_with_values(release, view.question, view.wilayah.level)
    places = (entry for kode, entry in wilayah_by_kode(release).items() if kode in codes)
    return tuple(islice(places, MOST_ELSEWHERE))


def layer_options(view: View) -> Markup:
    """The options of the chooser of fields; that of the view is selected."""
    options = _options(view.reader.release, view.layer.level, view.words)
    chosen = f'value="{view.layer.id}.{view.entry.name}"'
    return Markup(options.replace(chosen, f"{chosen} selected", 1))  # noqa: S704  rendered


@once_per_release
def _options(release: Release, level: str, words: Words) -> str:
    """The options with none selected."""
    template = environment().get_template("field_options.html")
    return template.render(themes=layer_themes(release, level, words)).removesuffix("\n")


def layer_choices(view: View) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """Every field that can be shown, under the titles of their layer and theme."""
    chosen = f"{view.layer.id}.{view.entry.name}"
    themes = layer_themes(view.reader.release, view.layer.level, view.words)
    return tuple(
        (theme, tuple(Choice(value, title, value == chosen) for value, title in choices))
        for theme, choices in themes
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
    order = {theme: place for place, (theme, _) in reversed(list(enumerate(options)))}
    options.sort(key=lambda option: order[option[0]])
    return tuple(
        (theme, tuple(choice for _, choice in group))
        for theme, group in groupby(options, key=lambda option: option[0])
    )
