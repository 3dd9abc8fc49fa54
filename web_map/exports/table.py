"""The table of a view as a file: CSV for programs, XLSX for the office.

Values are numbers in their own unit, never shortened; a missing value is an empty cell, and the
column ``status`` says why.  ``peringkat_sama`` says how many others share the rank; an aggregate
has the columns of its coverage.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal

from geo_service.releases.release import Release
from layers.release import citation, manifest_file, provenance_file
from web_map.views import area_views, shown_fields, sources
from web_map.words import Words, status_text


def table_head(view: area_views.View) -> list[str]:
    """Names of the columns: as in the layers of the release."""
    field = view.entry.name
    return [
        "peringkat",
        "kode",
        "nama",
        "jenis",
        field,
        f"{field}_status",
        f"{field}_tahun",
        "kelas",
        *coverage_head(view),
        "peringkat_sama",
        *[name for name, _ in view.context_titles],
    ]


def coverage_head(view: area_views.View) -> list[str]:
    """Names of the columns that say what an aggregate rests on, as in the layer; else none."""
    field = view.entry.name
    pairs = [
        (each.known, each.total if isinstance(each.total, str) else f"{field}_{each.unit}_semua")
        for each in view.entry.coverage[: len(view.parts)]
    ]
    return [name for pair in pairs for name in pair]


def table_rows(view: area_views.View) -> Iterator[list[citation.Cell]]:
    """One row a child, from the worst."""
    for row in view.rows:
        yield [
            row.rank,
            row.kode,
            row.nama,
            row.jenis,
            plain_number(row.value),
            row.status,
            row.tahun,
            row.class_text or None,
            *[count for part in row.parts for count in part],
            row.ties if row.rank is not None else None,
            *[plain_number(value) for _, value, _ in row.context],
        ]


def with_sources(
    release: Release, view: area_views.View
) -> tuple[list[str], list[list[citation.Cell]]]:
    """Head and rows with one more column: the inputs of each value, and the rows of a desa's."""
    head = [*table_head(view), f"{view.entry.name}_sumber"]
    cited = row_sources(release, view)
    return head, [[*cells, text] for cells, text in zip(table_rows(view), cited, strict=True)]


def describe_table(release: Release, view: area_views.View, name: str) -> dict[str, object]:
    """The CSV of a view described as CSV on the Web: title, type and sources of each column.

    The column of the field cites what its values here were made of, the others what any value of
    their field was.
    """
    columns_by_name = known_columns(release, [view])
    head, _ = with_sources(release, view)
    columns = [columns_by_name.get(column) or plain_column(column) for column in head]
    title = f"{view.title} \N{EN DASH} {view.wilayah.nama}"
    return citation.describe_csv(name, title, columns, release.manifest.inputs)


def known_columns(
    release: Release, views: Sequence[area_views.View]
) -> dict[str, manifest_file.FieldEntry]:
    """The fields of a release by name, as files of some views cite them (see `describe_table`)."""
    columns = {entry.name: entry for layer in release.layers.values() for entry in layer.fields}
    for view in views:
        columns.update({entry.name: entry for entry in view.layer.fields})
    for view in views:
        columns[view.entry.name] = citing(view.entry, view_pieces(release, view))
    return columns


def citing(
    entry: manifest_file.FieldEntry, pieces: Iterable[provenance_file.Piece]
) -> manifest_file.FieldEntry:
    """The entry of a column whose values were made of these pieces and nothing else."""
    return entry.model_copy(
        update={"inputs": tuple(dict.fromkeys(piece.input for piece in pieces))}
    )


def plain_column(name: str, title: manifest_file.Text | None = None) -> manifest_file.FieldEntry:
    """The entry of a column that is no field of the release; it cites nothing."""
    whole = name.startswith(("peringkat", "sepertiga"))
    kind: Literal["integer", "string"] = "integer" if whole else "string"
    return manifest_file.FieldEntry(
        name=name, type=kind, title=title or manifest_file.Text(id=name, en=name)
    )


def row_sources(release: Release, view: area_views.View) -> list[str | None]:
    """What each row's value was made of, as ``<input>:<rows>``; None where that is not known.

    Of a summary the inputs only: its rows are those of all its desa.
    """
    features = release.features(view.layer.id)
    with_rows = view.entry.summary_of is None
    cited: list[str | None] = []
    for row in view.rows:
        index = features.row_of(row.fid)
        rows = [] if index is None else [index]
        pieces = sources.find_pieces(
            release, view.layer.id, view.entry, row.tahun, rows, with_rows=with_rows
        )
        cited.append(sources.piece_text(pieces) or None)
    return cited


def input_notes(
    release: Release, views: Sequence[area_views.View], *, with_context: bool
) -> list[tuple[citation.Cell, ...]]:
    """A table of the inputs behind the columns of some views, with the columns that each made."""
    pieces: list[tuple[str, provenance_file.Piece]] = []
    for view in views:
        pieces += column_pieces(release, view, with_context=with_context)
    return cited_inputs(release, dict.fromkeys(pieces), views[0].words)


