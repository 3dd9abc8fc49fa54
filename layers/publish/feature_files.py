"""``features.geojsonl`` and ``features.index``: features the server can slice without parsing.

One GeoJSON Feature (RFC 7946) a line, so that the answer to a request is a concatenation of byte
ranges; the index says where each line lies, its bounds, and every property as a column of numbers,
so that a filter is array arithmetic on a mapped file.  The layout of the index is in README.md.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from layers.publish.feature_order import LayerFeatures, Scalar

INDEX_MAGIC = b"GFIX\x01\0\0\0"
NULL_STRING = 0xFFFFFFFF
DECIMALS = 7

Array = NDArray[Any]


def write_feature_files(features: LayerFeatures, geojsonl: Path, index: Path) -> None:
    """Write both files; line ``i`` of the one is row ``i`` of the other."""
    lines = encode_lines(features)
    geojsonl.write_bytes(b"".join(lines))
    index.write_bytes(encode_index(features, [len(line) for line in lines]))


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
        _encode_line(fid, geometry, dict(zip(names, row, strict=True)))
        for fid, geometry, row in zip(features.fids.tolist(), geometries, rows, strict=True)
    ]


def round_coordinates(geometry: Array) -> Array:
    """Geometries with 7 decimals; shared vertices stay shared, because all are rounded alike."""
    return np.asarray(
        shapely.transform(geometry, lambda xy: np.round(xy, DECIMALS) + 0.0), dtype=object
    )


def encode_index(features: LayerFeatures, lengths: list[int]) -> bytes:
    """The index: magic, header length, JSON header, then 8-aligned little-endian arrays."""
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.uint64)]).astype("<u8")
    bounds = shapely.bounds(round_coordinates(features.geometry)).astype("<f8").reshape(-1, 4)
    arrays: dict[str, Array] = {
        "offset": offsets,
        "bbox": bounds,
        "fid": features.fids.astype("<i8"),
    }
    columns: dict[str, dict[str, Any]] = {}
    for entry in features.fields:
        kind = "string" if entry.type == "date" else entry.type
        values = features.column(entry.name)
        columns[entry.name] = {"type": kind}
        if kind == "string":
            arrays[f"p:{entry.name}"], columns[entry.name]["values"] = _code_strings(values)
        else:
            arrays[f"p:{entry.name}"] = np.array(values, dtype=float).astype("<f8")
    return _pack(len(features.fids), arrays, columns)


def _encode_line(fid: int, geometry: str | None, properties: dict[str, Scalar]) -> bytes:
    feature = {
        "type": "Feature",
        "id": fid,
        "geometry": None if geometry is None else orjson.Fragment(geometry),
        "properties": properties,
    }
    return orjson.dumps(feature, option=orjson.OPT_APPEND_NEWLINE)


def _code_strings(values: list[Scalar]) -> tuple[Array, list[str]]:
    distinct = sorted({str(value) for value in values if value is not None})
    code = {value: number for number, value in enumerate(distinct)}
    codes = [NULL_STRING if value is None else code[str(value)] for value in values]
    return np.array(codes, dtype="<u4"), distinct


def _pack(count: int, arrays: dict[str, Array], columns: dict[str, dict[str, Any]]) -> bytes:
    places, parts, offset = {}, [], 0
    for name, array in arrays.items():
        content = array.tobytes()
        places[name] = {"dtype": array.dtype.str, "shape": list(array.shape), "offset": offset}
        parts.append(content + b"\0" * (-len(content) % 8))
        offset += len(parts[-1])
    document = {"count": count, "arrays": places, "columns": columns}
    header = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    start = INDEX_MAGIC + len(header).to_bytes(8, "little") + header
    return start + b"\0" * (-len(start) % 8) + b"".join(parts)
