"""All that the release says about one question, read in one go: no words, no classes, no ranks.

`web_map.views.view` makes of it what a page shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo_service.releases.memo import once_per_release
from geo_service.releases.release import Release
from layers.release.drawings import Outline
from layers.release.features import Rows
from layers.release.manifest import FieldEntry, LayerEntry
from web_map.views.field import find_field, has_field
from web_map.views.question import Question
from web_map.views.reader import Level, Reader
from web_map.views.sources import cite_pieces, find_pieces
from web_map.views.values import FieldValues, comparison_rows, read_values, rows_of

# The spending that answers to a field, by the theme of the field.
SPENDING_OF_THEME = {
    **dict.fromkeys(("kesehatan", "puskesmas", "pustu", "poskesdes", "posyandu"), "kesehatan_idr"),
    **dict.fromkeys(("imunisasi", "sarana_kesehatan"), "kesehatan_idr"),
    **dict.fromkeys(("pendidikan", "paud", "sd", "smp", "sma"), "pendidikan_idr"),
    **dict.fromkeys(("air dan sanitasi", "air_minum", "sanitasi"), "permukiman_idr"),
    **dict.fromkeys(("prasarana", "jalan"), "pekerjaan_umum_idr"),
}
REGISTERED = "penduduk_jiwa"
"""The field of people by the register; all other people are those of the population raster."""
Texts = list[str | None]


@dataclass(frozen=True, slots=True)
class Children:
    """What lies in a wilayah, in the order of the index of a layer."""

    rows: Rows
    fids: list[int]
    codes: list[str]
    names: Texts
    kinds: Texts
    terms: Texts


@dataclass(frozen=True, slots=True)
class ContextValues:
    """Values of another layer that are shown beside those asked for.

    ``places`` says which of them is that of a feature.
    """

    layer: str
    entry: FieldEntry
    values: FieldValues
    places: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Readings:
    """What a question is answered from.

    Parameters
    ----------
    values
        One for each of the children, in their order.
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

    layer: LayerEntry
    entry: FieldEntry
    outline: Outline | None
    children: Children
    values: FieldValues
    compared: FieldValues | None
    of_kabupaten: FieldValues | None
    context: tuple[ContextValues, ...]
    people: FieldValues | None
    sources: tuple[str, ...]


def read_readings(reader: Reader, question: Question) -> Readings:
    """What the release says about a question on the place of a reader."""
    release, level, kode = reader.release, reader.place.level, reader.place.kode
    layer, entry = (
        release.layer(question.layer),
        find_field(release, question.layer, question.field),
    )
    outline = release.outline(kode)
    children = _read_children(release, layer.id, f"kode_{level}", kode)
    context = _read_context(release, question, entry, level)
    values = read_values(release, layer.id, entry.name, question.tahun, children.rows)
    return Readings(
        layer=layer,
        entry=entry,
        outline=outline,
        children=children,
        values=values,
        compared=_read_compared(release, question, entry),
        of_kabupaten=_read_kabupaten(release, question),
        context=context,
        people=_read_people(release, entry, level, kode),
        sources=_cite(release, layer.id, entry.name, year_of(values), level, kode),
    )


def year_of(values: FieldValues) -> int | None:
    """The year of some values: the latest of them, none where the field has no years."""
    return int(values.tahun.max(initial=0)) or None


def has_published_classes(question: Question, entry: FieldEntry) -> bool:
    """Whether the classes shown are those of the release; states have no others."""
    return entry.classes is not None and (question.method == "fixed" or entry.unit == "state")


def read_compared(release: Release, question: Question) -> FieldValues:
    """The values of the stated comparison set: what breaks are computed over."""
    rows = comparison_rows(release, question)
    return read_values(release, question.layer, question.field, question.tahun, rows)


def _read_compared(release: Release, question: Question, entry: FieldEntry) -> FieldValues | None:
    return None if has_published_classes(question, entry) else read_compared(release, question)


def _read_children(release: Release, layer: str, column: str, kode: str) -> Children:
    features = release.features(layer)
    rows = features.select(equals={column: kode})
    texts: list[Texts] = []
    for name in ("kode", "nama", "jenis", "sebutan"):
        has_texts = features.has_property(name)
        texts.append(
            features.property_column(name).texts_of(rows) if has_texts else [None] * len(rows)
        )
    codes, names, kinds, terms = texts
    return Children(rows, features.fid[rows].tolist(), list(map(str, codes)), names, kinds, terms)


def _read_kabupaten(release: Release, question: Question) -> FieldValues | None:
    features = release.features(question.layer)
    kabupaten = ".".join(question.kode.split(".")[:2])
    if question.kode == kabupaten or not features.has_property("kode_kabupaten"):
        return None
    rows = features.select(equals={"kode_kabupaten": kabupaten})
    return read_values(release, question.layer, question.field, question.tahun, rows)


def _read_people(release: Release, entry: FieldEntry, level: str, kode: str) -> FieldValues | None:
    if entry.name == REGISTERED or not has_field(release, Level.DESA, REGISTERED):
        return None
    rows = rows_of(release, Level.DESA, f"kode_{level}", kode)
    return read_values(release, Level.DESA, REGISTERED, None, rows)


def _read_context(
    release: Release, question: Question, entry: FieldEntry, level: str
) -> tuple[ContextValues, ...]:
    """How many people, how many gaps, is money spent on it; as far as the release has them."""
    if release.layer(question.layer).level != "desa":
        return ()
    spending = SPENDING_OF_THEME.get(entry.group or "", "anggaran_idr")
    columns = []
    for layer, field in ((Level.DESA, REGISTERED), ("gaps", "gap_count"), ("spending", spending)):
        if not has_field(release, layer, field) or field == question.field:
            continue
        rows = rows_of(release, layer, f"kode_{level}", question.kode)
        fids = release.features(layer).fid[rows].tolist()
        values = read_values(release, layer, field, None, rows)
        places = dict(zip(fids, range(len(fids)), strict=True))
        columns.append(ContextValues(layer, find_field(release, layer, field), values, places))
    return tuple(columns)


@once_per_release
def _cite(
    release: Release, layer: str, field: str, tahun: int | None, level: str, kode: str
) -> tuple[str, ...]:
    rows = rows_of(release, layer, f"kode_{level}", kode).tolist()
    entry = find_field(release, layer, field)
    return cite_pieces(release, find_pieces(release, layer, entry, tahun, rows, with_rows=False))


def places_with_values(release: Release, question: Question, level: str) -> set[str]:
    """The codes of a level in which a field has values."""
    values = read_values(release, question.layer, question.field, question.tahun).values
    column = release.features(question.layer).property_column(f"kode_{level}")
    return {str(column.value(int(row))) for row in np.flatnonzero(~np.isnan(values))}
