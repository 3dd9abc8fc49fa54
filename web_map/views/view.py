"""Everything the page of a wilayah shows, computed once from one release.

HTML, SVG, PNG, CSV and the browser's map are all drawn from the same `View`, so they cannot
disagree.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np

from geo_service.releases.release import Release
from layers.release.drawings import Outline
from layers.release.features import Rows
from layers.release.manifest import FieldEntry, LayerEntry, WilayahEntry
from web_map.drawing.classes import Scheme, make_scheme, published_scheme
from web_map.drawing.legend import LegendEntry, class_label, make_legend
from web_map.views.context import Context, context_columns
from web_map.views.display import RADIUS
from web_map.views.facilities import Facilities, find_facilities
from web_map.views.hidden_values import Bounds, bounds_of, median_of
from web_map.views.isochrone_view import Isochrones, find_isochrones
from web_map.views.question import Question, find_parents, find_wilayah
from web_map.views.sources import cite_pieces, find_pieces
from web_map.views.standing import stand, standing_text
from web_map.views.terms import tag_of, with_terms
from web_map.views.values import (
    FieldValues,
    Floats,
    cell_text,
    comparison_rows,
    coverage_numbers,
    coverage_text,
    find_field,
    is_state,
    known_values,
    read_values,
    rows_of,
    value_text,
    with_coverage,
)
from web_map.words import Words, readable

CHILD_LEVEL = {"kecamatan": "desa", "kabupaten": "kecamatan", "provinsi": "kabupaten"}
MOST_DECIMALS = 6
"""Of a median: more is the noise of binary halves."""
FALLBACK_RAMP = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")


@dataclass(frozen=True, slots=True)
class Middle:
    """A median, of how many known values, and of how many places the field applies to."""

    value: float
    known: int
    total: int


@dataclass(frozen=True, slots=True)
class Row:
    """One child of the wilayah in the ranked table.

    ``text`` has the unit, ``cell`` only where the table's heading cannot have it.  ``tag`` says
    what it is called where the others are called something else.  ``rank`` counts from the worst
    (or, where neither end is worse, from the highest); equal values share a rank; None without a
    value, or where it depends on hidden ones.  ``standing`` says it in words, with ties, where it
    means anything.  ``klas`` is -1 without a value.  ``link`` is the query of the page with it
    selected.  ``tip`` is what a pointer and a reader are told: value with unit and year, class,
    standing.  ``coverage`` says what an aggregate rests on where that is not all (``text`` says it
    too); ``parts`` are its numbers: known, total.
    """

    kode: str
    link: str
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
    context: tuple[tuple[str, float | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """One field on the children of one wilayah.

    ``total`` is how many children have a value, ``hidden`` how many of these are not shown.  The
    medians are of all values, None where hidden ones decide them (see
    `web_map.views.hidden_values`).
    ``sources`` cite the inputs from which the values shown were made, and no others.
    """

    release_id: str
    question: Question
    words: Words
    wilayah: WilayahEntry
    parents: tuple[WilayahEntry, ...]
    child_level: str
    layer: LayerEntry
    entry: FieldEntry
    scheme: Scheme
    legend: tuple[LegendEntry, ...]
    rows: tuple[Row, ...]
    tahun: int | None
    median: Middle | None
    kabupaten_median: Middle | None
    total: int
    hidden: int
    outline: Outline | None
    context_titles: tuple[tuple[str, str], ...]
    column_unit: str
    sources: tuple[str, ...] = ()
    facilities: Facilities | None = None
    isochrones: Isochrones | None = None

    @property
    def origin_query(self) -> str:
        """The query of the page that says how a value shown here came about."""
        parts = {"layer": f"{self.layer.id}.{self.entry.name}"}
        if self.question.tahun is not None:
            parts["tahun"] = str(self.question.tahun)
        if self.words.language != "id":
            parts["lang"] = self.words.language
        return urlencode(parts)

    @property
    def source_text(self) -> str:
        """The sources of the values shown, in one line; says so where none is known."""
        return "; ".join(self.sources) or self.words.say("legend.no_source")

    @property
    def title(self) -> str:
        """Title of the field."""
        return self.words.text(self.entry.title)

    @property
    def parts(self) -> tuple[tuple[int | None, int | None], ...]:
        """What the first row rests on: as many pairs as every row has."""
        return self.rows[0].parts if self.rows else ()

    @property
    def selected(self) -> Row | None:
        """The row of the selected child, if it is one of this wilayah."""
        return next((row for row in self.rows if row.kode == self.question.selected), None)

    @property
    def unit(self) -> str:
        """Unit in the reader's language."""
        return "Rp" if self.entry.unit == "IDR" else self.words.unit(self.entry.unit)

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

    def say_median(self, median: Middle) -> str:
        """A median in words, with what it rests on where that is not all."""
        text = self.words.median(median.value, self.entry.unit, self.entry.decimals)
        return with_coverage(text, self.median_part(median))

    def median_part(self, median: Middle) -> str:
        """Of how many places a median is; empty where it is of all."""
        if median.known == median.total:
            return ""
        words = self.words
        return words.say(
            "coverage.places",
            known=words.number(median.known),
            total=words.number(median.total),
            level=words.say(f"level.{self.child_level}"),
        )

    @property
    def counts(self) -> Counter[str]:
        """How many children have each status."""
        return Counter(row.status for row in self.rows)


