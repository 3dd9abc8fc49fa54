"""What a planner asks next: the columns beside the value of a table, from other layers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo_service.releases.release import Release
from layers.release.manifest import FieldEntry
from web_map.views.question import Question, parent_level
from web_map.views.values import (
    FieldValues,
    cell_text,
    coverage_text,
    find_field,
    has_field,
    known_values,
    read_values,
    rows_of,
    value_text,
    with_coverage,
)
from web_map.words import Words

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


@dataclass(frozen=True, slots=True)
class Context:
    """A further column of the table: from another layer, joined by feature id.

    ``places`` says which of the values is that of a feature.
    """

    entry: FieldEntry
    values: FieldValues
    places: Mapping[int, int]
    step: float
    unit: str

    def title(self, words: Words) -> str:
        """Title of the field with the unit of the column."""
        unit = self.unit.replace(" ", "\N{NO-BREAK SPACE}") if self.entry.unit == "IDR" else ""
        if self.entry.name == REGISTERED:
            # Beside people that a raster counts: the two need not agree.
            unit = words.say("figure.registered")
        return f"{words.text(self.entry.title)}{f' ({unit})' if unit else ''}"

    def _coverage(self, row: int, words: Words) -> str:
        return coverage_text(self.values, row, words)

    def cell(self, fid: int, words: Words) -> tuple[str, float | None, str]:
        """Name, value and text of one feature; None where it has no value, the text says why."""
        row = self.places.get(fid)
        if row is None:
            return self.entry.name, None, words.say("status.no_data")
        value = float(self.values.values[row])
        known = None if np.isnan(value) else value
        status = self.values.statuses[row]
        if known is not None:
            cell = cell_text(known, self.entry, words, self.step)
            return self.entry.name, known, with_coverage(cell, self._coverage(row, words))
        return self.entry.name, known, value_text(known, status, self.entry, words)


def _context_names(
    release: Release, question: Question, entry: FieldEntry
) -> list[tuple[str, str]]:
    """How many people, how many gaps, is money spent on it: what a planner asks next."""
    if release.layer(question.layer).level != "desa":
        return []
    wanted = [("desa", REGISTERED), ("gaps", "gap_count")]
    wanted.append(("spending", SPENDING_OF_THEME.get(entry.group or "", "anggaran_idr")))
    return [
        (layer, field)
        for layer, field in wanted
        if has_field(release, layer, field) and field != question.field
    ]


def context_columns(
    release: Release, question: Question, entry: FieldEntry, words: Words
) -> list[Context]:
    """The further columns of the table of a question, as far as the release has them."""
    columns = []
    for layer, field in _context_names(release, question, entry):
        rows = rows_of(release, layer, f"kode_{parent_level(question.kode)}", question.kode)
        values = read_values(release, layer, field, None, rows)
        column = find_field(release, layer, field)
        fids = release.features(layer).fid[rows].tolist()
        step, unit = words.column_step(known_values(values.values), column.unit)
        places = {fid: position for position, fid in enumerate(fids)}
        columns.append(Context(column, values, places, step, unit))
    return columns
