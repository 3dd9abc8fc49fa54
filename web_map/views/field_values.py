"""The values of one field on the children of one wilayah, as arrays, with their status.

A value is a number only where the status is ``ok``; everything else is NaN and says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo_service.releases.release import Release
from layers.release import array_kinds, manifest_file, place_values, value_columns
from layers.release.array_kinds import Floats
from layers.release.byte_source import FileState
from layers.release.feature_index import PropertyColumn, RowSpan
from layers.release.features import FeatureIndex
from web_map.views import questions, shown_fields
from web_map.words import Part

Texts = list[str | None]


@dataclass(frozen=True, slots=True)
class FieldValues:
    """One field over features of its layer: all in the order of the index, or those asked for.

    ``values`` is NaN unless the status is ``ok``; ``tahun`` is 0 where the year is not known;
    ``parts`` says of an aggregate what each value rests on.
    """

    values: Floats
    statuses: tuple[str, ...]
    tahun: NDArray[np.int64]
    parts: tuple[value_columns.Parts, ...] = ()

    def first(self, count: int) -> "FieldValues":
        """The first of them."""
        if count == len(self.values):
            return self
        parts = tuple(
            value_columns.Parts(p.unit, p.known[:count], p.total[:count]) for p in self.parts
        )
        return FieldValues(self.values[:count], self.statuses[:count], self.tahun[:count], parts)

    def coverage(self, row: int) -> tuple[Part, ...]:
        """Unit, parts known and parts in all of one value; None where nothing says."""
        return self.coverages([row])[0]

    def shown_coverage(self, row: int) -> tuple[Part, ...]:
        """`coverage` of a value that is shown; nothing where there is none."""
        return () if not self.parts or np.isnan(self.values[row]) else self.coverage(row)

    def coverages(self, rows: Sequence[int]) -> list[tuple[Part, ...]]:
        """`coverage` of some values."""
        return list(map(self._rests_on, rows)) if self.parts else [()] * len(rows)

    def _rests_on(self, row: int) -> tuple[Part, ...]:
        counts = [(p.unit, _count(p.known, row), _count(p.total, row)) for p in self.parts]
        return tuple(counts)


def _count(numbers: Floats, row: int) -> int | None:
    return None if np.isnan(numbers[row]) else int(numbers[row])


@dataclass(frozen=True, slots=True)
class Children:
    """What lies in a wilayah, in the order of the index of a layer."""

    rows: array_kinds.Rows
    fids: list[int]
    codes: list[str]
    names: Texts
    kinds: Texts
    terms: Texts


def read_children(features: FeatureIndex, column: str, kode: str) -> Children:
    """The features of which a column has a code."""
    columns = [
        features.property_column(name) if features.has_property(name) else None
        for name in ("kode", "nama", "jenis", "sebutan")
    ]
    rows = features.select(equals={column: kode})
    span = RowSpan.of(rows)
    texts: list[Texts] = [
        [None] * len(rows) if each is None else each.texts_of(span) for each in columns
    ]
    codes, names, kinds, terms = texts
    return Children(rows, features.fid[rows].tolist(), list(map(str, codes)), names, kinds, terms)


def read_values(
    release: Release,
    layer: str,
    field: str,
    tahun: int | None,
    rows: array_kinds.Rows | None = None,
) -> FieldValues:
    """The values of a field: of one year, or the latest of each feature.

    Parameters
    ----------
    rows
        Of the index, in the order of the answer: what some places cost does not grow with the
        release.  None for all features.
    """
    entry = shown_fields.fields_by_name(release, layer)[field]
    if tahun is None or tahun not in entry.years:
        return read_latest(release.features(layer), [entry], rows)[0]
    if rows is None or release.place_values is None:
        return _of_year(release, layer, entry, tahun, rows)
    return _of_places(release, layer, entry, tahun, rows)


def rows_of(release: Release, layer: str, parent_column: str, kode: str) -> array_kinds.Rows:
    """The rows of a wilayah's children in a layer, in the order of the index."""
    return release.features(layer).select(equals={parent_column: kode})


def comparison_rows(release: Release, question: questions.Question) -> array_kinds.Rows | None:
    """The rows of the stated comparison set; None for the whole release."""
    if question.compare == "release":
        return None
    parts = question.kode.split(".")
    kode = ".".join(parts[:2] if question.compare == "kabupaten" else parts[:3])
    column = f"kode_{question.compare}"
    features = release.features(question.layer)
    # A wilayah above the asked level has no set of it: a provinsi lies in no kabupaten.
    depth = 2 if question.compare == "kabupaten" else 3
    if column not in features.properties or len(parts) < depth:
        return None
    return features.select(equals={column: kode})


