"""Need and money in the sample: the answers of its README, and the rows that they lead back to."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.pipeline.prepare import Prepared, prepare_layers
from layers.sample import make_truth
from tests.layers.synchronisation.needs_world import (
    STATES,
    YEAR,
)


@pytest.fixture(scope="module")
def prepared(sample_workspace: Path) -> Prepared:
    return prepare_layers(sample_workspace)


def test_every_state_of_the_sample_is_the_one_of_its_readme(prepared: Prepared) -> None:
    frame = prepared.tables["synchronisation"]
    frame = frame[frame["tahun"] == YEAR]
    found = {
        (kode, one): state
        for kode, one, state in frame[["kode", "layanan", "keadaan"]].itertuples(index=False)
    }
    expected = make_truth().states
    assert {key: found[key] for key in expected} == expected
    assert set(expected.values()) == set(STATES)


def test_states_of_the_sample_add_up_to_desa_times_services(prepared: Prepared) -> None:
    frame = prepared.tables["synchronisation"]
    desa = frame["kode"].nunique()
    for _, of_year in frame.groupby("tahun"):
        assert len(of_year) == desa * of_year["layanan"].nunique()
        assert not of_year.duplicated(["kode", "layanan"]).any()
    assert set(frame["keadaan"]) <= set(STATES)


def test_each_state_leads_back_to_rows_of_files(prepared: Prepared, sample_workspace: Path) -> None:
    evidence = prepared.tables["synchronisation_evidence"]
    frame = prepared.tables["synchronisation"]
    funded = frame[frame["keadaan"].isin(["need_funded_by_desa", "funded_without_need"])]
    paid = evidence[evidence["jenis"] == "belanja"]
    key = ["kode", "layanan", "tahun"]
    sums = paid.groupby(key)["anggaran_idr"].sum().reset_index()
    both = funded.merge(sums, on=key, how="left", validate="1:1")
    assert len(both) > 50
    assert (both["anggaran_idr"] == both["belanja_idr"]).all()
    assert all((sample_workspace / name).is_file() for name in set(evidence["file"]))
    assert evidence["row"].notna().all()
