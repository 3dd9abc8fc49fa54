"""Where values come from: the pieces of inputs behind them, and how they are cited.

A release of before schema 1.4 says nothing of single values; then nothing is cited, rather than
every source of the layer.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from geo_service.releases.release import Release
from layers.release import citation, manifest_file, place_values, provenance_file
from web_map.views import field_values, shown_fields

COUNTED = ("ok", "suppressed")
"""Statuses of desa that a sum or median is made of: a hidden count is in a sum, if there is one."""


def find_pieces(
    release: Release,
    layer: str,
    entry: manifest_file.FieldEntry,
    tahun: int | None,
    rows: Sequence[int],
    *,
    with_rows: bool = True,
) -> tuple[provenance_file.Piece, ...]:
    """What the values of some features were made of.

    Parameters
    ----------
    tahun
        Year of the values; None where the field has none.
    rows
        Of the layer's index.
    with_rows
        False: each input once, without rows of its file.
    """
    provenance = release.provenance
    if provenance is None:
        return ()
    ask = provenance.pieces if with_rows else provenance.inputs
    if entry.summary_of is None:
        features = release.features(layer)
        return ask(layer, entry.name, tahun, [int(features.fid[row]) for row in rows])
    of_layer, field = entry.summary_of.split(".", 1)
    children = contributing(release, layer, entry, tahun, rows)
    places = [int(release.features(of_layer).fid[row]) for row in children]
    return ask(of_layer, field, tahun, places)


def contributing(
    release: Release,
    layer: str,
    entry: manifest_file.FieldEntry,
    tahun: int | None,
    rows: Sequence[int],
) -> list[int]:
    """The rows of the desa that summary values are made of, in the index of their own layer."""
    children = read_children_of(release, layer, entry, tahun, rows)
    return [row for row, status in children if status in COUNTED]


def pieces_of_values(
    release: Release,
    layer: str,
    entry: manifest_file.FieldEntry,
    years: Sequence[int],
    rows: Sequence[int],
) -> tuple[provenance_file.Piece, ...]:
    """The inputs of the values of some features, each of its own year; no rows of their files.

    Parameters
    ----------
    years
        Of the value of each feature; 0 where it has none, and was looked for in the latest.
    """
    latest = max(years, default=0)
    by_year: dict[int, list[int]] = {}
    for row, year in zip(rows, years, strict=True):
        by_year.setdefault(year or latest, []).append(row)
    pieces: dict[provenance_file.Piece, None] = {}
    for year in sorted(by_year, reverse=True):
        of_year = find_pieces(release, layer, entry, year or None, by_year[year], with_rows=False)
        pieces.update(dict.fromkeys(of_year))
    return tuple(pieces)


def read_children_of(
    release: Release,
    layer: str,
    entry: manifest_file.FieldEntry,
    tahun: int | None,
    rows: Sequence[int],
) -> list[tuple[int, str]]:
    """All desa that summary values are about: rows in the index of their own layer, and statuses.

    The status is ``ok`` where the field of the desa is one that is never missing.  None are named
    where the layer of the desa is closed to the reader, who may see the summary.
    """
    assert entry.summary_of is not None
    of_layer, field = entry.summary_of.split(".", 1)
    if of_layer not in release.layers:
        return []
    features = release.features(layer)
    column = f"kode_{release.layer(layer).level}"
    codes = [features.property_column("kode").value(row) for row in rows]
    children = [
        int(row)
        for kode in codes
        for row in release.features(of_layer).select(equals={column: str(kode)})
    ]
    if not shown_fields.fields_by_name(release, of_layer)[field].thematic:
        return [(row, place_values.OK) for row in children]
    values = field_values.read_values(release, of_layer, field, tahun, np.array(children, np.intp))
    return list(zip(children, values.statuses, strict=True))


def entries_of(
    release: Release, pieces: Iterable[provenance_file.Piece]
) -> tuple[manifest_file.InputEntry, ...]:
    """The inputs of some pieces in their order, each file once."""
    files = list(dict.fromkeys((piece.input, piece.path) for piece in pieces))
    inputs: list[manifest_file.InputEntry] = []
    for name, path in files:
        entries = citation.find_inputs([name], release.manifest.inputs)
        inputs += [entry for entry in entries if entry.path == path] or entries
    return tuple(inputs)


def cite_pieces(release: Release, pieces: Iterable[provenance_file.Piece]) -> tuple[str, ...]:
    """The sources of some pieces, one line each: source, supplier, date, licence."""
    return citation.cite(entries_of(release, pieces))


def searched_inputs(
    release: Release, entry: manifest_file.FieldEntry, tahun: int | None
) -> tuple[manifest_file.InputEntry, ...]:
    """The inputs in which the values of a field and year were looked for."""
    names = entry.year_inputs.get(tahun or 0) or entry.inputs
    return citation.find_inputs(names, release.manifest.inputs)


def piece_text(pieces: Iterable[provenance_file.Piece]) -> str:
    """Pieces as one cell of a table: ``tables.idm_2024:4; facilities.sd:7-9``.

    Example
    -------
    >>> table = provenance_file.Piece("value", "tables.a", "a.csv", 4, 4)
    >>> piece_text([table, provenance_file.Piece("way", "roads.1", "j.gpkg")])
    'tables.a:4; roads.1'
    """
    return "; ".join(f"{piece.input}{rows_text(piece)}" for piece in pieces)


def rows_text(piece: provenance_file.Piece) -> str:
    """The rows of a piece after a colon; empty for a whole file."""
    if piece.is_whole_file:
        return ""
    return f":{piece.first}" + ("" if piece.last == piece.first else f"-{piece.last}")