def make_view(release: Release, question: Question, level: str) -> View:
    """The view that a question asks for.

    Raises
    ------
    UnknownWilayahError
        The release does not cover the wilayah.
    """
    words = with_terms(Words(question.language), release, question.kode)
    wilayah = find_wilayah(release, question.kode, level)
    layer = release.layer(question.layer)
    entry = find_field(release, question.layer, question.field)
    index_rows = rows_of(release, question.layer, f"kode_{level}", question.kode)
    found = read_values(release, question.layer, question.field, question.tahun, index_rows)
    bounds = bounds_of(found, entry)
    scheme = _choose_scheme(release, question, entry, words)
    columns = context_columns(release, question, entry, words)
    rows = _make_rows(release, question, entry, found, index_rows, scheme, columns, words)
    outline = release.outline(question.kode)
    tahun = question.tahun or (max(entry.years) if entry.years else None)
    pieces = find_pieces(
        release, layer.id, entry, _year_of(found), index_rows.tolist(), with_rows=False
    )
    box = outline.bbox_lonlat if outline else wilayah.bbox_lonlat
    facilities = (
        find_facilities(release, question.display, entry, box, words) if box is not None else None
    )
    return View(
        release_id=release.id,
        question=question,
        words=words,
        wilayah=wilayah,
        parents=find_parents(release, wilayah),
        child_level=CHILD_LEVEL[level],
        layer=layer,
        entry=entry,
        scheme=scheme,
        legend=make_legend(
            entry,
            scheme,
            [row.klas for row in rows],
            found.statuses,
            words,
            parts=sum(bool(row.coverage) for row in rows),
        ),
        rows=rows,
        tahun=tahun,
        median=None if is_state(entry) else find_middle(found, bounds),
        kabupaten_median=None if is_state(entry) else _kabupaten_median(release, question, entry),
        total=bounds.count,
        hidden=bounds.hidden,
        outline=outline,
        context_titles=tuple((column.entry.name, column.title(words)) for column in columns),
        sources=cite_pieces(release, pieces),
        column_unit=words.column_step(known_values(found.values), entry.unit)[1],
        facilities=facilities,
        isochrones=find_isochrones(release, question.display, wilayah.kode, facilities, words),
    )


def _year_of(found: FieldValues) -> int | None:
    """The year of some values: one for all, none where the field has no years."""
    return int(found.tahun.max(initial=0)) or None


def _choose_scheme(release: Release, question: Question, entry: FieldEntry, words: Words) -> Scheme:
    classes = entry.classes
    ramp = classes.colours if classes is not None else FALLBACK_RAMP
    if classes is not None and (question.method == "fixed" or is_state(entry)):
        labels = classes.labels
        names = tuple(words.text(label) for label in labels) if labels else None
        return published_scheme(classes, names)
    values = comparison_values(release, question, entry)
    return make_scheme(question.method, values, question.k, ramp)


def comparison_values(release: Release, question: Question, entry: FieldEntry) -> Floats:
    """The values of the stated comparison set: what breaks are computed over."""
    rows = comparison_rows(release, question)
    values = read_values(release, question.layer, question.field, question.tahun, rows)
    return bounds_of(values, entry).for_classes


