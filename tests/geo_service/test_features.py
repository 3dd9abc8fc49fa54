"""The index: what it selects, and its refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
import pytest

from layers.release.byte_source import FileBytes, MemoryBytes
from layers.release.errors import MalformedValueError, ReleaseUnusableError
from layers.release.features import FeatureIndex


@pytest.fixture
def folder(releases: Path) -> Path:
    return releases / "current" / "layers" / "desa"


@pytest.fixture
def index(folder: Path) -> FeatureIndex:
    features, rows = FileBytes(folder / "features.geojsonl"), FileBytes(folder / "features.index")
    return FeatureIndex(features, rows, "desa")


def test_every_row_is_found_by_its_id(index: FeatureIndex) -> None:
    for row in range(index.count):
        assert index.row_of(int(index.fid[row])) == row
        assert orjson.loads(index.line(row))["id"] == index.fid[row]
    assert index.row_of(1) is None
    assert index.row_of(2**70) is None


def test_columns_hold_the_properties_of_the_features(index: FeatureIndex) -> None:
    for row in range(index.count):
        for name, value in orjson.loads(index.line(row))["properties"].items():
            assert index.property_column(name).value(row) == value, name


def test_slices_of_any_rows_parse_to_their_features(index: FeatureIndex) -> None:
    generator = np.random.default_rng(7)
    for _ in range(50):
        rows = np.flatnonzero(generator.random(index.count) < 0.5)
        parsed = orjson.loads(b"[" + index.lines(rows) + b"]")
        assert [feature["id"] for feature in parsed] == index.fid[rows].tolist()


def test_nulls_equal_nothing(index: FeatureIndex) -> None:
    column = index.property_column("idm_skor")
    values = [orjson.loads(index.line(row))["properties"]["idm_skor"] for row in range(index.count)]
    assert column.is_null().tolist() == [value is None for value in values]
    assert None in values
    assert not (column.equal_to("nan") & column.is_null()).any()


def test_a_number_is_not_compared_with_a_word(index: FeatureIndex) -> None:
    with pytest.raises(MalformedValueError, match="idm_skor: expected a number"):
        index.select(equals={"idm_skor": "high"})


def test_an_index_of_other_features_is_refused(folder: Path) -> None:
    rows = FileBytes(folder / "features.index")
    with pytest.raises(ReleaseUnusableError, match="does not belong"):
        FeatureIndex(MemoryBytes(b"{}\n"), rows, "desa")


@pytest.mark.parametrize("cut", [0, 7, 15, 100, -8])
def test_a_damaged_index_is_refused(folder: Path, cut: int) -> None:
    content = (folder / "features.index").read_bytes()[:cut]
    with pytest.raises(ReleaseUnusableError, match="the index of the release"):
        FeatureIndex(FileBytes(folder / "features.geojsonl"), MemoryBytes(content), "desa")
