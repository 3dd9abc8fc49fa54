"""A comparison as a file: both values of each child with their ranks, and the class of both.

The conventions are those of `web_map.exports.table`: numbers in their own unit, an empty cell and
a status where there is no value.
"""

from collections.abc import Iterator

from geo_service.releases.release import Release
from web_map.exports.table import (
    Cell,
    coverage_head,
    csv_of,
    input_notes,
    norm_note,
    plain_number,
    row_sources,
    xlsx_of,
)
from web_map.pages.compare import Comparison, Crossing, Pair
from web_map.pages.compare_view import titled
from web_map.views.view import Row, View

Views = tuple[View, View]
FALLBACK_YEAR = 2000


def comparison_head(views: Views, crossing: Crossing) -> list[str]:
    """Names of the columns; those of the second map end in ``_2`` where both show one field."""
    names = [f"{view.entry.name}" for view in views]
    ends = ("", "_2" if names[0] == names[1] else "")
    head = ["kode", "nama", "jenis"]
    for at, (name, end) in enumerate(zip(names, ends, strict=True), start=1):
        head += [
            f"{name}{end}",
            f"{name}_status{end}",
            f"{name}_tahun{end}",
            f"peringkat_{at}",
            f"kelas_{at}",
            f"sepertiga_{at}",
            *[f"{part}{end}" for part in coverage_head(views[at - 1])],
        ]
    sources = [f"{name}_sumber{end}" for name, end in zip(names, ends, strict=True)]
    return [*head, "kelas_gabungan", *(["selisih"] if crossing.same_field else []), *sources]


def comparison_rows(release: Release, views: Views, crossing: Crossing) -> Iterator[list[Cell]]:
    """One row a child, in the order of the first map: from the worst."""
    cited = [
        dict(zip([row.kode for row in view.rows], row_sources(release, view), strict=True))
        for view in views
    ]
    for pair in crossing.pairs:
        sides = (*_side(pair.one, pair.first), *_side(pair.other, pair.second))
        one = pair.one
        sources = [texts.get(one.kode) for texts in cited]
        change = _change(pair, crossing)
        yield [one.kode, one.nama, one.jenis, *sides, pair.code or None, *change, *sources]


def _side(row: Row, third: int) -> tuple[Cell, ...]:
    return (
        plain_number(row.value),
        row.status,
        row.tahun,
        row.rank,
        row.class_text or None,
        third + 1 if third >= 0 else None,
        *[count for part in row.parts for count in part],
    )


def _change(pair: Pair, crossing: Crossing) -> tuple[Cell, ...]:
    return (plain_number(pair.difference),) if crossing.same_field else ()


def comparison_notes(
    views: Views, comparison: Comparison, crossing: Crossing, address: str
) -> list[tuple[Cell, ...]]:
    """What must travel with the numbers: titles, units, sources, how thirds are taken, address."""
    first, words = views[0], views[0].words
    notes: list[tuple[Cell, ...]] = []
    for at, view in enumerate(views, start=1):
        notes += [
            (words.say(f"compare.side_{at}"), titled(view), view.entry.unit or ""),
            (words.say("legend.source"), view.source_text),
            *norm_note(view),
        ]
    compared = words.say(
        "compare.nine",
        set=words.say(f"compare.{comparison.first.compare}"),
        one=crossing.compared[0],
        other=crossing.compared[1],
    )
    return [
        *notes,
        (first.wilayah.nama, first.wilayah.kode),
        (words.say("compare.crossing"), compared),
        ("release", first.release_id),
        ("url", address),
        ("", words.say("foot.disclaimer")),
    ]


def write_comparison(
    release: Release,
    views: Views,
    comparison: Comparison,
    crossing: Crossing,
    address: str,
    ending: str,
) -> bytes:
    """The comparison as ``csv`` or ``xlsx``."""
    head, rows = comparison_head(views, crossing), comparison_rows(release, views, crossing)
    if ending == "csv":
        return csv_of(head, rows)
    notes = [
        *comparison_notes(views, comparison, crossing, address),
        *input_notes(release, views),
    ]
    year = max((view.tahun or FALLBACK_YEAR for view in views), default=FALLBACK_YEAR)
    return xlsx_of(head, rows, notes, year, (16, 28, 12, *[18] * 14))
