"""The children of a wilayah as the rows of its table: value, class, rank and words of each."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan

from layers.release.manifest_file import KECAMATAN, KELURAHAN, FieldEntry, Terms
from web_map.drawing.classes import Scheme
from web_map.drawing.legend import LegendEntry
from web_map.views.question import Question
from web_map.views.readings import Readings
from web_map.views.standing import Standing
from web_map.words import ColumnCell, ColumnWords, ValueWords


@dataclass(frozen=True, slots=True)
class Row:
    """One child of the wilayah in the ranked table.

    ``text`` has the unit, ``cell`` only where the table's heading cannot have it.  ``tag`` says
    what it is called where the others are called something else.  ``rank`` counts from the worst
    (or, where neither end is worse, from the highest); equal values share a rank; None without a
    value, or where it depends on hidden ones.  ``standing`` says it in words, with ties, where it
    means anything.  ``klas`` is -1 without a value.  ``link`` is the query of the page with it
    selected, ``origin`` the path, up to the query, of where its values come from; ``bar`` is the
    length of its bar in per cent.  ``tip`` is what a pointer and a reader are told: value with unit
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
    standings: list[tuple[Standing | None, str]]
    context: list[ColumnWords]


def make_rows(
    question: Question, readings: Readings, scheme: Scheme, columns: Columns, terms: Terms
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
        standing, place = columns.standings[index]
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
                rank=standing.rank if standing else None,
                ties=standing.ties if standing else 0,
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
