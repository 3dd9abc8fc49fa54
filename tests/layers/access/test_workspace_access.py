"""What a whole workspace says about access: the sample kabupaten, with its declaration edited."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layers.access.population import choose_official
from layers.catalogue import read_indicators
from layers.errors import InputError
from layers.prepare import Prepared, prepare_layers
from layers.workspace import PopulationSection


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


RESCALE = 'rescale_to = "penduduk_jiwa"'


@pytest.fixture(scope="module")
def prepared(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The sample without rows of the declared kind ``pustu``, people on official numbers."""
    folder = tmp_path_factory.mktemp("edited") / "sampel"
    changes = ('"Pustu" =', '"Tidak ada" ='), ("[population]", f"[population]\n{RESCALE}")
    return prepare_layers(edit(sample_workspace, folder, *changes))


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


def test_people_add_up_to_the_official_numbers(prepared: Prepared, gaps: pd.DataFrame) -> None:
    desa = next(layer for layer in prepared.layers if layer.definition.id == "desa").features
    official = desa.set_index("kode")["penduduk_jiwa"].where(
        desa.set_index("kode")["penduduk_jiwa_status"] == "ok"
    )
    rows = gaps[(gaps["service"] == "sd") & (gaps["method"] == "straight_line")].set_index("kode")
    both = rows["people"].notna() & official.reindex(rows.index).notna()
    assert both.sum() > 30
    assert np.allclose(rows["people"][both], official.reindex(rows.index)[both].astype(float))
    parts = rows[["people_unreached", "people_off_grid"]].sum(axis=1)
    assert (rows["people_beyond_norm"] + parts <= rows["people"] + 1e-6)[both].all()


@pytest.mark.parametrize(
    ("name", "message"),
    [("penduduk_jiw", "Did you mean 'penduduk_jiwa'"), ("stunting_pct", "does not count people")],
)
def test_an_indicator_that_counts_no_people_is_refused(
    sample_workspace: Path, tmp_path: Path, name: str, message: str
) -> None:
    changes = ("[population]", f'[population]\nrescale_to = "{name}"')
    with pytest.raises(InputError, match=message):
        prepare_layers(edit(sample_workspace, tmp_path / "sampel", changes))


def test_an_indicator_without_values_or_with_some_is_said() -> None:
    section = PopulationSection(path="p.tif", year=2025, rescale_to="penduduk_jiwa")
    wide = pd.DataFrame({"kode": ["a", "b"]})
    official, findings = choose_official(section, wide, read_indicators())
    assert official is None
    assert [finding.code for finding in findings] == ["population.no_official"]
    wide = wide.assign(penduduk_jiwa=[7.0, 9.0], penduduk_jiwa_status=["ok", "suppressed"])
    official, findings = choose_official(section, wide, read_indicators())
    assert official is not None
    assert official.to_dict() == {"a": 7.0}
