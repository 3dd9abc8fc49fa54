"""A comparison as a file: both values of each child with their ranks, and the class of both.

The conventions are those of `web_map.exports.table`: numbers in their own unit, an empty cell and
a status where there is no value.
"""

from collections.abc import Iterator, Mapping

from layers.release import citation, manifest_file
from web_map.exports import table
from web_map.pages.base import answers
from web_map.pages.compare import crossings
from web_map.sentences import text_of_message
from web_map.views import area_views

Views = tuple[area_views.View, area_views.View]
FALLBACK_YEAR = 2000
_CHANGE = text_of_message("compare.change")


def comparison_head(views: Views, crossing: crossings.Crossing) -> list[str]:
    """Names of the columns; those of the second map end in ``_2`` where both show one field."""
    names = [f"{view.entry.name}" for view in views]
    ends = ("", "_2" if names[0] == names[1] else "")
    head = ["kode", "nama", "jenis"]
    for number, (view, end) in enumerate(zip(views, ends, strict=True), start=1):
        name = view.entry.name
        head += [
            f"{name}{end}",
            f"{name}_status{end}",
            f"{name}_tahun{end}",
            f"peringkat_{number}",
            f"kelas_{number}",
            f"sepertiga_{number}",
            *[f"{part}{end}" for part in table.coverage_head(view)],
        ]
    sources = [f"{name}_sumber{end}" for name, end in zip(names, ends, strict=True)]
    return [*head, "kelas_gabungan", *(["selisih"] if crossing.same_field else []), *sources]


def describe_comparison(views: Views, crossing: crossings.Crossing, name: str) -> dict[str, object]:
    """The CSV of a comparison described as CSV on the Web, as `describe_table` does for one map."""
    release = views[0].reader.release
    entries = table.known_columns(release, views)
    head = comparison_head(views, crossing)
    first, second = views
    if crossing.same_field:
        ends = [column for column in head if column.endswith("_2")]
        entries |= {end: _renamed(entries, end.removesuffix("_2"), end) for end in ends}
        entries[f"{first.entry.name}_2"] = table.citing(
            second.entry.model_copy(update={"name": f"{first.entry.name}_2"}),
            table.view_pieces(release, second),
        )
        entries[first.entry.name] = table.citing(first.entry, table.view_pieces(release, first))
        both = [piece for view in views for piece in table.view_pieces(release, view)]
        change = first.entry.model_copy(update={"name": "selisih", "title": _CHANGE})
        entries["selisih"] = table.citing(change, both)
    columns = [entries.get(column) or table.plain_column(column) for column in head]
    title = (
        f"{crossings.titled(first)} / {crossings.titled(second)} \N{EN DASH} {first.wilayah.nama}"
    )
    return citation.describe_csv(name, title, columns, release.manifest.inputs)


def _renamed(
    entries: Mapping[str, manifest_file.FieldEntry], name: str, end: str
) -> manifest_file.FieldEntry:
    entry = entries.get(name) or table.plain_column(name)
    return entry.model_copy(update={"name": end})


def comparison_rows(views: Views, crossing: crossings.Crossing) -> Iterator[list[citation.Cell]]:
    """One row a child, in the order of the first map: from the worst."""
    cited = [
        dict(
            zip(
                [row.kode for row in view.rows],
                table.row_sources(view.reader.release, view),
                strict=True,
            )
        )
        for view in views
    ]
    for pair in crossing.pairs:
        row = pair.row
        sides = (*_side(row, pair.first), *_side(pair.other, pair.second))
        sources = [texts.get(row.kode) for texts in cited]
        change = _change(pair, crossing)
        yield [row.kode, row.nama, row.jenis, *sides, pair.code or None, *change, *sources]


def _side(row: area_views.Row, third: int) -> tuple[citation.Cell, ...]:
    return (
        table.plain_number(row.value),
        row.status,
        row.tahun,
        row.rank,
        row.class_text or None,
        third + 1 if third >= 0 else None,
        *[count for part in row.parts for count in part],
    )


def _change(pair: crossings.Pair, crossing: crossings.Crossing) -> tuple[citation.Cell, ...]:
    return (table.plain_number(pair.difference),) if crossing.same_field else ()


def comparison_notes(
    views: Views, comparison: crossings.Comparison, crossing: crossings.Crossing, address: str
) -> list[tuple[citation.Cell, ...]]:
    """What must travel with the numbers: titles, units, sources, how thirds are taken, address."""
    first, words = views[0], views[0].words
    notes: list[tuple[citation.Cell, ...]] = []
    for number, view in enumerate(views, start=1):
        notes += [
            (words.say(f"compare.side_{number}"), crossings.titled(view), view.entry.unit or ""),
            (words.say("legend.source"), view.source_text),
            *table.norm_note(view),
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
    views: Views,
    comparison: crossings.Comparison,
    crossing: crossings.Crossing,
    address: str,
    ending: answers.Ending,
) -> bytes:
    """The comparison as ``csv`` or ``xlsx``."""
    first, _ = views
    head, rows = comparison_head(views, crossing), comparison_rows(views, crossing)
    if ending is answers.Ending.CSV:
        return table.csv_of(head, rows)
    notes = [
        *comparison_notes(views, comparison, crossing, address),
        *table.input_notes(first.reader.release, views, with_context=False),
    ]
    year = max((view.tahun or FALLBACK_YEAR for view in views), default=FALLBACK_YEAR)
    return table.xlsx_of(head, rows, notes, year, (16, 28, 12, *[18] * 14))
