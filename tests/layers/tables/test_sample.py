"""The tables of the sample kabupaten against its right answers by construction."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from boundaries.codes import CodeSystem
from boundaries.codes.crosswalk import read_bridge
from layers.columns.catalogue import read_indicators, read_layer_definition
from layers.sample import write_sample
from layers.sample.truth import SampleTruth, make_truth
from layers.sample.world.sample_records import NEW_UNIT, make_units
from layers.tables.indicators.join import join_table
from layers.tables.rows.row_places import Places
from layers.tables.rows.row_records import Aids
from layers.tables.spending.spending import join_spending
from layers.tables.spending.spending_layer import build_spending_fields
from layers.workspace.sections import Workspace
from layers.workspace.workspace_file import read_workspace


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sampel")
    write_sample(folder)
    return folder


@pytest.fixture(scope="module")
def workspace(folder: Path) -> Workspace:
    return read_workspace(folder)


@pytest.fixture(scope="module")
def truth() -> SampleTruth:
    return make_truth()


@pytest.fixture(scope="module")
def places() -> Places:
    units = [
        {
            "kode": unit.kode,
            "nama": unit.nama,
            "jenis": unit.jenis,
            "kode_kecamatan": unit.kode_kecamatan,
            "nama_kecamatan": unit.kecamatan,
            "kode_kabupaten": unit.kode[:5],
            "nama_kabupaten": "Kab. Sampel",
        }
        for unit in (*make_units(), NEW_UNIT)  # listed, though it has no polygon yet
    ]
    return Places.of(pd.DataFrame(units))


def aids(workspace: Workspace, folder: Path) -> Aids:
    section = next(one for one in workspace.crosswalks if one.kind == "bridge")
    bridge, _, _ = read_bridge(
        folder / section.path,
        section.path,
        bps_column=section.from_column,
        kemendagri_column=section.to_column,
        date=section.date,
    )
    return Aids(bridge=bridge, default_year=workspace.wilayah.year)


def test_every_table_joins_as_the_sample_says(
    workspace: Workspace, folder: Path, truth: SampleTruth, places: Places
) -> None:
    given, measured = aids(workspace, folder), truth.before_split | truth.values
    for section in workspace.tables:
        result = join_table(section, folder, places, read_indicators(), given)
        expected = truth.loads[section.path]
        counted = (
            result.load.rows_read,
            result.load.matched,
            result.load.unmatched,
            result.load.duplicates,
        )
        assert counted == (
            expected.rows_read,
            expected.matched,
            expected.unmatched,
            expected.duplicates,
        ), section.id
        ok = result.values[result.values["status"] == "ok"]
        for kode, name, year, value in zip(
            ok["kode"], ok["indikator"], ok["tahun"], ok["nilai"], strict=True
        ):
            assert measured[kode, name, int(year)] == pytest.approx(value, abs=1e-9)


def test_no_value_of_the_sample_is_lost(
    workspace: Workspace, folder: Path, truth: SampleTruth, places: Places
) -> None:
    given = aids(workspace, folder)
    read = set()
    for section in workspace.tables:
        values = join_table(section, folder, places, read_indicators(), given).values
        ok = values[values["status"] == "ok"]
        read |= set(zip(ok["kode"], ok["indikator"], map(int, ok["tahun"]), strict=True))
    before = {key for key in truth.before_split if key[0] != NEW_UNIT.kode}
    assert read == set(truth.values) | before


def test_spending_adds_up_to_the_rupiah(
    workspace: Workspace, folder: Path, truth: SampleTruth, places: Places
) -> None:
    results = [(join_spending(one, folder, places), one.amounts) for one in workspace.spending]
    for section, (result, _) in zip(workspace.spending, results, strict=True):
        expected = truth.loads[section.path]
        assert (result.load.rows_read, result.load.matched, result.load.unmatched) == (
            expected.rows_read,
            expected.matched,
            expected.unmatched,
        )
        assert result.load.desa_without_data == expected.desa_without_data
        lines = result.lines.assign(kecamatan=result.lines["kode"].str[:8])
        for (kecamatan, year), part in lines.groupby(["kecamatan", "tahun"]):
            total = truth.spending_totals[str(kecamatan), int(str(year))]
            assert part["anggaran_idr"].sum() == total.anggaran_idr
            assert part["anggaran_perubahan_idr"].sum() == total.anggaran_perubahan_idr
            assert part["realisasi_idr"].sum() == total.realisasi_idr
    built = build_spending_fields(results, places.frame, read_layer_definition("spending"), 2025)
    statuses = built.wide["anggaran_idr_status"].value_counts()
    assert statuses.to_dict() == {"ok": 35, "not_applicable": 5, "no_data": 1}


def test_codes_of_the_sample_bridge_are_of_desa(workspace: Workspace, folder: Path) -> None:
    bridge = aids(workspace, folder).bridge
    assert bridge is not None
    assert 10 in bridge.lengths
    assert CodeSystem("bps") is CodeSystem.BPS
