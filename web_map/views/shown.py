"""One value of one place as a page shows it, of any field: in numbers or text, and in words."""

from dataclasses import dataclass
from math import isnan

import numpy as np

from layers.release import manifest_file, place_values
from web_map import words as texts
from web_map.views import field_values, readers, shown_fields


@dataclass(frozen=True, slots=True)
class Shown:
    """A value with its status and year; ``value`` is None unless the status is ``ok``."""

    value: float | str | None
    status: str
    tahun: int | None
    text: str


def read_shown(
    reader: readers.Reader,
    layer: manifest_file.LayerEntry,
    entry: manifest_file.FieldEntry,
    row: int,
    year: int | None,
) -> Shown:
    """The value of a field at a row of its layer's index; the latest without a year."""
    release, words = reader.release, reader.words
    if not entry.thematic:
        value = release.features(layer.id).property_column(entry.name).value(row)
        status = place_values.NO_DATA if value is None else place_values.OK
        return Shown(value, status, None, plain_text(value, entry, words))
    values = field_values.read_values(release, layer.id, entry.name, year, np.array([row], np.intp))
    tahun = int(values.tahun[0]) or year
    if tahun is None and entry.years:
        tahun = max(entry.years)
    number, reason = float(values.values[0]), values.statuses[0]
    counting = shown_fields.words_of_field(release, words, layer.id, entry.name)
    coverage = texts.parts_text(values.shown_coverage(0), counting)
    text = texts.with_coverage(texts.value_text(number, reason, entry, words), coverage)
    return Shown(None if isnan(number) else number, reason, tahun, text)


def plain_text(
    value: float | str | None, entry: manifest_file.FieldEntry, words: texts.Words
) -> str:
    """A value that no map shows, in words; a year has no thousands."""
    if value is None:
        return words.say("status.no_data")
    if isinstance(value, str):
        return words.say(f"status.{value}") if words.knows(f"status.{value}") else value
    if entry.name.endswith("_tahun"):
        return f"{value:.0f}"
    return words.value(value, entry.unit, entry.decimals, short=True)
