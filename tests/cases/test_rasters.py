"""Population rasters as they come: directions of rows, scale, bands, projections, nodata."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.enums import ColorInterp

from tests.cases.field import CASES, CaseRun, run_workspace

Case = Callable[[str], CaseRun]


def people(run: CaseRun) -> dict[str, float | None]:
    """Published people by kode; None where unknown."""
    assert run.release is not None, run.blocked or run.refusal
    rows = pd.read_parquet(run.release / "tables" / "gaps.parquet").drop_duplicates("kode")
    cells = rows.set_index("kode")["people"]
    return {
        str(kode): None if pd.isna(cell) else round(float(cell)) for kode, cell in cells.items()
    }


def test_rows_from_south_to_north_are_turned_round(case: Case) -> None:
    run = case("50-raster-south-up")
    assert "raster.rotated" not in run.codes
    assert "turned north up" in str(run.findings("raster.applied")[0].value)
    values = [value for value in people(run).values() if value is not None]
    assert len(values) == len(people(run))
    with rasterio.open(CASES / "50-raster-south-up" / "pop.tif") as source:
        assert sum(values) <= source.read(1).sum() + 1


def test_scale_is_applied(case: Case) -> None:
    run = case("51-raster-scale")
    assert set(people(run).values()) == {250}
    assert "scale 0.1" in run.findings("raster.applied")[0].message


def test_several_bands_ask_which(case: Case) -> None:
    run = case("54-raster-stack")
    (finding,) = run.findings("raster.several_bands")
    assert finding.severity == "error"
    assert "1 '2020', 2 '2024'" in finding.message
    assert run.release is None


@pytest.mark.parametrize("band", ["2", '"2024"'])
def test_the_declared_band_is_used(case: Case, tmp_path: Path, band: str) -> None:
    folder = case("54-raster-stack").folder
    copy = tmp_path / "stack"
    copy.mkdir()
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    text = (copy / "wilayah.toml").read_text(encoding="utf-8")
    text = text.replace("[population]", f"[population]\nband = {band}")
    (copy / "wilayah.toml").write_text(text, encoding="utf-8")
    with rasterio.open(copy / "pop.tif") as source:
        whole = source.read().sum(axis=(1, 2))
    run = run_workspace(copy, tmp_path / "releases")
    total = sum(value or 0 for value in people(run).values())
    assert whole[0] != whole[1]
    assert total == pytest.approx(float(whole[1]), rel=0.01)
    assert f'"{2024}"' in str(run.findings("raster.applied")[0].value)


def test_people_in_mollweide_keep_their_sum(case: Case) -> None:
    run = case("53-raster-mollweide")
    values = people(run)
    assert all(value is not None and value > 0 for value in values.values())
    assert "raster.negative" not in run.codes


def test_nodata_rounded_on_its_way_is_no_people(case: Case) -> None:
    run = case("56-raster-f32-nodata")
    assert all(value is None or 0 <= value < 1e6 for value in people(run).values())
    assert "raster.undeclared_nodata" in run.codes


def test_zero_as_nodata_is_unknown(case: Case) -> None:
    run = case("57-raster-zero-nodata")
    assert None in people(run).values()
    assert 0 not in people(run).values()
    assert "population.partly_covered" in run.codes


@pytest.mark.parametrize("way", ["mask", "alpha", "picture"])
def test_masks_and_pictures_of_the_same_world(case: Case, tmp_path: Path, way: str) -> None:
    folder = case("51-raster-scale").folder
    copy = tmp_path / way
    copy.mkdir()
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    with rasterio.open(copy / "pop.tif") as source:
        profile, band = source.profile, source.read(1)
    half = np.full(band.shape, 255, np.uint8)
    half[:, band.shape[1] // 2 :] = 0
    count = {"mask": 1, "alpha": 2, "picture": 3}[way]
    profile.update(count=count, nodata=None, dtype="uint8" if way == "picture" else "int16")
    if way == "picture":
        profile.update(photometric="RGB")
    (copy / "pop.tif").unlink()
    with rasterio.open(copy / "pop.tif", "w", **profile) as target:
        if way == "alpha":
            target.colorinterp = (ColorInterp.gray, ColorInterp.alpha)
            target.write(half.astype(np.int16), 2)
        if way == "picture":
            target.write(np.stack([np.clip(band, 0, 255).astype(np.uint8)] * 3))
        else:
            target.write(band, 1)
        if way == "mask":
            target.write_mask(half)
    run = run_workspace(copy, tmp_path / "releases")
    if way == "picture":
        assert run.release is None
        assert re.search("picture in colours", run.findings("raster.picture")[0].message)
        return
    values = list(people(run).values())
    assert None in values
    assert any(value is not None and value > 0 for value in values)
