"""``features.geojsonl`` and ``features.index``: features the server can slice without parsing.

One GeoJSON Feature (RFC 7946) a line, so that the answer to a request is a concatenation of byte
ranges; the index says where each line lies, its bounds, and every property as a column of numbers,
so that a filter is array arithmetic on a mapped file.  ``layers/release/README.md`` has the layout.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from layers.columns.model import COVERAGE_COLUMNS
from layers.publish.feature_order import LayerFeatures, Scalar, plain_values
from layers.release import array_kinds, feature_index, manifest_file, value_columns

DECIMALS = 7


def write_feature_files(features: LayerFeatures, geojsonl: Path, index: Path) -> None:
    """Write both files; line ``i`` of the one is row ``i`` of the other."""
    lines = encode_lines(features)
    geojsonl.write_bytes(b"".join(lines))
    index.write_bytes(
        feature_index.encode_index(describe_features(features, [len(line) for line in lines]))
    )


def encode_lines(features: LayerFeatures) -> list[bytes]:
    """One line for each feature, newline included.

    Every property is in every feature (null when absent), numbers of type ``number`` have a
    decimal point, coordinates 7 decimals (about 1 cm), as clients that read types from the first
    page need it.
    """
    geometries = shapely.to_geojson(round_coordinates(features.geometry))
    names = [entry.name for entry in features.fields]
    columns = [features.column(name) for name in names]
    rows = zip(*columns, strict=True) if columns else iter([()] * len(features.fids))
    return [
        feature_index.encode_feature(fid, geometry, dict(zip(names, row, strict=True)))
        for fid, geometry, row in zip(features.fids.tolist(), geometries, rows, strict=True)
    ]


def round_coordinates(geometry: array_kinds.Geometries) -> array_kinds.Geometries:
    """Geometries with 7 decimals; shared vertices stay shared, because all are rounded alike."""
    return np.asarray(
        shapely.transform(geometry, lambda xy: np.round(xy, DECIMALS) + 0.0), dtype=object
    )


def describe_features(features: LayerFeatures, lengths: list[int]) -> feature_index.FeatureTable:
    """What the index says of features whose lines have these lengths in bytes."""
    columns = {}
    for entry in features.fields:
        cells = features.column(entry.name)
        if entry.type in ("integer", "number"):
            numbers = np.array(cells, dtype=np.float64)
            columns[entry.name] = feature_index.PropertyColumn.of_numbers(entry.type, numbers)
        else:
            texts = [None if cell is None else str(cell) for cell in cells]
            columns[entry.name] = feature_index.PropertyColumn.of_texts(texts)
    return feature_index.FeatureTable(
        fid=features.fids,
        offset=np.concatenate([[0], np.cumsum(lengths, dtype=np.uint64)]).astype(np.uint64),
        bbox=shapely.bounds(round_coordinates(features.geometry)),
        columns=columns,
    )


def write_values(features: LayerFeatures, values: pd.DataFrame | None, release: Path) -> None:
    """Write ``ids.json``, and for each thematic field one file a year, or one without a year.

    ``values`` is the long table ``fid, field, tahun, value, status`` of `LayerData`.  A desa that
    the table does not mention for a year has status ``no_data`` in it.  A field with coverage has
    for each unit how many parts are known of the total.
    """
    ids = release / value_columns.ids_file(features.id)
    ids.parent.mkdir(parents=True, exist_ok=True)
    kode = features.column("kode") if "kode" in features.frame.columns else []
    texts = [None if code is None else str(code) for code in kode]
    value_columns.write_place_ids(ids, value_columns.PlaceIds(features.fids.tolist(), texts))
    for entry in features.fields:
        if not entry.thematic or entry.type not in ("integer", "number"):
            continue
        for year in entry.years or (None,):
            column = _one_year(features, entry, year, values)
            value_columns.write_value_column(
                release / value_columns.year_file(features.id, entry.name, year), column
            )


def _one_year(
    features: LayerFeatures,
    entry: manifest_file.FieldEntry,
    year: int | None,
    values: pd.DataFrame | None,
) -> value_columns.ValueColumn:
    if year is None:
        numbers, statuses = _latest(features, entry)
        parts = tuple(
            value_columns.Parts(
                each.unit, _count(features, each.known), _count(features, each.total)
            )
            for each in entry.coverage
        )
    elif values is None:
        numbers, statuses = _of_latest(features, entry, year)
        parts = ()
    else:
        chosen = values[(values["field"] == entry.name) & (values["tahun"] == year)]
        rows = chosen.set_index("fid").reindex(features.fids)
        numbers = _floats(plain_values(rows["value"]))
        statuses = [str(status or "no_data") for status in plain_values(rows["status"])]
        parts = tuple(
            value_columns.Parts(each.unit, *(_floats(plain_values(rows[name])) for name in names))
            for each, names in zip(entry.coverage, COVERAGE_COLUMNS, strict=False)
        )
    return value_columns.ValueColumn(
        entry.name,
        year,
        entry.unit,
        numbers,
        tuple(statuses),
        parts,
        is_whole=entry.type == "integer",
    )


def _latest(
    features: LayerFeatures, entry: manifest_file.FieldEntry
) -> tuple[array_kinds.Floats, list[str]]:
    statuses = [str(status) for status in features.column(f"{entry.name}_status")]
    return _floats(features.column(entry.name)), statuses


def _of_latest(
    features: LayerFeatures, entry: manifest_file.FieldEntry, year: int
) -> tuple[array_kinds.Floats, list[str]]:
    """Values of the features whose latest year is ``year``."""
    numbers, statuses = _latest(features, entry)
    hits = [year_of_row == year for year_of_row in features.column(f"{entry.name}_tahun")]
    return (
        np.where(hits, numbers, np.nan),
        [status if hit else "no_data" for status, hit in zip(statuses, hits, strict=True)],
    )


def _count(features: LayerFeatures, name: str | int) -> array_kinds.Floats:
    """How many parts each feature has; a number that holds for all is repeated."""
    if isinstance(name, int):
        return np.full(len(features.fids), float(name))
    return _floats(features.column(name))


def _floats(column: list[Scalar]) -> array_kinds.Floats:
    return np.array([np.nan if cell is None else float(cell) for cell in column], dtype=np.float64)
