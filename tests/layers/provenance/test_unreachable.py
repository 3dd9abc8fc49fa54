"""A desa from which nothing can be reached: what says so is cited, and no facility's row is."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from layers.pipeline.prepare import Prepared, prepare_layers
from layers.release.provenance_file import FILE_NAME, Provenance

ISLAND = ["99.01.02.2012", "99.01.02.2013"]


@pytest.fixture(scope="module")
def prepared(sample_workspace: Path) -> Prepared:
    return prepare_layers(sample_workspace)


@pytest.fixture(scope="module")
def traced(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Provenance:
    path = tmp_path_factory.mktemp("provenance") / "provenance.sqlite"
    prepared.extras[FILE_NAME](path)
    return Provenance(path)


@pytest.fixture(scope="module")
def desa(prepared: Prepared) -> pd.DataFrame:
    layer = next(one for one in prepared.layers if one.definition.id == "gaps")
    return pd.DataFrame(layer.features).set_index("kode")


def uses_of(traced: Provenance, kode: str, field: str) -> set[tuple[str, str, bool]]:
    """(role, input, whether the whole file) of a value of the layer ``gaps``."""
    pieces = traced.pieces("gaps", field, None, [int(kode.replace(".", ""))])
    return {(piece.role, piece.input, piece.is_whole_file) for piece in pieces}


@pytest.mark.parametrize("kode", ISLAND)
def test_what_is_unreachable_rests_on_its_start_the_ways_and_the_whole_lists(
    traced: Provenance, desa: pd.DataFrame, kode: str
) -> None:
    assert desa.loc[kode, "waktu_puskesmas_min_status"] == "unreachable"
    uses = uses_of(traced, kode, "waktu_puskesmas_min")
    assert {role for role, _, _ in uses} == {"origin", "facility", "way"}
    assert all(whole for role, _, whole in uses if role == "facility")
    assert all(not whole for role, name, whole in uses if name.startswith("boundaries"))


def test_what_is_reached_rests_on_the_same_ways_and_the_row_of_its_facility(
    traced: Provenance, desa: pd.DataFrame
) -> None:
    reached = desa.index[desa["waktu_puskesmas_min_status"] == "ok"][0]
    uses = uses_of(traced, str(reached), "waktu_puskesmas_min")
    assert [whole for role, _, whole in uses if role == "facility"] == [False]
    unreached = uses_of(traced, ISLAND[0], "waktu_puskesmas_min")
    assert {name for role, name, _ in uses if role == "way"}
    assert {use for use in uses if use[0] == "way"} == {use for use in unreached if use[0] == "way"}


@pytest.mark.parametrize("kode", ISLAND)
def test_the_straight_line_of_an_unreachable_desa_still_names_the_row_of_its_facility(
    traced: Provenance, desa: pd.DataFrame, kode: str
) -> None:
    assert pd.notna(desa["jarak_puskesmas_m"].loc[kode])
    uses = uses_of(traced, kode, "jarak_puskesmas_m")
    assert [whole for role, _, whole in uses if role == "facility"] == [False]
