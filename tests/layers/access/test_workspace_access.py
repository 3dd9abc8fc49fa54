"""What a whole workspace says about access: the sample kabupaten, with its declaration edited."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layers.access.people.population import choose_official
from layers.columns.catalogue import read_indicators
from layers.errors import InputError
from layers.pipeline.prepare import Prepared, prepare_layers
from layers.workspace.access_sections import PopulationSection


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


NORMS = """\
[norms]
sd = 2000
puskesmas = { norm_m = 8000, source = "Perbup 9", date = "2025-02-01" }
"""
RESCALE = 'rescale_to = "penduduk_jiwa"'


@pytest.fixture(scope="module")
def prepared(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The sample without rows of the declared kind ``pustu``, people on official numbers."""
    folder = tmp_path_factory.mktemp("edited") / "sampel"
    changes = (
        ('"Pustu" =', '"Tidak ada" ='),
        ("[population]", f"{NORMS}[population]\n{RESCALE}"),
    )
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


def test_bands_unreached_and_off_grid_are_everybody(gaps: pd.DataFrame) -> None:
    bands = [name for name in gaps.columns if name.startswith("people_band_")]
    shares = [name for name in gaps.columns if name.startswith("people_share_band_")]
    counted = gaps[gaps["people_band_1"].notna() & (gaps["people"] > 0)]
    assert len(counted) > 200
    parts = counted[[*bands, "people_unreached", "people_off_grid"]].sum(axis=1)
    assert np.allclose(parts, counted["people"], rtol=1e-6)
    lost = (counted["people_unreached"] + counted["people_off_grid"]) / counted["people"]
    assert np.allclose(counted[shares].sum(axis=1) + lost, 1, rtol=1e-6)


def test_the_own_norm_is_an_edge_and_people_beyond_it_are_its_outer_bands(
    gaps: pd.DataFrame,
) -> None:
    rows = gaps[(gaps["service"] == "sd") & (gaps["method"] == "straight_line")].dropna(
        subset=["people_beyond_norm"]
    )
    edges = rows[[f"edge_{number}_m" for number in range(1, 5)]]
    assert edges.drop_duplicates().to_numpy().tolist() == [[1000, 2000, 3000, 6000]]
    outer = rows[["people_band_3", "people_band_4", "people_band_5"]].sum(axis=1)
    assert np.allclose(outer, rows["people_beyond_norm"])
    assert set(gaps.loc[gaps["service"] == "puskesmas", "norm_source"]) == {"Perbup 9 (2025-02-01)"}


def test_the_map_has_people_beyond_the_norm_of_each_service(prepared: Prepared) -> None:
    layer = next(one for one in prepared.layers if one.definition.id == "gaps")
    named = [field.name for field in layer.fields]
    assert named.index("penduduk_di_luar_norma_sd") == named.index("gap_sd_m") + 1
    far = layer.features["penduduk_di_luar_norma_sd"]
    assert far.sum() > 0
    assert layer.features["penduduk_di_luar_norma_pustu"].isna().all()


def test_what_facilities_offer_is_what_people_find(prepared: Prepared) -> None:
    catchments, supply = prepared.tables["catchments"], prepared.tables["supply"]
    assert set(supply["service"]) == {"puskesmas", "poskesdes"}
    for service, rows in supply.groupby("service"):
        used = catchments[(catchments["service"] == service) & (catchments["people_in_reach"] > 0)]
        for column in ("supply_2sfca_per_1000_people", "supply_e2sfca_per_1000_people"):
            found = (rows["people"] * rows[column]).sum() / 1000
            assert found == pytest.approx(used["supply"].sum(), rel=1e-9)
    assert not supply["is_understated"].any()


def test_every_person_has_one_nearest_facility(prepared: Prepared, gaps: pd.DataFrame) -> None:
    catchments = prepared.tables["catchments"]
    assert "pustu" not in set(catchments["service"])
    rows = gaps[(gaps["service"] == "sma") & (gaps["method"] == "straight_line")]
    load = catchments.loc[catchments["service"] == "sma", "people_nearest"].sum()
    assert load == pytest.approx(rows["people"].sum(), rel=1e-9)
    schools = catchments[catchments["service"] == "sma"]
    assert schools["supply"].isna().all()
    assert schools["supply_per_1000_people"].isna().all()


def test_the_map_paints_unreachable_apart_from_no_data(prepared: Prepared) -> None:
    layer = next(one for one in prepared.layers if one.definition.id == "gaps")
    frame = layer.features.set_index("kode")
    island = ["99.01.02.2012", "99.01.02.2013"]
    assert set(frame.loc[island, "waktu_puskesmas_min_status"]) == {"unreachable"}
    assert frame.loc[island, "waktu_puskesmas_min"].isna().all()
    assert frame.loc["99.01.03.2014", "waktu_puskesmas_min_status"] == "no_data"
    assert set(frame["waktu_pustu_min_status"]) == {"no_data"}
    known = frame["waktu_puskesmas_min_status"] == "ok"
    assert frame.loc[known, "waktu_puskesmas_min"].notna().all()
    entry = next(one for one in layer.fields if one.name == "waktu_puskesmas_min")
    assert entry.title.id.endswith("sepeda motor")
