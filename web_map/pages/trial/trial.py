"""What-if on the page of a kecamatan: places tried, and what facilities there would change.

The whole trial is in the address, so it works without script, can be shared, and goes back.
"""

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from fastapi import Request
from markupsafe import Markup

from geo_service.cli.candidate_places import read_place
from geo_service.errors import MalformedParameterError, ServerBusyError
from geo_service.http.link_types import Document
from geo_service.ogc import processes, what_if
from geo_service.releases.release import Release
from layers.release.scenario_file import DesaEffect, GapEffect, PeopleEffect
from web_map.drawing import choropleth, svg
from web_map.views import area_views, facilities, questions
from web_map.words import Words, with_coverage

MOST_PLACES = 5
MOST_ROWS = 12
_LAYER = "gaps"

Figure = tuple[str, str, str]
"""What it is, its value, and what to know about it."""


@dataclass(frozen=True, slots=True)
class TrialPlace:
    """One place tried; ``query`` is the view without it."""

    lon: float
    lat: float
    text: str
    kode: str | None
    nama: str | None
    query: str


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One desa that comes nearer, in words."""

    kode: str
    nama: str
    distance: str
    gap: str
    is_closed: bool


@dataclass(frozen=True, slots=True)
class TrialView:
    """What the page shows of a trial.

    Parameters
    ----------
    hidden
        Names and values that the form repeats: the rest of the view.
    figures
        None before a place is tried.
    more
        How many desa come nearer beyond ``rows``.
    """

    kinds: tuple[tuple[str, str], ...]
    kind: str
    hidden: tuple[tuple[str, str], ...]
    places: tuple[TrialPlace, ...]
    figures: tuple[Figure, ...]
    rows: tuple[TrialRow, ...]
    more: int
    problem: str
    clear: str


def make_trial(view: area_views.View, request: Request) -> TrialView | None:
    """The trial of a view; None where the view is of no service gap, or nothing can be tried."""
    question, release = view.question, view.reader.release
    kinds = what_if.list_kinds_of(release) if _is_tried_here(view) else ()
    if not kinds:
        return None
    titled = tuple(
        [pair for pair in facilities.titled_kinds(release, view.words) if pair[0] in kinds]
    )
    kind = question.trial.kind or view.entry.group
    empty = TrialView(
        kinds=titled,
        kind=kind if kind in kinds else titled[0][0],
        hidden=tuple(parse_qsl(question.query(trial=questions.Trial()))),
        places=(),
        figures=(),
        rows=(),
        more=0,
        problem="",
        clear=question.query(trial=replace(question.trial, places=())),
    )
    return _try_places(view, empty, request) if question.trial.places else empty


def _try_places(view: area_views.View, empty: TrialView, request: Request) -> TrialView:
    question, release = view.question, view.reader.release
    try:
        points = _read_places(release, question.trial, view.words)
        inputs = {"kind": empty.kind, "points": points}
        gate = processes.gates_of(request).quick
        answer = gate.run_here(lambda: what_if.execute(release, "new-facility", inputs))
    except _RefusedError as refusal:
        return replace(empty, problem=str(refusal), places=_list_texts(question))
    except ServerBusyError:
        return replace(empty, problem=view.words.say("trial.busy"), places=_list_texts(question))
    return _with_answer(empty, answer, view)


def draw_trial(view: area_views.View, trial: TrialView | None) -> Markup:
    """The places tried as pins for the drawing; empty where there are none."""
    if trial is None or trial.problem or not trial.places:
        return svg.NOTHING
    places = [(place.lon, place.lat, place.nama or place.text) for place in trial.places]
    return choropleth.draw_pins(view.outline, places)


class _RefusedError(Exception):
    """Why a trial cannot be made, in the reader's language."""


def _is_tried_here(view: area_views.View) -> bool:
    return view.layer.id == _LAYER and view.wilayah.level == "kecamatan" and not view.question.embed


def _read_places(release: Release, trial: questions.Trial, words: Words) -> list[list[float]]:
    if len(trial.places) > MOST_PLACES:
        raise _RefusedError(words.say("trial.too_many", most=MOST_PLACES))
    west, south, east, north = release.manifest.bbox_lonlat
    points = []
    for text in trial.places:
        try:
            lon, lat = read_place(release, text)
        except MalformedParameterError:
            raise _RefusedError(words.say("trial.no_place", text=text)) from None
        if west <= lat <= east and south <= lon <= north:
            # Other maps write latitude first; the area of the data proves it.
            lon, lat = lat, lon
        if not (west <= lon <= east and south <= lat <= north):
            box = [words.number(edge, 3) for edge in (west, east, south, north)]
            raise _RefusedError(
                words.say(
                    "trial.outside", text=text, west=box[0], east=box[1], south=box[2], north=box[3]
                )
            )
        points.append([lon, lat])
    return points