def column_pieces(
    release: Release, view: area_views.View, *, with_context: bool
) -> list[tuple[str, provenance_file.Piece]]:
    """Each column of a view that comes from inputs, with each piece of them."""
    columns = [(view.entry.name, view_pieces(release, view))]
    if view.child_level in release.layers:
        features = release.features(view.child_level)
        names = shown_fields.fields_by_name(release, view.child_level)
        rows = [row for each in view.rows if (row := features.row_of(each.fid)) is not None]
        for name in ("nama", "jenis"):
            if name in names:
                years = [0] * len(rows)
                pieces = sources.pieces_of_values(
                    release, view.child_level, names[name], years, rows
                )
                columns.append((name, pieces))
    for column in view.context_values if with_context else ():
        features = release.features(column.layer)
        places = zip(column.fids, column.values.tahun.tolist(), strict=True)
        dated = [(row, year) for fid, year in places if (row := features.row_of(fid)) is not None]
        years, rows = [year for _, year in dated], [row for row, _ in dated]
        pieces = sources.pieces_of_values(release, column.layer, column.entry, years, rows)
        columns.append((column.entry.name, pieces))
    return [(name, piece) for name, of_column in columns for piece in of_column]


def cited_inputs(
    release: Release, pieces: Iterable[tuple[str, provenance_file.Piece]], words: Words
) -> list[tuple[citation.Cell, ...]]:
    """The inputs of columns as a table with a head, after an empty line.

    Parameters
    ----------
    pieces
        Name of a column, and a piece of an input that it was made from.
    """
    columns: dict[manifest_file.InputEntry, dict[str, None]] = {}
    for name, piece in pieces:
        for entry in sources.entries_of(release, [piece]):
            columns.setdefault(entry, {})[name] = None
    if not columns:
        return []
    head = tuple(words.say(f"reports.{name}") for name in ("source", "supplier", "date", "licence"))
    return [
        (),
        (words.say("origin.made"), *head, words.say("origin.file"), words.say("take.columns")),
        *(
            (
                *(entry.input, entry.source, entry.supplier, entry.date, entry.licence),
                entry.path,
                ", ".join(names),
            )
            for entry, names in columns.items()
        ),
    ]


def view_pieces(release: Release, view: area_views.View) -> tuple[provenance_file.Piece, ...]:
    """The inputs of all values of a view, each of its own year."""
    features = release.features(view.layer.id)
    dated = [
        (row, each.tahun or 0)
        for each in view.rows
        if (row := features.row_of(each.fid)) is not None
    ]
    years, rows = [year for _, year in dated], [row for row, _ in dated]
    return sources.pieces_of_values(release, view.layer.id, view.entry, years, rows)


def plain_number(value: float | None) -> float | int | None:
    """A whole number without a decimal point."""
    return int(value) if value is not None and value == int(value) else value


def table_notes(view: area_views.View, address: str) -> list[tuple[str, str]]:
    """What must travel with the numbers: title, unit, place, source, release, address."""
    words = view.words
    return [
        (view.title, view.entry.unit or ""),
        (view.wilayah.nama, view.wilayah.kode),
        (words.say("legend.source"), view.source_text),
        *norm_note(view),
        (words.say("legend.year"), str(view.tahun or "")),
        *hidden_notes(view),
        ("release", view.release_id),
        ("url", address),
        ("", words.say("foot.disclaimer")),
    ]


def hidden_notes(view: area_views.View) -> list[tuple[str, str]]:
    """What is hidden in a table and why; nothing where nothing is."""
    if not view.counts["suppressed"]:
        return []
    words = view.words
    return [(words.say("status.suppressed"), status_text("suppressed", view.entry, words))]


def norm_note(view: area_views.View) -> list[tuple[str, str]]:
    """What norm, definition or classes rest on; nothing where that is not said."""
    return [(view.words.say("legend.norm"), view.norm)] if view.norm else []


def write_csv(release: Release, view: area_views.View) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need to read it as such; decimal point.

    Text that a spreadsheet would run as a formula has an apostrophe before it.
    """
    head, rows = with_sources(release, view)
    return csv_of(head, rows)


def csv_of(head: Sequence[str], rows: Iterable[Sequence[citation.Cell]]) -> bytes:
    """A table as `write_csv` writes it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([citation.inert(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(release: Release, view: area_views.View, address: str) -> bytes:
    """A workbook of two sheets: the table, and what must be known about it."""
    notes = [*table_notes(view, address), *input_notes(release, [view], with_context=True)]
    head, rows = with_sources(release, view)
    return xlsx_of(head, rows, notes, view.tahun or 2000)


def xlsx_of(
    head: Sequence[str],
    rows: Iterable[Sequence[citation.Cell]],
    notes: Iterable[Sequence[citation.Cell]],
    year: int,
    widths: Sequence[int] = (10, 16, 28, 12, *[18] * 7),
) -> bytes:
    """A workbook of two sheets: a table, and what must be known about it.

    Its clock stands at the first day of ``year``: the same view gives the same file.
    """
    # Loaded when first asked: a page needs none of it.
    from layers.release.workbook_writer import WorkbookSheet, workbook_bytes

    sheets = (
        WorkbookSheet("Data", [head, *rows], widths, has_head=True),
        WorkbookSheet("Sumber", list(notes), (34,)),
    )
    return workbook_bytes(sheets, datetime(year, 1, 1, tzinfo=UTC))