def read_latest(
    features: FeatureIndex,
    entries: Sequence[manifest_file.FieldEntry],
    rows: array_kinds.Rows | None = None,
) -> list[FieldValues]:
    """The latest values of some fields, which costs less than one after the other.

    Parameters
    ----------
    rows
        As in `read_values`.
    """
    names = [entry.name for entry in entries]
    span = None if rows is None else RowSpan.of(rows)
    numbers = [_numbers(features, name, span) for name in names]
    missing = [np.isnan(values).tolist() for values in numbers]
    statuses = [
        _statuses(features, f"{name}_status", is_missing, span)
        for name, is_missing in zip(names, missing, strict=True)
    ]
    years = [_years(features, f"{name}_tahun", len(numbers[0]), span) for name in names]
    columns = zip(entries, numbers, missing, statuses, years, strict=True)
    return [
        FieldValues(
            _only_ok(values, is_missing, words), words, tahun, _parts(features, entry, span)
        )
        for entry, values, is_missing, words, tahun in columns
    ]


def _years(
    features: FeatureIndex, name: str, count: int, span: RowSpan | None
) -> NDArray[np.int64]:
    if not features.has_property(name):
        return np.zeros(count, np.int64)
    years = _numbers(features, name, span)
    return np.where(np.isnan(years), 0, years).astype(np.int64)


def _parts(
    features: FeatureIndex, entry: manifest_file.FieldEntry, span: RowSpan | None
) -> tuple[value_columns.Parts, ...]:
    return tuple(
        value_columns.Parts(
            each.unit, _part(features, each.known, span), _part(features, each.total, span)
        )
        for each in entry.coverage
    )


def _numbers(features: FeatureIndex, name: str, span: RowSpan | None) -> Floats:
    cells = features.property_column(name).cells
    return np.asarray(cells.whole() if span is None else cells.some(span), dtype=np.float64)


def _only_ok(values: Floats, missing: Sequence[bool], statuses: Sequence[str]) -> Floats:
    """The values without those that stand beside another status."""
    if statuses.count(place_values.OK) + missing.count(True) == len(statuses):
        return values
    is_ok = np.array([status == place_values.OK for status in statuses], dtype=bool)
    return np.where(is_ok, values, np.nan)


def _part(features: FeatureIndex, name: str | int, span: RowSpan | None) -> Floats:
    """A property that counts parts; a number that holds for all is repeated."""
    if isinstance(name, int):
        return np.full(features.count if span is None else len(span.rows), float(name))
    return _numbers(features, name, span)


def _statuses(
    features: FeatureIndex, name: str, missing: Sequence[bool], span: RowSpan | None
) -> tuple[str, ...]:
    if not features.has_property(name):
        return tuple(
            place_values.NO_DATA if is_missing else place_values.OK for is_missing in missing
        )
    statuses = _texts(features.property_column(name), span)
    # A status of ok without a value would paint nothing as something.
    return tuple(
        [
            place_values.NO_DATA
            if status is None or (is_missing and status == place_values.OK)
            else status
            for status, is_missing in zip(statuses, missing, strict=True)
        ]
    )


def _texts(column: PropertyColumn, span: RowSpan | None) -> list[str | None]:
    return column.texts() if span is None else column.texts_of(span)


def _of_places(
    release: Release,
    layer: str,
    entry: manifest_file.FieldEntry,
    tahun: int,
    rows: array_kinds.Rows,
) -> FieldValues:
    """A year of some places, each looked up by its feature id."""
    assert release.place_values is not None
    places = release.features(layer).fid[rows].tolist()
    by_place = release.place_values.of_year(layer, entry.name, tahun, places)
    values = [by_place.get(place, place_values.ABSENT) for place in places]
    counts = [dict(enumerate(value.counts)) for value in values]
    parts = tuple(
        value_columns.Parts(
            part.unit,
            _floats([count.get(kind, (None, None))[0] for count in counts]),
            _floats([count.get(kind, (None, None))[1] for count in counts]),
        )
        for kind, part in enumerate(entry.coverage)
    )
    return FieldValues(
        _floats([value.value for value in values]),
        tuple(value.status for value in values),
        np.full(len(places), tahun, np.int64),
        parts,
    )


def _of_year(
    release: Release,
    layer: str,
    entry: manifest_file.FieldEntry,
    tahun: int,
    rows: array_kinds.Rows | None,
) -> FieldValues:
    """A year from the file of all places; of some where the release has no values by place."""
    name = value_columns.year_file(layer, entry.name, tahun)
    path = release.path_of(name)
    column = _read_year_file(path, FileState.of(path.stat()))
    years = np.full(len(column.values), tahun, np.int64)
    if rows is None:
        return FieldValues(column.values, column.statuses, years, column.parts)
    return FieldValues(
        column.values[rows],
        tuple(column.statuses[row] for row in rows.tolist()),
        years[rows],
        tuple(
            value_columns.Parts(part.unit, part.known[rows], part.total[rows])
            for part in column.parts
        ),
    )


@lru_cache(maxsize=32)
def _read_year_file(path: Path, state: FileState) -> value_columns.ValueColumn:
    del state  # of a file that was altered nothing is kept
    return value_columns.read_value_column(path)


def _floats(numbers: Sequence[float | None]) -> Floats:
    return np.array([np.nan if number is None else number for number in numbers], dtype=np.float64)
