"""Everything the page of a wilayah shows, made once from what was read of one release.

HTML, SVG, PNG, CSV and the browser's map are all drawn from the same `View`, so they cannot
disagree.
"""

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlencode

from geo_service.http.accept import Language
from layers.release.drawings import Outline
from layers.release.manifest import (
    FieldEntry,
    LayerEntry,
    WilayahEntry,
)
from web_map.drawing.classes import Scheme, make_scheme, published_scheme
from web_map.drawing.legend import LegendEntry, make_legend
from web_map.views.facilities import Facilities, find_facilities
from web_map.views.field import facility_kinds
from web_map.views.hidden_values import ValueBounds, bounds_of, median_of
from web_map.views.isochrone_view import Isochrones, find_isochrones
from web_map.views.question import RADIUS, Question
from web_map.views.reader import Level, Reader
from web_map.views.readings import Readings
from web_map.views.standing import stand_in_words
from web_map.views.table_rows import Columns, Row, make_rows, tell_column
from web_map.views.values import FieldValues, known_values
from web_map.words import (
    Words,
    is_state,
    parts_text,
    with_coverage,
)

MOST_DECIMALS = 6
"""Of a median: more is the noise of binary halves."""
FALLBACK_RAMP = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")


@dataclass(frozen=True, slots=True)
class Middle:
    """A median, of how many values (``count``), and of how many places the field applies to."""

    value: float
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class View:
    """One field on the children of one wilayah.

    ``total`` is how many children have a value, ``hidden`` how many of these are not shown.  The
    medians are of all values, None where hidden ones decide them (see
    `web_map.views.hidden_values`).  ``unit`` is a word of the reader's language, ``column_unit``
    that of the table's heading.  ``counts`` says how many children have each status, ``people`` is
    what the register says of the desa.  ``sources`` cite the inputs from which the values shown
    were made, and no others; ``origin_query`` is the query of the page that says how one of them
    came about, ``context_origins`` those of the further columns.
    """

    reader: Reader
    question: Question
    words: Words
    wilayah: WilayahEntry
    parents: tuple[WilayahEntry, ...]
    child_level: Level
    layer: LayerEntry
    entry: FieldEntry
    scheme: Scheme
    legend: tuple[LegendEntry, ...]
    rows: tuple[Row, ...]
    title: str
    unit: str
    column_unit: str
    tahun: int | None
    median: Middle | None
    kabupaten_median: Middle | None
    total: int
    hidden: int
    counts: Counter[str]
    people: FieldValues | None
    outline: Outline | None
    context_titles: tuple[tuple[str, str], ...]
    context_origins: tuple[str, ...]
    origin_query: str
    sources: tuple[str, ...] = ()
    source_text: str = ""
    facilities: Facilities | None = None
    isochrones: Isochrones | None = None

    @property
    def release_id(self) -> str:
        """Id of the release."""
        return self.reader.release.id

    @property
    def parts(self) -> tuple[tuple[int | None, int | None], ...]:
        """What the first row rests on: as many pairs as every row has."""
        return self.rows[0].parts if self.rows else ()

    @property
    def selected(self) -> Row | None:
        """The row of the selected child, if it is one of this wilayah."""
        return next((row for row in self.rows if row.kode == self.question.selected), None)

    @property
    def places(self) -> tuple[tuple[float, float, str], ...]:
        """The facilities that are drawn: (lon, lat, name)."""
        return self.facilities.points if self.facilities else ()

    @property
    def ring_m(self) -> float | None:
        """Radius of the ring about each facility; None for no rings."""
        if self.facilities is None or self.question.display.rings != RADIUS:
            return None
        return self.facilities.norm_m


