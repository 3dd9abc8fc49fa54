"""What stands around the map of a wilayah: key figures, choosers, and where else to look."""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby, islice

import numpy as np
from markupsafe import Markup

from geo_service.releases.release import Release, once_per_release
from layers.release.manifest_file import WilayahEntry
from web_map.pages.base.answers import environment
from web_map.views import area_views, isochrone_view, questions, readers, readings, shown_fields
from web_map.words import MiddleWords, Words, is_state

MOST_ELSEWHERE = 5
FieldThemes = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Titles of themes, each with the fields of it: what an address says, and their title."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure: what it is, its value, and what to know about it."""

    label: str
    value: str
    note: str = ""


def key_figures(view: area_views.View) -> tuple[Figure, ...]:
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
    if view.median_words is not None:
        figures.append(_median(view, view.median_words))
    elif view.hidden and not is_state(view.entry):
        figures.append(_not_computed(view, "figure.median"))
    people = _people(view)
    if people is not None:
        figures.append(people)
    missing = Counter(row.status for row in rows if row.value is None)
    # A hidden value is known, and where a field does not apply there is nothing to miss: both are
    # said beside, and neither is counted as missing.
    total = sum(missing.values()) - view.hidden - missing["not_applicable"]
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


def _worst(view: area_views.View) -> Figure | None:
    """Who is worst (or highest), where there is an order; that all are equal, where there is none.

    Of a single value nobody can say that it is the worst.
    """
    words = view.words
    first = [row for row in view.rows if row.value is not None and row.rank == 1]
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


def _not_computed(view: area_views.View, key: str) -> Figure:
    """A figure that hidden values decide, and that is therefore not given."""
    words = view.words
    note = words.say("figure.hidden", n=words.number(view.hidden))
    return Figure(words.say(key), "\N{EN DASH}", note)


def _median(view: area_views.View, median: MiddleWords) -> Figure:
    """The middle value, of how many where not of all, and that of the kabupaten beside it."""
    notes = [median.part] if median.part else []
    if view.kabupaten_words is not None:
        above = view.kabupaten_words.whole
        notes.append(view.words.say("figure.median_kabupaten", value=above))
    return Figure(view.words.say("figure.median"), median.text, "; ".join(notes))


def _kinds(view: area_views.View) -> str:
    """How many of the desa are called what, where they are not all called the same."""
    if view.child_level != "desa":
        return ""
    counts = Counter(row.jenis for row in view.rows if row.jenis)
    kinds = view.wilayah.sebutan_desa or dict(counts.most_common())
    if len(kinds) < 2:
        return ""
    return ", ".join(f"{view.words.number(count)} {term}" for term, count in kinds.items())


def _people(view: area_views.View) -> Figure | None:
    """People of the wilayah: a sum, which says of how many desa it is."""
    if view.people is None:
        return None
    numbers = view.people.values
    values = numbers[~np.isnan(numbers)].tolist()
    if not values:
        return None
    words = view.words
    note = words.say("figure.registered")
    total = len(numbers)
    if len(values) < total:
        note += ", " + words.say("figure.people_part", n=len(values), total=total)
    return Figure(words.say("figure.people"), words.value(sum(values), "jiwa", 0), note)


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a chooser."""

    value: str
    title: str
    is_chosen: bool


def ring_choices(view: area_views.View) -> tuple[Choice, ...]:
    """What can be drawn about the facilities shown; travel time only where it is known here."""
    release, chosen = view.reader.release, view.question.display.rings
    choices = [("", "iso.none"), (questions.RADIUS, "iso.radius")]
    kind = view.facilities.kind if view.facilities else ""
    if chosen == questions.TRAVEL_TIME or (
        kind and isochrone_view.has_isochrones(release, kind, view.wilayah.kode)
    ):
        choices.append((questions.TRAVEL_TIME, "iso.time"))
    return tuple([Choice(value, view.words.say(key), value == chosen) for value, key in choices])


def elsewhere(view: area_views.View) -> tuple[WilayahEntry, ...]:
    """Where the shown field has values, in the order of their codes, when it has none here."""
    if view.total:
        return ()
    release = view.reader.release
    codes = readings.places_with_values(release, view.question, view.wilayah.level)
    places = (entry for kode, entry in readers.wilayah_by_kode(release).items() if kode in codes)
    return tuple(islice(places, MOST_ELSEWHERE))


def layer_options(view: area_views.View) -> Markup:
    """The options of the chooser of fields; that of the view is selected."""
    options = _options(view.reader.release, view.layer.level, view.words)
    chosen = f'value="{view.layer.id}.{view.entry.name}"'
    return Markup(options.replace(chosen, f"{chosen} selected", 1))  # noqa: S704  rendered


@once_per_release
def _options(release: Release, level: str, words: Words) -> str:
    """The options with none selected."""
    template = environment().get_template("area/field_options.html")
    return template.render(themes=layer_themes(release, level, words)).removesuffix("\n")


def layer_choices(view: area_views.View) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
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
    for layer, fields in shown_fields.thematic_layers(release, level):
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