def _list_texts(question: questions.Question) -> tuple[TrialPlace, ...]:
    """The places as they were written, so that the wrong one can be taken away."""
    return tuple(
        TrialPlace(0, 0, text, None, None, _without(question, index))
        for index, text in enumerate(question.trial.places)
    )


def _without(question: questions.Question, index: int) -> str:
    places = question.trial.places
    rest = places[:index] + places[index + 1 :]
    return question.query(trial=replace(question.trial, places=rest))


def _with_answer(empty: TrialView, answer: Document, view: area_views.View) -> TrialView:
    question, words = view.question, view.words
    pairs = zip(answer["points"], question.trial.places, strict=True)
    places = [
        TrialPlace(
            point["lon"],
            point["lat"],
            text,
            point["kode"],
            point["nama"],
            _without(question, index),
        )
        for index, (point, text) in enumerate(pairs)
    ]
    nearer: list[DesaEffect] = answer["desa"][:MOST_ROWS]
    rows = [_row(row, words) for row in nearer]
    return replace(
        empty,
        places=tuple(places),
        figures=_figures(answer, words),
        rows=tuple(rows),
        more=answer["desa_changed"] - len(rows),
    )


def _figures(answer: Document, words: Words) -> tuple[Figure, ...]:
    norm = words.value(answer["norm_m"], "m", 0)
    closed = _closed_figure(answer["gaps"], norm, words)
    people: PeopleEffect | None = answer["people"]
    if people is None:
        return (closed,)
    return _covered_figure(people, norm, words), closed, _mean_figure(people, words)


def _covered_figure(people: PeopleEffect, norm: str, words: Words) -> Figure:
    unknown = words.say("trial.unknown")
    before, newly = people["covered_before"], people["newly_covered"]
    note = words.say(
        "trial.covered_note",
        before=unknown if before is None else words.number(before),
        after=words.number(people["covered_after"]),
        total=words.number(people["total"]),
        norm=norm,
    )
    gained = unknown if newly is None else _signed(round(newly), words)
    return words.say("trial.covered"), gained, _of_desa(note, people, words)


def _signed(count: int, words: Words) -> str:
    return f"+{words.number(count)}" if count else "0"


def _closed_figure(gaps: GapEffect, norm: str, words: Words) -> Figure:
    first = gaps["before"]
    before = words.say("trial.unknown") if first is None else words.number(first)
    after = words.number(gaps["after"])
    note = words.say("trial.closed_note", before=before, after=after, norm=norm)
    note = _of_desa(note, gaps, words)
    closed = words.say("trial.unknown") if first is None else words.number(gaps["closed"])
    return words.say("trial.closed"), closed, note


def _of_desa(note: str, part: PeopleEffect | GapEffect, words: Words) -> str:
    """The note, and of how many desa it is where these are not all or not known to be all."""
    count, total = part["known_desa"], part["total_desa"]
    if count is None or count == total:
        return note
    coverage = words.say("coverage.desa", known=words.number(count), total=words.number(total))
    return with_coverage(note, coverage)


def _mean_figure(people: PeopleEffect, words: Words) -> Figure:
    means = [people["mean_distance_before_m"], people["mean_distance_after_m"]]
    unknown = words.say("trial.unknown")
    before, after = (unknown if mean is None else _metres(mean, words) for mean in means)
    return words.say("trial.mean"), after, words.say("trial.mean_note", before=before)


def _metres(value: float, words: Words) -> str:
    """Always in metres, so that before and after compare."""
    return f"{words.number(value)}\N{NO-BREAK SPACE}m"


def _row(row: DesaEffect, words: Words) -> TrialRow:
    def change(before: float | None, after: float) -> str:
        first = words.say("trial.unknown") if before is None else words.number(before)
        return f"{first} → {_metres(after, words)}"

    return TrialRow(
        kode=row["kode"],
        nama=row.get("nama") or row["kode"],
        distance=change(row["distance_before_m"], row["distance_after_m"]),
        gap=change(row["gap_before_m"], row["gap_after_m"]),
        is_closed=row["status_before"] == "gap" and row["status_after"] == "ok",
    )
