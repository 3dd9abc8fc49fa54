"""Travel time on a map: the lines of so many minutes to a kind of facility, and who lives within.

The lines were drawn when the release was made (`layers.release.drawing_file`); here they get words.
"""

from dataclasses import dataclass

from markupsafe import Markup

from geo_service.releases.release import Release
from layers.release import drawing_file, manifest_file
from web_map.drawing import isochrone_lines, svg
from web_map.views import questions, readers, shown_fields
from web_map.views.facilities import Facilities
from web_map.words import Words

HEADLINE = "minutes_max"
MINUTES = "menit"


@dataclass(frozen=True, slots=True)
class Band:
    """One band of minutes in the legend.

    ``line`` is the line at its upper edge with its number among those drawn, None where none is;
    ``people`` is who lives in it, in words, empty where nobody knows.
    """

    label: str
    line: tuple[int, isochrone_lines.Isoline] | None
    people: str

    @property
    def sample(self) -> Markup:
        """Its upper edge as it is drawn; empty where none is."""
        return svg.NOTHING if self.line is None else isochrone_lines.draw_sample(*self.line)

    @property
    def is_norm(self) -> bool:
        """Whether its upper edge is the norm."""
        return self.line is not None and self.line[1].is_norm


@dataclass(frozen=True, slots=True)
class Isochrones:
    """Travel time to one kind of facility inside one wilayah.

    Parameters
    ----------
    title
        What the lines are, with the way of travelling.
    notes
        How the time is computed, of when its inputs are, and whose people are not counted.
    unreached
        Path data of what reaches no facility; empty where there is none.
    unreached_people
        Who lives there, in words; empty where nobody knows, or nobody does.
    """

    kind: str
    title: str
    notes: tuple[str, ...]
    lines: tuple[isochrone_lines.Isoline, ...]
    bands: tuple[Band, ...]
    unreached: str
    unreached_people: str

    @property
    def unreached_sample(self) -> Markup:
        """The border of what is not reached, as it is drawn."""
        return isochrone_lines.draw_sample(None, None)


def layer_of(kind: str) -> str:
    """Id of the layer that has the areas of a kind."""
    return f"isochrones_{kind}"


def find_isochrones(
    reader: readers.PlaceReader, display: questions.Display, facilities: Facilities
) -> Isochrones | None:
    """The travel time that is to be drawn; None where it is not asked for or not known.

    Parameters
    ----------
    facilities
        Those that are shown.

    Raises
    ------
    TokenNeededError, TokenScopeError
        It is known, but not for this reader.
    """
    release, words, kind = reader.release, reader.words, facilities.kind
    if display.rings != questions.TRAVEL_TIME:
        return None
    shown_fields.refuse_closed(release, layer_of(kind))
    if layer_of(kind) not in release.layers:
        return None
    drawing = release.isolines(kind, reader.place.kode)
    if drawing is None:
        return None
    norm = shown_fields.norm_of(release, kind, MINUTES)
    people = drawing.people
    lines = tuple(
        isochrone_lines.Isoline(
            edge.min,
            edge.d,
            edge.at,
            words.say("iso.short", n=words.number(edge.min)),
            edge.min == norm,
        )
        for edge in drawing.edges
    )
    return Isochrones(
        kind=kind,
        title=words.say("iso.title", kind=facilities.title, mode=_mode_title(drawing.mode, words)),
        notes=_notes(release.layer(layer_of(kind)), people, words),
        lines=lines,
        bands=_bands(lines, people, words),
        unreached=drawing.unreached,
        unreached_people=_unreached_people(people, words),
    )


def has_isochrones(release: Release, kind: str, kode: str) -> bool:
    """Whether the release knows travel times to a kind of facility inside a wilayah."""
    return layer_of(kind) in release.layers and release.has_isolines(kind, kode)


def _mode_title(mode: str, words: Words) -> str:
    """The way of travelling; a mode of the workspace's own has the name it was given."""
    key = f"mode.{mode}"
    return words.say(key) if words.knows(key) else mode.replace("_", " ")


def _notes(
    layer: manifest_file.LayerEntry, people: drawing_file.BandPeople | None, words: Words
) -> tuple[str, ...]:
    method = next((entry.method for entry in layer.fields if entry.name == HEADLINE), None)
    notes = [words.say("iso.how")]
    if people is not None:
        notes.append(words.say("iso.how_people"))
    if method is not None:
        notes.append(words.text(method))
    if layer.dated:
        first, last = layer.dated[0], layer.dated[-1]
        dates = first if first == last else f"{first} \N{EN DASH} {last}"
        notes.append(words.say("iso.dated", dates=dates))
    if people is not None and people.desa < people.desa_total:
        n, total = words.number(people.desa), words.number(people.desa_total)
        notes.append(words.say("iso.people_part", n=n, total=total))
    if people is not None and people.off_grid >= 0.5:
        notes.append(words.say("iso.off_grid", n=words.number(people.off_grid)))
    return tuple(notes)


def _bands(
    lines: tuple[isochrone_lines.Isoline, ...], people: drawing_file.BandPeople | None, words: Words
) -> tuple[Band, ...]:
    """The bands in which anybody lives, or whose upper edge is drawn, from the nearest."""
    drawn = {line.minutes: (number, line) for number, line in enumerate(lines)}
    if people is None:
        uppers: list[tuple[float | None, float | None]] = [(line.minutes, None) for line in lines]
        uppers.append((None, None))
    else:
        uppers = list(people.upto)
    bands, lower = [], 0.0
    for upper, count in uppers:
        line = None if upper is None else drawn.get(upper)
        if line is not None or count is None or count >= 0.5:
            living = "" if count is None else _people_text(count, people, words)
            bands.append(Band(_range(lower, upper, words), line, living))
        lower = lower if upper is None else upper
    return tuple(bands)


def _range(lower: float, upper: float | None, words: Words) -> str:
    if upper is None:
        return words.say("iso.over", low=words.number(lower))
    if lower == 0:
        return words.say("iso.up_to", high=words.number(upper))
    return words.say("iso.between", low=words.number(lower), high=words.number(upper))


def _people_text(count: float, people: drawing_file.BandPeople | None, words: Words) -> str:
    text = words.value(count, "jiwa", 0)
    if people is None or not people.total or 0 < count < people.total / 200:
        return text
    return f"{text} ({words.value(100 * count / people.total, '%', 0)})"


def _unreached_people(people: drawing_file.BandPeople | None, words: Words) -> str:
    if people is None or people.unreached < 0.5:
        return ""
    return _people_text(people.unreached, people, words)
