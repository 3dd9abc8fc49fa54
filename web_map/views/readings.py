"""All that the release says about one question, read in one go: no words, no classes, no ranks.

`web_map.views.area_views` makes of it what a page shows.
"""

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from geo_service.releases.release import Release, once_per_release
from layers.release import drawing_file, manifest_file
from web_map.views import field_values, questions, readers, shown_fields, sources
from web_map.words import REGISTERED, Part

MOST_OUTLINES = 64
# The spending that answers to a field, by the theme of the field.
SPENDING_OF_THEME = {
    **dict.fromkeys(("kesehatan", "puskesmas", "pustu", "poskesdes", "posyandu"), "kesehatan_idr"),
    **dict.fromkeys(("imunisasi", "sarana_kesehatan"), "kesehatan_idr"),
    **dict.fromkeys(("pendidikan", "paud", "sd", "smp", "sma"), "pendidikan_idr"),
    **dict.fromkeys(("air dan sanitasi", "air_minum", "sanitasi"), "permukiman_idr"),
    **dict.fromkeys(("prasarana", "jalan"), "pekerjaan_umum_idr"),
}


class ContextValues(NamedTuple):
    """Values of another layer that are shown beside those asked for, by feature id."""

    layer: str
    entry: manifest_file.FieldEntry
    fids: list[int]
    values: field_values.FieldValues
    parts: list[tuple[Part, ...]]


@dataclass(frozen=True, slots=True)
class Readings:
    """What a question is answered from.

    Parameters
    ----------
    values, parts
        One for each of the children, in their order; what an aggregate rests on.
    compared
        The comparison set of computed classes; None where the classes are published.
    of_kabupaten
        The values of the kabupaten that the wilayah lies in; None for a kabupaten or provinsi.
    context
        What a planner asks next: people, gaps and money.
    people
        People of the desa of the wilayah, where they are not shown themselves.
    sources
        Cite the inputs from which the values were made, and no others.
    """

    layer: manifest_file.LayerEntry
    entry: manifest_file.FieldEntry
    outline: drawing_file.Outline | None
    children: field_values.Children
    values: field_values.FieldValues
    parts: list[tuple[Part, ...]]
    compared: field_values.FieldValues | None
    of_kabupaten: field_values.FieldValues | None
    context: tuple[ContextValues, ...]
    people: field_values.FieldValues | None
    sources: tuple[str, ...]


def read_readings(reader: readers.PlaceReader, question: questions.Question) -> Readings:
    """What the release says about a question on the place of a reader."""
    release, kode, tahun = reader.release, reader.place.kode, question.tahun
    column = f"kode_{reader.place.level}"
    entry = shown_fields.fields_by_name(release, question.layer)[question.field]
    is_published = has_published_classes(question, entry)
    beside = _context_fields(release, question, entry, reader.child_level)
    has_people = entry.name != REGISTERED and REGISTERED in shown_fields.fields_by_name(
        release, readers.Level.DESA
    )
    layer, features = release.layer(question.layer), release.features(question.layer)
    outline = _outlines(release)(kode)
    children = field_values.read_children(features, column, kode)
    values = field_values.read_values(release, layer.id, entry.name, tahun, children.rows)
    compared = None
    if not is_published:
        rows = field_values.comparison_rows(release, question)
        compared = field_values.read_values(release, layer.id, entry.name, tahun, rows)
    above, above_kode = None, ".".join(kode.split(".")[:2])
    if kode != above_kode and features.has_property("kode_kabupaten"):
        rows = field_values.rows_of(release, layer.id, "kode_kabupaten", above_kode)
        above = field_values.read_values(release, layer.id, entry.name, tahun, rows)
    context: list[ContextValues] = []
    for name, field in beside:
        rows = field_values.rows_of(release, name, column, kode)
        fids = release.features(name).fid[rows].tolist()
        column_values = field_values.read_values(release, name, field.name, None, rows)
        parts = column_values.coverages(range(len(fids)))
        context.append(ContextValues(name, field, fids, column_values, parts))
    people = None
    if has_people:
        rows = field_values.rows_of(release, readers.Level.DESA, column, kode)
        people = field_values.read_values(release, readers.Level.DESA, REGISTERED, None, rows)
    return Readings(
        layer=layer,
        entry=entry,
        outline=outline,
        children=children,
        values=values,
        parts=values.coverages(range(len(children.fids))),
        compared=compared,
        of_kabupaten=above,
        context=tuple(context),
        people=people,
        sources=_cite(release, layer.id, entry.name, tuple(values.tahun.tolist()), column, kode),
    )


@once_per_release
def _outlines(release: Release) -> Callable[[str], drawing_file.Outline | None]:
    """The drawings of wilayah; those asked for last are kept, as reading one takes milliseconds."""
    # Kept by the release itself, which must not be kept by them.
    reference = weakref.ref(release)

    @lru_cache(maxsize=MOST_OUTLINES)
    def find_outline(kode: str) -> drawing_file.Outline | None:
        alive = reference()
        return None if alive is None else alive.outline(kode)

    return find_outline


def has_published_classes(question: questions.Question, entry: manifest_file.FieldEntry) -> bool:
    """Whether the classes shown are those of the release; states have no others."""
    return entry.classes is not None and (question.method == "fixed" or entry.unit == "state")


def read_compared(release: Release, question: questions.Question) -> field_values.FieldValues:
    """The values of the stated comparison set: what breaks are computed over."""
    rows = field_values.comparison_rows(release, question)
    return field_values.read_values(release, question.layer, question.field, question.tahun, rows)


def _context_fields(
    release: Release,
    question: questions.Question,
    entry: manifest_file.FieldEntry,
    level: readers.Level,
) -> list[tuple[str, manifest_file.FieldEntry]]:
    """Layer and field of what a planner asks next, as far as the release has them."""
    if level is not readers.Level.DESA:
        return []
    spending = SPENDING_OF_THEME.get(entry.group or "", "anggaran_idr")
    names = ((readers.Level.DESA, REGISTERED), ("gaps", "gap_count"), ("spending", spending))
    fields = []
    for layer, name in names:
        entries = shown_fields.fields_by_name(release, layer)
        if name in entries and name != question.field:
            fields.append((str(layer), entries[name]))
    return fields


@once_per_release
def _cite(
    release: Release, layer: str, field: str, years: tuple[int, ...], column: str, kode: str
) -> tuple[str, ...]:
    rows = field_values.rows_of(release, layer, column, kode).tolist()
    entry = shown_fields.fields_by_name(release, layer)[field]
    return sources.cite_pieces(
        release, sources.pieces_of_values(release, layer, entry, years, rows)
    )


def places_with_values(release: Release, question: questions.Question, level: str) -> set[str]:
    """The codes of a level in which a field has values."""
    values = field_values.read_values(
        release, question.layer, question.field, question.tahun
    ).values
    column = release.features(question.layer).property_column(f"kode_{level}")
    return {str(column.value(int(row))) for row in np.flatnonzero(~np.isnan(values))}
