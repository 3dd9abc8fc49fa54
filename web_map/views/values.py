"""The values of one field on the children of one wilayah, as arrays, with their status.

A value is a number only where the status is ``ok``; everything else is NaN and says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import orjson
from numpy.typing import NDArray

from geo_service.releases.release import Release
from layers.release.features import FeatureIndex
from layers.release.manifest import FieldEntry
from web_map.views.question import Question
from web_map.words import Words

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parts:
    """How many parts of each value are known, of how many; NaN where nothing says.

    ``unit`` is ``desa``, ``ukuran`` (measures of need) or ``layanan`` (services).
    """

    unit: str
    known: Floats
    total: Floats


@dataclass(frozen=True, slots=True)
class FieldValues:
    """One field over all features of its layer, in the order of the index.

    ``values`` is NaN unless the status is ``ok``; ``tahun`` is 0 where the year is not known;
    ``parts`` says of an aggregate what each value rests on.
    """

    values: Floats
    statuses: tuple[str, ...]
    tahun: NDArray[np.int64]
    parts: tuple[Parts, ...] = ()


STATE = "state"
"""Unit of a field whose number is a place in a list of states; people read the state's label."""


def is_state(entry: FieldEntry) -> bool:
    """Whether values are states: they have an order, but no middle value and no unit."""
    return entry.unit == STATE


def state_label(entry: FieldEntry, value: float, words: Words) -> str:
    """The label of a state.

    Example
    -------
    >>> from layers.release.manifest import Classes, Text
    >>> labels = (Text(id="tidak", en="no"), Text(id="ya", en="yes"))
    >>> classes = Classes(method="fixed", breaks=(0.0,), colours=("#fff", "#000"), labels=labels)
    >>> entry = FieldEntry(name="x", type="integer", title=labels[0], unit="state", classes=classes)
    >>> state_label(entry, 1.0, Words("en"))
    'yes'
    """
    labels = entry.classes.labels if entry.classes is not None else None
    at = int(value)
    return words.text(labels[at]) if labels and 0 <= at < len(labels) else words.number(value)


def find_field(release: Release, layer: str, field: str) -> FieldEntry:
    """The entry of a field that is known to exist (see `read_question`)."""
    return next(entry for entry in release.layer(layer).fields if entry.name == field)


def has_field(release: Release, layer: str, field: str) -> bool:
    """Whether the release publishes such values."""
    return layer in release.layers and any(
        entry.name == field for entry in release.layer(layer).fields
    )


def read_values(release: Release, layer: str, field: str, tahun: int | None) -> FieldValues:
    """The values of a field: of one year, or the latest of each feature."""
    entry = find_field(release, layer, field)
    if tahun is not None and tahun in entry.years:
        return _of_year(release, layer, field, tahun)
    return _latest(release.features(layer), entry)


def rows_of(release: Release, layer: str, parent_column: str, kode: str) -> list[int]:
    """The rows of a wilayah's children in a layer, in the order of the index."""
    rows = release.features(layer).select(equals={parent_column: kode})
    return [int(row) for row in rows]


def comparison_values(release: Release, question: Question, values: Floats) -> Floats:
    """The values of the stated comparison set: what breaks are computed over."""
    if question.compare == "release":
        return values
    parts = question.kode.split(".")
    wanted = ".".join(parts[:2] if question.compare == "kabupaten" else parts[:3])
    column = f"kode_{question.compare}"
    features = release.features(question.layer)
    # A wilayah above the asked level has no set of it: a provinsi lies in no kabupaten.
    depth = 2 if question.compare == "kabupaten" else 3
    if column not in features.properties or len(parts) < depth:
        return values
    chosen: Floats = values[features.select(equals={column: wanted})]
    return chosen


def _latest(features: FeatureIndex, entry: FieldEntry) -> FieldValues:
    values = np.asarray(features.property_column(entry.name).data, dtype=np.float64)
    statuses = _statuses(features, f"{entry.name}_status", values)
    is_ok = np.array([status == "ok" for status in statuses], dtype=bool)
    year = f"{entry.name}_tahun"
    if year in features.properties:
        tahun = np.nan_to_num(features.property_column(year).data, nan=0).astype(np.int64)
    else:
        tahun = np.zeros(features.count, np.int64)
    parts = tuple(
        Parts(each.unit, _part(features, each.known), _part(features, each.total))
        for each in entry.coverage
    )
    return FieldValues(np.where(is_ok, values, np.nan), statuses, tahun, parts)


