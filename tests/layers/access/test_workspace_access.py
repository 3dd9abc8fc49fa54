"""What a whole workspace says about access: the sample kabupaten, with its declaration edited."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from layers.prepare import Prepared, prepare_layers


def edit(sample: Path, folder: Path, *changes: tuple[str, str]) -> Path:
    """A copy of the sample workspace, with texts of its ``wilayah.toml`` replaced."""
    shutil.copytree(sample, folder)
    path = folder / "wilayah.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def prepared(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The sample, but no row is of the declared kind ``pustu``."""
    folder = tmp_path_factory.mktemp("edited") / "sampel"
    return prepare_layers(edit(sample_workspace, folder, ('"Pustu" =', '"Tidak ada" =')))


@pytest.fixture(scope="module")
def gaps(prepared: Prepared) -> pd.DataFrame:
    return prepared.tables["gaps"]


def test_a_kind_without_rows_leaves_people_unknown_not_zero(gaps: pd.DataFrame) -> None:
    rows = gaps[gaps["service"] == "pustu"]
    assert set(rows["status"]) == {"no_data"}
    counted = ["people_beyond_norm", "people_unreached", "people_off_grid", "people_median"]
    assert rows[counted].isna().all(axis=None)
    served = gaps[(gaps["service"] == "sd") & (gaps["method"] == "straight_line")]
    straight = rows[rows["method"] == "straight_line"]
    assert straight["people"].tolist() == pytest.approx(served["people"].tolist(), nan_ok=True)
    has_polygon = served["people"].notna()
    assert served.loc[has_polygon, "people_beyond_norm"].notna().all()