def make_view(reader: Reader, question: Question, readings: Readings) -> View:
    """The view that answers a question, from what was read of the release."""
    words, layer, entry = reader.words, readings.layer, readings.entry
    values = readings.values
    bounds = bounds_of(values, entry)
    scheme = _choose_scheme(question, readings, words)
    classes = scheme.classify(values.values).tolist()
    places = stand_in_words(bounds, entry, words, "panel.rank")
    coverages = [parts_text(values.shown_coverage(row), words) for row in range(len(classes))]
    parts = sum(map(bool, coverages))
    legend = make_legend(entry, scheme, classes, values.statuses, words, parts=parts)
    step, column_unit = words.column_step(known_values(values.values), entry.unit)
    context = [tell_column(column, words) for column in readings.context]
    columns = Columns(classes, places, coverages, step, context)
    rows = make_rows(question, readings, scheme, legend, columns, words)
    has_median, above = not is_state(entry), readings.of_kabupaten
    drawn = _find_drawn(reader, question, readings)
    return View(
        reader=reader,
        question=question,
        words=words,
        wilayah=reader.place,
        parents=reader.parents,
        child_level=Level(reader.place.level).child,
        layer=layer,
        entry=entry,
        scheme=scheme,
        legend=legend,
        rows=rows,
        title=words.text(entry.title),
        unit="Rp" if entry.unit == "IDR" else words.unit(entry.unit),
        column_unit=column_unit,
        tahun=question.tahun or (max(entry.years) if entry.years else None),
        median=find_middle(values, bounds) if has_median else None,
        kabupaten_median=find_middle(above, bounds_of(above, entry))
        if has_median and above is not None
        else None,
        total=bounds.count,
        hidden=bounds.hidden,
        counts=Counter(values.statuses),
        people=readings.people,
        outline=readings.outline,
        context_titles=tuple((column.name, column.title) for column in context),
        context_origins=tuple(
            origin_query(column.layer, column.entry.name, None, words.language)
            for column in readings.context
        ),
        origin_query=origin_query(layer.id, entry.name, question.tahun, words.language),
        sources=readings.sources,
        source_text="; ".join(readings.sources) or words.say("legend.no_source"),
        facilities=drawn[0],
        isochrones=drawn[1],
    )


def origin_query(layer: str, field: str, tahun: int | None, language: Language) -> str:
    """The query of the page that says how a value came about."""
    parts = {"layer": f"{layer}.{field}", "tahun": str(tahun or "")}
    parts["lang"] = "" if language == "id" else language
    return urlencode([(name, text) for name, text in parts.items() if text])


def find_middle(values: FieldValues, bounds: ValueBounds) -> Middle | None:
    """The median of some values; None without any, or where hidden ones decide it."""
    median = median_of(bounds)
    if median is None:
        return None
    total = len(values.statuses) - values.statuses.count("not_applicable")
    return Middle(round(median, MOST_DECIMALS), bounds.count, total)


def median_text(median: Middle, view: View) -> str:
    """A median in words, with what it rests on where that is not all."""
    text = view.words.median(median.value, view.entry.unit, view.entry.decimals)
    return with_coverage(text, median_part(median, view))


def median_part(median: Middle, view: View) -> str:
    """Of how many places a median is; empty where it is of all."""
    if median.count == median.total:
        return ""
    words = view.words
    return words.say(
        "coverage.places",
        known=words.number(median.count),
        total=words.number(median.total),
        level=words.say(f"level.{view.child_level}"),
    )


def _find_drawn(
    reader: Reader, question: Question, readings: Readings
) -> tuple[Facilities | None, Isochrones | None]:
    """The facilities and the travel times that are drawn over the values."""
    outline = readings.outline
    box = outline.bbox_lonlat if outline else reader.place.bbox_lonlat
    kind = question.display.facilities or readings.entry.group or ""
    if box is None or kind not in facility_kinds(reader.release):
        return None, None
    facilities = find_facilities(reader, kind, box)
    return facilities, find_isochrones(reader, question.display, facilities)


def _choose_scheme(question: Question, readings: Readings, words: Words) -> Scheme:
    classes = readings.entry.classes
    if readings.compared is None and classes is not None:
        labels = classes.labels
        return published_scheme(classes, tuple(map(words.text, labels)) if labels else None)
    assert readings.compared is not None
    values = bounds_of(readings.compared, readings.entry).for_classes
    ramp = classes.colours if classes is not None else FALLBACK_RAMP
    return make_scheme(question.method, values, question.k, ramp)
