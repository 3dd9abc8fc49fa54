"""``features.geojsonl`` and ``features.index``: features the server can slice without parsing.

One GeoJSON Feature (RFC 7946) a line, so that the answer to a request is a concatenation of byte
ranges; the index says where each line lies, its bounds, and every property as a column of numbers,
so that a filter is array arithmetic on a mapped file.  The layout of the index is in README.md.
"""

from pathlib import Path

import numpy as np
import shapely

from layers.publish.feature_order import LayerFeatures
from layers.release import array_kinds, feature_index

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