def find_middle(found: FieldValues, bounds: Bounds) -> Middle | None:
    """The median of some values; None without any, or where hidden ones decide it."""
    median = median_of(bounds)
    if median is None:
        return None
    total = len(found.statuses) - found.statuses.count("not_applicable")
    return Middle(round(median, MOST_DECIMALS), bounds.count, total)


def _kabupaten_median(release: Release, question: Question, entry: FieldEntry) -> Middle | None:
    """The middle value among all units of the kabupaten; no mean, as shares have denominators."""
    features = release.features(question.layer)
    kabupaten = ".".join(question.kode.split(".")[:2])
    if question.kode == kabupaten or "kode_kabupaten" not in features.properties:
        return None
    rows = features.select(equals={"kode_kabupaten": kabupaten})
    values = read_values(release, question.layer, question.field, question.tahun, rows)
    return find_middle(values, bounds_of(values, entry))


def _make_rows(
    release: Release,
    question: Question,
    entry: FieldEntry,
    found: FieldValues,
    rows: Rows,
    scheme: Scheme,
    columns: Sequence[Context],
    words: Words,
) -> tuple[Row, ...]:
    values = found.values
    standings = stand(bounds_of(found, entry), is_low_worse=entry.worse == "low")
    classes = scheme.classify(values).tolist()
    known = known_values(values)
    step = words.column_step(known, entry.unit)[0]
    latest = max(entry.years) if entry.years else 0
    features = release.features(question.layer)
    highest = (
        0.0
        if is_state(entry)
        else float(np.nanmax(np.abs(values)))
        if (~np.isnan(values)).any()
        else 1.0
    )
    made = []
    codes = features.property_column("kode").texts_of(rows)
    links = question.selecting(map(str, codes))
    for at, row in enumerate(rows.tolist()):
        value = None if np.isnan(values[at]) else float(values[at])
        status, klas, tahun = found.statuses[at], int(classes[at]), int(found.tahun[at])
        told = value_text(value, status, entry, words)
        cell = (
            words.say(f"status.{status}") if value is None else cell_text(value, entry, words, step)
        )
        coverage = coverage_text(found, at, words)
        text = with_coverage(told, coverage)
        dated = f"{told} ({tahun})" if value is not None and tahun else told
        dated = with_coverage(dated, coverage)
        if value is not None and question.tahun is None and tahun and tahun != latest:
            text, cell = dated, f"{cell} ({tahun})"
        class_text = class_label(entry, scheme, klas, words) if klas >= 0 else ""
        standing = standings[at]
        place = standing_text(standing, words, has_worse=bool(entry.worse), key="panel.rank")
        fid = int(features.fid[row])
        made.append(
            Row(
                kode=str(codes[at]),
                link=links[at],
                fid=fid,
                nama=readable(str(features.property_column("nama").value(row))),
                jenis=(jenis := _text_of(features, "jenis", row)),
                tag=tag_of(_text_of(features, "sebutan", row) or jenis, words.terms),
                value=value,
                text=text,
                cell=cell,
                status=status,
                tahun=tahun or None,
                klas=klas,
                fill=scheme.colours[klas] if klas >= 0 else f"url(#p-{status})",
                class_text=class_text,
                rank=standing.rank if standing else None,
                ties=standing.ties if standing else 0,
                standing=place,
                coverage=coverage,
                parts=tuple(part[1:] for part in coverage_numbers(found, at)),
                bar=abs(value) / highest if value is not None and highest else 0.0,
                # A state is its own class: it is said once.
                tip=" · ".join(dict.fromkeys(filter(None, (dated, class_text, place)))),
                context=tuple(column.cell(fid, words) for column in columns),
            )
        )
    return tuple(sorted(made, key=lambda row: _place_in_table(row, entry)))


def _place_in_table(row: Row, entry: FieldEntry) -> tuple[bool, float, str]:
    """From the worst value to the best, equal ones by code; those without a value at the end."""
    value = row.value or 0.0
    return row.value is None, value if entry.worse == "low" else -value, row.kode


def _text_of(features: Any, name: str, row: int) -> str | None:
    if name not in features.properties:
        return None
    value = features.property_column(name).value(row)
    return None if value is None else str(value)
