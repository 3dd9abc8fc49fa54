"""Everything the page of a wilayah shows, computed once from one release.

HTML, SVG, PNG, CSV and the browser's map are all drawn from the same `View`, so they cannot
disagree.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_service.page_context import context_columns
from geo_service.page_display import RADIUS
from geo_service.page_facilities import Facilities, find_facilities
from geo_service.page_isochrones import Isochrones, find_isochrones
from geo_service.page_question import Question, find_parents, find_wilayah
from geo_service.page_terms import tag_of, with_terms
from geo_service.page_values import (
    FieldValues,
    Floats,
    cell_text,
    comparison_values,
    find_field,
    is_state,
    known_values,
    read_values,
    rows_of,
    value_text,
)
from geo_service.release import Release
from geo_service.render.classes import Scheme, make_scheme, published_scheme
from geo_service.render.legend import LegendEntry, class_label, make_legend
from geo_service.render.words import Words, readable
from layers.manifest import FieldEntry, LayerEntry, WilayahEntry

CHILD_LEVEL = {"kecamatan": "desa", "kabupaten": "kecamatan", "provinsi": "kabupaten"}
FALLBACK_RAMP = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")


@dataclass(frozen=True, slots=True)
class Row:
    """One child of the wilayah in the ranked table.

    ``text`` has the unit, ``cell`` only where the table's heading cannot have it.  ``tag`` says
    what it is called where the others are called something else.  ``rank`` counts from the worst
    (or, where neither end is worse, from the highest); equal values
    share a rank; None without a value.  ``klas`` is -1 without a value.  ``tip`` is what a pointer
    and a screen reader are told: value with unit and year, class, rank.
    """

    kode: str
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
    context: tuple[tuple[str, float | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """One field on the children of one wilayah."""

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
    median: float | None
    kabupaten_median: float | None
    known: Floats
    outline: dict[str, Any] | None
    context_titles: tuple[tuple[str, str], ...]
    column_unit: str
    facilities: Facilities | None = None
    isochrones: Isochrones | None = None

    @property
    def title(self) -> str:
        """Title of the field."""
        return self.words.text(self.entry.title)

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
    found = read_values(release, question.layer, question.field, question.tahun)
    rows = rows_of(release, question.layer, f"kode_{level}", question.kode)
    scheme = _choose_scheme(release, question, entry, found.values, words)
    classes = scheme.classify(found.values[rows])
    statuses = [found.statuses[row] for row in rows]
    outline = release.outline(question.kode)
    box = outline["bbox_lonlat"] if outline else wilayah.bbox_lonlat
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
        legend=make_legend(entry, scheme, classes.tolist(), statuses, words),
        rows=_make_rows(release, question, entry, found, rows, scheme, words),
        tahun=question.tahun or (max(entry.years) if entry.years else None),
        median=None if is_state(entry) else _median(found.values[rows]),
        kabupaten_median=(
            None if is_state(entry) else _kabupaten_median(release, question, found.values)
        ),
        known=found.values[rows][~np.isnan(found.values[rows])],
        outline=outline,
        context_titles=tuple(
            (column.entry.name, column.title(words))
            for column in context_columns(release, question, entry, words)
        ),
        column_unit=words.column_step(known_values(found.values[rows]), entry.unit)[1],
        facilities=facilities,
        isochrones=find_isochrones(release, question.display, wilayah.kode, facilities, words),
    )


def _choose_scheme(
    release: Release, question: Question, entry: FieldEntry, values: Floats, words: Words
) -> Scheme:
    classes = entry.classes
    ramp = classes.colours if classes is not None else FALLBACK_RAMP
    if classes is not None and (question.method == "fixed" or is_state(entry)):
        labels = classes.labels
        names = tuple(words.text(label) for label in labels) if labels else None
        return published_scheme(classes, names)
    return make_scheme(
        question.method, comparison_values(release, question, values), question.k, ramp
    )


def _median(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else None


def _kabupaten_median(release: Release, question: Question, values: Floats) -> float | None:
    """The middle value among all units of the kabupaten; no mean, as shares have denominators."""
    features = release.features(question.layer)
    kabupaten = ".".join(question.kode.split(".")[:2])
    if question.kode == kabupaten or "kode_kabupaten" not in features.properties:
        return None
    return _median(values[features.select(equals={"kode_kabupaten": kabupaten})])


def _make_rows(
    release: Release,
    question: Question,
    entry: FieldEntry,
    found: FieldValues,
    rows: list[int],
    scheme: Scheme,
    words: Words,
) -> tuple[Row, ...]:
    values = found.values[rows]
    ranks = rank_worst_first(values, is_low_worse=entry.worse == "low")
    classes = scheme.classify(values).tolist()
    columns = context_columns(release, question, entry, words)
    known = known_values(values)
    step, total = words.column_step(known, entry.unit)[0], len(known)
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
    for at, row in enumerate(rows):
        value = None if np.isnan(values[at]) else float(values[at])
        status, klas, tahun = found.statuses[row], int(classes[at]), int(found.tahun[row])
        text = value_text(value, status, entry, words)
        cell = text if value is None else cell_text(value, entry, words, step)
        dated = f"{text} ({tahun})" if value is not None and tahun else text
        if value is not None and question.tahun is None and tahun and tahun != latest:
            text, cell = dated, f"{cell} ({tahun})"
        class_text = class_label(entry, scheme, klas, words) if klas >= 0 else ""
        place = words.say("panel.rank", rank=ranks[at], total=total) if ranks[at] else ""
        fid = int(features.fid[row])
        made.append(
            Row(
                kode=str(features.property_column("kode").value(row)),
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
                rank=ranks[at],
                bar=abs(value) / highest if value is not None and highest else 0.0,
                # A state is its own class: it is said once.
                tip=" · ".join(dict.fromkeys(filter(None, (dated, class_text, place)))),
                context=tuple(column.cell(release, fid, words) for column in columns),
            )
        )
    return tuple(sorted(made, key=lambda row: (row.rank is None, row.rank or 0, row.kode)))


def rank_worst_first(values: Floats, *, is_low_worse: bool) -> list[int | None]:
    """Rank of each value from the worst, equal values sharing one; None for NaN.

    Example
    -------
    >>> rank_worst_first(np.array([3.0, 1.0, np.nan, 3.0]), is_low_worse=False)
    [1, 3, None, 1]
    """
    known = values[~np.isnan(values)]
    return [
        None
        if np.isnan(value)
        else int(np.sum(known < value if is_low_worse else known > value)) + 1
        for value in values
    ]


def _text_of(features: Any, name: str, row: int) -> str | None:
    if name not in features.properties:
        return None
    value = features.property_column(name).value(row)
    return None if value is None else str(value)
