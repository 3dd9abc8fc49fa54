"""The product, run over the sample, gives the answers the sample was made from."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from layers.pipeline.build import build_release
from layers.release.manifest_file import CURRENT_LINK
from layers.sample import SampleTruth, make_truth, write_sample
from layers.sample.world.sample_records import MOTHER_OF_NEW_UNIT

# One row of the files is in seconds of arc with four decimals: 3 mm.
DISTANCE_TOLERANCE_M = 0.01

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def truth() -> SampleTruth:
    return make_truth()


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("product")
    write_sample(folder / "sampel")
    build_release(folder / "sampel", folder / "releases", publish=True)
    return folder / "releases" / CURRENT_LINK


def test_counts_of_every_input_are_those_of_the_readme(release: Path, truth: SampleTruth) -> None:
    loads = json.loads((release / "findings.json").read_text(encoding="utf-8"))["loads"]
    names = ("rows_read", "matched", "unmatched", "duplicates", "desa_without_data")
    read = {load["file"]: tuple(load.get(name) for name in names) for load in loads}
    assert read == {
        path: tuple(getattr(load, name) for name in names) for path, load in truth.loads.items()
    }


def test_no_finding_blocks_publication(release: Path) -> None:
    findings = json.loads((release / "findings.json").read_text(encoding="utf-8"))["findings"]
    assert [finding for finding in findings if finding["severity"] == "error"] == []


def test_every_value_is_read_and_none_is_invented(release: Path, truth: SampleTruth) -> None:
    frame = pd.read_parquet(release / "tables" / "indicators.parquet")
    read = _by_key(frame[frame["status"] == "ok"], "nilai")
    assert read.keys() == truth.values.keys()
    assert read == pytest.approx(truth.values, abs=1e-9)


def test_values_from_before_the_split_are_nobodys_own_and_not_lost(
    release: Path, truth: SampleTruth
) -> None:
    frame = pd.read_parquet(release / "tables" / "indicators.parquet")
    split = frame[frame["status"] == "before_split"]
    assert split["nilai"].isna().all()
    assert set(split["kode_asal"]) == {MOTHER_OF_NEW_UNIT}
    assert _by_key(split, "nilai_asal") == pytest.approx(truth.before_split, abs=1e-9)
    assert _by_key(split, "nilai_asal").keys() == truth.before_split.keys()


def _by_key(frame: pd.DataFrame, column: str) -> dict[tuple[str, str, int], float]:
    return {
        (str(kode), str(name), int(year)): float(value)
        for kode, name, year, value in zip(
            frame["kode"], frame["indikator"], frame["tahun"], frame[column], strict=True
        )
    }


@pytest.mark.parametrize("year", [2024, 2025])
def test_spending_reconciles_to_the_rupiah(release: Path, truth: SampleTruth, year: int) -> None:
    frame = pd.read_parquet(release / "tables" / f"apbdes_{year}.parquet")
    for column in ("anggaran_idr", "anggaran_perubahan_idr", "realisasi_idr"):
        sums = frame.groupby(frame["kode"].str[:8])[column].sum().to_dict()
        expected = {
            kode: getattr(total, column)
            for (kode, of), total in truth.spending_totals.items()
            if of == year
        }
        assert sums == expected


def test_nearest_facilities_are_those_of_comparing_every_pair(
    release: Path, truth: SampleTruth
) -> None:
    frame = pd.read_parquet(release / "tables" / "gaps.parquet")
    frame = frame[(frame["origin"] == "kantor_desa") & (frame["method"] == "straight_line")]
    read = {
        (str(row.kode), str(row.service)): float(str(row.distance_m)) for row in frame.itertuples()
    }
    expected = {key: near.distance_m for key, near in truth.nearest.items()}
    assert read == pytest.approx(expected, abs=DISTANCE_TOLERANCE_M)
