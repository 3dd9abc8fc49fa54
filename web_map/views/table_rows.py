"""The children of a wilayah as the rows of its table: value, class, rank and words of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan

from layers.release.manifest import KECAMATAN, KELURAHAN, FieldEntry, Terms
from web_map.drawing.classes import Scheme
from web_map.drawing.legend import LegendEntry
from web_map.views.question import Question
from web_map.views.readings import REGISTERED, ContextValues, Readings
from web_map.views.standing import Standing
from web_map.views.values import known_values
from web_map.words import (
    Words,
    cell_text,
    is_state,
    parts_text,
    readable,
    value_text,
    with_coverage,
)

ContextCell = tuple[str, float | None, str]
"""Name, value and text of a further column; None without a value, the text says why."""


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
    context: tuple[ContextCell, ...] = ()


@dataclass(frozen=True, slots=True)
class ContextColumn:
    """A further column in words: ``cells`` by feature id, (name, value, text)."""

    name: str
    title: str
    cells: dict[int, ContextCell]
    empty: ContextCell


def tell_column(column: ContextValues, words: Words) -> ContextColumn:
    """A further column in words."""
    entry, values = column.entry, column.values
    step, unit = words.column_step(known_values(values.values), entry.unit)
    heading = unit.replace(" ", "\N{NO-BREAK SPACE}") if entry.unit == "IDR" else ""
    if entry.name == REGISTERED:
        # Beside people that a raster counts: the two need not agree.
        heading = words.say("figure.registered")
    cells: dict[int, ContextCell] = {}
    numbers = values.values.tolist()
    for fid, row in column.places.items():
        number = numbers[row]
        if isnan(number):
            text = value_text(None, values.statuses[row], entry, words)
            cells[fid] = (entry.name, None, text)
        else:
            text = cell_text(number, entry, words, step)
            coverage = parts_text(values.coverage(row), words)
            cells[fid] = (entry.name, number, with_coverage(text, coverage))
    title = f"{words.text(entry.title)}{f' ({heading})' if heading else ''}"
    return ContextColumn(entry.name, title, cells, (entry.name, None, words.say("status.no_data")))


@dataclass(frozen=True, slots=True)
class Columns:
    """What was made of the values column by column, in the order of the children."""

    classes: list[int]
    places: list[tuple[Standing | None, str]]
    coverages: list[str]
    step: float
    context: list[ContextColumn]


def make_rows(
    question: Question,
    readings: Readings,
    scheme: Scheme,
    legend: Sequence[LegendEntry],
    columns: Columns,
    words: Words,
) -> tuple[Row, ...]:
    """The rows from the worst value to the best; those without a value at the end."""
    entry, children = readings.entry, readings.children
    numbers, years = readings.values.values.tolist(), readings.values.tahun.tolist()
    links = question.selecting(children.codes)
    most = (
        0.0 if is_state(entry) else max(map(abs, known_values(readings.values.values)), default=0.0)
    )
    latest = max(entry.years, default=0)
    status_texts = {
        status: (value_text(None, status, entry, words), words.say(f"status.{status}"))
        for status in set(readings.values.statuses)
    }
    rows = []
    for index, number in enumerate(numbers):
        value, status = None if isnan(number) else number, readings.values.statuses[index]
        klas, tahun, coverage = columns.classes[index], years[index], columns.coverages[index]
        text, cell = status_texts[status]
        if value is not None:
            text = value_text(value, status, entry, words)
            cell = cell_text(value, entry, words, columns.step)
        dated = with_coverage(
            f"{text} ({tahun})" if value is not None and tahun else text, coverage
        )
        text = with_coverage(text, coverage)
        if value is not None and question.tahun is None and tahun and tahun != latest:
            text, cell = dated, f"{cell} ({tahun})"
        class_text = legend[klas].label if klas >= 0 else ""
        standing, place = columns.places[index]
        fid, kind = children.fids[index], children.kinds[index]
        rows.append(
            Row(
                kode=children.codes[index],
                link=links[index],
                fid=fid,
                nama=readable(str(children.names[index])),
                jenis=kind,
                tag=_tag(children.terms[index] or kind, words.terms),
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
                parts=tuple([part[1:] for part in readings.values.coverage(index)]),
                bar=abs(value) / most if value is not None and most else 0.0,
                # A state is its own class: it is said once.
                tip=" · ".join(dict.fromkeys(filter(None, (dated, class_text, place)))),
                context=tuple([each.cells.get(fid, each.empty) for each in columns.context]),
            )
        )
    rows.sort(key=_place_in_table(entry))
    return tuple(rows)


def _place_in_table(entry: FieldEntry) -> Callable[[Row], tuple[bool, float, str]]:
    """From the worst value to the best, equal ones by code; those without a value at the end."""
    sign = 1.0 if entry.worse == "low" else -1.0
    return lambda row: (row.value is None, sign * (row.value or 0.0), row.kode)


def _tag(term: str | None, terms: Terms) -> str:
    """What a table adds to a name whose term is not that of the others; empty for the usual."""
    if term == KELURAHAN:
        return "kel."
    return "" if term in (None, terms.village, KECAMATAN, terms.kecamatan) else str(term)
