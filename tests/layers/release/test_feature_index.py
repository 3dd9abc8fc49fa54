"""The index of features comes back as it was written; a damaged one is named."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.release.byte_source import MemoryBytes
from layers.release.errors import ReleaseUnusableError
from layers.release.feature_index import (
    Cells,
    FeatureTable,
    PropertyColumn,
    RowSpan,
    encode_feature,
    encode_index,
    read_index,
)
from layers.release.features import FeatureIndex
from tests.layers.release.records import NUMBER, WHOLE

ROWS = st.lists(st.tuples(WHOLE, st.none() | st.text(), st.none() | NUMBER, st.booleans()))


def table_of(rows: list[tuple[int, str | None, float | None, bool]]) -> tuple[FeatureTable, bytes]:
    lines = [
        encode_feature(fid, None, {"nama": text, "nilai": number}) for fid, text, number, _ in rows
    ]
    numbers = np.array([np.nan if number is None else number for _, _, number, _ in rows])
    bbox = [[1.0, 2.0, 3.0, 4.0] if is_placed else [np.nan] * 4 for *_, is_placed in rows]
    table = FeatureTable(
        fid=np.array([fid for fid, *_ in rows], dtype=np.int64),
        offset=np.cumsum([0, *map(len, lines)]).astype(np.uint64),
        bbox=np.array(bbox, dtype=float).reshape(-1, 4),
        columns={
            "nama": PropertyColumn.of_texts([text for _, text, *_ in rows]),
            "nilai": PropertyColumn.of_numbers("number", numbers),
        },
    )
    return table, b"".join(lines)


@given(ROWS)
def test_an_index_and_its_features_come_back(
    rows: list[tuple[int, str | None, float | None, bool]],
) -> None:
    table, lines = table_of(rows)
    encoded = MemoryBytes(encode_index(table))
    again = read_index(encoded, "desa")
    for before, after in (
        (table.fid, again.fid),
        (table.offset, again.offset),
        (table.bbox, again.bbox),
    ):
        np.testing.assert_array_equal(after, before)
    features = FeatureIndex(MemoryBytes(lines), encoded, "desa")
    assert features.properties == ("nama", "nilai")
    for number, (fid, text, value, is_placed) in enumerate(rows):
        line = json.loads(features.line(number))
        assert (line["id"], line["properties"]) == (fid, {"nama": text, "nilai": value})
        assert features.property_column("nama").value(number) == text
        assert features.property_column("nilai").value(number) == value
        assert (features.bbox(number) is not None) == is_placed


@given(st.integers(0, 200))
def test_an_index_cut_off_is_named(length: int) -> None:
    table, _ = table_of([(7, "a", 1.5, True), (8, None, None, False)])
    encoded = encode_index(table)
    cut = encoded[: min(length, len(encoded) - 1)]
    with pytest.raises(ReleaseUnusableError, match="desa: the index of the release"):
        read_index(MemoryBytes(cut), "desa")


def test_columns_of_another_length_are_refused() -> None:
    table, _ = table_of([(7, "a", 1.5, True)])
    other = PropertyColumn.of_texts(["a", "b"])
    longer = FeatureTable(table.fid, table.offset, table.bbox, {"nama": other})
    with pytest.raises(ReleaseUnusableError, match="not of one length"):
        read_index(MemoryBytes(encode_index(longer)), "desa")


@given(st.lists(st.integers(0, 19_999), max_size=20), st.integers(0, 19_900))
def test_cells_of_some_rows_are_those_of_the_whole_column(rows: list[int], start: int) -> None:
    numbers = np.arange(20_000, dtype="<f8") * 1.5
    content, lengths = numbers.tobytes(), list[int]()

    def read(offset: int, length: int) -> bytes:
        lengths.append(length)
        return content[offset : offset + length]

    cells = Cells(read, "<f8", len(numbers))
    for positions in (rows, [start + step for step in (9, 0, 5, 5)]):
        index = np.array(positions, dtype=np.intp)
        np.testing.assert_array_equal(cells.some(RowSpan.of(index)), numbers[index])
    assert lengths[-1] == 10 * 8
