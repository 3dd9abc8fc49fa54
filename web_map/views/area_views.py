"""Everything the page of a wilayah shows, made once from what was read of one release.

HTML, SVG, PNG, CSV and the browser's map are all drawn from the same `View`, so they cannot
disagree.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import isnan
from urllib.parse import urlencode

from geo_service.http.accept import Language
from layers.release import drawing_file, manifest_file
from layers.release.manifest_file import KECAMATAN, KELURAHAN, FieldEntry, Terms
from web_map import words as texts
from web_map.drawing.classes import Scheme, make_scheme, published_scheme
from web_map.drawing.legend import LegendEntry, make_legend
from web_map.sentences import readable
from web_map.views import field_values, isochrone_view, questions, readers, shown_fields, standing
from web_map.views.facilities import Facilities, find_facilities
from web_map.views.readings import ContextValues, Readings
from web_map.words import ColumnCell, ColumnWords, Middle, MiddleWords, ValueWords, Words, full_name


@dataclass(frozen=True, slots=True)
class Row:
    """One child of the wilayah in the ranked table.

    ``text`` has the unit, ``cell`` only where the table's heading cannot have it.  ``tag`` says
    what it is called where the others are called something else.  ``rank`` counts from the worst
    (or, where neither end is worse, from the highest); equal values share a rank; None without a
    value, or where it depends on hidden ones.  ``standing`` says it in words, with ties, where it
    means anything.  ``klas`` is -1 without a value.  ``link`` is the query of the page with it
    selected, ``origin`` the path, up to the query, of where its values come from; ``bar`` is the
    length of its bar in per cent.  ``tip`` is for a pointer and a screen reader: value with unit
    and year, class, standing.  ``coverage`` says what an aggregate rests on where that is not all
    (``text`` says it too); ``parts`` are its numbers: known, total.
    """

    kode: str
    link: str
    origin: str
    fid: int
    nama: str
    jenis: str | None
    tag: str
    value: float | None
    text: str
    cell: str
    status: str
    tahun: int | None
    klas: int
    fill: str
    class_text: str
    rank: int | None
    bar: float
    tip: str
    ties: int = 0
    standing: str = ""
    coverage: str = ""
    parts: tuple[tuple[int | None, int | None], ...] = ()
    context: tuple[ColumnCell, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """What was made of the values column by column, in the order of the children.

    ``links`` are the queries of the page with each child selected, ``child_path`` is that of the
    pages of children, up to their code; ``legend`` begins with a line for each class.
    """

    links: list[str]
    child_path: str
    names: list[str]
    words: list[ValueWords]
    classes: list[int]
    legend: tuple[LegendEntry, ...]
    standings: list[tuple[standing.Standing | None, str]]
    context: list[ColumnWords]


def make_rows(
    question: questions.Question, readings: Readings, scheme: Scheme, columns: Columns, terms: Terms
) -> tuple[Row, ...]:
    """The rows from the worst value to the best; those without a value at the end."""
    entry, children, values = readings.entry, readings.children, readings.values
    numbers, years = values.values.tolist(), values.tahun.tolist()
    most = 0.0
    for number in numbers if entry.unit != "state" else ():
        most = max(most, 0.0 if isnan(number) else abs(number))
    latest = max(entry.years, default=0)
    rows = []
    for index, number in enumerate(numbers):
        value, status = None if isnan(number) else number, values.statuses[index]
        cell_words, klas, tahun = columns.words[index], columns.classes[index], years[index]
        rest = f", {cell_words.coverage}" if cell_words.coverage else ""
        text, cell = f"{cell_words.text}{rest}", cell_words.cell
        dated = text
        if value is not None and tahun:
            dated = f"{cell_words.text} ({tahun}){rest}"
            if question.tahun is None and tahun != latest:
                text, cell = dated, f"{cell_words.cell} ({tahun})"
        class_text = columns.legend[klas].label if klas >= 0 else ""
        rank, place = columns.standings[index]
        fid, kind = children.fids[index], children.kinds[index]
        rows.append(
            Row(
                kode=children.codes[index],
                link=columns.links[index],
                origin=f"{columns.child_path}{children.codes[index]}/asal?",
                fid=fid,
                nama=columns.names[index],
                jenis=kind,
                tag=_tag(children.terms[index] or kind, terms),
                value=value,
                text=text,
                cell=cell,
                status=status,
                tahun=tahun or None,
                klas=klas,
                fill=scheme.colours[klas] if klas >= 0 else f"url(#p-{status})",
                class_text=class_text,
                rank=rank.rank if rank else None,
                ties=rank.ties if rank else 0,
                standing=place,
                coverage=cell_words.coverage,
                parts=tuple([part[1:] for part in readings.parts[index]]),
                bar=round(100 * abs(value) / most, 1) if value is not None and most else 0.0,
                # A state is its own class: it is said once.
                tip=" · ".join(dict.fromkeys(filter(None, (dated, class_text, place)))),
                context=tuple([each.cells.get(fid, each.empty) for each in columns.context]),
            )
        )
    rows.sort(key=_place_in_table(entry))
    return tuple(rows)


def _place_in_table(entry: FieldEntry) -> Callable[[Row], tuple[bool, float, str]]:
    """Equal values stand in the order of their codes."""
    sign = 1.0 if entry.worse == "low" else -1.0
    return lambda row: (row.value is None, sign * (row.value or 0.0), row.kode)


def _tag(term: str | None, terms: Terms) -> str:
    """What a table adds to a name whose term is not that of the others; empty for the usual."""
    if term == KELURAHAN:
        return "kel."
    return "" if term in (None, terms.village, KECAMATAN, terms.kecamatan) else str(term)


FALLBACK_RAMP = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")


@dataclass(frozen=True, slots=True)
class View:
    """One field on the children of one wilayah.

    ``total`` is how many children have a value, ``hidden`` how many of these are not shown.  The
    medians are of all values, None where hidden ones decide them (see
    `web_map.views.standing`).  ``name`` is that of the wilayah, ``unit`` a word of the reader's
    language, ``column_unit`` that of the table's heading.  ``counts`` says how many children have
    each status, ``people`` is what the register says of the desa.  ``sources`` cite the inputs
    from which the values shown were made, and no others; ``norm`` is what norm, definition or
    classes rest on, and ``norm_language`` its language; ``origin_query`` is the query of the page
    that says how one of them came about, ``context_origins`` those of the further columns, whose
    values ``context_values`` are.
    """

    reader: readers.PlaceReader
    question: questions.Question
    words: Words
    wilayah: manifest_file.WilayahEntry
    parents: tuple[manifest_file.WilayahEntry, ...]
    child_level: readers.Level
    layer: manifest_file.LayerEntry
    entry: manifest_file.FieldEntry
    scheme: Scheme
    legend: tuple[LegendEntry, ...]
    rows: tuple[Row, ...]
    selected: Row | None
    name: str
    title: str
    unit: str
    column_unit: str
    tahun: int | None
    median: Middle | None
    median_words: MiddleWords | None
    kabupaten_median: Middle | None
    kabupaten_words: MiddleWords | None
    total: int
    hidden: int
    counts: Counter[str]
    people: field_values.FieldValues | None
    outline: drawing_file.Outline | None
    context_titles: tuple[tuple[str, str], ...]
    context_origins: tuple[str, ...]
    context_values: tuple[ContextValues, ...]
    origin_query: str
    release_id: str
    sources: tuple[str, ...] = ()
    source_text: str = ""
    norm: str = ""
    norm_language: str = ""
    facilities: Facilities | None = None
    places: tuple[tuple[float, float, str], ...] = ()
    ring_m: float | None = None
    isochrones: isochrone_view.Isochrones | None = None

    @property
    def parts(self) -> tuple[tuple[int | None, int | None], ...]:
        """What the first row rests on: as many pairs as every row has."""
        return self.rows[0].parts if self.rows else ()


def make_view(
    reader: readers.PlaceReader, question: questions.Question, readings: Readings
) -> View:
    """The view that answers a question, from what was read of the release."""
    words, entry, values, place = reader.words, readings.entry, readings.values, reader.place
    facilities, ring_m = _find_facilities(reader, question, readings)
    origins, titles = [], []
    for column in readings.context:
        origins.append(origin_query(column.layer, column.entry.name, None, words.language))
    scheme = _choose_scheme(question, readings, words)
    classes = scheme.classify(values.values).tolist()
    bounds, above = standing.bounds_of(values, entry), readings.of_kabupaten
    has_median = entry.unit != texts.STATE
    order = standing.Order(bounds)
    median = order.find_middle(values) if has_median else None
    kabupaten = None
    if has_median and above is not None:
        kabupaten = standing.Order(standing.bounds_of(above, entry)).find_middle(above)
    total, hidden = bounds.count, bounds.hidden
    standings = standing.stand_in_words(order, entry, words, "panel.rank")
    step, column_unit = words.column_step(values.values.tolist(), entry.unit)
    numbers = values.values.tolist()
    counting = shown_fields.words_of_field(reader.release, words, readings.layer.id, entry.name)
    cells = texts.value_words(
        numbers, values.statuses, readings.parts, entry, step, words, counting
    )
    names = list(map(readable, map(str, readings.children.names)))
    context, parts, selected = [], 0, None
    for column in readings.context:
        numbers, statuses = column.values.values.tolist(), column.values.statuses
        context.append(
            texts.column_words(
                column.entry,
                column.fids,
                numbers,
                statuses,
                column.parts,
                words,
                shown_fields.words_of_field(reader.release, words, column.layer, column.entry.name),
            )
        )
        titles.append((context[-1].name, context[-1].title))
    for each in cells:
        parts += bool(each.coverage)
    norm, norm_language = words.norm(entry.source or "")
    name, title = full_name(words, place.level, place.kode, place.nama), words.text(entry.title)
    median_words = texts.middle_words(median, entry, reader.child_level, counting)
    around = shown_fields.words_of_field(
        reader.release, reader.words_of(place.parent or place.kode), readings.layer.id, entry.name
    )
    kabupaten_words = texts.middle_words(kabupaten, entry, reader.child_level, around)
    legend = make_legend(entry, scheme, classes, values.statuses, words, parts=parts)
    columns = Columns(
        links=question.selecting(readings.children.codes),
        child_path=f"{reader.base}/{reader.child_level}/",
        names=names,
        words=cells,
        classes=classes,
        legend=legend,
        standings=standings,
        context=context,
    )
    rows = make_rows(question, readings, scheme, columns, words.terms)
    for row in rows:
        selected = row if row.kode == question.selected else selected
    return View(
        reader=reader,
        question=question,
        words=words,
        wilayah=place,
        parents=reader.parents,
        child_level=reader.child_level,
        layer=readings.layer,
        entry=entry,
        scheme=scheme,
        legend=legend,
        rows=rows,
        selected=selected,
        name=name,
        title=title,
        unit="Rp" if entry.unit == "IDR" else words.unit(entry.unit),
        column_unit=column_unit,
        tahun=question.tahun or max(entry.years, default=None),
        median=median,
        median_words=median_words,
        kabupaten_median=kabupaten,
        kabupaten_words=kabupaten_words,
        total=total,
        hidden=hidden,
        counts=Counter(values.statuses),
        people=readings.people,
        outline=readings.outline,
        context_titles=tuple(titles),
        context_origins=tuple(origins),
        context_values=readings.context,
        origin_query=origin_query(question.layer, question.field, question.tahun, words.language),
        release_id=reader.release.id,
        sources=readings.sources,
        source_text="; ".join(readings.sources) or words.say("legend.no_source"),
        norm=norm,
        norm_language=norm_language,
        facilities=facilities,
        places=facilities.points if facilities else (),
        ring_m=ring_m,
        isochrones=isochrone_view.find_isochrones(reader, question.display, facilities)
        if facilities
        else None,
    )


def origin_query(layer: str, field: str, tahun: int | None, language: Language) -> str:
    """The query of the page that says how a value came about."""
    parts = {"layer": f"{layer}.{field}", "tahun": str(tahun or "")}
    parts["lang"] = "" if language == "id" else language
    return urlencode([(name, text) for name, text in parts.items() if text])


def _find_facilities(
    reader: readers.PlaceReader, question: questions.Question, readings: Readings
) -> tuple[Facilities | None, float | None]:
    """The facilities that are drawn over the values, and the radius of their rings, if any."""
    outline = readings.outline
    box = outline.bbox_lonlat if outline else reader.place.bbox_lonlat
    kind = question.display.facilities or readings.entry.group or ""
    if box is None or kind not in shown_fields.facility_kinds(reader.release):
        return None, None
    facilities = find_facilities(reader, kind, box)
    return facilities, facilities.norm_m if question.display.rings == questions.RADIUS else None


def _choose_scheme(question: questions.Question, readings: Readings, words: Words) -> Scheme:
    classes = readings.entry.classes
    if readings.compared is None and classes is not None:
        labels = classes.labels
        return published_scheme(classes, tuple(map(words.text, labels)) if labels else None)
    assert readings.compared is not None
    values = standing.bounds_of(readings.compared, readings.entry).for_classes
    ramp = classes.colours if classes is not None else FALLBACK_RAMP
    return make_scheme(question.method, values, question.k, ramp)