def _part(features: FeatureIndex, name: str | int) -> Floats:
    """A property that counts parts; a number that holds for all is repeated."""
    if isinstance(name, int):
        return np.full(features.count, float(name))
    return np.asarray(features.property_column(name).data, dtype=np.float64)


def coverage_numbers(found: FieldValues, row: int) -> list[tuple[str, int | None, int | None]]:
    """Unit, parts known and parts in all of one value; None where nothing says."""
    return [
        (
            part.unit,
            None if np.isnan(part.known[row]) else int(part.known[row]),
            None if np.isnan(part.total[row]) else int(part.total[row]),
        )
        for part in found.parts
    ]


def coverage_text(found: FieldValues, row: int, words: Words) -> str:
    """What a value rests on, where that is not all; empty where it is, or there is no value."""
    if np.isnan(found.values[row]):
        return ""
    told = [
        words.say(f"coverage.{unit}", known=words.number(known), total=words.number(total))
        for unit, known, total in coverage_numbers(found, row)
        if known is not None and total is not None and known < total
    ]
    return ", ".join(told)


def with_coverage(text: str, coverage: str) -> str:
    """A value in words and what it rests on."""
    return f"{text}, {coverage}" if coverage else text


def value_text(value: float | None, status: str, entry: FieldEntry, words: Words) -> str:
    """A value with its unit, or in words why there is none."""
    if value is None:
        return status_text(status, entry, words)
    if is_state(entry):
        return state_label(entry, value, words)
    return words.value(value, entry.unit, entry.decimals, short=True)


def status_text(status: str, entry: FieldEntry, words: Words) -> str:
    """Why there is no value; of a hidden one, what is kept back and for which reason."""
    if status == "suppressed" and entry.suppressed_meaning is not None:
        return words.text(entry.suppressed_meaning)
    return words.say(f"status.{status}")


def cell_text(value: float, entry: FieldEntry, words: Words, step: float) -> str:
    """A value for a column that names its unit; metres and per cent keep theirs."""
    if is_state(entry):
        return state_label(entry, value, words)
    if entry.unit in ("m", "%"):
        return words.value(value, entry.unit, entry.decimals, short=True)
    decimals = 1 if step > 1 else entry.decimals
    return words.number(value / step, decimals)


def known_values(values: Floats) -> list[float]:
    """The values without those that are missing, in their order."""
    known: list[float] = values[~np.isnan(values)].tolist()
    return known


def _statuses(features: FeatureIndex, name: str, values: Floats) -> tuple[str, ...]:
    if name not in features.properties:
        return tuple("no_data" if missing else "ok" for missing in np.isnan(values).tolist())
    column = features.property_column(name)
    words = [*column.values, "no_data"]
    codes = np.minimum(column.data, len(column.values)).tolist()
    found = (words[code] for code in codes)
    # A status of ok without a value would paint nothing as something.
    return tuple(
        "no_data" if status == "ok" and missing else status
        for status, missing in zip(found, np.isnan(values).tolist(), strict=True)
    )


def _of_year(release: Release, layer: str, field: str, tahun: int) -> FieldValues:
    name = f"layers/{layer}/values/{field}-{tahun}.json"
    values, statuses, parts = _read_year_file(str(release.path), release.file(name).path)
    return FieldValues(values, statuses, np.full(len(values), tahun, np.int64), parts)


@lru_cache(maxsize=32)
def _read_year_file(release: str, name: str) -> tuple[Floats, tuple[str, ...], tuple[Parts, ...]]:
    with open(f"{release}/{name}", "rb") as file:  # noqa: PTH123  two strings key the cache
        document = orjson.loads(file.read())
    statuses = tuple(status for status, count in document["status"] for _ in range(count))
    values = _floats(document["values"])
    is_ok = np.array([status == "ok" for status in statuses], dtype=bool)
    parts = tuple(
        Parts(each["unit"], _floats(each["known"]), _floats(each["total"]))
        for each in document.get("coverage", ())
    )
    return np.where(is_ok, values, np.nan), statuses, parts


def _floats(numbers: list[float | None]) -> Floats:
    """Numbers as an array, NaN where there is none."""
    return np.array([np.nan if one is None else one for one in numbers], dtype=np.float64)
