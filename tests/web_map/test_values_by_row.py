"""Values of some rows are those of the whole column, and pages say the same without the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo_service.releases.release import Release
from layers.release.errors import ReleaseUnusableError
from layers.release.place_values import FILE_NAME
from tests.geo_service.republished import republish
from tests.web_map.conftest import Pages
from web_map.views.field_values import FieldValues, read_values

PATHS = (
    "/desa/99.01.01.2003",
    "/desa/99.01.03.2014?lang=en",
    "/kecamatan/99.01.03?layer=desa.stunting_pct&tahun=2023",
    "/kecamatan/99.01.01?layer=spending.realisasi_idr&tahun=2024&method=quantile&compare=release",
    "/kabupaten/99.01?layer=kecamatan.stunting_pct&tahun=2023",
    "/kecamatan/99.01.01.csv?layer=desa.stunting_pct&tahun=2023",
)


@pytest.fixture(scope="module")
def sample(sample_releases: Path) -> Release:
    return Release((sample_releases / "current").resolve())


def without_file(release: Path, folder: Path, schema: str) -> Path:
    """The release as one of an older schema, which had no values by place."""
    return republish(release, folder, lambda copy: (copy / FILE_NAME).unlink(), schema)


def same(some: FieldValues, row: int, whole: FieldValues, of_row: int) -> bool:
    return (
        np.array_equal(some.values[row], whole.values[of_row], equal_nan=True)
        and some.statuses[row] == whole.statuses[of_row]
        and some.tahun[row] == whole.tahun[of_row]
        and some.coverage(row) == whole.coverage(of_row)
    )


def test_values_of_rows_are_those_of_the_column(sample: Release) -> None:
    compared = 0
    for layer in sample.layers.values():
        count = sample.features(layer.id).count
        rows = np.arange(count, dtype=np.intp)[::-2]
        for entry in (entry for entry in layer.fields if entry.thematic):
            for tahun in (None, *entry.years):
                some = read_values(sample, layer.id, entry.name, tahun, rows)
                whole = read_values(sample, layer.id, entry.name, tahun)
                assert len(some.values) == len(rows)
                for at, row in enumerate(rows):
                    assert same(some, at, whole, int(row)), (layer.id, entry.name, tahun, row)
                    compared += 1
    assert compared > 4000


def test_pages_of_an_older_release_say_the_same(
    sample_releases: Path, tmp_path: Path, pages: Pages
) -> None:
    current = (sample_releases / "current").resolve()
    old = without_file(current, tmp_path, "1.4")
    with Pages(tmp_path) as older:
        for path in PATHS:
            expected = pages.get(path).text.replace(current.name, old.name)
            assert older.get(path).text == expected, path


def test_a_release_that_lost_the_file_is_refused(sample_releases: Path, tmp_path: Path) -> None:
    current = (sample_releases / "current").resolve()
    with pytest.raises(ReleaseUnusableError, match=FILE_NAME):
        Release(without_file(current, tmp_path, "1.5"))


def test_a_number_stands_beside_ok_only(sample: Release) -> None:
    assert sample.place_values is not None
    shown = 0
    for layer in sample.layers.values():
        for fid in sample.features(layer.id).fid.tolist():
            for value in sample.place_values.of_place(fid).values():
                assert (value.value is not None) == (value.status == "ok")
                shown += value.value is not None
    assert shown > 500
