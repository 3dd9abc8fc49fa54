"""Columns of values come back as they were written; what does not follow the format is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.release.array_kinds import Floats
from layers.release.errors import ReleaseUnusableError
from layers.release.value_columns import (
    Parts,
    PlaceIds,
    ValueColumn,
    read_place_ids,
    read_value_column,
    write_place_ids,
    write_value_column,
)
from tests.layers.release.records import MAY_REUSE_FOLDERS, NUMBER, WHOLE

CELLS = st.lists(st.tuples(st.sampled_from(["ok", "no_data", "suppressed"]), NUMBER, WHOLE))


def floats(numbers: list[float | None]) -> Floats:
    return np.array([np.nan if number is None else number for number in numbers], dtype=float)


def column_of(cells: list[tuple[str, float, int]], is_whole: bool, parts: int) -> ValueColumn:
    statuses = tuple(status for status, _, _ in cells)
    has_value = any(status == "ok" for status in statuses)
    return ValueColumn(
        field="x",
        tahun=2024,
        unit=None,
        values=floats(
            [
                (whole if is_whole else number) if status == "ok" else None
                for status, number, whole in cells
            ]
        ),
        statuses=statuses,
        parts=tuple(
            Parts("desa", floats([whole for *_, whole in cells]), floats([None] * len(cells)))
            for _ in range(parts)
        ),
        is_whole=is_whole or not has_value,
    )


@given(CELLS, st.booleans(), st.integers(0, 2))
@MAY_REUSE_FOLDERS
def test_a_column_comes_back(
    tmp_path: Path, cells: list[tuple[str, float, int]], is_whole: bool, parts: int
) -> None:
    column = column_of(cells, is_whole, parts)
    write_value_column(tmp_path / "x.json", column)
    again = read_value_column(tmp_path / "x.json")
    np.testing.assert_array_equal(again.values, column.values)
    assert (again.field, again.tahun, again.unit) == ("x", 2024, None)
    assert (again.statuses, again.is_whole) == (column.statuses, column.is_whole)
    assert len(again.parts) == len(column.parts)
    for part, before in zip(again.parts, column.parts, strict=True):
        assert part.unit == before.unit
        np.testing.assert_array_equal(part.known, before.known)
        np.testing.assert_array_equal(part.total, before.total)


@given(st.lists(st.tuples(WHOLE, st.none() | st.text())))
@MAY_REUSE_FOLDERS
def test_places_come_back(tmp_path: Path, places: list[tuple[int, str | None]]) -> None:
    ids = PlaceIds(tuple(fid for fid, _ in places), tuple(kode for _, kode in places))
    write_place_ids(tmp_path / "ids.json", ids)
    assert read_place_ids(tmp_path / "ids.json") == ids


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"field": "x", "tahun": 1, "unit": null, "values": [1, 2], "status": [["ok", 1]]}',
        '{"field": "x", "tahun": 1, "unit": null, "values": ["a"], "status": [["ok", 1]]}',
        '{"field": "x", "tahun": 1, "unit": null, "values": [1], "status": 1}',
    ],
)
def test_a_file_of_another_shape_is_named_with_the_reason(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x-2024.json"
    path.write_text(content)
    with pytest.raises(ReleaseUnusableError, match=r"x-2024\.json .*\(.+\)"):
        read_value_column(path)
